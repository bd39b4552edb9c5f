"""The lists of the Medicare Code Editor: a table of them, and the publisher's text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import GroupingVersion, LoadReport, Terminology
from terminology.samples import sample_folder

HEADER = "MCE_Version\tICD_Version\tMCE_Section\tMCE_Subsection\tMCE_Edit_Type\tICD_Code_Type\tICD_Code\tICD_Desc"
NEWBORN = "36\t10\t4\tA\tNewborn_Only\tD\tA33\tTetanus neonatorum"
DEFINITIONS = """Definitions of Medicare Code Edits
Version 41.1
Chapter 1: Edit code lists
1. Invalid diagnosis or procedure code
4. Age conflict
* Maternity. Age range is 9-64 years inclusive
A. Perinatal/Newborn diagnoses
A33\tTetanus neonatorum
C. Maternity diagnoses (age 9 through 64)
O80\tEncounter for full-term uncomplicated delivery
8. Questionable admission
A. Some diagnoses
O82\tEncounter for cesarean delivery without indication
11. Non-covered procedure
F. Not covered over the age of 60
0SR20JZ\tReplacement
B. Covered only with a diagnosis
0FT00ZZ\tResection
20. Unspecified code
A419\tSepsis
Chapter 2: Code list changes
A34\tObstetrical tetanus
"""


def loaded(folder: Path, **files: str) -> LoadReport:
    """Load texts, whose names are given with underscores for dots."""
    (folder / "in").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / "in" / name.replace("_txt", ".txt")).write_text(text, encoding="utf-8")
    return terminology.load(folder / "in", store=folder / "store")


def opened(folder: Path) -> Terminology:
    """Return the store."""
    return terminology.open(folder / "store")


def test_both_systems(tmp_path: Path) -> None:
    """Diagnoses and procedures of ICD-9-CM and of ICD-10 are members of their own code systems."""
    rows = [
        "32\t9\t4\tA\tNewborn_Only\tD\t27701\tCystic fibrosis",
        "32\t9\t5\tB\tFemale_Only\tP\t6501\tOophorotomy",
        "32\t10\t4\tA\tNewborn_Only\tD\tA33\tTetanus",
        "32\t10\t5\tD\tMale_Only\tP\t0VB00ZX\tExcision",
    ]
    assert loaded(tmp_path, mce_txt="\n".join([HEADER, *rows])).ok
    grouping = opened(tmp_path).grouping("mce")
    assert grouping.code_systems == ("icd10cm", "icd10pcs", "icd9cm", "icd9pcs")
    assert [grouping.latest.members("newborn", system) for system in ("icd9cm", "icd10cm")] == [("277.01",), ("A33",)]
    [version] = grouping.versions
    assert isinstance(version, GroupingVersion)
    assert (version.version, str(version.effective_from)) == ("v32", "2014-10-01")
    assert version.basis == "version 32 of the Medicare Code Editor is that of fiscal year 2015"


def test_what_a_category_says(tmp_path: Path) -> None:
    """A category has its section, its name in the file, and the ages of its version."""
    loaded(tmp_path, mce_txt=f"{HEADER}\n{NEWBORN}\n36\t10\t4\tC\tMaternity_Only\tD\tO80\tDelivery\n")
    edition = opened(tmp_path).grouping("mce").latest
    assert edition.properties("newborn") == {"section": "4A", "name": "Newborn_Only", "age_from": 0, "age_through": 0}
    assert [edition.properties("maternity")[name] for name in ("age_from", "age_through")] == [12, 55]
    [group] = edition.groups("A33", "icd10cm")
    assert group.detail == {"section": "4A", "edit": "Newborn_Only"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("36\t10\t4\tA\tNewborn_Only", "expected 8 cells, got 5"),
        ("36\t10\t4\tA\tNewborn_Only\tD\tTetanus neonatorum\tA33", "expected a code of ICD-10-CM"),
        ("36\t10\t4\tA\tElderly_Only\tD\tA34\tx", "expected a list of the code editor, got 'Elderly_Only'"),
        ("36\t11\t4\tA\tNewborn_Only\tD\tA34\tx", "expected ICD 9 or 10 and D or P"),
        ("?\t10\t4\tA\tNewborn_Only\tD\tA34\tx", "expected the number of a version"),
        (NEWBORN, "A33 is on line 2 already"),
    ],
)
def test_faults(tmp_path: Path, row: str, message: str) -> None:
    """Cut, swapped, unknown and repeated rows are errors that name their line."""
    [error] = loaded(tmp_path, mce_txt=f"{HEADER}\n{NEWBORN}\n{row}\n").errors
    assert error.line == 3
    assert message in error.message


def test_rows_of_two_versions(tmp_path: Path) -> None:
    """A table of two versions is rejected."""
    report = loaded(tmp_path, mce_txt=f"{HEADER}\n{NEWBORN}\n{NEWBORN.replace('36', '35', 1).replace('A33', 'A34')}\n")
    assert [error.message for error in report.errors] == ["expected rows of one version, got 35, 36"]


def test_the_publishers_text(tmp_path: Path) -> None:
    """Sections of the text become lists with the ages that it states; what counts under conditions only is left out."""
    report = loaded(tmp_path, edits_txt=DEFINITIONS)
    assert report.ok
    assert [(item.release.version, str(item.release.effective)) for item in report.loaded] == [("v41.1", "2024-04-01")]
    edition = opened(tmp_path).grouping("mce").latest
    found = {
        category: edition.members(category, system)
        for system in ("icd10cm", "icd10pcs")
        for category in edition.categories
        if edition.members(category, system)
    }
    assert found == {
        "newborn": ("A33",),
        "maternity": ("O80",),
        "questionable_admission": ("O82",),
        "noncovered_over_60": ("0SR20JZ",),
        "unspecified": ("A41.9",),
    }
    assert [edition.properties("maternity")[name] for name in ("age_from", "age_through")] == [9, 64]
    assert edition.properties("questionable_admission")["section"] == "8A"


def test_a_cut_line_of_the_text(tmp_path: Path) -> None:
    """A code without its title is an error."""
    [error] = loaded(
        tmp_path, edits_txt=DEFINITIONS.replace("O80\tEncounter for full-term uncomplicated delivery", "O801")
    ).errors
    assert error.line == 10
    assert "cut short" in error.message


def test_a_list_that_is_not_known_is_told(tmp_path: Path) -> None:
    """Codes below a heading that names no known list are a warning with their line; those of known sections are not."""
    added = (
        "20. Unspecified code\nA419\tSepsis\n21. Sequence of codes\nA. Some diagnoses\nA150\tTuberculosis\nA154\tx\n"
    )
    text = DEFINITIONS.replace("20. Unspecified code\nA419\tSepsis\n", added)
    [item] = loaded(tmp_path, edits_txt=text).loaded
    [warning] = item.release.warnings
    assert warning.endswith("line 23: 2 codes below '21A Some diagnoses' are not read: no list of this name is known")


def test_blanks_for_tabs(tmp_path: Path) -> None:
    """A code that blanks part from its title is one of the list."""
    loaded(tmp_path, edits_txt=DEFINITIONS.replace("A419\tSepsis", "A419\tSepsis\nA4189   Other sepsis\nTHE  END"))
    assert opened(tmp_path).grouping("mce").latest.members("unspecified", "icd10cm") == ("A41.89", "A41.9")


def test_the_text_is_preferred(tmp_path: Path) -> None:
    """Where the publisher's text of a version is loaded, the table that was cut from it is not used."""
    table = f"{HEADER}\n{NEWBORN.replace('36', '41.1', 1)}\n"
    report = loaded(tmp_path, edits_txt=DEFINITIONS, mce_txt=table)
    [item] = report.loaded
    assert [source.file for source in item.release.sources] == ["edits.txt"]
    assert ["definitions of the version are loaded" in skip.reason for skip in report.skipped] == [True]


