"""A release of ICD-10-PCS: hierarchy, titles, notes, index; the sample in a store."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Built
from terminology_loaders.icd10cm import Icd10cmLoader

from ..release_files import order_file, workbook, written, zipped
from .pcs_files import (
    DEFINITIONS,
    INDEX,
    LOADER,
    NAME,
    NEW,
    OLD,
    SPRING,
    UPDATED,
    assembled,
    autumn,
    built,
    column,
    conversion,
    pcs_addenda,
    read,
    spring,
    tables_xml,
)

LOADERS = {"icd10cm": Icd10cmLoader(), "icd10pcs": LOADER}


SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/icd10pcs"


@pytest.fixture
def april() -> Built:
    """The April release with tables, definitions and index."""
    more = (read(tables_xml(UPDATED), "t.xml"), read(DEFINITIONS, "d.xml"), read(INDEX, "i.xml"))
    return built(assembled(*spring(), *more), "2022-04")


def test_hierarchy(april: Built) -> None:
    """Section, body system, table, prefixes of four to six characters that occur, code: each below its beginning."""
    codes, kinds = column(april, "code"), column(april, "kind")
    assert sorted(codes) == codes
    assert [("0", "section"), ("0F", "body system"), ("0FT", "table"), ("0FT4", "prefix")] == [
        (code, kind) for code, kind in zip(codes, kinds, strict=True) if code in {"0", "0F", "0FT", "0FT4"}
    ]
    billable = {code for code, flag, _ in NEW if flag}
    assert {code[:length] for code in billable for length in range(1, 8)} == set(codes)
    parents = dict(zip(codes, column(april, "parent"), strict=True))
    assert {code: code[:-1] or None for code in codes} == parents


def test_derived_nodes(april: Built) -> None:
    """Tables and codes are the publisher's rows, with their lines; all else is derived."""
    listed = {code: number for number, (code, _, _) in enumerate(NEW, 1)}
    rows = zip(column(april, "code"), column(april, "derived"), column(april, "line"), strict=True)
    assert {code: (code not in listed, listed.get(code)) for code in column(april, "code")} == {
        code: (derived, line) for code, derived, line in rows
    }


def titles(made: Built) -> Mapping[str, str]:
    """Return titles by code."""
    return dict(zip(column(made, "code"), column(made, "title"), strict=True))


def test_titles(april: Built) -> None:
    """Sections and body systems have the labels of the tables, prefixes say the table and each value."""
    found = titles(april)
    assert ("Section 0", "Body System F", "Table 0FT") == (found["0"], found["0F"], found["0FT"])
    assert found["0FT44Z"] == "Table 0FT: Body Part 4, Approach 4, Device Z"


def test_titles_borrowed() -> None:
    """A release without tables takes names from the nearest that has them; a value that none names stands for itself."""
    tables = read(tables_xml({**UPDATED, "0FT": (("G", "04", "Z", "Z"),)}), "t.xml")
    made = assembled(*autumn(), *spring(), evolve(tables, effective=SPRING))
    draft = made.drafts[0]
    assert [part.kind for part in draft.borrowed] == ["tables"]
    found = titles(built(made, "2022"))
    assert ("Section 0", "Table 0FT: Body Part G", "Table 0FT: 4") == (found["0"], found["0FTG"], found["0FT4"])


def test_titles_without_tables() -> None:
    """Without any tables sections are named by definitions, body systems and values by themselves."""
    made = assembled(*autumn(), read(DEFINITIONS, "d.xml"))
    found = titles(built(made, "2022"))
    assert ("Section of definitions", "0F", "Table 0FT: 4, 0") == (found["0"], found["0F"], found["0FT40"])


def test_own_tables(april: Built) -> None:
    """Rows, axes, definitions, device aggregation, index and addenda are tables of the release that they came with."""
    tables = {
        "rows",
        "axes",
        "definitions",
        "device_aggregation",
        "index",
        "notes",
        "differences",
        "concepts",
        "changes",
    }
    assert tables == set(april.tables)


def test_notes(april: Built) -> None:
    """What tables and definitions say of an operation are notes of its tables."""
    notes = [(note["code"], note["kind"], note["text"]) for note in april.tables["notes"].to_pylist()]
    assert [
        ("0FT", "definition", "What is done"),
        ("0FT", "explanation", "Principal purpose"),
        ("0FT", "includes", "Total removal"),
    ] == [note for note in notes if note[0] == "0FT"]


def test_index_leads_to_unknown_codes() -> None:
    """What the index leads to and the release does not hold is a warning."""
    made = assembled(*autumn(), read(INDEX.replace("0FT44ZZ", "0FT94ZZ"), "i.xml"))
    assert built(made, "2022").warnings == ("i.xml: leads to 1 that the release does not hold: 0FT94ZZ",)


def test_off_cycle_code(tmp_path: Path) -> None:
    """A code that the conversion table dates before its release is in force from that day, with all that is above it."""
    files = {
        "autumn.zip": zipped(
            {
                NAME: order_file(OLD),
                "order_addenda_2022.txt": pcs_addenda(OLD[:-1], OLD, ("icd10pcs_order_2021.txt", NAME)),
            }
        ),
        "2022-updated-december-1-2021.zip": zipped(
            {NAME: order_file(NEW), "order_addenda_2022.txt": pcs_addenda(OLD, NEW, (NAME, NAME))}
        ),
        "table.xlsx": workbook(
            conversion(("XW013V7", "NoPCS", "New", "2022", "02.01"), ("XW023V7", "NoPCS", "New", "2022", "04.01"))
        ),
    }
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store", loaders=LOADERS)
    assert [str(error) for error in report.errors] == []
    pcs = terminology.open(tmp_path / "store")["icd10pcs"]
    days = ("2022-01-31", "2022-02-01", "2022-04-01")
    assert ["future", "billable", "billable"] == [str(pcs.on(day).status("XW013V7")) for day in days]
    assert ["future", "future", "billable"] == [str(pcs.on(day).status("XW023V7")) for day in days]
    edition = pcs.on("2022-02-15")
    assert edition.ancestors("XW013V7") == ("XW013V", "XW013", "XW01", "XW0", "XW", "X")
    assert edition.children("XW0") == ("XW01",)
    assert [(period.effective_from, period.from_known) for period in pcs.history("XW013V7").periods] == [
        (datetime.date(2022, 2, 1), True)
    ]
    assert str(pcs.on("2022-02-15", known="2022").status("XW013V7")) == "unknown"


def test_sample(tmp_path: Path) -> None:
    """The packaged sample loads without a word, and shows an update of April and the rows of a table."""
    report = terminology.load(SAMPLES, store=tmp_path, loaders={"icd10pcs": LOADER})
    assert (report.errors, report.skipped, report.gaps) == ((), (), ())
    assert [("2022", 33, ()), ("2022-04", 37, ())] == [
        (item.release.version, item.release.billable, item.release.warnings) for item in report.loaded
    ]
    pcs = terminology.open(tmp_path)["icd10pcs"]
    assert ["future", "billable"] == [str(pcs.on(day).status("XW013V7")) for day in ("2022-03-31", "2022-04-01")]
    edition = pcs.latest
    assert ("unknown", "billable", "header") == tuple(str(edition.status(c)) for c in ("00160Z0", "00160ZB", "001"))
    assert edition.node("0FT4").title == "Hepatobiliary System and Pancreas, Resection: Gallbladder"
    assert str(edition.node("0FT4").status) == "unknown"
    assert edition.lookup("0FT4") is None
    assert [note.declared_at for note in edition.notes("0FT44ZZ")] == ["0FT", "0FT"]
