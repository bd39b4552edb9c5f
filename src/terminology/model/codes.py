"""Values about codes: concept, notes, validity periods; releases and the files that they are made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NoReturn, Self

from attrs import define, field, frozen

from ..errors import ReleaseFormatError
from ..status import Status
from .base import Value, WithStatus


class Properties(dict[str, Any]):
    """The properties of a concept: a dict that cannot be changed, because answers share it."""

    __slots__ = ()

    def _locked(self, *_arguments: Any, **_keywords: Any) -> NoReturn:
        raise TypeError("properties of a concept cannot be changed; make a dict of them first")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _locked

    def __reduce__(self) -> tuple[Any, ...]:
        return Properties, (dict(self),)

    def copy(self) -> dict[str, Any]:
        """Return them as a dict that can be changed."""
        return dict(self)


@define(eq=False, repr=False)
class _OpenSource(Value):
    """A source in the making (see `source_of`)."""

    SHAPE: ClassVar = "system version file sha256 line"

    system: str
    """Short name of the code system."""
    version: str | None
    """Of the release; None of what belongs to no release."""
    file: str
    """Name as people know it: ``archive.zip!member.txt``."""
    sha256: str
    """Checksum of the file's own bytes, in hexadecimal."""
    line: int | None = None
    """Counted from 1; None where the file has no lines, or none is known."""

    @property
    def place(self) -> str:
        """The file, and the line where it is known, as people read it."""
        return f"{self.file}, line {self.line}" if self.line else self.file


@frozen
class Source(_OpenSource):
    """Where an answer comes from: the release, and the publisher's file with its checksum."""


@frozen
class Origin:
    """Where the bytes of a part came from; folders play no role, names of file and archive do."""

    name: str
    """Base name of the member, or of the loose file."""
    sha256: str
    """Checksum of the file's own bytes, in hexadecimal."""
    size: int
    """In bytes."""
    archive: str | None = None
    """Base name of the outermost archive."""
    archive_sha256: str | None = None
    """Checksum of that archive; None of a loose file."""

    @property
    def label(self) -> str:
        """The file as people know it."""
        return f"{self.archive}!{self.name}" if self.archive else self.name


@frozen
class SourceFile(Value):
    """One file that a release was made of."""

    SHAPE: ClassVar = "file sha256"

    file: str
    """Name as people know it: ``archive.zip!member.txt``."""
    sha256: str
    """Of the member's own bytes."""
    size: int
    """In bytes."""
    role: str = ""
    """What the loader took it for: order, tabular, addenda …"""


@frozen
class Fault(Value):
    """A line that could not be read, and without which an operator had the rest of its file loaded."""

    SHAPE: ClassVar = "file line column message text [missing_lines]"

    file: str
    """Name as people know it: ``archive.zip!member.txt``."""
    line: int | None
    """Counted from 1; None where the file has no lines."""
    column: int | str | None
    """Counted from 1, or the name of a field; None where the whole line is meant."""
    message: str
    """What was expected, and what was found instead."""
    text: str | None = None
    """How the line begins, where the file is a text."""
    missing_lines: int = 0
    """How many lines are missing before it, where that is the error; the line itself is then read."""

    def __str__(self) -> str:
        error = ReleaseFormatError(self.message, file=self.file, line=self.line, column=self.column)
        return f"{error}, in {self.text!r}" if self.text else str(error)


def lines_lost(faults: Iterable[Fault | ReleaseFormatError]) -> int:
    """Return how many lines are lacking for the faults: those that were left out, and those that are missing.

    >>> lines_lost([Fault("order.txt", 5, 1, "expected order number 00005, got '00008'", None, 3)])
    3
    """
    listed = list(faults)
    left_out = {(fault.file, fault.line) for fault in listed if not fault.missing_lines}
    return len(left_out) + sum(fault.missing_lines for fault in listed)


@frozen
class Gap(Value):
    """A stretch for which releases of the publisher are not loaded."""

    SHAPE: ClassVar = "system after before reason"

    system: str
    """Short name of the code system."""
    after: str
    """Version of the last release before the gap."""
    before: str
    """Version of the first release after it."""
    reason: str
    """Which releases are missing, and how that is known."""


@frozen
class Release(Value):
    """One publication of a code system. Immutable once committed."""

    SHAPE: ClassVar = "system version effective concepts billable derived sources [faults]"

    system: str
    """Short name of the code system."""
    version: str
    """The version label: ``2024``, ``2023-04``."""
    effective: datetime.date
    """First day in force."""
    concepts: int
    """The publisher's rows; chapters, sections and derived nodes are not counted."""
    billable: int
    """How many of the concepts may be submitted on a claim."""
    derived: bool
    """Whether it was rebuilt from a neighbour and the publisher's addenda."""
    sources: tuple[SourceFile, ...]
    """The files that it was made of; the first is the one that answers cite."""
    gaps: tuple[Gap, ...] = ()
    """Gaps that lie right before this release."""
    correction: int = 0
    """0 of the release as first published, 1 of the first one that replaced it the same day, and so on."""
    warnings: tuple[str, ...] = ()
    """What was noticed while it was loaded, a sentence each."""
    notes_known: bool = False
    """Whether instructional notes came with the release's own files."""
    licence: str | None = None
    """The publisher's own copyright notice, where the files carry one; to be shown with every answer."""
    faults: tuple[Fault, ...] = ()
    """Lines that it lacks: they could not be read, and the operator accepted that."""


