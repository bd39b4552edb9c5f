"""Steps joined to ways, and ways to alternatives."""

from __future__ import annotations

import pytest

from terminology.mapping.ways import (
    KINDS,
    LIMIT,
    RELATIONSHIP_OF,
    Way,
    Ways,
    joined_kind,
    joined_relationship,
    together,
    united,
)
from terminology.model import Alternative, Step
from terminology.schema import RELATIONSHIPS

EQUIVALENT, RELATED = "equivalent", "related-to"
NARROWER, BROADER = "source-is-narrower-than-target", "source-is-broader-than-target"


def step(kind: str, left: str = "A", reached: str = "B") -> Step:
    """Return a step from one code to another."""
    return Step(kind, "plants", (left,), (reached,) if reached else (), None, None, None)


def ways(*codes: str, **more: object) -> Ways:
    """Return a way to each of the codes; those joined by + are used together."""
    return Ways(tuple(Way(tuple(code.split("+"))) for code in codes), **more)  # type: ignore[arg-type]


def codes_of(found: Ways) -> list[str]:
    """Return the codes of each way."""
    return ["+".join(way.codes) for way in found.arrived]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (EQUIVALENT, EQUIVALENT, EQUIVALENT),
        (EQUIVALENT, NARROWER, NARROWER),
        (BROADER, EQUIVALENT, BROADER),
        (BROADER, BROADER, BROADER),
        (NARROWER, NARROWER, NARROWER),
        (NARROWER, BROADER, RELATED),
        (BROADER, NARROWER, RELATED),
        (RELATED, EQUIVALENT, RELATED),
        (RELATED, NARROWER, RELATED),
        (BROADER, RELATED, RELATED),
    ],
)
def test_relationships_are_joined_as_the_meanings_lie(first: str, second: str, expected: str) -> None:
    """What two steps say holds over both only where they agree, or one of them changes nothing."""
    assert expected == joined_relationship(first, second)


def test_relationships_join_associatively() -> None:
    """It does not matter which of three steps are joined first."""
    known = (EQUIVALENT, RELATED, NARROWER, BROADER)
    for a in known:
        for b in known:
            for c in known:
                left = joined_relationship(joined_relationship(a, b), c)
                assert left == joined_relationship(a, joined_relationship(b, c))


def test_every_kind_within_a_system_has_a_relationship_of_fhir() -> None:
    """Each kind of a step says what it means for the two sides; only that of maps between systems leaves it to them."""
    assert set(KINDS) - {"single", "corrected"} == set(RELATIONSHIP_OF)
    assert set(RELATIONSHIP_OF.values()) <= RELATIONSHIPS


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (("identity",), "identity"),
        (("identity", "renamed"), "renamed"),
        (("renamed", "replaced", "identity"), "replaced"),
        (("merged", "split"), "split"),
        (("to_header", "split"), "to_header"),
        (("combination", "to_header"), "combination"),
        (("single", "identity"), "single"),
        (("single", "merged"), "merged"),
    ],
)
def test_the_gravest_step_names_the_way(kinds: tuple[str, ...], expected: str) -> None:
    """Of several steps the one that changes most names the whole, in whichever order they come."""
    assert expected == joined_kind(kinds) == joined_kind(reversed(kinds))


def test_a_step_is_put_before_a_way() -> None:
    """The step comes first in the path; kind and relationship are those of both, a doubt of either stays."""
    way = Way(("C",), (step("replaced", "B", "C"),), EQUIVALENT, "replaced", approximate=False)
    longer = way.after(step("split"), BROADER, approximate=True)
    assert [one.kind for one in longer.steps] == ["split", "replaced"]
    assert (longer.codes, longer.relationship, longer.kind, longer.approximate) == (("C",), BROADER, "split", True)
    assert way.after(step("split"), BROADER).approximate is False
    assert Way(("C",)).after(step("split"), BROADER).approximate is None


def test_a_way_to_codes_used_together_is_a_combination() -> None:
    """Whatever the steps were, an alternative of several codes is a combination; it bears its system."""
    split = (step("split"),)
    alternative = Way(("A", "B"), split, BROADER, "split", approximate=True).alternative("plants")
    assert alternative == Alternative(("A", "B"), BROADER, "combination", split, True, "plants")  # noqa: FBT003
    assert Way(("A",), (), EQUIVALENT, "split").alternative("plants").kind == "split"


def test_codes_used_together_take_one_way_each() -> None:
    """The alternatives of codes used together are the product of theirs, in order, no code twice."""
    assert codes_of(together([ways("A", "B"), ways("C", "D")])) == ["A+C", "A+D", "B+C", "B+D"]
    assert codes_of(together([ways("A"), ways("A+B")])) == ["A+B"]


