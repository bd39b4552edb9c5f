"""Which releases files of ICD-10 make, and what a store answers."""

from __future__ import annotations

import datetime
from pathlib import Path

from attrs import evolve

import terminology

from .claml_files import (
    OPTIONAL,
    WHO_HEAD,
    claml_file,
    lines_file,
    modified,
    node,
)
from .icd10_files import BLOCKS, CHAPTERS, CODES, FIFTH, LOADERS, assembled, codes_file, read

SAMPLES = Path(__file__).parents[2] / "src/terminology/samples/icd10"


class TestReleases:
    """Which files make which release."""

    def test_year_of_the_title(self):
        """The version in the title dates a ClaML file, before its name."""
        (draft,) = assembled(read(claml_file(node("A00"), name="icd102010en.xml"))).drafts
        assert ("2019", datetime.date(2019, 1, 1)) == (draft.version, draft.effective)

    def test_year_of_the_name(self):
        """A file without a title is dated by its name."""
        (draft,) = assembled(read(claml_file(node("A00"), head="", name="icd102010en.xml"))).drafts
        assert "2010" == draft.version

    def test_nothing_dates_the_file(self):
        """A file that nothing dates is refused until the operator gives its version."""
        part = read(claml_file(node("A00"), head=""))
        assert ((part, "neither name nor content states the year of the file: give --version"),) == assembled(
            part
        ).refused
        (draft,) = assembled(evolve(part, version="2010")).drafts
        assert "2010" == draft.version
        (draft,) = assembled(evolve(part, effective=datetime.date(2011, 1, 1))).drafts
        assert "2011" == draft.version

    def test_a_version_that_is_none(self):
        """A version that names no year is refused."""
        part = evolve(read(claml_file(node("A00"))), version="newest")
        assert ((part, "expected a version like 2019, got 'newest'"),) == assembled(part).refused

    def test_a_correction(self):
        """The operator may say that a file corrects the release of its year."""
        (draft,) = assembled(evolve(read(claml_file(node("A00"))), version="2019.1")).drafts
        assert ("2019.1", 1) == (draft.version, draft.correction)

    def test_company_dates_a_file(self):
        """A file without a year belongs to the release of the other files of its archive."""
        files = (
            lines_file(*CODES, name="icd102016syst_codes.txt", archive="meta.zip"),
            lines_file("01;chapter one", name="CHAPTERS.TXT", archive="meta.zip"),
        )
        (draft,) = assembled(*map(read, files)).drafts
        assert ["icd102016syst_codes.txt", "CHAPTERS.TXT"] == [part.origin.name for part in draft.parts]

    def test_order_of_parts_does_not_matter(self):
        """The same files make the same release in any order."""
        parts = [read(codes_file(*CODES)), read(BLOCKS), read(CHAPTERS)]
        (one,), (other,) = assembled(*parts).drafts, assembled(*reversed(parts)).drafts
        assert one.digest("icd10", 1) == other.digest("icd10", 1)

    def test_equal_claims_are_refused(self):
        """Of two files that hold other rows for the same year neither is taken."""
        parts = [read(claml_file(node(code), name=f"{code}.xml")) for code in ("A00", "A01")]
        found = assembled(*parts)
        assert () == found.drafts
        expected = "holds other rows than A01.xml, which is of release 2019 as well: give --version"
        assert expected == {part.origin.name: why for part, why in found.refused}["A00.xml"]

    def test_the_operator_decides_between_claims(self):
        """A file whose version was given is taken, the other one refused."""
        given = evolve(read(claml_file(node("A00"), name="A00.xml")), version="2019")
        other = read(claml_file(node("A01"), name="A01.xml"))
        found = assembled(given, other)
        assert [given] == list(found.drafts[0].parts)
        expected = "holds other rows than A00.xml, which is of release 2019 by better evidence: give --version"
        assert ((other, expected),) == found.refused

    def test_companions_alone(self):
        """Blocks and chapters without codes wait for them."""
        found = assembled(read(BLOCKS), read(CHAPTERS))
        assert () == found.drafts
        assert {"no list of the codes of ICD-10 (WHO) 2016 is loaded"} == {why for _, why in found.unused}

    def test_claml_and_text_of_one_year(self):
        """ClaML decides on the codes, the text files add what only they say, and every difference is kept."""
        classes = (
            node("A00", children="A00.0 A00.2", more=modified("S01A00_5", OPTIONAL)),
            node("A00.0", "A00", title="otherwise"),
            node("A00.2", "A00"),
        )
        head = WHO_HEAD.replace("2019", "2016")
        parts = [read(claml_file(*FIFTH, *classes, head=head)), read(codes_file(*CODES)), read(BLOCKS), read(CHAPTERS)]
        (draft,) = assembled(*parts).drafts
        built = draft.build()
        rows = {row["code"]: row for row in built.tables["concepts"].to_pylist()}
        assert ["A00", "A00.0", "A00.00", "A00.01", "A00.2", "A00.20", "A00.21"] == list(rows)
        assert ("otherwise", "001") == (rows["A00.0"]["title"], rows["A00.0"]["morbidity"])
        expected = [
            ("not in text files", "A00.2"),
            ("not in ClaML", "A00.1"),
            ("not in ClaML", "A10"),
            ("other title", "A00.0"),
        ]
        assert expected == [(row["check"], row["code"]) for row in built.tables["differences"].to_pylist()]
        assert "sample.xml: 2 codes: not in ClaML: A00.1, A10" in built.warnings


def test_samples_load(tmp_path: Path):
    """The packaged samples make two releases without errors."""
    report = terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    assert ((), ()) == (report.errors, report.skipped)
    found = [(i.release.version, i.release.concepts, i.release.billable, i.release.warnings) for i in report.loaded]
    assert [("2016", 8, 5, ()), ("2019", 12, 9, ())] == found


def test_coverage_lasts_to_the_next_release(tmp_path: Path):
    """A release of WHO's lasts until the next loaded one, the newest without end."""
    terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    system = terminology.open(tmp_path)["icd10"]
    days = {"2015-12-31": "uncovered", "2016-01-01": "billable", "2018-12-31": "billable", "2040-01-01": "billable"}
    assert days == {day: system.on(day).status("A00.0") for day in days}
    assert ("future", "billable") == (system.on("2018-06-01").status("B45.X0"), system.latest.status("B45.X0"))


def test_notes_of_the_sample(tmp_path: Path):
    """Notes carry the publisher's kinds, targets and the line of the ClaML file."""
    terminology.load(SAMPLES, store=tmp_path, loaders=LOADERS)
    edition = terminology.open(tmp_path)["icd10"].latest
    found = [(note.kind, note.targets, note.declared_at) for note in edition.notes("A00.0") if note.targets]
    expected = [
        ("coding-hint", ("B20.0",), "A00.0"),
        ("exclusion", ("A10.-",), "A00"),
        ("exclusion", ("B20-B45",), "I"),
    ]
    assert expected == found
    assert "icd102019en.xml" == edition.notes("A00")[0].source.file
