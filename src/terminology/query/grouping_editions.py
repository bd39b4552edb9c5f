"""What one version of a grouping says of codes and of categories."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..errors import UnknownCodeError
from ..schema import BEGINNING
from ..systems import SYSTEMS
from .answers import Answers
from .compiled import AsOf
from .grouping_tables import GroupingTables

if TYPE_CHECKING:
    import pyarrow as pa

    from ..mapping.rows import MapRow, MapRows
    from ..model import Group, Groups, Release

EDIT: Final = "edit"
UNTOLD: Final = frozenset({"role", "matter", "category", "meaning", "said"})
"""Of what is said of a row, that which is not repeated in the detail of a group."""


class GroupingEdition:
    """What one version of a grouping says. Made by `Grouping.on` and `Grouping.version`."""

    def __init__(self, tables: GroupingTables, position: int, date: datetime.date, *, is_nearest: bool) -> None:
        self._tables = tables
        self.date = date
        """The day that is asked about."""
        self.is_nearest = is_nearest
        """Whether the version does not cover the day."""
        self._system = tables.system
        self._position = position
        self._as_of: AsOf = self._system.as_of_release(self._system.releases[position].version)

    @property
    def grouping(self) -> str:
        """Short name of the grouping."""
        return self._tables.name

    @property
    def release(self) -> Release:
        """The release of the categories."""
        return self._system.releases[self._position]

    @property
    def version(self) -> str:
        """The version, as published."""
        return self.release.version

    def __repr__(self) -> str:
        return f"<GroupingEdition {self._tables.name} {self.version}{' (nearest)' if self.is_nearest else ''}>"

    # ---- categories

    @property
    def categories(self) -> tuple[str, ...]:
        """All categories, in the publisher's order, parents before children."""
        return tuple(map(self._system.codes.name, Answers(self._as_of).rows_in_force()))

    def title(self, category: str) -> str | None:
        """Return the title of a category; None where there is no such category."""
        return Answers(self._as_of).title(category)

    def properties(self, category: str) -> Mapping[str, Any]:
        """Return what the version says of a category besides; nothing of one that it does not have."""
        found = Answers(self._as_of).lookup(category)
        return found.properties if found is not None else {}

    def parent(self, category: str) -> str | None:
        """Return the category above one; None at the top, and where there is no such category."""
        found = Answers(self._as_of).lookup(category)
        return found.parent if found is not None else None

    # ---- codes

    @cached_property
    def systems(self) -> tuple[str, ...]:
        """Code systems whose codes the version groups, sorted; another version may group others."""
        import pyarrow.compute as pc

        return tuple(sorted(pc.unique(self.table().column("system")).to_pylist()))

    def _code_system(self, system: str | None) -> str:
        """Return the code system that is meant; it need not be said where the version groups codes of one."""
        return self._tables.code_system(system or (self.systems[0] if len(self.systems) == 1 else None))

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

        name = self._code_system(system)
        official = self._tables.official(code, name)
        if official is None:
            raise UnknownCodeError(f"{code!r} cannot be a code of {title_of(name)}")
        rows, number = self._rows(name)
        found = [self._group(row) for row in self._rows_of(official, name)]
        said = [row for row in rows.mentions(official, number) if official in row.source_codes]
        states = tuple(row.detail["role"] for row in said if row.detail.get("matter") == "state")
        edits = [row for row in said if row.detail.get("matter") == EDIT and applies(row.detail, age, sex)]
        if edits:
            # the first that applies decides, as in the publisher's program
            changed = edits[0]
            category = changed.detail.get("category")
            found = [self._group(changed, category)] if category else []
        return Groups(found, version=self.version, states=states, is_nearest=self.is_nearest)

    def _rows_of(self, code: str, system: str) -> list[MapRow]:
        """Return the rows of a code, then those that stand for all codes that begin as it does."""
        rows, number = self._rows(system)
        found = list(rows.of_source(code, number))
        if self._has_beginnings:
            for length in range(len(code) - 1, 0, -1):
                beginning = code[:length]
                if not beginning.endswith("."):
                    further = rows.of_source(beginning, number)
                    found += [row for row in further if row.detail.get("role") == BEGINNING]
        named: dict[str, MapRow] = {}
        for row in found:
            named.setdefault((row.target_codes or ("",))[0], row)
        return list(named.values()) if self._has_beginnings else found

    @cached_property
    def _has_beginnings(self) -> bool:
        """Whether members stand for all codes that begin with them."""
        import pyarrow.compute as pc

        return bool(pc.any(pc.equal(self.table().column("role"), BEGINNING)).as_py())

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

        Where the version defines categories by the beginnings of codes, these are returned.

        Args:
            category: As published.
            system: The code system of the codes; not needed where there is one only.
            role: Only codes to which the category is this (``default`` …).

        Raises:
            UnknownCodeError: The version has no such category.

        >>> store.grouping("ccsr_dx").on("2021-10-01").members("MUS038", role="default")[:2]
        ('M54.50', 'M54.51')
        """
        answers = Answers(self._as_of)
        if self.title(category) is None:
            raise UnknownCodeError(f"{self._tables.definition.title} {self.version} has no category {category!r}")
        rows, number = self._rows(self._code_system(system))
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
        name = self._code_system(system)
        columns = (table.column(one).to_pylist() for one in ("system", "code", "category", "matter"))
        for of, code, category, matter in zip(*columns, strict=True):
            if of == name and matter == "member" and category is not None:
                yield code, category

    def table(self) -> pa.Table:
        """Return the table ``members`` of the version, as it was committed."""
        found: pa.Table = self._system.archived(self._position)["members"]
        return found

    def further_table(self, name: str) -> pa.Table | None:
        """Return another table that the loader gives the version, by its name; None where it has none."""
        tables = self._system.archived(self._position)
        return tables.get(name)

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

    def _rows(self, system: str) -> tuple[MapRows, int]:
        """Return the rows of a code system, and the number of this version among their publications."""
        rows = self._tables.maps[system]
        numbers = {one.version: number for number, one in enumerate(rows.crosswalks)}
        return rows, numbers.get(self.version, len(numbers))


@frozen
class Combined:
    """The categories of a person."""

    groups: tuple[Group, ...]
    dropped: Mapping[str, str]
    """Categories that do not count, each with the one above it that dropped it."""


def title_of(system: str) -> str:
    """Return the title of a code system; its short name where it is not built in.

    >>> title_of("icd10cm"), title_of("colours")
    ('ICD-10-CM', 'colours')
    """
    definition = SYSTEMS.get(system)
    return definition.title if definition else system


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
