"""Walks from codes that were deleted and came back, on the days at which one life ends and another begins."""

from __future__ import annotations

import datetime

import pytest

from .fakes import ALWAYS, EQUIVALENT, NEW, OLD, RELATED, FakeLives, arrived, day, steps, told, walk

LIVES = [(2016, 2018), (2020, 0)]


def test_a_code_given_to_something_else_is_followed_as_what_it_was() -> None:
    """A code that was replaced, and later came back, goes to its replacement if it was used before; else it is itself."""
    lives = FakeLives(2022, {"A": LIVES, "B": NEW})
    rows = [told("A", "B", 2018)]
    assert arrived(walk(lives, *rows).ways("A", since=day(2017))) == [("B", "replaced", EQUIVALENT)]
    assert arrived(walk(lives, *rows).ways("A", since=day(2021))) == [("A", "identity", EQUIVALENT)]
    assert arrived(walk(lives, *rows).ways("A")) == [("A", "identity", EQUIVALENT)]


def test_a_code_that_came_back_without_a_word() -> None:
    """A code that was away and came back, with nothing written of either, is reinstated: in both directions."""
    ways = walk(FakeLives(2022, {"A": LIVES})).ways("A", since=day(2017))
    assert (arrived(ways), steps(ways.arrived[0])) == ([("A", "reinstated", RELATED)], [("reinstated", "A", "A")])
    assert ways.arrived[0].steps[0].effective == datetime.date(2020, 1, 1)
    assert arrived(walk(FakeLives(2016, {"A": LIVES})).ways("A", since=day(2021))) == [("A", "reinstated", RELATED)]


def test_a_code_that_came_back_and_went() -> None:
    """A code that came back and was then replaced is followed through both of its lives."""
    lives = FakeLives(2024, {"A": [(2016, 2018), (2020, 2022)], "B": [(2022, 0)]})
    ways = walk(lives, told("A", "B", 2022)).ways("A", since=day(2017))
    assert steps(ways.arrived[0]) == [("reinstated", "A", "A"), ("replaced", "A", "B")]


def test_a_code_that_came_back_as_another() -> None:
    """Where it is written what the code was before it came back, it is not what it was in its first life."""
    lives = FakeLives(2022, {"A": LIVES, "B": [(2016, 2020)]})
    rows = [told("B", "A", 2020)]
    assert walk(lives, *rows).ways("A", since=day(2017)).arrived == ()
    assert arrived(walk(lives, *rows).ways("B")) == [("A", "replaced", EQUIVALENT)]
    back = FakeLives(2016, {"A": LIVES, "B": NEW})
    assert walk(back, told("A", "B", 2018)).ways("A", since=day(2021)).arrived == ()


def test_between_two_lives() -> None:
    """In the gap a code is neither: its first life is followed to what replaced it, its second back to what it was."""
    lives = FakeLives(2019, {"A": LIVES, "B": NEW, "C": ALWAYS})
    rows = [told("A", "B", 2018), told("C", "A", 2020)]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("A", since=day(2017)))] == ["B"]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("A", since=day(2021)))] == ["C"]


def test_there_and_back_again() -> None:
    """A code that was replaced by another, which was later replaced by it, is no circle."""
    lives = FakeLives(2022, {"A": LIVES, "B": [(2018, 2020)]})
    ways = walk(lives, told("A", "B", 2018), told("B", "A", 2020)).ways("A", since=day(2016))
    assert [codes for codes, _, _ in arrived(ways)] == ["A"]
    assert steps(ways.arrived[0]) == [("replaced", "A", "B"), ("replaced", "B", "A")]


@pytest.mark.parametrize(("days", "codes"), [(-1, ["B"]), (0, ["A"])])
def test_the_day_of_the_return_says_nothing_of_the_life_before(days: int, codes: list[str]) -> None:
    """A change until the day before a code came back says what it became; from that day on it is about the new life."""
    ways = walk(FakeLives(2022, {"A": LIVES, "B": NEW}), told("A", "B", 2020, days=days)).ways("A", since=day(2017))
    assert [codes for codes, _, _ in arrived(ways)] == codes


