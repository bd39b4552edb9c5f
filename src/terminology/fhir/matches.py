"""What ``$translate`` finds, and how R4 and R5 say it.

A match is a pair of concepts as a map has them, with what the source is to the target. Read forward, the target is the
answer. Read in reverse, R4 answers with the source; R5 leaves the target as ``concept``, and has the source as
``source``, as HL7's conformance tests expect.

R4 has no ``originMap``, but HL7's tests expect it there too; R4's own ``source``, the URL of the map, is sent besides
where the question is asked in R4's names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import evolve, frozen

from .exchange import Resource
from .parameters import parameter, parted
from .questions import Question
from .relationships import NO_MAP, UNRELATED, equivalence_of, inverse_of


@frozen
class Detail:
    """An attribute or a property, by URI, with its value as JSON has it: ``{"valueCoding": …}``."""

    uri: str
    value: Resource


@frozen
class Match:
    """What a map says of a concept."""

    relationship: str | None
    """What the source is to the target; None: the map says that there is nothing to map to."""
    source: Resource | None
    """A Coding."""
    target: Resource | None
    """A Coding; None where there is nothing to map to."""
    origin: str | None = None
    """The map, by URL and version."""
    product: tuple[Detail, ...] = ()
    """What stands beside the target, and belongs to the answer."""
    depends_on: tuple[Detail, ...] = ()
    """What must stand beside the source."""
    properties: tuple[Detail, ...] = ()
    holds: bool = True
    """False where it depends on something that the question does not tell."""

    @property
    def is_translation(self) -> bool:
        """Whether the concept could be translated by it."""
        return self.holds and self.relationship is not NO_MAP and self.relationship != UNRELATED


@frozen
class Found:
    """Matches, and sentences about what was not found."""

    matches: tuple[Match, ...] = ()
    said: tuple[str, ...] = ()


def united(found: Sequence[Found]) -> Found:
    """Return all matches and sentences, each once, in order."""
    found = [one for one in found if one.matches or one.said]
    if len(found) == 1:
        return found[0]
    # values that JSON has cannot be hashed
    matches = {repr(match): match for one in found for match in one.matches}
    said = dict.fromkeys(sentence for one in found for sentence in one.said)
    return Found(tuple(matches.values()), tuple(said))


def part_of(match: Match, question: Question) -> Resource | None:
    """Return a match as a parameter; None of one that the version has no words for: R5 has none for no map."""
    if question.is_reverse and question.is_named_as_r4 and match.relationship is not NO_MAP:
        match = _seen_from_the_target(match)
    if match.relationship is NO_MAP and question.fhir == "r5":
        return None
    is_r4 = question.fhir == "r4"
    return parted(
        "match",
        parameter("concept", coding=match.target) if match.target else None,
        *(_detail("dependsOn", one, is_r4=is_r4) for one in match.depends_on),
        parameter("equivalence", code=equivalence_of(match.relationship)) if is_r4 else None,
        parameter("originMap", canonical=match.origin) if match.origin else None,
        *(_detail("product", one, is_r4=is_r4) for one in match.product),
        *(
            parted("property", parameter("uri", uri=one.uri), {"name": "value", **one.value})
            for one in match.properties
        ),
        None if is_r4 else parameter("relationship", code=match.relationship),
        _source(match, question),
    )


def _source(match: Match, question: Question) -> Resource | None:
    if question.is_named_as_r4:
        return parameter("source", uri=match.origin) if match.origin else None
    return parameter("source", coding=match.source) if question.is_reverse and match.source else None


def _seen_from_the_target(match: Match) -> Match:
    return evolve(
        match,
        relationship=inverse_of(match.relationship or ""),
        source=match.target,
        target=match.source,
        product=match.depends_on,
        depends_on=match.product,
    )


def _detail(name: str, one: Detail, *, is_r4: bool) -> Resource:
    if not is_r4:
        return parted(name, parameter("attribute", uri=one.uri), {"name": "value", **one.value})
    return parted(name, parameter("element", uri=one.uri), parameter("concept", coding=_as_coding(one.value)))


def _as_coding(value: Resource) -> Resource:
    """Return a value as the Coding that R4 wants in its place."""
    stated: Any = next(iter(value.values()))
    return stated if isinstance(stated, dict) else {"display": str(stated)}
