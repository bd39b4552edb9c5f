"""What is packed beside the files of ICD-10-GM, which releases they make, and the real files."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Skipped
from terminology.model import Gap
from terminology.reading import ReadableFile
from terminology_loaders.icd10 import Icd10Loader

from .claml_files import bytes_file, claml_file, gm_line, lines_file, node, who_line
from .icd10gm_files import CHAPTERS, CODES, GROUPS, LOADERS, assembled, faults, kodes, read

SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/icd10gm"


RELEASES = os.environ.get("TERMINOLOGY_RELEASES")


class TestCompanions:
    """Files that lie beside the codes."""

    @pytest.mark.parametrize(
        ("lines", "reason"),
        [
            (("A00.0;A00.0;A;A", "A00.1;;;"), "transition between two years: a crosswalk, not a release of codes"),
            (("UNDEF;U69.33;;A",), "transition between two years: a crosswalk, not a release of codes"),
            (("UNDEF;Undefiniert", "001;x"), "tabulation list of mortality or morbidity: groups codes, defines none"),
            (("UNDEF;UNDEF;Undefiniert",), "tabulation list of mortality or morbidity: groups codes, defines none"),
            (("ICD-10-GM, Systematisches Verzeichnis",), "read-me"),
            (("Ueberleitungstabelle zwischen ICD-10-GM Version 2004 und ICD-10-GM  Version 2005",), "read-me"),
        ],
    )
    def test_skipped(self, lines: tuple[str, ...], reason: str):
        """Known files that define no codes are skipped with the reason."""
        found = LOADERS["icd10gm"].read(lines_file(*lines, name="file.txt"))
        assert Skipped(f"ICD-10-GM {reason}") == found

    @pytest.mark.parametrize(
        "file",
        [
            claml_file(node("A00")),
            lines_file(who_line("A00"), name="icd102016syst_codes.txt"),
            lines_file("01;chapter one", name="icd102016syst_chapters.txt"),
            bytes_file(b"00001 A00     0 Cholera", "order.txt"),
            bytes_file(b"", "empty.txt"),
        ],
    )
    def test_strangers(self, file: ReadableFile):
        """Files of WHO and of others are left to their loaders."""
        assert LOADERS["icd10gm"].read(file) is None

    def test_german_files_are_not_taken_for_those_of_who(self):
        """The loader of WHO's files leaves the German ones alone."""
        assert [None] * 3 == [Icd10Loader().read(file) for file in (kodes(*CODES), GROUPS, CHAPTERS)]

    def test_appendices_are_files_and_no_archives(self, tmp_path: Path):
        """An OpenDocument appendix is one file that nobody reads, not an archive of many."""
        path = tmp_path / "anhang.odt"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
            archive.writestr("content.xml", "<office:document-content/>")
        report = terminology.load(path, store=tmp_path / "store", loaders=LOADERS)
        assert ["text document: no loader reads codes from it"] == [item.reason for item in report.skipped]

    TITLES = ("UNDEF;Undefined", *(f"{code};Titel {code}" for code in ("A00", "A00.0", "A00.00", "A00.9")))

    def test_list_of_a_transition_proves_the_codes(self):
        """A transition's list of codes and titles joins the release of its year."""
        titles = read(lines_file(*self.TITLES, name="icd10gm2016syst.txt"))
        (draft,) = assembled(read(kodes(*CODES)), titles).drafts
        assert ["codes", "titles"] == [part.kind for part in draft.parts]
        assert 4 == draft.build().tables["concepts"].num_rows

    def test_list_of_a_transition_that_says_otherwise(self):
        """Other codes and other titles are warnings and rows of the differences; the codes file decides."""
        lines = ("A00;Titel A00", "A00.0;anders", "A00.1;Titel A00.1", "A00.9;Titel A00.9")
        (draft,) = assembled(read(kodes(*CODES)), read(lines_file(*lines, name="icd10gm2016syst.txt"))).drafts
        built = draft.build()
        codes = "icd10gm2016syst_kodes.txt"
        assert [
            (f"not in {codes}", "A00.1"),
            (f"only in {codes}", "A00.00"),
            (f"titles other than in {codes}", "A00.0"),
        ] == [(row["check"], row["code"]) for row in built.tables["differences"].to_pylist()]
        assert f"icd10gm2016syst.txt: 1 code: not in {codes}: A00.1" in built.warnings
        rows = {row["code"]: row["title"] for row in built.tables["concepts"].to_pylist()}
        assert ("Titel A00.0", False) == (rows["A00.0"], "A00.1" in rows)

    def test_lists_of_two_transitions_that_differ(self):
        """The year is in two archives; neither list is refused, and the difference is told."""
        parts = [
            read(lines_file(*self.TITLES, name="icd10v2008.txt", archive="x1ueb2007_2008.zip")),
            read(lines_file(*self.TITLES[:-1], "A00.9;neu", name="syst2008.txt", archive="x1ueb2008_2009.zip")),
        ]
        codes = read(lines_file(*CODES, name="codes2008.txt"))
        found = assembled(*parts, codes)
        assert () == found.refused
        told = [text for text in found.drafts[0].build().warnings if "titles" in text]
        assert ["x1ueb2008_2009.zip!syst2008.txt: 1 code: titles other than in codes2008.txt: A00.9"] == told

    @pytest.mark.parametrize("turned", [False, True])
    def test_list_of_a_transition_alone(self, turned):
        """Without a codes file it makes a derived release: codes that nothing is below are billable."""
        lines = [
            lines_file(*self.TITLES, name="icd10v2008.txt", archive="x1ueb2007_2008.zip"),
            lines_file(*self.TITLES[:-1], "A00.9;neu", name="a2008.txt", archive="x1ueb2008_2009.zip"),
        ]
        parts = [read(file) for file in lines]
        (draft,) = assembled(*(reversed(parts) if turned else parts)).drafts
        assert (True, "2008") == (draft.derived, draft.version)
        built = draft.build()
        rows = {row["code"]: (row["title"], row["billable"]) for row in built.tables["concepts"].to_pylist()}
        # the archive that leads to the year came out with it
        assert {
            "A00": ("Titel A00", False),
            "A00.0": ("Titel A00.0", False),
            "A00.00": ("Titel A00.00", True),
            "A00.9": ("Titel A00.9", True),
        } == rows
        label = "x1ueb2007_2008.zip!icd10v2008.txt"
        assert (
            f"{label}: no codes file of the year is loaded; codes without a division are billable" == built.warnings[0]
        )

    def test_list_of_a_transition_borrows_its_places(self):
        """Chapters and blocks of a year with such a list only are those of the nearest release."""
        titles = read(lines_file(*self.TITLES, name="icd10gm2017syst.txt"))
        drafts = assembled(read(kodes(*CODES)), read(GROUPS), read(CHAPTERS), titles).drafts
        rows = {row["code"]: row for row in drafts[1].build().tables["concepts"].to_pylist()}
        assert ("A00-A09", "I") == (rows["A00"]["parent"], rows["A00-A09"]["parent"])
        assert {"I": True, "A00-A09": True, "A00": False, "A00.00": False} == {
            code: rows[code]["derived"] for code in ("I", "A00-A09", "A00", "A00.00")
        }

    def test_list_that_begins_like_a_tabulation_list(self):
        """In 2004 the first line of both was the same; what follows it distinguishes them."""
        part = read(lines_file("UNDEF;Undefiniert", *self.TITLES[1:], name="ICD10V2004.txt"))
        assert ("titles", 4) == (part.kind, part.facts["rows"])

    def test_list_that_is_cut_short(self):
        """A last line without its end is an error: codes would be missing."""
        file = bytes_file(b"A00;x\r\nA00.0;y\r\nA00.1;z", "icd10gm2014syst.txt")
        assert [(3, None, "expected a line end after the last row: is the file cut short?")] == faults(file)

    def test_faulty_list_of_a_transition(self):
        """Rows that are no codes, or are repeated, are named."""
        found = faults(lines_file("A00;x", "A00.0;y", "A00.0;y", "none;z", name="icd10gm2014syst.txt"))
        assert [
            (3, 1, "code A00.0 is listed on line 2 already"),
            (4, None, "expected a code of ICD-10-GM and its title, got 'none;z'"),
        ] == found


