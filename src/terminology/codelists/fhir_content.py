"""What is read of a FHIR resource: entries of the one code system that the list is read for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from attrs import field, frozen

from ..reading import Faults
from ..systems import SystemDefinition, named, plain_name
from .entries import Entry
from .volumes import is_shared, is_volume


@frozen
class Content:
    """What is read of a resource."""

    system: str | None
    """Of the entries: as it was asked for, or as the resource writes it."""
    entries: Sequence[Entry]
    versions: Mapping[str, Sequence[str]] = field(factory=dict)
    """Version strings of the system, each with the parts of the resource that state it."""
    warnings: Sequence[str] = ()


@frozen
class ChosenSystem:
    """The code system that a list is read for."""

    name: str | None
    """As it was asked for, or as the document writes it; None where neither names one."""

    @property
    def definition(self) -> SystemDefinition | None:
        """Its definition, where it is built in."""
        return named(self.name) if self.name else None

    def holds(self, system: str | None) -> bool:
        """Return whether codes of a system are read: those that name none are of the system of the list."""
        if system is None or self.name is None or identity(system) == identity(self.name):
            return True
        return self.is_of_both(system)

    def is_of_both(self, system: str) -> bool:
        """Return whether a name is that of both volumes of ICD-9-CM, one of which is read: the codes say which is meant."""
        return is_shared(system) and is_volume(self.definition)


def identity(system: str) -> str:
    """Return what all names of a system have in common.

    >>> identity("urn:oid:2.16.840.1.113883.6.90"), identity("http://snomed.info/sct")
    ('icd10cm', 'snomed.info/sct')
    """
    definition = named(system)
    return definition.name if definition else plain_name(system)


def distinct(systems: Iterable[str | None]) -> list[str]:
    """Return the systems that are named, each by the name that it has first.

    >>> distinct([None, "http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM", "http://snomed.info/sct"])
    ['http://hl7.org/fhir/sid/icd-10-cm', 'http://snomed.info/sct']
    """
    found: dict[str, str] = {}
    for system in systems:
        if system is not None:
            found.setdefault(identity(system), system)
    return list(found.values())


def chosen_system(
    systems: Iterable[str | None], asked: str | None, faults: Faults, *, line: int, column: str
) -> ChosenSystem:
    """Return the system that a resource is read for; that it holds none of it, or that it holds several, is noted.

    Args:
        systems: What its parts name.
        asked: What the call names.
        faults: Where errors are noted.
        line: Line of the parts.
        column: What they are called.
    """
    found = list(systems)
    names = distinct(found)
    if asked is None:
        if len(names) > 1:
            said = f"expected one code system, got {' and '.join(names)}: name the one to read with --system"
            faults.add(said, line=line, column=column)
        shared = [name for name in found if is_shared(name)]
        return ChosenSystem(shared[0] if shared else names[0] if names else None)
    choice = ChosenSystem(asked)
    if found and not any(map(choice.holds, found)):
        said = f"expected codes of {asked}, got {' and '.join(names)}: name one of them with --system"
        faults.add(said, line=line, column=column)
    return choice
