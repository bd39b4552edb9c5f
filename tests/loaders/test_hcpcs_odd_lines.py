"""Lines of HCPCS whose form is odd: which are read, as what, with which warning; and which are refused all the same."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from terminology.reading import tolerating

from .hcpcs_records import (
    FULL,
    HEADINGS,
    bytes_file,
    cells,
    continuation,
    faults,
    read,
    record,
    rows,
    sheet_row,
    text_file,
    workbook,
)

OLD = 293
"""Characters of a record until 2013."""
NAME = "HCPC2018_CONTR_ANWEB.txt"


SPELLED = {
    "SEQNUM": "Seq Num",
    "RECID": "RIC",
    "MULT_PI": "MPI",
    "COV": "Coverage",
    "ASC_GRP": "ASC Pay Grp",
    "ASC_DT": "ASC Pay Grp Eff Date",
    "OPPS": "MOG Pay Grp",
    "OPPS_PI": "MOG Pay Ind",
    "OPPS_DT": "MOG Eff Date",
    "PROCNOTE": "Proc Note",
    "ANEST_BU": "Anest Base Units",
    "ADD DT": "Code Add Date",
    "ACT EFF DT": "Action Eff Date",
    "TERM DT": "Term Date",
    "ACTION CD": "Action Code",
    **{f"PRICE{number}": f"PI{number}" for number in range(1, 5)},
    **{f"LABCERT{number}": f"Lab Cert{number}" for number in range(1, 9)},
    **{f"XREF{number}": f"X-Ref{number}" for number in range(1, 6)},
}
"""Headings of 2012, where they are others than today's."""


def old(code: str, title: str = "Example", **changes: str) -> str:
    """Return the first line of a code as it was until 2013, without the blanks behind its last field."""
    return record(code, title, **changes)[:OLD]


def plain(found):
    """Return the rows without their lines."""
    return {code: {**row, "line": None} for code, row in found.items()}


class TestLengths:
    """Records of 293 characters, and records whose last blanks are missing."""

    def test_records_of_293_characters(self):
        """A file of records that end with their last field reads as one of records that are padded, without a warning."""
        short = text_file(old("A0021", **FULL), continuation("A0021", 2, "more", length=OLD), old("ZA"))
        long = text_file(record("A0021", **FULL), continuation("A0021", 2, "more"), record("ZA"))
        assert rows(long) == rows(short)
        assert () == read(short).warnings

    @pytest.mark.parametrize("kept", [11, 12, 30, 91, 200, 293])
    def test_ragged_continuations(self, kept):
        """A continuation may end anywhere behind its identification."""
        part = read(text_file(old("A0021"), continuation("A0021", 2, "x" * 80)[:kept], old("A0080")))
        (title, _) = part.tables["rows"].column("title").to_pylist()
        assert f"Example {'x' * min(max(kept - 11, 0), 80)}".strip() == title
        assert () == part.warnings

    @given(
        st.sampled_from(["", "20180101"]),
        st.sampled_from(["", "20181231"]),
        st.sampled_from(["", "N"]),
        st.integers(1, 320),
    )
    def test_a_line_that_ends_early(self, acted, terminated, action, kept):
        """A first line is read where only blanks are missing at its end, and refused where anything else may be."""
        whole = record("A0021", ACT_EFF_DT=acted, TERM_DT=terminated, ACTION_CD=action)
        lost = whole[kept:].strip()
        assume(not lost or kept < 276)
        file = text_file(old("A0080"), whole[:kept], old("A0090"))
        if lost:
            assert {2} == {line for line, *_ in faults(file)}
        elif kept >= 276:
            assert plain(rows(text_file(old("A0080"), whole, old("A0090")))) == plain(rows(file))
            told = f"{NAME}:2: column {kept + 1}: blanks at the end are missing, read as if they were there"
            assert (kept < OLD) == any(warning.startswith(told) for warning in read(file).warnings)

    @pytest.mark.parametrize("kept", [277, 280, 283, 286, 291])
    def test_a_line_that_ends_within_a_day(self, kept):
        """A line that ends within a day is refused: the rest of the day is lost."""
        whole = record("A0021", ACT_EFF_DT="20180101", TERM_DT="20181231", ACTION_CD="D")
        found = faults(text_file(old("A0080"), whole[:kept], old("A0090")))
        assert [(2, kept + 1, f"expected at least 293 characters on a first line, got {kept}")] == found

    def test_the_last_record_without_a_line_end(self):
        """A file whose last record has the length of the others is complete."""
        data = text_file(old("A0021"), old("A0080")).data.rstrip(b"\r\n")
        assert ["A0021", "A0080"] == list(rows(bytes_file(data)))
        assert [(2, 293)] == [fault[:2] for fault in faults(bytes_file(data[:-1]))]


