"""The conversion table of ICD-10-PCS as a crosswalk: kinds of change, NoPCS, relationships, versions."""

from __future__ import annotations

import datetime
import json

from terminology.drafts import Part
from terminology_crosswalks.icd10pcs_conversion import Icd10pcsConversionReader
from terminology_loaders.icd10pcs import Icd10pcsLoader

from ..loaders.pcs_files import CONVERSION_HEAD, conversion, file_of
from ..release_files import workbook
from .releases import SAMPLES, files_in, mappings, mentions, parts_of

READER = Icd10pcsConversionReader()
FY2018 = datetime.date(2017, 10, 1)


def table(*pairs: tuple[str, str, str, str, str], name: str = "table.xlsx") -> Part:
    """Return the part that the loader makes of rows of new code, old code, kind of change, year, month with day."""
    part = Icd10pcsLoader().read(file_of(workbook(conversion(*pairs)), name))
    assert isinstance(part, Part)
    return part


def rows_of(*pairs):
    """Return the rows of the crosswalk that a table makes."""
    assembly = READER.assemble([table(*pairs)], ())
    assert ((), 1) == (assembly.refused, len(assembly.drafts))
    return mappings(assembly.drafts[0])


def test_sample_table() -> None:
    """The packaged sample has all three kinds of change, and a deleted code without replacement."""
    files = files_in(SAMPLES / "crosswalks" / "icd10pcs_conversion")
    (draft,) = READER.assemble(parts_of(Icd10pcsLoader(), files), ()).drafts
    assert ("2022", datetime.date(2021, 10, 1)) == (draft.version, draft.effective)
    rows = mappings(draft)
    gone = [row["target_codes"] for row in rows if (row["source_code"], row["change"]) == ("5A1D00Z", "deleted")]
    assert [["5A1D70Z"], ["5A1D80Z"], ["5A1D90Z"]] == gone
    assert [None] == [row["target_codes"] for row in rows if row["source_code"] == "0RG00Z0"]
    assert [None] == [READER.read(file) for file in files]


def test_new() -> None:
    """A new code came from each of its previous ones; NoPCS means that nothing was reported before."""
    rows = rows_of(
        ("XW013F5", "NoPCS", "New", "2020", "08.01"),
        ("5A1D70Z", "5A1D00Z", "New", "2017", "10.01"),
        ("5A1D70Z", "5A1D60Z", "New", "2017", "10.01"),
    )
    assert [
        (None, ["XW013F5"], datetime.date(2020, 8, 1), "new"),
        ("5A1D00Z", ["5A1D70Z"], FY2018, "new"),
        ("5A1D60Z", ["5A1D70Z"], FY2018, "new"),
    ] == [(row["source_code"], row["target_codes"], row["effective"], row["change"]) for row in rows]
    assert {None} == {row["detail"] for row in rows}


def test_deleted() -> None:
    """A deleted code leads to its replacement; NoPCS means that there is none, which is not the same as not to know."""
    rows = rows_of(("04VC0DZ", "04VC0FZ", "Deleted", "2017", "10.01"), ("NoPCS", "0RG00Z0", "Deleted", "2018", "10.01"))
    assert [("04VC0FZ", ["04VC0DZ"], "deleted"), ("0RG00Z0", None, "deleted")] == [
        (row["source_code"], row["target_codes"], row["change"]) for row in rows
    ]


def test_revised() -> None:
    """A revision keeps both titles and the comment; it may move a meaning to another code."""
    cells = [
        CONVERSION_HEAD,
        ("09NK0ZZ", "Release Nasal Mucosa", 2017, "09NK0ZZ", "Release Nose", "Revised", "Clearer ", "10.01"),
        ("0J040ZZ", "Alter Right Neck", 2017, "0J050ZZ", "Alter Posterior Neck", "Revised", "", "10.01"),
        ("0J0407Z", "Alter Right Neck", 2017, "NoPCS", "No description", "New", "", "10.01"),
    ]
    part = Icd10pcsLoader().read(file_of(workbook(cells), "table.xlsx"))
    assert isinstance(part, Part)
    first, second, _ = mappings(READER.assemble([part], ()).drafts[0])
    assert ("09NK0ZZ", ["09NK0ZZ"], "revised") == (first["source_code"], first["target_codes"], first["change"])
    assert {"before": "Release Nose", "after": "Release Nasal Mucosa", "comment": "Clearer"} == json.loads(
        first["detail"]
    )
    assert ("0J050ZZ", ["0J040ZZ"]) == (second["source_code"], second["target_codes"])
    assert "comment" not in json.loads(second["detail"])


