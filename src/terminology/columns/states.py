"""What every code of a system is on every day, as arrays: the compiled interval rows, spread over stretches of days.

Between two days on which anything changes, the end of a period or of what a release covers, the status of no code
changes. ICD-10-CM with 15 releases has 16 such stretches, HCPCS with 9 some 190. So a number for each code and stretch
answers for any column of codes and days by three lookups: the stretch of the day, the cell, and what the cell says::

    stretch   0          1                   2
    from      -          2020-10-01          2021-10-01
    M54.5     future     billable            header
    M54.50    future     future              billable

It says what `Edition` says, by the same rules (`history.status_of`, `AsOf.row_status`), for all codes at once.
"""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import schema
from ..history import STATUSES
from ..periods import OPEN, coverage_end, day_from, day_number, day_of, next_quarter
from ..query.compiled import IN_TREE
from ..status import Status
from .arrays import blank, taken

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from ..query import CodeSystem, Edition
    from ..query.compiled import CompiledSystem
    from ..query.timeline import Timeline

ORDER: Final = tuple(Status)
"""Statuses by their numbers in a cell."""
NUMBER: Final = {status: number for number, status in enumerate(ORDER)}
NONE: Final = -1
STATUS_BITS: Final = 0x0F
HAS_START, HAS_END = 0x10, 0x20
MOST_DAYS: Final = 200_000
"""Of a table of days: 548 years."""
Numbers = Any
"""A numpy array of numbers."""


class Spans(NamedTuple):
    """Stretches of one state of all codes, sorted by code and time; see `history.Span`."""

    owner: Numbers
    """Row of the code."""
    start: Numbers
    end: Numbers
    state: Numbers
    row: Numbers
    """The last interval row of each."""
    head: Numbers
    """The first one."""


class Runs(NamedTuple):
    """The cells again, as they are looked up: stretches of a code that say the same are one run.

    A column of any length looks its cells up in any order, so they should fit in the caches of a processor: a byte for
    each code and stretch, and the rest by runs, of which most codes have two or three.
    """

    within: pa.Array
    """For each row and stretch the number of its run in the row."""
    first: pa.Array
    """For each row its first run."""
    marks: pa.Array
    """For each run in one byte the status, as a number of `ORDER`, and with `HAS_START` and `HAS_END` which days it has."""
    span: pa.Array
    """For each run the span that bounds it; -1 where none does."""
    start: pa.Array
    """For each run the first day of its period, as a number."""
    end: pa.Array
    """For each run the first day after its period, as a number."""
    without_day: int
    """Behind the runs of cells the run of rows without a day, and behind it that of those that are malformed as well."""


