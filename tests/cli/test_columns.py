"""columns: files in, files out."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import terminology
from terminology import Terminology
from terminology.columns import files, opened_table, opening
from terminology.columns.encoding import encoded_as

from ..release_files import workbook
from .conftest import Ask

CLAIMS = "claim,dx,service\n1,M54.5,2021-09-30\n2,m545,2021-10-01\n3,W21.89A,2022-01-05\n4,,2022-01-05\n"
STATUSES = ["billable", "header", "unknown", "malformed"]


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """Return a file of claims."""
    path = tmp_path / "claims.csv"
    path.write_text(CLAIMS, encoding="utf-8")
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow"])
def test_a_file_is_validated(ask: Ask, claims: Path, ending: str) -> None:
    """The rows are written with their statuses, in the form of the file's name, and counted."""
    out = claims.with_name(f"out.{ending}")
    found = ask(
        "columns validate",
        str(claims),
        str(out),
        *["--system", "icd10cm", "--on-column", "service", "--add", "suggestion", "--json"],
    )
    assert found.code == 0
    assert found.json["statuses"] == dict.fromkeys(STATUSES, 1)
    assert (found.json["rows"], found.json["column"], found.json["columns"]["day"]) == (4, "dx", "service")
    if ending == "parquet":
        table = pq.read_table(out)
    elif ending == "arrow":
        with pa.ipc.open_file(out) as file:
            table = file.read_all()
    else:
        rows = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()]
        assert [row[3].strip('"') for row in rows[1:]] == STATUSES
        assert rows[3][-1] == '"W21.89XA"'
        return
    assert table.column("dx_status").to_pylist() == STATUSES
    assert table.column("claim").to_pylist() == ["1", "2", "3", "4"]


def test_parquet_holds_the_types_of_the_table(ask: Ask, tmp_path: Path) -> None:
    """Columns that are written as dictionaries are columns of texts, and all that is said of others is kept."""
    source, out = tmp_path / "claims.parquet", tmp_path / "out.parquet"
    zone = pa.timestamp("ms", "Europe/Berlin")
    columns = {"dx": ["M54.5"] * 999 + ["E11.9"], "at": pa.array([1_600_000_000_000] * 1000, zone)}
    table = pa.table({**columns, "note": pa.array(["a"] * 1000, pa.large_string())})
    pq.write_table(table.replace_schema_metadata({"owner": "us"}), source)
    ask("columns validate", str(source), str(out), *["--system", "icd10cm", "--on", "2021-03-01", "--add", "reason"])
    found = pq.read_table(out)
    assert pq.read_table(source).equals(found.select(["dx", "at", "note"]), check_metadata=True)
    added = [pa.string(), pa.string(), pa.bool_(), pa.date32(), pa.date32(), pa.string()]
    assert added == [field.type for field in found.schema][3:]
    assert {"M54.5": 999, "E11.9": 1} == {
        item["values"]: item["counts"] for item in found.column("dx_code").value_counts().to_pylist()
    }


def test_rows_in_many_parts_are_written_in_order(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Terminology
) -> None:
    """Rows that are answered while others are written come out as they went in; whatever the file's dictionaries are."""
    monkeypatch.setattr(files, "TOGETHER", 100)
    monkeypatch.setattr(files, "WRITTEN_TOGETHER", 300)
    monkeypatch.setattr(opening, "BATCH_ROWS", 30)
    codes = [*store["icd10cm"].latest, "?", None]
    table = pa.table({"dx": pa.array([codes[n * 7 % len(codes)] for n in range(1050)], pa.string())})
    expected = terminology.validate(table, system="icd10cm", store=store)
    for form in ("parquet", "arrow", "csv"):
        for use_dictionary in (True, False):
            pq.write_table(table, tmp_path / "a.parquet", use_dictionary=use_dictionary)
            out = tmp_path / f"out.{form}"
            ask("columns validate", str(tmp_path / "a.parquet"), str(out), *["--system", "icd10cm"])
            found = opened_table(out)
            rows = [row for batch in found.batches(["dx", "dx_status"]) for row in batch.to_pylist()]
            assert expected.select(["dx", "dx_status"]).to_pylist() == rows
            if form == "parquet":
                # as many together as are to be written at once
                assert pq.ParquetFile(out).metadata.num_row_groups == 3


