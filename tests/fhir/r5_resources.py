"""Invented resources of R5, with everything in them that R4 says otherwise or not at all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

CODES = st.from_regex(r"[A-Z][A-Za-z0-9]{0,5}", fullmatch=True)
TEXTS = st.from_regex(r"[A-Za-z][A-Za-z ,]{0,12}[a-z]", fullmatch=True)
URIS = st.from_regex(r"http://example\.org/[a-z]{1,8}", fullmatch=True)
DAYS = st.dates().map(lambda day: day.isoformat() if day.year > 999 else "2024-03-01")
CODINGS = st.fixed_dictionaries(
    {"code": CODES}, optional={"system": URIS, "version": CODES, "display": TEXTS, "userSelected": st.booleans()}
)
OPERATORS = st.sampled_from(["=", "is-a", "descendent-of", "regex", "in", "exists", "child-of", "descendent-leaf"])


def one_of_values(**kinds: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return elements with one value of one of the types."""
    return st.one_of(*(st.fixed_dictionaries({f"value{name}": kind}) for name, kind in kinds.items()))


VALUES = one_of_values(
    Code=CODES, String=TEXTS, Integer=st.integers(0, 9), Boolean=st.booleans(), DateTime=DAYS, Coding=CODINGS
)


def old_first(operators: list[str]) -> list[str]:
    """Return operators, which are in no order, with those of R5 alone at the end."""
    return sorted(operators, key=lambda one: one in ("child-of", "descendent-leaf"))


EXTENSIONS = st.lists(
    st.builds(lambda url, text: {"url": url, "valueString": text}, URIS, TEXTS), min_size=1, max_size=2
)


