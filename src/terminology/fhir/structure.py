"""Whether a resource that a client sends has the structure of its type, as far as operations read it.

What is checked here once need not be looked at again. An element that no operation reads is let through as it is.

References:
    HL7 FHIR R5, resources CodeSystem and ValueSet, data types Coding and CodeableConcept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from .exchange import Resource
from .outcomes import FhirError, failure

TEXT: Final = "a text"
FLAG: Final = "true or false"
OBJECT: Final = "an object"
Structure: TypeAlias = "str | list[Structure] | Mapping[str, Structure]"
"""A primitive type, an array of one structure, or an object by the names of its elements."""

CODING: Final[Mapping[str, Structure]] = dict.fromkeys(("system", "version", "code", "display"), TEXT)
CODEABLE_CONCEPT: Final[Mapping[str, Structure]] = {"coding": [CODING], "text": TEXT}
EXTENSION: Final[Mapping[str, Structure]] = {"url": TEXT, "extension": [OBJECT], "valueString": TEXT, "valueCode": TEXT}
DESIGNATION: Final[Mapping[str, Structure]] = {
    "language": TEXT,
    "use": CODING,
    "value": TEXT,
    "extension": [EXTENSION],
}
HEAD: Final[Mapping[str, Structure]] = {
    **dict.fromkeys(("id", "url", "version", "name", "title", "status", "language", "date"), TEXT),
    "experimental": FLAG,
    "extension": [EXTENSION],
}
PROPERTY: Final[Mapping[str, Structure]] = {
    **dict.fromkeys(("code", "valueCode", "valueString", "valueDateTime"), TEXT),
    "valueBoolean": FLAG,
    "valueCoding": CODING,
}
CONCEPT: Final[dict[str, Structure]] = {
    **dict.fromkeys(("code", "display", "definition"), TEXT),
    "designation": [DESIGNATION],
    "property": [PROPERTY],
    "extension": [EXTENSION],
}
CONCEPT["concept"] = [CONCEPT]
CODE_SYSTEM: Final[Mapping[str, Structure]] = {
    **HEAD,
    **dict.fromkeys(("content", "supplements", "valueSet"), TEXT),
    "caseSensitive": FLAG,
    "property": [dict.fromkeys(("code", "uri", "type"), TEXT)],
    "concept": [CONCEPT],
}
FILTER: Final[Mapping[str, Structure]] = dict.fromkeys(("property", "op", "value"), TEXT)
INCLUDE: Final[Mapping[str, Structure]] = {
    **dict.fromkeys(("system", "version"), TEXT),
    "concept": [{"code": TEXT, "display": TEXT, "designation": [DESIGNATION], "extension": [EXTENSION]}],
    "filter": [FILTER],
    "valueSet": [TEXT],
}
CONTAINS: Final[dict[str, Structure]] = dict.fromkeys(("system", "version", "code", "display"), TEXT)
CONTAINS["contains"] = [CONTAINS]
VALUE_SET: Final[dict[str, Structure]] = {
    **HEAD,
    "compose": {"inactive": FLAG, "include": [INCLUDE], "exclude": [INCLUDE], "extension": [EXTENSION]},
    "expansion": {"contains": [CONTAINS]},
}
VALUE_SET["contained"] = [VALUE_SET]
STRUCTURES: Final[Mapping[str, Mapping[str, Structure]]] = {"CodeSystem": CODE_SYSTEM, "ValueSet": VALUE_SET}


def checked_resource(resource: Resource) -> Resource:
    """Return a resource; one that is neither a code system nor a value set is not looked at.

    Raises:
        FhirError: An element is of another type than the standard has for it; the message says where.

    >>> checked_resource({"resourceType": "ValueSet", "compose": {"include": "all"}})
    Traceback (most recent call last):
    terminology.fhir.outcomes.FhirError: ValueSet.compose.include: expected an array
    """
    kind = resource.get("resourceType")
    structure = STRUCTURES.get(kind) if isinstance(kind, str) else None
    if structure is not None:
        _check(resource, structure, str(kind))
    return resource


def checked_element(element: Resource, structure: Mapping[str, Structure], name: str) -> Resource:
    """Return a Coding or CodeableConcept.

    Raises:
        FhirError: One of its elements is of another type.
    """
    _check(element, structure, name)
    return element


def _check(value: Any, structure: Structure, place: str) -> None:
    # a stack in place of recursion: a concept may stand in a concept as deep as a client likes
    waiting: list[tuple[Any, Structure, str]] = [(value, structure, place)]
    while waiting:
        found, expected, where = waiting.pop()
        if isinstance(expected, str):
            _check_primitive(found, expected, where)
        elif isinstance(expected, list):
            if not isinstance(found, list):
                raise _wrong(where, "an array")
            waiting += [(one, expected[0], where) for one in found]
        elif not isinstance(found, dict):
            raise _wrong(where, OBJECT)
        else:
            waiting += [(found[name], inner, f"{where}.{name}") for name, inner in expected.items() if name in found]


def _check_primitive(value: Any, expected: str, place: str) -> None:
    if not isinstance(value, {TEXT: str, FLAG: bool, OBJECT: dict}[expected]):
        raise _wrong(place, expected)
    if isinstance(value, str) and not value.isascii() and any("\ud800" <= one <= "\udfff" for one in value):
        raise _wrong(place, "a text in Unicode")


def _wrong(place: str, expected: str) -> FhirError:
    return failure(400, "structure", f"{place}: expected {expected}")