class TestReleases:
    """Which files make which release."""

    def test_year_of_the_archive(self):
        """A file whose name holds no year is dated by its archive."""
        part = read(lines_file(*CODES, name="kodes.txt", archive="x1gmt2015.zip"))
        assert ["2015"] == [draft.version for draft in assembled(part).drafts]

    def test_year_of_a_newer_name(self):
        """The year of the version counts, not the day of publication behind it."""
        part = read(lines_file(*CODES, name="icd10gm2024syst_kodes_20230915.txt"))
        assert ["2024"] == [draft.version for draft in assembled(part).drafts]

    def test_missing_years_are_gaps(self):
        """A hole between two annual releases is reported."""
        parts = [read(kodes(*CODES, year=year)) for year in (2013, 2016)]
        expected = (Gap("icd10gm", "2013", "2016", "no release of 2014, 2015 is loaded"),)
        assert expected == assembled(*parts).gaps

    def test_equal_claims_are_refused(self):
        """Two codes files of one year that hold other rows are both refused."""
        parts = [
            read(kodes(*CODES)),
            read(lines_file(*CODES[:1], gm_line("A00.1"), name="icd10gm2016syst_kodes_b.txt")),
        ]
        found = assembled(*parts)
        assert ((), 2) == (found.drafts, len(found.refused))
        assert ["2016"] == [draft.version for draft in assembled(parts[0], evolve(parts[1], version="2017")).drafts][:1]


