"""Copies of releases as FHIR CodeSystems: of terminology servers, and of stores of this library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import CodeSystem, Status
from terminology.ingest import LoadReport
from terminology_loaders.fhir import FhirLoader
from terminology_loaders.generic import GenericLoader
from terminology_loaders.icd10cm import Icd10cmLoader

CM = "http://hl7.org/fhir/sid/icd-10-cm"
CODES = (
    ("9", "Diseases of the circulatory system", None),
    ("I20-I25", "Ischemic heart diseases", "9"),
    ("I20", "Angina pectoris", "I20-I25"),
    ("I20.0", "Unstable angina", "I20"),
    ("I20.1", "Angina pectoris with documented spasm", "I20"),
)
LOADERS = {"fhir": FhirLoader(), "generic": GenericLoader(), "icd10cm": Icd10cmLoader()}


def a_copy(**changed: Any) -> dict[str, Any]:
    """Return a CodeSystem as a terminology server exports it."""
    concepts = [
        {"code": code, "display": title, **({"property": [{"code": "parent", "valueCode": above}]} if above else {})}
        for code, title, above in CODES
    ]
    made = {
        "resourceType": "CodeSystem",
        "url": CM,
        "version": "2025",
        "date": "2023-01-01",
        "status": "active",
        "content": "complete",
        "property": [{"code": "parent", "type": "code", "uri": "http://hl7.org/fhir/concept-properties#parent"}],
        "concept": concepts,
    }
    return {name: value for name, value in {**made, **changed}.items() if value is not None}


def loaded(tmp_path: Path, resource: Any, **options: Any) -> tuple[LoadReport, CodeSystem | None]:
    """Load a resource, and return the report with the system."""
    file = tmp_path / "copy.json"
    file.write_text(json.dumps(resource, indent=1), encoding="utf-8")
    report = terminology.load(file, store=tmp_path / "store", loaders=LOADERS, **options)
    return report, terminology.open(tmp_path / "store").get("icd10cm") if report.loaded else None


def test_a_copy_of_a_server_is_a_release(tmp_path: Path) -> None:
    """By its URL; its version says the first day, and not the date on which somebody edited it."""
    report, system = loaded(tmp_path, a_copy())
    assert report.ok, report.errors
    assert system is not None
    edition = system.latest
    assert [(one.version, str(one.effective)) for one in system.releases] == [("2025", "2024-10-01")]
    assert edition.ancestors("I20.0") == ("I20", "I20-I25", "9")
    assert edition.title("I20.1") == "Angina pectoris with documented spasm"
    assert edition.status("i200") is Status.BILLABLE
    assert edition.status("I20") is Status.HEADER
    assert [edition.node(code).kind for code, _, _ in CODES] == ["chapter", "section", "category", "code", "code"]
    assert len(edition) == 3
    assert edition.source("I20.1").line == 50  # type: ignore[union-attr]
    assert "does not say which codes are billable" in " ".join(system.releases[0].warnings)


def test_what_the_copy_says_of_use_is_believed(tmp_path: Path) -> None:
    """A header is a code that cannot be selected; other properties are kept under their codes."""
    concepts = a_copy()["concept"]
    concepts[3]["property"] += [
        {"code": "notSelectable", "valueBoolean": True},
        {"code": "risk", "valueString": "high"},
    ]
    concepts[3]["designation"] = [{"language": "de", "value": "Instabile Angina pectoris"}]
    report, system = loaded(tmp_path, a_copy(concept=concepts))
    assert report.ok, report.errors
    assert system is not None
    assert system.latest.status("I20.0") is Status.HEADER
    assert system.latest["I20.0"].properties["risk"] == "high"
    assert system.latest.table("designations").column("value").to_pylist() == ["Instabile Angina pectoris"]


def test_nested_concepts_a_bundle_and_other_names_of_the_system_are_read(tmp_path: Path) -> None:
    """The CodeSystem that is alone in a Bundle; one of another URL where the operator says what it is."""
    nested: list[Any] = []
    for code, title, _ in reversed(CODES[:4]):
        nested = [{"code": code, "display": title, **({"concept": nested} if nested else {})}]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": a_copy(concept=nested, url=f"{CM}/")}, {}]}
    report, system = loaded(tmp_path, bundle)
    assert report.ok, report.errors
    assert system is not None
    assert system.latest.ancestors("I20.0") == ("I20", "I20-I25", "9")
    report, system = loaded(tmp_path, a_copy(url="http://a.b/icd10", version="2024"), system="icd10cm")
    assert report.ok, report.errors


def test_a_version_of_another_form_is_taken_by_its_first_day(tmp_path: Path) -> None:
    """That of an effective period; and the release says so."""
    report, system = loaded(tmp_path, a_copy(version="v25.3", effectivePeriod={"start": "2025-04-01"}))
    assert report.ok, report.errors
    assert system is not None
    assert system.releases[0].version == "2025-04"
    assert "version v25.3 is taken for 2025-04, by its first day 2025-04-01" in system.releases[0].warnings[1]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"content": "not-present", "concept": None}, "holds no concepts: they are published elsewhere"),
        ({"content": "fragment"}, "holds a part of the concepts only"),
        ({"content": None}, "does not say that it is complete"),
        ({"version": "v25"}, "the file does not say from which day it is in force"),
        ({"count": 7}, "expected 7 concepts, as count says, got 5"),
        ({"concept": []}, "expected at least one concept, got none"),
        ({"concept": [{"code": "ABC-1", "display": "x"}]}, "expected a code of ICD-10-CM, got 'ABC-1'"),
        ({"concept": [{"code": "I200", "display": "x"}]}, "expected a code of ICD-10-CM, got 'I200'"),
        ({"concept": [{"code": "I20", "display": "x"}] * 2}, "code I20 is on line"),
        (
            {"concept": [{"code": "I20", "display": "x", "property": [{"code": "parent", "valueCode": "9"}]}]},
            "parent 9 of I20 is not in the list",
        ),
        (
            {
                "concept": [
                    {"code": one, "display": "x", "property": [{"code": "parent", "valueCode": other}]}
                    for one, other in (("I20", "I21"), ("I21", "I20"))
                ]
            },
            "the hierarchy has a cycle",
        ),
        ({"concept": [3]}, "expected a concept, got 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_faulty_copy_is_rejected_with_its_reason(tmp_path: Path, changed: Any, said: str) -> None:
    """Nothing of it is loaded."""
    report, _ = loaded(tmp_path, a_copy(**changed))
    assert not report.loaded
    assert said in " ".join(map(str, report.errors))


def test_several_code_systems_in_a_bundle_are_an_error(tmp_path: Path) -> None:
    """A file is one release."""
    report, _ = loaded(tmp_path, {"resourceType": "Bundle", "entry": [{"resource": a_copy()}] * 2})
    assert "expected one CodeSystem in a Bundle, got 2" in str(report.errors[0])


def test_another_system_is_left_to_the_loader_for_any(tmp_path: Path) -> None:
    """As a list of codes of its own name."""
    report, _ = loaded(
        tmp_path, a_copy(url="https://example.org/fruits", name="Fruits", effectivePeriod={"start": "2024-01-01"})
    )
    assert report.ok, report.errors
    assert terminology.open(tmp_path / "store").systems == ("fruits",)


def test_copies_that_differ_reject_each_other(tmp_path: Path) -> None:
    """The same twice is one release; another content under the same version is an error."""
    loaded(tmp_path, a_copy())
    same, _ = loaded(tmp_path, a_copy(publisher="somebody"))
    assert same.ok, same.errors
    report, _ = loaded(tmp_path, a_copy(concept=a_copy()["concept"][:3]))
    assert "lists other codes than copy.json, which is version 2025 too" in str(report.errors[0])


def test_a_definition_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A resource that this library wrote of a system of somebody's own states what is fixed about it."""
    uri = "urn:terminology:property:kind"
    ours = a_copy(url="urn:terminology:fruits", property=[{"code": "kind", "type": "string", "uri": uri}])
    for text in (None, "x", "{}", '{"name": 3}'):
        extension = [{"url": "urn:terminology:definition", "valueString": text}] if text else None
        report, _ = loaded(tmp_path, {**ours, **({"extension": extension} if extension else {})})
        assert "expected the definition of the code system in the extension" in str(report.errors[0])
