"""How a code stands in an edition, to the day: which of its periods is meant, and what lies before and behind it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pytest

import terminology
from terminology.mapping.lives import Standing
from terminology.model import Status, Step
from terminology.periods import day_number
from terminology.query.answers import Answers
from terminology.query.compiled import CompiledSystem
from terminology.query.edition import engine_of
from terminology.query.lives import EditionLives

from ..property.worlds import LOADERS, PLANTS, TOOLS, Published, World, written

Day = datetime.date
OPEN_SINCE = {"effective_from": "2018-01-01"}


def row(code: str, *, billable: bool = True, title: str = "Oak", **more: Any) -> dict[str, Any]:
    """Return what a release says of a code."""
    known = {"kind": "code", "parent": None, "derived": False}
    return {"code": code, "title": title, "billable": billable, **known, **more}


def number(day: str) -> int:
    """Return the number of a day."""
    return day_number(Day.fromisoformat(day))


PA, PB, PT, PH = "PA", "PB", "PT", "PH"
BRANCH = (
    row("PC", billable=False),
    row("PC2", billable=False, parent="PC"),
    row("PC21", parent="PC2"),
    row("PC1", parent="PC"),
)
PLANT_ROWS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "2015-10-01": (row(PA), row(PB, billable=False), row(PT), row("PR")),
    "2016-10-01": (row(PB, billable=False), row(PT, billable=False), row(PH, billable=False), *BRANCH),
    "2017-10-01": (row(PA), row(PB), row(PT, billable=False, title="Elm"), row(PH, billable=False)),
    # a year is missing
    "2019-10-01": (row(PB), row(PT, billable=False, title="Elm")),
    "2020-10-01": (row(PA), row(PB), row(PT, billable=False, title="Ash"), row("PR", title="Elm")),
}
TOOL_ROWS: Mapping[str, tuple[dict[str, Any], ...]] = {
    "2019-01-01": (row("TX", **OPEN_SINCE), row("T1", **OPEN_SINCE), row("T2", **OPEN_SINCE), row("T3", **OPEN_SINCE)),
    "2019-04-01": (
        *(row("TX", **OPEN_SINCE), row("T1", reactivated="2019-03-01", **OPEN_SINCE)),
        *(row("T2", effective_to="2019-02-01", **OPEN_SINCE), row("T3", effective_to="2019-01-01", **OPEN_SINCE)),
    ),
    "2019-07-01": (row("TX", **OPEN_SINCE), row("T1", **OPEN_SINCE), row("T2", effective_from="2019-06-01")),
    "2019-10-01": (row("TX", **OPEN_SINCE), row("T2", effective_from="2019-06-01")),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> terminology.Terminology:
    """Plants, and tools whose rows carry their own days."""
    lasting = (row("PX"), row("group a", billable=False, kind="prefix"))
    plants = tuple(Published(Day.fromisoformat(day), (*lasting, *rows)) for day, rows in PLANT_ROWS.items())
    tools = tuple(Published(Day.fromisoformat(day), rows) for day, rows in TOOL_ROWS.items())
    folder = tmp_path_factory.mktemp("lives")
    files = written(folder / "files", World(PLANTS, plants), World(TOOLS, tools))
    assert terminology.load(files, store=folder / "store", loaders=LOADERS).errors == ()
    return terminology.open(folder / "store")


@pytest.fixture(scope="module")
def plants(store: terminology.Terminology) -> CompiledSystem:
    """The plants."""
    return engine_of(store["plants"].latest).system


@pytest.fixture(scope="module")
def tools(store: terminology.Terminology) -> CompiledSystem:
    """The tools."""
    return engine_of(store["tools"].latest).system


def on(system: CompiledSystem, day: str) -> EditionLives:
    """Return the lives as an edition of a day sees them."""
    return EditionLives(Answers(system.as_of(number(day))))


def standing(lives: EditionLives, code: str, since: str | None = None) -> Standing | None:
    """Return how a code stands that was used on a day."""
    return lives.standing(code, None if since is None else number(since))


# ---- how a code stands


def test_a_code_that_was_always_there(plants: CompiledSystem, tools: CompiledSystem) -> None:
    """It is billable, in official form, and its life began with the first release, or where its row says."""
    expected = Standing("PX", Status.BILLABLE, life=number("2015-10-01"))
    assert (
        expected == standing(on(plants, "2016-01-01"), "px ") == standing(on(plants, "2021-01-01"), "PX", "2016-01-01")
    )
    assert Standing("TX", Status.BILLABLE, life=number("2018-01-01")) == standing(on(tools, "2019-07-15"), "TX")


def test_the_life_of_the_day_is_meant_where_nobody_says_when_the_code_was_used(plants: CompiledSystem) -> None:
    """Else the last that had begun, else the first of those to come."""
    lives = {
        "2018-09-30": Standing(PA, Status.BILLABLE, life=number("2017-10-01")),
        "2016-10-01": Standing(PA, Status.EXPIRED, ended=number("2016-10-01"), life=number("2015-10-01")),
        "2020-09-30": Standing(PA, Status.EXPIRED, ended=number("2018-10-01"), life=number("2017-10-01")),
        "2020-10-01": Standing(PA, Status.BILLABLE, life=number("2020-10-01")),
    }
    assert lives == {day: standing(on(plants, day), PA) for day in lives}
    begins = number("2016-10-01")
    expected = Standing(PH, Status.FUTURE, begins=begins, life=begins)
    assert expected == standing(on(plants, "2015-10-01"), PH)
    expected = Standing(PH, Status.EXPIRED, ended=number("2018-10-01"), life=begins)
    assert expected == standing(on(plants, "2019-10-01"), PH)
    assert Standing("PR", Status.BILLABLE, life=number("2020-10-01")) == standing(on(plants, "2021-01-01"), "PR")


def test_a_code_that_was_used_in_an_earlier_life(plants: CompiledSystem) -> None:
    """The next life, where it has begun by the edition's day, is where the way meets the code again."""
    ended, life = number("2016-10-01"), number("2015-10-01")
    again = {"2017-09-30": None, "2017-10-01": number("2017-10-01"), "2021-01-01": number("2017-10-01")}
    for day, expected in again.items():
        found = standing(on(plants, day), PA, "2016-01-01")
        assert found is not None
        assert (ended, None, life, expected) == (found.ended, found.begins, found.life, found.again), day
    found = standing(on(plants, "2021-01-01"), PA, "2018-01-01")
    assert found is not None
    assert (number("2018-10-01"), number("2020-10-01")) == (found.ended, found.again)


