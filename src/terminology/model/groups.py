"""Values about groupings: the groups of a code, and the versions of a grouping."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from attrs import field, frozen

from .base import Value
from .codes import Source, SourceFile


@frozen
class Group(Value):
    """One category that a code is in, by one version of a grouping."""

    SHAPE: ClassVar = "category title role version source [detail] [nearest=is_nearest]"

    category: str
    """Its code, as the publisher writes it."""
    title: str | None
    """None where the version came without titles."""
    role: str | None
    """What the category is to the code, where the publisher says so: ``default``, ``second`` …"""
    version: str
    """Of the grouping."""
    source: Source | None = None
    """The file and line that puts the code there; None where it has no line of its own."""
    detail: Mapping[str, Any] = field(factory=dict, hash=False)
    """What the publication says besides: DRGs, the number of a collection of exclusions."""
    is_nearest: bool = False
    """Whether no version covers the day, and the nearest one answers, as was accepted."""


class Groups(tuple[Group, ...]):  # noqa: SLOT001 -- a tuple with slots cannot carry a value
    """The groups of a code, in the publisher's order, and what else is said of it."""

    states: tuple[str, ...]
    """What is said of the code that is no category: ``unacceptable_inpatient`` …"""
    version: str
    """Of the grouping."""
    is_nearest: bool
    """Whether no version covers the day, and the nearest one answers, as was accepted."""

    def __new__(
        cls, groups: Iterable[Group] = (), *, version: str, states: tuple[str, ...] = (), is_nearest: bool = False
    ) -> Self:
        """Return the groups."""
        made = super().__new__(cls, groups)
        made.version, made.states, made.is_nearest = version, states, is_nearest
        return made


@frozen
class GroupingVersion(Value):
    """One version of a grouping, as its publisher and its files call it."""

    SHAPE: ClassVar = "grouping version effective_from effective_to basis presumes identifiers sources warnings"

    grouping: str
    """Short name of the grouping."""
    version: str
    """As published."""
    effective_from: datetime.date
    """First day in force."""
    effective_to: datetime.date | None
    """The day after its last one; None where nothing ends it."""
    basis: str | None
    """What says from which day on it is in force."""
    presumes: str | None
    """The release of the code set that it was made for, where it is known."""
    identifiers: Mapping[str, str] = field(factory=dict, hash=False)
    """What the files call themselves: by file, the identifier inside it."""
    sources: tuple[SourceFile, ...] = ()
    """The files that it was made of."""
    warnings: tuple[str, ...] = ()
    """What was noticed while it was loaded, a sentence each."""
