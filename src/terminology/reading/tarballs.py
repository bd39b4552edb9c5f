"""Gzipped tar archives, the form of FHIR packages: unpacked to a temporary file within the limits, and listed; gzipped files.

Such an archive has no directory: what it holds is known when all of it is unpacked. So the bytes are counted while they
come, and the unpacking ends where a limit is met.
"""

from __future__ import annotations

import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from typing import IO, Final

from ..errors import ReleaseFormatError
from .limits import SMALL, Limits, exceeded

GZIP: Final = b"\x1f\x8b"
GZIP_FORM: Final = 31
"""What zlib calls data with the head and the end of gzip."""
CHUNK: Final = 2**18
IN_MEMORY: Final = 2**24
BLOCK: Final = 512
MARK: Final = slice(257, 262)
USTAR: Final = b"ustar"
SUFFIXES: Final = (".tgz",)
GZIP_SUFFIX: Final = ".gz"


def is_tarball(head: bytes) -> bool:
    """Return whether a file is a gzipped tar archive, by its first bytes; any other gzipped file is none.

    >>> is_tarball(b"PK")
    False
    """
    if not head.startswith(GZIP):
        return False
    try:
        return zlib.decompressobj(GZIP_FORM).decompress(head, BLOCK)[MARK] == USTAR
    except zlib.error:
        return False


def unpacked(stream: IO[bytes], limits: Limits, label: str) -> IO[bytes]:
    """Return the tar archive in a gzipped one, as an open temporary file.

    Raises:
        ReleaseFormatError: It is damaged or cut off, or unpacks to more than the limits allow.
    """
    made = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 -- whoever asked closes it
    try:
        for piece in _pieces(stream, limits, label):
            made.write(piece)
    except BaseException:
        made.close()
        raise
    made.seek(0)
    return made


def gunzipped(stream: IO[bytes], limits: Limits, label: str) -> bytes:
    """Return the bytes of the one file that a gzipped file holds.

    Raises:
        ReleaseFormatError: It is damaged or cut off, or unpacks to more than the limits allow.
    """
    made = bytearray()
    for piece in _pieces(stream, limits, label):
        made += piece
        if len(made) > limits.member_bytes:
            raise exceeded("member_bytes", f"it unpacks to more than {limits.member_bytes:,} bytes", label)
    return bytes(made)


def _pieces(stream: IO[bytes], limits: Limits, label: str) -> Iterator[bytes]:
    read = size = 0
    unpacker = zlib.decompressobj(GZIP_FORM)
    try:
        while True:
            given = unpacker.unconsumed_tail or unpacker.unused_data or stream.read(CHUNK)
            if not given:
                break
            if unpacker.eof:
                # several gzipped files one after the other are one; zeros behind the last are filling
                if not given.startswith(GZIP):
                    break
                unpacker = zlib.decompressobj(GZIP_FORM)
            read += len(given)
            piece = unpacker.decompress(given, CHUNK)
            read -= len(unpacker.unconsumed_tail) + len(unpacker.unused_data)
            size += len(piece)
            _check(size, read, limits, label)
            yield piece
    except zlib.error as error:
        raise ReleaseFormatError(f"damaged gzipped archive: {error}; download it again", file=label) from None
    if not unpacker.eof:
        raise ReleaseFormatError("cut off gzipped archive: it has no end; download it again", file=label)


def _check(size: int, read: int, limits: Limits, label: str) -> None:
    if size > limits.archive_bytes:
        what = f"the archive unpacks to more than {limits.archive_bytes:,} bytes (a zip bomb?)"
        raise exceeded("archive_bytes", what, label)
    if size > SMALL and size > max(read, 1) * limits.ratio:
        raise exceeded("ratio", f"the archive unpacks from {read:,} to {size:,} bytes (a zip bomb?)", label)


def opened_tarball(stream: IO[bytes], label: str) -> tarfile.TarFile:
    """Return the tar archive that an open file is.

    Raises:
        ReleaseFormatError: It is damaged.
    """
    try:
        return tarfile.open(fileobj=stream, mode="r:")
    except tarfile.TarError as error:
        raise _damaged(error, label) from None


def files_of(archive: tarfile.TarFile, limits: Limits, label: str) -> list[tarfile.TarInfo]:
    """Return the members that are files, in order of their names; links, devices and folders are none.

    Raises:
        ReleaseFormatError: The archive is damaged, or holds more members than the limits allow, or a larger one.
    """
    found = []
    try:
        for number, member in enumerate(archive):
            if number >= limits.members:
                raise exceeded("members", f"the archive holds more than {limits.members:,} members", label)
            if not member.isreg() or member.issparse():
                continue
            if member.size > limits.member_bytes:
                raise exceeded("member_bytes", f"member {member.name} has {member.size:,} bytes", label)
            found.append(member)
    except (tarfile.TarError, OSError, ValueError) as error:
        raise _damaged(error, label) from None
    return sorted(found, key=lambda member: member.name)


def tar_member_bytes(archive: tarfile.TarFile, member: tarfile.TarInfo, label: str) -> bytes:
    """Return the bytes of a member.

    Raises:
        ReleaseFormatError: The archive is cut off.
    """
    try:
        stream = archive.extractfile(member)
        data = stream.read() if stream is not None else b""
    except (tarfile.TarError, OSError, ValueError) as error:
        raise _damaged(error, label) from None
    if len(data) != member.size:
        raise ReleaseFormatError(f"expected {member.size:,} bytes, got {len(data):,}: download it again", file=label)
    return data


def _damaged(error: Exception, label: str) -> ReleaseFormatError:
    return ReleaseFormatError(f"damaged tar archive: {error}; download it again", file=label)
