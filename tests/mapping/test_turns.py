"""Codes that live on and stand for something else: renumbered lists, and steps that are only perhaps the code's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology import CodeSystem
from terminology.codelists import CodeList, migration_of
from terminology.mapping.turns import renumbering_days, turning_days

from ..property.successions import Row
from .fakes import BROADER, EQUIVALENT, RELATED, FakeLives, arrived, day, steps, told, walk
from .gardens import alternatives, garden


class Turns:
    """Days, changes and whether the code leads to itself."""

    def __init__(self, *told: tuple[int, str, bool]) -> None:
        self.told = told

    def turns(self, code: str) -> list[tuple[int, str, bool]]:  # noqa: ARG002
        """Return what was given, for any code."""
        return list(self.told)


@pytest.mark.parametrize(
    ("rows", "forward", "backward", "certain"),
    [
        ([], set(), set(), set()),
        ([(1, "deleted", False)], {1}, {1}, {1}),
        ([(1, "deleted", False), (1, "deleted", True)], {1}, set(), set()),
        ([(1, "new", True)], set(), {1}, set()),
        ([(1, "deleted", True), (1, "new", True), (1, "deleted", False)], {1}, {1}, set()),
        ([(1, "new", False), (2, "revised", True), (3, "ended", False)], set(), set(), set()),
        ([(1, "deleted", False), (2, "deleted", True)], {1, 2}, {1}, {1}),
    ],
)
def test_days(rows, forward, backward, certain) -> None:
    """What ends a code's meaning: rows of its deletion; backward those to itself that are new, or none to itself."""
    maps = [Turns(*rows)]
    assert (forward, backward) == (turning_days("A", maps, forward=True), turning_days("A", maps, forward=False))
    assert certain == renumbering_days("A", maps)


RENUMBERED = ["PA=one PB=two PZ", "PA=zero PB=one PC=two PZ"]
CHAIN = [Row(("PA",), ("PB",), 1, "deleted"), Row(("PB",), ("PC",), 1, "deleted"), Row((), ("PA",), 1, "new")]


@pytest.fixture
def renumbered(tmp_path: Path) -> CodeSystem:
    """A list in which codes moved on by one, and one of another year in which nothing changed."""
    return garden(tmp_path, [*RENUMBERED, RENUMBERED[1]], CHAIN)["plants"]


def test_a_code_is_what_its_publication_says(renumbered) -> None:
    """Forward and back, over a year and over two, a renumbered code is followed, though the code itself is in force."""
    for after in ("2017", "2018"):
        assert [("PB", "replaced", EQUIVALENT)] == alternatives(renumbered.migrate("PA", "2016", after))
        assert [("PC", "replaced", EQUIVALENT)] == alternatives(renumbered.migrate("PB", "2016", after))
        assert [("PA", "replaced", EQUIVALENT)] == alternatives(renumbered.migrate("PB", after, "2016"))
        assert [("PB", "replaced", EQUIVALENT)] == alternatives(renumbered.migrate("PC", after, "2016"))
    assert ("none", True) == (renumbered.migrate("PA", "2017", "2016").outcome, True)
    assert [("PB", "identity", EQUIVALENT)] == alternatives(renumbered.migrate("PB", "2017", "2018"))
    assert ("PB",) == renumbered.became("PB").codes


def test_its_history_names_both_meanings(renumbered) -> None:
    """The successor is that of what the code was, the predecessor that of what it is."""
    relatives = {code: renumbered.history(code) for code in ("PA", "PB", "PC", "PZ")}
    assert {"PA": (), "PB": ("PA",), "PC": ("PB",), "PZ": ()} == {c: h.predecessors for c, h in relatives.items()}
    assert {"PA": ("PB",), "PB": ("PC",), "PC": (), "PZ": ()} == {c: h.successors for c, h in relatives.items()}


def test_a_list_of_codes_is_renumbered(renumbered) -> None:
    """A list that holds the codes holds their successors then, each once."""
    found = migration_of(CodeList.parse("PA\nPB\nPZ\n"), renumbered, "2016", "2017").proposal()
    assert ["PB", "PC", "PZ"] == [entry.code for entry in found.entries]


