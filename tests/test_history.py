"""The first and last days of codes, to the day: as they are known, and where nobody knows."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import CodeSystem, ReleaseFormatError
from terminology.drafts import Built, Part

from .property.worlds import LOADERS, PLANTS, TOOLS, Published, World, WorldLoader, written


def row(code: str, **more: Any) -> dict[str, Any]:
    """Return a billable code without a parent."""
    return {"code": code, "title": f"Invented {code}", "billable": True, "kind": "code", "derived": False, **more}


def loaded(folder: Path, world: World) -> CodeSystem:
    """Return the code system of a world."""
    report = terminology.load(written(folder / "files", world), store=folder / "store", loaders=LOADERS)
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
