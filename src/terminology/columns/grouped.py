"""What groupings say of each code of a column on its day: categories as lists, and properties that lists of codes give.

A code is asked once for each version of a grouping. Which version that is depends on the day: its versions split days in
other places than the releases of the codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import TerminologyError
from ..groupings import GROUPINGS, PropertyRule, property_rule
from ..periods import OPEN, day_number
from ..query import CodeSystem, Terminology, engine_of
from ..query.code_properties import valued
from .answers import PlacedRows
from .day_columns import day_numbers
from .states import ORDER, States

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query.grouping import Grouping

NO_VERSION: Final = -1
Numbers = Any
"""A numpy array of numbers."""


def grouped_names(store: Terminology, system: CodeSystem, names: Sequence[str]) -> list[str]:
    """Return the names that groupings answer, and the code system itself does not.

    Raises:
        UnknownGroupingError: The store does not hold the grouping.
        TerminologyError: It does not group codes of the system.
    """
    found = []
    for name in names:
        rule = property_rule(name)
        grouping = rule.grouping if rule else name if name in GROUPINGS or name in store.groupings else None
        if grouping is None or has_property(system, name):
            continue
        held = store.grouping(grouping)
        if system.name not in held.code_systems:
            raise TerminologyError(f"{grouping} groups codes of {', '.join(held.code_systems)}, not of {system.name}")
        found.append(name)
    return found


def has_property(system: CodeSystem, name: str) -> bool:
    """Return whether codes of a system have a property of this name by the releases of the system itself."""
    import json

    import pyarrow.compute as pc

    texts = engine_of(system.latest).system.property_column()
    return bool(pc.any(pc.match_substring(texts, json.dumps(name) + ":")).as_py())


def grouped_columns(rows: PlacedRows, store: Terminology, names: Sequence[str]) -> dict[str, pa.Array]:
    """Return the columns that groupings answer, by their names.

    Args:
        rows: Codes on their days.
        store: Holds the groupings.
        names: Of properties and groupings.
    """
    if not names:
        return {}
    states, found, days, day = rows
    numbers = _day_numbers(days, day, len(found.rows))
    in_force = _in_force(states, found.rows, found.stretches)
    return {name: _column(name, store, states, (found.rows, numbers, in_force)) for name in names}


def _day_numbers(days: pa.Array | int, name: str, rows: int) -> Numbers:
    """Return the day number of each row; that of no version where it has no day."""
    import numpy as np

    if isinstance(days, int):
        return np.full(rows, days, dtype=np.int64)
    read, _ = day_numbers(days, name, "the table")
    return read.fill_null(-OPEN).to_numpy(zero_copy_only=False).astype(np.int64)


def _in_force(states: States, rows: Numbers, stretches: Numbers) -> Numbers:
    """Return for each row whether its code is in force on its day."""
    import numpy as np

    valid = np.array([status.valid for status in ORDER])
    return valid[states.status[rows, stretches]] & (stretches >= 0)


def _column(name: str, store: Terminology, states: States, on_days: tuple[Numbers, Numbers, Numbers]) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    rows, days, in_force = on_days
    rule = property_rule(name)
    grouping = store.grouping(rule.grouping if rule else name)
    versions = np.where(in_force, _versions(grouping, days), NO_VERSION)
    width = len(grouping.versions) + 1
    keys, places = np.unique(rows.astype(np.int64) * width + versions + 1, return_inverse=True)
    editions = [grouping.version(version.version) for version in grouping.versions]
    values: list[Any] = []
    for key in keys:
        row, version = int(key) // width, int(key) % width - 1
        if version == NO_VERSION:
            values.append(None)
            continue
        categories = editions[version].category_codes(states.system.codes.name(row), states.system.name)
        values.append(valued(rule, categories, in_force=True) if rule else list(categories))
    kind = _kind_of(rule)
    return pa.array(values, kind).take(pa.array(places))


def _versions(grouping: Grouping, days: Numbers) -> Numbers:
    """Return for each day the number of the version that covers it, or `NO_VERSION`."""
    import numpy as np

    versions = grouping.versions
    starts = np.array([day_number(one.effective_from) for one in versions], dtype=np.int64)
    ends = np.array([day_number(one.effective_to) if one.effective_to else OPEN for one in versions], dtype=np.int64)
    found = np.searchsorted(starts, days, side="right") - 1
    return np.where((found >= 0) & (days < ends[found]), found, NO_VERSION)


def _kind_of(rule: PropertyRule | None) -> pa.DataType:
    """Return the type of a column: lists of categories, truth values, or texts."""
    import pyarrow as pa

    if rule is None:
        return pa.list_(pa.string())
    return pa.bool_() if rule.values else pa.string()
