"""Find the files in what a user names: a file, a folder, a zip or gzipped tar, one in another; with bounds on all of it."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import IO, Final

from attrs import define, frozen

from ..errors import ReleaseFormatError
from .archives import check_members, is_office_document, member_bytes, opened_archive
from .files import ReadableFile
from .limits import Budget, Limits, exceeded
from .tarballs import (
    GZIP,
    GZIP_SUFFIX,
    SUFFIXES,
    files_of,
    gunzipped,
    is_tarball,
    opened_tarball,
    tar_member_bytes,
    unpacked,
)

ZIP_MAGIC: Final = b"PK\x03\x04"
EMPTY_ZIP_MAGIC: Final = b"PK\x05\x06"
ZIP_SUFFIXES: Final = (".zip",)
OFFICE_SUFFIXES: Final = (".xlsx", ".xlsm", ".docx", ".pptx")
DATA_SUFFIXES: Final = (".zip", ".xlsx", ".xls", ".txt", ".xml", ".csv", ".json", ".parquet")


def readable_files(
    path: Path, limits: Limits | None = None, budget: Budget | None = None, *, apart_from: Path | None = None
) -> Iterator[ReadableFile | ReleaseFormatError]:
    """Yield every file under the path, in a fixed order; an error is yielded in place of a file that cannot be opened.

    Archives are opened to any depth the limits allow; office files (xlsx) are files, not archives.
    Each file's bytes are dropped when the next one is asked for.

    Args:
        path: A file, an archive or a folder.
        limits: Bounds on each file and archive, where no budget is given.
        budget: What the load has left; it ends with one error when that is spent.
        apart_from: A folder that is skipped wherever it is: the store's own.

    Raises:
        FileNotFoundError: The path does not exist.
    """
    if not path.exists():
        raise FileNotFoundError(f"no such file or folder: {path}")
    walk = _Walk(budget or Budget(limits or Limits()), apart_from)
    if path.is_dir():
        yield from walk.folder(path)
    else:
        yield from walk.file(path)


@define
class _Archive:
    """The outermost archive that is open: what it has unpacked to, with all archives in it."""

    name: str
    sha256: str
    unpacked: int = 0
    members: int = 0


@frozen
class _Walk:
    budget: Budget
    apart_from: Path | None = None

    @property
    def limits(self) -> Limits:
        return self.budget.limits

    def folder(self, top: Path) -> Iterator[ReadableFile | ReleaseFormatError]:
        """Yield the files below a folder, without hidden ones; links to folders are not followed."""
        failed: list[OSError] = []
        found: list[Path] = []
        for place, folders, names in os.walk(top, onerror=failed.append):
            folders[:] = [name for name in folders if not name.startswith(".")]
            if self._is_apart(place):
                folders.clear()
                continue
            found += [Path(place, name) for name in names if not name.startswith(".")]
        yield from (ReleaseFormatError(_reason(error), file=str(error.filename or top)) for error in failed)
        for file in sorted(file for file in found if _may_be_read(file)):
            yield from self.file(file)
            if self.budget.is_spent:
                return

    def _is_apart(self, place: str) -> bool:
        try:
            return self.apart_from is not None and self.apart_from.samefile(place)
        except OSError:
            return False

    def file(self, path: Path) -> Iterator[ReadableFile | ReleaseFormatError]:
        """Yield a file of the disk, or what its archive holds."""
        file = ReadableFile(
            path.name,
            lambda: self._whole(path),
            opened=lambda: _regular(path),
            path=str(path),
            limits=self.limits,
        )
        yield from self.opened(file, None, 0)

    def _whole(self, path: Path) -> bytes:
        most = self.limits.member_bytes
        try:
            with _regular(path) as handle:
                data = handle.read(most + 1)
        except OSError as error:
            raise ReleaseFormatError(_reason(error), file=path.name) from None
        if len(data) > most:
            raise exceeded("member_bytes", f"it has more than {most:,} bytes", path.name)
        self.budget.count_bytes(len(data), path.name)
        return data

    def opened(
        self, file: ReadableFile, archive: _Archive | None, depth: int
    ) -> Iterator[ReadableFile | ReleaseFormatError]:
        """Yield the file, or its members where it is an archive, or what is wrong with it."""
        try:
            self.budget.count_file(file.label)
            if file.is_html and file.suffix in DATA_SUFFIXES:
                wanted = file.suffix.lstrip(".")
                raise ReleaseFormatError(
                    f"expected a {wanted} file, got an HTML page (a server's error page saved as a file?)",
                    file=file.label,
                    line=1,
                    column=1,
                )
            if _is_archive(file):
                yield from self._members(file, archive, depth)
                return
            if is_tarball(file.head):
                yield from self._tar_members(file, archive, depth)
                return
            if file.head.startswith(GZIP) and file.suffix == GZIP_SUFFIX:
                yield from self._gzipped(file, archive, depth)
                return
            if file.suffix in ZIP_SUFFIXES:
                raise _no_archive(file)
            if file.suffix in SUFFIXES:
                message = f"expected a gzipped tar archive, got {file.head[:4]!r}: download it again"
                raise ReleaseFormatError(message, file=file.label)
        except ReleaseFormatError as error:
            error.archive_sha256 = archive.sha256 if archive else None
            yield error
        except OSError as error:
            yield ReleaseFormatError(_reason(error), file=file.label)
        else:
            yield file
        finally:
            file.forget()

    def _members(
        self, file: ReadableFile, archive: _Archive | None, depth: int
    ) -> Iterator[ReadableFile | ReleaseFormatError]:
        if depth >= self.limits.depth:
            raise exceeded("depth", f"archives are nested deeper than {self.limits.depth}", file.label)
        with file.seekable() as stream:
            opened = opened_archive(stream, self.limits, file.label)
            # a damaged directory may hold members without a name
            entries = [entry for entry in opened.infolist() if entry.filename and not entry.is_dir()]
            # nested archives keep the name of the outermost one: it is what people downloaded
            archive = archive or _Archive(file.name, _digest(file))
            self._check_bounds(file, archive, entries)
            for entry in sorted(entries, key=lambda entry: entry.filename):
                if _is_hidden(entry.filename):
                    continue
                member = self._member(file, opened, entry, archive)
                yield from self.opened(member, archive, depth + 1)
                if self.budget.is_spent:
                    return

    def _tar_members(
        self, file: ReadableFile, archive: _Archive | None, depth: int
    ) -> Iterator[ReadableFile | ReleaseFormatError]:
        if depth >= self.limits.depth:
            raise exceeded("depth", f"archives are nested deeper than {self.limits.depth}", file.label)
        with file.seekable() as packed, unpacked(packed, self.limits, file.label) as stream:
            opened = opened_tarball(stream, file.label)
            entries = files_of(opened, self.limits, file.label)
            archive = archive or _Archive(file.name, _digest(file))
            self._count(file, archive, [entry.size for entry in entries])
            for entry in entries:
                if _is_hidden(entry.name):
                    continue
                member = self._tar_member(file, stream, opened, entry, archive)
                yield from self.opened(member, archive, depth + 1)
                if self.budget.is_spent:
                    return

    def _gzipped(
        self, file: ReadableFile, archive: _Archive | None, depth: int
    ) -> Iterator[ReadableFile | ReleaseFormatError]:
        """Yield the one file in a gzipped file, as the member of an archive; its name is that of the archive without ``.gz``."""
        if depth >= self.limits.depth:
            raise exceeded("depth", f"archives are nested deeper than {self.limits.depth}", file.label)
        with file.seekable() as packed:
            data = gunzipped(packed, self.limits, file.label)
        archive = archive or _Archive(file.name, _digest(file))
        self._count(file, archive, [len(data)])
        self.budget.count_bytes(len(data), file.label)
        member = self._readable(file, archive, file.name[: -len(GZIP_SUFFIX)], lambda: data)
        yield from self.opened(member, archive, depth + 1)

    def _tar_member(
        self, file: ReadableFile, stream: IO[bytes], opened: tarfile.TarFile, entry: tarfile.TarInfo, archive: _Archive
    ) -> ReadableFile:
        """Return a member; the stream is the unpacked archive, as long as the walk is in it."""
        label = _label(archive, entry.name)

        def read() -> bytes:
            self.budget.count_bytes(entry.size, label)
            if not stream.closed:
                return tar_member_bytes(opened, entry, label)
            # asked for after the walk has moved on
            with file.seekable() as packed, unpacked(packed, self.limits, label) as again:
                return tar_member_bytes(opened_tarball(again, label), entry, label)

        return self._readable(file, archive, entry.name, read)

    def _check_bounds(self, file: ReadableFile, archive: _Archive, entries: list[zipfile.ZipInfo]) -> None:
        self._count(file, archive, [entry.file_size for entry in entries])
        check_members(entries, self.limits, file.label)

    def _count(self, file: ReadableFile, archive: _Archive, sizes: Sequence[int]) -> None:
        limits = self.limits
        archive.members += len(sizes)
        archive.unpacked += sum(sizes)
        if archive.members > limits.members:
            what = f"the archive holds {archive.members:,} members, more than {limits.members:,}"
            raise exceeded("members", what, file.label)
        if archive.unpacked > limits.archive_bytes:
            what = (
                f"the archive unpacks to {archive.unpacked:,} bytes, more than {limits.archive_bytes:,} (a zip bomb?)"
            )
            raise exceeded("archive_bytes", what, file.label)

    def _member(
        self, file: ReadableFile, opened: zipfile.ZipFile, entry: zipfile.ZipInfo, archive: _Archive
    ) -> ReadableFile:
        label = _label(archive, entry.filename)

        def read() -> bytes:
            self.budget.count_bytes(entry.file_size, label)
            if opened.fp is not None and not opened.fp.closed:
                return member_bytes(opened, entry, label)
            # asked for after the walk has moved on
            with file.seekable() as stream, zipfile.ZipFile(stream) as again:
                return member_bytes(again, entry, label)

        return self._readable(file, archive, entry.filename, read)

    def _readable(self, file: ReadableFile, archive: _Archive, member: str, read: Callable[[], bytes]) -> ReadableFile:
        return ReadableFile(
            _base(member),
            read,
            archive=archive.name,
            archive_sha256=archive.sha256,
            path=f"{file.path}!{member}",
            limits=self.limits,
        )


def _base(member: str) -> str:
    """Return the name of a member without its folders, in whichever way these are written."""
    return PurePosixPath(member.replace("\\", "/")).name


def _label(archive: _Archive, member: str) -> str:
    return f"{archive.name}!{_base(member)}"


def _is_hidden(name: str) -> bool:
    """Return whether a member is nobody's release: what an operating system or a packer notes for itself."""
    place = PurePosixPath(name.replace("\\", "/"))
    return place.name.startswith(".") or "__MACOSX" in place.parts