@define(eq=False, repr=False)
class _OpenConcept(WithStatus):
    """A concept in the making (see `concept_of`)."""

    SHAPE: ClassVar = (
        "system version code title short_title status valid billable effective_from effective_to from_known parent "
        "properties source kind derived"
    )

    system: str
    """Short name of the code system."""
    version: str | None
    """Of the release in force on the day; None where none covers it."""
    code: str
    """In official form."""
    title: str
    """The long title, in the language of the release."""
    short_title: str | None
    """None where the publisher gives none."""
    status: Status
    """What the code is on the day."""
    kind: str
    """chapter, section, category, code, modifier, group …"""
    parent: str | None
    """The code, or node, directly above; None at the top."""
    derived: bool
    """Whether the publisher has no such row: the node, or its place here, was derived."""
    effective_from: datetime.date | None
    """First day of the period of the status; None where it is not known."""
    effective_to: datetime.date | None
    """The day after its last one; None while it is open."""
    properties: Mapping[str, Any] = field(factory=dict, hash=False)
    """What else the release says of it, by the names of the code system; empty where it says nothing."""
    source: Source | None = None
    """The publisher's file and line; None where no file lists it."""
    from_known: bool | None = None
    """False where the first day may be earlier, in a release that is not loaded; None where there is none."""


@frozen
class Concept(_OpenConcept):
    """A code with what the release says of it."""


@frozen
class Note(Value):
    """One instructional note of the tabular list, under the publisher's own name of its kind."""

    SHAPE: ClassVar = "kind text declared_at inherited targets"

    kind: str
    """includes, excludes1, excludes2, codeFirst, useAdditionalCode, codeAlso, inclusionTerm, notes, sevenChrNote."""
    text: str
    """The publisher's words."""
    declared_at: str
    """The chapter, section or code that carries the note."""
    inherited: bool
    """Whether it applies from above."""
    targets: tuple[str, ...] = ()
    """Codes and ranges that the text names, as written (``J95.851``, ``Z16.-``); best effort."""
    source: Source | None = None
    """The file and line of the note."""


class Notes(tuple[Note, ...]):  # noqa: SLOT001 -- a tuple with slots cannot carry a value
    """A tuple of notes that also says whether the notes of the release are known at all."""

    known: bool
    """False where the releases loaded do not say which notes there are."""

    def __new__(cls, notes: tuple[Note, ...] = (), *, known: bool = True) -> Self:
        """Return the notes; with ``known=False`` none, and nobody knows which there are."""
        made = super().__new__(cls, notes)
        made.known = known
        return made


@frozen
class CodingOrder(Value):
    """Whether a code is a manifestation, or the etiology of one, with the notes that say so."""

    SHAPE: ClassVar = "code manifestation etiology titled_at first additional named_by"

    code: str
    """In official form."""
    manifestation: bool
    """Whether it is coded after its etiology: by a title "in diseases classified elsewhere" and a note "code first"."""
    etiology: bool
    """Whether such a note of a manifestation names it, or its note "use additional code" names a manifestation."""
    titled_at: str | None = None
    """The code whose title is that of manifestations: its own or the nearest above it; None where there is none."""
    first: tuple[Note, ...] = ()
    """The notes "code first" that apply to it, whether or not it is a manifestation."""
    additional: tuple[Note, ...] = ()
    """The notes "use additional code" that apply to it."""
    named_by: tuple[Note, ...] = ()
    """The notes "code first" of manifestations that name it, or a code above it."""


@frozen
class Period(Value):
    """A half-open stretch of a code's life in which status and title did not change."""

    SHAPE: ClassVar = "effective_from effective_to from_known status title"

    effective_from: datetime.date
    """First day of the period, or the day by which the code was there where `from_known` is false."""
    effective_to: datetime.date | None
    """The day after its last one; None while it is open."""
    from_known: bool
    """False where the oldest release, or one after a gap, only bounds the first day."""
    status: Status
    """What the code is in the period."""
    title: str
    """In the period."""
    source: Source | None = None
    """The file and line that says so; None where none does."""


@frozen(repr=False)
class History(Value):
    """A code's life across all loaded releases."""

    SHAPE: ClassVar = "code periods predecessors successors"

    code: str
    """In official form where a loaded release knows it, else as given."""
    periods: tuple[Period, ...]
    """In order of time; empty of a code that no loaded release has."""
    predecessors: tuple[str, ...] = ()
    """What it was reported as before its first day; empty where nothing is known."""
    successors: tuple[str, ...] = ()
    """What replaced it when it ended; empty where nothing is known."""

    def __repr__(self) -> str:
        lines = [f"<History {self.code}: {'' if self.periods else 'in no loaded release'}".rstrip()]
        for period in self.periods:
            begin = "from" if period.from_known else "by"
            end = f"to {period.effective_to}" if period.effective_to else "open"
            lines.append(f"  {begin} {period.effective_from} {end}: {period.status}, {period.title}")
        for name, codes in (("predecessors", self.predecessors), ("successors", self.successors)):
            if codes:
                lines.append(f"  {name} {', '.join(codes)}")
        return "\n".join(lines) + ">"


# Concepts and sources are made by the million, and a frozen value of 13 fields takes 1.2 µs to make, an open one 0.3:
# attrs has to go around the lock of a frozen value for each field. So these two have an open twin with the same slots;
# `source_of` and `concept_of` fill the twin, and then lock it by making it one of the frozen class.


def source_of(*values: Any) -> Source:
    """Return the source with these fields, in their order, as fast as it can be made."""
    made: Any = _OpenSource(*values)
    made.__class__ = Source
    return made  # type: ignore[no-any-return]


def concept_of(*values: Any) -> Concept:
    """Return the concept with these fields, in their order, as fast as it can be made."""
    made: Any = _OpenConcept(*values)
    made.__class__ = Concept
    return made  # type: ignore[no-any-return]
