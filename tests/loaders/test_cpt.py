"""The CPT loader: every kind of file, its faults, the days of releases, and what is held against what; all invented."""

from __future__ import annotations

import datetime
import os
import random
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Skipped
from terminology.errors import ReleaseFormatError
from terminology.reading import ReadableFile, readable_files
from terminology.testing import CHECKS, check
from terminology.testing_cpt import fixed_lines
from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    CODES,
    assembled,
    blank_lines,
    concepts_of,
    faults_of,
    fixed_file,
    history_file,
    laboratory_file,
    long_file,
    medium_file,
    notice,
    part_of,
    rows_of,
    short_file,
    tab_lines,
    table_file,
    text_file,
)

day = datetime.date
SAMPLES = Path(terminology.__file__).parent / "samples" / "cpt"
ANNUAL = {**CODES, "9990U": "Invented analysis", "9991U": "Invented other analysis"}
CONSUMER = ("Concept Id", "CPT Code", "Consumer Friendly Descriptor")
CLINICIAN = ("Concept Id", "CPT Code", "Clinician Descriptor Id", "Clinician Descriptor")
MODIFIERS = """
Appendix A

Modifiers

An invented list.

22 Invented Effort: When it took
long
25 Invented Visit: When there
were 30 of them

Anesthesia Physical Status
Modifiers

Example: 01998-P1

Physical Status Modifier P1: An invented calm
state
Physical Status Modifier P2: An invented lively state

CPT Level I Modifiers

25 Invented Visit

Category II Modifiers

Text about Category II modifiers.

1P Invented exclusion
Reasons include:
invented ones

Level II (HCPCS/National) Modifiers

LT Invented left
RT Invented right
(a remark)
"""


def modifier_file(text: str = MODIFIERS, name: str = "MODUL.txt") -> ReadableFile:
    """Return a list of modifiers."""
    return text_file(name, notice() + text)


