"""``$translate`` and ``$closure`` asked of the whole service: by GET and POST, by id, within value sets."""

from __future__ import annotations

from typing import Any

import pytest

from terminology import Terminology
from terminology.fhir import FhirVersion, Request, Service

from .judges import judged
from .translating import CM, GEM, ICD9, concepts, matches, message, part, result


@pytest.fixture(scope="module")
def service(store: Terminology) -> Service:
    """The service of the samples."""
    return Service(store)


def got(service: Service, path: str, fhir: FhirVersion = "r4", **query: str) -> dict[str, Any]:
    """Return what a GET answers."""
    answer = service.answer(Request(path, fhir, "GET", tuple(query.items())))
    assert answer.status == 200, answer.resource
    return judged(answer.resource, fhir)


def posted(service: Service, path: str, *parameters: dict[str, Any], fhir: FhirVersion = "r5") -> dict[str, Any]:
    """Return what a POST answers."""
    body = {"resourceType": "Parameters", "parameter": list(parameters)}
    answer = service.answer(Request(path, fhir, "POST", (), body))
    assert answer.status == 200, answer.resource
    return judged(answer.resource, fhir)


def value_set(*codes: str, system: str = CM) -> dict[str, Any]:
    """Return a value set that lists codes, as a parameter."""
    include = [{"system": system, "concept": [{"code": code} for code in codes]}]
    made = {
        "resourceType": "ValueSet",
        "url": "http://example.org/vs",
        "status": "active",
        "compose": {"include": include},
    }
    return {"name": "tx-resource", "resource": made}


ASKED = (
    {"name": "sourceCode", "valueCode": "724.2"},
    {"name": "system", "valueUri": ICD9},
    {"name": "targetSystem", "valueUri": CM},
)


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_a_map_by_its_id(service: Service, fhir: FhirVersion) -> None:
    """The id of a crosswalk's resource names its map and its version."""
    found = got(service, "ConceptMap/gems-2018-icd10cm-icd9cm/$translate", fhir, code="E13.9", system=CM)
    assert ["249.00", "250.00"] == concepts(found)
    assert {GEM.format("icd10cm", "icd9cm") + "|2018"} == {part(one, "originMap") for one in matches(found)}


def test_a_query_of_texts(service: Service) -> None:
    """Every parameter comes as a text, flags too."""
    found = got(service, "ConceptMap/$translate", code="E13.9", system=CM, targetsystem=ICD9, reverse="true")
    assert ["249.00"] == concepts(found)


def test_answers_stay_in_the_value_set_that_is_the_target(service: Service) -> None:
    """Of the three codes that 724.2 became, the two in the value set are told, and why the third is not."""
    scope = {"name": "targetScope", "valueUri": "http://example.org/vs"}
    found = posted(service, "ConceptMap/$translate", *ASKED, scope, value_set("M54.50", "M54.59"))
    assert ["M54.50", "M54.59"] == concepts(found)
    assert f"'{CM}#M54.51' is not in the value set 'http://example.org/vs'" in message(found)


def test_a_code_outside_the_value_set_that_is_the_source(service: Service) -> None:
    """It is not translated."""
    scope = {"name": "sourceScope", "valueUri": "http://example.org/vs"}
    inside = posted(service, "ConceptMap/$translate", *ASKED, scope, value_set("724.2", system=ICD9))
    outside = posted(service, "ConceptMap/$translate", *ASKED, scope, value_set("250.00", system=ICD9))
    assert (True, False) == (result(inside), result(outside))
    assert message(outside) == f"'{ICD9}#724.2' is not in the value set 'http://example.org/vs'"


def test_a_value_set_that_is_not_known(service: Service) -> None:
    """It is not applied, and that is said."""
    scope = {"name": "targetScope", "valueUri": "http://example.org/none"}
    found = posted(service, "ConceptMap/$translate", *ASKED, scope)
    assert result(found)
    assert message(found).startswith("The value set 'http://example.org/none' is not known")


def test_closure_between_requests(service: Service) -> None:
    """The service keeps the table."""
    name = {"name": "name", "valueString": "cohort"}
    assert "0" == posted(service, "$closure", name)["version"]
    sent = [{"name": "concept", "valueCoding": {"system": CM, "code": code}} for code in ("M54", "M54.50")]
    assert "1" == posted(service, "$closure", name, *sent)["version"]
    again = posted(service, "$closure", name, {"name": "version", "valueString": "0"}, fhir="r4")
    (group,) = again["group"]
    assert [{"code": "M54.50", "target": [{"code": "M54", "equivalence": "subsumes"}]}] == group["element"]
