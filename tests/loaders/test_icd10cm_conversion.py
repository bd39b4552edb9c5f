"""The conversion table of ICD-10-CM: what is read of it, slips that are forgiven, and the days that releases take from it."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

import terminology
from terminology.drafts import Part
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology_loaders.icd10cm import Icd10cmLoader

from ..release_files import BACK_PAIN, CHOLERA, order_addenda, order_file, workbook, written
from .pcs_files import file_of

LOADER = Icd10cmLoader()
PROSE = ("NCHS has published an update.\nFor each new code the table shows the day.", "", "")
HEAD = ("Current code assignment", "Effective", "Previous Code(s) Assignment")
ROWS = (("M54.50", 2021, "M54.5"), ("M54.51 ", "2021-04-01", "M54.5, M54.9"), ("M54.59", "2021", "None"))


def read(rows=ROWS, name: str = "table.xlsx") -> Part:
    """Return the part that the loader makes of a table of these rows."""
    part = LOADER.read(file_of(workbook([PROSE, HEAD, *rows, ("", "", "")]), name))
    assert isinstance(part, Part)
    return part


@pytest.mark.parametrize(("before", "after"), [((), ("Comment",)), (("",), ()), (("Number",), ("Comment", ""))])
def test_other_columns(before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Columns before and behind the three do not shift them; those that have a name are told."""
    table = [PROSE, (*before, *HEAD, *after), *((*before, *row, *after) for row in ROWS)]
    part = LOADER.read(file_of(workbook(table), "table.xlsx"))
    assert isinstance(part, Part)
    assert part.tables["rows"].equals(read().tables["rows"])
    others = ", ".join(name for name in (*before, *after) if name)
    assert [f"table.xlsx: columns that are not read: {others}"] * bool(others) == list(part.warnings)
    broken = [PROSE, (*before, *HEAD), *((*before, "M54.50", "soon", "M54.5"),) * 3]
    with pytest.raises(ReleaseFaults) as caught:
        LOADER.read(file_of(workbook(broken), "table.xlsx"))
    assert {len(before) + 2} == {
        fault.column for fault in caught.value.exceptions if isinstance(fault, ReleaseFormatError)
    }


def test_rows_are_kept_as_they_stand() -> None:
    """Every cell is kept, with its row; code and day are understood: a year means October 1."""
    part = read()
    rows = part.tables["rows"].to_pylist()
    assert [
        (3, "M54.50", "2021", "M54.5"),
        (4, "M54.51 ", "2021-04-01", "M54.5, M54.9"),
        (5, "M54.59", "2021", "None"),
    ] == [tuple(row[name] for name in ("line", "current", "effective", "previous")) for row in rows]
    assert [("M54.50", datetime.date(2021, 10, 1)), ("M54.51", datetime.date(2021, 4, 1))] == [
        (row["code"], row["day"]) for row in rows[:2]
    ]
    assert (part.kind, part.facts["rows"], part.facts["days"]) == ("conversion", 3, ["2021-04-01", "2021-10-01"])


def test_csv() -> None:
    """The one table that came as csv is read alike, and numbers its lines as an editor does."""
    data = '"Prose on\r\ntwo lines.",,\r\nCurrent code assignment,Effective October 1,Previous Code(s) Assignment\r\n'
    part = LOADER.read(file_of(data + "M54.50,2021,M54.5\r\nM54.51,4/1/2021,M54.5\r\n", "table.csv"))
    assert isinstance(part, Part)
    days = part.tables["days"].to_pylist()
    assert [datetime.date(2021, 10, 1), datetime.date(2021, 4, 1)] == [row["effective_from"] for row in days]
    assert [4, 5] == part.tables["rows"].column("line").to_pylist()


def test_csv_cut_short() -> None:
    """A table that ends within a row is refused: its last code may be the beginning of another."""
    with pytest.raises(ReleaseFormatError, match="line break") as caught:
        LOADER.read(file_of("Current code assignment,Effective,Previous Code(s)\nZ28.310,4/1/2022,Z28", "table.csv"))
    assert (2, "table.csv") == (caught.value.line, caught.value.file)


def test_strangers() -> None:
    """Workbooks and csv files with other headers are not of this loader."""
    files = [
        file_of(workbook([("Code", "Title"), ("M54.50", "Back pain")]), "other.xlsx"),
        file_of("code,title,more\nM54.50,Back,pain\n", "other.csv"),
        file_of("not a workbook", "other.xlsx"),
    ]
    assert [LOADER.read(file) for file in files] == [None, None, None]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("M54..5", 2021, "M54.5"), "table.xlsx:6: column 1: expected a code, got 'M54..5'"),
        (("M54.52", "soon", "M54.5"), "table.xlsx:6: column 2: expected a year or a date, got 'soon'"),
        (("M54.59", 2021, "None"), "table.xlsx:6: M54.59 is on row 5 already"),
    ],
)
def test_slips(row, message: str) -> None:
    """A code or day that cannot be read, and a row that stands twice, are warnings."""
    more = [(f"A{number:02}", 2021, "A00") for number in range(20)]
    assert (message,) == read((*ROWS, row, *more)).warnings


def test_broken_table() -> None:
    """Where more than one row in ten cannot be read, the table is refused, with every fault named."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        read((*ROWS, ("", "soon", "M54.5")))
    assert isinstance(caught.value, ReleaseFaults)
    assert [(6, 1), (6, 2)] == [(fault.line, fault.column) for fault in caught.value.exceptions]
    with pytest.raises(ReleaseFormatError, match="expected rows below the header, got none"):
        read(())


def test_earliest_table_that_reaches_the_release() -> None:
    """Of several tables a release takes the earliest that reaches its day; a later one does not change it."""
    names = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
    orders = [
        LOADER.read(file_of(order_file(CHOLERA), names[0])),
        LOADER.read(file_of(order_file(BACK_PAIN), names[1])),
    ]
    late = read((*ROWS, ("A00", 2022, "None")), "late.xlsx")
    for tables in ([read(), late], [late, read()]):
        made = LOADER.assemble([*orders, *tables])
        assert [part.origin.name for part in made.drafts[1].borrowed] == ["table.xlsx"]
        assert [part.origin.name for part, _ in made.unused] == ["late.xlsx"]


def test_code_before_its_release(tmp_path: Path) -> None:
    """A code that the table dates half a year before its order file is in force from that day, and not as known before."""
    names = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
    files = {
        names[0]: order_file(CHOLERA),
        names[1]: order_file(BACK_PAIN),
        "icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *names),
        "table.xlsx": workbook([PROSE, HEAD, *ROWS]),
    }
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store", loaders={"icd10cm": LOADER})
    assert (report.errors, report.skipped) == ((), ())
    cm = terminology.open(tmp_path / "store")["icd10cm"]
    days = ("2021-03-31", "2021-04-01", "2021-10-01")
    assert ["future", "billable", "billable"] == [str(cm.on(day).status("M54.51")) for day in days]
    assert ["future", "future", "billable"] == [str(cm.on(day).status("M54.50")) for day in days]
    assert (cm.on("2021-05-01").parent("M54.51"), str(cm.on("2021-05-01").status("M54.5"))) == ("M54.5", "billable")
    assert str(cm.on("2021-05-01", known="2021").status("M54.51")) == "unknown"
