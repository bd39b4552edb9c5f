"""Walks through releases over a few invented codes and rows: where they lead, what they are called, why they are lost."""

from __future__ import annotations

import datetime

import pytest

from terminology.mapping.rows import MapRow
from terminology.mapping.succession import CIRCLES, DEPTH
from terminology.mapping.ways import LIMIT
from terminology.model import Source

from .fakes import ALWAYS, BROADER, EQUIVALENT, NARROWER, NEW, OLD, RELATED, FakeLives, arrived, day, steps, told, walk

SOURCE = Source("plants", "1", "table.csv", "0" * 64, 7)


def test_a_code_in_force_is_itself() -> None:
    """A billable code of the edition arrives at once, whatever is written of it."""
    ways = walk(FakeLives(2020, {"A": ALWAYS}), told("A", "B", 2018)).ways("A")
    assert (arrived(ways), ways.arrived[0].steps) == ([("A", "identity", EQUIVALENT)], ())


# ---- forward


@pytest.mark.parametrize("change", ["deleted", "new"])
def test_replaced(change: str) -> None:
    """A code that ended, and a new one that took over alone: replaced, as the row tells, wherever it stands."""
    lives = FakeLives(2020, {"A": OLD, "B": NEW})
    ways = walk(lives, told("A", "B", 2018, change, source=SOURCE, detail={"comment": "so"})).ways("A", since=day(2016))
    assert arrived(ways) == [("B", "replaced", EQUIVALENT)]
    (step,) = ways.arrived[0].steps
    assert (step.system, step.source) == ("plants", SOURCE)
    assert (step.from_codes, step.to_codes, step.effective) == (("A",), ("B",), datetime.date(2018, 1, 1))
    assert (step.crosswalk, step.release, step.detail) == ("invented 1", "2018", {"comment": "so"})


def test_merged_into_a_code_that_stood_before() -> None:
    """Where the code that took over was in force already, it means more: the source is narrower."""
    ways = walk(FakeLives(2020, {"A": OLD, "B": ALWAYS}), told("A", "B", 2018)).ways("A")
    assert arrived(ways) == [("B", "merged", NARROWER)]


def test_merged_with_another() -> None:
    """Where a new code took over from several, each of them is narrower."""
    lives = FakeLives(2020, {"A": OLD, "B": OLD, "C": NEW})
    ways = walk(lives, told("A", "C", 2018), told("B", "C", 2018)).ways("A")
    assert arrived(ways) == [("C", "merged", NARROWER)]


def test_the_day_before_a_change_says_whether_a_code_stood() -> None:
    """A code that began on the very day before it took over from another stood before, and means more."""
    lives = FakeLives(2020, {"A": OLD, "B": NEW})
    assert arrived(walk(lives, told("A", "B", 2018, days=1)).ways("A")) == [("B", "merged", NARROWER)]
    assert arrived(walk(lives, told("A", "B", 2018)).ways("A")) == [("B", "replaced", EQUIVALENT)]


def test_what_is_merged_later_does_not_widen_a_step() -> None:
    """A code that took over alone replaced the other, though a third one was merged into it years later."""
    lives = FakeLives(2022, {"A": OLD, "B": NEW, "Z": [(2016, 2020)]})
    ways = walk(lives, told("A", "B", 2018), told("Z", "B", 2020)).ways("A")
    assert arrived(ways) == [("B", "replaced", EQUIVALENT)]


def test_a_flag_of_the_publisher_stays_with_the_way() -> None:
    """A way is approximate or not as its row says, and says nothing of it where the row does not."""
    lives = FakeLives(2020, {"A": OLD, "B": NEW})
    for flag in (True, False, None):
        ways = walk(lives, told("A", "B", 2018, approximate=flag)).ways("A")
        assert ways.arrived[0].approximate is flag


def test_split() -> None:
    """Where several new codes took over, any of them may be meant, and the source is broader; in the order of the rows."""
    lives = FakeLives(2020, {"A": OLD, "B": NEW, "C": NEW})
    ways = walk(lives, told("A", "C", 2018), told("A", "B", 2018)).ways("A")
    assert arrived(ways) == [("C", "split", BROADER), ("B", "split", BROADER)]


