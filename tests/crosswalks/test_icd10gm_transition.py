"""Transitions of ICD-10-GM: what changes and what stays, years, marks, codes used again, and bad files; all invented."""

from __future__ import annotations

import datetime
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_crosswalks.icd10gm_transition import Icd10gmTransitionReader

from ..release_files import zipped
from .releases import SAMPLES, faults, files_in, mappings, parts_of, text_file

day = datetime.date
READER = Icd10gmTransitionReader()
NAME = "icd10gm2016syst_umsteiger_2015_2016.txt"


def transition(*lines, name=NAME, archive=None):
    """Return a transition of these lines."""
    return text_file("".join(f"{line}\r\n" for line in lines), name, archive)


def draft_of(*files, **given):
    """Return the one crosswalk that the files make."""
    assembly = READER.assemble(parts_of(READER, files, **given), [])
    assert () == assembly.refused
    (draft,) = assembly.drafts
    return draft


def steps(*lines):
    """Return what the lines say: change, source, targets, relationship."""
    return [
        (row["change"], row["source_code"], row["target_codes"], row["relationship"])
        for row in mappings(draft_of(transition(*lines)))
    ]


def test_sample() -> None:
    """The sample leads from 2015 to 2016: one code was divided, the others stay and make no row."""
    draft = draft_of(*files_in(SAMPLES / "crosswalks" / "icd10gm_transition"))
    assert ("2016", day(2016, 1, 1), "icd10gm", "icd10gm") == (
        draft.version,
        draft.effective,
        draft.source_system,
        draft.target_system,
    )
    assert [("A00.0", ["A00.00"], day(2016, 1, 1), 1), ("A00.0", ["A00.08"], day(2016, 1, 1), 2)] == [
        (row["source_code"], row["target_codes"], row["effective"], row["line"]) for row in mappings(draft)
    ]
    assert 5 == draft.build().tables["rows"].num_rows


def test_deleted_and_new() -> None:
    """A row stands at the deleted code; where the old code stays, at the new one."""
    assert [
        ("deleted", "X01.0", ["X01.1"], "related-to"),
        ("new", "X02.0", ["X02.1"], "related-to"),
    ] == steps("X01.0;X01.1;A;A", "X02.0;X02.0;A;A", "X02.0;X02.1;;")


@pytest.mark.parametrize("nothing", ["UNDEF", ""])
def test_without_predecessor_or_successor(nothing) -> None:
    """UNDEF, or an empty field, says that there is no predecessor, or no successor."""
    assert [
        ("new", None, ["X01.0"], "related-to"),
        ("deleted", "X02.0", None, "related-to"),
    ] == steps(f"{nothing};X01.0;;A", f"X02.0;{nothing};;")


def test_one_way_marks() -> None:
    """A step that is automatic in one direction only leads to the broader code."""
    assert ["source-is-broader-than-target", "source-is-narrower-than-target", "related-to", "related-to"] == [
        relationship
        for *_, relationship in steps("X01.0;X01.1;;A", "X02.0;X02.1;A;", "X03.0;X03.1;;", "X04.0;X04.1;A;A")
    ]


def test_marks_are_kept() -> None:
    """Both marks stand in the row's particulars."""
    (row,) = mappings(draft_of(transition("X01.0;X01.1;A;")))
    assert {"automatic_forward": True, "automatic_backward": False} == json.loads(row["detail"])


def test_codes_used_again() -> None:
    """A code that goes on under another meaning is told: its old meaning is another code's now."""
    draft = draft_of(transition("X01.0;X01.1;;A", "X01.1;X01.2;A;A", "X03;X03;A;A"))
    assert ("1 code means something else than before: X01.1",) == draft.build().warnings
    assert [None, True] == [json.loads(row["detail"]).get("code_is_used_again") for row in mappings(draft)]


def test_marks_behind_codes() -> None:
    """What older lists write behind a code is no part of it, and is kept in the table of rows."""
    draft = draft_of(transition("X01.0+;X01.1*;A;A", "X02.-;X03!;A;A"))
    assert [("X01.0", ["X01.1"]), ("X02", ["X03"])] == [
        (row["source_code"], row["target_codes"]) for row in mappings(draft)
    ]
    assert ["X01.0+", "X02.-"] == draft.build().tables["rows"].column("old").to_pylist()