def test_wide_rows_are_written_in_smaller_parts(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits to be written is bounded by its bytes, not by its rows alone."""
    monkeypatch.setattr(files, "TOGETHER", 100)
    monkeypatch.setattr(files, "MOST_WRITTEN_BYTES", 100_000)
    monkeypatch.setattr(opening, "BATCH_ROWS", 100)
    source, out = tmp_path / "a.parquet", tmp_path / "out.parquet"
    table = pa.table({"dx": ["E11.9"] * 1000, "note": [f"{n:0500}" for n in range(1000)]})
    pq.write_table(table, source, use_dictionary=False)
    ask("columns validate", str(source), str(out), *["--system", "icd10cm", "--code-column", "dx"])
    assert pq.ParquetFile(out).metadata.num_row_groups == 5
    assert pq.read_table(out).column("note").to_pylist() == table.column("note").to_pylist()


@pytest.mark.parametrize(
    ("texts", "is_encoded"),
    [
        (["M54.5", "E11.9"] * 4, True),
        ([*["M54.5"] * 8, "m545", None], True),
        ([*["M54.5"] * 8, "?", "E11.9 "], True),
        (["m545", "e119", "M54.5", None], False),
        ([None, None], False),
        ([], True),
    ],
)
def test_texts_have_the_dictionary_of_their_codes(
    store: Terminology,
    texts: list[str | None],
    is_encoded: bool,  # noqa: FBT001 -- of a test
) -> None:
    """Where most are written as the codes are; they stay the texts that they were."""
    table = pa.table({"id": range(len(texts)), "dx": pa.array(texts, pa.string())})
    answered = terminology.validate(table, system="icd10cm", store=store)
    found = encoded_as(answered, "dx", "dx_code")
    assert pa.types.is_dictionary(found.schema.field("dx").type) == is_encoded
    assert found.column("dx").to_pylist() == texts
    assert found.drop_columns("dx").equals(answered.drop_columns("dx"))


KILLED = """
import pathlib, sys, time
import pyarrow as pa
from terminology.columns.files import write_tables

def tables():
    yield pa.table({"dx": ["E11.9"] * 1000})
    print("begun", flush=True)
    time.sleep(60)

write_tables(pathlib.Path(sys.argv[1]), tables())
"""


def test_what_a_killed_command_left_is_removed_by_the_next(ask: Ask, claims: Path) -> None:
    """Its half file goes when the same file is written again; a half file of another stays."""
    out, other = claims.with_name("out.csv"), claims.with_name("other.csv")
    for path in (out, other):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"begun\n"
            process.kill()
    halves = sorted(path.name for path in claims.parent.glob(".*.tmp"))
    assert [name.split(".")[1] for name in halves] == ["other", "out"]
    ask("columns validate", str(claims), str(out), *["--system", "icd10cm", "--on-column", "service"])
    assert [path.name for path in claims.parent.glob(".*.tmp")] == halves[:1]
    assert out.exists()


def test_an_error_while_rows_are_answered_beside_is_an_error(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is damaged behind its first rows ends the command, and nothing is written."""
    monkeypatch.setattr(files, "TOGETHER", 10)
    source, out = tmp_path / "a.parquet", tmp_path / "out.csv"
    rows = pa.table({"dx": [f"{n:05}{'x' * 50}" for n in range(1000)]})
    pq.write_table(rows, source, row_group_size=100, use_dictionary=False, compression="none")
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20_000] = b"\xff" * 20_000
    source.write_bytes(data)
    found = ask("columns validate", str(source), str(out), *["--system", "icd10cm", "--code-column", "dx"])
    assert found.code == 2
    assert "cannot be read" in found.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_a_workbook_is_validated(ask: Ask, tmp_path: Path) -> None:
    """Its numbers are written as they are shown."""
    source, out = tmp_path / "claims.xlsx", tmp_path / "out.csv"
    source.write_bytes(workbook([["dx", "amount"], ["M54.5", 12], ["E11.9", 2.5]]))
    found = ask("columns validate", str(source), str(out), *["--system", "icd10cm", "--on", "2021-09-30"])
    assert "billable     2" in found.out
    assert [line.split(",")[1] for line in out.read_text(encoding="utf-8").splitlines()[1:]] == ['"12"', '"2.5"']


