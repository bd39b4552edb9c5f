"""Rows of HCUP's files: delimited text whose cells are in single quotes, blank-padded, below title rows and a header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.periods import year_start
from terminology.reading import Faults, ReadableFile, decoded

from ..delimited import cells_of, rows_of
from ..tables import Version

HEADER_ROWS: Final = 5
"""Among so many first rows the header is looked for; title rows and notes are above it."""
VERSION: Final = re.compile(r"(?i)v?(?<!\d)(?P<year>20\d\d)[-_.](?P<number>\d)(?!\d)")
SECOND: Final = 2
APRIL: Final = 4


@frozen
class Sheet:
    """A file below its header."""

    file: ReadableFile
    above: tuple[str, ...]
    """The title rows, as text."""
    header: tuple[str, ...]
    line: int
    """Of the header."""
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    """Line and cells."""
    warnings: tuple[str, ...]

    def place(self, heading: str) -> int | None:
        """Return the place of a column by its heading, case and blanks aside; None where there is none."""
        return next((place for place, name in enumerate(self.header) if folded(name) == folded(heading)), None)


def folded(text: str) -> str:
    """Return a heading as it is compared: small letters and digits.

    >>> folded("ICD-10-CM CODE"), folded(" CCSR Category ")
    ('icd10cmcode', 'ccsrcategory')
    """
    return re.sub(r"[^a-z0-9]", "", text.lower())


def cell(text: str) -> str:
    """Return what a cell says, without its single quotes and its padding.

    >>> cell("'0010 '"), cell("' '"), cell("Crohn's disease")
    ('0010', '', "Crohn's disease")
    """
    found = text.strip()
    if len(found) > 1 and found[0] == found[-1] == "'":
        found = found[1:-1]
    return found.strip()


def sheet_of(file: ReadableFile, first: str, second: str) -> Sheet | None:
    """Return the file below its header, or None for any other file.

    Args:
        file: Delimited text.
        first: Heading of the first column.
        second: Heading of a further column that only this table has.

    Raises:
        ReleaseFormatError: It is not UTF-8, or rows are cut short.
    """
    opening = file.head.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()[:HEADER_ROWS]
    wanted = {folded(first), folded(second)}
    if not any(wanted <= {folded(cell(one)) for one in cells_of(line)} for line in opening):
        return None
    text, warnings = decoded(file.data, file.label)
    above: list[str] = []
    header: tuple[str, ...] | None = None
    line = 0
    rows = []
    for number, cells in rows_of(text, file.label):
        found = tuple(map(cell, cells))
        if header is not None:
            if any(found):
                rows.append((number, found))
        elif wanted <= set(map(folded, found)):
            header, line = found, number
        else:
            above.append(" ".join(filter(None, found)))
    if header is None:
        raise ReleaseFormatError(f"expected a header with {first}", file=file.label, line=1)
    return Sheet(file, tuple(above), header, line, tuple(rows), tuple(warnings))


def rows_in(sheet: Sheet, faults: Faults, least: int | None = None) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows that have at least so many cells, by default as many as the header; a shorter one is an error, as is a table without rows."""
    least = len(sheet.header) if least is None else least
    if not sheet.rows:
        faults.add("expected at least one row below the header, got none", line=sheet.line + 1)
    for line, cells in sheet.rows:
        if len(cells) < least:
            faults.add(f"expected at least {least} cells, got {len(cells)}: the row is cut short", line=line)
        else:
            yield line, cells


def version_in(name: str, above: Sequence[str] = (), presumes: str = "icd10cm") -> Version:
    """Return the version that a file's name or title rows state, in force from the first day of its fiscal year.

    The second version of a year is in force from April 1, with the codes that are new then.

    >>> version_in("DXCCSR_v2023-1.csv").effective, version_in("PRCCSR_v2022-2.CSV").effective
    ('2022-10-01', '2022-04-01')
    >>> version_in("table.csv", ["Chronic Condition Indicator Refined v2023.1"]).label
    'v2023-1'
    """
    found = next(filter(None, map(VERSION.search, (name, *above))), None)
    if found is None:
        return Version(None, None)
    year, number = int(found["year"]), int(found["number"])
    day = year_start("fiscal", year)
    if number >= SECOND:
        day = day.replace(year=year, month=APRIL)
    label = f"v{year}-{number}"
    basis = f"version {label} is of fiscal year {year}" + (", its April update" if number >= SECOND else "")
    return Version(label, day.isoformat(), basis, f"{presumes} {year}", label)
