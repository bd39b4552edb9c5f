"""The conversion table of ICD-10-PCS: pairs of codes with the day and the kind of the change.

One row a pair. *New*: the current code and what was reported before it; *Deleted*: the deleted code is in the column of previous codes, its replacement, or ``NoPCS``, in that of current codes; *Revised*: the title changed.

References:
    CMS, "ICD-10-PCS Conversion Table" (`icd10pcs_conversion_table_YYYY.xlsx`), one cumulative table a year.
"""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.reading import Faults, ReadableFile, first_sheet

from ..order.conversion import day_facts, days_table

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: Final = {
    "current": "current code",
    "title": "code title",
    "effective_year": "effective year",
    "previous": "previous code",
    "previous_title": "predecessor code title",
    "change_type": "change type",
    "comment": "comment",
    "month_day": "effective month/day",
}
"""Our names, and how the publisher's headings begin."""
HEADER_ROWS: Final = 10
CODE: Final = re.compile(r"[0-9A-HJ-NP-Z]{7}")
NO_CODE: Final = "NoPCS"
MONTH_DAY: Final = re.compile(r"(\d{1,2})[./](\d{1,2})")
CHANGES: Final = ("New", "Deleted", "Revised")
TOLERATED: Final = 10
"""A table is rejected if more than one row in this many cannot be read."""

Conversion = tuple[dict[str, Any], dict[str, "pa.Table"], tuple[str, ...]]


@frozen
class Row:
    """One row of the table: its cells by our names, its number, its day."""

    line: int
    cells: dict[str, str]
    day: datetime.date | None

    @property
    def change(self) -> str:
        """The kind of the change, as the publisher writes it."""
        return self.cells["change_type"].strip()


def read_conversion(file: ReadableFile) -> Conversion | None:
    """Return facts, tables and warnings of a conversion table, or None for another file.

    Tables: ``rows`` (all cells, with the day as understood) and ``days``.

    Raises:
        ReleaseFaults: Too many rows hold no code or no day; all are named.
        ReleaseFormatError: The same, with one error.
    """
    sheet = first_sheet(file)
    header = next((i for i, row in enumerate(sheet.rows[:HEADER_ROWS]) if _is_header(row)), None) if sheet else None
    if sheet is None or header is None:
        return None
    faults = Faults(file.label)
    rows = [
        _row(line, texts, faults)
        for line, texts in enumerate(sheet.rows[header + 1 :], header + 2)
        if any(text.strip() for text in texts)
    ]
    if not rows:
        faults.add("expected rows below the header, got none", line=header + 1)
    if faults.count * TOLERATED > len(rows):
        faults.raise_if_any()
    days = days_table(_days(rows, "New", "current"), _days(rows, "Deleted", "previous"))
    facts = {"rows": len(rows), **day_facts(days)}
    return facts, {"rows": _table(rows), "days": days}, tuple(str(fault) for fault in faults.kept)


def _is_header(row: tuple[str, ...]) -> bool:
    words = [cell.strip().lower() for cell in row[: len(COLUMNS)]]
    return len(words) == len(COLUMNS) and all(map(str.startswith, words, COLUMNS.values()))


def _row(line: int, texts: tuple[str, ...], faults: Faults) -> Row:
    cells = dict(zip(COLUMNS, texts, strict=False))
    if cells["change_type"].strip() not in CHANGES:
        faults.add(f"expected one of {', '.join(CHANGES)}, got {cells['change_type']!r}", line=line, column=6)
    for name, column in (("current", 1), ("previous", 4)):
        text = cells[name].strip()
        if text != NO_CODE and not CODE.fullmatch(text):
            faults.add(f"expected a code or {NO_CODE}, got {cells[name]!r}", line=line, column=column)
    day = day_in(cells["effective_year"], cells["month_day"])
    if day is None:
        found = f"{cells['effective_year']!r} and {cells['month_day']!r}"
        faults.add(f"expected a year and a month with day like 10.01, got {found}", line=line, column=8)
    return Row(line, cells, day)


def day_in(year: str, month_day: str) -> datetime.date | None:
    """Return the day of the two cells, or None. The year is that of the calendar.

    >>> day_in("2020", "08.01"), day_in("2020", "soon")
    (datetime.date(2020, 8, 1), None)
    """
    match = MONTH_DAY.fullmatch(month_day.strip())
    try:
        return datetime.date(int(year), int(match[1]), int(match[2])) if match else None
    except ValueError:
        return None


def _days(rows: list[Row], change: str, column: str) -> list[tuple[str, datetime.date]]:
    found = ((row.cells[column].strip(), row.day) for row in rows if row.change == change)
    return [(code, day) for code, day in found if day and CODE.fullmatch(code)]


def _table(rows: list[Row]) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "line": pa.array([row.line for row in rows], pa.int32()),
            **{name: pa.array([row.cells[name] for row in rows], pa.string()) for name in COLUMNS},
            "day": pa.array([row.day for row in rows], pa.date32()),
        }
    )
