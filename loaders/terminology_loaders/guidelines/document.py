"""The lines of a PDF document with their page, place and type, and its bookmarks; by pypdf, which is an extra."""

from __future__ import annotations

import importlib.util
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from terminology.errors import ReleaseFormatError, TerminologyError

if TYPE_CHECKING:
    from pypdf import PdfReader

MAGIC: Final = b"%PDF-"
HOW_TO_INSTALL: Final = 'pip install "terminology-server[guidelines]"'
SIGN: Final = 4
"""Most characters of a number before a heading, which may be set in another type."""
MOST_PAGES: Final = 2_000
"""The publishers' documents have fewer than 150."""
BOLD: Final = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
EDGE: Final = 0.13
"""Running heads and footers are in this part of a page, at its top and at its bottom."""
RUNNING: Final = re.compile(
    r"ICD-?10-?CM Official Guidelines for Coding and Reporting.*|(FY ?)?(19|20)\d\d\b.{0,40}|Page \d+( of \d+)?|\d{1,3}",
    re.IGNORECASE,
)
"""What they say."""


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

    @cached_property
    def size(self) -> float:
        """Size of the type of running text, in points."""
        counted: Counter[float] = Counter()
        for line in self.lines:
            counted[line.size] += len(line.text)
        return counted.most_common(1)[0][0] if counted else 0.0


def is_readable() -> bool:
    """Return whether pypdf is installed."""
    return importlib.util.find_spec("pypdf") is not None


@contextmanager
def opened(data: bytes, label: str) -> Iterator[PdfReader]:
    """Open a PDF document; whatever pypdf says against it, inside as well, is said as of the file.

    Raises:
        ReleaseFormatError: It is damaged, encrypted or far too long.
    """
    import logging

    from pypdf import PdfReader

    logger = logging.getLogger("pypdf")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReleaseFormatError(
                "expected a document that can be read, got an encrypted one: save it without a password", file=label
            )
        if len(reader.pages) > MOST_PAGES:
            raise ReleaseFormatError(f"expected at most {MOST_PAGES:,} pages, got {len(reader.pages):,}", file=label)
        yield reader
    except (TerminologyError, MemoryError):
        raise
    except Exception as error:
        # a damaged document makes pypdf fail in any way
        raise ReleaseFormatError(
            f"expected a PDF document, got one that is damaged ({type(error).__name__}: {error}); load it again",
            file=label,
        ) from error
    finally:
        logger.setLevel(level)


def first_lines(reader: PdfReader, pages: int = 1) -> list[str]:
    """Return the texts of the lines of the first pages, without empty ones."""
    return [line.text for number in range(min(pages, len(reader.pages))) for line in _lines(reader, number)]


def document_of(reader: PdfReader) -> Document:
    """Return what is printed in a document."""
    pages = [_lines(reader, number) for number in range(len(reader.pages))]
    heights = [float(page.mediabox.height) for page in reader.pages]
    lines = [line for page, height in zip(pages, heights, strict=True) for line in _without_edges(page, height)]
    return Document(tuple(lines), tuple(_bookmarks(reader, reader.outline)), len(pages))


def made_of(reader: PdfReader) -> str:
    """Return when a document was made, as ISO text; empty where it does not say."""
    import contextlib

    with contextlib.suppress(ValueError):
        # as people type it, it may be no time
        made = reader.metadata and (reader.metadata.modification_date or reader.metadata.creation_date)
        return made.isoformat() if made else ""
    return ""


def _bookmarks(reader: PdfReader, entries: Sequence[Any]) -> Iterator[Bookmark]:
    for entry in entries:
        if isinstance(entry, list):
            yield from _bookmarks(reader, entry)
            continue
        page = reader.get_destination_page_number(entry)
        if entry.title and page is not None and page >= 0:
            yield Bookmark(str(entry.title), page + 1)


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


def _lines(reader: PdfReader, number: int) -> list[Line]:
    """Return the printed lines of a page from its top to its bottom."""
    found: list[Line] = []
    current = _Open()

    def close() -> None:
        nonlocal current
        line = current.closed(number + 1)
        found.extend([line] if line else [])
        current = _Open()

    def visit(text: str, outer: Sequence[float], inner: Sequence[float], font: Any, size: Any) -> None:
        left = inner[4] * outer[0] + inner[5] * outer[2] + outer[4]
        height = inner[4] * outer[1] + inner[5] * outer[3] + outer[5]
        points = abs(float(size or 0) * inner[3] * outer[3])
        bold = bool(BOLD.search(str((font or {}).get("/BaseFont", ""))))
        for place, piece in enumerate(text.split("\n")):
            if place:
                close()
            if piece:
                current.pieces.append((round(left, 1), round(height, 1), round(points, 1), bold, piece))

    reader.pages[number].extract_text(visitor_text=visit)
    close()
    # what is at the edges may come first in the file
    return sorted(found, key=lambda line: -line.height)
