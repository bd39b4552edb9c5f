"""Lists as people paste them: what means one thing is read, and of anything else it is said what was expected."""

from __future__ import annotations

import pytest

from terminology.codelists import CodeList, migration_of


def read(text: str, system: str | None = "icd10cm") -> list[str]:
    """Return the entries of a list without damaged rows."""
    found = CodeList.parse(text, system)
    assert () == found.damaged
    return [entry.text for entry in found.entries]


@pytest.mark.parametrize("system", ["icd10cm", None])
@pytest.mark.parametrize(
    ("line", "entries"),
    [
        ("E11.9, E11.8", ["E11.9", "E11.8"]),
        ("E11.9,E11.8,", ["E11.9", "E11.8"]),
        ("E11.9; E11.8;", ["E11.9", "E11.8"]),
        ("E11.9 E11.8", ["E11.9", "E11.8"]),
        ("E11.9 and E11.8", ["E11.9", "E11.8"]),
        ("E10-E14, E16.*, is-a E20", ["E10-E14", "E16.*", "is-a E20"]),
        ('"E11.9", "E11.8"', ["E11.9", "E11.8"]),
        ("'E11.9','E11.8'", ["E11.9", "E11.8"]),
        ("'E11.9'", ["E11.9"]),
        ("\N{LEFT DOUBLE QUOTATION MARK}E11.9\N{RIGHT DOUBLE QUOTATION MARK}, 'E11.8'", ["E11.9", "E11.8"]),
        ("dx IN ('E11.9','E11.8')", ["E11.9", "E11.8"]),
        ("WHERE c.dx1 in ('E11.9', 'E11.8');", ["E11.9", "E11.8"]),
        ("IN (E11.9, E11.8)", ["E11.9", "E11.8"]),
        ("AND dx LIKE 'E11%' OR dx LIKE 'E13.1%'", ["E11*", "E13.1*"]),
        ("WHERE dx IN (\n  'E11.9', -- type 2\n  'E11.8'\n);", ["E11.9", "E11.8"]),
        ("codes = [\n'E11.9',\n'E11.8',\n]", ["E11.9", "E11.8"]),
        ('dx <- c("E11.9", "E11.8")', ["E11.9", "E11.8"]),
        ("1. E11.9\n2) E11.8\n- E10\n\N{BULLET} E13\n* E14", ["E11.9", "E11.8", "E10", "E13", "E14"]),
        ("\N{NO-BREAK SPACE}E11.9\N{ZERO WIDTH SPACE}\n\ufeffE11.8", ["E11.9", "E11.8"]),
        ("E10\N{EN DASH}E14\nE10 \N{EM DASH} E14\nE10\N{MINUS SIGN}E14", ["E10-E14", "E10-E14", "E10-E14"]),
        ("E10 to E14\nE10 through E14\nE10 bis E14", ["E10-E14", "E10-E14", "E10-E14"]),
        ("E11.-\nE11.2-", ["is-a E11", "is-a E11.2"]),
        ("E11%\nE11*", ["E11*", "E11*"]),
        (r"E11\..*", ["E11.*"]),
        (r"^E11\.", ["E11.*"]),
        ("^E11", ["E11*"]),
        ("excluding E11.9, E11.8\nE11.*", ["excluding E11.9", "excluding E11.8", "E11.*"]),
    ],
)
def test_what_is_read(line, entries, system):
    """A line that means one thing is read, with and without a system that is known."""
    assert entries == read(line, system)


