"""What is known of a code for as long as nothing about it changes, asked once and kept.

Between two days on which no code of a system changes its status (`stretch_starts`) every claim gets the same answers.
So a million claims ask as many questions as there are different codes, and not as many as there are rows.
"""

from __future__ import annotations

import datetime
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from attrs import define, field

from ..model import Note, Source, Status
from ..periods import day_number
from ..query import CodeSystem, Edition, engine_of, stretch_starts
from .laterality import Sides, sides_among
from .targets import NamedCodes, Target, targets_of

MOST_CODES: Final = 400_000
"""Codes of which facts are kept, of all stretches together: some 1 kB each."""
CATEGORY: Final = 3
EXTERNAL_CAUSES: Final = "20"
"""The chapter."""
OPTIONAL: Final = ("if applicable", "if known", "if present", "if any", "where applicable", "if drug", "and applicable")
"""Words by which a note applies to some cases only."""
NamedNote = tuple[Note, tuple[NamedCodes, ...]]


@define(eq=False)
class CodeFacts:
    """What is known of a text in the place of a code."""

    text: str
    """As written."""
    code: str
    """In the official form, where it has one."""
    status: Status
    compact: str = ""
    """Without its dot."""
    place: int = -1
    """In document order; what is not in the tree has one that no stretch has."""
    title: str = ""
    source: Source | None = None
    is_external: bool = False
    excluded: frozenset[str] = frozenset()
    """Categories that its Excludes1 notes touch: no other code needs to be compared."""
    exclusions: tuple[NamedNote, ...] = ()
    first: tuple[NamedNote, ...] = ()
    """Its notes "code first"."""
    is_manifestation: bool = False
    is_mandatory: bool = False
    """Whether one of these applies to every case."""
    additional: tuple[NamedNote, ...] = ()
    sides: Sides | None = None
    side: str | None = None

    is_billable: bool = field(init=False)
    """Whether it may be submitted."""
    category: str = field(init=False)
    """The category of ICD-10-CM."""

    def __attrs_post_init__(self) -> None:
        self.is_billable = self.status is Status.BILLABLE
        self.category = self.compact[:CATEGORY]


@define(eq=False)
class _NodeNotes:
    """What the own notes of a node say."""

    exclusions: tuple[NamedNote, ...] = ()
    excluded: frozenset[str] = frozenset()
    first: tuple[NamedNote, ...] = ()
    is_mandatory: bool = False
    additional: tuple[NamedNote, ...] = ()


NONE: Final = _NodeNotes()
"""Of a node without such notes, as most are."""