@pytest.mark.parametrize(
    ("name", "archive", "told", "expected"),
    [
        (NAME, None, {}, "2016"),
        ("icd10gm2024syst_umsteiger_2023_20221206_2024.txt", None, {}, "2024"),
        ("icd10gm2024syst_umsteiger_2023_2024_20230915.txt", None, {}, "2024"),
        ("umsteiger.txt", "x1gut2016.zip", {}, "2016"),
        ("umsteiger.txt", "x1ueb2004_2005.zip", {}, "2005"),
        ("umsteiger20072008.txt", None, {}, "2008"),
        ("umsteiger_icd10gmsyst2008_icd10gmsyst2009.txt", "x1ueb2008_2009.zip", {}, "2009"),
        ("icd10gm2019syst_umsteiger.txt", None, {}, "2019"),
        ("umsteiger.txt", None, {"version": "2022"}, "2022"),
        (NAME, None, {"effective": day(2023, 1, 1)}, "2023"),
    ],
)
def test_years(name, archive, told, expected) -> None:
    """The operator's word wins, then the years of the file's name, then that of the archive's."""
    draft = draft_of(transition("X01;X02;A;A", name=name, archive=archive), **told)
    assert (expected, day(int(expected), 1, 1)) == (draft.version, draft.effective)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "nothing states to which year the transition leads: give --version"),
        ({"version": "new"}, "expected a year as version, got 'new'"),
    ],
)
def test_undated(told, reason) -> None:
    """A transition of which nothing tells the year is refused with advice."""
    assembly = READER.assemble(parts_of(READER, [transition("X01;X02;A;A", name="list.txt")], **told), [])
    assert [reason] == [why for _, why in assembly.refused]


def test_years_that_do_not_follow() -> None:
    """A transition over several years is taken, and told."""
    draft = draft_of(transition("X01;X02;A;A", name="umsteiger_2013_2016.txt"))
    assert ("umsteiger_2013_2016.txt: leads from 2013 to 2016: days between are not distinguished",) == draft.warnings


def test_both_years_of_the_archive() -> None:
    """The year that the transition leads from is told by the archive where the file's own name has none."""
    draft = draft_of(transition("X01;X02;A;A", name="umsteiger.txt", archive="x1ueb2004_2006.zip"))
    told = "x1ueb2004_2006.zip!umsteiger.txt: leads from 2004 to 2006: days between are not distinguished"
    assert (told,) == draft.warnings


def test_zip_in_zip(tmp_path) -> None:
    """Archives in archives are opened, and the same transition twice is one with two sources."""
    inner = zipped({NAME: b"X01;X02;A;A\r\n"})
    (tmp_path / "outer.zip").write_bytes(zipped({"Klassifikationsdateien/inner.zip": inner}))
    (tmp_path / NAME).write_bytes(b"X01;X02;A;A\r\n")
    draft = draft_of(*files_in(tmp_path))
    assert {NAME, f"outer.zip!{NAME}"} == {source.file for source in draft.sources}


def test_two_transitions_of_a_year() -> None:
    """Two different transitions to one year are both refused, each naming the other."""
    files = [transition("X01;X02;A;A"), transition("X01;X03;A;A", name="umsteiger_2015_2016.txt")]
    assembly = READER.assemble(parts_of(READER, files), [])
    assert () == assembly.drafts
    assert [True, True] == [
        other.name in why for (_, why), other in zip(assembly.refused, reversed(files), strict=True)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_encodings(encoding) -> None:
    """UTF-8 with or without its mark, and Latin-1, give the same rows."""
    file = ReadableFile(NAME, lambda: "X01.0;X01.1;A;A\r\n".encode(encoding))
    assert 1 == len(mappings(draft_of(file)))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["X01;X02;A;A", "X03;X04;A"], (2, 3, "expected 4 fields")),
        (["X01;X02;A;A", "X03;X04;A;A;A"], (2, 5, "got 5")),
        (["X01;X02;A;A", "X03;A;X04;A"], (2, 2, "expected a code of ICD-10-GM or UNDEF, got 'A'")),
        (["X01;X02;A;A", "X03;X04;B;A"], (2, 3, "expected A or nothing, got 'B'")),
        (["X01;X02;A;A", "X03;X04;A;a"], (2, 4, "expected A or nothing, got 'a'")),
        (["X01;X02;A;A", "UNDEF;;;"], (2, 1, "expected a code, got 'UNDEF' and ''")),
        (["X01;X02;A;A", "X01;X02;;A"], (2, 1, "X01 to X02 is on line 1 already")),
    ],
)
def test_faults(lines, expected) -> None:
    """A line that is short, long, shifted, doubled or without codes is a fault with line and column."""
    found = faults(READER, transition(*lines))
    assert expected[:2] == found[0][:2]
    assert expected[2] in found[0][2]


