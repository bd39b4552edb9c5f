"""What the codes of a column are on their days: batches of rows, answered side by side by all cores.

Rows become numbers of cells (`placing`), and what the cells say is taken from arrays that are made once for a system
(`states`). Texts that are in no release are asked one by one, each once for each stretch of days.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from ..model import Status
from ..query import engine_of
from .arrays import array_of, blank, taken
from .frames import column_of, whole
from .misses import Misses
from .placing import NO_DAY, Dictionaries, Placed, day_asked, placed
from .sentences import Sentences, sentences_of
from .states import HAS_END, HAS_START, NUMBER, ORDER, STATUS_BITS, States, sample_edition, titles_of_rows

if TYPE_CHECKING:
    import pyarrow as pa

    from ..model import Check
    from ..query import CodeSystem, Edition

BATCH_ROWS: Final = 262_144
"""Fewer would keep what is made of them on the way in the caches of a processor, but threads would hinder each other more."""
Made = TypeVar("Made")
Numbers = Any
"""A numpy array of numbers."""


def answers_of(
    rows: pa.Table, system: CodeSystem, code: str, asked: tuple[Any, Any], wanted: Sequence[str]
) -> dict[str, Any]:
    """Return the wanted columns for the rows of one system.

    Args:
        rows: With the column of codes, and that of days if there is one.
        system: Of the codes.
        code: Name of the column of codes.
        asked: The days, and up to when releases count, as of `validate`.
        wanted: Names of the columns to make.
    """
    on, known = asked
    column_of(rows, code)
    day = day_asked(on, system, rows.column_names)
    column = ColumnAnswers(system, states_of(system, known, on), (code, str(day)))
    codes = rows.column(code)
    days = day if isinstance(day, int) else column_of(rows, day)

    def answer(start: int) -> dict[str, pa.Array]:
        # rows that come in many small batches are put together
        asked_days = days if isinstance(days, int) else whole(days.slice(start, BATCH_ROWS))
        found = column.rows(whole(codes.slice(start, BATCH_ROWS)), asked_days)
        return {name: getattr(found, name)() for name in wanted}

    made = side_by_side(answer, rows.num_rows)
    return {name: column.finished(name, [one[name] for one in made]) for name in wanted}


def side_by_side(make: Callable[[int], Made], rows: int) -> list[Made]:
    """Return what is made of each batch of rows, by the number of its first row; all cores make some."""
    starts = range(0, max(rows, 1), BATCH_ROWS)
    if len(starts) == 1:
        return [make(0)]
    with ThreadPoolExecutor(min(len(starts), os.cpu_count() or 1)) as pool:
        return list(pool.map(make, starts))


def states_of(system: CodeSystem, known: Any, on: Any) -> States:
    """Return the states of a system as they are known with a release; they are made once.

    Raises:
        UnknownReleaseError: ``known`` is neither a release nor a day.
    """
    edition = system.latest
    if known is not None:
        edition = system.on(edition.date, known=known)
    elif on is not None and str(on) in {release.version for release in system.releases}:
        edition = system.release(on)
    as_of = engine_of(edition)
    return as_of.system.keep(("states", as_of.knowledge), lambda: States(as_of.system, as_of.knowledge))


class PlacedRows(NamedTuple):
    """The rows of a table among the states of their system, for columns that are made row by row."""

    states: States
    found: Placed
    days: pa.Array | int
    """The days of the rows, or the day number of all."""
    day: str
    """Name of the column of days, for errors."""


def placed_rows(rows: pa.Table, system: CodeSystem, code: str, on: Any) -> PlacedRows:
    """Return where the rows of a table lie among the states of a system.

    Args:
        rows: With the column of codes, and that of days if there is one.
        system: Of the codes.
        code: Name of the column of codes.
        on: The days, as of `annotate`.
    """
    states = states_of(system, None, on)
    day = day_asked(on, system, rows.column_names)
    days = whole(column_of(rows, day)) if isinstance(day, str) else day
    found = placed(whole(column_of(rows, code)), days, Dictionaries(states, system.latest), (code, str(day)))
    return PlacedRows(states, found, days, str(day))


class ColumnAnswers:
    """Makes the columns of batches. What several batches need is made once."""

    def __init__(
        self, system: CodeSystem, states: States, names: tuple[str, str], known: Dictionaries | None = None
    ) -> None:
        self.system, self.states, self.names = system, states, names
        self.known = known or Dictionaries(states, system.latest)
        self.misses = Misses(states, system)

    def rows(self, codes: pa.Array, days: pa.Array | int) -> RowAnswers:
        """Return what answers for the rows of one batch: codes with their days, or with one day number for all."""
        return RowAnswers(self, placed(codes, days, self.known, self.names))

    def edition(self, stretch: int) -> Edition:
        """Return the edition of a day of a stretch."""
        return sample_edition(self.states, self.system, stretch)

    # ---- what all batches share

    def finished(self, name: str, chunks: list[pa.Array]) -> pa.ChunkedArray:
        """Return the column of all batches; numbers with the dictionary that they are places in."""
        import pyarrow as pa

        dictionary, chunks = self._reasons(chunks) if name == "reason" else (self._dictionary(name), chunks)
        if dictionary is not None:
            # the places are known to be there
            chunks = [pa.DictionaryArray.from_arrays(chunk, dictionary, safe=False) for chunk in chunks]
        return pa.chunked_array(chunks)

    def _reasons(self, chunks: list[pa.Array]) -> tuple[pa.Array, list[pa.Array]]:
        """Return all sentences, each text once, and the batches as places among these."""
        import numpy as np
        import pyarrow as pa

        known, others = self.known_sentences.texts, self.misses.sentences()
        if not len(others):
            return known, chunks
        # who counts by the numbers of a dictionary would count one sentence as several
        once = others.dictionary_encode()
        places = np.append(np.arange(len(known), dtype=np.int32), once.indices.to_numpy() + np.int32(len(known)))
        moved = [taken(pa.array(places), chunk) for chunk in chunks]
        return pa.concat_arrays([known, once.dictionary]), moved

    def texts(self, name: str, places: pa.Array) -> pa.Array:
        """Return the column of one batch as plain texts: of status, code, title or reason."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if name != "reason":
            return self._dictionary(name).take(places)
        # the sentences of all periods are some ten megabytes, which no small batch should copy
        sentences = self.known_sentences.texts
        count = len(sentences)
        is_known = pc.less(places, pa.scalar(count, places.type))
        nothing = pa.scalar(None, places.type)
        known = sentences.take(pc.if_else(is_known, places, nothing))
        others = pc.subtract(places, pa.scalar(count, places.type))
        return pc.coalesce(known, self.misses.sentences().take(pc.if_else(is_known, nothing, others)))

    def _dictionary(self, name: str) -> Any:
        import pyarrow as pa

        system = self.states.system
        match name:
            case "status":
                return pa.array(map(str, ORDER), pa.string())
            case "code":
                return system.arrow_codes
            case "title":
                return titles_of_rows(system).dictionary
        return None

    @property
    def known_sentences(self) -> Sentences:
        """The sentences of all runs, each text once."""
        states = self.states
        return states.system.keep(("sentences", states.knowledge), lambda: sentences_of(states))


