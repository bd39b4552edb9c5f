"""General Equivalence Mappings: directions, flags, expansion into alternatives, years; bad files and how they are refused."""

from __future__ import annotations

import datetime
import json
import zipfile
from itertools import product
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import CommittedRelease, Part
from terminology.model import Release
from terminology.reading import ReadableFile
from terminology_crosswalks.gems import GemReader
from terminology_crosswalks.gems.directions import DIRECTIONS, PublishedRow
from terminology_crosswalks.gems.expansion import alternatives_count, expanded

from .releases import SAMPLES, by_version, faults, files_in, mappings, parts_of, text_file

READER = GemReader()
FY2018 = datetime.date(2017, 10, 1)
CHOLERA = "0010  A000    00000\r\n"
SEPSIS = "A021    0031  10111\r\nA021    99591 10112\r\n"
PROCEDURE = "0001  6A750Z4 10000\r\n"


def read(text: str, name: str = "2018_I9gem.txt", archive: str | None = None) -> Part:
    """Return the part that the reader makes of a text."""
    part = READER.read(text_file(text, name, archive))
    assert isinstance(part, Part)
    return part


def drafts_of(*parts, releases=()):
    """Return the only draft of each version and direction, nothing being refused."""
    assembly = READER.assemble(parts, releases)
    assert () == assembly.refused
    return by_version(assembly.drafts)


def alternatives(text: str, name: str = "2018_I9gem.txt"):
    """Return the rows that a text makes."""
    (draft,) = READER.assemble([read(text, name)], ()).drafts
    return mappings(draft)


def codes(text: str, name: str = "2018_I9gem.txt"):
    """Return source and targets of the rows that a text makes."""
    return [(row["source_code"], row["target_codes"]) for row in alternatives(text, name)]


def release(system: str, version: str, effective: datetime.date, billable: int) -> CommittedRelease:
    """Return a release of which only the counts are known; reading its tables would fail."""
    made = Release(system, version, effective, billable, billable, derived=False, sources=())
    return CommittedRelease(made, version, {})


# ---- the packaged samples


@pytest.fixture(scope="module")
def samples():
    """The four drafts of the sample files."""
    return drafts_of(*parts_of(READER, files_in(SAMPLES / "crosswalks" / "gems")))


def test_four_directions(samples) -> None:
    """Each of the four files is a crosswalk of its own, for the fiscal year."""
    expected = {
        ("2018", "icd9cm", "icd10cm"),
        ("2018", "icd10cm", "icd9cm"),
        ("2018", "icd9pcs", "icd10pcs"),
        ("2018", "icd10pcs", "icd9pcs"),
    }
    assert expected == samples.keys()
    assert {FY2018} == {draft.effective for draft in samples.values()}


@pytest.mark.parametrize(
    ("direction", "source", "expected"),
    [
        (("icd10cm", "icd9cm"), "A02.1", [["003.1", "995.91"]]),
        (("icd9cm", "icd10cm"), "754.35", [["Q65.01", "Q65.32"], ["Q65.02", "Q65.31"]]),
        (("icd9cm", "icd10cm"), "365.70", [None]),
        (("icd10cm", "icd9cm"), "E13.9", [["249.00"], ["250.00"]]),
        (("icd9cm", "icd10cm"), "250.00", [["E11.9"]]),
        (("icd9cm", "icd10cm"), "724.5", [["M54.89"], ["M54.9"]]),
        (("icd9cm", "icd10cm"), "E800.0", [["V81.2XXA"]]),
        (("icd9pcs", "icd10pcs"), "00.16", [None]),
        (("icd9pcs", "icd10pcs"), "51.23", [["0FT44ZZ"]]),
        (("icd10pcs", "icd9pcs"), "5A1221Z", [["39.61"], ["39.66"]]),
        (("icd10pcs", "icd9pcs"), "02H40NZ", [None]),
    ],
)
def test_worked_examples(samples, direction, source: str, expected) -> None:
    """Codes lead to complete alternatives in official form; null targets where the publisher says that there are none."""
    rows = mappings(samples["2018", *direction])
    assert expected == [row["target_codes"] for row in rows if row["source_code"] == source]


