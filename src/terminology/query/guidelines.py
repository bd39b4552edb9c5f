"""The official guidelines of a code system: what a section says on a day, on which page, and which sections concern a code.

They are a document in the store, loaded by a loader of its own; its codes are the numbers of the sections.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ..counts import counted
from ..errors import NoVersionError, UnknownCodeError, UnknownSystemError, suggestion
from ..extras import install_line
from ..model import Release
from ..model.sections import Section, section_number, section_range
from ..periods import DateLike, coverage_end
from ..systems import DOCUMENT, SYSTEMS, named
from .ranges import Range, ranges_in

if TYPE_CHECKING:
    from .code_system import CodeSystem
    from .edition import Edition

SUFFIX: Final = "_guidelines"
CHAPTERS: Final = "I.C"
"""Above the sections of the chapters."""
CHAPTER_LEVEL: Final = 3
NAMED: Final = 8
"""Numbers that a message names."""
WORD: Final = re.compile(r"[^\W_]+")


def guidelines_of(store: Mapping[str, CodeSystem], system: str) -> Guidelines:
    """Return the guidelines for coding with a code system; see `Terminology.guidelines`.

    Raises:
        UnknownSystemError: The store holds none.
    """
    definition = store[system].definition if system in store else named(system)
    name = definition.name if definition else system
    document = store.get(name if name.endswith(SUFFIX) else f"{name}{SUFFIX}")
    if document is None or document.definition.kind != DOCUMENT:
        title = definition.title if definition else repr(system)
        known = f"{name}{SUFFIX}" in SYSTEMS
        how = f"load the publisher's PDF: terminology load FILE (it is read with pypdf: {install_line('guidelines')})"
        raise UnknownSystemError(
            f"no guidelines of {title} in the store" + (f"; {how}" if known else f"; none are read for {title}")
        )
    return Guidelines(document)


class Guidelines:
    """All loaded versions of the guidelines for one code system."""

    def __init__(self, document: CodeSystem) -> None:
        self.document = document
        """The code system whose codes are the numbers of sections."""

    def __repr__(self) -> str:
        return f"<Guidelines {self.document.name}: {', '.join(one.version for one in self.versions)}>"

    @property
    def title(self) -> str:
        """What the document is called."""
        return self.document.definition.title

    @property
    def versions(self) -> tuple[Release, ...]:
        """The loaded versions, in order of their effective days."""
        return self.document.releases

    def on(self, date: DateLike, known: DateLike | None = None) -> GuidelineSections:
        """Return the sections in force on a day.

        Args:
            date: The day of use.
            known: Version or date; only versions up to it count. By default all.

        Raises:
            NoVersionError: No loaded version covers the day; the message names the nearest one.
            InvalidDateError: A date is no date.

        >>> store.guidelines("icd10cm").on("2031-01-15")
        Traceback (most recent call last):
        ...
        terminology.errors.NoVersionError: no loaded version of ICD-10-CM Official Guidelines for Coding and Reporting
        covers 2031-01-15: the newest release, 2022, ends 2022-09-30; load FY2031; the nearest version is 2022, from
        2021-10-01: it says nothing about that day
        """
        edition = self.document.on(date, known)
        if not edition.is_covered:
            nearest = _nearest(edition.known or self.versions, edition.date)
            raise NoVersionError(
                f"no loaded version of {self.title} covers {edition.date}: {edition.gap}; "
                f"the nearest version is {nearest.version}, from {nearest.effective}: it says nothing about that day"
            )
        return GuidelineSections(edition)

    @property
    def latest(self) -> GuidelineSections:
        """The sections of the newest version, whatever today is."""
        return GuidelineSections(self.document.latest)

    def for_code(self, edition: Edition, code: str) -> tuple[Section, ...]:
        """Return the chapter-specific sections whose title states a code or a range that has a code, on the edition's day.

        They are in the order of the document. General sections, and those that state no code in their title, are left out.
        None where the text is no code, or is in no range.

        Args:
            edition: Of the code system, on the day of use.
            code: In any accepted form.

        Raises:
            NoVersionError: No loaded version covers the day.

        >>> guidelines = store.guidelines("icd10cm")
        >>> [section.number for section in guidelines.for_code(store["icd10cm"].on("2022-03-01"), "M54.50")]
        ['I.C.13', 'I.C.13.b', 'I.C.13.c']
        """
        return self.on(edition.date).for_code(code)


class GuidelineSections(Sequence[Section]):
    """The sections of the guidelines that are in force on a day, in the order of the document."""

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def __repr__(self) -> str:
        return f"<GuidelineSections {self._edition.system} {self.version}: {counted(len(self), 'section')}>"

    @property
    def date(self) -> datetime.date:
        """The day that they answer for."""
        return self._edition.date

    @property
    def release(self) -> Release:
        """The version, with its file and checksum."""
        if self._edition.release is None:
            raise NoVersionError(f"no version of {self._edition.definition.title} covers {self.date}")
        return self._edition.release

    @property
    def version(self) -> str:
        """Label of the version: the fiscal year, with the month of an update."""
        return self.release.version

    @cached_property
    def _sections(self) -> Mapping[str, Section]:
        return {number: self._made(number) for number in self._edition}

    @cached_property
    def _listed(self) -> tuple[Section, ...]:
        return tuple(self._sections.values())

    def _made(self, number: str) -> Section:
        found = self._edition[number]
        said = found.properties
        if found.source is None:
            raise UnknownCodeError(f"section {number} has no source")
        return Section(
            *(found.system, number, found.title, said.get("text") or "", said["page"], found.parent),
            *(self.version, found.source),
        )

    def __len__(self) -> int:
        return len(self._edition)

    def __getitem__(self, place: int | slice) -> Section | tuple[Section, ...]:  # type: ignore[override]
        return self._listed[place]

    def __iter__(self) -> Iterator[Section]:
        return iter(self._listed)

    def __contains__(self, number: object) -> bool:
        return isinstance(number, str) and section_number(number) in self._edition

    def section(self, number: str) -> Section:
        """Return the section of a number, which may be typed as it is printed: ``Section I.C.9.a.1)``.

        Raises:
            UnknownCodeError: There is none; the message names the nearest numbers.

        >>> sections = store.guidelines("icd10cm").on("2022-03-01")
        >>> sections.section("Section I.C.13.b").source.file
        '10cmguidelines-sample-FY2022.pdf'
        """
        wanted = section_number(number)
        if not wanted or wanted not in self._edition:
            raise UnknownCodeError(self._absence(number, wanted))
        return self._made(wanted)

    def _absence(self, given: str, wanted: str) -> str:
        """Return that there is no section of a number, and which are near: a message."""
        missing = f"no section {given.strip()!r} in the guidelines of {self._edition.date} (version {self.version})"
        above = wanted.rpartition(".")[0]
        while above and above not in self._edition:
            above = above.rpartition(".")[0]
        near = self._edition.children(above) if above else tuple(one.number for one in self if one.parent is None)
        listed = ", ".join(near[:NAMED]) + (f" … {near[-1]}" if len(near) > NAMED else "")
        place = f"below {above} there are" if above else "there are"
        if not near:
            return f"{missing}; nothing is below {above}{suggestion(wanted, tuple(self._sections))}"
        return f"{missing}; {place} {listed}"

    def below(self, number: str) -> tuple[Section, ...]:
        """Return the sections below a number, or below any of the sections of a range, in the order of the document.

        Args:
            number: ``I.C.9``; or a range, whose first and last section belong to it: ``I.C.9-I.C.11``, ``I.C.9.a-c``.

        Raises:
            UnknownCodeError: There is no such section; or the range ends before it begins.

        >>> [section.number for section in store.guidelines("icd10cm").on("2022-03-01").below("I.C.13")]
        ['I.C.13.a', 'I.C.13.a.1', 'I.C.13.b', 'I.C.13.c']
        """
        first, last = section_range(number)
        begin = self.section(first)
        if first == last:
            return tuple(one for one in self if one.number.startswith(f"{begin.number}."))
        end = self.section(last)
        places = {one: place for place, one in enumerate(self._sections)}
        if places[begin.number] > places[end.number]:
            raise UnknownCodeError(
                f"the range {number.strip()!r} ends before it begins: {end.number} is before {begin.number}"
            )
        listed = [*self._listed[places[begin.number] : places[end.number] + 1], *self.below(end.number)]
        return tuple(dict.fromkeys(listed))

    def search(self, text: str, limit: int = 10) -> tuple[Section, ...]:
        """Return the sections that have all words of a text, or words that begin with them; those with more of them in the title first.

        >>> [section.number for section in store.guidelines("icd10cm").on("2022-03-01").search("back pain")]
        ['I.C.13.b']
        """
        wanted = [word.casefold() for word in WORD.findall(text)]
        if not wanted:
            return ()
        found: list[tuple[int, Section]] = []
        for one in self:
            title, words = _words(one.title), _words(f"{one.title} {one.text}")
            if all(any(word.startswith(start) for word in words) for start in wanted):
                found.append((-sum(any(word.startswith(start) for word in title) for start in wanted), one))
        return tuple(one for _, one in sorted(found, key=lambda pair: pair[0])[:limit])

    # ---- codes

    def for_code(self, code: str) -> tuple[Section, ...]:
        """Return the sections whose title states a code or a range that has a code; see `Guidelines.for_code`.

        Args:
            code: In any accepted form.
        """
        definition = SYSTEMS.get(self._edition.system.removesuffix(SUFFIX))
        official = definition.official(code) if definition else code
        return tuple(one for one, ranges in self._ranges if any(official in each for each in ranges))

    @cached_property
    def _ranges(self) -> Sequence[tuple[Section, tuple[Range, ...]]]:
        """The chapter-specific sections with what their titles state; without those that state codes of other chapters too."""
        stated = [
            (one, ranges) for one in self if one.number.startswith(f"{CHAPTERS}.") and (ranges := ranges_in(one.title))
        ]
        chapters = [each for one, ranges in stated if one.level == CHAPTER_LEVEL for each in ranges]
        return [
            (one, ranges)
            for one, ranges in stated
            if one.level == CHAPTER_LEVEL or not any(each.is_wider_than_any(chapters) for each in ranges)
        ]


def _nearest(versions: Sequence[Release], day: datetime.date) -> Release:
    """Return the version with the fewest days between the days that it covers and a day."""

    def distance(place: int) -> int:
        later = [one.effective for one in versions[place + 1 : place + 2]]
        own = coverage_end("fiscal", versions[place].effective)
        end = min(filter(None, (own, *later)), default=None)
        return max((versions[place].effective - day).days, (day - end).days + 1 if end else 0, 0)

    return versions[min(range(len(versions)), key=distance)]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in WORD.findall(text))