class TestDescriptors:
    """Long, medium and short descriptors."""

    def test_tabs(self):
        """A file with tabs gives code, text and line, whatever its name."""
        part = part_of(long_file(name="any.txt"))
        assert ("long", list(CODES)) == (part.kind, part.tables["rows"].column("code").to_pylist())
        assert {"code": "99990", "title": "Invented one", "line": 4} == part.tables["rows"].to_pylist()[0]

    def test_upper_case_is_another_kind(self):
        """LONGUT is known by its letters."""
        codes = {code: title.upper() for code, title in CODES.items()}
        assert part_of(long_file(codes, name="LONGUT.txt")).kind == "long upper"

    @pytest.mark.parametrize("name", ["MEDU.txt", "other.txt"])
    def test_medium(self, name):
        """A text over 28 characters after a blank is a medium descriptor."""
        codes = {"99990": "Invented one that is longer than short ones"}
        assert part_of(text_file(name, notice() + blank_lines(codes, 48))).kind == "medium"

    def test_short(self):
        """Texts up to 28 characters after a blank are short descriptors."""
        assert part_of(text_file("other.txt", notice() + blank_lines(CODES, 28))).kind == "short"

    def test_a_medium_file_of_short_texts_is_known_by_its_name(self):
        """Where content leaves it open, the name decides."""
        assert part_of(medium_file()).kind == "medium"

    def test_tabs_in_a_medium_file(self):
        """A medium file may have tabs too."""
        assert part_of(text_file("MEDU.txt", notice() + tab_lines(CODES))).kind == "medium"

    @pytest.mark.parametrize("broken", [False, True])
    def test_fixed_lines_are_joined(self, broken):
        """Continuations join, whether lines are broken between words or at column 80."""
        title = "Invented service of many words " * 6 + "end"
        hard = [f"99990{i // 72 + 1:02} {title[i : i + 72]}" for i in range(0, len(title), 72)]
        lines = hard if broken else fixed_lines("99990", title)
        part = part_of(fixed_file([*lines, "9999101 Invented two"]))
        assert [title, "Invented two"] == part.tables["rows"].column("title").to_pylist()
        assert part.kind == "long fixed"

    def test_preamble_becomes_the_licence(self):
        """The notice is kept whole as the licence of the release."""
        built = assembled(long_file()).drafts[0].build()
        assert notice().strip() == built.licence

    def test_a_preamble_of_several_paragraphs(self):
        """Data begin after the last blank line of the notice, even where a line of it looks like a record."""
        text = "CPT 2025, invented.\n\n60611 is no code here.\n\nMore words.\n\n" + tab_lines(CODES)
        assert list(CODES) == [row["code"] for row in rows_of(text_file("LONGULT.txt", text))]

    def test_missing_preamble_is_a_warning(self):
        """Without a notice the file is known by its name, and the licence is not known."""
        part = part_of(text_file("LONGULT.txt", tab_lines(CODES)))
        assert ("LONGULT.txt:1: expected a copyright preamble, got none: the licence notice is not known",) == (
            part.warnings
        )

    def test_a_preamble_without_a_year_is_a_warning(self):
        """The year that dates the files is looked for in the notice."""
        part = part_of(text_file("LONGULT.txt", "Invented CPT data.\n\n" + tab_lines(CODES)))
        assert ("LONGULT.txt:1: expected a year in the copyright preamble, got none",) == part.warnings

    def test_a_preamble_without_an_end_is_a_warning(self):
        """A notice that runs into the data is told."""
        part = part_of(text_file("LONGULT.txt", "Invented CPT 2025 data.\n" + tab_lines(CODES)))
        assert ("LONGULT.txt:2: expected a blank line after the copyright preamble, got none",) == part.warnings

    def test_cp1252(self):
        """CP1252 is read, and told where it matters: in a descriptor."""
        file = text_file("LONGULT.txt", notice() + tab_lines({"99990": "Invented café"}), encoding="cp1252")
        part = part_of(file)
        assert ("Invented café", ("LONGULT.txt:4: not UTF-8, read as CP1252",)) == (
            part.tables["rows"].column("title")[0].as_py(),
            part.warnings,
        )

    def test_cp1252_in_the_notice_is_no_news(self):
        """The registered sign of the notice needs no warning."""
        file = text_file("LONGULT.txt", "CPT® 2025, invented\n\n" + tab_lines(CODES), encoding="cp1252")
        assert () == part_of(file).warnings

    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            (
                "9999x\tInvented\n",
                (5, 1, "expected a CPT code (four digits, then a digit, A, F, M, T or U), got '9999x'"),
            ),
            ("99990\tInvented\n", (5, 1, "expected each code once, got 99990 again (first on line 4)")),
            ("99991\t\n", (5, 7, "expected a descriptor of 99991, got blanks")),
            ("99991 Invented\n", (5, 6, "expected a tab after the code, got ' '")),
            ("99991\tInvented\tmore\n", (5, 15, "expected two fields, got more")),
        ],
    )
    def test_faults_of_tabs(self, lines, expected):
        """Shape, uniqueness and columns are checked line by line."""
        assert [expected] == faults_of(text_file("LONGULT.txt", notice() + "99990\tInvented\n" + lines))

    def test_all_faults_at_once(self):
        """Every faulty line is told, in order."""
        file = text_file("LONGULT.txt", notice() + "99990\tOne\n9999x\tTwo\n99991\t\n")
        assert [5, 6] == [line for line, _, _ in faults_of(file)]

    @pytest.mark.parametrize(("name", "limit"), [("MEDU.txt", 48), ("SHORTU.txt", 28)])
    def test_length_limits(self, name, limit):
        """A medium text has at most 48 characters, a short one 28."""
        kind = "medium" if limit == 48 else "short"
        file = text_file(name, notice() + f"99990 {'X' * limit}\n99991 {'X' * (limit + 1)}\n")
        message = f"expected at most {limit} characters of a {kind} descriptor, got {limit + 1}"
        assert [(5, 7 + limit, message)] == faults_of(file)

    def test_a_shifted_medium_file(self):
        """A record whose sixth column is no blank is refused."""
        file = text_file("MEDU.txt", notice() + "99990 INVENTED\n99991XINVENTED\n")
        assert [(5, 6, "expected a blank after the code, got 'X'")] == faults_of(file)

    @pytest.mark.parametrize(
        ("lines", "expected"),
        [
            (["9999001 One", "9999003 more"], (5, 6, "expected sequence number 02 of 99990, got 03")),
            (["9999001 One", "9999102 Two"], (5, 6, "expected sequence number 01 of 99991, got 02")),
            (["9999001 One", "9999001 Two"], (5, 6, "expected sequence number 02 of 99990, got 01")),
            (
                ["9999001 One", "99991 Two"],
                (5, 6, "expected a sequence number of two digits and a blank, got ' Tw'"),
            ),
            (["9999001 One", f"9999101 {'X' * 73}"], (5, 81, "expected at most 80 characters, got 81")),
        ],
    )
    def test_faults_of_fixed_lines(self, lines, expected):
        """Sequence numbers are contiguous, lines not longer than 80."""
        assert expected in faults_of(fixed_file(lines))

    def test_no_records(self):
        """A file with the publisher's name and no record is refused rather than skipped."""
        message = (
            "expected records of a long descriptor file (a CPT code (four digits, then a digit, A, F, M, T or U) in "
            "columns 1-5, then a tab or a blank), got none"
        )
        assert [(1, 1, message)] == faults_of(text_file("LONGULT.txt", "Code;Text\n"))

    @pytest.mark.parametrize(
        "text",
        ["00001 A00     0 Cholera", "0010 Cholera d/t vib cholerae\n00845 Int inf clstrdium dfcile\n", "", "\x00\x01"],
    )
    def test_strangers(self, text):
        """Files of other code systems are left alone."""
        assert CptLoader().read(text_file("other.txt", text)) is None

    def test_a_fee_schedule_is_a_stranger(self):
        """A wide file with the AMA's notice is no descriptor file."""
        text = f"CPT copyright 2024 American Medical Association\n\n99990 {'X' * 90}\n"
        assert CptLoader().read(text_file("PPRRVU25.txt", text)) is None


