"""The stretches of days on which no code of a system changes its status, so that one day answers for all of a stretch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..periods import BEGIN, OPEN, coverage_end, day_from, day_number, next_quarter
from .edition import engine_of

if TYPE_CHECKING:
    from .edition import Edition


def stretch_starts(edition: Edition) -> tuple[int, ...]:
    """Return the first days of the stretches, as day numbers in order; what is before the first is a stretch as well.

    Whatever is known of the code system counts, whichever day the edition is of. Statuses change where a validity
    period begins or ends, where a release takes effect, and where the loaded releases no longer cover the days.

    >>> from terminology.periods import day_of
    >>> [str(day_of(day)) for day in stretch_starts(store["icd10cm"].latest)]
    ['2020-10-01', '2021-10-01', '2022-04-01', '2022-10-01']
    """
    import numpy as np

    system = engine_of(edition).system
    timeline = system.timeline
    calendar = timeline.definition.calendar
    days = set(timeline.days)
    for release in timeline.releases:
        ends = (
            coverage_end(calendar, release.effective),
            next_quarter(release.effective) if timeline.definition.dated else None,
        )
        days.update(day_number(end) for end in ends if end is not None)
    if timeline.definition.retired is not None:
        days.add(day_number(day_from(timeline.definition.retired)))
    for bounds in (system.periods.starts, system.periods.ends):
        days.update(np.unique(np.asarray(bounds)).tolist())
    return tuple(sorted(days - {OPEN, BEGIN}))