def test_the_sample_text(tmp_path: Path) -> None:
    """A diagnosis that is acceptable with a secondary one has a list of its own."""
    folder = sample_folder("mce")
    terminology.load(*([folder] if folder else []), store=tmp_path / "store")
    edition = opened(tmp_path).grouping("mce").on("2022-03-01")
    assert [edition.members(name, "icd10cm") for name in ("requires_secondary", "unacceptable_principal")] == [
        ("Z51.89",),
        ("Z28.3", "Z28.310"),
    ]


CODES = ("A33", "O80", "Z515", "N400")
LISTS = ("Newborn_Only", "Adult_Only", "Principal_Unacceptable", "Male_Only")


@given(st.sets(st.tuples(st.sampled_from(CODES), st.sampled_from(LISTS)), min_size=1))
def test_any_table(tmp_path_factory: pytest.TempPathFactory, pairs: set[tuple[str, str]]) -> None:
    """Each code of a table of any pairs is in its lists, and in no other."""
    folder = tmp_path_factory.mktemp("any")
    rows = [f"36\t10\t9\t_\t{edit}\tD\t{code}\tx" for code, edit in sorted(pairs)]
    assert loaded(folder, mce_txt="\n".join([HEADER, *rows])).ok
    edition = opened(folder).grouping("mce").latest
    found = {(code, group.detail["edit"]) for code in CODES for group in edition.groups(code, "icd10cm")}
    assert found == pairs


def test_columns_in_another_order_are_refused(tmp_path: Path) -> None:
    """A table whose code and title have changed places is rejected with its headings, and no title is read as a code."""
    header = HEADER.replace("ICD_Code\tICD_Desc", "ICD_Desc\tICD_Code")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "lists.txt").write_text(f"{header}\n36\t10\t4\tA\tNewborn_Only\tD\tB33\tA33\n")
    report = terminology.load(tmp_path / "in", store=tmp_path / "store")
    assert not report.loaded
    assert "expected the heading 'ICD_Code', got 'ICD_Desc'" in str(report.errors[0])
