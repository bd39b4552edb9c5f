"""Which parameters that are posted ask for no more than they would in a URL: about one code, with nothing sent along.

A client can send resources with its question, and a few kilobytes of value sets that include each other keep a program
busy for long. So what is simple is said, and all else goes to a thread: a name, and a value that is no more than a
Coding or a few of them. The JSON is looked at when it is parsed, for in its text every name can be written in many ways.
"""

from __future__ import annotations

from typing import Any, Final

PARAMETERS: Final = frozenset({"resourceType", "parameter", "id"})
MOST_PARAMETERS: Final = 20
MOST_CODINGS: Final = 10
OF_CODINGS: Final = frozenset({"coding", "text"})
"""What a CodeableConcept has."""


def is_simple(content: Any) -> bool:
    """Return whether parsed JSON is a short list of parameters with simple values, or nothing at all.

    >>> is_simple({"resourceType": "Parameters", "parameter": [{"name": "code", "valueCode": "E11.9"}]})
    True
    >>> is_simple({"resourceType": "Parameters", "parameter": [{"name": "x", "resource": {}}]})
    False
    """
    if content is None:
        return True
    if type(content) is not dict or content.get("resourceType") != "Parameters" or not content.keys() <= PARAMETERS:
        return False
    given = content.get("parameter", [])
    return type(given) is list and len(given) <= MOST_PARAMETERS and all(map(_is_simple_parameter, given))


def _is_simple_parameter(parameter: Any) -> bool:
    return type(parameter) is dict and all(
        _is_simple_value(value) if name.startswith("value") else name == "name" and type(value) is str
        for name, value in parameter.items()
    )


def _is_simple_value(value: Any) -> bool:
    """Return whether a value is a primitive, an object of primitives, or a CodeableConcept of such."""
    if type(value) is dict and value.keys() <= OF_CODINGS and type(value.get("coding")) is list:
        codings = value["coding"]
        return len(codings) <= MOST_CODINGS and all(type(one) is dict and _is_flat(one) for one in codings)
    return _is_flat(value) if type(value) is dict else type(value) is not list


def _is_flat(value: dict[str, Any]) -> bool:
    return not any(type(inner) in (dict, list) for inner in value.values())
