"""How often each different text of a column occurs, and when: all that a profile needs of ten million rows.

Days are put in spans. In one span the status of no code changes, and the year is the same; so one count for each text and
span says all about its rows::

    spans from   2021-01-01   2021-10-01   2022-01-01
    M54.5                12            3            1

Memory grows with the number of different texts and spans, never with that of rows.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..periods import day_number

if TYPE_CHECKING:
    import pyarrow as pa

FIRST_YEAR, LAST_YEAR = datetime.MINYEAR, datetime.MAXYEAR
NO_DAY: Final = -1
"""In place of the span of a row without a day."""
MOST_TEXTS: Final = 1_000_000
"""Different texts that are counted one by one. Beyond them codes still are; of other texts one stands for all of its kind."""
MERGED: Final = 4_000_000
"""Counts that are gathered before those of the same text and span are added up."""
Numbers = Any
"""A numpy array of numbers."""
OWN: Final = 0
Kinds = Callable[["pa.Array"], Numbers]
"""Says of texts of which kind each is: one that is counted by itself (0), or one whose status is that of all of its kind."""


def span_starts(changes: Numbers) -> Numbers:
    """Return the first days of all spans but the first: those on which a status may change, and each first of January.

    >>> import numpy
    >>> starts = span_starts(numpy.array([18901]))
    >>> starts[(starts > 18800) & (starts < 19100)].tolist()
    [18901, 18993]
    """
    import numpy as np

    years = [day_number(datetime.date(year, 1, 1)) for year in range(FIRST_YEAR, LAST_YEAR + 1)]
    return np.unique(np.concatenate([np.asarray(changes, dtype=np.int64), np.array(years, dtype=np.int64)]))


class Counts(NamedTuple):
    """Rows by text and span."""

    texts: Sequence[str]
    """The different texts, as `columns.cells` marks them."""
    stand_ins: Sequence[int]
    """Places of texts that were counted with others of their kind."""
    places: Numbers
    """For each count the place of its text; -1 of a null."""
    spans: Numbers
    """For each count its span; `NO_DAY` where its rows have no day."""
    rows: Numbers


class Tally:
    """Counts the rows of a column while its batches pass."""

    def __init__(self, starts: Numbers, kinds: Kinds) -> None:
        self.starts = starts
        self._kinds = kinds
        self._stand_ins: dict[int, int] = {}
        self._texts: dict[str, int] = {}
        self._keys: list[Numbers] = []
        self._rows: list[Numbers] = []
        self._gathered = 0

    def add(self, cells: pa.DictionaryArray, days: Numbers | None) -> None:
        """Add the cells of a batch.

        Args:
            cells: As of `columns.cells`.
            days: Day numbers of the rows, masked where a row has none; None where all rows are of one day.
        """
        import numpy as np

        places = self._places(cells)
        spans = np.zeros(len(places), dtype=np.int64) if days is None else self._spans(days)
        # a key is a text and a span; both begin at -1
        keys = (places + 1) * self._width + spans + 1
        found, rows = np.unique(keys, return_counts=True)
        self._keys.append(found)
        self._rows.append(rows)
        self._gathered += len(found)
        if self._gathered > MERGED:
            self._merge()

    @property
    def _width(self) -> int:
        return len(self.starts) + 2

    def _places(self, cells: pa.DictionaryArray) -> Numbers:
        """Return the places of the texts of rows; -1 of a null."""
        import numpy as np

        known = self._texts
        place_of = np.empty(len(cells.dictionary) + 1, dtype=np.int64)
        place_of[-1] = -1
        more: dict[str, int] = {}
        for number, text in enumerate(cells.dictionary.to_pylist()):
            if text is None:
                place_of[number] = -1
            elif text in known or len(known) < MOST_TEXTS:
                place_of[number] = known.setdefault(text, len(known))
            else:
                more[text] = number
        if more:
            place_of[list(more.values())] = self._places_of_more(list(more))
        return place_of[cells.indices.fill_null(-1).to_numpy(zero_copy_only=False)]

    def _places_of_more(self, texts: list[str]) -> list[int]:
        """Return the places of further texts: its own, or that of the first of its kind."""
        import pyarrow as pa

        places = []
        for text, kind in zip(texts, self._kinds(pa.array(texts, pa.string())).tolist(), strict=True):
            if kind == OWN:
                place = self._texts.setdefault(text, len(self._texts))
            elif kind in self._stand_ins:
                place = self._stand_ins[kind]
            else:
                place = self._stand_ins[kind] = self._texts.setdefault(text, len(self._texts))
            places.append(place)
        return places

    def _spans(self, days: Numbers) -> Numbers:
        import numpy as np

        found = np.searchsorted(self.starts, days.data, side="right")
        return np.where(np.ma.getmaskarray(days), NO_DAY, found)

    def _merge(self) -> None:
        import numpy as np

        keys, numbers = np.unique(np.concatenate(self._keys), return_inverse=True)
        rows = np.bincount(numbers, weights=np.concatenate(self._rows)).astype(np.int64)
        # what was merged needs room in the next round too
        self._keys, self._rows, self._gathered = [keys], [rows], 0

    def counts(self) -> Counts:
        """Return the counts so far."""
        import numpy as np

        if not self._keys:
            nothing = np.zeros(0, dtype=np.int64)
            return Counts((), (), nothing, nothing, nothing)
        self._merge()
        places, spans = np.divmod(self._keys[0], self._width)
        return Counts(list(self._texts), list(self._stand_ins.values()), places - 1, spans - 1, self._rows[0])
