"""The General Equivalence Mappings from the publisher's real files: counts, worked examples, directions, warnings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from terminology.drafts import Built, CrosswalkDraft, Part
from terminology.reading import ReadableFile, readable_files
from terminology_crosswalks.gems import GemReader

READER = GemReader()
COUNTS = {
    ("2014", "icd10cm", "icd9cm"): (79_066, 69_823, 669, 74_374),
    ("2014", "icd9cm", "icd10cm"): (23_936, 14_567, 425, 22_757),
    ("2018", "icd10cm", "icd9cm"): (81_593, 71_704, 731, 76_379),
    ("2018", "icd9cm", "icd10cm"): (24_860, 14_567, 422, 23_672),
    ("2018", "icd10pcs", "icd9pcs"): (101_025, 78_705, 31, 86_318),
    ("2018", "icd9pcs", "icd10pcs"): (73_593, 3_882, 210, 83_318),
}
"""Of each crosswalk: published rows, sources, sources without target, alternatives."""


@pytest.fixture(scope="module")
def parts(releases: Path) -> list[Part]:
    """All files of the publication."""
    files = [file for file in readable_files(releases / "gems") if isinstance(file, ReadableFile)]
    return [part for file in files if isinstance(part := READER.read(file), Part)]


@pytest.fixture(scope="module")
def drafts(parts: list[Part]) -> dict[tuple[str, str, str], CrosswalkDraft]:
    """The crosswalks by year and systems."""
    assembly = READER.assemble(parts, ())
    assert () == assembly.refused
    return {(draft.version, draft.source_system, draft.target_system): draft for draft in assembly.drafts}


@pytest.fixture(scope="module")
def built(drafts: dict[tuple[str, str, str], CrosswalkDraft]) -> dict[tuple[str, str, str], Built]:
    """Their tables."""
    return {key: draft.build() for key, draft in drafts.items()}


def targets(built: dict[tuple[str, str, str], Built], key: tuple[str, str, str], code: str) -> list[Any]:
    """Return the alternatives of a code."""
    rows = built[key].tables["mappings"].to_pylist()
    return [row["target_codes"] for row in rows if row["source_code"] == code]


def test_counts(drafts, built) -> None:
    """Rows, sources, sources without target and alternatives are as many as were counted by other means."""
    found = {}
    for key, one in built.items():
        published, mappings = one.tables["rows"], one.tables["mappings"]
        empty = mappings.column("target_codes").null_count
        sources = len(mappings.column("source_code").unique())
        found[key] = (published.num_rows, sources, empty, mappings.num_rows - empty)
    assert COUNTS == found
    assert set(COUNTS) == drafts.keys()


def test_sources_are_the_codes_of_the_year(built, oracles: dict[str, Any]) -> None:
    """Every billable code of fiscal year 2018 is a source, by number."""
    expected = oracles["cm_counts"]["2018"]["billable"], oracles["pcs_counts"]["2018"]["billable"]
    assert expected == (COUNTS["2018", "icd10cm", "icd9cm"][1], COUNTS["2018", "icd10pcs", "icd9pcs"][1])


def test_directions_are_no_inverses(built) -> None:
    """Of 80,559 and 24,428 pairs, 19,421 stand in both directions."""
    forward, backward = (
        {
            (row["source_code"], code)
            for row in built["2018", source, target].tables["mappings"].to_pylist()
            for code in row["target_codes"] or ()
        }
        for source, target in (("icd10cm", "icd9cm"), ("icd9cm", "icd10cm"))
    )
    common = forward & {(target, source) for source, target in backward}
    assert (80_559, 24_428, 19_421) == (len(forward), len(backward), len(common))


def test_worked_examples(built) -> None:
    """Combinations come out whole: no scenario is mixed, no choice list flattened."""
    to_nine, to_ten = ("2018", "icd10cm", "icd9cm"), ("2018", "icd9cm", "icd10cm")
    assert [["003.1", "995.91"]] == targets(built, to_nine, "A02.1")
    assert [["Q65.01", "Q65.32"], ["Q65.02", "Q65.31"]] == targets(built, to_ten, "754.35")
    assert [None] == targets(built, to_ten, "365.70")
    assert [["249.00"], ["250.00"]] == targets(built, to_nine, "E13.9")
    assert [["E11.9"]] == targets(built, to_ten, "250.00")
    assert [["M54.89"], ["M54.9"]] == targets(built, to_ten, "724.5")
    spine = targets(built, to_ten, "806.10")
    assert (8, ["S14.101A", "S12.000B"]) == (len(spine), spine[0])
    assert [["E08.10", "E08.65"], ["E09.10", "E08.65"]] == targets(built, to_ten, "249.11")
    assert 533 == len(targets(built, to_ten, "V54.12"))
    assert 1_977 == len(targets(built, ("2018", "icd9pcs", "icd10pcs"), "34.73"))


def test_warnings(parts: list[Part], drafts) -> None:
    """What is odd in the real files is told: a code in lower case, flags that are missing, a year that no name bears."""
    told = {part.origin.name: part.warnings for part in parts if part.warnings}
    assert {"2018_I10gem.txt": 1, "gem_i9pcs.txt": 2, "gem_pcsi9.txt": 2} == {
        name: len(warnings) for name, warnings in told.items()
    }
    assert "29 rows (02H40NZ -> NoI9 on line 6269" in told["gem_pcsi9.txt"][0]
    undated = {key for key, draft in drafts.items() if draft.warnings}
    assert {("2018", "icd10pcs", "icd9pcs"), ("2018", "icd9pcs", "icd10pcs")} == undated
