"""Groupings in FHIR: their categories are a CodeSystem, their tables a ConceptMap, the groups of a code properties of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.fhir import Service
from terminology.groupings import GROUPINGS

from .asking import CM, asked

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
