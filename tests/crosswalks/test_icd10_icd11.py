"""WHO's tables between ICD-10 and ICD-11: both directions, one and multiple categories, releases, bad files; invented."""

from __future__ import annotations

import datetime
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.drafts import Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_crosswalks.icd10_icd11 import Icd10Icd11Reader

from ..loaders.hcpcs_records import workbook
from .releases import SAMPLES, by_version, faults, files_in, mappings, parts_of, text_file

day = datetime.date
READER = Icd10Icd11Reader()
ONE, MULTIPLE = "10To11MapToOneCategory.txt", "10To11MapToMultipleCategories.txt"
BACK = "11To10MapToOneCategory.txt"
HEADER = ("icd10Code", "icd10Title", "Linearization (release) URI", "icd11Code", "icd11Title", "2025-Jan-24")
URI = "http://id.who.int/icd/release/11/2025-01/mms/1"


def lines(*rows, header=HEADER):
    """Return rows under a header as text; of a row that has two cells the codes of ICD-10 and ICD-11."""
    full = [row if len(row) > 2 else (row[0], "Invented", URI, row[1], "Invented") for row in rows]
    return "".join("\t".join(cells) + "\r\n" for cells in (header, *full))


def table(*rows, header=HEADER, name=ONE, archive=None):
    """Return a table as a text file."""
    return text_file(lines(*rows, header=header), name, archive)


def drafts_of(*files, **given):
    """Return the crosswalks that the files make, by version and systems."""
    assembly = READER.assemble(parts_of(READER, files, **given), [])
    assert () == assembly.refused
    return by_version(assembly.drafts)


def draft_of(*files, **given):
    """Return the one crosswalk that the files make."""
    (draft,) = drafts_of(*files, **given).values()
    return draft


def pairs(draft):
    """Return what the draft maps to what."""
    return [(row["source_code"], row["target_codes"]) for row in mappings(draft)]


def test_samples() -> None:
    """The three tables make a map for each direction; that to one category comes first, with what only the other says."""
    drafts = drafts_of(*files_in(SAMPLES / "crosswalks" / "icd10_icd11"))
    forward, back = drafts["2025-01", "icd10", "icd11"], drafts["2025-01", "icd11", "icd10"]
    assert day(2025, 1, 1) == forward.effective
    assert [
        ("A00", ["ZZ00"]),
        ("A00", ["ZZ01"]),
        ("A00.0", ["ZZ00&XZ9P1"]),
        ("A00.9", ["ZZ00.Z"]),
        ("B20", None),
    ] == pairs(forward)
    assert [("ZZ00", ["A00"]), ("ZZ00.Z", ["A00.9"]), ("ZZ02", None)] == pairs(back)
    rows = mappings(forward)
    assert [["one category", "multiple categories"], ["multiple categories"]] == [
        json.loads(row["detail"])["tables"] for row in rows[:2]
    ]
    assert [(ONE, 3), (MULTIPLE, 3)] == [(forward.sources[row["source"]].file, row["line"]) for row in rows[:2]]
    assert {(None, None)} == {(row["effective"], row["change"]) for row in rows}
    assert {"mappings", "mentions", "rows_one_category", "rows_multiple_categories"} == set(forward.build().tables)


def test_sample_warnings() -> None:
    """Blocks without a code are counted, on whichever side they stand."""
    told = {
        part.origin.name: [warning.partition(": ")[2] for warning in part.warnings]
        for part in parts_of(READER, files_in(SAMPLES / "crosswalks" / "icd10_icd11"))
    }
    assert {
        ONE: ["1 code leads to a block of ICD-11 MMS (WHO) without a code, left out"],
        MULTIPLE: [],
        BACK: ["1 row is of a block of ICD-11 MMS (WHO) without a code, left out"],
    } == told


@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        tuple(heading.upper() for heading in HEADER),
        tuple(f" {heading} " for heading in HEADER),
        ("icd10 code", "ICD10 Title", "Linearization (releaseURI)", "ICD-11 Code", "icd11_title", "x"),
    ],
)
def test_headings(header) -> None:
    """Headings are compared without case, blanks and punctuation."""
    assert [("A00", ["ZZ00"])] == pairs(draft_of(table(("A00", "ZZ00"), header=header)))


def test_direction_by_columns() -> None:
    """The code that stands first is mapped to the other, whatever the file is called."""
    header = ("icd11Code", "icd11Title", "Linearization URI", "icd10Code", "icd10Title")
    draft = draft_of(table(("ZZ00", "Invented", URI, "A00", "Invented"), header=header, name="map.txt"))
    assert ("icd11", "icd10") == (draft.source_system, draft.target_system)
    assert [("ZZ00", ["A00"])] == pairs(draft)


