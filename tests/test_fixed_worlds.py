"""Two small worlds that have every turn of fate, asked on every day around every change, against brute force.

The property tests draw worlds at random; these two are always the same, and quick: what they see is seen in every run.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import CodeSystem

from .property import naive
from .property.test_worlds import statuses_agree, trees_agree
from .property.worlds import LOADERS, PLANTS, TOOLS, Published, World, written

Day = datetime.date
ONE_DAY = datetime.timedelta(days=1)


def row(code: str, *, billable: bool = True, parent: str | None = None, title: str = "Oak", **more: Any) -> Any:
    """Return what a release says of a code."""
    kind = "group" if code.startswith("group") else "code"
    known = {"title": title, "short_title": None, "billable": billable, "parent": parent, "derived": False}
    return {"code": code, "kind": kind, **known, "colour": None, **more}


SNAPSHOTS = World(
    PLANTS,
    (
        Published(
            Day(2015, 10, 1),
            (row("group a", billable=False), row("P1", parent="group a"), row("P2"), row("P3"), row("P7")),
        ),
        # P1 has children and another title, P2 is gone, P3 moves, P4 comes
        Published(
            Day(2016, 10, 1),
            (
                *(row("group a", billable=False), row("P1", billable=False, parent="group a", title="Elm")),
                *(row("P11", parent="P1"), row("P12", parent="P1"), row("P3", parent="group a"), row("P4")),
                # P7 has two rows of one state; P8 has two of one title, with another colour
                *(row("P7", title="Elm"), row("P8")),
            ),
        ),
        Published(
            Day(2017, 4, 1),
            (row("P1"), row("P3"), row("P4", title="Elm"), row("P5"), row("P7", title="Elm"), row("P8", colour="red")),
        ),
        # a correction of the same day
        Published(
            Day(2017, 4, 1),
            (row("P1"), row("P3"), row("P4", title="Oak"), row("P6"), row("P7", title="Elm"), row("P8", colour="red")),
            correction=1,
        ),
        # a year is missing before this one; P2 comes back
        Published(Day(2018, 10, 1), (row("P1"), row("P2"), row("P4", title="Elm"), row("P6", billable=False))),
        Published(Day(2019, 10, 1), (row("P1"), row("P2"), row("P4", title="Elm"), row("P6"))),
    ),
)


def tool(code: str, begin: str | None, end: str | None = None, **more: Any) -> Any:
    """Return what a release of a dated system says of a code."""
    given = {"effective_from": begin, "effective_to": end, **more}
    days = {name: Day.fromisoformat(value) if name != "title" and value else value for name, value in given.items()}
    return row(code, **{"changed": None, "reactivated": None, **days})


DATED = World(
    TOOLS,
    (
        Published(
            Day(2017, 1, 1),
            (tool("T1", "2016-03-01"), tool("T2", "2016-03-01", "2017-02-15"), tool("T3", "2016-03-01")),
        ),
        # T1 has another title, T2 was ended earlier than was thought, T3 is no longer listed
        Published(Day(2017, 4, 1), (tool("T1", "2016-03-01", title="Elm"), tool("T2", "2016-03-01", "2017-01-10"))),
        # T2 came back, T3 too, T4 begins later
        Published(
            Day(2017, 10, 1),
            (
                *(
                    tool("T1", "2016-03-01", "2017-09-01", title="Elm"),
                    tool("T2", "2017-07-01", reactivated="2017-07-01"),
                ),
                *(tool("T3", "2016-03-01"), tool("T4", "2018-02-01")),
            ),
        ),
        Published(
            Day(2018, 1, 1),
            (tool("T2", "2017-07-01"), tool("T3", "2016-03-01"), tool("T4", "2018-02-01", "2018-03-01")),
        ),
    ),
)
WORLDS = [SNAPSHOTS, DATED]


def days_of(world: World) -> list[Day]:
    """Return the days around every change, and some far away."""
    found = {release.effective for release in world.releases}
    for release in world.releases:
        for values in release.rows:
            found |= {values[name] for name in ("effective_from", "effective_to") if values.get(name)}
    found |= {Day(year, 10, 1) for year in range(2015, 2021)}
    around = {day + ONE_DAY * shift for day in found for shift in (-1, 0, 1)}
    return sorted(around | {Day(2000, 1, 1), Day(2030, 1, 1)})


def asked(world: World) -> Iterator[tuple[Day, Day | None]]:
    """Yield every day as known with every release, with none, and with all."""
    effective = sorted({release.effective for release in world.releases})
    for known in (None, *effective, Day(2000, 1, 1)):
        for day in days_of(world):
            yield day, known


@pytest.fixture(scope="module", params=WORLDS, ids=["snapshot", "dated"])
def world(request: pytest.FixtureRequest) -> World:
    """One of the two."""
    return request.param


@pytest.fixture(scope="module")
def system(world: World, tmp_path_factory: pytest.TempPathFactory) -> CodeSystem:
    """Its code system."""
    folder = tmp_path_factory.mktemp("world")
    assert terminology.load(written(folder / "files", world), store=folder / "store", loaders=LOADERS).errors == ()
    return terminology.open(folder / "store")[world.definition.name]


def test_every_status(world: World) -> None:
    """Status, check and lookup of every code are those of a scan of the raw rows, whatever is known."""
    statuses_agree(world, list(asked(world)))


def test_every_tree(world: World) -> None:
    """Every question about the tree has the answer of networkx over the raw rows."""
    trees_agree(world, list(asked(world))[::5])


def codes_of(world: World) -> list[str]:
    """Return the codes."""
    return sorted({values["code"] for release in world.releases for values in release.rows})


@cache
def status(code: str, day: Day, known: Day | None, *, dated: bool) -> str:
    """Return the status by brute force, once for each question."""
    return naive.status(DATED if dated else SNAPSHOTS, code, day, known)


def stretch(world: World, code: str, day: Day, known: Day | None) -> tuple[Day, Day | None]:
    """Return first day and end of the days around one on which a code has the same status, day by day."""
    dated = world.definition.dated
    wanted = status(code, day, known, dated=dated)
    first = day
    while status(code, first - ONE_DAY, known, dated=dated) == wanted:
        first -= ONE_DAY
    releases = naive.known_releases(world, known)
    newest = releases[-1].effective
    # who knows of a release before the missing year is shown the end of its year, where a hole begins
    if not dated and newest == Day(2017, 4, 1):
        newest = Day(2031, 1, 1)
    limit = Day(2032, 1, 1) if dated else Day(newest.year + (newest.month >= 10), 10, 1)
    end = day
    while end < limit and status(code, end, known, dated=dated) == wanted:
        end += ONE_DAY
    return first, None if end >= limit else end


def test_every_period(world: World, system: CodeSystem) -> None:
    """First day and end of what is in force are those of the days around it with the same status."""
    seen = 0
    for day, known in asked(world):
        edition = system.on(day, known=known)
        for code in codes_of(world):
            if edition.status(code).valid and edition.is_covered:
                concept, check = edition[code], edition.check(code)
                expected = stretch(world, code, day, known)
                assert expected == (concept.effective_from, concept.effective_to), (code, day, known)
                assert expected == (check.effective_from, check.effective_to)
                seen += 1
    assert seen > 50


def test_every_title(world: World, system: CodeSystem) -> None:
    """Of a code in force in a release the title is that of its row, and history has a period for each title."""
    for release in naive.known_releases(world, None):
        if release.correction == 0 and any(
            other.correction for other in world.releases if other.effective == release.effective
        ):
            continue
        edition = system.on(release.effective)
        for values in release.rows:
            if edition.is_valid(values["code"]):
                assert values["title"] == edition.title(values["code"]) == edition[values["code"]].title
    for code in codes_of(world):
        periods = system.history(code).periods
        assert [period.effective_from for period in periods] == sorted(period.effective_from for period in periods)
        for before, after in pairwise(periods):
            assert before.effective_to is not None
            assert before.effective_to <= after.effective_from
            same = (before.status, before.title) == (after.status, after.title)
            assert not (same and before.effective_to == after.effective_from), code


def test_a_period_of_several_rows_is_one(tmp_path: Path) -> None:
    """Rows that differ in a property alone are one period of history, with its title, and its first day is known."""
    files = written(tmp_path / "files", SNAPSHOTS)
    assert terminology.load(files, store=tmp_path / "store", loaders=LOADERS).errors == ()
    plants = terminology.open(tmp_path / "store")["plants"]
    (period,) = plants.history("P8").periods
    assert (Day(2016, 10, 1), True, "Oak") == (period.effective_from, period.from_known, period.title)
    assert [False, True] == [period.from_known for period in plants.history("P7").periods]
    assert [None, "red"] == [plants.release(name)["P8"].properties.get("colour") for name in ("2017", "2017-04")]


def test_the_source_is_the_release_that_says_so(tmp_path: Path) -> None:
    """The newest state of a dated code is the newest list's; an earlier one, and one no longer listed, its own release's."""
    files = written(tmp_path / "files", DATED)
    assert terminology.load(files, store=tmp_path / "store", loaders=LOADERS).errors == ()
    tools = terminology.open(tmp_path / "store")["tools"]
    sources = {(code, day): tools.on(day).source(code) for code, day in SOURCES}
    assert SOURCES == {asked: source and (source.version, source.line) for asked, source in sources.items()}


SOURCES = {
    # not listed any more: the release that first said so
    ("T1", "2017-02-01"): ("2017-01", 2),
    ("T1", "2017-05-01"): ("2017-04", 2),
    # the newest state of a listed code: the newest list; an earlier state: the release that first said so
    ("T3", "2018-01-05"): ("2018-01", 3),
    ("T4", "2018-02-10"): ("2017-10", 5),
}