def test_samples_load(tmp_path: Path):
    """The packaged samples make two releases without errors, and show a code that is divided."""
    report = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    assert ((), ()) == (report.errors, report.skipped)
    found = [(i.release.version, i.release.concepts, i.release.billable, i.release.warnings) for i in report.loaded]
    assert [("2015", 7, 4, ()), ("2016", 9, 5, ())] == found
    system = terminology.open(tmp_path)["icd10gm"]
    days = ("2014-12-31", "2015-06-01", "2016-06-01", "2017-01-01")
    assert ["uncovered", "billable", "header", "uncovered"] == [system.on(day).status("A00.0") for day in days]
    assert ("A00.0", "A00", "A00-A09", "I") == system.latest.ancestors("A00.00")


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> terminology.CodeSystem:
    """The publisher's files of two years, with both transitions."""
    folder = tmp_path_factory.mktemp("icd10gm")
    report = terminology.load(Path(RELEASES or "") / "icd10gm", store=folder, loaders=LOADERS)
    assert () == report.errors
    return terminology.open(folder)["icd10gm"]


@pytest.mark.live
@pytest.mark.skipif(RELEASES is None, reason="TERMINOLOGY_RELEASES names no folder of release files")
class TestLive:
    """The publisher's own files."""

    def test_counts(self, system: terminology.CodeSystem):
        """Codes of three to five characters, and those that end a branch."""
        found = [(r.version, r.effective.isoformat(), r.concepts, r.billable) for r in system.releases]
        derived = ("2014", "2014-01-01", 15688, 13381)
        assert [derived, ("2015", "2015-01-01", 15761, 13440), ("2016", "2016-01-01", 15821, 13486)] == found
        kinds = system.latest.table("concepts").column("kind").to_pylist()
        assert {"chapter": 22, "block": 241, "category": 1710, "code": 14111} == {k: kinds.count(k) for k in set(kinds)}

    def test_transition_lists_agree(self, system: terminology.CodeSystem):
        """The lists of codes in the transitions hold just the codes and titles of the codes files."""
        assert [[], []] == [list(release.warnings) for release in system.releases[1:]]
        assert [1, 2, 1] == [sum(source.role == "titles" for source in release.sources) for release in system.releases]

    def test_flags(self, system: terminology.CodeSystem):
        """Sections 295 and 301, usage, and a code that was divided in 2016."""
        edition = system.release("2016")
        marks = {
            code: tuple(edition.lookup(code).properties.get(name) for name in ("section_295", "section_301", "usage"))
            for code in ("E10", "E10.3", "E10.30", "G63.2", "B95.0")
        }
        assert {
            "E10": ("V", "V", None),
            "E10.3": ("P", "V", None),
            "E10.30": ("P", "P", None),
            "G63.2": ("O", "O", "aster"),
            "B95.0": ("Z", "Z", "optional"),
        } == marks
        assert ("billable", "header", "future", "billable") == (
            system.on("2015-12-31").status("A04.7"),
            system.on("2016-01-01").status("A04.7"),
            system.on("2015-12-31").status("A04.70"),
            system.on("2016-01-01").status("A04.70"),
        )

    def test_hierarchy_and_coverage(self, system: terminology.CodeSystem):
        """Five characters stand below four; each year covers itself only."""
        assert ("E10.3", "E10", "E10-E14", "IV") == system.latest.ancestors("E10.30")
        assert ["uncovered", "billable", "uncovered"] == [
            system.on(day).status("A00.0") for day in ("2013-12-31", "2016-12-31", "2017-01-01")
        ]
