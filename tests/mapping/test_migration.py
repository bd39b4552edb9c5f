"""Migrations between releases of an invented system: what is said of a code that stays, and of one that is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terminology import CodeSystem
from terminology.mapping.ways import Way, Ways
from terminology.model import Alternative, Outcome, Source, Step
from terminology.query.migration import no_code, translation_of
from terminology.systems import SYSTEMS

from ..property.successions import Row, day_of
from .fakes import BROADER, EQUIVALENT, NARROWER, RELATED
from .gardens import alternatives, garden, uses

Told = Callable[..., CodeSystem]


@pytest.fixture
def plants(tmp_path: Path) -> Told:
    """A function that loads releases of plants, rows and maps (see `garden`), and returns the system."""

    def loaded(*given: Any) -> CodeSystem:
        return garden(tmp_path, *given)["plants"]

    return loaded


def path(found: Any) -> list[tuple[str, str | None, Any]]:
    """Return kind, release and titles of each step of the one alternative."""
    (alternative,) = found.alternatives
    return [(step.kind, step.release, tuple(step.detail.values())) for step in alternative.path]


# ---- a code that stays


def test_untouched(plants: Told) -> None:
    """A code of which nothing changed is itself, with no step, and cites its row in the release it is migrated to."""
    system = plants(["PA PX", "PA"], [])
    found = system.migrate("pa", "2016", "2017")
    assert (found.code, alternatives(found), path(found)) == ("PA", [("PA", "identity", EQUIVALENT)], [])
    assert (found.reason, found.is_complete, found.split_off, found.path) == (None, True, (), ())
    assert found.alternatives[0].system == "plants"
    assert found.source is not None
    assert found.source.file == "1-plants.world"


def test_renamed(plants: Told) -> None:
    """A code under another title is renamed, with both titles, day and release of each change; in either direction."""
    system = plants(["PA=oak", "PA=elm", "PA=ash"], [])
    steps = [("renamed", "2017", ("oak", "elm")), ("renamed", "2018", ("elm", "ash"))]
    for before, after in (("2016", "2018"), ("2018", "2016")):
        found = system.migrate("PA", before, after)
        assert (alternatives(found), path(found)) == ([("PA", "renamed", RELATED)], steps)
        assert found.alternatives[0].system == "plants"
    step = system.migrate("PA", "2016", "2017").alternatives[0].path[0]
    assert (step.system, step.from_codes, step.to_codes, step.effective) == ("plants", ("PA",), ("PA",), day_of(1))


def test_renamed_and_named_as_before(plants: Told) -> None:
    """A code that has the title again which it had at first is the same; what was between them plays no role."""
    found = plants(["PA=oak", "PA=elm", "PA=oak"], []).migrate("PA", "2016", "2018")
    assert (alternatives(found), path(found)) == ([("PA", "identity", EQUIVALENT)], [])
    assert found.source is not None
    assert found.source.file == "2-plants.world"


def test_what_became_of_a_code_that_stays(plants: Told) -> None:
    """A code whose release is not told is taken from its first day: titles, parts and a role of its own count from then."""
    rows = [Row(("PA",), ("PC",), 1, "new")]
    system = plants(["PA=oak PB", "PA=elm PB/ PB1 PC", "PA=elm PB/ PB1 PC"], rows)
    found = system.became("PA")
    assert (alternatives(found), found.split_off) == ([("PA", "renamed", RELATED)], ("PC",))
    assert alternatives(system.became("PB")) == [("PB1", "to_header", BROADER)]


def test_a_code_that_is_younger_than_its_release(plants: Told) -> None:
    """A code that the release it is said to come from does not hold is the code that it is in the other one."""
    found = plants(["PX", "PX PA"], []).migrate("PA", "2016", "2017")
    assert (alternatives(found), found.reason) == ([("PA", "identity", EQUIVALENT)], None)


def test_a_header_stays_a_header(plants: Told) -> None:
    """A header of the first release that is one of the other as well is itself; a code that became one leads below."""
    system = plants(["PA/ PA1 PB", "PA/ PA1 PB/ PB1"], [])
    assert alternatives(system.migrate("PA", "2016", "2017")) == [("PA", "identity", EQUIVALENT)]
    assert alternatives(system.migrate("PB", "2016", "2017")) == [("PB1", "to_header", BROADER)]


def test_a_header_that_became_billable(plants: Told) -> None:
    """A header that is a billable code in the other release is the same code in another role, with its changes of title."""
    system = plants(["PA/=oak PA1", "PA=elm"], [])
    found = system.migrate("PA", "2016", "2017")
    assert alternatives(found) == [("PA", "to_billable", RELATED)]
    assert path(found) == [("renamed", "2017", ("oak", "elm"))]


@pytest.mark.parametrize(
    ("releases", "relationship", "steps"),
    [
        (["PA=oak", "PX", "PA=oak"], EQUIVALENT, [("reinstated", "2018", ())]),
        (["PA=oak", "PX", "PA=elm"], RELATED, [("reinstated", "2018", ()), ("renamed", "2018", ("oak", "elm"))]),
        (
            ["PA=oak", "PA=elm", "PX", "PA=elm"],
            RELATED,
            [("renamed", "2017", ("oak", "elm")), ("reinstated", "2019", ())],
        ),
        (
            ["PA=oak", "PX", "PA=elm", "PA=oak"],
            EQUIVALENT,
            [("reinstated", "2018", ()), ("renamed", "2018", ("oak", "elm")), ("renamed", "2019", ("elm", "oak"))],
        ),
    ],
)
def test_reinstated(plants: Told, releases: list[str], relationship: str, steps: list[Any]) -> None:
    """A code that came back is equivalent if its title is the first one's; all changes are told in order of their days."""
    found = plants(releases, []).migrate("PA", "2016", str(2015 + len(releases)))
    assert (alternatives(found), path(found)) == ([("PA", "reinstated", relationship)], steps)


