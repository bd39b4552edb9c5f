"""Versions of ICD-9-CM that were posted more than once, and lists as delimited text."""

from __future__ import annotations

import datetime
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology.drafts import Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.reading import ReadableFile
from terminology_loaders.icd9.postings import posted_day

from .icd9_files import CHOLERA, DIAGNOSES, LOADERS, PROCEDURES, delimited, read, rows_of, sheet, short, text

LOADER = LOADERS["icd9cm"]


def titled(title):
    """Return the diagnoses with this title of the first one."""
    return (("0010", title), *DIAGNOSES[1:])


FIRST, LATER, LAST = (titled(f"Cholera due to vibrio cholerae, {word}") for word in ("frist", "secnod", "third"))
V30 = "CMS30_DESC_LONG_DX.txt"
V30_AUGUST = "CMS30_DESC_LONG_DX 080612.txt"


def releases_of(*files):
    """Return version and long title of 001.0 of every release that the files make, and what is refused."""
    assembly = LOADER.assemble([read(file) for file in files])
    made = [(draft.version, draft.correction, rows_of(draft.build())["001.0"]["title"]) for draft in assembly.drafts]
    return made, [(part.origin.label, why) for part, why in assembly.refused]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("V27LONG_SHORT_DX_110909.csv", "2009-11-09"),
        ("V27LONG_SHORT_DX_110909u021012.xls", "2012-02-10"),
        ("CMS29_DESC_LONG_DX.101111.txt", "2011-10-11"),
        ("CMS30_DESC_LONG_SHORT_SG 051812.xlsx", "2012-05-18"),
        ("CMS30_DESC_LONG_DX_08062012.txt", "2012-08-06"),
        ("CMS30_DESC_LONG_DX_20120806.txt", "2012-08-06"),
        ("CMS30_DESC_LONG_DX_991399.txt", None),
        ("CMS32_DESC_LONG_DX.txt", None),
    ],
)
def test_days_of_names(name, day):
    """The last day that a name states by digits is that of the posting."""
    found = posted_day(name)
    assert day == (found and found.isoformat())


def test_a_later_posting_is_a_correction():
    """A list that was posted again with other titles corrects its version: the release stays as it was, and is followed by one."""
    made, refused = releases_of(text("icd9cm", FIRST, V30), text("icd9cm", LATER, V30_AUGUST))
    assert [("30", 0, FIRST[0][1]), ("30.1", 1, LATER[0][1])] == made
    assert [] == refused


def test_what_was_assumed_is_told():
    """Where the first posting bears no day, the correction says that it was taken for the first."""
    drafts = LOADER.assemble([read(text("icd9cm", FIRST, V30)), read(text("icd9cm", LATER, V30_AUGUST))]).drafts
    assert [(), (f"{V30}: its name bears no day; taken for the first posting",)] == [draft.warnings for draft in drafts]
    dated = [
        read(text("icd9cm", rows, f"CMS30_DESC_LONG_DX {day}.txt"))
        for rows, day in ((FIRST, "051612"), (LATER, "080612"))
    ]
    assert [(), ()] == [draft.warnings for draft in LOADER.assemble(dated).drafts]


def test_the_days_of_archives():
    """Where the names of the lists bear no day, those of their archives decide."""
    files = [text("icd9cm", rows, V30, archive=name) for rows, name in ((LATER, "v30 080612.zip"), (FIRST, "v30.zip"))]
    assert [("30", 0, FIRST[0][1]), ("30.1", 1, LATER[0][1])] == releases_of(*files)[0]


def test_nothing_says_which_is_later():
    """Of two lists that differ and bear the same day, or none, one is refused with what to do; nothing is guessed."""
    for names in ((V30, "CMS30_DESC_LONG_DX (1).txt"), (V30_AUGUST, "new CMS30_DESC_LONG_DX 080612.txt")):
        made, refused = releases_of(text("icd9cm", FIRST, names[0]), text("icd9cm", LATER, names[1]))
        assert 1 == len(made)
        ((_, why),) = refused
        assert "which is of version 30 too, and no name says which was posted later: give the --version of each" in why


