"""Own maps as delimited text: alternatives, no map, days, versions, and every fault with its place."""

from __future__ import annotations

import datetime
import io
import json

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import Part, Skipped
from terminology.reading import ReadableFile
from terminology_crosswalks.own_map import OwnMapReader
from terminology_loaders.generic import GenericLoader

from .releases import SAMPLES, by_version, faults, files_in, mappings, parts_of, text_file

day = datetime.date
READER = OwnMapReader()
HEAD = "#crosswalk: Fevers\n#version: 2024\n#source_system: clinic\n#target_system: icd10cm\n"
ROW_LINE = 6
"""Of the first row under ``HEAD`` and a header."""


def own(rows, header="source,target", head=HEAD, name="map.csv"):
    """Return a map of these rows."""
    return text_file(f"{head}{header}\n" + "".join(f"{row}\n" for row in rows), name)


def draft_of(*files, **given):
    """Return the one crosswalk that the files make."""
    assembly = READER.assemble(parts_of(READER, files, **given), [])
    assert () == assembly.refused
    (draft,) = assembly.drafts
    return draft


def rows_of(rows, header="source,target", head=HEAD):
    """Return what the rows map to."""
    return mappings(draft_of(own(rows, header, head)))


def test_samples() -> None:
    """The sample maps complaints to alternatives of one and of two codes, and says where there is none."""
    drafts = by_version(READER.assemble(parts_of(READER, files_in(SAMPLES / "crosswalks" / "own_map")), []).drafts)
    draft = drafts["2022", "complaints", "icd10cm"]
    assert ("Complaints of a walk-in clinic as ICD-10-CM (sample of an own map)", day(2021, 10, 1)) == (
        draft.title,
        draft.effective,
    )
    found = [(row["source_code"], row["target_codes"], row["line"]) for row in mappings(draft)]
    assert [
        ("back pain", ["M54.50"], 8),
        ("back pain", ["M54.59"], 9),
        ("headache", ["R51.9"], 10),
        ("sugar with kidney trouble", ["E11.22", "E11.65"], 11),
        ("form to be signed", None, 13),
    ] == found
    assert [(None, None)] * 5 == [(row["effective"], row["change"]) for row in mappings(draft)]
    (row,) = mappings(drafts["2024", "places", "places"])
    assert ("home", ["10"], "new", day(2024, 1, 1)) == (
        row["source_code"],
        row["target_codes"],
        row["change"],
        row["effective"],
    )


def test_codes_in_official_form() -> None:
    """Codes of built-in systems come in official form; those of others stay as they are written."""
    (row,) = rows_of(["Fever , r509"])
    assert ("Fever", ["R50.9"]) == (row["source_code"], row["target_codes"])


@pytest.mark.parametrize("name", ["icd10cm", "http://hl7.org/fhir/sid/icd-10-cm", "urn:oid:2.16.840.1.113883.6.90"])
def test_systems_by_any_name(name) -> None:
    """A system may be named by its short name, its URI or its OID."""
    head = HEAD.replace("icd10cm", name)
    assert "icd10cm" == draft_of(own(["a,R50.9"], head=head)).target_system


def test_optional_columns() -> None:
    """Relationship, doubt and comment are kept; further columns stand with the comment."""
    header = "source,target,relationship,approximate,comment,Reviewed by"
    sure, doubtful = rows_of(["a,R50.9,Equivalent,no,certain,Ann", "b,R50.9,,Y,,"], header)
    assert ("equivalent", False) == (sure["relationship"], sure["approximate"])
    assert {"comment": "certain", "reviewed_by": "Ann"} == json.loads(sure["detail"])
    assert ("related-to", True, None) == (doubtful["relationship"], doubtful["approximate"], doubtful["detail"])


def test_rows_as_written() -> None:
    """The table of rows keeps every cell as it was written."""
    kept = draft_of(own(["Fever,r509,x,me"], "source,target,comment,by")).build().tables["rows"].to_pylist()
    assert [("Fever", "r509", "x", '{"by": "me"}', ROW_LINE)] == [
        (row["source"], row["target"], row["comment"], row["others"], row["line"]) for row in kept
    ]


def test_alternatives() -> None:
    """Rows of one source with one mark are used together, wherever they stand; others stand alone."""
    header = "source,target,alternative"
    rows = ["a,R50.9,1", "b,R50.9,1", "a,R51.9,2", "a,J18.9,1", "a,J12.9,"]
    assert [
        ("a", ["R50.9", "J18.9"]),
        ("b", ["R50.9"]),
        ("a", ["R51.9"]),
        ("a", ["J12.9"]),
    ] == [(row["source_code"], row["target_codes"]) for row in rows_of(rows, header)]


