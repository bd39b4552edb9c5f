"""The history of CPT as changes and replacements; what its prose says instead; all invented."""

from __future__ import annotations

import datetime
import json

import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from terminology.drafts import CommittedRelease
from terminology.model import Release, SourceFile
from terminology.reading import ReadableFile
from terminology_crosswalks.cpt_history import CptHistoryReader, instruction_of
from terminology_loaders.cpt import CptLoader

from .releases import SAMPLES, by_version, committed, files_in, mappings, mentions

day = datetime.date
READER = CptHistoryReader()
KNOWN = ("99990", "99991", "99992", "99994", "9990T", "99995")


def history(*rows, file="History_DTK_tab.txt"):
    """Return a table of changes: code, day, change, and perhaps instruction, prior and current value."""
    values = []
    for line, row in enumerate(rows, 2):
        code, first, change, *more = row
        instruction, prior, current = [*more, None, None, None][:3]
        values.append(
            {
                "code": code,
                "date": str(first),
                "prior": prior,
                "current": current,
                "instruction": instruction,
                "day": first,
                "change": change,
                "line": line,
                "file": file,
            }
        )
    texts = dict.fromkeys(("code", "date", "prior", "current", "instruction", "change", "file"), pa.string())
    columns = {**texts, "day": pa.date32(), "line": pa.int32()}
    return pa.Table.from_pylist(values, schema=pa.schema(list(columns.items())))


def release(*tables):
    """Return a release of 2025 with these changes."""
    files = dict.fromkeys(file for table in tables for file in table.column("file").to_pylist())
    sources = tuple(SourceFile(file, "0" * 64, 1) for file in ("LONGULT.txt", *files))
    made = Release("cpt", "2025", day(2025, 1, 1), 0, 0, derived=False, sources=sources, licence="(c) invented")
    concepts = pa.table({"code": pa.array(KNOWN)})
    return CommittedRelease(made, "x", {"concepts": concepts, "history": pa.concat_tables(tables)})


def draft_of(*tables):
    """Return the crosswalk of a release with these changes."""
    (draft,) = READER.assemble([], [release(*tables)]).drafts
    return draft


def changes(*rows):
    """Return what the rows say: change, source, targets, day."""
    return [
        (row["change"], row["source_code"], row["target_codes"], row["effective"])
        for row in mappings(draft_of(history(*rows)))
    ]


def test_sample() -> None:
    """The sample's history: one code was replaced by the one that its instruction names, others began or were reworded."""
    drafts = by_version(READER.assemble([], committed(CptLoader(), files_in(SAMPLES / "cpt"))).drafts)
    draft = drafts["2025", "cpt", "cpt"]
    rows = mappings(draft)
    (deleted,) = [row for row in rows if row["change"] == "deleted"]
    assert ("99993", ["99994"], day(2025, 1, 1), 5) == (
        deleted["source_code"],
        deleted["target_codes"],
        deleted["effective"],
        deleted["line"],
    )
    assert {
        "instruction": "To report, use the invented 99994",
        "parse_status": "parsed",
    } == {name: json.loads(deleted["detail"])[name] for name in ("instruction", "parse_status")}
    assert {"begun", "revised", "deleted"} == {row["change"] for row in rows}
    assert {"History_DTK_tab_2025.txt"} == {draft.sources[row["source"]].file for row in rows}
    assert any("1 changes have no day that is known, left out: 99990" in text for text in draft.build().warnings)
    assert draft.build().licence == next(iter(draft.releases)).release.licence


def test_borrowed_history() -> None:
    """An update that borrows the history of its year's release does not tell those changes again."""
    told = release(history(("99990", day(2024, 1, 1), "ADDED")))
    update = evolve(told, release=evolve(told.release, version="2025-04", sources=told.release.sources[:1]))
    (draft,) = READER.assemble([], [update]).drafts
    assert [] == mappings(draft)
    assert [None] == draft.build().tables["rows"].column("source").to_pylist()


def test_begun_and_revised() -> None:
    """An added code has no source; a reworded one carries both wordings."""
    rows = [("99990", day(2024, 1, 1), "ADDED"), ("99991", day(2025, 1, 1), "REVISED", None, "Old", "New")]
    assert [
        ("begun", None, ["99990"], day(2024, 1, 1)),
        ("revised", "99991", ["99991"], day(2025, 1, 1)),
    ] == changes(*rows)
    revised = mappings(draft_of(history(*rows)))[1]
    assert {"before": "Old", "after": "New"} == json.loads(revised["detail"])


@pytest.mark.parametrize(
    ("written", "first"), [(day(2024, 12, 31), day(2025, 1, 1)), (day(2025, 1, 1), day(2025, 1, 1))]
)
def test_deleted_without_replacement(written, first) -> None:
    """A deletion without a code instead is an end, from the first day without the code."""
    row = ("99993", written, "DELETED", "99993 has been deleted")
    assert [("ended", "99993", None, first)] == changes(row)
    assert [("99993", None, first, "gives an instruction that names no code", row[-1])] == mentions(
        draft_of(history(row))
    )