class TestSigns:
    """A sign before the code."""

    @pytest.mark.parametrize("sign", ["`", "'", "*", "\u2019", "~"])
    @pytest.mark.parametrize("length", [OLD, 320])
    @pytest.mark.parametrize("code", ["A0021", "ZA"])
    def test_a_stray_sign(self, sign, length, code):
        """The record is read as if the sign were not there, with a warning that quotes the line."""
        sound = [record("A0001", **FULL)[:length], record(code, **FULL)[:length], record("A0090")[:length]]
        odd = [sound[0], sign + sound[1], sound[2]]
        assert rows(text_file(*sound)) == rows(text_file(*odd))
        (warning,) = [text for text in read(text_file(*odd)).warnings if "stray" in text]
        assert warning.startswith(f"{NAME}:2: column 1: a stray {sign!r} before the code, left out: ")
        assert f"{sign}{code.rjust(5)}00100" in warning

    def test_a_sign_in_place_of_a_blank(self):
        """A modifier whose first blank is a sign is the modifier."""
        assert rows(text_file(old("A0021"), old("ZA"))) == rows(text_file(old("A0021"), "`" + old("ZA")[1:]))

    def test_a_sign_before_a_continuation(self):
        """A continuation with a sign before it is read as well."""
        file = text_file(old("A0021"), "`" + continuation("A0021", 2, "more", length=OLD))
        assert "Example more" == rows(file)["A0021"]["title"]

    @pytest.mark.parametrize("before", ["``", "x", "1", " ", "` "])
    def test_what_is_no_stray_sign(self, before):
        """Several signs, a letter, a digit or a blank before the code may be anything: the line is refused."""
        found = faults(text_file(old("A0001"), before + old("A0021"), old("A0090")))
        assert {2} == {line for line, *_ in found}


class TestTabs:
    """A tab in the padding of a line that is too short."""

    @given(st.integers(1, 12), st.sampled_from([OLD, 320]), st.sampled_from(["TP", "A0425"]))
    def test_a_tab_stands_for_blanks(self, width, length, code):
        """Whatever number of blanks a tab took the place of, the record is read as it was, with a warning."""
        whole = record(code, "Medical transport, unloaded vehicle", **FULL)[:length]
        assert whole[46 : 46 + width].isspace()
        odd = whole[:46] + "\t" + whole[46 + width :]
        sound = [record("A0001")[:length], whole, record("A0090")[:length]]
        file = text_file(sound[0], odd, sound[2])
        assert rows(text_file(*sound)) == rows(file)
        told = f"{NAME}:2: column 47: a tab in place of {width} blanks, read as these"
        assert (width > 1) == any(warning.startswith(told) for warning in read(file).warnings)

    @pytest.mark.parametrize("place", [15, 95, 150, 240])
    def test_a_column_without_a_tab(self, place):
        """A line that lacks a column and has no tab is refused, also where the column may have been a blank."""
        whole = old("A0021", "Medical transport", **FULL)
        found = faults(text_file(old("A0001"), whole[:place] + whole[place + 1 :], old("A0090")))
        assert {2} == {line for line, *_ in found}

    def test_two_tabs(self):
        """Of two tabs nothing says how many blanks each stands for."""
        whole = old("A0021", "Medical transport, unloaded vehicle", **FULL)
        odd = whole[:46] + "\t" + whole[50:112] + "\t" + whole[114:]
        assert {2} == {line for line, *_ in faults(text_file(old("A0001"), odd, old("A0090")))}


class TestSequence:
    """Numbers of continuations that do not rise by 100."""

    @pytest.mark.parametrize("numbers", [(1, 2), (2, 1), (2, 2), (2, 3, 1, 2), (1, 1)])
    def test_a_number_that_falls(self, numbers):
        """Lines that are counted anew are read in the order of the file, with a warning each."""
        words = [f"word{place}" for place in range(len(numbers))]
        lines = [continuation("A0021", number, word) for number, word in zip(numbers, words, strict=True)]
        part = read(text_file(record("A0021"), *lines, record("A0080")))
        assert " ".join(["Example", *words]) == part.tables["rows"].column("title").to_pylist()[0]
        expected = [
            line
            for line, (before, after) in enumerate(zip((1, *numbers), numbers, strict=False), 2)
            if after != before + 1
        ]
        assert expected == [
            int(text.split(":")[1]) for text in part.warnings if "read in the order of the file" in text
        ]

    def test_a_line_once_more(self):
        """A line with the number and the text of one before it is refused: it may be that line again."""
        lines = [continuation("A0021", number, "more") for number in (2, 3, 2)]
        assert [(4, 6, "expected sequence number 00400, got 00200")] == faults(text_file(record("A0021"), *lines))

    def test_many_numbers_out_of_sequence(self):
        """Where many lines are out of sequence, the numbers of the file say nothing: one warning, and all are read."""
        codes = [f"A{number:04}" for number in range(12)]
        lines = [text for code in codes for text in (record(code), continuation(code, 5, f"of {code}"))]
        part = read(text_file(*lines))
        assert [f"Example of {code}" for code in codes] == part.tables["rows"].column("title").to_pylist()
        told = "12 lines are out of sequence (A0000 on line 2, A0001 on line 4, A0002 on line 6 …)"
        assert (f"{NAME}:2: column 6: {told}, read in the order of the file",) == part.warnings

    def test_a_jump_in_a_file_that_counts(self):
        """A single jump is refused: a line may be missing."""
        lines = [record("A0021"), continuation("A0021", 2, "a"), continuation("A0021", 4, "c"), record("A0080")]
        assert [(3, 6, "expected sequence number 00300, got 00400")] == faults(text_file(*lines))

    def test_a_continuation_elsewhere(self):
        """A continuation apart from its first line is joined to it where its number is the next one, with a warning."""
        lines = [record("A0021"), record("A0080"), continuation("A0021", 2, "more"), continuation("A0080", 2, "too")]
        part = read(text_file(*lines))
        assert ["Example more", "Example too"] == part.tables["rows"].column("title").to_pylist()
        assert [3] == [int(text.split(":")[1]) for text in part.warnings]
        other = [record("A0021"), record("A0080"), continuation("A0021", 3, "more")]
        assert [(3, 11)] == [fault[:2] for fault in faults(text_file(*other))]


