"""Reimbursement Mappings: columns, codes used together, years, what is odd and read; bad files; beside the GEMs."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import Part
from terminology.reading import ReadableFile
from terminology_crosswalks.reimbursement import ReimbursementReader
from terminology_loaders.order.file import is_codes_file

from .releases import SAMPLES, by_version, faults, files_in, mappings, parts_of, text_file

READER = ReimbursementReader()
DX, PR = "reimb_map_dx_2015.txt", "reimb_map_pr_2015.txt"
FY2015 = datetime.date(2014, 10, 1)


def line(source: str, *targets: str) -> str:
    """Return a line as it is published."""
    return f"{source:<7} {len(targets)} " + "".join(f"{target:<5} " for target in targets) + "\r\n"


CHOLERA = line("A000", "0010")


def read(text: str, name: str = DX, archive: str | None = None) -> Part:
    """Return the part that the reader makes of a text."""
    part = READER.read(text_file(text, name, archive))
    assert isinstance(part, Part)
    return part


def drafts_of(*parts: Part):
    """Return the drafts, nothing being refused."""
    assembly = READER.assemble(parts, ())
    assert () == assembly.refused
    return by_version(assembly.drafts)


# ---- the packaged samples


@pytest.fixture(scope="module")
def samples():
    """The drafts of the sample files."""
    return drafts_of(*parts_of(READER, files_in(SAMPLES / "crosswalks" / "reimbursement")))


@pytest.mark.parametrize(
    ("direction", "source", "expected"),
    [
        (("icd10cm", "icd9cm"), "A02.1", [["003.1", "995.91"]]),
        (("icd10cm", "icd9cm"), "E13.9", [["250.00"]]),
        (("icd10cm", "icd9cm"), "Y92.253", [["E849.6"]]),
        (("icd10cm", "icd9cm"), "R40.2130", [None]),
        (("icd10pcs", "icd9pcs"), "0FT00ZZ", [["50.4"]]),
        (("icd10pcs", "icd9pcs"), "5A1221Z", [["39.61"]]),
    ],
)
def test_worked_examples(samples, direction, source: str, expected) -> None:
    """Each code has one alternative, of all its codes together in official form; none where the publisher says so."""
    draft = samples["2015", *direction]
    assert FY2015 == draft.effective
    assert expected == [row["target_codes"] for row in mappings(draft) if row["source_code"] == source]


def test_rows_as_published(samples) -> None:
    """The table ``rows`` keeps codes without dots, in the order of the file."""
    row = samples["2015", "icd10cm", "icd9cm"].build().tables["rows"].to_pylist()[1]
    assert {"line": 2, "source": "A021", "targets": ["0031", "99591"], "no_map": False} == row


@pytest.mark.parametrize("word", ["NODX", "NOI9", "NoDx"])
def test_words_for_no_target(word: str) -> None:
    """Each word that years have had in the place of a code says that there is none."""
    (draft,) = drafts_of(read(line("Y810", word))).values()
    assert [("Y81.0", None)] == [(row["source_code"], row["target_codes"]) for row in mappings(draft)]


# ---- any file of this form

CODES = st.lists(st.sampled_from(["0010", "486", "99591", "V270", "V1583", "E8496", "E800"]), min_size=1, max_size=6)


@given(st.lists(CODES, min_size=1, max_size=20), st.booleans())
def test_every_row_is_its_alternative(targets: list[list[str]], is_bare) -> None:
    """Whatever codes a file has, the mappings are its rows: all codes of a row in one alternative, in their order."""
    sources = [f"A{number:02}" for number in range(len(targets))]
    lines = [line(source, *codes) for source, codes in zip(sources, targets, strict=True)]
    if is_bare:
        lines = [one.rstrip() + "\r\n" for one in lines]
    (draft,) = drafts_of(read("".join(lines))).values()
    official = terminology.systems.SYSTEMS["icd9cm"].official
    expected = [(source, [official(code) for code in codes]) for source, codes in zip(sources, targets, strict=True)]
    assert expected == [(row["source_code"], row["target_codes"]) for row in mappings(draft)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("A000    1 0010\r\n", "1: column 15: blanks at the end are missing, read as if they were there"),
        ("A000    1 0010 \r\n", "1: column 16: blanks at the end are missing, read as if they were there"),
        ("a000    1 0010  \r\n", "1: column 1: codes in lower case, read in capitals: 'a000    1 0010  '"),
        ("Z283    1 v1583 \r\n", "1: column 1: codes in lower case, read in capitals: 'Z283    1 v1583 '"),
    ],
)
def test_odd_lines_are_read(text: str, told: str) -> None:
    """A line that can mean one thing only is read, with a warning that quotes it."""
    part = read(text)
    (warning,) = part.warnings
    assert warning.startswith(f"{DX}:{told}")
    assert 1 == part.tables["rows"].num_rows


# ---- halves and names


def test_half_by_content() -> None:
    """Without a telling name the lines say whether a file is of diagnoses or procedures; against it they decide."""
    assert ("dx", "pr") == (read(CHOLERA, "map.txt").kind, read(line("0016070", "0231"), "map.txt").kind)
    assert "pr" == read(line("0016070", "0231"), DX).kind


def test_name_decides_what_lines_leave_open() -> None:
    """Where codes could be of both halves, the name decides; without it the file is refused."""
    text = line("B2111ZZ", "8855")
    assert ("dx", "pr") == (read(text, DX).kind, read(text, PR).kind)
    assert "expected lines or a name (dx, pr)" in faults(READER, text_file(text, "map.txt"))[0][2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("2018_I9gem.txt", "0010  A000    00000\r\n"),
        ("icd10cm_codes_2016.txt", "A000    Cholera due to Vibrio cholerae 01, biovar cholerae\r\n"),
        ("CMS32_DESC_LONG_DX.txt", "0010  Cholera due to vibrio cholerae\n"),
        ("counts.txt", "A000    2 0010  \r\n"),
        ("reimb_map_dx_2015.csv", CHOLERA),
        ("reimb_map_guide_2012.pdf", "%PDF-1.4\n"),
    ],
)
def test_strangers(name: str, text: str) -> None:
    """Files of other kinds are not this reader's."""
    assert READER.read(text_file(text, name)) is None