@pytest.mark.parametrize(
    ("line", "code", "label"),
    [
        ("E11.9 - Type 2 diabetes", "E11.9", "Type 2 diabetes"),
        ("E11.9: Type 2 diabetes", "E11.9", "Type 2 diabetes"),
        ("E11.9, Type 2, without complications", "E11.9", "Type 2, without complications"),
        ("E11.9 \N{EN DASH} Type 2", "E11.9", "Type 2"),
        ("E11.9\tE119", "E11.9", "E119"),
        ("E11.9 (Type 2)", "E11.9", "(Type 2)"),
        ("E11.9 - diabetes, not in remission", "E11.9", "diabetes, not in remission"),
        ("E11.9  diabetes, not in remission; see (E11.8)", "E11.9", "diabetes, not in remission; see (E11.8)"),
    ],
)
def test_labels_behind_other_marks(line, code, label):
    """Words without codes behind a dash, a colon or a comma are the label of the code before them."""
    [entry] = CodeList.parse(line, "icd10cm").entries

    assert (code, label) == (entry.code, entry.label)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dx NOT IN ('E11.9')", "got 'NOT IN': write excluding before each code"),
        ("dx NOT LIKE 'E11%'", "got 'NOT LIKE': write excluding before each code"),
        ("dx <> 'E11.9'", "got '<>': write excluding before each code"),
        ("WHERE dx BETWEEN 'E10' AND 'E13'", "got 'BETWEEN': write a range as E10-E13"),
        ("dx >= 'E10' AND dx < 'E14'", "got '>=': write a range as E10-E13"),
        ("LEFT(dx, 3) IN ('E10', 'E11')", "got 'LEFT(': write a range as E10-E13, all that begin so as E11*"),
        ("substr(dx, 1, 3) in (", "got 'substr(': write a range"),
        ("dx =: 'E11'", "got '=:': write a range"),
        ("E1[0-4]", "got the regular expression E1[0-4]: write each as E11.* on its own line"),
        ("E11.9  E11.8", "E11.8 behind two blanks or a tab may be a label or a code: write one entry a line"),
        ("E11.9 in patients with E11.8", "one entry a line"),
        ("E11.9 - with E11.8", "one entry a line"),
        ("is-a E11, E13", "one entry a line"),
        ("E11.9 diabetes", "two blanks, a tab or # begin a label"),
        ("'E11.9', 'diabetes'", "one entry a line"),
    ],
)
def test_what_is_not_certain(line, said):
    """A line that may mean several things is damaged: it says what was expected, and the rest is read."""
    found = CodeList.parse(f"M54.5\n{line}", "icd10cm")

    assert ["M54.5"] == [entry.text for entry in found.entries]
    assert [(2, True)] == [(row.line, said in row.reason) for row in found.damaged]


def test_codes_of_a_negation_over_several_lines():
    """No code inside NOT IN is included, on whatever line it is."""
    found = CodeList.parse("dx IN ('E11.9')\nAND dx NOT IN (\n'E11.8',\n'E11.65')\nE10", "icd10cm")

    assert ["E11.9", "E10"] == [entry.text for entry in found.entries]
    assert [2, 3, 4] == [row.line for row in found.damaged]


def test_numbers_beside_codes_are_no_codes():
    """A short number behind a code, a count or a modifier, is not taken for a code."""
    found = CodeList.parse("99213 25\n99214", "cpt")
    counted = CodeList.parse("401, 402\n25000 25002\n25000 1204\n401 120", "icd9cm")

    assert (["99214"], ["99213 25"]) == ([entry.text for entry in found.entries], [row.text for row in found.damaged])
    assert ["401", "402", "25000", "25002"] == [entry.text for entry in counted.entries]
    assert ["25000 1204", "401 120"] == [row.text for row in counted.damaged]


def test_codes_of_somebodys_own_system():
    """Codes of a system that is not built in may look like anything: their lines are read as they are."""
    assert ["a, b", "1. x", "E11.9 E11.8"] == read("a, b\n1. x\nE11.9 E11.8", "household")


def test_columns_of_entries_of_one_line():
    """Each entry of a line has the line, and the column of its code."""
    found = CodeList.parse("- E11.9, E11.8, E13.-\n", "icd10cm")

    assert [(1, 3), (1, 10), (1, 17)] == [(entry.line, entry.column) for entry in found.entries]


def test_a_line_of_several_entries_is_migrated(cm):
    """Where an entry of a line changes, the entries of the line have a line each; else the line stays as it is."""
    text = "1. E11.9, M54.9\n2. E11.9, M54.5\n"
    migration = migration_of(CodeList.parse(text, "icd10cm"), cm, "2021", "2022")

    assert [
        "1. E11.9, M54.9",
        "E11.9",
        "M54.50",
        "M54.51",
        "M54.59",
    ] == [line.split("  #")[0].split("  ")[0] for line in migration.proposal().text.splitlines()[3:]]


@pytest.mark.parametrize(
    ("form", "text"), [("csv", "code,term\nE11.-,x\nE11.9; E11.8,y\n"), ("json", '["E11.-", "E11.9; E11.8"]')]
)
def test_cells_and_texts(form, text):
    """A cell of a table, and a text of JSON, is read in the same way."""
    found = CodeList.parse(text, "icd10cm", form=form)

    assert (["is-a E11", "E11.9", "E11.8"], ()) == ([entry.text for entry in found.entries], found.damaged)


def test_lines_in_one_text():
    """Codes on lines of one cell, or of one text of JSON, are entries each."""
    assert ["E11.9", "E11.8"] == [
        entry.text for entry in CodeList.parse('["E11.9\\r\\nE11.8"]', "icd10cm", form="json").entries
    ]
