"""The HCPCS loader: text and sheet, their faults, the days of releases, and the real files."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from terminology import schema
from terminology.drafts import Assembly, Loader, Part, Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile, readable_files
from terminology.systems import SYSTEMS
from terminology_loaders.hcpcs import HcpcsLoader

from .hcpcs_records import (
    FULL,
    HEADINGS,
    bytes_file,
    cells,
    continuation,
    record,
    sheet_row,
    text_file,
    workbook,
)

day = datetime.date
SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/hcpcs"


def read(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = HcpcsLoader().read(file)
    assert isinstance(part, Part)
    return part


def rows(file: ReadableFile) -> dict[str, dict]:
    """Return the rows of the file by code."""
    return {row["code"]: row for row in read(file).tables["rows"].to_pylist()}


def faults(file: ReadableFile) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        HcpcsLoader().read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return HcpcsLoader().assemble(parts)


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


class TestSheet:
    """One row a code, under a header that wanders."""

    FIELDS = (cells("ZA", "Novartis/sandoz"), cells("C9014", "Injection, example", **FULL), cells("A0021"))

    def test_text_and_sheet_are_equal(self):
        """The sheet of a release gives the values of its text."""
        lines = (record(fields["HCPC"], fields["LONG DESCRIPTION"], **fields) for fields in self.FIELDS)
        text = read(text_file(*lines)).tables["rows"]
        sheet = read(workbook(HEADINGS, *map(sheet_row, self.FIELDS))).tables["rows"]
        assert text.drop_columns(["line"]).equals(sheet.drop_columns(["line"]))

    @pytest.mark.parametrize("above", [0, 7, 10])
    def test_the_header_is_found(self, above):
        """The header may stand below a disclaimer; lines are rows of the sheet."""
        prose = [["***Disclaimers"], *([""] for _ in range(above - 1))] if above else []
        found = rows(workbook(*prose, HEADINGS, sheet_row(cells("A0021"))))
        assert {"A0021": above + 2} == {code: row["line"] for code, row in found.items()}

    def test_columns_are_known_by_name(self):
        """Another order of the columns, blanks in headings and further columns change nothing."""
        headings = tuple(reversed(HEADINGS))
        spelled = ["Notes", *(f" {heading.lower()} " for heading in headings)]
        found = rows(workbook(spelled, ["", *sheet_row(self.FIELDS[1], headings)]))
        expected = rows(workbook(HEADINGS, sheet_row(self.FIELDS[1])))
        assert expected == found

    def test_numbers_in_cells_are_read_as_text_was_meant(self):
        """Leading zeros that a number cell lost are put back."""
        fields = cells("A0021", PRICE1="00", PROCNOTE="0088", LABCERT1="010", XREF1="99483", TERM_DT="20181231")
        numbers = [int(value) if value.isdigit() else value for value in sheet_row(fields)]
        assert rows(workbook(HEADINGS, sheet_row(fields))) == rows(workbook(HEADINGS, numbers))

    def test_a_day_in_a_cell_is_a_date(self):
        """A cell that was turned into a day is read as the date it shows."""
        row = rows(workbook(HEADINGS, sheet_row(cells("A0021", TERM_DT="2018-12-31"))))["A0021"]
        assert day(2018, 12, 31) == row["terminated"]

    def test_the_sequence_number_of_the_text_will_do(self):
        """A sheet with sequence numbers of five digits is read alike."""
        fields = cells("A0021")
        row = [fields[heading] for heading in HEADINGS]
        assert 100 == rows(workbook(HEADINGS, row))["A0021"]["sequence_number"]

    def test_missing_columns_are_all_named(self):
        """A sheet cut to four columns is refused with its header row and the names of the other 44."""
        file = workbook(["Disclaimer"], HEADINGS[:4], ["A0021", "0010", "3", "Ambulance"])
        message = "expected the 48 columns of the HCPCS contractor record, got 4; missing: " + ", ".join(HEADINGS[4:])
        assert [(2, None, message)] == faults(file)

    def test_a_column_twice_is_a_fault(self):
        """Of two columns with one name neither can be trusted."""
        file = workbook([*HEADINGS, "COV"], [*sheet_row(cells("A0021")), "D"])
        assert [(1, "COV", "expected one column COV, got 2")] == faults(file)

    def test_a_description_may_continue_on_a_row_of_its_own(self):
        """A second row with record identification 4 lends its text to the first, with a warning."""
        more = {**dict.fromkeys(HEADINGS, ""), "HCPC": "G0503", "SEQNUM": "0020", "RECID": "4"}
        file = workbook(HEADINGS, sheet_row(cells("G0503", "Care")), sheet_row({**more, "LONG DESCRIPTION": "goals"}))
        part = read(file)
        assert [("G0503", "Care goals", 2)] == [
            (row["code"], row["title"], row["line"]) for row in part.tables["rows"].to_pylist()
        ]
        assert (
            (
                "HCPC2018_CONTR_ANWEB.xlsx:3: column RECID: G0503 continues on a row of its own; "
                "joined to the row before it"
            ),
        ) == part.warnings

    @pytest.mark.parametrize(
        ("changes", "column"),
        [
            ({"RECID": "5"}, "RECID"),
            ({"RECID": "4"}, "RECID"),
            ({"SEQNUM": "1A"}, "SEQNUM"),
            ({"HCPC": "A002"}, "HCPC"),
            ({"HCPC": "A0001"}, "HCPC"),
            ({"ADD DT": "43101.5"}, "ADD DT"),
            ({"TERM DT": "20001231"}, "TERM DT"),
            ({"ACTION CD": "X"}, "ACTION CD"),
            ({"LONG DESCRIPTION": ""}, "LONG DESCRIPTION"),
            ({"ANEST_BU": "1234"}, "ANEST_BU"),
        ],
    )
    def test_faults_name_row_and_column(self, changes, column):
        """Faults of a sheet tell the row, and the column by its heading."""
        file = workbook(HEADINGS, sheet_row(cells("A0001")), sheet_row(cells("A0021") | changes))
        assert [(3, column)] == [fault[:2] for fault in faults(file)]

    def test_a_header_alone_is_no_release(self):
        """A sheet without a single code is refused."""
        assert [(None, None, "expected at least one record, got none")] == faults(workbook(HEADINGS))


class TestSniffing:
    """Files are known by their content."""

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"00001 A00     0 Cholera                                                      Cholera\r\n",
            b"00100 A021    1 Salmonella sepsis",
            b"0010     A000    00000\r\n",
            b'<?xml version="1.0"?><ICD10CM.tabular>',
            b"A000    Cholera due to Vibrio cholerae 01, biovar cholerae\r\n",
            b"%PDF-1.4\n\0\xff\xfe",
            b"\xff\xfeH\0C\0P\0C\0",
        ],
    )
    def test_strangers_are_left_alone(self, data):
        """A file of another system, or of none, is not claimed."""
        assert HcpcsLoader().read(bytes_file(data, "HCPC2018_CONTR_ANWEB.txt")) is None

    def test_names_do_not_matter(self):
        """A contractor file is known under any name."""
        assert ["A0021"] == list(rows(text_file(record("A0021"), name="download.dat")))

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("         2018 HCPCS CORRECTIONS\r\n\r\n  CODE  ACTION", "corrections list"),
            ("   2019 ALPHA-NUMERIC HCPCS CORRECTIONS\r\n", "corrections list"),
            ("\r\nUpdate Information\r\n\r\n** all 4 of the correction documents", "corrections list"),
            ("HCPCS/Modifier CodeType of Change\r\n\r\nFY   ADD", "transaction report"),
            (" HCPCS/MOD      TYPE OF CHANGE    SHORT DESCRIPTION", "transaction report"),
            ("Note regarding coverage and payment indicators\r\n\r\nHCPC/MOD  ACTION CD", "transaction report"),
            ("               PROCESSING NOTES\r\n ____________________________", "processing notes"),
            ("\r\n  CMS RIF REPORT\r\n  AS OF: 10/31/2017\r\n ***  HCPCS Contractor Record - 2018", "record layout"),
            ("CENTERS\r\n2018\r\nHEALTH CARE PROCEDURE CODING SYSTEM (HCPCS)\r\n", "read-me"),
            ("***Disclaimers\r\n\r\n-- Discontinued codes will appear in the HCPCS file", "disclaimer"),
            ("Note regarding coverage and payment indicators in CMS' 2020 HCPCS Update", "disclaimer"),
        ],
    )
    def test_companions_are_skipped_with_the_reason(self, text, reason):
        """What CMS packs beside a release is told by its kind."""
        skipped = HcpcsLoader().read(bytes_file(text.encode("cp1252"), "x.txt"))
        assert isinstance(skipped, Skipped)
        assert skipped.reason.startswith(f"HCPCS {reason}")

    @pytest.mark.parametrize(
        ("table", "reason"),
        [
            ([["2018 HCPCS CORRECTIONS"], [], ["CODE", "ACTION"]], "HCPCS corrections list"),
            ([["HCPCS/MOD Code", "Action", "Short Description"]], "HCPCS corrections list"),
            ([["HCPCS/Modifier Code", "Type of Change"]], "HCPCS transaction report"),
            ([["Note regarding"], [], ["HCPC/MOD", "ACTION CD"]], "HCPCS transaction report"),
            ([["HCPC", "ACTION CD", "SHORT DESCRIPTION"]], "HCPCS transaction report"),
            ([["NOC CODES - HCPCS 2025"], [], ["HCPCS", "LONG DESCRIPTION"]], "HCPCS list of codes for services not"),
        ],
    )
    def test_companion_sheets_are_skipped_with_the_reason(self, table, reason):
        """Workbooks that CMS packs beside a release are told by their kind."""
        skipped = HcpcsLoader().read(workbook(*table))
        assert isinstance(skipped, Skipped)
        assert skipped.reason.startswith(reason)

    def test_a_stranger_sheet_is_left_alone(self):
        """A workbook of another system is not claimed."""
        assert HcpcsLoader().read(workbook(["Current code", "Effective", "Previous code"])) is None

    def test_the_loader_follows_the_protocol(self):
        """The loader is one for the code system HCPCS."""
        loader = HcpcsLoader()
        assert isinstance(loader, Loader)
        assert (SYSTEMS["hcpcs"], 1) == (loader.definition, loader.format_number)


def dated(name: str = "anweb.txt", archive: str | None = None, action_day: str = "20200401", **given: object) -> Part:
    """Return a part of three codes, two of which were acted upon on the day."""
    file = text_file(
        record("A0021", ACT_EFF_DT=action_day, ADD_DT="20000101"),
        record("A0080", ACT_EFF_DT=action_day, ADD_DT="20000101"),
        record("A0090", ACT_EFF_DT="20191001", ADD_DT="20000101"),
        record("A0100", ACT_EFF_DT="19990101", ADD_DT="19990101", ACTION_CD="N"),
        name=name,
        archive=archive,
    )
    return evolve(read(file), **given)


class TestDating:
    """Which release a file is."""

    @pytest.mark.parametrize(
        ("name", "archive", "expected"),
        [
            ("HCPC2025_JAN_ANWEB_1217.txt", "january-2025-hcpcs-file.zip", ("2025-01-01", 2025, "2025-01-01", 2025)),
            ("HCPC2024_JUL_ANWEB_v3.xlsx", None, ("2024-07-01", 2024, None, None)),
            ("HCPC2018_CONTR_ANWEB_disc.txt", "2018-Alpha-Numeric-HCPCS-File.zip", (None, 2018, None, 2018)),
            ("HCPC17_CONTR_ANWEB.txt", None, (None, 2017, None, None)),
            ("anweb.xlsx", "October 2020 Alpha-Numeric HCPCS File.zip", (None, None, "2020-10-01", 2020)),
            ("hcpcs April 1, 2023.txt", None, ("2023-04-01", 2023, None, None)),
            ("hcpcs-2023-07-01.txt", "hcpcs_20231001.zip", ("2023-07-01", 2023, "2023-10-01", 2023)),
            ("anweb_12172024.txt", "marketing2020.zip", (None, None, None, 2020)),
        ],
    )
    def test_names_tell_days_and_years(self, name, archive, expected):
        """Month and year are found in the names of member and archive, and kept apart."""
        facts = dated(name, archive).facts
        names = ("name_date", "name_year", "archive_date", "archive_year")
        assert expected == tuple(facts[name] for name in names)

    def test_facts_count_codes_and_actions(self):
        """Facts hold the counts, and the day of most actions with its share of all actions."""
        facts = dated().facts
        assert (4, 0, "2020-04-01", 0.667) == tuple(
            facts[name] for name in ("codes", "modifiers", "action_date", "action_share")
        )

    @pytest.mark.parametrize(
        ("part", "version"),
        [
            (dated(), "2020-04"),
            (dated("HCPC2020_ANWEB.txt"), "2020-04"),
            (dated("HCPC2020_APR_ANWEB.txt"), "2020-04"),
            (dated("anweb.txt", "april-2020-hcpcs.zip"), "2020-04"),
            (dated("anweb.txt", "hcpcs-2018-to-2020.zip"), "2020-04"),
            (dated("HCPC2020_JUL_ANWEB.txt", effective=day(2020, 10, 1)), "2020-10"),
            (dated("HCPC2020_JUL_ANWEB.txt", version="2021-01"), "2021-01"),
        ],
    )
    def test_the_best_evidence_names_the_release(self, part, version):
        """The operator wins over names, names over actions; nothing is doubtful here."""
        (draft,) = assembled(part).drafts
        assert (version, ()) == (draft.version, draft.warnings)

    def test_a_name_is_doubted_where_the_actions_say_otherwise(self):
        """A name wins over the actions, with a warning."""
        (draft,) = assembled(dated("HCPC2020_JUL_ANWEB.txt", "january-2020-hcpcs.zip")).drafts
        warning = (
            "january-2020-hcpcs.zip!HCPC2020_JUL_ANWEB.txt: takes effect on 2020-07-01 by the file's name, "
            "but most actions on 2020-04-01"
        )
        assert (day(2020, 7, 1), (warning,)) == (draft.effective, draft.warnings)

    @pytest.mark.parametrize(
        ("part", "told"),
        [
            (dated("HCPC2019_ANWEB.txt"), "most actions take effect on 2020-04-01"),
            (dated("HCPC2019_ANWEB.txt", action_day="20190215"), "most actions take effect on 2019-02-15"),
        ],
    )
    def test_a_year_alone_means_january_with_a_warning(self, part, told):
        """Where actions contradict the year of the name, or name no quarter, January 1 is taken and told."""
        (draft,) = assembled(part).drafts
        warning = f"HCPC2019_ANWEB.txt: dated 2019-01-01, as its name tells the year 2019 only and {told}"
        assert ("2019-01", (warning,)) == (draft.version, draft.warnings)

    def test_a_year_without_any_action_means_january(self):
        """A file without actions takes the year of its name, or of its archive."""
        part = read(text_file(record("A0021", ACTION_CD="N"), name="anweb.txt", archive="hcpcs-2019.zip"))
        (draft,) = assembled(part).drafts
        warning = (
            "hcpcs-2019.zip!anweb.txt: dated 2019-01-01, as its name tells the year 2019 only and no row has an action"
        )
        assert ("2019-01", (warning,)) == (draft.version, draft.warnings)

    def test_a_file_without_a_day_is_refused(self):
        """Where nothing tells the day, the operator is asked for it."""
        part = read(text_file(record("A0021", ACTION_CD="N"), name="anweb.txt"))
        assembly = assembled(part)
        reason = "expected a name or actions that tell the quarter of the release; give it with --effective"
        assert ((), ((part, reason),)) == (assembly.drafts, assembly.refused)

    def test_a_version_that_is_none_is_refused(self):
        """A version that the operator mistyped is told."""
        part = dated(version="summer")
        assert ((part, "expected a version like 2025-07, got 'summer'"),) == assembled(part).refused

    def test_two_days_of_a_month_are_refused(self):
        """A version is a month: of two days in it neither can be trusted, whichever was loaded before."""
        one, two, other = dated("one.txt"), dated("two.txt", effective=day(2020, 4, 15)), dated("HCPC2019_JAN.txt")
        assembly = assembled(one, two, other)
        reason = "expected one day for release 2020-04, got 2020-04-01 and 2020-04-15; correct it with --effective"
        assert ["2019-01"] == [draft.version for draft in assembly.drafts]
        assert ((one, reason), (two, reason)) == assembly.refused


def release(name: str, *codes: str, **changes: str) -> Part:
    """Return a text part with the codes, named so that the name tells its quarter."""
    return read(text_file(*(record(code, **changes) for code in codes), name=name))


def sheet_release(name: str, *codes: str, **changes: str) -> Part:
    """Return a sheet part with the codes, named so that the name tells its quarter."""
    return read(workbook(HEADINGS, *(sheet_row(cells(code, **changes)) for code in codes), name=name))


class TestAssembly:
    """Parts become releases."""

    def test_text_is_the_authority(self):
        """Text and sheet of a quarter are one release, the text first, whatever their order."""
        text, sheet = release("HCPC2018_JAN.txt", "A0021"), sheet_release("a_HCPC2018_JAN.xlsx", "A0021")
        for parts in ((text, sheet), (sheet, text)):
            (draft,) = assembled(*parts).drafts
            assert ("2018-01", (text, sheet)) == (draft.version, draft.parts)
            assert () == draft.build().warnings

    def test_a_sheet_that_differs_is_told(self):
        """Differences between text and sheet are warnings, with their number and the first codes."""
        text = release("HCPC2018_JAN.txt", "A0021", "A0080", "A0090", "A0100", "A0110")
        sheet = sheet_release("HCPC2018_JAN.xlsx", "A0021", "A0080", "A0090", "A0100", "A0120", COV="D")
        (draft,) = assembled(text, sheet).drafts
        built = draft.build()
        expected = [
            "lacks 1 code (A0110)",
            "adds 1 code (A0120)",
            "another coverage in 4 codes (A0021, A0080, A0090 …)",
        ]
        assert [f"HCPC2018_JAN.xlsx against HCPC2018_JAN.txt: {text}" for text in expected] == list(built.warnings)
        assert "A0120" not in built.tables["concepts"].column("code").to_pylist()

    @pytest.mark.parametrize("make", [release, sheet_release])
    def test_the_same_rows_twice_are_one_release(self, make):
        """Two files with the same rows are two sources of one release."""
        one, other = make("HCPC2018_JAN_v1.xlsx", "A0021"), make("HCPC2018_JAN_v2.xlsx", "A0021")
        (draft,) = assembled(other, one).drafts
        assert ((one, other), ()) == (draft.parts, draft.build().warnings)

    @pytest.mark.parametrize("make", [release, sheet_release])
    def test_other_rows_for_the_same_day_are_refused(self, make):
        """Two files that claim one quarter with different rows cannot be built."""
        one = make("HCPC2018_JAN_v1.xlsx", "A0021", "A0080")
        other = make("HCPC2018_JAN_v2.xlsx", "A0021", "A0080", COV="D")
        (draft,) = assembled(other, one).drafts
        with pytest.raises(ReleaseFormatError) as caught:
            draft.build()
        assert (
            "HCPC2018_JAN_v2.xlsx: expected the rows of HCPC2018_JAN_v1.xlsx, which takes effect on the same day, got: "
            "another coverage in 2 codes (A0021, A0080). Give the day of each with --effective, or load only one of them"
        ) == str(caught.value)

    def test_groups_stand_before_their_members(self):
        """Each letter in use and the modifiers have a derived node right before their members."""
        part = release("HCPC2018_JAN.txt", "LT", "ZA", "A0021", "J1815", "A0080")
        (draft,) = assembled(part).drafts
        table = draft.build().tables["concepts"]
        found = [
            (row["code"], row["kind"], row["billable"], row["derived"], row["parent"]) for row in table.to_pylist()
        ]
        expected = [
            ("modifiers", "group", False, True, None),
            ("LT", "modifier", True, False, "modifiers"),
            ("ZA", "modifier", True, False, "modifiers"),
            ("A", "group", False, True, None),
            ("A0021", "code", True, False, "A"),
            ("A0080", "code", True, False, "A"),
            ("J", "group", False, True, None),
            ("J1815", "code", True, False, "J"),
        ]
        assert expected == found

    def test_a_group_is_in_force_since_its_first_member(self):
        """The node of a group begins with the earliest of its members, and does not end."""
        part = read(text_file(record("A0021", ADD_DT="19850101"), record("A0080", ADD_DT="19820101")))
        (draft,) = assembled(part).drafts
        node = draft.build().tables["concepts"].to_pylist()[0]
        assert ("A", day(1982, 1, 1), None) == (node["code"], node["effective_from"], node["effective_to"])

    def test_the_table_keeps_its_columns(self):
        """The concepts have the columns of every system first, then the fields, four of them of the release."""
        (draft,) = assembled(release("HCPC2018_JAN.txt", "A0021")).drafts
        layout = draft.build().tables["concepts"].schema
        assert schema.concepts().names == layout.names[:12]
        assert ["sequence_number", "record_identification", "action", "action_effective"] == [
            field.name for field in layout if (field.metadata or {}).get(b"per_release") == b"true"
        ]

    def test_every_group_has_a_title(self):
        """Nodes say what their codes are for, also where a letter is new."""
        (draft,) = assembled(release("HCPC2018_JAN.txt", "J1815", "X1234")).drafts
        titles = {row["code"]: row["title"] for row in draft.build().tables["concepts"].to_pylist()}
        assert ("J codes: drugs administered other than by mouth, chemotherapy drugs", "X codes") == (
            titles["J"],
            titles["X"],
        )

    @pytest.mark.parametrize(
        ("after", "before", "reason"),
        [
            ("2018-01", "2019-01", None),
            ("2020-01", "2020-04", None),
            ("2017-01", "2020-01", "2018-01 to 2019-01 are not loaded (2 annual releases)"),
            ("2020-10", "2025-01", "2021-01 to 2024-10 are not loaded (16 quarterly releases)"),
            ("2020-04", "2020-10", "2020-07 is not loaded (1 quarterly release)"),
            ("2018-01", "2020-07", "2019-01 to 2020-04 are not loaded (2 annual, 1 quarterly releases)"),
        ],
    )
    def test_missing_releases_are_a_gap(self, after, before, reason):
        """What the publisher's calendar has between two releases is told: annual, quarterly from 2020."""
        assembly = assembled(dated("one.txt", version=before), dated("two.txt", version=after))
        expected = [] if reason is None else [(after, before, reason)]
        assert expected == [(gap.after, gap.before, gap.reason) for gap in assembly.gaps]

    def test_the_order_of_parts_does_not_matter(self):
        """Any order of the same parts makes the same assembly."""
        names = ("HCPC2018_JAN.txt", "HCPC2019_JAN.txt", "HCPC2020_JUL.txt", "b_HCPC2018_JAN.txt")
        parts = [release(name, "A0021") for name in names]
        assert assembled(*parts) == assembled(*reversed(parts))


