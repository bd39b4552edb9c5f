"""What the terms of a search index lead to on a day: for each term the codes in force, as columns.

A term leads to its codes. One that is not in force on the day is left out, or answered by another (`answering_codes`);
a title is that of the day. Worked out with whole columns; only codes that are not in force are looked at one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .. import schema
from ..search.entries import HEADING, SHORT_TITLE, TITLE
from .answering_codes import SPLIT_WORTH, Wanted

if TYPE_CHECKING:
    from .compiled import AsOf
    from .searching import Searching

HEADERS_TOO: Final = Wanted(headers=True, expired=False)


class Day:
    """The codes of a day, as columns by the rows of the codes table."""

    def __init__(self, as_of: AsOf) -> None:
        import numpy as np

        periods = as_of.system.periods
        known = (np.asarray(periods.known_from) <= as_of.knowledge) & (as_of.knowledge < np.asarray(periods.known_to))
        holds = known & (np.asarray(periods.starts) <= as_of.day) & (as_of.day < np.asarray(periods.ends))
        rows = np.flatnonzero(holds)
        count = as_of.system.codes.count
        self.periods = np.full(count, -1, dtype=np.int64)
        """Of each code the interval row that holds; -1 where none does."""
        # of several the first one holds
        self.periods[np.searchsorted(np.asarray(periods.first), rows[::-1], side="right") - 1] = rows[::-1]
        states = np.where(self.periods >= 0, np.asarray(periods.states)[self.periods], schema.EXPIRED)
        nodes = np.asarray(as_of.tree.nodes).astype(np.int64) if as_of.tree is not None else rows[:0]
        nodes = nodes[nodes < count]
        self.in_order = nodes[states[nodes] <= schema.BILLABLE]
        """The rows of the codes and headers in force, parents before children."""
        self.is_listed = np.zeros(count, dtype=bool)
        self.is_listed[self.in_order] = True
        self.is_header = self.is_listed & (states == schema.HEADER)


class Led(NamedTuple):
    """What terms lead to: rows of codes, term by term."""

    starts: Any
    """Of each term, and of one more, the place of its first row."""
    rows: Any
    worth: Any
    """Of each row, what it is worth to the term."""
    suffixes: Any
    """Of each row, the number of its suffix."""


def led_of(searching: Searching, day: Day, admitted: Any) -> Led:
    """Return what the terms lead to with which an edition is asked: those that are admitted."""
    import numpy as np

    tables = searching.tables
    counts = tables.counts_of_members()
    terms = np.repeat(np.arange(tables.count), counts)
    members = np.flatnonzero(admitted[terms] & _is_of_day(searching, day, terms))
    terms, rows = terms[members], np.asarray(tables.codes)[members].astype(np.int64)
    worth = np.ones(len(rows), dtype=np.float32)
    for kind, number in searching.borrowed.items():
        changed = np.array(sorted(searching.codes.changed_since(number)), dtype=np.int64)
        worth[(tables.kinds[terms] == kind) & np.isin(rows, changed)] = SPLIT_WORTH
    suffixes = np.asarray(tables.suffix_of)[members]
    kept = np.flatnonzero(day.is_listed[rows])
    # of a title that several codes share, those in force answer
    shared = (tables.kinds[terms] == TITLE) & (counts[terms] > 1)
    others = [
        (place, row, part)
        for place in np.flatnonzero(~day.is_listed[rows] & ~shared).tolist()
        for row, part in searching.codes.in_place_of(int(rows[place]), HEADERS_TOO)
        if day.is_listed[row]
    ]
    in_place = np.array([one[1] for one in others], dtype=np.int64)
    part = np.concatenate((np.ones(len(kept)), [one[2] for one in others])).astype(np.float32)
    places = np.concatenate((kept, np.array([one[0] for one in others], dtype=np.int64)))
    order = np.argsort(places, kind="stable")
    places = places[order]
    return Led(
        # narrow, so that more of them is at hand
        np.searchsorted(terms[places], np.arange(tables.count + 1)).astype(np.int32),
        np.concatenate((rows[kept], in_place))[order].astype(np.int32),
        worth[places] * part[order],
        suffixes[places],
    )


def _is_of_day(searching: Searching, day: Day, terms: Any) -> Any:
    """Return of each member of a term whether the title by which it is a member is that of the day; True of other terms.

    A code that is not in force has any of its titles.
    """
    import numpy as np
    import pyarrow.compute as pc

    tables = searching.tables
    of_title = np.asarray(tables.periods)
    now = day.periods[np.asarray(tables.codes)[: len(of_title)]]
    found = np.ones(len(terms), dtype=bool)
    kinds = tables.kinds[terms[: len(of_title)]]
    for kind, name in ((TITLE, "title"), (HEADING, "title"), (SHORT_TITLE, "short_title")):
        differing = np.flatnonzero((kinds == kind) & (now >= 0) & (now != of_title))
        if len(differing):
            texts = searching.system.periods.table.to_arrow([name]).column(name).combine_chunks()
            same = pc.equal(texts.take(now[differing]), texts.take(of_title[differing]))
            found[differing] = same.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003 -- its signature
    return found
