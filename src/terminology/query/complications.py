"""Complications and comorbidities (CC) and major ones (MCC): the level of a secondary diagnosis.

A secondary diagnosis that is a CC counts as none where the principal diagnosis is in the collection that excludes it.
Which collection that is stands with the code, in the version of the day; its codes are the grouping ``cc_exclusion``.

References:
    CMS, "ICD-10 MS-DRG Definitions Manual", appendix C, parts 1 to 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import NoVersionError, UnknownCodeError
from .grouping_editions import GroupingEdition, title_of
from .grouping_tables import tables_of

if TYPE_CHECKING:
    from ..model import Group

LEVELS: Final = "cc_level"
EXCLUSIONS: Final = "cc_exclusion"
DIAGNOSES: Final = "icd10cm"
NONE: Final = "none"
EXCLUSION: Final = "exclusion"
ALIVE: Final = "alive"


class ComplicationEdition(GroupingEdition):
    """What one version says of complications. Made by `Grouping.on` and `Grouping.version` of ``cc_level``."""

    def level(self, code: str, *, principal: str | None = None, alive: bool | None = None) -> str:
        """Return the level of a secondary diagnosis: ``mcc``, ``cc`` or ``none``.

        Args:
            code: The secondary diagnosis, in any accepted form.
            principal: The principal diagnosis; where it excludes the code, the level is ``none``.
            alive: Whether the patient was discharged alive; some codes count for those only. None where it is not known:
                then they count.

        Raises:
            UnknownCodeError: A text cannot be a diagnosis.
            NoVersionError: A principal diagnosis is given, and the exclusions of the version are not loaded.

        >>> levels = store.grouping("cc_level").on("2022-03-01")
        >>> levels.level("J18.9"), levels.level("J18.9", principal="J12.9"), levels.level("E11.9")
        ('mcc', 'none', 'none')
        """
        group = next(iter(self.groups(code)), None)
        if group is None or (alive is False and group.detail.get(ALIVE)):
            return NONE
        if principal is not None and self._is_excluded(group, principal):
            return NONE
        return group.category

    def _is_excluded(self, group: Group, principal: str) -> bool:
        """Return whether the collection of a level has a principal diagnosis: its codes are grouped by collections."""
        if self._tables.official(principal, DIAGNOSES) is None:
            raise UnknownCodeError(f"{principal!r} cannot be a code of {title_of(DIAGNOSES)}")
        number = group.detail.get(EXCLUSION)
        return number is not None and any(one.category == number for one in self._exclusions().groups(principal))

    def excluded_by(self, code: str) -> frozenset[str]:
        """Return the principal diagnoses with which a code is no CC or MCC; empty where none excludes it, or it is none.

        Raises:
            UnknownCodeError: The text cannot be a diagnosis.
            NoVersionError: The exclusions of the version are not loaded.

        >>> sorted(store.grouping("cc_level").on("2022-03-01").excluded_by("J18.9"))
        ['J12.9', 'J18.9', 'U07.1']
        """
        group = next(iter(self.groups(code)), None)
        number = group.detail.get(EXCLUSION) if group else None
        if number is None:
            return frozenset()
        return frozenset(self._exclusions().members(number))

    def _exclusions(self) -> GroupingEdition:
        system = self._tables.store.all_systems.get(EXCLUSIONS)
        positions = {release.version: number for number, release in enumerate(system.releases)} if system else {}
        if system is None or self.version not in positions:
            raise NoVersionError(
                f"the exclusions of {self._tables.definition.title} {self.version} are not loaded: load its appendix C"
            )
        tables = tables_of(self._tables.store, system)
        return GroupingEdition(tables, positions[self.version], self.date, is_nearest=self.is_nearest)
