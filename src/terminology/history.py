"""A code's life: its interval rows as they are known, and what they say of a day."""

# no `from __future__ import annotations`: NamedTuple hands each annotation that is a text to the compiler, at every start

from collections.abc import Sequence
from typing import Final, NamedTuple

from . import schema
from .periods import OPEN
from .status import Status
from .store.lazy import Lazy
from .store.mapped import MappedTable

STATUSES: Final = {
    schema.BILLABLE: Status.BILLABLE,
    schema.HEADER: Status.HEADER,
    schema.UNCOVERED: Status.UNCOVERED,
    schema.EXPIRED: Status.EXPIRED,
    schema.NODE: Status.UNKNOWN,
}


class Span(NamedTuple):
    """A half-open stretch of days with one state; ``row`` is its last interval row."""

    start: int
    end: int
    state: int
    row: int
    from_known: bool
    title: str | None = None


class PeriodDetails(Lazy):
    """What the interval rows say besides state, days and texts; read apart, because a status needs none of it."""

    __slots__ = ("derived", "from_known", "lines", "properties", "releases", "sources")

    def __init__(self, periods: MappedTable) -> None:
        self.from_known = periods.integers("from_known")
        self.derived = periods.integers("derived")
        self.properties = periods.integers("properties")
        self.releases = periods.integers("release")
        self.lines = periods.integers("line")
        self.sources = periods.integers("source")


class PeriodRows(Lazy):
    """The interval rows of a code system. Rows of one code stand together."""

    __slots__ = (
        "codes",
        "details",
        "ends",
        "first",
        "kinds",
        "known_from",
        "known_to",
        "short_titles",
        "starts",
        "states",
        "table",
        "titles",
    )

    def __init__(self, codes: MappedTable, periods: MappedTable) -> None:
        self.codes = codes
        self.table = periods
        self.kinds = periods.texts("kind")
        self.titles = periods.texts("title")
        self.short_titles = periods.texts("short_title")
        self.details = PeriodDetails.unread(periods)
        self.first = codes.integers("first")
        self.starts = periods.integers("effective_from")
        self.ends = periods.integers("effective_to")
        self.known_from = periods.integers("known_from")
        self.known_to = periods.integers("known_to")
        self.states = periods.integers("state")

    def of(self, code_row: int) -> range:
        """Return the interval rows of a code."""
        first, after = self._first(code_row), code_row + 1
        return range(first, self._first(after) if after < len(self.first) else self.table.rows)

    def _first(self, code_row: int) -> int:
        """Return the first interval row of a code."""
        first: int = self.first[code_row]
        # every code has a row, so none of them begins earlier: what is cut off from the file reads as 0
        if first < code_row:
            self.codes.require_size()
        return first

    def known(self, code_row: int, knowledge: int) -> list[int]:
        """Return the interval rows of a code that hold with this knowledge, in order of time.

        Where a correction replaced a row, who does not know of it sees the row as it was.
        """
        rows = [i for i in self.of(code_row) if self.known_from[i] <= knowledge < self.known_to[i]]
        return sorted(rows, key=self.starts.__getitem__)

    def row_on(self, code_row: int, day: int, knowledge: int) -> int:
        """Return the interval row that holds on the day with this knowledge, or -1."""
        i = self._first(code_row)
        # most codes have one row, and it holds
        if self.starts[i] <= day < self.ends[i] and self.known_from[i] <= knowledge < self.known_to[i]:
            return i
        starts, ends, known_from, known_to = self.starts, self.ends, self.known_from, self.known_to
        for i in self.of(code_row):
            if starts[i] <= day < ends[i] and known_from[i] <= knowledge < known_to[i]:
                return i
        return -1

    def is_newest(self, code_row: int, row: int, knowledge: int) -> bool:
        """Return whether an interval row is the last of its code that is known."""
        return len(self.of(code_row)) == 1 or self.known(code_row, knowledge)[-1] == row

    def bounds(self, code_row: int, row: int, knowledge: int, horizon: int) -> tuple[int, int]:
        """Return first day and end of the stretch of one state that an interval row lies in."""
        if len(self.of(code_row)) == 1:
            end = self.ends[row]
            return self.starts[row], end if end < horizon else OPEN
        span = self.span_at(code_row, row, knowledge, horizon)
        return span.start, span.end

    def span_at(self, code_row: int, row: int, knowledge: int, horizon: int) -> Span:
        """Return the stretch of one state that an interval row lies in."""
        day = self.starts[row]
        if len(self.of(code_row)) == 1:
            end = self.ends[row] if self.ends[row] < horizon else OPEN
            return Span(day, end, self.states[row], row, bool(self.details.from_known[row]))
        return next(span for span in self.spans(code_row, knowledge, horizon) if span.start <= day < span.end)

    def spans(self, code_row: int, knowledge: int, horizon: int, *, by_title: bool = False) -> list[Span]:
        """Return the stretches of one state, and with ``by_title`` of one title, in order of time.

        Args:
            code_row: Row of the code.
            knowledge: Number of the newest release that is known.
            horizon: Day from which nothing is known; ends from there on are open.
            by_title: Whether a new title begins a new stretch.
        """
        spans: list[Span] = []
        for i in self.known(code_row, knowledge):
            end = self.ends[i] if self.ends[i] < horizon else OPEN
            title = self.titles[i] if by_title else None
            last = spans[-1] if spans else None
            if last and last.end == self.starts[i] and (last.state, last.title) == (self.states[i], title):
                spans[-1] = Span(last.start, end, last.state, i, last.from_known, title)
            else:
                spans.append(Span(self.starts[i], end, self.states[i], i, bool(self.details.from_known[i]), title))
        return spans


def status_of(spans: Sequence[Span], day: int) -> tuple[Status, Span | None]:
    """Return the status on a covered day and the stretch that bounds it, for a code that is known at all.

    In force: the stretch that holds; expired: the last one in force before; future: the next one.
    """
    for span in spans:
        if span.start <= day < span.end and span.state != schema.EXPIRED:
            return STATUSES[span.state], span
    lived = [span for span in spans if span.state <= schema.BILLABLE]
    before = [span for span in lived if span.start <= day]
    if before:
        return Status.EXPIRED, before[-1]
    return (Status.FUTURE, lived[0]) if lived else (Status.UNKNOWN, None)
