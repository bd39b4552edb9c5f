"""Tables in every form: read alike, whatever a file is called and however it is encoded."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from terminology import ReleaseFormatError
from terminology.codelists import CodeList
from terminology.columns import cell_of, opened_table, opening, roles_of, shaped_as, system_column, table_in, text_table
from terminology.columns import cells as cells_of_column
from terminology.reading import readable_files
from terminology.systems import SYSTEMS

from ..release_files import workbook

ROWS = [("1", "E11.9", "Diabète"), ("2", "M54.5", "Low back pain"), ("3", "", "")]
NAMES = ("id", "dx", "words")


def delimited(mark: str) -> str:
    """Return the rows as delimited text."""
    return "".join(mark.join(row) + "\r\n" for row in (NAMES, *ROWS))


FORMS = {
    "comma.csv": delimited(",").encode(),
    "mark.csv": b"\xef\xbb\xbf" + delimited(",").encode(),
    "semicolon.dat": delimited(";").encode(),
    "separator.csv": b"sep=;\r\n" + delimited(";").encode(),
    "tab.txt": delimited("\t").encode(),
    "pipe": delimited("|").encode(),
    "latin.csv": delimited(",").encode("cp1252"),
    "utf16.txt": delimited("\t").encode("utf-16"),
    "utf16-without-mark.txt": delimited("\t").encode("utf-16-le"),
    "comments.csv": b"# from the warehouse\r\n\r\n" + delimited(",").encode(),
    "sheet.xlsx": workbook([list(NAMES), *map(list, ROWS)]),
    "sheet-under-a-heading.xlsx": workbook([["Claims of 2021", "", ""], list(NAMES), *map(list, ROWS)]),
    "sheet-by-another-name.csv": workbook([list(NAMES), *map(list, ROWS)]),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_the_same_rows(tmp_path: Path, name: str) -> None:
    """Delimiter, encoding, ending and form of a file make no difference."""
    (tmp_path / name).write_bytes(FORMS[name])
    table = opened_table(tmp_path / name)

    assert NAMES == table.names
    assert ["E11.9", "M54.5", None] == [row for batch in table.batches(["dx"]) for row in batch["dx"].to_pylist()]
    assert "Diabète" == next(iter(table.batches(["words"])))["words"][0].as_py()
    assert table_in(tmp_path / name) is not None


def compressed(data: bytes, how: str) -> bytes:
    """Return bytes as gzip or Zstandard would have them."""
    with pa.BufferOutputStream() as sink:
        with pa.CompressedOutputStream(sink, how) as stream:
            stream.write(data)
        return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("how", ["gzip", "zstd"])
@pytest.mark.parametrize("name", ["comma.csv", "latin.csv", "utf16.txt", "comments.csv"])
def test_compressed_text_has_the_same_rows(tmp_path: Path, name: str, how: str) -> None:
    """It is decompressed while it is read, whatever its name says of it."""
    for path in (tmp_path / f"{name}.gz", tmp_path / name):
        path.write_bytes(compressed(FORMS[name], how))
        table = opened_table(path)
        assert (NAMES, ["1", "2", "3"]) == (table.names, [row["id"] for _, row in table.rows(["id"])])
    (tmp_path / "plain.csv.gz").write_bytes(FORMS[name])
    assert NAMES == opened_table(tmp_path / "plain.csv.gz").names


@pytest.mark.parametrize("how", ["gzip", "zstd"])
def test_damaged_compressed_text_is_an_error(tmp_path: Path, how: str) -> None:
    """Cut short or changed on its way, it is no shorter table."""
    whole = compressed("".join(f"{number},E11.9\n" for number in range(50_000)).encode(), how)
    for data in (whole[:-5], whole[:2000] + b"\0" * 50 + whole[2050:]):
        (tmp_path / "claims.csv.gz").write_bytes(data)
        with pytest.raises(ReleaseFormatError, match=rf"claims\.csv\.gz: compressed by {how}, cannot be read"):
            opened_table(tmp_path / "claims.csv.gz")


def test_a_compressed_list_is_an_error(tmp_path: Path) -> None:
    """A list is read whole, and what is compressed may be of any length."""
    (tmp_path / "list.txt.gz").write_bytes(compressed(b"E11.9\nE11.65\n", "gzip"))
    with pytest.raises(ReleaseFormatError, match=r"list\.txt\.gz.*compressed by gzip: unpack it"):
        CodeList.read(tmp_path / "list.txt.gz", "icd10cm")


def test_arrow_files_and_folders_are_tables(tmp_path: Path) -> None:
    """Files of one form in folders are read in the order of their names; names of folders are columns."""
    rows = pa.table({"id": ["1", "2", "3"], "dx": ["E11.9", "M54.5", None]})
    with pa.ipc.new_file(str(tmp_path / "claims.data"), rows.schema) as file:
        file.write_table(rows)
    assert rows == pa.Table.from_batches(opened_table(tmp_path / "claims.data").batches(["id", "dx"]))

    for year in ("2023", "2024"):
        (tmp_path / "claims" / f"year={year}").mkdir(parents=True)
        pq.write_table(rows, tmp_path / "claims" / f"year={year}" / "part-0.parquet")
    table = opened_table(tmp_path / "claims")
    assert ("id", "dx", "year") == table.names
    read = pa.Table.from_batches(table.batches(["year", "dx"])).to_pydict()
    assert {"year": [2023] * 3 + [2024] * 3, "dx": ["E11.9", "M54.5", None] * 2} == read

    (tmp_path / "claims" / "more.csv").write_text("id,dx\n4,E11.9\n", encoding="utf-8")
    with pytest.raises(ReleaseFormatError, match="claims: expected a folder of Parquet files"):
        opened_table(tmp_path / "claims")


def test_arrow_tables_and_streams_can_be_looked_at_and_read() -> None:
    """What a stream yields to find its columns is yielded again."""
    data = pa.table({"dx": [f"E11.{n}" for n in range(10)]})
    for source in (data, data.to_reader(3), data.to_batches()[0]):
        table = opened_table(source)
        table.sample()
        assert data["dx"].to_pylist() == [text for batch in table.batches(["dx"]) for text in batch["dx"].to_pylist()]


def test_a_plain_list_is_no_table(tmp_path: Path) -> None:
    """Labels behind codes make no table, nor do head lines or keywords."""
    for text in (
        "E11.9\tDiabetes\nM54.5\tBack pain\n",
        "name: A, b\nE11.9\n",
        "is-a E11\tDiabetes\nE10\tType 1\n",
        "\n",
    ):
        (tmp_path / "list.txt").write_text(text)
        assert table_in(tmp_path / "list.txt", ["dx"], lambda cell: cell[:1] in "EM" and cell[1:2].isdigit()) is None


def test_a_table_without_a_name_that_says_so_is_known_by_its_codes(tmp_path: Path) -> None:
    """A header that holds no code, and a column of codes below, is a table in a file of any name."""
    (tmp_path / "list.txt").write_text("order\tnumber\tname\n1\tE11.9\tDiabetes\n2\tM54.5\tPain\n")
    is_code = {"E11.9", "M54.5"}.__contains__

    assert table_in(tmp_path / "list.txt") is None
    table = table_in(tmp_path / "list.txt", is_code=is_code)
    assert table is not None
    assert "codes in number (by content); ignored: order, name" == roles_of(table, is_code=is_code).sentence


@pytest.mark.parametrize("columns", [("M54.5",), ("M54.5", "Low back pain"), ("1", "M54.5", "2021-03-01")])
def test_a_first_row_that_is_a_code_is_no_header(columns: tuple[str, ...]) -> None:
    """The first code of a table without a header is not lost silently: the error says to write a header."""
    table = opened_table(pa.table({name: ["E11.9", "I10"] if name == "M54.5" else ["x", "y"] for name in columns}))
    is_code = shaped_as(SYSTEMS["icd10cm"])
    numbers = opened_table(pa.table({"38.9": ["250.00"]}))
    with pytest.raises(ReleaseFormatError, match=r"got the code '38\.9'"):
        roles_of(numbers, is_code=shaped_as(SYSTEMS["icd9cm"]))

    with pytest.raises(ReleaseFormatError, match=r"expected a header .*, got the code 'M54\.5'"):
        roles_of(table, is_code=is_code)
    # its letters and digits could be a code as well, and no code begins with three letters
    assert "Spalte1" == roles_of(opened_table(pa.table({"Spalte1": ["E11.9"]})), is_code=is_code).codes[0]


@pytest.mark.parametrize("name", ["claims.xlsx", "claims.data"])
def test_a_workbook_is_known_wherever_its_types_are(tmp_path: Path, name: str) -> None:
    """The member that makes a zip archive a workbook may be the last, as openpyxl and pandas write it."""
    rows = [[f"claim {number * 7919 % 10_007}", "E11.9"] for number in range(5_000)]
    data = workbook([["claim", "dx"], *rows], types_last=True)
    assert b"[Content_Types].xml" not in data[:4096]
    (tmp_path / name).write_bytes(data)

    table = opened_table(tmp_path / name)
    assert ("workbook", 5_000) == (table.form, sum(batch.num_rows for batch in table.batches(["dx"])))
    [file] = readable_files(tmp_path / name)
    assert name == getattr(file, "name", None)


SHEETS = {
    "Notes": [["written", "by"], ["2024-01-01", "somebody"]],
    "Claims": [["id", "dx"], ["1", "E11.9"]],
    "Empty": [],
    "Words": [["code", "meaning"], ["Y", "yes"]],
}


def test_the_sheet_with_the_codes_is_read(tmp_path: Path) -> None:
    """By its content where it is known what a code is, else by names of columns; labels and a warning name the sheet."""
    path = tmp_path / "claims.xlsx"
    path.write_bytes(workbook(sheets=SHEETS))
    table = opened_table(path, is_code="E11.9".__eq__)
    assert ("claims.xlsx, sheet Claims", "Claims", ("id", "dx")) == (table.label, table.sheet, table.names)
    assert ("claims.xlsx: sheet 'Claims' is read, not 'Notes' or 'Words'",) == table.warnings
    assert "Claims" == opened_table(path, columns=["dx"]).sheet
    assert "Notes" == opened_table(path, sheet="Notes").sheet


def test_several_sheets_with_codes_are_an_error(tmp_path: Path) -> None:
    """It names them, and the option; so does one on a sheet that is not there."""
    path = tmp_path / "claims.xlsx"
    path.write_bytes(workbook(sheets=SHEETS))
    with pytest.raises(
        ReleaseFormatError, match="sheets 'Claims' and 'Words' may hold the codes: name one with --sheet"
    ):
        opened_table(path)
    with pytest.raises(ReleaseFormatError, match=r"no sheet 'claim' \(it has Notes, Claims, Words\); check --sheet"):
        opened_table(path, sheet="claim")


def test_numbers_are_marked(tmp_path: Path) -> None:
    """Cells that were numbers say so, in a sheet each by itself."""
    (tmp_path / "a.xlsx").write_bytes(workbook([["dx", "x"], [250, "a"], ["V10.3", "b"], ["250", "c"]]))
    [*rows] = opened_table(tmp_path / "a.xlsx").rows(["dx"])
    assert [(2, "250", True), (3, "V10.3", False), (4, "250", False)] == [
        (line, cell.text, cell.is_number) for line, row in rows if (cell := cell_of(row["dx"] or ""))
    ]

    floats = opened_table(pa.table({"dx": [38.9, 250.0, None, float("nan")]}))
    cells = cells_of_column(next(iter(floats.batches(["dx"])))["dx"], "dx", "a").to_pylist()
    assert [("38.9", True), ("250", True), None, None] == [
        text and (cell_of(text).text, cell_of(text).has_decimals) for text in cells
    ]


@pytest.mark.parametrize("text", ["dx,day", "dx,day\n", "# from the warehouse\ndx,day"])
def test_a_header_alone_is_a_table_without_rows(tmp_path: Path, text: str) -> None:
    """A table of which a query found no row is a table, with or without an end of its only line."""
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    table = opened_table(tmp_path / "a.csv")

    assert ([], {}) == ([*table.rows(["dx"])], {name: texts for name, texts in table.sample().items() if texts})


def test_numbers_of_any_type_are_the_same_numbers() -> None:
    """A column of short floats or of decimals with two places has 401.9, no noise and no zeros of its own."""
    decimals = pa.array([Decimal("401.90"), Decimal("250.00"), None])
    for column in (decimals, *(pa.array([401.9, 250.0, None], kind) for kind in (pa.float32(), pa.float64()))):
        texts = cells_of_column(column, "dx", "a").to_pylist()
        assert ["401.9", "250", None] == [text and cell_of(text).text for text in texts]
        assert all(text is None or cell_of(text).is_number for text in texts)


def test_files_are_read_in_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more rows than a batch holds are in memory at once."""
    monkeypatch.setattr(opening, "BATCH_ROWS", 100)
    pq.write_table(pa.table({"dx": ["M54.5"] * 1050}), tmp_path / "a.parquet")

    sizes = [batch.num_rows for batch in opened_table(tmp_path / "a.parquet").batches(["dx"])]
    assert (1050, 100) == (sum(sizes), max(sizes))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PAR1 cut short", "cannot be read"),
        (b"", "expected a header"),
        (b"dx,day\0\n1,\0\0\0\n", "NUL byte"),
        (b"PK\x03\x04 an archive", "unpack it"),
        (b"ARROW1\0\0 cut short", "cannot be read"),
        (b"PK\x03\x04 [Content_Types].xml", "cut off"),
        (b"\xd0\xcf\x11\xe0 cut short", "damaged workbook"),
        ("dx\nE11.9\n".encode("utf-16")[:-1], "is the file whole"),
    ],
)
def test_what_is_no_table(tmp_path: Path, data: bytes, said: str) -> None:
    """A damaged file is an error that names it."""
    (tmp_path / "a.csv").write_bytes(data)
    with pytest.raises(ReleaseFormatError, match=rf"a\.csv.*{said}"):
        CodeList.read(tmp_path / "a.csv", "icd10cm")


