"""The commands fhir and serve."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ask

SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
LOOKUP = f"CodeSystem/$lookup?system={SYSTEM}&code=E11.9"


def values(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the primitive values of a Parameters resource by name."""
    return {
        one["name"]: next(value for name, value in one.items() if name.startswith("value"))
        for one in parameters["parameter"]
        if any(name.startswith("value") for name in one)
    }


def test_a_request_is_answered_without_a_server(ask: Ask) -> None:
    """Exit code 0, and the resource on standard output."""
    answer = ask("fhir GET", LOOKUP)
    assert answer.code == 0
    assert values(answer.json)["display"] == "Type 2 diabetes mellitus without complications"
    assert answer.err == ""


@pytest.mark.parametrize(("options", "version"), [("", "5.0.0"), ("--fhir r4", "4.0.1"), ("--fhir r5", "5.0.0")])
def test_the_version_of_fhir_can_be_chosen(ask: Ask, options: str, version: str) -> None:
    """R5 where none is."""
    assert ask(f"fhir get /metadata {options}").json["fhirVersion"] == version


@pytest.mark.parametrize(("path", "version"), [("/r4/metadata", "4.0.1"), ("r5/metadata", "5.0.0")])
def test_a_path_may_be_that_of_a_url(ask: Ask, path: str, version: str) -> None:
    """Its beginning chooses the version; an option that says another one is an error."""
    assert ask("fhir GET", path).json["fhirVersion"] == version
    assert ask(f"fhir GET {path} --fhir", path.strip("/")[:2]).json["fhirVersion"] == version
    answer = ask(f"fhir GET {path} --fhir", "r5" if version == "4.0.1" else "r4")
    assert answer.code == 2
    assert "leave one of them out" in answer.err


@pytest.mark.parametrize("path", ["/r3/metadata", "fhir/metadata", "http://127.0.0.1:8080/r4/metadata"])
def test_paths_of_other_servers_are_answered_with_the_option(ask: Ask, path: str) -> None:
    """Which says the version."""
    answer = ask("fhir GET", path)
    assert answer.code == 2
    assert "--fhir" in answer.err


@pytest.mark.parametrize(
    "path", ["CodeSystem/$lookup", "nothing/at/all", f"CodeSystem/$lookup?system={SYSTEM}&code=zz"]
)
def test_an_outcome_with_errors_is_no_answer(ask: Ask, path: str) -> None:
    """Exit code 1, and the OperationOutcome on standard output."""
    answer = ask("fhir GET", path)
    assert answer.code == 1
    assert answer.json["resourceType"] == "OperationOutcome"


def test_a_body_is_read_from_a_file(ask: Ask, tmp_path: Path) -> None:
    """Its parameters are added to those of the path; a byte order mark is skipped."""
    file = tmp_path / "body.json"
    body = {"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "E11.9"}]}
    file.write_text(json.dumps(body), encoding="utf-8-sig")
    answer = ask(f"fhir POST CodeSystem/$validate-code?url={SYSTEM} --body", file)
    assert values(answer.json)["result"] is True


def test_a_body_that_is_no_json_is_bad_input(ask: Ask, tmp_path: Path) -> None:
    """The message names the file."""
    file = tmp_path / "body.json"
    file.write_text("{")
    answer = ask("fhir POST ValueSet/$expand --body", file)
    assert answer.code == 2
    assert "body.json is not JSON" in answer.err


def test_resources_are_answered_from(ask: Ask, tmp_path: Path) -> None:
    """Beside the store."""
    concept = {"code": "a", "display": "First"}
    system = {"resourceType": "CodeSystem", "url": "http://a.b/c", "status": "active", "content": "complete"}
    (tmp_path / "a.json").write_text(json.dumps({**system, "concept": [concept]}))
    answer = ask("fhir GET CodeSystem/$lookup?system=http://a.b/c&code=a --resources", tmp_path)
    assert values(answer.json)["display"] == "First"


def test_serve_says_what_to_install(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is missing: what is missing, and the command."""
    sound = importlib.util.find_spec
    missing = ("uvicorn", "httptools")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in missing else sound(name))
    answer = ask("serve --port 0")
    assert answer.code == 2
    assert "needs uvicorn, httptools, which" in answer.err
    assert "pip install 'terminology-server[server]'" in answer.err


@pytest.mark.parametrize("url", ["tx.example.org", "ftp://a", "https://", "https://a/?b=c"])
def test_a_base_url_is_one(ask: Ask, url: str) -> None:
    """Links that lead nowhere are not served."""
    answer = ask("serve --port 0 --base-url", url)
    assert answer.code == 2
    assert "expected a URL such as https://tx.example.org" in answer.err


def test_serve_does_not_begin_open_where_tokens_are_missing(ask: Ask, tmp_path: Path) -> None:
    """A file of tokens that is empty ends it."""
    (tmp_path / "tokens").write_text("# none yet\n")
    answer = ask("serve --port 0 --token-file", tmp_path / "tokens")
    assert answer.code == 2
    assert "has no token" in answer.err