def test_rows_as_published(samples) -> None:
    """The table ``rows`` keeps every line with its flags, also the word that stands in place of a target."""
    rows = samples["2018", "icd9cm", "icd10cm"].build().tables["rows"].to_pylist()
    (glaucoma,) = [row for row in rows if row["source"] == "36570"]
    flags = {"approximate": True, "no_map": True, "combination": False, "scenario": 0, "choice_list": 0}
    assert {"line": 8, "source": "36570", "target": "NoDx", **flags} == glaucoma


# ---- expansion


def test_choice_lists() -> None:
    """One code of each choice list; what a row says besides tells the whole scenario and its first line."""
    text = "24911 E0810   10111\r\n24911 E0865   10112\r\n24911 E0910   10111\r\n"
    rows = alternatives(text)
    assert [["E08.10", "E08.65"], ["E09.10", "E08.65"]] == [row["target_codes"] for row in rows]
    assert {json.dumps({"scenario": 1, "choice_lists": [["E08.10", "E09.10"], ["E08.65"]]})} == {
        row["detail"] for row in rows
    }
    assert [1, 2] == [row["line"] for row in rows]


def test_singles_beside_combinations() -> None:
    """A source may have single targets and combinations; each is an alternative."""
    text = "80610 S12000A 10000\r\n80610 S14101A 10111\r\n80610 S12000B 10112\r\n"
    assert [["S12.000A"], ["S14.101A", "S12.000B"]] == [row["target_codes"] for row in alternatives(text)]


def test_approximate_and_relationship() -> None:
    """What the publisher calls identical is equivalent; else, and if one code of a combination is approximate, related."""
    text = "0010  A000    00000\r\n25000 E119    10000\r\n36570 NoDx    11000\r\n80610 S14101A 00111\r\n80610 S12000B 10112\r\n"
    assert [("equivalent", False), ("related-to", True), ("related-to", None), ("related-to", True)] == [
        (row["relationship"], row["approximate"]) for row in alternatives(text)
    ]


def test_flags_without_combination() -> None:
    """A row that has a choice list but not the flag of a combination is an alternative of its own, with a warning."""
    part = read("3584  02S00ZZ 10013\r\n3584  02SP0ZZ 10111\r\n3584  02SW0ZZ 10112\r\n", "gem_i9pcs.txt")
    rows = mappings(drafts_of(part)["2018", "icd9pcs", "icd10pcs"])
    assert [["02S00ZZ"], ["02SP0ZZ", "02SW0ZZ"]] == [row["target_codes"] for row in rows]
    assert {"scenario": 1, "choice_list": 3} == json.loads(rows[0]["detail"])
    (warning,) = part.warnings
    assert "1 row (3584 -> 02S00ZZ on line 1) with a scenario or choice list" in warning


def test_missing_choice_list() -> None:
    """Choice lists that are not numbered through make alternatives of what is there, with a warning."""
    part = read("1651  08T1XZZ 10121\r\n1651  0NBQ0ZZ 10123\r\n", "gem_i9pcs.txt")
    assert ("gem_i9pcs.txt: choice lists are not numbered through: 1651 in scenario 2",) == part.warnings
    assert [["08T1XZZ", "0NBQ0ZZ"]] == [row["target_codes"] for row in mappings(*drafts_of(part).values())]


@pytest.mark.parametrize(
    ("name", "text", "sources"),
    [
        ("gem_pcsi9.txt", "02H40NZ NoI9  10000\r\nXR2G021 NoI9  11000\r\n", ["02H40NZ", "XR2G021"]),
        ("2011_I9gem.txt", "36570 NoDx    10000\r\n36571 NoDx    11000\r\n", ["365.70", "365.71"]),
    ],
)
def test_no_map_without_flag(name: str, text: str, sources: list[str]) -> None:
    """The word alone says that there is no target, in files of procedures and diagnoses, with a warning."""
    part = read(text, name)
    (draft,) = drafts_of(evolve(part, version="2018")).values()
    assert [(source, None) for source in sources] == [
        (row["source_code"], row["target_codes"]) for row in mappings(draft)
    ]
    (warning,) = part.warnings
    assert "on line 1) without the flag that there is no target, read as if it were there" in warning


