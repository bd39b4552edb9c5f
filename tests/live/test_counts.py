"""What a load of the real files reports: releases, counts, warnings, gaps, refusals."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from terminology import CodeSystem, LoadReport, Terminology

from .oracle_keys import rows, version_of

VERSIONS = {
    "icd10cm": {
        "2016": "2015-10-01",
        "2017": "2016-10-01",
        "2018": "2017-10-01",
        "2019": "2018-10-01",
        "2020": "2019-10-01",
        "2021": "2020-10-01",
        "2021-01": "2021-01-01",
        "2022": "2021-10-01",
        "2022-04": "2022-04-01",
        "2023": "2022-10-01",
        "2023-04": "2023-04-01",
        "2024": "2023-10-01",
        "2024-04": "2024-04-01",
        "2025": "2024-10-01",
        "2025-04": "2025-04-01",
    },
    "hcpcs": {
        "2018-01": "2018-01-01",
        "2019-01": "2019-01-01",
        "2020-01": "2020-01-01",
        "2020-04": "2020-04-01",
        "2020-07": "2020-07-01",
        "2020-10": "2020-10-01",
        "2025-01": "2025-01-01",
    },
}
HCPCS_ROWS = {"2018-01": (6205, 354), "2019-01": (6440, 360), "2020-01": (6710, 369), "2020-10": (6825, 371)}
HCPCS_ROWS |= {"2025-01": (8259, 383)}


@pytest.mark.parametrize("system", VERSIONS)
def test_versions(real_store: Terminology, system: str) -> None:
    """Every release is dated as its publisher dates it, whatever its file and folder are called."""
    assert {r.version: r.effective.isoformat() for r in real_store[system].releases} == VERSIONS[system]


def test_icd10cm_counts(cm: CodeSystem, oracles: dict[str, Any]) -> None:
    """Every ICD-10-CM release holds just as many billable codes and headers as the publisher's file."""
    held = {r.version: (r.concepts, r.billable, r.concepts - r.billable) for r in cm.releases if not r.derived}
    expected = {
        version_of(key): (counts["lines"], counts["billable"], counts["headers"])
        for key, counts in oracles["cm_counts"].items()
        if version_of(key) in VERSIONS["icd10cm"]
    }
    assert expected == held


def test_derived_release(cm: CodeSystem) -> None:
    """October 2020, whose order file is missing, is rebuilt from FY2020 and the addenda, and says so."""
    derived = [release for release in cm.releases if release.derived]
    assert [(r.version, r.billable, r.concepts - r.billable) for r in derived] == [("2021", 72_616, 22_736)]
    assert {"icd10cm_order_2020.txt", "icd10cm_order_addenda_2021.txt"} <= {
        source.file.rpartition("!")[2] for source in derived[0].sources
    }


@pytest.mark.parametrize(("version", "expected"), HCPCS_ROWS.items())
def test_hcpcs_counts(hcpcs: CodeSystem, version: str, expected: tuple[int, int]) -> None:
    """Every HCPCS release holds just as many codes and modifiers as the publisher's file."""
    table = hcpcs.release(version).table("published")
    kinds = Counter(
        kind
        for kind, derived in zip(table.column("kind").to_pylist(), table.column("derived").to_pylist(), strict=True)
        if not derived
    )
    assert expected == (kinds["code"], kinds["modifier"])
    release = next(r for r in hcpcs.releases if r.version == version)
    assert sum(expected) == release.concepts


def test_everything_is_new(report: LoadReport) -> None:
    """A first load reports every release of the store as loaded, and none as held before."""
    loaded = {(item.release.system, item.release.version): item.already for item in report.loaded}
    expected = {(system, version) for system, versions in VERSIONS.items() for version in versions}
    assert expected <= set(loaded)
    assert set(loaded.values()) == {False}


def test_oddities_are_refused(report: LoadReport) -> None:
    """A web page named .zip and a workbook cut to four columns are refused by name, with what was expected."""
    refused = {error.file: error.message for error in report.errors}
    assert set(refused) == {"HCPC2023_JAN_ANWEB.zip", "HCPC2025_JUL_ANWEB_v3.resaved-4-columns.xlsx"}
    assert "got an HTML page" in refused["HCPC2023_JAN_ANWEB.zip"]
    assert "expected the 48 columns" in refused["HCPC2025_JUL_ANWEB_v3.resaved-4-columns.xlsx"]


