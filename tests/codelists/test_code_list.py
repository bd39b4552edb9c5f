"""Code lists in plain text, CSV and JSON: what is read, what is refused, with the place of each fault."""

from __future__ import annotations

import datetime
import json

import pytest

from terminology import ReleaseFaults, ReleaseFormatError, UnknownReleaseError, UnknownSystemError
from terminology.codelists import CodeList

TEXT = """\
# Diabetes, for the yearly report
name: Diabetes
system: icd10cm
on: 2021-10-01
description: What counts as type 2.
description: Kept by the clinic.

is-a E11   type 2
excluding E11.65  # counted elsewhere
"""


def faults_of(text: str, **options: str) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault, where damaged rows are errors."""
    with pytest.raises((ReleaseFormatError, ReleaseFaults)) as refused:
        CodeList.parse(text, **options, strict=True)
    error = refused.value
    errors = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
    return [(one.line, one.column, one.message) for one in errors]


def entries_of(found: CodeList) -> list[str]:
    """Return the entries as texts."""
    return [entry.text for entry in found.entries]


def test_plain_text():
    """Head lines, entries, labels, comments and lines are read; the text is kept as it was."""
    found = CodeList.parse(TEXT)

    assert ("Diabetes", "icd10cm", None) == (found.name, found.system, found.head.release)
    assert datetime.date(2021, 10, 1) == found.head.on
    assert "What counts as type 2.\nKept by the clinic." == found.head.description
    assert [(8, "type 2", None), (9, None, "counted elsewhere")] == [
        (entry.line, entry.label, entry.comment) for entry in found.entries
    ]
    assert TEXT == found.text


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_files(tmp_path, line_end):
    """A file is read by its ending; its name stands in for a name, a mark of the byte order and CRLF are nothing."""
    path = tmp_path / "asthma.txt"
    path.write_bytes(b"\xef\xbb\xbf" + f"J45.*{line_end}J46{line_end}".encode())

    found = CodeList.read(path, system="icd10cm")

    assert ("asthma", "icd10cm", ["J45.*", "J46"]) == (found.name, found.system, entries_of(found))


def test_a_list_in_another_encoding_is_told(tmp_path):
    """A list that is not UTF-8 is read as CP1252, and says so."""
    path = tmp_path / "list.txt"
    path.write_bytes("H81.0  Ménière".encode("cp1252"))

    found = CodeList.read(path)

    assert "Ménière" == found.entries[0].label
    assert ("list.txt:1: not UTF-8, read as CP1252",) == found.warnings


def test_all_faults_of_a_text_at_once():
    """Every line that cannot be read is named with line and column."""
    text = "name: A\nname: B\nauthor: C\non: tomorrow\nE11.9\nsystem: icd10cm\nis-a\nE10-\n"

    assert [
        (2, 1, "the head line 'name' is on line 1 already: keep one"),
        (
            3,
            1,
            "expected a head line (name, system, release, on, description) or an entry, got 'author': write the codes without it, or # before a comment",
        ),
        (6, 1, "expected the head line 'system' before the first entry, got it after one: move it up"),
        (4, "on", "expected a day like 2024-03-01, got 'tomorrow'"),
        (7, 5, "expected a code after 'is-a', got nothing: write it as in is-a E11.9"),
        (8, 1, "expected two codes around the dash; for all that begin with E10 write E10*"),
    ] == faults_of(text)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "expected at least one entry, got none"),
        ("# only a comment\n", 1, "expected at least one entry, got none"),
        ("name:\nE11", 1, "expected a value after 'name'"),
        ("release: 2022\non: 2021-10-01\nE11", 2, "expected release or on, got both"),
        ("excluding E11\n", 1, "expected an entry to exclude from"),
        ("system: icd10cm\nE11.9 Type 2 diabetes\n", 2, "two blanks, a tab or # begin a label"),
        ("system: icd10cm\nE11.9, diabetes 4\nE11.8 and more\n", 3, "one entry a line"),
    ],
)
def test_faults_of_a_text(text, line, said):
    """A text that is no list says why."""
    [(found_line, _, message)] = faults_of(text)

    assert line == found_line
    assert said in message


def test_entries_that_stand_twice_are_told():
    """The same entry on two lines is a warning, whatever its case."""
    assert ("code list:2: e11 is on line 1 already",) == CodeList.parse("E11\ne11\n").warnings
    [warning] = CodeList.parse("E11\n" * 300).warnings
    assert warning.startswith("code list: 299 entries repeat others: E11 on line 2 (as on line 1), ")
    assert warning.endswith(" and 296 more")


def test_csv():
    """Columns code, include and a label are read, others are let be; lines before the header may be head lines."""
    found = CodeList.parse(
        '#name: Diabetes\n#system: icd10cm\n\nterm;code;include;x\n"Type; 2";E11.*;;1\n"two\nlines";e1165;no;2\n;;;\n',
        form="csv",
    )

    assert ("Diabetes", "icd10cm") == (found.name, found.system)
    assert ["E11.*", "excluding e1165"] == entries_of(found)
    assert [(5, "Type; 2"), (6, "two lines")] == [(entry.line, entry.label) for entry in found.entries]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "title,x\nE11,1\n",
            [
                (
                    1,
                    None,
                    "has no column of codes that its name or its content shows (it has title, x); name it with --code-column",
                )
            ],
        ),
        ("", [(1, None, "expected a header with names of columns, got nothing")]),
        (
            "code,include\nE11,maybe\n,yes\nE10-,yes\n",
            [
                (2, "include", "expected yes or no, got 'maybe': a row is included or excluded"),
                (3, "code", "expected a code, got an empty cell: give one, or leave the row out"),
                (4, "code", "expected two codes around the dash; for all that begin with E10 write E10*"),
            ],
        ),
        ('code\n"E11\n', [(2, None, "expected delimited text: unexpected end of data")]),
        ("code\n", [(1, None, "expected at least one entry, got none: write a code a line")]),
    ],
)
def test_faults_of_csv(text, expected):
    """A table that is no list says why, with line and column."""
    assert expected == faults_of(text, form="csv")


def test_json():
    """A list of entries, or an object with head, entries and excluding, is read; to_dict writes the same."""
    plain = CodeList.parse('["E11.*", "excluding E11.65"]', form="json")
    text = (
        '{"name": "D", "system": "icd10cm", "on": "2021-10-01",\n'
        ' "entries": [{"entry": "is-a E11", "label": "type 2"}, "E10"], "excluding": ["E11.65"]}'
    )
    whole = CodeList.parse(text, form="json")

    assert ["E11.*", "excluding E11.65"] == entries_of(plain)
    assert ["is-a E11", "E10", "excluding E11.65"] == entries_of(whole)
    assert (2, 25, "type 2") == (whole.entries[0].line, whole.entries[0].column, whole.entries[0].label)
    assert json.loads(text) == whole.to_dict()
    assert entries_of(whole) == entries_of(CodeList.parse(json.dumps(whole.to_dict()), form="json"))
    assert entries_of(whole) == entries_of(CodeList.parse(whole.text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('["E11",]', [(1, 8, "expected JSON: Illegal trailing comma before end of array")]),
        ("[NaN]", [(None, None, "expected JSON: NaN is no JSON")]),
        (
            '"E11"',
            [(1, 1, "expected a list of entries, or an object with entries, got 'E11': write it as in [\"E11.9\"]")],
        ),
        (
            '{"entries": ["E11",\n 7, "E10-"], "excluding": "E9", "x": 1}',
            [
                (
                    1,
                    "x",
                    "expected one of name, system, release, on, description, entries, excluding, comments, got 'x': leave it out",
                ),
                (1, "entries[2]", "expected an entry as text, got 7: put the code in quotation marks"),
                (2, 6, "expected two codes around the dash; for all that begin with E10 write E10*"),
                (1, "excluding", "expected a list for excluding, got 'E9': put brackets around it"),
            ],
        ),
        (
            '{"name": 7, "entries": ["E11"]}',
            [(1, "name", "expected a text for name, got 7: put it in quotation marks")],
        ),
    ],
)
def test_faults_of_json(text, expected):
    """A document that is no list says why, with the place."""
    found = faults_of(text, form="json")

    # what the standard library calls a trailing comma depends on its version
    assert [(line, column) for line, column, _ in expected] == [
        (line, column) if "JSON" not in message or line is None else (line, expected[0][1])
        for line, column, message in found
    ]
    assert [m for *_, m in expected if "JSON:" not in m] == [m for *_, m in found if "JSON:" not in m]


def test_deeply_nested_json_is_refused():
    """A document that is nested without end is a fault, no crash."""
    [(_, _, message)] = faults_of("[" * 100_000, form="json")

    assert "JSON" in message


def test_a_list_of_another_system_is_refused(store):
    """A list that names its system is not resolved in another one; any name of the system is its name."""
    found = CodeList.parse("system: ICD-10-CM\nA00")

    assert ("A00",) == found.resolve(store["icd10cm"].latest).codes
    with pytest.raises(UnknownSystemError):
        found.resolve(store["hcpcs"].latest)


@pytest.mark.parametrize(
    ("head", "version"), [("", "2022-04"), ("release: 2021\n", "2021"), ("on: 2022-01-01\n", "2022")]
)
def test_the_edition_of_a_list(store, head, version):
    """The head of a list says which edition it was written for; without, the newest is taken."""
    assert version == CodeList.parse(f"system: icd10cm\n{head}A00").edition(store).release.version


def test_a_list_of_a_release_that_is_not_loaded(store):
    """A list that names a release which is not loaded says so, with its name and what to do."""
    with pytest.raises(
        UnknownReleaseError, match=r"pain.txt says .* 1999: no release '1999' .*; load it, or name another"
    ):
        CodeList.parse("system: icd10cm\nrelease: 1999\nA00", file="pain.txt").edition(store)


def test_a_huge_file_is_no_list(tmp_path, monkeypatch):
    """A file that nobody can have written is refused before it is read."""
    monkeypatch.setattr("terminology.codelists.code_list.MOST_BYTES", 3)
    (tmp_path / "a.txt").write_text("E11.9")

    with pytest.raises(ReleaseFormatError, match="so no code list"):
        CodeList.read(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<!DOCTYPE html><p>E11.9", "got HTML or XML: save its codes as text or CSV"),
        (b"\n<?xml version='1.0'?>", "got HTML or XML"),
        (b"%PDF-1.7\n\x81\x00", "got a PDF: copy its codes into a text file"),
        (b"{\\rtf1 E11.9}", "got a document (RTF): save it as plain text"),
    ],
)
def test_a_file_of_another_form(tmp_path, data, said):
    """A page or a document is an error that says what it is and what to do."""
    (tmp_path / "list.txt").write_bytes(data)

    with pytest.raises(ReleaseFormatError) as rejected:
        CodeList.read(tmp_path / "list.txt", "icd10cm")
    assert ("list.txt", True) == (rejected.value.file, said in rejected.value.message)


def test_json_under_another_name(tmp_path):
    """JSON in a file that is not called so is read as JSON."""
    (tmp_path / "list.txt").write_text('{"system": "icd10cm", "entries": ["E11.9"]}')
    found = CodeList.read(tmp_path / "list.txt")

    assert ("json", ["E11.9"]) == (found.form, entries_of(found))
