"""Lists of diagnoses exempt from POA reporting: their forms, years, companions and faults."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology import LoadReport

from ..release_files import workbook

HEADER = "Order2022\tPOAexemptCode\tDescription"
ROWS = ("00001\tZ00.00\tFirst", '00002\tZ51.5\t"Second, in quotes"')


def written(folder: Path, files: dict[str, list[str] | str]) -> Path:
    """Write files of lines with the publisher's line ends."""
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_bytes(
            "\r\n".join([*([lines] if isinstance(lines, str) else lines), ""]).encode("latin-1")
        )
    return folder


def loaded(folder: Path, **files: list[str] | str) -> LoadReport:
    """Load files, whose names are given with underscores for dots."""
    names = {name.replace("_txt", ".txt"): lines for name, lines in files.items()}
    folder.mkdir(exist_ok=True)
    return terminology.load(written(folder / "in", names), store=folder / "store")


@pytest.mark.parametrize(
    ("name", "header", "expected"),
    [
        ("list.txt", "Order2017\tPOAexemptCode\tDescription", ("FY2017", "2016-10-01")),
        ("POAexemptCodes2016.txt", "Order\tPOAexemptCode\tDescription", ("FY2016", "2015-10-01")),
        ("POAexemptCodesFY23.txt", "Order\tPOAexemptCode\tDescription", ("FY2023", "2022-10-01")),
        ("FY-2018-exempt.txt", "Order2022 \tPOA Exempt Code\tDescription", ("FY2022", "2021-10-01")),
    ],
)
def test_years(tmp_path: Path, name: str, header: str, expected: tuple[str, str]) -> None:
    """The year is that of the heading, else that of the name; the list is in force from October 1."""
    report = terminology.load(written(tmp_path / "in", {name: [header, *ROWS]}), store=tmp_path / "store")
    assert [(item.release.version, str(item.release.effective)) for item in report.loaded] == [expected]


def test_the_operator_names_the_year(tmp_path: Path) -> None:
    """A list that names no year is loaded with the operator's, written in either way; without it is rejected."""
    folder = written(tmp_path / "in", {"list.txt": ["Order\tPOAexemptCode\tDescription", *ROWS]})
    assert not terminology.load(folder, store=tmp_path / "none").loaded
    report = terminology.load(folder, store=tmp_path / "store", version="FY22")
    [item] = report.loaded
    assert (item.release.version, str(item.release.effective)) == ("FY2022", "2021-10-01")


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ([*ROWS, "00003"], 4, "cut short"),
        ([*ROWS, ROWS[0]], 4, "Z00.00 is on line 2 already"),
        (["00001\tCholera, unspecified\tA00.9"], 2, "expected a code of ICD-10-CM, got 'Cholera, unspecified'"),
        (["00001\tZ0000.0\tFirst"], 2, "expected a code of ICD-10-CM"),
        ([], 2, "expected at least one row"),
    ],
)
def test_faults(tmp_path: Path, rows: list[str], line: int, message: str) -> None:
    """Cut, repeated, swapped and missing rows are errors that name their line."""
    report = loaded(tmp_path, POAexemptCodesFY22_txt=[HEADER, *rows])
    [error] = report.errors
    assert error.line == line
    assert message in error.message


def test_all_faults_at_once(tmp_path: Path) -> None:
    """All errors of a list are reported together, and the list can be loaded without those lines."""
    folder = written(tmp_path / "in", {"POAexemptCodesFY22.txt": [HEADER, *ROWS, "3", "4\t?\tx", "5\tZ28.3\tx"]})
    report = terminology.load(folder, store=tmp_path / "store")
    assert [error.line for error in report.errors] == [4, 5]
    accepted = terminology.load(folder, store=tmp_path / "store", accept_faults=2)
    assert accepted.ok
    members = terminology.open(tmp_path / "store").grouping("poa_exempt").latest.members("exempt")
    assert members == ("Z00.00", "Z28.3", "Z51.5")


def test_another_encoding(tmp_path: Path) -> None:
    """A title that is not UTF-8 is read as CP1252, with a warning."""
    report = loaded(tmp_path, POAexemptCodesFY22_txt=[HEADER, "00001\tZ00.00\tMénière"])
    assert [text for item in report.loaded for text in item.release.warnings if "CP1252" in text]


def test_two_lists_of_a_year(tmp_path: Path) -> None:
    """Of two lists of a year that differ one is rejected; where they agree both are sources."""
    same = loaded(tmp_path / "same", a2022_txt=[HEADER, *ROWS], b2022_txt=[HEADER, *ROWS, ""])
    assert [len(item.release.sources) for item in same.loaded] == [2]
    other = loaded(tmp_path / "other", a2022_txt=[HEADER, *ROWS], b2022_txt=[HEADER, ROWS[0]])
    assert ["differs from" in error.message for error in other.errors] == [True]


