"""Crossings between code systems: what an inverted map says, and which of several maps answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import terminology

from ..release_files import written

COMPLAINTS = "https://example.org/complaints"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"


def own_map(*rows: str) -> bytes:
    """Return a custom map of complaints with its relationships."""
    heading = ("crosswalk: Complaints", "version: 2022", "effective: 2021-10-01")
    systems = ("source_system: complaints", "target_system: icd10cm")
    lines = [*(f"#{line}" for line in (*heading, *systems)), "source,target,relationship", *rows, ""]
    return "\n".join(lines).encode()


def concept_map(*elements: dict[str, Any]) -> bytes:
    """Return a ConceptMap (R5) between the same systems."""
    resource = {"resourceType": "ConceptMap", "title": "Complaints", "version": "2022", "date": "2021-10-01"}
    group = {"source": COMPLAINTS, "target": ICD10CM, "element": list(elements)}
    return json.dumps({**resource, "group": [group]}).encode()


def mapped(code: str, target: str) -> dict[str, Any]:
    """Return an element of a ConceptMap that maps a code to one code."""
    return {"code": code, "target": [{"code": target, "relationship": "equivalent"}]}


@pytest.mark.parametrize(
    ("published", "inverted"),
    [
        ("equivalent", "equivalent"),
        ("source-is-narrower-than-target", "source-is-broader-than-target"),
        ("source-is-broader-than-target", "source-is-narrower-than-target"),
        ("related-to", "related-to"),
    ],
)
def test_an_inverted_map_has_its_relationships_inverted(tmp_path: Path, published: str, inverted: str) -> None:
    """What is narrower than its target is, seen from the target, broader."""
    files = written(tmp_path / "files", {"complaints.csv": own_map(f"back pain,M54.50,{published}")})
    assert terminology.load(files, store=tmp_path / "store").errors == ()
    store = terminology.open(tmp_path / "store")
    (there,) = store.translate("back pain", source="complaints", target="icd10cm").alternatives
    (back,) = store.translate("M54.50", source="icd10cm", target="complaints", inverted=True).alternatives
    assert (published, inverted) == (there.relationship, back.relationship)
    assert (False, True) == (there.path[0].inverted, back.path[0].inverted)


def test_no_map_is_an_answer(tmp_path: Path) -> None:
    """Where the first map that covers a code says that it has no counterpart, the next one is not asked."""
    files = {
        "map.json": concept_map(*(mapped(*pair) for pair in (("back pain", "M54.50"), ("cough", "R05.9")))),
        "complaints.csv": own_map("back pain,,"),
    }
    assert terminology.load(written(tmp_path / "files", files), store=tmp_path / "store").errors == ()
    store = terminology.open(tmp_path / "store")
    found = store.translate("back pain", source="complaints", target="icd10cm")
    assert ("none", (), True) == (found.outcome, found.alternatives, found.is_complete)
    found = store.translate("cough", source="complaints", target="icd10cm")
    assert [("R05.9",)] == [one.codes for one in found.alternatives]
