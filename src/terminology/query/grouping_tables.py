"""The tables of a grouping: its versions as a code system of categories, and the crosswalks that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import TerminologyError
from ..systems import SYSTEMS
from .compiled import CompiledStore, CompiledSystem

if TYPE_CHECKING:
    from ..mapping.rows import MapRows
    from ..systems import SystemDefinition


class GroupingTables:
    """What `Grouping` and `GroupingEdition` answer from."""

    def __init__(self, store: CompiledStore, system: CompiledSystem) -> None:
        self.store = store
        self.system = system

    @property
    def name(self) -> str:
        """Short name of the grouping."""
        return self.system.name

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about it."""
        return self.system.definition

    @cached_property
    def maps(self) -> Mapping[str, MapRows]:
        """The crosswalk from each code system that it groups, by the short name of that."""
        return {rows.source_system: rows for rows in self.store.maps if rows.target_system == self.name}

    def code_system(self, system: str | None) -> str:
        """Return the code system that is asked about: the given one, or the only one.

        Raises:
            TerminologyError: It groups several, or none of this name.
        """
        held = ", ".join(sorted(self.maps)) or "no system"
        if system is None and len(self.maps) == 1:
            return next(iter(self.maps))
        if system is None:
            raise TerminologyError(f"{self.name} groups codes of {held}: say of which system")
        if system not in self.maps:
            raise TerminologyError(f"{self.name} groups codes of {held}, not of {system}")
        return system

    def official(self, code: str, system: str) -> str | None:
        """Return a code in the official form of its code system; None where it cannot be one."""
        loaded = self.store.systems.get(system)
        definition = loaded.definition if loaded else SYSTEMS.get(system)
        return (definition.official(code) if definition else code.strip()) or None
