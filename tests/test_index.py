"""From words to codes: ranking, references, borrowed indexes, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import terminology
from terminology import UnknownReleaseError
from terminology.cli.application import run
from terminology.index import entries, volumes
from terminology_loaders.icd10cm import Icd10cmLoader

from .loaders.index_files import HEART, HEART_ROWS, index_file, sub, term
from .release_files import order_file, written

NEOPLASM = index_file("neoplasm", term("Heart muscle", cells=("I21.9", "I21.0-", "-", "-", "-", "-")))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A store of three years: 2020 without an index, 2021 with the alphabetic one, 2022 with the neoplasm table."""
    place = tmp_path_factory.mktemp("index")
    files = {f"icd10cm_order_{year}.txt": order_file(HEART_ROWS) for year in (2020, 2021, 2022)}
    files["Index.xml"] = HEART.replace(b"<version>2022", b"<version>2021")
    files["Neoplasm.xml"] = NEOPLASM
    report = terminology.load(
        written(place / "files", files), store=place / "store", loaders={"icd10cm": Icd10cmLoader()}
    )
    assert ((), ()) == (report.errors, report.skipped)
    return place / "store"


@pytest.fixture(scope="module")
def cm(folder):
    """ICD-10-CM in that store."""
    return terminology.open(folder)["icd10cm"]


def found(edition, text: str, **options):
    """Return path, code and the path that led there of each entry."""
    return [(entry.path[-1], entry.code, entry.via[-1:]) for entry in entries(edition, text, **options)]


def test_heart_attack_leads_to_its_code(cm):
    """The entry that fits best only refers to another, which follows it with the code."""
    first, second, *_ = entries(cm.release("2021"), "heart attack")
    assert (("Attack, attacks", "heart"), None, "infarct, myocardium") == (first.path, first.code, first.see)
    assert (("Infarct, infarction", "myocardium, myocardial"), "I21.9", True) == (
        second.path,
        second.code,
        second.billable,
    )
    assert ("Attack, attacks", "heart") == second.via
    assert (False, "2021", "Index.xml") == (second.borrowed, second.version, second.source.file)


def test_an_incomplete_code_is_not_billable(cm):
    """The beginning of a code is given as such."""
    (entry, *_) = entries(cm.release("2021"), "myocardial anterior")
    assert ("I21.0", False, False) == (entry.code, entry.complete, entry.billable)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("HEART", "Heart"),
        ("infarct", "Infarct, infarction"),
        ("meniere", "Ménière's disease"),
        ("drop att", "drop NEC"),
        ("acute infarction", "myocardium, myocardial"),
    ],
)
def test_what_comes_first(cm, text, first):
    """Main terms come before what stands below them; case, accents and ends of words do not matter."""
    assert first == found(cm.release("2021"), text)[0][0]


@pytest.mark.parametrize("text", ["", "  ,", "nothing like it", "eart"])
def test_nothing_is_found(cm, text):
    """Without words, or without an entry that holds all of them, the result is empty."""
    assert () == entries(cm.release("2021"), text)


def test_words_that_are_repeated_count_once(cm):
    """And those beyond the twelfth do not count."""
    wanted = found(cm.release("2021"), "heart attack")
    assert found(cm.release("2021"), "heart attack " * 50) == wanted


def test_of_very_many_rows_those_nearest_to_main_terms_are_ranked(cm, monkeypatch):
    """A single letter finds thousands."""
    monkeypatch.setattr("terminology.index.rows.MOST_RANKED", 1)
    ranked = [entry for entry in entries(cm.release("2021"), "a") if not entry.via]
    assert ranked
    assert all(len(entry.path) == 1 for entry in ranked if entry.index == "alphabetic")


def test_the_limit_counts_what_the_words_find(cm):
    """What a reference leads to is shown beyond the limit."""
    assert [("heart", None, ()), ("myocardium, myocardial", "I21.9", ("heart",))] == found(
        cm.release("2021"), "heart attack", limit=1
    )


def test_references_in_a_circle_end(cm):
    """References that lead back to where they began are followed once."""
    assert ["Round", "round"] == [path for path, _, _ in found(cm.release("2021"), "round", limit=1)]


def test_cells(cm):
    """An entry of the neoplasm table has a cell for each behavior that has a code."""
    entry = next(entry for entry in entries(cm.release("2022"), "heart") if entry.index == "neoplasm")
    assert [("Malignant Primary", "I21.9", True), ("Malignant Secondary", "I21.0", False)] == [
        (cell.heading, cell.code, cell.billable) for cell in entry.cells
    ]


