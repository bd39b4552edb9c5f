"""Read compiled files through a memory map with the standard library alone: the only place that touches memoryviews.

Columns can also be had as pyarrow arrays over the same bytes, without a copy; pyarrow is imported only then.
"""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import StoreDamagedError
from .pointer import CompiledFile

if TYPE_CHECKING:
    import pyarrow as pa

WIDTHS = {"B": 1, "H": 2, "i": 4, "I": 4, "Q": 8}
EMPTY = memoryview(b"")
KEY_BYTES = 8
REMEMBERED_NAMES = 65_536


class Texts(Sequence[str | None]):
    """A utf8 column: text by row, None where it is null."""

    __slots__ = ("_data", "_offsets", "_validity", "rows")

    def __init__(self, rows: int, validity: memoryview | None, offsets: memoryview, data: memoryview) -> None:
        self.rows = rows
        self._validity = validity
        self._offsets = offsets
        self._data = data

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, row: Any) -> Any:
        if self._validity is not None and not self._validity[row >> 3] >> (row & 7) & 1:
            return None
        return str(self._data[self._offsets[row] : self._offsets[row + 1]], "utf-8")


class MappedTable:
    """One compiled file. Integer columns are memoryviews, text columns `Texts`, each read once from the layout."""

    def __init__(self, folder: Path, file: CompiledFile) -> None:
        path = folder / file.name
        self.path = path
        self.rows = file.rows
        self._layout = file.columns
        with path.open("rb") as handle:
            size = os.fstat(handle.fileno()).st_size
            if size != file.size:
                raise StoreDamagedError(f"{path} has {size:,} bytes, expected {file.size:,}")
            self._map = mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ)
        self._view = memoryview(self._map)

    def integers(self, name: str) -> memoryview:
        """Return an integer column; indexing gives int."""
        layout = self._layout[name]
        extent = layout["buffers"][1] if layout["buffers"] else None
        if extent is None:
            return EMPTY.cast(layout["type"])
        # buffers are padded: the last bytes belong to no row
        width = WIDTHS[layout["type"]]
        return self._view[extent[0] : extent[0] + self.rows * width].cast(layout["type"])

    def texts(self, name: str) -> Texts:
        """Return a text column."""
        buffers = self._layout[name]["buffers"]
        views = [self._buffer(extent) for extent in (buffers or [None, None, None])]
        validity, offsets, data = views
        empty = offsets is None
        ends = memoryview(bytes(4)).cast("i") if empty else cast("memoryview", offsets).cast("i")
        return Texts(self.rows, validity, ends, data if data is not None else EMPTY)

    def _buffer(self, extent: Sequence[int] | None) -> memoryview | None:
        return None if extent is None else self._view[extent[0] : extent[0] + extent[1]]

    def to_arrow(self) -> pa.Table:
        """Return the file as a table over the same mapped bytes."""
        import pyarrow as pa

        return pa.ipc.open_file(pa.py_buffer(self._map)).read_all()


def key_of(code: str) -> int:
    """Return the number under which a code is sorted: its first eight bytes, big-endian.

    >>> key_of("A00") < key_of("A00.0") < key_of("A01")
    True
    """
    return int.from_bytes(code.encode("utf-8", "surrogatepass")[:8].ljust(8, b"\0"), "big")


class CodeColumn:
    """Codes in order of their bytes, found by binary search over their keys."""

    __slots__ = ("_names", "codes", "count", "keys")

    def __init__(self, table: MappedTable) -> None:
        self.keys = table.integers("key")
        self.codes = table.texts("code")
        self.count = table.rows
        self._names: dict[int, str] = {}

    def find(self, code: str) -> int:
        """Return the row of a code, or -1."""
        keys = self.keys
        encoded = code.encode("utf-8", "surrogatepass")
        key = int.from_bytes(encoded[:8].ljust(8, b"\0"), "big")
        row = bisect_left(keys, key)
        if row >= self.count or keys[row] != key:
            return -1
        # up to seven bytes are their key, if none of them is the padding
        if len(encoded) < KEY_BYTES and "\0" not in code:
            return row
        # longer ones may share it by the thousand
        end = bisect_right(keys, key, row)
        row = bisect_left(self.codes, code, row, end)
        return row if row < end and self.codes[row] == code else -1

    def name(self, row: int) -> str:
        """Return the code in a row; the last ones asked for are remembered."""
        names = self._names
        try:
            return names[row]
        except KeyError:
            if len(names) >= REMEMBERED_NAMES:
                names.clear()
            names[row] = name = str(self.codes[row])
            return name
