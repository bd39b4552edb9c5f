"""Differences of the publishers' real releases: recorded figures, and their own addenda code by code."""

from __future__ import annotations

import itertools
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from terminology import CodeSystem
from terminology.differences import TABLES, Difference, against_addenda
from terminology.query import engine_of
from terminology.reports import difference_page

from .oracle_keys import version_of

PCS_KEYS = {"2021": "2021-01", "2022": "2022-04", "2023": "2023-04", "2024": "2024-04"}
"""Our versions of the oracle's releases of ICD-10-PCS where they are updates inside the year."""

CORRECTED = {("2021", "2022"): -2, ("2022", "2023"): 2}
"""The oracle has the file of April 2022 before its correction, which added XW023X7 and XW023Y7."""

RETITLED_2018 = (
    *("H35.3113", "H35.3114", "H35.3123", "H35.3124", "H35.3133", "H35.3134", "H35.3193", "H35.3194"),
    *("P03.810", "P03.819", "R93.41", "Z05.7"),
)
UNANNOUNCED = {
    # titles that the publisher changed in the order file, without a word in the addenda
    ("icd10cm", "2018"): RETITLED_2018,
    ("icd10cm", "2022"): ("Z68.30", "Z68.41"),
    ("icd10cm", "2024"): ("Y07.45",),
}
OTHER_BASE = {
    # an addenda that starts from the release before the one before
    ("icd10cm", "2021-01"): ("2020", "2021-01"),
    # the label of a corrected release names its correction, whose addenda starts from what it corrects
    ("icd10pcs", "2022-04"): ("2022-04", "2022-04.1"),
}


def billable(table: pa.Table, column: str = "billable") -> int:
    """Return how many rows are billable."""
    return int(pc.sum(table.column(column)).as_py() or 0)


def in_words_of_the_oracle(difference: Difference) -> dict[str, Any]:
    """Return a difference as the oracle file has it."""
    stayed = difference.revised
    # the oracle has long titles only
    stayed = stayed.filter(pc.not_equal(stayed["title"], stayed["title_before"]))
    return {
        "added": billable(difference.added) + difference.to_billable.num_rows,
        "removed": billable(difference.deleted) + difference.to_header.num_rows,
        "title_changed": billable(stayed),
        "header_to_billable": sorted(c.replace(".", "") for c in difference.to_billable.column("code").to_pylist()),
        "billable_to_header": difference.to_header.num_rows,
        "vanished": billable(difference.deleted),
    }


def test_recorded_differences_of_diagnoses(cm: CodeSystem, oracles: dict[str, Any]) -> None:
    """Every difference between neighbours that was recorded from the publisher's bytes comes out."""
    held = {release.version for release in cm.releases}
    pairs = [d for d in oracles["cm_diffs"] if {version_of(d["from"]), version_of(d["to"])} <= held]
    assert len(pairs) == 13
    for pair in pairs:
        found = in_words_of_the_oracle(cm.diff(version_of(pair["from"]), version_of(pair["to"])))
        assert pair == {"from": pair["from"], "to": pair["to"], **found}


def test_recorded_differences_of_procedures(pcs: CodeSystem, oracles: dict[str, Any]) -> None:
    """The same of ICD-10-PCS."""
    held = {release.version for release in pcs.releases}
    named = [(d, PCS_KEYS.get(d["from"], d["from"]), PCS_KEYS.get(d["to"], d["to"])) for d in oracles["pcs_diffs"]]
    pairs = [(d, before, after) for d, before, after in named if {before, after} <= held]
    assert len(pairs) >= 7
    for pair, before, after in pairs:
        found = in_words_of_the_oracle(pcs.diff(before, after))
        found["added"] += CORRECTED.get((pair["from"], pair["to"]), 0)
        assert pair == {"from": pair["from"], "to": pair["to"], **found}


def test_a_correction_is_compared_with_what_it_corrects(pcs: CodeSystem) -> None:
    """Named beside its correction, a release is as it was first published."""
    difference = pcs.diff("2022-04", "2022-04.1")
    assert ["XW023X7", "XW023Y7"] == difference.added.column("code").to_pylist()
    assert [2, 0] == [sum(difference.counts()[name] for name in names) for names in (("added",), TABLES[1:])]


def with_addenda(system: CodeSystem) -> list[tuple[str, str]]:
    """Return the neighbours of which the later has an addenda."""
    versions = [release.version for release in system.releases]
    return [
        (before, after)
        for (before, after), number in zip(itertools.pairwise(versions), itertools.count(1), strict=False)
        if "changes" in engine_of(system.latest).system.archived(number)
    ]


@pytest.mark.parametrize(("name", "pairs"), [("icd10cm", 13), ("icd10pcs", 8)])
def test_the_addenda_agree(request: pytest.FixtureRequest, name: str, pairs: int) -> None:
    """Each addenda tells of the very changes, but for titles that the publisher changed without a word."""
    system: CodeSystem = request.getfixturevalue({"icd10cm": "cm", "icd10pcs": "pcs"}[name])
    found = with_addenda(system)
    assert len(found) >= pairs
    for before, after in found:
        changes = system.release(after).table("changes")
        faults = against_addenda(system.diff(before, after), changes)
        if (name, after) in OTHER_BASE:
            assert ["base"] == [fault.aspect for fault in faults], after
            faults = against_addenda(system.diff(*OTHER_BASE[name, after]), changes)
        expected = UNANNOUNCED.get((name, after), ())
        assert [*expected] == [fault.code for fault in faults], after
        assert {fault.addenda for fault in faults} <= {"nothing"}


def test_every_pair_is_consistent(cm: CodeSystem) -> None:
    """Between any two releases the tables are disjoint, account for the counts, and are mirrored backwards."""
    versions = [release.version for release in cm.releases]
    for before, after in itertools.combinations(versions[::3], 2):
        there, back = cm.diff(before, after), cm.diff(after, before)
        listed = [code for name in TABLES for code in there.table(name).column("code").to_pylist()]
        assert len(listed) == len(set(listed))
        assert there.after.concepts - there.before.concepts == there.added.num_rows - there.deleted.num_rows
        gained = in_words_of_the_oracle(there)
        assert there.after.billable - there.before.billable == gained["added"] - gained["removed"]
        mirrored = {"added": "deleted", "deleted": "added", "to_header": "to_billable", "to_billable": "to_header"}
        for name in TABLES:
            codes = back.table(mirrored.get(name, name)).column("code").to_pylist()
            assert sorted(there.table(name).column("code").to_pylist()) == sorted(codes)


def test_the_page_of_years(cm: CodeSystem) -> None:
    """Ten years of changes are one page that holds every code."""
    difference = cm.diff("2016", "latest")
    page = difference_page(difference)
    assert all(f">{code}</th>" in page for code in difference.added.column("code").to_pylist())
