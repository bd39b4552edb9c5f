"""What the service has prepared is answered at once, and as if it had not: over all that an answer depends on."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from terminology import Terminology
from terminology.fhir import Resource, Service
from terminology.server import publication

from .asking import Answer, Server

CM = "http://hl7.org/fhir/sid/icd-10-cm"
CPT = "http://www.ama-assn.org/go/cpt"
TARGETS = (
    f"CodeSystem/$lookup?system={CM}&code=M54.50",
    f"CodeSystem/$lookup?system={CM}&code=M54.50&_pretty=true",
    f"CodeSystem/$validate-code?url={CM}&code=M54.50",
    f"CodeSystem/$subsumes?system={CM}&codeA=M54&codeB=M54.50",
    f"CodeSystem/$lookup?system={CM}&code=Z99.999",
    f"ValueSet/$validate-code?url={CM}?fhir_vs&system={CM}&code=M54.50",
)


class Serving(Server):
    """A server over a service that answers; it can be told to read every question as a whole."""

    is_prompt = True

    def _make(self, store: Terminology, resources: Sequence[Resource]) -> Any:
        service = Service(store, resources)
        prompt = service.prompt
        service.prompt = lambda *asked: prompt(*asked) if self.is_prompt else None  # type: ignore[method-assign]
        return service


@pytest.fixture
def serving(sample_store: Path) -> Serving:
    """A server over the service and the samples."""
    return Serving(sample_store)


@pytest.mark.parametrize("target", TARGETS)
def test_answers_are_the_same_at_once(serving: Serving, target: str) -> None:
    """By endpoint, language, host and form; whichever of them was asked before."""
    languages: list[dict[str, str]] = [{}, {"accept_language": "de"}, {"accept_language": "en"}]
    forms: list[dict[str, str]] = [{}, {"accept": "application/json", "host": "tx.example.org"}]
    every = [
        (f"/{fhir}/{target}", {**language, **form})
        for fhir, language, form in itertools.product(("r4", "r5"), languages, forms)
    ]
    for _ in range(2):
        prompt = [serving.ask(path, x_request_id="a", **headers) for path, headers in every]
    serving.is_prompt = False
    assert prompt == [serving.ask(path, x_request_id="a", **headers) for path, headers in every]


def test_each_answer_has_its_own_name(serving: Serving) -> None:
    """Also where the answer was prepared for another."""
    target = f"/r5/{TARGETS[0]}"
    names = [serving.ask(target).headers["x-request-id"] for _ in range(3)]
    assert len(set(names)) == 3
    assert serving.ask(target, x_request_id="mine").headers["x-request-id"] == "mine"


def texts_of(answers: Sequence[Answer]) -> set[str]:
    """Return the displays of answers."""
    found = [one["valueString"] for answer in answers for one in answer.json["parameter"] if one["name"] == "display"]
    return set(found)


def test_withheld_texts_stay_withheld(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a system whose licence is not declared, however often its codes are asked for, and beside a server that shows them."""
    target = f"/r5/CodeSystem/$lookup?system={CPT}&code=99990"
    closed = Serving(sample_store)
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    open_one = Serving(sample_store)
    shown = [open_one.ask(target) for _ in range(3)]
    hidden = [closed.ask(target) for _ in range(3)]
    assert texts_of(hidden) == {"99990"}
    assert texts_of(shown) != {"99990"}


def test_what_fails_at_once_is_answered_by_the_service(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of what is prepared is met again, and said, where all errors are."""
    target = f"/r5/{TARGETS[0]}"
    whole = serving.ask(target, x_request_id="a")

    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("terminology.fhir.prepared.time", fail)
    assert serving.ask(target).status == 500
    monkeypatch.undo()
    assert serving.ask(target, x_request_id="a") == whole


def test_a_service_need_not_prepare_anything(server: Server) -> None:
    """One without prepared answers is asked for each."""
    assert isinstance(server.application.state.publication, publication.Publication)
    assert [server.ask(f"/r5/{TARGETS[0]}").status for _ in range(2)] == [200, 200]
    assert len(server.service.asked) == 2