def test_comments_of_an_alternative() -> None:
    """What several rows of an alternative say is all kept."""
    header = "source,target,alternative,comment"
    (row,) = rows_of(["a,R50.9,1,one", "a,J18.9,1,two", "a,J12.9,1,"], header)
    assert {"comment": "one; two"} == json.loads(row["detail"])


def test_own_days() -> None:
    """A row may have a day of its own; in a succession all others have that of the map."""
    head = HEAD.replace("clinic", "icd10cm").replace("2024", "2023")
    rows = rows_of(["M54.5,M54.50,2021-10-01", "F32.9,F32.A,", "A00,,"], "source,target,effective", head)
    assert [day(2021, 10, 1), day(2022, 10, 1), day(2022, 10, 1)] == [row["effective"] for row in rows]
    assert ["deleted"] * 3 == [row["change"] for row in rows]
    between = rows_of(["a,R50.9,20211001", "b,R50.9,"], "source,target,effective")
    assert [day(2021, 10, 1), None] == [row["effective"] for row in between]


def test_new_codes() -> None:
    """In a succession a row may stand at the new code, with or without a predecessor."""
    head = HEAD.replace("clinic", "icd10cm")
    rows = rows_of(["F32.9,F32.A,new", ",U07.0,New"], "source,target,change", head)
    assert [("F32.9", "new"), (None, "new")] == [(row["source_code"], row["change"]) for row in rows]


def test_codes_that_stay() -> None:
    """A succession says what changes: a code that maps to itself is a fault."""
    file = own(["M54.5,m545"], head=HEAD.replace("clinic", "icd10cm"))
    message = "expected another code than M54.5: a code that stays needs no row"
    assert [(ROW_LINE, "target", message)] == faults(READER, file)


@pytest.mark.parametrize(
    ("head", "told", "expected"),
    [
        ("#version: 2024\n", {}, ("2024", day(2023, 10, 1))),
        ("#version: 2024-04\n", {}, ("2024-04", day(2024, 4, 1))),
        ("#version: v7\n#effective: 2024-03-01\n", {}, ("v7", day(2024, 3, 1))),
        ("#effective: 20240301\n", {}, ("2024-03-01", day(2024, 3, 1))),
        ("#version: v7\n", {"effective": day(2025, 1, 1)}, ("v7", day(2025, 1, 1))),
        ("#version: 2024\n", {"version": "2025"}, ("2025", day(2024, 10, 1))),
        ("#effective: 2024-03-01\n", {"version": "b"}, ("b", day(2024, 3, 1))),
    ],
)
def test_dating(head, told, expected) -> None:
    """The operator's word wins, then the stated day, then a version that is a day, month or year of the target."""
    draft = draft_of(own(["a,R50.9"], head=HEAD.replace("#version: 2024\n", head)), **told)
    assert expected == (draft.version, draft.effective)


@pytest.mark.parametrize("line", ["", "#version: v7\n"])
def test_undated(line) -> None:
    """A map that nothing dates is refused with the advice to give its day."""
    file = own(["a,R50.9"], head=HEAD.replace("#version: 2024\n", line))
    assembly = READER.assemble(parts_of(READER, [file]), [])
    assert ["the file does not say from which day it is in force: give --effective"] == [
        why for _, why in assembly.refused
    ]


def test_version_of_the_operator() -> None:
    """A version that could not be asked for is refused."""
    assembly = READER.assemble(parts_of(READER, [own(["a,R50.9"])], version="a b"), [])
    assert "give --effective" in assembly.refused[0][1]
    assembly = READER.assemble(parts_of(READER, [own(["a,R50.9"])], version="a b", effective=day(2024, 1, 1)), [])
    assert "expected a version of letters, digits, dots and dashes, got 'a b'" in assembly.refused[0][1]


def test_one_map_twice_and_two_maps() -> None:
    """The same rows under two names are one map with two sources; other rows for one version are refused, both."""
    same = [own(["a,R50.9"]), own(["a,R50.9"], name="copy.csv")]
    assert ["copy.csv", "map.csv"] == [part.origin.name for part in draft_of(*same).parts]
    other = own(["a,J18.9"], name="other.csv")
    assembly = READER.assemble(parts_of(READER, [same[0], other]), [])
    assert () == assembly.drafts
    assert ["map.csv", "other.csv"] == [part.origin.name for part, _ in assembly.refused]
    assert all(name in why for name, (_, why) in zip(("other.csv", "map.csv"), assembly.refused, strict=True))


