"""What is answered about a code of the store is what its CodeSystem resource declares and says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.fhir import Request, Resource, Service
from terminology.fhir.resources import code_system_head, concepts
from terminology.groupings import GROUPINGS

SYSTEMS = ("cpt", "hcpcs", "icd10", "icd10cm", "icd10gm", "icd10pcs", "icd9cm", "places", "vaccines")
DERIVED = {"child", "source", *GROUPINGS}
"""Properties that a resource does not repeat for each concept."""
OF_ROWS = {
    "hcpcs": {"changed", "reactivated", "actionCode", "actionEffective", "recordIdentification", "sequenceNumber"},
    "icd10pcs": {"prefix"},
}
"""Properties of a row of the release, which say nothing of the code on a day."""


@pytest.fixture(scope="module")
def licensed(sample_store: Path) -> Terminology:
    """The samples, with every licence declared."""
    return terminology.open(sample_store, licences=("cpt", "icd10", "icd10gm"))


@pytest.fixture(scope="module")
def asked(licensed: Terminology) -> Service:
    """The service over them."""
    return Service(licensed)


def value_of(element: Resource) -> Any:
    """Return the value of an element, of whatever type."""
    return next((name, str(value)) for name, value in element.items() if name.startswith("value"))


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_lookup_says_what_the_code_system_says(licensed: Terminology, asked: Service, name: str) -> None:
    """The same properties, under the same codes, of the same types, for every code in force; and nothing undeclared."""
    edition = licensed[name].latest
    head, _ = code_system_head(licensed[name], edition)
    declared = {one["code"] for one in head["property"]} | DERIVED
    for concept in concepts(edition):
        if concept["code"] not in edition or not edition.status(concept["code"]).valid:
            continue
        query = (("system", head["url"]), ("version", head["version"]), ("code", concept["code"]), ("property", "*"))
        answer = asked.answer(Request("CodeSystem/$lookup", "r5", "GET", query)).resource
        found = set()
        for one in answer["parameter"]:
            if one["name"] == "property":
                code, value = (value_of(part)[1] for part in one["part"][:2])
                found.add((code, value_of(one["part"][1])))
                assert code in declared, (concept["code"], code, value)
        said = {(one["code"], value_of(one)) for one in concept["property"]}
        said = {one for one in said if one[0] not in OF_ROWS.get(name, ())}
        standing = {(name, ("valueBoolean", "False")) for name in ("inactive", "notSelectable")}
        assert {one for one in found if one[0] not in DERIVED} - standing == _concepts_only(said, edition) - standing


def _concepts_only(said: set[Any], edition: Any) -> set[Any]:
    """Return properties whose parent is a concept: nodes of the tree that are no codes are passed over."""
    made = set()
    for code, (kind, value) in said:
        above = value
        while code == "parent" and above is not None and above not in edition:
            above = edition.node(above).parent
        if above is not None:
            made.add((code, (kind, above)))
    return made


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_declared_filter_can_be_asked(licensed: Terminology, asked: Service, name: str) -> None:
    """No operator that the CodeSystem states is refused."""
    head, _ = code_system_head(licensed[name], licensed[name].latest)
    code = next(iter(licensed[name].latest))
    for one in head["filter"]:
        for operator in one["operator"]:
            value = {"exists": "true", "regex": ".*"}.get(operator, code)
            include = {"system": head["url"], "version": head["version"]}
            include["filter"] = [{"property": one["code"], "op": operator, "value": value}]
            value_set = {"resourceType": "ValueSet", "status": "active", "compose": {"include": [include]}}
            response = asked.answer(Request("ValueSet/$expand", "r5", "POST", (), value_set))
            assert response.status == 200, (one["code"], operator, response.resource)