# ---- which column holds what


@pytest.mark.parametrize(
    "name",
    [
        "code",
        "DX",
        "icd10",
        "ICD-10-CM Code",
        "diagnosis_code",
        "concept_code",
        "dx1",
        "HCPCS_CD",
        "ICD9_DGNS_CD_1",
        "dx_1_code",
    ],
)
def test_a_column_of_codes_is_known_by_its_name(name: str) -> None:
    """Names in use are known in any case and with any marks."""
    found = roles_of(opened_table(pa.table({"a": ["x"], name: ["y"], "zip_code": ["z"]})))
    assert ((name,), "name", ("a", "zip_code")) == (found.codes, found.how, found.ignored)


def test_content_decides_between_names() -> None:
    """Of two columns whose names fit, the one that holds codes is taken."""
    table = opened_table(pa.table({"diagnosis": ["Diabetes"], "dx": ["E11.9"]}))
    assert (("dx",), "name") == ((found := roles_of(table, is_code="E11.9".__eq__)).codes, found.how)


@pytest.mark.parametrize("names", [("dx1", "dx2"), ("a", "b")])
def test_nothing_is_guessed(names: tuple[str, str]) -> None:
    """Two columns that are as likely are an error that lists them."""
    table = opened_table(pa.table({name: ["E11.9"] for name in names}))
    with pytest.raises(ReleaseFormatError, match=f"{names[0]} or {names[1]} may hold the codes.*--code-column"):
        roles_of(table, is_code="E11.9".__eq__)