@pytest.mark.parametrize("flags", ["11000", "10000", "11111"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_no_map_beside_targets(flags: str, place: int) -> None:
    """Where a code has targets, a row that says it has none is left out of its alternatives, with a warning that quotes it."""
    lines = ["80610 S12000A 10000\r\n", "80610 S14101A 10111\r\n", "80610 S12000B 10112\r\n"]
    lines.insert(place, f"80610 NoDx    {flags}\r\n")
    text = "".join(lines)
    assert [["S12.000A"], ["S14.101A", "S12.000B"]] == [row["target_codes"] for row in alternatives(text)]
    part = read(text)
    told = f"2018_I9gem.txt:{place + 1}: column 1: NoDx beside targets of the same code, left out: '80610 NoDx {flags}'"
    assert told in part.warnings
    assert 4 == part.tables["rows"].num_rows


def test_no_map_twice() -> None:
    """A row that says once more that a code has no target changes nothing, with a warning."""
    text = "36570 NoDx    11000\r\n36570 NoDx    10000\r\n"
    assert [("365.70", None)] == codes(text)
    assert any("2018_I9gem.txt:2: column 1: NoDx beside another such row" in warning for warning in read(text).warnings)


# ---- columns


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("gem_i9pcs.txt", "0001  6A750Z4 10000\r\n5123  0FT44ZZ 10000\r\n"),
        ("gem_i9pcs.txt", "0001 6A750Z4 10000\r\n5123 0FT44ZZ 10000\r\n"),
        ("map.txt", "0001 6A750Z4 10000\r\n5123 0FT44ZZ 10000\r\n"),
    ],
)
def test_columns_are_those_of_the_file(name: str, text: str) -> None:
    """The source of a procedure file has a field of five or of four columns; both are read alike."""
    part = read(text, name, "2015-GEMs.zip")
    assert ("i9pcs", ()) == (part.kind, part.warnings)
    assert [("00.01", ["6A750Z4"]), ("51.23", ["0FT44ZZ"])] == [
        (row["source_code"], row["target_codes"]) for row in mappings(*drafts_of(part).values())
    ]


WIDTHS = st.tuples(st.integers(4, 7), st.integers(7, 9))


@given(WIDTHS, WIDTHS, st.lists(st.booleans(), min_size=3, max_size=12))
def test_mixed_columns(usual, other, shifted: list[bool]) -> None:
    """Whatever the widths of a file are, exactly the lines with other ones than most are errors, each with its line."""
    if sum(shifted) * 2 >= len(shifted):
        shifted = [not one for one in shifted]
    if sum(shifted) * 2 == len(shifted) or usual == other:
        shifted = [False] * len(shifted)
    text = "".join(
        f"{f'{number:04}':<{source}} {'6A750Z4':<{target}} 10000\r\n"
        for number, one in enumerate(shifted)
        for source, target in [other if one else usual]
    )
    file = text_file(text, "gem_i9pcs.txt")
    wrong = [line for line, one in enumerate(shifted, 1) if one]
    if wrong:
        assert wrong == [line for line, _, _ in faults(READER, file)]
    else:
        assert len(shifted) == read(text, "gem_i9pcs.txt").tables["rows"].num_rows


SCENARIOS = st.lists(
    st.lists(st.integers(1, 4), min_size=1, max_size=4), max_size=3
)  # of each scenario, how many codes its lists hold


@given(SCENARIOS, st.integers(0, 3), st.randoms(use_true_random=False))
def test_expansion_is_the_product_of_lists(scenarios, singles: int, random) -> None:
    """Alternatives are the single rows and, of each scenario, the product of its lists; their number is known before."""
    rows, expected, number = [], set(), 0
    for single in range(singles):
        rows.append(PublishedRow(len(rows) + 1, "0010", f"B{single:02}", *(True, False, False), 0, 0))
        expected.add((f"B{single:02}",))
    for scenario, lists in enumerate(scenarios, 1):
        names = []
        for choice_list, size in enumerate(lists, 1):
            names.append([f"C{number + place:02}" for place in range(size)])
            number += size
            rows += [PublishedRow(0, "0010", name, *(True, False, True), scenario, choice_list) for name in names[-1]]
        expected |= set(product(*names))
    random.shuffle(rows)
    made = [one.target_codes for one in expanded(rows, DIRECTIONS["i9gem"])]
    assert expected == {targets for targets in made if targets}
    assert alternatives_count(rows) == len(made) == len(expected)