def test_a_code_that_is_used_in_a_later_life(plants: CompiledSystem) -> None:
    """The way back meets the code on the last day of the life before, where that is after the edition's day."""
    begins = number("2020-10-01")
    again = {"2016-01-01": number("2018-09-30"), "2018-09-30": number("2018-09-30"), "2019-10-01": None}
    for day, expected in again.items():
        found = standing(on(plants, day), PA, "2021-01-01")
        assert found is not None
        assert (None, begins, begins, expected) == (found.ended, found.begins, found.life, found.again), day


def test_a_code_that_was_used_before_it_began(plants: CompiledSystem) -> None:
    """Its first life is meant."""
    found = standing(on(plants, "2017-01-01"), PA, "2010-01-01")
    assert found == Standing(PA, Status.EXPIRED, ended=number("2016-10-01"), life=number("2015-10-01"))


def test_a_header_that_is_never_billable_lives_as_a_header(plants: CompiledSystem) -> None:
    """It stands in its own years as any code does; one that becomes billable lives as that."""
    header = Standing(PH, Status.HEADER, life=number("2016-10-01"))
    assert [header] * 2 == [standing(on(plants, day), PH) for day in ("2016-10-01", "2018-09-30")]
    begins = number("2017-10-01")
    assert Standing(PB, Status.HEADER, begins=begins, life=begins) == standing(on(plants, "2016-01-01"), PB)
    assert Standing(PB, Status.BILLABLE, life=begins) == standing(on(plants, "2021-01-01"), PB)


def test_what_stands_nowhere(plants: CompiledSystem) -> None:
    """A code that is in no release, and a node that is no code."""
    for code in ("PQ", "group a"):
        assert standing(on(plants, "2016-01-01"), code) is None
        assert standing(on(plants, "2016-01-01"), code, "2016-01-01") is None


def test_a_day_that_nothing_covers(plants: CompiledSystem, tools: CompiledSystem) -> None:
    """Whatever rows of a snapshot say of it; a day of doubt too, though other codes are covered on it."""
    assert Standing(PA, Status.UNCOVERED) == standing(on(plants, "2019-01-01"), PA)
    assert Standing("T1", Status.UNCOVERED) == standing(on(tools, "2019-02-01"), "T1")


def test_a_dated_row_answers_after_the_newest_release(tools: CompiledSystem) -> None:
    """What a row says of its own code holds on days that no release covers, as a status does."""
    found = standing(on(tools, "2030-01-01"), "T3")
    assert Standing("T3", Status.EXPIRED, ended=number("2019-01-01"), life=number("2018-01-01")) == found


def test_a_code_that_later_releases_say_had_ended(tools: CompiledSystem) -> None:
    """It is billable in the edition of the release that did not know, and no life of it is meant there."""
    lives = EditionLives(Answers(tools.as_of_release("2019-01")))
    assert [Standing("T3", Status.BILLABLE)] * 2 == [standing(lives, "T3", since) for since in (None, "2018-06-01")]


