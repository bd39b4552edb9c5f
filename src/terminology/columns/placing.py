"""Where the rows of a batch lie among the answers of a system: the row of each code, and the stretch of each day.

Most texts of a column are codes as the publisher writes them, so they are looked up among all codes at once. What is
left is made distinct first: it is written in another way, or it is no code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import InvalidDateError
from ..periods import day_from, day_number
from .arrays import cells, taken
from .cells import MARK, cell_of, reading_of
from .day_columns import day_numbers
from .spellings import found_among, rows_of
from .states import States

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import CodeSystem, Edition

Numbers = Any
"""A numpy array of numbers."""
NO_DAY = -1
"""In place of the stretch of a row that has no day."""


class Placed(NamedTuple):
    """The rows of a batch among the cells of the states of their system."""

    rows: Numbers
    """For each row of the batch that of its code; those of unknown and malformed texts come behind."""
    stretches: Numbers
    """For each row that of its day; `NO_DAY` where it has none."""
    others: Numbers
    """The rows of the batch whose text is in no release."""
    texts: Numbers
    """For each of these the place of its text; -1 of a null."""
    distinct: pa.Array
    """Different cells, as `cells` marks them, with these among them."""
    distinct_rows: Numbers
    """The rows of these cells, and behind them that of a null."""
    is_shared: bool
    """Whether other batches of the column have the same cells."""

    def text(self, place: int) -> str | None:
        """Return the text of a place, of a number as it is written; None of a null."""
        cell = self.distinct[place].as_py() if place >= 0 else None
        return None if cell is None else cell_of(cell).text


class Dictionaries:
    """The rows of the texts of dictionaries: the batches of a column share theirs."""

    def __init__(self, states: States, edition: Edition) -> None:
        self.states, self.edition = states, edition
        self._found: dict[tuple[int, ...], tuple[pa.Array, Numbers]] = {}

    def rows_of(self, texts: pa.Array) -> Numbers:
        """Return the rows of different cells, and behind them that of a null."""
        key = (*(buffer.address if buffer else 0 for buffer in texts.buffers()), texts.offset, len(texts))
        found = self._found.get(key)
        if found is None:
            # the texts are kept too: as long as they live, no other can have their address
            found = self._found[key] = (texts, self.read(texts))
        return found[1]

    def read(self, texts: pa.Array) -> Numbers:
        """Return the rows as `rows_of` does, of texts that were not asked before."""
        import numpy as np

        rows = np.append(_rows_of_cells(texts, self.states, self.edition), self.states.malformed_row)
        return rows.astype(np.int32)


def placed(codes: pa.Array, days: pa.Array | int, known: Dictionaries, names: tuple[str, str]) -> Placed:
    """Return where the rows of a batch lie.

    Args:
        codes: A column of codes, of any type of text or number.
        days: A column of days, or the day number of all rows.
        known: The rows of texts of the system.
        names: Of the two columns, for errors.

    Raises:
        ReleaseFormatError: A column holds something else.
    """
    import numpy as np

    states = known.states
    rows, *texts = _rows(codes, known, names[0])
    if isinstance(days, int):
        stretch = int(states.stretches(np.array([days], dtype=np.int64))[0])
        return Placed(rows, np.full(len(codes), stretch, dtype=np.int32), *texts)
    read, _ = day_numbers(days, names[1], "the table")
    filled = read.fill_null(0) if read.null_count else read
    stretches = states.stretches(filled.to_numpy(zero_copy_only=False))
    if read.null_count:
        stretches = np.where(read.is_null().to_numpy(zero_copy_only=False), NO_DAY, stretches)
    return Placed(rows, stretches, *texts)


def _rows(codes: pa.Array, known: Dictionaries, name: str) -> tuple[Any, ...]:
    """Return the rows of codes, and what `Placed` has of the texts that are in no release."""
    import numpy as np
    import pyarrow as pa

    if not pa.types.is_string(codes.type):
        return *_rows_of_texts(cells(codes, name, "the table"), known), True
    rows = found_among(codes, known.states.system)
    if not len(rows) or rows.min() >= 0:
        none = np.zeros(0, dtype=np.int64)
        return rows, none, none, codes.slice(0, 0), none, False
    misses = np.flatnonzero(rows < 0)
    rest = cells(codes.take(pa.array(misses)), name, "the table")
    found, others, *texts = _rows_of_texts(rest, known)
    rows = rows if rows.flags.writeable else rows.copy()
    rows[misses] = found
    return rows, misses[others], *texts, False


def _rows_of_texts(texts: pa.DictionaryArray, known: Dictionaries) -> tuple[Any, ...]:
    """Return the same of texts as `cells` has them."""
    import numpy as np
    import pyarrow as pa

    found = known.rows_of(texts.dictionary)
    indices = texts.indices
    if indices.null_count:
        # behind the rows of the texts is that of a null
        indices = indices.fill_null(len(texts.dictionary))
    rows = taken(pa.array(found), indices).to_numpy()
    if not len(rows) or rows.max() < known.states.unknown_row:
        others = np.zeros(0, dtype=np.int64)
        return rows, others, others, texts.dictionary, found
    others = np.flatnonzero(rows >= known.states.unknown_row)
    places = indices.to_numpy()[others]
    return rows, others, np.where(places < len(texts.dictionary), places, -1), texts.dictionary, found


def _rows_of_cells(distinct: pa.Array, states: States, edition: Edition) -> Numbers:
    """Return the rows of different cells; of a number that may have been several codes that of malformed texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    filled = distinct.fill_null("")
    if not pc.any(pc.starts_with(filled, MARK)).as_py():
        return rows_of(filled, states.system)
    texts = []
    for text in filled.to_pylist():
        cell = cell_of(text)
        reading = reading_of(cell, edition) if cell.is_number else None
        texts.append("" if reading is not None and reading.candidates else cell.text)
    return rows_of(pa.array(texts, pa.string()), states.system)


def day_asked(on: Any, system: CodeSystem, names: list[str]) -> int | str:
    """Return the column of days, or the day number on which all rows are asked.

    Args:
        on: Name of a column of days, a day, a release, or None for the newest.
        system: The system of the codes.
        names: Of the columns of the table.

    Raises:
        InvalidDateError: It is no column, no day and no release.
    """
    if isinstance(on, str) and on in names:
        return on
    if on is None:
        return day_number(system.latest.date)
    try:
        return day_number(day_from(on))
    except InvalidDateError:
        if str(on) in {release.version for release in system.releases}:
            return day_number(system.release(on).date)
        shown = ", ".join(names[:20])
        raise InvalidDateError(f"{on!r} is no column of the table ({shown}), no day and no release") from None
