"""The life of a code as a picture, and the same as a table."""

from __future__ import annotations

import datetime

import pytest

from terminology import Terminology
from terminology.pages.asked import Asked
from terminology.pages.timeline import Scale, Timeline, timeline_of

from .reading import Reader

DAY = "2022-03-01"


@pytest.fixture(scope="module")
def picture(store: Terminology) -> Timeline:
    """Of a code that became a header."""
    system = store["icd10cm"]
    made = timeline_of(Asked(store), system.on(DAY), system.history("M54.5"))
    assert made is not None
    return made


def test_a_lane_for_the_code_and_each_that_came_from_it(picture: Timeline) -> None:
    """In the order of the publisher; what each was is said in words."""
    assert [lane.label for lane in picture.lanes] == [
        "M54.5: billable, then header",
        *(f"{code}: billable" for code in ("M54.50", "M54.51", "M54.59")),
    ]


def test_a_predecessor_is_above(store: Terminology) -> None:
    """The arrow leads down to the code."""
    system = store["icd10cm"]
    made = timeline_of(Asked(store), system.on(DAY), system.history("M54.50"))
    assert made is not None
    assert [lane.code for lane in made.lanes] == ["M54.5", "M54.50"]
    [arrow] = made.arrows
    assert (arrow.before, arrow.after, arrow.day) == ("M54.5", "M54.50", datetime.date(2021, 10, 1))
    assert arrow.start < arrow.end


def test_each_arrow_is_a_sentence_with_its_day(picture: Timeline) -> None:
    """So is the picture as a whole, for those who do not see it."""
    assert "2021-10-01: M54.5 became a header; below it is M54.50" in picture.description


def test_bars_are_where_their_days_are(picture: Timeline) -> None:
    """One begins where the one before ends, and what is open ends at the border."""
    billable, header = picture.lanes[0].bars
    assert header.start == pytest.approx(billable.start + billable.length, abs=0.02)
    assert header.start + header.length == pytest.approx(100)
    assert picture.day is not None
    assert header.start < picture.day < 100


def test_days_outside_of_the_picture_are_at_its_border() -> None:
    """So that a day of service in another century draws nothing outside."""
    scale = Scale(datetime.date(2020, 1, 1), datetime.date(2021, 1, 1))
    assert (scale.place(datetime.date(1900, 1, 1)), scale.place(datetime.date(2100, 1, 1))) == (0, 100)
    assert [tick.year for tick in scale.ticks()] == [2020]


def test_the_table_has_every_period_of_every_lane(reader: Reader, picture: Timeline) -> None:
    """With status, days and title."""
    page = reader.page("/code/icd10cm/M54.5", date=DAY)
    rows = page.said(".//section[@aria-labelledby='timeline']//tbody/tr")
    assert len(rows) == sum(len(lane.periods) for lane in picture.lanes)
    assert "M54.5 header 2021-10-01 with no end so far Low back pain" in rows


def test_a_code_of_no_release_has_no_picture(store: Terminology) -> None:
    """There is nothing to draw."""
    system = store["icd10cm"]
    assert timeline_of(Asked(store), system.on(DAY), system.history("Z99.99")) is None


def test_the_last_day_of_a_period_is_named_and_not_the_day_after(reader: Reader) -> None:
    """A coder reads "to 2021-10-01" as billable on that day."""
    rows = reader.page("/code/icd10cm/M54.5", date=DAY).said(".//section[@aria-labelledby='timeline']//tbody/tr")
    assert rows[0].endswith("through 2021-09-30 Low back pain")
