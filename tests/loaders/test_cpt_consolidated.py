"""The current format of CPT: one list of all codes, one of modifiers, reissued each quarter."""

from __future__ import annotations

import datetime
import random

import pytest

from terminology.testing import CHECKS, check
from terminology.testing.cpt_lives import CONSOLIDATED, consolidated_text, history_text, laboratory_list_text
from terminology_loaders.cpt import CptLoader

from .cpt_files import assembled, concepts_of, faults_of, long_file, modifier_file, part_of, rows_of, text_file

day = datetime.date
CODES = (("99990", day(2024, 1, 1)), ("9990T", None), ("9990U", day(2025, 7, 1)))
PROSE = "INVENTED data in the layout of CPT {year}.\nCopyright 1995-2024: nobody.\nThe column CPT Code comes below.\n"
HEADER = "\t".join(CONSOLIDATED)
MODIFIERS = (
    *("ConceptID", "Modifier Code", "Level I/II", "Modifier Descriptor Effective"),
    *("Modifier Name", "Modifier Description", "Section (Main Section)"),
)


def list_file(text, name="ConsolidatedCodeList.txt", archive=None):
    """Return the list as a file."""
    return text_file(name, text, archive)


def modifier_table(*rows, columns=MODIFIERS):
    """Return a list of modifiers of code, level, name, description and section."""
    made = []
    for code, level, name, description, section in rows:
        cells = dict(zip(MODIFIERS, ("1", code, level, "20250101", name, description, section), strict=True))
        made.append("\t".join(cells[column] for column in columns))
    return text_file("Modifiers.txt", "\r\n".join([PROSE.format(year=2025), "\t".join(columns), *made, ""]))


@pytest.mark.parametrize("seed", range(6))
def test_columns_in_any_order(seed):
    """Every column is found by its heading, wherever it stands."""
    columns = list(CONSOLIDATED)
    random.Random(seed).shuffle(columns)  # noqa: S311 -- an order, no secret
    found = concepts_of(list_file(consolidated_text(2025, CODES, columns)))
    row = found["9990U"]
    title = "Invented service 9990U"
    assert (title, title.upper(), title.upper(), f"{title} in plain words", f"{title} (es)") == (
        row["title"],
        row["medium_title"],
        row["short_title"],
        row["consumer_title"],
        row["spanish_consumer_title"],
    )
    assert ("2", "Invented Test 2", "Invented Laboratory", "Invented Maker") == (
        row["concept_id"],
        row["test_name"],
        row["laboratory"],
        row["manufacturer"],
    )
    assert {"99990", "9990T", "9990U"} == {code for code, one in found.items() if one["kind"] == "code"}


@pytest.mark.parametrize("lines", [0, 1, 30, 250])
def test_prose_before_the_header(lines):
    """The notice may be long, and may itself name a column; it is the licence of the release."""
    prose = PROSE.format(year=2025) + "More of the invented notice.\n" * lines
    text = f"{prose}\n{HEADER}\n1\t99990\tInvented\n"
    part = part_of(list_file(text))
    assert (["99990"], prose.strip()) == (part.tables["rows"].column("code").to_pylist(), part.facts["notice"])


def test_the_file_is_known_by_its_header():
    """Neither name nor prose is needed; cells at the end may be left out."""
    file = text_file("codes.txt", f"{HEADER}\n1\t99990\tInvented\n")
    assert "consolidated" == part_of(file).kind


