"""The rows of a table that need work or cannot be judged, one by one: the table is read a second time, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from ..columns import Source, cell_of, day_texts, opened_table
from ..licences import unquoted
from .column_impact import ColumnImpact
from .replacements import replacement_of
from .table_reading import ROW_NUMBER, TableReading, distinct_cells
from .verdicts import Judge, RowVerdict, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN: Final = frozenset({Verdict.BROKEN_BY_RELEASE, Verdict.BROKEN_BEFORE, Verdict.NOT_JUDGED})
ROW_COLUMNS: Final = (
    *("table", "column", "id", "day", "code", "title", "verdict", "outcome", "replacement", "candidates", "why"),
)
OF_TEXT: Final = ("code", "title", "verdict", "outcome", "replacement", "candidates", "why")
"""Columns that rows with the same text, of the same stretch of days, have alike; in ``why`` the day itself is left open."""
OPEN_DAY: Final = "\0"
MOST_REMEMBERED: Final = 200_000
"""Texts and stretches of days of which it is kept what their rows show."""


def affected_rows(source: Source, impacts: Sequence[ColumnImpact], *, titles: bool = True) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a table that are broken or not judged, a batch at a time: columns `ROW_COLUMNS`, all of them texts.

    ``id`` is the cell of the column of ids, where one was named, else the number of the row, counted from 1 without the
    header. ``day`` is empty where rows have no days; a text that is no day is as it was. ``code`` is the text of the cell.
    ``replacement`` has the codes that may be billed in its place on the day of the row: alternatives between bars, codes
    that are used together joined by plus signs; empty where there are more than a handful. ``candidates`` is the number
    of alternatives, and ``why`` a sentence.

    Args:
        source: The table that the impacts are of. A stream that was read has no rows left.
        impacts: Of its columns, as `impact_on_table` returns them.
        titles: Whether titles are given; False for what leaves the process without a licence for them.

    >>> import pyarrow
    >>> from terminology.codelists import impact_on_table
    >>> claims = pyarrow.table({"claim": ["a", "b"], "dx": ["E11.9", "M54.5"]})
    >>> impacts = impact_on_table(claims, "dx", store["icd10cm"], "2021", "2022", row_id="claim")
    >>> [row] = next(affected_rows(claims, impacts)).to_pylist()
    >>> row["id"], row["code"], row["verdict"], row["replacement"], row["candidates"]
    ('b', 'M54.5', 'broken_by_release', 'M54.50 | M54.51 | M54.59', '3')
    """
    columns = [_Column(impact.column, impact.judge, titles) for impact in impacts if impact.judge is not None]
    roles = impacts[0].roles
    if roles is None or not columns:
        return
    table = opened_table(source, sheet=roles.sheet)
    reading = TableReading.of(table, roles, columns[0].judge.code_system)
    for batch, stretches in reading.batches(*([roles.id] if roles.id else [])):
        days = day_texts(batch.column(roles.day), roles.day, table.label, roles.day_form) if roles.day else None
        for column in columns:
            cells = batch.column(column.name)
            texts, of_days, places = distinct_cells(cells, stretches, column.name, table.label, inverse=True)
            shown = [column.shown(text, stretch) for text, stretch in zip(texts, of_days, strict=True)]
            if any(shown):
                fixed = {"table": table.label, "column": column.name}
                yield _rows(fixed, batch.column(roles.id or ROW_NUMBER), days, places, shown)


@define
class _Column:
    """A column of codes, and what its rows show."""

    name: str
    judge: Judge
    has_titles: bool
    _known: dict[tuple[str, int], tuple[str, ...]] = field(factory=dict, repr=False)

    def shown(self, text: str | None, stretch: int) -> tuple[str, ...] | None:
        """Return `OF_TEXT` of the rows with a text; None of rows that need nothing."""
        judged = self.judge.verdict(text, stretch)
        if text is None or judged.verdict not in SHOWN:
            return None
        found = self._known.get((text, stretch))
        if found is None:
            found = self._made(text, judged, stretch)
            if len(self._known) < MOST_REMEMBERED:
                self._known[text, stretch] = found
        return found

    def _made(self, text: str, judged: RowVerdict, stretch: int) -> tuple[str, ...]:
        found = replacement_of(text, judged, self.judge, stretch)
        why = found.why if self.has_titles else unquoted(found.why)
        if stretch >= 0:
            # a sentence on the first day of the stretch is true of each of its days
            why = why.replace(str(self.judge.edition_of(judged, stretch).date), OPEN_DAY)
        number = str(len(found.alternatives) or "")
        title = (self.has_titles and found.title) or ""
        return cell_of(text).text, title, str(judged.verdict), judged.outcome, found.text, number, why


def _rows(fixed: dict[str, str], ids: pa.Array, days: pa.Array | None, places: Any, shown: list[Any]) -> pa.RecordBatch:
    """Return the rows of a batch that are shown.

    Args:
        fixed: What all rows have.
        ids: Of all rows of the batch.
        days: The same; None where they have none.
        places: Of each row among the different texts.
        shown: Of each of these texts, what its rows show; None where they need nothing.
    """
    import numpy as np
    import pyarrow as pa

    kept = np.array([row is not None for row in shown])[places]
    taken = pa.array(places[kept])
    columns = {name: pa.array([text] * len(taken), pa.string()) for name, text in fixed.items()}
    columns["id"] = ids.filter(pa.array(kept)).cast(pa.string())
    columns["day"] = pa.nulls(len(taken), pa.string()) if days is None else days.filter(pa.array(kept))
    for part, name in enumerate(OF_TEXT):
        columns[name] = pa.array([row[part] if row else None for row in shown], pa.string()).take(taken)
    if days is not None:
        whole = zip(columns["why"].to_pylist(), columns["day"].to_pylist(), strict=True)
        columns["why"] = pa.array([why.replace(OPEN_DAY, day or "") for why, day in whole], pa.string())
    return pa.record_batch({name: columns[name] for name in ROW_COLUMNS})