@pytest.mark.parametrize(
    "row",
    [("A00", "Invented", "No Mapping", "", ""), ("A00", "Invented", "", "no mapping", ""), ("A00", "x", "No Mapping")],
)
def test_no_mapping(row) -> None:
    """That there is no mapping may stand in any cell of the target; cells behind it may be left out."""
    assert [("A00", None)] == pairs(draft_of(table(row), version="2025-01"))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("A00", "Invented", URI, "No code", "Invented"), []),
        (("A00", "Invented", URI, "None", "Invented"), []),
        (("A00", "Invented", URI, "-", "Invented"), []),
        (("A00", "Invented", "", "No code", ""), [("A00", None)]),
        (("A00", "Invented", "", "none", ""), [("A00", None)]),
        (("A00", "Invented", "", "N/A", ""), [("A00", None)]),
        (("A00", "Invented", URI, "not mapped", "Invented"), [("A00", None)]),
        (("A00", "Invented", URI, "No equivalent in ICD-XI", "Invented"), [("A00", None)]),
        (("No code", "Invented", URI, "ZZ00", "Invented"), []),
        (("A00", "None of these", URI, "ZZ00", "No mapping of the heart"), [("A00", ["ZZ00"])]),
    ],
)
def test_words_in_place_of_a_code(row, expected) -> None:
    """Words that there is no code are none; they say that nothing is mapped where they say so, or the row says nothing else."""
    assert [("B99", ["ZZ99"]), *expected] == pairs(draft_of(table(("B99", "ZZ99"), row)))


COLUMNS = st.permutations(
    [
        "10ClassKind",
        "10DepthInKind",
        "icd10Chapter",
        "icd10Title",
        "11ClassKind",
        "11DepthInKind",
        "Relation",
        "ICD-11 FoundationURI",
        "Linearization (releaseURI)",
        "icd11Chapter",
        "icd11Title",
        "Primary",
        "Order",
        "Grouping",
    ]
)


@given(COLUMNS, st.integers(0, 14), st.integers(0, 3))
def test_any_columns(others: list[str], further: int, before: int) -> None:
    """Whatever columns lie between and before the two of codes, and in any number, the codes are found by their headings."""
    header = [
        *others[:before],
        "icd10Code",
        *others[before : before + further],
        "icd11Code",
        *others[before + further :],
    ]
    cells = {"icd10Code": "A00", "icd11Code": "ZZ00", "Linearization (releaseURI)": URI}
    text = "".join(
        "\t".join(row) + "\r\n" for row in ([*header, "2026-Jan-17"], [cells.get(name, "x") for name in header])
    )
    assert [("A00", ["ZZ00"])] == pairs(draft_of(text_file(text, ONE)))


def test_lines_before_the_header() -> None:
    """The header may have lines of other texts before it; rows are cited by their lines in the file."""
    text = "ICD-10 / ICD-11 mapping\r\n\r\n" + lines(("A00", "ZZ00"))
    (row,) = mappings(draft_of(text_file(text, ONE)))
    assert (4, ["ZZ00"]) == (row["line"], row["target_codes"])
    sheet = workbook(
        ("ICD-10 / ICD-11 mapping",), HEADER, ("A00", "x", URI, "ZZ00", "x"), name="10To11MapToOneCategory.xlsx"
    )
    assert [("A00", ["ZZ00"])] == pairs(draft_of(sheet))


def test_a_heading_twice() -> None:
    """Of two columns with the heading of the codes the first is read, with a warning."""
    (part,) = parts_of(READER, [table(("A00", "x", URI, "ZZ00", "ZZ01"), header=(*HEADER[:4], "icd11Code", "2025"))])
    assert (f"{ONE}: has 2 columns icd11code; the first is read",) == part.warnings
    assert ["ZZ00"] == part.tables["rows"].column("target_code").to_pylist()


def test_blanks_in_a_cluster() -> None:
    """Blanks around the signs of a cluster are left out, with a warning that quotes the cell."""
    (part,) = parts_of(READER, [table(("A00", "ZZ00 & XZ9P1 / ZZ01"))])
    assert ["ZZ00&XZ9P1/ZZ01"] == part.tables["rows"].column("target_code").to_pylist()
    told = f"{ONE}:2: column icd11Code: blanks within a cluster, left out: 'ZZ00 & XZ9P1 / ZZ01'"
    assert (told,) == part.warnings


def test_contradictions_are_told() -> None:
    """A code with a mapping and with none keeps both rows, and is told."""
    built = draft_of(table(("A00", "ZZ00"), ("A00", "x", "No Mapping", "", ""))).build()
    assert ("1 code has a mapping in one row and none in another: A00",) == built.warnings
    assert 2 == built.tables["mappings"].num_rows


