"""A grouping of a store: its versions, which of them covers a day, and what it says of codes on that day.

A grouping is kept as a code system of categories and a crosswalk to it from each code system that it groups; both have
the same versions. Which version covers a day is what the releases of the code system say, as of any code system.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final

from ..errors import NoVersionError
from ..periods import OPEN, DateLike, coverage_end, day_number, day_of
from ..systems import GROUPING, SystemDefinition
from .compiled import CompiledStore, CompiledSystem
from .complications import LEVELS, ComplicationEdition
from .grouping_differences import GroupingDifference, GroupingImpact
from .grouping_editions import GroupingEdition
from .grouping_tables import tables_of
from .timeline import VersionLike

if TYPE_CHECKING:
    from ..model import GroupingVersion, Groups

DETAILS: Final = "details"
"""The table in which the loader of a grouping says what is known of a version, as ``name`` and ``value``."""
REMEMBERED_DAYS: Final = 1_024
"""Days of which the edition is kept."""
IDENTIFIER: Final = "identifier "
"""So begin the names of what files call themselves in that table; the label of the file follows."""


class Grouping:
    """A grouping: ``ccsr_dx``, ``hcc_v28`` … Made by `Terminology.grouping`."""

    def __init__(self, store: CompiledStore, system: CompiledSystem) -> None:
        self._tables = tables_of(store, system)
        self._system = system
        self._editions: dict[tuple[int, bool], GroupingEdition] = {}

    @property
    def name(self) -> str:
        """Its short name."""
        return self._system.name

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about it: title, URI, calendar of its versions."""
        return self._system.definition

    @cached_property
    def code_systems(self) -> tuple[str, ...]:
        """Short names of the code systems whose codes it groups, sorted."""
        return tuple(sorted(self._tables.maps))

    @cached_property
    def versions(self) -> tuple[GroupingVersion, ...]:
        """The loaded versions, in order of their first days."""
        return tuple(self._version(position) for position in range(len(self._system.releases)))

    def _version(self, position: int) -> GroupingVersion:
        from ..model import GroupingVersion

        release = self._system.releases[position]
        details = self._details(position)
        return GroupingVersion(
            grouping=self.name,
            version=release.version,
            effective_from=release.effective,
            effective_to=self._end(position),
            basis=details.get("basis"),
            presumes=details.get("presumes"),
            identifiers={
                name.removeprefix(IDENTIFIER): value for name, value in details.items() if name.startswith(IDENTIFIER)
            },
            sources=release.sources,
            warnings=release.warnings,
        )

    def _details(self, position: int) -> dict[str, str]:
        tables = self._system.archived(position)
        if DETAILS not in tables:
            return {}
        columns = tables[DETAILS].to_pydict()
        return dict(zip(columns["name"], columns["value"], strict=True))

    def _end(self, position: int) -> datetime.date | None:
        """Return the first day that a version does not cover: its year has ended, or the next version begins."""
        release = self._system.releases[position]
        end = coverage_end(self.definition.calendar, release.effective)
        later = [one.effective for one in self._system.releases if one.effective > release.effective]
        return min(filter(None, (end, *later)), default=None)

    # ---- versions and days

    def on(self, date: DateLike, *, accept_nearest: bool = False) -> GroupingEdition:
        """Return what the grouping says on a day.

        Args:
            date: The day of use.
            accept_nearest: Whether the nearest version may answer where none covers the day; its answers are marked.

        Raises:
            NoVersionError: No version covers the day; the message names the nearest one.
            InvalidDateError: It is no date.

        >>> store.grouping("ccsr_dx").on("2021-10-01").version
        'v2022-1'
        """
        day = self._system.timeline.day(date)
        known = self._editions.get((day, accept_nearest))
        if known is None:
            if len(self._editions) >= REMEMBERED_DAYS:
                self._editions.clear()
            known = self._editions[day, accept_nearest] = self._on(day, accept_nearest=accept_nearest)
        return known

    def _on(self, day: int, *, accept_nearest: bool) -> GroupingEdition:
        as_of = self._system.as_of(day)
        if as_of.position >= 0:
            return self._edition(as_of.position, day_of(day) or datetime.date.max)
        position = self._nearest(day)
        if not accept_nearest:
            nearest = self._system.releases[position]
            raise NoVersionError(
                f"no version of {self.definition.title} covers {day_of(day)}: {as_of.gap}; the nearest is "
                f"{nearest.version}, effective {nearest.effective}: accept_nearest=True (--accept-nearest) lets it answer"
            )
        return self._edition(position, day_of(day) or datetime.date.max, is_nearest=True)

    def covering(self, date: DateLike) -> GroupingEdition | None:
        """Return what the grouping says on a day; None where no version covers it.

        Raises:
            InvalidDateError: It is no date.

        >>> store.grouping("ccsr_dx").covering("2020-09-30") is None
        True
        """
        day = self._system.timeline.day(date)
        position = self._system.as_of(day).position
        return self._edition(position, day_of(day) or datetime.date.max) if position >= 0 else None

    def _edition(self, position: int, date: datetime.date, *, is_nearest: bool = False) -> GroupingEdition:
        kind = ComplicationEdition if self.name == LEVELS else GroupingEdition
        return kind(self._tables, position, date, is_nearest=is_nearest)

    def _nearest(self, day: int) -> int:
        """Return the number of the version with the fewest days between its period and a day; of two the later one."""

        def distance(position: int) -> tuple[int, int]:
            end = self._end(position)
            first, last = self._system.timeline.days[position], (day_number(end) - 1 if end else OPEN)
            return max(first - day, day - last, 0), -position

        return min(range(len(self._system.releases)), key=distance)

    def version(self, version: VersionLike) -> GroupingEdition:
        """Return what a version says, on its first day.

        Raises:
            UnknownReleaseError: There is no such version.
        """
        position = self._system.timeline.position(version)
        return self._edition(position, self._system.releases[position].effective)

    @property
    def latest(self) -> GroupingEdition:
        """What the newest version says."""
        return self.version("latest")

    def history(self, code: str, system: str | None = None) -> tuple[tuple[GroupingVersion, Groups], ...]:
        """Return the groups of a code by each version, oldest first.

        Raises:
            UnknownCodeError: It cannot be a code of the system.
        """
        return tuple((one, self.version(one.version).groups(code, system)) for one in self.versions)

    def diff(self, before: VersionLike, after: VersionLike, system: str | None = None) -> GroupingDifference:
        """Return which codes are in other categories in one version than in another; categories compared as sets.

        Raises:
            UnknownReleaseError: There is no such version.
        """
        first, second = self.version(before), self.version(after)
        name = self._tables.code_system(system)
        return GroupingDifference(self.name, first.version, second.version, first.sets(name), second.sets(name))

    def impact(
        self, before: VersionLike, after: VersionLike, codes: Iterable[object], system: str | None = None
    ) -> GroupingImpact:
        """Return what another version changes for codes of one's own: a list, or the values of a column.

        Args:
            before: The version so far.
            after: The version that follows it.
            codes: In any accepted form, each as often as it is used; what cannot be a code does not count.
            system: Their code system; not needed where the grouping groups codes of one.

        Raises:
            UnknownReleaseError: There is no such version.

        >>> store.grouping("ccsr_dx").impact("v2022-1", "v2022-1", ["M54.50", "e119", None]).used
        2
        """
        name = self._tables.code_system(system)
        counts = Counter(filter(None, (self._tables.official(code, name) for code in codes)))
        return self.diff(before, after, name).among(counts)

    def __repr__(self) -> str:
        return f"<Grouping {self.name}: {', '.join(one.version for one in self._system.releases)}>"


def loaded_grouping(store: CompiledStore, name: str) -> Grouping | None:
    """Return a grouping of a store by its short name, of which there is one as long as the store is open; None on a miss."""
    system = store.all_systems.get(name)
    if system is None or system.definition.kind != GROUPING:
        return None
    return system.keep(("grouping", 0), lambda: Grouping(store, system))
