"""Which lines of the body are headings, and where each heading ends.

A line that begins with a number is a heading where the table of contents lists that number with that title; below the
levels that it lists, where the number is the next one and the line is set as a heading, or the document has a bookmark
to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from typing import Final

from attrs import define, field

from .contents import Contents, Listed, is_in_contents, joined_lines, plain
from .document import Document, Line
from .numbering import APPENDIX, COUNT, PARENTHESIS, ROMAN, Marked, Outline, Step, marked
from .words import end_of, has_room, mended

HEADING_LINES: Final = 6
"""Most lines of a heading."""
HEADING_LEADING: Final = 1.6
"""Lines of a heading are no further apart, in sizes of their type."""
LIKE: Final = 0.8
"""Titles that are so much alike are the same, a word apart."""
MOST_ENTRIES: Final = 200
"""Entries without a number that are looked for; contents have some ten."""
COMPARED: Final = 300
"""Letters of titles that are compared."""
MARKED: Final = 0.9
"""Part of the sections below the contents that have bookmarks, where a document has those of all."""
SENTENCE: Final = (".", "?", "!")
ENDED: Final = (".", ":", ";", "?", "!", ")", ",")
CUT: Final = "..."
SHORTEST: Final = 8
"""Letters of a line below which it is no evidence of a bookmark."""


@define
class Heading:
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
class Body:
    """The lines after the table of contents."""

    document: Document
    contents: Contents
    unsure: list[tuple[str, Line]] = field(factory=list)
    """Lines that may be headings, and are not taken for any."""
    unlisted: list[str] = field(factory=list)
    skipping: list[str] = field(factory=list)
    retitled: list[tuple[str, str, str]] = field(factory=list)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """In reading order."""
        return self.contents.after

    @cached_property
    def right(self) -> float:
        """Where lines of running text end: most of them end before."""
        ends = sorted(end_of(line) for line in self.lines if line.size == self.document.size)
        return ends[int(len(ends) * 0.9)] if ends else 0.0

    @cached_property
    def listed(self) -> Mapping[str, Listed]:
        """What the table of contents lists, by number."""
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

    def read(self) -> list[Heading]:
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

    def _heading(self, outline: Outline, mark: Marked, place: int, lefts: Mapping[int, float]) -> Heading | None:
        """Return the heading that a line with a number begins; None where it begins none."""
        return self._listed(outline, mark, place) or self._unlisted(outline, mark, place, lefts)

    def _listed(self, outline: Outline, mark: Marked, place: int) -> Heading | None:
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

    def _unlisted(self, outline: Outline, mark: Marked, place: int, lefts: Mapping[int, float]) -> Heading | None:
        """Return the heading of the next number, where the line is set as one or has a bookmark; None where it is not."""
        line = self.lines[place]
        bookmark = self._bookmark(line)
        step = self._next(outline, mark.steps, line, lefts)
        if step is None and (line.bold or bookmark):
            step = self._later(outline, mark.steps)
        if step is None:
            return None
        number = outline.number(step)
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
        if SequenceMatcher(None, plain(title)[:COMPARED], plain(listed.title)[:COMPARED]).ratio() < LIKE:
            self.retitled.append((number, title, listed.title))

    def _next(self, outline: Outline, steps: Sequence[Step], line: Line, lefts: Mapping[int, float]) -> Step | None:
        """Return which of the levels that a number can be of continues the outline, by where the line begins if several do."""
        able = [step for step in steps if outline.continues(step)]
        # a Roman numeral is below a letter in parentheses
        able = [step for step in able if step.level != ROMAN or PARENTHESIS in lefts or COUNT in lefts]
        if len(able) < 2:  # noqa: PLR2004 -- none or one
            return able[0] if able else None
        return min(able, key=lambda step: abs(lefts.get(step.level, line.left + 20) - line.left))

    def _later(self, outline: Outline, steps: Sequence[Step]) -> Step | None:
        """Return which of the levels below those of the contents goes on with a number left out; that is noted."""
        for step in steps:
            before = outline.before(step)
            if step.level >= COUNT and before is not None and step.place > before.place:
                self.skipping.append(f"{outline.number(step)} comes after {outline.number(before)}")
                return step
            if step.level == COUNT and before is None and outline.above(step):
                self.skipping.append(f"{outline.number(step)} comes first")
                return step
        return None

    def _made(self, number: str, step: Step, place: int, end: int, *, is_listed: bool = False) -> Heading:
        title = self._title(place, end)
        is_text = step.level >= PARENTHESIS and title.endswith(SENTENCE) and not is_listed
        return Heading(number, step, self.lines[place], place, end, mended(title), is_text)

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
            apart = self.lines[end - 1].height - line.height > HEADING_LEADING * first.size
            if not is_same or apart or marked(line.text) or self._is_done(self.lines[end - 1], line):
                break
            end += 1
        return end

    def _is_large(self, place: int) -> bool:
        return place < len(self.lines) and self.lines[place].size > self.document.size

    def _is_done(self, before: Line, line: Line) -> bool:
        """Return whether a heading in type of the size of the text has ended, where the text too is set as it is: changes are in bold type."""
        if before.size > self.document.size or line.text[:1].islower():
            return False
        return has_room(before, line, self.right)

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

    # ---- what was noticed

    def warnings(self, found: Sequence[Heading]) -> Iterator[str]:
        """Yield what is not as expected, and yet no error."""
        if found and found[0].place:
            yield f"page {self.lines[0].page}: what is written before section {found[0].number} is left out"
        yield from self._lost_entries()
        if self.unlisted:
            yield f"sections that the table of contents does not list: {', '.join(self.unlisted)}"
        for words in self.skipping:
            yield f"section {words}: a number between is missing, or its heading is not recognised"
        for number, title, listed in self.retitled:
            yield f"section {number} has the title {title!r}, in the table of contents {listed!r}"
        for number, line in self.unsure:
            yield f"page {line.page}: {line.text[:60]!r} may begin section {number}, and is not set as a heading: it is text of the section before"
        yield from self._lost_bookmarks(found)
        yield from self._unproven(found)

    def _unproven(self, found: Sequence[Heading]) -> Iterator[str]:
        """Yield that nothing but their numbers says which sections there are below those of the contents."""
        deep = sum(not is_in_contents(heading.step) for heading in found)
        marks = [marked(text) for bookmarks in self.bookmarks.values() for _, text in bookmarks]
        proven = sum(mark is not None and not any(map(is_in_contents, mark.steps)) for mark in marks)
        if self.bookmarks and proven >= MARKED * deep:
            return
        how = f"{proven:,} of {deep:,} have a bookmark" if self.bookmarks else "the document has no bookmarks"
        yield (
            f"sections below those of the table of contents, {deep:,} in all, are known by their numbers alone ({how}): "
            "where the heading of the last one of its level is not recognised, its text is in the section before"
        )

    def _lost_entries(self) -> Iterator[str]:
        """Yield the entries of the table of contents that have no number, and whose words are not in the text."""
        unnumbered = self.contents.unnumbered
        said = plain("".join(line.text for line in self.lines)) if unnumbered else ""
        for place, (page, text) in enumerate(unnumbered):
            if place >= MOST_ENTRIES or plain(text) not in said:
                yield f"page {page}: {text[:60]!r} in the table of contents has no number, and the text does not have it"

    def _lost_bookmarks(self, found: Sequence[Heading]) -> Iterator[str]:
        """Yield the bookmarks of sections that begin none."""
        held: dict[int, list[str]] = {}
        for heading in found:
            said = plain(joined_lines([line.text for line in self.lines[heading.place : heading.end]]))
            held.setdefault(heading.line.page, []).append(said)
        for page, bookmarks in self.bookmarks.items():
            for letters, text in bookmarks:
                if not any(said.startswith(letters) or letters.startswith(said) for said in held.get(page, ())):
                    yield f"page {page}: the document has a bookmark {text!r}, and no such section there"
