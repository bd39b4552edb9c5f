"""What a search asks of each resource: parameters with modifiers, several values, and how they are compared.

Values of one parameter, with commas between them, are alternatives; a parameter that is given twice must hold twice.

References:
    HL7 FHIR R5, "Search"; search parameters of CanonicalResource.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from .candidates import Candidate, is_named
from .code_systems import plain
from .outcomes import failure
from .parameters import Inputs

COMMA: Final = re.compile(r"(?<!\\),")
ESCAPED: Final = re.compile(r"\\([\\,|$])")
TEXTS: Final = frozenset({"name", "title", "publisher", "description"})
"""Parameters that are compared as texts; the only ones with modifiers."""
MODIFIERS: Final = ("exact", "contains")
TOKENS: Final[Mapping[str, str]] = {"_id": "id", "status": "status", "version": "version"}
"""Parameters that are compared as they are, by name, with the element that they are compared with."""
SYSTEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "CodeSystem": ("system",),
    "ValueSet": ("reference",),
    "ConceptMap": ("source-group-system", "target-group-system", "source-system", "target-system"),
}
"""Parameters that ask for a code system which the resource is about."""
RESULTS: Final = frozenset(
    {"_count", "_offset", "_summary", "_elements", "_format", "_pretty", "_total", "_sort", "_contained"}
)
"""Parameters that say how to answer."""


@frozen
class Condition:
    """One parameter: what it is compared with, and the values of which one must fit."""

    name: str
    modifier: str | None
    values: tuple[str, ...]

    def holds(self, candidate: Candidate) -> bool:
        """Return whether a resource is asked for."""
        return any(COMPARISONS.get(self.name, _is_about)(candidate, self, value) for value in self.values)


def conditions_of(kind: str, inputs: Inputs, *, strict: bool) -> list[Condition]:
    """Return what a search asks.

    Args:
        kind: Type of the resources.
        inputs: The parameters.
        strict: Whether an unknown parameter is an error; else it is left out.

    Raises:
        FhirError: A modifier is unknown; or, where that is asked for, a parameter.
    """
    known = {*TEXTS, *TOKENS, "url", "identifier", *SYSTEMS[kind]}
    made = []
    for given, value in inputs.items():
        name, colon, modifier = given.partition(":")
        if name not in known:
            if strict and name not in RESULTS:
                said = f"unknown search parameter {given}: {kind} is searched by {', '.join(sorted(known))}"
                raise failure(400, "not-supported", said)
            continue
        if colon and (modifier not in MODIFIERS or name not in TEXTS):
            raise failure(400, "not-supported", f"unknown modifier of a search parameter: {given}")
        values = tuple(split(str(value)))
        if values:
            made.append(Condition(name, modifier or None, values))
    return made


def split(text: str) -> Iterator[str]:
    r"""Yield the values that a parameter has, commas of which are escaped.

    >>> list(split(r"a,b\,c"))
    ['a', 'b,c']
    """
    for part in COMMA.split(text):
        if value := ESCAPED.sub(r"\1", part).strip():
            yield value


def _fits(candidate: Candidate, condition: Condition, value: str) -> bool:
    text = str(candidate.facts.get(condition.name) or candidate.head().get(condition.name) or "")
    if condition.modifier == "exact":
        return text == value
    if condition.modifier == "contains":
        return plain(value) in plain(text)
    return plain(text).startswith(plain(value))


def _is(candidate: Candidate, condition: Condition, value: str) -> bool:
    return candidate.facts.get(TOKENS[condition.name]) == value.rpartition("|")[2]


def _has_url(candidate: Candidate, _condition: Condition, value: str) -> bool:
    url, _, version = value.partition("|")
    return is_named(candidate, url) and version in ("", candidate.facts.get("version"))


def _has_identifier(candidate: Candidate, _condition: Condition, value: str) -> bool:
    given = candidate.facts.get("identifier")
    found: Sequence[object] = given if isinstance(given, list) else [given]
    wanted = value.rpartition("|")[2]
    return any(isinstance(one, dict) and one.get("value") == wanted for one in found)


def _is_about(candidate: Candidate, _condition: Condition, value: str) -> bool:
    return value.partition("|")[0] in candidate.systems


COMPARISONS: Final[Mapping[str, Callable[[Candidate, Condition, str], bool]]] = {
    **dict.fromkeys(TEXTS, _fits),
    **dict.fromkeys(TOKENS, _is),
    "url": _has_url,
    "identifier": _has_identifier,
}
