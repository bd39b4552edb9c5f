"""Layouts of other years, from the publisher's real files: every row and every code against a plain reading of the bytes.

The files lie beside those of the other live tests, in the folder ``further-releases``.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

import terminology
from terminology import LoadReport, Terminology
from terminology.model import Crosswalk

from .plain_readers import (
    Alternatives,
    gem_alternatives,
    hcpcs_codes,
    icd9_titles,
    icd11_pairs,
    members,
    reimbursement_alternatives,
)

LISTS = ("icd9cm", "hcpcs")
GEMS = {
    "2011_I10gem.txt": ("2011", "icd10cm", "icd9cm", 78_139),
    "2011_I9gem.txt": ("2011", "icd9cm", "icd10cm", 23_484),
    "ProcedureGEMs_2012.zip!gem_i9pcs.txt": ("2012", "icd9pcs", "icd10pcs", 69_362),
    "ProcedureGEMs_2012.zip!gem_pcsi9.txt": ("2012", "icd10pcs", "icd9pcs", 82_569),
    "ProcedureGEMs-2014.zip!gem_i9pcs.txt": ("2014", "icd9pcs", "icd10pcs", 69_994),
    "ProcedureGEMs-2014.zip!gem_pcsi9.txt": ("2014", "icd10pcs", "icd9pcs", 82_595),
    "ProcedureGEMs_2015.zip!gem_i9pcs.txt": ("2015", "icd9pcs", "icd10pcs", 70_047),
    "ProcedureGEMs_2015.zip!gem_pcsi9.txt": ("2015", "icd10pcs", "icd9pcs", 82_633),
    "2016-ProcedureGEMs.zip!gem_i9pcs.txt": ("2016", "icd9pcs", "icd10pcs", 70_105),
    "2016-ProcedureGEMs.zip!gem_pcsi9.txt": ("2016", "icd10pcs", "icd9pcs", 82_760),
    "2018-ICD-10-PCS-General-Equivalence-Mappings.zip!gem_i9pcs.txt": ("2018", "icd9pcs", "icd10pcs", 73_593),
    "2018-ICD-10-PCS-General-Equivalence-Mappings.zip!gem_pcsi9.txt": ("2018", "icd10pcs", "icd9pcs", 101_025),
}
"""Of each file: year, systems, lines. The counts of 2018 are those of `test_gems`, of the same maps from other archives."""
REIMBURSEMENT = {
    ("2012", "icd10cm"): 69_833,
    ("2012", "icd10pcs"): 71_918,
    ("2013", "icd10cm"): 69_832,
    ("2013", "icd10pcs"): 71_920,
    ("2014", "icd10cm"): 69_823,
    ("2014", "icd10pcs"): 71_924,
    ("2015", "icd10cm"): 69_823,
    ("2015", "icd10pcs"): 71_924,
}
"""Codes by year and system: those of 2014 and 2015 are the billable codes of these releases."""
ICD9 = {
    "icd9cm": {"24": 13_549, "25": 13_677, "26": 14_025, "28": 14_432, "29": 14_567, "31": 14_567},
    "icd9pcs": {"24": 3_733, "25": 3_768, "26": 3_824, "28": 3_859, "29": 3_877, "31": 3_882},
}
SPREAD = 97
"""Of the codes of a map, each of so many is asked through the whole engine."""


@pytest.fixture(scope="module")
def further(releases: Path) -> Path:
    """The folder of further releases."""
    folder = releases.parent / "further-releases"
    if not folder.is_dir():
        pytest.skip(f"{folder.name} does not lie beside the release files")
    return folder


@pytest.fixture(scope="module")
def lists(further: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminology, LoadReport]:
    """The store of the code systems, and the report of the load."""
    folder = tmp_path_factory.mktemp("lists")
    report = terminology.load(*(further / family for family in LISTS), store=folder)
    return terminology.open(folder), report


def crosswalk(store: Terminology, name: str, version: str, source: str) -> Crosswalk:
    """Return the crosswalk of a name, version and source."""
    (found,) = [
        one for one in store.crosswalks if (one.name, one.version, one.source_system) == (name, version, source)
    ]
    return found


def alternatives(store: Terminology, one: Crosswalk) -> Alternatives:
    """Return what a crosswalk of the store says."""
    table = store.table(one)
    targets = [codes and tuple(codes) for codes in table.column("target_codes").to_pylist()]
    return Counter(zip(table.column("source_code").to_pylist(), targets, strict=True))


def answers_differ(store: Terminology, one: Crosswalk, expected: Alternatives) -> list[str]:
    """Return the codes, of some that are asked, that are translated to something else than what is expected."""
    codes: dict[str, set[frozenset[str]]] = {}
    for code, targets in expected:
        codes.setdefault(code, set()).update({frozenset(targets)} if targets else ())
    ends = {"source": one.source_system, "target": one.target_system, "crosswalk": one.label}
    return [
        code
        for code in list(codes)[::SPREAD]
        if codes[code] != {frozenset(found.codes) for found in store.translate(code, **ends).alternatives}
    ]


@pytest.mark.parametrize("which", ["maps", "lists"])
def test_every_file_is_read_or_skipped_with_a_reason(which: str, request: pytest.FixtureRequest) -> None:
    """No file is refused, and none is left without a reason of its own."""
    report = request.getfixturevalue(which)[1]
    assert () == report.errors
    assert [] == [skip.path for skip in report.skipped if "no loader" in skip.reason]


def test_equivalence_mappings(further: Path, maps: tuple[Terminology, LoadReport]) -> None:
    """All alternatives of every GEM, in both widths, are those of the bytes."""
    store = maps[0]
    files = {
        label if "!gem_" in label else label.split("!")[-1]: data
        for label, data in members(further / "gems", r"gem.*\.txt$")
    }
    assert files.keys() == GEMS.keys()
    wrong = {}
    for label, (version, source, target, lines) in GEMS.items():
        assert lines == files[label].count(b"\n")
        expected = gem_alternatives(files[label], source, target)
        one = crosswalk(store, "gems", version, source)
        found = alternatives(store, one)
        wrong[label] = (len((expected - found) + (found - expected)), answers_differ(store, one, expected))
    assert dict.fromkeys(GEMS, (0, [])) == wrong


def test_reimbursement_mappings(further: Path, maps: tuple[Terminology, LoadReport]) -> None:
    """All rows of every reimbursement mapping are those of the bytes, codes used together in their order."""
    store = maps[0]
    counts, wrong = {}, {}
    for label, data in members(further / "reimb", r"reimb_map_(dx|pr)_\d{4}\.txt$"):
        source, target = ("icd10cm", "icd9cm") if "_dx_" in label else ("icd10pcs", "icd9pcs")
        year = label[-8:-4]
        expected = reimbursement_alternatives(data, source, target)
        one = crosswalk(store, "reimbursement", year, source)
        found = alternatives(store, one)
        counts[year, source] = expected.total()
        wrong[year, source] = (len((expected - found) + (found - expected)), answers_differ(store, one, expected))
    assert REIMBURSEMENT == counts
    assert dict.fromkeys(REIMBURSEMENT, (0, [])) == wrong


def test_reimbursement_beside_the_equivalence_mappings(maps: tuple[Terminology, LoadReport]) -> None:
    """Where both have a code the GEM answers; the reimbursement mapping answers where it is asked for by name."""
    store = maps[0]
    ends = {"source": "icd10cm", "target": "icd9cm", "on": "2011-10-01"}
    both = [
        {frozenset(a.codes) for a in store.translate("E13.9", **ends, crosswalk=n).alternatives} for n in (None, "gems")
    ]
    assert both[0] == both[1]
    assert {"gems 2011"} == {step.crosswalk for a in store.translate("E13.9", **ends).alternatives for step in a.path}
    (chosen,) = store.translate("E13.9", **ends, crosswalk="reimbursement").alternatives
    assert {"reimbursement 2012"} == {step.crosswalk for step in chosen.path}


def test_tables_of_icd11(further: Path, maps: tuple[Terminology, LoadReport]) -> None:
    """Every pair of the tables between ICD-10 and ICD-11 is there, and no other."""
    store = maps[0]
    files = {label.split("!")[1]: data for label, data in members(further / "icd11map", r"MapTo.*\.txt$")}
    assert {
        "10To11MapToMultipleCategories.txt": 15_467,
        "10To11MapToOneCategory.txt": 12_484,
        "11To10MapToOneCategory.txt": 17_747,
    } == {name: data.count(b"\n") for name, data in files.items()}
    one, multiple, back = (
        icd11_pairs(files[name])
        for name in ("10To11MapToOneCategory.txt", "10To11MapToMultipleCategories.txt", "11To10MapToOneCategory.txt")
    )
    for source, expected in (("icd10", one | multiple), ("icd11", back)):
        found = alternatives(store, crosswalk(store, "icd10_icd11", "2019-04", source))
        assert {(code, targets and targets[0]) for code, targets in found} == expected
        assert len(expected) == found.total()


@pytest.mark.parametrize("system", ICD9)
def test_lists_of_icd9(further: Path, lists: tuple[Terminology, LoadReport], system: str) -> None:
    """Every code of every version has its status, its title and its short title; the categories above are headers."""
    store = lists[0]
    counts = {}
    for release in store[system].releases:
        found = [
            (label, icd9_titles(data, system))
            for label, data in members(further / "icd9cm" / f"v{release.version}", r"(?i)\.txt$")
            if (system == "icd9cm") == any(word in label.lower().split("!")[1] for word in ("dx", "diag"))
        ]
        long = next((titles for label, titles in found if "LONG" in label), None)
        short = next(titles for label, titles in found if "LONG" not in label)
        edition = store[system].release(release.version)
        counts[release.version] = len(short)
        assert short.keys() == {code for code in edition if edition.is_billable(code)}
        wrong = [code for code, title in (long or short).items() if edition[code].title != title]
        wrong += [code for code, title in short.items() if edition[code].short_title != title]
        assert [] == wrong
        categories = {code.partition(".")[0] for code in short} - short.keys()
        assert {"header"} == {str(edition.status(code)) for code in categories}
    assert ICD9[system] == counts


ODD_LINES = {"2012-01": {384: lambda line: line.replace(b"\t", b"  ")}, "2016-01": {}}
"""Of each release, the lines that are odd, and what they should be."""


@pytest.mark.parametrize(
    ("version", "name", "total"), [("2012-01", r"12anweb\.txt$", 5_821), ("2016-01", r"ANWEB\.txt$", 6_293)]
)
def test_hcpcs(further: Path, lists: tuple[Terminology, LoadReport], version: str, name: str, total: int) -> None:
    """Every code and modifier has its status on several days, its titles and its fields, odd lines included."""
    store = lists[0]
    ((_, data),) = members(further / "hcpcs" / f"{version[:4]}-Annual", name)
    lines = data.split(b"\r\n")
    repairs = {number: repair(lines[number - 1]) for number, repair in ODD_LINES[version].items()}
    expected = hcpcs_codes(data, repairs)
    assert total == len(expected)
    year = int(version[:4])
    wrong = []
    for day in (date(year, 1, 1), date(year, 3, 31)):
        edition = store["hcpcs"].on(day, known=version)
        wrong += [code for code, one in expected.items() if str(edition.status(code)) != one.status(day)]
    for code, one in expected.items():
        concept = edition.lookup(code)
        assert concept
        fields = concept.properties
        said = (concept.title, concept.short_title or "", fields.get("coverage", ""), fields.get("betos", ""))
        if said != (one.title, one.short_title, one.coverage, one.betos):
            wrong.append(code)
    assert [] == wrong
