"""Whatever a client sends, it is answered: by what it asked for, or by an OperationOutcome that says what is wrong."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminology.fhir import Request, Service
from terminology.fhir.operations import MOST_IN_BATCH

from .asking import CM, HCPCS, asked, issues

OPERATIONS: Final = (
    *("CodeSystem/$lookup", "CodeSystem/$subsumes", "CodeSystem/$validate-code", "CodeSystem/$batch-validate-code"),
    *("ValueSet/$expand", "ValueSet/$validate-code", "ValueSet/$batch-validate-code", "ConceptMap/$translate"),
    *("$closure", "$versions", "metadata", "CodeSystem", "ValueSet", "ConceptMap", "CodeSystem/icd10cm-2022", ""),
)
NAMES: Final = (
    *("url", "system", "code", "version", "systemVersion", "display", "coding", "codeableConcept", "valueSet", "date"),
    *("codeA", "codeB", "codingA", "filter", "count", "offset", "activeOnly", "excludeNested", "property", "name"),
    *("displayLanguage", "includeDesignations", "designation", "tx-resource", "useSupplement", "validation", "concept"),
    *("system-version", "force-system-version", "check-system-version", "default-valueset-version", "inferSystem"),
    *("sourceCode", "targetSystem", "targetCode", "reverse", "conceptMap", "abstract", "valueSetVersion", "codeSystem"),
    *("_count", "_offset", "_summary", "_elements", "status", "title"),
)
TEXTS: Final = st.one_of(
    st.sampled_from(
        [
            *(CM, HCPCS, f"{CM}?fhir_vs", f"{CM}|2022", f"{CM}|1.x", "E11", "E11.9", "M54.5", "true", "false", "2022"),
            *(
                "2021-10-01",
                "*",
                "-1",
                "en",
                "de,*;q=0",
                "#a",
                "|",
                "",
                " ",
                "a" * 300,
                "\x00",
                "\ud800",
                "(a+)+$",
                "٣",
            ),
            *(f"{CM}?fhir_vs=isa/E11", "99999999999999", "1e3", "urn:oid:2.16.840.1.113883.6.90"),
        ]
    ),
    st.text(max_size=8),
)
LEAVES: Final = st.one_of(TEXTS, st.booleans(), st.integers(-5, 10**12), st.none(), st.floats(allow_nan=False))
ELEMENTS: Final = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    *("resourceType", "url", "version", "content", "concept", "code", "display", "property", "compose"),
                    *("include", "exclude", "system", "valueSet", "filter", "op", "value", "coding", "designation"),
                    *("language", "extension", "contained", "id", "status", "group", "element", "target", "parameter"),
                    *("name", "valueString", "valueCoding", "resource", "expansion", "contains", "supplements", "use"),
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)
RESOURCES: Final = st.builds(
    lambda kind, element: {**(element if isinstance(element, dict) else {}), "resourceType": kind},
    st.sampled_from(["CodeSystem", "ValueSet", "ConceptMap", "Parameters", "Bundle", "Patient"]),
    ELEMENTS,
)
PARAMETERS: Final = st.builds(
    lambda name, key, value: {"name": name, key: value},
    st.sampled_from(NAMES),
    st.sampled_from(["valueString", "valueBoolean", "valueInteger", "valueCoding", "valueCodeableConcept", "resource"]),
    st.one_of(LEAVES, RESOURCES, ELEMENTS),
)
BODIES: Final = st.one_of(
    st.none(),
    ELEMENTS,
    RESOURCES,
    st.builds(
        lambda parameters: {"resourceType": "Parameters", "parameter": parameters}, st.lists(PARAMETERS, max_size=6)
    ),
)
QUERIES: Final = st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=5)


@given(st.sampled_from(OPERATIONS), st.sampled_from(["r4", "r5"]), QUERIES, BODIES)
@settings(max_examples=400)
def test_no_request_makes_the_service_fail(
    service: Service, path: str, fhir: Any, query: list[tuple[str, str]], body: Any
) -> None:
    """No request makes the service fail, whatever its parameters and resources are."""
    found = service.answer(Request(path, fhir, "GET" if body is None else "POST", tuple(query), body))
    assert found.status < 500, (found.resource, service)
    assert found.resource["resourceType"] == "OperationOutcome" or found.status == 200


def test_a_circle_of_value_sets_is_an_error(service: Service) -> None:
    """Value sets that include each other are reported, with the way that leads back."""
    sets = [
        {"resourceType": "ValueSet", "url": f"urn:a{n}", "compose": {"include": [{"valueSet": [f"urn:a{1 - n}"]}]}}
        for n in range(2)
    ]
    for path in ("ValueSet/$expand", "ValueSet/$validate-code"):
        found = asked(service, path, given=sets, url="urn:a0", system=CM, code="E11.9")
        assert found.status == 422
        assert "Found a circularity pointing to urn:a0" in issues(found)[0][1]


def test_value_sets_in_value_sets_end_somewhere(service: Service) -> None:
    """A chain of more value sets than any publisher makes is an error, and no overflow."""
    sets = [
        {"resourceType": "ValueSet", "url": f"urn:a{n}", "compose": {"include": [{"valueSet": [f"urn:a{n + 1}"]}]}}
        for n in range(2_000)
    ]
    assert asked(service, "ValueSet/$expand", given=sets, url="urn:a0").status == 422


def test_a_concept_may_stand_as_deep_as_a_client_likes(service: Service) -> None:
    """Concepts in concepts, a thousand deep, are read."""
    concept: dict[str, Any] = {"code": "c999"}
    for number in reversed(range(999)):
        concept = {"code": f"c{number}", "concept": [concept]}
    system = {"resourceType": "CodeSystem", "url": "urn:deep", "content": "complete", "concept": [concept]}
    found = asked(service, "CodeSystem/$subsumes", given=[system], system="urn:deep", codeA="c0", codeB="c999")
    assert found.resource["parameter"][0]["valueCode"] == "subsumes"


@pytest.mark.parametrize("shape", ["(a+)+$", "(a|a)*b", "((a*)*)*"])
def test_regular_expressions_take_linear_time(service: Service, shape: str) -> None:
    """A regular expression that others try for ever is matched at once."""
    system = {
        "resourceType": "CodeSystem",
        "url": "urn:a",
        "content": "complete",
        "concept": [{"code": "a" * 500 + "!"}],
    }
    filters = [{"property": "code", "op": "regex", "value": shape}]
    value_set = {"resourceType": "ValueSet", "compose": {"include": [{"system": "urn:a", "filter": filters}]}}
    found = asked(service, "ValueSet/$expand", given=[system], valueSet=value_set)
    assert found.resource["expansion"]["total"] == 0


@pytest.mark.parametrize("shape", ["(", "a{9999}", "(?=a)", "\\1", "x" * 2_000])
def test_a_regular_expression_that_cannot_be_matched_so_is_an_error(service: Service, shape: str) -> None:
    """A regular expression with look-around, or one of too many states, is an error of the request."""
    filters = [{"property": "code", "op": "regex", "value": shape}]
    value_set = {"resourceType": "ValueSet", "compose": {"include": [{"system": CM, "filter": filters}]}}
    found = asked(service, "ValueSet/$expand", valueSet=value_set)
    assert found.status == 400
    assert "ValueSet.compose.include[0].filter[0]: expected" in issues(found)[0][1]


def test_a_batch_has_an_end(service: Service) -> None:
    """More validations than a batch may have are refused before the first is answered."""
    many = [{"resourceType": "Parameters", "parameter": []}] * (MOST_IN_BATCH + 1)
    assert asked(service, "ValueSet/$batch-validate-code", validation=many).status == 413


def test_a_batch_in_a_batch_is_not_answered(service: Service) -> None:
    """A Bundle does not hold further Bundles: their answers would have no end."""
    inner = {"resourceType": "Bundle", "type": "batch", "entry": []}
    entry = {"request": {"method": "POST", "url": "/"}, "resource": inner}
    body = {"resourceType": "Bundle", "type": "batch", "entry": [entry]}
    found = service.answer(Request("", method="POST", body=body))
    assert found.resource["entry"][0]["response"]["status"] == "400"
