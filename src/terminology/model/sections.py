"""A section of a document, as of the official guidelines; and how the number of a section is written."""

from __future__ import annotations

import re
from typing import ClassVar, Final

from attrs import frozen

from .base import Value
from .codes import Source

APPENDIX: Final = re.compile(r"\s*appendix\s+([ivx]+)\s*", re.IGNORECASE)
PREFIX: Final = re.compile(r"\s*section\b", re.IGNORECASE)
PART: Final = re.compile(r"[A-Za-z]+|[0-9]+")
BETWEEN: Final = re.compile(r"\s*[-–]\s*|\s+(?:to|through)\s+")  # noqa: RUF001 -- as people type it
BIG: Final = 2
"""Parts at the beginning that are written in capitals: ``I.C``."""


@frozen
class Section(Value):
    """A section of the guidelines as it is on a day, without the sections below it."""

    SHAPE: ClassVar = "system number title text page parent version source"

    system: str
    """Short name of the document: ``icd10cm_guidelines``."""
    number: str
    """``I.C.9.a.1`` for what is printed as 1) of a. of 9. of C. of Section I."""
    title: str
    """Heading of the section."""
    text: str
    """One paragraph a line; empty where there are only sections below."""
    page: int
    """Of the document, on which the section begins, counted from 1."""
    parent: str | None
    """Number of the section above; None at the top."""
    version: str
    """Of the guidelines."""
    source: Source
    """The publisher's file."""

    @property
    def level(self) -> int:
        """How many parts the number has; 1 at the top."""
        return self.number.count(".") + 1


def section_number(text: str) -> str:
    """Return the number of a section in the form in which it is stored, whatever way it was typed.

    >>> section_number("Section I.C.1.d.1)(a)(ii)"), section_number("i.c.9.A"), section_number("appendix i")
    ('I.C.1.d.1.a.ii', 'I.C.9.a', 'Appendix I')
    """
    appendix = APPENDIX.fullmatch(text)
    if appendix:
        return f"Appendix {appendix[1].upper()}"
    parts = PART.findall(PREFIX.sub("", text, count=1))
    return ".".join(part.upper() if place < BIG else part.lower() for place, part in enumerate(parts))


def section_range(text: str) -> tuple[str, str]:
    """Return the first and the last section that a text names; of a single number it is both.

    The last one may be its last part alone.

    >>> section_range("I.C.9.a-c"), section_range("I.C.9 to II"), section_range("I.C.9")
    (('I.C.9.a', 'I.C.9.c'), ('I.C.9', 'II'), ('I.C.9', 'I.C.9'))
    """
    first, *rest = BETWEEN.split(text.strip(), maxsplit=1)
    begin = section_number(first)
    if not rest:
        return begin, begin
    end = section_number(rest[0])
    above, dot, last = begin.rpartition(".")
    is_part = dot and "." not in end and _kind(last) == _kind(rest[0].strip(" .)"))
    return begin, section_number(f"{above}.{rest[0]}") if is_part else end


def _kind(part: str) -> tuple[bool, bool]:
    return part.isdecimal(), part.isupper()