def test_gaps(report: LoadReport, real_store: Terminology) -> None:
    """The gaps are that of HCPCS from 2021 to 2024 and that of ICD-10-PCS in October 2020; ICD-10-CM has none."""
    assert [(gap.system, gap.after, gap.before) for gap in report.gaps] == [
        ("hcpcs", "2020-10", "2025-01"),
        ("icd10pcs", "2020", "2021-01"),
    ]
    assert "2021-01 to 2024-10" in report.gaps[0].reason
    newest = real_store["hcpcs"].releases[-1]
    assert newest.gaps == report.gaps[:1]


def test_nothing_of_a_release_is_skipped(report: LoadReport) -> None:
    """No order file, codes file, addenda, tabular list or contractor file is left alone."""
    releases = re.compile(
        r"(order|codes|tabular)[^!]*\.(txt|xml)$|contr_anweb[^!]*\.(txt|xls)|/anweb\.xlsx$", re.IGNORECASE
    )
    left = [skip.path for skip in report.skipped if releases.search(Path(skip.path).name)]
    # the codes addenda of the errata, whose name looks like that of a codes file, says what the order addenda says
    assert ["codes_addenda_2022.txt"] == [path.rpartition("!")[2] for path in left]


def barred(cm: CodeSystem, version: str) -> set[str]:
    """Return what the prose under S06 bars: D and S after a sixth character 7 or 8 (death before regaining)."""
    initial = re.compile(r"S06\...[78]A")
    return {
        f"{code[:-1]}{character}".replace(".", "")
        for code, (billable, *_) in rows(cm, version).items()
        if billable and initial.fullmatch(code)
        for character in "DS"
    }


@pytest.mark.parametrize(("version", "number"), [("2021-01", 72), ("2025-04", 76)])
def test_expansion_differences(cm: CodeSystem, version: str, number: int) -> None:
    """The tabular list expands to the order file's codes and those alone that the prose under S06 bars."""
    table = cm.release(version).table("differences")
    found = list(zip(table.column("check").to_pylist(), table.column("code").to_pylist(), strict=True))
    assert sorted(("not in order file", code) for code in barred(cm, version)) == sorted(found)
    assert number == len(found)


@pytest.mark.parametrize("version", ["2016", "2017"])
def test_exact_expansion(cm: CodeSystem, version: str) -> None:
    """The tabular lists of FY2016 and FY2017 expand to the order file's codes exactly."""
    assert cm.release(version).table("differences").num_rows == 0


INDEX_WARNINGS = (
    "1 text in the place of a code is no code",
    "16 codes lead to nothing that is billable in the release",
    "6 codes lead to nothing that is billable in the release",
)


def warnings(cm: CodeSystem) -> Iterator[tuple[str, str]]:
    """Yield version and warning of every release."""
    for release in cm.releases:
        for warning in release.warnings:
            yield release.version, warning


def test_warnings(cm: CodeSystem) -> None:
    """Of its lists ICD-10-CM warns only of the three addenda known to miss a few rows; what S06 bars is worth none."""
    shown = [(version, re.split("[:,]", warning.partition(": ")[2])[0]) for version, warning in warnings(cm)]
    assert [warning for warning in shown if warning[1] not in INDEX_WARNINGS] == [
        ("2018", "12 codes are not as the addenda says"),
        ("2022", "2 codes are not as the addenda says"),
        ("2024", "1 code is not as the addenda says"),
    ]


def test_warnings_of_indexes(cm: CodeSystem) -> None:
    """Every neoplasm table has one cell that is no code, and the indexes of 2017 name codes that it does not have."""
    shown = [(version, re.split("[:,]", warning.partition(": ")[2])[0]) for version, warning in warnings(cm)]
    cell, *codes = INDEX_WARNINGS
    found = sorted(warning for warning in shown if warning[1] in INDEX_WARNINGS)
    years = ("2016", "2017", "2019", "2020", "2021", "2022")
    assert found == sorted([*((year, cell) for year in years), *(("2017", words) for words in codes)])


def test_two_archives_are_one_release(cm: CodeSystem, releases: Path) -> None:
    """What CDC and CMS both publish is one release with both files as its sources."""
    archives = {
        release.version: {source.file.partition("!")[0] for source in release.sources if source.role == "order"}
        for release in cm.releases
    }
    assert len(archives["2023-04"]) == 2
    assert archives["2023-04"] <= {path.name for path in (releases / "icd10cm/FY2023-Apr").iterdir()}


def test_same_bytes_two_releases(cm: CodeSystem) -> None:
    """April 2025 is a release of its own, though its codes are October's."""
    october, april = (next(r for r in cm.releases if r.version == version) for version in ("2025", "2025-04"))
    assert rows(cm, "2025") == rows(cm, "2025-04")
    assert (october.effective, april.effective) == (datetime.date(2024, 10, 1), datetime.date(2025, 4, 1))