class TestModifiers:
    """Appendix A."""

    def test_groups(self):
        """Each modifier is known with the headings that list it."""
        found = {row["code"]: row["groups"] for row in rows_of(modifier_file())}
        expected = {
            "22": ["general"],
            "25": ["general", "ambulatory surgery"],
            "P1": ["physical status"],
            "P2": ["physical status"],
            "1P": ["category II"],
            "LT": ["level II"],
            "RT": ["level II"],
        }
        assert expected == found

    def test_texts(self):
        """The words before the colon are the title, those behind it the definition."""
        found = {row["code"]: (row["title"], row["definition"]) for row in rows_of(modifier_file())}
        assert ("Invented Visit", "When there were 30 of them") == found["25"]
        assert ("An invented calm state", None) == found["P1"]

    def test_year_words_date_it(self):
        """The year stands in the words of the list."""
        assert part_of(text_file("MODUL.txt", "Invented for CPT 2026 codes\n" + MODIFIERS)).facts["year_words"] == 2026

    @pytest.mark.parametrize(
        ("old", "new", "line", "message"),
        [
            ("22 Inv", "2X Inv", 10, "expected a modifier of two digits under the general modifiers, got '2X'"),
            ("1P Inv", "1Q Inv", 33, "expected a modifier of a digit and P under the category II modifiers, got '1Q'"),
            (
                "Modifier P1",
                "Modifier PX",
                22,
                "expected a modifier of P and a digit under the physical status modifiers, got 'PX'",
            ),
            ("RT Inv", "LT Inv", 40, "expected each modifier once, got LT again (first on line 39)"),
        ],
    )
    def test_malformed(self, old, new, line, message):
        """A modifier must look like those of its heading, and come once under it."""
        found = faults_of(modifier_file(MODIFIERS.replace(old, new)))
        assert [message] == [text for _, _, text in found]
        assert abs(line - (found[0][0] or 0)) <= 3

    def test_no_list(self):
        """A file with the publisher's name and no list is refused."""
        assert [(1, None, "expected modifiers below the heading Appendix A, got none")] == faults_of(
            text_file("MODUL.txt", "Nothing\n")
        )

    def test_concepts(self):
        """Modifiers stand under their node, billable, with their groups."""
        found = concepts_of(long_file(), modifier_file())
        modifier = found["P1"]
        assert ("modifier", "modifiers", True, ["physical status"]) == (
            modifier["kind"],
            modifier["parent"],
            modifier["billable"],
            modifier["modifier_groups"],
        )
        assert ("group", True) == (found["modifiers"]["kind"], found["modifiers"]["derived"])


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