def test_a_file_is_migrated(ask: Ask, claims: Path) -> None:
    """Each row from its own day; alternatives are between bars, and outcomes are counted."""
    out = claims.with_name("out.csv")
    found = ask(
        "columns migrate",
        str(claims),
        str(out),
        "--system",
        "icd10cm",
        "--on-column",
        "service",
        "--to",
        "2022",
        "--json",
    )
    assert found.json["outcomes"] == {"mapped": 2, "unknown": 2}
    rows = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()]
    assert rows[1][-1] == '"M54.50 | M54.51 | M54.59"'
    assert rows[2][-1] == '"M54.5"'


def test_a_file_is_translated(ask: Ask, tmp_path: Path) -> None:
    """Codes that are used together are joined by plus signs; exploded they have a row each."""
    source, out = tmp_path / "old.csv", tmp_path / "new.csv"
    source.write_text("dx\nA02.1\n", encoding="utf-8")
    line = ["columns translate", str(source), str(out), "--from", "icd10cm", "--to", "icd9cm"]
    assert "mapped      1" in ask(*line).out
    assert out.read_text(encoding="utf-8").splitlines()[1] == '"A02.1","mapped","003.1 + 995.91"'
    assert f"written: {out}, 2 rows" in ask(*line, "--explode").out


def test_a_file_is_annotated(ask: Ask, claims: Path) -> None:
    """Title and chapter by default, of codes in force on their day; what is asked for otherwise."""
    out = claims.with_name("out.parquet")
    line = ["columns annotate", str(claims), str(out), *["--system", "icd10cm", "--on-column", "service"]]
    found = ask(*line, "--json").json
    assert (4, "dx", "service") == (found["rows"], found["column"], found["columns"]["day"])
    table = pq.read_table(out)
    assert [("Low back pain", "13"), ("Low back pain", "13"), (None, None), (None, None)] == [
        (row["dx_title"], row["dx_chapter"]) for row in table.to_pylist()
    ]
    assert "codes in dx (by name); days in service" in ask(*line, "--add", "kind").out
    assert pq.read_table(out).column_names == ["claim", "dx", "service", "dx_kind"]


def test_texts_of_a_licensed_system_are_left_out(ask: Ask, tmp_path: Path) -> None:
    """Without a declared licence there is no column of texts, and a note says why; codes and days are facts."""
    source, out = tmp_path / "lines.csv", tmp_path / "out.csv"
    source.write_text("code\n99990\n", encoding="utf-8")
    for command, columns in (("annotate", ["code", "code_kind"]), ("validate", None)):
        added = ["--add", "title", *(["--add", "kind"] if columns else ["--add", "reason"])]
        found = ask(f"columns {command}", str(source), str(out), "--system", "cpt", *added)
        assert found.code == 0
        assert "texts of CPT are withheld" in found.err
        names = [name.strip('"') for name in out.read_text(encoding="utf-8").splitlines()[0].split(",")]
        assert names == columns or "code_title" not in names


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_compressed_files_in_and_out(ask: Ask, claims: Path, ending: str) -> None:
    """What is written compressed is read again as it was."""
    out, again = claims.with_name(f"out.csv.{ending}"), claims.with_name("again.csv")
    ask("columns annotate", str(claims), str(out), *["--system", "icd10cm", "--on-column", "service"])
    assert b"M54.5" not in out.read_bytes()
    ask(
        "columns validate",
        str(out),
        str(again),
        *["--system", "icd10cm", "--on-column", "service", "--code-column", "dx"],
    )
    [header, first, *others] = again.read_text(encoding="utf-8").splitlines()
    assert header.startswith('"claim","dx","service","dx_title","dx_chapter","dx_status"')
    assert first.startswith('"1","M54.5","2021-09-30","Low back pain","13","billable"')
    assert 3 == len(others)


