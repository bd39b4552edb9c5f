"""Lists of titles of ICD-9-CM, as text and as workbook, and their faults."""

from __future__ import annotations

import pytest

from terminology.drafts import Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile, tolerating

from .icd9_files import CHOLERA, DIAGNOSES, LOADERS, PROCEDURES, build, read, rows_of, sheet, short, text, workbook


def raw(lines, name="CMS32_DESC_LONG_DX.txt"):
    """Return a file of these lines."""
    data = "".join(f"{line}\n" for line in lines).encode("cp1252")
    return ReadableFile(name, lambda: data)


def faults(file, system="icd9cm"):
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADERS[system].read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    assert {file.label} == {fault.file for fault in found}
    return [(fault.line, fault.column, fault.message) for fault in found]


class TestReading:
    """Which half a file is of, and what stands in it."""

    def test_the_same_digits_are_two_codes(self):
        """0010 is 001.0 in a list of diagnoses and 00.10 in one of procedures."""
        diagnosis = rows_of(build(read(text("icd9cm", DIAGNOSES))))
        procedure = rows_of(
            build(read(text("icd9pcs", PROCEDURES, "CMS32_DESC_LONG_SG.txt"), "icd9pcs"), system="icd9pcs")
        )
        assert ("Cholera due to vibrio cholerae", "Implantation of chemotherapeutic agent") == (
            diagnosis["001.0"]["title"],
            procedure["00.10"]["title"],
        )

    @pytest.mark.parametrize(("system", "rows"), [("icd9cm", DIAGNOSES), ("icd9pcs", PROCEDURES)])
    def test_the_other_half_is_skipped(self, system, rows):
        """A loader leaves the other half's files alone and says what they are, whatever their names."""
        other = next(name for name in LOADERS if name != system)
        assert isinstance(LOADERS[other].read(text(system, rows, "v32.txt")), Skipped)

    @pytest.mark.parametrize(
        "line",
        [
            "00001 A00     0 Cholera                                                      Cholera",
            "0010  A000    10000",
            "0001  NoPCS   11000",
            "A000    Cholera due to Vibrio cholerae 01, biovar cholerae",
            "0016070 Bypass Cerebral Ventricle to Nasopharynx",
            "<?xml version='1.0'?>",
            "code,title",
        ],
    )
    def test_strangers(self, line):
        """Order files, mappings and codes files of other systems are none of ours."""
        file = raw([line] * 30, "release.txt")
        assert [None, None] == [loader.read(file) for loader in LOADERS.values()]

    def test_codes_get_their_dots(self):
        """The dot stands after three characters, in E-codes after four."""
        codes = rows_of(build(read(text("icd9cm", DIAGNOSES))))
        expected = {"001.0", "001.1", "250.00", "250.01", "486", "E800.0", "E887", "V27.0"}
        assert expected == {code for code, row in codes.items() if row["billable"]}

    def test_accents_are_read_without_a_warning(self):
        """The lists are CP1252 as published."""
        part = read(text("icd9cm", (*CHOLERA, ("38600", "Ménière's disease, unspecified"))))
        assert ("Ménière's disease, unspecified", ()) == (part.tables["rows"]["title"][2].as_py(), part.warnings)

    @pytest.mark.parametrize(
        ("name", "kind"),
        [("CMS32_DESC_SHORT_DX.txt", "short"), ("CMS32_DESC_LONG_DX.txt", "long"), ("v32.txt", "short")],
    )
    def test_long_or_short(self, name, kind):
        """The name says whether titles are long or short; without a name their lengths do."""
        assert kind == read(short("icd9cm", DIAGNOSES, name)).kind

    def test_the_workbook_has_both(self):
        """A workbook gives long and short titles."""
        part = read(sheet(DIAGNOSES))
        assert ("sheet", "Cholera due to vibrio cholerae", "Cholera due to vibrio ch".strip(), 2) == (
            part.kind,
            *(part.tables["rows"][name][0].as_py() for name in ("title", "short_title", "line")),
        )


class TestFaults:
    """What is refused, with its place."""

    @pytest.mark.parametrize("made", [text, sheet], ids=["text", "workbook"])
    def test_faulty_lines_that_are_accepted(self, made):
        """A list is taken without its faulty lines where the operator accepts as many; a list that was cut short never."""
        rows = (*DIAGNOSES[:3], ("9999999", "Nothing"), *DIAGNOSES[3:], DIAGNOSES[0])
        file = made("icd9cm", rows) if made is text else made(rows)
        with tolerating(2) as tolerance:
            part = read(file)
        assert [code for code, _ in DIAGNOSES] == part.tables["rows"].column("code").to_pylist()
        assert 2 == len(tolerance.accepted)
        with tolerating(1):
            assert 2 == len(faults(file))
        if made is text:
            cut = ReadableFile(file.name, lambda: file.data[:-3])
            with tolerating(9):
                assert faults(cut)

    def test_lines_of_the_other_half(self):
        """A line of procedures among diagnoses is told from one that is nothing, each by its line."""
        lines = [f"{code:<5} {title}" for code, title in DIAGNOSES]
        found = faults(raw([*lines, "0012 Infusion of drotrecogin alfa", "9999999 Nothing", ""]))
        assert [(9, 6), (10, 1), (11, 1)] == [fault[:2] for fault in found]
        assert "one of procedures" in found[0][2]

    def test_a_name_that_contradicts(self):
        """A file named as diagnoses that holds procedures is refused."""
        (fault,) = faults(text("icd9pcs", PROCEDURES, "CMS32_DESC_LONG_DX.txt"), "icd9pcs")
        assert (1, 1) == fault[:2]
        assert "expected diagnoses" in fault[2]

    def test_a_code_twice(self):
        """A repeated code names the line on which it stood before."""
        assert [(3, 1, "code 0010 is on line 1 already")] == faults(text("icd9cm", (*CHOLERA, CHOLERA[0])))

    def test_a_file_that_is_cut_short(self):
        """The last line must end."""
        data = "".join(f"{code:<5} {title}\n" for code, title in DIAGNOSES).encode()[:-9]
        ((line, _, message),) = faults(ReadableFile("CMS32_DESC_LONG_DX.txt", lambda: data))
        assert (8, True) == (line, "cut short" in message)

    def test_faults_of_a_workbook(self):
        """Lost leading zeros, repeated codes and empty titles are named with row and column."""
        head = ("DIAGNOSIS CODE", "LONG DESCRIPTION", "SHORT DESCRIPTION")
        rows = [(10, "Cholera", "Cholera"), ("25000", "a", "b"), ("25000", "a", "b"), ("486", "Pneumonia", "")]
        found = faults(workbook([head, *rows]))
        assert [(2, "DIAGNOSIS CODE"), (4, "DIAGNOSIS CODE"), (5, "SHORT DESCRIPTION")] == [f[:2] for f in found]
        assert "leading zeros" in found[0][2]

    def test_a_workbook_without_a_column(self):
        """A missing column is named."""
        ((line, _, message),) = faults(workbook([("DIAGNOSIS CODE", "LONG DESCRIPTION"), ("0010", "Cholera")]))
        assert (1, True) == (line, "SHORT DESCRIPTION" in message)

    def test_an_empty_workbook(self):
        """A header alone is no release."""
        assert [(2, None, "expected at least one row, got none")] == faults(sheet(()))