def test_licence() -> None:
    """The copyright notice that a map states comes with its tables."""
    head = HEAD + "#licence: (c) clinic\n"
    assert "(c) clinic" == draft_of(own(["a,R50.9"], head=head)).build().licence


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_delimiters_and_spreadsheets(mark) -> None:
    """Commas, semicolons and tabs divide cells; what a spreadsheet program does to the heading is forgiven."""
    head = "".join(f'"{line}"{mark * 2}\n' for line in HEAD.splitlines())
    rows = [mark.join(("a", "R50.9", '"x, y; z"')), mark * 2, mark.join(('"b\nc"', "J18.9", ""))]
    found = rows_of(rows, mark.join(("Source", "Target", "Comment")), head)
    assert [("a", ROW_LINE), ("b\nc", ROW_LINE + 2)] == [(row["source_code"], row["line"]) for row in found]
    assert {"comment": "x, y; z"} == json.loads(found[0]["detail"])


def test_encodings() -> None:
    """A byte order mark is passed over; what is not UTF-8 is read as CP1252 and told; UTF-16 is refused."""
    text = HEAD + "source,target\nménière,H81.0\n"
    marked = ReadableFile("map.csv", lambda: text.encode("utf-8-sig"))
    assert "ménière" == mappings(draft_of(marked))[0]["source_code"]
    western = ReadableFile("map.csv", lambda: text.encode("cp1252"))
    (part,) = parts_of(READER, [western])
    assert (f"map.csv:{ROW_LINE}: not UTF-8, read as CP1252",) == part.warnings
    assert "ménière" == part.tables["mappings"].column("source_code").to_pylist()[0]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (own(["a"]), [(6, None, "expected 2 cells, got 1")]),
        (own(["a,R50.9,x"]), [(6, None, "expected 2 cells, got 3")]),
        (own([",R50.9"]), [(6, "source", "expected a code of clinic, got nothing")]),
        (own(["a,high fever"]), [(6, "target", "expected a code of icd10cm, got 'high fever'")]),
        (own(["R50.9,a"]), [(6, "target", "expected a code of icd10cm, got 'a'")]),
        (own(["a,R50.9", "a,r509"]), [(7, None, "the same alternative as on line 6")]),
        (own(["a,", "a,R50.9"]), [(7, "target", "a maps to nothing on line 6, and to something here")]),
        (own([]), [(5, None, "expected at least one row, got none")]),
        (own(["a,R50.9"], "source,code"), [(5, None, "expected columns source and target; missing: target")]),
        (own(["a,b,c"], "source,target,source"), [(5, 3, "column source is in the header twice")]),
        (own(["a,b,c"], "source,,target"), [(5, 2, "expected a name of the column, got nothing")]),
        (own(["a,R50.9,c"], "source,target,"), [(6, None, "expected 2 cells, got 3")]),
        (own(["a,b,c"], "source,target,line"), [(5, 3, "a column cannot be named line")]),
        (
            own(["a,R50.9,maybe"], "source,target,approximate"),
            [(6, "approximate", "expected true or false, got 'maybe'")],
        ),
        (
            own(["a,R50.9,2024"], "source,target,effective"),
            [(6, "effective", "expected a day like 2024-03-01, got '2024'")],
        ),
        (
            own(["a,R50.9,new"], "source,target,change"),
            [(6, "change", "expected nothing: codes of two systems do not change into each other")],
        ),
        (
            own(["a,R50.9,1", "a,R509,1"], "source,target,alternative"),
            [(7, "target", "R50.9 is in this alternative already")],
        ),
        (
            own(["a,R50.9,1", "a,,1"], "source,target,alternative"),
            [(7, "target", "expected a code: an alternative of several rows has no empty target")],
        ),
        (
            own(["a,R50.9,1,yes", "a,J18.9,1,no"], "source,target,alternative,approximate"),
            [(7, "approximate", "expected 'yes' as on line 6, of the same alternative, got 'no'")],
        ),
        (own(['a,"R50.9'], name="map.csv"), [(6, None, "expected delimited text: unexpected end of data")]),
    ],
)
def test_faulty_rows(file, expected) -> None:
    """What is wrong in header or rows is a fault with its line, its column, and what was expected."""
    assert expected == faults(READER, file)


