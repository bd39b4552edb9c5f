"""ICD-10-GM: the metadata text files with what German law says of each code, ClaML, and what lies beside them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import terminology
from terminology.drafts import Assembly, Part, Skipped
from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology.model import Gap
from terminology.reading import ReadableFile
from terminology_loaders.icd10 import Icd10Loader
from terminology_loaders.icd10gm import Icd10gmLoader

from .claml_files import GM_HEAD, bytes_file, claml_file, gm_line, lines_file, modified, modifier_class, node, who_line

LOADERS = {"icd10gm": Icd10gmLoader()}
SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/icd10gm"
RELEASES = os.environ.get("TERMINOLOGY_RELEASES")


def read(file: ReadableFile) -> Part:
    """Return the part that the loader makes of the file."""
    part = LOADERS["icd10gm"].read(file)
    assert isinstance(part, Part)
    return part


def faults(file: ReadableFile) -> list[tuple[int | None, int | str | None, str]]:
    """Return line, column and message of each fault of the file."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError)) as caught:
        LOADERS["icd10gm"].read(file)
    error = caught.value
    found = error.exceptions if isinstance(error, ReleaseFaults) else [error]
    return [(fault.line, fault.column, fault.message) for fault in found]


def assembled(*parts: Part) -> Assembly:
    """Return the assembly of the parts."""
    return LOADERS["icd10gm"].assemble(parts)


def kodes(*lines: str, year: int = 2016, encoding: str = "utf-8") -> ReadableFile:
    """Return a codes file."""
    return lines_file(*lines, name=f"icd10gm{year}syst_kodes.txt", encoding=encoding)