class TestOldWorkbooks:
    """Workbooks with a row for each line, and headings as they were in 2012."""

    def test_headings(self):
        """Every column is found under its former heading; the filler is left out."""
        headings = [SPELLED.get(heading, heading.title()) for heading in HEADINGS]
        row = sheet_row(cells("C9014", **FULL))
        expected = rows(workbook(HEADINGS, row))
        assert expected == rows(workbook([*headings[:38], "FILLER", *headings[38:]], [*row[:38], "", *row[38:]]))

    def test_a_row_for_each_line(self):
        """Where every continuation has a row of its own, that is the form of the workbook, and no warning."""
        made, expected = [], {}
        for number in range(12):
            code = f"A{number:04}"
            more = {**dict.fromkeys(HEADINGS, ""), "HCPC": code, "SEQNUM": "00200", "RECID": "4"}
            made += [[cells(code)[heading] for heading in HEADINGS]]
            made += [[{**more, "LONG DESCRIPTION": f"of {code}"}[heading] for heading in HEADINGS]]
            expected[code] = f"Example of {code}"
        part = read(workbook(HEADINGS, *made))
        found = dict(zip(*(part.tables["rows"].column(name).to_pylist() for name in ("code", "title")), strict=True))
        assert (expected, ()) == (found, part.warnings)


class TestAcceptedFaults:
    """Lines that cannot be read, in files that the operator takes without them."""

    LINES = (
        record("A0021", "Ambulance"),
        continuation("A0021", 2, "outside state"),
        record("A0080", "Car"),
        record("A0090", "Bus", **FULL),
        continuation("A0090", 2, "and"),
        continuation("A0090", 3, "more"),
        record("ZA", "Modifier"),
    )

    @given(st.sets(st.sampled_from([1, 3, 5, 6, 7]), min_size=1))
    def test_the_rest_is_as_without_the_lines(self, spoilt):
        """What is loaded is what the lines say that are not named as faulty, of codes whose first line is not."""
        lines = [self.spoilt(text) if number in spoilt else text for number, text in enumerate(self.LINES, 1)]
        with tolerating(9) as tolerance:
            made = read(text_file(*lines, record("A0100", "Always")))
        named = {error.line for error in tolerance.accepted}
        assert spoilt <= named
        titles: dict[str, str] = {}
        for number, text in enumerate(self.LINES, 1):
            code = text[:5].strip()
            if number not in named and (text[10] in "37" or code in titles):
                titles[code] = f"{titles.get(code, '')} {text[11:91].strip()}".strip()
        found = {row["code"]: row["title"] for row in made.tables["rows"].to_pylist()}
        assert {**titles, "A0100": "Always"} == found
        with tolerating(len(named) - 1):
            assert faults(text_file(*lines))

    @staticmethod
    def spoilt(text):
        """Return a line that cannot be read: a first line without its first day, a continuation without its number."""
        return text[:272] + "99" + text[274:] if text[10] in "37" else text[:5] + "x" + text[6:]

    def test_a_cut_file_is_never_accepted(self):
        """A file that ends within a record is rejected whatever is accepted."""
        with tolerating(9):
            assert faults(bytes_file(text_file(record("A0021"), record("A0080")).data[:400]))

    def test_a_line_out_of_sequence(self):
        """The text of a continuation that is an error is left out with it."""
        lines = [record("A0021"), continuation("A0021", 2, "a"), continuation("A0021", 5, "z"), record("A0080")]
        with tolerating(1):
            assert "Example a" == rows(text_file(*lines))["A0021"]["title"]
