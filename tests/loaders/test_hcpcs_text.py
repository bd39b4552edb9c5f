"""The text publication of HCPCS: records, disclaimers, warnings."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import schema

from .hcpcs_records import (
    FULL,
    bytes_file,
    continuation,
    read,
    record,
    rows,
    text_file,
)

day = datetime.date


class TestText:
    """Records of 320 characters."""

    def test_every_field_has_its_column(self):
        """All 48 fields of a record arrive under full names and in their types."""
        expected = {
            "code": "C9014",
            "title": "Injection, example",
            "short_title": "Inj., example, 1 mg",
            "billable": True,
            "kind": "code",
            "parent": "C",
            "derived": False,
            "line": 1,
            "effective_from": day(2017, 1, 1),
            "effective_to": day(2019, 1, 1),
            "changed": day(2018, 1, 1),
            "reactivated": None,
            "pricing_indicators": ["51", "21"],
            "multiple_pricing_indicator": "A",
            "coverage_issues_manual": ["60-14", "60-9"],
            "medicare_carriers_manual": ["2049", "2100.1"],
            "statute": "1833(t)",
            "laboratory_certifications": ["140", "220"],
            "cross_references": ["J0567", "99483"],
            "coverage": "D",
            "asc_group": "YY",
            "asc_effective": day(2018, 4, 1),
            "opps_group": "600",
            "opps_policy_indicator": "1",
            "opps_effective": day(2018, 7, 1),
            "processing_note": "0088",
            "betos": "O1E",
            "types_of_service": ["9", "F"],
            "anesthesia_base_units": 0,
            "added": day(2017, 1, 1),
            "terminated": day(2018, 12, 31),
            "sequence_number": 100,
            "record_identification": "3",
            "action": "D",
            "action_effective": day(2018, 1, 1),
        }
        assert expected == rows(text_file(record("C9014", "Injection, example", **FULL)))["C9014"]

    def test_blanks_are_null(self):
        """A field that is blank is null, and so is a list without members."""
        row = rows(text_file(record("A0021")))["A0021"]
        filled = {"pricing_indicators", "coverage", "added", "sequence_number", "record_identification", "action"}
        names = schema.property_names(list(row))
        assert filled | {"action_effective"} == {name for name in names if row[name] is not None}

    def test_a_modifier_loses_its_blanks(self):
        """A modifier is known by its two characters and stands under the modifiers."""
        row = rows(text_file(record("ZA", "Novartis/sandoz")))["ZA"]
        assert ("modifier", "modifiers", True) == (row["kind"], row["parent"], row["billable"])

    def test_the_last_day_is_inclusive(self):
        """The row ends on the day after the termination date."""
        row = rows(text_file(record("ZA", TERM_DT="20180331")))["ZA"]
        assert (day(2018, 4, 1), day(2018, 3, 31)) == (row["effective_to"], row["terminated"])

    @pytest.mark.parametrize(
        ("action", "changed", "reactivated"),
        [("C", day(2018, 7, 1), None), ("N", None, None), ("", None, None), ("R", day(2018, 7, 1), day(2018, 7, 1))],
    )
    def test_an_action_dates_the_change(self, action, changed, reactivated):
        """The action's day is the day of a change, unless nothing was done; R begins another life."""
        row = rows(text_file(record("S3854", ACT_EFF_DT="20180701", ACTION_CD=action)))["S3854"]
        assert (changed, reactivated) == (row["changed"], row["reactivated"])

    @pytest.mark.parametrize("length", [320, 91, 60])
    def test_a_description_goes_on_in_further_lines(self, length):
        """Continuations join with one blank, whether they are padded or cut after their text."""
        file = text_file(
            record("G0505", "Cognition and functional assessment"),
            continuation("G0505", 2, "development of a recorded care plan", length=length),
            continuation("G0505", 3, "setting or home", length=length),
            record("ER", "Items furnished by an off-campus emergency"),
            continuation("ER", 2, "department", length=length),
        )
        expected = {
            "G0505": "Cognition and functional assessment development of a recorded care plan setting or home",
            "ER": "Items furnished by an off-campus emergency department",
        }
        assert expected == {code: row["title"] for code, row in rows(file).items()}

    @given(st.lists(st.text("abcXYZ019(),.-'", min_size=1, max_size=20), min_size=1, max_size=60))
    def test_any_description_survives_its_lines(self, words):
        """Words wrapped into lines of 80 characters come back as they were."""
        lines = [""]
        for word in words:
            if len(lines[-1]) + len(word) + 1 > 80:
                lines.append("")
            lines[-1] = f"{lines[-1]} {word}".strip()
        records = [continuation("G0505", number, text) for number, text in enumerate(lines[1:], 2)]
        row = rows(text_file(record("G0505", lines[0]), *records))["G0505"]
        assert " ".join(words) == row["title"]

    def test_runs_of_blanks_count_as_one(self):
        """Blanks within a description are one blank: padding between lines cannot be told from them."""
        file = text_file(record("A4221", "Supplies (list  "), continuation("A4221", 2, "  drugs  separately)"))
        assert "Supplies (list drugs separately)" == rows(file)["A4221"]["title"]

    def test_disclaimers_come_first(self):
        """Prose before the first record is passed over, whatever its encoding, without a warning."""
        part = read(text_file("***Disclaimers\t\t", "", "   *No HCPCS code \xa0implies coverage.", record("A0021")))
        assert ([4], ()) == (part.tables["rows"].column("line").to_pylist(), part.warnings)

    def test_a_description_in_cp1252_is_told(self):
        """A description that is not UTF-8 is read as CP1252, with a warning."""
        part = read(text_file(record("J2787", "Riboflavin 5\u2019phosphate")))
        assert ["Riboflavin 5\u2019phosphate"] == part.tables["rows"].column("title").to_pylist()
        assert ("HCPC2018_CONTR_ANWEB.txt:1: not UTF-8, read as CP1252",) == part.warnings

    def test_lines_of_odd_length_are_taken_where_they_are_sure(self):
        """Lines cut after the last field, padded beyond the record or blank are no faults."""
        file = text_file(
            record("A0021")[:296], continuation("A0021", 2, "more", length=316), record("A0080").ljust(546), "", "   "
        )
        assert {"A0021": "Example more", "A0080": "Example"} == {c: row["title"] for c, row in rows(file).items()}

    def test_bare_line_feeds_are_line_ends(self):
        """A file with LF line ends reads like one with CRLF."""
        data = f"{record('A0021')}\n{record('A0080')}\n".encode()
        assert ["A0021", "A0080"] == list(rows(bytes_file(data)))


