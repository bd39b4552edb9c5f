"""Faults in the text publication of HCPCS."""

from __future__ import annotations

import pytest

from terminology.errors import ReleaseFaults
from terminology_loaders.hcpcs import HcpcsLoader

from .hcpcs_records import (
    FULL,
    bytes_file,
    continuation,
    faults,
    record,
    rows,
    text_file,
)


def _without(text: str, column: int) -> str:
    """Return the line with one character taken out, the rest shifted to the left."""
    return text[: column - 1] + text[column:]


TEXT_FAULTS = {
    "code": ([record("A0021").replace("A0021", "A002I", 1)], (2, 1, "expected a letter and four digits, got 'A002I'")),
    "modifier": (
        [record("ZA").replace("   ZA", "  ZA ", 1)],
        (2, 1, "expected three blanks and two characters, got '  ZA '"),
    ),
    "twice": (
        [record("A0080"), record("A0021"), record("A0080")],
        (4, 1, "expected each code once, got A0080 again (first on line 2)"),
    ),
    "no first line": (
        [continuation("A0080", 2, "more")],
        (
            2,
            11,
            (
                "expected a first line (record identification 3 or 7) of A0080 right before its continuation, "
                "got one of A0001"
            ),
        ),
    ),
    "continuation of the other kind": (
        [record("A0080"), continuation("A0080", 2, "more").replace("4", "8", 1)],
        (
            3,
            11,
            (
                "expected a first line (record identification 3 or 7) of A0080 right before its continuation, "
                "got one of A0080"
            ),
        ),
    ),
    "sequence falls": (
        [record("A0080"), continuation("A0080", 2, "more"), continuation("A0080", 2, "more")],
        (4, 6, "expected sequence number 00300, got 00200"),
    ),
    "continuation lost": (
        [record("A0080"), continuation("A0080", 3, "more")],
        (3, 6, "expected sequence number 00200, got 00300"),
    ),
    "first line lost": ([record("A0080", SEQNUM="00200")], (2, 6, "expected sequence number 00100, got 00200")),
    "no date": ([record("A0080", ADD_DT="20180231")], (2, 269, "expected a date (YYYYMMDD) or blanks, got '20180231'")),
    "no date of action": (
        [record("A0080", ACT_EFF_DT="2018")],
        (2, 277, "expected a date (YYYYMMDD) or blanks, got '2018'"),
    ),
    "no date of termination": (
        [record("A0080", TERM_DT="31122018")],
        (2, 285, "expected a date (YYYYMMDD) or blanks, got '31122018'"),
    ),
    "no first day": ([record("A0080", ADD_DT="")], (2, 269, "expected the day that A0080 was added, got blanks")),
    "ends before it begins": (
        [record("A0080", TERM_DT="20171231")],
        (2, 285, "expected a day not before 2018-01-01 (ADD DT), got 2017-12-31"),
    ),
    "action": (
        [record("A0080", ACTION_CD="X")],
        (2, 293, "expected an action code (A, B, C, D, F, N, P, R, S, T) or a blank, got 'X'"),
    ),
    "no description": ([record("A0080", "")], (2, 12, "expected a long description, got blanks")),
    "units": ([record("A0080", ANEST_BU="1O")], (2, 266, "expected a number or blanks, got '1O'")),
    "short line": (
        [record("A0080")[:250], record("A0090")],
        (2, 251, "expected at least 293 characters on a first line, got 250"),
    ),
    "long line": (
        [record("A0080").ljust(330) + "more"],
        (2, 331, "expected blanks, got 'more' (are columns shifted?)"),
    ),
    "filler": (
        [record("A0080")[:299] + "N".ljust(21)],
        (2, 300, "expected blanks, got 'N' (are columns shifted?)"),
    ),
    "details on a continuation": (
        [record("A0080"), continuation("A0080", 2, "more")[:268].ljust(292) + "N"],
        (3, 293, "expected blanks, got 'N' (are columns shifted?)"),
    ),
    "stranger": (["what is this"], (2, 6, "expected a sequence number of five digits, got 'is th'")),
    "stub": (["A0080"], (2, 6, "expected a record of at least 12 characters, got 5")),
    "record identification": (
        [record("A0080", RECID="5")],
        (2, 11, "expected a record identification (3, 4, 7, 8), got '5'"),
    ),
    "sequence number": (
        [record("A0080", SEQNUM="0010O")],
        (2, 6, "expected a sequence number of five digits, got '0010O'"),
    ),
}


class TestFaults:
    """Whatever contradicts the layout refuses the file and is named with its place."""

    @pytest.mark.parametrize(("lines", "expected"), TEXT_FAULTS.values(), ids=TEXT_FAULTS)
    def test_a_fault_is_named_with_its_place(self, lines, expected):
        """The fault tells line, column, what was expected and what was found."""
        assert [expected] == faults(text_file(record("A0001"), *lines))

    def test_all_faults_are_found_at_once(self):
        """One reading finds the faults of all lines, in the order of the lines."""
        file = text_file(
            record("A0021", ACTION_CD="?"),
            record("A0080"),
            record("A0090", "", ADD_DT="soon"),
            continuation("B1", 2, ""),
        )
        assert [(1, 293), (3, 12), (3, 269), (4, 11)] == [fault[:2] for fault in faults(file)]

    @pytest.mark.parametrize("column", [95, 125, 232, 265])
    def test_shifted_columns_do_not_pass(self, column):
        """A record that lost one character is never taken for a sound one."""
        shifted = _without(record("A0080", **FULL), column)
        assert {2} == {line for line, *_ in faults(text_file(record("A0001"), shifted))}

    def test_a_first_record_is_not_taken_for_a_disclaimer(self):
        """A broken record before all sound ones is a fault, not prose."""
        file = text_file("Disclaimer", record("A0021", RECID="9"), record("A0080"))
        assert [(2, 11)] == [fault[:2] for fault in faults(file)]

    def test_a_shifted_file_does_not_pass_for_prose(self):
        """A file whose every record moved by one column is recognised and refused."""
        file = text_file(*(f" {record(code)}" for code in ("A0021", "A0080", "A0090")))
        assert [1, 2, 3] == [line for line, *_ in faults(file)]

    @pytest.mark.parametrize("kept", [5, 11, 60, 200, 300, 319])
    def test_a_cut_file_is_noticed(self, kept):
        """A file that ends within a record, whichever, is refused with the place of the cut."""
        data = text_file(record("A0021"), record("A0080")).data[: 322 + kept]
        expected = (
            "expected a whole last record (320 characters, a continuation perhaps 91, or a line end), "
            f"got {kept} characters: the file is cut short"
        )
        assert [(2, kept + 1, expected)] == faults(bytes_file(data))

    def test_a_cut_continuation_is_noticed(self):
        """A file that ends within a continuation line is refused."""
        data = text_file(record("A0021"), continuation("A0021", 2, "more")).data[: 322 + 40]
        assert [(2, 41)] == [fault[:2] for fault in faults(bytes_file(data))]

    def test_a_whole_last_record_needs_no_line_end(self):
        """A file whose last record is complete is complete."""
        data = text_file(record("A0021"), record("A0080")).data.rstrip(b"\r\n")
        assert ["A0021", "A0080"] == list(rows(bytes_file(data)))

    def test_very_many_faults_are_counted(self):
        """Of more than a hundred faults the first are listed, and all are counted."""
        file = text_file(*(record(f"A{number:04}", ACTION_CD="?") for number in range(150)))
        with pytest.raises(ReleaseFaults, match=r"150 faults \(the first 100 are listed\)"):
            HcpcsLoader().read(file)
