"""Walks to headers: which of the codes below them are alternatives, in which order."""

from __future__ import annotations

import datetime

from terminology.mapping.ways import LIMIT

from .fakes import ALWAYS, BROADER, EQUIVALENT, NEW, OLD, FakeLives, arrived, day, steps, told, walk


def test_a_code_that_became_a_header() -> None:
    """Its billable codes are the alternatives, in document order: those that are told of and those that are not."""
    lives = FakeLives(2020, {"A": OLD, "A0": NEW, "A1": NEW, "A9": NEW, "B": NEW}, {"A": NEW})
    ways = walk(lives, told("A", "A9", 2018, "new"), told("A", "B", 2018, "new")).ways("A", since=day(2016))
    assert arrived(ways) == [(code, "to_header", BROADER) for code in ("A0", "A1", "A9", "B")]
    assert [way.steps[0].crosswalk for way in ways.arrived] == [None, None, "invented 1", "invented 1"]
    assert {(way.steps[0].effective, way.steps[0].release) for way in ways.arrived} == {
        (datetime.date(2018, 1, 1), "2018")
    }
    assert {way.steps[0].system for way in ways.arrived} == {"plants"}


def test_back_to_a_code_that_was_a_header() -> None:
    """Codes that a billable one took over from, and what was below it as a header: alternatives, in document order."""
    lives = FakeLives(2016, {"A": NEW, "A0": OLD, "A1": OLD, "A9": OLD, "B": OLD}, {"A": OLD})
    ways = walk(lives, told("B", "A", 2018), told("A9", "A", 2018), told("", "A", 2018)).ways("A")
    assert arrived(ways) == [(code, "to_header", BROADER) for code in ("A0", "A1", "A9", "B")]
    assert [steps(way) for way in ways.arrived] == [[("to_header", "A", code)] for code in ("A0", "A1", "A9", "B")]
    assert [way.steps[0].crosswalk for way in ways.arrived] == [None, None, "invented 1", "invented 1"]
    assert {way.steps[0].effective for way in ways.arrived} == {datetime.date(2018, 1, 1)}
    assert (ways.lost, ways.said, ways.is_bounded) == ((), (), False)


def test_back_to_a_header_by_codes_used_together() -> None:
    """Codes that were used together for what a later code says are one alternative, in the order of their letters."""
    lives = FakeLives(2016, {"A": NEW, "A0": OLD, "B": OLD, "C": OLD}, {"A": OLD})
    ways = walk(lives, told("C+B", "A", 2018)).ways("A")
    assert [steps(way) for way in ways.arrived] == [[("to_header", "A", "A0")], [("to_header", "A", "B+C")]]


def test_a_circle_through_a_header() -> None:
    """A header that leads to a code which leads back to it arrives at what is below it, and the circle is named."""
    lives = FakeLives(2016, {"A": NEW, "A0": OLD, "B": NEW}, {"A": OLD})
    ways = walk(lives, told("B", "A", 2018), told("A", "B", 2018)).ways("A")
    assert [codes for codes, _, _ in arrived(ways)] == ["A0"]
    assert ways.lost == ("the publications lead in a circle: A > B > A",)


def test_a_header_of_the_first_release_may_stay_one() -> None:
    """A header that is asked for as a header arrives as such; else its billable codes do."""
    lives = FakeLives(2020, {"A0": ALWAYS, "A1": ALWAYS}, {"A": ALWAYS})
    assert arrived(walk(lives).ways("A", keep_header=True)) == [("A", "identity", EQUIVALENT)]
    assert [codes for codes, _, _ in arrived(walk(lives).ways("A"))] == ["A0", "A1"]


def test_a_header_without_billable_codes() -> None:
    """A header below which nothing is billable is lost, with the reason."""
    ways = walk(FakeLives(2020, {"A": OLD}, {"A": NEW})).ways("A")
    assert (ways.arrived, ways.lost) == ((), ("A is a header with no billable code below it",))


def test_header_within_a_header() -> None:
    """A header below the header is no alternative, the codes below it are."""
    lives = FakeLives(2022, {"A": OLD, "A0": [(2018, 2020)], "A00": [(2020, 0)]}, {"A": NEW, "A0": [(2020, 0)]})
    ways = walk(lives, told("A", "A0", 2018, "new")).ways("A", since=day(2016))
    assert (arrived(ways), steps(ways.arrived[0])) == (
        [("A00", "to_header", BROADER)],
        [("to_header", "A", "A0"), ("to_header", "A0", "A00")],
    )


def test_more_codes_below_than_are_listed() -> None:
    """Of a header with very many codes so many are listed, and only where there are more that is said."""
    below = {f"A{n:04}": NEW for n in range(LIMIT + 1)}
    ways = walk(FakeLives(2020, {"A": OLD, **below}, {"A": NEW})).ways("A")
    assert (len(ways.arrived), ways.is_bounded) == (LIMIT, True)
    below.popitem()
    ways = walk(FakeLives(2020, {"A": OLD, **below}, {"A": NEW})).ways("A")
    assert (len(ways.arrived), ways.is_bounded) == (LIMIT, False)


def test_a_header_whose_successor_is_named() -> None:
    """Where a publication says what became of the code itself, the other codes below it are no alternatives."""
    lives = FakeLives(2020, {"A": OLD, "A0": NEW, "A9": NEW}, {"A": NEW})
    ways = walk(lives, told("A", "A9", 2018)).ways("A", since=day(2016))
    assert (arrived(ways), ways.lost) == ([("A9", "to_header", BROADER)], ())
    nothing = walk(lives, told("A", None, 2018)).ways("A", since=day(2016))
    assert [codes for codes, _, _ in arrived(nothing)] == ["A0", "A9"]


def test_back_to_a_header_below_which_one_code_is_named() -> None:
    """Codes below it that became something else are no alternatives; of a list of new codes what it names is all."""
    lives = FakeLives(2016, {"A": NEW, "A0": OLD, "A1": OLD, "A9": OLD, "B": NEW}, {"A": OLD})
    rows = [told("A9", "A", 2018, detail={"automatic_backward": True}), told("A0", "B", 2018)]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("A"))] == ["A9", "A1"]
    assert [codes for codes, _, _ in arrived(walk(lives, told("A9", "A", 2018, "new")).ways("A"))] == ["A9"]


def test_codes_that_came_below_a_header_later() -> None:
    """A step leads to what was there on its day; what came later is followed, or has a step of its own first day."""
    codes = {"A": OLD, "A0": [(2018, 2020)], "A1": NEW, "A2": [(2022, 0)], "A00": [(2020, 0)]}
    ways = walk(FakeLives(2024, codes, {"A": NEW}), told("A0", "A00", 2020)).ways("A", since=day(2016))
    assert {way.codes[0]: [(step.to_codes[0], step.effective.year) for step in way.steps] for way in ways.arrived} == {
        "A1": [("A1", 2018)],
        "A00": [("A0", 2018), ("A00", 2020)],
        "A2": [("A2", 2022)],
    }


def test_back_to_codes_that_were_below_a_header_before() -> None:
    """What was below the header in the edition, and no longer when it ceased to be one, has a step without a day."""
    codes = {"A": [(2020, 0)], "A0": [(2016, 2018)], "A1": [(2016, 2020)]}
    ways = walk(FakeLives(2016, codes, {"A": [(2016, 2020)]})).ways("A")
    assert [(way.codes, way.steps[0].effective) for way in ways.arrived] == [
        (("A0",), None),
        (("A1",), datetime.date(2020, 1, 1)),
    ]
