"""Properties of codes that groupings give: on each day what the version says that covers it.

A list such as that of codes exempt from POA reporting becomes a property of codes, ``poa_exempt``. It has no value on a
day that no version covers: the list of another year is no answer.

    Z51.5   FY2016 True, FY2017 False, no list loaded None, FY2022 True
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..groupings import MCE_PREFIX, PROPERTIES, PropertyRule, property_rule
from .compiled import CompiledStore
from .grouping import loaded_grouping
from .grouping_editions import GroupingEdition

MCE: Final = "mce"


class CodeProperties:
    """The properties that the groupings of a store give to the codes of one system on a day."""

    def __init__(self, store: CompiledStore, system: str, date: datetime.date) -> None:
        self.system, self.date = system, date
        self._store = store
        self._editions: dict[str, GroupingEdition | None] = {}

    def value(self, code: str, name: str, *, in_force: bool) -> Any:
        """Return the value of a property; None where no version covers the day, or it says nothing of codes of the system.

        Args:
            code: In official form.
            name: Of the property.
            in_force: Whether the code is in force on the day; one that is not, and is not listed, has no value.
        """
        rule = property_rule(name)
        edition = self.edition(rule.grouping) if rule else None
        if rule is None or edition is None:
            return None
        return valued(rule, edition.category_codes(code, self.system), in_force=in_force)

    def names(self) -> Iterator[str]:
        """Yield the names of the properties that have values on the day."""
        for name, rule in PROPERTIES.items():
            if self.edition(rule.grouping):
                yield name
        if edition := self.edition(MCE):
            yield from (f"{MCE_PREFIX}{category}" for category in edition.categories_of(self.system))

    def edition(self, name: str) -> GroupingEdition | None:
        """Return what answers of a grouping on the day; None where nothing does."""
        if name not in self._editions:
            grouping = loaded_grouping(self._store, name)
            covering = grouping.covering(self.date) if grouping and self.system in grouping.code_systems else None
            self._editions[name] = covering
        return self._editions[name]


def valued(rule: PropertyRule, categories: tuple[str, ...], *, in_force: bool) -> Any:
    """Return the value of a property of a code that is in some categories.

    >>> rule = PropertyRule("mce", {"newborn": True}, otherwise=False)
    >>> valued(rule, ("female", "newborn"), in_force=True), valued(rule, ("female",), in_force=True)
    (True, False)
    >>> valued(rule, (), in_force=False) is None
    True
    """
    values: Mapping[str, Any] = rule.values
    named = [category for category in categories if category in values] if values else categories
    if named:
        return values.get(named[0], named[0])
    return rule.otherwise if in_force else None
