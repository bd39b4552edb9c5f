"""The service follows what is published, lists what it holds, and lets no licensed text out."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.mcp import publications
from terminology.mcp.parameters import ArgumentError
from terminology.mcp.prompts import PROMPTS, prompt_named
from terminology.mcp.publications import Publications
from terminology.mcp.service import Service
from terminology.samples import sample_releases
from terminology.store import StoreFolder

from ..door import Content


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    """The files of two invented releases of CPT."""
    return Content(tmp_path_factory.mktemp("cpt"))


@pytest.fixture(scope="module")
def licensed(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of them."""
    folder = tmp_path_factory.mktemp("licensed")
    assert not terminology.load(content.folder, store=folder).errors
    return folder


def calls(content: Content) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield calls of every tool, and whether they show a text of CPT to whoever holds the licence."""
    newer = content.releases[1]
    kept, day = content.kept, "2025-06-01"
    for code in (kept, newer.revised[0], newer.deleted[0], newer.added[0], f"{kept}:25", "25", "99998", "?"):
        for tool in ("explain", "lookup"):
            yield tool, {"system": "cpt", "code": code, "on": day}, code == kept
        for origin, target in (("2024", "2025"), ("2025", "2024")):
            yield "migrate", {"system": "cpt", "code": code, "origin": origin, "target": target}, False
        yield "translate", {"code": code, "source": "cpt", "target": "cpt"}, False
        yield "search", {"system": "cpt", "text": code.replace("?", "0"), "on": day}, code == kept
    codes = [kept, newer.revised[0], newer.deleted[0], "99998", "nonsense"]
    yield "validate_list", {"system": "cpt", "codes": codes, "on": day}, True
    yield "search", {"system": "cpt", "text": newer.codes[kept].title, "on": day}, True


def test_no_tool_shows_a_text_without_licence(
    content: Content, licensed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every tool is asked of codes that stayed, changed, came, went and never were; the resources are read too."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    service = Service(licensed)
    for tool, arguments, _ in calls(content):
        text = json.dumps(service.call(tool, arguments).values, ensure_ascii=False)
        assert not content.found_in(text), (tool, arguments, text)
    for resource in service.resources():
        text = json.dumps(service.content(resource.uri), ensure_ascii=False)
        assert not content.found_in(text), resource


def test_the_same_calls_show_texts_with_the_licence(
    content: Content, licensed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is withheld above is there for whoever declares the licence: the walk looks where texts are."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    service = Service(licensed)
    for tool, arguments, shows in calls(content):
        if shows:
            assert content.found_in(json.dumps(service.call(tool, arguments).values)), (tool, arguments)


def test_a_withheld_text_is_said_with_how_to_declare_the_licence(
    content: Content, licensed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the licence, the publisher's notice comes with each answer."""
    question = {"system": "cpt", "code": content.kept, "on": "2025-06-01"}
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    remarks = Service(licensed).call("explain", question).values["remarks"]
    assert any("texts of CPT are withheld" in remark and "TERMINOLOGY_LICENCES=cpt" in remark for remark in remarks)
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    remarks = Service(licensed).call("explain", question).values["remarks"]
    assert len(remarks) == 2
    assert not any("withheld" in remark for remark in remarks)


def test_words_of_withheld_titles_find_nothing(
    content: Content, licensed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That a code is found by a word would tell the word."""
    question = {"system": "cpt", "text": content.releases[1].codes[content.kept].title, "on": "2025-06-01"}
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    assert Service(licensed).call("search", question).values["found"] == 0
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    assert Service(licensed).call("search", question).values["found"] >= 1


@pytest.fixture
def growing(tmp_path: Path) -> Path:
    """A store of one system, to which a test loads another."""
    folder = tmp_path / "store"
    terminology.load(sample_releases() / "hcpcs", store=folder)
    return folder


def test_what_is_published_meanwhile_answers_the_next_question(growing: Path) -> None:
    """A release that is loaded while an assistant works is there with its next call."""
    service = Service(growing)
    question = {"system": "icd10cm", "code": "M54.5", "on": "2022-03-01"}
    assert service.call("explain", question).values["error"]["type"] == "UnknownSystemError"
    terminology.load(sample_releases() / "icd10cm", store=growing)
    assert service.call("explain", question).values["answer"]["status"] == "header"
    assert any(one.uri == "terminology://releases/icd10cm" for one in service.resources())


def test_a_store_that_stays_is_not_opened_again(growing: Path) -> None:
    """The look at the pointer is all that a further question costs."""
    held = Publications(growing)
    assert held.current() is held.current()


def test_what_cannot_be_opened_leaves_the_former_state(growing: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is reported, and tried again."""
    held = Publications(growing)
    former = held.current()
    pointer = StoreFolder(growing).pointer
    whole = Path(pointer).read_bytes()
    Path(pointer).write_bytes(whole[: len(whole) // 2])
    assert held.current() is former
    assert "cannot be opened, the former state answers" in caplog.text
    Path(pointer).write_bytes(whole)
    with caplog.at_level(logging.INFO, "terminology"):
        assert held.current() is not former
    assert "answers now" in caplog.text


def test_an_object_store_is_looked_at_every_few_seconds_only(growing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is a download."""
    looks: list[object] = []
    held = Publications(growing)
    held._wait = 3600
    monkeypatch.setattr(publications, "mark_of", looks.append)
    held.current()
    assert looks == []
    held._wait = 0
    held.current()
    assert looks == [growing]


def test_the_systems_say_which_days_they_cover(service: Service) -> None:
    """With their names, and what is missing."""
    rows = {row["system"]: row for row in service.content("terminology://systems")}
    found = rows["icd10cm"]
    assert (found["title"], found["newest"]["version"]) == ("ICD-10-CM", "2022-04")
    assert found["covers_today"] is False
    assert found["gap"].startswith("the newest release, 2022-04, ends 2022-09-30")
    assert rows["icd9cm"]["covers_today"] is True


def test_every_resource_that_is_listed_can_be_read(service: Service) -> None:
    """Systems, crosswalks, and the releases of each system; nothing else."""
    for resource in service.resources():
        assert service.content(resource.uri), resource
    for uri in ("terminology://releases/snomed", "terminology://nothing", "file:///etc/passwd"):
        assert service.content(uri) is None


def test_the_prompt_names_tools_that_exist() -> None:
    """And has the arguments in their place."""
    text = prompt_named("check_claim_codes").filled({"codes": "E11.9, I10", "on": "2024-03-01"})
    assert "E11.9, I10" in text
    assert "on=2024-03-01" in text
    assert "Code system: icd10cm" in text
    assert "validate_list" in text


@pytest.mark.parametrize(
    ("given", "words"),
    [({"on": "2024-03-01"}, "codes is missing"), ({"codes": "E11.9", "day": "x", "on": "y"}, "no parameter 'day'")],
)
def test_a_prompt_says_what_it_lacks(given: dict[str, str], words: str) -> None:
    """As tools do."""
    with pytest.raises(ArgumentError, match=words):
        PROMPTS[0].filled(given)
    with pytest.raises(ArgumentError, match="no prompt 'x': there is check_claim_codes"):
        prompt_named("x")