class States:
    """The statuses of all codes of a system in all stretches of days, with what is known with one of its releases.

    Cells are found by the row of a code and the number of a stretch. Behind the rows of codes come two more: of a
    well-formed unknown code (`unknown_row`), and of what cannot be a code (`malformed_row`).
    """

    def __init__(self, system: CompiledSystem, knowledge: int) -> None:
        import numpy as np
        import pyarrow as pa

        self.system = system
        self.knowledge = knowledge
        count = system.codes.count
        self.unknown_row, self.malformed_row = count, count + 1
        self.horizon = system.timeline.horizon(knowledge)
        rows, owner = _known_rows(system, knowledge)
        self._rows, self._owner = rows, owner
        self.days: np.ndarray[Any, Any] = _days(system, rows, self.horizon)
        """First days of all stretches but the first, which has no first day."""
        # changes lie within some years: a table of all days between them is read faster than days are searched
        self._first, self._last = (int(self.days[0]) - 1, int(self.days[-1])) if len(self.days) else (0, 0)
        self._table: pa.Array | None = None
        if self._last - self._first <= MOST_DAYS:
            within = np.arange(self._first, self._last + 1)
            self._table = pa.array(np.searchsorted(self.days, within, side="right").astype(np.int32))
        self.spans = _spans(system, rows, owner, self.horizon)
        # a day on which nothing is known is answered by the last day before (`AsOf.day`)
        last = int(np.searchsorted(self.days, self.horizon - 1, side="right"))
        self.shown = np.minimum(np.arange(len(self.days) + 1), last)
        """For each stretch the one whose rows answer for it."""
        self.covered = np.array([system.timeline.is_covered(day, knowledge) for day in self.sample_days()])
        """For each stretch whether releases cover it."""
        self.status, self.span = self._filled()
        """For each row and stretch the status, as a number of `ORDER`, and the span that bounds it; or -1."""
        self.runs = _runs(self.status, self.span, self.spans)

    def stretches(self, days: Numbers) -> Numbers:
        """Return the numbers of the stretches of day numbers."""
        import numpy as np
        import pyarrow as pa

        if not len(days):
            return np.zeros(0, dtype=np.int32)
        if self._table is None:
            return np.searchsorted(self.days, days, side="right").astype(np.int32)
        if int(days.min()) < self._first or int(days.max()) > self._last:
            days = np.clip(days, self._first, self._last)
        since = np.subtract(days, days.dtype.type(self._first), out=blank(len(days), days.dtype))
        found: Numbers = taken(self._table, pa.array(since)).to_numpy()
        return found

    @cached_property
    def period_rows(self) -> Numbers:
        """For each row of a code and stretch the interval row that holds; -1 where none does."""
        import numpy as np

        made = np.full((self.system.codes.count + 2, len(self.days) + 1), NONE, dtype=np.int32)
        periods = self.system.periods
        starts, ends = np.asarray(periods.starts)[self._rows], np.asarray(periods.ends)[self._rows]
        cells, owners = self._cells(self._owner, starts, ends)
        made.reshape(-1)[cells] = self._rows[owners]
        return np.ascontiguousarray(made[:, self.shown])

    @cached_property
    def is_in_tree(self) -> Numbers:
        """For each row of a code and stretch whether it is in force, or a node of the hierarchy that is no code."""
        import numpy as np

        state = np.append(np.asarray(self.system.periods.states), np.uint8(0))
        return (self.period_rows >= 0) & np.isin(state, sorted(IN_TREE))[self.period_rows]

    # ---- cells

    def sample_days(self) -> list[int]:
        """Return a day of each stretch."""
        first = int(self.days[0]) - 1 if len(self.days) else 0
        return [first, *map(int, self.days)]

    def _cells(self, owner: Numbers, starts: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
        """Return the cells that periods lie over, and for each the number of its period."""
        import numpy as np

        width = len(self.days) + 1
        first: Numbers = np.searchsorted(self.days, starts, side="right")
        after: Numbers = np.where(ends == OPEN, width, np.searchsorted(self.days, ends, side="right"))
        lengths = np.maximum(after - first, 0)
        owners = np.repeat(np.arange(len(owner)), lengths)
        within = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return owner[owners].astype(np.int64) * width + first[owners] + within, owners

    def _filled(self) -> tuple[Numbers, Numbers]:
        import numpy as np

        count, width = self.system.codes.count, len(self.days) + 1
        spans, dated = self.spans, self.system.definition.dated
        has_lived = spans.state <= schema.BILLABLE
        status: Numbers = np.full((count + 2, width), NUMBER[Status.UNKNOWN], dtype=np.int8)
        # before and after what is in force: the last period that had begun, else the first to come
        begun: Numbers = np.full((count + 2, width), NONE, dtype=np.int32)
        lived = np.flatnonzero(has_lived)
        place = np.searchsorted(self.days, spans.start[lived], side="right")
        np.maximum.at(begun.reshape(-1), spans.owner[lived].astype(np.int64) * width + place, lived)
        np.maximum.accumulate(begun, axis=1, out=begun)
        first: Numbers = np.full(count + 2, NONE, dtype=np.int32)
        first[spans.owner[lived][::-1]] = lived[::-1]
        span: Numbers = np.where(begun >= 0, begun, first[:, None])
        status[span >= 0] = NUMBER[Status.FUTURE]
        status[begun >= 0] = NUMBER[Status.EXPIRED]
        if not dated:
            status[:, ~self.covered] = NUMBER[Status.UNCOVERED]
        own = np.zeros((count + 2, width), dtype=bool)
        cells, owners = self._cells(spans.owner, spans.start, spans.end)
        holds = spans.state[owners] != schema.EXPIRED
        numbers = np.array([NUMBER[STATUSES.get(state, Status.UNKNOWN)] for state in range(max(STATUSES) + 1)], np.int8)
        if dated or self.covered.any():
            status.reshape(-1)[cells] = numbers[spans.state[owners]]
            own.reshape(-1)[cells] = True
            span.reshape(-1)[cells[holds]] = owners[holds]
        status, span, own = status[:, self.shown], span[:, self.shown], own[:, self.shown]
        # a row of a dated system answers for itself on days that no release covers
        uncovered = ~self.covered if not dated else np.zeros(width, dtype=bool)
        status[:, uncovered] = NUMBER[Status.UNCOVERED]
        if dated:
            status[:, ~self.covered] = np.where(
                own[:, ~self.covered], status[:, ~self.covered], NUMBER[Status.UNCOVERED]
            )
        status[self.malformed_row] = NUMBER[Status.MALFORMED]
        bounded = (status != NUMBER[Status.UNCOVERED]) & (status != NUMBER[Status.UNKNOWN])
        # cells are found by one number: in any other order each batch would copy them all
        return np.ascontiguousarray(status), np.ascontiguousarray(np.where(bounded, span, NONE))


def _runs(status: Numbers, span: Numbers, spans: Spans) -> Runs:
    """Return cells as runs."""
    import numpy as np
    import pyarrow as pa

    begins = np.ones(status.shape, dtype=bool)
    begins[:, 1:] = (status[:, 1:] != status[:, :-1]) | (span[:, 1:] != span[:, :-1])
    within = np.cumsum(begins, axis=1, dtype=np.int16) - 1
    counts = within[:, -1] + np.int64(1)
    narrow = np.uint8 if status.shape[1] <= np.iinfo(np.uint8).max else np.int16
    first = (np.cumsum(counts) - counts).astype(np.int32)
    statuses = [NUMBER[Status.UNCOVERED], NUMBER[Status.MALFORMED]]
    of_runs = np.append(span[begins], [NONE, NONE]).astype(np.int32)
    marks = np.append(status[begins], statuses).astype(np.uint8)
    days = []
    for bounds, mark in ((spans.start, HAS_START), (spans.end, HAS_END)):
        found = np.append(bounds, OPEN).astype(np.int32)[of_runs]
        is_day = (found != OPEN) & (found != -OPEN - 1)
        marks |= np.where(is_day, np.uint8(mark), np.uint8(0))
        days.append(pa.array(np.where(is_day, found, 0).astype(np.int32)))
    return Runs(
        pa.array(within.astype(narrow).reshape(-1)),
        pa.array(first),
        pa.array(marks),
        pa.array(of_runs),
        start=days[0],
        end=days[1],
        without_day=len(marks) - len(statuses),
    )


def titles_of_rows(system: CompiledSystem) -> pa.DictionaryArray:
    """Return the title of each interval row, each text once."""
    return system.keep(
        ("titles", 0),
        lambda: system.periods.table.to_arrow(["title"]).column("title").combine_chunks().dictionary_encode(),
    )


def sample_edition(states: States, system: CodeSystem, stretch: int) -> Edition:
    """Return the edition of a day of a stretch, as it is known with the last release of the states."""
    day = day_of(states.sample_days()[stretch]) or system.latest.date
    known = system.releases[states.knowledge].version if states.knowledge >= 0 else datetime.date.min
    return system.on(day, known=known)


def _known_rows(system: CompiledSystem, knowledge: int) -> tuple[Numbers, Numbers]:
    """Return the interval rows that hold with a knowledge, by code and time, and the rows of their codes."""
    import numpy as np

    periods = system.periods
    known = (np.asarray(periods.known_from) <= knowledge) & (knowledge < np.asarray(periods.known_to))
    rows = np.flatnonzero(known)
    owner = np.searchsorted(np.asarray(periods.first), rows, side="right") - 1
    order = np.lexsort((np.asarray(periods.starts)[rows], owner))
    return rows[order], owner[order]


def _days(system: CompiledSystem, rows: Numbers, horizon: int) -> Numbers:
    """Return the days on which anything may change, sorted."""
    import numpy as np

    periods, timeline = system.periods, system.timeline
    days = np.concatenate([np.asarray(periods.starts)[rows], np.asarray(periods.ends)[rows]])
    fixed = [*timeline.days, *_coverage_ends(timeline), horizon]
    found = np.unique(np.concatenate([days, np.array(fixed, dtype=days.dtype)]))
    return found[(found != OPEN) & (found > np.iinfo(found.dtype).min)]


def _coverage_ends(timeline: Timeline) -> list[int]:
    definition, ends = timeline.definition, []
    for release in timeline.releases:
        dated = definition.dated
        end = next_quarter(release.effective) if dated else coverage_end(definition.calendar, release.effective)
        if end is not None:
            ends.append(day_number(end))
    return [*ends, day_number(day_from(definition.retired))] if definition.retired else ends


def _spans(system: CompiledSystem, rows: Numbers, owner: Numbers, horizon: int) -> Spans:
    """Return the stretches of one state of all codes, as `PeriodRows.spans` has them of one."""
    import numpy as np

    periods = system.periods
    starts, ends, states = (np.asarray(column)[rows] for column in (periods.starts, periods.ends, periods.states))
    until = np.where(ends < horizon, ends, OPEN)
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (owner[1:] != owner[:-1]) | (states[1:] != states[:-1]) | (until[:-1] != starts[1:])
    heads = np.flatnonzero(fresh)
    tails = np.append(heads[1:], len(rows))[: len(heads)] - 1
    return Spans(owner[heads], starts[heads], until[tails], states[heads], rows[tails], rows[heads])
