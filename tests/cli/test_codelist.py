"""codelist resolve, codelist migrate, impact."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import terminology
from terminology.codelists import CodeList

from ..release_files import workbook
from .conftest import Ask

BACK = "# back pain\nname: Back pain\nsystem: icd10cm\nrelease: 2021\n\nM54.5  Low back pain\nis-a E11\n"


@pytest.fixture
def back(tmp_path: Path) -> Path:
    """A list of 2021 of which one code became a header."""
    path = tmp_path / "back.txt"
    path.write_text(BACK, encoding="utf-8")
    return path


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """A list that stays as it is."""
    path = tmp_path / "diabetes.txt"
    path.write_text("system: icd10cm\nis-a E11\n", encoding="utf-8")
    return path


@pytest.fixture
def claims(tmp_path: Path) -> Path:
    """A table with codes of 2021."""
    path = tmp_path / "claims.parquet"
    table = pa.table({"dx": ["M54.5", "M54.5", "E11.9", "?"], "code": ["E11.9"] * 4, "day": ["2021-01-01"] * 4})
    pq.write_table(table, path)
    return path


# ---- resolve


def test_resolve_in_words(ask: Ask, back: Path) -> None:
    """Codes, status and titles stand in columns, then the counts; the head names the release."""
    found = ask("codelist resolve", back)

    assert (0, "") == (found.code, found.err)
    assert ["code    status    title", "E11     header    Type 2 diabetes mellitus"] == found.out.splitlines()[:2]
    assert "9 codes, 6 of them billable, from 2 entries (icd10cm 2021)" == found.out.splitlines()[-1]


def test_resolve_as_json(ask: Ask, back: Path) -> None:
    """The JSON has the codes, in the release that is asked for; --billable leaves headers out."""
    whole = ask("codelist resolve --on 2022-01-01 --json", back)
    billable = ask("codelist resolve --version 2022 --billable --json", back)

    assert (0, "2022", 9) == (whole.code, whole.json["version"], len(whole.json["codes"]))
    assert {"code": "M54.5", "title": "Low back pain", "billable": False} == whole.json["codes"][-1]
    assert [row for row in whole.json["codes"] if row["billable"]] == billable.json["codes"]


def test_resolve_writes_files(ask: Ask, back: Path, tmp_path: Path) -> None:
    """The codes go to the files in place of the screen, which has the counts; --billable counts there too."""
    table, page = tmp_path / "codes.csv", tmp_path / "codes.html"
    found = ask("codelist resolve --billable", back, "--csv", table, "--html", page)

    assert [
        "9 codes, 6 of them billable, from 2 entries (icd10cm 2021)",
        f"written: {table}",
        f"written: {page}",
    ] == found.out.splitlines()
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert (6, {"billable"}) == (len(rows), {row["status"] for row in rows})
    assert ("M54.5", "Low back pain", "M54.5", "6") == tuple(rows[-1][n] for n in ("code", "title", "entry", "line"))
    assert "Low back pain" in page.read_text(encoding="utf-8")


def test_resolve_what_is_not_there(ask: Ask, tmp_path: Path) -> None:
    """What is not in force and what includes nothing is listed with its line, and the exit code is 1."""
    path = tmp_path / "list.txt"
    path.write_bytes("A00.0  Choléra\nW21.89A\nA00.0\nQ*\n".encode("cp1252"))
    found = ask("codelist resolve --system ICD-10-CM --on 2022-01-01", path)

    assert 1 == found.code
    assert [
        "1 code, 1 of them billable, from 4 entries (icd10cm 2022)",
        "not in force: line 2, W21.89A: W21.89A is unknown; did you mean W21.89XA?",
        "includes nothing: line 4, Q*: no code fits Q*",
        "warning list.txt:1: not UTF-8, read as CP1252",
        "warning list.txt:3: A00.0 is on line 1 already",
    ] == found.out.splitlines()[2:]


@pytest.mark.parametrize(
    ("text", "options", "type_", "said"),
    [
        ("E11.9\n", "", "UsageError", "names no code system: give --system"),
        ("E11.9\n", "--system nosuch", "UnknownSystemError", "no code system 'nosuch'"),
        ("system: icd10cm\nE11-\n", "", "ReleaseFormatError", "write E11*"),
        ("system: icd10cm\nE11-\nis-a\n", "", "ReleaseFaults", "2 faults"),
        ("system: icd10cm\nE11\n", "--system hcpcs", "UsageError", "is a list of icd10cm, not of hcpcs"),
        ("system: icd10cm\nE11\n", "--on 2022-01-01 --version 2022", "UsageError", "exclude each other"),
        ("system: icd10cm\nE11\n", "--known 2022", "UsageError", "it needs --on"),
        ("system: icd10cm\nE11\n", "--version 1999", "UnknownReleaseError", "no release '1999'"),
        ("system: icd10cm\nE11\n", "--on soon", "InvalidDateError", "soon"),
    ],
)
def test_resolve_bad_input(  # noqa: PLR0917 -- pytest names them
    ask: Ask, tmp_path: Path, text: str, options: str, type_: str, said: str
) -> None:
    """Bad input is an error that says what is wrong, with exit code 2 and nothing on standard output."""
    path = tmp_path / "list.txt"
    path.write_text(text, encoding="utf-8")
    found = ask(f"codelist resolve --json {options}", path)

    assert (2, "") == (found.code, found.out)
    assert type_ == found.error["type"]
    assert said in found.error["message"]


def test_faults_are_all_shown(ask: Ask, tmp_path: Path) -> None:
    """Where a list has several faults, each is shown with its place."""
    path = tmp_path / "list.txt"
    path.write_text("system: icd10cm\nE11-\nis-a\n", encoding="utf-8")
    found = ask("codelist resolve", path)

    assert 2 == found.code
    assert "  list.txt:2:1: expected two codes around the dash" in found.err
    assert "  list.txt:3:5: expected a code after 'is-a', got nothing" in found.err
    assert [2, 3] == [fault["line"] for fault in ask("codelist resolve --json", path).error["faults"]]


def test_damaged_rows_are_shown(ask: Ask, tmp_path: Path) -> None:
    """A row that is no entry is counted and shown with its line; the rest is resolved, and the exit code is 1."""
    path = tmp_path / "list.txt"
    path.write_text("system: icd10cm\nE11.9\nE11.8 unspecified\n", encoding="utf-8")
    found = ask("codelist resolve --version 2022", path)

    assert 1 == found.code
    assert "1 code, 1 of them billable, from 1 entry and 1 damaged row (icd10cm 2022)" in found.out.splitlines()
    assert "damaged: line 3, E11.8 unspecified: expected a code of icd10cm, got 'E11.8 unspecified'" in found.out
    assert "did you mean E11.8?" in found.out
    assert [3] == [row["line"] for row in ask("codelist resolve --json", path).json["damaged"]]
    migrated = ask("codelist migrate --from 2021 --to 2022", path)
    assert (1, True) == (migrated.code, "1 entry and 1 damaged row: 1 unchanged" in migrated.out)


@pytest.mark.parametrize("command", ["codelist resolve", "codelist migrate", "impact --from 2021"])
def test_a_file_that_is_not_there(ask: Ask, tmp_path: Path, command: str) -> None:
    """A file that does not exist is bad input."""
    found = ask(f"{command} --system icd10cm", tmp_path / "none.txt")

    assert (2, "") == (found.code, found.out)
    assert "none.txt" in found.err


# ---- migrate


def test_migrate_in_words(ask: Ask, back: Path) -> None:
    """The counts, the entries that changed, and what is to decide; the head says from which release."""
    found = ask("codelist migrate --to 2022", back)

    assert 1 == found.code
    assert [
        "Back pain, icd10cm 2021 to 2022",
        "2 entries: 1 unchanged, 1 to header",
        "9 codes in 2021; as it is, the list has 9 in 2022",
        "",
        "entries (1)",
        "entry  result     in the proposal         added  removed",
        "M54.5  to header  M54.50, M54.51, M54.59      0        0",
        "",
        "to decide (1)",
        "line  code   kind       reason",
        "6     M54.5  to header  M54.5 is now a header of M54.50, M54.51, M54.59 since 2021-10-01",
    ] == found.out.splitlines()


def test_migrate_names_the_codes_that_enter_and_leave(ask: Ask, tmp_path: Path) -> None:
    """Added and removed codes are named; each entry that was not in force before has its row."""
    path = tmp_path / "list.txt"
    path.write_text("system: icd10cm\nM54.5*\nW21.89A\nA00.0\nW21.89A\n")
    lines = ask("codelist migrate --from 2021 --to 2022", path).out.splitlines()

    assert [
        "4 entries: 2 unchanged, 2 not in force in 2021",
        "2 codes in 2021; as it is, the list has 5 in 2022",
        "added (3): M54.50, M54.51, M54.59",
    ] == lines[1:4]
    assert ["3     W21.89A  absent", "5     W21.89A  absent"] == [line[:21].rstrip() for line in lines[-2:]]
    assert "removed (3): M54.50, M54.51, M54.59" in ask("codelist migrate --from 2022 --to 2021", path).out
    path.write_text("system: icd10cm\n*\n")
    [added] = [s for s in ask("codelist migrate --from 2021", path).out.splitlines() if s.startswith("added")]
    assert added.startswith("added (8): F32.A, M54.50, ")


def test_migrate_writes_files(ask: Ask, back: Path, tmp_path: Path) -> None:
    """The proposal, the CSV and the page are written, each whole; the proposal is a list."""
    files = [tmp_path / name for name in ("new.txt", "new.csv", "new.html")]
    found = ask("codelist migrate --to 2022", back, "--output", files[0], "--csv", files[1], "--html", files[2])

    assert [f"written: {file}" for file in files] == found.out.splitlines()[-3:]
    proposal = CodeList.read(files[0])
    assert ("2022", ["M54.50", "M54.51", "M54.59", "E11"]) == (
        proposal.head.release,
        [entry.code for entry in proposal.entries],
    )
    rows = list(csv.DictReader(files[1].read_text(encoding="utf-8").splitlines()))
    assert ["M54.50", "M54.51", "M54.59", ""] == [row["successor"] for row in rows]
    page = files[2].read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "was M54.5: a header since 2021-10-01" in page
    assert "src=" not in page


@pytest.mark.parametrize("ending", [".json", ".csv", ".txt", ""])
def test_a_proposal_is_written_in_the_form_of_its_name(ask: Ask, tmp_path: Path, ending: str) -> None:
    """JSON and CSV are what their names say; each form reads again with the same head, entries, labels and comments."""
    path, written = tmp_path / "back.txt", tmp_path / f"new{ending}"
    path.write_text("# release: mine\nsystem: icd10cm\nM54.5, E11.9\nE11-\nexcluding is-a E11.2  =kidney  # not\n")
    ask("codelist migrate --from 2021 --to 2022", path, "--output", written)
    proposal = CodeList.read(written)

    text = written.read_text(encoding="utf-8")
    assert {".json": "{", ".csv": "#"}.get(ending, "#") == text[0]
    assert {".csv": True}.get(ending, False) == ("entry,label,include,comment\n" in text)
    assert "review: E11-" in text
    assert ("back", "icd10cm", "2022") == (proposal.head.name, proposal.head.system, proposal.head.release)
    assert ["M54.50", "M54.51", "M54.59", "E11.9", "excluding is-a E11.2"] == [one.text for one in proposal.entries]
    assert ("Low back pain, unspecified", "was M54.5: a header since 2021-10-01") == (
        proposal.entries[0].label,
        proposal.entries[0].comment,
    )
    assert ("not", ()) == (proposal.entries[-1].comment, proposal.damaged)


def test_rows_of_other_systems_stay_in_the_proposal(ask: Ask, tmp_path: Path) -> None:
    """They are comments of a text, and rows with their system of a CSV, which reads as the list of several that it was."""
    path, text, table = tmp_path / "both.csv", tmp_path / "new.txt", tmp_path / "new.csv"
    path.write_text("code,system,term,include\n250.00,ICD9CM,Diabetes,\nM54.5,ICD10CM,Pain,\nV10.3,ICD9CM,,no\n")
    for file in (text, table):
        found = ask("codelist migrate --system icd10cm --from 2021 --to 2022", path, "--output", file)
        assert "in the proposal as they were: 2 rows of other code systems" in found.out.splitlines()

    assert ["# other system, ICD9CM: 250.00  Diabetes", "# other system, ICD9CM: V10.3  excluded"] == [
        line for line in text.read_text().splitlines() if line.startswith("#")
    ]
    rows = [line for line in table.read_text().splitlines() if not line.startswith("#")]
    assert "entry,label,include,comment,system" == rows[0]
    assert rows[1].startswith('M54.50,"Low back pain, unspecified",yes,was M54.5')
    assert ["250.00,Diabetes,,,ICD9CM", "V10.3,,no,,ICD9CM"] == rows[-2:]
    other = CodeList.read(table, "icd9cm")
    assert ["250.00", "excluding V10.3"] == [entry.text for entry in other.entries]
    assert {"icd10cm"} == {row.system for row in other.others}


def test_one_system_at_a_time(ask: Ask, back: Path) -> None:
    """A second system, and two in one option, are wrong usage that says so."""
    for options in ("--system icd10cm --system icd9cm", "--system icd10cm,icd9cm"):
        for command in ("codelist resolve", "codelist migrate", "impact --from 2021"):
            found = ask(f"{command} {options}", back)
            assert (2, "") == (found.code, found.out)
            assert "one code system at a time, got 2: repeat the command for each of icd10cm and icd9cm" in found.err


def test_files_that_are_not_written(ask: Ask, back: Path, tmp_path: Path) -> None:
    """The list itself, under any name, and a name of another form are wrong usage, and nothing is written."""
    (tmp_path / "link.txt").symlink_to(back)
    for option, name, said in [
        ("--output", "back.txt", "is read, and would be overwritten: name another file"),
        ("--output", "link.txt", "is read, and would be overwritten: name another file"),
        ("--output", "new.xlsx", "'--output': new.xlsx has the ending of Excel; written is text (FILE.txt) or CSV"),
        ("--csv", "new.xlsx", "written is CSV (FILE.csv)"),
        ("--html", "new.PDF", "new.PDF has the ending of PDF; written is HTML (FILE.html)"),
    ]:
        found = ask("codelist migrate --to 2022", back, option, tmp_path / name)
        assert (2, "", True) == (found.code, found.out, said in found.err), found.err
    assert BACK == back.read_text(encoding="utf-8")
    assert {"back.txt", "link.txt"} == {path.name for path in tmp_path.iterdir()}


def test_migrate_as_json(ask: Ask, sound: Path) -> None:
    """Nothing to decide is exit code 0; the JSON holds the proposal."""
    found = ask("codelist migrate --from 2021 --json", sound)

    assert (0, "2022-04", []) == (found.code, found.json["after"], found.json["review"])
    head = "system: icd10cm\nname: diabetes\nrelease: 2022-04\n"
    assert sound.read_text().replace("system: icd10cm\n", head) == found.json["proposal"]


def test_releases_are_named_by_fiscal_years_too(ask: Ask, sound: Path) -> None:
    """FY2022 is the release 2022, on the command line and in the head of a list."""
    sound.write_text("system: icd10cm\nrelease: FY2021\nis-a E11\n")
    found = ask("codelist migrate --to fy2022 --json", sound)
    assert ("2021", "2022") == (found.json["before"], found.json["after"])
    assert "2022" == ask("codelist resolve --version FY2022 --json", sound).json["version"]


def test_migrate_needs_a_release(ask: Ask, sound: Path, tmp_path: Path) -> None:
    """Without --from, the list has to say which loaded release it is right for."""
    assert "give --from" in ask("codelist migrate", sound).err
    path = tmp_path / "old.txt"
    path.write_text("system: icd10cm\non: 1999-01-01\nE11\n")
    assert (2, True) == ((found := ask("codelist migrate", path)).code, "give --from" in found.err)


def test_texts_of_a_licensed_system_stay_out_of_files(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_store: Path
) -> None:
    """Without a declared licence, titles of a licensed system are on the screen only."""
    path = tmp_path / "list.txt"
    path.write_text("system: cpt\n9999*\n")
    page, table = tmp_path / "a.html", tmp_path / "a.csv"
    title = terminology.open(sample_store)["cpt"].release("2025")["99991"].title

    ask("codelist migrate --from 2024 --to 2025", path, "--html", page, "--csv", table)
    assert title not in page.read_text() + table.read_text()
    assert "no licence for the texts" in page.read_text()

    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt")
    ask("codelist migrate --from 2024 --to 2025", path, "--html", page, "--csv", table)
    assert title in page.read_text()
    assert title in table.read_text()


# ---- impact


def test_impact_in_words(ask: Ask, back: Path, sound: Path, claims: Path) -> None:
    """Lists with their counts, then each column with its outcomes and affected codes."""
    found = ask("impact --from 2021 --to 2022 --code-column dx", back, sound, claims)

    assert 1 == found.code
    lines = found.out.splitlines()
    assert ["Back", "diabetes"] == [line.split()[0] for line in lines[1:3]]
    assert ("needs review" in lines[1], "unaffected" in lines[2]) == (True, True)
    assert [
        "claims.parquet, column dx",
        "codes in dx (as named); ignored: code, day",
        "4 rows, 2 codes, icd10cm 2021 to 2022",
        "",
        "broken by 2022: 2 rows (2 to header)",
        "broken before 2022 already: 1 row (1 malformed)",
        "no action: 1 row (1 unchanged)",
        "",
        "codes that 2022 breaks (1)",
        "code   rows  outcome    becomes                 title",
        "M54.5     2  to header  M54.50, M54.51, M54.59  Low back pain",
        "",
        "texts that are no codes (1)",
        "text  rows  kind     repair  why",
        "'?'      1  no code  -       '?' cannot be a code of ICD-10-CM",
    ] == lines[lines.index("claims.parquet, column dx") :]


def test_impact_writes_broken_rows(ask: Ask, tmp_path: Path) -> None:
    """--rows writes a line for each broken row, as CSV or Parquet, with ids of a column or the numbers of rows."""
    table = tmp_path / "claims.csv"
    table.write_text("claim,dx,day\n-7,M54.5,2021-11-01\n8,E11.9,2021-01-01\n=9,W21.89A,2021-01-01\n")
    line = "impact --system icd10cm --from 2021 --to 2022 --code-column dx --on-column day"
    found = ask(line, table, "--id-column", "claim", "--rows", tmp_path / "rows.csv")

    assert (1, f"written: {tmp_path / 'rows.csv'}") == (found.code, found.out.splitlines()[-1])
    assert [
        "table,column,id,day,code,title,verdict,outcome,replacement,candidates,why",
        (
            "claims.csv,dx,-7,2021-11-01,M54.5,Low back pain,broken_by_release,to_header,M54.50 | M54.51 | M54.59,3,"
            '"M54.5 is a header on 2021-11-01 (release 2022): in force, and not valid for submission"'
        ),
        (
            "claims.csv,dx,'=9,2021-01-01,W21.89A,,broken_before,not_in_force,W21.89XA,1,"
            "W21.89A is not in ICD-10-CM on 2021-01-01 (release 2021)"
        ),
    ] == (tmp_path / "rows.csv").read_text().splitlines()
    ask(line, table, "--rows", tmp_path / "rows.parquet")
    assert ["1", "3"] == pq.read_table(tmp_path / "rows.parquet")["id"].to_pylist()
    assert "check --id-column" in ask(line, table, "--id-column", "nosuch", "--rows", tmp_path / "rows.csv").err
    assert "no column 'dday' (it has claim, dx, day); check --on" in ask(line.replace("day", "dday"), table).err


def test_rows_that_were_right_on_their_day_are_apart(ask: Ask, tmp_path: Path) -> None:
    """They need nothing, and the exit code is 0; that the release ends their codes is said below what it breaks."""
    table, page = tmp_path / "claims.csv", tmp_path / "impact.html"
    table.write_text("dx,day\nM54.5,2021-01-01\nM54.5,2021-02-01\n")
    found = ask("impact --system icd10cm --from 2021 --to 2022 --on-column day", table, "--html", page)

    lines = found.out.splitlines()
    start = lines.index("broken by 2022: 0 rows")
    assert (0, "2 rows were right on their own day; 2022 ends their codes") == (found.code, lines[start + 1])
    assert [
        "codes that 2022 ends, of rows that were right (1)",
        "code   rows  outcome    becomes                 title",
        "M54.5     2  to header  M54.50, M54.51, M54.59  Low back pain",
    ] == lines[-4:-1]
    assert "2022 ends their codes: 2 rows" in page.read_text(encoding="utf-8")


def test_tables_of_one_name_are_told_apart(ask: Ask, tmp_path: Path) -> None:
    """Of two files with the same name the written rows name the path, so each row can be found again."""
    paths = [tmp_path / folder / "claims.csv" for folder in ("2020", "2021")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("dx\nM54.5\n")
    ask("impact --system icd10cm --from 2021 --to 2022", *paths, "--rows", tmp_path / "rows.csv")

    rows = (tmp_path / "rows.csv").read_text().splitlines()[1:]
    assert [str(path) for path in paths] == [row.partition(",")[0] for row in rows]


def test_the_totals_of_several_columns_come_first(ask: Ask, tmp_path: Path) -> None:
    """A line for each column; what was found in the table is said once."""
    table = tmp_path / "claims.csv"
    table.write_text("dx1,dx2,day\nM54.5,E11.9,2021-11-01\nM54.5,,2021-05-01\nM54,?,soon\n")
    found = ask("impact --system icd10cm --from 2021 --to 2022 --on-column day", table).out

    assert [
        "",
        "column  broken by release  codes end  broken before  not judged  no action",
        "dx1                     1          1              0           1          1",
        "dx2                     0          0              1           0          2",
        "",
        "claims.csv, column dx1",
        "codes in dx1, dx2 (by name); days in day",
    ] == found.splitlines()[:7]
    assert (1, 1) == (found.count("codes in dx1"), found.count("'soon' (1)"))


def test_a_workbook_of_several_sheets(ask: Ask, tmp_path: Path) -> None:
    """The only sheet with codes is read; of several, one is named, and its rows are those that are written."""
    table, rows = tmp_path / "claims.xlsx", tmp_path / "rows.csv"
    sheets = {"Notes": [["by"], ["x"]], "2023": [["dx"], ["E11.9"]], "2024": [["dx"], ["M54.5"]]}
    table.write_bytes(workbook(sheets={name: sheets[name] for name in ("Notes", "2024")}))
    line = "impact --system icd10cm --from 2021 --to 2022"
    assert "claims.xlsx, sheet 2024, column dx" in ask(line, table).out.splitlines()

    table.write_bytes(workbook(sheets=sheets))
    assert "sheets '2023' and '2024' may hold the codes: name one with --sheet" in ask(line, table).err
    assert 1 == ask(f"{line} --sheet 2024", table, "--rows", rows).code
    assert ["M54.5"] == [row["code"] for row in csv.DictReader(rows.read_text().splitlines())]
    (tmp_path / "claims.csv").write_text("dx\nM54.5\n")
    assert "check --sheet" in ask(f"{line} --sheet 2024", tmp_path / "claims.csv").err


def test_only_what_the_release_breaks_is_exit_code_1(ask: Ask, tmp_path: Path) -> None:
    """Rows that were wrong before already are reported, and are no reason to stop a release."""
    table = tmp_path / "claims.csv"
    table.write_text("dx\nW21.89A\n?\nM54\n")
    found = ask("impact --system icd10cm --from 2021 --to 2022 --json", table)

    assert (0, 0, 3) == (found.code, found.json["broken_by_release"], found.json["broken_before"])


def test_a_table_that_names_its_system_needs_no_option(ask: Ask, tmp_path: Path) -> None:
    """A column of one system is enough; several need --system, and the others are left out."""
    table = tmp_path / "claims.csv"
    table.write_text("id,code,system\n1,M54.5,ICD10CM\n")
    assert "icd10cm" == ask("impact --from 2021 --to 2022 --json", table).json["system"]

    table.write_text("id,code,system\n1,M54.5,ICD10CM\n2,250.00,ICD9CM\n")
    assert "icd10cm (1), icd9cm (1); name the one to read with --system" in ask("impact --from 2021", table).err
    [column] = ask("impact --from 2021 --to 2022 --system icd10cm --json", table).json["columns"]
    assert ({"ICD9CM": 1}, {"to_header": 1, "other_system": 1}) == (column["columns"]["left_out"], column["outcomes"])


def test_a_revised_title_is_shown(ask: Ask, tmp_path: Path) -> None:
    """Of a code that stays under another title the new title is shown, in the text and on the page."""
    table, page = tmp_path / "claims.csv", tmp_path / "impact.html"
    table.write_text("dx\nG71.20\n", encoding="utf-8")
    found = ask("impact --system icd10cm --from 2021 --to 2022 --code-column dx", table, "--html", page)

    assert "broken by 2022: 0 rows" in found.out.splitlines()
    assert (
        'G71.20     1  renamed  "Congenital myopathy, unspecified"  Congenital myopathy, unspecifed'
        in found.out.splitlines()
    )
    assert "Congenital myopathy, unspecified" in page.read_text(encoding="utf-8")


def test_impact_as_json(ask: Ask, sound: Path, claims: Path) -> None:
    """The JSON has lists and columns; several columns are read at once."""
    found = ask(
        "impact --from 2021 --to 2022 --code-column code --code-column dx --on-column day --json", sound, claims
    )

    assert (0, "icd10cm", "2021", "2022") == (found.code, *(found.json[key] for key in ("system", "before", "after")))
    assert [("diabetes", False)] == [(item["list"], item["broken"]) for item in found.json["lists"]]
    assert [("code", 0, 0), ("dx", 1, 2)] == [
        (item["column"], item["broken_rows"], item["ends_with_release"]) for item in found.json["columns"]
    ]


def test_impact_writes_files(ask: Ask, back: Path, claims: Path, tmp_path: Path) -> None:
    """The CSV has each affected code, the page all of it."""
    table, page = tmp_path / "impact.csv", tmp_path / "impact.html"
    ask("impact --from 2021 --to 2022 --code-column dx", back, claims, "--csv", table, "--html", page)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))

    found = {(row["source"], row["rows"]) for row in rows}
    assert [("Back pain", ""), ("claims.parquet", "1"), ("claims.parquet", "2")] == sorted(found)
    assert {"M54.50", "M54.51", "M54.59", ""} == {row["successor"] for row in rows}
    assert "rows of claims.parquet dx broken" in page.read_text(encoding="utf-8")
    assert [("?", "no_code", "broken_before")] == [
        (row["code"], row["kind"], row["verdict"]) for row in rows if row["outcome"] == "malformed"
    ]


def test_impact_on_a_csv(ask: Ask, tmp_path: Path) -> None:
    """A CSV file with the named column is a table, another one is a list; without affected rows the exit code is 0."""
    table, code_list = tmp_path / "claims.csv", tmp_path / "list.csv"
    table.write_text("dx\nE11.9\nG71.20\n")
    code_list.write_text("code\nE11.9\n")
    found = ask("impact --system icd10cm --from 2021 --to 2022 --code-column dx --json", table, code_list)

    assert (0, ["list"], ["dx"]) == (
        found.code,
        [item["list"] for item in found.json["lists"]],
        [item["column"] for item in found.json["columns"]],
    )


def test_a_mistyped_column_never_makes_a_list_of_a_table(ask: Ask, tmp_path: Path) -> None:
    """Whatever else the table is called and holds, the error names its columns, in every command that takes --code-column."""
    for name, text in [
        ("claims.csv", "dx,day\nE11.9,2021-01-01\n"),
        ("claims.txt", "code\tday\nE11.9\t2021-01-01\n"),
        ("list.csv", "code,title\nE11.9,Diabetes\n"),
    ]:
        path = tmp_path / name
        path.write_text(text)
        has = ", ".join(text.splitlines()[0].replace("\t", ",").split(","))
        for command in ("impact --from 2021", "codelist resolve", "codelist migrate --from 2021"):
            found = ask(f"{command} --system icd10cm --code-column dxx", path)
            assert (2, "") == (found.code, found.out)
            assert f"{name} has no column 'dxx' (it has {has}); check --code-column" in found.err


def test_resolve_a_table(ask: Ask, tmp_path: Path) -> None:
    """The column is found or named; the text and the JSON say which it was, and what was left out."""
    path = tmp_path / "concepts.txt"
    path.write_text("concept_id\tconcept_code\tvocabulary_id\n1\tV10.3\tICD9CM\n2\tE11.9\tICD10CM\n")
    found = ask("codelist resolve --system icd10cm", path)

    assert 0 == found.code
    assert [
        "E11.9  billable  Type 2 diabetes mellitus without complications",
        "1 code, 1 of them billable, from 1 entry (icd10cm 2022-04)",
        "concepts.txt: codes in concept_code (by name); systems in vocabulary_id; ignored: concept_id",
        "warning 1 row is of another system than icd10cm by column 'vocabulary_id', and left out: ICD9CM (1)",
    ] == found.out.splitlines()[1:]
    named = ask("codelist migrate --code-column concept_code --system icd10cm --from 2021 --json", path).json
    assert (["concept_code"], "option", {"ICD9CM": 1}) == tuple(
        named["columns"][key] for key in ("codes", "found_by", "left_out")
    )
    assert "--system" in ask("codelist resolve", path).err


def test_impact_bad_input(ask: Ask, back: Path, claims: Path, tmp_path: Path) -> None:
    """A table without a named column, without a system, and lists of two systems are wrong usage."""
    other = tmp_path / "other.txt"
    other.write_text("system: hcpcs\nJ1815\n")

    for paths, options, said in [
        (
            [claims],
            "--system icd10cm",
            "dx or code may hold the codes: name those to judge, as --code-column dx --code-column code",
        ),
        ([claims], "--code-column dx", "a table does not name its code system"),
        (
            [claims],
            "--code-column nosuch --system icd10cm",
            "claims.parquet has no column 'nosuch' (it has dx, code, day); check --code-column",
        ),
        ([back, other], "", "lists of hcpcs and icd10cm"),
    ]:
        found = ask(f"impact --from 2021 --to 2022 {options}", *paths)
        assert (2, "", True) == (found.code, found.out, said in found.err)


def test_impact_on_a_table_whose_column_is_found(ask: Ask, tmp_path: Path) -> None:
    """A table of any ending needs no --code-column where one column holds codes, by its name or its content."""
    for name, text in [
        ("a.csv", "id,dx\n1,M54.5\n"),
        ("b.dat", "x|y\nlow|M54.5\n"),
        ("c.txt", "no\tcode\tday\n1\tM54.5\tx\n"),
    ]:
        (tmp_path / name).write_text(text)
        found = ask("impact --system icd10cm --from 2021 --to 2022 --json", tmp_path / name)
        [column] = found.json["columns"]
        assert (1, {"to_header": 1}) == (found.code, column["outcomes"])
        assert column["column"] in column["columns"]["codes"]
