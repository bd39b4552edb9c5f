"""A FHIR ValueSet, R4 or R5, as a code list: what its ``compose`` says, where a list can say the same.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource ValueSet, ``ValueSet.compose``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve, frozen

from ..reading import Faults
from ..systems import names_of, plain_name
from .documents import Object, Text
from .entries import Entry, EntryKind, remark
from .plain import Head, definition_of, head_from

FILTERS: Final = {"is-a": EntryKind.IS_A, "descendent-of": EntryKind.BELOW, "=": EntryKind.CODE}
PROPERTIES: Final = frozenset({"concept", "code"})


@frozen
class Part:
    """One include or exclude of a compose."""

    element: Object
    excluding: bool
    place: str
    """Like ``compose.include[1]``."""
    system: str | None


def read_value_set(
    resource: Object, faults: Faults, system: str | None
) -> tuple[Head, list[Entry], str, tuple[str, ...]]:
    """Return head, entries, ``fhir`` and warnings; faults are noted: what a code list cannot say is one."""
    if resource["resourceType"] != "ValueSet":
        faults.add(f"expected a ValueSet, got {resource['resourceType']!r}", line=resource.line, column="resourceType")
        return Head(), [], "fhir", ()
    parts = list(_parts(resource, faults))
    kept, left_out = _of_one_system(parts, system, faults)
    entries = [entry for part in kept for entry in _entries(part, faults)]
    warnings = [f"{part.place} is of {part.system} and was left out" for part in left_out]
    if not parts and not faults:
        faults.add("expected compose with include; an expansion alone is no list", line=resource.line, column="compose")
    return _head(resource, kept, system, faults), entries, "fhir", tuple(warnings)


def _parts(resource: Object, faults: Faults) -> Iterator[Part]:
    compose = resource.get("compose")
    if not isinstance(compose, Object):
        return
    for name in ("include", "exclude"):
        for number, element in enumerate(_items(compose.get(name)), 1):
            place = f"compose.{name}[{number}]"
            if not isinstance(element, Object):
                faults.add(f"expected an object, got {element!r}", line=compose.line, column=place)
                continue
            yield Part(element, name == "exclude", place, _text(element.get("system")))


def _of_one_system(parts: list[Part], system: str | None, faults: Faults) -> tuple[list[Part], list[Part]]:
    """Return the parts of the system that is read, and those that are left out."""
    if system is not None:
        definition = definition_of(system)
        names = names_of(definition) if definition else {plain_name(system)}
        kept = [part for part in parts if part.system is None or plain_name(part.system) in names]
        if parts and not kept:
            named = ", ".join(dict.fromkeys(part.system or "?" for part in parts))
            faults.add(f"expected codes of {system}, got {named}", line=parts[0].element.line, column="system")
        return kept, [part for part in parts if part not in kept]
    named_systems = list(dict.fromkeys(part.system for part in parts if part.system))
    if len(named_systems) > 1:
        first = next(part for part in parts if part.system == named_systems[1])
        faults.add(
            f"expected one code system, got {' and '.join(named_systems)}: name the one to read",
            line=first.element.line,
            column=f"{first.place}.system",
        )
    return parts, []


def _entries(part: Part, faults: Faults) -> Iterator[Entry]:
    element = part.element
    if element.get("valueSet"):
        faults.add(
            "refers to another value set, which a code list cannot do: give the codes",
            line=element.line,
            column=f"{part.place}.valueSet",
        )
        return
    concepts, filters = _items(element.get("concept")), _items(element.get("filter"))
    if concepts and filters:
        faults.add("has concepts and filters, which FHIR forbids (vsd-3)", line=element.line, column=part.place)
    elif concepts:
        for number, concept in enumerate(concepts, 1):
            yield from _concept(concept, part, f"{part.place}.concept[{number}]", faults)
    elif filters:
        yield from _filtered(filters, part, faults)
    elif part.system:
        yield Entry(EntryKind.PATTERN, "*", excluding=part.excluding, line=element.line, column=element.column)
    else:
        faults.add("expected a system, concepts or filters", line=element.line, column=part.place)


def _concept(concept: Any, part: Part, place: str, faults: Faults) -> Iterator[Entry]:
    code = concept.get("code") if isinstance(concept, Object) else None
    if not isinstance(code, Text) or not code.strip():
        line = concept.line if isinstance(concept, Object) else part.element.line
        faults.add(f"expected a concept with a code, got {code!r}", line=line, column=f"{place}.code")
        return
    label = remark(_text(concept.get("display")))
    entry = Entry(EntryKind.CODE, code.strip(), label=label, line=code.line, column=code.column)
    yield evolve(entry, excluding=part.excluding)


def _filtered(filters: list[Any], part: Part, faults: Faults) -> Iterator[Entry]:
    if len(filters) > 1:
        faults.add(
            "has several filters that hold together, which a code list cannot say",
            line=part.element.line,
            column=f"{part.place}.filter",
        )
        return
    found, place = filters[0], f"{part.place}.filter[1]"
    if not isinstance(found, Object):
        faults.add(f"expected a filter, got {found!r}", line=part.element.line, column=place)
        return
    name, operation, value = (_text(found.get(key)) for key in ("property", "op", "value"))
    if name not in PROPERTIES or operation not in FILTERS:
        faults.add(
            f"the filter {name} {operation} {value} cannot be said in a code list"
            f" (expected concept with {', '.join(FILTERS)})",
            line=found.line,
            column=place,
        )
    elif not value:
        faults.add("expected a filter with a value", line=found.line, column=f"{place}.value")
    else:
        kind = FILTERS[operation or ""]
        yield Entry(kind, value, excluding=part.excluding, line=found.line, column=found.column)


def _head(resource: Object, parts: list[Part], system: str | None, faults: Faults) -> Head:
    named = system or next((part.system for part in parts if part.system), None)
    definition = definition_of(named)
    versions = list(dict.fromkeys(version for part in parts if (version := _text(part.element.get("version")))))
    compose = resource.get("compose")
    texts = {
        "name": _text(resource.get("title")) or _text(resource.get("name")),
        "system": definition.name if definition else named,
        "release": versions[0] if len(versions) == 1 else None,
        "on": _text(compose.get("lockedDate")) if isinstance(compose, Object) and not versions else None,
        "description": _text(resource.get("description")),
    }
    if len(versions) > 1:
        faults.add(f"expected one version, got {' and '.join(versions)}", line=resource.line, column="version")
    return head_from({key: (" ".join(text.split()), resource.line) for key, text in texts.items() if text}, faults)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str) else None
