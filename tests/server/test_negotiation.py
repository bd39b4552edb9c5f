"""Which form an answer has, and which forms a request may have."""

from __future__ import annotations

import pytest

from .asking import EXPAND, LOOKUP, Server

PARAMETERS = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "E11.9"}]}


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "application/fhir+json",
        "*/*",
        "application/*",
        "application/fhir+json; fhirVersion=5.0",
        "application/fhir+json;charset=UTF-8",
        "application/fhir+xml;q=0.9, application/fhir+json;q=0.8",
        "application/json, application/fhir+json",
    ],
)
def test_whoever_accepts_fhir_gets_fhir(server: Server, accept: str) -> None:
    """With parameters of the media type, with ranges, and where nothing is said."""
    answer = server.ask(LOOKUP, accept=accept) if accept else server.ask(LOOKUP)
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/fhir+json; charset=utf-8"


@pytest.mark.parametrize("accept", ["application/json", "text/json", "text/html,application/xml;q=0.9,*/*;q=0.8"])
def test_whoever_accepts_plain_json_gets_plain_json(server: Server, accept: str) -> None:
    """A browser would save FHIR's own type as a file."""
    assert server.ask(LOOKUP, accept=accept).headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    "accept",
    [
        "application/fhir+xml",
        "application/xml",
        "image/png",
        "application/fhir+json;q=0",
        "application/fhir+json;q=0.000",
    ],
)
def test_what_cannot_be_given_is_406(server: Server, accept: str) -> None:
    """As an OperationOutcome that says what can."""
    answer = server.ask(LOOKUP, accept=accept)
    assert answer.status == 406
    assert "application/fhir+json" in answer.text


def test_another_version_of_fhir_is_not_accepted(server: Server) -> None:
    """An endpoint has one version of FHIR, and says which."""
    asked = {"accept": "application/fhir+json; fhirVersion=4.0"}
    assert server.ask(LOOKUP.replace("r5", "r4"), **asked).status == 200
    answer = server.ask(LOOKUP, **asked)
    assert answer.status == 406
    assert "5.0.0" in answer.text


def test_format_overrides_accept(server: Server) -> None:
    """In both directions, and with a plus that became a blank."""
    assert server.ask(f"{LOOKUP}&_format=json", accept="application/fhir+xml").status == 200
    assert server.ask(f"{LOOKUP}&_format=application/fhir+json", accept="text/xml").status == 200
    assert server.ask(f"{LOOKUP}&_format=xml", accept="application/fhir+json").status == 406


def test_the_form_of_an_answer_is_no_question_to_the_service(server: Server) -> None:
    """Whatever else begins with an underscore is."""
    server.ask(f"{EXPAND}&_format=json&_pretty=true&_limit=10&")
    assert server.service.asked[0].query == (("url", "http://example.org/vs"), ("_limit", "10"))


def test_pretty_answers_have_lines(server: Server) -> None:
    """Where they are asked for."""
    assert server.ask(f"{LOOKUP}&_pretty=true").body.count(b"\n") > 3
    assert server.ask(LOOKUP).body.count(b"\n") == 0


@pytest.mark.parametrize("kind", ["application/fhir+json;charset=UTF-8", "application/json", "text/json", ""])
def test_json_is_read_under_all_its_names(server: Server, kind: str) -> None:
    """And where a client says nothing of what it sends."""
    named = {"content_type": kind} if kind else {}
    answer = server.ask("/r5/CodeSystem/$lookup", "POST", body=PARAMETERS, **named)
    assert answer.json["body"] == PARAMETERS


@pytest.mark.parametrize("kind", ["application/fhir+xml", "text/plain", "application/fhir+json; fhirVersion=4.0"])
def test_other_bodies_are_415(server: Server, kind: str) -> None:
    """Also JSON of another version of FHIR than the endpoint's."""
    answer = server.ask("/r5/CodeSystem/$lookup", "POST", body=PARAMETERS, content_type=kind)
    assert answer.status == 415
    assert "application/fhir+json" in answer.text


def test_forms_are_read_as_parameters(server: Server) -> None:
    """Beside those of the URL."""
    kind = "application/x-www-form-urlencoded"
    server.ask(
        "/r5/ValueSet/_search?_count=2", "POST", body=b"url=http%3A%2F%2Fa.b&name=heart+attack", content_type=kind
    )
    (request,) = server.service.asked
    assert request.query == (("_count", "2"), ("url", "http://a.b"), ("name", "heart attack"))
    assert request.body is None
