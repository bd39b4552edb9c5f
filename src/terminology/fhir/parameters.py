"""The parameters of an operation: read from a URL, from a Parameters resource, or from a resource alone; and written.

A parameter in a URL is a text, in a Parameters resource it has a type. `Inputs` reads both alike, and of a POST the
parameters of the URL are added to those of the body.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from .exchange import Request, Resource
from .outcomes import FhirError, failure

TRUE: Final = ("true", "1")
FALSE: Final = ("false", "0")
LONGEST_NUMBER: Final = 9
"""Digits: no edition has as many codes."""


class Inputs:
    """The parameters that an operation is given, by name, in their order."""

    def __init__(self, pairs: Sequence[tuple[str, Any]]) -> None:
        self._values: dict[str, list[Any]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    @classmethod
    def of(cls, request: Request, sole: str | None = None) -> Inputs:
        """Return the parameters of a request.

        Args:
            request: The request.
            sole: Name of the parameter that a body is which is a resource and no Parameters.

        Raises:
            FhirError: The body is no resource, a parameter has no name, or a text is not Unicode.
        """
        pairs: list[tuple[str, Any]] = []
        body = request.body
        if body is not None:
            if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
                raise failure(400, "structure", "expected a resource in JSON: an object with resourceType")
            if body["resourceType"] == "Parameters":
                pairs += _pairs(body.get("parameter"))
            elif sole is not None:
                pairs.append((sole, body))
            else:
                raise failure(400, "structure", f"expected a Parameters resource, got {body['resourceType']}")
        pairs += request.query
        for name, value in pairs:
            if isinstance(value, str) and not (value.isascii() or _is_unicode(value)):
                raise failure(400, "invalid", f"parameter {name}: expected a text in Unicode")
        return cls(pairs)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def all(self, name: str) -> list[Any]:
        """Return every value of a parameter; nothing where it is not given."""
        return self._values.get(name, [])

    def first(self, name: str) -> Any:
        """Return the first value of a parameter, of any type; None where it is not given."""
        values = self._values.get(name)
        return values[0] if values else None

    def text(self, name: str) -> str | None:
        """Return a parameter that is a text; None where it is not given, or empty.

        Raises:
            FhirError: It has a complex type.
        """
        return _text(name, self.first(name)) or None

    def texts(self, name: str) -> list[str]:
        """Return every value of a parameter that is a text."""
        return [text for text in (_text(name, value) for value in self.all(name)) if text]

    def flag(self, name: str) -> bool | None:
        """Return a parameter that is true or false; None where it is not given.

        Raises:
            FhirError: It is neither.
        """
        value = self.first(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str) and value in (*TRUE, *FALSE):
            return value in TRUE
        raise failure(400, "invalid", f"parameter {name}: expected true or false, got {value!r}")

    def number(self, name: str) -> int | None:
        """Return a parameter that is a whole number from 0; None where it is not given.

        Raises:
            FhirError: It is no such number.
        """
        value = self.first(name)
        if value is None:
            return None
        text = str(value)
        if isinstance(value, bool) or not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
            raise failure(400, "invalid", f"parameter {name}: expected a whole number from 0, got {value!r}")
        return int(text)

    def element(self, name: str) -> Resource | None:
        """Return a parameter that is a Coding, a CodeableConcept or a resource; None where it is not given.

        Raises:
            FhirError: It is a text.
        """
        value = self.first(name)
        if value is None or isinstance(value, dict):
            return value
        raise failure(400, "invalid", f"parameter {name}: expected an element or a resource, got {value!r}")

    def elements(self, name: str) -> list[Resource]:
        """Return every value of a parameter that is an element or a resource; others are left out."""
        return [value for value in self.all(name) if isinstance(value, dict)]

    def with_pairs(self, pairs: Sequence[tuple[str, Any]]) -> Inputs:
        """Return these parameters, and further ones."""
        made = Inputs(pairs)
        for name, values in self._values.items():
            made._values[name] = [*values, *made._values.get(name, [])]
        return made

    @property
    def names(self) -> AbstractSet[str]:
        """The names of the parameters that are given."""
        return self._values.keys()

    def differs(self, other: Inputs, apart: Collection[str]) -> bool:
        """Return whether a parameter has another first value than among others, apart from some."""
        return any(
            name not in apart and name in other._values and values[0] != other._values[name][0]
            for name, values in self._values.items()
        )

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield name and value of every parameter."""
        for name, values in self._values.items():
            for value in values:
                yield name, value


def _pairs(parameters: Any) -> Iterator[tuple[str, Any]]:
    if parameters is None:
        return
    if not isinstance(parameters, list):
        raise failure(400, "structure", "Parameters.parameter: expected an array")
    for parameter in parameters:
        if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
            raise failure(400, "structure", "Parameters.parameter: expected objects with a name")
        yield parameter["name"], value_of(parameter)


def value_of(parameter: Resource) -> Any:
    """Return the value of one parameter: of a primitive type, an element, a resource, or its parts as `Inputs`.

    >>> value_of({"name": "code", "valueCode": "E11.9"})
    'E11.9'
    """
    for name, value in parameter.items():
        if name.startswith("value") or name == "resource":
            return value
    return Inputs(list(_pairs(parameter.get("part")))) if "part" in parameter else None


def _is_unicode(text: str) -> bool:
    """Return whether a text has no half of a character (a surrogate)."""
    return not any("\ud800" <= one <= "\udfff" for one in text)


def _text(name: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise failure(400, "invalid", f"parameter {name}: expected a text")


# ---- written


def parameters(*made: Resource | None) -> Resource:
    """Return a Parameters resource of the parameters that are not None.

    >>> parameters(parameter("result", boolean=True), None)["parameter"]
    [{'name': 'result', 'valueBoolean': True}]
    """
    return {"resourceType": "Parameters", "parameter": [one for one in made if one is not None]}


def parameter(name: str, *, resource: Resource | None = None, **value: Any) -> Resource:
    """Return one parameter; the keyword is its type with a small letter: ``string``, ``codeableConcept``.

    >>> parameter("version", string="2026")
    {'name': 'version', 'valueString': '2026'}
    """
    made: Resource = {"name": name}
    if resource is not None:
        made["resource"] = resource
    for kind, content in value.items():
        made[f"value{kind[0].upper()}{kind[1:]}"] = content
    return made


def parted(name: str, *parts: Resource | None) -> Resource:
    """Return a parameter of parts, without those that are None."""
    return {"name": name, "part": [part for part in parts if part is not None]}


__all__ = ["FhirError", "Inputs", "parameter", "parameters", "parted", "value_of"]