class TestSamples:
    """The sample releases in the package."""

    def test_the_samples_tell_the_story_of_a_code(self):
        """The two samples hold a code that was terminated, and the one that follows it."""
        loader = HcpcsLoader()
        files = [file for file in readable_files(SAMPLES) if isinstance(file, ReadableFile)]
        parts = [read(file) for file in files]
        older, newer = loader.assemble(parts).drafts
        assert ("2018-01", "2019-01", (), ()) == (older.version, newer.version, older.warnings, newer.warnings)
        states = [
            {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()} for draft in (older, newer)
        ]
        assert [None, day(2019, 1, 1)] == [state["C9014"]["effective_to"] for state in states]
        assert ["J0567"] == states[1]["C9014"]["cross_references"]
        assert [False, True] == ["J0567" in state for state in states]
        assert [None, day(2018, 4, 1)] == [state["ZA"]["effective_to"] for state in states]


COUNTS = {
    "2018-01": (6205, 354),
    "2019-01": (6440, 360),
    "2020-01": (6710, 369),
    "2020-04": (6728, 369),
    "2020-07": (6789, 369),
    "2020-10": (6825, 371),
    "2025-01": (8259, 383),
}


@pytest.fixture(scope="module")
def real_files() -> list[ReadableFile]:
    """The real HCPCS files, or a skip where no folder is given."""
    folder = os.environ.get("TERMINOLOGY_RELEASES")
    if not folder:
        pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
    return [file for file in readable_files(Path(folder) / "hcpcs") if isinstance(file, ReadableFile)]