def test_an_index_is_not_borrowed_silently(cm):
    """What comes from another release's index says so, each of the four by itself."""
    versions = {entry.index: (entry.version, entry.borrowed) for entry in entries(cm.release("2022"), "heart")}
    assert {"alphabetic": ("2021", True), "neoplasm": ("2022", False)} == versions


def test_only_releases_that_are_known_lend(cm):
    """An edition does not borrow from a release that it does not know of."""
    with pytest.raises(UnknownReleaseError, match="came with an index"):
        entries(cm.release("2020"), "heart")
    assert [("2021", True)] == list({(e.version, e.borrowed) for e in entries(cm.on("2019-12-01"), "attack")})


REFERENCES = index_file(
    "alphabetic",
    term("Blood-forming organs, disease", code="R55"),
    term("Complication<nemod>(s)</nemod>", sub("graft NEC", code="R55")),
    term("Disease, diseased", sub("heart", sub("disease", code="I21.9"), code="I21.9"), code="R55"),
    term("Disease", sub("heart, chronic", code="H81.01")),
    term("Insanity, psychosis, or syndrome", code="R55"),
    term("Psychosis, psychotic", code="R55"),
)


@pytest.mark.parametrize(
    ("reference", "path"),
    [
        ("Disease", ("Disease",)),
        ("disease, diseased", ("Disease, diseased",)),
        ("Diseased", ("Disease, diseased",)),
        ("Disease, heart", ("Disease", "heart, chronic")),
        ("Disease, heart, disease", ("Disease, diseased", "heart", "disease")),
        ("Disease, heart, by type", ("Disease", "heart, chronic")),
        ("Psychosis", ("Psychosis, psychotic",)),
        ("Blood-forming organs", ("Blood-forming organs, disease",)),
        ("Complications, graft", ("Complication", "graft NEC")),
        ("Disease, liver", ("Disease",)),
        ("Liver", None),
    ],
)
def test_a_reference_leads_to_the_main_term_that_begins_so(tmp_path, reference, path):
    """A main term that is called so is first, then those that begin so; no term below another, nor with the word inside."""
    pointer = index_file("external", term("Pointer", see=reference), year=2021)
    files = {
        "icd10cm_order_2021.txt": order_file(HEART_ROWS),
        "Index.xml": REFERENCES.replace(b"<version>2022", b"<version>2021"),
        "E-Index.xml": pointer,
    }
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store")
    assert report.ok
    found = entries(terminology.open(tmp_path / "store")["icd10cm"].release("2021"), "pointer")
    assert [("Pointer",), path] == [*(entry.path for entry in found), None][:2]


class TestCommand:
    """``terminology index``."""

    def test_words(self, folder: Path, capsys):
        """References stand below what refers, and a borrowed index is named."""
        assert 0 == run(["index", "icd10cm", "heart attack", "--store", str(folder)])
        assert capsys.readouterr().out == (
            "Attack, attacks › heart  see infarct, myocardium\n"  # noqa: RUF001
            "  Infarct, infarction › myocardium, myocardial (acute) "  # noqa: RUF001
            "(with stated duration of 4 weeks or less)  I21.9 billable\n"
            "2022 came without this index (alphabetic): the entries are those of release 2021\n"
        )

    def test_cells_and_categories(self, folder: Path, capsys):
        """Cells stand below their term, with a dash where a code is to be completed."""
        assert 0 == run(["index", "icd10cm", "muscle", "--store", str(folder)])
        assert "  Malignant Primary: I21.9 billable\n  Malignant Secondary: I21.0-\n" in capsys.readouterr().out
        assert 0 == run(["index", "icd10cm", "Ménière", "--on", "2020-10-01", "--store", str(folder)])
        assert "Ménière's disease  see H81.0\n" == capsys.readouterr().out

    def test_json(self, folder: Path, capsys):
        """The JSON has every field of an entry."""
        run(["index", "icd10cm", "heart attack", "--limit", "1", "--json", "--store", str(folder)])
        values = json.loads(capsys.readouterr().out)
        assert [None, "I21.9"] == [value["code"] for value in values]
        assert {"index", "path", "nonessential", "code", "complete", "billable", "manifestation", "see", "see_also"} | {
            "category",
            "cells",
            "via",
            "version",
            "borrowed",
            "source",
        } == set(values[0])

    def test_nothing_found(self, folder: Path, capsys):
        """Without an entry the exit code is 1."""
        assert 1 == run(["index", "icd10cm", "zebra", "--store", str(folder)])
        assert "no entry of the index holds all of these words\n" == capsys.readouterr().out

    def test_the_alphabetic_index_is_missing(self, tmp_path, capsys):
        """Where only the tables were loaded, the answer says which, found or not."""
        files = {"icd10cm_order_2022.txt": order_file(HEART_ROWS), "Neoplasm.xml": NEOPLASM}
        store = tmp_path / "store"
        terminology.load(written(tmp_path / "files", files), store=store, loaders={"icd10cm": Icd10cmLoader()})
        assert 1 == run(["index", "icd10cm", "infarct", "--store", str(store)])
        assert capsys.readouterr().out.endswith("words\nthe alphabetic index is not loaded; searched: neoplasm\n")


