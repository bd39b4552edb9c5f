"""Rows of a list that are no entry: the rest of the list is read, and they are reported with a likely repair."""

from __future__ import annotations

import csv
import json

import pytest

from terminology import ReleaseFaults, ReleaseFormatError
from terminology.codelists import CodeList, impact_on_lists, migration_of
from terminology.reports.code_lists import migration_csv, migration_page

TEXT = """\
# diabetes
system: icd10cm
E11.9  Type 2
E11.9 diabetes
#N/A
is-a
Note: from the old system
"E11.8
"""


def test_damaged_rows_of_a_text(cm):
    """Each row that is no entry has its line, its text, what was expected, and the code that was probably meant."""
    found = CodeList.parse(TEXT).resolve(cm.release("2022"))

    assert ("E11.9",) == found.codes
    assert [
        (4, "E11.9 diabetes", "E11.9"),
        (5, "#N/A", None),
        (6, "is-a", None),
        (7, "Note: from the old system", None),
        (8, '"E11.8', "E11.8"),
    ] == [(row.line, row.text, row.suggestion) for row in found.damaged]
    assert not found.is_whole
    assert [row.to_dict() for row in found.damaged] == found.to_dict()["damaged"]


@pytest.mark.parametrize(
    ("form", "text", "rows"),
    [
        ("csv", "code,term\nE11.9,x\n,Asthma\n#N/A,y\nE11-,z\n", [(3, "Asthma"), (4, "#N/A"), (5, "E11-")]),
        ("csv", "code,include\nE11.9,\nE11.8,maybe\n", [(3, "E11.8")]),
        ("json", '["E11.9",\n 7,\n "E11-"]', [(1, "7"), (3, "E11-")]),
        (
            "json",
            (
                '{"resourceType": "ValueSet", "compose": {"include": [{"system": "icd10cm", "concept": [\n'
                '{"code": "E11.9"},\n{"display": "Asthma"}]}]}}'
            ),
            [(3, "Asthma")],
        ),
    ],
)
def test_damaged_rows_of_other_forms(form, text, rows):
    """In CSV, JSON and FHIR a damaged row is reported too, and the rest is read."""
    found = CodeList.parse(text, form=form)

    assert ["E11.9"] == [entry.text for entry in found.entries]
    assert rows == [(row.line, row.text) for row in found.damaged]


@pytest.mark.parametrize("text", ["E11[.]8", "dx NOT IN ('E11.8')", "E11-", "#REF!"])
def test_what_no_code_repairs(cm, text):
    """A code inside a negation, a regular expression or half a range is not what is meant: none is suggested."""
    [row] = CodeList.parse(f"E11.9\n{text}", "icd10cm").resolve(cm.release("2022")).damaged

    assert row.suggestion is None


def test_strict_reading():
    """Where it is asked for, damaged rows are errors, all of them at once."""
    with pytest.raises(ReleaseFaults) as rejected:
        CodeList.parse(TEXT, strict=True)

    assert [5, 7, 4, 6, 8] == [error.line for error in rejected.value.exceptions]


def test_a_text_without_any_entry():
    """Where no row is an entry, the text is no list: the damaged rows are its errors."""
    with pytest.raises(ReleaseFormatError, match="expected two codes around the dash"):
        CodeList.parse("E11-\n")


def test_damaged_rows_are_migrated_as_comments(cm):
    """A damaged row is to decide, first of all; the proposal keeps it as a comment with the reason."""
    text = "name: A\nE11.9\nE11-\nM54.9\n"
    migration = migration_of(CodeList.parse(text), cm, "2021", "2022")
    [row] = migration.review

    reason = "expected two codes around the dash; for all that begin with E11 write E11*"
    assert (3, "E11-", None, "damaged", reason) == (row.line, row.entry, row.code, row.kind, row.reason)
    assert (
        f"name: A\nsystem: icd10cm\nrelease: 2022\nE11.9\n# review: E11-  # {reason}\nM54.9\n"
        == migration.proposal().text
    )
    assert ["E11-"] == [damaged["text"] for damaged in migration.to_dict()["damaged"]]


def test_damaged_rows_of_another_form_are_migrated_as_comments(cm):
    """A list of another form becomes plain text, its damaged rows comments in their place."""
    found = CodeList.parse('["E11.9",\n"is-a",\n"M54.9"]', form="json")

    assert (
        "system: icd10cm\nrelease: 2022\n\nE11.9\n# damaged: is-a  # expected a code after 'is-a', got nothing: write it as in is-a E11.9\nM54.9\n"
        == migration_of(found, cm, "2021", "2022").proposal().text
    )


def test_impact_of_a_list_with_damaged_rows(cm):
    """A list with damaged rows needs review, whatever a release does to it."""
    found = impact_on_lists([CodeList.parse("E11.9\nis-a\n")], cm, "2021", "2022")

    assert (True, {"unchanged": 1}) == (found.lists[0].is_broken, found.lists[0].counts)
    assert ["is-a"] == [row["text"] for row in json.loads(json.dumps(found.to_dict()))["lists"][0]["damaged"]]


def test_damaged_rows_in_reports(cm):
    """The page and the table of a migration have the damaged rows; reasons stay with their own entry of a line."""
    migration = migration_of(CodeList.parse("E11.9 diabetes\nM54.5, E11.9\n", "icd10cm"), cm, "2021", "2022")
    table = list(csv.DictReader(migration_csv(migration).splitlines()))

    assert [("1", "damaged", ""), ("2", "to_header", "M54.50")] == [
        (row["line"], row["fate"], row["successor"]) for row in table[:2]
    ]
    assert ("E11.9", "") == (table[-1]["entry"], table[-1]["review"])
    assert "E11.9 diabetes" in migration_page(migration, cm)


def test_labels_that_look_like_codes(cm):
    """A label that may be read as codes is a comment in the text of a list, which is read again as it was."""
    found = CodeList.parse('[{"entry": "E11.9", "label": "E10"}, "M54.9"]', "icd10cm", form="json")
    proposal = migration_of(found, cm, "2021", "2022").proposal()

    assert "system: icd10cm\nrelease: 2022\n\nE11.9  # E10\nM54.9\n" == proposal.text
    assert ["E11.9", "M54.9"] == [entry.text for entry in CodeList.parse(proposal.text).entries]