NUMBERED = {
    "id": ["a", "b", "c"],
    "dx1": ["E11.9"] * 3,
    "dx2": ["?", "E11.9", "?!"],
    "dx3": [None] * 3,
    "px1": ["y"] * 3,
}


def test_numbered_columns_belong_together() -> None:
    """Where one of them holds codes, all are found, also one that is empty or damaged; none is picked silently."""
    table = opened_table(pa.table(NUMBERED))
    found = roles_of(table, is_code="E11.9".__eq__, numbered=True)
    assert "codes in dx1, dx2, dx3 (by name); ignored: id, px1" == found.sentence
    with pytest.raises(ReleaseFormatError, match="dx1 or dx2 or dx3 may hold the codes: name the column"):
        roles_of(table, is_code="E11.9".__eq__)


def test_columns_of_codes_with_other_names_are_named_by_people() -> None:
    """Of a sound and a messier column with different names none is picked."""
    table = opened_table(pa.table({"admit_dx": ["E11.9", "?", "?!"], "primary_dx": ["E11.9"] * 3}))
    with pytest.raises(
        ReleaseFormatError, match="name those to judge, as --code-column admit_dx --code-column primary_dx"
    ):
        roles_of(table, is_code="E11.9".__eq__, numbered=True)


def test_a_table_without_codes_lists_its_columns() -> None:
    """Where no column is one of codes, the error says which there are."""
    with pytest.raises(ReleaseFormatError, match=r"no column of codes .* \(it has a, b\)"):
        roles_of(opened_table(pa.table({"a": ["x"], "b": ["y"]})))


