"""``$closure``: a client learns how its own concepts subsume each other, and never more than that."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from terminology import Terminology
from terminology.fhir.closure import ClosureTables, closure
from terminology.fhir.exchange import FhirVersion
from terminology.fhir.outcomes import FhirError
from terminology.fhir.parameters import Inputs

from .judges import judged
from .translating import CM, ICD9, PCS

BELOW = {"r4": ("equivalence", "subsumes"), "r5": ("relationship", "source-is-narrower-than-target")}


def send(
    store: Terminology, tables: ClosureTables, *codes: str, fhir: FhirVersion = "r5", name: str = "t", **inputs: Any
) -> dict[str, Any]:
    """Return the answer to codes of ICD-10-CM."""
    pairs = [("name", name), *(("concept", {"system": CM, "code": code}) for code in codes), *inputs.items()]
    return judged(closure(store, tables, Inputs(pairs), fhir), fhir)


def pairs(resource: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the codes of each relation, the narrower first."""
    return {
        (element["code"], target["code"])
        for group in resource.get("group", ())
        for element in group["element"]
        for target in element["target"]
    }


@pytest.fixture
def tables(store: Terminology) -> ClosureTables:
    """Tables in which one, t, is begun."""
    made = ClosureTables()
    send(store, made)
    return made


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_the_narrower_concept_is_the_element(store: Terminology, tables, fhir: FhirVersion) -> None:
    """M54.50 is below M54, in the word of each version, with the version of the edition."""
    found = send(store, tables, "M54", "M54.50", fhir=fhir)
    key, word = BELOW[fhir]
    (group,) = found["group"]
    assert [{"code": "M54.50", "target": [{"code": "M54", key: word}]}] == group["element"]
    sides = {"r5": {"source": f"{CM}|2022-04"}, "r4": {"source": CM, "sourceVersion": "2022-04"}}
    assert sides[fhir].items() <= group.items()


@pytest.mark.parametrize("order", list(itertools.permutations(["M54", "M54.5", "M54.50", "M54.51"])))
def test_any_order_gives_the_closure(store: Terminology, order) -> None:
    """One by one or at once, in any order: the relations are those that `Edition.subsumes` tells of each pair."""
    edition = store["icd10cm"].latest
    expected = {(a, b) for a in order for b in order if edition.subsumes(a, b) == "subsumed-by"}
    single, together = ClosureTables(), ClosureTables()
    send(store, single)
    send(store, together)
    assert expected == set().union(*(pairs(send(store, single, code)) for code in order))
    assert expected == pairs(send(store, together, *order))


def test_only_what_is_new_is_told(store: Terminology, tables) -> None:
    """A concept that was sent before adds nothing, and the version stays."""
    assert "1" == send(store, tables, "M54", "M54.5")["version"]
    again = send(store, tables, "M54", "M54.5")
    assert ("1", set()) == (again["version"], pairs(again))
    further = send(store, tables, "M54.50")
    assert ("2", {("M54.50", "M54"), ("M54.50", "M54.5")}) == (further["version"], pairs(further))


def test_a_client_that_lost_answers_gets_them_again(store: Terminology, tables) -> None:
    """All relations since the version that it has come, and the version that the table is at."""
    for code in ("M54", "M54.5", "M54.50"):
        send(store, tables, code)
    since = [send(store, tables, version=str(version)) for version in range(4)]
    assert ["3"] * 4 == [one["version"] for one in since]
    assert [3, 3, 2, 0] == [len(pairs(one)) for one in since]


@pytest.mark.parametrize("version", ["7", "-1", "x", "٣"])
def test_a_version_that_never_was(store: Terminology, tables, version) -> None:
    """It is an error that names the version of the table."""
    with pytest.raises(FhirError, match="is at version 0"):
        send(store, tables, version=version)


def test_codes_of_several_systems(store: Terminology, tables) -> None:
    """Each system is a closure of its own; procedures of ICD-9-CM may come under the URI of diagnoses."""
    sent = [(CM, "M54"), (PCS, "0FT44ZZ"), (ICD9, "51.23"), (ICD9, "250.00"), (CM, "M54.50")]
    concepts = [("concept", {"system": system, "code": code}) for system, code in sent]
    found = closure(store, tables, Inputs([("name", "t"), *concepts]), "r5")
    assert {("M54.50", "M54")} == pairs(found)


