"""Codes of a column, followed through releases and maps: each once for all the days on which it becomes the same.

To follow a code takes a tenth of a millisecond, and claims of ten years lie in some twenty stretches of days between
which a release, a map or a change begins. But hardly anything ever happens to one code. Its way through the releases
depends on its own day only as far as its own periods, its own rows of maps and the target lie before or after it
(`mapping.succession`), so most codes have one answer for all days::

    stretch from   -   2015-10-01   2016-10-01   ...   2021-10-01   2022-10-01   ...
    E11.9          0   0            0                  0            0                   one answer
    M54.5          0   1            1                  7            7                   another one since it was divided

What was followed is remembered by the open store (`becoming`), so the parts of a file and the batches of a stream share it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from .. import schema
from ..model import Outcome, Translation
from ..periods import BEGIN, OPEN, day_from, day_number
from ..query import CodeSystem, Terminology, engine_of
from .answers import states_of
from .arrays import cells
from .cells import cell_of
from .day_columns import day_numbers
from .frames import column_of
from .placing import NO_DAY, day_asked
from .spellings import found_among
from .vocabularies import canonical

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query.compiled import AsOf, CompiledSystem

MOST_CELLS: Final = 2**26
"""Of a table in which keys are numbered; more of them are sorted."""
Numbers = Any
"""A numpy array of numbers."""
Answer = TypeVar("Answer")


class Days(NamedTuple):
    """For each row the number of the stretch of its day, and a day of each stretch; `NO_DAY` where a row has none."""

    stretches: Numbers
    samples: Sequence[int | None]


# ---- days


def one_day(rows: pa.Table, day: int | None) -> Days:
    """Return that all rows have one day."""
    import numpy as np

    return Days(np.zeros(rows.num_rows, dtype=np.int64), [day])


def stretches_of(rows: pa.Table, origin: Any, system: CodeSystem, more: Numbers = ()) -> Days:
    """Return the stretches of days in which nothing changes, of releases or of published maps.

    Args:
        rows: With the column of days, if there is one.
        origin: The column, a day, a release, or None.
        system: Whose releases and maps matter.
        more: Further days on which something changes.
    """
    import numpy as np

    asked = day_asked(origin, system, rows.column_names)
    if isinstance(asked, int):
        return one_day(rows, asked)
    read = [day_numbers(chunk, asked, "the table")[0] for chunk in column_of(rows, asked).chunks]
    if not read:
        return one_day(rows, None)
    days = np.concatenate([chunk.fill_null(OPEN).to_numpy(zero_copy_only=False) for chunk in read])
    return stretches_of_days(days, np.union1d(changes_of(system), np.array(more, dtype=np.int64)))


def stretches_of_days(days: Numbers, changes: Numbers) -> Days:
    """Return the stretches of day numbers, between the days on which something changes; `OPEN` is no day."""
    import numpy as np

    stretches = np.searchsorted(changes, days, side="right").astype(np.int64)
    samples = [int(changes[0]) - 1 if len(changes) else 0, *map(int, changes)]
    return Days(np.where(days == OPEN, NO_DAY, stretches), samples)


def crossing_days(store: Terminology, source: str, target: str) -> Numbers:
    """Return the days from which on another version of a crosswalk leads from one system to another, or back."""
    import numpy as np

    names = {store[name].name if name in store else canonical(name) for name in (source, target)}
    days = [
        day_number(day_from(one.effective))
        for one in store.crosswalks
        if {one.source_system, one.target_system} <= names
    ]
    return np.unique(np.array(days, dtype=np.int64))


def changes_of(system: CodeSystem) -> Numbers:
    """Return the days from which on a code may become something else."""
    import numpy as np

    as_of = engine_of(system.latest)

    def made() -> Numbers:
        dated = [day for rows in as_of.system.successions for day in rows.days]
        days = np.unique(np.concatenate([states_of(system, None, None).days, np.array(dated, dtype=np.int64)]))
        return days[(days < OPEN) & (days > -OPEN)]

    return as_of.system.keep(("changes", as_of.knowledge), made)


class OwnStretches:
    """For each code of a system the first of the stretches in which it becomes the same in a release."""

    def __init__(self, system: CodeSystem, target: AsOf) -> None:
        import numpy as np

        self.system: CompiledSystem = target.system
        changes = changes_of(system)
        begins = np.zeros((self.system.codes.count, len(changes) + 1), dtype=bool)
        self._periods(begins, changes)
        self._maps(begins, changes)
        samples = [int(changes[0]) - 1 if len(changes) else 0, *map(int, changes)]
        covered = np.array([self.system.timeline.is_covered(day) for day in samples])
        begins[:, np.flatnonzero(covered[1:] != covered[:-1]) + 1] = True
        # before the target its way leads forward, behind it back
        place = int(np.searchsorted(changes, target.asked, side="right"))
        begins[:, place : place + 2] = True
        untouched = self._untouched(target)
        begins[untouched] = False
        self.untouched: Numbers = np.flatnonzero(untouched)
        """Rows of the codes that are billable in the target, and of which nothing else is said: they become themselves."""
        numbers = np.arange(begins.shape[1], dtype=np.int16)
        self.first: Numbers = np.maximum.accumulate(np.where(begins, numbers, 0).astype(np.int16), axis=1)
        """For each code and stretch the first one that is as this."""

    def _periods(self, begins: Numbers, changes: Numbers) -> None:
        """Mark where the interval rows of each code begin and end."""
        import numpy as np

        periods = self.system.periods
        counts = np.diff(np.append(np.asarray(periods.first), len(np.asarray(periods.starts)))[: len(begins) + 1])
        owner = np.repeat(np.arange(len(begins)), counts)
        for days in (np.asarray(periods.starts), np.asarray(periods.ends)):
            begins[owner, np.searchsorted(changes, days, side="right")] = True

    def _maps(self, begins: Numbers, changes: Numbers) -> None:
        """Mark the days of all rows of maps that have a code on either side."""
        import numpy as np

        self._mapped = np.zeros(len(begins), dtype=bool)
        for rows in self.system.successions:
            for codes, days in rows.dated_codes():
                found = found_among(codes, self.system)
                known = found >= 0
                self._mapped[found[known]] = True
                known &= np.asarray(days) != BEGIN
                begins[found[known], np.searchsorted(changes, np.asarray(days)[known], side="right")] = True

    def _untouched(self, target: AsOf) -> Numbers:
        """Return whether each code is billable in the target and has one period and no row of a map."""
        import numpy as np

        periods = self.system.periods
        first = np.asarray(periods.first)[: len(self._mapped)]
        columns = (periods.starts, periods.ends, periods.states, periods.known_from, periods.known_to)
        starts, ends, states, known_from, known_to = (np.asarray(column)[first] for column in columns)
        alone = np.diff(np.append(first, len(np.asarray(periods.starts)))) == 1
        holds = (starts <= target.day) & (target.day < ends) & (states == schema.BILLABLE)
        known = (known_from <= target.knowledge) & (target.knowledge < known_to)
        return alone & holds & known & ~self._mapped & target.is_covered

    def of(self, texts: pa.Array, stretches: Numbers, places: Numbers) -> Numbers:
        """Return for each row the first stretch of its code that is as that of its day.

        Args:
            texts: Different texts.
            stretches: Of the rows.
            places: The texts of the rows, or -1.
        """
        import numpy as np

        rows = np.append(found_among(texts, self.system), -1)[places]
        is_known = (rows >= 0) & (stretches != NO_DAY)
        width = self.first.shape[1]
        cell = np.where(is_known, rows, 0).astype(np.int64) * width + np.where(is_known, stretches, 0)
        return np.where(is_known, self.first.reshape(-1)[cell], stretches)


class OwnCells:
    """Numbers the codes in their own stretches."""

    def __init__(self, own: OwnStretches, changes: Numbers) -> None:
        import numpy as np

        self._changes, self._width = changes, len(changes) + 1
        first = own.first
        begins = first == np.arange(first.shape[1])
        within = np.cumsum(begins, axis=1, dtype=np.int16) - 1
        counts = within[:, -1] + np.int64(1)
        self._within = within.astype(np.uint8 if within.shape[1] <= np.iinfo(np.uint8).max else np.int16).reshape(-1)
        self._first = (np.cumsum(counts) - counts).astype(np.int32)
        self.count = int(counts.sum())

    def of(self, rows: Numbers, days: Days, chosen: Numbers) -> Numbers:
        """Return the cells of some rows of all that have these days."""
        import numpy as np

        stretches = _stretches(days, chosen, self._changes)
        return self._first[rows] + self._within[rows.astype(np.int64) * self._width + stretches]

    def first_of(self, rows: Numbers) -> Numbers:
        """Return the first cells of codes."""
        return self._first[rows]


class PlainCells:
    """Numbers codes in all stretches of days, and on no certain day."""

    def __init__(self, codes: int, changes: Numbers) -> None:
        self._changes, self._width = changes, len(changes) + 2
        self.count = codes * self._width

    def of(self, rows: Numbers, days: Days, chosen: Numbers) -> Numbers:
        """Return the cells of some rows of all that have these days."""
        import numpy as np

        return rows.astype(np.int64) * self._width + _stretches(days, chosen, self._changes)


def _stretches(days: Days, chosen: Numbers, changes: Numbers) -> Numbers:
    """Return the stretches of some rows; behind all others that of no certain day."""
    import numpy as np

    if len(days.samples) != 1:
        return days.stretches[chosen]
    [day] = days.samples
    return len(changes) + 1 if day is None else np.searchsorted(changes, day, side="right")


# ---- each once


class Asked(NamedTuple):
    """A code as it is asked for, with a day of its stretch."""

    text: str | None
    day: int | None
    has_day: bool
    """Whether its rows have a day at all: a day of None is no certain one."""


def each_once(
    column: pa.ChunkedArray,
    name: str,
    days: Days,
    follow: Callable[[str, int | None], Answer],
    own: OwnStretches | None = None,
) -> tuple[Numbers, list[Answer | Translation]]:
    """Return for each row the number of its answer, and the answers: one a text and stretch of days.

    Args:
        column: Of codes.
        name: Of the column, for errors.
        days: Of the rows.
        follow: What is asked of a text and a day.
        own: The stretches of each code; None where each stretch of days counts.
    """
    numbers, asked = asked_once(column, name, days, own)
    return numbers, [_answer(one, follow) for one in asked]


def _answer(asked: Asked, follow: Callable[[str, int | None], Answer]) -> Answer | Translation:
    if asked.text is None or not asked.has_day:
        why = "there is no code" if asked.text is None else "there is no day"
        return Translation(asked.text or "", Outcome.UNKNOWN, reason=why, is_complete=False)
    return follow(asked.text, asked.day)


def asked_once(
    column: pa.ChunkedArray, name: str, days: Days, own: OwnStretches | None = None
) -> tuple[Numbers, list[Asked]]:
    """Return for each row the number of what it asks, and what is asked: each text once for a stretch of days."""
    import numpy as np
    import pyarrow as pa

    if not column.chunks:
        return np.zeros(0, dtype=np.int64), []
    encoded = pa.chunked_array([cells(chunk, name, "the table") for chunk in column.chunks]).unify_dictionaries()
    texts = encoded.chunk(0).dictionary
    places = np.concatenate([chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks])
    stretches = days.stretches if own is None or len(days.samples) == 1 else own.of(texts, days.stretches, places)
    width = len(days.samples) + 1
    keys = (places.astype(np.int64) + 1) * width + stretches + 1
    different, numbers = _numbered(keys, (len(texts) + 1) * width)
    values = [None if text is None else cell_of(text).text for text in texts.to_pylist()]
    made = []
    for key in different.tolist():
        place, stretch = key // width - 1, key % width - 1
        has_day = stretch != NO_DAY
        made.append(Asked(values[place] if place >= 0 else None, days.samples[stretch] if has_day else None, has_day))
    return numbers, made


def _numbered(keys: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return the different keys, sorted, and for each key its place among them, as `numpy.unique` does.

    Args:
        keys: From 0.
        count: One more than the greatest there can be.
    """
    import numpy as np

    if count > MOST_CELLS:
        return np.unique(keys, return_inverse=True)
    is_there = np.zeros(count, dtype=bool)
    is_there[keys] = True
    different = np.flatnonzero(is_there)
    numbers: Numbers = np.cumsum(is_there, dtype=np.int32) - 1
    return different, numbers[keys]