@pytest.mark.parametrize(
    ("relationships", "expected"),
    [
        ((BROADER, BROADER, BROADER), BROADER),
        ((EQUIVALENT, BROADER), RELATED),
        ((BROADER, EQUIVALENT), RELATED),
        ((NARROWER, NARROWER, BROADER), RELATED),
        ((NARROWER, BROADER, NARROWER), RELATED),
    ],
)
def test_codes_used_together_mean_what_all_of_them_mean(relationships: tuple[str, ...], expected: str) -> None:
    """What holds of each of several codes holds of all together; where they differ they are related."""
    members = [Ways((Way((str(place),), relationship=one),)) for place, one in enumerate(relationships)]
    assert [way.relationship for way in together(members).arrived] == [expected]


def test_codes_used_together_bear_the_steps_and_doubts_of_each() -> None:
    """The path has the steps of each code in turn, the gravest names the whole, and a doubt about one is about all."""
    first = Way(("A",), (step("replaced"),), kind="replaced", approximate=True)
    second = Way(("B",), (step("merged"), step("split")), kind="split", approximate=False)
    third = Way(("C",))
    ((found,), (sure,), (silent,)) = (
        together([Ways((way,)) for way in ways]).arrived
        for ways in ((first, second, third), (third, second), (third, third))
    )
    assert [one.kind for one in found.steps] == ["replaced", "merged", "split"]
    assert (found.kind, found.approximate, sure.approximate, silent.approximate) == ("split", True, False, None)


def test_a_member_with_more_ways_than_are_listed_leaves_more_unlisted() -> None:
    """Of codes used together there are more alternatives than are listed where there are of any one."""
    assert together([ways("A", is_bounded=True), ways("B")]).is_bounded
    assert together([ways("A"), ways("B", is_bounded=True)]).is_bounded


def test_one_code_is_not_together_with_anything() -> None:
    """The ways of a single code stay as they are."""
    alone = ways("A", "B", lost=("why",))
    assert together([alone]) is alone


def test_a_product_is_bounded_and_says_so() -> None:
    """So many alternatives are listed and no more; at the bound itself nothing is missing."""
    many = ways(*(f"A{n}" for n in range(50)))
    exact, beyond = ways(*(f"B{n}" for n in range(40))), ways(*(f"B{n}" for n in range(41)))
    assert (len(together([many, exact]).arrived), together([many, exact]).is_bounded) == (LIMIT, False)
    assert (len(together([many, beyond]).arrived), together([many, beyond]).is_bounded) == (LIMIT, True)


def test_a_union_is_bounded_and_says_so() -> None:
    """A union lists so many alternatives and no more, and takes over what is said of its parts."""
    exact, beyond = [ways(f"A{n}") for n in range(LIMIT)], [ways(f"A{n}") for n in range(LIMIT + 1)]
    assert (len(united(exact).arrived), united(exact).is_bounded) == (LIMIT, False)
    assert (len(united(beyond).arrived), united(beyond).is_bounded) == (LIMIT, True)
    assert united([ways("A", is_bounded=True), ways("B")]).is_bounded


def test_of_ways_to_the_same_codes_the_first_is_kept() -> None:
    """A union holds each set of codes once, as it was reached first, whatever the order of the codes."""
    first = Ways((Way(("A", "B"), (step("split"),), BROADER, "split"),))
    second = Ways((Way(("B", "A")), Way(("C",))))
    assert codes_of(united([first, second])) == ["A+B", "C"]
    assert united([first, second]).arrived[0].kind == "split"


def test_a_union_keeps_all_that_was_said() -> None:
    """Reasons and ends of all parts are kept, each sentence once."""
    end = step("none")
    parts = [ways(lost=("a",), said=("y", "x"), ended=(end,)), ways("A", lost=("a", "b"), said=("x",))]
    found = united(parts)
    assert (found.lost, found.said, found.ended, codes_of(found)) == (("a", "b"), ("y", "x"), (end,), ["A"])


def test_a_lost_member_loses_all() -> None:
    """Where one of the codes used together is lost, no alternative is made of the others, and the reason is kept."""
    found = together([ways("A"), ways(lost=("B is lost",))])
    assert (found.arrived, found.lost) == ((), ("B is lost",))


def test_an_ended_member_is_no_end_of_the_whole() -> None:
    """Where one member goes on and another ends, there is neither an alternative nor nothing: it is not known."""
    found = together([ways("A"), ways(said=("nothing replaces B",), ended=(step("none", "B", ""),))])
    assert (found.arrived, found.said, found.lost) == ((), (), ("nothing replaces B",))
    assert found.ended == (step("none", "B", ""),)


def test_all_members_ended_is_an_end() -> None:
    """Where all members end, the whole does."""
    found = together([ways(said=("a",), ended=(step("none"),)), ways(said=("b",), ended=(step("none"),))])
    assert (found.arrived, found.said, found.lost) == ((), ("a", "b"), ())


def test_how_far_a_lost_way_went_is_kept() -> None:
    """A step before ways that arrived nowhere is part of how far they went; before those that arrived it is theirs."""
    assert [one.kind for one in ways(lost=("why",)).after(step("replaced"), EQUIVALENT).ended] == ["replaced"]
    assert ways("A").after(step("replaced"), EQUIVALENT).ended == ()