def test_a_list_without_its_header_is_refused():
    """A file with the publisher's name and other columns is refused, with the columns that are missing."""
    ((line, _, message),) = faults_of(list_file(PROSE.format(year=2025) + "\n1\t99990\tInvented\n"))
    assert (1, "expected a header with the columns cptcode, long ") == (line, message[:49])


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (
            ("1\t9999\tInvented",),
            (2, "code", "expected a CPT code (four digits, then a digit, A, F, M, T or U), got '9999'"),
        ),
        (("1\t99990\tOne", "2\t99990\tTwo"), (3, "code", "expected each code once, got 99990 again (first on line 2)")),
        (("1\t99990\t",), (2, "long", "expected a descriptor of 99990, got blanks")),
        (("1\t99990",), (2, 3, "expected at least 3 columns, got 2")),
        (
            ("1\t99990\tOne\t\t\t\t\tsoon",),
            (2, "effective date", "expected a date (YYYYMMDD, YYYY-MM-DD, M/D/YYYY) or Pre-YYYY, got 'soon'"),
        ),
        ((), (2, None, "expected at least one row below the header, got none")),
    ],
)
def test_faults(rows, fault):
    """Codes, texts, days and columns are checked, each with its line."""
    assert [fault] == faults_of(list_file("\n".join([HEADER, *rows, ""])))


def test_a_shorter_descriptor_stands_in():
    """A code whose long descriptor is blank has its medium one, with a warning that quotes it."""
    part = part_of(list_file(f"{HEADER}\n1\t99990\t\tINVENTED MEDIUM\n"))
    assert ["INVENTED MEDIUM"] == part.tables["rows"].column("title").to_pylist()
    assert (
        "ConsolidatedCodeList.txt:2: column long: no long descriptor of 99990, a shorter one is taken: 'INVENTED MEDIUM'",
    ) == part.warnings


class TestDating:
    """A full reissue each quarter: from which day each one holds."""

    def text(self, newest, year=2025):
        """Return a list whose newest descriptor is of a day."""
        return consolidated_text(year, [*CODES[:2], ("9990U", newest)])

    def test_the_newest_descriptor_of_the_year(self):
        """Words give the year, the newest descriptor in it the day."""
        assert ["2025-07"] == [draft.version for draft in assembled(list_file(self.text(day(2025, 7, 1)))).drafts]

    def test_a_year_without_new_descriptors(self):
        """A list without a descriptor of its year is taken as that of January 1, with a warning."""
        (draft,) = assembled(list_file(self.text(day(2024, 7, 1)))).drafts
        assert ("2025", True) == (
            draft.version,
            any("nothing dates the file but its words" in w for w in draft.warnings),
        )

    def test_without_words(self):
        """Without any year, the newest descriptor is all there is, which is told."""
        text = f"{HEADER}\n1\t99990\tInvented\t\t\t\t\t20250401\n"
        (draft,) = assembled(list_file(text)).drafts
        assert ("2025-04", 1) == (draft.version, len([w for w in draft.warnings if "its newest descriptor" in w]))

    def test_quarters_of_one_year(self):
        """Each reissue is a release of all codes: what it lacks ends on its day."""
        first = list_file(consolidated_text(2025, [*CODES[:2], ("99991", day(2025, 1, 1))]), "a.txt")
        second = list_file(self.text(day(2025, 7, 1)), "b.txt")
        drafts = assembled(first, second).drafts
        assert ["2025", "2025-07"] == [draft.version for draft in drafts]
        assert "99991" not in drafts[1].build().tables["concepts"].column("code").to_pylist()

    def test_a_code_that_begins_later(self):
        """A list of an earlier day, by its name, leaves out a code whose only descriptor is of a later one."""
        file = list_file(self.text(day(2025, 7, 1)), "ConsolidatedCodeList_2025-04.txt")
        drafts = assembled(file).drafts
        assert [("2025-04", False), ("2025-07", True)] == [
            (draft.version, "9990U" in draft.build().tables["concepts"].column("code").to_pylist()) for draft in drafts
        ]

    def test_beside_the_former_format(self):
        """Both formats of one release are one; other codes in them are refused."""
        codes = {code: f"Invented service {code}" for code, _ in CODES}
        listed = list_file(consolidated_text(2025, [(code, day(2025, 1, 1)) for code in codes]))
        (draft,) = assembled(listed, long_file(codes), modifier_file()).drafts
        assert ("consolidated", ()) == (draft.parts[0].kind, draft.build().warnings)
        (draft,) = assembled(listed, long_file({**codes, "99999": "Invented"})).drafts
        with pytest.raises(Exception, match=r"expected a code of ConsolidatedCodeList\.txt, got 99999"):
            draft.build()