def test_repeated_rows() -> None:
    """A pair that comes twice makes one row, of the line where it first stands."""
    (row,) = mappings(draft_of(table(("A00", "ZZ00"), ("A00", "ZZ00"))))
    assert 2 == row["line"]


def test_kind_without_publishers_name() -> None:
    """Under another name a table in which codes repeat is one to multiple categories."""
    (part,) = parts_of(READER, [table(("A00", "ZZ00"), ("A00", "ZZ01"), name="a.txt")])
    assert "multiple categories" == part.facts["map"]
    (part,) = parts_of(READER, [table(("A00", "ZZ00"), ("A01", "ZZ01"), name="a.txt")])
    assert "one category" == part.facts["map"]


def test_codes_in_official_form() -> None:
    """Codes come in official form; chapters and blocks of ICD-10 are codes of their own."""
    assert [("A00.0", ["ZZ00&XZ9P1"]), ("I", ["ZZ00"]), ("A00-A09", ["ZZ01"])] == pairs(
        draft_of(table(("a000", "zz00&xz9p1"), ("I", "ZZ00"), ("A00-A09", "ZZ01")))
    )


PLAIN = ("A00", "Invented", "", "ZZ00", "Invented")


@pytest.mark.parametrize(
    ("row", "archive", "told", "expected"),
    [
        (("A00", "ZZ00"), None, {}, ("2025-01", day(2025, 1, 1))),
        (("A00", "ZZ00"), "mapping-2024-01.zip", {}, ("2025-01", day(2025, 1, 1))),
        (PLAIN, "mapping-2024-01.zip", {}, ("2024-01", day(2024, 1, 1))),
        (PLAIN, None, {"version": "2023-01"}, ("2023-01", day(2023, 1, 1))),
        (("A00", "ZZ00"), None, {"version": "2023-01"}, ("2023-01", day(2023, 1, 1))),
        (("A00", "ZZ00"), None, {"effective": day(2023, 2, 1)}, ("2023-02", day(2023, 2, 1))),
    ],
)
def test_versions(row, archive, told, expected) -> None:
    """The operator's word wins, then the release in the URIs, then that in the names of file and archive."""
    draft = draft_of(table(row, archive=archive), **told)
    assert expected == (draft.version, draft.effective)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "nothing states which release of ICD-11 the table belongs to: give --version, such as 2025-01"),
        ({"version": "new"}, "expected a version like 2025-01, got 'new'"),
    ],
)
def test_undated(told, reason) -> None:
    """A table of which nothing tells the release is refused with advice."""
    assembly = READER.assemble(parts_of(READER, [table(PLAIN)], **told), [])
    assert [reason] == [why for _, why in assembly.refused]


def test_several_releases_in_one_table() -> None:
    """URIs of several releases are told; the newest counts."""
    other = ("A01", "Invented", URI.replace("2025", "2024"), "ZZ01", "Invented")
    (part,) = parts_of(READER, [table(("A00", "ZZ00"), other)])
    assert (f"{ONE}: names several releases of ICD-11: 2024-01, 2025-01",) == part.warnings
    assert "2025-01" == draft_of(table(("A00", "ZZ00"), other)).version


def test_workbook_beside_text() -> None:
    """A workbook reads as its text does; both together are one table with two sources, of which the text is cited."""
    rows = [("A00", "Invented", URI, "ZZ00", "Invented")]
    sheet = workbook(HEADER, *rows, name=ONE.replace(".txt", ".xlsx"))
    assert [("A00", ["ZZ00"])] == pairs(draft_of(sheet))
    draft = draft_of(sheet, table(*rows))
    assert [ONE, ONE.replace(".txt", ".xlsx")] == [source.file for source in draft.sources]
    assert [0] == [row["source"] for row in mappings(draft)]


def test_two_tables_of_one_release() -> None:
    """Two different tables of one kind and release are both refused, each naming the other; other kinds stand."""
    files = [
        table(("A00", "ZZ00")),
        table(("A00", "ZZ01"), archive="other.zip"),
        table(("A00", "ZZ00"), ("A00", "ZZ02"), name=MULTIPLE),
    ]
    assembly = READER.assemble(parts_of(READER, files), [])
    assert [
        (ONE, f"differs from other.zip!{ONE}, and both are version 2025-01"),
        (f"other.zip!{ONE}", f"differs from {ONE}, and both are version 2025-01"),
    ] == sorted((part.origin.label, why) for part, why in assembly.refused)
    assert [("A00", ["ZZ00"]), ("A00", ["ZZ02"])] == pairs(assembly.drafts[0])


