"""Groupings in FHIR: their categories are a CodeSystem, their tables a ConceptMap, the groups of a code properties of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
import terminology.groupings
from terminology import Terminology
from terminology.fhir import Service
from terminology.groupings import GROUPINGS
from terminology.schema import NODE_KINDS

from .asking import CM, ICD9, PCS, asked

CCSR = GROUPINGS["ccsr_dx"].uri
DAY = "2022-03-01"


@pytest.fixture(scope="module")
def service(sample_store: Path) -> Service:
    """A service over the samples."""
    return Service(terminology.open(sample_store))


def grouped(service: Service, **parameters: Any) -> list[tuple[str, str | None]]:
    """Return category and role of the properties ``ccsr_dx`` of a lookup."""
    response = asked(service, "CodeSystem/$lookup", system=CM, **parameters)
    assert response.status == 200
    parts = [
        {part["name"]: part for part in one["part"]}
        for one in response.resource["parameter"]
        if one["name"] == "property"
    ]
    return [
        (part["value"]["valueCoding"]["code"], part.get("description", {}).get("valueString"))
        for part in parts
        if part["code"]["valueCode"] == "ccsr_dx"
    ]


def test_the_groups_of_a_code_are_properties_that_are_asked_for(service: Service) -> None:
    """By the name of the grouping, or with all properties."""
    expected = [("END003", "default"), ("END005", "other"), ("GEN003", "other")]
    assert grouped(service, code="E11.22", date=DAY, property="ccsr_dx") == expected
    assert grouped(service, code="E11.22", date=DAY, property="*") == expected


def test_a_lookup_that_does_not_ask_has_no_groups(service: Service) -> None:
    """Nor does one of a day that no version covers."""
    assert grouped(service, code="E11.22", date=DAY) == []
    assert grouped(service, code="E11.22", date="2021-03-01", property="ccsr_dx") == []


def test_a_category_is_a_code(service: Service) -> None:
    """It can be looked up, and the code system is among the resources and the capabilities."""
    found = asked(service, "CodeSystem/$lookup", system=CCSR, code="END003", date=DAY)
    assert found.status == 200
    assert asked(service, "CodeSystem", url=CCSR).resource["total"] == 1
    stated = asked(service, "metadata", mode="terminology").resource["codeSystem"]
    assert CCSR in {one["uri"] for one in stated}


def test_the_table_is_a_map(service: Service) -> None:
    """A code is translated to all of its categories."""
    found = asked(service, "ConceptMap/$translate", "r4", system=CM, code="E11.22", targetsystem=CCSR).resource
    matches = [one for one in found["parameter"] if one["name"] == "match"]
    codings = [part["valueCoding"]["code"] for one in matches for part in one["part"] if part["name"] == "concept"]
    assert codings == ["END003", "END005", "GEN003"]


def expanded(service: Service, operator: str, value: str, date: str = DAY) -> Any:
    """Return the response to the expansion of a value set that asks for a category."""
    chosen = {"system": CM, "filter": [{"property": "ccsr_dx", "op": operator, "value": value}]}
    value_set = {"resourceType": "ValueSet", "status": "active", "url": "urn:x", "compose": {"include": [chosen]}}
    return asked(service, "ValueSet/$expand", given=[value_set], url="urn:x", date=date)


def test_a_value_set_can_ask_for_a_category(service: Service) -> None:
    """The codes of it that are in force on the day."""
    found = expanded(service, "=", "MUS038").resource["expansion"]
    assert [one["code"] for one in found["contains"]] == ["M54.50", "M54.51", "M54.59"]
    assert expanded(service, "in", "MUS038, GEN003").resource["expansion"]["total"] == 4


def test_a_category_that_is_not_there_is_an_error(service: Service) -> None:
    """As is a day that no version covers."""
    assert expanded(service, "=", "MUS999").status == 422
    response = expanded(service, "=", "MUS038", "2021-03-01")
    assert response.status == 422
    assert "the nearest is v2022-1" in str(response.resource)
    assert expanded(service, "regex", "MUS.*").status == 400


def lookups(service: Service, fhir: Any, system: str, code: str, date: str) -> dict[str, str]:
    """Return the properties of a lookup that asks for all, each with the type of its value."""
    found = asked(service, "CodeSystem/$lookup", fhir, system=system, code=code, date=date, property="*")
    assert found.status == 200
    parts = [
        {part["name"]: part for part in one["part"]} for one in found.resource["parameter"] if one["name"] == "property"
    ]
    return {
        part["code"]["valueCode"]: next(name for name in part["value"] if name.startswith("value")) for part in parts
    }


LOOKED_UP = {
    "a diagnosis": ((CM, "E11.22", DAY), "2022", {"ccsr_dx", "elixhauser", "parent"}),
    "a procedure": ((PCS, "0016070", DAY), "2022", {"ccsr_pr"}),
    "a diagnosis of ICD-9-CM": ((ICD9, "250.00", "2015-03-01"), "32", {"cci"}),
}


@pytest.mark.parametrize("fhir", ["r4", "r5"])
@pytest.mark.parametrize("what", LOOKED_UP)
def test_what_a_lookup_returns_is_declared(service: Service, fhir: Any, what: str) -> None:
    """Each property has its code, URI and type in the CodeSystem resource, and each grouping its filter."""
    given, version, some = LOOKED_UP[what]
    returned = lookups(service, fhir, *given)
    bundle = asked(service, "CodeSystem", fhir, url=given[0], version=version).resource
    # diagnoses and procedures of ICD-9-CM are two resources of one URL
    (resource, *_) = [entry["resource"] for entry in bundle["entry"]]
    declared = {one["code"]: one["type"] for one in resource["property"]}
    stated = {**declared, "source": "string"}  # of this server, not of the code system
    assert some <= returned.keys()
    assert {name: "value" + stated[name][0].upper() + stated[name][1:] for name in returned} == returned
    assert returned.keys() & set(terminology.groupings.GROUPINGS) <= {one["code"] for one in resource["filter"]}


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_what_lookups_of_each_system_return_is_declared(store: Terminology, service: Service, fhir: Any) -> None:
    """A few codes of each code system and of each grouping, on the first day of its newest release."""
    for name in (*store, *store.groupings):
        edition = store[name].latest
        assert edition.release is not None
        uri, day = edition.definition.uri, str(edition.release.effective)
        bundle = asked(service, "CodeSystem", fhir, url=uri, version=edition.release.version).resource
        declared = {one["code"]: one["type"] for entry in bundle["entry"] for one in entry["resource"]["property"]}
        stated = {**declared, "source": "string"}
        rows = edition.table("concepts").select(["code", "kind"]).to_pylist()
        codes = [row["code"] for row in rows if row["kind"] not in NODE_KINDS]
        for code in {*codes[:2], *codes[-2:], *codes[len(codes) // 2 :][:1]}:
            returned = lookups(service, fhir, uri, code, day)
            assert {one: "value" + stated[one][0].upper() + stated[one][1:] for one in returned} == returned, code


def test_groups_of_a_code_of_a_shared_uri(service: Service) -> None:
    """Diagnoses and procedures of ICD-9-CM have one URI: each has its own groupings, as property and as filter."""
    assert lookups(service, "r5", ICD9, "250.00", "2015-03-01")["cci"] == "valueCoding"
    chosen = {"system": ICD9, "filter": [{"property": "cci", "op": "=", "value": "1"}]}
    value_set = {"resourceType": "ValueSet", "status": "active", "url": "urn:x", "compose": {"include": [chosen]}}
    found = asked(service, "ValueSet/$expand", given=[value_set], url="urn:x", date="2015-03-01").resource
    assert "250.00" in {one["code"] for one in found["expansion"]["contains"]}