def test_changes_are_checked(tmp_path: Path) -> None:
    """Lists of changes that fit say nothing; one that does not, and a read-me that miscounts, are warnings."""
    former = ["Order2021\tPOAexemptCode\tDescription", ROWS[0], "00009\tZ28.3\tx"]
    files: dict[str, list[str] | str] = {
        "POAexemptCodes2021.txt": former,
        "POAexemptCodesFY22.txt": [HEADER, *ROWS],
        "POAexemptAddCodesFY22.txt": [HEADER, ROWS[1]],
        "POAexemptDeleteCodesFY22.txt": ["POAexemptCode\tDescription", "Z28.3\tx"],
    }
    fitting = terminology.load(written(tmp_path / "in", files), store=tmp_path / "store")
    assert [item.release.warnings for item in fitting.loaded] == [(), ()]
    assert not fitting.skipped
    written(tmp_path / "in", {"POAexemptDeleteCodesFY22.txt": ["POAexemptCode\tDescription", "Z00.00\tx"]})
    read_me = "Description of Present On Admission (POA) files\r\nList of codes, for FY2022 (9 codes)."
    written(tmp_path / "in", {"ReadMeFY22.txt": read_me})
    odd = terminology.load(tmp_path / "in", store=tmp_path / "odd")
    said = [text for item in odd.loaded for text in item.release.warnings]
    assert ["counts 9 codes in the list, the file has 2" in text for text in said] == [True, False]
    assert "2 codes are not deleted as the list of changes says" in said[1]


def test_changes_alone(tmp_path: Path) -> None:
    """Changes without the list of the year before are skipped with that reason, and used once it comes."""
    files: dict[str, list[str] | str] = {
        "POAexemptCodesFY22.txt": [HEADER, *ROWS],
        "POAexemptAddCodesFY22.txt": [HEADER, ROWS[1]],
    }
    report = terminology.load(written(tmp_path / "in", files), store=tmp_path / "store")
    assert ["year before is not loaded" in skip.reason for skip in report.skipped] == [True]
    former = written(
        tmp_path / "former", {"POAexemptCodes2021.txt": ["Order2021\tPOAexemptCode\tDescription", ROWS[0]]}
    )
    later = terminology.load(former, store=tmp_path / "store")
    assert {item.release.version: len(item.release.sources) for item in later.loaded} == {"FY2021": 1, "FY2022": 2}


@pytest.mark.parametrize(
    ("name", "header"),
    [("POAexemptCodesFY23.txt", HEADER), ("POA_2024-2025.txt", HEADER.replace("2022", ""))],
)
def test_years_that_contradict_each_other_are_told(tmp_path: Path, name: str, header: str) -> None:
    """A list whose heading and name name two years is loaded with a warning that names both."""
    report = terminology.load(written(tmp_path / "in", {name: [header, *ROWS]}), store=tmp_path / "store")
    assert any("together name the years" in warning for warning in report.loaded[0].release.warnings)


def test_years_that_agree_are_no_warning(tmp_path: Path) -> None:
    """Heading and name of one year are loaded without a warning of years."""
    report = terminology.load(written(tmp_path / "in", {"FY22.txt": [HEADER, *ROWS]}), store=tmp_path / "store")
    assert not any("name the years" in warning for warning in report.loaded[0].release.warnings)


def test_a_corrected_list_is_a_whole_list(tmp_path: Path) -> None:
    """A list of all codes is one by its heading, though its name calls it revised."""
    report = loaded(tmp_path, POAexemptCodesFY22_Revised_txt=[HEADER, *ROWS])
    assert [item.release.version for item in report.loaded] == ["FY2022"]
    assert not report.skipped
    members = terminology.open(tmp_path / "store").grouping("poa_exempt").latest.members("exempt")
    assert members == ("Z00.00", "Z51.5")


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("exempt.txt", ["FY 2022 codes exempt from POA reporting", "", HEADER, *ROWS]),
        ("POAexemptCodesFY22.csv", ["Order2022,POAexemptCode,Description", "1,Z00.00,First", '2,Z51.5,"Second, x"']),
        ("POA_exempt_FY2022.csv", ["ICD-10-CM Code,Description", "Z00.00,First", '"Z51.5","Second, in quotes"']),
        (
            "list.csv",
            ["Present on Admission Exempt List FY 2022,", "ICD-10-CM Code,Description", "Z00.00,a", "Z51.5,b"],
        ),
    ],
)
def test_other_forms(tmp_path: Path, name: str, lines: list[str]) -> None:
    """Titles above the header, commas, and the usual heading of codes are read where the file says what it lists."""
    report = terminology.load(written(tmp_path / "in", {name: lines}), store=tmp_path / "store")
    assert [item.release.version for item in report.loaded] == ["FY2022"]
    members = terminology.open(tmp_path / "store").grouping("poa_exempt").latest.members("exempt")
    assert members == ("Z00.00", "Z51.5")


def test_any_list_of_codes_is_no_exempt_list(tmp_path: Path) -> None:
    """The usual heading of codes alone makes no list of exemptions."""
    report = terminology.load(
        written(tmp_path / "in", {"codes_2022.csv": ["ICD-10-CM Code,Description", "Z00.00,First"]}),
        store=tmp_path / "store",
    )
    assert not [item for item in report.loaded if item.release.system == "poa_exempt"]


def test_titles_of_a_workbook(tmp_path: Path) -> None:
    """A workbook with a title row above its header is read."""
    rows = [["FY 2022 POA Exempt List"], ["Order", "POAexemptCode", "Description"], ["1", "Z00.00", "First"]]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "list.xlsx").write_bytes(workbook(rows))
    report = terminology.load(tmp_path / "in", store=tmp_path / "store")
    assert [item.release.version for item in report.loaded] == ["FY2022"]
