"""What an edition says on the days that matter: on the bounds of all stretches, and the day before and after each."""

from __future__ import annotations

import datetime
from typing import Any

from terminology import CodeSystem, Edition
from terminology.periods import day_of
from terminology.query import engine_of, stretch_starts

LATE, EARLY = datetime.date(2090, 1, 1), datetime.date(1900, 1, 1)


def days_of(system: CodeSystem) -> list[datetime.date]:
    """Return every day on which something may change, the days beside it, and days far before and after all."""
    one = datetime.timedelta(days=1)
    starts = [day_of(number) or LATE for number in stretch_starts(system.latest)]
    return sorted({EARLY, LATE, *(day for start in starts for day in (start - one, start, start + one))})


def editions_of(system: CodeSystem, known: Any = None) -> list[Edition]:
    """Return the editions of those days."""
    return [system.on(day, known=known) for day in days_of(system)]


def codes_of(system: CodeSystem) -> list[str]:
    """Return everything that any release of a system has, codes and nodes of the hierarchy."""
    codes = engine_of(system.latest).system.codes
    return [codes.name(row) for row in range(codes.count)]
