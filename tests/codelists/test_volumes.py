"""Lists under the URI that both volumes of ICD-9-CM share."""

from __future__ import annotations

import json

import pytest

from terminology import ReleaseFormatError
from terminology.codelists import CodeList, migration_of

URI = "http://hl7.org/fhir/sid/icd-9-cm"
OIDS = {"icd9cm": "urn:oid:2.16.840.1.113883.6.103", "icd9pcs": "urn:oid:2.16.840.1.113883.6.104"}


def read(codes: str, asked: str | None = None, system: str = URI) -> CodeList:
    """Return a value set of codes."""
    include = [{"system": system, "concept": [{"code": code} for code in codes.split()]}]
    text = json.dumps({"resourceType": "ValueSet", "compose": {"include": include}}, indent=1)
    return CodeList.parse(text, asked, form="json")


@pytest.mark.parametrize(
    ("codes", "asked", "system", "kept"),
    [
        ("038.9 250.00", None, "icd9cm", "038.9 250.00"),
        ("38.93 96.6 3893", None, "icd9pcs", "38.93 96.6 3893"),
        ("38.93 96.6 038.9", None, "icd9pcs", "38.93 96.6"),
        ("38.93 038.9", "icd9pcs", "icd9pcs", "38.93"),
        ("38.93 038.9", "icd9cm", "icd9cm", "038.9"),
        ("38.93 V45.1 E885", None, "icd9cm", "V45.1 E885"),
        ("3893 0389", "icd9pcs", "icd9pcs", "3893 0389"),
        ("25000", None, "icd9cm", "25000"),
    ],
)
def test_codes_say_which_volume_they_are_of(codes, asked, system, kept):
    """The volume that is asked for is read, else the one of most codes with a dot."""
    found = read(codes, asked)

    assert (system, kept) == (found.system, " ".join(entry.text for entry in found.entries))


def test_rows_of_the_other_volume_are_counted():
    """What is of the other volume is counted in a warning that says how it is read."""
    [warning] = read("38.93 038.9 96.6 97").warnings

    assert "1 row of ICD-9-CM diagnoses (line " in warning
    assert ": 038.9) in a list of ICD-9-CM procedures, left out: --system icd9cm reads them" in warning
    assert () == read("38.93 96.6").warnings


def test_codes_that_may_be_of_either():
    """Where no code says it, they are read as diagnoses, and a warning says how they are read as procedures."""
    found = read("3893 4019")

    assert "icd9cm" == found.system
    assert "where they are procedures, give --system icd9pcs" in found.warnings[0]
    assert () == read("3893 4019", "icd9cm").warnings


def test_nothing_of_the_volume_that_is_asked_for():
    """A list without a code of the volume that is asked for is an error that names the other."""
    with pytest.raises(ReleaseFormatError, match="--system icd9cm reads them"):
        read("038.9", "icd9pcs")


@pytest.mark.parametrize("volume", ["icd9cm", "icd9pcs"])
def test_each_volume_has_an_oid(volume):
    """Under an OID the list is of its volume, whatever the codes look like."""
    found = read("38.93 038.9", system=OIDS[volume])

    assert (volume, 2, ()) == (found.system, len(found.entries), found.warnings)


def test_a_text_under_the_shared_uri(store):
    """A list in plain text is read in the same way, and so is its proposal."""
    found = CodeList.parse(f"system: {URI}\n25000\n38.93\n250.00\n")
    versions = [release.version for release in store["icd9cm"].releases]
    proposal = migration_of(found, store["icd9cm"], versions[0], versions[-1]).proposal()

    assert ("icd9cm", ["25000", "250.00"]) == (found.system, [entry.text for entry in found.entries])
    assert found.system == proposal.system
    assert "38.93" not in [entry.text for entry in proposal.entries]
