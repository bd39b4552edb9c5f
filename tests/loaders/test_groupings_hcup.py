"""Files of HCUP's tools that are wrong: each is refused with its place; and what two files say together."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import Part, Skipped
from terminology.reading import ReadableFile
from terminology.samples import sample_releases
from terminology_loaders.groupings.hcup import HcupLoader

from ..release_files import workbook
from .grouping_files import faults_of

SAMPLES = sample_releases() / "groupings" / "hcup"
WORKBOOK = (
    "ICD-10-CM Code",
    "ICD-10-CM Code Description",
    "CCSR Category",
    "CCSR Category Description",
    "Inpatient Default CCSR (Y/N/X)",
    "Outpatient Default CCSR (Y/N/X)",
)


def sample(name: str) -> str:
    """Return a sample as text."""
    return (SAMPLES / name).read_bytes().decode()


def read(name: str, data: str | bytes) -> object:
    """Return what the loader makes of a file."""
    return HcupLoader().read(ReadableFile(name, lambda: data if isinstance(data, bytes) else data.encode()))


@pytest.mark.parametrize(
    ("name", "before", "after", "expected"),
    [
        ("PRCCSR_v2022-1.CSV", "'0016076'", "'001607'", ":3: column ICD-10-PCS: expected a code of ICD-10-PCS"),
        ("PRCCSR_v2022-1.CSV", "'CNS010',", "'C10',", ":2: column PRCCSR: expected a category like CAR004, got 'C10'"),
        ("PRCCSR_v2022-1.CSV", "'0016076'", "'0016070'", ":3: column PRCCSR: expected 0016070 once"),
        ("$dxref 2015.csv", "'135  '", "'A  '", ":4: column CCS CATEGORY: expected the number of a category, got 'A'"),
        ("$dxref 2015.csv", "'25001'", "'25000'", ":7: column CCS CATEGORY: expected 250.00 once"),
        ("$dxref 2015.csv", "'0010 '", "'     '", ":4: column ICD-9-CM CODE: expected a code of"),
        ("$prref 2015.csv", "'3723','47   '", "'3723'", ":5: expected at least 4 cells, got 3"),
        ("ccs_multi_dx_tool_2015.csv", "'3.3',", "'7.3',", ":4: column LVL 1: expected categories one below the other"),
        ("ccs_dx_icd10cm_2022_1.csv", "'E1122'", "'E1-22'", "expected a code of ICD-10-CM"),
        (
            "CCIR_v2022-1.csv",
            'biovar cholerae",0',
            'biovar cholerae",2',
            ":4: column CHRONIC INDICATOR: expected 0, 1, 9",
        ),
        ("cci2015.csv", "'1','3'", "'9','3'", "expected 0, 1, got '9'"),
        ("pc_icd10pcs_2022.csv", "'3',\"Major", "'5',\"Major", "expected a class 1 to 4, got '5'"),
        ("ICD10PCS_utilizationflagformats_FY2022_1.csv", ",,47,,", ",,47,'5A1D70Z',", "one code that defines it"),
        ("AppendixASingleDX.txt", "     4019", "4019x", "expected the heading of a category or indented codes"),
        ("AppendixASingleDX.txt", "98   Ess", "50   Ess", ":14: column 1: category 50 has a heading already"),
        ("AppendixASingleDX.txt", "     486", "     486 25000", "expected 250.00 once"),
    ],
)
def test_a_fault_is_named_with_its_place(name: str, before: str, after: str, expected: str) -> None:
    """One cell is wrong, and the error says where and what was expected."""
    text = sample(name)
    assert before in text
    found = faults_of(HcupLoader(), name, text.replace(before, after, 1))
    assert any(expected in fault for fault in found), found


def test_all_faults_are_named_at_once() -> None:
    """Two lines are wrong, and both are named."""
    text = sample("CCIR_v2022-1.csv").replace("'A000'", "'A0'").replace("'J189'", "'J'")
    assert len(faults_of(HcupLoader(), "CCIR_v2022-1.csv", text)) == 2


@pytest.mark.parametrize("name", ["$dxref 2015.csv", "CCIR_v2022-1.csv", "PRCCSR_v2022-1.CSV", "cci2015.csv"])
def test_a_header_alone_is_no_table(name: str) -> None:
    """A file that ends after its header is refused."""
    lines = sample(name).splitlines(keepends=True)
    header = next(place for place, line in enumerate(lines) if "CODE" in line or "PCS" in line)
    assert faults_of(HcupLoader(), name, "".join(lines[: header + 1]))


def test_swapped_columns_are_read_by_their_headings() -> None:
    """The class comes before the code, and the groups are the same."""
    rows = [line.split(",", 1)[0] for line in sample("pc_icd10pcs_2022.csv").splitlines()[2:]]
    text = "'PROCEDURE CLASS','ICD-10-PCS CODE'\r\n" + "".join(f"'4',{code}\r\n" for code in rows)
    part = read("pc_icd10pcs_2022.csv", text)
    assert isinstance(part, Part)
    assert part.facts["members"] == len(rows)


def test_the_beta_indicator_of_icd10_is_left_alone() -> None:
    """It has the columns of both indicators, and is neither."""
    text = "'ICD-10-CM CODE','ICD-10-CM CODE DESCRIPTION','CHRONIC INDICATOR','BODY SYSTEM'\r\n'A000',\"Cholera\",'0','1'\r\n"
    assert isinstance(read("cci_icd10cm_2019_1.csv", text), Skipped)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("A000", "", "DIG001", "", "Y", "Y"), ("A000", "", "INF003", "", "Y", "N")], "expected one default of A00.0"),
        ([("A000", "", "DIG001", "", "X", "Y"), ("A000", "", "INF003", "", "N", "N")], "or X throughout"),
        ([("A000", "", "DIG001", "", "Z", "Y")], "expected Y, N or X, got 'Z'"),
        ([("A000", "", "", "", "Y", "Y")], "expected a category, got none"),
        ([("A000", "", "DIG001", "", "Y", "Y"), ("A000", "", "DIG001", "", "N", "N")], "has a category twice"),
    ],
)
def test_flags_of_the_workbook_must_agree(rows: list[tuple[str, ...]], expected: str) -> None:
    """Defaults are one or none, and categories come once."""
    data = workbook(sheets={"DX_to_CCSR_Mapping": [("A list",), WORKBOOK, *rows]})
    found = faults_of(HcupLoader(), "DXCCSR-Reference-File-v2022-1.xlsx", data)
    assert any(expected in fault for fault in found), found


def test_two_tables_of_one_version_that_differ_are_not_both_taken(tmp_path: Path) -> None:
    """The text moves a code to another category: it is refused by the name of the table."""
    (tmp_path / "files").mkdir()
    for name in ("$dxref 2015.csv", "AppendixASingleDX.txt"):
        text = sample(name).replace("     4019", "     4010")
        (tmp_path / "files" / name).write_text(text, encoding="utf-8", newline="")
    report = terminology.load(tmp_path / "files", store=tmp_path / "store")
    assert len(report.errors) == 1
    assert "$dxref 2015.csv" in str(report.errors[0])


@given(
    st.dictionaries(
        st.sampled_from(["A000", "A009", "E1122", "E119", "J189", "M542", "R519", "U071"]),
        st.lists(
            st.sampled_from(["DIG001", "INF003", "END002", "END005", "RSP002"]), min_size=1, max_size=3, unique=True
        ),
        min_size=1,
    ),
    st.data(),
)
def test_the_workbook_says_what_the_table_says(given_categories: dict[str, list[str]], data: st.DataObject) -> None:
    """Whatever the categories and defaults, both layouts are read as the same members."""
    wide, long = [], []
    for code, categories in given_categories.items():
        inpatient = data.draw(st.sampled_from([*categories, "XXX000"]))
        outpatient = data.draw(st.sampled_from([*categories, "XXX111"]))
        cells = [part for one in (inpatient, outpatient, *categories) for part in (f"'{one}'", "A title")]
        wide.append(",".join([f"'{code}'", "A code", *cells, *["' '", " "] * (6 - len(categories))]))
        for one in categories:
            flags = ["X" if chosen[:3] == "XXX" else "NY"[chosen == one] for chosen in (inpatient, outpatient)]
            long.append((code, "A code", one, "A title", *flags))
    header = sample("DXCCSR_v2022-1.csv").splitlines()[0].rpartition(",")[0]
    table = read("DXCCSR_v2022-1.csv", "\r\n".join([header, *wide, ""]))
    book = read("DXCCSR-Reference-File-v2022-1.xlsx", workbook(sheets={"Mapping": [("A list",), WORKBOOK, *long]}))
    found = []
    for part in (table, book):
        assert isinstance(part, Part)
        rows = part.tables["members"].drop_columns(["line", "source"]).to_pylist()
        found.append({tuple(row.values()) for row in rows})
    assert found[0] == found[1]


CCSR_HEADER = (
    "'ICD-10-CM CODE','Default CCSR CATEGORY IP','Default CCSR CATEGORY OP',"
    "'CCSR CATEGORY 1','CCSR CATEGORY 1 DESCRIPTION','CCSR CATEGORY 2','CCSR CATEGORY 2 DESCRIPTION'\r\n"
)
CCSR_ROW = "'E1122','END003','END003','END003','Diabetes','GEN003','Kidney disease'\r\n"


def test_a_category_below_a_renamed_heading_is_not_lost() -> None:
    """A category in a column that is not read is an error of its line."""
    header = CCSR_HEADER.replace("'CCSR CATEGORY 2'", "'CCSR CAT 2'")
    [fault] = faults_of(HcupLoader(), "DXCCSR_v2026-1.csv", header + CCSR_ROW)
    assert "GEN003 below another heading" in fault


def test_titles_are_read_by_their_heading() -> None:
    """A column between a category and its description does not become the title."""
    header = CCSR_HEADER.replace("'CCSR CATEGORY 1 D", "'BODY SYSTEM','CCSR CATEGORY 1 D")
    made = read("DXCCSR_v2026-1.csv", header + CCSR_ROW.replace("'Diabetes'", "'END','Diabetes'"))
    titles = made.tables["categories"]["title"].to_pylist()  # type: ignore[attr-defined]
    assert titles == ["Diabetes", "Kidney disease"]
