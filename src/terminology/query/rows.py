"""What is in force under a code, read from its row: each value when it is asked for.

A concept is a value of thirteen fields, which takes longer to make than most who look a code up ask of it. The server is
asked for thousands of codes a second, and wants of most of them a title and two days.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from ..history import STATUSES
from ..periods import day_of
from ..status import Status
from .compiled import AsOf
from .concepts import row_properties


class RowConcept:
    """A concept in force, with those of the fields of `terminology.model.Concept` that its row has."""

    __slots__ = ("_as_of", "_bounds", "_period", "_row", "code", "status", "title")

    def __init__(self, as_of: AsOf, code: str, row: int, period: int) -> None:
        periods = as_of.system.periods
        self._as_of = as_of
        self._row = row
        self._period = period
        self._bounds: tuple[int, int] | None = None
        self.code = code
        self.title: str = periods.titles[period]
        self.status: Status = STATUSES[periods.states[period]]

    @property
    def short_title(self) -> str | None:
        """The publisher's short title."""
        found: str | None = self._as_of.system.periods.short_titles[self._period]
        return found

    @property
    def kind(self) -> str:
        """Chapter, section, category, code, modifier, group and so on."""
        found: str = self._as_of.system.periods.kinds[self._period]
        return found

    @property
    def derived(self) -> bool:
        """Whether the publisher has no such row."""
        return bool(self._as_of.system.periods.details.derived[self._period])

    @property
    def properties(self) -> Mapping[str, Any]:
        """What else the release says of it."""
        return row_properties(self._as_of.system, self._period)

    @property
    def effective_from(self) -> datetime.date | None:
        """The first day of its status."""
        return day_of(self._stretch[0])

    @property
    def effective_to(self) -> datetime.date | None:
        """The day after the last one."""
        return day_of(self._stretch[1])

    @property
    def _stretch(self) -> tuple[int, int]:
        if self._bounds is None:
            self._bounds = self._as_of.bounds(self._row, self._period)
        return self._bounds


def concept_in_force(as_of: AsOf, code: str) -> RowConcept | None:
    """Return what is in force under this very code, billable or header; None of any other text."""
    row = as_of.system.codes.search(code) if as_of.has_rows else -1
    period = as_of.period_on(row) if row >= 0 else -1
    if period < 0 or not STATUSES[as_of.system.periods.states[period]].valid:
        return None
    return RowConcept(as_of, code, row, period)
