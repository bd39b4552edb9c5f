"""The layouts of the codes and groups files of ICD-10-GM, year by year, and lines that are odd and read all the same."""

from __future__ import annotations

import pytest

from terminology.reading import tolerating

from .claml_files import bytes_file, gm_line, lines_file
from .icd10gm_files import CODES, LOADERS, assembled, faults, kodes, read

OLD_TITLES = slice(9, 12)
"""The three titles that files before 2013 do not have, of the thirty fields."""


def line_of(fields: int, code: str, **changed: str) -> str:
    """Return a line in the layout with that many fields, from the one with thirty."""
    cells = gm_line(code, **changed).split(";")
    if fields == 28:
        del cells[23], cells[21]
    if fields in {23, 27}:
        del cells[OLD_TITLES]
    if fields == 23:
        del cells[25:27], cells[21], cells[19]
    assert fields == len(cells)
    return ";".join(cells)


def filler(fields: int, count: int) -> list[str]:
    """Return that many sound lines."""
    return [line_of(fields, f"B{number:02d}") for number in range(count)]


MARKS = {"f20": "W", "f21": "K", "f22": "215", "f23": "j015", "f24": "255", "f25": "j055", "f26": "M", "f27": "J"}


@pytest.mark.parametrize(("fields", "year"), [(23, 2004), (27, 2008), (30, 2016), (28, 2022)])
def test_fields(fields: int, year: int) -> None:
    """In each layout every field has its column; what a layout does not have is null."""
    part = read(kodes(line_of(fields, "A00", f13="O", f14="Z", f28="N", f29="J", **MARKS), year=year))
    (row,) = part.tables["concepts"].to_pylist()
    expected = {
        "title": "Titel A00",
        "billable": True,
        "section_295": "O",
        "section_301": "Z",
        "mortality_1": "1-001",
        "mortality_4": None,
        "morbidity": "001",
        "sex": "W",
        "sex_error": "K",
        "age_low": "j015",
        "age_high": "j055",
        "age_error": "M",
        "rare": True,
        "content": False,
        "notifiable": None if fields == 23 else True,
        "laboratory_exemption": None if fields == 23 else False,
    }
    assert expected == {name: row[name] for name in expected}


@pytest.mark.parametrize(("fields", "short"), [(27, None), (30, "kurz"), (28, "kurz")])
def test_short_titles(fields: int, short: str | None) -> None:
    """The title of the code's own level is the short one, where the layout has it."""
    file = kodes(line_of(fields, "A00", place="N"), line_of(fields, "A00.0", f9="lang: kurz", f11="kurz"))
    assert [None, short] == read(file).tables["concepts"].column("short_title").to_pylist()


@pytest.mark.parametrize(
    ("old", "age"),
    [
        ("000", "t000"),
        ("006", "t006"),
        ("101", "t028"),
        ("201", "j001"),
        ("324", "j124"),
        ("999", None),
        ("012", "012"),
    ],
)
def test_ages_of_2004(old: str, age: str | None) -> None:
    """Three digits are written as in later years where these say what they mean, else as they are."""
    row = read(kodes(line_of(23, "A00", f22=old))).tables["concepts"].to_pylist()[0]
    assert age == row["age_low"]


@pytest.mark.parametrize("old", ["007", "112", "200", "325", "j015"])
def test_no_ages_of_2004(old: str) -> None:
    """What the notation of 2004 does not have is an error in a small file."""
    ((_, column, message),) = faults(kodes(line_of(23, "A00", f22=old)))
    assert "field 19 (age_low)" == column
    assert message.endswith(f"got {old!r}")


def test_a_layout_that_is_not_known() -> None:
    """Another number of fields is one error, however many lines have it."""
    known = "23 (ICD-10-GM 2004), 27 (ICD-10-GM 2005 to 2012), 30 (ICD-10-GM 2013 to 2021), 28 (ICD-10-GM from 2022)"
    lines = [line + ";N" for line in filler(30, 50)]
    assert [(1, "field 1", f"expected a layout with {known} fields, got 31: this layout is not known")] == faults(
        kodes(*lines)
    )


def test_lines_of_another_length() -> None:
    """The layout is that of most lines; each other line is an error of its own."""
    lines = filler(28, 9)
    lines[4] += ";N"
    assert [(5, "field 1", "expected 28 fields, got 29")] == faults(kodes(*lines))


