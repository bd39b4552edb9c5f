"""The answers about codes on a day: status, concept, place in the hierarchy, and what is remembered of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Concept, Status, Terminology, UnknownCodeError
from terminology.hierarchy import NONE
from terminology.query import answers as module
from terminology.query import engine_of
from terminology.query.answers import Answers, text_given
from terminology.store.mapped import MappedTable
from terminology.systems import SystemDefinition
from terminology_loaders.cpt import CptLoader
from terminology_loaders.hcpcs import HcpcsLoader

from .calls import called
from .small_store import number, opened, small_store

SAMPLES = Path(terminology.__file__).parent / "samples"
NO_TEXT: list[Any] = [None, math.nan, 250, b"P1", ["P1"], {"code": 1}]


DOUBT = (
    "no release says whether T3 is in force in Invented tools on 2019-04-15: one before lists it, and the next does not"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small store."""
    return small_store(tmp_path_factory.mktemp("small"))


@pytest.fixture
def store(path: Path) -> Terminology:
    """The store, opened anew: nothing is remembered."""
    return opened(path)


def asked(store: Terminology, day: str, system: str = "plants", known: int | None = None) -> Answers:
    """Return the answers about a system on a day."""
    return Answers(engine_of(store[system].latest).system.as_of(number(day), known))


# ---- status


@pytest.mark.parametrize(
    ("system", "day", "expected"),
    [
        (
            "plants",
            "2017-10-01",
            {"P1": "header", " p2": "billable", "P5": "future", "P7": "unknown", "?": "malformed"},
        ),
        ("plants", "2018-10-01", {"P2": "expired", "p6 ": "future", "P7": "unknown", "group p": "unknown"}),
        ("plants", "2019-11-01", {"P1": "uncovered", "p1": "uncovered", "P7": "uncovered", "?": "malformed"}),
        (
            "tools",
            "2019-04-15",
            {"T1": "billable", "t2": "expired", "T3": "uncovered", "T4": "future", "": "malformed"},
        ),
        ("herbs", "2030-01-01", {"h1": "expired", "H2": "expired", "H3": "unknown", "P1": "malformed"}),
    ],
)
def test_the_status_of_a_code(store: Terminology, system: str, day: str, expected: dict[str, str]) -> None:
    """In any accepted form; a text that cannot be a code is malformed on any day, and so it is when it is asked again."""
    found = asked(store, day, system)
    for _ in range(2):
        assert {code: str(found.status(code)) for code in expected} == expected


@pytest.mark.parametrize("given", NO_TEXT)
def test_what_is_no_text_is_malformed(store: Terminology, given: Any) -> None:
    """Whether it can be hashed or not, and it is not remembered."""
    found = asked(store, "2018-10-01")
    assert found.status(given) is Status.MALFORMED
    assert found.fresh_status(given) is Status.MALFORMED
    assert found.as_of.statuses == {}