@pytest.mark.parametrize(("days", "codes"), [(-1, ["A"]), (0, [])])
def test_the_day_of_the_end_says_what_came_of_the_life_before(days: int, codes: list[str]) -> None:
    """Walking back over a gap, what was published before it began is about the former life, and does not part the two."""
    rows = [told("A", "B", 2018, "new", days=days)]
    ways = walk(FakeLives(2016, {"A": LIVES, "B": NEW}), *rows).ways("A", since=day(2021))
    assert [codes for codes, _, _ in arrived(ways)] == codes


def test_each_life_is_passed() -> None:
    """Of a code with three lives the second is met between them, in both directions, with a step for each gap."""
    three = {"A": [(2016, 2018), (2020, 2022), (2024, 0)]}
    forward = walk(FakeLives(2025, three)).ways("A", since=day(2017))
    assert [(step.kind, step.effective) for step in forward.arrived[0].steps] == [
        ("reinstated", datetime.date(2020, 1, 1)),
        ("reinstated", datetime.date(2024, 1, 1)),
    ]
    back = walk(FakeLives(2016, three)).ways("A", since=day(2025))
    assert [(step.kind, step.effective) for step in back.arrived[0].steps] == [
        ("reinstated", datetime.date(2024, 1, 1)),
        ("reinstated", datetime.date(2020, 1, 1)),
    ]


def test_a_return_says_the_release_that_shows_it() -> None:
    """That a code came back is told of its system and release, and cites no crosswalk."""
    ways = walk(FakeLives(2022, {"A": LIVES})).ways("A", since=day(2017))
    (step,) = ways.arrived[0].steps
    assert (step.system, step.release, step.crosswalk) == ("plants", "2020", None)


def test_a_circle_through_a_code_that_came_back() -> None:
    """A circle is one though the code that it closes at came back in between."""
    lives = FakeLives(2024, {"A": [(2016, 2018), (2020, 2022)], "B": [(2015, 2016)]})
    ways = walk(lives, told("A", "B", 2022), told("B", "A", 2017)).ways("A", since=day(2016))
    assert ways.lost == ("the publications lead in a circle: A > A > B > A",)


def test_what_is_reached_is_meant_as_of_the_change() -> None:
    """A code that took over is followed as what it was then, though it came back as something else."""
    lives = FakeLives(2024, {"A": OLD, "B": [(2018, 2020), (2022, 0)], "C": [(2020, 0)]})
    ways = walk(lives, told("A", "B", 2018), told("B", "C", 2020)).ways("A")
    assert [steps(way) for way in ways.arrived] == [[("replaced", "A", "B"), ("replaced", "B", "C")]]


def test_a_change_on_the_day_of_the_edition_is_walked_forward() -> None:
    """What takes over on the edition's own day is met on that day, in the life that begins then."""
    lives = FakeLives(2018, {"A": OLD, "B": [(2015, 2016), (2018, 0)]})
    ways = walk(lives, told("A", "B", 2018)).ways("A")
    assert [steps(way) for way in ways.arrived] == [[("replaced", "A", "B")]]


def test_walking_back_a_code_is_met_on_the_day_before_the_change() -> None:
    """The one day before the change, no earlier one: a life that began on it is the one that is meant."""
    lives = FakeLives(2016, {"N": [(2019, 0)], "O": [(2014, 2015), (2018, 0)], "P": ALWAYS})
    ways = walk(lives, told("O", "N", 2018, "new", days=1), told("P", "O", 2018, "new")).ways("N")
    assert [codes for codes, _, _ in arrived(ways)] == ["P"]


def test_what_was_merged_into_a_former_life_is_no_predecessor() -> None:
    """Walking back over a gap, what a code took over in its former life is not what it was before it came back."""
    lives = FakeLives(2016, {"A": LIVES, "Z": [(2016, 2017)]})
    ways = walk(lives, told("Z", "A", 2017)).ways("A", since=day(2021))
    assert arrived(ways) == [("A", "reinstated", RELATED)]
