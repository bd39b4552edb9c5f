"""What took over a part of the meaning of a code that stays."""

from __future__ import annotations

from .fakes import ALWAYS, NEW, FakeLives, day, told, walk


def test_split_off() -> None:
    """What took over a part of a code that stays: in the order of the rows, between the day and the edition's."""
    lives = FakeLives(2020, {"A": ALWAYS, "B": NEW, "C": [(2019, 0)], "D": [(2021, 0)]})
    rows = [told("A", "B", 2018, "new"), told("A+Z", "C", 2019, "new"), told("A", "D", 2021, "new")]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("B", "C")
    assert walk(lives, *rows).split_off("A", day(2018)) == ("C",)


def test_what_was_split_off_and_went_on() -> None:
    """A code that was split off and is gone again is followed; one that came back to the code itself is not named."""
    lives = FakeLives(2022, {"A": ALWAYS, "B": [(2018, 2020)], "C": [(2020, 0)], "D": [(2018, 2020)]})
    rows = [told("A", "B", 2018, "new"), told("B", "C", 2020), told("A", "D", 2018, "new"), told("D", "A", 2020)]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("C",)


def test_what_was_split_off_from_what_was_split_off() -> None:
    """A part of a part is a part: it is named after what it was split off from, each code once."""
    lives = FakeLives(2022, {"A": ALWAYS, "B": NEW, "C": [(2020, 0)], "D": [(2021, 0)]})
    rows = [told("A", "B", 2018, "new"), told("B", "C", 2020, "new"), told("C", "D", 2021, "new")]
    assert walk(lives, *rows, told("A", "D", 2021, "new")).split_off("A", day(2016)) == ("B", "D", "C")
    assert walk(lives, *rows).split_off("A", day(2016)) == ("B", "C", "D")
    assert walk(lives, *rows).split_off("A", day(2019)) == ()


def test_split_off_in_a_circle() -> None:
    """Codes that are said to be parts of each other are named once."""
    lives = FakeLives(2022, {"A": ALWAYS, "B": NEW})
    rows = [told("A", "B", 2018, "new"), told("B", "A", 2019, "new"), told("A", "B", 2020, "new")]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("B",)


def test_split_off_until_the_day_of_the_edition() -> None:
    """A part that is split off on the edition's own day is named, one of the day after is not."""
    lives = FakeLives(2018, {"A": ALWAYS, "B": NEW, "C": NEW})
    rows = [told("A", "B", 2018, "new"), told("A", "C", 2018, "new", days=1)]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("B",)


def test_a_part_that_came_back_as_something_else() -> None:
    """A part is followed as what it was when it was split off, not as what it means now."""
    lives = FakeLives(2024, {"A": ALWAYS, "B": [(2018, 2020), (2022, 0)], "C": [(2020, 0)]})
    rows = [told("A", "B", 2018, "new"), told("B", "C", 2020)]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("C",)


def test_split_off_in_the_life_that_is_meant() -> None:
    """Of a code that came back only the parts count that were split off until then."""
    codes = dict.fromkeys("BCD", NEW)
    lives = FakeLives(2024, {"A": [(2016, 2018), (2020, 0)], **codes})
    rows = [told("A", "B", 2017, "new"), told("A", "C", 2020, "new", days=-1), told("A", "D", 2020, "new")]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("B", "C")
    assert walk(lives, *rows).split_off("A", day(2019)) == ("C",)


def test_a_part_that_no_release_holds() -> None:
    """A part that is in no loaded release is not named, what was split off from it is."""
    lives = FakeLives(2022, {"A": ALWAYS, "B": NEW})
    rows = [told("A", "X", 2018, "new"), told("X", "B", 2019, "new")]
    assert walk(lives, *rows).split_off("A", day(2016)) == ("B",)