class TestChecks:
    """Files of one release, held against each other."""

    def test_all_texts_meet_in_one_row(self):
        """Title, medium and short title come from their own files."""
        row = concepts_of(long_file(), medium_file(), short_file())["9990F"]
        assert ("Invented measure", "INVENTED MEASURE", "INVENTED MEASURE", "II") == (
            row["title"],
            row["medium_title"],
            row["short_title"],
            row["category"],
        )

    def test_a_short_file_alone(self):
        """One descriptor file of any kind makes a release."""
        assert concepts_of(short_file())["99990"]["title"] == "INVENTED ONE"

    @pytest.mark.parametrize("make", [medium_file, short_file])
    def test_the_same_codes_in_every_form(self, make):
        """A file with other codes than the long descriptors is refused with both sides named."""
        codes = {"99990": "Invented one", "99991": "Invented two", "99999": "Invented other"}
        draft = assembled(long_file(), make(codes)).drafts[0]
        with pytest.raises(terminology.ReleaseFaults) as caught:
            draft.build()
        assert [
            (6, "expected a code of LONGULT.txt, got 99999"),
            (6, "expected all 3 codes of LONGULT.txt, 1 are missing: 9990F"),
        ] == [(fault.line, fault.message) for fault in caught.value.exceptions]

    def test_fixed_and_tab_agree(self):
        """Another wording in the fixed file is told; the file with tabs counts."""
        fixed = fixed_file(["9999001 Invented one", "9999101 Invented deux", "9990F01 Invented measure"])
        draft = assembled(long_file(), fixed).drafts[0]
        assert ("LONGULF.txt: 1 code (99991) worded differently than in LONGULT.txt",) == draft.build().warnings
        assert concepts_of(long_file(), fixed)["99991"]["title"] == "Invented two"

    def test_upper_case_twin(self):
        """The upper-case twin is compared without regard to case."""
        twin = long_file({code: title.upper() for code, title in CODES.items()}, name="LONGUT.txt")
        assert () == assembled(long_file(), twin).drafts[0].build().warnings

    @pytest.mark.parametrize(
        ("name", "header", "row"),
        [
            ("ConsumerDescriptor.txt", CONSUMER, ("1", "99999", "Plain")),
            ("ClinicianDescriptor.txt", CLINICIAN, ("1", "99999", "2", "Plain")),
        ],
    )
    def test_strangers_in_other_words(self, name, header, row):
        """Codes that only the plain-language or the clinicians' file knows are told and left out."""
        files = long_file(), table_file(name, header, row)
        assert (f"{name}: 1 code (99999) not in the release, left out",) == assembled(*files).drafts[0].build().warnings
        assert "99999" not in concepts_of(*files)

    def test_history_against_the_codes(self):
        """A code that was deleted and is listed, and one that was added and is not, are told."""
        history = history_file(
            ("20250101", "DELETED", "99990"), ("20250101", "ADDED", "99998"), ("20250101", "ADDED", "99991")
        )
        assert {
            "History_DTK_tab.txt: 1 code (99990) deleted by the history, in the release",
            "History_DTK_tab.txt: 1 code (99998) added by the history, not in the release",
        } == set(assembled(long_file(), history).drafts[0].build().warnings)

    def test_the_last_change_counts(self):
        """A code that came back is no contradiction."""
        history = history_file(("20200101", "DELETED", "99990"), ("20250101", "ADDED", "99990"))
        assert () == assembled(long_file(), history).drafts[0].build().warnings


class TestHierarchy:
    """Sections by number, and those of CPT Link."""

    LINK = (
        ("Type_DTK_pipe.txt", ("Type Id", "Type Name"), ("1", "Code"), ("2", "Descriptor"), ("9", "Has Parent")),
        (
            "Property_DTK_pipe.txt",
            ("Concept Id", "Property Type Id", "Property Value"),
            *(("1", "2", "Invented top"), ("2", "2", "Invented part"), ("10", "1", "99990"), ("11", "1", "99991")),
        ),
        (
            "RelationshipGroup_DTK_pipe.txt",
            ("Concept Id 1", "Relationship Type Id", "Concept Id 2"),
            *(("2", "9", "1"), ("10", "9", "2"), ("11", "9", "1")),
        ),
    )

    def link(self, number: int | None = None, old: str = "", new: str = "") -> list[ReadableFile]:
        """Return the files of CPT Link, one of them changed."""
        files = [table_file(name, *rows, separator="|") for name, *rows in self.LINK]
        if number is not None:
            files[number] = text_file(files[number].name, files[number].data.decode().replace(old, new))
        return files

    def test_sections_by_number(self):
        """Without CPT Link, codes stand under number ranges and categories, marked derived."""
        found = concepts_of(long_file({**CODES, "01998": "Invented sleep", "99123": "Invented"}))
        parents = {code: row["parent"] for code, row in found.items()}
        assert ("00100-01999", "99100-99140") == (parents["01998"], parents["99123"])
        assert ("category i", "category ii") == (parents["99990"], parents["9990F"])
        node = found["00100-01999"]
        assert ("Anesthesia 00100–01999", "category i", True) == (node["title"], node["parent"], node["derived"])  # noqa: RUF001

    def test_parents_stand_before_children(self):
        """The table is in document order."""
        codes = list(concepts_of(long_file({**CODES, "01998": "Invented sleep"})))
        assert ["category i", "99990", "99991", "00100-01999", "01998", "category ii", "9990F"] == codes

    def test_link(self):
        """The nodes of CPT Link stand above the codes; what it lacks is placed by number."""
        draft = assembled(long_file(), *self.link()).drafts[0]
        found = {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()}
        assert ("concept-2", "concept-1", "category ii") == (
            found["99990"]["parent"],
            found["99991"]["parent"],
            found["9990F"]["parent"],
        )
        node = found["concept-2"]
        assert ("Invented part", "concept-1", "section", False) == (
            node["title"],
            node["parent"],
            node["kind"],
            node["derived"],
        )
        assert (
            "RelationshipGroup_DTK_pipe.txt: 1 codes are not in the hierarchy, placed by number: 9990F",
        ) == draft.build().warnings

    @pytest.mark.parametrize(
        ("number", "old", "new", "message"),
        [
            (0, "Code", "Cipher", "expected a column of codes, or a property type named Code in Type_DTK_pipe.txt"),
            (0, "Has Parent", "Near", "expected a relationship type that names the parent (Has Parent, Is A)"),
            (2, "2|9|1", "1|9|2", "the hierarchy has a cycle"),
        ],
    )
    def test_a_graph_that_is_no_tree(self, number, old, new, message):
        """A graph in which code or parent is not named, or that has a cycle, is refused."""
        files = self.link(number, old, new)
        if "cycle" in message:
            files[2] = text_file(files[2].name, files[2].data.decode() + "2|9|1\r\n")
        with pytest.raises(ReleaseFormatError) as caught:
            assembled(long_file(), *files).drafts[0].build()
        assert caught.value.message.startswith(message)

    def test_concept_ids_are_digits(self):
        """A concept that is no number is a fault."""
        assert [(2, "concept", "expected a concept id of digits, got 'x'")] == faults_of(
            table_file(
                "Property_DTK_pipe.txt",
                ("Concept Id", "Property Type Id", "Property Value"),
                ("x", "1", "v"),
                separator="|",
            )
        )

    def test_an_incomplete_graph(self):
        """With one of the three files missing, sections are made of number ranges, which is told."""
        draft = assembled(long_file(), *self.link()[:2]).drafts[0]
        assert any("lacks its relationship file" in warning for warning in draft.warnings)
        assert concepts_of(long_file(), *self.link()[:2])["99990"]["parent"] == "category i"