# ---- beside descriptions


@pytest.mark.parametrize("name", ["icd10cm_descriptions.txt", "2010_I10gem_desc.txt", "descriptions.txt"])
def test_descriptions_beside(tmp_path: Path, name: str) -> None:
    """A faulty file of descriptions in the archive of the maps is rejected alone: both maps are loaded."""
    described = "A000    Cholera, biovar cholerae\r\nA001    Cholera, biovar eltor\r\nA001    Cholera once more\r\n"
    archive = tmp_path / "DiagnosisGEMs_2010.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("2010_I9gem.txt", CHOLERA)
        packed.writestr("2010_I10gem.txt", SEPSIS)
        packed.writestr(name, described)
    report = terminology.load(archive, store=tmp_path / "store")
    assert [("gems 2010", "icd10cm"), ("gems 2010", "icd9cm")] == [
        (item.crosswalk.label, item.crosswalk.source_system) for item in report.crosswalks
    ]
    assert {(f"DiagnosisGEMs_2010.zip!{name}", 3)} == {(error.file, error.line) for error in report.errors}


# ---- directions


def test_direction_by_content() -> None:
    """Without a telling name the lines say which of the four a file is."""
    texts = {"i9gem": CHOLERA, "i10gem": SEPSIS, "i9pcs": PROCEDURE, "pcsi9": "5A1221Z 3961  10000\r\n"}
    assert list(texts) == [read(text, "map.txt").kind for text in texts.values()]


def test_name_decides_what_lines_leave_open() -> None:
    """Where the lines could be diagnoses or procedures, the name decides; without it the file is refused."""
    text = "8500  S060XZZ 10000\r\n"
    assert ("i9gem", "i9pcs") == (read(text, "2018_I9gem.txt").kind, read(text, "gem_i9pcs.txt").kind)
    assert "expected lines or a name that show which" in faults(READER, text_file(text, "map.txt"))[0][2]


def test_name_against_content() -> None:
    """A file named like another direction is what its lines are, with a warning."""
    part = read(SEPSIS, "2018_I9gem.txt")
    assert "i10gem" == part.kind
    assert (
        f"2018_I9gem.txt: named like i9gem, its lines are those of i10gem: {DIRECTIONS['i10gem'].title}",
    ) == part.warnings


def test_lower_case() -> None:
    """A code in lower case, as the real file has one, is read in capitals, with a warning."""
    part = read(CHOLERA + "25000 e119    10000\r\n")
    assert ("2018_I9gem.txt: codes in lower case: '25000 e119    10000' on line 2",) == part.warnings
    assert ["A000", "E119"] == part.tables["rows"].column("target").to_pylist()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("CMS32_DESC_LONG_DX.txt", b"0010  Cholera due to vibrio cholerae\n"),
        ("icd10cm_codes_2022.txt", b"A000    Cholera due to Vibrio cholerae 01, biovar cholerae\r\n"),
        ("map.csv", CHOLERA.encode()),
        ("Dxgem_guide_2018.pdf", b"%PDF-1.4\n"),
        (
            "2010_I10gem_descriptions.txt",
            b"T36x1XA Poisoning by macrolides, accidental\r\nA09     Infectious diarrhea\r\n",
        ),
        ("empty.txt", b""),
        ("cut.txt", b"0010  A000    00000"),
    ],
)
def test_strangers(name: str, data: bytes) -> None:
    """Files of other kinds are not this reader's."""
    assert READER.read(ReadableFile(name, lambda: data)) is None


# ---- years


def dating(part: Part, *others: Part, releases=()):
    """Return version, first day and number of warnings of the draft that holds the part."""
    (draft,) = [one for one in READER.assemble([part, *others], releases).drafts if part in one.parts]
    return draft.version, draft.effective, len(draft.warnings)