def test_split_over_codes_that_mean_more() -> None:
    """Of several codes, one that stood before or came of others too is only related."""
    lives = FakeLives(2020, {"A": OLD, "Z": OLD, "B": ALWAYS, "C": NEW, "D": NEW})
    rows = [told("A", "B", 2018), told("A", "C", 2018), told("A", "D", 2018), told("Z", "D", 2018)]
    assert arrived(walk(lives, *rows).ways("A")) == [
        ("B", "split", RELATED),
        ("C", "split", BROADER),
        ("D", "split", RELATED),
    ]


def test_combination() -> None:
    """Codes that took over together are one alternative, not two."""
    lives = FakeLives(2020, {"A": OLD, "B": NEW, "C": NEW})
    ways = walk(lives, told("A", "B+C", 2018)).ways("A")
    assert arrived(ways) == [("B+C", "combination", RELATED)]
    assert steps(ways.arrived[0]) == [("combination", "A", "B+C")]


def test_members_of_a_combination_go_on_by_themselves() -> None:
    """Where members of a combination change later, the alternatives are the product of what became of them."""
    lives = FakeLives(2022, {"A": OLD, "B": [(2018, 2020)], "C": NEW, "D": [(2020, 0)], "E": [(2020, 0)]})
    ways = walk(lives, told("A", "B+C", 2018), told("B", "D", 2020), told("B", "E", 2020)).ways("A")
    assert [codes for codes, _, _ in arrived(ways)] == ["D+C", "E+C"]
    assert steps(ways.arrived[0]) == [("combination", "A", "B+C"), ("split", "B", "D")]


def test_one_of_several_used_together() -> None:
    """A code that became another only together with a third: the step leaves both, and the code alone is related."""
    lives = FakeLives(2020, {"A": OLD, "B": OLD, "C": NEW})
    ways = walk(lives, told("A+B", "C", 2018, "new")).ways("A")
    assert (arrived(ways), steps(ways.arrived[0])) == ([("C", "merged", RELATED)], [("merged", "A+B", "C")])


def test_two_steps() -> None:
    """Each step is taken on its day, and the way is what all of them make of it."""
    lives = FakeLives(2022, {"A": OLD, "B": [(2018, 2020)], "C": [(2020, 0)], "D": [(2020, 0)]})
    rows = [told("A", "B", 2018), told("B", "C", 2020), told("B", "D", 2020)]
    ways = walk(lives, *rows).ways("A")
    assert arrived(ways) == [("C", "split", BROADER), ("D", "split", BROADER)]
    assert steps(ways.arrived[0]) == [("replaced", "A", "B"), ("split", "B", "C")]
    assert arrived(walk(FakeLives(2019, lives.billable), *rows).ways("A")) == [("B", "replaced", EQUIVALENT)]


def test_none() -> None:
    """Where the publisher says that nothing replaces a code, that is an end, not a loss."""
    ways = walk(FakeLives(2020, {"A": OLD, "B": NEW}), told("A", None, 2018)).ways("A")
    assert (ways.arrived, ways.lost) == ((), ())
    assert ways.said == ("the publisher says that nothing replaces A",)
    assert [(step.kind, step.from_codes, step.to_codes) for step in ways.ended] == [("none", ("A",), ())]


def test_none_for_codes_used_together() -> None:
    """Where nothing replaces codes that were used together, all of them are named."""
    ways = walk(FakeLives(2020, {"A": OLD, "B": OLD}), told("A+B", None, 2018)).ways("A")
    assert ways.said == ("the publisher says that nothing replaces A + B",)


def test_none_after_a_step() -> None:
    """How far a way went before its end is told step by step."""
    lives = FakeLives(2022, {"A": OLD, "B": [(2018, 2020)]})
    ways = walk(lives, told("A", "B", 2018), told("B", None, 2020)).ways("A")
    assert [step.kind for step in ways.ended] == ["replaced", "none"]
    assert ways.said == ("the publisher says that nothing replaces B",)


def test_lost() -> None:
    """Where no row says what became of a code, it is lost with the day of its end, and nothing is guessed."""
    ways = walk(FakeLives(2020, {"A": OLD, "AB": NEW}), told("C", "D", 2018)).ways("A")
    assert (ways.arrived, ways.said, ways.ended) == ((), (), ())
    assert ways.lost == ("A is not in force from 2018-01-01 on, and no loaded crosswalk says what replaced it",)


