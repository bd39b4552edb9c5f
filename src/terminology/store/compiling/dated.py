"""The interval rows of dated systems: the releases' rows of a code merged into its validity periods.

Why merge: the rows of HCPCS carry their own days, and each quarterly file lists what is in force, with corrections of
what earlier files said. One file alone does not state when a code ended that it no longer lists. All files together do,
or they state two days between which it ended. And a query as of an earlier file (``known=``) must be answered by what
that file said, so a corrected row is kept with the releases up to which it was known.

A row answers from its first day to its termination. After that the code is expired. Between the last release that lists
a code without termination and the first that does not list it, its status is not known: uncovered.

In numbers: a code from 2018-01-01 is listed without an end on 2019-01-01, and not on 2019-04-01. It is billable
through 2019-01-01, the last day that a file covers; uncovered from 2019-01-02 through 2019-03-31; expired from
2019-04-01. Had the second file listed it with an end of 2019-02-15, it would be billable through that day, and a query
that knows the first file alone would see it without an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from ... import schema
from ...model import Release
from ...periods import OPEN, day_number
from ...systems import SystemDefinition
from .snapshot import ALWAYS, compared, period_schema

if TYPE_CHECKING:
    import pyarrow as pa

CARRIED: Final = ("kind", "derived", "title", "short_title", "properties", "line", "source")
PLACE_COLUMNS: Final = 2
"""The last of these are the place of the row, not its values."""


@frozen
class ReleaseRow:
    """What one release says of one code."""

    release: int
    values: tuple[Any, ...]
    """In the order of `CARRIED`."""
    billable: bool
    start: int
    end: int
    changed: int | None
    reactivated: int | None

    def says_the_same(self, other: ReleaseRow) -> bool:
        """Return whether the two have the same values, in whatever place."""
        return self.values[:-PLACE_COLUMNS] == other.values[:-PLACE_COLUMNS] and self.billable == other.billable


@frozen
class Stretch:
    """A half-open stretch of days in which a code has one state and the values of one row."""

    start: int
    end: int
    state: int
    row: ReleaseRow


@define
class Life:
    """A code's validity periods as the releases read so far state them."""

    start: int
    end: int
    closed: list[tuple[int, int]] = field(factory=list)
    """Earlier validity periods."""
    doubts: list[tuple[int, int]] = field(factory=list)
    """Stretches before a reactivation in which the code ended, on a day that no loaded release states."""
    changes: list[tuple[int, ReleaseRow]] = field(factory=list)
    """Days, each with the row whose values hold from it on."""
    newest: ReleaseRow = field(kw_only=True)
    """The first of the rows that have the same values as the newest."""
    vanished: tuple[int, int] | None = None
    """Day of the last release that lists the code without termination, and of the first that does not."""

    @classmethod
    def begun(cls, row: ReleaseRow) -> Life:
        """Return the periods as the first row states them."""
        again = row.reactivated
        if again is not None and again > row.start:
            doubts = [(row.start, again)]
            return cls(again, row.end, doubts=doubts, changes=[(row.start, row)], newest=row)
        return cls(row.start, row.end, changes=[(row.start, row)], newest=row)

    def listed(self, row: ReleaseRow, last: int, before: int, day: int) -> None:
        """Take in what the next release says.

        Args:
            row: Its row.
            last: Effective day of the last release that listed the code.
            before: Effective day of the release before this one.
            day: Its own effective day.
        """
        self._begin(row, last)
        self.end = row.end
        self.vanished = None
        if not row.says_the_same(self.newest):
            changed = row.changed
            point = changed if changed is not None and before < changed <= day else day
            self.changes.append((point, row))
            self.newest = row

    def _begin(self, row: ReleaseRow, last: int) -> None:
        """Set the first day of the validity period that the row states."""
        again = row.reactivated if row.reactivated is not None else row.start
        if self.end <= again:
            self.closed.append((self.start, self.end))
            self.start = again
        elif row.reactivated is not None and last < again and self.start <= last:
            # it was in force on the last release's day, and ended on an unknown day before it came back
            self.closed.append((self.start, last + 1))
            self.doubts.append((last + 1, again))
            self.start = again
        elif not (self.closed or self.doubts):
            self.start = row.start
        elif row.end <= self.start:
            # the newest row states an end before the first day of what was taken for a further period
            self.closed.clear()
            self.doubts.clear()
            self.start = row.start

    def missed(self, last: int, day: int) -> None:
        """Take in that the next release no longer lists the code."""
        if self.vanished is None and self.end == OPEN:
            self.vanished = (last, day)

    def stretches(self) -> list[Stretch]:
        """Return the validity periods, and what is between them, as stretches in order of time."""
        found = [Stretch(*doubt, schema.UNCOVERED, self.newest) for doubt in self.doubts]
        for start, end in self.closed:
            found += self._in_force(start, end)
        found += self._in_force(self.start, self.end) if self.vanished is None else self._until_vanished(*self.vanished)
        found.sort(key=lambda stretch: stretch.start)
        if found and found[-1].end < OPEN:
            found.append(Stretch(found[-1].end, OPEN, schema.EXPIRED, self.newest))
        return self._with_pauses(found)

    def _until_vanished(self, last: int, gone: int) -> list[Stretch]:
        """Return the current period of a code that the releases no longer list; empty if it never began."""
        if self.start >= gone:
            return []
        listed = last + 1
        doubt = Stretch(max(self.start, listed), gone, schema.UNCOVERED, self.newest)
        return [*self._in_force(self.start, listed), doubt]

    def _in_force(self, start: int, end: int) -> list[Stretch]:
        points = [point for point, _ in self.changes]
        found = []
        for number, (point, row) in enumerate(self.changes):
            first = start if number == 0 else max(start, point)
            last = min([end, *points[number + 1 :]])
            if first < last:
                state = schema.BILLABLE if row.billable else schema.HEADER
                found.append(Stretch(first, last, state, row))
        return found

    def _with_pauses(self, found: list[Stretch]) -> list[Stretch]:
        """Return the stretches with the pauses between periods, in which the code was expired."""
        whole: list[Stretch] = []
        for stretch in found:
            if whole and whole[-1].end < stretch.start:
                whole.append(Stretch(whole[-1].end, stretch.start, schema.EXPIRED, whole[-1].row))
            whole.append(stretch)
        return whole


