"""What holds without a change, as rows with a first and a last day: cells of stretches, merged where they agree.

A system has some stretches of days in which nothing changes (`columns.states`), so that a table of a row for each code and
a column for each stretch says what each code is on every day. Neighbours that say the same are one run::

    stretch   0          1                   2
    from      -          2020-10-01          2021-10-01
    M54.5     future     billable            header         three runs
    M54.50    future     future              billable       two: the first is open to 2021-10-01

A run is half open. Its first day is null where nothing was before it, and its end is null where nothing comes after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..columns.states import States
from ..query import CodeSystem, engine_of

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = Any
"""A numpy array of numbers."""


class Runs(NamedTuple):
    """Cells that agree, by row and time: the row, the first stretch and the stretch behind the last."""

    rows: Numbers
    firsts: Numbers
    ends: Numbers

    def where(self, chosen: Numbers) -> Runs:
        """Return those that a mask chooses."""
        return Runs(self.rows[chosen], self.firsts[chosen], self.ends[chosen])

    def of(self, table: Numbers) -> Numbers:
        """Return what a table has for each run."""
        return table[self.rows, self.firsts]

    def days(self, states: States) -> tuple[pa.Array, pa.Array]:
        """Return first days and ends as dates, null where there is no first day and no end."""
        import numpy as np
        import pyarrow as pa

        days = np.asarray(states.days).astype(np.int32)
        bounds = np.append(days, np.int32(0))
        begins, is_open = self.firsts == 0, self.ends > len(days)
        starts = bounds[np.where(begins, len(days), self.firsts - 1)]
        ends = bounds[np.where(is_open, len(days), self.ends - 1)]
        return (
            pa.array(starts, pa.int32(), mask=begins).cast(pa.date32()),
            pa.array(ends, pa.int32(), mask=is_open).cast(pa.date32()),
        )


def runs_of(*tables: Numbers) -> Runs:
    """Return the runs of cells that agree in all of some tables of one shape.

    >>> import numpy
    >>> found = runs_of(numpy.array([[1, 1, 2], [3, 3, 3]]))
    >>> found.rows.tolist(), found.firsts.tolist(), found.ends.tolist()
    ([0, 0, 1], [0, 2, 0], [2, 3, 3])
    """
    import numpy as np

    fresh = np.ones(tables[0].shape, dtype=bool)
    fresh[:, 1:] = False
    for table in tables:
        fresh[:, 1:] |= table[:, 1:] != table[:, :-1]
    rows, firsts = np.nonzero(fresh)
    ends = np.append(firsts[1:], 0)[: len(firsts)]
    # the run behind the last of a row begins in the next row, at 0
    return Runs(rows, firsts, np.where(ends == 0, fresh.shape[1], ends))


def states_known(system: CodeSystem, known: Any) -> States:
    """Return the states of all codes of a system as they are known with a release; not kept, for an export needs them once.

    Raises:
        UnknownReleaseError: ``known`` is neither a release nor a day.
        InvalidDateError: It is no text, number or date.
    """
    edition = system.latest if known is None else system.on(system.latest.date, known=known)
    as_of = engine_of(edition)
    knowledge = as_of.system.timeline.newest if known is None else as_of.knowledge
    return States(as_of.system, knowledge)
