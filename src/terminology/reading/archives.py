"""Zip archives: what their directory says, how much that is, and the bytes of a member."""

from __future__ import annotations

import os
import struct
import zipfile
from typing import IO, Final

from ..errors import ReleaseFormatError
from .limits import SMALL, Limits, exceeded

EMPTY_ZIP: Final = b"PK\x05\x06"
LARGE_ZIP: Final = b"PK\x06\x07"
SHORTEST_END: Final = 22
ZIP: Final = b"PK\x03\x04"
OFFICE_MEMBER: Final = "[Content_Types].xml"
"""What every office document of Microsoft's form has a member of, the first or the last."""
OPEN_DOCUMENT: Final = b"mimetypeapplication/vnd.oasis.opendocument"
"""What the first member of an OpenDocument is called and holds."""
OPENING_BYTES: Final = 200
ENCRYPTED: Final = 1
"""Bit of the flags of a member that needs a password."""
LONGEST_END: Final = SHORTEST_END + 2**16 + 20
ENTRY_BYTES: Final = 1_024
"""What a member takes in the directory at most; official names have a tenth of it."""


def opened_archive(stream: IO[bytes], limits: Limits, label: str, what: str = "zip archive") -> zipfile.ZipFile:
    """Return the archive that an open file is.

    Raises:
        ReleaseFormatError: It is damaged, or its directory would fill the memory.
    """
    size, most = directory_bytes(stream), limits.members * ENTRY_BYTES
    if size > most:
        raise exceeded(
            "members", f"the directory of the archive has {size:,} bytes, more than {most:,} (a zip bomb?)", label
        )
    stream.seek(0)
    try:
        return zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        # zipfile looks for the directory first, which is at the end of an archive
        cut = str(error) == "File is not a zip file"
        why = f"cut off {what}: it has no directory at its end" if cut else f"damaged {what}: {error}"
        raise ReleaseFormatError(f"{why}; download it again", file=label) from None
    except Exception as error:  # noqa: BLE001 -- zipfile raises whatever its parts raise
        raise ReleaseFormatError(f"damaged {what}: {error}; download it again", file=label) from None


def check_members(entries: list[zipfile.ZipInfo], limits: Limits, label: str) -> None:
    """Check that every member of an archive, by what its directory says, may be unpacked.

    Raises:
        ReleaseFormatError: One is too large, or too well compressed.
    """
    for entry in entries:
        ratio = entry.file_size / max(entry.compress_size, 1)
        what = (
            f"member {entry.filename} unpacks from {entry.compress_size:,} to {entry.file_size:,} bytes (a zip bomb?)"
        )
        if entry.file_size > limits.member_bytes:
            raise exceeded("member_bytes", what, label)
        if entry.file_size > SMALL and ratio > limits.ratio:
            raise exceeded("ratio", what, label)


def member_bytes(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, label: str) -> bytes:
    """Return the bytes of a member.

    Raises:
        ReleaseFormatError: It is damaged, or has another size than the archive's directory says.
    """
    if entry.flag_bits & ENCRYPTED:
        raise ReleaseFormatError("the archive has a password: unpack it, and load the files", file=label)
    try:
        with archive.open(entry) as stream:
            # the directory's size may lie; one byte more than it says is enough to know
            data = stream.read(entry.file_size + 1)
    except Exception as error:  # noqa: BLE001 -- zipfile raises whatever its parts raise
        raise ReleaseFormatError(f"damaged member of a zip archive: {error}; download it again", file=label) from None
    if len(data) != entry.file_size:
        raise ReleaseFormatError(f"expected {entry.file_size:,} bytes, got another number", file=label)
    return data


def is_office_document(stream: IO[bytes], limits: Limits) -> bool:
    """Return whether an open file is a workbook or another office document, which are zip archives too.

    By the directory of the archive: programs write its members in any order. Of a damaged one, by how it begins.
    """
    stream.seek(0)
    opening = stream.read(OPENING_BYTES)
    if not opening.startswith(ZIP):
        return False
    if OPEN_DOCUMENT in opening or OFFICE_MEMBER.encode() in opening:
        return True
    try:
        return OFFICE_MEMBER in opened_archive(stream, limits, "").namelist()
    except ReleaseFormatError:
        return False


def directory_bytes(stream: IO[bytes]) -> int:
    """Return how long the directory of an archive says to be, before it is read into memory; 0 where it has none."""
    sizes = [0]
    start = max(0, stream.seek(0, os.SEEK_END) - LONGEST_END)
    stream.seek(start)
    tail = stream.read()
    # a reader takes the very last record, or the last mark of one: what it may contain is up to who wrote it
    for place in {len(tail) - SHORTEST_END, tail.rfind(EMPTY_ZIP)}:
        record = tail[max(place, 0) : max(place, 0) + SHORTEST_END]
        if record.startswith(EMPTY_ZIP) and len(record) == SHORTEST_END:
            sizes.append(struct.unpack_from("<L", record, 12)[0])
        large = tail[max(place - 20, 0) : max(place, 0)]
        if large.startswith(LARGE_ZIP):
            # the directory of an archive of more than 4 GiB, or one that says so
            sizes.append(_large_directory_bytes(stream, large))
    return max(sizes)


def _large_directory_bytes(stream: IO[bytes], locator: bytes) -> int:
    try:
        stream.seek(struct.unpack_from("<Q", locator, 8)[0])
        return int(struct.unpack_from("<Q", stream.read(56), 40)[0])
    except (struct.error, OSError, OverflowError, ValueError):
        return 0