def test_year_of_name_and_archive() -> None:
    """The year stands in the name of the file, else in that of the archive."""
    assert ("2014", datetime.date(2013, 10, 1), 0) == dating(read(CHOLERA, "2014_I9gem.txt", "Dxgem_2018.zip"))
    assert ("2017", datetime.date(2016, 10, 1), 0) == dating(read(PROCEDURE, "gem_i9pcs.txt", "2017-GEMs-PCS.zip"))


def test_operator_wins() -> None:
    """What the operator says wins over every name."""
    part = read(CHOLERA)
    assert ("2016", datetime.date(2015, 10, 1), 0) == dating(evolve(part, version="2016"))
    assert ("2016", datetime.date(2015, 10, 1), 0) == dating(evolve(part, effective=datetime.date(2015, 10, 1)))
    assert ("mine", FY2018, 0) == dating(evolve(part, version="mine", effective=FY2018))
    ((_, why),) = READER.assemble([evolve(part, version="mine")], ()).refused
    assert "expected a version like 2024 or 2023-04, got 'mine'; or give --effective too" == why


def test_year_of_the_release_with_as_many_codes() -> None:
    """A release of ICD-10 with as many billable codes as the file has sources gives its year; updates do not."""
    part = read("5A1221Z 3961  10000\r\n5A1D70Z 3995  10000\r\n", "gem_pcsi9.txt")
    october, april = datetime.date(2015, 10, 1), datetime.date(2017, 4, 1)
    found = [
        release("icd10pcs", "2016", october, 2),
        release("icd10pcs", "2017-04", april, 2),
        release("icd10cm", "2018", FY2018, 2),
        release("icd10pcs", "2018", FY2018, 3),
    ]
    assert ("2016", october, 0) == dating(part, releases=found)
    found.append(release("icd10pcs", "2017", datetime.date(2016, 10, 1), 2))
    assert ("2017", datetime.date(2016, 10, 1), 1) == dating(part, releases=found)


def test_year_of_the_other_procedure_file() -> None:
    """The file whose sources are ICD-9 takes the year of the one whose sources are ICD-10, in the same archive only."""
    other = read("5A1221Z 3961  10000\r\n", "gem_pcsi9.txt")
    part = read(PROCEDURE, "gem_i9pcs.txt")
    found = [release("icd10pcs", "2016", datetime.date(2015, 10, 1), 1)]
    assert ("2016", datetime.date(2015, 10, 1), 0) == dating(part, other, releases=found)
    archived = evolve(part, origin=evolve(part.origin, archive="gem.zip", archive_sha256="0"))
    assert ("2018", FY2018, 1) == dating(archived, other, releases=found)


def test_last_edition() -> None:
    """A procedure file that nothing dates is taken for the last edition, with a warning; a diagnosis file is refused."""
    part = read(PROCEDURE, "gem_i9pcs.txt")
    (draft,) = drafts_of(part).values()
    assert ("2018", FY2018) == (draft.version, draft.effective)
    assert "neither name nor archive bears a year; taken for the last edition, fiscal year 2018" in draft.warnings[0]
    undated = read(CHOLERA, "I9gem.txt")
    assembly = READER.assemble([undated], ())
    assert ((undated, "nothing dates it: give --effective, or --version with its fiscal year"),) == assembly.refused


def test_other_number_of_codes() -> None:
    """A warning says where a file has other sources than the release of its year has billable codes."""
    part = read(SEPSIS, "2018_I10gem.txt")
    assert ("2018", FY2018, 0) == dating(part, releases=[release("icd10cm", "2018", FY2018, 1)])
    (draft,) = READER.assemble([part], [release("icd10cm", "2018", FY2018, 71_704)]).drafts
    expected = "2018_I10gem.txt: 1 source codes, ICD-10-CM 2018 has 71,704 billable codes"
    assert (expected,) == draft.warnings


