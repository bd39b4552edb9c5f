"""Texts of licensed systems leave the process only under a declared licence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import terminology
from terminology.licences import declared_licences, licence_notice, may_show, outgoing
from terminology.samples import sample_folders
from terminology.systems import SYSTEMS
from terminology_loaders.cpt import CptLoader

CPT = SYSTEMS["cpt"]
SAMPLES = Path(terminology.__file__).parent / "samples" / "cpt"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """A store of the invented CPT sample."""
    folder = tmp_path_factory.mktemp("store")
    terminology.load(SAMPLES, store=folder, loaders={"cpt": CptLoader()})
    return folder


@pytest.fixture
def edition(path):
    """The newest edition."""
    return terminology.open(path)["cpt"].latest


def test_which_systems_are_licensed():
    """CPT, WHO's classifications and ICD-10-GM need a licence, the works of the US government do not."""
    assert {"cpt", "icd10", "icd10gm", "icd11"} == licensed_names()


def licensed_samples():
    """Return the sample files of licensed systems, and of the crosswalks to and from them."""
    folders = [folder for folder in sample_folders() if licensed_names().intersection(folder.name.split("_"))]
    return [path for folder in folders for path in sorted(folder.iterdir())]


def licensed_names():
    """Return the short names of the licensed systems."""
    return {name for name, one in SYSTEMS.items() if one.licensed}


@pytest.mark.parametrize("path", licensed_samples(), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_samples_of_licensed_systems_are_invented(path):
    """Each of their files says in its texts that they are invented, or has codes alone."""
    words = re.findall(r"[a-z]{3,}", path.read_text(encoding="utf-8").lower())
    assert not words or {"invented", "erfunden"} & set(words)


def test_licensed_systems_have_samples():
    """All licensed systems that have a loader are looked at, and the crosswalks of ICD-10-GM and ICD-11."""
    folders = {path.parent.name for path in licensed_samples()}
    assert {"cpt", "icd10", "icd10gm", "icd10_icd11", "icd10gm_transition"} == folders


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", set()), ("cpt,icd10", {"cpt", "icd10"}), (" CPT4 ", {"cpt"}), ("urn:oid:2.16.840.1.113883.6.12", {"cpt"})],
)
def test_the_environment_declares(monkeypatch, value, expected):
    """Names, aliases, URIs and OIDs are accepted in the variable."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", value)
    assert expected == declared_licences()


def test_an_argument_declares(path, monkeypatch):
    """What is given when the store is opened stands in place of the variable."""
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "icd10")
    assert {"icd10"} == terminology.open(path).licences
    assert {"cpt"} == terminology.open(path, licences=("cpt",)).licences
    assert set() == terminology.open(path, licences=()).licences


def test_may_show():
    """A licence opens its own system; systems without licence are open."""
    assert (True, False, True) == (may_show(SYSTEMS["hcpcs"], ()), may_show(CPT, ("icd10",)), may_show(CPT, ("cpt",)))


def test_answers_in_the_process_carry_the_text(edition):
    """Python answers have texts and notice, whatever is declared."""
    assert "Invented service, first level" == edition["99990"].title
    assert edition.release.licence.startswith("INVENTED SAMPLE")


def test_a_concept_without_texts(edition):
    """An outgoing concept keeps code, status, days and facts, and says that its text is withheld."""
    concept = edition["9992U"]
    sent = outgoing(concept, CPT, ())
    assert ("", None, "billable", concept.effective_from) == (
        sent.title,
        sent.short_title,
        sent.status,
        sent.effective_from,
    )
    expected = {"category": "PLA", "pla_status": "NEW", "pla_published": "2025-01-01", "text_withheld": True}
    assert expected == dict(sent.properties)


def test_a_declared_licence_opens(edition):
    """With the licence the answer is the same object."""
    concept = edition["99990"]
    assert outgoing(concept, CPT, ("cpt",)) is concept


def test_a_definition_is_a_fact():
    """Names and identifiers of a code system are stated here, not by its publisher's files."""
    cpt = SYSTEMS["cpt"]
    assert outgoing(cpt, cpt, ()) == cpt


def test_an_object_without_texts():
    """Texts at any depth of a JSON object are blanked, facts stay."""
    values = {
        "code": "99990",
        "title": "Invented",
        "properties": {"category": "I", "medium_title": "INVENTED"},
        "notes": [{"kind": "notes", "text": "Invented words", "targets": ["99991"]}],
        "source": {"file": "LONGULT.txt"},
    }
    expected = {
        "code": "99990",
        "title": "",
        "properties": {"category": "I"},
        "notes": [{"kind": "notes", "text": None, "targets": ["99991"]}],
        "source": {"file": "LONGULT.txt"},
        "text_withheld": True,
    }
    assert expected == outgoing(values, CPT, ())


@pytest.mark.parametrize("name", ["concepts", "published", "history"])
def test_a_table_without_texts(edition, name):
    """No word of the publisher's is left in an outgoing table, of whatever kind."""
    table = outgoing(edition.table(name), CPT, ())
    assert {True} == set(table.column("text_withheld").to_pylist())
    words = [str(value) for row in table.to_pylist() for value in row.values()]
    assert not [word for word in words if "nvented" in word or "INVENTED" in word]
    assert "99990" in words


def test_the_notice(edition):
    """The notice is the first line of the publisher's own, else words of ours; open systems have none."""
    assert licence_notice(CPT, edition.release).startswith("INVENTED SAMPLE in the layout of CPT 2025 files")
    assert "CPT is licensed by its publisher" in licence_notice(CPT, None)
    assert licence_notice(SYSTEMS["hcpcs"], None) is None


@pytest.mark.parametrize("code", ["99990", "99990:25"])
def test_the_command_line_begins_with_the_notice(path, capsys, code):
    """The card of a licensed code, or of an expression, begins with the licence notice."""
    from terminology.cli.application import run

    assert 0 == run(["lookup", "cpt", code, "--store", str(path)])
    assert capsys.readouterr().out.startswith("INVENTED SAMPLE in the layout of CPT 2025 files.")
