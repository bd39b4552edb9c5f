"""What a code replaced and what replaced it: which rows of a publication count, and which day decides."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, cast

import pytest
from attrs import frozen

import terminology
from terminology.mapping.rows import MapRow, MapRows
from terminology.model import Crosswalk
from terminology.periods import day_number
from terminology.query.compiled import CompiledSystem
from terminology.query.edition import engine_of
from terminology.query.relatives import predecessors_of, successors_of

from ..property.worlds import LOADERS, PLANTS, Published, World, written

Day = datetime.date
CROSSWALK = Crosswalk("invented", "1", "plants", "plants", Day(2017, 10, 1), 0, ())


@frozen
class Publication:
    """The rows of a publication."""

    rows: Sequence[MapRow]
    target_system: str = "plants"
    source_system: str = "plants"

    def turns(self, code: str) -> list[tuple[int, str, bool]]:
        """Return day, change, and whether the code leads to itself, of the dated rows in which it is a source."""
        rows = [row for row in self.of_source(code) if row.effective is not None and row.change]
        return [(row.effective or 0, row.change or "", row.target_codes == (code,)) for row in rows]

    def of_source(self, code: str) -> list[MapRow]:
        """Return the rows in which the code is a source."""
        return [row for row in self.rows if code in row.source_codes]

    def of_target(self, code: str) -> list[MapRow]:
        """Return the rows in which the code is a target."""
        return [row for row in self.rows if code in (row.target_codes or ())]


def told(sources: str, targets: str | None, day: str | None, change: str | None = "deleted", **detail: Any) -> MapRow:
    """Return a row; codes used together are joined by +."""
    return MapRow(
        source_codes=tuple(sources.split("+")),
        target_codes=None if targets is None else tuple(targets.split("+")),
        effective=None if day is None else day_number(Day.fromisoformat(day)),
        change=change,
        relationship="related-to",
        approximate=None,
        crosswalk=CROSSWALK,
        source=None,
        detail=detail,
    )


def concept(code: str, *, billable: bool = True) -> dict[str, Any]:
    """Return what a release says of a code."""
    return {"code": code, "title": "Oak", "billable": billable, "kind": "code", "parent": None, "derived": False}


@pytest.fixture(scope="module")
def plants(tmp_path_factory: pytest.TempPathFactory) -> CompiledSystem:
    """Three fiscal years, and one that is missing before the last.

    P1 is in the first alone, P2 in the first two, PN begins with the second, PM with the last, P3 and the header P4
    are in all.
    """
    listed = {2017: ("P1", "P2", "P3"), 2018: ("P2", "P3", "PN"), 2020: ("P3", "PN", "PM")}
    releases = [
        Published(Day(year, 10, 1), (*map(concept, codes), concept("P4", billable=False)))
        for year, codes in listed.items()
    ]
    folder = tmp_path_factory.mktemp("plants")
    files = written(folder / "files", World(PLANTS, tuple(releases)))
    assert terminology.load(files, store=folder / "store", loaders=LOADERS).errors == ()
    return engine_of(terminology.open(folder / "store")["plants"].latest).system


def before(plants: CompiledSystem, code: str, *rows: MapRow, target: str = "plants") -> tuple[str, ...]:
    """Return the predecessors of a code by these rows."""
    return predecessors_of(code, plants, [cast("MapRows", Publication(rows, target))])


def after(plants: CompiledSystem, code: str, *rows: MapRow, target: str = "plants") -> tuple[str, ...]:
    """Return the successors of a code by these rows."""
    return successors_of(code, plants, [cast("MapRows", Publication(rows, target))])


# ---- predecessors


def test_what_is_told_at_the_new_code_comes_first(plants: CompiledSystem) -> None:
    """Then what is told at the codes that it replaced; each code once, and the code itself is none."""
    rows = [
        told("P1+PA", "PN", "2018-10-01"),
        told("P2", "PN", "2018-10-01", "new"),
        told("P1+PN", "PN", "2018-10-01", "new"),
    ]
    assert ("P2", "P1", "PA") == before(plants, "PN", *rows)
    assert () == before(plants, "PM", *rows) == before(plants, "PN")


def test_predecessors_are_those_of_the_first_day(plants: CompiledSystem) -> None:
    """Of what is told of several days the earliest counts, and before all what names no day."""
    rows = [
        told("P3", "PM", "2020-10-01"),
        told("P1", "PM", "2019-10-01"),
        told("PN", "PM", "2020-10-01", "new"),
        told("P2", "PM", "2019-10-01", "new"),
    ]
    assert ("P2", "P1") == before(plants, "PM", *rows)
    assert ("PN",) == before(plants, "PM", *rows, told("PN", "PM", None))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2017-10-01", ("PA",)),
        ("2017-10-02", ()),
        ("2018-10-01", ()),
        ("2018-10-02", ("PA",)),
        (None, ("PA",)),
    ],
)
def test_a_code_that_was_there_already_has_no_predecessor(
    plants: CompiledSystem, day: str | None, expected: tuple[str, ...]
) -> None:
    """Of a code that is billable on the day before the change; on its first day, and the day after its end, it is not."""
    assert expected == before(plants, "P1", told("PA", "P1", day))
    assert expected == before(plants, "P1", told("PA", "P1", day, "new"))


def test_a_header_was_not_there_as_a_billable_code(plants: CompiledSystem) -> None:
    """What became a header may have predecessors while it is listed."""
    assert ("PA",) == before(plants, "P4", told("PA", "P4", "2018-10-01"))


@pytest.mark.parametrize("change", ["begun", "revised", "to_billable", None])
def test_other_changes_name_no_predecessor(plants: CompiledSystem, change: str | None) -> None:
    """A title that was revised, or a code that begun, is told of the code alone."""
    assert () == before(plants, "PN", told("P1", "PN", "2018-10-01", change))


def test_of_a_range_that_was_written_out_only_codes_count(plants: CompiledSystem) -> None:
    """What is named by itself counts, whether it is loaded or not."""
    assert ("P1", "P3") == before(plants, "PN", told("P1+PX+P3", "PN", "2018-10-01", spread=True))
    assert ("P1", "PX") == before(plants, "PN", told("P1+PX", "PN", "2018-10-01"))


def test_maps_to_another_system_name_no_predecessor(plants: CompiledSystem) -> None:
    """A code of another system that is spelled alike is another code."""
    assert () == before(plants, "PN", told("P1", "PN", "2018-10-01"), target="tools")


# ---- successors


def test_a_code_in_force_has_no_successor(plants: CompiledSystem) -> None:
    """Nor has a code that was never billable, or is in no release."""
    for code in ("P3", "P4", "PX"):
        assert () == after(plants, code, told(code, "PN", "2018-10-01", "new"), told(code, "PN", "2020-10-01", "new"))
    assert () == after(plants, "P4", told("P4", "PN", "2018-10-01"))


def test_a_code_that_stands_for_something_else(plants: CompiledSystem) -> None:
    """A code in force that became another one has that as its successor, unless it perhaps stayed."""
    rows = [told("P3", "PN", "2018-10-01"), told("P3", "PM", "2020-10-01", "new")]
    assert ("PN",) == after(plants, "P3", *rows)
    assert () == after(plants, "P3", *rows, told("P3", "P3", "2018-10-01"))
    assert ("P2",) == before(plants, "P3", *rows, told("P2", "P3", "2018-10-01"))
    assert () == before(plants, "P3", told("P2", "P3", "2018-10-01"))


@pytest.mark.parametrize(
    ("day", "change", "expected"),
    [
        ("2018-09-30", "deleted", ()),
        ("2018-10-01", "deleted", ("PN",)),
        ("2020-10-01", "deleted", ("PN",)),
        ("2018-09-30", "new", ()),
        ("2018-10-01", "new", ("PN",)),
        ("2018-10-02", "new", ()),
        ("2018-10-01", None, ("PN",)),
        (None, None, ()),
        ("2018-10-01", "revised", ()),
    ],
)
def test_a_successor_takes_over_when_the_code_ends(
    plants: CompiledSystem, day: str | None, change: str | None, expected: tuple[str, ...]
) -> None:
    """Told at the code that ended, on its last day or later; told at a new code, just when it ended."""
    assert expected == after(plants, "P1", told("P1", "PN", day, change))


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2019-09-30", ()), ("2019-10-01", ("PM",)), ("2020-10-01", ("PM",)), ("2020-10-02", ())],
)
def test_a_new_code_may_come_with_the_release_after_a_missing_year(
    plants: CompiledSystem, day: str, expected: tuple[str, ...]
) -> None:
    """Where nothing covers the day on which the code ended, the next release is the first that can tell."""
    assert expected == after(plants, "P2", told("P2", "PM", day, "new"))


def test_what_is_told_at_the_code_that_ended_counts_first(plants: CompiledSystem) -> None:
    """New codes count where nothing else is told, and not where it is told that nothing follows."""
    new = told("P1", "PM", "2018-10-01", "new")
    assert ("PM",) == after(plants, "P1", new)
    assert ("PN",) == after(plants, "P1", new, told("P1", "PN", "2018-10-01"))
    assert ("PN",) == after(plants, "P1", new, told("P1", "PN", "2018-10-01", None))
    assert () == after(plants, "P1", new, told("P1", None, "2018-10-01"))


def test_successors_are_those_of_the_first_day_after_the_end(plants: CompiledSystem) -> None:
    """Of several days the earliest counts; each code once, and the code itself is none."""
    rows = [
        told("P1", "P3", "2020-10-01"),
        told("P1", "PN", "2018-11-01"),
        told("P1+P2", "P1+PM+PN", "2018-11-01"),
    ]
    assert ("PN", "PM") == after(plants, "P1", *rows)


def test_a_successor_may_be_of_another_system(plants: CompiledSystem) -> None:
    """It is named where its map says from which day on."""
    assert ("T1",) == after(plants, "P1", told("P1", "T1", "2018-10-01", None), target="tools")