def test_swapped_columns() -> None:
    """Marks before codes are faults in every line, all named at once."""
    assert [2, 2, 2, 2] == [line for line, _, _ in faults(READER, transition("X01;X02;A;A", "A;A;X01;X02"))]


def test_cut_short() -> None:
    """A last line without its end says that the file was cut short."""
    file = text_file("X01;X02;A;A\r\nX03;X04;A;A", NAME)
    assert [(2, None, "expected a line end after the last row: is the file cut short?")] == faults(READER, file)


def test_wrong_encoding() -> None:
    """Bytes that are no text are a fault with their place; UTF-16 is no transition to this reader."""
    ((line, column, message),) = faults(READER, ReadableFile(NAME, lambda: b"X01;X02;A;A\r\nX03;\0;A;A\r\n"))
    assert (2, 5, "expected text, got a NUL byte") == (line, column, message)
    assert READER.read(ReadableFile(NAME, lambda: "X01;X02;A;A\r\n".encode("utf-16"))) is None


def test_strangers() -> None:
    """Lists of codes and titles, of OPS, and other files are left alone."""
    texts = ["UNDEF;Undefined\r\nA00;Erfunden\r\n", "1-100;1-100;A;A\r\n", "", "A00;A00\r\n", "code;title;a;b\r\n"]
    assert [None] * len(texts) == [READER.read(text_file(text, NAME)) for text in texts]


CODES = st.sampled_from(["X01.0", "X01.1", "X02", "X03", "UNDEF", ""])
LINES = st.lists(
    st.tuples(CODES, CODES, st.sampled_from(["A", ""]), st.sampled_from(["A", ""])), min_size=1, max_size=8
)


@given(LINES)
def test_every_change_is_told_once(rows) -> None:
    """Every row whose codes differ makes one row of the map; one that stays, one for each direction that is not sure."""
    file = transition(*(";".join(row) for row in rows))
    try:
        part = READER.read(file)
    except (ReleaseFaults, ReleaseFormatError) as error:
        found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
        assert all(1 <= fault.line <= len(rows) for fault in found)
        return
    assert part is not None
    (draft,) = READER.assemble([part], []).drafts
    pairs = [(old if old != "UNDEF" else "", new if new != "UNDEF" else "") for old, new, *_ in rows]
    made = [(row["source_code"] or "", "".join(row["target_codes"] or ())) for row in mappings(draft)]
    assert [pair for pair in pairs if pair[0] != pair[1]] == [pair for pair in made if pair[0] != pair[1]]
    perhaps = {
        pair: (
            (forward or sum(old == pair[0] for old, _ in pairs) == 1),
            (backward or sum(new == pair[1] for _, new in pairs) == 1),
        )
        for pair, (_, _, forward, backward) in zip(pairs, rows, strict=True)
        if pair[0] == pair[1]
    }
    assert {pair: sum(not is_sure for is_sure in sure) for pair, sure in perhaps.items() if not all(sure)} == Counter(
        pair for pair in made if pair[0] == pair[1]
    )


def test_a_step_to_itself_that_is_not_automatic() -> None:
    """A code that perhaps stayed is one of several; one that perhaps was another is too; alone it makes no row."""
    divided = ["X01.0;X01.0;;A", "X01.0;X01.1;;A"]
    assert [
        ("deleted", "X01.0", ["X01.0"], "source-is-broader-than-target"),
        ("deleted", "X01.0", ["X01.1"], "source-is-broader-than-target"),
    ] == steps(*divided)
    assert [
        ("deleted", "X02.1", ["X02.0"], "source-is-narrower-than-target"),
        ("new", "X02.0", ["X02.0"], "source-is-narrower-than-target"),
    ] == steps("X02.1;X02.0;A;", "X02.0;X02.0;A;")
    assert [] == steps("X03;X03;;")