class DatedPeriods:
    """The interval rows of a system whose rows carry their own days, collected release by release."""

    def __init__(self, releases: Sequence[Release], definition: SystemDefinition) -> None:  # noqa: ARG002 -- as the other
        self.days = [day_number(release.effective) for release in releases]
        self.lives: dict[str, Life] = {}
        self.last_listed: dict[str, int] = {}
        self.known: dict[str, tuple[int, list[Stretch]]] = {}
        self.rows: list[tuple[str, int, int, Stretch]] = []

    def add(self, number: int, table: pa.Table) -> None:
        """Take in the concepts of the next release."""
        listings = listings_of(number, table, self.days[number])
        for code, row in listings.items():
            life = self.lives.get(code)
            if life is None:
                self.lives[code] = Life.begun(row)
            else:
                last = self.days[self.last_listed[code]]
                life.listed(row, last, self.days[number - 1], self.days[number])
            self.last_listed[code] = number
        for code, life in self.lives.items():
            if code not in listings:
                life.missed(self.days[self.last_listed[code]], self.days[number])
            self._know(code, life.stretches(), number)

    def _know(self, code: str, stretches: list[Stretch], number: int) -> None:
        """Note what is known of a code from this release on, if it differs from what was known before."""
        since, former = self.known.get(code, (number, None))
        if former == stretches:
            return
        if former is not None:
            self.rows.extend((code, since, number, stretch) for stretch in former)
        self.known[code] = (number, stretches)

    def table(self) -> pa.Table:
        """Return all interval rows, in the columns of `period_schema`."""
        import pyarrow as pa

        rows = self.rows + [(c, since, ALWAYS, s) for c, (since, found) in self.known.items() for s in found]
        carried = {name: [stretch.row.values[i] for *_, stretch in rows] for i, name in enumerate(CARRIED)}
        return pa.table(
            {
                "code": [code for code, *_ in rows],
                "effective_from": [stretch.start for *_, stretch in rows],
                "effective_to": [stretch.end for *_, stretch in rows],
                "known_from": [since for _, since, _, _ in rows],
                "known_to": [until for _, _, until, _ in rows],
                "state": [stretch.state for *_, stretch in rows],
                "from_known": [1] * len(rows),
                "release": [stretch.row.release for *_, stretch in rows],
                **carried,
            },
            schema=period_schema(),
        )


def listings_of(number: int, table: pa.Table, day: int) -> dict[str, ReleaseRow]:
    """Return what a release says of each code; a row without a first day counts from the release's own."""
    columns = compared(table)
    values = [columns.column(name).to_pylist() for name in CARRIED]
    values[CARRIED.index("derived")] = [int(flag) for flag in values[CARRIED.index("derived")]]
    values[CARRIED.index("line")] = [line or 0 for line in values[CARRIED.index("line")]]
    days = [table.column(name).cast("int32").to_pylist() for name in schema.DAY_COLUMNS]
    found = {}
    carried = zip(*values, strict=True)
    dated = zip(*days, strict=True)
    codes, flags = columns.column("code").to_pylist(), columns.column("billable").to_pylist()
    for code, flag, row, (start, end, changed, again) in zip(codes, flags, carried, dated, strict=True):
        first = start if start is not None else day
        found[code] = ReleaseRow(number, row, flag, first, end if end is not None else OPEN, changed, again)
    return found