class RowAnswers:
    """Makes the columns of one batch."""

    def __init__(self, column: ColumnAnswers, found: Placed) -> None:
        self.column, self.found, self.states = column, found, column.states
        self.width = column.states.status.shape[1]

    @cached_property
    def _without_day(self) -> Numbers | None:
        """Which rows have no day; None where all have one."""
        has_none = self.found.stretches == NO_DAY
        return has_none if has_none.any() else None

    @cached_property
    def _places(self) -> Numbers:
        """The places of the cells of all rows; of those without a day in the first stretch."""
        import numpy as np

        stretches = self.found.stretches
        if self._without_day is not None:
            stretches = np.where(self._without_day, 0, stretches)
        places = np.multiply(self.found.rows, np.int32(self.width), out=blank(len(stretches), np.int32))
        places += stretches
        return places

    @cached_property
    def _runs(self) -> pa.Array:
        """The runs of the cells of all rows."""
        import numpy as np
        import pyarrow as pa

        runs = self.states.runs
        within = taken(runs.within, pa.array(self._places)).to_numpy()
        first = taken(runs.first, pa.array(self.found.rows)).to_numpy()
        found = np.add(first, within, out=blank(len(first), np.int32))
        if self._without_day is not None:
            is_malformed = self.found.rows == self.states.malformed_row
            found = np.where(self._without_day, runs.without_day + is_malformed, found)
        return pa.array(found, pa.int32())

    @cached_property
    def _marks(self) -> Numbers:
        """What the runs say in one byte."""
        return taken(self.states.runs.marks, self._runs).to_numpy()

    @cached_property
    def numbers(self) -> Numbers:
        """The statuses as numbers of `ORDER`."""
        import numpy as np

        numbers = np.bitwise_and(self._marks, np.uint8(STATUS_BITS), out=blank(len(self._marks), np.uint8))
        return numbers.view(np.int8)

    def status(self) -> pa.Array:
        """Return the statuses, as numbers."""
        import pyarrow as pa

        return pa.array(self.numbers)

    def code(self) -> pa.Array:
        """Return the rows of the official codes; null of what no release knows."""
        import pyarrow as pa

        return array_of(self.found.rows, pa.int32(), self.found.rows >= self.states.unknown_row)

    def billable(self) -> pa.Array:
        """Return whether the codes may be submitted."""
        import numpy as np
        import pyarrow as pa

        count = len(self.numbers)
        bits = _bits(np.equal(self.numbers, NUMBER[Status.BILLABLE], out=blank(count, np.bool_)))
        return pa.Array.from_buffers(pa.bool_(), count, [None, bits])

    def effective_from(self) -> pa.Array:
        """Return the first days of the periods."""
        return self._days(self.states.runs.start, HAS_START)

    def effective_to(self) -> pa.Array:
        """Return the first days after the periods; null where they are open."""
        return self._days(self.states.runs.end, HAS_END)

    def _days(self, days: pa.Array, mark: int) -> pa.Array:
        """Return a day of each run; null where it does not have one."""
        import numpy as np
        import pyarrow as pa

        values = taken(days, self._runs)
        has_day = _bits(np.bitwise_and(self._marks, np.uint8(mark), out=blank(len(values), np.uint8)))
        return pa.Array.from_buffers(pa.date32(), len(values), [has_day, values.buffers()[1]])

    def title(self) -> pa.Array:
        """Return the places of the titles of codes in force on their days; null of any other."""
        import numpy as np
        import pyarrow as pa

        states = self.states
        rows = states.period_rows.reshape(-1)[self._places]
        # a row without a day has a status of those that are not in force
        in_force = np.isin(self.numbers, (NUMBER[Status.BILLABLE], NUMBER[Status.HEADER]))
        return taken(titles_of_rows(states.system).indices, pa.array(rows, pa.int32(), mask=~in_force | (rows < 0)))

    def reason(self) -> pa.Array:
        """Return the places of the sentences: in the dictionary of those of all runs, and behind it in that of the others."""
        import numpy as np
        import pyarrow as pa

        known = self.column.known_sentences
        places = taken(known.places, self._runs)
        numbers = places.to_numpy()
        if not len(numbers) or numbers.min() >= 0:
            return places
        missed = np.flatnonzero(numbers < 0)
        numbers = numbers.copy()
        numbers[missed] = self.column.misses.numbers(self.found, missed, self.numbers[missed])
        numbers[missed] += len(known.texts)
        return pa.array(numbers, pa.int32())

    def suggestion(self) -> pa.Array:
        """Return the repairs of damaged codes, where one alone fits and is in force on the day."""
        import pyarrow as pa

        return self._of_checks(lambda check: check.suggestion, pa.string(), None)

    def other_systems(self) -> pa.Array:
        """Return the other systems that have the texts as codes."""
        import pyarrow as pa

        return self._of_checks(lambda check: list(check.other_systems), pa.list_(pa.string()), [])

    def _of_checks(self, answer: Callable[[Check], Any], kind: pa.DataType, empty: Any) -> pa.Array:
        """Return what a check says of each text that is in no release, in its stretch; of any other row what is empty."""
        import numpy as np
        import pyarrow as pa

        named = self.found.texts >= 0
        others, texts = self.found.others[named], self.found.texts[named].astype(np.int64)
        keys, numbers = np.unique(texts * (self.width + 1) + self.found.stretches[others] + 1, return_inverse=True)
        values = []
        for key in keys.tolist():
            stretch = key % (self.width + 1) - 1
            check = self.column.edition(max(stretch, 0)).check(self.found.text(key // (self.width + 1)) or "")
            values.append(answer(check) if stretch != NO_DAY else empty)
        indices = np.full(len(self.found.rows), len(values))
        indices[others] = numbers
        return pa.array([*values, empty], kind).take(pa.array(indices))


def _bits(flags: Numbers) -> pa.Buffer:
    """Return numbers as bits: those that are not zero."""
    import numpy as np
    import pyarrow as pa

    return pa.py_buffer(np.packbits(flags, bitorder="little"))