def test_lost_after_a_step() -> None:
    """A way that is lost after a step keeps the step as how far it went."""
    lives = FakeLives(2022, {"A": OLD, "B": [(2018, 2020)]})
    ways = walk(lives, told("A", "B", 2018)).ways("A")
    assert ([step.kind for step in ways.ended], ways.said) == (["replaced"], ())
    assert "B is not in force from 2020-01-01 on" in ways.lost[0]


def test_the_end_of_a_lost_code_is_cited() -> None:
    """A publication that lists the end of a code, without saying what became of it, is cited all the same."""
    listed = told("A", None, 2018, "ended", detail={"listed": True})
    rows = [told("A", "A", 2018, "to_header"), listed, told("A", None, 2019, "ended")]
    ways = walk(FakeLives(2020, {"A": OLD}), *rows).ways("A")
    assert (len(ways.lost), ways.said) == (1, ())
    assert [(step.kind, step.from_codes, step.to_codes, step.detail) for step in ways.ended] == [
        ("deleted", ("A",), (), {"listed": True})
    ]


def test_one_branch_lost() -> None:
    """Where one of two ways is lost, the other arrives and the loss is told."""
    lives = FakeLives(2022, {"A": OLD, "B": NEW, "C": [(2018, 2020)]})
    ways = walk(lives, told("A", "B", 2018), told("A", "C", 2018)).ways("A")
    assert ([codes for codes, _, _ in arrived(ways)], len(ways.lost)) == (["B"], 1)


def test_the_first_publication_after_the_end_counts() -> None:
    """What was written before a code ended (a part split off) is no successor, nor what was written later of it."""
    lives = FakeLives(2022, {"A": OLD, "B": ALWAYS, "C": NEW, "D": [(2020, 0)]})
    rows = [told("A", "B", 2017, "new"), told("A", "C", 2018), told("A", "D", 2020)]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("A"))] == ["C"]


def test_a_code_that_ended_long_before_is_no_predecessor() -> None:
    """A new code that names one as its predecessor which was gone for years says nothing of what became of that."""
    lives = FakeLives(2022, {"A": OLD, "B": [(2020, 0)]})
    assert walk(lives, told("A", "B", 2020, "new")).ways("A").arrived == ()
    assert arrived(walk(lives, told("A", "B", 2020, "deleted")).ways("A")) == [("B", "replaced", EQUIVALENT)]


def test_what_stands_at_the_deleted_code_counts_first() -> None:
    """Of the rows of one day those at the deleted code tell its replacement; those at new codes only a part of it."""
    lives = FakeLives(2020, {"A": OLD, "B": NEW, "C": NEW})
    rows = [told("A", "B", 2018, "new"), told("A", "C", 2018, "deleted")]
    assert arrived(walk(lives, *rows).ways("A")) == [("C", "replaced", EQUIVALENT)]


@pytest.mark.parametrize("change", ["begun", "ended", "revised", "to_header", "to_billable"])
def test_lists_of_changes_are_no_successions(change: str) -> None:
    """Rows that do not say what became of a code lead nowhere."""
    assert walk(FakeLives(2020, {"A": OLD, "B": NEW}), told("A", "B", 2018, change)).ways("A").arrived == ()


def test_a_row_from_a_code_to_itself_leads_nowhere() -> None:
    """A row that repeats the code says nothing of what became of it."""
    ways = walk(FakeLives(2020, {"A": OLD}), told("A", "A", 2018)).ways("A")
    assert ways.lost == ("A is not in force from 2018-01-01 on, and no loaded crosswalk says what replaced it",)


# ---- backward


def test_back_to_the_code_that_was_replaced() -> None:
    """A code that begins after the edition goes back to what it replaced, by the same row."""
    lives = FakeLives(2016, {"A": OLD, "B": NEW})
    ways = walk(lives, told("A", "B", 2018)).ways("B", since=day(2020))
    assert (arrived(ways), steps(ways.arrived[0])) == ([("A", "replaced", EQUIVALENT)], [("replaced", "B", "A")])


def test_back_to_one_that_was_divided() -> None:
    """Of a code that was split on its day each part is narrower; what was split off before plays no role."""
    lives = FakeLives(2016, {"A": OLD, "B": NEW, "C": NEW, "D": [(2017, 0)]})
    both = [told("A", "B", 2018), told("A", "C", 2018)]
    assert arrived(walk(lives, *both).ways("B")) == [("A", "merged", NARROWER)]
    before = [told("A", "B", 2018), told("A", "D", 2017, "new")]
    assert arrived(walk(lives, *before).ways("B")) == [("A", "replaced", EQUIVALENT)]


