"""The sections in the body of a document: which lines are headings, where each ends, and what is written below it.

A line that begins with a number is a heading where the table of contents lists that number with that title; below the
levels that it lists, where the number is the next one and the line is set as a heading, or the document has a bookmark
to it. Whatever the table of contents lists and the body does not have, or has in another order, is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final

from attrs import define, field, frozen

from terminology.reading import Faults

from .contents import Contents, Listed, contents_of, is_in_contents, joined_lines, plain
from .document import Document, Line
from .numbering import APPENDIX, COUNT, PARENTHESIS, ROMAN, Marked, Outline, Step, marked, parent_of
from .words import Words, end_of, mended, paragraphs

HEADING_LINES: Final = 6
"""Most lines of a heading."""
LIKE: Final = 0.8
"""Titles that are so much alike are the same, a word apart."""
SENTENCE: Final = (".", "?", "!")
ENDED: Final = (".", ":", ";", "?", "!", ")", ",")
CUT: Final = "..."
SHORTEST: Final = 8
"""Letters of a line below which it is no evidence of a bookmark."""


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
    faults = Faults(label)
    if not document.lines:
        faults.add("expected a document with text, got one that has only pictures: scanned pages cannot be read")
        faults.raise_if_any()
    contents = contents_of(document.lines)
    if contents is None:
        faults.add("expected a table of contents with dots before the pages, found none")
        faults.raise_if_any()
        raise AssertionError
    body = _Body(document, contents)
    found = body.read()
    _check(contents.listed, found, faults)
    faults.raise_if_any()
    return Sections(tuple(body.sections(found)), tuple(body.warnings()))


def _check(listed: Sequence[Listed], found: Sequence[_Heading], faults: Faults) -> None:
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


@define
class _Heading:
    """A heading in the body."""

    number: str
    step: Step
    line: Line
    place: int
    """Of its line in the body."""
    end: int
    """Place of the line after it."""
    title: str
    is_text: bool
    """Whether what it says is the first sentence of the section and not a title."""


@define(slots=False)
class _Body:
    """The lines after the table of contents."""

    document: Document
    contents: Contents
    unsure: list[tuple[str, Line]] = field(factory=list)
    """Lines that may be headings, and are not taken for any."""
    unlisted: list[str] = field(factory=list)
    retitled: list[tuple[str, str, str]] = field(factory=list)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        return self.contents.after

    @cached_property
    def words(self) -> Words:
        return Words(self.document.lines)

    @cached_property
    def right(self) -> float:
        """Where lines of running text end: most of them end before."""
        ends = sorted(end_of(line) for line in self.lines if line.size == self.document.size)
        return ends[int(len(ends) * 0.9)] if ends else 0.0

    @cached_property
    def listed(self) -> Mapping[str, Listed]:
        return {one.number: one for one in reversed(self.contents.listed)}

    @cached_property
    def bookmarks(self) -> Mapping[int, Sequence[tuple[str, str]]]:
        """By page: letters and text of each bookmark that begins with a number."""
        found: dict[int, list[tuple[str, str]]] = {}
        for one in self.document.bookmarks:
            text = " ".join(one.text.split())
            if marked(text) is not None:
                found.setdefault(one.page, []).append((plain(text.removesuffix(CUT)), text))
        return found

    # ---- headings

    def read(self) -> list[_Heading]:
        """Return the headings of the body in its order."""
        outline, found = Outline(), []
        lefts: dict[int, float] = {}
        place = 0
        while place < len(self.lines):
            mark = marked(self.lines[place].text)
            heading = self._heading(outline, mark, place, lefts) if mark else None
            if heading is None:
                place += 1
                continue
            lefts = {level: left for level, left in lefts.items() if level <= heading.step.level}
            lefts[heading.step.level] = heading.line.left
            outline.enter(heading.step)
            found.append(heading)
            place = heading.end
        return found

    def _heading(self, outline: Outline, mark: Marked, place: int, lefts: Mapping[int, float]) -> _Heading | None:
        """Return the heading that a line with a number begins; None where it begins none."""
        return self._listed(outline, mark, place) or self._unlisted(outline, mark, place, lefts)

    def _listed(self, outline: Outline, mark: Marked, place: int) -> _Heading | None:
        """Return the heading that the table of contents lists with this number and title; None where it lists none."""
        line = self.lines[place]
        for step in mark.steps:
            number = outline.number(step)
            listed = self.listed.get(number)
            if listed is None:
                continue
            if listed.title and (end := self._end_of(place, mark, listed.title)):
                return self._made(number, step, place, end, is_listed=True)
            if step.level == APPENDIX and line.bold:
                # its title may be on a line of its own
                return self._made(number, step, place, place + 1 + (not mark.rest and self._is_large(place + 1)))
        return None

    def _unlisted(self, outline: Outline, mark: Marked, place: int, lefts: Mapping[int, float]) -> _Heading | None:
        """Return the heading of the next number, where the line is set as one or has a bookmark; None where it is not."""
        line = self.lines[place]
        step = self._next(outline, mark.steps, line, lefts)
        if step is None:
            return None
        number = outline.number(step)
        bookmark = self._bookmark(line)
        is_set = line.bold or bookmark is not None or line.size > self.document.size + 0.5
        if not is_set and not (step.level >= PARENTHESIS and self._begins_a_sentence(place)):
            if step.level == COUNT:
                self.unsure.append((number, line))
            return None
        self._note(number, step, place)
        named = marked(bookmark) if bookmark and not bookmark.endswith(CUT) else None
        end = self._end_of(place, mark, named.rest) if named else None
        return self._made(number, step, place, end or (self._set_end if line.bold else self._plain_end)(place))

    def _note(self, number: str, step: Step, place: int) -> None:
        """Note a heading that the table of contents has with other words, or does not have."""
        listed = self.listed.get(number)
        if listed is None:
            if is_in_contents(step):
                self.unlisted.append(number)
            return
        title = self._title(place, self._set_end(place))
        if SequenceMatcher(None, plain(title), plain(listed.title)).ratio() < LIKE:
            self.retitled.append((number, title, listed.title))

    def _next(self, outline: Outline, steps: Sequence[Step], line: Line, lefts: Mapping[int, float]) -> Step | None:
        """Return which of the levels that a number can be of continues the outline, by where the line begins if several do."""
        able = [step for step in steps if outline.continues(step)]
        # a Roman numeral is below a letter in parentheses
        able = [step for step in able if step.level != ROMAN or PARENTHESIS in lefts or COUNT in lefts]
        if len(able) < 2:  # noqa: PLR2004 -- none or one
            return able[0] if able else None
        return min(able, key=lambda step: abs(lefts.get(step.level, line.left + 20) - line.left))

    def _made(self, number: str, step: Step, place: int, end: int, *, is_listed: bool = False) -> _Heading:
        title = self._title(place, end)
        is_text = step.level >= PARENTHESIS and title.endswith(SENTENCE) and not is_listed
        return _Heading(number, step, self.lines[place], place, end, mended(title), is_text)

    def _title(self, place: int, end: int) -> str:
        text = joined_lines([line.text for line in self.lines[place:end]])
        mark = marked(text)
        return mark.rest if mark else text

    def _end_of(self, place: int, mark: Marked, title: str) -> int | None:
        """Return the place after the lines that say a title; None where the lines say something else."""
        wanted, said = plain(title), ""
        for at in range(place, min(place + HEADING_LINES, len(self.lines))):
            said += plain(mark.rest if at == place else self.lines[at].text)
            if said == wanted:
                return at + 1
            if not wanted.startswith(said):
                break
            if at + 1 < len(self.lines) and not said and marked(self.lines[at + 1].text):
                break
        return None

    def _set_end(self, place: int) -> int:
        """Return the place after the lines of a heading that are set as its first one is."""
        first = self.lines[place]
        end = place + 1
        while end < min(place + HEADING_LINES, len(self.lines)):
            line = self.lines[end]
            is_same = (line.bold, line.size, line.page) == (first.bold, first.size, first.page)
            if not is_same or marked(line.text) or self.lines[end - 1].height - line.height > 1.6 * first.size:
                break
            end += 1
        return end

    def _is_large(self, place: int) -> bool:
        return place < len(self.lines) and self.lines[place].size > self.document.size

    def _plain_end(self, place: int) -> int:
        """Return the place after a heading that is set like the text: it goes on where a line begins with a small letter."""
        end = place + 1
        while end < min(place + HEADING_LINES, len(self.lines)) and not self.lines[end - 1].text.endswith(ENDED[:1]):
            if not self.lines[end].text[:1].islower() or marked(self.lines[end].text):
                break
            end += 1
        return end

    def _bookmark(self, line: Line) -> str | None:
        said = plain(line.text)
        for letters, text in self.bookmarks.get(line.page, ()):
            if letters == said or (len(said) >= SHORTEST and letters.startswith(said)):
                return text
        return None

    def _begins_a_sentence(self, place: int) -> bool:
        """Return whether the line before ends a sentence or a list, so that a number here is none of the running text."""
        return (
            not place
            or self.lines[place - 1].text.endswith(ENDED)
            or marked(self.lines[place - 1].text) is not None
            or self.lines[place - 1].bold
        )

    # ---- what is written

    def sections(self, found: Sequence[_Heading]) -> Iterator[Section]:
        """Yield the sections that begin with the headings."""
        ends = [*(heading.place for heading in found[1:]), len(self.lines)]
        for heading, end in zip(found, ends, strict=True):
            text = paragraphs(self.lines[heading.end : end], self.words, self.right)
            if heading.is_text:
                text = f"{heading.title}\n{text}".strip()
            yield Section(heading.number, heading.title, text, heading.line.page)

    def warnings(self) -> Iterator[str]:
        """Yield what is not as expected, and yet no error."""
        if self.unlisted:
            yield f"sections that the table of contents does not list: {', '.join(self.unlisted)}"
        for number, title, listed in self.retitled:
            yield f"section {number} has the title {title!r}, in the table of contents {listed!r}"
        for number, line in self.unsure:
            yield f"page {line.page}: {line.text[:60]!r} may begin section {number}, and is not set as a heading: it is text of the section before"
