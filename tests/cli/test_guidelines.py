"""The command ``guidelines``."""

from __future__ import annotations

import json
from importlib.util import find_spec

import pytest

from .conftest import Ask

pytestmark = pytest.mark.skipif(find_spec("pypdf") is None, reason="pypdf is not installed: it is the extra guidelines")


def test_section(ask: Ask) -> None:
    """A section is shown with its page, file and version, and what is below it."""
    found = ask("guidelines icd10cm I.C.13.a --on 2022-03-01")
    assert found.code == 0
    assert found.out.splitlines() == [
        "I.C.13.a  Site",
        "page 4 of 10cmguidelines-sample-FY2022.pdf; version 2022, from 2021-10-01",
        "",
        "An invented rule about the site of a disease, which is long enough to be printed",
        "on several lines, so that a reader has to join them.",
        "",
        "Below",
        "  I.C.13.a.1  Bone versus joint, page 4",
    ]


@pytest.mark.parametrize("question", ["", "I", "I.C.13", "I.A.2-II", "--code M54.50", "--search rule"])
def test_eighty_columns(ask: Ask, question: str) -> None:
    """No line is wider than 80 columns."""
    found = ask(f"guidelines icd10cm {question}")
    assert found.code == 0
    assert max(map(len, found.out.splitlines())) <= 80


def test_json(ask: Ask) -> None:
    """JSON has the whole section."""
    values = json.loads(ask("guidelines icd10cm I.A.2 --json").out)
    assert (values["number"], values["page"], values["version"]) == ("I.A.2", 3, "2022")
    assert [one["number"] for one in values["below"]] == ["I.A.2.a", "I.A.2.b"]
    assert values["source"]["file"] == "10cmguidelines-sample-FY2022.pdf"
    listed = json.loads(ask("guidelines icd10cm --json").out)
    assert [one["number"] for one in listed][:3] == ["I", "I.A", "I.A.1"]


def test_code_and_words(ask: Ask) -> None:
    """Sections are found by a code, and by words; where none is, the exit code is 1."""
    assert "I.C.13.c  Codes M54.50" in ask("guidelines icd10cm --code m5450").out
    assert ask("guidelines icd10cm --code A00.0").code == 1
    assert "I.C.13.b" in ask("guidelines icd10cm --search back").out
    assert ask("guidelines icd10cm --search nowhere").code == 1


@pytest.mark.parametrize(
    ("question", "code", "says"),
    [
        ("icd10cm I.C.99", 1, "below I.C there are I.C.5, I.C.13"),
        ("icd10cm --on 2031-01-15", 2, "the nearest version is 2022"),
        ("icd10cm --on 2022-13-01", 2, "expected a date"),
        ("hcpcs", 2, "no guidelines of HCPCS Level II"),
        ("icd10cm I --code M54.5", 2, "exclude each other"),
        ("icd10cm --known 2021", 2, "needs --on"),
    ],
)
def test_errors(ask: Ask, question: str, code: int, says: str) -> None:
    """What cannot be answered is said with what can."""
    found = ask(f"guidelines {question}")
    assert (found.code, says in " ".join(found.err.split())) == (code, True)


def test_releases_list_documents(ask: Ask) -> None:
    """Loaded documents are listed after the code systems."""
    listed = json.loads(ask("releases --json").out)
    assert [one["version"] for one in listed if one["system"] == "icd10cm_guidelines"] == ["2021", "2022"]