class TestDating:
    """On which day a release takes effect."""

    @pytest.mark.parametrize(
        ("words", "name", "archive", "expected"),
        [
            ("Invented CPT 2025", "LONGULT.txt", None, "2025"),
            ("Invented CPT® 2025 data files", "LONGULT.txt", "cpt2024.zip", "2025"),
            ("2025 CPT, invented", "LONGULT.txt", None, "2025"),
            ("Invented CPT. Copyright 1995-2024 nobody", "LONGULT.txt", None, "2025"),
            ("Invented CPT. Copyright 2023 nobody", "LONGULT_2025.txt", None, "2025"),
            ("Invented CPT", "LONGULT.txt", "cpt-2025.zip", "2025"),
            ("Invented CPT", "LONGULT.txt", "CPT25.zip", "2025"),
            ("Invented CPT 2025", "LONGULT April 2025.txt", None, "2025-04"),
            ("Invented CPT 2025", "LONGULT_2025-07-01.txt", None, "2025-07"),
        ],
    )
    def test_evidence(self, words, name, archive, expected):
        """Month in the name, words, year in the name, archive, copyright of the year before: in this order."""
        file = text_file(name, f"{words}\n\n{tab_lines(CODES)}", archive)
        assert [expected] == [draft.version for draft in assembled(file).drafts]

    def test_the_annual_default_is_a_warning(self):
        """A year alone means January 1, and is told once."""
        drafts = assembled(long_file(), medium_file()).drafts
        assert ("LONGULT.txt: nothing dates the file but its words; taken as 2025-01-01",) == drafts[0].warnings
        assert day(2025, 1, 1) == drafts[0].effective

    def test_the_history_confirms_the_day(self):
        """Where the newest change is of the same day, there is nothing to warn of."""
        draft = assembled(long_file(), history_file(("20250101", "ADDED", "99990"))).drafts[0]
        assert () == draft.warnings

    def test_the_history_dates_an_archive(self):
        """Without any year, the newest change of the archive's history tells it."""
        file = text_file("LONGULT.txt", f"Invented CPT\n\n{tab_lines(CODES)}", "a.zip")
        drafts = assembled(file, history_file(("20250101", "ADDED", "99990"), archive="a.zip")).drafts
        assert ["2025"] == [draft.version for draft in drafts]

    def test_contradicting_years_are_told(self):
        """Words that name another year than the archive win, with a warning."""
        draft = assembled(long_file(archive="cpt2024.zip")).drafts[0]
        assert "words, names and history tell of 2024 and 2025; taken as 2025-01-01" in draft.warnings

    def test_nothing_tells(self):
        """A file without any evidence is refused, with advice."""
        file = text_file("LONGULT.txt", f"Invented CPT\n\n{tab_lines(CODES)}")
        assert ["nothing tells of which year the file is: give --version or --effective"] == [
            reason for _, reason in assembled(file).refused
        ]

    @pytest.mark.parametrize("given", [{"effective": day(2024, 7, 1)}, {"version": "2024-07"}])
    def test_the_operator_wins(self, given):
        """A given day or version stands above all evidence."""
        part = evolve(part_of(long_file()), **given)
        draft = CptLoader().assemble([part]).drafts[0]
        assert ("2024-07", day(2024, 7, 1), ()) == (draft.version, draft.effective, draft.warnings)

    def test_parts_of_an_archive_belong_together(self):
        """Files without a year take that of their archive."""
        files = [long_file(year=year, archive=f"a{year}.zip") for year in (2024, 2025)] + [
            table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", f"Plain {year}"), archive=f"a{year}.zip")
            for year in (2024, 2025)
        ]
        for year in (2024, 2025):
            assert f"Plain {year}" == concepts_of(*files, version=str(year))["99990"]["consumer_title"]

    def test_an_archive_of_two_years(self):
        """An archive with two files of a kind holds two releases, told apart by their own words."""
        files = [long_file(year=2024, archive="all.zip"), long_file({"99990": "Anew"}, archive="all.zip")]
        assert ["2024", "2025"] == [draft.version for draft in assembled(*files).drafts]

    def test_loose_files_join_the_codes_they_fit(self):
        """A loose file without a year joins the release whose codes it has."""
        consumer = table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain"), ("2", "99995", "Plain too"))
        files = long_file(year=2024), long_file({"99990": "One", "99995": "Five"}), consumer
        assert concepts_of(*files, version="2025")["99995"]["consumer_title"] == "Plain too"
        assert concepts_of(*files, version="2024")["99990"]["consumer_title"] is None

    def test_a_loose_file_that_fits_two_releases(self):
        """Where nothing tells the releases apart, the file is left unused, which is told."""
        consumer = table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain"))
        unused = assembled(long_file(year=2024), long_file(), consumer).unused
        assert ["nothing tells of which release it is: load it in its archive, or give --version"] == [
            reason for _, reason in unused
        ]

    def test_companions_alone_wait(self):
        """Files that belong to a release without descriptor files are kept for later."""
        found = assembled(modifier_file(), table_file("ConsumerDescriptor.txt", CONSUMER, ("1", "99990", "Plain")))
        assert ((), 2) == (found.drafts, len(found.unused))

    def test_two_files_that_claim_one_release(self):
        """Other content for the same day is refused, equal content is a further source."""
        other = long_file({"99990": "Other"}, name="b.txt")
        found = assembled(long_file(), other)
        assert [
            (
                "b.txt",
                "holds something else than LONGULT.txt, which is of release 2025 too: give --version or --effective",
            )
        ] == [(part.origin.label, reason) for part, reason in found.refused]
        (draft,) = assembled(long_file(), long_file(name="b.txt")).drafts
        assert ["LONGULT.txt", "b.txt"] == [part.origin.label for part in draft.parts]

    def test_a_missing_year_is_a_gap(self):
        """Years between loaded ones are reported."""
        (gap,) = assembled(long_file(year=2022), long_file(year=2025)).gaps
        assert ("2022", "2025", "2023 to 2024 are not loaded (2 annual releases)") == (
            gap.after,
            gap.before,
            gap.reason,
        )

    def test_the_order_does_not_matter(self):
        """Any order of the parts gives the same plan."""
        files = [
            long_file(year=2024),
            long_file(),
            medium_file(),
            modifier_file(),
            history_file(("20250101", "ADDED", "99990")),
            laboratory_file(("9990U", "2025-04-01", "NEW")),
        ]
        parts = [part_of(file) for file in files]
        plans = set()
        for seed in range(6):
            random.Random(seed).shuffle(parts)  # noqa: S311 -- an order, no secret
            plan = CptLoader().assemble(parts)
            plans.add(tuple(draft.digest("cpt", 1) for draft in plan.drafts))
        assert len(plans) == 1


