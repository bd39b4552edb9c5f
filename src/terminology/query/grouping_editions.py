"""What one version of a grouping says of codes and of categories."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from ..errors import TerminologyError, UnknownCodeError
from ..hierarchy import NONE
from ..schema import BEGINNING, EDIT, MENTIONED, STATE
from ..systems import SYSTEMS
from .answers import Answers
from .compiled import AsOf, committed_table
from .grouping_tables import Conditional, GroupingTables

if TYPE_CHECKING:
    import pyarrow as pa

    from ..mapping.rows import MapRow, MapRows
    from ..model import Group, Groups, Release

SEXES: Final = frozenset({"female", "male"})
DROPS: Final = "drops"
"""The property of a category that lists those below it, which do not count beside it."""
NEEDS: Final = "needs"
"""The property of a category that lists others, beside one of which it counts."""
DROPS_ORDER: Final = "drops_order"
"""Its place among those that drop others, where the publisher's program goes through them in an order."""
SECTION: Final = "-"
"""Between the first and the last category of a section."""
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
        self._remembered = tables.remembered(position, is_nearest=is_nearest)

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
        """All categories, in the publisher's order, parents before children; also those that no file has a title for."""
        as_of = self._as_of
        rows = as_of.tree.nodes if as_of.tree is not None else ()
        return tuple(self._system.codes.name(row) for row in rows if row != NONE and as_of.row_status(row).valid)

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
        if system is None and len(self._tables.maps) > 1 and len(self.systems) == 1:
            system = self.systems[0]
        return self._tables.code_system(system)

    def groups(self, code: str, system: str | None = None, *, age: int | None = None, sex: str | None = None) -> Groups:
        """Return the groups of a code; none where it is in no category of this version.

        Args:
            code: In any accepted form.
            system: Its code system; not needed where the grouping groups codes of one.
            age: In years; where the version has edits by age, they are applied.
            sex: ``female`` or ``male``; where the version has edits by sex, they are applied.

        Raises:
            UnknownCodeError: It cannot be a code of the system.
            TerminologyError: The grouping does not group codes of the system, or the sex is another text.

        >>> found = store.grouping("ccsr_dx").on("2021-10-01").groups("M54.50")
        >>> [(group.category, group.role) for group in found]
        [('MUS038', 'default')]
        """
        known = self._remembered.get((system, code)) if type(code) is str else None
        groups, edits = known or self._fresh(code, system)
        if sex is not None and sex not in SEXES:
            raise TerminologyError(f"expected the sex 'female' or 'male', got {sex!r}")
        # the first that applies decides, as in the publisher's program
        return next((instead for conditions, instead in edits if applies(conditions, age, sex)), groups)

    def _fresh(self, code: str, system: str | None) -> tuple[Groups, tuple[Conditional, ...]]:
        """Return the groups of a code that was not asked before, and those that it has under conditions; remember them."""
        name = self._code_system(system)
        official = self._tables.official(code, name)
        if official is None:
            raise UnknownCodeError(f"{code!r} cannot be a code of {title_of(name)}")
        said = self._stated(official, name)
        states = tuple(row.detail["role"] for row in said if row.detail.get("matter") == STATE)
        found = self._groups([self._group(row) for row in said if row.change != MENTIONED], states)
        edits = tuple(
            (row.detail, self._groups([self._group(row, category)] if category else [], states))
            for row in said
            if row.detail.get("matter") == EDIT
            for category in (row.detail.get("category"),)
        )
        self._remembered.keep(system, code, found, edits)
        return found, edits

    def _groups(self, found: Iterable[Group], states: tuple[str, ...]) -> Groups:
        from ..model import Groups

        return Groups(found, version=self.version, states=states, is_nearest=self.is_nearest)

    def category_codes(self, code: str, system: str) -> tuple[str, ...]:
        """Return the categories of a code in official form, without titles and sources; edits are not applied."""
        said = (row for row in self._stated(code, system) if row.change != MENTIONED)
        return tuple(dict.fromkeys((row.target_codes or ("",))[0] for row in said))

    def _stated(self, code: str, system: str) -> list[MapRow]:
        """Return the rows of a code, then those of its beginnings that stand for all codes which begin so."""
        rows, number = self._rows(system)
        found = rows.stated_of(code, number)
        if SECTION in code:
            # a section begins as its first code does, and is none
            return found
        begun = [
            row
            for length in range(len(code) - 1, 0, -1)
            if code[length - 1] != "."
            for row in rows.of_source(code[:length], number)
            if row.detail.get("role") == BEGINNING
        ]
        known = {row.target_codes for row in found}
        return [*found, *{row.target_codes: row for row in reversed(begun) if row.target_codes not in known}.values()]

    def categories_of(self, system: str) -> tuple[str, ...]:
        """Return the categories that have codes of a system, in the publisher's order; empty where it groups none."""
        return self._system.keep((f"categories of {system}", self._position), lambda: self._categories_of(system))

    def _categories_of(self, system: str) -> tuple[str, ...]:
        import pyarrow.compute as pc

        table = self.table()
        own = table.filter(pc.equal(table.column("system"), system))
        named = set(pc.unique(own.column("category")).to_pylist())
        return tuple(category for category in self.categories if category in named)

    def _group(self, row: MapRow, category: str | None = None) -> Group:
        from ..model import Group

        named = category or (row.target_codes or ("",))[0]
        detail = {name: value for name, value in row.detail.items() if name not in UNTOLD}
        role = row.detail.get("role")
        return Group(
            category=named,
            title=self._title(named),
            role=role,
            version=self.version,
            source=row.source,
            detail=detail,
            is_nearest=self.is_nearest,
        )

    def _title(self, category: str) -> str | None:
        titles = self._remembered.titles
        if category not in titles:
            titles[category] = self.title(category)
        return titles[category]

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

    def table(self, name: str = "members") -> pa.Table:
        """Return a table of the version, as it was committed: ``members``, ``details``, or one of its own (``drgs``, ``poa_exempt``).

        Raises:
            UnknownTableError: The version has no such table; it is a `KeyError`.
        """
        version = self._system.releases[self._position].version
        return committed_table(self._system.archived(self._position), name, f"{self._system.name} {version}")

    def combined(
        self, codes: Iterable[str], system: str | None = None, *, age: int | None = None, sex: str | None = None
    ) -> Combined:
        """Return the categories of all codes of a person, after those above have dropped those below them.

        Which drop which, and which count only beside others, is what the version says of its categories.

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
        unmet = self._unmet(found)
        dropped = self._dropped(category for category in found if category not in unmet)
        kept = tuple(group for category, group in found.items() if category not in dropped and category not in unmet)
        return Combined(kept, dropped, unmet)

    def _unmet(self, found: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return those of some categories that count only beside others, where none of these is among them."""
        held = dict.fromkeys(found)
        needs = {category: tuple(self.properties(category).get(NEEDS) or ()) for category in held}
        return {
            category: beside for category, beside in needs.items() if beside and not any(map(held.__contains__, beside))
        }

    def _dropped(self, found: Iterable[str]) -> dict[str, str]:
        """Return those of some categories that others of them drop, each with the one that does.

        Where the publisher's program goes through them in an order, what was dropped by then drops nothing more.
        """
        held = dict.fromkeys(found)
        said = {category: self.properties(category) for category in held}
        dropped: dict[str, str] = {}
        for category in sorted(held, key=lambda one: said[one].get(DROPS_ORDER) or 0):
            if category in dropped and said[category].get(DROPS_ORDER):
                continue
            for below in said[category].get(DROPS) or ():
                if below in held:
                    dropped.setdefault(below, category)
        return dropped

    def _rows(self, system: str) -> tuple[MapRows, int]:
        """Return the rows of a code system, and the number of this version among their publications."""
        return self._tables.maps[system], self._tables.publication(system, self.version)


@frozen
class Combined:
    """The categories of a person."""

    groups: tuple[Group, ...]
    """Categories that count, those of all codes together."""
    dropped: Mapping[str, str]
    """Categories that do not count, each with the one above it that dropped it."""
    unmet: Mapping[str, tuple[str, ...]] = field(factory=dict)
    """Categories that count only beside one of these others, of which the person has none."""


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
