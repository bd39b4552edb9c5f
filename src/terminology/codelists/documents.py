"""A code list as JSON: a list of entries, an object with them, or a FHIR ValueSet. Every value knows its place.

Of a ValueSet, R4 or R5, its ``compose`` is read where a list can express the same.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource ValueSet, ``ValueSet.compose``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve, frozen

from ..reading import Element, Faults, PlacedText, json_document
from ..systems import names_of, plain_name
from .damaged import add_damaged
from .entries import Entry, EntryKind, remark
from .plain import HEAD, Head, definition_of, entry_from, head_from

KEYS: Final = (*HEAD, "entries", "excluding")
FILTERS: Final = {"is-a": EntryKind.IS_A, "descendent-of": EntryKind.BELOW, "=": EntryKind.CODE}
PROPERTIES: Final = frozenset({"concept", "code"})


def read_document(
    text: str, file: str, faults: Faults, system: str | None = None
) -> tuple[Head, list[Entry], str, tuple[str, ...]]:
    """Return head, entries, form (json or fhir) and warnings; errors are noted.

    Raises:
        ReleaseFormatError: The text is no JSON.
    """
    found = json_document(text, file, with_places=True)
    if isinstance(found, Element) and "resourceType" in found:
        return _read_value_set(found, faults, system)
    head, entries = _read_list(found, faults, system)
    return head, entries, "json", ()


def _read_list(found: Any, faults: Faults, system: str | None) -> tuple[Head, list[Entry]]:
    if isinstance(found, list):
        found = Element({"entries": found}, line=1, column=1)
    if not isinstance(found, Element):
        faults.add("expected a list of entries, or an object with entries", line=1, column=1)
        return Head(), []
    for key in found:
        if key not in KEYS:
            faults.add(f"expected one of {', '.join(KEYS)}, got {key!r}", line=found.line, column=key)
    head = head_from(_head_values(found, faults), faults)
    definition = definition_of(system or head.system)
    entries = []
    for key in ("entries", "excluding"):
        items = found.get(key, [])
        if not isinstance(items, list):
            faults.add(f"expected a list for {key}, got {items!r}", line=found.line, column=key)
            continue
        for number, item in enumerate(items, 1):
            entry = _entry(item, f"{key}[{number}]", found.line, faults, definition)
            if entry:
                entries.append(evolve(entry, excluding=entry.excluding or key == "excluding"))
    return head, entries


def _head_values(found: Element, faults: Faults) -> dict[str, tuple[str, int]]:
    values: dict[str, tuple[str, int]] = {}
    for key in HEAD:
        value = found.get(key)
        if isinstance(value, PlacedText) and value.strip():
            values[key] = (str(value).strip(), value.line)
        elif value is not None:
            faults.add(f"expected a text for {key}, got {value!r}", line=found.line, column=key)
    return values


def _entry(item: Any, place: str, line: int, faults: Faults, definition: Any) -> Entry | None:
    written, remarks = item, Element()
    if isinstance(item, Element):
        remarks, written = item, item.get("entry", item.get("code"))
    if not isinstance(written, PlacedText):
        said = f"expected an entry as text, got {item!r}: put the code in quotation marks"
        add_damaged(faults, str(item), said, line=getattr(item, "line", line), column=place)
        return None
    entry = entry_from(str(written), written.line, faults, definition, written.column)
    if entry is None:
        return None
    label, comment = (_remark(remarks.get(name)) for name in ("label", "comment"))
    return evolve(entry, label=label or entry.label, comment=comment or entry.comment, column=written.column)


def _remark(value: Any) -> str | None:
    return remark(value) if isinstance(value, str) else None


# ---- FHIR ValueSet


@frozen
class Clause:
    """One include or exclude of a compose."""

    element: Element
    excluding: bool
    place: str
    """Like ``compose.include[1]``."""
    system: str | None


def _read_value_set(
    resource: Element, faults: Faults, system: str | None
) -> tuple[Head, list[Entry], str, tuple[str, ...]]:
    """Return head, entries, ``fhir`` and warnings; errors are noted: what a code list cannot express is one."""
    if resource["resourceType"] != "ValueSet":
        faults.add(f"expected a ValueSet, got {resource['resourceType']!r}", line=resource.line, column="resourceType")
        return Head(), [], "fhir", ()
    clauses = list(_clauses(resource, faults))
    kept, left_out = _of_one_system(clauses, system, faults)
    entries = [entry for clause in kept for entry in _clause_entries(clause, faults)]
    warnings = [f"{clause.place} is of {clause.system} and was left out" for clause in left_out]
    if not clauses and not faults:
        faults.add("expected compose with include; an expansion alone is no list", line=resource.line, column="compose")
    return _value_set_head(resource, kept, system, faults), entries, "fhir", tuple(warnings)


def _clauses(resource: Element, faults: Faults) -> Iterator[Clause]:
    compose = resource.get("compose")
    if not isinstance(compose, Element):
        return
    for name in ("include", "exclude"):
        for number, element in enumerate(compose.items_of(name), 1):
            place = f"compose.{name}[{number}]"
            if not isinstance(element, Element):
                faults.add(f"expected an object, got {element!r}", line=compose.line, column=place)
                continue
            yield Clause(element, name == "exclude", place, element.text("system"))


def _of_one_system(clauses: list[Clause], system: str | None, faults: Faults) -> tuple[list[Clause], list[Clause]]:
    """Return the clauses of the system that is read, and those that are left out."""
    if system is not None:
        definition = definition_of(system)
        names = names_of(definition) if definition else {plain_name(system)}
        kept = [clause for clause in clauses if clause.system is None or plain_name(clause.system) in names]
        if clauses and not kept:
            named = ", ".join(dict.fromkeys(clause.system or "?" for clause in clauses))
            faults.add(f"expected codes of {system}, got {named}", line=clauses[0].element.line, column="system")
        return kept, [clause for clause in clauses if clause not in kept]
    named_systems = list(dict.fromkeys(clause.system for clause in clauses if clause.system))
    if len(named_systems) > 1:
        first = next(clause for clause in clauses if clause.system == named_systems[1])
        faults.add(
            f"expected one code system, got {' and '.join(named_systems)}: name the one to read",
            line=first.element.line,
            column=f"{first.place}.system",
        )
    return clauses, []


def _clause_entries(clause: Clause, faults: Faults) -> Iterator[Entry]:
    element = clause.element
    if element.get("valueSet"):
        faults.add(
            "refers to another value set, which a code list cannot do: give the codes",
            line=element.line,
            column=f"{clause.place}.valueSet",
        )
        return
    concepts, filters = element.items_of("concept"), element.items_of("filter")
    if concepts and filters:
        faults.add("has concepts and filters, which FHIR forbids (vsd-3)", line=element.line, column=clause.place)
    elif concepts:
        for number, concept in enumerate(concepts, 1):
            yield from _concept(concept, clause, f"{clause.place}.concept[{number}]", faults)
    elif filters:
        yield from _filtered(filters, clause, faults)
    elif clause.system:
        yield Entry(EntryKind.PATTERN, "*", excluding=clause.excluding, line=element.line, column=element.column)
    else:
        faults.add("expected a system, concepts or filters", line=element.line, column=clause.place)


def _concept(concept: Any, clause: Clause, place: str, faults: Faults) -> Iterator[Entry]:
    code = concept.get("code") if isinstance(concept, Element) else None
    if not isinstance(code, PlacedText) or not code.strip():
        line = concept.line if isinstance(concept, Element) else clause.element.line
        shown = (concept.text("display") or "") if isinstance(concept, Element) else str(concept)
        said = f"expected a concept with a code, got {code!r}"
        add_damaged(faults, shown, said, line=line, column=f"{place}.code")
        return
    label = remark(concept.text("display"))
    entry = Entry(EntryKind.CODE, code.strip(), label=label, line=code.line, column=code.column)
    yield evolve(entry, excluding=clause.excluding)


def _filtered(filters: list[Any], clause: Clause, faults: Faults) -> Iterator[Entry]:
    if len(filters) > 1:
        faults.add(
            "has several filters that hold together, which a code list cannot express",
            line=clause.element.line,
            column=f"{clause.place}.filter",
        )
        return
    found, place = filters[0], f"{clause.place}.filter[1]"
    if not isinstance(found, Element):
        faults.add(f"expected a filter, got {found!r}", line=clause.element.line, column=place)
        return
    name, operation, value = (found.text(key) for key in ("property", "op", "value"))
    if name not in PROPERTIES or operation not in FILTERS:
        faults.add(
            f"the filter {name} {operation} {value} cannot be written in a code list"
            f" (expected concept with {', '.join(FILTERS)})",
            line=found.line,
            column=place,
        )
    elif not value:
        faults.add("expected a filter with a value", line=found.line, column=f"{place}.value")
    else:
        kind = FILTERS[operation or ""]
        yield Entry(kind, value, excluding=clause.excluding, line=found.line, column=found.column)


def _value_set_head(resource: Element, clauses: list[Clause], system: str | None, faults: Faults) -> Head:
    named = system or next((clause.system for clause in clauses if clause.system), None)
    definition = definition_of(named)
    versions = list(dict.fromkeys(version for clause in clauses if (version := clause.element.text("version"))))
    compose = resource.get("compose")
    texts = {
        "name": resource.text("title") or resource.text("name"),
        "system": definition.name if definition else named,
        "release": versions[0] if len(versions) == 1 else None,
        "on": compose.text("lockedDate") if isinstance(compose, Element) and not versions else None,
        "description": resource.text("description"),
    }
    if len(versions) > 1:
        faults.add(f"expected one version, got {' and '.join(versions)}", line=resource.line, column="version")
    return head_from({key: (" ".join(text.split()), resource.line) for key, text in texts.items() if text}, faults)