def test_relationships() -> None:
    """A deleted code with several replacements is broader than each; several with one replacement are each narrower."""
    rows = rows_of(
        ("5A1D70Z", "5A1D00Z", "Deleted", "2017", "10.01"),
        ("5A1D80Z", "5A1D00Z", "Deleted", "2017", "10.01"),
        ("0FT40ZZ", "0FT40Z1", "Deleted", "2017", "10.01"),
        ("0FT40ZZ", "0FT40Z2", "Deleted", "2017", "10.01"),
        ("04VC0DZ", "04VC0FZ", "Deleted", "2017", "10.01"),
        ("0FB40ZX", "0FB40Z1", "New", "2017", "10.01"),
        ("0FB40ZX", "0FB40Z2", "New", "2017", "10.01"),
    )
    broader, narrower, related = "source-is-broader-than-target", "source-is-narrower-than-target", "related-to"
    assert [broader, broader, narrower, narrower, related, related, related] == [row["relationship"] for row in rows]


def test_rows_that_cannot_be_read() -> None:
    """A slip in a large table is a row left out, with a warning; the table ``rows`` keeps it."""
    good = [(f"0FT40Z{one}", "0FT40ZZ", "New", "2017", "10.01") for one in "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"]
    bad = [
        ("0FT4OZZ", "0FT40ZZ", "New", "2017", "10.01"),
        ("NoPCS", "0FT40ZZ", "New", "2017", "10.01"),
        ("0FT", "0FT40ZZ", "New", "2017", "10.01"),
    ]
    (draft,) = READER.assemble([table(*good, *bad)], ()).drafts
    built = draft.build()
    assert ("table.xlsx: not understood and left out: row 36, 37, 38",) == built.warnings
    assert [] == mentions(draft)
    assert (34, 37) == (built.tables["mappings"].num_rows, built.tables["rows"].num_rows)


def test_what_is_no_code_on_the_other_side_is_quoted() -> None:
    """Where the code that a row belongs to is read and the other is not, the table says something of it: that is kept."""
    good = [(f"0FT40Z{one}", "0FT40ZZ", "New", "2017", "10.01") for one in "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"]
    bad = [("0FT40ZZ", "0FT4OZZ", "New", "2017", "10.01"), ("see below", "0FT44ZZ", "Deleted", "2017", "10.01")]
    (draft,) = READER.assemble([table(*good, *bad)], ()).drafts
    day = datetime.date(2017, 10, 1)
    assert [
        (None, ["0FT40ZZ"], day, "names what is no code", "0FT4OZZ"),
        ("0FT44ZZ", None, day, "names what is no code", "see below"),
    ] == mentions(draft)


def test_version_of_the_newest_day() -> None:
    """The version is that of the newest day, whatever the order of the rows."""
    pairs = [("XW013F5", "NoPCS", "New", "2020", "08.01"), ("XW023X7", "NoPCS", "New", "2022", "04.01")]
    for order in (pairs, pairs[::-1]):
        (draft,) = READER.assemble([table(*order)], ()).drafts
        assert ("2022-04", datetime.date(2022, 4, 1)) == (draft.version, draft.effective)


def test_no_day() -> None:
    """A table in which no code begins or ends has no version, and is refused."""
    part = table(("09NK0ZZ", "09NK0ZZ", "Revised", "2017", "10.01"))
    assert ((part, "no code begins or ends in it: give --effective"),) == READER.assemble([part], ()).refused
