"""Code lists in tables of every form: their columns are found, and rows of other systems and lost zeros are seen."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminology import ReleaseFormatError, Terminology
from terminology.codelists import CodeList, migration_of

from ..release_files import workbook

TEXTS = {
    "commas.csv": "id,dx,term\n1,E11.9,Diabetes\n2,M54.5,Pain\n",
    "order-number.txt": "order\tcode\tdescription\n1\tE11.9\tDiabetes\n2\tM54.5\tPain\n",
    "pipes.txt": "diagnosis_code|note\nE11.9|x\nM54.5|y\n",
    "by-content.dat": "number;term\nE11.9;Diabetes\nM54.5;Pain\n",
    "semicolons.csv": "icd10;term\r\nE11.9;Diabetes\r\nM54.5;Pain\r\n",
}


def files(folder: Path) -> list[Path]:
    """Return the same list in every form of table."""
    for name, text in TEXTS.items():
        (folder / name).write_text(text, newline="")
    (folder / "utf16.txt").write_bytes(TEXTS["order-number.txt"].encode("utf-16"))
    (folder / "mark.csv").write_bytes(b"\xef\xbb\xbf" + TEXTS["commas.csv"].encode())
    (folder / "latin.csv").write_bytes(TEXTS["commas.csv"].replace("Pain", "Café").encode("cp1252"))
    (folder / "sheet.xlsx").write_bytes(workbook([["no", "code"], [1, "E11.9"], [2, "M54.5"]]))
    pq.write_table(pa.table({"n": [1, 2], "concept_code": ["E11.9", "M54.5"]}), folder / "a.parquet")
    return sorted(folder.iterdir())


def test_tables_of_every_form_are_lists(tmp_path: Path, store: Terminology) -> None:
    """The column of codes is found, and said."""
    for path in files(tmp_path):
        found = CodeList.read(path, "icd10cm")
        assert (["E11.9", "M54.5"], True) == ([entry.code for entry in found.entries], found.columns is not None), path
        values = found.resolve(store["icd10cm"].release("2021")).to_dict()
        assert list(found.columns.codes) == values["columns"]["codes"]


def test_plain_text_may_be_utf16_as_well(tmp_path: Path) -> None:
    """What a spreadsheet saves as Unicode text is read, table or not."""
    (tmp_path / "a.txt").write_bytes("E11.9\nM54.5\n".encode("utf-16"))
    assert ["E11.9", "M54.5"] == [entry.code for entry in CodeList.read(tmp_path / "a.txt", "icd10cm").entries]


def test_a_column_is_named(tmp_path: Path) -> None:
    """Whoever names the column gets it; a name that is not there is an error."""
    path = tmp_path / "a.csv"
    path.write_text("old,new\nM54.5,M54.50\n")

    assert "M54.50" == CodeList.read(path, "icd10cm", code="new").entries[0].code
    with pytest.raises(ReleaseFormatError, match=r"old or new may hold the codes"):
        CodeList.read(path, "icd10cm")
    with pytest.raises(ReleaseFormatError, match=r"no column 'newer' \(it has old, new\)"):
        CodeList.read(path, "icd10cm", code="newer")


SYSTEMS = "concept_code,vocabulary_id\nV10.3,ICD9CM\nE11.9,ICD10CM\n73211009,SNOMED\nM54.5,http://hl7.org/fhir/sid/icd-10-cm\n"


def test_rows_of_other_systems_are_left_out_and_counted(tmp_path: Path) -> None:
    """ICD-9-CM V10.3 does not become V10.3 of ICD-10-CM."""
    path = tmp_path / "concepts.csv"
    path.write_text(SYSTEMS)
    found = CodeList.read(path, "icd10cm")

    assert ["E11.9", "M54.5"] == [entry.code for entry in found.entries]
    assert {"ICD9CM": 1, "SNOMED": 1} == found.columns.to_dict()["left_out"]
    assert any("2 rows are of another system than icd10cm" in warning for warning in found.warnings)
    assert ["V10.3"] == [entry.code for entry in CodeList.read(path, "icd9cm").entries]


def test_a_list_of_several_systems_needs_one_to_be_named(tmp_path: Path) -> None:
    """Without a system the error names those that there are; a list of one system names it itself."""
    path = tmp_path / "concepts.csv"
    path.write_text(SYSTEMS)
    with pytest.raises(ReleaseFormatError, match=r"icd10cm \(2\), icd9cm \(1\), SNOMED \(1\); .* --system"):
        CodeList.read(path)

    path.write_text("code,system\nE11.9,urn:oid:2.16.840.1.113883.6.90\n")
    assert "icd10cm" == CodeList.read(path).system


NUMBERS = [
    ("icd9cm", [401.9, 1.1, 3.1], ["401.9"], {"1.1": "001.1", "3.1": "003.1"}),
    ("icd9pcs", [9925, 2], ["99.25"], {"2": "00.02"}),
    ("cpt", [99990, 1998], ["99990"], {"1998": "01998"}),
    ("icd10pcs", [16070], [], {"16070": "0016070"}),
]


@pytest.mark.parametrize(("system", "numbers", "kept", "damaged"), NUMBERS)
@pytest.mark.parametrize("form", ["parquet", "sheet", "csv"])
def test_numbers_that_lost_zeros_need_review(  # noqa: PLR0917 -- pytest names them
    store: Terminology,
    tmp_path: Path,
    system: str,
    numbers: list[float],
    kept: list[str],
    damaged: dict[str, str],
    form: str,
) -> None:
    """A number that was another code is never read as the code that it looks like, and its repair is named."""
    path = tmp_path / "list.csv"
    if form == "parquet":
        pq.write_table(pa.table({"code": numbers}), path)
    elif form == "csv":
        path.write_text("code,x\n" + "".join(f"{number},\n" for number in numbers))
    else:
        path.write_bytes(workbook([["code", "x"], *([number, ""] for number in numbers)]))
    found = CodeList.read(path, system).resolve(
        store[system].latest if system != "icd9cm" else store[system].release("32")
    )

    assert kept == list(found.codes)
    assert damaged == {match.entry.text: match.check.suggestion for match in found.absent if match.check}
    assert all("lost zeros" in match.reason for match in found.absent if match.reason)


def test_a_number_that_may_be_several_codes_is_not_accepted(store: Terminology) -> None:
    """250 as a number of a spreadsheet may have been 250.00 as well: a person decides, with all of them named."""
    cm = store["icd9cm"]
    found = CodeList.parse("code,x\n1.1,\n250,\n401.9,\n", system="icd9cm", form="csv")
    [first, second] = found.resolve(cm.release("32")).absent

    assert ("1.1", "250") == (first.entry.code, second.entry.code)
    assert "may have lost zeros: it was 250, 250.0 or 250.00" in (second.reason or "")
    migrated = migration_of(found, cm, "32", "32")
    assert [(2, "damaged"), (3, "damaged")] == [(row.line, row.kind) for row in migrated.review]
    assert "1.1 is a number, which has lost zeros: it was 001.1" == migrated.review[0].reason
    # a column that kept a zero anywhere was text all the time
    assert CodeList.parse("code,x\n250,\n250.00,\n", system="icd9cm", form="csv").resolve(cm.release("32")).is_whole


def test_whole_numbers_in_a_text_are_numbers(store: Terminology) -> None:
    """Where every cell is a whole number without a zero at its beginning, one that may be two codes needs review."""
    edition = store["icd9pcs"].release("32")
    found = CodeList.parse("code,x\n10,\n9925,\n", system="icd9pcs", form="csv").resolve(edition)

    assert (("99.25",), ["10"]) == (found.codes, [match.entry.code for match in found.absent])
    assert "00.10" in (found.absent[0].reason or "")
    assert not CodeList.parse("code,x\n37.0,\n99.25,\n", system="icd9pcs", form="csv").resolve(edition).absent


def test_a_table_that_is_no_list_has_each_code_once(tmp_path: Path) -> None:
    """Rows of data that repeat a code, or have none, are counted."""
    path = tmp_path / "claims.csv"
    path.write_text("dx,day\nE11.9,2021-01-01\nE11.9,2021-01-02\n,2021-01-03\n")
    found = CodeList.read(path, "icd10cm")

    assert ["E11.9"] == [entry.code for entry in found.entries]
    assert (
        "claims.csv: rows that repeat a code, left out: 1",
        "claims.csv: rows without a code, left out: 1",
    ) == found.warnings