# ---- lives


def test_days_of_doubt_do_not_part_a_life(tools: CompiledSystem) -> None:
    """Days on which a code is known to have been out of use do."""
    for code, day in (("T1", "2018-01-01"), ("T2", "2019-06-01")):
        assert Day.fromisoformat(day) == on(tools, "2019-07-15").first_day(code)
    assert on(tools, "2019-07-15").is_billable("T1", number("2019-02-01"))
    assert not on(tools, "2019-07-15").is_billable("T2", number("2019-03-01"))


def test_the_first_day_of_the_life_that_is_meant(plants: CompiledSystem) -> None:
    """Of the edition's day, else the last before, else the first; None of what has no life."""
    first = {"2016-01-01": "2015-10-01", "2017-01-01": "2015-10-01", "2017-10-01": "2017-10-01"}
    for day, expected in first.items():
        assert Day.fromisoformat(expected) == on(plants, day).first_day(PA)
    assert Day(2016, 10, 1) == on(plants, "2016-01-01").first_day(PH)
    assert [None, None] == [on(plants, "2016-01-01").first_day(code) for code in ("PQ", "group a")]


def test_a_code_is_billable_from_its_first_day_to_the_day_before_its_end(plants: CompiledSystem) -> None:
    """A header is not, and what is in no release is not."""
    days = ("2017-09-30", "2017-10-01", "2018-09-30", "2018-10-01")
    lives = on(plants, "2021-01-01")
    assert [False, True, True, False] == [lives.is_billable(PA, number(day)) for day in days]
    assert [False, False] == [lives.is_billable(code, number("2017-10-01")) for code in (PH, "PQ")]


def test_billable_codes_below_a_header(plants: CompiledSystem) -> None:
    """In document order, at any depth, without the headers between."""
    assert ["PC21", "PC1"] == list(on(plants, "2017-01-01").billable_below("PC", day_number(datetime.date(2017, 1, 1))))


# ---- days and releases


@pytest.mark.parametrize(
    ("day", "release", "spoken_for"),
    [
        ("2015-09-30", None, "2015-10-01"),
        ("2015-10-01", "2016", "2015-10-01"),
        ("2018-09-30", "2018", "2018-09-30"),
        ("2018-10-01", "2020", "2019-10-01"),
        ("2019-09-30", "2020", "2019-10-01"),
        ("2019-10-01", "2020", "2019-10-01"),
        ("2021-09-30", "2021", "2021-09-30"),
        ("2021-10-01", None, "2021-10-01"),
    ],
)
def test_the_release_that_speaks_for_a_day(
    plants: CompiledSystem, day: str, release: str | None, spoken_for: str
) -> None:
    """In a missing year the next one; before the first and after the last year there is none."""
    lives = on(plants, "2021-01-01")
    assert release == lives.release_on(number(day))
    assert number(spoken_for) == lives.spoken_for(number(day))


# ---- titles


def renamed(plants: CompiledSystem, day: str, version: str, before: str, after: str) -> Step:
    """Return the step of a code that got another title, on the sixth line of a release's file."""
    (release,) = (one for one in plants.releases if one.version == version)
    (file,) = release.sources
    cited = terminology.Source("plants", version, file.file, file.sha256, 6)
    titles = {"before": before, "after": after}
    return Step("renamed", "plants", (PT,), (PT,), Day.fromisoformat(day), version, None, cited, titles)


def test_titles_that_changed(plants: CompiledSystem) -> None:
    """Each change between the two days, with release, day and line, whichever is earlier; other changes do not count."""
    elm = renamed(plants, "2017-10-01", "2018", "Oak", "Elm")
    ash = renamed(plants, "2020-10-01", "2021", "Elm", "Ash")
    asked = {
        ("2015-10-01", "2021-01-01"): (elm, ash),
        ("2021-01-01", "2015-10-01"): (elm, ash),
        ("2017-09-30", "2017-10-01"): (elm,),
        ("2017-10-01", "2020-09-30"): (),
        ("2015-10-01", "2017-09-30"): (),
        ("2020-09-30", "2020-10-01"): (ash,),
    }
    assert asked == {(since, day): on(plants, day).revisions(PT, number(since)) for since, day in asked}


def test_a_billable_code_that_came_back_under_another_title(plants: CompiledSystem) -> None:
    """Both titles are told, though it was gone between them."""
    (step,) = on(plants, "2021-01-01").revisions("PR", number("2016-01-01"))
    assert (Day(2020, 10, 1), {"before": "Oak", "after": "Elm"}) == (step.effective, step.detail)