def test_several_replacements() -> None:
    """Each code that is named instead is an alternative of its own."""
    assert [["99994"], ["99995"]] == [
        targets for _, _, targets, _ in changes(("99993", day(2025, 1, 1), "DELETED", "To report, see 99994, 99995"))
    ]


@pytest.mark.parametrize(
    ("text", "codes", "status"),
    [
        ("To report, use 99994", ("99994",), "parsed"),
        ("(99993 has been deleted. To report, use 99994)", ("99994",), "parsed"),
        ("99993 has been deleted. For the invented, see 99990, 99991", ("99990", "99991"), "parsed"),
        (
            "To report the first, see 99990. To report the second, see 99991 and 99995",
            ("99990", "99991", "99995"),
            "parsed",
        ),
        ("For the invented, see 99990-99992", ("99990", "99991", "99992"), "parsed"),
        ("To report, use 9990T or 0001U", ("9990T", "0001U"), "parsed"),
        ("To report, use 99990. Do not report 99991 with it", ("99990",), "partial"),
        ("See 99990 in conjunction with 99991", ("99990",), "partial"),
        ("99993 has been deleted", (), "unparsed"),
        ("Use 99993", (), "unparsed"),
        ("Use an unlisted code", (), "unparsed"),
        ("", (), "unparsed"),
        ("Use 999940 or x99994", (), "unparsed"),
        ("Do not use 99990 in conjunction", (), "unparsed"),
        ("Do not use 99990 in conjunction with 99991", (), "unparsed"),
        ("Do not report with 99990", (), "unparsed"),
        ("99990 should never be reported with 99991", (), "unparsed"),
        ("Use 99990, not 99991", ("99990",), "partial"),
        ("Use 99990 instead of 99991", ("99990",), "partial"),
        ("Do not report 99991, use 99990", ("99990",), "partial"),
        ("Do not use 99991; see 99990", ("99990",), "partial"),
        ("Use 99990, do not use 99991", ("99990",), "partial"),
        ("Use with 99990", (), "unparsed"),
        ("Use instead of 99990", (), "unparsed"),
        ("See also 99990", (), "unparsed"),
        ("Use 99990-52", (), "unparsed"),
        ("Use 99990 with modifier 52", ("99990",), "partial"),
        ("Use 99990, 99991-52", ("99990",), "partial"),
        ("When performed with 99991, use 99990", ("99990",), "partial"),
        ("99993 is no longer valid, use 99990", ("99990",), "parsed"),
        ("For the first use 99990, for the second see 99991", ("99990", "99991"), "parsed"),
        ("See 99990, 99991, or 99995", ("99990", "99991", "99995"), "parsed"),
        ("See 99990 and/or 99991", ("99990", "99991"), "parsed"),
        ("See 99990 through 99992", ("99990", "99991", "99992"), "parsed"),
        ("See 99990\u201399992, 9990T", ("99990", "99991", "99992", "9990T"), "parsed"),
        ("See 99990 et seq", ("99990",), "partial"),
        ("See 99992-99990", (), "unparsed"),
        ("See 99990-9990T", (), "unparsed"),
        ("See 99990-99993", (), "unparsed"),
        ("See 99990, 99991-9990T", ("99990",), "partial"),
        ("Do not report with 99990-99992. Use 99995", ("99995",), "partial"),
    ],
)
def test_instructions(text, codes, status) -> None:
    """Codes count after words that lead to them, and not after words that turn the sense."""
    found = instruction_of(text, "99993", KNOWN)
    assert (codes, status) == (found.codes, found.status)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("See 9975T-9977T", ("9975T", "9976T", "9977T")),
        ("See 9975F-9977F", ("9975F", "9977F")),
        ("See 9975T-9977U", ()),
        ("See 99750-99760", ("99750", "99760")),
    ],
)
def test_a_range_is_of_one_category(text, codes) -> None:
    """A range takes the codes with the same last letter between its ends, and no others."""
    known = ("9975T", "9976T", "9976U", "9977T", "9975F", "9976A", "9977F", "99750", "99760", "9975U", "9977U")
    assert codes == instruction_of(text, "99993", known).codes


SURE = st.sampled_from(
    ["To report, use {}", "See {}", "99993 has been deleted, see {}", "For the invented, refer to {}"]
)
UNSURE = st.sampled_from(
    [
        *("Do not use {} in conjunction", "Never report with {}", "Use instead of {}", "{} was revised too"),
        *("See also {}", "This was not to be reported with {}", "Use only with {}", "Includes {}"),
    ]
)
LISTED = st.lists(st.sampled_from(KNOWN), min_size=1, max_size=3, unique=True)


@given(
    sentences=st.lists(
        st.tuples(st.booleans(), SURE, UNSURE, LISTED, st.sampled_from([", ", " or ", " and "])), max_size=4
    )
)
def test_sentences_in_any_order(sentences) -> None:
    """Of any sentences those that surely lead to codes give them, and the others none; what is left is told."""
    text = ". ".join(
        (sure if is_sure else unsure).format(by.join(codes)) for is_sure, sure, unsure, codes, by in sentences
    )
    expected = [code for is_sure, _, _, codes, _ in sentences if is_sure for code in codes]
    named = {code for *_, codes, _ in sentences for code in codes}
    found = instruction_of(text, "99993", KNOWN)
    assert tuple(dict.fromkeys(expected)) == found.codes
    assert ("parsed" if named == set(expected) else "partial") == found.status or not expected


