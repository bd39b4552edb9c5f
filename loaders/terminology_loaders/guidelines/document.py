"""The lines of a PDF document with their page, place and type, and its bookmarks; by pypdf, which is an extra.

pypdf runs in a process of its own, within the limits of the load. How many pages, characters, lines and bookmarks are
taken from it is bounded here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from attrs import define, field, frozen

from terminology.errors import ReleaseFormatError
from terminology.extras import missing
from terminology.reading import ReadableFile, pdf_pages

MAGIC: Final = b"%PDF-"
SIGN: Final = 4
"""Most characters of a number before a heading, which may be set in another type."""
MOST: Final = {"pages": 2_000, "characters": 5_000_000, "bookmarks": 5_000}
"""The publishers' documents have fewer than 150 pages, 500,000 characters and 500 bookmarks."""
MOST_LINES: Final = 1_000
"""On a page; theirs have fewer than 50."""
MOST_IN_LINE: Final = 1_000
"""Characters; theirs have fewer than 150."""
BOLD: Final = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
EDGE: Final = 0.13
"""Running heads and footers are in this part of a page, at its top and at its bottom."""
RUNNING: Final = re.compile(
    r"ICD-?10-?CM Official Guidelines for Coding and Reporting.*|(FY ?)?(19|20)\d\d\b.{0,40}|Page \d+( of \d+)?|\d{1,3}",
    re.IGNORECASE,
)
"""What they say, and what the document itself is called."""


@frozen
class Line:
    """One printed line."""

    page: int
    """Of the document, from 1."""
    left: float
    """Where it begins, in points from the left edge of the page."""
    height: float
    """Where it stands, in points from the bottom of the page."""
    size: float
    """Of its type, in points."""
    text: str
    bold: bool
    """Whether it is set in bold type, a number or bullet before it apart."""


@frozen
class Bookmark:
    """An entry of the outline that viewers show beside the document."""

    text: str
    page: int


@frozen
class Document:
    """What is printed in a PDF document."""

    lines: tuple[Line, ...]
    """In reading order, without running heads and footers."""
    bookmarks: tuple[Bookmark, ...]
    pages: int
    made: str = ""
    """When it was made, as ISO text; empty where it does not say."""

    @cached_property
    def size(self) -> float:
        """Size of the type of running text, in points."""
        counted: Counter[float] = Counter()
        for line in self.lines:
            counted[line.size] += len(line.text)
        return counted.most_common(1)[0][0] if counted else 0.0


def is_readable() -> bool:
    """Return whether pypdf is installed."""
    return not missing("guidelines")


def top_of(file: ReadableFile) -> list[str]:
    """Return the texts of the lines of the first page, without empty ones.

    Raises:
        ReleaseFormatError: The document is damaged, encrypted, or beyond a bound or limit, which is named.
    """
    found = pdf_pages(file, {**MOST, "first": 1})
    return [line.text for number, page in enumerate(found["pages"], 1) for line in _lines(page, number, file.label)]


def document_of(file: ReadableFile) -> Document:
    """Return what is printed in a document.

    Raises:
        ReleaseFormatError: The document is damaged, or beyond a bound or limit, which is named.
    """
    found = pdf_pages(file, {**MOST, "first": 0})
    lines = [
        line
        for number, page in enumerate(found["pages"], 1)
        for line in _without_edges(_lines(page, number, file.label), page["height"])
    ]
    bookmarks = tuple(Bookmark(text, page) for text, page in found["bookmarks"])
    return Document(tuple(lines), bookmarks, len(found["pages"]), found["made"])


def _without_edges(lines: Sequence[Line], height: float) -> Iterator[Line]:
    for line in lines:
        is_at_edge = not EDGE * height < line.height < (1 - EDGE / 2) * height
        if not (is_at_edge and RUNNING.fullmatch(line.text)):
            yield line


# ---- the lines of a page


@define
class _Open:
    """A line that pypdf has begun."""

    pieces: list[tuple[float, float, float, bool, str]] = field(factory=list)

    def closed(self, page: int) -> Line | None:
        """Return the line; None where nothing is printed on it."""
        printed = [piece for piece in self.pieces if piece[-1].strip()]
        text = " ".join("".join(piece[-1] for piece in self.pieces).split())
        if not printed or not text:
            return None
        left, height, *_ = printed[0]
        # a number before a heading may be set in another type
        said = [piece for piece in printed if any(map(str.isalpha, piece[-1]))][-1:] or printed
        first = next(
            (piece for piece in printed if len(piece[-1].strip()) > SIGN and any(map(str.isalpha, piece[-1]))), said[0]
        )
        return Line(page, left, height, first[2], text, first[3] and said[-1][3])


def _lines(page: Mapping[str, Any], number: int, label: str) -> list[Line]:
    """Return the printed lines of a page from its top to its bottom.

    Raises:
        ReleaseFormatError: They are too many, or one is too long, for anybody to have printed it.
    """
    found: list[Line] = []
    current = _Open()
    for text, left, height, points, font in page["pieces"]:
        for place, piece in enumerate(text.split("\n")):
            if place:
                _close(current, found, number, label)
                current = _Open()
            if piece:
                current.pieces.append((left, height, points, bool(BOLD.search(font)), piece))
    _close(current, found, number, label)
    # what is at the edges may come first in the file
    return sorted(found, key=lambda line: -line.height)


def _close(current: _Open, found: list[Line], number: int, label: str) -> None:
    line = current.closed(number)
    if line is None:
        return
    if len(line.text) > MOST_IN_LINE:
        message = f"expected lines of at most {MOST_IN_LINE:,} characters, got one of {len(line.text):,}"
        raise ReleaseFormatError(message, file=label, line=number)
    found.append(line)
    if len(found) > MOST_LINES:
        raise ReleaseFormatError(f"expected at most {MOST_LINES:,} lines on a page, got more", file=label, line=number)
