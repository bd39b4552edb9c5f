"""The values of the domain: frozen, small, free of Arrow."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from attrs import field, frozen


class Status(StrEnum):
    """What a code is on a date. Never one boolean.

    >>> Status.HEADER.valid, Status.HEADER.billable
    (True, False)
    """

    BILLABLE = "billable"
    """In force, may be submitted on a claim."""
    HEADER = "header"
    """In force, not valid for submission: chapter, section, category."""
    FUTURE = "future"
    """The date is covered; the code first comes into force later."""
    EXPIRED = "expired"
    """The date is covered; the code was in force before and is not now."""
    UNKNOWN = "unknown"
    """Well formed, the date is covered, in no loaded release."""
    MALFORMED = "malformed"
    """Cannot be a code of this system by its shape."""
    UNCOVERED = "uncovered"
    """Nothing loaded speaks for that date."""

    @property
    def valid(self) -> bool:
        """Whether the code is in force."""
        return self is Status.BILLABLE or self is Status.HEADER

    @property
    def billable(self) -> bool:
        """Whether the code may be submitted on a claim."""
        return self is Status.BILLABLE


@frozen
class Source:
    """Where an answer comes from: the release, and the publisher's file with its checksum."""

    system: str
    version: str | None
    file: str
    sha256: str
    line: int | None = None


@frozen
class SourceFile:
    """One file that a release was made of."""

    file: str
    """Name as people know it: ``archive.zip!member.txt``."""
    sha256: str
    """Of the member's own bytes."""
    size: int
    role: str = ""
    """What the loader took it for: order, tabular, addenda …"""


@frozen
class Gap:
    """A stretch for which releases of the publisher are not loaded."""

    system: str
    after: str
    """Version of the last release before the gap."""
    before: str
    """Version of the first release after it."""
    reason: str


@frozen
class Release:
    """One publication of a code system. Immutable once committed."""

    system: str
    version: str
    effective: datetime.date
    concepts: int
    """The publisher's rows; chapters, sections and derived nodes are not counted."""
    billable: int
    derived: bool
    """Whether it was rebuilt from a neighbour and the publisher's addenda."""
    sources: tuple[SourceFile, ...]
    gaps: tuple[Gap, ...] = ()
    """Gaps that lie right before this release."""
    correction: int = 0
    warnings: tuple[str, ...] = ()
    notes_known: bool = False
    """Whether instructional notes came with the release's own files."""
    licence: str | None = None
    """The publisher's own copyright notice, where the files carry one; to be shown with every answer."""


@frozen
class Check:
    """The status of a code with the reason, the repair and the neighbours.

    ``effective_from`` and ``effective_to`` bound the half-open period of the status where the code is in
    force, the former period where it expired, and the coming one where it is future; ``effective_to`` is None
    while the period is open.
    """

    code: str
    """In official form where the code is well formed, else as given."""
    status: Status
    suggestion: str | None = None
    """A code in force that was probably meant."""
    other_systems: tuple[str, ...] = ()
    """Short names of the other systems in the store that know the code."""
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None
    source: Source | None = None
    reason: str | None = None
    """Why an expression (``code:modifier``) has its status, where it may not be submitted."""

    @property
    def valid(self) -> bool:
        """Whether the code is in force."""
        return self.status.valid

    @property
    def billable(self) -> bool:
        """Whether the code may be submitted on a claim."""
        return self.status.billable


@frozen
class Concept:
    """A code with what the release says of it."""

    system: str
    version: str | None
    code: str
    title: str
    short_title: str | None
    status: Status
    kind: str
    """chapter, section, category, code, modifier, group …"""
    parent: str | None
    derived: bool
    """Whether the publisher has no such row: the node, or its place here, was derived."""
    effective_from: datetime.date | None
    effective_to: datetime.date | None
    properties: Mapping[str, Any] = field(factory=dict, hash=False)
    source: Source | None = None

    @property
    def valid(self) -> bool:
        """Whether the code is in force."""
        return self.status.valid

    @property
    def billable(self) -> bool:
        """Whether the code may be submitted on a claim."""
        return self.status.billable


@frozen
class Note:
    """One instructional note of the tabular list, under the publisher's own name of its kind."""

    kind: str
    """includes, excludes1, excludes2, codeFirst, useAdditionalCode, codeAlso, inclusionTerm, notes, sevenChrNote."""
    text: str
    declared_at: str
    """The chapter, section or code that carries the note."""
    inherited: bool
    """Whether it applies from above."""
    targets: tuple[str, ...] = ()
    """Codes and ranges that the text names, as written (``J95.851``, ``Z16.-``); best effort."""
    source: Source | None = None


class Notes(tuple[Note, ...]):  # noqa: SLOT001 -- a tuple with slots cannot carry a value
    """A tuple of notes that also says whether the notes of the release are known at all."""

    known: bool

    def __new__(cls, notes: tuple[Note, ...] = (), *, known: bool = True) -> Self:
        """Return the notes; with ``known=False`` none, and nobody knows which there are."""
        made = super().__new__(cls, notes)
        made.known = known
        return made


@frozen
class Period:
    """A half-open stretch of a code's life in which status and title did not change."""

    effective_from: datetime.date
    effective_to: datetime.date | None
    from_known: bool
    """False where the oldest release, or one after a gap, only bounds the first day."""
    status: Status
    title: str
    source: Source | None = None


@frozen
class History:
    """A code's life across all loaded releases."""

    code: str
    periods: tuple[Period, ...]
    predecessors: tuple[str, ...] = ()
    successors: tuple[str, ...] = ()