def test_standard_input_and_output(sample_store: Path) -> None:
    """A minus is either; rows go out as CSV, what is said of them to standard error."""
    line = [
        sys.executable,
        "-m",
        "terminology",
        "columns",
        "validate",
        "-",
        "-",
        "--system",
        "icd10cm",
        "--on-column",
        "service",
    ]
    done = subprocess.run(
        [*line, "--store", str(sample_store)], input=CLAIMS, capture_output=True, text=True, check=False
    )
    assert 0 == done.returncode
    assert STATUSES == [row["dx_status"] for row in csv.DictReader(done.stdout.splitlines())]
    assert ["codes in dx (by name); days in service; ignored: claim", "written: -, 4 rows"] == [
        done.stderr.splitlines()[0],
        done.stderr.splitlines()[-1],
    ]


def test_what_is_written_is_whole_or_not_there(ask: Ask, claims: Path) -> None:
    """A column that is missing is an error before anything is written."""
    out = claims.with_name("out.csv")
    found = ask("columns validate", str(claims), str(out), *["--system", "icd10cm", "--code-column", "dxx"])
    assert found.code == 2
    assert "has no column 'dxx' (it has claim, dx, service)" in found.err
    assert [path.name for path in claims.parent.iterdir()] == ["claims.csv"]


