"""FHIR ValueSets as code lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from terminology import ReleaseFaults, ReleaseFormatError
from terminology.codelists import CodeList

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"


def value_set(*include: dict[str, Any], exclude: list[dict[str, Any]] | None = None, **head: Any) -> str:
    """Return a ValueSet as JSON text."""
    compose = {"include": list(include), **({"exclude": exclude} if exclude else {})}
    return json.dumps({"resourceType": "ValueSet", "title": "Diabetes", "compose": compose, **head}, indent=1)


def filtered(operation: str, value: str, name: str = "concept", system: str = ICD) -> dict[str, Any]:
    """Return an include with one filter."""
    return {"system": system, "filter": [{"property": name, "op": operation, "value": value}]}


def messages(text: str, system: str | None = None) -> list[tuple[int | None, str]]:
    """Return line and message of each fault."""
    with pytest.raises((ReleaseFormatError, ReleaseFaults)) as refused:
        CodeList.parse(text, form="json", system=system)
    error = refused.value
    errors = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
    return [(one.line, str(one)) for one in errors]


def test_what_a_value_set_says():
    """Concepts, filters and excludes become entries; system, version and title the head."""
    text = value_set(
        {
            "system": ICD,
            "version": "2022",
            "concept": [{"code": "E11.9", "display": "Type 2  # x"}, {"code": "C43-C44"}],
        },
        filtered("is-a", "E10"),
        filtered("descendent-of", "E13", "code"),
        filtered("=", "E09"),
        exclude=[filtered("is-a", "E10.1")],
    )
    found = CodeList.parse(text, form="json")

    assert ("Diabetes", "icd10cm", "2022", "fhir") == (found.name, found.system, found.head.release, found.form)
    assert ["E11.9", '"C43-C44"', "is-a E10", "below E13", "E09", "excluding is-a E10.1"] == [
        entry.text for entry in found.entries
    ]
    assert "Type 2 x" == found.entries[0].label
    assert [entry.text for entry in CodeList.parse(found.text).entries] == [entry.text for entry in found.entries]


def test_a_whole_system(edition):
    """An include without concepts and filters is every code of the system."""
    text = value_set({"system": ICD}, exclude=[filtered("is-a", "E11")])

    assert len(edition.table()) > len(CodeList.parse(text, form="json").resolve(edition).codes) > 50


def test_one_of_several_systems():
    """Of a value set over two systems the one that is named is read, and what is left out is told."""
    text = value_set(filtered("is-a", "E11"), filtered("=", "J1815", system=HCPCS))

    found = CodeList.parse(text, form="json", system="hcpcs")

    assert ["J1815"] == [entry.text for entry in found.entries]
    assert (f"compose.include[1] is of {ICD} and was left out",) == found.warnings
    assert "name the one to read" in messages(text)[0][1]
    assert "expected codes of cpt" in messages(text, "cpt")[0][1]


@pytest.mark.parametrize(
    ("include", "said"),
    [
        (filtered("regex", "E1.*"), "the filter concept regex E1.* cannot be written in a code list"),
        (filtered("is-a", "x", "chapter"), "the filter chapter is-a x cannot be written"),
        (filtered("is-a", ""), "expected a filter with a value"),
        ({"system": ICD, "valueSet": ["http://x"]}, "refers to another value set"),
        ({"system": ICD, "concept": [{"display": "x"}]}, "concept[1].code: expected a concept with a code, got None"),
        ({"system": ICD, "concept": [{"code": "E1"}], "filter": [{}]}, "vsd-3"),
        ({"system": ICD, "filter": [*filtered("is-a", "E1")["filter"] * 2]}, "several filters that hold together"),
        ({}, "expected a system, concepts or filters"),
    ],
)
def test_what_a_list_cannot_say(include, said):
    """What a code list cannot say is refused with its place, never left out in silence."""
    [(line, message)] = messages(value_set(include))

    assert line is not None
    assert said in message


@pytest.mark.parametrize(
    "text", ['{"resourceType": "CodeSystem"}', '{"resourceType": "ValueSet"}', value_set(), value_set("x")]
)
def test_what_is_no_value_set(text):
    """Another resource, and a value set without compose, are faults."""
    assert messages(text)
