"""A grouping of a store: its versions, which of them covers a day, and what it says of codes on that day.

A grouping is kept as a code system of categories and a crosswalk to it from each code system that it groups; both have
the same versions. Which version covers a day is what the releases of the code system say, as of any code system.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..errors import NoVersionError, TerminologyError, UnknownCodeError
from ..periods import OPEN, DateLike, coverage_end, day_number, day_of
from .compiled import AsOf, CompiledStore, CompiledSystem
from .timeline import VersionLike

if TYPE_CHECKING:
    import pyarrow as pa

    from ..mapping.rows import MapRow, MapRows
    from ..model import Group, GroupingVersion, Groups, Release
    from ..systems import SystemDefinition

DETAILS: Final = "details"
"""The table in which the loader of a grouping says what is known of a version, as ``name`` and ``value``."""
EDIT: Final = "edit"
IDENTIFIER: Final = "identifier "
"""So begin the names of what files call themselves in that table; the label of the file follows."""


class Grouping:
    """A grouping: ``ccsr_dx``, ``hcc_v28`` … Made by `Terminology.grouping`."""

    def __init__(self, store: CompiledStore, system: CompiledSystem) -> None:
        self._store = store
        self._system = system

    @property
    def name(self) -> str:
        """Its short name."""
        return self._system.name

    @property
    def definition(self) -> SystemDefinition:
        """What is fixed about it: title, URI, calendar of its versions."""
        return self._system.definition

    @property
    def code_systems(self) -> tuple[str, ...]:
        """Short names of the code systems whose codes it groups, sorted."""
        return tuple(sorted(self._maps))

    @cached_property
    def _maps(self) -> Mapping[str, MapRows]:
        return {rows.source_system: rows for rows in self._store.maps if rows.target_system == self.name}

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
        as_of = self._system.as_of(day)
        if as_of.position >= 0:
            return GroupingEdition(self, as_of.position, day_of(day) or datetime.date.max, is_nearest=False)
        position = self._nearest(day)
        if not accept_nearest:
            nearest = self._system.releases[position]
            raise NoVersionError(
                f"no version of {self.definition.title} covers {day_of(day)}: {as_of.gap}; the nearest is "
                f"{nearest.version}, effective {nearest.effective}: accept_nearest=True (--accept-nearest) lets it answer"
            )
        return GroupingEdition(self, position, day_of(day) or datetime.date.max, is_nearest=True)

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
        return GroupingEdition(self, position, self._system.releases[position].effective, is_nearest=False)

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
        name = self.code_system(system)
        return GroupingDifference(self.name, first.version, second.version, first.sets(name), second.sets(name))

    def code_system(self, system: str | None) -> str:
        """Return the code system that is asked about: the given one, or the only one.

        Raises:
            TerminologyError: It groups several, or none of this name.
        """
        if system is None and len(self._maps) == 1:
            return next(iter(self._maps))
        if system is None:
            raise TerminologyError(f"{self.name} groups codes of {', '.join(self.code_systems)}: say of which system")
        if system not in self._maps:
            raise TerminologyError(
                f"{self.name} groups codes of {', '.join(self.code_systems) or 'no system'}, not of {system}"
            )
        return system

    def __repr__(self) -> str:
        return f"<Grouping {self.name}: {', '.join(one.version for one in self._system.releases)}>"


class GroupingEdition:
    """What one version of a grouping says. Made by `Grouping.on` and `Grouping.version`."""

    def __init__(self, grouping: Grouping, position: int, date: datetime.date, *, is_nearest: bool) -> None:
        self.grouping = grouping
        self.date = date
        """The day that is asked about."""
        self.is_nearest = is_nearest
        """Whether the version does not cover the day."""
        self._system: CompiledSystem = grouping._system  # noqa: SLF001 -- two halves of one façade
        self._position = position
        self._as_of: AsOf = self._system.as_of_release(self._system.releases[position].version)

    @property
    def release(self) -> Release:
        """The release of the categories."""
        return self._system.releases[self._position]

    @property
    def version(self) -> str:
        """The version, as published."""
        return self.release.version

    def __repr__(self) -> str:
        return f"<GroupingEdition {self.grouping.name} {self.version}{' (nearest)' if self.is_nearest else ''}>"

    # ---- categories

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories, in the publisher's order, parents before children."""
        from .answers import Answers

        return tuple(map(self._system.codes.name, Answers(self._as_of).rows_in_force()))

    def title(self, category: str) -> str | None:
        """Return the title of a category; None where there is no such category."""
        from .answers import Answers

        return Answers(self._as_of).title(category)

    def properties(self, category: str) -> Mapping[str, Any]:
        """Return what the version says of a category besides; nothing of one that it does not have."""
        from .answers import Answers

        found = Answers(self._as_of).lookup(category)
        return found.properties if found is not None else {}

    # ---- codes

    def groups(self, code: str, system: str | None = None, *, age: int | None = None, sex: str | None = None) -> Groups:
        """Return the groups of a code; none where it is in no category of this version.

        Args:
            code: In any accepted form.
            system: Its code system; not needed where the grouping groups codes of one.
            age: In years; where the version has edits by age, they are applied.
            sex: ``female`` or ``male``; where the version has edits by sex, they are applied.

        Raises:
            UnknownCodeError: It cannot be a code of the system.
            TerminologyError: The grouping does not group codes of the system.

        >>> found = store.grouping("ccsr_dx").on("2021-10-01").groups("M54.50")
        >>> [(group.category, group.role) for group in found]
        [('MUS038', 'default')]
        """
        from ..model import Groups

        name = self.grouping.code_system(system)
        official = self._official(code, name)
        rows, number = self._rows(name)
        found = [self._group(row) for row in rows.of_source(official, number)]
        said = [row for row in rows.mentions(official, number) if official in row.source_codes]
        states = tuple(row.detail["role"] for row in said if row.detail.get("matter") == "state")
        edits = [row for row in said if row.detail.get("matter") == EDIT and applies(row.detail, age, sex)]
        if edits:
            # the first that applies decides, as in the publisher's program
            changed = edits[0]
            category = changed.detail.get("category")
            found = [self._group(changed, category)] if category else []
        return Groups(found, version=self.version, states=states, is_nearest=self.is_nearest)

    def _group(self, row: MapRow, category: str | None = None) -> Group:
        from ..model import Group

        named = category or (row.target_codes or ("",))[0]
        detail = {name: value for name, value in row.detail.items() if name not in UNTOLD}
        role = row.detail.get("role")
        return Group(
            category=named,
            title=self.title(named),
            role=role,
            version=self.version,
            source=row.source,
            detail=detail,
            is_nearest=self.is_nearest,
        )

    def members(self, category: str, system: str | None = None, role: str | None = None) -> tuple[str, ...]:
        """Return the codes of a category, sorted; those below it too, where categories have levels.

        Args:
            category: As published.
            system: The code system of the codes; not needed where there is one only.
            role: Only codes to which the category is this (``default`` …).

        Raises:
            UnknownCodeError: The version has no such category.

        >>> store.grouping("ccsr_dx").on("2021-10-01").members("MUS038", role="default")[:2]
        ('M54.50', 'M54.51')
        """
        from .answers import Answers

        answers = Answers(self._as_of)
        if self.title(category) is None:
            raise UnknownCodeError(f"{self.grouping.definition.title} {self.version} has no category {category!r}")
        rows, number = self._rows(self.grouping.code_system(system))
        wanted = (category, *answers.descendants(category))
        found = {
            row.source_codes[0]
            for one in wanted
            for row in rows.of_target(one, number)
            if role is None or row.detail.get("role") == role
        }
        return tuple(sorted(found))

    def sets(self, system: str | None = None) -> dict[str, frozenset[str]]:
        """Return the set of categories of every code that is in any."""
        found: dict[str, set[str]] = {}
        for code, category in self.pairs(system):
            found.setdefault(code, set()).add(category)
        return {code: frozenset(categories) for code, categories in found.items()}

    def pairs(self, system: str | None = None) -> Iterable[tuple[str, str]]:
        """Yield each code with each of its categories."""
        table = self.table()
        name = self.grouping.code_system(system)
        columns = (table.column(one).to_pylist() for one in ("system", "code", "category", "matter"))
        for of, code, category, matter in zip(*columns, strict=True):
            if of == name and matter == "member" and category is not None:
                yield code, category

    def table(self) -> pa.Table:
        """Return the table ``members`` of the version, as it was committed."""
        found: pa.Table = self._system.archived(self._position)["members"]
        return found

    def combined(
        self, codes: Iterable[str], system: str | None = None, *, age: int | None = None, sex: str | None = None
    ) -> Combined:
        """Return the categories of all codes of a person, after those above have dropped those below them.

        Args:
            codes: In any accepted form; a text that cannot be a code is left out.
            system: Their code system.
            age: As of `groups`.
            sex: As of `groups`.
        """
        found: dict[str, Group] = {}
        for code in codes:
            try:
                groups = self.groups(code, system, age=age, sex=sex)
            except UnknownCodeError:
                continue
            for group in groups:
                found.setdefault(group.category, group)
        dropped: dict[str, str] = {}
        for category in found:
            for below in self.properties(category).get("drops", ()):
                if below in found:
                    dropped.setdefault(below, category)
        kept = tuple(group for category, group in found.items() if category not in dropped)
        return Combined(kept, dropped)

    def _official(self, code: str, system: str) -> str:
        loaded = self.grouping._store.systems.get(system)  # noqa: SLF001 -- as above
        from ..systems import SYSTEMS

        definition = loaded.definition if loaded else SYSTEMS.get(system)
        official = definition.official(code) if definition else code.strip()
        if not official:
            raise UnknownCodeError(f"{code!r} cannot be a code of {definition.title if definition else system}")
        return official

    def _rows(self, system: str) -> tuple[MapRows, int]:
        """Return the rows of a code system, and the number of this version among their publications."""
        rows = self.grouping._maps[system]  # noqa: SLF001 -- as above
        numbers = {one.version: number for number, one in enumerate(rows.crosswalks)}
        return rows, numbers.get(self.version, len(numbers))


