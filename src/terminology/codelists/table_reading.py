"""The rows of a table of codes, batch by batch: which are of the system, and in which stretch of days each is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from ..columns import Roles, SystemColumn, Table, UnreadDays, cells, day_numbers
from .verdicts import ALL_DAYS, NO_DAY

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import CodeSystem

ROW_NUMBER: Final = "\0row"
"""The column with the number of each row in its table, counted from 1."""


@define
class TableReading:
    """The rows of a table that are of the system, batch by batch, with the stretch of the day of each."""

    table: Table
    roles: Roles
    starts: Sequence[int]
    """First days of the stretches; empty where rows have no days."""
    systems: SystemColumn | None
    unread: UnreadDays = field(factory=UnreadDays)
    """Rows so far whose day cannot be read."""

    @classmethod
    def of(cls, table: Table, roles: Roles, code_system: CodeSystem) -> TableReading:
        """Return the reading of a table."""
        from ..query import stretch_starts

        starts = stretch_starts(code_system.release("latest")) if roles.day else ()
        systems = SystemColumn(roles.system, code_system.definition) if roles.system else None
        return cls(table, roles, starts, systems)

    @property
    def left_out(self) -> dict[str, int]:
        """Rows of other systems so far, by what the column of systems calls them."""
        return dict(self.systems.left_out.most_common()) if self.systems else {}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was left out, and which days could not be read, as sentences."""
        days = self.unread.sentence(self.roles.day, self.roles.day_form) if self.roles.day else None
        return tuple(filter(None, [self.systems.warning if self.systems else None, days]))

    def batches(self, *more: str) -> Iterator[tuple[pa.RecordBatch, Any]]:
        """Yield batches with the stretches of their rows, as numpy has them.

        Args:
            more: Further columns; ``\\0row`` is the number of each row in the table.

        Raises:
            OSError: The file cannot be read.
            ReleaseFormatError: It is damaged, or the days cannot be read.
        """
        import numpy as np
        import pyarrow as pa

        day, system = self.roles.day, self.roles.system
        wanted = [name for name in (*self.roles.codes, day, system, *more) if name]
        number = 1
        for batch in self.table.batches(wanted):
            numbers = pa.array(np.arange(number, number + batch.num_rows))
            number += batch.num_rows
            numbered = batch.append_column(ROW_NUMBER, numbers)
            kept = numbered.filter(self.systems.kept(batch)) if self.systems else numbered
            yield kept, self._stretches(kept)

    def _stretches(self, batch: pa.RecordBatch) -> Any:
        import numpy as np
        import pyarrow.compute as pc

        if self.roles.day is None:
            return np.full(batch.num_rows, ALL_DAYS)
        numbers, unread = day_numbers(
            batch.column(self.roles.day), self.roles.day, self.table.label, self.roles.day_form
        )
        self.unread.add(unread)
        found = np.searchsorted(np.asarray(self.starts), pc.fill_null(numbers, 0).to_numpy(), side="right")
        return np.where(numbers.is_null().to_numpy(zero_copy_only=False), NO_DAY, found)


def distinct_cells(
    column: pa.Array, stretches: Any, name: str, label: str, *, inverse: bool = False
) -> tuple[list[str | None], list[int], Any]:
    """Return the different texts of a column with the stretches that they are in, and how many rows each has.

    Args:
        column: Of a batch.
        stretches: Of its rows.
        name: Of the column.
        label: Of the table.
        inverse: Whether to return the place of each row among these, in place of their numbers.
    """
    import numpy as np
    import pyarrow.compute as pc

    found = cells(column, name, label)
    least = NO_DAY
    width = int(stretches.max(initial=0)) - least + 1
    indices = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    keys, places, counts = np.unique(indices * width + (stretches - least), return_inverse=True, return_counts=True)
    which, days_of = np.divmod(keys, width)
    texts = found.dictionary.take([int(place) for place in which.clip(min=0)]) if len(found.dictionary) else None
    values = texts.to_pylist() if texts is not None else [None] * len(which)
    listed = [None if place < 0 else value for place, value in zip(which.tolist(), values, strict=True)]
    return listed, (days_of + least).tolist(), places if inverse else counts.tolist()