def element(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return elements; now and then one has extensions of somebody else."""
    return st.fixed_dictionaries(required, optional={**optional, "extension": EXTENSIONS})


def several(each: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Return short lists that are not empty."""
    return st.lists(each, min_size=1, max_size=2)


def with_value(**required: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Return elements with a value of any type."""
    return st.builds(lambda head, value: {**head, **value}, st.fixed_dictionaries(required), VALUES)


PERIODS = st.fixed_dictionaries({"start": DAYS})
CONTACTS = st.fixed_dictionaries({"name": TEXTS})
METADATA: dict[str, Any] = {
    "url": URIS,
    "version": CODES,
    "name": CODES,
    "title": TEXTS,
    "experimental": st.booleans(),
    "date": DAYS,
    "publisher": TEXTS,
    "copyright": TEXTS,
    "copyrightLabel": TEXTS,
    "versionAlgorithmString": st.just("natural"),
    "approvalDate": DAYS,
    "lastReviewDate": DAYS,
    "effectivePeriod": PERIODS,
    "topic": several(st.fixed_dictionaries({"text": TEXTS})),
    "author": several(CONTACTS),
    "reviewer": several(CONTACTS),
    "identifier": several(st.fixed_dictionaries({"system": URIS, "value": TEXTS})),
}
DESIGNATIONS = element({"value": TEXTS}, language=st.just("de"), additionalUse=several(CODINGS))
CONCEPTS = st.recursive(
    element(
        {"code": CODES}, display=TEXTS, designation=several(DESIGNATIONS), property=several(with_value(code=CODES))
    ),
    lambda below: element({"code": CODES, "concept": several(below)}, display=TEXTS),
    max_leaves=4,
)
CODE_SYSTEMS = element(
    {"resourceType": st.just("CodeSystem"), "status": st.just("active"), "content": st.just("complete")},
    **METADATA,
    filter=several(element({"code": CODES, "operator": st.lists(OPERATORS, min_size=1, max_size=3, unique=True).map(old_first), "value": TEXTS})),
    property=several(element({"code": CODES, "type": st.sampled_from(["code", "string", "Coding"])}, uri=URIS)),
    concept=several(CONCEPTS),
)  # fmt: skip
INCLUDES = element(
    {"system": URIS},
    version=CODES,
    copyright=TEXTS,
    concept=several(element({"code": CODES}, display=TEXTS, designation=several(DESIGNATIONS))),
    filter=several(element({"property": CODES, "op": OPERATORS, "value": TEXTS})),
)
CONTAINED = st.recursive(
    element(
        {"system": URIS, "code": CODES},
        display=TEXTS,
        abstract=st.booleans(),
        designation=several(DESIGNATIONS),
        property=several(
            st.builds(
                lambda one, below: {**one, **({"subProperty": below} if below else {})},
                with_value(code=CODES),
                st.none() | several(with_value(code=CODES)),
            )
        ),
    ),
    lambda below: element({"code": CODES, "system": URIS, "contains": several(below)}),
    max_leaves=4,
)
VALUE_SETS = element(
    {"resourceType": st.just("ValueSet"), "status": st.just("draft")},
    **METADATA,
    scope=st.fixed_dictionaries({"inclusionCriteria": TEXTS}),
    compose=element({"include": several(INCLUDES)}, exclude=several(INCLUDES), property=several(CODES)),
    expansion=element(
        {"timestamp": DAYS},
        next=URIS,
        total=st.integers(0, 9),
        property=several(st.fixed_dictionaries({"code": CODES}, optional={"uri": URIS})),
        # of an expansion a parameter has a primitive value
        parameter=several(st.builds(lambda name, text: {"name": name, "valueString": text}, CODES, TEXTS)),
        contains=several(CONTAINED),
    ),
)
RELATIONSHIPS = st.sampled_from(
    ["equivalent", "related-to", "source-is-narrower-than-target", "source-is-broader-than-target", "not-related-to"]
)
DEPENDENCIES = st.builds(
    lambda head, value: {**head, **value},
    element({"attribute": CODES}),
    one_of_values(
        Code=CODES,
        String=TEXTS,
        Boolean=st.booleans(),
        Coding=CODINGS,
        Quantity=st.fixed_dictionaries({"value": st.integers(0, 9)}),
        Set=URIS,
    ),
)
TARGETS = element(
    {"relationship": RELATIONSHIPS},
    code=CODES,
    display=TEXTS,
    comment=TEXTS,
    valueSet=URIS,
    property=several(with_value(code=CODES)),
    dependsOn=several(DEPENDENCIES),
    product=several(DEPENDENCIES),
)
ELEMENTS = element({"code": CODES, "target": several(TARGETS)}, display=TEXTS) | element(
    {"code": CODES, "noMap": st.just(True)}, display=TEXTS  # noqa: FBT003 -- what stands in JSON
)  # fmt: skip
VERSIONED = st.builds(lambda uri, version: f"{uri}|{version}" if version else uri, URIS, st.none() | CODES)
ATTRIBUTES = st.lists(
    st.fixed_dictionaries({"code": CODES, "uri": URIS, "type": st.just("Coding")}),
    min_size=1, max_size=3, unique_by=(lambda one: one["code"], lambda one: one["uri"]),
)  # fmt: skip
CONCEPT_MAPS = element(
    {"resourceType": st.just("ConceptMap"), "status": st.just("active")},
    **METADATA,
    sourceScopeUri=URIS,
    targetScopeCanonical=URIS,
    property=several(st.fixed_dictionaries({"code": CODES, "type": st.just("string")}, optional={"uri": URIS})),
    additionalAttribute=ATTRIBUTES,
    group=several(
        element(
            {"element": several(ELEMENTS)},
            source=VERSIONED,
            target=VERSIONED,
            unmapped=st.sampled_from(
                [
                    {"mode": "use-source-map", "relationship": "equivalent"},
                    {"mode": "fixed", "code": "X", "relationship": "related-to"},
                    {"mode": "other-map", "otherMap": "http://example.org/map"},
                ]
            ),
        )
    ),
)