class TestModifiers:
    """The list of modifiers, as a table."""

    ROWS = (
        ("25", "I", "Invented visit", "When there were two", "Appendix A"),
        ("25", "I", "Invented visit", "When there were two", "Modifiers Approved for Ambulatory Surgery"),
        ("P1", "I", "Invented calm state", "", "Anesthesia Physical Status"),
        ("LT", "II", "Invented left", "Invented left", ""),
        ("97", "I", "Invented other", "", "An invented section"),
    )

    @pytest.mark.parametrize("columns", [MODIFIERS, MODIFIERS[::-1]])
    def test_rows(self, columns):
        """Name, description and groups are those of the list in prose."""
        found = {row["code"]: row for row in rows_of(modifier_table(*self.ROWS, columns=columns))}
        assert [
            ("Invented visit", "When there were two", ["general", "ambulatory surgery"]),
            ("Invented calm state", None, ["physical status"]),
            ("Invented left", None, ["level II"]),
            ("Invented other", None, ["An invented section"]),
        ] == [(found[code]["title"], found[code]["definition"], found[code]["groups"]) for code in found]

    def test_in_a_release(self):
        """The table counts before the list in prose."""
        listed = list_file(consolidated_text(2025, CODES), "ConsolidatedCodeList_2025-07.txt")
        table = modifier_table(*self.ROWS)
        part = CptLoader().read(text_file("Modifiers_2025-07.txt", table.data.decode()))
        draft = CptLoader().assemble([part_of(listed), part]).drafts[-1]
        found = {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()}
        assert ("modifier", "Invented other") == (found["97"]["kind"], found["97"]["title"])

    @pytest.mark.parametrize(
        ("row", "column", "message"),
        [
            (("257", "I", "Invented", "", ""), "modifier code", "expected a modifier of two characters, got '257'"),
            (("26", "I", "", "", ""), "modifier name", "expected a name of modifier 26, got blanks"),
            (ROWS[0], "code", "expected each modifier once, got 25 again (first on line 6)"),
        ],
    )
    def test_faults(self, row, column, message):
        """A modifier of another shape, without name, or twice in a section is an error."""
        assert [(7, column, message)] == faults_of(modifier_table(self.ROWS[0], row))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two reissues, a list of PLA codes between them, and a history of what changed."""
    path = tmp_path_factory.mktemp("consolidated")
    kept = (("99990", day(2024, 1, 1)), ("9990U", day(2024, 4, 1)))
    texts = {
        "ConsolidatedCodeList a.txt": consolidated_text(2025, [*kept, ("9990T", day(2025, 1, 1))]),
        "ConsolidatedCodeList b.txt": consolidated_text(2025, [*kept, ("9991T", day(2025, 10, 1))]),
        "CPTPLA_2025-04.xml": laboratory_list_text([("9990U", day(2024, 4, 1)), ("9991U", day(2025, 4, 1))], []),
        "History_DTK_tab.txt": history_text(
            [
                (day(2025, 5, 1), "DELETED", "9990T"),
                (day(2025, 7, 1), "DELETED", "9991U"),
                (day(2026, 1, 1), "ADDED", "99991"),
            ]
        ),
        "Modifiers.txt": modifier_table(*TestModifiers.ROWS).data.decode(),
    }
    for name, text in texts.items():
        (path / name).write_bytes(text.encode())
    return path


@pytest.mark.parametrize("name", CHECKS)
def test_conformance(name, folder):
    """The loader keeps what every loader must keep, with the current format and changes inside a year too."""
    check(name, CptLoader(), folder)
