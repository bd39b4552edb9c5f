"""One entry: what it is read as, how it is written, what is refused."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from terminology.codelists.entries import Entry, EntryFormatError, EntryKind, parsed_entry


@pytest.mark.parametrize(
    ("text", "kind", "code", "last"),
    [
        ("E11.9", "code", "E11.9", None),
        ("  e119 ", "code", "e119", None),
        ("E10-E13", "range", "E10", "E13"),
        ("E10 - E13", "range", "E10", "E13"),
        ("E10\N{EN DASH}E13", "range", "E10", "E13"),
        ("E11.*", "pattern", "E11.*", None),
        ("S06.?X7A", "pattern", "S06.?X7A", None),
        ("*", "pattern", "*", None),
        ("is-a E11", "is-a", "E11", None),
        ("IS-A\tE11", "is-a", "E11", None),
        ("is-a C43-C44", "is-a", "C43-C44", None),
        ("below C43 - C44", "below", "C43-C44", None),
        ('"1234-5"', "code", "1234-5", None),
        ('"is-a"', "code", "is-a", None),
        ('is-a "a  b"', "is-a", "a  b", None),
        ("0-306-40615-2", "code", "0-306-40615-2", None),
        ("1234-5 - 9999-9", "range", "1234-5", "9999-9"),
        ("99213:25", "code", "99213:25", None),
        ("belowzero", "code", "belowzero", None),
    ],
)
def test_what_an_entry_is(text, kind, code, last):
    """Each way to write an entry is read as what it says, and excluding turns the same entry round."""
    entry = parsed_entry(text)

    assert (kind, code, last, False) == (entry.kind, entry.code, entry.last, entry.excluding)
    assert evolve(entry, excluding=True, column=0) == evolve(parsed_entry(f"Excluding {text}"), column=0)


@pytest.mark.parametrize(
    ("text", "label", "comment"),
    [
        ("E11.9  Type 2 diabetes", "Type 2 diabetes", None),
        ("E11.9\tType 2 diabetes", "Type 2 diabetes", None),
        ("E11.9 # checked", None, "checked"),
        ("E11.9# checked", None, "checked"),
        ("E11.9  Type 2  # checked # twice", "Type 2", "checked # twice"),
        ("is-a E11  all of it", "all of it", None),
        ('"a # b"  label', "label", None),
        ("E11.9  #", None, None),
    ],
)
def test_labels_and_comments(text, label, comment):
    """Two blanks or a tab begin a label, ``#`` a comment; in quotation marks neither does."""
    entry = parsed_entry(text)

    assert (label, comment) == (entry.label, entry.comment)


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("excluding", 10, "expected a code after 'excluding', got nothing"),
        ("is-a  # none", 7, "expected a code after 'is-a', got nothing"),
        ("excluding excluding E11", 11, "got 'excluding'"),
        ("is-a below E11", 6, "expected a code after 'is-a', got 'below'"),
        ("below excluding E11", 7, "expected a code after 'below', got 'excluding'"),
        ("is-a E11*", 6, "expected one code after 'is-a', got wildcards in 'E11*': write E11* alone"),
        ("E11.* - E13.*", 1, "expected codes at the ends of a range"),
        (" E11.-", 2, "for all that begin with E11. write E11.*"),
        ("-E11", 1, "expected two codes around the dash"),
        ("-", 1, "expected two codes around the dash; write a range as E10-E13"),
        ("E11.9, E13.-", 1, "expected two codes around the dash; write a range as E10-E13"),
        ("E10  -  E13", 1, "expected a range, got more than one blank beside its dash: write it as E10-E13"),
        ('"E11', 1, "expected a closing quotation mark"),
        ('""', 1, "got nothing"),
        ('is-a " "', 6, "got nothing"),
        ('E1"1', 1, "around the whole code"),
        ('"E10"-E13', 1, "around the whole code"),
    ],
)
def test_what_is_no_entry(text, column, said):
    """What cannot be read is refused with the place in the line and what was expected there."""
    with pytest.raises(EntryFormatError) as refused:
        parsed_entry(text)

    assert column == refused.value.offset + 1
    assert said in refused.value.message


CODES = st.text(st.sampled_from("AB1.-# *?:\"'xX"), min_size=1, max_size=8)


@given(CODES.filter(lambda code: code.strip() and '"' not in code), st.booleans(), st.sampled_from([*EntryKind]))
def test_what_is_written_reads_the_same(code, excluding, kind):
    """An entry that was read is written so that it reads the same again."""
    written = {EntryKind.IS_A: f'is-a "{code}"', EntryKind.BELOW: f"below {code}"}.get(kind, code)
    try:
        entry = evolve(parsed_entry(written), excluding=excluding)
    except EntryFormatError:
        return
    again = parsed_entry(entry.source_line)

    # a label that may be read as codes is put in the comment
    written_label = entry.label if again.label or not entry.label else None
    assert evolve(entry, column=None, label=written_label, comment=again.comment) == evolve(again, column=None)
    assert again.comment in (entry.comment, entry.label, f"{entry.label}; {entry.comment}")


@given(CODES.map(str.strip).filter(lambda code: code and '"' not in code))
def test_any_code_can_be_written(code):
    """Whatever characters a code has beside quotation marks, an entry can be made of it and read again."""
    again = parsed_entry(Entry(EntryKind.CODE, code).source_line)

    assert (EntryKind.CODE, code) == (again.kind, again.code)