class TestEncodings:
    """Bytes of 2004 and later."""

    @pytest.mark.parametrize("encoding", ["cp437", "cp850"])
    def test_dos(self, encoding: str) -> None:
        """German letters of a DOS code page are read, with a warning."""
        part = read(kodes(gm_line("A00", f9="Größe für Ältere, träge Öffnung, später"), encoding=encoding))
        assert ["Größe für Ältere, träge Öffnung, später"] == part.tables["concepts"].column("title").to_pylist()
        assert ("icd10gm2016syst_kodes.txt: not UTF-8, read as CP437",) == part.warnings

    def test_alpha(self) -> None:
        """0xE0 is alpha, as in T44.4."""
        part = read(kodes(gm_line("T44", f9="für \N{GREEK SMALL LETTER ALPHA}-Rezeptoren", f5="T36"), encoding="cp437"))
        assert ["für \N{GREEK SMALL LETTER ALPHA}-Rezeptoren"] == part.tables["concepts"].column("title").to_pylist()

    def test_quotation_marks_of_windows(self) -> None:
        """Bytes that are letters in DOS are quotation marks in Windows, where no word goes on behind them."""
        title = "\N{DOUBLE LOW-9 QUOTATION MARK}Tr\xe4ger\N{RIGHT DOUBLE QUOTATION MARK}"
        part = read(kodes(gm_line("A00", f9=title), encoding="cp1252"))
        assert [title] == part.tables["concepts"].column("title").to_pylist()


class TestGroups:
    """The groups files."""

    NAME = "icd10gm2016syst_gruppen.txt"

    @pytest.mark.parametrize(
        ("lines", "blocks"),
        [
            (("A00;eins", "A10;zwei"), ["A00-A05", "A10-A12"]),
            (("A00;01;eins", "A10;01;zwei"), ["A00-A05", "A10-A12"]),
            (("A00;A09;01;eins", "A10;A19;01;zwei"), ["A00-A09", "A10-A19"]),
        ],
    )
    def test_layouts(self, lines: tuple[str, ...], blocks: list[str]) -> None:
        """Without its last category a group ends with the last category that the codes file puts there, as derived."""
        codes = [gm_line(code, block=code[:2] + "0") for code in ("A00", "A05", "A10", "A12")]
        chapters = lines_file("01;Kapitel", name="icd10gm2016syst_kapitel.txt")
        (draft,) = assembled(*map(read, (kodes(*codes), lines_file(*lines, name=self.NAME), chapters))).drafts
        rows = draft.build().tables["concepts"].to_pylist()
        found = [row for row in rows if row["kind"] == "block"]
        assert blocks == [row["code"] for row in found]
        assert ["I", "I"] == [row["parent"] for row in found]
        assert {lines[0].count(";") < 3} == {row["derived"] for row in found}

    def test_ends_of_another_year(self) -> None:
        """The end is that of the nearest release which has it, unless another group begins before it."""
        codes = [gm_line(code, block=block) for code, block in (("A00", "A00"), ("A10", "A10"), ("A30", "A30"))]
        files = [
            kodes(*codes, year=2004),
            lines_file("A00;eins", "A10;zwei", "A30;drei", name="icd10gm2004syst_gruppen.txt"),
            kodes(*codes[:2], year=2007),
            lines_file("A00;A09;01;eins", "A10;A39;01;zwei", name="icd10gm2007syst_gruppen.txt"),
        ]
        draft = assembled(*map(read, files)).drafts[0]
        built = draft.build()
        found = [row["code"] for row in built.tables["concepts"].to_pylist() if row["kind"] == "block"]
        assert ["A00-A09", "A10-A10", "A30-A30"] == found
        told = (
            "icd10gm2004syst_kodes.txt: the file of blocks has no ends; those of 3 blocks are of 2007, marked derived"
        )
        assert told in built.warnings

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("A10;A19;01;x", "expected 3 fields (first category, chapter, title), got 'A10;A19;01;x'"),
            ("A10;99;x", "expected a chapter 01 to 22, got '99'"),
        ],
    )
    def test_faulty_groups(self, line: str, message: str) -> None:
        """All lines of a file have one layout."""
        lines = ("A00;01;eins", "A05;01;zwei", line)
        assert [(3, message)] == [(number, text) for number, _, text in faults(lines_file(*lines, name=self.NAME))]