@frozen
class Combined:
    """The categories of a person."""

    groups: tuple[Group, ...]
    dropped: Mapping[str, str]
    """Categories that do not count, each with the one above it that dropped it."""


@frozen(repr=False)
class GroupingDifference:
    """What changed from one version of a grouping to another; categories are compared as sets."""

    grouping: str
    before: str
    after: str
    sets_before: Mapping[str, frozenset[str]]
    sets_after: Mapping[str, frozenset[str]]

    @cached_property
    def rows(self) -> Sequence[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
        """Code, change (added, removed, changed), and its categories before and after, sorted by code."""
        made = []
        for code in sorted(self.sets_before.keys() | self.sets_after.keys()):
            first, second = self.sets_before.get(code, frozenset()), self.sets_after.get(code, frozenset())
            if first != second:
                change = "added" if not first else "removed" if not second else "changed"
                made.append((code, change, tuple(sorted(first)), tuple(sorted(second))))
        return made

    def codes(self, change: str) -> tuple[str, ...]:
        """Return the codes that were ``added``, ``removed`` or ``changed``."""
        return tuple(code for code, found, *_ in self.rows if found == change)

    def table(self) -> pa.Table:
        """Return the rows as a table: code, change, before, after."""
        import pyarrow as pa

        columns = list(zip(*self.rows, strict=True)) or [(), (), (), ()]
        kinds = (pa.string(), pa.string(), pa.list_(pa.string()), pa.list_(pa.string()))
        return pa.table(
            [pa.array(list(values), kind) for values, kind in zip(columns, kinds, strict=True)],
            names=["code", "change", "before", "after"],
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{len(self.codes(one)):,} {one}" for one in ("added", "removed", "changed"))
        return f"<GroupingDifference {self.grouping} {self.before} to {self.after}: {counts}>"


UNTOLD: Final = frozenset({"role", "matter", "category", "meaning", "said"})
"""Of what is said of a row, that which is not repeated in the detail of a group."""


def applies(detail: Mapping[str, Any], age: int | None, sex: str | None) -> bool:
    """Return whether the conditions of an edit hold; an edit by age says nothing where no age is given.

    >>> applies({"sex": "female"}, None, "female"), applies({"age_below": 18}, 40, None), applies({"age_below": 18}, None, None)
    (True, False, False)
    """
    wanted = detail.get("sex")
    if wanted is not None and sex != wanted:
        return False
    below, least = detail.get("age_below"), detail.get("age_from")
    if (below is not None or least is not None) and age is None:
        return False
    return (below is None or age < below) and (least is None or age >= least)