def test_repetition_and_contradiction() -> None:
    """The same rows under two names are one crosswalk with two sources; other rows for the same year refuse both."""
    one, again = read(CHOLERA), read(CHOLERA.replace("\r", ""), "copy_of_2018_I9gem.txt")
    (draft,) = drafts_of(one, again).values()
    assert ["2018_I9gem.txt", "copy_of_2018_I9gem.txt"] == [source.file for source in draft.sources]
    other = read(CHOLERA.replace("00000", "10000"), "new_2018_I9gem.txt")
    for parts in ([one, again, other], [other, again, one]):
        assembly = READER.assemble(parts, ())
        assert () == assembly.drafts
        assert [
            ("2018_I9gem.txt", "new_2018_I9gem.txt"),
            ("copy_of_2018_I9gem.txt", "new_2018_I9gem.txt"),
            ("new_2018_I9gem.txt", "2018_I9gem.txt"),
        ] == [(part.origin.name, why.split()[2].rstrip(",")) for part, why in assembly.refused]


# ---- faults


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("0010  A000    00000", 1, None, "the file is cut short"),
        (CHOLERA + "0011  A001    000\r\n", 2, 15, "expected five flags, the first three 0 or 1, got '000'"),
        (CHOLERA + "0011  A001\r\n", 2, 1, "expected a source code, a target code and five flags, got '0011  A001'"),
        (CHOLERA + "\r\n", 2, 1, "expected a source code, a target code and five flags, got ''"),
        (CHOLERA + "0011  A001    20000\r\n", 2, 15, "expected five flags, the first three 0 or 1, got '20000'"),
        (CHOLERA + "0011 A001    00000\r\n", 2, 6, "expected the target in column 7 and the flags in column 15"),
        (
            CHOLERA + "A001    0011  00000\r\n",
            2,
            1,
            "expected a code of ICD-9-CM diagnoses without its dot, got 'A001'",
        ),
        (
            CHOLERA + "0011  A00.1   00000\r\n",
            2,
            7,
            "expected a code of ICD-10-CM without its dot, or NoDx, got 'A00.1'",
        ),
        (
            CHOLERA + "0011  NoPCS   11000\r\n",
            2,
            7,
            "expected a code of ICD-10-CM without its dot, or NoDx, got 'NoPCS'",
        ),
        (
            CHOLERA + "0011  nodx    11000\r\n",
            2,
            7,
            "expected a code of ICD-10-CM without its dot, or NoDx, got 'nodx'",
        ),
        (CHOLERA + "0011  A001    01000\r\n", 2, 16, "expected NoDx where the second flag says"),
        (CHOLERA + "0011  A001    10101\r\n", 2, 18, "expected scenario and choice list from 1 on"),
        (CHOLERA + CHOLERA, 2, 1, "0010 with A000 is on line 1 already"),
        (CHOLERA + "001é  A001    00000\r\n", 2, 1, "without its dot, got '001é'"),
        ("", 1, None, "expected lines of a source code, a target code and five flags, got none"),
    ],
)
def test_faults(text: str, line: int, column: int | None, message: str) -> None:
    """Whatever is not as published is refused, with line, column, what was expected and what was found."""
    found = faults(READER, text_file(text, "2018_I9gem.txt"))
    assert [(line, column)] == [(at, place) for at, place, _ in found]
    assert message in found[0][2]


def test_all_faults_at_once() -> None:
    """All faults of a file are told together."""
    text = CHOLERA + "0011  A001    2\r\n0012  A002\r\n0019  A009    00000"
    assert [2, 3, 4] == sorted(line or 0 for line, _, _ in faults(READER, text_file(text, "2018_I9gem.txt")))


def test_too_many_alternatives() -> None:
    """A source with more than 10,000 alternatives is refused, before any is made."""
    lists = range(1, 6)
    text = "".join(f"0010  A{place}0{one}    101{1}{one}\r\n" for one in lists for place in range(7))
    ((line, _, message),) = faults(READER, text_file(text, "2018_I9gem.txt"))
    assert (1, "expected at most 10,000 alternatives of 0010, got 16,807") == (line, message)


def test_wrong_encoding() -> None:
    """A file in UTF-16 is refused where its name says that it is of this publication."""
    file = ReadableFile("2018_I9gem.txt", lambda: CHOLERA.encode("utf-16"))
    assert [(1, 1, "expected UTF-8 or CP1252 text, got UTF-16")] == faults(READER, file)
