"""The questions of the page about the FHIR server can be copied, and have the answers that it shows."""

from __future__ import annotations

import json
import re
import shlex
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import pytest

import terminology
from terminology.fhir import Request
from terminology.fhir.service import Service

PAGE: Final = Path(__file__).parents[2] / "docs" / "operations" / "serve-fhir.md"
SHOWN: Final = re.compile(r"^```shell\n(curl [^`]*?)```\n\n```json\n([^`]*?)```$", re.MULTILINE)
CURL: Final = ArgumentParser()
CURL.add_argument("-G", action="store_true")
CURL.add_argument("-H", default="")
CURL.add_argument("-d", action="append", default=[])
CURL.add_argument("--data-urlencode", action="append", default=[])
CURL.add_argument("url")


def request_of(command: str) -> Request:
    """Return the request that curl would make."""
    from terminology.server.queries import query_pairs

    asked = CURL.parse_args(shlex.split(command)[1:])
    url = urlsplit(asked.url)
    _, fhir, path = url.path.split("/", 2)
    assert url.netloc == "127.0.0.1:8080"
    if asked.G:
        encoded = [f"{name}={quote(value)}" for name, _, value in (one.partition("=") for one in asked.data_urlencode)]
        return Request(path, fhir, query=query_pairs("&".join([*encoded, *asked.d]).encode()))
    body = json.loads(asked.d[0]) if asked.d else None
    assert (body is None) or asked.H == "Content-Type: application/fhir+json", "curl says that it is a form"
    return Request(path, fhir, "POST" if body else "GET", query_pairs(url.query.encode()), body)


def has(found: Any, shown: Any) -> bool:
    """Return whether all that is shown was found, lists in their order; parts may be left out."""
    if isinstance(shown, dict):
        return isinstance(found, dict) and all(name in found and has(found[name], shown[name]) for name in shown)
    if isinstance(shown, list):
        rest = iter(found)
        return all(any(has(one, wanted) for one in rest) for wanted in shown)
    return bool(found == shown)


@pytest.fixture(scope="module")
def service(sample_store: Path) -> Service:
    """What answers, over the samples."""
    return Service(terminology.open(sample_store))


@pytest.mark.parametrize(("command", "answer"), SHOWN.findall(PAGE.read_text(encoding="utf-8")))
def test_a_shown_question_has_the_answer_that_is_shown(service: Service, command: str, answer: str) -> None:
    """Which may leave parts out, and adds none."""
    pytest.importorskip("orjson")
    response = service.answer(request_of(command))
    assert response.status == 200
    assert has(response.resource, json.loads(answer)), response.resource


def test_answers_are_compared(service: Service) -> None:
    """The page has its questions, and another answer would be seen."""
    assert len(SHOWN.findall(PAGE.read_text(encoding="utf-8"))) >= 9
    assert has({"a": [1, 2, {"b": 3}]}, {"a": [1, {"b": 3}]})
    assert not has({"a": [1, 2]}, {"a": [2, 1]})
    assert not has({"a": 1}, {"a": 1, "b": 2})
