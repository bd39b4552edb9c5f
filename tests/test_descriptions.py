"""What is said of one code at length: its status with the reason, its node, its history."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Check, Period, Status, Terminology, UnknownCodeError
from terminology_loaders.cpt import CptLoader
from terminology_loaders.hcpcs import HcpcsLoader

from .property.worlds import PLANTS, World, WorldLoader, written
from .small_store import opened, prefix, published, small_store
from .test_concepts import placed, row


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """The small store."""
    return opened(small_store(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def procedures(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """The invented CPT sample, and HCPCS, some of whose modifiers go with CPT codes."""
    folder, samples = tmp_path_factory.mktemp("procedures"), Path(terminology.__file__).parent / "samples"
    loaders: dict[str, Any] = {"cpt": CptLoader(), "hcpcs": HcpcsLoader()}
    for name in loaders:
        assert terminology.load(samples / name, store=folder, loaders=loaders).errors == ()
    return terminology.open(folder)


# ---- checks


@pytest.mark.parametrize(
    ("asked", "expected", "period", "source"),
    [
        (
            ("plants", "2019-01-01", " p11 "),
            ("P11", "billable"),
            ("2017-10-01", "2019-10-01"),
            ("2019", "1-plants.world", 4),
        ),
        (("plants", "2019-01-01", "P1"), ("P1", "header"), ("2017-10-01", "2019-10-01"), ("2019", "1-plants.world", 3)),
        (
            ("plants", "2019-01-01", "P3"),
            ("P3", "expired"),
            ("2017-10-01", "2018-10-01"),
            ("2018", "0-plants.world", 6),
        ),
        (("plants", "2019-01-01", "P6"), ("P6", "future"), ("2020-10-01", "None"), ("2021", "2-plants.world", 5)),
        (("plants", "2018-01-01", "P5"), ("P5", "future"), ("2018-03-01", "2019-10-01"), ("2019", "1-plants.world", 6)),
        (
            ("tools", "2019-04-15", "T2"),
            ("T2", "expired"),
            ("2018-01-01", "2019-03-01"),
            ("2020-01", "1-tools.world", 4),
        ),
        (("tools", "2019-04-15", "T4"), ("T4", "future"), ("2020-02-01", "None"), ("2020-01", "1-tools.world", 5)),
        (
            ("herbs", "2030-01-01", "H2"),
            ("H2", "expired"),
            ("2016-10-01", "2018-10-01"),
            ("2017-04", "1-herbs.world", 3),
        ),
    ],
)
def test_a_check_has_the_period_that_it_is_about(
    small: Terminology, asked: tuple[str, str, str], expected: tuple[str, str], period: tuple[str, str], source: Any
) -> None:
    """In force: the one that holds; expired: the last before; future: the next one. Its source is the line that says so."""
    system, day, given = asked
    found = small[system].on(day).check(given)
    assert expected == (found.code, found.status)
    assert period == (str(found.effective_from), str(found.effective_to))
    assert source == placed(found.source)
    assert (None, ()) == (found.suggestion, found.other_systems)


@pytest.mark.parametrize(
    ("asked", "status", "source"),
    [
        (("plants", "2020-01-01", "P11"), "uncovered", ("2019", "1-plants.world", 4)),
        (("tools", "2019-04-15", "T3"), "uncovered", ("2019-01", "0-tools.world", 5)),
        (("plants", "2018-01-01", "group p"), "unknown", ("2018", "0-plants.world", 7)),
        (("plants", "2019-01-01", "P99"), "unknown", None),
        (("plants", "2019-01-01", "?"), "malformed", None),
    ],
)
def test_a_check_without_a_period(small: Terminology, asked: tuple[str, str, str], status: str, source: Any) -> None:
    """Nothing bounds what no release covers, nor what is no code; a line that lists it is cited all the same."""
    system, day, code = asked
    found = small[system].on(day).check(code)
    assert (code, status, None, None) == (found.code, found.status, found.effective_from, found.effective_to)
    assert source == placed(found.source)
    assert (None, ()) == (found.suggestion, found.other_systems)


def test_a_check_names_the_other_systems(small: Terminology) -> None:
    """Those that list the code on any day, sorted."""
    found = small["plants"].on("2019-01-01").check("T1")
    assert Check("T1", Status.MALFORMED, other_systems=("tools",)) == found
    assert small["herbs"].on("2017-01-01").check("p2").other_systems == ("plants",)


def test_a_code_that_is_here_belongs_here(store: Terminology) -> None:
    """Other systems that list it too are not named: it was not asked of the wrong one."""
    assert store["icd10"].latest.check("A00").other_systems == ()


def test_a_check_of_what_is_no_text(small: Terminology) -> None:
    """It is malformed, and named as Python prints it."""
    assert Check("250.0", Status.MALFORMED) == small["plants"].latest.check(250.0)
    assert Check("", Status.MALFORMED) == small["plants"].latest.check(None)


def test_a_check_suggests_what_is_in_force(store: Terminology) -> None:
    """The first repair that is a code on the day; none where the code is known, or the repair is not in force."""
    cm = store["icd10cm"]
    assert cm.on("2022-03-01").check("W21.89A").suggestion == "W21.89XA"
    assert cm.on("2022-03-01").check("W21.89XA").suggestion is None
    assert [cm.on(day).check("M54.5O").suggestion for day in ("2021-01-01", "2021-11-01")] == [None, "M54.50"]


def test_a_number_may_have_been_a_code_of_another_system(store: Terminology) -> None:
    """What a spreadsheet makes of codes of ICD-9-CM is named in the reason, of all systems that it may be of."""
    edition = store["icd10cm"].on("2022-03-01")
    said = "'3.1' cannot be a code of ICD-10-CM; a spreadsheet may have made a number of 003.1 of ICD-9-CM diagnoses"
    assert edition.check("3.1").reason.startswith(said)
    assert "'9.99E+99' cannot be a code of ICD-10-CM" == edition.check("9.99E+99").reason


def test_a_check_of_an_expression(procedures: Terminology) -> None:
    """Code, period, source and reason are those of the expression; its source is that of the code in it."""
    edition = procedures["cpt"].latest
    found, base = edition.check(" 99990:25"), edition.check("99990")
    assert ("99990:25", Status.BILLABLE) == (found.code, found.status)
    assert found.reason == "99990:25 is billable on 2025-04-01 (release 2025-04)"
    assert found.effective_from is not None
    ended = procedures["cpt"].on("2024-07-01").check("99993:25")
    assert (datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)) == (ended.effective_from, ended.effective_to)
    assert base.source is not None
    assert base.source == found.source
    twice = edition.check("99990:25:25")
    assert (Status.MALFORMED, None) == (twice.status, twice.source)
    assert twice.reason
    unknown = edition.check("99999:25")
    assert (Status.UNKNOWN, None) == (unknown.status, unknown.source)


# ---- nodes


def test_a_node_that_is_no_code(small: Terminology) -> None:
    """It is described with its period and line, and its status is unknown."""
    node = small["plants"].on("2018-01-01").node("group p")
    assert ("group p", "prefix", "unknown") == (node.code, node.kind, node.status)
    assert (datetime.date(2017, 10, 1), datetime.date(2018, 10, 1)) == (node.effective_from, node.effective_to)
    assert placed(node.source) == ("2018", "0-plants.world", 7)


def test_nodes_in_the_first_rows(tmp_path: Path) -> None:
    """They are nodes as others are, and what is not listed is not mistaken for one of them."""
    lower = PLANTS._replace(name="lower", shape="h[0-9]+", uri="https://example.org/lower", folded=False)
    world = World(lower, published({"2020-10-01": (prefix("p"), prefix("q"), row("h1", "group p"))}))
    loaders = {"lower": WorldLoader(lower)}
    assert terminology.load(written(tmp_path / "files", world), store=tmp_path / "store", loaders=loaders).errors == ()
    edition = terminology.open(tmp_path / "store")["lower"].latest
    assert ("group p", Status.UNKNOWN) == (edition.node("group p").code, edition.node("group p").status)
    with pytest.raises(UnknownCodeError, match="h2 is not in"):
        edition.node("h2")


def test_what_is_unknown_is_not_taken_for_another_row(store: Terminology) -> None:
    """Of ICD-10-PCS the second row is a node; a code that no release lists is none."""
    with pytest.raises(UnknownCodeError, match="ZZZZZZZ is not in ICD-10-PCS"):
        store["icd10pcs"].latest.node("ZZZZZZZ")


def test_a_node_that_is_a_code(small: Terminology) -> None:
    """It is the concept, in force or not."""
    edition = small["plants"].on("2018-01-01")
    for code in ("P1", "P4", "P6", "group a"):
        assert edition.lookup(code) == edition.node(code)


@pytest.mark.parametrize(
    ("day", "code", "message"),
    [
        ("2018-01-01", "P99", "P99 is not in Invented plants on 2018-01-01 (release 2018)"),
        ("2019-01-01", "group p", "group p is not in Invented plants on 2019-01-01 (release 2019)"),
        ("2018-01-01", None, "None cannot be a code of Invented plants"),
    ],
)
def test_what_is_no_node(small: Terminology, day: str, code: Any, message: str) -> None:
    """Neither a concept nor a node of the day: the error says why."""
    with pytest.raises(UnknownCodeError) as caught:
        small["plants"].on(day).node(code)
    assert message == str(caught.value)


# ---- notes


def test_notes_of_an_expression_are_those_of_the_code_in_it(procedures: Terminology) -> None:
    """And so is what is said where there are none."""
    edition = procedures["cpt"].latest
    assert edition.notes("99990") == edition.notes("99990:25")
    for given in ("99999:25", None):
        with pytest.raises(UnknownCodeError, match=str(given)):
            edition.notes(given)


def test_notes_of_a_day_without_a_release(small: Terminology) -> None:
    """Nothing is known of a day that no release covers; nor of a release that came without notes."""
    plants = small["plants"]
    with pytest.raises(UnknownCodeError, match="no release of Invented plants covers 2020-01-01"):
        plants.on("2020-01-01").notes("P11")
    assert plants.on("2018-01-01").notes("P11").known is False
    found = plants.on("2019-01-01").notes("P11")
    assert (True, ["evergreen"]) == (found.known, [note.text for note in found])


# ---- history


def test_a_history_has_every_period(small: Terminology) -> None:
    """Of one status and one title each, with the line that first said so; stretches after the end are none."""
    found = small["plants"].history(" p3")
    assert found.code == "P3"
    assert [(str(one.effective_from), str(one.effective_to), one.from_known) for one in found.periods] == [
        ("2017-10-01", "2018-10-01", False),
        ("2020-10-01", "None", False),
    ]
    assert [placed(one.source) for one in found.periods] == [
        ("2018", "0-plants.world", 6),
        ("2021", "2-plants.world", 4),
    ]
    assert [(one.status, one.title) for one in found.periods] == [(Status.BILLABLE, "Oak")] * 2
    assert ((), ()) == (found.predecessors, found.successors)


def test_a_history_begins_a_period_with_a_title(small: Terminology) -> None:
    """A code that stays under another title has two; its exact first day is known where a file names it."""
    titles = [(one.title, str(one.effective_from)) for one in small["plants"].history("P11").periods]
    assert [one.title for one in small["plants"].history("P1").periods] == ["Oak", "Oak"]
    assert titles[:2] == [("Ash", "2017-10-01"), ("Oak", "2018-10-01")]
    (elm,) = small["plants"].history("P5").periods
    assert isinstance(elm, Period)
    assert (datetime.date(2018, 3, 1), True) == (elm.effective_from, elm.from_known)


@pytest.mark.parametrize(("given", "code"), [("P99", "P99"), ("?", "?"), (None, ""), (250, "250")])
def test_a_history_of_what_no_release_lists(small: Terminology, given: Any, code: str) -> None:
    """It is empty, and names what was asked."""
    found = small["plants"].history(given)
    assert (code, (), (), ()) == (found.code, found.periods, found.predecessors, found.successors)


def test_a_history_names_relatives_of_its_own_system(store: Terminology) -> None:
    """Predecessors at the first day, successors at the end of the last period as a billable code."""
    assert store["icd10cm"].history("M54.5").successors == ("M54.50", "M54.51", "M54.59")
    assert store["icd10cm"].history("m5450").predecessors == ("M54.5",)


def test_who_ended_a_code_after_the_fact_is_the_source(store: Terminology) -> None:
    """Check and explanation cite the later file that ended the code; as known before, the one that listed it."""
    for code, day in (("ZA", "2018-07-01"), ("C9014", "2019-01-15")):
        edition = store["hcpcs"].on(day)
        check = edition.check(code)
        assert str(check.status) == "expired"
        assert check.source == edition.explain(code).source
        assert check.source is not None
        assert check.source.version == "2019-01"
    known = store["hcpcs"].on("2018-07-01", known="2018-01").check("ZA").source
    assert known is not None
    assert known.version == "2018-01"
