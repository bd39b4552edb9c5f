"""What a server says that it can do, in both versions of FHIR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.fhir import FHIR_VERSIONS, FhirVersion, Request
from terminology.fhir.capabilities import capability_statement, terminology_capabilities, versions
from terminology.fhir.service import Service
from terminology.samples import sample_folders

from .judges import judged

BASE = "https://tx.example/r5"


def features(statement: dict[str, Any]) -> dict[str, Any]:
    """Return the features that a statement declares, by the last part of their names."""
    found = {}
    for extension in statement["extension"]:
        definition, value = extension["extension"]
        name = definition["valueCanonical"].rpartition("/")[2]
        found[name] = next(content for key, content in value.items() if key.startswith("value"))
    return found


@pytest.mark.parametrize("fhir", ["r4", "r5"])
@pytest.mark.parametrize("base", [None, BASE])
def test_both_are_valid(store: Terminology, fhir: FhirVersion, base: str | None) -> None:
    """By judges that others wrote."""
    judged(capability_statement(store, fhir, base), fhir)
    judged(terminology_capabilities(store, fhir, base), fhir)


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_the_features_that_clients_ask_for_are_declared(store: Terminology, fhir: FhirVersion) -> None:
    """HL7's validator turns away from a server without them."""
    statement = capability_statement(store, fhir)
    assert features(statement) == {"test-version": "1.9.3", "CodeSystemAsParameter": True}
    assert statement["fhirVersion"] == FHIR_VERSIONS[fhir]
    assert statement["instantiates"] == ["http://hl7.org/fhir/CapabilityStatement/terminology-server"]
    assert statement["software"]["version"] == terminology.__version__
    assert statement["rest"][0]["security"]["service"]


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_what_is_declared_is_answered(store: Terminology, fhir: FhirVersion) -> None:
    """Every operation, and no other; every search parameter, by a server that rejects those that it does not know."""
    service = Service(store)
    (rest,) = capability_statement(store, fhir)["rest"]
    declared = {("", one["name"]) for one in rest["operation"]}
    declared |= {(kind["type"], one["name"]) for kind in rest["resource"] for one in kind["operation"]}
    assert declared == set(service._operations)
    searches = [(kind["type"], one["name"]) for kind in rest["resource"] for one in kind["searchParam"]]
    assert len(searches) == len(set(searches)) > 25
    strict = {"prefer": "handling=strict"}
    asked = [Request(kind, fhir, query=((name, "x"),), headers=strict) for kind, name in searches]
    assert {service.answer(request).status for request in asked} == {200}
    unknown = Request("CodeSystem", fhir, query=(("colour", "x"),), headers=strict)
    assert service.answer(unknown).status == 400


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_every_version_is_listed_and_the_newest_is_the_default(store: Terminology, fhir: FhirVersion) -> None:
    """Of every code system; exactly one version is the default."""
    listed = {one["uri"]: one for one in terminology_capabilities(store, fhir)["codeSystem"]}
    everything = [store[name] for name in (*store, *store.groupings)]
    assert set(listed) == {system.definition.uri for system in everything}
    for system in store.values():
        found = listed[system.definition.uri]
        assert [one["code"] for one in found["version"]] == [release.version for release in system.releases]
        assert [one["code"] for one in found["version"] if one["isDefault"]] == [system.releases[-1].version]
        assert ("content" in found) == (fhir == "r5"), "an element of R5"


