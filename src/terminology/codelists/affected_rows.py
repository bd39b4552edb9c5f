"""The rows of a table that are broken, one by one: the table is read a second time, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..columns import Source, cell_of, opened_table
from .bad_texts import bad_text
from .column_impact import ColumnImpact
from .table_reading import ROW_NUMBER, TableReading, distinct_cells
from .verdicts import Judge, RowOutcome, RowVerdict, Verdict

if TYPE_CHECKING:
    import pyarrow as pa

BROKEN: Final = frozenset({Verdict.BROKEN_BY_RELEASE, Verdict.BROKEN_BEFORE})
ROW_COLUMNS: Final = ("table", "column", "id", "code", "verdict", "outcome", "replacement")


def affected_rows(source: Source, impacts: Sequence[ColumnImpact]) -> Iterator[pa.RecordBatch]:
    """Yield the broken rows of a table, a batch at a time: columns `ROW_COLUMNS`, all of them texts.

    ``id`` is the cell of the column of ids, where one was named, else the number of the row, counted from 1 without the
    header. ``code`` is the text of the cell. ``replacement`` has the codes in its place: alternatives between
    bars, codes that are used together joined by plus signs; of a text that is no code, its likely repair.

    Args:
        source: The table that the impacts are of. A stream that was read has no rows left.
        impacts: Of its columns, as `impact_on_table` returns them.

    >>> import pyarrow
    >>> from terminology.codelists import impact_on_table
    >>> claims = pyarrow.table({"claim": ["a", "b"], "dx": ["E11.9", "M54.5"]})
    >>> impacts = impact_on_table(claims, "dx", store["icd10cm"], "2021", "2022", row_id="claim")
    >>> [row] = next(affected_rows(claims, impacts)).to_pylist()
    >>> row["id"], row["code"], row["verdict"], row["replacement"]
    ('b', 'M54.5', 'broken_by_release', 'M54.50 | M54.51 | M54.59')
    """
    judges = {impact.column: impact.judge for impact in impacts if impact.judge is not None}
    roles = impacts[0].roles
    if roles is None or not judges:
        return
    table = opened_table(source)
    replacements: dict[tuple[str, str, str], str] = {}
    reading = TableReading.of(table, roles, next(iter(judges.values())).code_system)
    for batch, stretches in reading.batches(*([roles.id] if roles.id else [])):
        for name, judge in judges.items():
            texts, of_days, places = distinct_cells(batch.column(name), stretches, name, table.label, inverse=True)
            found = [judge.verdict(text, stretch) for text, stretch in zip(texts, of_days, strict=True)]
            if any(judged.verdict in BROKEN for judged in found):
                shown = [_shown(text, judged, judge, replacements) for text, judged in zip(texts, found, strict=True)]
                ids = batch.column(roles.id or ROW_NUMBER)
                yield _rows({"table": table.label, "column": name}, ids, places, shown)


def _shown(
    text: str | None, judged: RowVerdict, judge: Judge, replacements: dict[tuple[str, str, str], str]
) -> tuple[str, str, str, str] | None:
    """Return code, verdict, outcome and replacement of a row that is broken; None of any other."""
    if text is None or judged.verdict not in BROKEN:
        return None
    key = (text, judged.outcome, judged.verdict)
    if key not in replacements and len(replacements) < MOST_REPLACEMENTS:
        replacements[key] = replacement_of(text, judged, judge)
    replacement = replacements.get(key)
    shown = replacement_of(text, judged, judge) if replacement is None else replacement
    return cell_of(text).text, str(judged.verdict), judged.outcome, shown


MOST_REPLACEMENTS: Final = 200_000
"""Texts whose replacement is kept."""
MOST_ALTERNATIVES: Final = 100
"""Codes that a row names in the place of one; below a chapter there are thousands."""


def replacement_of(text: str, judged: RowVerdict, judge: Judge) -> str:
    """Return what to put in the place of a broken text, as one text; empty where nothing is known."""
    before = judge.changes.before
    if judged.reading is not None:
        return bad_text(judge.cell(text), 1, judged.reading, before).repair
    groups = judged.instead(before)
    if len(groups) > MOST_ALTERNATIVES:
        return (
            f"{len(groups)} codes below {judged.code}"
            if judged.outcome == RowOutcome.HEADER
            else f"{len(groups)} codes"
        )
    return " | ".join(" + ".join(group) for group in groups)


def _rows(fixed: dict[str, str], ids: pa.Array, places: Any, shown: list[Any]) -> pa.RecordBatch:
    """Return the rows of a batch that are broken.

    Args:
        fixed: What all rows have.
        ids: Of all rows of the batch.
        places: Of each row among the different texts.
        shown: Of each of these texts, what its rows show; None where they are not broken.
    """
    import numpy as np
    import pyarrow as pa

    broken = np.array([row is not None for row in shown])[places]
    kept = pa.array(places[broken])
    columns = {name: pa.array([text] * len(kept), pa.string()) for name, text in fixed.items()}
    columns["id"] = ids.filter(pa.array(broken)).cast(pa.string())
    for part, name in enumerate(ROW_COLUMNS[len(columns) :]):
        columns[name] = pa.array([row[part] if row else None for row in shown], pa.string()).take(kept)
    return pa.record_batch(columns)