def _regular(path: Path) -> IO[bytes]:
    """Return a file of the disk, opened for reading.

    Raises:
        ReleaseFormatError: It is a pipe, a device or a socket: reading it may never end.
        OSError: It cannot be opened.
    """
    # opening a pipe waits for a writer, unless it is told not to
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        is_empty = os.path.samestat(os.fstat(handle), Path(os.devnull).stat())
        os.close(handle)
        if is_empty:
            return io.BytesIO()
        raise ReleaseFormatError(
            "expected a file, got a pipe, a device or a folder: save it as a file first", file=path.name
        )
    return os.fdopen(handle, "rb")


def _may_be_read(path: Path) -> bool:
    """Return whether a path is a file, or cannot be looked at: then reading it says why."""
    try:
        return path.is_file()
    except OSError:
        return True


def _reason(error: OSError) -> str:
    return f"cannot be read: {error.strerror or error}"


def _digest(file: ReadableFile) -> str:
    with file.seekable() as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _no_archive(file: ReadableFile) -> ReleaseFormatError:
    """Return the error that a file which is named as a zip archive is none."""
    if ZIP_MAGIC.startswith(file.head):
        found = f"a file that is cut off after {len(file.head)} bytes" if file.head else "an empty file"
        return ReleaseFormatError(f"expected a zip archive, got {found}: download it again", file=file.label)
    message = f"expected a zip archive (bytes {ZIP_MAGIC!r}), got {file.head[:4]!r}: download it again"
    return ReleaseFormatError(message, file=file.label, line=1, column=1)


def _is_archive(file: ReadableFile) -> bool:
    if not file.head.startswith((ZIP_MAGIC, EMPTY_ZIP_MAGIC)):
        return False
    if file.suffix in OFFICE_SUFFIXES:
        return False
    with file.seekable() as stream:
        return not is_office_document(stream, file.limits)