def test_no_list_of_codes() -> None:
    """Such a file is not taken for a list of codes with their titles."""
    text = CHOLERA + line("A021", "0031", "99591") + line("R402130", "NODX") + line("Y810", "NOI9")
    assert not is_codes_file(text.encode())
    assert is_codes_file(b"A000    1 of 2 kinds of cholera\r\n")


# ---- years


def test_year() -> None:
    """The operator, then the file's name, then the archive's say the fiscal year."""
    part = read(CHOLERA, archive="2013-ReimbursementMapping_dx.zip")
    assert [("2015", "icd10cm", "icd9cm")] == list(drafts_of(part))
    assert [("2013", "icd10cm", "icd9cm")] == list(drafts_of(read(CHOLERA, "reimb_map_dx.txt", "2013-maps.zip")))
    assert [("2014", "icd10cm", "icd9cm")] == list(drafts_of(evolve(part, version="2014")))
    (draft,) = drafts_of(evolve(part, effective=datetime.date(2013, 10, 1))).values()
    assert ("2014", datetime.date(2013, 10, 1)) == (draft.version, draft.effective)


def test_undated() -> None:
    """A file that nothing dates is refused, as is a version that is no year."""
    part = read(CHOLERA, "reimb_map_dx.txt")
    assert ((part, "nothing dates it: give --effective, or --version with its fiscal year"),) == READER.assemble(
        [part], ()
    ).refused
    ((_, why),) = READER.assemble([evolve(part, version="mine")], ()).refused
    assert "expected a version like 2024 or 2023-04, got 'mine'; or give --effective too" == why


