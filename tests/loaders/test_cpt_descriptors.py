"""Descriptor files of CPT: tabs, fixed columns, the preamble, their faults."""

from __future__ import annotations

import pytest

from terminology.testing.cpt import fixed_lines
from terminology_loaders.cpt import CptLoader

from .cpt_files import (
    CODES,
    assembled,
    blank_lines,
    faults_of,
    fixed_file,
    long_file,
    medium_file,
    notice,
    part_of,
    rows_of,
    tab_lines,
    text_file,
)


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