class TestOddLines:
    """What one line in a hundred may have."""

    @pytest.mark.parametrize(
        ("changed", "name", "value", "told"),
        [
            ({"f26": "D"}, "age_error", None, "column field 26 (age_error): expected 9, K or M; left empty: 'D'"),
            ({"f27": "?"}, "rare", None, "column field 27 (rare): expected J or N; left empty: '?'"),
            ({"f1": "0"}, "kind", "category", "column field 1 (level): expected 3, 4 or 5; the code shows it: '0'"),
            ({"f1": "4"}, "kind", "category", "column field 1 (level): expected 3 for A00; the code shows it: '4'"),
        ],
    )
    def test_fields_that_do_not_matter(self, changed: dict[str, str], name: str, value: str | None, told: str) -> None:
        """The line is read, and the file told of."""
        part = read(kodes(*filler(30, 99), gm_line("A00", **changed)))
        row = part.tables["concepts"].to_pylist()[-1]
        assert ("A00", value) == (row["code"], row[name])
        assert (f"icd10gm2016syst_kodes.txt:100: {told}",) == part.warnings

    def test_more_than_that(self) -> None:
        """Two lines in a hundred are a layout that was not understood."""
        lines = [gm_line("A00", f27="?"), gm_line("A01", f27="?"), *filler(30, 98)]
        assert [1, 2] == [line for line, _, _ in faults(kodes(*lines))]

    @pytest.mark.parametrize("changed", [{"f13": "Q"}, {"f2": "X"}, {"f4": "23"}, {"f7": "A0"}, {"f8": "A01"}])
    def test_fields_that_matter(self, changed: dict[str, str]) -> None:
        """Which code it is, where it stands, and whether it may be used: that is never odd."""
        assert [100] == [line for line, _, _ in faults(kodes(*filler(30, 99), gm_line("A00", **changed)))]

    def test_a_code_without_its_category(self) -> None:
        """A code whose category is not listed stands below its block; a longer one is an error."""
        lines = (*CODES, gm_line("W49.9", block="V01", chapter="20"), *filler(30, 99))
        groups = lines_file("A00;B99;01;eins", "V01;X59;20;zwei", name="icd10gm2016syst_gruppen.txt")
        part = read(kodes(*(line.replace(";01;B", ";01;A") for line in lines)))
        (draft,) = assembled(part, read(groups)).drafts
        rows = {row["code"]: row for row in draft.build().tables["concepts"].to_pylist()}
        assert ("V01-X59", True, "code") == tuple(rows["W49.9"][name] for name in ("parent", "billable", "kind"))
        assert 1 == sum("1 code is listed without category" in text for text in part.warnings)
        longer = (*filler(30, 99), gm_line("W49.91", block="V01", chapter="20"))
        assert ["W49.91 is below W49.9, which is missing"] == [text for _, _, text in faults(kodes(*longer))]


class TestAcceptedLines:
    """Lines with errors that the operator goes on without."""

    LINES = (*CODES, gm_line("B01", place="N"), gm_line("B01.0", f13="Q"), gm_line("B02.0"), gm_line("B03"))

    def test_left_out(self) -> None:
        """Each line with an error is left out, also one that stands below or above such a line, and all else is read."""
        with tolerating(3) as tolerance:
            part = read(kodes(*self.LINES))
        assert ["A00", "A00.0", "A00.00", "A00.9", "B03"] == part.tables["concepts"].column("code").to_pylist()
        assert ["A00", "B03"] == part.tables["places"].column("code").to_pylist()
        assert [6, 7, 5] == [error.line for error in tolerance.accepted]

    def test_too_many(self) -> None:
        """One more than accepted rejects the file."""
        with tolerating(2):
            assert 3 == len(faults(kodes(*self.LINES)))

    @pytest.mark.parametrize("line", [gm_line("A00.9"), gm_line("A00.91")])
    def test_errors_of_the_file(self, line: str) -> None:
        """A repeated code can be left out; a code that is terminal and divided leaves nothing to go on with."""
        with tolerating(5):
            if "A00.91" in line:
                assert [(4, "field 2 (place)", "A00.9 is marked T, and is divided")] == faults(kodes(*CODES, line))
            else:
                assert 4 == read(kodes(*CODES, line)).tables["concepts"].num_rows


def test_nothing_at_all() -> None:
    """An empty file is none of these."""
    assert LOADERS["icd10gm"].read(bytes_file(b"", "codes.txt")) is None
