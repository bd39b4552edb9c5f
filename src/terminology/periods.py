"""Days, half-open periods and the publishers' release calendars.

A day is a `datetime.date` outside and the number of days since 1970-01-01 inside. A period is half open:
its first day belongs to it, its end does not.
"""

from __future__ import annotations

import datetime
from functools import lru_cache
from typing import Final, Literal

Calendar = Literal["fiscal", "calendar", "quarter", "open"]
DateLike = str | datetime.date | datetime.datetime

EPOCH: Final = datetime.date(1970, 1, 1).toordinal()
OCTOBER: Final = 10
ISO_LENGTH: Final = len("2024-03-01")
OPEN: Final = 2**31 - 1
"""The end of a period that has none, as a day number."""

BEGIN: Final = -(2**31)
"""The start of a period that has none, as a day number."""


def day_number(day: datetime.date) -> int:
    """Return the days since 1970-01-01.

    >>> day_number(datetime.date(1970, 1, 2))
    1
    """
    return day.toordinal() - EPOCH


def day_after(last: datetime.date) -> datetime.date | None:
    """Return the day after a last day; None after the last day that there is, which stands for no end.

    >>> day_after(datetime.date(2024, 12, 31)), day_after(datetime.date.max)
    (datetime.date(2025, 1, 1), None)
    """
    return None if last == datetime.date.max else last + datetime.timedelta(days=1)


@lru_cache(maxsize=4096)
def day_of(number: int) -> datetime.date | None:
    """Return the day of a day number; None for `OPEN` and `BEGIN`.

    >>> day_of(1)
    datetime.date(1970, 1, 2)
    """
    if number in (OPEN, BEGIN):
        return None
    return datetime.date.fromordinal(number + EPOCH)


def day_from(value: DateLike) -> datetime.date:
    """Return the day that a value names: ISO text, a date, a datetime, or ``today``.

    Raises:
        InvalidDateError: The value is none of these; so are None and the ``NaT`` of pandas.

    >>> day_from("2024-03-01"), day_from("today") == datetime.date.today()
    (datetime.date(2024, 3, 1), True)
    """
    try:
        if isinstance(value, datetime.datetime):
            # not `date()`: the NaT of pandas is a datetime whose date is NaT again, or raises; its year is no number
            return datetime.date(value.year, value.month, value.day)
        if isinstance(value, datetime.date):
            return value
        if value == "today":
            return datetime.date.today()  # noqa: DTZ011 -- the day where the question is asked
        return datetime.date.fromisoformat(value[:ISO_LENGTH] if value[ISO_LENGTH:][:1] in ("T", " ") else value)
    except (ValueError, TypeError, LookupError):
        # LookupError: what cannot be cut, as a number or a day of numpy
        from .errors import InvalidDateError

        raise InvalidDateError(f"expected a date like 2024-03-01, got {value!r}") from None


def year_of(calendar: Calendar, day: datetime.date) -> int:
    """Return the publisher's year that holds the day (fiscal years begin on October 1 of the year before).

    >>> year_of("fiscal", datetime.date(2023, 10, 1))
    2024
    """
    return day.year + 1 if calendar == "fiscal" and day.month >= OCTOBER else day.year


def year_start(calendar: Calendar, year: int) -> datetime.date:
    """Return the first day of the publisher's year.

    >>> year_start("fiscal", 2024)
    datetime.date(2023, 10, 1)
    """
    return datetime.date(year - 1, 10, 1) if calendar == "fiscal" else datetime.date(year, 1, 1)


def coverage_end(calendar: Calendar, effective: datetime.date) -> datetime.date | None:
    """Return the first day for which a release no longer speaks by itself; None for a calendar without ends.

    None too where that day would come after the last that there is, in the year 9999.

    >>> coverage_end("fiscal", datetime.date(2023, 4, 1))
    datetime.date(2023, 10, 1)
    >>> coverage_end("quarter", datetime.date(2025, 1, 1))
    datetime.date(2025, 4, 1)
    """
    if calendar == "open":
        return None
    try:
        if calendar == "quarter":
            return next_quarter(effective)
        return year_start(calendar, year_of(calendar, effective) + 1)
    except ValueError:
        return None


def next_quarter(day: datetime.date) -> datetime.date:
    """Return the first day of the quarter after the one that holds the day.

    >>> next_quarter(datetime.date(2020, 10, 1))
    datetime.date(2021, 1, 1)
    """
    month = (day.month - 1) // 3 * 3 + 4
    return datetime.date(day.year + month // 13, (month - 1) % 12 + 1, 1)


def version_label(calendar: Calendar, effective: datetime.date, correction: int = 0) -> str:
    """Return the version label of the release that takes effect on the day.

    >>> version_label("fiscal", datetime.date(2023, 10, 1)), version_label("fiscal", datetime.date(2023, 4, 1))
    ('2024', '2023-04')
    >>> version_label("quarter", datetime.date(2018, 1, 1))
    '2018-01'
    """
    year = year_of(calendar, effective)
    annual = effective == year_start(calendar, year)
    label = str(year) if annual and calendar != "quarter" else f"{year}-{effective.month:02}"
    return f"{label}.{correction}" if correction else label


def effective_of(calendar: Calendar, version: str) -> datetime.date:
    """Return the effective day that a version label names: the inverse of `version_label`.

    Raises:
        InvalidDateError: The label is no year, no year-month.

    >>> effective_of("fiscal", "2021-01")
    datetime.date(2021, 1, 1)
    """
    label = version.split(".", maxsplit=1)[0]
    year, _, month = label.partition("-")
    try:
        if not month:
            return year_start(calendar, int(year))
        before = calendar == "fiscal" and int(month) >= OCTOBER
        return datetime.date(int(year) - before, int(month), 1)
    except ValueError:
        from .errors import InvalidDateError

        raise InvalidDateError(f"expected a version like 2024 or 2023-04, got {version!r}") from None
