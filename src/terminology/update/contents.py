"""Whether bytes are what they should be: a zip, a sheet, text; or a web page in its place."""

from __future__ import annotations

import html
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ..errors import FetchError
from ..reading import Limits, directory_bytes
from .sources import Kind
from .urls import printable

HEAD: Final = 4096
PAGE_BYTES: Final = 2**16
PIECE: Final = 2**20
TAG: Final = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|meta)\b", re.IGNORECASE)
LONGEST_TITLE: Final = 80
ZIP: Final = b"PK\x03\x04"
EMPTY_ZIP: Final = b"PK\x05\x06"
DIRECTORY_BYTES: Final = 2**24
"""The directory is read whole, and takes ten times as much memory; ten thousand members have two million bytes."""
OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
SIGNED: Final[tuple[Kind, ...]] = ("zip", "xlsx", "xls")
"""Kinds that are recognised by their first bytes, whatever the server says."""
NOUNS: Final[dict[Kind | None, str]] = {
    "zip": "a zip archive",
    "xlsx": "an Excel workbook (xlsx)",
    "xls": "an Excel workbook (xls)",
    "txt": "a text file",
    "csv": "a text file (csv)",
    "xml": "an XML file",
    "json": "a JSON file",
    None: "a file",
}


def is_page(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of a web page.

    >>> is_page(b"<!-- maintenance -->\\n<HTML>"), is_page(b'<?xml version="1.0"?><ICD10CM.tabular>')
    (True, False)
    """
    rest = _stripped(head)
    # comments are skipped one by one: a pattern for any number of them has no end of ways to match
    while rest.startswith((b"<!--", b"<?xml")):
        end = b"-->" if rest.startswith(b"<!--") else b">"
        _, found, rest = rest.partition(end)
        if not found:
            return False
        rest = rest.lstrip()
    return TAG.match(rest) is not None


def title_of(page: bytes) -> str | None:
    """Return the title of a web page, in one line and not too long; None where it has none.

    >>> title_of(b"<html><head><title>Page not\\n found &amp; lost</title>")
    'Page not found & lost'
    """
    page = page[:PAGE_BYTES]
    begin = page.lower().find(b"<title")
    _, opened, rest = page[max(begin, 0) :].partition(b">")
    end = rest.lower().find(b"</title")
    if begin < 0 or not opened or end < 0:
        return None
    text = html.unescape(rest[: min(end, PAGE_BYTES // 64)].decode("utf-8", "replace"))
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= LONGEST_TITLE else f"{words[:LONGEST_TITLE]}…"


def head_fault(head: bytes, expect: Kind | None, content_type: str = "") -> str | None:
    """Return why bytes that begin like this are not what is expected; None where they may be.

    >>> head_fault(b"%PDF-1.7", "zip")
    "expected a zip archive, got a file that begins with b'%PDF-1.7'"
    """
    noun = NOUNS[expect]
    if is_page(head):
        return f"expected {noun}, got a web page"
    if not head:
        return f"expected {noun}, got nothing"
    if not _begins_right(head, expect):
        return f"expected {noun}, got a file that begins with {head[:8]!r}"
    media = content_type.partition(";")[0].strip().lower()
    if media in {"text/html", "application/xhtml+xml"} and expect not in SIGNED:
        return f"expected {noun}, got what the server calls a web page"
    return None


def file_fault(
    path: Path, expect: Kind | None, limits: Limits, check: Callable[[], object] = lambda: None
) -> str | None:
    """Return why a file is not what is expected; None where it is, as far as can be seen without reading codes.

    Archives are read to their end, so that every checksum in them is compared.

    Args:
        path: The file.
        expect: What it should be.
        limits: How much an archive may unpack to.
        check: Called again and again while an archive is read; what it raises ends the reading.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    if fault := head_fault(head, expect):
        return fault
    if expect not in {"zip", "xlsx"}:
        return None
    with path.open("rb") as stream:
        size = directory_bytes(stream)
    if size > DIRECTORY_BYTES:
        return f"its directory has {size:,} bytes, more than {DIRECTORY_BYTES:,} (a zip bomb?)"
    try:
        with zipfile.ZipFile(path) as archive:
            return _archive_fault(archive, expect, limits, check)
    except (zipfile.BadZipFile, ValueError, OverflowError, zlib.error, lzma.LZMAError, struct.error, EOFError) as error:
        return f"expected {NOUNS[expect]}, got a damaged one: {printable(str(error))}"
    except FetchError:
        raise
    except OSError as error:
        # bzip2 calls damage so; an error of the disk has a number
        if error.errno is not None:
            raise
        return f"expected {NOUNS[expect]}, got a damaged one: {printable(str(error))}"
    except (NotImplementedError, RuntimeError):
        # a compression or an encryption that this reader lacks: loading will say so, with the member
        return None


def checksum_fault(digest: str, expected: str | None) -> str | None:
    """Return why a file with this SHA-256 is not the one that is expected; None if it is, or none is named."""
    return None if expected in (None, digest) else f"expected SHA-256 {expected}, got {digest}"


def _archive_fault(
    archive: zipfile.ZipFile, expect: Kind | None, limits: Limits, check: Callable[[], object]
) -> str | None:
    names = archive.namelist()
    if not names:
        return f"expected {NOUNS[expect]}, got an empty archive"
    if expect == "xlsx" and "[Content_Types].xml" not in names:
        return f"expected {NOUNS[expect]}, got an archive with {printable(repr(names[0]), LONGEST_TITLE)}"
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > limits.archive_bytes:
        bound = f"{limits.archive_bytes:,} (a zip bomb?)"
        return (
            f"it unpacks to {unpacked:,} bytes, more than {bound}; where that is right, raise archive_bytes in [limits]"
        )
    for entry in archive.infolist():
        try:
            with archive.open(entry) as stream:
                while stream.read(PIECE):
                    check()
        except zipfile.BadZipFile:
            member = printable(repr(entry.filename))
            return f"expected {NOUNS[expect]}, got a damaged one: {member} is not what its checksum says"
    return None


def _stripped(head: bytes) -> bytes:
    if head.startswith(UTF16):
        return head[2:].replace(b"\0", b"").lstrip()
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()


def _begins_right(head: bytes, expect: Kind | None) -> bool:
    if expect == "zip":
        return head.startswith((ZIP, EMPTY_ZIP))
    if expect == "xlsx":
        return head.startswith(ZIP)
    if expect == "xls":
        # some publishers name the newer format like the older
        return head.startswith((OLE, ZIP))
    if expect == "xml":
        return _stripped(head).startswith(b"<")
    if expect == "json":
        return _stripped(head).startswith((b"{", b"["))
    if expect in {"txt", "csv"}:
        return not head.startswith((ZIP, OLE, b"%PDF-")) and (head.startswith(UTF16) or b"\0" not in head[:HEAD])
    return True
