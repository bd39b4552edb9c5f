"""The sections in a document: its headings, and what is written below each.

Whatever the table of contents lists and the body does not have, or has in another order, is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import Faults

from .contents import Listed, contents_of
from .document import Document
from .headings import Body, Heading
from .numbering import parent_of
from .words import Words, paragraphs


@frozen
class Section:
    """A section with what is written in it, without what is below it."""

    number: str
    title: str
    text: str
    page: int
    """On which it begins."""

    @property
    def parent(self) -> str | None:
        """Number of the section above; None at the top."""
        return parent_of(self.number)


@frozen
class Sections:
    """All sections of a document in its order, and what was noticed."""

    sections: tuple[Section, ...]
    warnings: tuple[str, ...]


def sections_of(document: Document, label: str) -> Sections:
    """Return the sections of a document.

    Raises:
        ReleaseFormatError: It has no text, no table of contents, or another error.
        ReleaseFaults: Sections of the table of contents are missing or in another order; all are named.
    """
    if not document.lines:
        raise ReleaseFormatError(
            "expected a document with text, got one that has only pictures: scanned pages cannot be read", file=label
        )
    contents = contents_of(document.lines)
    if contents is None:
        raise ReleaseFormatError("expected a table of contents with dots before the pages, found none", file=label)
    body = Body(document, contents)
    found = body.read()
    faults = Faults(label)
    _check(contents.listed, found, faults)
    faults.raise_if_any()
    return Sections(tuple(_sections(body, found)), tuple(body.warnings(found)))


def _check(listed: Sequence[Listed], found: Sequence[Heading], faults: Faults) -> None:
    """Note what the table of contents lists and the body lacks, or has in another order or twice."""
    places: dict[str, int] = {}
    for place, heading in enumerate(found):
        if heading.number in places:
            faults.add(
                f"section {heading.number} begins twice, on page {found[places[heading.number]].line.page} too",
                line=heading.line.page,
            )
        places.setdefault(heading.number, place)
    last: Listed | None = None
    seen: set[str] = set()
    for one in listed:
        where = f"section {one.number} ({one.title}), which the table of contents has on page {one.page}"
        if one.number in seen:
            faults.add(f"the table of contents lists section {one.number} twice", line=one.line.page)
        elif one.number not in places:
            faults.add(f"expected {where}; the text has no such heading", line=one.page)
        else:
            if last is not None and places[one.number] < places[last.number]:
                faults.add(f"expected {where} after section {last.number}; the text has it before", line=one.page)
            last = one
        seen.add(one.number)
    for heading in found:
        above = parent_of(heading.number)
        if above is not None and above not in places:
            faults.add(f"expected section {above} before {heading.number}; the text has none", line=heading.line.page)


def _sections(body: Body, found: Sequence[Heading]) -> Iterator[Section]:
    """Yield the sections that begin with the headings."""
    words = Words(body.document.lines)
    ends = [*(heading.place for heading in found[1:]), len(body.lines)]
    for heading, end in zip(found, ends, strict=True):
        text = paragraphs(body.lines[heading.end : end], words, body.right)
        if heading.is_text:
            text = f"{heading.title}\n{text}".strip()
        yield Section(heading.number, heading.title, text, heading.line.page)
