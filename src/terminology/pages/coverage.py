"""Which days the loaded releases of a code system cover, in words and as a picture."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from ..periods import coverage_end, next_quarter
from ..query import CodeSystem

WIDTH: Final = 1_000
STEPS: Final = 4
"""Stretches of years that the axis of a picture is divided into."""
ONE_DAY: Final = datetime.timedelta(days=1)


@frozen
class Span:
    """A stretch of days that is covered; half open."""

    start: datetime.date
    end: datetime.date | None
    """None where the last release holds until there is a newer one."""

    def __str__(self) -> str:
        return f"{self.start} to {self.end - ONE_DAY}" if self.end else f"from {self.start} on"


@frozen
class Box:
    """A part of a picture: from ``start`` on, ``length`` wide, in thousandths of the whole."""

    start: float
    length: float
    said: str


@frozen
class Strip:
    """The picture of one code system: what is covered, and where each release begins."""

    boxes: tuple[Box, ...]
    releases: tuple[float, ...]


@frozen
class Axis:
    """The years of a picture."""

    first: int
    step: int

    @property
    def years(self) -> tuple[int, ...]:
        """The years at its marks, the first and the last among them."""
        return tuple(self.first + number * self.step for number in range(STEPS + 1))

    def place(self, day: datetime.date) -> float:
        """Return where a day is.

        >>> axis = Axis(2000, 5)
        >>> axis.years, axis.place(datetime.date(2010, 1, 1))
        ((2000, 2005, 2010, 2015, 2020), 500.1)
        """
        start = datetime.date(self.first, 1, 1).toordinal()
        end = datetime.date(self.years[-1], 1, 1).toordinal()
        return round(min(max(WIDTH * (day.toordinal() - start) / (end - start), 0), WIDTH), 1)


def end_of(system: CodeSystem) -> datetime.date | None:
    """Return the first day that the newest release does not cover; None where it holds until there is a newer one."""
    newest, definition = system.releases[-1], system.definition
    return next_quarter(newest.effective) if definition.dated else coverage_end(definition.calendar, newest.effective)


def spans_of(system: CodeSystem) -> tuple[Span, ...]:
    """Return the stretches of days that the loaded releases cover.

    What is after the end of a retired system is left out: it has no codes any more.

    >>> [str(span) for span in spans_of(store["icd10cm"])], [str(span) for span in spans_of(store["icd9cm"])]
    (['2020-10-01 to 2022-09-30'], ['2014-10-01 to 2015-09-30'])
    """
    releases = system.releases
    if not releases:
        return ()
    last = end_of(system)
    if system.definition.dated:
        return (Span(releases[0].effective, last),)
    made: list[Span] = []
    for release, after in zip(releases, [*(one.effective for one in releases[1:]), None], strict=True):
        end = coverage_end(system.definition.calendar, release.effective)
        if after is not None:
            end = after if end is None else min(end, after)
        if made and made[-1].end == release.effective:
            made[-1] = Span(made[-1].start, end)
        elif end is None or end > release.effective:
            made.append(Span(release.effective, end))
    return tuple(made)


def axis_of(systems: Sequence[CodeSystem], today: datetime.date) -> Axis:
    """Return the axis on which all releases, and today, have a place."""
    days = [today, *(release.effective for system in systems for release in system.releases)]
    first, last = min(days).year, max(days).year + 1
    return Axis(first, -(-(last - first) // STEPS))


def strip_of(system: CodeSystem, axis: Axis) -> Strip:
    """Return the picture of a code system; what has no end goes on to the end of the axis."""
    edge = datetime.date(axis.years[-1], 1, 1)
    boxes = []
    for span in spans_of(system):
        start, end = axis.place(span.start), axis.place(span.end or edge)
        boxes.append(Box(start, round(max(end - start, 1), 1), str(span)))
    return Strip(tuple(boxes), tuple(dict.fromkeys(axis.place(one.effective) for one in system.releases)))