def concepts(*elements: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a ClaML file by code."""
    return {row["code"]: row for row in read(claml_file(*elements, head=GM_HEAD)).tables["concepts"].to_pylist()}


CODES = (
    gm_line("A00", place="N", mark=".-"),
    gm_line("A00.0", place="N", mark="-", f13="P"),
    gm_line("A00.00", f20="W", f21="K", f22="215", f23="j015", f24="255", f25="j055", f26="M", f27="J", f29="J"),
    gm_line("A00.9", mark="*", f13="O", f14="O"),
)
GROUPS = lines_file("A00;A09;01;erste Gruppe", name="icd10gm2016syst_gruppen.txt")
CHAPTERS = lines_file("01;erstes Kapitel", name="icd10gm2016syst_kapitel.txt")


class TestText:
    """The metadata files."""

    def test_fields(self):
        """Every field has its column, in its type."""
        row = read(kodes(*CODES)).tables["concepts"].to_pylist()[2]
        expected = {
            "code": "A00.00",
            "title": "Titel A00.00",
            "billable": True,
            "parent": "A00.0",
            "mortality_1": "1-001",
            "mortality_4": None,
            "morbidity": "001",
            "section_295": "P",
            "section_301": "P",
            "sex": "W",
            "sex_error": "K",
            "age_low": "j015",
            "age_high": "j055",
            "age_error": "M",
            "rare": True,
            "content": True,
            "notifiable": True,
            "laboratory_exemption": False,
        }
        assert expected == {name: row[name] for name in expected}

    def test_terminal_codes_are_billable(self):
        """The publisher's T decides, also where section 295 admits what is divided further."""
        rows = read(kodes(*CODES)).tables["concepts"].to_pylist()
        assert [False, False, True, True] == [row["billable"] for row in rows]

    def test_a_terminal_code_that_neither_section_admits(self):
        """A code that may not be used is no billable one."""
        rows = read(kodes(gm_line("A00", f13="V", f14="V"))).tables["concepts"].to_pylist()
        assert [False] == [row["billable"] for row in rows]

    def test_hierarchy(self):
        """Codes stand in groups, groups in chapters with their Roman numbers."""
        (draft,) = assembled(*map(read, (kodes(*CODES), GROUPS, CHAPTERS))).drafts
        rows = draft.build().tables["concepts"].to_pylist()
        assert [("I", None), ("A00-A09", "I"), ("A00", "A00-A09"), ("A00.0", "A00"), ("A00.00", "A00.0")] == [
            (row["code"], row["parent"]) for row in rows
        ][:5]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
    def test_encodings(self, encoding: str):
        """UTF-8 with and without its mark is read, and Latin-1 with a warning."""
        part = read(kodes(gm_line("A00", f9="Übel"), encoding=encoding))
        assert ["Übel"] == part.tables["concepts"].column("title").to_pylist()
        told = ("icd10gm2016syst_kodes.txt:1: not UTF-8, read as CP1252",)
        assert (told if encoding == "latin-1" else ()) == part.warnings

    @pytest.mark.parametrize(
        ("line", "column", "message"),
        [
            (gm_line("A10", f13="Q"), "field 13 (section_295)", "expected O, P, V or Z, got 'Q'"),
            (gm_line("A10", f14=""), "field 14 (section_301)", "expected O, P, V or Z, got ''"),
            (
                gm_line("A10", f15="2-001"),
                "field 15 (mortality_1)",
                "expected an entry of the list like 1-001, or UNDEF, got '2-001'",
            ),
            (gm_line("A10", f20="F"), "field 20 (sex)", "expected 9, M or W, got 'F'"),
            (gm_line("A10", f21="J"), "field 21 (sex_error)", "expected 9, K or M, got 'J'"),
            (gm_line("A10", f23="215"), "field 23 (age_low)", "expected 9999, t000 to t365 or j001 to j124, got '215'"),
            (gm_line("A10", f26="1"), "field 26 (age_error)", "expected 9, K or M, got '1'"),
            (gm_line("A10", f27="?"), "field 27 (rare)", "expected J or N, got '?'"),
            (gm_line("A10").removesuffix(";N"), "field 1", "expected 30 fields, got 29"),
        ],
    )
    def test_faulty_rows(self, line: str, column: str, message: str):
        """A row that holds what it must not is named with line and field."""
        assert [(2, column, message)] == faults(kodes(gm_line("A00"), line))


class TestClaml:
    """The systematic list in ClaML."""

    def test_two_modifiers_of_one_category(self):
        """Both characters of diabetes: the pairs that the second modifier bars are not made."""
        barred = '<Meta name="excludeOnPrecedingModifier" value="S04E10_4 .6"/>'
        rows = concepts(
            modifier_class("S04E10_4", ".2", "mit Nieren"),
            modifier_class("S04E10_4", ".6", "mit Sonstigem"),
            modifier_class("S04E10_5", "0", "nicht entgleist"),
            modifier_class("S04E10_5", "4", "mit Fuß", barred),
            node("E10", more=modified("S04E10_4") + modified("S04E10_5"), title="Typ 1"),
        )
        assert ["E10", "E10.2", "E10.20", "E10.24", "E10.6", "E10.60"] == list(rows)
        assert "Typ 1: mit Nieren: mit Fuß" == rows["E10.24"]["title"]
        assert {"E10.20", "E10.24", "E10.60"} == {code for code, row in rows.items() if row["billable"]}

    def test_valid_modifier_classes(self):
        """A class takes the values that it lists; what is divided is a header even if the division is optional."""
        some = modified("S13M00_5", '<Meta name="usage" value="optional"/><ValidModifierClass code="1"/>', all="false")
        rows = concepts(
            modifier_class("S13M00_5", "0", "mehrere"), modifier_class("S13M00_5", "1", "Arm"), node("M00.0", more=some)
        )
        assert {"M00.0": False, "M00.01": True} == {code: row["billable"] for code, row in rows.items()}

    def test_a_subclass_that_is_absent(self):
        """A subdivision that the file names and leaves out is told of."""
        part = read(claml_file(node("Y35", children="Y35.5 Y35.6"), node("Y35.5", "Y35"), head=GM_HEAD))
        assert ("sample.xml: 1 classes are named as SubClass and not defined: Y35.6",) == part.warnings

    def test_metas(self):
        """Meta elements become typed properties; what bars a header does not bar its divisions."""
        metas = "".join(
            f'<Meta name="{name}" value="{value}"/>'
            for name, value in {
                "Para295": "V",
                "Para301": "V",
                "SexCode": "W",
                "SexReject": "9",
                "AgeLow": "j015",
                "RareDisease": "N",
                "Content": "J",
                "Infectious": "J",
                "EBMLabor": "N",
                "MortBCode": "UNDEF",
            }.items()
        )
        rows = concepts(modifier_class("M_4", ".0", "x"), node("A00", more=metas + modified("M_4")))
        names = (
            "section_295",
            "section_301",
            "sex",
            "sex_error",
            "age_low",
            "rare",
            "content",
            "notifiable",
            "morbidity",
        )
        assert ("V", "V", "W", None, "j015", False, True, True, None) == tuple(rows["A00"][name] for name in names)
        assert ("P", "P", True) == tuple(rows["A00.0"][name] for name in ("section_295", "section_301", "billable"))

    def test_barred_leaf(self):
        """A code that neither section admits is no billable one."""
        metas = '<Meta name="Para295" value="V"/><Meta name="Para301" value="V"/>'
        assert not concepts(node("U99.0", more=metas))["U99.0"]["billable"]

    def test_joined_with_the_text_files(self):
        """The codes file decides on codes and flags, the ClaML adds nested blocks, notes and usage."""
        head = GM_HEAD.replace("2024", "2016")
        classes = (
            node("I", children="A00-A49"),
            node("A00-A49", "I", "A00-A09"),
            node("A00-A09", "A00-A49", "A00"),
            node("A00", "A00-A09", "A00.0 A00.5"),
            node("A00.0", "A00", "A00.00", title="anders"),
            (
                '<Class code="A00.00" kind="category" usage="dagger"><SuperClass code="A00.0"/>'
                '<Rubric kind="preferred"><Label>Titel A00.00</Label></Rubric>'
                '<Rubric kind="inclusion"><Label>Text</Label></Rubric></Class>'
            ),
            node("A00.5", "A00"),
        )
        parts = [read(claml_file(*classes, head=head)), *map(read, (kodes(*CODES), GROUPS, CHAPTERS))]
        (draft,) = assembled(*parts).drafts
        assert "icd10gm2016syst_kodes.txt" == draft.parts[0].origin.name
        built = draft.build()
        rows = {row["code"]: row for row in built.tables["concepts"].to_pylist()}
        assert ["I", "A00-A49", "A00-A09", "A00", "A00.0", "A00.00", "A00.9"] == list(rows)
        assert ("dagger", "P", "Titel A00.0") == (
            rows["A00.00"]["usage"],
            rows["A00.00"]["section_295"],
            rows["A00.0"]["title"],
        )
        assert ["A00.00"] == built.tables["notes"].column("code").to_pylist()
        found = [(row["check"], row["code"]) for row in built.tables["differences"].to_pylist()]
        assert ("not in text files", "A00.5") in found
        assert ("not in ClaML", "A00.9") in found
        assert ("other title", "A00.0") in found


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
        assert ["office document or workbook that no loader knows"] == [item.reason for item in report.skipped]

    TITLES = ("UNDEF;Undefined", *(f"{code};Titel {code}" for code in ("A00", "A00.0", "A00.00", "A00.9")))

    def test_list_of_a_transition_proves_the_codes(self):
        """A transition's list of codes and titles joins the release of its year."""
        titles = read(lines_file(*self.TITLES, name="icd10gm2016syst.txt"))
        (draft,) = assembled(read(kodes(*CODES)), titles).drafts
        assert ["codes", "titles"] == [part.kind for part in draft.parts]
        assert 4 == draft.build().tables["concepts"].num_rows

    def test_list_of_a_transition_that_says_otherwise(self):
        """Other codes and other titles are faults, all named."""
        lines = ("A00;Titel A00", "A00.0;anders", "A00.1;Titel A00.1", "A00.9;Titel A00.9")
        (draft,) = assembled(read(kodes(*CODES)), read(lines_file(*lines, name="icd10gm2016syst.txt"))).drafts
        with pytest.raises(ReleaseFaults) as caught:
            draft.build()
        expected = [
            (2, "expected the title that icd10gm2016syst_kodes.txt gives A00.0, got 'anders'"),
            (3, "expected a code of icd10gm2016syst_kodes.txt, got A00.1"),
            (5, "expected all 4 codes of icd10gm2016syst_kodes.txt, 1 are missing: A00.00"),
        ]
        assert expected == [(fault.line, fault.message) for fault in caught.value.exceptions]

    def test_list_of_a_transition_alone(self):
        """Without the codes file it makes no release: it has neither flags nor chapters."""
        part = read(lines_file(*self.TITLES, name="icd10gm2014syst.txt"))
        assert ((part, "no list of the codes of ICD-10-GM 2014 is loaded"),) == assembled(part).unused

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
        assert [("2015", "2015-01-01", 15761, 13440), ("2016", "2016-01-01", 15821, 13486)] == found
        kinds = system.latest.table("concepts").column("kind").to_pylist()
        assert {"chapter": 22, "block": 241, "category": 1710, "code": 14111} == {k: kinds.count(k) for k in set(kinds)}

    def test_transition_lists_agree(self, system: terminology.CodeSystem):
        """The lists of codes in the transitions hold just the codes and titles of the codes files."""
        assert [[], []] == [list(release.warnings) for release in system.releases]
        assert [["titles", "titles"], ["titles"]] == [
            [source.role for source in release.sources if source.role == "titles"] for release in system.releases
        ]

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
            system.on(day).status("A00.0") for day in ("2014-06-01", "2016-12-31", "2017-01-01")
        ]