class Stretch:
    """The facts of one stretch of days."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._as_of = engine_of(edition)
        self.is_covered = edition.is_covered
        release = edition.release
        self.version = release.version if release else None
        self.has_notes = bool(release and release.notes_known)
        self.facts: dict[str, CodeFacts] = {}
        self._categories: list[tuple[int, str]] | None = None
        self._sides: dict[str, dict[str, Sides]] = {}
        self._notes: dict[str, _NodeNotes] = {}
        self._touched: dict[tuple[str, ...], frozenset[str]] = {}

    def of(self, text: str) -> CodeFacts:
        """Return the facts of a text; those of a code with all that its notes and titles say."""
        found = self.facts.get(text)
        if found is None:
            found = self.facts[text] = self._fresh(text)
        return found

    def _fresh(self, text: str) -> CodeFacts:
        edition = self.edition
        status = edition.status(text)
        if not status.valid:
            concept = edition.lookup(text)
            code = concept.code if concept else text.strip()
            source = concept.source if concept else None
            return CodeFacts(text, code, status, code.replace(".", "").upper(), source=source)
        code = edition.definition.official(text) or text.strip()
        made = CodeFacts(text, code, status, code.replace(".", ""), source=edition.source(code))
        if edition.system != "icd10cm":
            return made
        lineage = [code, *edition.ancestors(code)]
        made.place = self._as_of.place_of(code)
        made.title = edition.title(code) or ""
        made.is_external = EXTERNAL_CAUSES in lineage
        if self.has_notes:
            self._add_notes(made, lineage)
        self._add_side(made, lineage)
        return made

    # ---- notes

    def _add_notes(self, made: CodeFacts, lineage: list[str]) -> None:
        """Add what the notes of a code say: its own, then those from above, which all codes below a node share."""
        nodes = [notes for node in lineage if (notes := self._notes_at(node)) is not NONE]
        made.exclusions = tuple(named for notes in nodes for named in notes.exclusions)
        made.first = tuple(named for notes in nodes for named in notes.first)
        made.is_mandatory = any(notes.is_mandatory for notes in nodes)
        made.is_manifestation = bool(made.first) and bool(self.edition.is_manifestation(made.code))
        made.additional = tuple(named for notes in nodes for named in notes.additional)
        touching = tuple(node for node in lineage if self._notes[node].exclusions)
        if touching not in self._touched:
            every = (self._notes[node].excluded for node in touching)
            self._touched[touching] = frozenset().union(*every)
        made.excluded = self._touched[touching]

    def _notes_at(self, node: str) -> _NodeNotes:
        found = self._notes.get(node)
        if found is None:
            found = self._notes[node] = self._read(node)
        return found

    def _read(self, node: str) -> _NodeNotes:
        kinds: dict[str, list[NamedNote]] = {"excludes1": [], "codeFirst": [], "useAdditionalCode": []}
        for note in self.edition.notes(node, inherited=False):
            if note.kind in kinds:
                targets = targets_of(note.text, note.targets)
                kinds[note.kind].append((note, tuple(map(self._named, targets))))
        if not any(kinds.values()):
            return NONE
        exclusions = tuple(named for named in kinds["excludes1"] if named[1])
        first = tuple(kinds["codeFirst"])
        # a list begins with a sentence of its own, which says whether all of it applies to every case
        is_optional = any(words in note.text.lower() for note, _ in first for words in OPTIONAL)
        touched = {category for _, named in exclusions for one in named for category in self._touched_by(one)}
        additional = tuple(named for named in kinds["useAdditionalCode"] if named[1])
        return _NodeNotes(exclusions, frozenset(touched), first, bool(first) and not is_optional, additional)

    def _named(self, target: Target) -> NamedCodes:
        stretch = self._as_of.stretch(_dotted(target.first), _dotted(target.last))
        return NamedCodes(target, *stretch) if stretch else NamedCodes(target)

    def _touched_by(self, named: NamedCodes) -> Iterator[str]:
        """Yield the categories that have codes which a note names."""
        if self._categories is None:
            codes = (code for code in self.edition if len(code) == CATEGORY)
            self._categories = [(self._as_of.place_of(code), code) for code in codes]
        first, last = named.target.first[:CATEGORY], named.target.last[:CATEGORY]
        yield first
        if named.start >= 0:
            begin = bisect_left(self._categories, (named.start, ""))
            end = bisect_left(self._categories, (named.end, ""))
            yield from (code for _, code in self._categories[begin:end])
        else:
            yield from (code for _, code in self._categories if first <= code <= last)

    # ---- sides

    def _add_side(self, made: CodeFacts, lineage: list[str]) -> None:
        for node, parent in itertools.pairwise(lineage):
            if len(node) <= CATEGORY or "-" in node:
                return
            if parent not in self._sides:
                titles = {child: self.edition.title(child) or "" for child in self.edition.children(parent)}
                groups = sides_among(titles)
                codes = (
                    (code, one) for one in groups for code in (one.right, one.left, one.bilateral, one.unspecified)
                )
                self._sides[parent] = {code: one for code, one in codes if code}
            if sides := self._sides[parent].get(node):
                made.sides, made.side = sides, sides.side_of(node)
                return


def _dotted(compact: str) -> str:
    return compact if len(compact) <= CATEGORY else f"{compact[:CATEGORY]}.{compact[CATEGORY:]}"


@define(eq=False)
class SystemFacts:
    """The stretches of a code system, each made when a claim first asks for a day in it."""

    system: CodeSystem
    _starts: tuple[int, ...] = field(init=False)
    _stretches: dict[int, Stretch] = field(factory=dict)
    _by_day: dict[datetime.date, Stretch] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self._starts = stretch_starts(self.system.latest)

    def on(self, day: datetime.date) -> Stretch:
        """Return the stretch of a day."""
        found = self._by_day.get(day)
        if found is None:
            place = bisect_right(self._starts, day_number(day))
            found = self._stretches.get(place)
            if found is None:
                found = self._stretches[place] = Stretch(self.system.on(day))
            self._by_day[day] = found
        return found

    @property
    def versions(self) -> set[str]:
        """The versions of the releases that were asked."""
        return {stretch.version for stretch in self._stretches.values() if stretch.version and stretch.is_covered}

    def trim(self) -> None:
        """Forget the facts of all stretches where there are too many of them."""
        if sum(len(stretch.facts) for stretch in self._stretches.values()) > MOST_CODES:
            for stretch in self._stretches.values():
                stretch.facts.clear()
