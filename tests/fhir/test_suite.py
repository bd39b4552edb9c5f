"""Our own tests of claims' code sets, in the JSON form of HL7's: every file of ``suite``, in R4 and R5, judged.

A suite has a name, resources that are sent with each request (``setup``), and tests; a test has a name, an operation, a
request and a response. As in HL7's form a request is a Parameters resource that is posted to the operation. Beyond it,
a request may be a text, which is the path and query of a GET, or a Bundle. ``version`` limits a test to R4 or R5,
``licences`` opens the store with licences declared, ``why`` says why this is the right response.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import pytest

import terminology
from terminology.fhir import FHIR_VERSIONS, FhirVersion, Request, Response, Service

from .comparison import Comparison
from .judges import judged

FOLDER: Final = Path(__file__).parent / "suite"
OPERATIONS: Final = {
    "expand": "ValueSet/$expand",
    "validate-code": "ValueSet/$validate-code",
    "cs-validate-code": "CodeSystem/$validate-code",
    "lookup": "CodeSystem/$lookup",
    "subsumes": "CodeSystem/$subsumes",
    "translate": "ConceptMap/$translate",
    "batch-validate": "ValueSet/$batch-validate-code",
    "cs-batch-validate": "CodeSystem/$batch-validate-code",
    "batch": "",
}


def cases() -> Iterator[Any]:
    """Yield every test of every suite, in each version that it is for."""
    for path in sorted(FOLDER.glob("*.json")):
        for suite in json.loads(path.read_text(encoding="utf-8"))["suites"]:
            for test in suite["tests"]:
                for fhir, version in FHIR_VERSIONS.items():
                    if version.startswith(test.get("version", version)):
                        yield pytest.param(suite, test, fhir, id=f"{suite['name']}-{test['name']}-{fhir}")


@pytest.fixture(scope="module")
def services(sample_store: Path) -> Mapping[tuple[str, ...], Service]:
    """Services over the samples: with no licence declared, and with one."""
    return {held: Service(terminology.open(sample_store, licences=held)) for held in ((), ("cpt",))}


def asked(service: Service, suite: Mapping[str, Any], test: Mapping[str, Any], fhir: FhirVersion) -> Response:
    """Return the response to the request of a test."""
    headers = {"accept-language": test["Accept-Language"]} if "Accept-Language" in test else {}
    sent = test["request"]
    if isinstance(sent, str):
        path, _, query = sent.partition("?")
        return service.answer(
            Request(path, fhir, "GET", tuple(parse_qsl(query, keep_blank_values=True)), None, headers)
        )
    if sent["resourceType"] == "Parameters":
        setup = [{"name": "tx-resource", "resource": one} for one in suite.get("setup", ())]
        sent = {**sent, "parameter": [*sent["parameter"], *setup]}
    return service.answer(Request(OPERATIONS[test["operation"]], fhir, "POST", (), sent, headers))


@pytest.mark.parametrize(("suite", "test", "fhir"), list(cases()))
def test_a_response_is_the_expected_one(
    services: Mapping[tuple[str, ...], Service], suite: dict[str, Any], test: dict[str, Any], fhir: FhirVersion
) -> None:
    """Status and resource, with nothing beside; and the judges of the version accept it."""
    response = asked(services[tuple(test.get("licences", ()))], suite, test, fhir)
    assert not Comparison(FHIR_VERSIONS[fhir]).differences(test["response"], response.resource)
    assert str(response.status)[0] == test.get("http-code", "2xx")[0]
    judged(response.resource, fhir)


@cache
def names() -> tuple[str, ...]:
    """Return the full names of all tests."""
    return tuple(str(one.id) for one in cases())


def test_every_test_has_a_name_of_its_own() -> None:
    """So a failure names one test; and there are tests."""
    assert len(set(names())) == len(names())
    assert len(names()) > 200


def test_no_expected_response_is_met_by_an_empty_one() -> None:
    """Each asks for more than a type of resource."""
    for path in FOLDER.glob("*.json"):
        for suite in json.loads(path.read_text(encoding="utf-8"))["suites"]:
            for test in suite["tests"]:
                empty = {"resourceType": test["response"]["resourceType"]}
                assert Comparison("5.0.0").differences(test["response"], empty), test["name"]
