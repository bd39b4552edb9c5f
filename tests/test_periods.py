"""Days, release calendars and version labels."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import InvalidDateError
from terminology.periods import (
    BEGIN,
    OPEN,
    coverage_end,
    day_after,
    day_from,
    day_number,
    day_of,
    effective_of,
    next_quarter,
    version_label,
    year_of,
    year_start,
)

day = datetime.date
DAYS = st.dates(day(1900, 1, 1), day(2199, 12, 31))
CALENDARS = ["fiscal", "calendar", "quarter"]


@pytest.mark.parametrize(
    "value",
    [
        "2024-03-01",
        day(2024, 3, 1),
        datetime.datetime(2024, 3, 1, 23, 59),  # noqa: DTZ001 -- clocks play no role
        "2024-03-01T12:00:00Z",
        "2024-03-01 12:00",
        "20240301",
    ],
)
def test_what_names_a_day(value: str | day) -> None:
    """A string in ISO form, a date and a date with time all name the day."""
    assert day_from(value) == day(2024, 3, 1)


@pytest.mark.parametrize(
    "value",
    ["", "2024", "2024-13-01", "2024-02-30", "yesterday", "01/03/2024", "2024-03-01x", "2024-03-011", 20240301, None],
)
def test_what_names_none(value: object) -> None:
    """Anything else is refused, and shown."""
    with pytest.raises(InvalidDateError, match="expected a date like 2024-03-01"):
        day_from(value)  # type: ignore[arg-type]


@given(DAYS)
def test_numbers_and_days(when: day) -> None:
    """A day and its number lead to each other, and numbers are in order of days."""
    assert when == day_of(day_number(when))
    assert day_number(when) + 1 == day_number(when + datetime.timedelta(days=1))


def test_ends_without_a_day() -> None:
    """What never began and what does not end have no day."""
    assert (day_of(OPEN), day_of(BEGIN)) == (None, None)


@given(DAYS)
def test_the_day_after(last: day) -> None:
    """The day after a last day has the next number; after the last day that there is comes none."""
    assert day_after(last) == day_of(day_number(last) + 1)
    assert day_after(day.max - datetime.timedelta(days=1)) == day.max
    assert day_after(day.max) is None


@pytest.mark.parametrize("calendar", CALENDARS)
@given(DAYS)
def test_years(calendar: str, when: day) -> None:
    """Every day lies in the year that it is said to lie in."""
    year = year_of(calendar, when)  # type: ignore[arg-type]
    assert year_start(calendar, year) <= when < year_start(calendar, year + 1)  # type: ignore[arg-type]


@pytest.mark.parametrize("calendar", ["fiscal", "calendar", "quarter"])
@given(DAYS)
def test_labels(calendar: str, when: day) -> None:
    """A version label leads back to the first day of the month that it was made of."""
    first = when.replace(day=1)
    assert first == effective_of(calendar, version_label(calendar, first))  # type: ignore[arg-type]
    assert first == effective_of(calendar, version_label(calendar, first, correction=2))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("calendar", "effective", "label"),
    [
        ("fiscal", day(2023, 10, 1), "2024"),
        ("fiscal", day(2023, 4, 1), "2023-04"),
        ("fiscal", day(2021, 1, 1), "2021-01"),
        ("calendar", day(2024, 1, 1), "2024"),
        ("quarter", day(2018, 1, 1), "2018-01"),
        ("quarter", day(2025, 7, 1), "2025-07"),
    ],
)
def test_published_labels(calendar: str, effective: day, label: str) -> None:
    """The labels are those that the publishers' years give."""
    assert label == version_label(calendar, effective)  # type: ignore[arg-type]


def test_a_label_names_its_month() -> None:
    """A release in the middle of October has a month of the fiscal year that began on October 1."""
    assert version_label("fiscal", day(2021, 10, 15)) == "2022-10"
    assert effective_of("fiscal", "2022-10") == day(2021, 10, 1)


@pytest.mark.parametrize("label", ["", "spring", "2024-13", "-04", "2024-03-01"])
def test_what_is_no_label(label: str) -> None:
    """Anything but a year, or a year and a month, is rejected, and shown."""
    with pytest.raises(InvalidDateError, match=f"expected a version like 2024 or 2023-04, got '{label}'"):
        effective_of("fiscal", label)


def test_label_of_a_correction() -> None:
    """A correction of the same day is numbered behind the label."""
    assert version_label("fiscal", day(2022, 4, 1), correction=1) == "2022-04.1"


@pytest.mark.parametrize(
    ("calendar", "effective", "end"),
    [
        ("fiscal", day(2023, 10, 1), day(2024, 10, 1)),
        ("fiscal", day(2023, 4, 1), day(2023, 10, 1)),
        ("calendar", day(2024, 1, 1), day(2025, 1, 1)),
        ("quarter", day(2020, 10, 1), day(2021, 1, 1)),
        ("quarter", day(2025, 1, 1), day(2025, 4, 1)),
        ("open", day(2019, 1, 1), None),
    ],
)
def test_coverage(calendar: str, effective: day, end: day | None) -> None:
    """A release speaks to the end of its own year, a quarterly one to that of its quarter, WHO's without end."""
    assert end == coverage_end(calendar, effective)  # type: ignore[arg-type]


@given(DAYS)
def test_quarters(when: day) -> None:
    """The next quarter begins on the first day of January, April, July or October, at most 92 days on."""
    found = next_quarter(when)
    assert (found.month % 3, found.day) == (1, 1)
    assert 1 <= (found - when).days <= 92
