"""ICD-10-PCS from the publisher's real files: counts, versions, tables against order files, timelines, differences."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from terminology import CodeSystem, LoadReport
from terminology.procedures import axes, explanation
from terminology.query import engine_of
from terminology_loaders.icd10pcs import Icd10pcsLoader

VERSIONS = {
    "2017": "2016-10-01",
    "2018": "2017-10-01",
    "2019": "2018-10-01",
    "2020": "2019-10-01",
    "2021-01": "2021-01-01",
    "2022": "2021-10-01",
    "2022-04": "2022-04-01",
    "2022-04.1": "2022-04-01",
    "2023": "2022-10-01",
    "2023-04": "2023-04-01",
    "2024": "2023-10-01",
    "2024-04": "2024-04-01",
    "2025": "2024-10-01",
}
DERIVED = {"2022": (78_220, 895), "2023": (78_496, 901), "2024": (78_603, 905)}
KEYS = {"2021": "2021-01", "2022": "2022-04", "2023": "2023-04", "2024": "2024-04"}
"""Our versions of the oracle's releases where they are updates inside the year."""


def codes_of(pcs: CodeSystem, version: str) -> dict[str, str]:
    """Return the billable codes of a release with their titles."""
    number = next(n for n, release in enumerate(pcs.releases) if release.version == version)
    table = engine_of(pcs.latest).system.archived(number)["concepts"]
    table = table.filter(table.column("billable"))
    return dict(zip(table.column("code").to_pylist(), table.column("title").to_pylist(), strict=True))


def here(pcs: CodeSystem, oracles: dict[str, Any], name: str) -> Iterator[tuple[str, str]]:
    """Yield keys of an oracle with our versions, of the releases that are among the files."""
    held = {release.version for release in pcs.releases}
    yield from ((key, KEYS.get(key, key)) for key in oracles[name] if KEYS.get(key, key) in held)


def statuses(pcs: CodeSystem, code: str, *days: str) -> list[str]:
    """Return the status of a code on several days."""
    return [str(pcs.on(day).status(code)) for day in days]


def test_versions(pcs: CodeSystem) -> None:
    """Every release is dated as its publisher dates it, whatever its file and folder are called."""
    assert {release.version: release.effective.isoformat() for release in pcs.releases} == VERSIONS


def test_counts(pcs: CodeSystem, oracles: dict[str, Any]) -> None:
    """Every release holds just as many codes and tables as the publisher's file."""
    counts = {
        r.version: {"lines": r.concepts, "billable": r.billable, "headers": r.concepts - r.billable}
        for r in pcs.releases
    }
    expected = {version: oracles["pcs_counts"][key] for key, version in here(pcs, oracles, "pcs_counts")}
    assert len(expected) == 9
    assert expected == {version: counts[version] for version in expected}
    assert counts["2022-04.1"] == {"lines": 79_124, "billable": 78_229, "headers": 895}


def test_derived_octobers(pcs: CodeSystem) -> None:
    """The October editions of 2021 to 2023, whose files are missing, are rebuilt from April's files and addenda."""
    derived = {r.version: (r.billable, r.concepts - r.billable) for r in pcs.releases if r.derived}
    assert derived == DERIVED


def test_gap_of_october_2020(report: LoadReport, pcs: CodeSystem) -> None:
    """October 2020 cannot be rebuilt, for its addenda starts elsewhere: it is the only gap, and uncovered."""
    gaps = [(gap.after, gap.before, gap.reason) for gap in report.gaps if gap.system == "icd10pcs"]
    assert [("2020", "2021-01", "no release of 2021 is loaded")] == gaps
    days = ("2020-09-30", "2020-10-01", "2020-12-31", "2021-01-01")
    assert statuses(pcs, "0FT44ZZ", *days) == ["billable", "uncovered", "uncovered", "billable"]