def test_the_nearest_publication_before_a_beginning_counts() -> None:
    """Of the days between the edition and a code's first day the last one on which it is a target says what it was."""
    lives = FakeLives(2015, {"A": [(2010, 2018)], "Y": [(2010, 2017)], "B": NEW})
    rows = [told("Y", "B", 2017, "new"), told("A", "B", 2018, "new")]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("B"))] == ["A"]


def test_what_happened_on_the_day_of_the_edition_is_no_way_back() -> None:
    """A change of the edition's own day has happened in it, and leads from no later code to what was before."""
    lives = FakeLives(2018, {"A": OLD, "B": [(2019, 0)]})
    assert walk(lives, told("A", "B", 2018)).ways("B").lost == (
        "B is new on 2019-01-01, and no loaded crosswalk says what it was before",
    )


def test_a_code_that_only_a_range_names_is_no_predecessor() -> None:
    """A code written out of a range counts if a release holds it; one that a publication names itself counts always."""
    lives = FakeLives(2016, {"A": OLD, "B": NEW})
    spread = {"spread": True}
    rows = [told("A", "B", 2018, "new", detail=spread), told("X", "B", 2018, "new", detail=spread)]
    ways = walk(lives, *rows).ways("B")
    assert (arrived(ways), ways.lost) == ([("A", "replaced", EQUIVALENT)], ())
    ways = walk(lives, *rows, told("Y", "B", 2018, "new")).ways("B")
    assert ([codes for codes, _, _ in arrived(ways)], ways.lost) == (["A"], ("Y is in no loaded release of plants",))


def test_back_into_a_code_that_stays() -> None:
    """A code that was split off from one that stays is narrower than that."""
    ways = walk(FakeLives(2016, {"A": ALWAYS, "B": NEW}), told("A", "B", 2018, "new")).ways("B")
    assert arrived(ways) == [("A", "merged", NARROWER)]


def test_back_to_any_of_several() -> None:
    """A code that came of several goes back to any of them; of those that stay it holds a part only."""
    lives = FakeLives(2016, {"A": OLD, "B": ALWAYS, "C": NEW})
    ways = walk(lives, told("A", "C", 2018, "new"), told("B", "C", 2018, "new")).ways("C")
    assert arrived(ways) == [("A", "split", BROADER), ("B", "split", RELATED)]


def test_back_to_several_together() -> None:
    """A code that was coded by two together before goes back to one alternative, told once though each leads to it."""
    lives = FakeLives(2016, {"A": ALWAYS, "B": ALWAYS, "C": NEW})
    ways = walk(lives, told("A+B", "C", 2018, "new"), told("B+A", "C", 2018, "new")).ways("C")
    assert arrived(ways) == [("A+B", "combination", RELATED)]


def test_back_from_one_of_several_together() -> None:
    """A code that took over only together with another leaves both, and alone is related."""
    lives = FakeLives(2016, {"A": OLD, "B": NEW, "C": NEW})
    ways = walk(lives, told("A", "B+C", 2018)).ways("B")
    assert (arrived(ways), steps(ways.arrived[0])) == ([("A", "merged", RELATED)], [("merged", "B+C", "A")])


def test_back_to_nothing() -> None:
    """A code of which the publisher says that it had no predecessor ends there, in these words."""
    ways = walk(FakeLives(2016, {"A": ALWAYS, "B": NEW}), told("", "B", 2018, "new")).ways("B")
    assert (ways.arrived, ways.lost) == ((), ())
    assert ways.said == ("the publisher says that B replaced nothing",)
    assert [(step.kind, step.from_codes, step.to_codes) for step in ways.ended] == [("none", ("B",), ())]


def test_back_and_lost() -> None:
    """A new code of which nothing is written is lost with its first day."""
    ways = walk(FakeLives(2016, {"A": ALWAYS, "B": NEW})).ways("B")
    assert ways.lost == ("B is new on 2018-01-01, and no loaded crosswalk says what it was before",)


def test_what_was_merged_later_is_no_predecessor() -> None:
    """A code that was deleted in favour of one that stood already is not what that one was before its first day."""
    lives = FakeLives(2016, {"A": [(2016, 2020)], "B": NEW, "Z": ALWAYS})
    assert walk(lives, told("A", "B", 2020)).ways("B").arrived == ()
    rows = [told("A", "B", 2020), told("Z", "B", 2018, "new")]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("B"))] == ["Z"]


