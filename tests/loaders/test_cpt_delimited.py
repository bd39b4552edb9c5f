"""Delimited files of CPT: texts in other words, histories."""

from __future__ import annotations

import datetime

import pytest

from terminology.drafts import Skipped
from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    CLINICIAN,
    CONSUMER,
    concepts_of,
    faults_of,
    history_file,
    long_file,
    rows_of,
    table_file,
    text_file,
)

day = datetime.date


class TestDelimited:
    """Files with a header."""

    def test_consumer_and_clinician(self):
        """Plain words are one text, clinicians' words a list."""
        found = concepts_of(
            long_file(),
            table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain")),
            table_file("ClinicianDescriptor.txt", CLINICIAN, ("1", "99990", "11", "A"), ("1", "99990", "12", "B")),
        )["99990"]
        assert ("Plain", ["A", "B"], "1") == (
            found["consumer_title"],
            found["clinician_titles"],
            found["concept_id"],
        )

    def test_columns_in_any_order_and_case(self):
        """Headings are found wherever they stand; further columns are left alone."""
        header = ("consumer_friendly descriptor", "Extra", "CPT CODE")
        assert "Plain" == rows_of(table_file("x.txt", header, ("Plain", "?", "99990")))[0]["title"]

    @pytest.mark.parametrize("name", ["ConsumerDescriptor.txt", "History_DTK_tab.txt", "Property_DTK_pipe.txt"])
    def test_a_missing_header_is_refused(self, name):
        """A file with a publisher's name must have its header; the message says which columns."""
        ((line, column, message),) = faults_of(table_file(name, ("99990X", "Plain")))
        assert (1, 1, "expected a header with the columns ") == (line, column, message[:35])

    @pytest.mark.parametrize(
        ("row", "expected"),
        [
            (
                ("1", "9999", "Plain"),
                (2, "code", "expected a CPT code (four digits, then a digit, A, F, M, T or U), got '9999'"),
            ),
            (("1", "99990", ""), (2, "descriptor", "expected a descriptor of 99990, got blanks")),
            (("1", "99990"), (2, 3, "expected at least 3 columns, got 2")),
            (("1", "99990", "Plain", "more"), (2, 4, "expected 3 columns, got 4")),
        ],
    )
    def test_faults(self, row, expected):
        """Codes, texts and columns are checked."""
        assert [expected] == faults_of(table_file("ConsumerDescriptor.txt", CONSUMER, row))

    def test_one_consumer_text_a_code(self):
        """Two texts of one code are a fault."""
        file = table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "A"), ("1", "99990", "B"))
        assert [(3, None, "expected each code once, got 99990 again (first on line 2)")] == faults_of(file)

    def test_no_rows(self):
        """A header alone is a fault."""
        assert [(2, None, "expected at least one row below the header, got none")] == faults_of(
            table_file("ConsumerDescriptor.txt", CONSUMER)
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [("20250101", day(2025, 1, 1)), ("1/1/2025", day(2025, 1, 1)), ("2025", day(2025, 1, 1)), ("Pre-1990", None)],
    )
    def test_days_of_the_history(self, text, expected):
        """Days come in several forms, and some are not known."""
        assert expected == rows_of(history_file((text, "ADDED", "99990")))[0]["day"]

    def test_a_faulty_day(self):
        """A date that is none is a fault."""
        message = "expected a date (YYYYMMDD, YYYY-MM-DD, M/D/YYYY) or Pre-YYYY, got 'soon'"
        assert [(2, "date", message)] == faults_of(history_file(("soon", "ADDED", "99990")))

    def test_deleted_list(self):
        """The list of deleted codes is a history of deletions; an empty last cell may be left out."""
        header = ("Concept Id", "Code", "Date Deleted", "Level", "Descriptor", "Instruction")
        file = table_file("Deleted_DTK_tab.txt", header, ("1", "99993", "20250101", "n/a", "Invented"))
        row = rows_of(file)[0]
        assert ("99993", "DELETED", day(2025, 1, 1)) == (row["code"], row["change"], row["day"])

    def test_edits_are_skipped(self):
        """The edits of CPT Link are no codes."""
        assert isinstance(CptLoader().read(text_file("Exclude.txt", "99990|99991\n")), Skipped)