def test_report(report: LoadReport, pcs: CodeSystem) -> None:
    """Nothing is refused; what is skipped is written for people; the index names three codes or tables that are none."""
    assert [error for error in report.errors if not error.file.startswith("HCPC")] == []
    skipped = [skip for skip in report.skipped if "/icd10pcs/" in skip.path]
    # other loaders have their say as well; the last is that of ICD-10-PCS
    reasons = {skip.reason.rpartition("; ")[2].partition(":")[0] for skip in skipped}
    assert reasons == {
        "PDF document",
        "text document",
        "ICD-10-PCS addenda as indented text, for people",
    }
    warnings = [
        (release.version, warning.partition(": ")[2]) for release in pcs.releases for warning in release.warnings
    ]
    assert warnings == [
        ("2022-04.1", "leads to 1 that the release does not hold: XW2"),
        ("2025", "leads to 2 that the release does not hold: 5A0512C, 5A0522C"),
    ]


@pytest.mark.parametrize("version", ["2022-04.1", "2025"])
def test_tables_make_the_order_file(pcs: CodeSystem, version: str) -> None:
    """The rows of the tables, multiplied out, are just the codes of the order file."""
    assert pcs.release(version).table("differences").num_rows == 0


def test_hierarchy(pcs: CodeSystem) -> None:
    """Section, body system, table, then prefixes that occur: each code lies below all its beginnings."""
    edition = pcs.latest
    assert edition.ancestors("0FT44ZZ") == ("0FT44Z", "0FT44", "0FT4", "0FT", "0F", "0")
    assert edition.roots() == tuple("0123456789BCDFGHX")
    table = edition.table("published")
    assert table.num_rows == 192_109
    billable = [c for c in edition.descendants("0FT") if edition.is_billable(c)]
    assert billable == [code for code in codes_of(pcs, "2025") if code.startswith("0FT")]
    assert [str(edition.status(code)) for code in ("0", "0F", "0FT", "0FT4")] == ["header"] * 3 + ["unknown"]


def test_26_rows_do_not_mix(pcs: CodeSystem) -> None:
    """00160ZB is valid and 00160Z0 is not, though each of its values stands in table 001."""
    edition = pcs.release("2022-04")
    assert [str(edition.status(code)) for code in ("00160ZB", "00160Z0")] == ["billable", "unknown"]
    assert explanation(edition, "00160Z0").startswith("no row of table 001 holds 6-0-Z-0")


def test_27_deleted_codes(pcs: CodeSystem) -> None:
    """30230G1 was deleted with the first release here, 04VC0FZ lived for a year."""
    assert statuses(pcs, "30230G1", "2016-09-30", "2016-10-01") == ["uncovered", "unknown"]
    assert statuses(pcs, "04VC0FZ", "2016-10-01", "2017-09-30", "2017-10-01") == ["billable", "billable", "expired"]


def test_28_split_code(pcs: CodeSystem) -> None:
    """5A1D00Z ended with FY2017, and three codes came."""
    assert statuses(pcs, "5A1D00Z", "2017-09-30", "2017-10-01") == ["billable", "expired"]
    assert [statuses(pcs, code, "2017-09-30", "2017-10-01") for code in ("5A1D70Z", "5A1D80Z", "5A1D90Z")] == [
        ["future", "billable"]
    ] * 3


def test_29_code_without_successor(pcs: CodeSystem) -> None:
    """0RG00Z0 ended with FY2018."""
    assert statuses(pcs, "0RG00Z0", "2018-09-30", "2018-10-01") == ["billable", "expired"]


def test_30_code_of_august(pcs: CodeSystem) -> None:
    """XW013F5 began on 2020-08-01, two months before the year whose first file here lists it."""
    assert statuses(pcs, "XW013F5", "2020-07-31", "2020-08-01", "2021-01-01") == ["future", "billable", "billable"]
    assert [(period.effective_from, period.from_known) for period in pcs.history("XW013F5").periods] == [
        (datetime.date(2020, 8, 1), True)
    ]