def test_an_unparsed_instruction() -> None:
    """Prose that leads to no code is an end without target, with its text."""
    text = "Do not use 99994 in conjunction"
    (row,) = mappings(draft_of(history(("99993", day(2025, 1, 1), "DELETED", text))))
    assert ("ended", "99993", None) == (row["change"], row["source_code"], row["target_codes"])
    assert {"instruction": text, "parse_status": "unparsed"} == json.loads(row["detail"])


def test_a_range_means_the_codes_of_its_day() -> None:
    """A range takes codes that existed when the code was deleted, whether or not the release still has them."""
    rows = [
        ("99996", day(2010, 1, 1), "ADDED"),
        ("99996", day(2022, 1, 1), "DELETED"),
        ("99991", day(2024, 1, 1), "ADDED"),
        ("99993", day(2020, 1, 1), "DELETED", "See 99990-99996"),
    ]
    named = [targets[0] for change, _, targets, _ in changes(*rows) if change == "deleted"]
    assert ["99990", "99992", "99994", "99995", "99996"] == named


def test_status_of_the_prose() -> None:
    """How far the prose was understood stands in the row; without prose nothing does."""
    rows = mappings(
        draft_of(
            history(
                ("99993", day(2025, 1, 1), "DELETED", "See 99990 in conjunction with 99991"),
                ("99992", day(2025, 1, 1), "DELETED"),
            )
        )
    )
    assert ["partial", None] == [json.loads(row["detail"] or "{}").get("parse_status") for row in rows]


def test_deletions_told_twice() -> None:
    """A list of deleted codes repeats the history; the row with an instruction counts, and cites its own file."""
    draft = draft_of(
        history(("99993", day(2025, 1, 1), "DELETED")),
        history(("99993", day(2025, 1, 1), "DELETED", "Use 99994"), file="Deleted_DTK_tab.txt"),
    )
    (row,) = mappings(draft)
    assert (["99994"], "Deleted_DTK_tab.txt") == (row["target_codes"], draft.sources[row["source"]].file)
    assert 2 == draft.build().tables["rows"].num_rows


@pytest.mark.parametrize(("added", "first"), [(day(2025, 1, 1), day(2024, 10, 1)), (day(2023, 1, 1), day(2024, 7, 1))])
def test_deletions_on_two_days(added, first) -> None:
    """A deletion that list and history date differently is one, on the day of the newer file; its text is kept."""
    draft = draft_of(
        history(("99990", added, "ADDED"), ("99993", day(2024, 10, 1), "DELETED")),
        history(
            ("99993", day(2024, 7, 1), "DELETED", "Use 99994"), ("99992", day(2024, 12, 31), "DELETED"), file="D.txt"
        ),
    )
    (row,) = [row for row in mappings(draft) if row["source_code"] == "99993"]
    assert (["99994"], first) == (row["target_codes"], row["effective"])
    assert any("on another day" in text and "99993" in text for text in draft.build().warnings)


def test_two_instructions() -> None:
    """Another instruction in the second file is told, and the first one counts."""
    draft = draft_of(
        history(("99990", day(2025, 1, 1), "ADDED"), ("99993", day(2025, 1, 1), "DELETED", "Use 99994")),
        history(("99993", day(2024, 12, 31), "DELETED", "Use 99995"), file="Deleted_DTK_tab.txt"),
    )
    assert [["99994"]] == [row["target_codes"] for row in mappings(draft) if row["change"] == "deleted"]
    assert ("1 changes have another instruction in Deleted_DTK_tab.txt, left out: 99993",) == draft.build().warnings


def test_what_is_left_out() -> None:
    """Changes without code or day, and of other types, are kept as published and told."""
    draft = draft_of(
        history(
            (None, day(2025, 1, 1), "ADDED"),
            ("99990", None, "ADDED"),
            ("99991", day(2025, 1, 1), "RESEQUENCED"),
            ("9999X", day(2025, 1, 1), "ADDED"),
        )
    )
    built = draft.build()
    assert 0 == built.tables["mappings"].num_rows
    assert 4 == built.tables["rows"].num_rows
    assert (
        "2 changes are of no code, left out: line 2, 9999X",
        "1 changes have no day that is known, left out: 99990",
        "1 changes are of the type RESEQUENCED, left out: 99991",
    ) == built.warnings
    assert "(c) invented" == built.licence


def test_releases_without_history() -> None:
    """A release without history makes no crosswalk; no file is this reader's own."""
    plain = evolve(
        release(history(("99990", day(2025, 1, 1), "ADDED"))), tables={"concepts": pa.table({"code": ["99990"]})}
    )
    assert () == READER.assemble([], [plain]).drafts
    assert READER.read(ReadableFile("History_DTK_tab.txt", lambda: b"Date\tChange Type\tCPT Code\n")) is None
