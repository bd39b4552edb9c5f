"""The conversion table of ICD-10-CM: what each new code was coded as before, and the day on which it began.

The table is cumulative, a workbook (once a csv file), with prose above its header. The day is a year, which means
October 1 of it, or a date. The cells are kept as they are; what cannot be read is a warning, for every
one of these tables has typing errors.

References:
    NCHS (CDC), "ICD-10-CM Conversion Table", one for each fiscal year and update.
"""

from __future__ import annotations

import csv
import datetime
import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, decoded, first_sheet
from terminology.systems import SYSTEMS

from ..order.conversion import day_facts, days_table

if TYPE_CHECKING:
    import pyarrow as pa

HEADER: Final = ("current code", "effective", "previous code")
HEADER_ROWS: Final = 10
CSV_HEAD: Final = re.compile(rb"^\"?current code[^,\n]*,.*previous code", re.IGNORECASE | re.MULTILINE)
YEAR: Final = re.compile(r"20\d\d")
SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(20\d\d)")
TOLERATED: Final = 10
"""A table is rejected if more than one row in this many cannot be read."""

Conversion = tuple[dict[str, Any], dict[str, "pa.Table"], tuple[str, ...]]


@frozen
class Row:
    """One row of a conversion table, as written, and as it is understood."""

    line: int
    current: str
    effective: str
    previous: str
    code: str | None
    """The current code in official form."""
    day: datetime.date | None


def read_conversion(file: ReadableFile) -> Conversion | None:
    """Return facts, tables and warnings of a conversion table, or None for another file.

    Tables: ``rows`` (all cells, with code and day as understood) and ``days``.

    Raises:
        ReleaseFaults: Too many rows hold no code or no day; all are named.
        ReleaseFormatError: The same, with one error.
    """
    found = _cells(file)
    if found is None:
        return None
    heading, cells = found
    faults = Faults(file.label)
    rows = [_row(line, texts, heading.places, faults) for line, texts in cells]
    is_cut = file.suffix == ".csv" and not file.data.endswith((b"\n", b"\r"))
    if not rows or is_cut or faults.count * TOLERATED > len(rows):
        if not rows:
            faults.add("expected rows below the header, got none")
        elif is_cut:
            faults.add("expected the last line to end with a line break; the file is cut short", line=rows[-1].line)
        faults.raise_if_any()
    warnings = [str(fault) for fault in faults.kept]
    if heading.others:
        warnings.append(f"{file.label}: columns that are not read: {', '.join(heading.others)}")
    seen: dict[tuple[str | None, datetime.date | None, str], int] = {}
    for row in rows:
        first = seen.setdefault((row.code, row.day, row.previous), row.line)
        if first != row.line:
            warnings.append(f"{file.label}:{row.line}: {row.current} is on row {first} already")
    days = days_table(((row.code, row.day) for row in rows if row.code and row.day), ())
    facts = {"rows": len(rows), **day_facts(days)}
    return facts, {"rows": _table(rows), "days": days}, tuple(warnings)


@frozen
class Heading:
    """The header of a table."""

    places: tuple[int, ...]
    """The places of the three columns, from 0."""
    others: tuple[str, ...]
    """Names of other columns."""


def _cells(file: ReadableFile) -> tuple[Heading, list[tuple[int, tuple[str, ...]]]] | None:
    """Return the header, and the rows below it with their numbers; None where there is no header of such a table."""
    if file.suffix == ".csv":
        if not CSV_HEAD.search(file.head):
            return None
        text, _ = decoded(file.data, file.label)
        reader = csv.reader(text.splitlines(keepends=True))
        try:
            numbered = [(reader.line_num, tuple(row)) for row in reader]
        except csv.Error as error:
            raise ReleaseFormatError(
                f"expected delimited text: {error}", file=file.label, line=reader.line_num
            ) from None
    else:
        sheet = first_sheet(file)
        if sheet is None:
            return None
        numbered = list(enumerate(sheet.rows, 1))
    for place, (_, row) in enumerate(numbered[:HEADER_ROWS], 1):
        if heading := _heading(row):
            return heading, [(line, texts) for line, texts in numbered[place:] if any(cell.strip() for cell in texts)]
    return None


def _heading(row: tuple[str, ...]) -> Heading | None:
    """Return the header that a row is; None where one of the three columns is missing, or their order is another."""
    words = [cell.strip() for cell in row]
    found = [place for start in HEADER for place, word in enumerate(words) if word.lower().startswith(start)]
    if len(found) != len(HEADER) or found != sorted(found):
        return None
    return Heading(tuple(found), tuple(word for place, word in enumerate(words) if word and place not in found))


def _row(line: int, texts: tuple[str, ...], places: tuple[int, ...], faults: Faults) -> Row:
    current, effective, previous = (texts[place] if place < len(texts) else "" for place in places)
    code = SYSTEMS["icd10cm"].official(current)
    if code is None:
        faults.add(f"expected a code, got {current!r}", line=line, column=places[0] + 1)
    day = day_in(effective)
    if day is None:
        faults.add(f"expected a year or a date, got {effective!r}", line=line, column=places[1] + 1)
    return Row(line, current, effective, previous, code, day)


def day_in(text: str) -> datetime.date | None:
    """Return the day of a cell, or None: a year means October 1 of it.

    >>> day_in("2021"), day_in("2020-04-01"), day_in("4/1/2020"), day_in("soon")
    (datetime.date(2021, 10, 1), datetime.date(2020, 4, 1), datetime.date(2020, 4, 1), None)
    """
    cell = text.strip()
    if YEAR.fullmatch(cell):
        return datetime.date(int(cell), 10, 1)
    try:
        if slashed := SLASHED.fullmatch(cell):
            month, day, year = map(int, slashed.groups())
            return datetime.date(year, month, day)
        return datetime.date.fromisoformat(cell)
    except ValueError:
        return None


def _table(rows: list[Row]) -> pa.Table:
    import pyarrow as pa

    kinds = {"line": pa.int32(), "day": pa.date32()}
    names = ("line", "current", "effective", "previous", "code", "day")
    return pa.table(
        {name: pa.array([getattr(row, name) for row in rows], kinds.get(name, pa.string())) for name in names}
    )