def test_versions_are_kept_apart(store: Terminology, tables) -> None:
    """M54.5 of 2021 has nothing below in 2022; a code that did not change is equivalent in both."""
    sent = [("M54", "2021"), ("M54.5", "2021"), ("M54.50", "2022"), ("E11.9", "2021"), ("E11.9", "2022")]
    concepts = [("concept", {"system": CM, "code": code, "version": version}) for code, version in sent]
    found = judged(closure(store, tables, Inputs([("name", "t"), *concepts]), "r5"), "r5")
    assert {("M54.5", "M54"), ("E11.9", "E11.9")} == pairs(found)
    same = [one for one in found["group"] if one["source"] != one["target"]]
    assert [(f"{CM}|2022", f"{CM}|2021")] == [(one["source"], one["target"]) for one in same]
    assert same[0]["element"][0]["target"][0]["relationship"] == "equivalent"


@pytest.mark.parametrize(
    ("concept", "told"),
    [
        ({"system": CM, "code": "Z99.999"}, "Unknown code 'Z99.999' in the CodeSystem"),
        ({"system": CM, "code": "m5450"}, "Unknown code 'm5450' in the CodeSystem"),
        ({"system": CM, "code": "M54", "version": "1999"}, "version '1999' could not be found"),
        ({"system": "http://example.org/x", "code": "a"}, "A definition for CodeSystem 'http://example.org/x'"),
        ({"code": "M54"}, "A definition for CodeSystem ''"),
    ],
)
def test_an_unknown_concept_changes_nothing(store: Terminology, tables, concept, told) -> None:
    """The error has an issue for it, with its place, and what was sent beside it is not in the table."""
    inputs = Inputs([("name", "t"), ("concept", {"system": CM, "code": "M54"}), ("concept", concept)])
    with pytest.raises(FhirError, match=told) as raised:
        closure(store, tables, inputs, "r5")
    (issue,) = raised.value.issues
    assert issue["expression"][0].startswith("concept[1].")
    assert "0" == send(store, tables, version="0")["version"]


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ([], 400),
        ([("name", "x" * 300)], 400),
        ([("name", "t"), ("concept", "M54")], 400),
        ([("name", "t"), ("concept", {"system": CM, "code": "M54"}), ("version", "0")], 400),
        ([("name", "another"), ("version", "0")], 404),
        ([("name", "another"), ("concept", {"system": CM, "code": "M54"})], 404),
    ],
)
def test_what_cannot_be_asked(store: Terminology, tables, inputs, status) -> None:
    """A name, either concepts or a version, and a table that was begun."""
    with pytest.raises(FhirError) as raised:
        closure(store, tables, Inputs(inputs), "r5")
    assert status == raised.value.status


def test_the_name_alone_begins_anew(store: Terminology, tables) -> None:
    """What the table knew is forgotten."""
    send(store, tables, "M54")
    assert "0" == send(store, tables)["version"]
    assert set() == pairs(send(store, tables, "M54.50"))


# ---- bounds


def test_tables_do_not_grow_without_bound(store: Terminology) -> None:
    """The table that was longest unused makes room, and its client is told to begin again."""
    now = itertools.count()
    tables = ClosureTables(tables=2, clock=lambda: next(now))
    for name in ("a", "b"):
        send(store, tables, name=name)
    send(store, tables, "M54", name="a")
    send(store, tables, name="c")
    assert len(tables) == 2
    send(store, tables, "M54.5", name="a")
    with pytest.raises(FhirError, match="there is no closure table 'b': begin it"):
        send(store, tables, "M54", name="b")


def test_a_table_is_full_at_some_point(store: Terminology) -> None:
    """More concepts than it may hold are refused, and none of them is added."""
    tables = ClosureTables(concepts=2)
    send(store, tables)
    send(store, tables, "M54")
    with pytest.raises(FhirError, match="at most 2 concepts"):
        send(store, tables, "M54.5", "M54.50")
    assert {("M54.5", "M54")} == pairs(send(store, tables, "M54.5"))


def test_all_tables_together_are_bounded(store: Terminology) -> None:
    """Where all hold too many concepts, the longest unused go."""
    now = itertools.count()
    tables = ClosureTables(total=3, clock=lambda: next(now))
    for name in ("a", "b"):
        send(store, tables, name=name)
        send(store, tables, "M54", "M54.5", name=name)
    assert (1, None) == (len(tables), tables.held("a"))


def test_an_unused_table_expires(store: Terminology) -> None:
    """After its time it is gone; used before, it stays as long again."""
    now = [0.0]
    tables = ClosureTables(seconds=10, clock=lambda: now[0])
    send(store, tables)
    now[0] = 9
    send(store, tables, "M54")
    now[0] = 18
    send(store, tables, "M54.5")
    now[0] = 29
    with pytest.raises(FhirError, match="there is no closure table"):
        send(store, tables, "M54.50")
