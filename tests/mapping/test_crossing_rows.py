"""One code by the rows of a map between systems: which codes are reached, what each row says of them."""

from __future__ import annotations

import datetime
from typing import Any, cast

import pytest
from attrs import evolve

from terminology.mapping.rows import MapRow, MapRows
from terminology.mapping.succession import Walk
from terminology.mapping.ways import Way
from terminology.model import Source, Step
from terminology.query.crossing import Crossing, DirectedMap

from .fakes import BROADER, EQUIVALENT, NARROWER, RELATED, FakeLives, FakeRows, arrived, steps, told, walk


def mapped(sources: str, targets: str | None, relationship: str = EQUIVALENT, **more: Any) -> MapRow:
    """Return a row of a translation: it names no day."""
    return evolve(told(sources, targets, 2016, relationship=relationship, **more), effective=None, change=None)


def crossing(*rows: MapRow, inverted: bool = False, onward: Walk | None = None) -> Crossing:
    """Return a crossing from plants, of which nothing is loaded, to tools, by a map for the editions of 2016."""
    return Crossing(DirectedMap(cast("MapRows", FakeRows(rows)), 0, inverted), None, (), "tools", onward)


def test_what_a_row_says_is_in_its_step() -> None:
    """The step has the target system, the codes, the day if there is one, the version, the line and the detail."""
    source = Source("plants", "1", "map.csv", "0" * 64, 7)
    row = mapped("A", "B", source=source, detail={"score": 3})
    for day, given in ((None, row), (datetime.date(2018, 1, 1), evolve(row, effective=told("", "", 2018).effective))):
        ((way),) = crossing(given).ways("A").arrived
        assert way.steps == (
            Step("single", "tools", ("A",), ("B",), day, None, "invented 1", source, {"score": 3}, inverted=False),
        )


@pytest.mark.parametrize("relationship", [EQUIVALENT, NARROWER, BROADER, RELATED])
def test_relationship_and_flag_are_those_of_the_row(relationship: str) -> None:
    """A map says itself what its sides have to do with each other, and whether it is approximate."""
    for approximate in (True, False, None):
        (way,) = crossing(mapped("A", "B", relationship, approximate=approximate)).ways("A").arrived
        assert (way.relationship, way.approximate) == (relationship, approximate)


@pytest.mark.parametrize(
    ("published", "inverted"),
    [(EQUIVALENT, EQUIVALENT), (NARROWER, BROADER), (BROADER, NARROWER), (RELATED, RELATED)],
)
def test_a_row_is_read_backwards(published: str, inverted: str) -> None:
    """Against its direction a row leads from its target to its source, under the inverse relationship, and says so."""
    ways = crossing(mapped("A", "B", published), inverted=True).ways("B")
    assert (arrived(ways), steps(ways.arrived[0])) == ([("A", "single", inverted)], [("single", "B", "A")])
    assert ways.arrived[0].steps[0].inverted
    assert crossing(mapped("A", "B", published), inverted=True).ways("A").arrived == ()


def test_codes_that_are_reached_together() -> None:
    """Targets to be used together are one alternative, under the relationship of the row."""
    ways = crossing(mapped("A", "B+C", BROADER)).ways("A")
    assert arrived(ways) == [("B+C", "combination", BROADER)]
    assert steps(ways.arrived[0]) == [("combination", "A", "B+C")]


def test_codes_that_are_left_together() -> None:
    """What codes mean together says little of one of them alone, in either direction: it is related."""
    ways = crossing(mapped("A+Z", "B")).ways("A")
    assert (arrived(ways), steps(ways.arrived[0])) == ([("B", "single", RELATED)], [("single", "A+Z", "B")])
    back = crossing(mapped("A", "B+C"), inverted=True).ways("B")
    assert (arrived(back), steps(back.arrived[0])) == ([("A", "single", RELATED)], [("single", "B+C", "A")])


def test_every_row_is_an_alternative() -> None:
    """All rows of a code are alternatives, in the publisher's order."""
    assert [codes for codes, _, _ in arrived(crossing(mapped("A", "C"), mapped("A", "B")).ways("A"))] == ["C", "B"]


@pytest.mark.parametrize(
    ("across", "code", "left"),
    [
        (crossing(mapped("A", None)), "A", "A"),
        (crossing(mapped("A+Z", None)), "A", "A + Z"),
        (crossing(mapped("", "B"), inverted=True), "B", "B"),
    ],
    ids=["alone", "together", "inverted"],
)
def test_what_has_no_counterpart(across: Crossing, code: str, left: str) -> None:
    """Where a publisher says that codes have no counterpart, that is an end, in these words; the step is kept."""
    ways = across.ways(code)
    assert (ways.arrived, ways.lost) == ((), ())
    assert ways.said == (f"the publisher says that {left} has no counterpart in tools",)
    assert steps(Way((), ways.ended)) == [("none", left.replace(" ", ""), "")]


def test_what_the_map_does_not_hold() -> None:
    """A code that no row holds is lost, with the version of the map, where its system is not loaded."""
    ways = crossing(mapped("A", "B")).ways("X")
    assert (ways.arrived, ways.lost, ways.ended) == ((), ("invented 1 does not hold X",), ())


def test_what_is_reached_is_meant_as_of_the_day_of_the_map() -> None:
    """A target is followed from the editions that the map was made for, though its code came back as something else."""
    lives = FakeLives(2024, {"B": [(2015, 2018), (2020, 0)], "C": [(2018, 0)]}, system="tools")
    ways = crossing(mapped("A", "B"), onward=walk(lives, told("B", "C", 2018))).ways("A")
    assert [steps(way) for way in ways.arrived] == [[("single", "A", "B"), ("replaced", "B", "C")]]


def test_each_of_the_codes_reached_together_goes_on() -> None:
    """Of targets used together each is followed to the edition; one that is lost loses the alternative, with the reason."""
    lives = FakeLives(2024, {"B": [(2015, 2018)], "C": [(2015, 0)], "D": [(2018, 0)]}, system="tools")
    ways = crossing(mapped("A", "B+C"), onward=walk(lives, told("B", "D", 2018))).ways("A")
    assert arrived(ways) == [("D+C", "combination", EQUIVALENT)]
    lost = crossing(mapped("A", "B+C"), onward=walk(lives)).ways("A")
    assert (lost.arrived, [step.kind for step in lost.ended]) == ((), ["combination"])
    assert lost.lost == ("B is not in force from 2018-01-01 on, and no loaded crosswalk says what replaced it",)
