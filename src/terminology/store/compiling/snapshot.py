"""The interval rows of snapshot systems: one row for a run of releases in which nothing about a code changed.

Why runs: each release lists every code, and almost every code is as it was before. Fifteen releases of ICD-10-CM have
1.4 million rows; they make 104,912 runs. A run ends on the day of the first release that lists the code with another
value, or no longer lists it. It also ends where no release covers the next day, because nobody knows whether the code
was valid then. In the first release, after such a hole, and where a release is known to be missing, the first day of a run
is only a bound: ``from_known`` is 0.

Why most rows are known without end: a later release states nothing about days before its own. Who asks as known before
it needs no other rows; `Timeline.horizon` cuts the rows off at its day. Only a correction states other values for days
that another release covers already. Then the former rows stay, and ``known_to`` names the correction.

In numbers: release 0 is 2022 (2021-10-01), 1 is 2022-04, 2 is 2022-04.1, which corrects 1 on the same day, and 3 is
2024 (2023-10-01); fiscal year 2023 is missing. P1 is in all of them. P2 is in 0 and 1 only. P3 is in 1 and 2, and the
correction changes its title.

    code  effective_from  effective_to  known_from  known_to  from_known  title
    P1    2021-10-01      2022-10-01    0           -         0           Oak
    P1    2023-10-01      open          3           -         0           Oak
    P2    2021-10-01      2022-04-01    0           -         0           Oak
    P2    2022-04-01      2022-10-01    1           2         0           Oak
    P3    2022-04-01      2022-10-01    1           2         1           Elm
    P3    2022-04-01      2022-10-01    2           -         1           Ash

The fourth row is an extra one (`SnapshotPeriods._corrected`): by release 1 alone P2 went on to the end of the year.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ... import schema
from ...model import Release
from ...periods import OPEN, Calendar, coverage_end, day_from, day_number
from ...systems import SystemDefinition
from .outline import source_column
from .properties import property_texts

if TYPE_CHECKING:
    import pyarrow as pa

ALWAYS: Final = 2**16 - 1
"""Value of ``known_to`` for rows that no correction replaced."""

COMPARED: Final = ("title", "short_title", "billable", "kind", "parent", "derived", "properties")
"""A change in one of these begins a new row."""


def period_schema() -> pa.Schema:
    """Return the columns of the interval rows before codes are numbered."""
    import pyarrow as pa

    return pa.schema(
        [
            ("code", pa.string()),
            ("effective_from", pa.int32()),
            ("effective_to", pa.int32()),
            ("known_from", pa.uint16()),
            ("known_to", pa.uint16()),
            ("state", pa.uint8()),
            ("from_known", pa.uint8()),
            ("kind", pa.string()),
            ("derived", pa.uint8()),
            ("title", pa.string()),
            ("short_title", pa.string()),
            ("properties", pa.string()),
            ("release", pa.uint16()),
            ("line", pa.uint32()),
            ("source", pa.uint8()),
        ]
    )


def release_limits(releases: Sequence[Release], calendar: Calendar) -> list[int]:
    """Return the first day that each release does not cover: the next effective day, or the end of its own year."""
    limits = []
    for position, release in enumerate(releases):
        end = coverage_end(calendar, release.effective)
        later = (other.effective for other in releases[position + 1 :] if other.effective > release.effective)
        days = [day for day in (next(later, None), end) if day]
        limits.append(min(map(day_number, days)) if days else OPEN)
    return limits


def compared(table: pa.Table) -> pa.Table:
    """Return the columns of ``concepts`` that answers show, with the properties as one text."""
    columns = table.select([name for name in schema.concepts().names if name not in schema.DAY_COLUMNS])
    columns = columns.append_column("properties", property_texts(table))
    return columns.append_column("source", source_column(table))


class SnapshotPeriods:
    """The interval rows of a system whose releases list everything, collected release by release.

    A run ends where a code changes or is gone, and before days that no release covers. A release that corrects
    another of the same day replaces it, and is not known before.
    """

    def __init__(self, releases: Sequence[Release], definition: SystemDefinition) -> None:
        self.releases = releases
        self.limits = release_limits(releases, definition.calendar)
        self.retired = day_number(day_from(definition.retired)) if definition.retired else OPEN
        self.days = [day_number(release.effective) for release in releases]
        self.pieces: list[pa.Table] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.running: Any = None
        """Of each row of the release before: the number of its run."""
        self.former: pa.Table | None = None

    def add(self, number: int, table: pa.Table) -> None:
        """Take in the concepts of the next release."""
        import numpy as np
        import pyarrow as pa

        current, former = compared(table), self.former
        covered = number > 0 and self.limits[number - 1] >= self.days[number]
        same = np.zeros(current.num_rows, dtype=bool)
        running = np.full(current.num_rows, -1, dtype=np.int64)
        if former is not None:
            ended = np.ones(former.num_rows, dtype=bool)
            if covered:
                same, places = _unchanged(current, former)
                running[same] = self.running[places[same]]
                ended[places[same]] = False
            self._end(self.running[ended], number)
        fresh = np.flatnonzero(~same)
        running[fresh] = np.arange(len(self.starts), len(self.starts) + len(fresh))
        self.starts.extend([number] * len(fresh))
        self.ends.extend([0] * len(fresh))
        self.pieces.append(current.take(pa.array(fresh)))
        self.running = running
        self.former = current

    def _end(self, runs: Any, number: int) -> None:
        for run in runs.tolist():
            self.ends[run] = number

    def table(self) -> pa.Table:
        """Return all interval rows, in the columns of `period_schema`."""
        import numpy as np
        import pyarrow as pa

        if self.running is not None:
            self._end(self.running, len(self.releases))
        columns = pa.concat_tables(self.pieces)
        starts, ends = np.asarray(self.starts), np.asarray(self.ends)
        days, limits = np.asarray([*self.days, OPEN]), np.asarray(self.limits)
        # rows of the newest release are open, because no release states their end
        until = np.where(ends == len(self.releases), OPEN, np.minimum(days[ends], limits[ends - 1]))
        until = np.minimum(until, self.retired)
        known_to = np.full(len(starts), ALWAYS)
        superseded = until <= days[starts]
        until = np.where(superseded, limits[starts], until)
        known_to = np.where(superseded, ends, known_to)
        bounded = [number == 0 or self.limits[number - 1] < day for number, day in enumerate(self.days)]
        doubtful = [bound or bool(release.gaps) for bound, release in zip(bounded, self.releases, strict=True)]
        made = pa.table(
            {
                "code": columns.column("code"),
                "effective_from": days[starts].astype("int32"),
                "effective_to": until.astype("int32"),
                "known_from": starts.astype("uint16"),
                "known_to": known_to.astype("uint16"),
                "state": _states(columns),
                "from_known": (~np.asarray(doubtful)[starts]).astype("uint8"),
                "kind": columns.column("kind"),
                "derived": columns.column("derived").cast(pa.uint8()),
                "title": columns.column("title"),
                "short_title": columns.column("short_title"),
                "properties": columns.column("properties"),
                "release": starts.astype("uint16"),
                "line": columns.column("line").cast(pa.uint32()).fill_null(0),
                "source": columns.column("source").cast(pa.uint8()),
            },
            schema=period_schema(),
        )
        return pa.concat_tables([made, *self._corrected(made, ends)])

    def _corrected(self, rows: pa.Table, ends: Any) -> list[pa.Table]:
        """Return extra rows for runs of earlier releases that a corrected release continues and a correction of it ends.

        As known with a release of that day before the correction, the run goes on to the limit of the day's releases.
        """
        import numpy as np
        import pyarrow as pa

        pieces = []
        for number in range(1, len(self.releases)):
            if self.days[number] != self.days[number - 1]:
                continue
            # a release can be corrected more than once
            first = self.days.index(self.days[number])
            chosen = np.flatnonzero((ends == number) & (np.asarray(self.starts) < first))
            piece = rows.take(pa.array(chosen))
            values = {
                "effective_from": (self.days[number], pa.int32()),
                "effective_to": (self.limits[number], pa.int32()),
                "known_from": (first, pa.uint16()),
                "known_to": (number, pa.uint16()),
            }
            for name, (value, kind) in values.items():
                index = piece.schema.get_field_index(name)
                piece = piece.set_column(index, name, pa.array([value] * piece.num_rows, kind))
            pieces.append(piece)
        return pieces


def _states(columns: pa.Table) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    nodes = pc.is_in(columns.column("kind"), value_set=pa.array(sorted(schema.NODE_KINDS)))
    return pc.if_else(nodes, schema.NODE, columns.column("billable").cast(pa.uint8())).cast(pa.uint8())


def _unchanged(current: pa.Table, former: pa.Table) -> tuple[Any, Any]:
    """Return which rows have the same values as in the release before, and their positions there."""
    import pyarrow.compute as pc

    found = pc.index_in(current.column("code"), value_set=former.column("code").combine_chunks())
    same = pc.is_valid(found).to_numpy()
    places = found.fill_null(0)
    aligned = former.take(places)
    for name in COMPARED:
        ours, theirs = current.column(name), aligned.column(name)
        equal = pc.fill_null(pc.equal(ours, theirs), fill_value=False)
        both_null = pc.and_(pc.is_null(ours), pc.is_null(theirs))
        same &= pc.or_(equal, both_null).to_numpy()
    return same, places.to_numpy()