def test_code_systems_beside_the_store_are_listed(store: Terminology) -> None:
    """With their versions, also of a system that the store has; supplements, and stubs without codes, are none."""
    uri = store["icd10cm"].definition.uri
    resources = [
        {"resourceType": "CodeSystem", "url": "http://a.b/c", "version": "1", "content": "fragment"},
        {"resourceType": "CodeSystem", "url": "http://a.b/d", "content": "complete"},
        {"resourceType": "CodeSystem", "url": "http://a.b/e", "content": "supplement", "supplements": "http://a.b/c"},
        {"resourceType": "CodeSystem", "url": "http://a.b/f", "content": "not-present"},
        {"resourceType": "CodeSystem", "url": uri, "version": "own", "content": "complete"},
        {"resourceType": "ValueSet", "url": "http://a.b/g"},
    ]
    made = terminology_capabilities(store, "r5", resources=resources)
    judged(made, "r5")
    listed = {one["uri"]: one for one in made["codeSystem"]}
    assert {name for name in listed if "a.b" in name} == {"http://a.b/c", "http://a.b/d"}
    assert listed["http://a.b/c"]["content"] == "fragment"
    assert listed["http://a.b/d"]["version"] == [{"isDefault": True, "compositional": False}]
    assert [one["isDefault"] for one in listed[uri]["version"]].count(True) == 1


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_filters_and_properties_of_a_version_are_those_of_its_code_system(
    store: Terminology, fhir: FhirVersion
) -> None:
    """What is declared of each version is in its CodeSystem too, with these operators; all groupings are."""
    service = Service(store)
    listed = {one["uri"]: one for one in terminology_capabilities(store, fhir)["codeSystem"]}
    for name in ("icd10cm", "icd10pcs", "icd9cm", "hcpcs", "ccsr_dx"):
        uri, groupings = store[name].definition.uri, set(store[name].latest.groupings)
        for version in listed[uri]["version"]:
            query = (("url", uri), ("version", version["code"]))
            (resource, *others) = [
                entry["resource"]
                for entry in service.answer(Request("CodeSystem", fhir, query=query)).resource["entry"]
            ]
            resources = (resource, *others)
            stated = {one["code"]: one["operator"] for made in resources for one in made["filter"]}
            declared = {one["code"] for made in resources for one in made["property"]}
            assert {one["code"]: one["op"] for one in version["filter"]}.items() <= stated.items()
            assert groupings <= {one["code"] for one in version["filter"]} & set(version["property"])
            assert set(version["property"]) <= declared


def test_the_parameters_of_expansion_are_listed_sorted(store: Terminology) -> None:
    """Each once, with its meaning."""
    found = terminology_capabilities(store, "r4")["expansion"]["parameter"]
    names = [one["name"] for one in found]
    assert names == sorted(set(names))
    assert {"count", "date", "displayLanguage", "filter", "offset", "system-version", "tx-resource"} <= set(names)


@pytest.mark.parametrize(("fhir", "default"), [("r4", "4.0"), ("r5", "5.0")])
def test_each_endpoint_has_a_version_of_its_own(fhir: FhirVersion, default: str) -> None:
    """Both are named, that of the endpoint as the default."""
    made = versions(fhir)
    judged(made, fhir)
    assert [(one["name"], one["valueCode"]) for one in made["parameter"]] == [
        ("version", "4.0"),
        ("version", "5.0"),
        ("default", default),
    ]


@pytest.mark.parametrize("fhir", ["r4", "r5"])
def test_the_service_answers_with_them(store: Terminology, fhir: FhirVersion) -> None:
    """At ``metadata``, by mode."""
    service = Service(store)
    found = [
        service.answer(Request("metadata", fhir, query=query)).resource["resourceType"]
        for query in ((), (("mode", "full"),), (("mode", "terminology"),))
    ]
    assert found == ["CapabilityStatement", "CapabilityStatement", "TerminologyCapabilities"]


def test_they_are_made_once_and_anew_for_a_publication(tmp_path: Path) -> None:
    """Nothing of the former publication is left."""
    folders = {path.name: path for path in sample_folders()}
    assert terminology.load(folders["icd10cm"], store=tmp_path / "store").ok
    first = terminology.open(tmp_path / "store")
    assert terminology_capabilities(first, "r5") is terminology_capabilities(first, "r5")
    assert capability_statement(first, "r5") is not capability_statement(first, "r4")
    assert terminology.load(folders["hcpcs"], store=tmp_path / "store").ok
    second = terminology.open(tmp_path / "store")
    assert len(terminology_capabilities(first, "r5")["codeSystem"]) == 1
    assert len(terminology_capabilities(second, "r5")["codeSystem"]) == 2
    assert capability_statement(first, "r5")["version"] != capability_statement(second, "r5")["version"]