def test_order_of_parts() -> None:
    """The order of the parts changes no digest."""
    parts = parts_of(READER, files_in(SAMPLES / "crosswalks" / "icd10_icd11"))
    digests = [
        [draft.digest("icd10_icd11", 1) for draft in READER.assemble(some, []).drafts] for some in (parts, parts[::-1])
    ]
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (table(("A00", "ZZ00"), ("A0", "ZZ01")), (3, "icd10Code", "expected a code of ICD-10 (WHO), got 'A0'")),
        (table(("A00", "ZZ00"), ("A01", "Z Z")), (3, "icd11Code", "expected a code of ICD-11 MMS (WHO), got 'Z Z'")),
        (table(("A00", "ZZ00"), ("A01", "x", URI)), (3, 4, "expected at least 4 columns, got 3")),
        (table(("ZZ00", "A00")), (2, "icd10Code", "got 'ZZ00'")),
        (table(), (2, None, "expected at least one row below the header, got none")),
    ],
)
def test_faults(file, expected) -> None:
    """A malformed code, a short row, swapped columns and an empty table are faults with line and column."""
    found = faults(READER, file)
    assert expected[:2] == found[0][:2]
    assert expected[2] in found[0][2]


@pytest.mark.parametrize("missing", ["icd10Code", "icd11Code"])
def test_missing_columns(missing) -> None:
    """A table under WHO's name without a column that is needed is refused, and the column named."""
    header = tuple(heading for heading in HEADER if heading != missing)
    for file in (table(("x", "y"), header=header), workbook(header, ("x",), name=ONE.replace(".txt", ".xlsx"))):
        ((line, _, message),) = faults(READER, file)
        assert 1 == line
        assert f"missing: {missing.lower()};" in message


def test_cut_short() -> None:
    """A last row that ends before its last column says that the file was cut short."""
    whole = lines(("A00", "ZZ00"), ("A01", "ZZ01")).encode()
    file = ReadableFile(ONE, lambda: whole[: whole.rindex(b"ZZ01") + 4])
    assert [(3, None, "expected a whole last row: the file is cut short")] == faults(READER, file)
    assert [("A00", ["ZZ00"]), ("A01", ["ZZ01"])] == pairs(draft_of(ReadableFile(ONE, lambda: whole[:-2])))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(encoding) -> None:
    """UTF-8 with or without its mark is read, and CP1252 with a warning."""
    data = lines(("A00", "Erfunden: Übel", URI, "ZZ00", "Erfunden")).encode(encoding)
    (part,) = parts_of(READER, [ReadableFile(ONE, lambda: data)])
    assert (encoding == "cp1252") == bool(part.warnings)
    assert ["Erfunden: Übel"] == part.tables["rows"].column("icd10_title").to_pylist()


def test_wrong_encoding() -> None:
    """A table under WHO's name in UTF-16 is refused at its first line."""
    file = ReadableFile(ONE, lambda: lines(("A00", "ZZ00")).encode("utf-16"))
    assert [1] == [line for line, _, _ in faults(READER, file)]


def test_tables_of_the_foundation() -> None:
    """Tables of the Foundation are known, and skipped: their entities have no codes."""
    assert isinstance(READER.read(table(("A00", "ZZ00"), name=f"foundation_{ONE}")), Skipped)


def test_strangers() -> None:
    """Other texts, tables and workbooks are left alone."""
    strangers = [
        text_file("a\tb\r\n", "x.txt"),
        text_file("", ONE),
        text_file("icd10Code,icd11Code\r\n", "x.csv"),
        workbook(("CODE", "ACTION"), ("A", "B"), name="x.xlsx"),
        text_file("Foundation URI\tCode\tTitle\r\n", "SimpleTabulation-ICD-11-MMS-en.txt"),
    ]
    assert [None] * len(strangers) == [READER.read(file) for file in strangers]


CELLS = st.sampled_from(["A00", "A01.1", "ZZ00", "ZZ00&XZ9P1", "", "No Mapping", "x\u00fc"])


@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=6))
def test_any_row_is_mapped_left_out_or_faulted(rows) -> None:
    """Every row is mapped, counted as left out, repeated, or a fault with its line."""
    file = ReadableFile(ONE, lambda: lines(*[(*row, "", "") for row in rows]).encode())
    try:
        (part,) = parts_of(READER, [file], version="2025-01")
    except (ReleaseFaults, ReleaseFormatError) as error:
        found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
        assert all(fault.line and fault.line <= len(rows) + 1 for fault in found)
        return
    published = part.tables["rows"].to_pylist()
    expected = {
        (row["source_code"], row["target_code"])
        for row in published
        if row["source_code"] and (row["target_code"] or row["no_map"])
    }
    made = READER.assemble([part], []).drafts
    assert expected == {(source, targets and targets[0]) for draft in made for source, targets in pairs(draft)}