def test_repetition_and_contradiction() -> None:
    """The same rows again are a further source; other rows for the same year and half refuse both files."""
    again = read(CHOLERA.replace("\r", ""), "copy_of_reimb_map_dx_2015.txt")
    (draft,) = drafts_of(read(CHOLERA), again).values()
    assert 2 == len(draft.sources)
    other = read(line("A000", "0011"), "new_reimb_map_dx_2015.txt")
    assembly = READER.assemble([read(CHOLERA), other], ())
    assert ((), 2) == (assembly.drafts, len(assembly.refused))


# ---- faults


@pytest.mark.parametrize(
    ("text", "place", "column", "message"),
    [
        ("A000    1 0010  ", 1, None, "the file is cut short"),
        (CHOLERA + "A001    2 0011  \r\n", 2, 11, "expected 2 codes, each in 6 columns from column 11 on"),
        (CHOLERA + "A001    1 0011  0019  \r\n", 2, 11, "expected 1 codes, each in 6 columns from column 11 on"),
        (CHOLERA + "A001    1  0011 \r\n", 2, 11, "expected 1 codes, each in 6 columns from column 11 on"),
        (CHOLERA + "A001    10011   \r\n", 2, 11, "expected 1 codes, each in 6 columns from column 11 on"),
        (
            CHOLERA + "A001    0 0011  \r\n",
            2,
            9,
            "expected a code in columns 1-7 and the number of its codes in column 9",
        ),
        (
            CHOLERA + "A001   1 0011   \r\n",
            2,
            9,
            "expected a code in columns 1-7 and the number of its codes in column 9",
        ),
        (CHOLERA + "A001\r\n", 2, 9, "expected a code in columns 1-7 and the number of its codes in column 9"),
        (CHOLERA + "\r\n", 2, 9, "expected a code in columns 1-7 and the number of its codes in column 9"),
        (CHOLERA + line("A00.1", "0011"), 2, 1, "expected a code of ICD-10-CM without its dot, got 'A00.1'"),
        (
            CHOLERA + line("A001", "0011", "X11"),
            2,
            17,
            "expected a code of ICD-9-CM diagnoses without its dot, got 'X11'",
        ),
        (
            CHOLERA + line("A001", "0011", "NODX"),
            2,
            17,
            "expected a code of ICD-9-CM diagnoses without its dot, got 'NODX'",
        ),
        (CHOLERA + CHOLERA, 2, 1, "code A000 is on line 1 already"),
        ("", 1, None, "expected lines of a code, a number and that many codes, got none"),
    ],
)
def test_faults(text: str, place: int, column: int | None, message: str) -> None:
    """Whatever is not as published is refused, with line, column, what was expected and what was found."""
    found = faults(READER, text_file(text, DX))
    assert (place, column) in [(at, where) for at, where, _ in found]
    assert message in "\n".join(text for _, _, text in found)


def test_wrong_encoding() -> None:
    """A file in UTF-16 is refused where its name says that it is of this publication."""
    file = ReadableFile(DX, lambda: CHOLERA.encode("utf-16"))
    assert [(1, 1, "expected UTF-8 or CP1252 text, got UTF-16")] == faults(READER, file)


# ---- beside the General Equivalence Mappings


def test_equivalence_mappings_answer_first(tmp_path: Path) -> None:
    """A translation answers with all alternatives of the GEM; the one for payment is given where it is asked for by name."""
    folders = [SAMPLES / "crosswalks" / name for name in ("reimbursement", "gems")]
    terminology.load(*folders, store=tmp_path)
    store = terminology.open(tmp_path)
    ends = {"source": "icd10cm", "target": "icd9cm"}
    assert [("249.00",), ("250.00",)] == [one.codes for one in store.translate("E13.9", **ends).alternatives]
    chosen = store.translate("E13.9", **ends, crosswalk="reimbursement")
    assert [("250.00",)] == [one.codes for one in chosen.alternatives]
    assert ("250.00",) == store.translate("E13.9", **ends, crosswalk="reimbursement 2015").codes
    assert {"gems", "reimbursement"} == {item.name for item in store.crosswalks if item.target_system == "icd9cm"}
