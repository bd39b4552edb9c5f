"""What is above what on every day: the closure of the hierarchy over all releases, one row a pair and interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..columns.states import States
from ..hierarchy import NONE, Tree
from ..query import Terminology, opened_store
from .chosen import Names, chosen_systems
from .runs import Numbers, runs_of, states_known
from .time_axis import Store, repeated

if TYPE_CHECKING:
    import pyarrow as pa

NOTHING: Final = -1


def closure(store: Store, system: Names = None, known: Any = None) -> pa.Table:
    """Return every pair of a code and what is above it, or itself, with the days on which that is so; empty without releases.

    Columns: ``system``, ``ancestor``, ``descendant``, ``distance`` (levels between them; 0 for the code itself),
    ``effective_from`` and ``effective_to`` (half open; null while open). On a day, the rows of a descendant are what
    `Edition.ancestors` gives, by ``distance`` nearest first, and those of an ancestor what `Edition.descendants` gives. A code
    that is not in force on a day has no row for it.

    Args:
        store: An open store or its folder; None for that of `terminology.open`.
        system: A code system or several, by any of their names; None for all.
        known: A version or a day: only releases up to it count. By default all.

    Raises:
        UnknownSystemError: The store has no such system.
        UnknownReleaseError: ``known`` is neither a release of the system nor a day.

    >>> import terminology
    >>> for row in terminology.exports.closure(store, "icd10cm").to_pylist():
    ...     if row["descendant"] == "M54.50":
    ...         print(row["ancestor"], row["distance"], row["effective_from"], row["effective_to"])
    M54.50 0 2021-10-01 2022-10-01
    M54.5 1 2021-10-01 2022-10-01
    M54 2 2021-10-01 2022-10-01
    M50-M54 3 2021-10-01 2022-10-01
    13 4 2021-10-01 2022-10-01
    """
    import pyarrow as pa

    return pa.concat_tables(closure_tables(opened_store(store), system, known))


def closure_tables(store: Terminology, system: Names, known: Any) -> Iterator[pa.Table]:
    """Yield the rows of `closure`, a table for each system and distance."""
    import numpy as np
    import pyarrow as pa

    for one in chosen_systems(store, system):
        states = states_known(one, known)
        codes = states.system.arrow_codes
        for distance, above in enumerate(levels_of(states)):
            runs = runs_of(above)
            runs = runs.where(runs.of(above) != NOTHING)
            starts, ends = runs.days(states)
            yield pa.table(
                {
                    "system": repeated(one.name, len(runs.rows)),
                    "ancestor": codes.take(pa.array(runs.of(above))),
                    "descendant": codes.take(pa.array(runs.rows)),
                    "distance": pa.array(np.full(len(runs.rows), distance, dtype=np.int32)),
                    "effective_from": starts,
                    "effective_to": ends,
                }
            )


def levels_of(states: States) -> list[Numbers]:
    """Return for each distance, from 0 on, the row of what is above each code in each stretch of days; -1 for nothing.

    There is always the table of distance 0: the codes that are in the hierarchy, each at its own row.
    """
    import numpy as np

    count, width = states.system.codes.count, len(states.days) + 1
    in_force = states.is_in_tree[:count]
    found: list[Numbers] = [np.full((count, width), NOTHING, dtype=np.int32)]
    seen: dict[int, list[Numbers]] = {}
    for stretch, day in enumerate(states.sample_days()):
        as_of = states.system.as_of(day, states.knowledge)
        if as_of.tree is None:
            continue
        # releases in which no code moved share their tree
        if id(as_of.tree) not in seen:
            seen[id(as_of.tree)] = _levels(as_of.tree, count)
        for distance, above in enumerate(seen[id(as_of.tree)]):
            if distance == len(found):
                found.append(np.full((count, width), NOTHING, dtype=np.int32))
            # an unfiltered tree holds just what is in force
            held = np.where(in_force[:, stretch], above, NOTHING) if as_of.is_filtered else above
            found[distance][:, stretch] = held
    return found


def _levels(tree: Tree, count: int) -> list[Numbers]:
    """Return for each distance the row of what is above each row in a tree."""
    import numpy as np

    places, nodes, parents = (np.asarray(column).astype(np.int64) for column in (tree.places, tree.nodes, tree.parents))
    is_held = places[:count] != NONE
    place = np.where(is_held, places[:count], 0)
    above = np.where(is_held, parents[place], NONE)
    parent = np.append(np.where(above != NONE, nodes[np.where(above != NONE, above, 0)], NOTHING), NOTHING)
    level = np.where(is_held, np.arange(count), NOTHING)
    found = []
    while (level != NOTHING).any():
        found.append(level.astype(np.int32))
        level = parent[level]
    return found