def test_a_code_that_others_stood_in_for_is_not_renamed(plants: Told) -> None:
    """A code that was replaced and later took over again came by these steps, whatever its titles were."""
    rows = [Row(("PA",), ("PB",), 1, "deleted"), Row(("PB",), ("PA",), 2, "deleted")]
    found = plants(["PA=oak PX", "PB PX", "PA=elm PX"], rows).migrate("PA", "2016", "2018")
    assert alternatives(found) == [("PA", "replaced", EQUIVALENT)]
    assert [kind for kind, _, _ in path(found)] == ["replaced", "replaced"]


def test_what_was_split_off(plants: Told) -> None:
    """Of a code that stays it is told what took over a part since its release; of one that was replaced it is not."""
    rows = [Row(("PA",), ("PB",), 1, "new"), Row(("PC",), ("PD",), 1, "deleted"), Row(("PC",), ("PE",), 1, "deleted")]
    system = plants(["PA PC", "PA PB PD PE", "PA PB PD PE"], rows)
    assert system.migrate("PA", "2016", "2018").split_off == ("PB",)
    assert system.migrate("PA", "2017", "2018").split_off == ()
    found = system.migrate("PC", "2016", "2018")
    assert (found.codes, found.split_off) == (("PD", "PE"), ())


# ---- a code that is lost


def test_replaced_in_another_system(plants: Told) -> None:
    """Where a lost code was replaced by codes of other systems on a day, these are named, each once, with their systems."""
    columns = "source,target,alternative,relationship,effective"
    day = day_of(1)
    rows = [
        *(f"PA,tea,1,equivalent,{day}", f"PA,milk,1,equivalent,{day}"),
        *(f"PA,jam,2,equivalent,{day}", f"PB,,1,equivalent,{day}", "PC,tea,1,equivalent,"),
    ]
    maps = [
        uses(*rows, f"PD,tea,1,equivalent,{day}", f"PD,milk,1,equivalent,{day}", columns=columns),
        uses(f"PA,jam,1,equivalent,{day}", columns=columns, version="2", release=1),
        uses(f"PA,red,1,equivalent,{day}", columns=columns, name="dyes", target="colours"),
        uses(f"PA,other,1,equivalent,{day}", columns=columns, name="teas", source="fish"),
    ]
    system = plants(["PA PB PC PD PX", "PX"], [], *maps)
    ended = f"is not in force from {day} on, and no loaded crosswalk says what replaced it"
    found = system.migrate("PA", "2016", "2017")
    assert (found.alternatives, found.is_complete) == ((), False)
    assert found.reason == f"PA {ended}; it was replaced by red of colours, jam of goods"
    assert system.migrate("PD", "2016", "2017").reason == f"PD {ended}; it was replaced by tea + milk of goods"
    assert [system.migrate(code, "2016", "2017").reason for code in ("PB", "PC")] == [f"PB {ended}", f"PC {ended}"]


def test_a_code_that_arrived_is_not_looked_for_elsewhere(plants: Told) -> None:
    """Where one of two ways is lost, the other one is the answer, and other systems are not named."""
    columns, day = "source,target,relationship,effective", day_of(1)
    rows = [Row(("PA",), (code,), 1, "deleted") for code in ("PB", "PC")]
    made = uses(f"PA,tea,equivalent,{day}", columns=columns)
    found = plants(["PA PX", "PX PB PC", "PX PB"], rows, made).migrate("PA", "2016", "2018")
    assert found.codes == ("PB",)
    assert found.reason == f"PC is not in force from {day_of(2)} on, and no loaded crosswalk says what replaced it"


