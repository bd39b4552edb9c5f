"""R5 as R4, and back."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.fhir import Resource
from terminology.fhir.r4 import to_r4, to_r5
from terminology.fhir.relationships import EQUIVALENCES, RELATIONSHIPS, relationship_of

from .judges import flaws, judged
from .r5_resources import CODE_SYSTEMS, CONCEPT_MAPS, VALUE_SETS

ANY = st.one_of(CODE_SYSTEMS, VALUE_SETS, CONCEPT_MAPS)
EXTENSION = "http://hl7.org/fhir/5.0/StructureDefinition/extension-"


@given(ANY)
def test_a_resource_survives_the_way_to_r4_and_back(resource: Resource) -> None:
    """Nothing is lost, nothing is added, and the resource that was given stays as it was."""
    before = copy.deepcopy(resource)
    made = to_r4(resource)
    assert before == resource
    assert before == to_r5(made)
    assert made == to_r4(to_r5(made))


@given(ANY)
def test_what_is_made_is_r4(resource: Resource) -> None:
    """Models of R4 know no element that R5 brought; what is given is R5 by its own model."""
    judged(resource, "r5")
    made = to_r4(resource)
    assert [] == list(flaws(made))
    if '"_op' not in json.dumps(made):
        # the models take no extension in place of a value that must be there
        judged(made, "r4")


@pytest.mark.parametrize("relationship", [one for one in EQUIVALENCES if one])
def test_a_relationship_keeps_its_direction(relationship: str) -> None:
    """R4 says what the target is: a source that is narrower has a wider target."""
    resource = a_map({"code": "b", "relationship": relationship})
    target = target_of(to_r4(resource))
    assert EQUIVALENCES[relationship] == target["equivalence"]
    assert "relationship" not in target
    assert ("narrower" in relationship) == (target["equivalence"] == "wider")
    assert ("broader" in relationship) == (target["equivalence"] == "narrower")


@pytest.mark.parametrize("equivalence", RELATIONSHIPS)
def test_every_word_of_r4_survives_the_way_to_r5(equivalence: str) -> None:
    """Also those that R5 has no word for; a target that is unmatched is an element without map."""
    resource = a_map({"code": "b", "equivalence": equivalence, "comment": "why"})
    made = to_r5(resource)
    assert resource == to_r4(made)
    element = made["group"][0]["element"][0]
    if equivalence == "unmatched":
        assert element["noMap"] is True
        assert "target" not in element
    else:
        assert relationship_of(equivalence) == element["target"][0]["relationship"]
    judged({**made, "status": "active"}, "r5")


def test_versions_of_a_group_stand_beside_its_systems_in_r4() -> None:
    """And behind a bar in R5."""
    group = {"source": "http://a.b/c|2025", "target": "http://a.b/d", "element": [{"code": "x", "noMap": True}]}
    resource = {"resourceType": "ConceptMap", "sourceScopeUri": "http://a.b", "group": [group]}
    made = to_r4(resource)
    assert made["sourceUri"] == "http://a.b"
    assert {"source": "http://a.b/c", "sourceVersion": "2025", "target": "http://a.b/d"}.items() <= made["group"][
        0
    ].items()
    assert made["group"][0]["element"] == [{"code": "x", "target": [{"equivalence": "unmatched"}]}]
    assert resource == to_r5(made)


def test_a_product_of_r4_is_named_by_a_uri_and_declared_in_r5() -> None:
    """Its code is the end of the URI; its value a coding where it has a system."""
    product = {"property": "http://a.b/with", "system": "http://a.b/s|3", "value": "250.00", "display": "Diabetes"}
    resource = a_map({"code": "b", "equivalence": "equal", "product": [product]})
    made = to_r5(resource)
    assert target_of(made)["product"] == [
        {
            "attribute": "with",
            "valueCoding": {"system": "http://a.b/s", "version": "3", "code": "250.00", "display": "Diabetes"},
        }
    ]
    assert made["additionalAttribute"] == [{"code": "with", "uri": "http://a.b/with", "type": "Coding"}]
    assert [product] == target_of(to_r4(made))["product"]


def test_properties_of_an_expansion_are_the_extensions_that_clients_look_for() -> None:
    """With the names that HL7 fixed."""
    contains = {"code": "a", "property": [{"code": "inactive", "valueBoolean": True}]}
    expansion = {"property": [{"code": "inactive", "uri": "http://a.b#inactive"}], "contains": [contains]}
    made = to_r4({"resourceType": "ValueSet", "expansion": expansion})["expansion"]
    assert made["extension"] == [
        {
            "url": f"{EXTENSION}ValueSet.expansion.property",
            "extension": [{"url": "code", "valueCode": "inactive"}, {"url": "uri", "valueUri": "http://a.b#inactive"}],
        }
    ]
    assert made["contains"][0]["extension"] == [
        {
            "url": f"{EXTENSION}ValueSet.expansion.contains.property",
            "extension": [{"url": "code", "valueCode": "inactive"}, {"url": "value", "valueBoolean": True}],
        }
    ]


def test_resources_in_parameters_and_bundles_are_converted_too() -> None:
    """At any depth; and what $translate answers has the names of R4."""
    resource = a_map({"code": "b", "relationship": "equivalent"})
    parameters: dict[str, Any] = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "tx-resource", "resource": resource},
            {"name": "outer", "part": [{"name": "inner", "resource": resource}]},
            {
                "name": "match",
                "part": [
                    {"name": "relationship", "valueCode": "source-is-broader-than-target"},
                    {"name": "originMap", "valueCanonical": "http://a.b/map"},
                ],
            },
        ],
    }
    made = to_r4(parameters)["parameter"]
    assert to_r4(resource) == made[0]["resource"] == made[1]["part"][0]["resource"]
    assert made[2]["part"] == [
        {"name": "equivalence", "valueCode": "narrower"},
        {"name": "source", "valueUri": "http://a.b/map"},
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": parameters, "response": {"outcome": resource}}]}
    entry = to_r4(bundle)["entry"][0]
    assert to_r4(parameters) == entry["resource"]
    assert to_r4(resource) == entry["response"]["outcome"]


def test_what_a_server_says_of_itself_is_r4() -> None:
    """Its version of FHIR, and what R5 brought as extensions."""
    made = to_r4({"resourceType": "CapabilityStatement", "fhirVersion": "5.0.0", "acceptLanguage": ["en"]})
    assert made["fhirVersion"] == "4.0.1"
    assert made["extension"] == [{"url": f"{EXTENSION}CapabilityStatement.acceptLanguage", "valueCode": "en"}]
    told = {"resourceType": "TerminologyCapabilities", "codeSystem": [{"uri": "http://a.b", "content": "complete"}]}
    made = to_r4(told)
    assert made["codeSystem"][0]["extension"][0]["url"] == f"{EXTENSION}TerminologyCapabilities.codeSystem.content"
    assert told == to_r5(made)


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "name": [{"family": "x"}]},
        {"resourceType": "ValueSet", "compose": "no object", "expansion": [1, None]},
        {"resourceType": "ConceptMap", "group": {"element": 3}, "identifier": []},
        {"resourceType": "ConceptMap", "group": [{"element": [{"target": ["x"]}, None]}]},
        {"resourceType": "CodeSystem", "extension": "x", "filter": [{"operator": None}]},
        {"resourceType": "Parameters", "parameter": [None, {"part": 3}]},
        {},
    ],
)
def test_what_is_no_resource_does_no_harm(resource: Resource) -> None:
    """It is passed on as far as it can be read; what is wrong with it is said by whoever reads it."""
    assert isinstance(to_r4(resource), dict)
    assert isinstance(to_r5(resource), dict)


JUNK = st.sampled_from(
    [None, 0, True, "x", "", [], {}, [None], [[]], ["x"], {"x": 1}, [{"url": 3}], {"extension": "x"}]
)


@given(ANY, JUNK, st.integers(0, 999))
def test_a_resource_with_anything_in_any_place_does_no_harm(resource: Resource, junk: Any, number: int) -> None:
    """Whatever a client sends is converted, or passed on."""
    places = list(places_in(resource))
    holder, name = places[number % len(places)]
    holder[name] = junk
    for convert in (to_r4, to_r5):
        for there in (resource, to_r4(resource)):
            assert isinstance(convert({"resourceType": "Parameters", "parameter": [{"resource": there}]}), dict)


def places_in(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every object and array with the name or number of each of its members."""
    names = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in list(names):
        yield value, name
        yield from places_in(value[name])


def a_map(target: Resource) -> Resource:
    """Return a ConceptMap with one target."""
    return {"resourceType": "ConceptMap", "group": [{"element": [{"code": "a", "target": [target]}]}]}


def target_of(resource: Resource) -> Resource:
    """Return the target of such a map."""
    target: Resource = resource["group"][0]["element"][0]["target"][0]
    return target
