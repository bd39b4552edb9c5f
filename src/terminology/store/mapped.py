"""Read compiled files through a memory map with the standard library alone: the only place that touches memoryviews.

A column is checked when it is first asked for: its buffers lie within the file, are long enough for the rows, and
have the checksum that the pointer gives. Until then no byte of it is read. Columns can also be had as pyarrow arrays
over the same bytes, without a copy; pyarrow is imported only then.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any

from .damage import damaged, shape_of
from .file_bytes import FileBytes
from .lazy import Lazy
from .pointer import CompiledFile

if TYPE_CHECKING:
    import pyarrow as pa

WIDTHS = {"B": 1, "H": 2, "i": 4, "I": 4, "Q": 8}
TEXT = "utf8"
RECENT_SECONDS = 0.05
EMPTY = memoryview(b"")
LONG = 256 << 10
"""Bytes of a buffer of which the pages are given back once it is checked."""
NO_OFFSETS = memoryview(bytes(4))


class Texts(Lazy, Sequence[str | None]):
    """A utf8 column: text by row, None where it is null."""

    __slots__ = ("_data", "_offsets", "_validity", "rows")

    def __init__(self, table: MappedTable, name: str) -> None:
        self.rows = table.rows
        validity, offsets, data = table.buffers(name)
        self._validity = validity
        self._data = EMPTY if data is None else data
        self._offsets = (NO_OFFSETS if offsets is None else offsets[: (self.rows + 1) * 4]).cast("i")
        if not 0 <= self._offsets[0] <= self._offsets[self.rows] <= len(self._data):
            raise damaged(table.path, f"is damaged: texts of column {name} lie outside it")

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, row: Any) -> Any:
        if self._validity is not None and not self._validity[row >> 3] >> (row & 7) & 1:
            return None
        offsets = self._offsets
        return str(self._data[offsets[row] : offsets[row + 1]], "utf-8")


class UnprovenTexts(Texts):
    """A utf8 column of a file that was written without checksums of its columns: each text is checked."""

    __slots__ = ("_path",)

    def __init__(self, table: MappedTable, name: str) -> None:
        self._path = table.path
        super().__init__(table, name)

    def __getitem__(self, row: Any) -> Any:
        if not 0 <= self._offsets[row] <= self._offsets[row + 1] <= len(self._data):
            raise damaged(self._path, f"is damaged: the text of row {row} lies outside its column")
        try:
            return super().__getitem__(row)
        except UnicodeDecodeError as error:
            raise damaged(self._path, f"is damaged: the text of row {row} is no UTF-8 ({error.reason})") from None


class MappedTable:
    """One compiled file. Integer columns are memoryviews, text columns `Texts`; each is checked and read once.

    Raises:
        StoreDamagedError: The file has another size than the pointer says, or is no file.
        FileNotFoundError: There is none: it was swept, or it is lost.
    """

    def __init__(self, folder: str | os.PathLike[str], file: CompiledFile) -> None:
        path = os.path.join(folder, file.name)  # noqa: PTH118 -- a start needs no pathlib
        self.path = path
        self.file = file
        self.rows = file.rows
        self._layout = file.columns
        try:
            with open(path, "rb", buffering=0) as handle:  # noqa: PTH123 -- the same
                size = os.fstat(handle.fileno()).st_size
                if size != file.size or not size:
                    raise damaged(path, f"has {size:,} bytes, expected {file.size:,}")
                self._bytes = FileBytes(handle.fileno(), size)
        except IsADirectoryError:
            raise damaged(path, "is a folder, and no file") from None
        self._view = self._bytes.view
        self._checked = float("-inf")
        self._buffers: dict[str, list[memoryview | None]] = {}
        self._integers: dict[str, memoryview] = {}
        self._texts: dict[str, Texts] = {}

    def integers(self, name: str) -> memoryview:
        """Return an integer column; indexing gives int.

        Raises:
            StoreDamagedError: The column is not what was written.
        """
        found = self._integers.get(name)
        if found is None:
            data, kind = self.buffers(name)[1], self._layout[name]["type"]
            # buffers are padded: the last bytes belong to no row
            found = (EMPTY if data is None else data[: self.rows * WIDTHS[kind]]).cast(kind)
            self._integers[name] = found
        return found

    def texts(self, name: str) -> Texts:
        """Return a text column; it is checked when the first text of it is asked for."""
        found = self._texts.get(name)
        if found is None:
            kind = Texts if "crc32" in self._layout.get(name, ()) else UnprovenTexts
            found = self._texts[name] = kind.unread(self, name)
        return found

    def buffers(self, name: str) -> list[memoryview | None]:
        """Return validity, offsets (of texts) and data of a column, checked once.

        Raises:
            StoreDamagedError: They do not lie within the file, are too short for the rows, or are not the bytes that
                were written.
        """
        found = self._buffers.get(name)
        if found is None:
            with shape_of(self.path):
                found = self._buffers[name] = self._checked_buffers(name)
        return found

    def _checked_buffers(self, name: str) -> list[memoryview | None]:
        layout = self._layout.get(name)
        if layout is None:
            raise damaged(self.path, f"is damaged: it has no column {name}")
        self.require_size()
        least = _least_lengths(layout["type"], self.rows)
        extents = layout["buffers"] or [None] * len(least)
        found: list[memoryview | None] = []
        for extent, length in zip(extents, least, strict=True):
            if extent is None:
                if length and found:
                    raise damaged(self.path, f"is damaged: column {name} lacks a buffer")
                found.append(None)
                continue
            start, held = extent
            if not (start >= 0 and length <= held <= len(self._view) - start):
                raise damaged(self.path, f"is damaged: buffers of column {name} lie outside the file or are too short")
            found.append(self._view[start : start + held])
        expected = layout.get("crc32")
        if expected is not None and column_checksum(found) != expected:
            raise damaged(self.path, f"is damaged: column {name} does not have the checksum {expected:08x}")
        for start, held in filter(None, extents):
            # read as a whole only to be checked; few of its rows will be asked for
            if held >= LONG:
                self._bytes.let_go(start, held)
        return found

    def require_size(self) -> None:
        """Check that the file still has the size with which it was opened. To be called before an answer of "none".

        Raises:
            StoreDamagedError: The file was cut short: what is behind its end reads as zeros, or ends the process.
        """
        try:
            size = os.stat(self.path).st_size  # noqa: PTH116 -- the path is text
        except FileNotFoundError:
            # swept since: what is mapped stays as it was
            return
        if size != len(self._view):
            raise damaged(self.path, f"has {size:,} bytes, and had {len(self._view):,} when it was opened")

    def require_recent_size(self) -> None:
        """As `require_size`, but ask the system twenty times a second at most: most codes are in none of the maps asked."""
        now = monotonic()
        if now >= self._checked + RECENT_SECONDS:
            self.require_size()
            self._checked = now

    def sha256(self) -> str:
        """Return the SHA-256 of the mapped bytes."""
        import hashlib

        self.require_size()
        return hashlib.sha256(self._view).hexdigest()

    def to_arrow(self, names: Iterable[str] | None = None) -> pa.Table:
        """Return columns, by default all, as a table over the same mapped bytes.

        The arrays are made from the layout in the pointer; the metadata in the file is not read.

        Raises:
            StoreDamagedError: A column is not what was written.
        """
        import pyarrow as pa

        self.require_size()
        whole = pa.py_buffer(self._view)
        return pa.table({name: self._array(name, whole) for name in (self._layout if names is None else names)})

    def _array(self, name: str, whole: pa.Buffer) -> pa.Array:
        import pyarrow as pa

        self.buffers(name)
        kind = {TEXT: pa.string(), "B": pa.uint8(), "H": pa.uint16(), "i": pa.int32(), "I": pa.uint32()}.get(
            self._layout[name]["type"], pa.uint64()
        )
        if not self.rows:
            return pa.array([], kind)
        extents = self._layout[name]["buffers"]
        parts = [extent and whole.slice(*extent) for extent in extents]
        if len(parts) > 2 and parts[2] is None:  # noqa: PLR2004 -- the third buffer of texts, none of which has a byte
            parts[2] = pa.py_buffer(b"")
        try:
            array = pa.Array.from_buffers(kind, self.rows, parts)
            if "crc32" not in self._layout[name]:
                array.validate(full=True)
        except pa.ArrowInvalid as error:
            raise damaged(self.path, f"is damaged: column {name}: {error}") from None
        return array


def column_checksum(buffers: Iterable[Any]) -> int:
    """Return the CRC-32 of the buffers of a column, one behind the other; those that are None do not count.

    >>> column_checksum([b"ab", None, b"c"]) == column_checksum([b"abc"])
    True
    """
    from zlib import crc32

    found = 0
    for buffer in buffers:
        if buffer is not None:
            found = crc32(buffer, found)
    return found


def _least_lengths(kind: str, rows: int) -> tuple[int, ...]:
    """Return how many bytes each buffer of a column has at least, where there is one."""
    validity = (rows + 7) // 8
    if kind == TEXT:
        return validity, (rows + 1) * 4 if rows else 0, 0
    return validity, rows * WIDTHS[kind]
