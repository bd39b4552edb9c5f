"""A whole file of claims: what is counted, what is handed over, and what does not grow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from terminology import Terminology
from terminology.claims import BadRow, Claim, Severity, Summary, audited, examined, run
from terminology.claims.code_facts import SystemFacts


def claims(count: int) -> Iterator[Claim | BadRow]:
    """Yield claims, every other one with a header, and a row that cannot be read."""
    for number in range(count):
        codes = ["E11"] if number % 2 else ["I10"]
        day = f"2022-0{1 + number % 3}-01"
        yield Claim.from_dict({"id": number, "service_date": day, "diagnoses": codes}, line=number + 2)
    yield BadRow("claims.csv", 1, None, "expected a claim")


def test_what_is_counted(noted_store: Terminology) -> None:
    """By rule, code, month and severity; lines of the file are with each finding."""
    summary = Summary()
    steps: list[int] = []
    [table] = audited(claims(10), noted_store, summary, progress=steps.append)

    assert (summary.claims, summary.with_findings, summary.findings, summary.bad_rows) == (10, 5, 5, 1)
    assert summary.by_rule == {"not_billable": 5}
    assert summary.by_code == {("E11", "not_billable"): 5}
    assert summary.claims_by_month == {"2022-01": 4, "2022-02": 3, "2022-03": 3}
    assert sum(counts[Severity.ERROR] for counts in summary.by_month.values()) == 5
    assert table.column("lines").to_pylist() == [[number] for number in (3, 5, 7, 9, 11)]
    assert set(table.column("source_file").to_pylist()) == {"icd10cm_order_2022.txt"}
    assert steps == [10]
    assert not summary.is_clean
    assert summary.releases == {"icd10cm": {"2022"}}


def test_an_audit_without_findings_has_an_empty_table(noted_store: Terminology) -> None:
    """With all its columns, so that a file can be written."""
    summary = Summary()
    [table] = audited(
        [Claim.from_dict({"id": 1, "service_date": "2022-03-01", "diagnoses": ["I10"]})], noted_store, summary
    )
    assert table.num_rows == 0
    assert tuple(table.column_names) == run.COLUMNS
    assert summary.is_clean


def test_what_is_kept_does_not_grow(noted_store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """Findings are handed over in lots, and of each rule only some are kept to be shown."""
    monkeypatch.setattr(run, "TOGETHER", 10)
    monkeypatch.setattr(run, "LISTED_OF_RULE", 3)
    monkeypatch.setattr(run, "MOST_CODES", 0)
    summary = Summary()
    tables = list(audited(claims(100), noted_store, summary))
    assert [table.num_rows for table in tables] == [10] * 5
    assert (len(summary.listed), summary.to_dict()["unlisted"]) == (3, 47)
    assert not summary.by_code


def test_facts_are_forgotten_where_they_are_too_many(noted_store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of texts that are no codes fills no memory."""
    facts = SystemFacts(noted_store["icd10cm"])
    stretch = facts.on(noted_store["icd10cm"].latest.date)
    monkeypatch.setattr("terminology.claims.code_facts.MOST_CODES", 2)
    for text in ("a", "b", "c"):
        stretch.of(text)
    facts.trim()
    assert not stretch.facts


def test_what_is_not_read_is_said(noted_store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that are not read are said with the claims that have them, also where a claim has no day; their number is bounded."""
    summary = Summary()
    values = [
        {"id": 1, "sexx": "F", "service_date": "2022-03-01", "diagnoses": ["I10"]},
        {"id": 2, "sexx": "F", "diagnoses": []},
    ]
    list(audited(map(Claim.from_dict, values), noted_store, summary))
    assert (
        "not checked: the key 'sexx', no such key of a claim is read; did you mean 'sex'? (2 claims, 2022-03-01)"
        in map(str, summary.unchecked)
    )
    monkeypatch.setattr(examined, "MOST_UNCHECKED", 3)
    summary = Summary()
    many = (Claim.from_dict({"id": number, f"x{number}": 1, "diagnoses": []}) for number in range(50))
    list(audited(many, noted_store, summary))
    assert len(summary.unchecked) == 4
    assert (summary.unchecked[0].what, summary.unchecked[0].claims) == ("something else", 47)