class TestWarnings:
    """What real files have, and what does not refuse them."""

    def test_a_payment_date_that_is_none_is_left_empty(self):
        """A date of the surgery-center group that is no date becomes null, with a warning."""
        part = read(text_file(record("C9488", ASC_GRP="20", ASC_DT="170401")))
        assert [None] == part.tables["rows"].column("asc_effective").to_pylist()
        assert (
            "HCPC2018_CONTR_ANWEB.txt:1: column 233: expected a date (YYYYMMDD) or blanks, got '170401'; left empty",
            "HCPC2018_CONTR_ANWEB.txt:1: column 231: '20' is not among the values of the record layout",
        ) == part.warnings

    def test_an_action_without_a_day_is_told(self):
        """A change without a day is kept, and does not date the row."""
        part = read(text_file(record("A5513", ACTION_CD="B", ACT_EFF_DT="")))
        assert ("HCPC2018_CONTR_ANWEB.txt:1: column 277: A5513 has action B without a day",) == part.warnings
        assert [None] == part.tables["rows"].column("changed").to_pylist()

    @pytest.mark.parametrize(
        ("heading", "value", "column"), [("COV", "Z", 230), ("PRICE1", "A", 120), ("MULT_PI", "Z", 128)]
    )
    def test_a_value_beyond_the_layout_is_kept(self, heading, value, column):
        """A value that the record layout does not know is kept, with a warning."""
        part = read(text_file(record("A0021", **{heading: value})))
        assert (
            f"HCPC2018_CONTR_ANWEB.txt:1: column {column}: {value!r} is not among the values of the record layout",
        ) == part.warnings

    def test_blank_action_days_are_told_once(self):
        """Rows whose old action day was lost make one warning with their number."""
        lost = [record(f"A000{number}", ACTION_CD="N", ACT_EFF_DT="") for number in range(5)]
        expected = (
            "HCPC2018_CONTR_ANWEB.txt:2: column 277: no day of the last action in 5 rows (A0000, A0001, A0002 …)",
        )
        assert expected == read(text_file(record("A0021"), *lost)).warnings

    def test_very_many_warnings_are_counted(self):
        """Of more than twenty warnings the first are told, and how many more there are."""
        part = read(text_file(*(record(f"A{number:04}", COV="Z") for number in range(25))))
        assert (21, "HCPC2018_CONTR_ANWEB.txt: 5 further warnings") == (len(part.warnings), part.warnings[-1])