def test_other_lists_of_the_version():
    """A correction has the short titles that were posted before, and its own where it has some; nothing is a contradiction."""
    files = [
        text("icd9cm", FIRST, "CMS30_DESC_LONG_DX 051612.txt"),
        text("icd9cm", LATER, V30_AUGUST),
        short("icd9cm", FIRST, "CMS30_DESC_SHORT_DX.txt"),
        sheet(LATER, name="CMS30_DESC_LONG_SHORT_DX 080612.xlsx"),
    ]
    drafts = LOADER.assemble([read(file) for file in files]).drafts
    assert [
        ["CMS30_DESC_LONG_DX 051612.txt", "CMS30_DESC_SHORT_DX.txt"],
        [V30_AUGUST, "CMS30_DESC_LONG_SHORT_DX 080612.xlsx", "CMS30_DESC_SHORT_DX.txt"],
    ] == [[part.origin.name for part in draft.parts] for draft in drafts]
    built = [draft.build() for draft in drafts]
    assert [(), ()] == [one.warnings for one in built]
    assert [(FIRST[0][1], 1), (LATER[0][1], 1)] == [
        (rows_of(one)["001.0"]["title"], rows_of(one)["001.0"]["line"]) for one in built
    ]


def test_version_27():
    """The workbook of 2012 corrects that of 2009; the same rows as delimited text are a further source of the first."""
    files = [
        sheet(FIRST, name="V27LONG_SHORT_DX_110909.xlsx"),
        delimited(FIRST, name="V27LONG_SHORT_DX_110909.csv"),
        sheet(LATER, name="V27LONG_SHORT_DX_110909u021012.xlsx"),
        short("icd9cm", FIRST, "CMS27_DESC_SHORT_DX.txt"),
    ]
    drafts = LOADER.assemble([read(file) for file in files]).drafts
    assert [("27", FIRST[0][1]), ("27.1", LATER[0][1])] == [
        (draft.version, rows_of(draft.build())["001.0"]["title"]) for draft in drafts
    ]
    assert [(), ()] == [draft.build().warnings for draft in drafts]
    assert datetime.date(2009, 10, 1) == drafts[1].effective


def test_corrected_short_titles():
    """A short list that was posted again corrects the short titles alone."""
    files = [
        text("icd9cm", FIRST, V30),
        short("icd9cm", FIRST, "CMS30_DESC_SHORT_DX.txt"),
        short("icd9cm", titled("Cholera corrected"), "CMS30_DESC_SHORT_DX 080612.txt"),
    ]
    made = [rows_of(draft.build())["001.0"] for draft in LOADER.assemble([read(file) for file in files]).drafts]
    assert ["Cholera due to vibrio ch", "Cholera corrected"] == [row["short_title"] for row in made]
    assert {FIRST[0][1]} == {row["title"] for row in made}


def test_gaps_beside_corrections():
    """A correction is no missing version, and hides none."""
    files = [
        text("icd9cm", FIRST, V30),
        text("icd9cm", LATER, V30_AUGUST),
        text("icd9cm", FIRST, "CMS32_DESC_LONG_DX.txt"),
    ]
    (gap,) = LOADER.assemble([read(file) for file in files]).gaps
    assert ("30.1", "32", "version 31 not loaded") == (gap.after, gap.before, gap.reason)


DAYS = (None, "051612", "080612", "021013")
POSTINGS = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(["one", "two", "three"])),
    min_size=1,
    max_size=4,
    unique_by=lambda x: x[0],
)


@given(POSTINGS, st.randoms(use_true_random=False))
def test_any_postings(postings, random):
    """Whatever was posted when, in whatever order it is loaded, the releases are the titles that were new, one after the other."""
    files = [text("icd9cm", titled(title), f"CMS30_DESC_LONG_DX {day}.txt" if day else V30) for day, title in postings]
    random.shuffle(files)
    expected: list[str] = []
    for _, title in sorted(postings, key=lambda one: DAYS.index(one[0])):
        if title not in expected:
            expected.append(title)
    made, refused = releases_of(*files)
    assert [(f"30.{number}" if number else "30", number, title) for number, title in enumerate(expected)] == made
    assert [] == refused