def test_a_year_between_is_missing(tmp_path) -> None:
    """A code is renumbered also where no release of that year is loaded."""
    rows = [Row(row.sources, row.targets, 1, row.change) for row in CHAIN]
    plants = garden(tmp_path, [RENUMBERED[0], None, RENUMBERED[1]], rows)["plants"]
    assert ("PB",) == plants.migrate("PA", "2016", "2018").codes
    assert ("PA",) == plants.migrate("PB", "2018", "2016").codes


def test_a_code_with_nothing_in_its_place(tmp_path) -> None:
    """A code that is used again after the publisher ended it leads to nothing, in both directions."""
    rows = [Row(("PA",), None, 1, "deleted"), Row((), ("PA",), 1, "new")]
    plants = garden(tmp_path, ["PA=spare PZ", "PA=plague PZ"], rows)["plants"]
    assert ("none", "none") == tuple(
        str(plants.migrate("PA", *years).outcome) for years in (("2016", "2017"), ("2017", "2016"))
    )


PERHAPS = [Row(("PA",), ("PA",), 1, "deleted"), Row(("PA",), ("PB",), 1, "deleted")]


def test_a_code_that_perhaps_stayed(tmp_path) -> None:
    """Where no step is automatic the code is one of several that it became; what was split off later is still told."""
    rows = [*PERHAPS, Row(("PA",), ("PC",), 2, "new")]
    plants = garden(tmp_path, ["PA PZ", "PA PB PZ", "PA PB PC PZ"], rows)["plants"]
    found = plants.migrate("PA", "2016", "2018")
    assert ([("PA", "split", BROADER), ("PB", "split", BROADER)], ("PC",)) == (alternatives(found), found.split_off)
    assert [("PA", "identity", EQUIVALENT)] == alternatives(plants.migrate("PA", "2018", "2016"))
    assert (("PA",), ()) == (plants.history("PB").predecessors, plants.history("PA").successors)


def test_a_code_that_perhaps_took_over(tmp_path) -> None:
    """Where no step back is automatic the code was perhaps another; forward it is itself."""
    rows = [Row(("PB",), ("PA",), 1, "deleted"), Row(("PA",), ("PA",), 1, "new")]
    plants = garden(tmp_path, ["PA PB PZ", "PA PZ"], rows)["plants"]
    assert {"PA", "PB"} == set(plants.migrate("PA", "2017", "2016").codes)
    assert [("PA", "identity", EQUIVALENT)] == alternatives(plants.migrate("PA", "2016", "2017"))


def test_the_step_that_is_automatic_comes_first() -> None:
    """Of several steps that a publisher would do by itself first, in each direction; then the code itself."""
    lives = FakeLives(2020, {"A": [(2016, 2018), (2018, 0)], "B": [(2018, 0)], "C": [(2018, 0)]})
    rows = [told("A", "B", 2018), told("A", "A", 2018)]
    assert ["A", "B"] == [codes for codes, _, _ in arrived(walk(lives, *rows).ways("A", since=day(2016)))]
    rows.append(told("A", "C", 2018, detail={"automatic_forward": True}))
    assert ["C", "A", "B"] == [codes for codes, _, _ in arrived(walk(lives, *rows).ways("A", since=day(2016)))]


def test_a_step_over_a_turn_is_no_merger() -> None:
    """A code that takes over another's meaning and gives up its own means no more than that one did."""
    lives = FakeLives(2020, {"A": [(2016, 2018)], "B": [(2016, 2018), (2018, 0)], "C": [(2018, 0)]})
    ways = walk(lives, told("A", "B", 2018), told("B", "C", 2018)).ways("A", since=day(2016))
    assert [("B", "replaced", EQUIVALENT)] == arrived(ways)
    assert [("replaced", "A", "B")] == steps(ways.arrived[0])
    shared = FakeLives(2020, {"A": [(2016, 2018)], "B": [(2016, 0)]})
    assert "merged" == arrived(walk(shared, told("A", "B", 2018)).ways("A", since=day(2016)))[0][1]
    assert RELATED != arrived(ways)[0][2]
