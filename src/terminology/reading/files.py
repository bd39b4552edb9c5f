"""Find the files in what a user names: a file, a folder, a zip, a zip in a zip; with bounds on all of it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, Final

from attrs import frozen

from ..drafts import Origin
from ..errors import ReleaseFormatError

ZIP_MAGIC: Final = b"PK\x03\x04"
EMPTY_ZIP_MAGIC: Final = b"PK\x05\x06"
OFFICE_MEMBERS: Final = (b"[Content_Types].xml", b"mimetypeapplication/vnd.oasis.opendocument")
"""What the first member of an office document is called (Microsoft's), or is called and holds (OpenDocument's)."""
ZIP_SUFFIXES: Final = (".zip",)
DATA_SUFFIXES: Final = (".zip", ".xlsx", ".xls", ".txt", ".xml", ".csv", ".json", ".parquet")


@frozen
class Limits:
    """How much an archive may hold before it is taken for a bomb. Real releases stay far below."""

    member_bytes: int = 512 * 2**20
    archive_bytes: int = 2 * 2**30
    members: int = 10_000
    depth: int = 4
    ratio: int = 300
    """Uncompressed to compressed, for members over a mebibyte (official text files reach 30)."""


class ReadableFile:
    """One file, wherever it lies; its bytes are read when first asked for, and bounded.

    >>> file = ReadableFile("order.txt", lambda: b"00001 A00     0 Cholera")
    >>> file.label, file.suffix, file.head[:5]
    ('order.txt', '.txt', b'00001')
    """

    def __init__(
        self,
        name: str,
        read: Callable[[], bytes],
        *,
        archive: str | None = None,
        archive_sha256: str | None = None,
        path: str | None = None,
    ) -> None:
        self.name = name
        self.archive = archive
        self.archive_sha256 = archive_sha256
        self.path = path or name
        self.remembered: dict[str, Any] = {}
        """What a reader made of the bytes, so that the next loader that asks need not make it again."""
        self._read = read

    @cached_property
    def data(self) -> bytes:
        """All bytes of the file.

        Raises:
            ReleaseFormatError: It cannot be read, is damaged, or is larger than the limits allow.
        """
        return self._read()

    @property
    def head(self) -> bytes:
        """The first 4,096 bytes."""
        return self.data[:4096]

    @cached_property
    def suffix(self) -> str:
        """The ending of the name, in lower case."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def label(self) -> str:
        """The file as people know it."""
        return f"{self.archive}!{self.name}" if self.archive else self.name

    @cached_property
    def origin(self) -> Origin:
        """Names, size and checksum."""
        digest = hashlib.sha256(self.data).hexdigest()
        return Origin(self.name, digest, len(self.data), self.archive, self.archive_sha256)

    @property
    def is_html(self) -> bool:
        """Whether the bytes are a web page, whatever the name says."""
        start = self.head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        return start.startswith((b"<!doctype html", b"<html"))


def readable_files(path: Path, limits: Limits | None = None) -> Iterator[ReadableFile | ReleaseFormatError]:
    """Yield every file under the path, in a fixed order; a fault is yielded in place of the file that has it.

    Archives are opened to any depth the limits allow; office files (xlsx) are files, not archives.

    Raises:
        FileNotFoundError: The path does not exist.
    """
    if not path.exists():
        raise FileNotFoundError(f"no such file or folder: {path}")
    limits = limits or Limits()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        if any(part.startswith(".") for part in file.relative_to(path).parts):
            continue
        yield from _opened(ReadableFile(file.name, _reader(file, limits), path=str(file)), limits, depth=0)


def _reader(file: Path, limits: Limits) -> Callable[[], bytes]:
    def read() -> bytes:
        if file.stat().st_size > limits.archive_bytes:
            raise ReleaseFormatError(f"larger than {limits.archive_bytes:,} bytes", file=file.name)
        return file.read_bytes()

    return read


def _opened(file: ReadableFile, limits: Limits, depth: int) -> Iterator[ReadableFile | ReleaseFormatError]:
    try:
        if file.is_html and file.suffix in DATA_SUFFIXES:
            raise ReleaseFormatError(
                f"expected a {file.suffix.lstrip('.')} file, got an HTML page (a server's error page saved as a file?)",
                file=file.label,
                line=1,
                column=1,
            )
        if _is_archive(file):
            yield from _members(file, limits, depth)
            return
        if file.suffix in ZIP_SUFFIXES:
            raise ReleaseFormatError(
                f"expected a zip archive (bytes {ZIP_MAGIC!r}), got {file.head[:4]!r}",
                file=file.label,
                line=1,
                column=1,
            )
    except ReleaseFormatError as error:
        yield error
    except OSError as error:
        yield ReleaseFormatError(f"cannot be read: {error.strerror or error}", file=file.label)
    else:
        yield file


def _is_archive(file: ReadableFile) -> bool:
    if not file.head.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC)):
        return False
    office = file.suffix in {".xlsx", ".xlsm", ".docx", ".pptx"}
    return not office and not any(member in file.head[:200] for member in OFFICE_MEMBERS)


def _members(file: ReadableFile, limits: Limits, depth: int) -> Iterator[ReadableFile | ReleaseFormatError]:
    if depth >= limits.depth:
        raise ReleaseFormatError(f"archives nested deeper than {limits.depth}", file=file.label)
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ReleaseFormatError(f"damaged zip archive: {error}", file=file.label) from None
    # a damaged directory may hold members without a name
    entries = [entry for entry in archive.infolist() if entry.filename and not entry.is_dir()]
    _check_bounds(file, entries, limits)
    # nested archives keep the name of the outermost one: it is what people downloaded
    outer = file.archive or file.name
    outer_sha256 = file.archive_sha256 or file.origin.sha256
    for entry in sorted(entries, key=lambda entry: entry.filename):
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.name.startswith(".") or "__MACOSX" in name.parts:
            continue
        member = ReadableFile(
            name.name,
            _member_reader(archive, entry, f"{outer}!{name.name}"),
            archive=outer,
            archive_sha256=outer_sha256,
            path=f"{file.path}!{entry.filename}",
        )
        yield from _opened(member, limits, depth + 1)


def _check_bounds(file: ReadableFile, entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.members:
        raise ReleaseFormatError(f"{len(entries):,} members, more than {limits.members:,}", file=file.label)
    if sum(entry.file_size for entry in entries) > limits.archive_bytes:
        raise ReleaseFormatError(f"unpacks to more than {limits.archive_bytes:,} bytes (a zip bomb?)", file=file.label)
    for entry in entries:
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > limits.member_bytes or (entry.file_size > 2**20 and ratio > limits.ratio):
            raise ReleaseFormatError(
                f"member {entry.filename} unpacks from {entry.compress_size:,} to {entry.file_size:,} bytes "
                "(a zip bomb?)",
                file=file.label,
            )


def _member_reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, label: str) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with archive.open(entry) as stream:
                # the directory's size may lie; one byte more than it says is enough to know
                data = stream.read(entry.file_size + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, ValueError, OSError) as error:
            raise ReleaseFormatError(f"damaged member of a zip archive: {error}", file=label) from None
        except Exception as error:
            if type(error).__module__ not in {"zlib", "_lzma"}:
                raise
            raise ReleaseFormatError(f"damaged member of a zip archive: {error}", file=label) from None
        if len(data) != entry.file_size:
            raise ReleaseFormatError(f"expected {entry.file_size:,} bytes, got another number", file=label)
        return data

    return read
