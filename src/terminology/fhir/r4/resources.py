"""A resource of R5 as one of R4, and back: element by element, down to the resources within it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from ..exchange import FHIR_VERSIONS, Resource
from .dependencies import dependencies_to_r4, dependencies_to_r5
from .elements import TO_R4, TO_R5, issue_to_r4, match_to_r4
from .extensions import Shape, moved_in, moved_out
from .shapes import SHAPES

Change = Callable[[Resource], Resource]
ElementChange = Callable[[Resource, Shape], Resource]


def to_r4(resource: Resource) -> Resource:
    """Return a resource of R5 in the form of R4; what R4 cannot say becomes extensions. Nothing that is given is changed.

    >>> to_r4({"resourceType": "ValueSet", "expansion": {"property": [{"code": "parent"}]}})["expansion"]["extension"]
    [{'url': 'http://hl7.org/fhir/5.0/StructureDefinition/extension-ValueSet.expansion.property',
      'extension': [{'url': 'code', 'valueCode': 'parent'}]}]
    """
    kind = str(resource.get("resourceType"))
    made = _with_held(resource, to_r4)
    if kind == "ConceptMap":
        made = dependencies_to_r4(made)
    if kind == "OperationOutcome":
        return _each(made, "issue", issue_to_r4)
    if kind == "Parameters":
        return _each(made, "parameter", _parameter_to_r4)
    if kind == "CapabilityStatement" and "fhirVersion" in made:
        made = {**made, "fhirVersion": FHIR_VERSIONS["r4"]}
    return _converted(made, SHAPES[kind], TO_R4, moved_out, first=True) if kind in SHAPES else made


def to_r5(resource: Resource) -> Resource:
    """Return a resource of R4 in the form of R5, with what extensions say of R5. Nothing that is given is changed.

    What R4 says and R5 does not (of a ConceptMap the equivalences ``equal``, ``subsumes``, ``specializes`` and
    ``inexact``) is kept in an extension, and `to_r4` reads it.

    >>> made = to_r5({"resourceType": "ConceptMap", "group": [{"element": [{"code": "a", "target": [
    ...     {"code": "b", "equivalence": "wider"}]}]}]})
    >>> made["group"][0]["element"][0]["target"]
    [{'code': 'b', 'relationship': 'source-is-narrower-than-target'}]
    """
    kind = str(resource.get("resourceType"))
    made = _with_held(resource, to_r5)
    if kind in SHAPES:
        made = _converted(made, SHAPES[kind], TO_R5, moved_in, first=False)
    if kind == "CapabilityStatement" and "fhirVersion" in made:
        made = {**made, "fhirVersion": FHIR_VERSIONS["r5"]}
    return dependencies_to_r5(made) if kind == "ConceptMap" else made


def _converted(
    element: Resource, shape: Shape, changes: Mapping[str, Change], move: ElementChange, *, first: bool
) -> Resource:
    """Return an element with all below it.

    Args:
        element: The element.
        shape: Of its path.
        changes: What is done by path beside moving.
        move: Moves new elements into extensions, or out of them.
        first: Whether the changes come before the moving.
    """
    made = element
    change = changes.get(shape.path)
    if change and first:
        made = change(made)
    made = move(made, shape)
    if change and not first:
        made = change(made)
    for name, path in shape.below.items():
        if name not in made:
            continue
        below = SHAPES[path]
        if below.new or below.below or path in changes:
            made = _each(made, name, partial(_converted, shape=below, changes=changes, move=move, first=first))
    return made


def _each(element: Resource, name: str, change: Change) -> Resource:
    """Return an element with its members of one name changed; the same element where none changes."""
    value = element.get(name)
    if isinstance(value, dict):
        changed: Any = change(value)
        return element if changed is value else {**element, name: changed}
    if not isinstance(value, list):
        return element
    made = [change(one) if isinstance(one, dict) else one for one in value]
    same = all(one is was for one, was in zip(made, value, strict=True))
    return element if same else {**element, name: made}


def _with_held(resource: Resource, convert: Change) -> Resource:
    """Return a resource with the resources that it holds converted: contained ones, entries, parameters."""
    made = _each(resource, "contained", convert)
    kind = resource.get("resourceType")
    if kind == "Bundle":
        return _each(made, "entry", lambda one: _each(_each(one, "resource", convert), "response", _outcome(convert)))
    if kind == "Parameters":
        return _each(made, "parameter", lambda one: _held_by_parameter(one, convert))
    return made


def _outcome(convert: Change) -> Change:
    return lambda response: _each(response, "outcome", convert)


def _held_by_parameter(parameter: Resource, convert: Change) -> Resource:
    made = _each(parameter, "resource", convert)
    return _each(made, "part", lambda part: _held_by_parameter(part, convert))


MATCH: Final = "match"


def _parameter_to_r4(parameter: Resource) -> Resource:
    parts = parameter.get("part")
    if parameter.get("name") != MATCH or not isinstance(parts, list):
        return parameter
    return {**parameter, "part": match_to_r4(parts)}
