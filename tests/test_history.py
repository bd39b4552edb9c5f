"""The first and last days of codes, to the day: as they are known, and where nobody knows."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import CodeSystem, ReleaseFormatError, Status, UnknownCodeError, schema
from terminology.drafts import Built, Part
from terminology.history import Span, status_of
from terminology.periods import OPEN
from terminology.query.edition import engine_of
from terminology.store.mapped import MappedTable

from .property.worlds import LOADERS, PLANTS, TOOLS, Published, World, WorldLoader, written


def row(code: str, **more: Any) -> dict[str, Any]:
    """Return a billable code without a parent."""
    return {"code": code, "title": f"Invented {code}", "billable": True, "kind": "code", "derived": False, **more}


def loaded(folder: Path, world: World, loader: WorldLoader | None = None) -> CodeSystem:
    """Return the code system of a world."""
    loaders = {world.definition.name: loader} if loader else LOADERS
    report = terminology.load(written(folder / "files", world), store=folder / "store", loaders=loaders)
    assert report.errors == ()
    return terminology.open(folder / "store")[world.definition.name]


@pytest.fixture
def plants(tmp_path: Path) -> CodeSystem:
    """Two fiscal years; P1 is in the first alone, P2 in both."""
    first = Published(datetime.date(2020, 10, 1), (row("P1"), row("P2")))
    second = Published(datetime.date(2021, 10, 1), (row("P2"),))
    return loaded(tmp_path, World(PLANTS, (first, second)))


@pytest.mark.parametrize(
    ("known", "end"), [("2021", None), ("2022", datetime.date(2021, 10, 1)), (None, datetime.date(2021, 10, 1))]
)
def test_an_end_is_known_from_the_release_that_brings_it(plants: CodeSystem, known: str | None, end: Any) -> None:
    """Who knows the first year alone sees the code without an end: its release says nothing of the next one."""
    found = plants.on("2021-03-01", known=known)["P1"]
    assert (datetime.date(2020, 10, 1), end) == (found.effective_from, found.effective_to)
    assert end == plants.on("2021-03-01", known=known).check("P1").effective_to


def test_the_last_day_of_a_code(plants: CodeSystem) -> None:
    """It is billable through the day before the release that no longer lists it."""
    assert ["billable", "expired"] == [plants.on(day).status("P1") for day in ("2021-09-30", "2021-10-01")]


def test_a_code_without_rows_of_its_own_is_damage(plants: CodeSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut off from a file reads as 0: the file is looked at where a code's rows begin before they can."""
    periods = engine_of(plants.latest).system.periods
    assert [periods.of(row) for row in (0, 1)] == [range(1), range(1, 2)]
    asked: list[MappedTable] = []
    monkeypatch.setattr(MappedTable, "require_size", lambda table: asked.append(table))  # noqa: PLW0108
    assert [periods.of(row) for row in (0, 1)] == [range(1), range(1, 2)]
    assert asked == []
    periods.first = memoryview(bytes(8)).cast("I")
    assert periods.of(0) == range(0)
    assert asked == [periods.codes]
    assert periods.of(1) == range(2)
    assert asked == [periods.codes] * 2


def test_doubt_begins_the_day_after_the_last_list(tmp_path: Path) -> None:
    """A dated code that the next release no longer lists was in force on the day of the last one that does."""
    days = {"effective_from": "2018-01-01"}
    first = Published(datetime.date(2019, 1, 1), (row("T1", **days), row("T2", **days)))
    second = Published(datetime.date(2019, 4, 1), (row("T2", **days),))
    tools = loaded(tmp_path, World(TOOLS, (first, second)))
    asked = ("2018-12-31", "2019-01-01", "2019-01-02", "2019-03-31", "2019-04-01")
    assert ["billable", "billable", "uncovered", "uncovered", "expired"] == [
        tools.on(day).status("T1") for day in asked
    ]
    assert {"billable"} == {str(tools.on(day).status("T2")) for day in asked}
    with pytest.raises(UnknownCodeError) as caught:
        tools.on("2019-01-02").parent("T1")
    assert str(caught.value) == (
        "no release says whether T1 is in force in Invented tools on 2019-01-02: one before lists it, "
        "and the next does not"
    )


def test_a_state_that_will_end_cites_the_release_that_first_stated_it(tmp_path: Path) -> None:
    """A code that every list gives with its coming end: the newest list is cited for the end alone."""
    days = {"effective_from": "2018-01-01", "effective_to": "2020-01-01"}
    first = Published(datetime.date(2019, 1, 1), (row("T1", **days),))
    second = Published(datetime.date(2019, 4, 1), (row("T2"), row("T1", **days)))
    tools = loaded(tmp_path, World(TOOLS, (first, second)))
    source = tools.on("2019-05-01").source("T1")
    assert source is not None
    assert ("2019-01", 2) == (source.version, source.line)