class TestUpdates:
    """Publications inside a year."""

    QUARTER = (
        ("9990U", "2024-01-01", "EXISTING"),
        ("9991U", "2024-01-01", "DELETED"),
        ("9992U", "2025-04-01", "NEW"),
        ("9993U", "2025-07-01", "NEW"),
    )

    def test_a_list_of_laboratory_codes(self):
        """The newest day of the list is the day of the update, on the codes of its year."""
        found = assembled(long_file(ANNUAL), laboratory_file(*self.QUARTER[:3]))
        assert ["2025", "2025-04"] == [draft.version for draft in found.drafts]
        codes = {row["code"]: row for row in found.drafts[1].build().tables["concepts"].to_pylist()}
        assert ("9991U" in codes, "Invented analysis 9992U") == (False, codes["9992U"]["title"])

    def test_codes_of_later_quarters_wait(self):
        """An update by a given day holds what is in force on it."""
        part = evolve(part_of(laboratory_file(*self.QUARTER)), version="2025-04")
        drafts = CptLoader().assemble([part_of(long_file(ANNUAL)), part]).drafts
        codes = drafts[1].build().tables["concepts"].column("code").to_pylist()
        assert ("2025-04", True, False) == (drafts[1].version, "9992U" in codes, "9993U" in codes)

    def test_the_quarter_of_a_name_is_that_of_the_publication(self):
        """A list published in the second quarter takes effect in the third."""
        found = assembled(long_file(ANNUAL), laboratory_file(*self.QUARTER[:3], name="CPTPLA_2025Q2.xml"))
        assert "2025-07" == found.drafts[1].version

    def test_without_the_annual_files_it_waits(self):
        """An update of a year that is not loaded is kept for later."""
        found = assembled(long_file(ANNUAL, year=2023), laboratory_file(*self.QUARTER[:3]))
        assert ["list of PLA codes as of 2025-04-01: the annual files of 2025 are not loaded"] == [
            reason for _, reason in found.unused
        ]

    def test_a_newer_list_in_the_archive(self):
        """A list that came with the annual files and knows later codes adds details to them, and makes an update."""
        found = assembled(long_file(ANNUAL, archive="a.zip"), laboratory_file(*self.QUARTER[:3], archive="a.zip"))
        assert ["2025", "2025-04"] == [draft.version for draft in found.drafts]
        annual = {row["code"]: row for row in found.drafts[0].build().tables["concepts"].to_pylist()}
        assert ("EXISTING", False) == (annual["9990U"]["pla_status"], "9992U" in annual)

    def test_an_update_keeps_the_details_of_the_year(self):
        """What the year's own list says of PLA codes stays in an update of another category."""
        rows = (("9990U", "2024-01-01", "EXISTING"), ("9991U", "2025-01-01", "NEW"))
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        found = concepts_of(long_file(ANNUAL), laboratory_file(*rows), third, version="2025-07")
        assert ("NEW", "III") == (found["9991U"]["pla_status"], found["9990T"]["category"])

    def test_a_list_of_the_year_before(self):
        """An older list with just the release's PLA codes adds its details to the release."""
        rows = (("9990U", "2024-01-01", "EXISTING"), ("9991U", "2024-10-01", "NEW"))
        assert "NEW" == concepts_of(long_file(ANNUAL), laboratory_file(*rows))["9991U"]["pla_status"]

    def test_two_lists_for_one_day(self):
        """Lists that differ and claim one day are refused but for one."""
        found = assembled(
            long_file(ANNUAL),
            laboratory_file(*self.QUARTER[:3], name="CPTPLA a.xml"),
            laboratory_file(*self.QUARTER[1:3], name="CPTPLA b.xml"),
        )
        assert ["CPTPLA b.xml"] == [part.origin.label for part, _ in found.refused]

    def test_category_iii_codes_wait_six_months(self):
        """Category III codes published in January take effect in July, on top of the year's codes."""
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        found = assembled(long_file(ANNUAL), third)
        assert ["2025", "2025-07"] == [draft.version for draft in found.drafts]
        assert "9990T" in found.drafts[1].build().tables["concepts"].column("code").to_pylist()

    def test_updates_add_up(self):
        """A later update holds what earlier ones of its year added."""
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        october = (*self.QUARTER, ("9994U", "2025-10-01", "NEW"))
        found = assembled(long_file(ANNUAL), third, laboratory_file(*october))
        codes = found.drafts[-1].build().tables["concepts"].column("code").to_pylist()
        assert ("2025-10", True, True) == (found.drafts[-1].version, "9990T" in codes, "9994U" in codes)

    def test_a_category_alone_needs_a_day(self):
        """A list of one category that nothing dates is refused."""
        third = text_file("new.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        assert ["list of category III codes only, and nothing tells when it takes effect: give --effective"] == [
            reason for _, reason in assembled(long_file(), third).refused
        ]

    def test_a_category_alone_waits_for_its_year(self):
        """A dated list of one category is kept until the year's files come."""
        third = text_file("January 2025.txt", notice() + tab_lines({"9990T": "Invented technique"}))
        assert ["update of 2025-07-01: the annual files of 2025 are not loaded"] == [
            reason for _, reason in assembled(third).unused
        ]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The packaged sample, loaded."""
    path = tmp_path_factory.mktemp("store")
    report = terminology.load(SAMPLES, store=path, loaders={"cpt": CptLoader()})
    assert ((), ()) == (report.errors, report.skipped)
    return terminology.open(path)


class TestStore:
    """Through `terminology.load`."""

    def test_releases(self, store):
        """The sample makes two years and an update."""
        assert [("2024", 18), ("2025", 19), ("2025-04", 20)] == [
            (release.version, release.concepts) for release in store["cpt"].releases
        ]

    def test_the_sample_says_that_it_is_invented(self, store):
        """The licence of every release is the notice of the files."""
        assert all(release.licence.startswith("INVENTED SAMPLE") for release in store["cpt"].releases)

    def test_a_deleted_code(self, store):
        """A deleted code expires on the day of the next year's release."""
        cpt = store["cpt"]
        assert ("billable", "expired") == (cpt.on("2024-12-31").status("99993"), cpt.on("2025-01-01").status("99993"))

    def test_a_first_day_between_releases(self, store):
        """The history dates a code that began between two releases."""
        cpt = store["cpt"]
        found = [str(cpt.on(date).status("9991U")) for date in ("2024-06-30", "2024-07-01", "2025-01-01")]
        assert ["future", "billable", "billable"] == found

    def test_an_update(self, store):
        """A code of the April list is in force from April 1."""
        cpt = store["cpt"]
        assert ("future", "billable") == (cpt.on("2025-03-31").status("9992U"), cpt.on("2025-04-01").status("9992U"))

    @pytest.mark.parametrize(
        ("code", "file", "line"),
        [("99990", "LONGULT_2025.txt", 5), ("9992U", "CPTPLA_2025-04.xml", 26), ("25", "MODUL_2025.txt", 14)],
    )
    def test_each_row_cites_its_own_file(self, store, code, file, line):
        """Codes cite the descriptor file, new PLA codes their list, modifiers the list of modifiers."""
        source = store["cpt"].latest[code].source
        assert (file, line) == (source.file, source.line)

    def test_a_revision(self, store):
        """A new wording begins with its release."""
        assert ["Invented service, second level", "Invented service, second level, worded anew"] == [
            period.title for period in store["cpt"].history("99991").periods
        ]

    def test_the_day_of_a_deletion_may_be_the_last_one(self, tmp_path):
        """A deletion dated on the last day of a quarter ends the code after that day."""
        for year, codes in ((2024, {**CODES, "99995": "Invented"}), (2025, CODES)):
            (tmp_path / f"LONGULT_{year}.txt").write_bytes(long_file(codes, year).data)
        (tmp_path / "History_DTK_tab.txt").write_bytes(
            history_file(("20240930", "DELETED", "99995"), ("20250101", "ADDED", "99990")).data
        )
        report = terminology.load(tmp_path, store=tmp_path / "store", loaders={"cpt": CptLoader()})
        assert () == report.errors
        (period,) = terminology.open(tmp_path / "store")["cpt"].history("99995").periods
        assert day(2024, 10, 1) == period.effective_to

    def test_a_year_that_is_not_loaded_is_uncovered(self, store):
        """A release covers its own year."""
        assert "uncovered" == store["cpt"].on("2026-01-01").status("99990")

    def test_words_are_malformed(self, store):
        """A text that is no code is malformed, a node of the tree is a header."""
        edition = store["cpt"].latest
        assert ("malformed", "header", "unknown") == (
            edition.status("hello"),
            edition.status("category i"),
            edition.status("99999"),
        )

    def test_history_stays_a_table(self, store):
        """The whole history can be asked of a release."""
        table = store["cpt"].release("2025").table("history")
        assert 5 == table.num_rows
        assert "To report, use the invented 99994" in table.column("instruction").to_pylist()


@pytest.mark.parametrize("name", CHECKS)
def test_conformance(name):
    """The loader keeps what every loader must keep, proved on the packaged sample."""
    check(name, CptLoader(), SAMPLES)


@pytest.mark.live
@pytest.mark.skipif("TERMINOLOGY_RELEASES" not in os.environ, reason="TERMINOLOGY_RELEASES names no folder of files")
def test_no_file_of_another_system_is_claimed():
    """Real release files of every other code system are strangers, although some of them name CPT."""
    files = [
        file for file in readable_files(Path(os.environ["TERMINOLOGY_RELEASES"])) if isinstance(file, ReadableFile)
    ]
    assert len(files) > 100
    assert [] == [file.path for file in files if CptLoader().read(file) is not None]