def test_a_status_is_remembered_as_it_was_asked(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each spelling by itself, of the day alone; what is remembered is not worked out again."""
    found = asked(store, "2018-10-01")
    spellings = {"P1": Status.HEADER, "p1 ": Status.HEADER, "P7": Status.UNKNOWN, "?": Status.MALFORMED}
    assert {code: found.status(code) for code in spellings} == spellings == found.as_of.statuses
    assert asked(store, "2020-10-01").as_of.statuses == {}
    fresh = called(monkeypatch, Answers, "fresh_status")
    assert {code: found.status(code) for code in spellings} == spellings
    assert fresh == []


def test_a_code_in_official_form_is_answered_as_it_is_written(
    store: Terminology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one too; a text in another form is brought into the official one."""
    found = asked(store, "2018-10-01")
    formed = called(monkeypatch, SystemDefinition, "official")
    assert [found.status(code) for code in ("P1", "P6", " p1")] == [Status.HEADER, Status.FUTURE, Status.HEADER]
    assert formed == [" p1"]


def test_the_file_of_codes_is_looked_at_before_a_text_is_said_to_be_no_code(
    store: Terminology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it is said to be; the first row, in another spelling, needs no such look."""
    found = asked(store, "2018-10-01")
    found.status("P11")
    looks = called(monkeypatch, MappedTable, "require_size")
    assert [found.status(code) for code in ("P1", " p1", "p12")] == [Status.HEADER, Status.HEADER, Status.BILLABLE]
    assert looks == []
    assert found.status("P7") is Status.UNKNOWN
    assert found.status("?") is Status.MALFORMED
    column = found.as_of.system.codes
    assert looks == [column.table, column._table] * 2, "codes and slots"


# ---- expressions


@pytest.fixture(scope="module")
def procedures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the invented CPT sample, and of HCPCS, some of whose modifiers go with CPT codes."""
    folder = tmp_path_factory.mktemp("procedures")
    for name in ("cpt", "hcpcs"):
        report = terminology.load(SAMPLES / name, store=folder, loaders={"cpt": CptLoader(), "hcpcs": HcpcsLoader()})
        assert report.errors == ()
    return folder


@pytest.fixture(scope="module")
def cpt_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the invented CPT sample alone."""
    folder = tmp_path_factory.mktemp("cpt")
    assert terminology.load(SAMPLES / "cpt", store=folder, loaders={"cpt": CptLoader()}).errors == ()
    return folder


def test_an_expression_has_the_status_of_its_members(procedures: Path) -> None:
    """It is asked as any code is: in force while its members are, malformed where they must not stand together."""
    newest = engine_of(terminology.open(procedures)["cpt"].latest)
    found = Answers(newest)
    assert found.status(" 99990:25") is Status.BILLABLE
    assert found.status("99999:25") is Status.UNKNOWN
    assert found.status("99990:25:25") is Status.MALFORMED
    assert found.status("99990") is Status.BILLABLE
    assert found.status("9999X") is Status.MALFORMED


def test_an_expression_is_looked_up_as_a_concept(procedures: Path) -> None:
    """Code, members and kind are its own; a malformed one, and one with a member that is not known, has none."""
    found = Answers(engine_of(terminology.open(procedures)["cpt"].latest))
    concept = found.lookup("99990:25")
    assert concept is not None
    assert (concept.code, concept.kind, concept.parent) == ("99990:25", "expression", "99990")
    assert [found.lookup(code) for code in ("99990:25:25", "99999:25", "9999X", "99999")] == [None] * 4


def test_modifiers_of_another_system_are_those_of_the_same_day(procedures: Path, cpt_alone: Path) -> None:
    """A modifier of HCPCS goes with a code of CPT where the store holds HCPCS; the day of the question is its day."""
    both, alone = (Answers(engine_of(terminology.open(folder)["cpt"].latest)) for folder in (procedures, cpt_alone))
    hcpcs = engine_of(terminology.open(procedures)["hcpcs"].latest).system
    same_day = Answers(hcpcs.as_of(both.as_of.asked))
    modifiers = [code for code in hcpcs.codes.codes if code and len(code) == 2]
    borrowed = [code for code in modifiers if alone.row_of(code) < 0 and same_day.status(code) is Status.BILLABLE]
    assert borrowed
    for name in borrowed:
        assert both.status(f"99990:{name}") is Status.BILLABLE
        assert alone.status(f"99990:{name}") is Status.UNKNOWN


def test_a_system_whose_codes_do_not_combine_has_no_expressions(store: Terminology) -> None:
    """Nor has a plain code of a system whose codes do."""
    assert asked(store, "2018-10-01").expression("P1:25") is None


def test_a_plain_code_is_no_expression(cpt_alone: Path) -> None:
    """It is itself."""
    found = Answers(engine_of(terminology.open(cpt_alone)["cpt"].latest))
    assert found.expression("99990") is None
    assert found.expression("99990:25") is not None


# ---- concepts


def test_a_code_in_force_is_looked_up(store: Terminology) -> None:
    """In any accepted form, with the period that is known."""
    concept = asked(store, "2018-03-01").lookup(" p5")
    assert concept is not None
    assert (concept.code, concept.title, str(concept.status), str(concept.effective_from)) == (
        *("P5", "Elm", "billable", "2018-03-01"),
    )
    assert str(concept.effective_to) == "2019-10-01"


@pytest.mark.parametrize(
    ("system", "day", "code", "expected"),
    [
        ("plants", "2018-10-01", "P2", ("expired", "2017-10-01", "2018-10-01")),
        ("plants", "2018-10-01", "P6", ("future", "2020-10-01", "None")),
        ("plants", "2018-10-01", "P3", ("expired", "2017-10-01", "2018-10-01")),
        ("plants", "2017-10-01", "P1", ("header", "2017-10-01", "2019-10-01")),
        ("plants", "2019-11-01", "P2", ("uncovered", "2017-10-01", "2018-10-01")),
        ("plants", "2019-11-01", "P6", ("uncovered", "2020-10-01", "None")),
        ("tools", "2019-03-01", "T2", ("expired", "2018-01-01", "2019-03-01")),
        ("tools", "2019-04-15", "T3", ("uncovered", "2019-01-02", "2020-01-01")),
        ("tools", "2030-01-01", "T1", ("billable", "2018-01-01", "None")),
        ("tools", "2017-01-15", "T1", ("uncovered", "2018-01-01", "None")),
        ("herbs", "2030-01-01", "H1", ("expired", "2016-10-01", "2018-10-01")),
    ],
)
def test_a_code_not_in_force_is_looked_up_in_its_nearest_state(
    store: Terminology, system: str, day: str, code: str, expected: tuple[str, ...]
) -> None:
    """Status of the day, and first day and end of the stretch in force that is nearest."""
    found = asked(store, day, system).lookup(code)
    assert found is not None
    assert (str(found.status), str(found.effective_from), str(found.effective_to)) == expected


@pytest.mark.parametrize(
    ("system", "code", "titles"),
    [
        ("plants", "P11", {"2018-01-15": "Ash", "2018-10-01": "Oak"}),
        ("herbs", "H1", {"2016-10-01": "Oak", "2017-04-01": "Elm"}),
    ],
)
def test_a_concept_has_the_title_of_the_day(store: Terminology, system: str, code: str, titles: dict[str, str]) -> None:
    """Of a code that is retitled while it stays in force, each day has its title, the first row too."""
    for day, title in titles.items():
        found = asked(store, day, system)
        concept = found.lookup(code)
        assert concept is not None
        assert (concept.title, found.title(code)) == (title, title)


def test_an_expired_code_has_the_title_of_the_newest_list_that_has_it(store: Terminology) -> None:
    """Where a list says something of a code that has ended; else it has the title that it had last."""
    shown = {
        ("tools", "T2", "2020-01-15", None): "Elm",
        ("tools", "T2", "2020-01-15", 0): "Oak",
        ("plants", "P2", "2018-10-01", None): "Oak",
        ("plants", "P11", "2018-10-01", 0): "Ash",
        ("herbs", "H1", "2030-01-01", None): "Elm",
    }
    for (system, code, day, known), title in shown.items():
        found = asked(store, day, system, known).lookup(code)
        assert found is not None
        assert found.title == title


def test_a_concept_on_a_day_that_is_not_covered_is_uncovered(store: Terminology) -> None:
    """Though a row of the year before reaches to the day by which rows are asked: the next release is not known."""
    found = asked(store, "2018-10-01", known=0).lookup("P11")
    assert found is not None
    assert (found.status, found.version, str(found.effective_from)) == (Status.UNCOVERED, None, "2017-10-01")


@pytest.mark.parametrize("code", ["P7", "?", "group p", "", "P1:25"])
def test_what_is_unknown_is_not_looked_up(store: Terminology, code: str) -> None:
    """Nor is what cannot be a code, nor a node that is none; such a miss is not remembered."""
    found = asked(store, "2017-10-01")
    assert found.lookup(code) is None
    assert found.as_of.concepts == {}


@pytest.mark.parametrize("given", NO_TEXT)
def test_what_is_no_text_is_not_looked_up(store: Terminology, given: Any) -> None:
    """It has no concept, no title and no source, and is in no row."""
    found = asked(store, "2018-10-01")
    assert (found.lookup(given), found.title(given), found.source(given)) == (None, None, None)
    assert found.row_of(given) == -1


def test_a_concept_is_remembered(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same value is returned again, for each spelling that was asked."""
    found = asked(store, "2018-10-01")
    first = found.lookup("P1")
    made = called(monkeypatch, Answers, "_fresh_concept")
    assert found.lookup("P1") is first
    assert made == []
    assert found.lookup("p1") == first
    assert (made, list(found.as_of.concepts)) == (["p1"], ["P1", "p1"])


def test_what_makes_the_values_is_made_once_for_a_place_in_time(store: Terminology) -> None:
    """Whoever answers from there makes them alike."""
    found = asked(store, "2018-10-01")
    assert found.concepts is found.concepts is Answers(found.as_of).concepts
    assert found.concepts.as_of is found.as_of


def test_titles_and_sources_are_of_codes_in_force(store: Terminology) -> None:
    """In any accepted form; what is expired, in doubt, yet to come, no code or unknown has none."""
    found = asked(store, "2018-10-01")
    assert [found.title(code) for code in ("P1", "p5 ", "P2", "P6", "P7", "?")] == [
        "Oak",
        "Elm",
        None,
        None,
        None,
        None,
    ]
    lines = [
        (source := found.source(code)) and (source.version, source.line) for code in ("P1", "p5 ", "P2", "P6", "P7")
    ]
    assert lines == [("2019", 3), ("2019", 6), None, None, None]
    node = asked(store, "2017-10-01")
    assert (node.title("group p"), node.source("group p")) == (None, None)
    doubt = asked(store, "2019-04-15", "tools")
    assert [(doubt.title(code), doubt.source(code) is None) for code in ("T1", "T2", "T3", "T4")] == [
        *(("Oak", False), (None, True), (None, True), (None, True)),
    ]


def test_the_first_interval_row_is_that_of_a_code_in_force(store: Terminology) -> None:
    """The first code of a system, with the first interval row, has a title, a source and a concept."""
    found = asked(store, "2016-10-01", "herbs")
    source, concept = found.source("H1"), found.lookup("H1")
    assert (found.title("H1"), source and source.line) == ("Oak", 2)
    assert (concept and str(concept.status)) == "header"


def test_no_title_on_a_day_that_is_not_covered(store: Terminology) -> None:
    """Of a system whose releases list everything; the rows of a dated one answer on any day."""
    found = asked(store, "2019-11-01")
    assert (found.title("P1"), found.source("P1")) == (None, None)
    assert asked(store, "2030-01-01", "tools").title("T1") == "Oak"


# ---- places


def test_the_place_of_a_code_in_force(store: Terminology) -> None:
    """It is the number in the tree of the day, the first too; it is remembered for each spelling."""
    found = asked(store, "2020-10-01")
    assert [found.place(code) for code in ("P1", "P11", "p3", "P6")] == [0, 1, 2, 3]
    assert found.as_of.places == {"P1": 0, "P11": 1, "p3": 2, "P6": 3}
    assert found.tree is found.as_of.tree


def test_a_remembered_place_is_not_looked_for_again(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second question is answered from memory."""
    found = asked(store, "2020-10-01")
    found.place("P11")
    rows = called(monkeypatch, Answers, "row_of")
    assert found.place("P11") == 1
    assert rows == []


@pytest.mark.parametrize(
    ("system", "day", "code", "message"),
    [
        (
            "plants",
            "2018-10-01",
            "P2",
            "P2 is expired in Invented plants on 2018-10-01 (release 2019): it was in force through 2018-09-30",
        ),
        (
            "plants",
            "2018-10-01",
            "p6",
            "p6 is not yet in force in Invented plants on 2018-10-01 (release 2019): it comes into force by 2020-10-01",
        ),
        (
            "plants",
            "2017-10-01",
            "P5",
            "P5 is not yet in force in Invented plants on 2017-10-01 (release 2018): it comes into force on 2018-03-01",
        ),
        ("plants", "2018-10-01", "P7", "P7 is not in Invented plants on 2018-10-01 (release 2019)"),
        ("plants", "2018-10-01", "group p", "group p is not in Invented plants on 2018-10-01 (release 2019)"),
        ("plants", "2018-10-01", "?", "'?' cannot be a code of Invented plants"),
        ("plants", "2018-10-01", ["P1"], "['P1'] cannot be a code of Invented plants"),
        ("plants", "2018-10-01", None, "None cannot be a code of Invented plants"),
        (
            *("plants", "2019-11-01", "P1"),
            "no release of Invented plants covers 2019-11-01: release 2019 ends 2019-09-30; load FY2020",
        ),
        (
            "tools",
            "2019-03-01",
            "T2",
            "T2 is expired in Invented tools on 2019-03-01 (release 2019-01): it was in force through 2019-02-28",
        ),
        (
            "tools",
            "2030-01-01",
            "T2",
            "T2 is expired in Invented tools on 2030-01-01: it was in force through 2019-02-28",
        ),
        (
            "tools",
            "2019-03-01",
            "T4",
            "T4 is not yet in force in Invented tools on 2019-03-01 (release 2019-01): it comes into force on 2020-02-01",
        ),
        (
            *("tools", "2019-04-15", "T3"),
            DOUBT,
        ),
        (
            "herbs",
            "2030-01-01",
            "H2",
            "H2 is expired in Invented herbs on 2030-01-01 (release 2017-04): it was in force through 2018-09-30",
        ),
    ],
)
def test_a_code_without_a_place_says_why(store: Terminology, system: str, day: str, code: Any, message: str) -> None:
    """Cause, code as it was asked, system, day and release are in one sentence; nothing is remembered."""
    found = asked(store, day, system)
    for _ in range(2):
        with pytest.raises(UnknownCodeError) as caught:
            found.place(code)
        assert str(caught.value) == message
    assert found.as_of.places == {}


def test_no_release_is_known_yet(store: Terminology) -> None:
    """Where no release counts no code has a place, of a dated system neither."""
    for system, code in (("plants", "P1"), ("tools", "T1")):
        found = asked(store, "2019-04-15", system, -1)
        with pytest.raises(
            UnknownCodeError, match=r"no release of Invented \w+ that counts was published by 2019-04-15"
        ):
            found.place(code)


def test_a_node_that_is_no_code_has_a_place(store: Terminology) -> None:
    """On the days on which it is in the tree: what is below it can be asked."""
    found = asked(store, "2017-10-01")
    assert list(found.descendants("group p")) == ["P4"]
    assert found.parent("P4") == "group p"


# ---- hierarchy


@pytest.mark.parametrize(
    ("day", "code", "above", "below"),
    [
        ("2017-10-01", "P11", ("P1", "group a"), []),
        ("2017-10-01", "group a", (), ["P1", "P11", "P2"]),
        ("2017-10-01", "P3", (), []),
        ("2018-10-01", "p1", ("group b",), ["P11", "P12"]),
        ("2018-10-01", "group b", (), ["P1", "P11", "P12", "P5"]),
        ("2020-10-01", "P1", (), ["P11"]),
        ("2020-10-01", "P11", ("P1",), []),
        ("2020-10-01", "P6", (), []),
    ],
)
def test_above_and_below_a_code(
    store: Terminology, day: str, code: str, above: tuple[str, ...], below: list[str]
) -> None:
    """Parent, all ancestors, nearest first, and all below in document order, as the release of the day has them."""
    found = asked(store, day)
    assert found.ancestors(code) == above
    assert found.parent(code) == (above[0] if above else None)
    assert list(found.descendants(code)) == below
    assert found.descendants(code).to_arrow().to_pylist() == below


def test_what_is_below_a_code_is_in_force(store: Terminology) -> None:
    """A tree that also holds codes that are expired, or yet to come, is looked through."""
    tools = {"2019-02-01": ["T1", "T2"], "2019-03-01": ["T1"], "2020-01-15": ["T1"], "2020-02-01": ["T1", "T4"]}
    for day, expected in tools.items():
        found = asked(store, day, "tools", None if day >= "2020" else 0).descendants("group a")
        assert (list(found), found.to_arrow().to_pylist()) == (expected, expected)
    assert "P5" not in list(asked(store, "2017-10-01").named(range(11)))
    assert "P5" in list(asked(store, "2018-03-01").named(range(11)))


def test_rows_are_named(store: Terminology) -> None:
    """Where the tree holds what is in force alone, each row has its code; else those not in force are left out."""
    assert list(asked(store, "2018-10-01").named([1, 0, 9])) == ["P11", "P1", "group b"]
    assert list(asked(store, "2019-03-01", "tools").named([1, 0])) == ["T1"]
    assert list(asked(store, "2018-10-01").named([])) == []


def test_descendants_as_an_array_are_texts(store: Terminology) -> None:
    """Of an unfiltered tree, whose rows are a stretch of it, of a list of rows, and of none."""
    for day, code in (("2018-10-01", "group b"), ("2017-10-01", "group a"), ("2020-10-01", "P6")):
        assert str(asked(store, day).descendants(code).to_arrow().type) == "string"


# ---- codes in force


@pytest.mark.parametrize(
    ("system", "day", "expected"),
    [
        ("plants", "2017-10-01", ["P1", "P11", "P2", "P3", "P4"]),
        ("plants", "2018-10-01", ["P1", "P11", "P5"]),
        ("plants", "2019-11-01", []),
        ("tools", "2019-02-01", ["T1", "T2", "T3"]),
        ("tools", "2020-02-01", ["T1", "T4"]),
        ("herbs", "2016-10-01", ["H1", "H2"]),
        ("herbs", "2030-01-01", []),
    ],
)
def test_the_publishers_codes_in_force(store: Terminology, system: str, day: str, expected: list[str]) -> None:
    """In document order, without groups, nodes, what is derived, and what is not in force."""
    found = asked(store, day, system, 0 if day == "2019-02-01" else None)
    assert [found.as_of.system.codes.name(row) for row in found.rows_in_force()] == expected


def test_places_without_a_code_are_passed_over(store: Terminology) -> None:
    """The last places of a tree belong to codes that are not in it."""
    found = asked(store, "2020-10-01")
    assert NONE in list(found.tree.nodes)
    assert [found.as_of.system.codes.name(row) for row in found.rows_in_force()] == ["P1", "P11", "P3", "P6"]


# ---- what is remembered


def test_long_texts_are_not_remembered(store: Terminology) -> None:
    """A text of 64 characters is, one of more is not, so that questions cannot fill the memory."""
    found = asked(store, "2018-10-01")
    short, long = "P1".rjust(64), "P1".rjust(65)
    for code in (short, long):
        assert found.status(code) is Status.HEADER
        assert found.place(code) == 1
        assert found.lookup(code) == found.lookup("P1")
    assert list(found.as_of.statuses) == list(found.as_of.places) == [short]
    assert list(found.as_of.concepts) == [short, "P1"]


class OtherText(str):
    """A text of a class of its own, which may compare as it likes."""

    __slots__ = ()


def test_texts_of_another_class_are_not_remembered(store: Terminology) -> None:
    """They are answered as any text is."""
    found = asked(store, "2018-10-01")
    code = OtherText("P1")
    assert (found.status(code), found.place(code)) == (Status.HEADER, 1)
    concept = found.lookup(code)
    assert isinstance(concept, Concept)
    assert (found.as_of.statuses, found.as_of.places, found.as_of.concepts) == ({}, {}, {})


def test_so_many_answers_are_remembered() -> None:
    """As many as are allowed; with the next one the memory begins anew."""
    answers: dict[str, int] = {}
    for code in ("a", "b"):
        module._remember(answers, code, 1, 2)
    assert answers == {"a": 1, "b": 1}
    module._remember(answers, "c", 2, 2)
    assert answers == {"c": 2}


def test_more_statuses_than_concepts_are_remembered(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """A concept takes more memory: their limit is their own."""
    monkeypatch.setattr(module, "REMEMBERED_CONCEPTS", 1)
    found = asked(store, "2018-10-01")
    for code in ("P1", "P11", "P12"):
        found.status(code)
        found.place(code)
        found.lookup(code)
    assert list(found.as_of.concepts) == ["P12"]
    assert list(found.as_of.statuses) == list(found.as_of.places) == ["P1", "P11", "P12"]


@pytest.mark.parametrize(("given", "shown"), [(None, ""), (250, "250"), (["P1"], "['P1']"), ("P1", "P1")])
def test_how_what_is_no_text_is_named(given: object, shown: str) -> None:
    """As Python writes it; nothing for None."""
    assert text_given(given) == shown
