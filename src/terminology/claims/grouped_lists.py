"""The dated lists that rules need, as groupings of a store: what covers a day is what their versions say."""

from __future__ import annotations

import datetime
from typing import Final

from ..errors import NoVersionError, UnknownCodeError, UnknownGroupingError
from ..groupings import MCE_PREFIX
from ..model import GroupingVersion, Groups
from ..query import Terminology
from ..systems import in_use
from .lists import CC_LEVEL, Ages, Listed

DIAGNOSES: Final = "icd10cm"
DOT_OF_PROCEDURES: Final = 2
"""Place of the dot in procedures of ICD-9-CM; diagnoses have it later."""
EXCLUSIONS: Final = "cc_exclusion"
EXCLUSION: Final = "exclusion"
"""What a member of the levels calls the number of its collection."""
OF_PROCEDURES: Final = 7
"""Characters of a code of ICD-10-PCS."""


class GroupedLists:
    """Lists of the groupings ``poa_exempt``, ``mce`` and ``cc_level`` of a store.

    >>> lists = GroupedLists(store)
    >>> lists.version("poa_exempt", datetime.date(1999, 3, 1)) is None
    True
    """

    def __init__(self, store: Terminology) -> None:
        self._store = store
        self._editor: dict[str, frozenset[str]] = {}
        """By version of the code editor, its lists."""

    def version(self, name: str, day: datetime.date) -> str | None:
        """Return the version of a list that covers a day; None where none does, the one that does lacks the list, or none is of diagnoses of the day."""
        try:
            grouping = self._store.grouping(_grouping(name))
            if in_use(DIAGNOSES, day) not in grouping.code_systems:
                return None
            found = grouping.on(day)
        except (NoVersionError, UnknownGroupingError):
            return None
        if not name.startswith(MCE_PREFIX):
            return found.version
        # a table cut from the publisher's text leaves lists out, and later versions have fewer
        listed = self._editor.get(found.version)
        if listed is None:
            listed = self._editor[found.version] = frozenset(found.categories)
        return found.version if name.removeprefix(MCE_PREFIX) in listed else None

    def holds(self, name: str, code: str, day: datetime.date) -> Listed | None:
        """Return what the list of a day says of a code; None where it does not have it."""
        wanted = name.removeprefix(MCE_PREFIX) if name.startswith(MCE_PREFIX) else None
        for group in self._groups(_grouping(name), code, day):
            if wanted in (None, group.category):
                return Listed(group.version, group.source, group.category)
        return None

    def ages(self, name: str, day: datetime.date) -> Ages | None:
        """Return the ages that a list of a covered day is for; None where its version does not say them."""
        found = self._store.grouping(_grouping(name)).on(day).properties(name.removeprefix(MCE_PREFIX))
        least, most = found.get("age_from"), found.get("age_through")
        return None if least is None or most is None else Ages(least, most)

    def excluded(self, code: str, principal: str, day: datetime.date) -> Listed | None:
        """Return which collection of exclusions takes a CC or MCC away from a code; None where none does.

        The level of a code names its collection; the principal diagnoses in it are those with which it does not count.
        """
        collections = {group.detail.get(EXCLUSION) for group in self._groups(CC_LEVEL, code, day)} - {None}
        for group in self._groups(EXCLUSIONS, principal, day) if collections else ():
            if group.category in collections:
                return Listed(group.version, group.source, group.category)
        return None

    def published(self, name: str, day: datetime.date) -> tuple[GroupingVersion, ...]:
        """Return the version that a list of a day is from, with its files; of CC and MCC also that of what excludes them."""
        found = []
        for grouping in (CC_LEVEL, EXCLUSIONS) if name == CC_LEVEL else (_grouping(name),):
            try:
                loaded = self._store.grouping(grouping)
                version = loaded.on(day).version
            except (NoVersionError, UnknownGroupingError):
                continue
            found += [one for one in loaded.versions if one.version == version]
        return tuple(found)

    def _groups(self, grouping: str, code: str, day: datetime.date) -> Groups:
        try:
            found = self._store.grouping(grouping).on(day)
            system = _system_of(code, day)
            systems = self._store.grouping(grouping).code_systems
            if system not in systems:
                return Groups(version=found.version)
            return found.groups(code, system)
        except (NoVersionError, UnknownGroupingError, UnknownCodeError):
            return Groups(version="")


def _system_of(code: str, day: datetime.date) -> str:
    """Return the code system of a code in its official form: of procedures by their length, or by the place of the dot."""
    is_icd10 = in_use(DIAGNOSES, day) == DIAGNOSES
    is_procedure = len(code) == OF_PROCEDURES and "." not in code if is_icd10 else code[DOT_OF_PROCEDURES:][:1] == "."
    return in_use("icd10pcs" if is_procedure else DIAGNOSES, day)


def _grouping(name: str) -> str:
    return "mce" if name.startswith(MCE_PREFIX) else name
