"""The conversion tables of ICD-10-CM from the publisher's real files: versions, how much is understood, oracles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from terminology import CodeSystem
from terminology.drafts import Built, CrosswalkDraft, Part
from terminology.reading import ReadableFile, readable_files
from terminology_crosswalks.icd10cm_conversion import Icd10cmConversionReader
from terminology_loaders.icd10cm import Icd10cmLoader

ROWS = {
    "2017": 1970,
    "2018": 2330,
    "2019": 2609,
    "2020": 2882,
    "2021-01": 3378,
    "2022": 3537,
    "2022-04": 3540,
    "2023": 4716,
    "2023-04": 4758,
    "2024": 5153,
    "2025": 5405,
}
"""Of each version of the table."""


@pytest.fixture(scope="module")
def drafts(releases: Path) -> dict[str, CrosswalkDraft]:
    """The crosswalks by version."""
    files = [file for file in readable_files(releases / "icd10cm") if isinstance(file, ReadableFile)]
    tables = [file for file in files if file.suffix in {".xlsx", ".csv"}]
    parts = [part for file in tables if isinstance(part := Icd10cmLoader().read(file), Part)]
    made = Icd10cmConversionReader().assemble([part for part in parts if part.kind == "conversion"], ())
    assert () == made.refused
    return {draft.version: draft for draft in made.drafts}


@pytest.fixture(scope="module")
def newest(drafts: dict[str, CrosswalkDraft]) -> Built:
    """The tables of fiscal year 2025."""
    return drafts["2025"].build()


def groups_before(newest: Built, code: str) -> set[tuple[str, ...]]:
    """Return the groups of codes that came before a code, as its rows say."""
    rows = newest.tables["mappings"].to_pylist()
    return {tuple(sorted([row["source_code"], *row["with_codes"]])) for row in rows if row["target_codes"] == [code]}


def test_versions(drafts: dict[str, CrosswalkDraft]) -> None:
    """Each table is a version of its own, with all rows of those before it."""
    assert ROWS == {version: draft.build().tables["rows"].num_rows for version, draft in drafts.items()}


def test_how_much_is_understood(newest: Built) -> None:
    """Every cell is understood; long ranges and categories stay as written."""
    statuses = Counter(newest.tables["rows"].column("parse_status").to_pylist())
    assert {"parsed": 5136, "none": 125, "category": 129, "range": 15} == statuses
    assert 6099 == newest.tables["mappings"].num_rows


def test_oracles(newest: Built) -> None:
    """Predecessors as they were read by hand."""
    any_of = ("J68.0", "J68.9", "J69.1", "J80", "J82", "J84.114", "J84.89", "Z72.0")
    expected: dict[str, Any] = {
        "F32.A": {("F32.9",)},
        "U07.1": {("B97.29",)},
        "U07.0": {(code,) for code in any_of},
        "U09.9": {("B94.9",)},
        "C56.3": {("C56.1", "C56.2")},
        "E11.11": {("E11.69", "R40.20")},
        "H02.20C": {("H02.201", "H02.202", "H02.204", "H02.205")},
        "Z59.86": {("Z59.89",)},
        "D57.04": {("D57.09",)},
        "T81.40XA": {("T81.4XXA",)},
    }
    assert expected == {code: groups_before(newest, code) for code in expected}
    rows = newest.tables["mappings"].to_pylist()
    assert {"M54.50", "M54.51", "M54.59"} == {row["target_codes"][0] for row in rows if row["source_code"] == "M54.5"}
    assert {"T81.40XA", "T81.41XA", "T81.42XA", "T81.43XA", "T81.44XA", "T81.49XA"} == {
        row["target_codes"][0] for row in rows if row["source_code"] == "T81.4XXA"
    }


def test_no_reason_says_that_a_row_is_missing_where_it_is_there(cm: CodeSystem, newest: Built) -> None:
    """Of every new code that the table has, one step back is an answer, or a reason that quotes the cell or names its codes."""
    days = {release.effective: release.version for release in cm.releases}
    rows = {(row["code"], row["day"]): row["previous"] for row in newest.tables["rows"].to_pylist()}
    versions = list(days.values())
    asked = 0
    for (code, day), cell in rows.items():
        place = versions.index(days[day]) if day in days else 0
        if place and code in cm.release(versions[place]) and code not in cm.release(versions[place - 1]):
            found = cm.migrate(code, versions[place], versions[place - 1])
            assert "no loaded crosswalk says what it was before" not in (found.reason or ""), code
            if found.outcome == "unknown" and "for what it was before" in (found.reason or ""):
                assert repr(" ".join(cell.split())) in (found.reason or "")
            asked += 1
    assert asked > 5_000


def test_misprints_are_taken_for_the_codes_that_ended(cm: CodeSystem) -> None:
    """The six codes that the table misprints are found by their stems, and each row says what is published."""
    for stem, published in (("V29.81", "V29.80"), ("V29.88", "V29.89")):
        for seventh in "ADS":
            code = f"{stem}X{seventh}"
            found = cm.migrate(code, "2022-04", "2023")
            assert {f"{stem}1{seventh}", f"{stem}8{seventh}"} == {*found.codes}
            correction = {"published": f"{published}X{seventh}", "read_as": code}
            details = [step.detail for alternative in found.alternatives for step in alternative.path]
            assert [[correction]] * 2 == [detail["corrected"] for detail in details]