class Seasons(WorldLoader):
    """A loader whose releases have labels of their own, so that two of one day can both be asked for."""

    def assemble(self, parts: Any) -> Any:
        """Return the releases, with their numbers as labels."""
        from attrs import evolve

        made = super().assemble(parts)
        drafts = (evolve(draft, version=f"v{number}", correction=0) for number, draft in enumerate(made.drafts))
        return evolve(made, drafts=tuple(drafts))


def test_what_another_release_of_the_same_day_replaced_can_be_asked_for(tmp_path: Path) -> None:
    """Each of the two has its own titles and codes, and a code that lasted begins with the first release."""
    days = [datetime.date(year, 10, 1) for year in (2020, 2021, 2021)]
    rows = [(row("P1"), row("P2")), (row("P1", title="Elm"), row("P2")), (row("P1", title="Ash"),)]
    releases = [Published(day, listed, number) for number, (day, listed) in enumerate(zip(days, rows, strict=True))]
    plants = loaded(tmp_path, World(PLANTS, tuple(releases)), Seasons(PLANTS))
    found = [plants.release(version)["P1"] for version in ("v0", "v1", "v2")]
    assert ["Invented P1", "Elm", "Ash"] == [one.title for one in found]
    assert {days[0]} == {one.effective_from for one in found}
    assert ["billable", "billable", "expired"] == [
        plants.release(version).status("P2") for version in ("v0", "v1", "v2")
    ]


def test_no_row_holds(plants: CodeSystem) -> None:
    """Where no interval row of a code holds on a day, its number is -1."""
    as_of = engine_of(plants.on("2021-10-01"))
    rows = [as_of.system.row_of(code) for code in ("P1", "P2")]
    assert as_of.period_on(rows[0]) == -1
    assert as_of.period_on(rows[1]) >= 0


# ---- the status that stretches give


def span(start: int, end: int, state: int) -> Span:
    """Return a stretch."""
    return Span(start, end, state, 0, from_known=True)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (schema.BILLABLE, Status.BILLABLE),
        (schema.HEADER, Status.HEADER),
        (schema.UNCOVERED, Status.UNCOVERED),
        (schema.NODE, Status.UNKNOWN),
    ],
)
def test_a_stretch_holds_from_its_first_day_to_the_day_before_its_end(state: int, status: Status) -> None:
    """On these days it gives its own status, whatever it says."""
    stretch = span(10, 20, state)
    assert [(status, stretch)] * 2 == [status_of([stretch], day) for day in (10, 19)]
    assert status_of([stretch], 20) != (status, stretch)
    assert status_of([stretch], 9) != (status, stretch)


def test_an_expired_code_is_bounded_by_the_stretch_in_which_it_was_in_force() -> None:
    """Not by the one that says that it expired, nor by one of doubt; of several by the last that had begun."""
    first, doubt, pause = span(10, 20, schema.BILLABLE), span(20, 30, schema.UNCOVERED), span(30, 40, schema.EXPIRED)
    second, over = span(40, 50, schema.HEADER), span(50, OPEN, schema.EXPIRED)
    spans = [first, doubt, pause, second, over]
    assert [(Status.EXPIRED, first)] * 2 == [status_of(spans, day) for day in (30, 39)]
    assert [(Status.EXPIRED, second)] * 2 == [status_of(spans, day) for day in (50, 60)]


def test_a_future_code_is_bounded_by_the_first_stretch_in_which_it_is_in_force() -> None:
    """A code that is never in force is unknown, and nothing bounds it."""
    node, later, last = span(0, 5, schema.NODE), span(10, 20, schema.HEADER), span(20, 30, schema.BILLABLE)
    assert (Status.FUTURE, later) == status_of([node, later, last], 9)
    assert (Status.UNKNOWN, None) == status_of([node], 9) == status_of([], 9)


class Repeating(WorldLoader):
    """A loader that gives every code twice."""

    def assemble(self, parts: Any) -> Any:
        """Return releases with each row twice."""
        import pyarrow as pa

        def doubled(part: Part) -> Built:
            return Built({"concepts": pa.concat_tables([part.tables["rows"]] * 2)})

        from attrs import evolve

        made = super().assemble(parts)
        return evolve(made, drafts=tuple(evolve(d, build=lambda d=d: doubled(d.parts[0])) for d in made.drafts))


def test_what_a_loader_builds_is_checked(tmp_path: Path) -> None:
    """A release in which a code is repeated is rejected, whichever loader made it, and nothing of it is committed."""
    world = World(PLANTS, (Published(datetime.date(2020, 10, 1), (row("P1"),)),))
    files = written(tmp_path / "files", world)
    report = terminology.load(files, store=tmp_path / "store", loaders={"plants": Repeating(PLANTS)})
    assert [] == list(report.loaded)
    (error,) = report.errors
    assert isinstance(error, ReleaseFormatError)
    assert "P1" in error.message
    assert not list((tmp_path / "store").glob("releases/*/*/*"))