@pytest.mark.parametrize(
    ("head", "line", "column", "message"),
    [
        (HEAD + "#colour: red\n", 5, 1, "got '#colour: red'"),
        (HEAD + "#version: 2025\n", 5, 1, "each KEY once"),
        (HEAD + "# a remark\n", 5, 1, "expected #KEY: VALUE"),
        (HEAD.replace("#crosswalk: Fevers\n", ""), 1, None, "missing: #crosswalk:"),
        (HEAD.replace("clinic", "My Clinic"), 3, "source_system", "expected a short name"),
        (HEAD.replace("2024", "latest"), 2, "version", "expected a version"),
        (HEAD + "#effective: March\n", 5, "effective", "expected a day like 2024-03-01, got 'March'"),
    ],
)
def test_faulty_headings(head, line, column, message) -> None:
    """What is wrong in the lines of the heading is a fault with its line and key."""
    ((found_line, found_column, found),) = faults(READER, own(["a,R50.9"], head=head))
    assert (line, column) == (found_line, found_column)
    assert message in found


def test_relationships() -> None:
    """A relationship is one of FHIR R5; that codes are not related is said by leaving the row out."""
    header = "source,target,relationship"
    ((line, column, message),) = faults(READER, own(["a,R50.9,not-related-to"], header))
    assert (ROW_LINE, "relationship") == (line, column)
    assert "expected one of equivalent, related-to, source-is-broader-than-target" in message


def test_all_faults_at_once() -> None:
    """All faults of a file are named in one go, in the order of their lines."""
    found = faults(READER, own(["a,high fever", "b", ",R50.9"]))
    assert [6, 7, 8] == [line for line, _, _ in found]


def test_strangers() -> None:
    """Lists of codes, plain tables and other files are left alone; and lists of codes take no map for theirs."""
    strangers = [
        text_file("#system: clinic\ncode,title\na,A\n", "list.csv"),
        text_file("from,to\na,b\n", "plain.csv"),
        text_file("# notes\n", "notes.txt"),
        text_file("", "empty.csv"),
        text_file(HEAD + "source,target\na,R50.9\n", "map.json"),
    ]
    assert [None] * 5 == [READER.read(file) for file in strangers]
    assert GenericLoader().read(own(["a,R50.9"])) is None or isinstance(GenericLoader().read(own(["a,R50.9"])), Skipped)


CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=5), st.integers(0, 200))
def test_any_text_is_read_or_faulted(rows, cut) -> None:
    """Whatever the cells hold and wherever the text ends, it is read, faulted with a line, or left alone."""
    buffer = io.StringIO()
    for row in rows:
        buffer.write(",".join(row) + "\n")
    data = (HEAD + "source,target\n" + buffer.getvalue()).encode()[: cut or None]
    file = ReadableFile("map.csv", lambda: data)
    try:
        part = READER.read(file)
    except Exception as error:  # noqa: BLE001 -- any but faults fails below
        found = getattr(error, "exceptions", [error])
        assert all(fault.file == "map.csv" and (fault.line or fault.column) for fault in found)
    else:
        assert part is None or evolve(part, effective=day(2024, 1, 1)).facts["target_system"] == "icd10cm"


def test_a_table_without_a_heading() -> None:
    """A table of sources and targets that says nothing of itself is left alone, with a word on what is missing."""
    made = READER.read(ReadableFile("mine.csv", lambda: b"source;target;\nfever;R50.9;\n"))
    assert isinstance(made, Skipped)
    assert "put lines #crosswalk: NAME" in made.reason


def test_empty_columns_of_a_spreadsheet() -> None:
    """Empty columns to the right, as spreadsheet programs write them, are no columns."""
    lines = ["#crosswalk: Mine;;;", "#source_system: clinic;;;", "#target_system: icd10cm;;;", "#version: 2022;;;"]
    text = "\r\n".join([*lines, "Source;Target;;", "fever;R50.9;;", ";;;", ""])
    made = READER.read(ReadableFile("mine.csv", text.encode))
    assert isinstance(made, Part)
    assert [("fever", ["R50.9"])] == [
        (row["source_code"], row["target_codes"]) for row in made.tables["mappings"].to_pylist()
    ]


def test_an_alternative_of_thousands_of_codes_is_read(tmp_path):
    """Targets that are used together are compared once, not each with all before it."""
    rows = "\n".join(f"A,T{number},1" for number in range(100_000))
    heading = "#crosswalk: Wide\n#source_system: a\n#target_system: b\n#effective: 2024-01-01\n"
    path = tmp_path / "map.csv"
    path.write_text(f"{heading}source,target,alternative\n{rows}\n")
    report = terminology.load(path, store=tmp_path / "store")
    assert ((), 1) == (report.errors, report.crosswalks[0].crosswalk.mappings)
