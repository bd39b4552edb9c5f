"""The notes, seventh characters and index files of every real release with XML, against a plain reading of the bytes."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from terminology import CodeSystem

NOTES = ("notes", "includes", "inclusionTerm", "excludes1", "excludes2", "codeFirst", "useAdditionalCode", "codeAlso")
EXPECTED = {
    "FY2016/ICD10CM_FY2016_ Full_ XML.ZIP!Tabular.xml": "2016",
    "FY2017/ICD10CM_FY2017_Full_XML.zip!icd10cm_tabular_2017.xml": "2017",
    "FY2021-Jan/icd10cm_tabular_2021.xml": "2021-01",
    "FY2025-Apr/icd10cm-tabular-April-2025.xml": "2025-04",
}
"""By file: the release that it belongs to."""
INDEXES = {
    "2016": {"Index.xml", "E-Index.xml", "Neoplasm.xml", "Drug.xml"},
    "2017": {f"icd10cm_{name}_2017.xml" for name in ("index", "eindex", "neoplasm", "drug")},
    "2019": {f"icd10cm_{name}_2019.xml" for name in ("eindex", "neoplasm", "drug")},
    "2020": {f"icd10cm_{name}_2020.xml" for name in ("eindex", "neoplasm", "drug")},
    "2021": {f"icd10cm_{name}_2021.xml" for name in ("eindex", "neoplasm", "drug")},
    "2022": {f"icd10cm_{name}_2022.xml" for name in ("eindex", "neoplasm", "drug")},
    "2024-04": {"icd10cm-drug-April-2024.txt"},
}
"""By release: the files of its index."""


def root_of(releases: Path, name: str) -> ET.Element:
    """Return the document of a file, or of a member of an archive."""
    path, _, member = name.partition("!")
    file = releases / "icd10cm" / path
    if not member:
        return ET.fromstring(file.read_bytes())  # noqa: S314 -- the official files are trusted
    with zipfile.ZipFile(file) as archive:
        return ET.fromstring(archive.read(member))  # noqa: S314


def notes_of(element: ET.Element) -> list[tuple[str, str]]:
    """Return kind and text of the notes of a chapter, section or code, in their order."""
    found = []
    for child in element:
        if child.tag in NOTES or child.tag == "sevenChrNote":
            found += [(child.tag, " ".join("".join(note.itertext()).split())) for note in child.iter("note")]
    return found


def codes_of(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    """Yield every chapter, section and code with its element."""
    for chapter in root.iter("chapter"):
        yield chapter.findtext("name", ""), chapter
        for section in chapter.iter("section"):
            name = section.get("id", "")
            yield name if "-" in name else f"{name}-{name}", section
    for diag in root.iter("diag"):
        yield diag.findtext("name", ""), diag


@pytest.mark.parametrize(("file", "version"), EXPECTED.items())
def test_notes_and_seventh_characters(releases: Path, cm: CodeSystem, file: str, version: str) -> None:
    """Every note and every set of seventh characters of a tabular list is what its release says, and nothing else is."""
    edition = cm.release(version)
    assert file.rpartition("!")[2].rpartition("/")[2] in {
        source.file.rpartition("!")[2] for source in edition.release.sources
    }
    compared = 0
    for code, element in codes_of(root_of(releases, file)):
        concept = edition.lookup(code)
        if concept is None or not concept.valid:
            # what the order file does not hold has no answer
            continue
        published = [(kind, text) for kind, text in notes_of(element)]
        said = [(note.kind, " ".join(note.text.split())) for note in edition.notes(code, inherited=False)]
        assert sorted(published) == sorted(pair for pair in said if pair[0] != "visualImpairment"), code
        characters = [
            (one.get("char"), "".join(one.itertext()).strip())
            for definition in element.findall("sevenChrDef")
            for one in definition.findall("extension")
        ]
        named = concept.properties.get("seventh_characters") or ()
        assert characters == [(one["character"], one["meaning"]) for one in named], code
        compared += 1
    assert compared > 43_000


def test_index_files(cm: CodeSystem) -> None:
    """Every release has the index files of its year, and no other has any."""
    found = {}
    for release in cm.releases:
        files = {source.file.rpartition("!")[2] for source in release.sources if source.role == "index"}
        if files:
            found[release.version] = files
    assert {version: {name.lower() for name in names} for version, names in INDEXES.items()} == {
        version: {name.lower() for name in names} for version, names in found.items()
    }


def test_other_releases_have_no_notes(cm: CodeSystem) -> None:
    """A release that came without a tabular list says that its notes are not known."""
    for release in cm.releases:
        known = cm.release(release.version).notes("E11.9").known
        assert known is (release.version in EXPECTED.values())