def test_a_column_of_systems_names_systems() -> None:
    """A column called system that holds something else is none."""
    for name, value, found in (
        ("vocabulary_id", "ICD10CM", True),
        ("system", "Epic", False),
        ("codeSystem", "SNOMED", True),
    ):
        assert (name if found else None) == system_column(opened_table(pa.table({"code": ["x"], name: [value]})))


@pytest.mark.parametrize("text", ["claim,dx\r1,E11.9\r2,M54.5\r", "#of 1999\rclaim;dx\r1;E11.9\r\r2;M54.5"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_lines_that_end_with_a_carriage_return_alone(tmp_path: Path, text: str, encoding: str) -> None:
    """The header is one line and each row another, as old programs wrote them."""
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))
    table = opened_table(path)
    assert table.names == ("claim", "dx")
    assert next(table.rows(["dx"])) == (table.first_line, {"dx": "E11.9"})
    assert [row["dx"] for _, row in table.rows(["dx"])] == ["E11.9", "M54.5"]
    assert [row["dx"] for _, row in text_table(text, "a.csv").rows(["dx"])] == ["E11.9", "M54.5"]


def test_a_quotation_mark_that_takes_lines_with_carriage_returns_is_an_error(tmp_path: Path) -> None:
    """As it is where lines end as they mostly do."""
    path = tmp_path / "a.csv"
    path.write_bytes(b'dx\r"E11.9\rM54.5\r')
    table = opened_table(path)
    with pytest.raises(ReleaseFormatError, match="a quotation mark is not closed"):
        list(table.batches(["dx"]))
