"""What the loaded releases speak for, and what they do not."""

from __future__ import annotations

import datetime

import pytest

from terminology import CodeSystem

from .test_oracles import statuses


def test_before_the_oldest_release(cm: CodeSystem) -> None:
    """Before the oldest release nothing is said of any code."""
    days = ("1990-01-01", "2015-09-30", "2015-10-01")
    assert statuses(cm, "E11.9", *days) == ["uncovered", "uncovered", "billable"]
    assert statuses(cm, "A99.99", *days) == ["uncovered", "uncovered", "unknown"]


def test_after_the_newest_release(cm: CodeSystem) -> None:
    """The newest release speaks to the end of its own fiscal year, and no longer."""
    days = ("2025-09-30", "2025-10-01")
    assert statuses(cm, "E11.9", *days) == ["billable", "uncovered"]
    assert statuses(cm, "T81.4XXA", *days) == ["expired", "uncovered"]
    assert statuses(cm, "A99.99", *days) == ["unknown", "uncovered"]


def test_malformed_comes_first(cm: CodeSystem, hcpcs: CodeSystem) -> None:
    """What cannot be a code is malformed on every day."""
    assert statuses(cm, "E11..9", "1990-01-01", "2024-01-01") == ["malformed", "malformed"]
    assert statuses(hcpcs, "1234567", "1950-01-01", "2020-01-01") == ["malformed", "malformed"]


def test_every_day_of_ten_years(cm: CodeSystem) -> None:
    """From 2015-10-01 to 2025-09-30 no day is without an answer: the gap of October 2020 is closed."""
    first, last = datetime.date(2015, 10, 1), datetime.date(2025, 9, 30)
    days = [first + datetime.timedelta(days=n) for n in range(0, (last - first).days + 1, 5)]
    assert {"billable"} == {str(cm.on(day).status("E11.9")) for day in [*days, last]}


def test_terminated_code_stays_expired(hcpcs: CodeSystem) -> None:
    """A termination stands for ever, also where no release covers the day."""
    days = ("2019-01-01", "2019-12-31", "2023-05-05", "2040-01-01")
    assert statuses(hcpcs, "J9310", *days) == ["expired"] * 4


def test_row_answers_before_the_oldest_release(hcpcs: CodeSystem) -> None:
    """A row speaks from its own first day, long before the release that it stands in; before that day nothing does."""
    assert statuses(hcpcs, "A0021", "1984-12-31", "1985-01-01") == ["uncovered", "billable"]


def test_row_answers_after_the_newest_release(hcpcs: CodeSystem) -> None:
    """A row without termination in the newest release answers for later days; a code without a row does not."""
    assert statuses(hcpcs, "J1815", "2025-01-01", "2025-04-01") == ["billable", "billable"]
    assert statuses(hcpcs, "Z9999", "2025-01-01", "2025-03-31", "2025-04-01") == ["unknown", "unknown", "uncovered"]


@pytest.mark.parametrize("code", ["G9976", "G9977"])
def test_vanished_row(hcpcs: CodeSystem, code: str) -> None:
    """Between the last file that lists a code without an end, and the first that does not, nobody knows."""
    days = ("2017-12-31", "2018-01-01", "2018-01-02", "2018-12-31", "2019-01-01")
    assert statuses(hcpcs, code, *days) == ["uncovered", "billable", "uncovered", "uncovered", "expired"]


def test_vanished_row_as_it_was_known(hcpcs: CodeSystem) -> None:
    """Who knew only the file of 2018 took G9976 for billable."""
    assert str(hcpcs.on("2018-06-01", known="2018-01").status("G9976")) == "billable"


def test_returned_row(hcpcs: CodeSystem) -> None:
    """Modifier DA, which the file of 2019 leaves out and that of 2020 lists again, was in force all the time."""
    days = ("2018-06-01", "2019-06-01", "2020-06-01")
    assert statuses(hcpcs, "DA", *days) == ["billable"] * 3
    # who knew the file of 2019 and not that of 2020 could not tell
    known = [str(hcpcs.on(day, known="2019-01").status("DA")) for day in ("2018-01-01", "2018-06-01", "2019-01-01")]
    assert known == ["billable", "uncovered", "expired"]


def test_retroactive_termination(hcpcs: CodeSystem) -> None:
    """G0477, in force in 2016, expired with 2016, as a later file tells."""
    assert statuses(hcpcs, "G0477", "2016-12-31", "2017-01-01") == ["billable", "expired"]


def test_unknown_inside_coverage(cm: CodeSystem, hcpcs: CodeSystem) -> None:
    """A well-formed stranger is unknown on a covered day."""
    assert statuses(cm, "A99.99", "2018-01-01") == ["unknown"]
    assert statuses(hcpcs, "Z9999", "2019-06-01", "2022-06-01") == ["unknown", "unknown"]
