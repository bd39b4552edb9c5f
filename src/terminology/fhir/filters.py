"""The filters of a value set: which concepts of one version of a code system they let through.

A filter that asks of the hierarchy knows its codes without looking at others; any other one looks at every concept. So
of several filters the one with the fewest codes gives the codes, and the others test them.

References:
    HL7 FHIR R5, ``ValueSet.compose.include.filter`` and http://hl7.org/fhir/filter-operator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from ..query import Edition
from ..shapes import linear_match
from .budget import spend
from .code_systems import Concept, SystemVersion, ancestors, official
from .exchange import Resource
from .given_systems import GivenSystem
from .grouped import OPERATORS, members_of
from .loaded_concepts import LoadedConcept
from .outcomes import FhirError, failure, said

HIERARCHY: Final = ("concept", "code")
"""Properties that stand for the concept itself."""
OF_EVERY_CONCEPT: Final = frozenset(
    {"concept", "code", "display", "definition", "parent", "child", "inactive", "notSelectable", "status", "deprecated"}
)


@frozen
class Filter:
    """One filter, ready to be applied."""

    holds: Callable[[Concept], bool]
    codes: Callable[[], Sequence[str]] | None = None
    """Returns the codes that it lets through, parents first; None where every concept has to be looked at."""


def filters_of(system: SystemVersion, include: Resource, place: str) -> list[Filter]:
    """Return the filters of one include or exclude.

    Args:
        system: The version of its code system.
        include: The element.
        place: Where it stands: ``ValueSet.compose.include[0]``.

    Raises:
        FhirError: A filter has no value, or cannot be applied to the code system.
    """
    return [_filter(system, one, f"{place}.filter[{number}]") for number, one in enumerate(include.get("filter") or [])]


def selected(system: SystemVersion, filters: Sequence[Filter]) -> Sequence[str]:
    """Return the codes that all filters let through, parents before children."""
    sources = [one for one in filters if one.codes is not None]
    if not sources:
        return [code for code in _paced(system.codes()) if _holds(system, code, filters)]
    candidates = [one.codes() for one in sources if one.codes is not None]
    shortest = min(range(len(candidates)), key=lambda number: len(candidates[number]))
    others = [one for one in filters if one is not sources[shortest]]
    if not others:
        return [code for code in candidates[shortest] if system.holds(code)]
    return [code for code in _paced(candidates[shortest]) if _holds(system, code, others)]


def _paced(codes: Sequence[str]) -> Iterator[str]:
    """Yield codes, as long as there is time left."""
    for number, code in enumerate(codes):
        if number % 1_024 == 0:
            spend()
        yield code


def _holds(system: SystemVersion, code: str, filters: Sequence[Filter]) -> bool:
    concept = system.concept(code)
    return concept is not None and all(one.holds(concept) for one in filters)


def _filter(system: SystemVersion, element: Resource, place: str) -> Filter:
    name, operator, value = element.get("property"), element.get("op"), element.get("value")
    if not isinstance(name, str) or not isinstance(operator, str):
        raise failure(400, "invalid", f"{place}: expected a filter with property and op", kind="vs-invalid")
    if not isinstance(value, str) or not value:
        values = (system.url, name, operator)
        made = said(
            "UNABLE_TO_HANDLE_SYSTEM_FILTER_WITH_NO_VALUE", *values, code="invalid", kind="vs-invalid", at=place
        )
        raise FhirError(400, [made])
    if name in HIERARCHY:
        made_filter = _of_hierarchy(system, operator, value, place)
    elif name in ("parent", "child"):
        made_filter = _of_neighbours(system, name, operator, value, place)
    elif grouped := [edition for edition in system.editions if name in edition.groupings]:
        made_filter = _of_grouping(grouped, name, operator, value)
    elif is_known(system, name):
        made_filter = _of_property(name, operator, value, place)
    else:
        made_filter = None
    if made_filter is None:
        raise _unsupported(system, name, operator, place)
    return made_filter


def is_known(system: SystemVersion, name: str) -> bool:
    """Return whether a code system has a property: it is declared, a standard one, or a concept has it."""
    if name in OF_EVERY_CONCEPT or any(one.get("code") == name for one in system.declared):
        return True
    # of a code system of the store all properties are declared; to look at each concept takes seconds
    return isinstance(system, GivenSystem) and any(
        one.get("code") == name
        for code in system.codes()
        if (concept := system.concept(code)) is not None
        for one in concept.properties
    )


def _unsupported(system: SystemVersion, name: str, operator: str, place: str) -> FhirError:
    if name in HIERARCHY:
        message, values = "Unable_to_handle_system__concept_filter_with_op__", [system.url, operator]
    else:
        message, values = "Unable_to_handle_system__filter_with_property__", [system.url, name, operator]
    return FhirError(400, [said(message, *values, code="not-supported", kind="vs-invalid", at=place)])


def _of_hierarchy(system: SystemVersion, operator: str, value: str, place: str) -> Filter | None:
    """Return a filter on the concept itself; None for an operator that there is none of."""
    whole, value = value, official(system, value)
    if operator in ("is-a", "descendent-of", "descendent-leaf", "is-not-a"):
        return _below(system, operator, value)
    values = [official(system, one.strip()) for one in whole.split(",")]
    match operator:
        case "child-of":
            return _among(system.children(value))
        case "generalizes":
            return _among([*reversed(list(ancestors(system, value))), value])
        case "=":
            return _among([value])
        case "in":
            return _among(values)
        case "not-in":
            return Filter(lambda concept: concept.code not in values)
        case "regex":
            return Filter(_matching(lambda concept: [concept.code], whole, place))
        case "exists":
            return Filter(lambda _: value == "true")
    return None


def _among(codes: Sequence[str]) -> Filter:
    return Filter(lambda concept: concept.code in codes, lambda: codes)


def _below(system: SystemVersion, operator: str, value: str) -> Filter:
    """Return a filter on what is below a code."""

    def below(concept: Concept) -> bool:
        return system.is_below(concept.code, value)

    match operator:
        case "is-a":
            return Filter(
                lambda concept: concept.code == value or below(concept),
                lambda: [value, *system.descendants(value)],
            )
        case "descendent-of":
            return Filter(below, lambda: system.descendants(value))
        case "descendent-leaf":
            return Filter(
                lambda concept: below(concept) and not system.children(concept.code),
                lambda: [code for code in system.descendants(value) if not system.children(code)],
            )
    return Filter(lambda concept: concept.code != value and not below(concept))


def _of_neighbours(system: SystemVersion, name: str, operator: str, value: str, place: str) -> Filter | None:
    """Return a filter on the codes directly above or below."""
    near = system.parents if name == "parent" else system.children
    far = system.children if name == "parent" else system.parents
    if operator == "=":
        code = official(system, value)
        return Filter(lambda concept: code in near(concept.code), lambda: far(code))
    return _of_values(lambda concept: [str(code) for code in near(concept.code)], operator, value, place)


def _of_property(name: str, operator: str, value: str, place: str) -> Filter | None:
    """Return a filter on a property; None for an operator that there is none of."""
    return _of_values(lambda concept: values_of(concept, name), operator, value, place)


def _of_grouping(editions: Sequence[Edition], name: str, operator: str, value: str) -> Filter | None:
    """Return a filter on the category of a code by a grouping, on the day of the editions; None for another operator."""
    if operator not in OPERATORS:
        return None
    wanted = [value] if operator == "=" else [one.strip() for one in value.split(",")]
    codes = members_of(editions, name, wanted)
    known = frozenset(codes)
    return Filter(lambda concept: concept.code in known, lambda: codes)


def _of_values(values: Callable[[Concept], list[str]], operator: str, value: str, place: str) -> Filter | None:
    wanted = {one.strip() for one in value.split(",")}
    match operator:
        case "=":
            return Filter(lambda concept: value in values(concept))
        case "in":
            return Filter(lambda concept: not wanted.isdisjoint(values(concept)))
        case "not-in":
            return Filter(lambda concept: wanted.isdisjoint(values(concept)))
        case "regex":
            return Filter(_matching(values, value, place))
        case "exists":
            return Filter(lambda concept: bool(values(concept)) == (value == "true"))
    return None


def values_of(concept: Concept, name: str) -> list[str]:
    """Return the values of a property of a concept, as texts."""
    if name == "display":
        return [concept.display] if concept.display else []
    if name == "definition":
        return [concept.definition] if concept.definition else []
    if name == "inactive":
        return ["true" if concept.is_inactive else "false"]
    found = [_text(one) for one in concept.named(name)]
    if not found and name == "notSelectable" and (concept.is_abstract or isinstance(concept, LoadedConcept)):
        # in a resource a concept that says nothing of it may be either; of a release it is known
        return ["true" if concept.is_abstract else "false"]
    if not found and name == "status" and concept.status:
        return [concept.status]
    return found


def _text(holder: Resource) -> str:
    value: Any = next((value for name, value in holder.items() if name.startswith("value")), "")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("code", ""))
    return str(value)


def _matching(values: Callable[[Concept], list[str]], shape: str, place: str) -> Callable[[Concept], bool]:
    try:
        fullmatch = linear_match(shape)
    except ValueError as error:
        raise failure(400, "invalid", f"{place}: expected {error}, got {shape!r}", kind="vs-invalid") from None
    return lambda concept: any(fullmatch(value) is not None for value in values(concept))
