"""Columns of days: the forms that are read, what a column decides, and what is said of days that cannot be read."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pytest

from terminology import ReleaseFormatError
from terminology.codelists import impact_on_table
from terminology.columns import DayForm, checked_format, form_of_days, opened_table

DAY = datetime.date(2024, 11, 24)


@pytest.mark.parametrize(
    "text",
    [
        *("2024-11-24", "2024/11/24", "20241124", "2024-11-24 13:45", "2024-11-24T13:45:00.000Z", " 2024-11-24 "),
        *("24-NOV-2024", "24NOV2024", "24NOV2024:13:45:00", "24 November 2024", "Nov 24, 2024", "November 24th, 2024"),
    ],
)
def test_a_day_that_can_be_one_only_needs_no_column(text: str) -> None:
    """Year first, no marks, or the name of the month: with a time behind it too."""
    assert DAY == DayForm().day(text)


@pytest.mark.parametrize("text", ["11/02/2024", "24-XYZ-2024", "2024-13-01", "11242024", "24/11/24", "soon", "45620"])
def test_a_text_that_may_be_another_day_or_none_is_not_read(text: str) -> None:
    """Nothing is guessed of one text alone."""
    assert DayForm().day(text) is None


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["11/02/2024", "11/24/2024"], "%m/%d/%Y"),
        (["11/02/2024", "24/11/2024"], "%d/%m/%Y"),
        (["1.2.2024", "24.11.2024 13:45"], "%d.%m.%Y"),
        (["11-24-2024 1:45 PM", None, "null"], "%m-%d-%Y"),
        (["11/02/24", "11/24/24"], "%m/%d/%y"),
        (["24/11/02", "99/11/24"], "%y/%m/%d"),
        # 24 may be the day or the year
        (["2024-01-01", "24/11/02"], None),
        # one of them decides against the other
        (["2024-01-01", "24/11/2024", "11/24/2024"], None),
        (["2024-01-01", "11/02/2024"], None),
    ],
)
def test_the_column_decides_whether_the_month_is_first(texts: list[str], form: str | None) -> None:
    """Where one order only makes days of all texts, it is the one."""
    found = form_of_days(opened_table(pa.table({"day": texts})), "day")
    assert form == found.shown


@pytest.mark.parametrize(
    ("texts", "asked", "said"),
    [
        (
            ["", "11/02/2024"],
            None,
            r":2: column day: expected days like 2024-03-01, got '11/02/2024'; month or day may",
        ),
        (
            ["soon"],
            None,
            r":1: column day: expected days like 2024-03-01, got 'soon'; give their form with --date-format",
        ),
        (
            ["2024-11-24"],
            "%m/%d/%Y",
            r"expected days like 11/24/2024 \(%m/%d/%Y\), got '2024-11-24'; check --date-format",
        ),
    ],
)
def test_a_column_without_a_day_that_can_be_read_is_an_error(texts: list[str], asked: str | None, said: str) -> None:
    """It names the column, the first text with its row, and what to do."""
    with pytest.raises(ReleaseFormatError, match=said):
        form_of_days(opened_table(pa.table({"day": texts})), "day", asked)


def test_rows_whose_day_cannot_be_read_are_counted_and_shown(cm) -> None:
    """They are not judged; the warning has the texts with their rows, and the option that settles it."""
    days = ["2021-05-01", *["05/02/2021"] * 3, "soon", "", None]
    table = pa.table({"dx": ["E11.9"] * len(days), "day": days})
    [found] = impact_on_table(table, "dx", cm, "2021", "2022", on="day")
    assert ({"no_action": 1, "not_judged": 6}, {"unchanged": 1, "no_day": 6}) == (found.verdicts, found.outcomes)
    [warning] = found.warnings
    assert warning == (
        "4 rows have no day that can be read in column 'day', and are not judged: '05/02/2021' (3), 'soon' (1); "
        "month or day may be first: say which with --date-format %m/%d/%Y or --date-format %d/%m/%Y"
    )

    [asked] = impact_on_table(table, "dx", cm, "2021", "2022", on="day", day_format="%m/%d/%Y")
    assert ({"unchanged": 3, "no_day": 4}, "%m/%d/%Y") == (asked.outcomes, asked.roles.to_dict()["day_format"])
    assert asked.warnings[0].endswith("'2021-05-01' (1), 'soon' (1); check --date-format %m/%d/%Y")


def test_what_is_no_day_in_any_form_is_said_beside_the_form_of_the_others(cm) -> None:
    """Nobody is asked for a form that was found."""
    days = ["05/20/2021", "00/00/0000"]
    [found] = impact_on_table(pa.table({"dx": ["E11.9"] * 2, "day": days}), "dx", cm, "2021", "2022", on="day")
    assert found.warnings[0].endswith("not judged: '00/00/0000' (1); the other days are like %m/%d/%Y")


def test_days_of_a_decided_form_are_judged(cm) -> None:
    """The report says in which form the days were read."""
    table = pa.table({"dx": ["E11.9"] * 2, "day": ["05/02/2021", "05/13/2021"]})
    [found] = impact_on_table(table, "dx", cm, "2021", "2022", on="day")
    assert ({"unchanged": 2}, ()) == (found.outcomes, found.warnings)
    assert "codes in dx (as named); days in day (as %m/%d/%Y)" == found.roles.sentence


@pytest.mark.parametrize("form", ["%m/%d", "mm/dd/yyyy", "%Q", ""])
def test_a_form_that_reads_no_day_is_an_error(form: str) -> None:
    """It has to have day, month and year."""
    with pytest.raises(ValueError, match="like %m/%d/%Y"):
        checked_format(form)
