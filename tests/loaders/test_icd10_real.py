"""The samples, and the real files of ICD-10."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import terminology

from .icd10_files import LOADERS

RELEASES = os.environ.get("TERMINOLOGY_RELEASES")


live = [
    pytest.mark.live,
    pytest.mark.skipif(RELEASES is None, reason="TERMINOLOGY_RELEASES names no folder of release files"),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory):
    """Return report and code system of the text files of 2016."""
    folder = tmp_path_factory.mktemp("icd10")
    report = terminology.load(Path(RELEASES or "") / "icd10who", store=folder, loaders=LOADERS)
    return report, terminology.open(folder)["icd10"]


@pytest.fixture(scope="module")
def folder() -> Path:
    """Return the folder of the excerpts; it lies beside the releases."""
    folder = Path(RELEASES or "").parent / "samples" / "claml"
    if not folder.is_dir():
        pytest.skip("no folder samples/claml lies beside the release files")
    return folder


@pytest.fixture(scope="module")
def edition(folder: Path, tmp_path_factory: pytest.TempPathFactory):
    """Return the excerpt as an edition."""
    store = tmp_path_factory.mktemp("examples")
    report = terminology.load(folder / "parser_examples.xml", store=store, version="2019", loaders=LOADERS)
    assert () == report.errors
    return terminology.open(store)["icd10"].latest


class TestLive:
    """The publisher's own files."""

    pytestmark = live

    def test_counts(self, loaded):
        """12,187 codes, of which 10,607 are terminal."""
        report, system = loaded
        assert () == report.errors
        found = [(r.version, r.effective.isoformat(), r.concepts, r.billable) for r in system.releases]
        assert [("2016", "2016-01-01", 12187, 10607)] == found
        kinds = system.latest.table("concepts").column("kind").to_pylist()
        assert {"chapter": 22, "block": 263, "category": 2049, "code": 10138} == {k: kinds.count(k) for k in set(kinds)}

    def test_hierarchy(self, loaded):
        """Chapters bear WHO's numbers, blocks of one category a dash."""
        edition = loaded[1].latest
        assert ("C50-C50", "II") == edition.ancestors("C50")
        assert ("A00", "A00-A09", "I") == edition.ancestors("A00.0")
        assert ("XVIII",) == edition.ancestors("R00-R09")

    def test_asterisks_and_flags(self, loaded):
        """372 codes are asterisk codes; terminal categories are billable, subdivided ones headers."""
        edition = loaded[1].latest
        table = edition.table("concepts")
        usages = [text for text in table.column("properties").to_pylist() if text and '"usage":"aster"' in text]
        assert 372 == len(usages)
        assert ["header", "billable", "billable", "billable", "header"] == [
            edition.status(code) for code in ("A00", "A00.0", "M45", "W00", "W26")
        ]

    def test_coverage(self, loaded):
        """The newest release lasts without end."""
        system = loaded[1]
        assert ("uncovered", "billable") == (
            system.on("2015-12-31").status("A00.0"),
            system.on("2040-01-01").status("A00.0"),
        )


class TestExamples:
    """Every modifier pattern of WHO's file, as an excerpt made by others shows them."""

    pytestmark = live

    def test_undated(self, folder: Path, tmp_path: Path):
        """The excerpt names no year: it is refused until one is given."""
        report = terminology.load(folder / "parser_examples.xml", store=tmp_path, loaders=LOADERS)
        assert ["neither name nor content states the year of the file: give --version"] == [
            e.message for e in report.errors
        ]

    def test_hierarchy(self, edition):
        """Blocks nest, and the long form is the title."""
        assert ("C40", "C40-C41", "C00-C75", "C00-C97", "II") == edition.ancestors("C40.3")
        concept = edition.lookup("C40.3")
        assert ("Malignant neoplasm: Short bones of lower limb", "Short bones of lower limb") == (
            concept.title,
            concept.short_title,
        )
        assert "Vitamin B12 deficiency anaemia" == edition.lookup("D51").title

    @pytest.mark.parametrize(
        ("parent", "codes"),
        [
            ("E10", [f"E10.{digit}" for digit in range(10)]),
            ("I70.0", ["I70.00", "I70.01"]),
            ("M45", [f"M45.X{digit}" for digit in range(10)]),
            ("M00.0", [f"M00.0{digit}" for digit in range(10)]),
            ("T14.2", ["T14.20", "T14.21"]),
            ("M13.0", [f"M13.0{digit}" for digit in range(10)]),
        ],
    )
    def test_patterns(self, edition, parent: str, codes: list[str]):
        """Each pattern makes its codes, all of them billable, and no other."""
        assert codes == list(edition.children(parent))
        assert {"billable"} == {edition.status(code) for code in codes}

    @pytest.mark.parametrize(
        ("code", "title", "short"),
        [
            ("E10.0", "Type 1 diabetes mellitus: With coma", "With coma"),
            ("I70.00", "Atherosclerosis of aorta: without gangrene", "without gangrene"),
            ("M45.X0", "Ankylosing spondylitis: Multiple sites in spine", "Multiple sites in spine"),
            ("T14.20", "Fracture of unspecified body region: closed", "closed"),
        ],
    )
    def test_titles(self, edition, code: str, title: str, short: str):
        """A title joins base and value."""
        concept = edition.lookup(code)
        assert (title, short) == (concept.title, concept.short_title)

    def test_usage(self, edition):
        """Dagger and partner come from the class or from the value."""
        assert ("dagger", ["G01"]) == tuple(edition.lookup("A17.0").properties[n] for n in ("usage", "partners"))
        assert ("dagger", ["N08.3"]) == tuple(edition.lookup("E10.2").properties[n] for n in ("usage", "partners"))
        assert "usage" not in edition.lookup("E10.0").properties

    def test_notes(self, edition):
        """Exclusions keep the codes that they name."""
        found = [(note.text, note.targets) for note in edition.notes("C40-C41", inherited=False)]
        assert [("bone marrow NOS (C96.7)", ("C96.7",)), ("synovia (C49.-)", ("C49.-",))] == found
        assert 4 == len([note for note in edition.notes("E10.0", inherited=False) if note.kind == "inclusion"])

    def test_the_other_excerpt(self, folder: Path, tmp_path: Path):
        """An excerpt of 2010 whose root and codes are written otherwise is read."""
        report = terminology.load(folder / "ExampleClaMLICD10Codes.xml", store=tmp_path, loaders=LOADERS)
        assert [("2010", 46, 41)] == [
            (i.release.version, i.release.concepts, i.release.billable) for i in report.loaded
        ]
        assert ("C22", "C15-C26", "C00-C75", "C00-C97", "II") == terminology.open(tmp_path)["icd10"].latest.ancestors(
            "C22.0"
        )