def test_both_sides_of_a_publication_are_predecessors() -> None:
    """What stands at the new code comes first, and a code that was deleted in its favour came before it as well."""
    lives = FakeLives(2016, {"A": OLD, "Z": ALWAYS, "B": NEW})
    rows = [told("A", "B", 2018, "deleted"), told("Z", "B", 2018, "new")]
    assert [codes for codes, _, _ in arrived(walk(lives, *rows).ways("B"))] == ["Z", "A"]


def test_two_steps_back() -> None:
    """Backwards each code is met as it was on the day before the change."""
    lives = FakeLives(2016, {"A": ALWAYS, "B": NEW, "C": [(2020, 0)]})
    ways = walk(lives, told("A", "B", 2018, "new"), told("B", "C", 2020, "new")).ways("C", since=day(2022))
    assert steps(ways.arrived[0]) == [("merged", "C", "B"), ("merged", "B", "A")]


def test_walking_back_a_code_is_met_as_it_was_before_the_change() -> None:
    """What was replaced in 2018 is meant as it was on the day before, though it began anew on that very day."""
    lives = FakeLives(2016, {"N": [(2018, 0)], "O": [(2015, 2018), (2018, 0)]})
    (way,) = walk(lives, told("O", "N", 2018, change="new")).ways("N").arrived
    assert (("O",), [("replaced", "N", "O")]) == (way.codes, steps(way))


# ---- what publications get wrong


def test_circle() -> None:
    """Codes that are said to replace each other lead nowhere, and the circle is named."""
    lives = FakeLives(2020, {"A": OLD, "B": OLD})
    ways = walk(lives, told("A", "B", 2018), told("B", "A", 2018)).ways("A")
    assert (ways.arrived, ways.lost) == ((), ("the publications lead in a circle: A > B > A",))
    assert [step.to_codes for step in ways.ended] == [("B",), ("A",)]


def test_circle_with_a_way_out() -> None:
    """A circle does not keep a walk from the ways that lead out of it, from wherever it was entered."""
    lives = FakeLives(2020, {"A": OLD, "B": OLD, "C": NEW})
    rows = [told("A", "B", 2018), told("B", "A", 2018), told("B", "C", 2018)]
    wandering = walk(lives, *rows)
    for code in ("A", "B", "A"):
        ways = wandering.ways(code)
        assert [codes for codes, _, _ in arrived(ways)] == ["C"]
        assert ways.lost[0].startswith("the publications lead in a circle")


def test_many_circles() -> None:
    """Of codes that all replace each other each is led out to all that is outside, at once, and says that it is in doubt."""
    names = [f"C{number}" for number in range(12)]
    lives = FakeLives(2020, {**dict.fromkeys(names, OLD), "Y": NEW, "Z": NEW})
    circles = [told(code, other, 2018) for code in names for other in names if code != other]
    wandering = walk(lives, *circles, told("C5", "Z", 2018), told("C11", "Y", 2018))
    for code in names:
        ways = wandering.ways(code)
        assert {way.codes for way in ways.arrived} == {("Y",), ("Z",)}
        assert 0 < len(ways.lost) < 200


def knot(prefix: str, size: int) -> tuple[dict[str, list[tuple[int, int]]], list[MapRow]]:
    """Return codes of which P leads by Q, R and U to S, and S and each of the others of so many lead to each other."""
    p, s, others = prefix + "P", prefix + "S", [f"{prefix}T{number}" for number in range(size)]
    entries = [prefix + name for name in "QRU"]
    pairs = [*((p, one) for one in entries), *((one, s) for one in entries)]
    pairs += [pair for one in others for pair in ((s, one), (one, s))]
    return dict.fromkeys([p, *entries, s, *others], OLD), [told(left, reached, 2018) for left, reached in pairs]


