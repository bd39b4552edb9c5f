"""A release as a CodeSystem."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import terminology
from terminology import CodeSystem, Edition, Status, Terminology
from terminology.canonicals import column_uri
from terminology.errors import UnknownReleaseError
from terminology.fhir import Resource
from terminology.fhir.r4 import to_r4
from terminology.fhir.resources import code_system, code_system_head, concepts
from terminology.fhir.resources.release_rows import json_pieces, nested

from ..release_files import BACK_PAIN, order_file, written
from .judges import judged

SYSTEMS = (
    *("cpt", "hcpcs", "icd10", "icd10cm", "icd10gm", "icd10pcs", "icd9cm", "icd9pcs"),
    *("places", "vaccines"),
)
LICENSED = ("cpt", "icd10", "icd10gm")


@pytest.fixture(scope="module")
def licensed(sample_store: Path) -> Terminology:
    """The samples, with every licence declared."""
    return terminology.open(sample_store, licences=LICENSED)


@pytest.fixture(scope="module")
def unlicensed(sample_store: Path) -> Terminology:
    """The samples, with no licence declared."""
    return terminology.open(sample_store, licences=())


def flat(elements: list[Resource]) -> Iterator[Resource]:
    """Yield concepts and those nested in them."""
    for element in elements:
        yield element
        yield from flat(element.get("concept", []))


def values_of(element: Resource, code: str) -> list[object]:
    """Return the values of a property of a concept."""
    held = (one for one in element["property"] if one["code"] == code)
    return [next(value for name, value in one.items() if name.startswith("value")) for one in held]


def parent_of(edition: Edition, code: str) -> str | None:
    """Return what is above a code in FHIR: nodes that are no codes, as prefixes of ICD-10-PCS, are passed over."""
    parent = edition.node(code).parent
    while parent is not None and edition.node(parent).status is Status.UNKNOWN:
        parent = edition.node(parent).parent
    return parent


def found(system: CodeSystem, version: str, code: str) -> Resource:
    """Return one concept of a release."""
    return next(one for one in concepts(system.release(version)) if one["code"] == code)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_release_of_every_system_is_a_sound_resource(licensed: Terminology, name: str) -> None:
    """By the models of R5 and of R4, with and without concepts."""
    for release in licensed[name].releases:
        edition = licensed[name].release(release.version)
        for has_concepts in (False, True):
            made = code_system(licensed[name], edition, concepts=has_concepts)
            judged(made, "r5")
            judged(to_r4(made), "r4")
            assert has_concepts == ("concept" in made)


@pytest.mark.parametrize("name", SYSTEMS)
def test_concepts_say_what_the_edition_says(licensed: Terminology, name: str) -> None:
    """Titles, statuses, places in the hierarchy, days; each once; and as many as the resource counts."""
    edition = licensed[name].latest
    made = code_system(licensed[name], edition, concepts=True)
    elements = list(flat(made["concept"]))
    assert made["count"] == len(elements) == len({one["code"] for one in elements})
    declared = {one["code"] for one in made["property"]}
    for element in elements:
        concept = edition.node(element["code"])
        assert concept.title == element["display"]
        assert [concept.billable] == values_of(element, "billable")
        assert [concept.kind] == values_of(element, "kind")
        above = parent_of(edition, element["code"])
        assert ([above] if above else []) == values_of(element, "parent")[:1]
        assert {one["code"] for one in element["property"]} <= declared
        assert [str(concept.effective_from)] == values_of(element, "effectiveDate")
        if concept.effective_to is not None:
            last = concept.effective_to - datetime.timedelta(days=1)
            assert [str(last)] == values_of(element, "terminationDate")
        if name != "vaccines":
            # a file that states these itself is believed
            assert [True] * (concept.status is Status.HEADER) == values_of(element, "notSelectable")
            assert [True] * (not concept.valid) == values_of(element, "inactive")


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_hierarchy_is_that_of_the_edition(licensed: Terminology, name: str) -> None:
    """Concepts are nested below the one that they name as their parent."""
    edition = licensed[name].latest

    def check(elements: list[Resource], above: str | None) -> None:
        for element in elements:
            assert above == parent_of(edition, element["code"])
            check(element.get("concept", []), element["code"])

    check(nested(concepts(edition)), None)


def test_the_head_says_which_release_it_is(store: Terminology) -> None:
    """URL and OID of HL7's register, our version label, the first day; and what can be asked of it."""
    made, rows = code_system_head(store["hcpcs"], store["hcpcs"].release("2019-01"))
    expected = {
        "id": "hcpcs-2019-01",
        "url": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:2.16.840.1.113883.6.285"}],
        "version": "2019-01",
        "name": "HCPCS",
        "date": "2019-01-01",
        "status": "active",
        "experimental": False,
        "caseSensitive": False,
        "valueSet": "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets?fhir_vs",
        "hierarchyMeaning": "is-a",
        "compositional": False,
        "versionNeeded": False,
        "content": "complete",
        "count": rows.count,
    }
    assert expected.items() <= made.items()
    assert {"concept", "billable", "betos"} <= {one["code"] for one in made["filter"]}
    assert code_system(store["cpt"], store["cpt"].latest)["compositional"] is True


