"""The definition of a FHIR ValueSet, its ``compose``, as entries of a code list, where these can express the same.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource ValueSet, ``ValueSet.compose``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import evolve, frozen

from ..reading import Element, Faults, PlacedText
from .damaged import add_damaged
from .entries import Entry, EntryKind, remark
from .fhir_content import Content, chosen_system
from .filters import filtered, filters_of


@frozen(eq=False)
class Clause:
    """One include or exclude of a compose."""

    element: Element
    excluding: bool
    place: str
    """Like ``compose.include[1]``."""

    @property
    def system(self) -> str | None:
        """The system that it names, as it writes it."""
        return self.element.text("system")

    @property
    def version(self) -> str | None:
        """The version that it names, beside the system or behind a bar in it."""
        return self.element.text("version") or (self.system or "").partition("|")[2] or None


def is_composed(resource: Element) -> bool:
    """Return whether a ValueSet says what it includes."""
    compose = resource.get("compose")
    return isinstance(compose, Element) and bool(compose.items_of("include"))


def compose_content(resource: Element, system: str | None, faults: Faults) -> Content:
    """Return what the clauses of a ValueSet include, of one system; what a list cannot express is an error.

    Args:
        resource: The ValueSet.
        system: The system that is asked for; else it names one only.
        faults: Where errors and damaged rows are noted.
    """
    clauses = list(_clauses(resource, faults))
    systems = [clause.system for clause in clauses]
    line = clauses[0].element.line if clauses else resource.line
    choice = chosen_system(systems, system, faults, line=line, column="compose.include.system")
    kept = [clause for clause in clauses if choice.holds(clause.system)]
    is_sole = sum(not clause.excluding for clause in kept) == 1
    versions: dict[str, list[str]] = {}
    for clause in kept:
        if clause.version:
            versions.setdefault(clause.version, []).append(clause.place)
    warnings = [
        f"{clause.place} is of {clause.system} and was left out: the list is read for {choice.name}"
        for clause in clauses
        if not choice.holds(clause.system)
    ]
    shared = next((clause.system for clause in kept if clause.system and choice.is_of_both(clause.system)), None)
    entries = [entry for clause in kept for entry in _entries(clause, faults, is_sole=is_sole)]
    return Content(shared or choice.name, entries, versions, warnings)


def _clauses(resource: Element, faults: Faults) -> Iterator[Clause]:
    compose = resource["compose"]
    for name in ("include", "exclude"):
        for number, element in enumerate(compose.items_of(name), 1):
            place = f"compose.{name}[{number}]"
            if isinstance(element, Element):
                yield Clause(element, name == "exclude", place)
            else:
                faults.add(
                    f"expected an object, got {element!r}: give its system and codes", line=compose.line, column=place
                )


def _entries(clause: Clause, faults: Faults, *, is_sole: bool) -> Iterator[Entry]:
    element = clause.element
    if element.get("valueSet"):
        faults.add(
            "refers to another value set, which a code list cannot do: give its codes, or have a FHIR server expand it",
            line=element.line,
            column=f"{clause.place}.valueSet",
        )
        return
    concepts, filters = element.items_of("concept"), filters_of(element, clause.place, faults)
    if concepts and filters:
        said = "has concepts and filters, which FHIR forbids (vsd-3): make two of it"
        faults.add(said, line=element.line, column=clause.place)
    elif concepts:
        for number, concept in enumerate(concepts, 1):
            yield from _concept(concept, clause, f"{clause.place}.concept[{number}]", faults)
    elif filters:
        for entry in filtered(filters, faults, is_sole=is_sole and not clause.excluding):
            yield evolve(entry, excluding=entry.excluding or clause.excluding)
    elif clause.system and filters is not None:
        yield Entry(EntryKind.PATTERN, "*", excluding=clause.excluding, line=element.line, column=element.column)
    elif filters is not None:
        said = "expected a system, concepts or filters, got none of them: give one"
        faults.add(said, line=element.line, column=clause.place)


def _concept(concept: Any, clause: Clause, place: str, faults: Faults) -> Iterator[Entry]:
    code = concept.get("code") if isinstance(concept, Element) else None
    if isinstance(code, PlacedText) and code.strip():
        label = remark(concept.text("display"))
        entry = Entry(EntryKind.CODE, " ".join(code.split()), label=label, line=code.line, column=code.column)
        yield evolve(entry, excluding=clause.excluding)
        return
    line = concept.line if isinstance(concept, Element) else clause.element.line
    shown = (concept.text("display") or "") if isinstance(concept, Element) else str(concept)
    said = f"expected a concept with a code, got {code!r}: give its code"
    add_damaged(faults, shown, said, line=line, column=f"{place}.code")