@pytest.mark.parametrize(("size", "named"), [(CIRCLES // 2, CIRCLES * 3 // 2), (CIRCLES // 2 + 1, CIRCLES + 2)])
def test_so_many_circles_are_followed_from_each_entry(size: int, named: int) -> None:
    """A hundred circles are named with the way into them; past these, codes are not followed again from each entry."""
    codes, rows = knot("", size)
    assert len(walk(FakeLives(2020, codes), *rows).ways("P").lost) == named


def test_a_walk_begins_anew_after_very_many_circles() -> None:
    """Where one walk met more circles than are followed, the next one names its own as if it were the first."""
    large, small = knot("M", CIRCLES + 1), knot("", CIRCLES // 2)
    wandering = walk(FakeLives(2020, {**large[0], **small[0]}), *large[1], *small[1])
    assert (len(wandering.ways("MP").lost), len(wandering.ways("P").lost)) == (CIRCLES + 1, CIRCLES * 3 // 2)


def test_unknown_codes() -> None:
    """A code that nothing holds is lost, as is a successor that nothing holds."""
    lives = FakeLives(2020, {"A": OLD})
    assert walk(lives).ways("X").lost == ("X is in no loaded release of plants",)
    assert walk(lives, told("A", "X", 2018)).ways("A").lost == ("X is in no loaded release of plants",)


def test_a_code_that_only_a_publication_holds() -> None:
    """A code of former years, in no loaded release, is followed from its deletion; not before it happens."""
    lives, row = {"B": NEW}, told("A", "B", 2018, "deleted")
    assert arrived(walk(FakeLives(2020, lives), row).ways("A")) == [("B", "replaced", EQUIVALENT)]
    assert arrived(walk(FakeLives(2018, lives), row).ways("A")) == [("B", "replaced", EQUIVALENT)]
    assert walk(FakeLives(2017, lives), row).ways("A").lost == ("A is in no loaded release of plants",)


def test_an_edition_that_nothing_covers() -> None:
    """On a day that no release speaks for, nothing is said."""
    ways = walk(FakeLives(2020, {"A": OLD, "B": NEW}, uncovered=True), told("A", "B", 2018)).ways("A")
    assert ways.lost == ("nothing loaded says whether A is in force on 2020-01-01",)


def chain(length: int) -> tuple[FakeLives, list[object]]:
    """Return codes of which each is replaced by the next, a year later."""
    lives = {f"A{n}": [(1900 + n, 1901 + n)] for n in range(length)}
    return FakeLives(1900 + length - 1, lives), [told(f"A{n}", f"A{n + 1}", 1901 + n) for n in range(length - 1)]


def test_depth() -> None:
    """A chain of very many steps is followed up to a bound, then it is lost, with the way so far."""
    lives, rows = chain(DEPTH + 1)
    ways = walk(lives, *rows).ways("A0", since=day(1900))  # type: ignore[arg-type]
    assert ([codes for codes, _, _ in arrived(ways)], len(ways.arrived[0].steps)) == ([f"A{DEPTH}"], DEPTH)
    lives, rows = chain(DEPTH + 2)
    ways = walk(lives, *rows).ways("A0", since=day(1900))  # type: ignore[arg-type]
    assert (ways.arrived, len(ways.ended)) == ((), DEPTH)
    assert ways.lost[0].startswith(f"the publications lead on after {DEPTH} steps: A0 > A1 > ")


def test_fan_out_is_bounded() -> None:
    """Of a split among very many codes so many are listed, and that there are more is said."""
    lives = FakeLives(2020, {"A": OLD, **{f"B{n}": NEW for n in range(LIMIT + 1)}})
    ways = walk(lives, *(told("A", f"B{n}", 2018) for n in range(LIMIT + 1))).ways("A")
    assert (len(ways.arrived), ways.is_bounded) == (LIMIT, True)


def test_ways_that_part_and_meet_again_and_again() -> None:
    """Forty years in which each code was split and the parts merged again are walked once, not 2 to the 40th time."""
    lives, rows = {}, []
    for n in range(0, 40, 2):
        start = 1900 + n
        lives |= {f"A{n}": [(start, start + 1)]}
        lives |= {f"{letter}{n}": [(start + 1, start + 2)] for letter in "BC"}
        rows += [told(f"A{n}", f"{letter}{n}", start + 1) for letter in "BC"]
        rows += [told(f"{letter}{n}", f"A{n + 2}", start + 2) for letter in "BC"]
    lives["A40"] = [(1940, 0)]
    ways = walk(FakeLives(1950, lives), *rows).ways("A0", since=day(1900))
    assert (arrived(ways), len(ways.arrived[0].steps)) == ([("A40", "split", RELATED)], 40)
