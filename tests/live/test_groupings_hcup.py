"""HCUP's groupings on the publishers' real files, which lie beside the releases: worked answers, counts, every code."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology import Terminology

from ..grouping_readings import hcup_pairs, in_sets
from .conftest import RELEASES

GROUPINGS = Path(RELEASES or "/nowhere").parent / "groupings"
FAMILIES = ("ccsr_dx", "ccsr_pr", "ccs_icd9", "ccs_icd10_beta", "cci", "procedure_classes", "utilization_flags")
ORACLES = GROUPINGS / "ORACLES.tsv"


def worked(*families: str) -> list[tuple[str, ...]]:
    """Return the rows of worked answers of some families: family, version, input, expected."""
    if not ORACLES.exists():
        return []
    rows = [line.split("\t") for line in ORACLES.read_text(encoding="utf-8").splitlines()]
    return [tuple(row[1:5]) for row in rows if row[1] in families]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A store of all files of HCUP's tools."""
    if not ORACLES.exists():
        pytest.skip(f"{ORACLES} is not beside the release files")
    folder = tmp_path_factory.mktemp("hcup")
    report = terminology.load(*(GROUPINGS / family for family in FAMILIES), store=folder)
    assert report.ok, report.errors
    return terminology.open(folder)


def bare(sets: dict[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Return sets of categories by codes without dots."""
    return {code.replace(".", ""): categories for code, categories in sets.items()}


@pytest.mark.parametrize(("family", "version", "asked", "expected"), worked("ccsr_dx"))
def test_worked_answers_of_ccsr_for_diagnoses(
    store: Terminology, family: str, version: str, asked: str, expected: str
) -> None:
    """Categories and both defaults are those that were worked out from the bytes."""
    edition = store.grouping(family).version(version)
    if asked == "rows":
        assert int(expected) == len(edition.sets())
        return
    groups = edition.groups(asked)
    defaults = {
        setting: next((g.category for g in groups if g.role in ("default", f"default_{kind}")), unstated)
        for setting, kind, unstated in (("IP", "inpatient", "XXX000"), ("OP", "outpatient", "XXX111"))
    }
    everything = ",".join(sorted(group.category for group in groups))
    assert expected == f"IP={defaults['IP']} OP={defaults['OP']} all={everything}"


@pytest.mark.parametrize(("family", "version", "asked", "expected"), worked("ccsr_pr"))
def test_worked_answers_of_ccsr_for_procedures(
    store: Terminology, family: str, version: str, asked: str, expected: str
) -> None:
    """A procedure is in the one category that was worked out."""
    edition = store.grouping(family).version(version)
    found = str(len(edition.sets())) if asked == "rows" else edition.groups(asked)[0].category
    assert expected == found


@pytest.mark.parametrize(("family", "version", "asked", "expected"), worked("ccs_icd9"))
def test_worked_answers_of_ccs(store: Terminology, family: str, version: str, asked: str, expected: str) -> None:
    """Single-level categories, and the way up from multi-level ones; the row without code is the category 0."""
    single, multi = store.grouping("ccs_dx").version("2015"), store.grouping("ccs_dx_multi").version("2015")
    if asked == "data rows":
        assert int(expected.split(maxsplit=1)[0]) == len(single.sets()) + 1
        assert single.title("0") == "No DX"
        assert single.members("0") == ()
    elif asked == "rows":
        assert int(expected) == len(multi.sets())
    elif "multi" in version:
        (group,) = multi.groups(asked)
        way = [group.category]
        while parent := multi.parent(way[0]):
            way.insert(0, parent)
        assert expected == ">".join(way)
    else:
        assert expected == single.groups(asked)[0].category


@pytest.mark.parametrize(("family", "version", "asked", "expected"), worked("cci"))
def test_worked_answers_of_chronic_conditions(
    store: Terminology, family: str, version: str, asked: str, expected: str
) -> None:
    """Counts by value, and the values of codes; 9 is no determination."""
    edition = store.grouping("ccir").version(version.removeprefix("CCIR-"))
    if asked == "rows by value":
        assert expected == str({value: len(edition.members(value)) for value in ("0", "1", "9")})
    else:
        assert expected == edition.groups(asked)[0].category


def test_workbook_and_table_of_ccsr_are_two_sources_of_one_version(store: Terminology) -> None:
    """The workbook is taken, contradicts nothing, and rows point to the table."""
    (version,) = store.grouping("ccsr_dx").versions
    assert len(version.sources) == 2
    assert "DXCCSR_v2023-1.csv" in store.grouping("ccsr_dx").version("v2023-1").groups("E11.22")[0].source.file


def test_workbook_of_ccsr_alone_gives_the_same_groups(store: Terminology, tmp_path: Path) -> None:
    """Every code has the same categories, roles and states, whichever of the two files is loaded."""
    report = terminology.load(GROUPINGS / "ccsr_dx/v2023-1/DXCCSR-Reference-File-v2023-1.xlsx", store=tmp_path / "s")
    assert report.ok
    columns = ["code", "category", "matter", "role", "detail"]
    one, other = (
        opened.grouping("ccsr_dx").version("v2023-1").table().select(columns).to_pylist()
        for opened in (store, terminology.open(tmp_path / "s"))
    )
    assert {tuple(row.values()) for row in one} == {tuple(row.values()) for row in other}


def test_text_and_table_of_ccs_are_two_sources_of_one_version(store: Terminology) -> None:
    """The text has no optional categories, and says the same of every code."""
    (version,) = store.grouping("ccs_dx").versions
    assert len(version.sources) == 2
    optional = [group for group in store.grouping("ccs_dx").version("2015").groups("E955.0") if group.role]
    assert [("2605", "optional")] == [(group.category, group.role) for group in optional]


TABLES = {
    "ccsr_dx": "ccsr_dx/v2023-1/DXCCSR_v2023-1.csv.gz",
    "ccsr_pr": "ccsr_pr/v2022-1/PRCCSR_v2022-1.derived.csv.gz",
    "ccs_dx": "ccs_icd9/2015/X.dxref.2015.csv.gz",
    "ccs_dx_multi": "ccs_icd9/2015/ccs_multi_dx_tool_2015.csv.gz",
    "ccs_icd10_dx": "ccs_icd10_beta/2019-1/ccs_dx_icd10cm_2019_1.csv.gz",
    "ccir": "cci/CCIR-v2023-1/CCIR_v2023-1.csv.gz",
    "cci": "cci/ICD9-2015/cci2015.csv.gz",
    "procedure_class": "procedure_classes/2018/pc_icd10pcs_2018.csv.gz",
    "utilization_flag": "utilization_flags/FY2019-1/ICD10PCS_utilizationflagformats_FY2019_1.csv",
}


@pytest.mark.parametrize("grouping", TABLES)
def test_every_code_has_the_categories_that_a_plain_reading_gives(store: Terminology, grouping: str) -> None:
    """All codes of the file, by a reading of its cells that shares nothing with the loader; a sample of them one by one."""
    expected = in_sets(hcup_pairs(grouping, GROUPINGS / TABLES[grouping]))
    edition = store.grouping(grouping).version(store.grouping(grouping).versions[0].version)
    assert expected == bare(edition.sets())
    for code in sorted(expected)[:: max(1, len(expected) // 300)]:
        assert expected[code] == {group.category for group in edition.groups(code)}


def test_multi_level_of_the_beta_is_a_property(store: Terminology) -> None:
    """Each single-level category of the beta has its place among the levels."""
    edition = store.grouping("ccs_icd10_dx").version("v2019-1")
    said = edition.properties("1")
    assert ("1", "1.1") == (said["multi_level_1"], said["multi_level_2"])
    assert all("multi_level_1" in edition.properties(category) for category in edition.categories)


def test_what_is_no_procedure_code_is_a_property_of_the_flag(store: Terminology) -> None:
    """Revenue codes and categories of CCS define flags, and are no members."""
    edition = store.grouping("utilization_flag").version("FY2019-1")
    assert edition.properties("U_BLOOD")["ccs_pr"] == ["222"]
    assert edition.properties("U_BLOOD")["revenue_codes"][0] == "0380"
    assert edition.members("U_BLOOD") == ()