def test_the_life_of_the_first_release_is_meant(plants: Told) -> None:
    """A code is followed as what it was in the release it was taken from, headers by the codes below them if it was none."""
    rows = [Row(("PA",), ("PB",), 1, "deleted")]
    system = plants(["PA PX", "PB PX", "PA=other PB PX"], rows)
    assert [system.migrate("PA", before, "2018").codes for before in ("2016", "2018")] == [("PB",), ("PA",)]
    assert [system.became("PA", on).codes for on in (None, day_of(1), day_of(0))] == [("PA",), ("PB",), ("PA",)]


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        (5, "5", "5 is no text"),
        ("?", "?", "'?' cannot be a code of plants"),
        ("PQ", "PQ", "PQ is in no loaded release of plants"),
    ],
)
def test_what_no_release_holds(plants: Told, code: Any, text: str, reason: str) -> None:
    """What is no text, no code, or in no release becomes nothing, and it is said why."""
    system = plants(["PA"], [])
    for found in (system.migrate(code, "2016", "2016"), system.became(code)):
        assert (found.code, str(found.outcome), found.reason, found.is_complete) == (text, "unknown", reason, False)


# ---- answers


def test_an_expression_is_several_codes() -> None:
    """A code with modifiers is to be asked code by code; they are named."""
    found = no_code("99213:25:59", "cpt", SYSTEMS["cpt"])
    assert (found.outcome, found.is_complete) == (Outcome.UNKNOWN, False)
    reason = "99213:25:59 is an expression of several codes: ask for each of them by itself (99213, 25, 59)"
    assert (found.code, found.reason) == ("99213:25:59", reason)


def test_a_text_of_a_system_that_nobody_defines() -> None:
    """Of a system without rules for modifiers no text is an expression."""
    assert no_code("99213:25", "goods", None).reason == "'99213:25' cannot be a code of goods"


END = Step("none", "plants", ("A",), (), None, None, None)


@pytest.mark.parametrize(
    ("ways", "outcome", "reason", "is_complete", "ended"),
    [
        (Ways(said=("so",), ended=(END,)), "none", "so", True, (END,)),
        (Ways(said=("so", "and so"), ended=(END,)), "none", "so; and so", True, (END,)),
        (Ways(said=("so",), lost=("why",), ended=(END,)), "unknown", "why", False, (END,)),
        (Ways(lost=("why", "and why")), "unknown", "why; and why", False, ()),
        (Ways(lost=tuple("abcde")), "unknown", "a; b; c; and 2 more ways end so", False, ()),
        (Ways((Way(("B",)),), said=("so",), ended=(END,)), "mapped", None, True, ()),
        (Ways((Way(("B",)),), lost=("why",)), "mapped", "why", False, ()),
    ],
)
def test_what_ways_say_together(ways: Ways, outcome: str, reason: str, is_complete: bool, ended: Any) -> None:  # noqa: FBT001
    """Mapped if any way arrived, none if publishers say so of all, else unknown; how far ways went only if none arrived."""
    found = translation_of("A", ways, "plants", None)
    assert (str(found.outcome), found.reason, found.is_complete, found.path) == (outcome, reason, is_complete, ended)


def test_that_there_are_more_is_said() -> None:
    """Where more alternatives were found than are listed, the answer is not complete and says how many it lists."""
    many = Ways(tuple(Way((f"B{number}",)) for number in range(1000)), is_bounded=True, lost=("why",))
    found = translation_of("A", many, "plants", None, ("C",))
    assert (len(found.alternatives), found.is_complete, found.split_off) == (1000, False, ("C",))
    assert found.reason == "why; there are more alternatives than the 1,000 that are listed"
    found = translation_of("A", Ways((Way(("B",)),), is_bounded=True), "plants", None)
    assert (found.is_complete, found.reason) == (False, "there are more alternatives than the 1 that are listed")


def test_the_last_step_with_a_source_is_cited() -> None:
    """An alternative cites the last step that stands in a file; without any, and without a release, nothing."""
    first, last = (Source("plants", "1", name, "0" * 64, 7) for name in ("first.csv", "last.csv"))
    steps = [Step("single", "plants", ("A",), ("B",), None, None, None, source) for source in (first, last, None)]
    way = Way(("B", "C"), tuple(steps), NARROWER, "single", approximate=True)
    (found,) = translation_of("A", Ways((way,)), "goods", None).alternatives
    assert found == Alternative(("B", "C"), NARROWER, "combination", tuple(steps), True, "goods", last)  # noqa: FBT003
    (found,) = translation_of("A", Ways((Way(("B",), tuple(steps[2:])),)), "goods", None).alternatives
    assert found.source is None