@pytest.fixture(scope="module")
def real_parts(real_files) -> list[Part]:
    """The parts that the real files make."""
    found = [HcpcsLoader().read(file) for file in real_files]
    return [part for part in found if isinstance(part, Part)]


@pytest.fixture(scope="module")
def real_drafts(real_parts) -> dict:
    """The real releases by version."""
    return {draft.version: draft for draft in HcpcsLoader().assemble(real_parts).drafts}


@pytest.mark.live
class TestRealFiles:
    """The publisher's own files."""

    def test_every_file_is_known(self, real_files):
        """Each file of the publications is a part, or skipped with a reason."""
        assert [] == [file.label for file in real_files if HcpcsLoader().read(file) is None]

    def test_versions_and_counts(self, real_drafts):
        """Releases have the versions and the counts of codes and modifiers that were published."""
        found = {
            version: (draft.parts[0].facts["codes"], draft.parts[0].facts["modifiers"])
            for version, draft in real_drafts.items()
        }
        assert COUNTS == found

    def test_days_are_sure(self, real_drafts):
        """No release is dated by default."""
        assert {()} == {draft.warnings for draft in real_drafts.values()}

    def test_gaps(self, real_parts):
        """The sixteen quarters from 2021 to 2024 are missing, and nothing else."""
        (gap,) = HcpcsLoader().assemble(real_parts).gaps
        assert "2021-01 to 2024-10 are not loaded (16 quarterly releases)" == gap.reason

    @pytest.mark.parametrize(
        ("version", "expected"),
        [
            ("2018-01", []),
            ("2019-01", ["types_of_service in 2 codes", "action_effective in 115 codes"]),
            ("2020-01", []),
            ("2025-01", ["title in 1 code", "types_of_service in 2 codes", "action_effective in 116 codes"]),
        ],
    )
    def test_text_against_sheet(self, real_drafts, version, expected):
        """Text and sheet of a release are equal but for what the workbooks lost."""
        draft = real_drafts[version]
        assert ["text", "sheet"] == [part.kind for part in draft.parts]
        told = [warning.split(": another ")[1].split(" (")[0] for warning in draft.build().warnings]
        assert expected == told

    def test_lives_of_codes(self, real_drafts):
        """Days, successors and modifiers of well-known codes are as published."""
        states = {
            version: {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()}
            for version, draft in real_drafts.items()
            if version in {"2018-01", "2019-01"}
        }
        before, after = states["2018-01"], states["2019-01"]
        assert (None, day(2019, 1, 1)) == (before["C9014"]["effective_to"], after["C9014"]["effective_to"])
        assert (["J0567"], "D") == (after["C9014"]["cross_references"], after["C9014"]["action"])
        assert (day(2017, 7, 1), day(2018, 1, 1)) == tuple(
            before["Q9989"][name] for name in ("effective_from", "effective_to")
        )
        assert ["99483"] == before["G0505"]["cross_references"]
        assert (day(2019, 1, 1), None) == (after["J9310"]["effective_to"], after["J9310"]["cross_references"])
        assert day(2018, 4, 1) == after["ZA"]["effective_to"]
        assert "  " not in before["K3"]["title"]

    @pytest.mark.usefixtures("real_files")
    def test_a_cut_workbook_is_refused(self):
        """A workbook that someone saved again with four columns is refused, the missing ones named."""
        folder = Path(os.environ["TERMINOLOGY_RELEASES"]) / "oddities"
        (path,) = folder.glob("*4-columns.xlsx")
        (file,) = readable_files(path)
        assert isinstance(file, ReadableFile)
        (fault,) = faults(file)
        assert (1, None) == fault[:2]
        assert 44 == fault[2].count(",")

    def test_no_other_system_is_claimed(self):
        """Files of other systems are neither read nor skipped as HCPCS."""
        folder = os.environ.get("TERMINOLOGY_RELEASES")
        if not folder:
            pytest.skip("TERMINOLOGY_RELEASES names no folder of real release files")
        others = [path for path in sorted(Path(folder).iterdir()) if path.name not in {"hcpcs", "oddities"}]
        claimed = [
            file.label
            for other in others
            for file in readable_files(other)
            if isinstance(file, ReadableFile) and HcpcsLoader().read(file) is not None
        ]
        assert [] == claimed
