"""Files of synonyms: their form, in which direction they lead, for which systems, and what a mistake in one says."""

from __future__ import annotations

import pytest

import terminology
from terminology.errors import TerminologyError
from terminology.search.synonyms import PACKAGED, Synonyms, synonym_files
from terminology.search.words import words_of
from terminology_loaders.icd10cm import Icd10cmLoader

from ..loaders.index_files import HEART_ROWS
from ..release_files import order_file, written


def synonyms(tmp_path, text, system="icd10cm"):
    """The synonyms of one file."""
    file = tmp_path / "own.txt"
    file.write_text(text, encoding="utf-8")
    return Synonyms.of([file], system)


def readings(known, text, **options):
    """The ways to ask a question, as texts."""
    return [" ".join(reading.words) for reading in known.readings(words_of(text), **options)]


def test_the_left_side_means_the_right_side_and_not_the_other_way(tmp_path):
    """A heart attack is an infarction; who asks for an infarction does not ask for an attack."""
    known = synonyms(tmp_path, "heart attack, MI = myocardial infarction | coronary thrombosis\n")
    assert ["mi", "myocardial infarction", "coronary thrombosis"] == readings(known, "MI")
    assert ["old heart attack", "old myocardial infarction", "old coronary thrombosis"] == readings(
        known, "Old heart attacks"
    )
    assert ["myocardial infarction"] == readings(known, "myocardial infarction")


def test_a_tilde_leads_both_ways(tmp_path):
    """Each of the words means the others."""
    known = synonyms(tmp_path, "kidney ~ renal ~ nephric")
    assert ["renal failure", "kidney failure", "nephric failure"] == readings(known, "renal failure")


def test_the_longest_phrase_counts_and_several_are_read_together(tmp_path):
    """First all of them, then each by itself."""
    known = synonyms(tmp_path, "lap = laparoscopic\nchole = cholecystectomy\nlap dog = small dog")
    assert "laparoscopic cholecystectomy" == readings(known, "lap chole")[1]
    assert ["lap dog", "small dog"] == readings(known, "lap dog")


def test_a_phrase_in_another_order_is_the_phrase(tmp_path):
    """Its words may also stand apart."""
    known = synonyms(tmp_path, "heart attack = myocardial infarction\near pain = otalgia")
    assert ["attack heart", "myocardial infarction"] == readings(known, "attack heart")
    assert ["pain left ear", "otalgia left"] == readings(known, "pain in left ear")


def test_sections_are_for_their_systems(tmp_path):
    """Until the next one."""
    text = "a1 = b\n[icd10pcs hcpcs]\nlap = laparoscopic\n[*]\nc1 = d\n"
    assert ["lap"] == readings(synonyms(tmp_path, text), "lap")
    assert ["lap", "laparoscopic"] == readings(synonyms(tmp_path, text, "hcpcs"), "lap")


@pytest.mark.parametrize(
    ("text", "line"), [("heart attack\n", 1), ("# fine\n\na = \n", 3), ("a = b\n~\n", 2), ("= b", 1)]
)
def test_a_line_that_is_no_synonym_is_an_error_with_its_place(tmp_path, text, line):
    """File, line, what was expected."""
    with pytest.raises(TerminologyError, match=rf"own.txt, line {line}: expected 'words = words'"):
        synonyms(tmp_path, text)


def test_a_file_that_is_gone_is_an_error_with_its_name(tmp_path):
    """And no traceback."""
    with pytest.raises(TerminologyError, match=r"gone\.txt"):
        Synonyms.of([tmp_path / "gone.txt"], "icd10cm")


def test_the_packaged_file_is_read_whole_for_every_system():
    """Several hundred lines, none of them a mistake."""
    for system in ("icd10cm", "icd10pcs", "hcpcs", "icd9cm", "cpt"):
        assert 1_000 < len(Synonyms.of([PACKAGED], system).by_phrase)


def test_files_of_the_caller_and_of_the_store_are_added(tmp_path):
    """The caller's first, then the store's, then the packaged one."""
    files = written(tmp_path / "files", {"icd10cm_order_2021.txt": order_file(HEART_ROWS)})
    terminology.load(files, store=tmp_path / "store", loaders={"icd10cm": Icd10cmLoader()})
    assert () == terminology.open(tmp_path / "store")["icd10cm"].latest.search("keeling over")
    own = tmp_path / "own.txt"
    own.write_text("keeling over = syncope", encoding="utf-8")
    (hit,) = terminology.open(tmp_path / "store")["icd10cm"].latest.search("keeling over", synonyms=[own])
    assert ("R55", "synonym", ("own.txt: keeling over = syncope",)) == (hit.code, hit.matched, hit.via)
    (tmp_path / "store" / "synonyms").mkdir()
    own.rename(tmp_path / "store" / "synonyms" / "own.txt")
    (hit,) = terminology.open(tmp_path / "store")["icd10cm"].latest.search("keeling over")
    assert "R55" == hit.code
    assert ["own.txt", "synonyms.txt"] == [file.name for file in synonym_files(tmp_path / "store")]


# ---- mistakes in phrases


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hart atack", "heart attack"),
        ("hart attack", "heart attack"),
        ("haert attakc again", "heart attack again"),
        ("heart attack", "heart attack"),
        ("hare tack", "hare tack"),
        ("liver atack", "liver atack"),
        ("ox", "ox"),
    ],
)
def test_a_mistake_in_a_phrase_is_mended_where_a_phrase_comes_of_it(tmp_path, text, meant):
    """Other words stay as they are, and so do those that are words of phrases and short ones."""
    known = synonyms(tmp_path, "heart attack = myocardial infarction\nliver spot, ax = lentigo")
    assert tuple(meant.split()) == known.mended(text.split())


def test_a_mistake_in_a_phrase_is_looked_for_where_nothing_answers_well(tmp_path):
    """A phrase that is written right and one that is not lead to the same code; what a title says is no mistake."""
    files = written(tmp_path / "files", {"icd10cm_order_2021.txt": order_file(HEART_ROWS)})
    terminology.load(files, store=tmp_path / "store", loaders={"icd10cm": Icd10cmLoader()})
    own = tmp_path / "own.txt"
    own.write_text("keeling over = syncope\nsyncopation = infarction", "utf-8")
    edition = terminology.open(tmp_path / "store")["icd10cm"].latest
    right, wrong = (edition.search(text, 1, synonyms=[own])[0] for text in ("keeling over", "keelling ovver "))
    assert ("R55", right.via) == (wrong.code, wrong.via)
    assert wrong.score < right.score
    assert () == edition.search("syncope", 1, synonyms=[own])[0].via
