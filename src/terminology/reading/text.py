"""Bytes to text, text to numbered lines, and XML read safely: no entities, no network, no huge trees."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..errors import ReleaseFormatError
from .interrupts import interrupts_put_off

if TYPE_CHECKING:
    from lxml.etree import _Element

ENTITY: Final = re.compile(rb"<!ENTITY\b")


def decoded(data: bytes, file: str) -> tuple[str, tuple[str, ...]]:
    """Return the text, and a warning where it is not UTF-8: each line that is not is read as CP1252.

    Raises:
        ReleaseFormatError: The bytes are text in neither encoding.

    >>> decoded(b"Caf\\xe9", "names.txt")
    ('Café', ('names.txt:1: not UTF-8, read as CP1252',))
    >>> decoded("excoriée\\n".encode() + b"Caf\\xe9", "names.txt")[0]
    'excoriée\\nCafé'
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ReleaseFormatError("expected UTF-8 or CP1252 text, got UTF-16", file=file, line=1, column=1)
    nul = data.find(b"\0")
    if nul >= 0:
        line, column = _place(data, nul)
        raise ReleaseFormatError("expected text, got a NUL byte", file=file, line=line, column=column)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        first = error.start
    lines = []
    for number, encoded in enumerate(data.split(b"\n"), 1):
        try:
            lines.append(_decoded_line(encoded))
        except UnicodeDecodeError as error:
            got = f"got byte 0x{encoded[error.start]:02X}"
            raise ReleaseFormatError(
                f"expected UTF-8 or CP1252 text, {got}", file=file, line=number, column=error.start + 1
            ) from None
    text = "\n".join(lines).removeprefix("\ufeff")
    return text, (f"{file}:{_place(data, first)[0]}: not UTF-8, read as CP1252",)


def _decoded_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252")


def in_bytes(line: str) -> str:
    """Return a line of UTF-8 with one character for each byte, so that columns can be counted as its publisher did.

    >>> len("excoriée"), len(in_bytes("excoriée"))
    (8, 9)
    """
    return line.encode().decode("latin-1")


def from_bytes(column: str) -> str:
    """Return what a column of a line `in_bytes` says; a character that the column cuts at its end is left out.

    >>> from_bytes(in_bytes("excoriée")), from_bytes(in_bytes("excoriée")[:7])
    ('excoriée', 'excori')
    """
    return column.encode("latin-1").decode(errors="ignore")


def _place(data: bytes, offset: int) -> tuple[int, int]:
    return data.count(b"\n", 0, offset) + 1, offset - (data.rfind(b"\n", 0, offset) + 1) + 1


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its 1-based number, without its end.

    >>> list(lines_of("a\\r\\nb\\n"))
    [(1, 'a'), (2, 'b')]
    """
    number, start, end = 0, 0, len(text)
    while start < end:
        # one line at a time: a list of them would take more room than the text
        stop = text.find("\n", start)
        stop = end if stop < 0 else stop
        number += 1
        yield number, text[start:stop].removesuffix("\r")
        start = stop + 1


def xml_root(data: bytes, file: str) -> _Element:
    """Return the root element of the document.

    Raises:
        ReleaseFormatError: The document is not well formed, cut short, or declares entities.
    """
    with interrupts_put_off():
        from lxml import etree

    options: dict[str, Any] = {
        "resolve_entities": False,
        "no_network": True,
        "load_dtd": False,
        "huge_tree": False,
        "remove_comments": True,
        "remove_pis": True,
    }
    try:
        root = etree.fromstring(data, etree.XMLParser(**options))
    except etree.XMLSyntaxError as error:
        raise ReleaseFormatError(
            f"expected well-formed XML: {error.msg}", file=file, line=error.lineno, column=error.offset
        ) from None
    # nothing was expanded; an entity is never needed by a release file, and what names one cannot be read
    declarations = root.getroottree().docinfo.internalDTD
    if declarations is not None and next(iter(declarations.iterentities()), None) is not None:
        line, column = _entity_place(data)
        raise ReleaseFormatError("entity declarations are not allowed", file=file, line=line, column=column)
    return root


def _entity_place(data: bytes) -> tuple[int, int] | tuple[None, None]:
    """Return line and column of the first declaration; none where the encoding hides it."""
    entity = ENTITY.search(data)
    if entity is None:
        return None, None
    return data.count(b"\n", 0, entity.start()) + 1, entity.start() - data.rfind(b"\n", 0, entity.start())
