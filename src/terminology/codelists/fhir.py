"""A code list as a FHIR resource in JSON: a ValueSet, a CodeSystem, or a Bundle or Parameters with one of them.

Of a ValueSet its definition is read, where a list can express the same; else its expansion.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resources ValueSet, CodeSystem, Bundle and Parameters.
"""

from __future__ import annotations

from typing import Any

from ..reading import Element, Faults
from ..systems import named
from .concept_trees import code_system_content, expansion_content, is_expanded
from .damaged import RowFaults
from .entries import Entry
from .fhir_content import Content
from .plain import Head, head_from
from .stated_releases import newest_release
from .value_sets import compose_content, is_composed
from .volumes import is_shared


def read_resource(
    resource: Element, faults: RowFaults, system: str | None
) -> tuple[Head, list[Entry], str, tuple[str, ...]]:
    """Return head, entries, ``fhir`` and warnings; errors are noted: what a code list cannot express is one.

    Args:
        resource: The resource.
        faults: Where errors and damaged rows are noted.
        system: The code system that is asked for.
    """
    found = _of_list(resource, faults)
    content = None
    if found is not None:
        is_set = found["resourceType"] == "ValueSet"
        content = _value_set(found, system, faults) if is_set else code_system_content(found, system, faults)
    if found is None or content is None:
        return Head(), [], "fhir", ()
    head, warnings = _head(found, content, faults)
    return head, list(content.entries), "fhir", (*content.warnings, *warnings)


def _of_list(resource: Element, faults: Faults) -> Element | None:
    """Return the ValueSet or CodeSystem that a resource is or holds; that there is none, or several, is noted."""
    kind = resource.text("resourceType")
    if kind in ("ValueSet", "CodeSystem"):
        return resource
    held = _held(resource, kind)
    for wanted in ("ValueSet", "CodeSystem"):
        found = [one for one in held if one.get("resourceType") == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(one.text("title") or one.text("name") or one.text("id") or "?" for one in found[:5])
            said = f"expected one {wanted} in the {kind}, got {len(found)} ({names}): save each as a file of its own"
            faults.add(said, line=found[1].line, column="resourceType")
            return None
    said = f"expected a ValueSet or a CodeSystem, got {kind!r}: a code list is one of them, or text, CSV or JSON"
    faults.add(said, line=resource.line, column="resourceType")
    return None


def _held(resource: Element, kind: str | None) -> list[Element]:
    name = {"Bundle": "entry", "Parameters": "parameter"}.get(kind or "")
    items: list[Any] = resource.items_of(name) if name else []
    held = [item.get("resource") for item in items if isinstance(item, Element)]
    return [one for one in held if isinstance(one, Element)]


def _value_set(resource: Element, system: str | None, faults: RowFaults) -> Content | None:
    """Return what a ValueSet includes: by its definition, or, where a list cannot express that, by its expansion."""
    if is_composed(resource):
        tried = RowFaults(faults.file, strict=faults.strict)
        content = compose_content(resource, system, tried)
        if not tried or not is_expanded(resource):
            faults.take(tried)
            return content
        why = f"{tried.kept[0].column}: {tried.kept[0].message}"
        content = expansion_content(resource, system, faults)
        said = f"the definition of the value set cannot be read as a list, and its expansion is read instead ({why})"
        return Content(content.system, content.entries, content.versions, [said, *content.warnings])
    if is_expanded(resource):
        return expansion_content(resource, system, faults)
    said = "expected compose with include, or an expansion with codes, got neither: have a FHIR server expand it"
    faults.add(said, line=resource.line, column="compose")
    return None


def _head(resource: Element, content: Content, faults: Faults) -> tuple[Head, list[str]]:
    definition = named(content.system) if content.system else None
    release, warnings = newest_release(content.versions, definition)
    compose = resource.get("compose")
    locked = compose.text("lockedDate") if isinstance(compose, Element) and not content.versions else None
    # of a name that two systems share, the codes will say which is meant
    system = definition.name if definition and not is_shared(content.system) else content.system
    texts = {
        "name": resource.text("title") or resource.text("name"),
        "system": system,
        "release": release.version if release else None,
        "on": str(release.on) if release and release.on else locked,
        "description": resource.text("description"),
    }
    values = {key: (" ".join(text.split()), resource.line) for key, text in texts.items() if text}
    return head_from(values, faults), warnings