def test_titles_of_a_licensed_system_stay(ask: Ask, claims: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a declared licence the column of titles is left out."""
    monkeypatch.delenv("TERMINOLOGY_LICENCES", raising=False)
    out = claims.with_name("out.csv")
    ask("columns validate", str(claims), str(out), *["--system", "icd10gm", "--code-column", "dx", "--add", "title"])
    assert "dx_title" not in out.read_text(encoding="utf-8").splitlines()[0]


def test_a_profile_is_printed_and_written(ask: Ask, claims: Path, tmp_path: Path) -> None:
    """What to do on the terminal, all of it in a table, and a page; the JSON has the numbers."""
    out, page = tmp_path / "todo.csv", tmp_path / "report.html"
    options = ["--system", "icd10cm", "--on-column", "service", "--html", str(page)]
    found = ask("columns profile", str(claims), str(out), *options)
    assert found.code == 0
    assert "take the code that it was meant for" in found.out
    assert "W21.89XA" in found.out
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert {row["text"]: (row["action"], row["instead"]) for row in rows} == {
        "M54.5": ("specify", "M54.50 | M54.51 | M54.59"),
        "W21.89A": ("repair", "W21.89XA"),
    }
    assert "claims.csv, column dx" in page.read_text(encoding="utf-8")
    as_json = ask("columns profile", str(claims), *options, "--json").json
    assert as_json["statuses"] == {"billable": 1, "header": 1, "unknown": 1, "empty": 1}
    assert as_json["written"] == [str(page)]


def test_the_column_of_a_profile_is_found(ask: Ask, claims: Path) -> None:
    """And the system that its codes are of."""
    found = ask("columns profile", str(claims), "--on-column", "service", "--json").json
    assert (found["column"], [one["system"] for one in found["systems"]]) == ("dx", ["icd10cm"])


def test_no_formula_in_the_table_of_a_profile(ask: Ask, tmp_path: Path) -> None:
    """A text of the column that a spreadsheet would run has an apostrophe; in Parquet it is as it is."""
    source, out, plain = tmp_path / "claims.csv", tmp_path / "out.csv", tmp_path / "out.parquet"
    source.write_text("dx\nE11.9\n=1+1\n", encoding="utf-8")
    for path in (out, plain):
        assert ask("columns profile", str(source), str(path), "--system", "icd10cm").code == 0
    assert "'=1+1" in out.read_text(encoding="utf-8")
    assert pq.read_table(plain).column("text").to_pylist() == ["=1+1"]


def test_the_table_of_a_profile_goes_to_standard_output(ask: Ask, claims: Path) -> None:
    """Alone: what else is said goes to standard error."""
    found = ask("columns profile", str(claims), "-", "--system", "icd10cm", "--on-column", "service")
    assert found.out.splitlines()[0].startswith('"system","text"')
    assert len(found.out.splitlines()) == 3
    assert "billable 1" in found.err


@pytest.mark.parametrize(
    ("command", "column", "expected"),
    [
        ("validate --on-column day", "dx_status", ["billable", "header", "uncovered"]),
        ("annotate --on-column day", "dx_title", ["Low back pain", "Low back pain", ""]),
        ("migrate --on-column day", "dx_outcome", ["mapped", "mapped", "unknown"]),
    ],
)
def test_days_are_read_as_the_command_says(
    ask: Ask, tmp_path: Path, command: str, column: str, expected: list[str]
) -> None:
    """In the form that it found, or that it is given; what is no day is counted in a warning."""
    source, out = tmp_path / "claims.csv", tmp_path / "out.csv"
    for rows, more in (("09/30/2021\nM54.5,12/31/2021", ()), ("09/10/2021\nM54.5,10/11/2021", ("%m/%d/%Y",))):
        source.write_text(f"dx,day\nM54.5,{rows}\nM54.5,soon\n", encoding="utf-8")
        options = ["--system", "icd10cm", *(["--date-format", *more] if more else [])]
        found = ask(f"columns {command}", str(source), str(out), *options)
        assert found.code == 0
        assert "as %m/%d/%Y" in found.out
        assert "1 row has no day that can be read in column 'day'" in found.err
        written = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
        assert [row[column] for row in written] == expected


@pytest.mark.parametrize("command", ["validate", "annotate", "migrate --from 2021", "profile"])
def test_a_file_that_is_read_is_not_written(ask: Ask, claims: Path, command: str) -> None:
    """Its rows would be lost."""
    found = ask(f"columns {command}", str(claims), str(claims), "--system", "icd10cm")
    assert (found.code, claims.read_text(encoding="utf-8")) == (2, CLAIMS)
    assert "is read, and would be overwritten" in found.err


def test_a_migration_says_where_to_and_what_is_to_be_decided(ask: Ask, claims: Path, tmp_path: Path) -> None:
    """The release that was not named, and the rows with several alternatives."""
    arguments = ["columns migrate --system icd10cm --on-column service", str(claims), str(tmp_path / "out.csv")]
    found = ask(*arguments)
    assert "migrated to ICD-10-CM 2022-04" in found.out
    assert "1 row has several alternatives; --policy first takes one" in found.out
    as_json = ask(*arguments, "--json").json
    assert (as_json["release"], as_json["several_alternatives"]) == ("2022-04", 1)


EMPTY = {"csv": b"dx,day\n", "parquet": None}


@pytest.mark.parametrize("command", ["validate", "annotate", "migrate --from 2021", "profile"])
@pytest.mark.parametrize("form", EMPTY)
def test_a_file_without_rows(ask: Ask, tmp_path: Path, command: str, form: str) -> None:
    """It has an answer without rows."""
    source, out = tmp_path / f"claims.{form}", tmp_path / "out.csv"
    if form == "csv":
        source.write_bytes(EMPTY[form] or b"")
    else:
        pq.write_table(pa.table({"dx": pa.array([], pa.string()), "day": pa.array([], pa.date32())}), source)
    found = ask(f"columns {command} --system icd10cm --code-column dx", str(source), str(out))
    assert (found.code, len(out.read_text(encoding="utf-8").splitlines())) == (0, 1)


def test_what_csv_does_not_have_is_written_as_text(ask: Ask, tmp_path: Path) -> None:
    """Nested columns as JSON, bytes as UTF-8: the rows keep all that they have."""
    source, out = tmp_path / "claims.parquet", tmp_path / "out.csv"
    table = pa.table(
        {
            "dx": ["E11.9", "M54.5"],
            "numbers": [[1, None], None],
            "texts": [["a", None], []],
            "record": [{"a": 1}, None],
            "pairs": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int32())),
            "bytes": [b"caf\xc3\xa9", b"\xff"],
        }
    )
    pq.write_table(table, source)
    assert ask("columns validate --system icd10cm --code-column dx", str(source), str(out)).code == 0
    first, second = csv.DictReader(out.read_text(encoding="utf-8").splitlines())
    assert (first["numbers"], first["texts"], first["record"]) == ("[1, null]", "a + ", '{"a": 1}')
    assert (first["pairs"], first["bytes"], second["bytes"]) == ('[["k", 1]]', "café", "\ufffd")


@pytest.mark.parametrize("command", ["validate", "migrate --from 2021", "profile"])
def test_a_quotation_mark_that_is_not_closed(ask: Ask, tmp_path: Path, command: str) -> None:
    """It would take all rows below it for one cell: an error with its line, and nothing is written."""
    source, out = tmp_path / "claims.csv", tmp_path / "out.csv"
    rows = ["E11.9,short", 'E11.9,"6 ft tall', *["E11.9,short"] * 50]
    for more in ([], ['E11.9,"5 ft tall', "E11.9,short"]):
        source.write_text("\n".join(["dx,note", *rows, *more, ""]), encoding="utf-8")
        found = ask(f"columns {command} --system icd10cm --code-column dx", str(source), str(out))
        assert found.code == 2
        assert "claims.csv:3: a quotation mark is not closed" in found.err
        assert not out.exists()


def test_cells_of_several_lines(ask: Ask, tmp_path: Path) -> None:
    """They are cells, and a quotation mark within one is a character."""
    source, out = tmp_path / "claims.csv", tmp_path / "out.csv"
    source.write_text('dx,note\nE11.9,"two\nlines"\n\nM54.5,6" tall\n', encoding="utf-8")
    found = ask("columns validate --system icd10cm --code-column dx --json", str(source), str(out))
    assert found.json["rows"] == 2


STAYS = (
    "member,dx,day,poa\n"
    "a,E11.22,2022-03-01,Y\na,I50.22,2022-03-01,Y\nb,E11.9,2022-03-01,N\nb,E11.9,2010-03-01,N\nb,?,2022-03-01,N\n"
)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_comorbidities_of_persons(ask: Ask, tmp_path: Path, store: Terminology, ending: str) -> None:
    """A row a person is written, as the function answers; what was not judged is counted."""
    claims, out = tmp_path / "stays.csv", tmp_path / f"out.{ending}"
    claims.write_text(STAYS, encoding="utf-8")
    found = ask(
        "columns comorbidities",
        str(claims),
        str(out),
        *["--person-column", "member", "--on-column", "day", "--poa-column", "poa", "--json"],
    )
    assert found.code == 0
    assert (found.json["persons"], found.json["rows"], found.json["uncovered"], found.json["unread"]) == (2, 5, 1, 1)
    assert found.json["counts"]["DIAB_CX"] == 1
    rows = [line.split(",") for line in STAYS.splitlines()]
    table = {name: [row[place] for row in rows[1:]] for place, name in enumerate(rows[0])}
    made = terminology.comorbidities(table, person="member", code="dx", on="day", poa="poa", store=store)
    if ending == "parquet":
        assert pq.read_table(out).equals(made)
    else:
        with out.open(encoding="utf-8") as lines:
            assert [row["HF"] for row in csv.DictReader(lines)] == ["true", "false"]
    printed = ask(
        "columns comorbidities",
        str(claims),
        str(out),
        *["--person-column", "member", "--on-column", "day", "--index", "charlson"],
    )
    assert "2 persons, 5 rows; charlson quan-2005" in printed.out
    assert "CHF                1" in printed.out