def test_what_a_release_says_besides_are_properties(store: Terminology) -> None:
    """Typed; several of one code where there are several; their URIs have the names of the columns."""
    element = found(store["hcpcs"], "2019-01", "J9310")
    assert values_of(element, "coverage") == ["D"]
    assert values_of(element, "betos") == ["O1D"]
    assert values_of(element, "typesOfService") == ["1", "P"]
    assert values_of(element, "anesthesiaBaseUnits") == [0]
    assert values_of(element, "actionCode") == ["D"]
    assert values_of(element, "status") == ["retired"]
    assert values_of(element, "inactive") == [True]
    assert values_of(element, "effectiveDate") == ["1999-01-01"]
    assert values_of(element, "terminationDate") == ["2018-12-31"]
    head = code_system(store["hcpcs"], store["hcpcs"].latest)
    assert column_uri("hcpcs", "types_of_service", "list") in {one["uri"] for one in head["property"]}


def test_what_is_no_code_is_no_concept(store: Terminology) -> None:
    """A prefix of ICD-10-PCS is a property of the first code below it, by which the hierarchy can be made again."""
    system = store["icd10pcs"]
    whole = {one["code"]: one for one in concepts(system.release("2022"))}
    prefixes = [row["code"] for row in system.release("2022").table().to_pylist() if row["kind"] == "prefix"]
    assert prefixes
    assert whole.keys().isdisjoint(prefixes)
    stated = [str(text).partition(" ")[0] for one in whole.values() for text in values_of(one, "prefix")]
    assert sorted(prefixes) == sorted(stated)
    assert all(one.startswith(tuple(values_of(whole[one], "parent"))) for one in whole if len(one) == 7)  # type: ignore[arg-type]


def test_notes_are_properties_of_the_code_that_has_them(licensed: Terminology) -> None:
    """Under the publisher's name of their kind; nothing is inherited."""
    system = licensed["icd10"]
    for note in system.latest.notes("A00", inherited=False):
        assert note.text in values_of(found(system, "2019", "A00"), note.kind)
    assert not values_of(found(system, "2019", "A00.0"), "inclusion")


@pytest.mark.parametrize("name", LICENSED)
def test_without_a_licence_no_word_of_the_publisher_leaves(
    licensed: Terminology, unlicensed: Terminology, name: str
) -> None:
    """Codes, places and days do, with properties that are facts; the resource says what is missing, and stays sound."""
    edition = unlicensed[name].latest
    made = judged(code_system(unlicensed[name], edition, concepts=True), "r5")
    text = json.dumps(made, ensure_ascii=False)
    whole = list(flat(code_system(licensed[name], licensed[name].latest, concepts=True)["concept"]))
    texts = {one["display"] for one in whole} | {
        item["value"] for one in whole for item in one.get("designation", []) if len(item["value"]) > 8
    }
    for note in (note for one in whole for note in licensed[name].latest.notes(one["code"], inherited=False)):
        texts.add(note.text)
    assert texts
    assert not [one for one in texts if json.dumps(one, ensure_ascii=False)[1:-1] in text]
    assert [one["code"] for one in whole] == [one["code"] for one in flat(made["concept"])]
    assert "licence" in made["description"]
    assert made["copyright"]


def test_a_large_system_is_a_flat_list(licensed: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """In which each concept states its parent; the same concepts, in document order."""
    system = licensed["icd10cm"]
    whole = list(flat(code_system(system, system.latest, concepts=True)["concept"]))
    monkeypatch.setattr("terminology.fhir.resources.release_rows.NESTED", 10)
    listed = code_system(system, system.latest, concepts=True)["concept"]
    assert [one["code"] for one in whole] == [one["code"] for one in listed]
    assert not any("concept" in one for one in listed)


def test_a_resource_is_written_concept_by_concept(licensed: Terminology) -> None:
    """The text is JSON of the same resource."""
    head, rows = code_system_head(licensed["hcpcs"], licensed["hcpcs"].latest)
    text = "".join(json_pieces(head, rows.elements()))
    assert {**head, "concept": list(rows.elements())} == json.loads(text)


def test_a_release_that_lacks_lines_is_a_fragment(tmp_path: Path) -> None:
    """What it does not have may still be a code."""
    lines = order_file(BACK_PAIN).split(b"\r\n")
    lines[2] = lines[2][:14] + b"X" + lines[2][15:]
    written(tmp_path / "in", {"icd10cm_order_2022.txt": b"\r\n".join(lines)})
    report = terminology.load(tmp_path / "in", store=tmp_path / "store", accept_faults=1)
    assert report.ok, report.errors
    system = terminology.open(tmp_path / "store")["icd10cm"]
    assert judged(code_system(system, system.latest, concepts=True), "r5")["content"] == "fragment"


def test_a_day_without_release_has_no_resource(store: Terminology) -> None:
    """The error says which release would cover it."""
    with pytest.raises(UnknownReleaseError, match="load FY2031"):
        code_system(store["icd10cm"], store["icd10cm"].on("2031-01-15"))