def test_a_reference_without_a_target(tmp_path):
    """A reference that names no term is shown and leads nowhere."""
    data = index_file("alphabetic", term("Heart", sub("old", see="condition, by type")))
    files = {"icd10cm_order_2022.txt": order_file(HEART_ROWS), "Index.xml": data}
    loaders = {"icd10cm": Icd10cmLoader()}
    terminology.load(written(tmp_path / "files", files), store=tmp_path / "store", loaders=loaders)
    assert [("old", None, ())] == found(terminology.open(tmp_path / "store")["icd10cm"].latest, "old heart")


def test_the_index_of_icd10pcs(sample_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The index of ICD-10-PCS, whose rows have another form, leads to tables, beginnings of codes and whole codes."""
    edition = terminology.open(sample_store)["icd10pcs"].release("2022-04")
    pancreas, *_ = entries(edition, "resection pancreas")
    assert (("Resection", "Pancreas"), "0FTG", False) == (pancreas.path, pancreas.code, pancreas.complete)
    assert (pancreas.source.file, pancreas.source.line) == ("icd10pcs_index_2022.xml", 34)
    [booster, *_] = entries(edition, "vaccine booster subcutaneous")
    assert ("XW013W7", True, edition.is_billable("XW013W7")) == (booster.code, booster.complete, booster.billable)
    assert 0 == run(["index", "icd10pcs", "cholecystectomy", "--store", str(sample_store)])
    assert "Cholecystectomy  0FT4-; see Resection, Gallbladder" in capsys.readouterr().out
    assert 1 == run(["index", "icd10pcs", "appendectomy", "--store", str(sample_store)])


def test_where_no_release_has_an_index(sample_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A system without an index is bad input, and the message says which files to load."""
    assert 2 == run(["index", "hcpcs", "wheelchair", "--store", str(sample_store)])
    assert "no release of hcpcs up to 2019-01-01 came with an index" in capsys.readouterr().err


class TestWalking:
    """An index term by term: `volumes`."""

    def test_letters_and_main_terms(self, cm) -> None:
        """Each index by itself, from the nearest release that came with it."""
        alphabetic, neoplasm = volumes(cm.release("2022"))
        assert ("alphabetic", "2021", True) == (alphabetic.which, alphabetic.version, alphabetic.borrowed)
        assert ("neoplasm", "2022", False) == (neoplasm.which, neoplasm.version, neoplasm.borrowed)
        assert {"H": 1} == neoplasm.letters
        assert [("Infarct, infarction",)] == alphabetic.main_terms("i")
        assert ("M", []) == (alphabetic.letter_of("Ménière's disease"), alphabetic.main_terms("Q"))

    def test_below_a_term(self, cm) -> None:
        """In the publisher's order, with what each leads to."""
        alphabetic, _ = volumes(cm.release("2022"))
        path, *others = alphabetic.below(("Infarct, infarction",))
        [term] = alphabetic.terms([path])
        assert ("Infarct, infarction", "myocardium, myocardial") in (path, *others)
        assert path == term.path == alphabetic.path_of(" > ".join(path))
        assert [path] == [entry.path for entry in term.entries]
        assert term.below == len(alphabetic.below(path))
        assert ([], [], None) == (alphabetic.below(("Zebra",)), alphabetic.terms([]), alphabetic.path_of("Zebra > a"))

    def test_references(self, cm) -> None:
        """Whether a reference names a main term, and where it leads to."""
        alphabetic, _ = volumes(cm.release("2022"))
        assert ("Infarct, infarction", "myocardium, myocardial") == alphabetic.led_to("infarct, myocardium")
        assert (True, False, None) == (
            alphabetic.refers("infarct, myocardium"),
            alphabetic.refers("condition"),
            alphabetic.led_to("condition"),
        )

    def test_terms_of_procedures_with_several_targets(self, sample_store: Path) -> None:
        """Each target is an entry; a term that stands in no row of its own has none."""
        [volume] = volumes(terminology.open(sample_store)["icd10pcs"].release("2022-04"))
        cholecystectomy, resection = volume.terms([("Cholecystectomy",), ("Resection",)])
        assert ["0FB4", "0FT4"] == [entry.code for entry in cholecystectomy.entries]
        assert ([None], 2) == ([entry.code for entry in resection.entries], resection.below)
