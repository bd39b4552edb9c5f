"""Which release a day and a name belong to, which days the releases cover, and what is said where none does."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from terminology.errors import InvalidDateError, UnknownReleaseError
from terminology.model import Release
from terminology.periods import OPEN, Calendar, day_number, version_label
from terminology.query.timeline import Timeline
from terminology.systems import SystemDefinition

Day = datetime.date
PLANTS = SystemDefinition("plants", "Invented plants", "https://example.org/plants", calendar="fiscal")


def timeline(*effective: str, corrections: tuple[int, ...] = (), **facts: Any) -> Timeline:
    """Return a timeline of releases of these days; a fiscal snapshot system unless it is said otherwise."""
    definition = PLANTS._replace(**facts)
    releases = []
    for number, day in enumerate(map(Day.fromisoformat, effective)):
        correction = corrections[number] if corrections else 0
        label = version_label(definition.calendar, day, correction)
        releases.append(Release("plants", label, day, 1, 1, derived=False, sources=(), correction=correction))
    return Timeline(definition, releases)


def number(day: str) -> int:
    """Return the number of a day."""
    return day_number(Day.fromisoformat(day))


def covered(times: Timeline, *days: str, knowledge: int | None = None) -> list[bool]:
    """Return of each day whether it is covered."""
    return [times.is_covered(number(day), knowledge) for day in days]


# ---- names


def test_a_release_has_many_names() -> None:
    """The label, the label as a number, the day as text, date or time, and ``latest``."""
    times = timeline("2020-10-01", "2021-04-01", "2021-10-01")
    for given in ("2021", 2021, "2020-10-01", Day(2020, 10, 1), datetime.datetime(2020, 10, 1, 7)):  # noqa: DTZ001
        assert times.position(given) == 0
    assert [1, 2] == [times.position("2021-04"), times.position("latest")]


def test_a_fiscal_year_names_its_annual_release() -> None:
    """In any case, with two digits or four, as a release, as what is known, and as what is no day; of fiscal systems only."""
    times = timeline("2020-10-01", "2021-04-01", "2021-10-01")
    assert [0, 2, 2, 2] == [times.position(name) for name in ("FY2021", "fy2022", "FY22", "Fy 2022")]
    assert 0 == times.knowledge("FY2021")
    with pytest.raises(InvalidDateError, match="that is a release of plants, effective 2021-10-01"):
        times.day("FY2022")
    with pytest.raises(UnknownReleaseError, match="no release 'FY2021' of plants"):
        timeline("2020-10-01", calendar="calendar").position("FY2021")


@pytest.mark.parametrize(
    ("calendar", "effective", "given", "advice"),
    [
        ("quarter", "2025-01-01", "2025", "; did you mean 2025-01?"),
        ("quarter", "2025-01-01", "2024", ""),
        ("fiscal", "2021-01-01", "FY2021", "; did you mean 2021-01?"),
        ("fiscal", "2021-01-01", "2021", "; did you mean 2021-01?"),
    ],
)
def test_a_year_without_an_annual_release(calendar: Calendar, effective: str, given: str, advice: str) -> None:
    """The message names the releases of that year that are loaded."""
    times = timeline(effective, calendar=calendar)
    with pytest.raises(UnknownReleaseError) as caught:
        times.position(given)
    assert f"no release {given!r} of plants (loaded: {effective[:7]}){advice}" == str(caught.value)


def test_a_release_after_a_system_was_retired() -> None:
    """The message says when it was retired, and how its codes are translated, where another system took its place."""
    for name, command in (("icd9cm", ": terminology translate CODE --source icd9cm --target icd10cm"), ("plants", "")):
        times = timeline("2014-10-01", name=name, retired="2015-10-01")
        with pytest.raises(UnknownReleaseError) as caught:
            times.position("2021")
        assert str(caught.value).endswith(
            f"; Invented plants was retired on 2015-10-01, and its codes are translated{command}"
        )


def test_a_name_that_several_bear_is_the_newest() -> None:
    """Label and day mean the last correction; each correction has a label of its own."""
    times = timeline("2020-10-01", "2020-10-01", "2020-10-01", "2021-10-01", corrections=(0, 1, 2, 0))
    assert [2, 2, 1, 2] == [times.position(name) for name in ("2021", "2020-10-01", "2021.1", "2021.2")]


@pytest.mark.parametrize("given", ["", "2020", "2021-10", "Latest", 2020, Day(2020, 10, 2)])
def test_a_name_that_no_release_bears(given: Any) -> None:
    """The message names what was asked for, and what is loaded."""
    name = str(given)
    with pytest.raises(UnknownReleaseError) as caught:
        timeline("2020-10-01", "2021-04-01").position(given)
    assert f"no release {name!r} of plants (loaded: 2021, 2021-04)" == str(caught.value)


def test_what_is_known_is_named_by_a_release_or_a_day() -> None:
    """A day means all releases that had taken effect on it; before the first none counts."""
    times = timeline("2020-10-01", "2021-10-01", "2022-10-01")
    for given in ("2022", 2022, "2021-10-01", "2022-09-30", Day(2022, 9, 30)):
        assert times.knowledge(given) == 1
    assert [-1, 0, 2] == [times.knowledge(given) for given in ("2020-09-30", "2020-10-01", "latest")]


def test_what_is_known_is_neither_a_release_nor_a_day() -> None:
    """Of a text the message says so; what is no text, number or date is no date."""
    times = timeline("2020-10-01")
    with pytest.raises(UnknownReleaseError) as caught:
        times.knowledge("nineteen")
    assert "'nineteen' is neither a release of plants nor a date" == str(caught.value)
    with pytest.raises(UnknownReleaseError, match=r"^no release '2030' of plants \(loaded: 2021\)$"):
        times.knowledge(2030)
    none: Any = None
    with pytest.raises(InvalidDateError):
        times.knowledge(none)


# ---- days


def test_the_release_of_a_day() -> None:
    """From its first day to the one before the next; of one day the newest correction; none before the first."""
    times = timeline("2020-10-01", "2021-10-01", "2021-10-01", corrections=(0, 0, 1))
    days = [number(day) for day in ("2020-09-30", "2020-10-01", "2021-09-30", "2021-10-01", "2030-01-01")]
    assert [-1, 0, 0, 2, 2] == [times.release_on(day) for day in days]
    assert [-1, 0, 0, 0, 0] == [times.release_on(day, 0) for day in days]
    assert [-1] * 5 == [times.release_on(day, -1) for day in days]


def test_a_release_covers_its_own_year() -> None:
    """Days before the first release, in a year that is missing, and after the last year are not covered."""
    times = timeline("2020-10-01", "2022-10-01")
    days = ("2020-09-30", "2020-10-01", "2021-09-30", "2021-10-01", "2022-09-30", "2022-10-01", "2023-10-01")
    assert [False, True, True, False, False, True, False] == covered(times, *days)
    assert [False, True, True, False, False, False, False] == covered(times, *days, knowledge=0)
    assert [False] * 7 == covered(times, *days, knowledge=-1)


def test_an_open_calendar_covers_all_days_from_the_first() -> None:
    """A release without a year of its own speaks until the next one comes."""
    times = timeline("2019-01-01", calendar="open")
    assert [False, True, True] == covered(times, "2018-12-31", "2019-01-01", "2999-01-01")


def test_a_dated_system_covers_the_days_to_the_quarter_after_its_newest_release() -> None:
    """A quarter in between that is missing is covered: rows carry their own days."""
    times = timeline("2019-01-01", "2020-01-01", calendar="quarter", dated=True)
    days = ("2018-12-31", "2019-01-01", "2019-08-01", "2020-03-31", "2020-04-01")
    assert [False, True, True, True, False] == covered(times, *days)
    assert [False, True, False, False, False] == covered(times, *days, knowledge=0)
    assert [False] * 5 == covered(times, *days, knowledge=-1)


def test_a_retired_system_is_covered_for_ever() -> None:
    """From the day on which it was retired, where any release is known; the days before need their own release."""
    times = timeline("2012-10-01", retired="2015-10-01")
    days = ("2013-09-30", "2013-10-01", "2015-09-30", "2015-10-01", "2030-01-01")
    assert [True, False, False, True, True] == covered(times, *days)
    assert [False] * 5 == covered(times, *days, knowledge=-1)
    assert [False, True] == [times.is_retired(number(day)) for day in ("2015-09-30", "2015-10-01")]
    assert not timeline("2012-10-01").is_retired(number("2030-01-01"))


def test_what_is_not_known_begins_with_the_next_release() -> None:
    """A correction of the same day is none; after the newest release and in dated systems there is no such day."""
    times = timeline("2020-10-01", "2020-10-01", "2021-10-01", "2022-10-01", corrections=(0, 1, 0, 0))
    expected = [number("2021-10-01"), number("2021-10-01"), number("2022-10-01"), OPEN]
    assert expected == [times.horizon(knowledge) for knowledge in range(4)]
    assert timeline("2020-10-01", "2021-10-01", "2022-10-01").horizon(0) == number("2021-10-01")
    assert timeline("2019-01-01", "2019-04-01", calendar="quarter", dated=True).horizon(0) == OPEN


def test_a_hole_is_a_stretch_without_a_release() -> None:
    """It begins on a day that nothing covers, and no release takes effect before its end."""
    times = timeline("2020-10-01", "2022-10-01")
    stretches = [
        ("2021-10-01", "2022-10-01", True),
        ("2021-10-01", "2022-10-02", False),
        ("2021-09-30", "2022-10-01", False),
        ("2021-12-01", "2021-12-02", True),
    ]
    for start, end, expected in stretches:
        assert times.is_hole(number(start), number(end)) is expected, (start, end)


# ---- why a day is not covered


@pytest.mark.parametrize(
    ("calendar", "wanted"),
    [
        ("fiscal", "FY2019"),
        ("calendar", "the release of 2018"),
        ("quarter", "the release of 2018-10"),
        ("open", "the release of 2018"),
    ],
)
def test_a_day_before_the_first_release(calendar: Calendar, wanted: str) -> None:
    """The oldest release and its day are named, and the release to load, as its publisher calls it."""
    times = timeline("2020-01-01", "2021-01-01", calendar=calendar)
    label = times.releases[0].version
    expected = f"the oldest release, {label}, begins 2020-01-01; load {wanted}"
    assert expected == times.gap(number("2018-11-05"), 1)


def test_a_day_that_is_not_covered() -> None:
    """The last release before it is named, with its last day; it is called the newest only where it is."""
    times = timeline("2020-10-01", "2022-10-01")
    assert "release 2021 ends 2021-09-30; load FY2022" == times.gap(number("2021-10-01"), 1)
    assert "the newest release, 2023, ends 2023-09-30; load FY2024" == times.gap(number("2023-10-01"), 1)
    assert "release 2021 ends 2021-09-30; load FY2024" == times.gap(number("2023-10-01"), 0)
    assert "the oldest release, 2021, begins 2020-10-01; load FY2020" == times.gap(number("2020-09-30"), 1)


def test_a_day_before_a_system_was_in_use() -> None:
    """No release is advised for it, but the system that was in use before; from the first day on, and without one, a release is."""
    times = timeline("2012-10-01", "2020-10-01", begun="2015-10-01", predecessor="moulds")
    for day in ("1990-01-01", "2014-03-01", "2015-09-30"):
        assert "Invented plants is used from 2015-10-01 on; for that day ask moulds" == times.gap(number(day), 1)
    assert "release 2013 ends 2013-09-30; load FY2016" == times.gap(number("2015-10-01"), 1)
    first = timeline("2020-10-01", begun="2015-10-01")
    assert "Invented plants is used from 2015-10-01 on" == first.gap(number("2015-09-30"), 0)


def test_a_day_that_a_dated_system_does_not_cover() -> None:
    """The newest release ends with its quarter, whatever the calendar of its labels."""
    for calendar in ("quarter", "calendar"):
        times = timeline("2020-01-01", calendar=calendar, dated=True)
        label, wanted = times.releases[0].version, "2020-04" if calendar == "quarter" else "2020"
        expected = f"the newest release, {label}, ends 2020-03-31; load the release of {wanted}"
        assert expected == times.gap(number("2020-04-01"), 0)


def test_a_day_before_anything_was_published() -> None:
    """Where no release counts, that is said, with the day that was asked for."""
    times = timeline("2020-10-01")
    expected = "no release of Invented plants that counts was published by 2021-01-01"
    assert expected == times.gap(number("2021-01-01"), -1)