def test_a_store_answers_with_the_correction(tmp_path):
    """By version and by date the correction answers; the release as it was first posted is kept beside it."""
    archive = tmp_path / "v30.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for rows, name in ((FIRST, V30), (LATER, V30_AUGUST)):
            packed.writestr(name, text("icd9cm", rows, name).data)
    report = terminology.load(archive, store=tmp_path / "store", loaders=LOADERS)
    assert () == report.errors
    assert ["30", "30.1"] == [item.release.version for item in report.loaded]
    system = terminology.open(tmp_path / "store")["icd9cm"]
    for edition in (system.release("30"), system.release("30.1"), system.on("2012-10-01"), system.latest):
        assert LATER[0][1] == edition["001.0"].title
    assert ["001.0"] == [*system.diff("30", "30.1").revised.column("code").to_pylist()]


class TestDelimited:
    """Long and short titles as delimited text."""

    @pytest.mark.parametrize(
        ("system", "rows", "heading"),
        [("icd9cm", DIAGNOSES, "DIAGNOSIS CODE"), ("icd9pcs", PROCEDURES, "procedure code")],
    )
    def test_rows(self, system, rows, heading):
        """Titles with commas and other than ASCII letters come whole; the rows are those of the workbook."""
        further = (*rows, ("99", 'Ménière, "other"')) if system == "icd9pcs" else (*rows, ("999", 'Ménière, "other"'))
        part = read(delimited(further, heading, "V27LONG_SHORT_110909.csv"), system)
        same = read(sheet(further, heading, "V27LONG_SHORT_110909.xlsx"), system)
        assert ("csv", ()) == (part.kind, part.warnings)
        assert same.tables["rows"].equals(part.tables["rows"])

    def test_lost_zeros(self):
        """A text whose codes lost their leading zeros is skipped, with the reason, and the workbook beside it is loaded."""
        file = delimited((("10", "Cholera"), ("100", "Leptospirosis"), ("100", "Primary tuberculous infection")))
        made = LOADER.read(file)
        assert isinstance(made, Skipped)
        assert "saved as numbers" in made.reason

    @pytest.mark.parametrize(
        ("data", "line"),
        [
            (b"DIAGNOSIS CODE,LONG DESCRIPTION,SHORT DESCRIPTION\n0010,Cholera\n", 2),
            (b"DIAGNOSIS CODE,LONG DESCRIPTION,SHORT DESCRIPTION\n0010,Cholera,C\n0010,Cholera,C\n", 3),
            (b'DIAGNOSIS CODE,LONG DESCRIPTION,SHORT DESCRIPTION\n0010,"Cholera,C\n', 2),
            (b"DIAGNOSIS CODE,LONG DESCRIPTION,SHORT DESCRIPTION\n", 2),
            (b"DIAGNOSIS CODE,LONG DESCRIPTION\n0010,Cholera\n", 1),
        ],
    )
    def test_faults(self, data, line):
        """A row without a title, a code twice, a quotation mark that is not closed, no rows, no column: each with its line."""
        with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
            LOADER.read(ReadableFile("V27LONG_SHORT_DX_110909.csv", lambda: data))
        error = caught.value
        assert line == (error.exceptions[0] if isinstance(error, ReleaseFaults) else error).line

    @pytest.mark.parametrize("data", [b"code,title\n0010,Cholera\n", b"", b"0010,Cholera\n"])
    def test_strangers(self, data):
        """Other delimited texts are left alone."""
        assert LOADER.read(ReadableFile("codes.csv", lambda: data)) is None


def test_two_kinds_of_one_day_are_compared():
    """Lists of other kinds that differ are told, as before; they are no correction."""
    files = [
        text("icd9cm", CHOLERA, V30),
        sheet((("0010", "Cholera"), CHOLERA[1]), name="CMS30_DESC_LONG_SHORT_DX 080612.xlsx"),
    ]
    (draft,) = LOADER.assemble([read(file) for file in files]).drafts
    assert (0, "30", 1) == (draft.correction, draft.version, len(draft.build().warnings))
