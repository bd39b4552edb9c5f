"""Values about whether a code may be used: the check, and the whole explanation."""

from __future__ import annotations

import datetime
from typing import ClassVar

from attrs import field, frozen

from ..status import Status
from .base import Value, WithStatus
from .codes import Concept, Source


@frozen
class Check(WithStatus):
    """The status of a code with the reason, the repair and the other systems that know it.

    ``effective_from`` and ``effective_to`` bound the half-open period of the status where the code is in
    force, the former period where it expired, and the coming one where it is future; ``effective_to`` is None
    while the period is open.
    """

    SHAPE: ClassVar = "code status valid billable suggestion other_systems rule reason date version effective_from effective_to from_known source"

    code: str
    """In official form where a loaded release knows the code, else as given."""
    status: Status
    """What the code is on the day."""
    reason: str = field(default="", eq=False)
    """Why, as one sentence; never empty in an answer."""
    suggestion: str | None = None
    """The one code in force that was probably meant; None where several fit, which `Edition.explain` names."""
    other_systems: tuple[str, ...] = ()
    """Short names of the other systems in the store that have the text as a code."""
    effective_from: datetime.date | None = None
    """First day of the period of the status; None where no release knows the code, or none covers the day."""
    effective_to: datetime.date | None = None
    """The day after its last one; None while it is open."""
    source: Source | None = None
    """The file and line that list the code; None of what no release lists."""
    rule: str | None = None
    """Name of the damage that the suggestion repairs: ``leading_zeros``, ``placeholder_missing`` …"""
    date: datetime.date | None = field(default=None, eq=False)
    """The day that was asked for."""
    version: str | None = field(default=None, eq=False)
    """Of the release in force on that day; None where none covers it."""
    from_known: bool | None = None
    """False where the first day may be earlier, in a release that is not loaded; None where there is none."""


@frozen
class Option(Value):
    """A code that may be submitted on the day, in place of one that may not."""

    SHAPE: ClassVar = "system code title why together"

    system: str
    """Short name of the code system of the code."""
    code: str
    """In official form."""
    title: str | None
    """None where it is withheld."""
    why: str
    """What it has to do with the code that was asked for, as a phrase."""
    together: tuple[str, ...] = ()
    """Codes that have to be used with it, in one claim."""


@frozen
class Explanation(WithStatus):
    """The whole answer to: may I use this code on that day, why not, what instead."""

    SHAPE: ClassVar = (
        "code status valid billable reason suggestions rules instead other_systems date version effective_from "
        "effective_to from_known concept source"
    )

    code: str
    """In official form where a loaded release knows the code, else as given."""
    status: Status
    """What the code is on the day."""
    reason: str
    """Why, as one sentence."""
    suggestions: tuple[str, ...] = ()
    """Codes in force that the text may have been meant for, likeliest first; of a code that is known, none."""
    rules: tuple[str, ...] = ()
    """For each suggestion the name of the damage that it repairs."""
    instead: tuple[Option, ...] = ()
    """Billable codes of that day: below a header, in place of what expired or is yet to come, repairs of a typo."""
    other_systems: tuple[str, ...] = ()
    """Short names of the other systems in the store that have the text as a code."""
    concept: Concept | None = None
    """As of `Edition.lookup`."""
    source: Source | None = None
    """File and line that list the code; None of what no release lists."""
    date: datetime.date | None = None
    """The day that was asked for."""
    version: str | None = None
    """Of the release in force on that day; None where none covers it."""
    effective_from: datetime.date | None = None
    """First day of the period of the status; None where no release knows the code, or none covers the day."""
    effective_to: datetime.date | None = None
    """The day after its last one; None while it is open."""
    from_known: bool | None = None
    """False where the first day may be earlier, in a release that is not loaded; None where there is none."""
