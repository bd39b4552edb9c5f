"""The tables of a grouping: its versions as a code system of categories, and the crosswalks that lead to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..errors import TerminologyError
from ..systems import SYSTEMS
from .compiled import CompiledStore, CompiledSystem

if TYPE_CHECKING:
    from ..mapping.rows import MapRows
    from ..model import Groups
    from ..systems import SystemDefinition

REMEMBERED: Final = 16_384
"""Codes whose groups are kept, of each version: some 800 bytes each."""
REMEMBERED_LENGTH: Final = 64
"""Characters of the longest text that is remembered."""
Conditional = tuple[Mapping[str, Any], "Groups"]
"""The conditions of an edit, and the groups that a code then has."""


class RememberedGroups(dict[tuple[str | None, str], tuple["Groups", tuple[Conditional, ...]]]):
    """What a version said of codes, by code system and code as they were asked; and the titles of its categories."""

    def __init__(self) -> None:
        super().__init__()
        self.titles: dict[str, str | None] = {}

    def keep(self, system: str | None, code: object, found: Groups, edits: tuple[Conditional, ...]) -> None:
        """Keep what is said of a code; not of a long text, nor of a kind of text that may compare as it likes."""
        if type(code) is str and len(code) <= REMEMBERED_LENGTH:
            if len(self) >= REMEMBERED:
                self.clear()
            self[system, code] = found, edits


class GroupingTables:
    """What `Grouping` and `GroupingEdition` answer from."""

    def __init__(self, store: CompiledStore, system: CompiledSystem) -> None:
        self.store = store
        self.system = system
        self._publications: dict[str, dict[str, int]] = {}
        self._remembered: dict[tuple[int, bool], RememberedGroups] = {}

    def remembered(self, position: int, *, is_nearest: bool) -> RememberedGroups:
        """Return what a version said so far; whether it is the nearest one only is part of what it says."""
        return self._remembered.setdefault((position, is_nearest), RememberedGroups())

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

    def official(self, code: object, system: str) -> str | None:
        """Return a code in the official form of its code system; None where it cannot be one."""
        if not isinstance(code, str):
            return None
        loaded = self.store.systems.get(system)
        definition = loaded.definition if loaded else SYSTEMS.get(system)
        return (definition.official(code) if definition else code.strip()) or None

    def publication(self, system: str, version: str) -> int:
        """Return the number of a version among the publications of the crosswalk; one that none has where there is none."""
        numbers = self._publications.get(system)
        if numbers is None:
            found = self.maps[system].crosswalks
            numbers = self._publications[system] = {one.version: number for number, one in enumerate(found)}
        return numbers.get(version, len(numbers))


def tables_of(store: CompiledStore, system: CompiledSystem) -> GroupingTables:
    """Return the tables of a grouping, of which there are one set as long as the store is open."""
    return system.keep(("grouping tables", 0), lambda: GroupingTables(store, system))
