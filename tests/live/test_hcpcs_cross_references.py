"""Cross-references of HCPCS from the publisher's real files: counts, worked examples, corrections."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from terminology.drafts import CrosswalkAssembly, CrosswalkDraft
from terminology_crosswalks.hcpcs_cross_references import HcpcsCrossReferenceReader
from terminology_loaders.hcpcs import HcpcsLoader

from ..crosswalks.releases import by_version, committed, files_in, mappings, parts_of

day = datetime.date
READER = HcpcsCrossReferenceReader()
COUNTS = {
    "2018-01": (77, 22),
    "2019-01": (101, 29),
    "2020-01": (111, 29),
    "2020-04": (111, 29),
    "2020-07": (117, 29),
    "2020-10": (121, 29),
    "2025-01": (141, 46),
}
"""Successors within HCPCS, and those in CPT."""


@pytest.fixture(scope="module")
def assembly(releases: Path) -> CrosswalkAssembly:
    """The crosswalks of all releases, with their corrections."""
    files = files_in(releases / "hcpcs")
    return READER.assemble(parts_of(READER, files), committed(HcpcsLoader(), files))


@pytest.fixture(scope="module")
def drafts(assembly: CrosswalkAssembly) -> dict[tuple[str, str, str], CrosswalkDraft]:
    """The crosswalks by version and systems."""
    return by_version(assembly.drafts)


def row_of(draft: CrosswalkDraft, code: str) -> dict[str, Any]:
    """Return the one row of a code."""
    (row,) = [row for row in mappings(draft) if row["source_code"] == code]
    return row


@pytest.mark.parametrize("version", COUNTS)
def test_counts(drafts: dict[tuple[str, str, str], CrosswalkDraft], version: str) -> None:
    """Each release has just as many successors, none of them missing from it, and no circles."""
    within, beyond = drafts[version, "hcpcs", "hcpcs"], drafts[version, "hcpcs", "cpt"]
    assert COUNTS[version] == (len(mappings(within)), len(mappings(beyond)))
    message = "1 cross-reference is neither a code of HCPCS nor of CPT, left out: P7001 -> 'CPT'"
    assert (message,) == within.build().warnings


@pytest.mark.parametrize(
    ("code", "target", "first"),
    [
        ("C9014", "J0567", day(2019, 1, 1)),
        ("Q9989", "J3358", day(2018, 1, 1)),
        ("C9487", "Q9989", day(2017, 7, 1)),
        ("C9448", "Q9978", day(2015, 7, 1)),
        ("Q9978", "J8655", day(2016, 1, 1)),
    ],
)
def test_successors(
    drafts: dict[tuple[str, str, str], CrosswalkDraft], code: str, target: str, first: datetime.date
) -> None:
    """Terminated codes lead to their successors from the day after their last."""
    row = row_of(drafts["2019-01", "hcpcs", "hcpcs"], code)
    assert ([target], first, "deleted") == (row["target_codes"], row["effective"], row["change"])


def test_codes_in_force(drafts: dict[tuple[str, str, str], CrosswalkDraft]) -> None:
    """Codes in force have no successor, whatever they name; neither have those that name nothing."""
    sources = {row["source_code"] for row in mappings(drafts["2019-01", "hcpcs", "hcpcs"])}
    assert sources.isdisjoint({"J3358", "A0021", "J7296", "B4105", "J9310"})


def test_cpt(drafts: dict[tuple[str, str, str], CrosswalkDraft]) -> None:
    """A successor in CPT is a number in a map of its own."""
    row = row_of(drafts["2019-01", "hcpcs", "cpt"], "G0505")
    assert (["99483"], day(2018, 1, 1), None) == (row["target_codes"], row["effective"], row["change"])


def test_correction(drafts: dict[tuple[str, str, str], CrosswalkDraft]) -> None:
    """The corrections of 2019 mend the cross-reference of C9468, and are cited."""
    row = row_of(drafts["2019-01", "hcpcs", "hcpcs"], "C9468")
    corrected = json.loads(row["detail"])["corrected"]
    assert ["J7203"] == row["target_codes"]
    assert (9, "Change xref code to J7203", ["J7023"]) == (
        corrected["line"],
        corrected["text"],
        corrected["published"],
    )


def test_corrections_lists(assembly: CrosswalkAssembly) -> None:
    """Workbooks are taken, by year and number; the prints beside them are not."""
    taken = {
        draft.version: [part.origin.name for part in draft.parts]
        for draft in assembly.drafts
        if draft.parts and draft.target_system == "hcpcs"
    }
    assert {
        "2018-01": [f"V{number}_HCPC2018_Corrections_ANWEB.xlsx" for number in (1, 2, 3, 4)],
        "2019-01": ["HCPC2019_Corrections_ALPHA.xlsx", "HCPC2019_Corrections_ALPHA_v2.xlsx"],
        "2025-01": ["HCPC2025_JAN_ANWEB_Corrections_12172024.xlsx"],
    } == taken
    assert () == assembly.refused
    assert [".prn"] * 6 == [part.origin.name[-4:] for part, _ in assembly.unused]
