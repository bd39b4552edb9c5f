"""The list of proprietary laboratory analyses of CPT, in XML."""

from __future__ import annotations

import datetime

import pytest

from terminology.reading import ReadableFile
from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    ANNUAL,
    CODES,
    assembled,
    concepts_of,
    faults_of,
    laboratory_file,
    long_file,
    rows_of,
    text_file,
)

day = datetime.date


class TestLaboratory:
    """The list of PLA codes."""

    ROWS = (("9990U", "2024-10-01T00:00:00-06:00", "EXISTING"), ("9991U", "2025-01-01", "NEW"))

    def test_details(self):
        """Laboratory, maker, test and status are properties of the code."""
        row = concepts_of(long_file(ANNUAL), laboratory_file(*self.ROWS))["9991U"]
        assert ("NEW", "Invented Laboratory", "Invented Maker", "Invented Test", day(2024, 1, 1)) == (
            row["pla_status"],
            row["laboratory"],
            row["manufacturer"],
            row["test_name"],
            row["pla_published"],
        )

    def test_what_stands_before_the_markup_is_dropped(self):
        """A first line that is no markup does no harm."""
        data = b"CPTPLA\n" + laboratory_file(*self.ROWS).data
        assert len(rows_of(ReadableFile("CPTPLA.xml", lambda: data))) == 2

    @pytest.mark.parametrize(
        ("row", "column", "message"),
        [
            (("9990X", "2025-01-01", "NEW"), "cdCode", "expected a PLA code (four digits and U), got '9990X'"),
            (("9990U", "", "NEW"), "effectiveDate", "expected the day on which 9990U takes effect, got none"),
            (
                ("9990U", "soon", "NEW"),
                "effectiveDate",
                "expected a date (YYYYMMDD, YYYY-MM-DD, M/D/YYYY) or Pre-YYYY, got 'soon'",
            ),
        ],
    )
    def test_faults(self, row, column, message):
        """Every code has its shape and its day."""
        assert [(3, column, message)] == faults_of(laboratory_file(row))

    def test_a_code_twice(self):
        """A code comes once."""
        assert [(6, None, "expected each code once, got 9990U again (first on line 3)")] == faults_of(
            laboratory_file(self.ROWS[0], self.ROWS[0])
        )

    def test_long_texts(self):
        """The limits of medium and short texts hold here too."""
        text = laboratory_file(self.ROWS[0]).data.decode().replace("INVENTED S", "S" * 29)
        message = "expected at most 28 characters of a short descriptor, got 29"
        assert [(3, "cdSDesc", message)] == faults_of(text_file("CPTPLA.xml", text))

    def test_no_codes(self):
        """A list without codes is refused, and so is XML that is cut short."""
        assert [(1, None, "expected at least one plaCode element, got none")] == faults_of(
            text_file("CPTPLA.xml", "<plaCodes></plaCodes>")
        )
        assert "expected well-formed XML" in faults_of(text_file("CPTPLA.xml", "<plaCodes><plaCode"))[0][2]

    def test_other_xml_is_a_stranger(self):
        """XML of other systems is left alone."""
        assert CptLoader().read(text_file("tabular.xml", "<ICD10CM.tabular/>")) is None

    @pytest.mark.parametrize(
        ("codes", "rows", "warning"),
        [
            (CODES, ROWS[1:], "1 code (9991U) in force by the list, not in the release"),
            (
                {**CODES, "9991U": "x"},
                (("9991U", "2025-01-01", "DELETED"),),
                "1 code (9991U) deleted by the list, in the release",
            ),
            ({**CODES, "9990U": "x", "9991U": "x"}, ROWS[1:], "1 code (9990U) in the release, not in the list"),
        ],
    )
    def test_the_list_against_the_release(self, codes, rows, warning):
        """Where list and descriptor file differ, it is told."""
        built = assembled(long_file(codes), laboratory_file(*rows)).drafts[0].build()
        assert (f"CPTPLA.xml: {warning}",) == built.warnings