def test_31_correction(pcs: CodeSystem) -> None:
    """XW023X7 is valid from 2022-04-01 by the errata, which answers for April 2022."""
    assert statuses(pcs, "XW023X7", "2022-03-31", "2022-04-01") == ["future", "billable"]
    release = pcs.release("2022-04").release
    assert release is not None
    assert release.version == "2022-04.1"
    assert "XW023X7" not in codes_of(pcs, "2022-04")


def test_33_table(pcs: CodeSystem) -> None:
    """A table is a header."""
    assert statuses(pcs, "001", "2022-04-01") == ["header"]


def test_timeline(pcs: CodeSystem, oracles: dict[str, Any]) -> None:
    """Every code of the oracle stands in just those files that it names."""
    versions = [version for _, version in here(pcs, oracles, "pcs_counts")]
    held = {version: codes_of(pcs, version) for version in versions}
    wanted = {
        code: [KEYS.get(key, key) for key in keys if KEYS.get(key, key) in held]
        for code, keys in oracles["pcs_timeline"].items()
    }
    assert wanted == {code: [version for version in versions if code in held[version]] for code in wanted}


def test_differences(pcs: CodeSystem, oracles: dict[str, Any]) -> None:
    """Neighbouring files differ by as many codes and titles as the oracle counted."""
    held = {version for _, version in here(pcs, oracles, "pcs_counts")}
    pairs = [(KEYS.get(d["from"], d["from"]), KEYS.get(d["to"], d["to"]), d) for d in oracles["pcs_diffs"]]
    chosen = [pair for pair in pairs if {pair[0], pair[1]} <= held]
    assert len(chosen) == 8
    for before, after, expected in chosen:
        old, new = codes_of(pcs, before), codes_of(pcs, after)
        found = {
            "added": len(new.keys() - old.keys()),
            "removed": len(old.keys() - new.keys()),
            "title_changed": sum(old[code] != new[code] for code in old.keys() & new.keys()),
        }
        assert (before, after, found) == (before, after, {name: expected[name] for name in found})


def test_titles(pcs: CodeSystem, oracles: dict[str, Any]) -> None:
    """A revised title is the one of the release in force."""
    assert oracles["titles"]["09NK0ZZ"] == {v: codes_of(pcs, v)["09NK0ZZ"] for v in ("2017", "2018")}


def test_conversion_table_dates_first_releases(pcs: CodeSystem, releases: Path) -> None:
    """Every code that a file adds up to FY2022 begins, by the conversion table, after the file before."""
    import pyarrow.compute as pc

    from terminology.reading import ReadableFile, readable_files

    path = releases / "icd10pcs/FY2022-Apr-errata/errata-january-12-2022.zip"
    files = (f for f in readable_files(path) if isinstance(f, ReadableFile) and f.suffix == ".xlsx")
    part: Any = Icd10pcsLoader().read(next(files))
    assert part.tables["rows"].num_rows == 16_263
    days = part.tables["days"]
    first = days.filter(pc.is_valid(days.column("effective_from")))
    begins = dict(zip(first.column("code").to_pylist(), first.column("effective_from").to_pylist(), strict=True))
    versions = ["2017", "2018", "2019", "2020", "2021-01", "2022", "2022-04", "2022-04.1"]
    effective = {release.version: release.effective for release in pcs.releases}
    for before, after in itertools.pairwise(versions):
        new = codes_of(pcs, after).keys() - codes_of(pcs, before).keys()
        wrong = [
            code for code in new if not min(effective[before], effective[after]) <= begins[code] <= effective[after]
        ]
        assert wrong == []


def test_axes_of_every_release_with_tables(pcs: CodeSystem) -> None:
    """Seven axes explain a code, by the words of the year."""
    assert [axis.label for axis in axes(pcs.latest, "0FT44ZZ")] == [
        "Medical and Surgical",
        "Hepatobiliary System and Pancreas",
        "Resection",
        "Gallbladder",
        "Percutaneous Endoscopic",
        "No Device",
        "No Qualifier",
    ]
