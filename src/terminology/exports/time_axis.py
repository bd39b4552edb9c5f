"""The status of every code on every day, as intervals; and which days the releases cover, for codes that no release has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..columns.states import ORDER, States, titles_of_rows
from ..licences import may_show
from ..model import Status
from ..query import CodeSystem, Terminology, opened_store
from .chosen import Names, chosen_systems
from .runs import Numbers, runs_of, states_known

if TYPE_CHECKING:
    import pyarrow as pa

Store = Terminology | str | os.PathLike[str] | None
"""An open store or its folder; None for that of `terminology.open`."""


def intervals(store: Store, system: Names = None, known: Any = None) -> pa.Table:
    """Return the status of every code on every day: rows whose half-open intervals cover the whole of time without overlap.

    Columns: ``system``, ``code``, ``status``, ``effective_from`` (null: always before), ``effective_to`` (null: open) and
    ``title``. The interval that holds a day has the status that `Edition.status` gives. A code that has no row is
    ``unknown`` or ``malformed`` on the days of `coverage` that are covered, and ``uncovered`` or ``malformed`` on others.
    The title is that of `Edition.lookup`: of a code that is expired or future that of its nearest period. It is null where
    no release covers the day, and of a system whose licence is not declared.

    Args:
        store: An open store or its folder; None for that of `terminology.open`.
        system: A code system or several, by any of their names; None for all.
        known: A version or a day: only releases up to it count. By default all.

    Raises:
        UnknownSystemError: The store has no such system.
        UnknownReleaseError: ``known`` is neither a release of the system nor a day.

    >>> import terminology
    >>> found = terminology.exports.intervals(store, "icd10cm").to_pylist()
    >>> for row in found:
    ...     if row["code"] == "M54.50":
    ...         print(row["status"], row["effective_from"], row["effective_to"])
    uncovered None 2020-10-01
    future 2020-10-01 2021-10-01
    billable 2021-10-01 2022-10-01
    uncovered 2022-10-01 None
    """
    import pyarrow as pa

    return pa.concat_tables(interval_tables(opened_store(store), system, known))


def interval_tables(store: Terminology, system: Names, known: Any) -> Iterator[pa.Table]:
    """Yield the rows of `intervals`, a table for each system."""
    for one in chosen_systems(store, system):
        states = states_known(one, known)
        yield _intervals_of(one, states, shows_titles=may_show(one.definition, store.licences))


def _intervals_of(system: CodeSystem, states: States, *, shows_titles: bool) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    count = states.system.codes.count
    status = states.status[:count]
    titles, number = titles_of(states) if shows_titles else (pa.nulls(0, pa.string()), None)
    runs = runs_of(status) if number is None else runs_of(status, number)
    # a node that is no code, as a prefix of ICD-10-PCS, is answered as any code that no release has
    is_code = (status != states.status[states.unknown_row]).any(axis=1)
    runs = runs.where(is_code[runs.rows])
    starts, ends = runs.days(states)
    shown: Numbers = np.full(len(runs.rows), -1, dtype=np.int32) if number is None else runs.of(number)
    return pa.table(
        {
            "system": repeated(system.name, len(runs.rows)),
            "code": states.system.arrow_codes.take(pa.array(runs.rows)),
            "status": pa.array([str(one) for one in ORDER]).take(pa.array(runs.of(status))),
            "effective_from": starts,
            "effective_to": ends,
            "title": titles.take(pa.array(shown, mask=shown < 0)),
        }
    )


def repeated(text: str, count: int) -> pa.Array:
    """Return a text as often as a table has rows."""
    import pyarrow as pa

    return pa.repeat(pa.scalar(text, pa.string()), count)


def titles_of(states: States) -> tuple[pa.Array, Numbers]:
    """Return the distinct titles, and the number of the title of each code in each stretch; -1 where there is none."""
    import numpy as np

    count = states.system.codes.count
    column = titles_of_rows(states.system)
    numbers = np.append(column.indices.fill_null(-1).to_numpy(zero_copy_only=False), -1)
    period, span = states.period_rows[:count], states.span[:count]
    nearest = np.append(states.spans.row, -1)[span]
    status = states.status[:count]
    is_bounded = (status != ORDER.index(Status.UNCOVERED)) & (status != ORDER.index(Status.UNKNOWN))
    return column.dictionary, np.where(is_bounded, numbers[np.where(period >= 0, period, nearest)], -1)


def coverage(store: Store, system: Names = None, known: Any = None) -> pa.Table:
    """Return which days the loaded releases cover, and by which release: rows whose intervals cover the whole of time.

    Columns: ``system``, ``covered``, ``release`` (the one in force; null where none covers the day), ``effective_from``
    (null: always before) and ``effective_to`` (half open; null: open). What no release has is ``unknown`` on covered days
    and ``uncovered`` on others.

    Args:
        store: An open store or its folder; None for that of `terminology.open`.
        system: A code system or several, by any of their names; None for all.
        known: A version or a day: only releases up to it count. By default all.

    Raises:
        UnknownSystemError: The store has no such system.
        UnknownReleaseError: ``known`` is neither a release of the system nor a day.

    >>> import terminology
    >>> for row in terminology.exports.coverage(store, "icd10cm").to_pylist()[1:]:
    ...     print(row["covered"], row["release"], row["effective_from"], row["effective_to"])
    True 2021 2020-10-01 2021-10-01
    True 2022 2021-10-01 2022-04-01
    True 2022-04 2022-04-01 2022-10-01
    False None 2022-10-01 None
    """
    import pyarrow as pa

    return pa.concat_tables(coverage_tables(opened_store(store), system, known))


def coverage_tables(store: Terminology, system: Names, known: Any) -> Iterator[pa.Table]:
    """Yield the rows of `coverage`, a table for each system."""
    return (coverage_of(one, states_known(one, known)) for one in chosen_systems(store, system))


def coverage_of(system: CodeSystem, states: States) -> pa.Table:
    """Return the rows of `coverage` of one system."""
    import numpy as np
    import pyarrow as pa

    timeline = states.system.timeline
    held = [timeline.release_on(day, states.knowledge) for day in states.sample_days()]
    # a day after the last of a retired system is covered, and no release is in force on it
    release = np.where(states.covered, np.array(held), -1)[None, :]
    covered = states.covered[None, :]
    runs = runs_of(covered, release)
    starts, ends = runs.days(states)
    versions = pa.array([one.version for one in timeline.releases], pa.string())
    number = runs.of(release)
    return pa.table(
        {
            "system": repeated(system.name, len(runs.rows)),
            "covered": pa.array(runs.of(covered)),
            "release": versions.take(pa.array(number, mask=number < 0)),
            "effective_from": starts,
            "effective_to": ends,
        }
    )
