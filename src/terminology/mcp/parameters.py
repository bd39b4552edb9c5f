"""What a tool is asked with: parameters that describe themselves, and arguments that are checked.

The schema that a client sees and the check of what it sends are made of the same value, so they cannot differ. A
mistake is named with the parameter, what was expected, and how to write it: who reads it writes the next call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

from ..errors import TerminologyError, suggestion

Kind: TypeAlias = Literal["text", "number", "flag", "codes"]

SCHEMAS: Final[Mapping[Kind, Mapping[str, Any]]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "flag": {"type": "boolean"},
    "codes": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
}
WORDS: Final[Mapping[Kind, str]] = {
    "text": "text",
    "number": "a whole number",
    "flag": "true or false",
    "codes": "text, or a list of texts",
}
SHOWN: Final = 60
"""Characters of a wrong argument that are quoted."""


class ArgumentError(TerminologyError, ValueError):
    """An argument of a tool is missing, unknown, or not what its parameter says."""


@frozen
class Parameter:
    """One parameter of a tool."""

    name: str
    description: str
    kind: Kind = "text"
    required: bool = False
    default: str | int | bool | None = None
    example: str | None = None
    """How it is written, for messages."""
    longest: int = 200
    """Characters of a text; numbers are from 1 to this."""

    def schema(self) -> dict[str, Any]:
        """Return its JSON Schema."""
        made: dict[str, Any] = {**SCHEMAS[self.kind], "description": self.description}
        if self.kind == "text":
            made["maxLength"] = self.longest
        if self.kind == "number":
            made |= {"minimum": 1, "maximum": self.longest}
        if self.default is not None:
            made["default"] = self.default
        return made

    def value(self, given: Any) -> Any:
        """Return an argument, checked; a list of codes as text with one a line.

        Raises:
            ArgumentError: It is something else.

        >>> Parameter("limit", "Most rows.", "number", longest=100).value(20)
        20
        >>> Parameter("codes", "The codes.", "codes").value(["E11.9", "I10"])
        'E11.9\\nI10'
        """
        if self.kind == "codes" and isinstance(given, list) and all(isinstance(one, str) for one in given):
            given = "\n".join(given)
        if not self._fits(given):
            raise ArgumentError(f"{self.name}: expected {WORDS[self.kind]}{self._hint()}, got {_quoted(given)}")
        if isinstance(given, str):
            return self._text(given)
        if self.kind == "number" and not 1 <= given <= self.longest:
            raise ArgumentError(f"{self.name}: expected a number from 1 to {self.longest:,}, got {given}")
        return given

    def _fits(self, given: Any) -> bool:
        if self.kind == "number":
            return isinstance(given, int) and not isinstance(given, bool)
        return isinstance(given, bool if self.kind == "flag" else str)

    def _text(self, given: str) -> str:
        if self.required and not given.strip():
            raise ArgumentError(f"{self.name}: expected {WORDS[self.kind]}{self._hint()}, got nothing")
        if len(given) > self.longest:
            raise ArgumentError(
                f"{self.name}: expected at most {self.longest:,} characters, got {len(given):,}: ask in parts"
            )
        return given

    def _hint(self) -> str:
        return f" like {self.example}" if self.example else ""


def schema_of(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return the JSON Schema of the arguments of a tool."""
    return {
        "type": "object",
        "properties": {one.name: one.schema() for one in parameters},
        "required": [one.name for one in parameters if one.required],
        "additionalProperties": False,
    }


def arguments_of(parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every argument by name, checked; the default of those that are not given, or null.

    Raises:
        ArgumentError: One is missing, unknown or wrong.

    >>> arguments_of([Parameter("code", "A code.", required=True)], {"code": "E11.9"})
    {'code': 'E11.9'}
    >>> arguments_of([Parameter("code", "A code.", required=True)], {"cod": "E11.9"})
    Traceback (most recent call last):
    terminology.mcp.parameters.ArgumentError: no parameter 'cod'; did you mean 'code'?
    """
    names = [one.name for one in parameters]
    for name in given:
        if name not in names:
            raise ArgumentError(f"no parameter {name!r}{suggestion(name, names) or f': there are {_listed(names)}'}")
    return {one.name: _argument(one, given.get(one.name)) for one in parameters}


def _argument(parameter: Parameter, given: Any) -> Any:
    if given is not None:
        return parameter.value(given)
    if parameter.required:
        raise ArgumentError(f"{parameter.name} is missing: {parameter.description}")
    return parameter.default


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def _quoted(given: Any) -> str:
    text = repr(given)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
