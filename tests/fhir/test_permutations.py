"""Every kind of code, sent in every form, against every kind of value set: the answers are made of the same pieces.

What is expected is built here from HL7's wording alone. A code is good, outside of the value set, or unknown to its code
system; it is sent as code, Coding or CodeableConcept; the value set is the whole code system, a list, a filter, an
import, or what an exclusion leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

import pytest

from terminology.fhir import FhirVersion, Request, Resource, Service

from .judges import judged

URL, SETS = "http://example.org/cs/shapes", "http://example.org/vs/"
CODE_SYSTEM: Final[Resource] = {
    "resourceType": "CodeSystem",
    "url": URL,
    "version": "1.2.0",
    "status": "active",
    "experimental": False,
    "caseSensitive": True,
    "content": "complete",
    "concept": [
        {"code": "round", "display": "Round", "concept": [{"code": "circle", "display": "Circle"}]},
        {"code": "square", "display": "Square"},
    ],
}
COMPOSES: Final[dict[str, Resource]] = {
    "all": {"include": [{"system": URL}]},
    "enumerated": {"include": [{"system": URL, "concept": [{"code": "circle"}, {"code": "round"}]}]},
    "filter": {"include": [{"system": URL, "filter": [{"property": "concept", "op": "is-a", "value": "round"}]}]},
    "import": {"include": [{"valueSet": [f"{SETS}filter"]}]},
    "exclude": {"include": [{"system": URL}], "exclude": [{"system": URL, "concept": [{"code": "square"}]}]},
}
VALUE_SETS: Final[list[Resource]] = [
    {
        "resourceType": "ValueSet",
        "url": f"{SETS}{name}",
        "version": "5.0.0",
        "status": "active",
        "experimental": False,
        "compose": compose,
    }
    for name, compose in COMPOSES.items()
]
DISPLAYS: Final = {"circle": "Circle", "round": "Round", "square": "Square"}
CODES: Final = ("circle", "square", "oval")
PAIRS: Final = [("circle", "square"), ("square", "circle"), ("circle", "oval"), ("square", "oval"), ("circle", "round")]


def is_in(code: str, value_set: str) -> bool:
    """Return whether a value set has a code."""
    return code in (DISPLAYS if value_set == "all" else ("circle", "round"))


# ---- what HL7's wording makes of it


def name(value_set: str) -> str:
    """Return what messages call a value set."""
    return f"{SETS}{value_set}|5.0.0"


def unknown(code: str) -> str:
    """Return that a code is unknown."""
    return f"Unknown code '{code}' in the CodeSystem '{URL}' version '1.2.0'"


def outside(code: str, value_set: str) -> str:
    """Return that a code is not in a value set."""
    return f"The provided code '{URL}#{code}' was not found in the value set '{name(value_set)}'"


Issue = tuple[str, str, str, str, str | None]
"""Severity, code, kind, text, place."""


def expected_issues(codes: tuple[str, ...], form: str, value_set: str | None) -> Iterator[Issue]:
    """Yield the issues of an answer."""
    is_concept = form == "codeableConcept"
    for number, code in enumerate(codes):
        at = {"code": "code", "coding": "Coding.code"}.get(form, f"CodeableConcept.coding[{number}].code")
        if code not in DISPLAYS:
            yield "error", "code-invalid", "invalid-code", unknown(code), at
        if value_set and not is_in(code, value_set):
            severity, kind = ("information", "this-code-not-in-vs") if is_concept else ("error", "not-in-vs")
            yield severity, "code-invalid", kind, outside(code, value_set), at
    if is_concept and value_set and not any(is_in(code, value_set) for code in codes):
        text = f"No valid coding was found for the value set '{name(value_set)}'"
        yield "error", "code-invalid", "not-in-vs", text, None


def issues(values: Resource) -> list[Issue]:
    """Return the issues of an answer, in the order of the alphabet."""
    return sorted(map(_issue, values.get("issues", {}).get("issue", ())), key=str)


def _issue(one: Resource) -> Issue:
    details = one["details"]
    place = one.get("expression", [None])[0]
    return one["severity"], one["code"], details["coding"][0]["code"], details["text"], place


# ---- asked


def answer(service: Service, fhir: FhirVersion, codes: tuple[str, ...], form: str, value_set: str | None) -> Resource:
    """Return the parameters of an answer by name; the judges of the version have accepted it."""
    codings = [{"system": URL, "code": code} for code in codes]
    sent: list[Resource] = {
        "code": [{"name": "system", "valueUri": URL}, {"name": "code", "valueCode": codes[0]}],
        "coding": [{"name": "coding", "valueCoding": codings[0]}],
        "codeableConcept": [{"name": "codeableConcept", "valueCodeableConcept": {"coding": codings}}],
    }[form]
    if value_set:
        sent = [*sent, {"name": "url", "valueUri": f"{SETS}{value_set}"}]
    sent = [*sent, *({"name": "tx-resource", "resource": one} for one in (CODE_SYSTEM, *VALUE_SETS))]
    kind = "ValueSet" if value_set else "CodeSystem"
    body = {"resourceType": "Parameters", "parameter": sent}
    response = service.answer(Request(f"{kind}/$validate-code", fhir, "POST", (), body))
    assert response.status == 200
    found = judged(response.resource, fhir)["parameter"]
    return {one["name"]: next(value for key, value in one.items() if key != "name") for one in found}


SENT: Final = [
    *(((code,), form) for code, form in product(CODES, ("code", "coding", "codeableConcept"))),
    *((pair, "codeableConcept") for pair in PAIRS),
]


@pytest.mark.parametrize("fhir", ["r4", "r5"])
@pytest.mark.parametrize("value_set", [*COMPOSES, None])
@pytest.mark.parametrize(("codes", "form"), SENT, ids=["-".join((*codes, form)) for codes, form in SENT])
def test_an_answer_is_made_of_the_same_pieces(
    service: Service, fhir: FhirVersion, codes: tuple[str, ...], form: str, value_set: str | None
) -> None:
    """Result, code, display and version; issues with their places; and a message that says the errors."""
    values = answer(service, fhir, codes, form, value_set)
    expected = sorted(expected_issues(codes, form, value_set), key=str)
    assert issues(values) == expected
    errors = sorted({text for severity, _, _, text, _ in expected if severity == "error"})
    assert values["result"] == (not errors)
    assert values.get("message") == ("; ".join(errors) or None)
    good = [code for code in codes if code in DISPLAYS and (value_set is None or is_in(code, value_set))]
    told: Any = good[0] if good else (codes[0] if form != "codeableConcept" else None)
    assert values.get("code") == told
    assert values.get("system") == (URL if told else None)
    assert values.get("version") == ("1.2.0" if told else None)
    assert values.get("display") == DISPLAYS.get(told or "")


@pytest.mark.parametrize("value_set", COMPOSES)
def test_expansion_and_validation_agree(service: Service, value_set: str) -> None:
    """What is expanded is what is valid."""
    sent = [{"name": "tx-resource", "resource": one} for one in (CODE_SYSTEM, *VALUE_SETS)]
    body = {"resourceType": "Parameters", "parameter": [{"name": "url", "valueUri": f"{SETS}{value_set}"}, *sent]}
    expansion = service.answer(Request("ValueSet/$expand", "r5", "POST", (), body)).resource["expansion"]
    assert expansion["total"] == sum(is_in(code, value_set) for code in DISPLAYS)
    valid = [code for code in DISPLAYS if answer(service, "r5", (code,), "coding", value_set)["result"]]
    assert valid == [code for code in DISPLAYS if is_in(code, value_set)]
