"""The workbook of HCPCS, and which files the loader takes."""

from __future__ import annotations

import datetime

import pytest

from terminology.drafts import Loader, Skipped
from terminology.systems import SYSTEMS
from terminology_loaders.hcpcs import HcpcsLoader

from .hcpcs_records import (
    FULL,
    HEADINGS,
    bytes_file,
    cells,
    faults,
    read,
    record,
    rows,
    sheet_row,
    text_file,
    workbook,
)

day = datetime.date


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
        assert (SYSTEMS["hcpcs"], 2) == (loader.definition, loader.format_number)
