"""Bytes of these publishers to text: UTF-8 and CP1252 as everywhere, UTF-16 by its mark, and CP437 of DOS.

The files of ICD-10-GM 2004 are in a code page of DOS: 0x81 is ü, 0x84 is ä, 0xE1 is ß. It is CP437 and not CP850,
which has the same German letters: 0xE0 is alpha where T44.4 says "Vorwiegend Alpha-Rezeptoren-Stimulanzien", and would
be Ó in CP850.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from terminology.errors import ReleaseFormatError
from terminology.reading import decoded

UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DOS: Final = "cp437"
IN_DOS, IN_WINDOWS = (re.compile(b"[A-Za-z][" + "äöü".encode(page) + b"][a-z]") for page in (DOS, "cp1252"))
"""Inside a word: alone, 0x84 and 0x94 are quotation marks of Windows."""


def text_of(data: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """Return the text, and a warning where it is neither UTF-8 nor UTF-16.

    Raises:
        ReleaseFormatError: The bytes are text in none of these encodings.

    >>> text_of("für".encode("cp437"), "codes.txt")
    ('für', ('codes.txt: not UTF-8, read as CP437',))
    """
    if data.startswith(UTF_16):
        try:
            return data.decode("utf-16"), ()
        except UnicodeDecodeError as error:
            raise ReleaseFormatError(f"expected UTF-16 text: {error.reason}", file=file, line=1) from None
    if _is_dos(data):
        return data.decode(DOS), (f"{file}: not UTF-8, read as CP437",)
    return decoded(data, file)


def _is_dos(data: bytes) -> bool:
    """Return whether the bytes are no UTF-8, and German words have more of their letters in DOS's code page."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return b"\0" not in data and len(IN_DOS.findall(data)) > len(IN_WINDOWS.findall(data))
    return False
