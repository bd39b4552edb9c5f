"""Each tool answers what the command of its name prints, says which release it was, and keeps within its limit."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terminology import Terminology
from terminology.cli.application import run
from terminology.mcp.parameters import ArgumentError, Parameter, schema_of
from terminology.mcp.service import Service
from terminology.mcp.tools import TOOLS

CM = {"system": "icd10cm"}
Shown = Callable[..., Any]


@pytest.fixture
def shown(sample_store: Path, capsys: pytest.CaptureFixture[str]) -> Shown:
    """Return a function that gives what a command prints as JSON."""

    def ask(*words: str) -> Any:
        run([*words, "--json", "--store", str(sample_store)])
        return json.loads(capsys.readouterr().out)

    return ask


def answer(service: Service, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return what a tool answers; it must be no error."""
    found = service.call(tool, arguments)
    assert not found.is_error, found.values
    return found.values


def error(service: Service, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return the error that a tool ends with; it must be one."""
    found = service.call(tool, arguments)
    assert found.is_error, found.values
    return found.values["error"]


@pytest.mark.parametrize("code", ["M54.5", "M54.50", "m5450", "W21.89A", "Z99.999", "?"])
@pytest.mark.parametrize("tool", ["explain", "lookup"])
@pytest.mark.parametrize("day", ["2021-09-30", "2022-03-01", "1990-01-01"])
def test_a_code_is_answered_as_the_command_answers(
    service: Service, shown: Shown, tool: str, code: str, day: str
) -> None:
    """One rule lives in one place: header, billable, mistyped, unknown and malformed codes, covered days and others."""
    found = answer(service, tool, **CM, code=code, on=day, limit=500)
    assert found["answer"] == shown(tool, "icd10cm", code, "--on", day)
    assert found["left_off"] == {}


def test_a_translation_is_answered_as_the_command_answers(service: Service, shown: Shown) -> None:
    """With its alternatives and the path of each."""
    found = answer(service, "translate", code="250.00", source="icd9cm", target="ICD-10-CM")
    assert found["answer"] == shown("translate", "250.00", "--from", "icd9cm", "--to", "icd10cm")
    assert found["answer"]["outcome"] == "mapped"


def test_a_migration_is_answered_as_the_command_answers(service: Service, shown: Shown) -> None:
    """By default to the newest release."""
    found = answer(service, "migrate", **CM, code="M54.5", origin="2021")
    assert found["answer"] == shown("migrate", "icd10cm", "M54.5", "--from", "2021", "--to", "latest")
    assert [one["codes"] for one in found["answer"]["alternatives"]] == [["M54.50"], ["M54.51"], ["M54.59"]]


def test_a_list_is_answered_as_the_command_answers(service: Service, shown: Shown, tmp_path: Path) -> None:
    """Ranges, codes not in force, and rows that are no entry."""
    text = "M54.5\nW21.89A\nC43-C44\nexcluding C4A.9\nfoo bar\n"
    (tmp_path / "codes").write_text(text, encoding="utf-8")
    found = answer(service, "validate_list", **CM, codes=text, version="2022", limit=500)
    listed = shown("codelist", "resolve", str(tmp_path / "codes"), "--system", "icd10cm", "--version", "2022")
    assert found["answer"] == listed
    assert found["summary"]["damaged"] == 1
    assert found["summary"]["absent"] == 1


def test_a_list_has_the_status_of_each_single_code(service: Service, shown: Shown) -> None:
    """As the command status has it, with the correction of one that is mistyped."""
    codes = ["M54.50", "M54.5", "W21.89A"]
    found = answer(service, "validate_list", **CM, codes=codes, on="2022-03-01")
    assert found["checks"] == shown("status", "icd10cm", *codes, "--on", "2022-03-01")
    assert found["summary"]["single_codes_not_billable"] == 2
    assert [row["suggestion"] for row in found["checks"]] == [None, None, "W21.89XA"]


def test_a_list_may_name_its_system_and_its_release(service: Service) -> None:
    """As a file does."""
    found = answer(service, "validate_list", codes="system: icd10cm\nrelease: 2021\nM54.5\n")
    assert found["edition"]["version"] == "2021"
    assert found["checks"][0]["status"] == "billable"


@pytest.mark.parametrize("text", ["pain low", "low back pain", "lumbago", "M54.5", "LBP", "backpain"])
@pytest.mark.parametrize("billable", [False, True])
def test_a_search_finds_what_the_edition_finds(
    service: Service, store: Terminology, text: str, *, billable: bool
) -> None:
    """The same hits in the same order; headers only where not just billable codes are asked for."""
    found = answer(service, "search", **CM, text=text, version="2022", billable=billable, limit=500)
    hits = store["icd10cm"].release("2022").search(text, 1_000, headers=not billable)
    assert found["answer"] == [hit.to_dict() for hit in hits]
    assert found["found"] == len(hits)
    assert not billable or all(hit["billable"] for hit in found["answer"])


def test_a_search_reads_more_than_titles(service: Service) -> None:
    """Words of the publisher's index find a code too, and the answer says which term it was."""
    (hit, *_) = answer(service, "search", **CM, text="low back pain", on="2022-03-01", billable=True)["answer"]
    assert (hit["code"], hit["matched"]) == ("M54.50", "index")
    assert hit["source"]["file"]


def test_a_search_finds_the_beginnings_of_codes(service: Service) -> None:
    """With the dot; only billable ones where that is asked for."""
    found = answer(service, "search", **CM, text="M54.5", version="2022")["answer"]
    assert [hit["code"] for hit in found] == ["M54.5", "M54.50", "M54.51", "M54.59"]
    assert {hit["matched"] for hit in found} == {"code"}
    billable = answer(service, "search", **CM, text="M54.5", version="2022", billable=True)["answer"]
    assert [hit["code"] for hit in billable] == ["M54.50", "M54.51", "M54.59"]


@pytest.mark.parametrize(
    ("tool", "arguments", "path", "whole"),
    [
        ("explain", {**CM, "code": "M54.5", "version": "2022"}, "instead", 3),
        ("migrate", {**CM, "code": "M54.5", "origin": "2021", "target": "2022"}, "alternatives", 3),
        ("validate_list", {**CM, "codes": "M54.5*", "version": "2022"}, "codes", 4),
    ],
)
def test_what_the_limit_leaves_off_is_counted(
    service: Service, tool: str, arguments: dict[str, Any], path: str, whole: int
) -> None:
    """Shown and left off are all that there is."""
    found = answer(service, tool, **arguments, limit=1)
    assert len(found["answer"][path]) == 1
    assert found["left_off"][path] == whole - 1


def test_a_search_counts_what_it_leaves_off(service: Service) -> None:
    """The number of all hits is said as well."""
    found = answer(service, "search", **CM, text="M54.5", version="2022", limit=1)
    assert (len(found["answer"]), found["found"], found["left_off"]) == (1, 4, {"answer": 3})


def test_codes_that_are_used_together_are_never_cut(service: Service) -> None:
    """A limit leaves off alternatives, not codes of one."""
    found = answer(service, "validate_list", **CM, codes="M54.5", version="2022", limit=1)
    assert found["left_off"] == {}
    whole = answer(service, "translate", code="250.00", source="icd9cm", target="icd10cm", limit=50)["answer"]
    cut = answer(service, "translate", code="250.00", source="icd9cm", target="icd10cm", limit=1)["answer"]
    assert cut["alternatives"] == whole["alternatives"][:1]


@pytest.mark.parametrize(
    "name", ["icd10cm", "ICD-10-CM", "http://hl7.org/fhir/sid/icd-10-cm", "2.16.840.1.113883.6.90"]
)
def test_a_system_is_known_by_any_of_its_names(service: Service, name: str) -> None:
    """Short name, title, URI and OID."""
    assert answer(service, "explain", system=name, code="M54.5", version="2022")["edition"]["system"] == "icd10cm"


def test_without_a_day_today_is_meant_and_said(service: Service) -> None:
    """The samples end before today, so nothing is guessed: the status is uncovered, and a way out is named."""
    today = str(datetime.datetime.now(tz=datetime.UTC).date())
    found = answer(service, "explain", **CM, code="M54.50")
    assert found["edition"]["date"] == today
    assert found["edition"]["version"] is None
    assert found["answer"]["status"] == "uncovered"
    assert f"today, {today}, as no day was given" in found["remarks"][0]
    assert "version latest asks the newest, 2022-04" in found["remarks"][0]


def test_the_release_that_answers_is_named(service: Service) -> None:
    """With its first day, in a sentence and in values."""
    found = answer(service, "explain", **CM, code="M54.50", on="2022-03-01")
    assert found["edition"] == {**found["edition"], "version": "2022", "effective": "2021-10-01", "date": "2022-03-01"}
    assert found["remarks"] == ["release 2022 of ICD-10-CM, effective 2021-10-01, answers for 2022-03-01"]


def test_only_releases_that_were_known_count(service: Service) -> None:
    """What was known then of a day that later releases cover."""
    found = answer(service, "explain", **CM, code="M54.50", on="2022-03-01", known="2021")
    assert found["answer"]["status"] == "uncovered"


@pytest.mark.parametrize(
    ("tool", "arguments", "kind", "words"),
    [
        ("explain", {**CM}, "ArgumentError", "code is missing"),
        ("explain", {**CM, "code": 5}, "ArgumentError", "code: expected text like E11.9, got 5"),
        ("explain", {**CM, "code": " "}, "ArgumentError", "code: expected text like E11.9, got nothing"),
        ("explain", {**CM, "code": "A" * 101}, "ArgumentError", "code: expected at most 100 characters, got 101"),
        ("explain", {**CM, "cod": "E11.9"}, "ArgumentError", "no parameter 'cod'; did you mean 'code'?"),
        ("explain", {"system": "icd10mc", "code": "A"}, "UnknownSystemError", "did you mean 'icd10cm'"),
        ("lookup", {**CM, "code": "A", "on": "yesterday"}, "InvalidDateError", "on: expected a date like 2024-03-01"),
        ("lookup", {**CM, "code": "A", "version": "1999"}, "UnknownReleaseError", "1999"),
        ("lookup", {**CM, "code": "A", "on": "2022-03-01", "known": "x"}, "UnknownReleaseError", "known: "),
        ("lookup", {**CM, "code": "A", "on": "2022-03-01", "version": "2022"}, "ArgumentError", "exclude each other"),
        ("lookup", {**CM, "code": "A", "known": "2022", "version": "2022"}, "ArgumentError", "needs on"),
        ("lookup", {**CM, "code": "A", "limit": 0}, "ArgumentError", "limit: expected a number from 1 to 500, got 0"),
        ("lookup", {**CM, "code": "A", "limit": True}, "ArgumentError", "limit: expected a whole number, got True"),
        ("search", {**CM, "text": "?!", "version": "2022"}, "ArgumentError", "text: expected words"),
        ("search", {**CM, "text": "pain"}, "UnknownReleaseError", "the newest release with version latest"),
        ("search", {**CM, "text": "pain", "billable": "yes"}, "ArgumentError", "billable: expected true or false"),
        ("translate", {"code": "A", "source": "x", "target": "icd10cm"}, "UnknownSystemError", "'x'"),
        (
            "translate",
            {"code": "250.00", "source": "icd9cm", "target": "icd10cm", "crosswalk": "no"},
            "UnknownCrosswalkError",
            "no",
        ),
        ("migrate", {**CM, "code": "M54.5", "origin": "1999"}, "UnknownReleaseError", "1999"),
        ("validate_list", {"codes": "M54.5"}, "ArgumentError", "system is missing"),
        ("validate_list", {**CM, "codes": ["M54.5", 7]}, "ArgumentError", "codes: expected text, or a list of texts"),
        ("validate_list", {**CM, "codes": "A" * 200_001}, "ArgumentError", "ask in parts"),
        ("validate_list", {**CM, "codes": "excluding M54.5"}, "ReleaseFormatError", "excluding only"),
        ("validate_list", {**CM, "codes": "<html>"}, "ReleaseFormatError", "expected a code list"),
    ],
)
def test_a_mistake_is_named_with_what_to_write(
    service: Service, tool: str, arguments: dict[str, Any], kind: str, words: str
) -> None:
    """As an error of the tool, which who asked can read and mend."""
    found = error(service, tool, **arguments)
    assert found["type"] == kind
    assert words in found["message"]


def test_an_error_in_a_list_has_its_place(service: Service) -> None:
    """The parameter as the file, and the line."""
    found = error(service, "validate_list", **CM, codes="\nexcluding M54.5\n")
    assert (found["file"], found["line"]) == ("codes", 2)


def test_there_is_no_other_tool(service: Service) -> None:
    """A misspelt name is told the nearest one."""
    with pytest.raises(ArgumentError, match="did you mean 'explain'"):
        service.call("explane", {})
    with pytest.raises(ArgumentError, match="there are explain, search, lookup, translate, migrate, validate_list"):
        service.call("?", {})


def test_an_error_in_the_program_shows_no_values(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """They may be licensed texts: the client sees the type, the log the place."""
    from terminology import Edition

    def fail(*_: object) -> None:
        raise KeyError("a licensed title")

    monkeypatch.setattr(Edition, "explain", fail)
    found = error(service, "explain", **CM, code="M54.5")
    assert found["type"] == "InternalError"
    assert "KeyError; this is an error in the program" in found["message"]
    assert "licensed title" not in json.dumps(found) + caplog.text
    assert "test_tools.py" in caplog.text


def test_a_schema_says_what_is_checked() -> None:
    """Every parameter is described; what is required, its bounds and its default are in the schema."""
    for tool in TOOLS:
        schema = schema_of(tool.parameters)
        assert all(one["description"] for one in schema["properties"].values())
        assert schema["additionalProperties"] is False
    limit = Parameter("limit", "Most rows.", "number", default=20, longest=500).schema()
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 500, 20)
