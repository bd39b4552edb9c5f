"""What every part of an edition has: the code system, the day, the releases that count."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from ..periods import day_of
from .answers import Answers

if TYPE_CHECKING:
    from ..model import Release
    from ..systems import SystemDefinition
    from .descriptions import Descriptions


class EditionBase:
    """Base of the parts of `Edition`."""

    __slots__ = ("__weakref__", "_answers", "_as_of", "_count", "_described", "_origin", "_places", "_statuses")

    def __init__(self, origin: Any, answers: Answers) -> None:
        self._origin = origin
        """The code system that it was asked of; pickled in place of the data."""
        self._answers = answers
        self._as_of = answers.as_of
        self._statuses = self._as_of.statuses
        self._places = self._as_of.places
        self._count: int | None = None
        self._described: Descriptions | None = None

    @property
    def _descriptions(self) -> Descriptions:
        if self._described is None:
            # its answers are values: a status is none, and need not import them
            from .descriptions import Descriptions

            self._described = Descriptions(self._answers)
        return self._described

    @property
    def system(self) -> str:
        """Short name of the code system."""
        return self._as_of.system.name

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about the code system: title, URI, shape of its codes, whether it is licensed."""
        return self._as_of.system.definition

    @property
    def licences(self) -> frozenset[str]:
        """Short names of the systems whose licence the operator of the store declares."""
        return self._as_of.system.store.licences

    @property
    def date(self) -> datetime.date:
        """The day that the edition answers for."""
        return day_of(self._as_of.asked) or datetime.date.max

    @property
    def release(self) -> Release | None:
        """The release in force, or None where nothing covers the day."""
        return self._as_of.release

    @property
    def known(self) -> tuple[Release, ...]:
        """The releases that count, oldest first; empty where none was published by then."""
        return self._as_of.system.releases[: self._as_of.knowledge + 1]

    @property
    def is_covered(self) -> bool:
        """Whether the loaded releases cover the day."""
        return self._as_of.is_covered

    @property
    def gap(self) -> str | None:
        """Why nothing covers the day, and which release would, as a sentence; None where it is covered.

        >>> store["icd10cm"].on("2031-01-15").gap
        'the newest release, 2022-04, ends 2022-09-30; load FY2031'
        """
        return None if self.is_covered else self._as_of.gap
