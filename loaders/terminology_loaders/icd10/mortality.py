"""The list of codes that are valid in mortality statistics of the United States: evidence of dates, and no release.

NCHS publishes which codes of ICD-10 may be given as causes of death, since 1999, and in which data year it took a code up
or gave it up. Prose stands above the header; ``MC ONLY`` (a multiple cause, not an underlying one) and notes on titles
stand in the same column as the years. An asterisk marks codes that are not WHO's (terrorism). There are headings too:

    Status,Code,ICD Title
    ,A00.0,"Cholera due to Vibrio cholerae 01, biovar cholerae"
    Deleted in 2009,A09,"A09, Diarrhea and gastroenteritis of infectious origin"
    Added in 2001,*U01.0,Terrorism involving explosion of marine weapons (homicide)

References:
    NCHS (CDC), `allvalid2011 (detailed titles headings).txt`, `.xls`; `allvalid2020 (detailed_titles_headings).csv`, `.xlsx`.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, first_sheet
from terminology.systems import SystemDefinition

from .encoding import UTF_16, text_of
from .reading import table_digest

if TYPE_CHECKING:
    import pyarrow as pa

HEADER: Final = ("status", "code", "icd title")
HEADER_ROWS: Final = 15
HEAD: Final = re.compile(r'^"?status"?([,\t])"?code"?\1"?icd title', re.IGNORECASE | re.MULTILINE)
SPAN: Final = re.compile(r"ICD-10 CODES,?\s*((?:19|20)\d\d)\s*-\s*((?:19|20)\d\d)", re.IGNORECASE)
HEADING: Final = re.compile(r"\*?[A-Z][0-9]{2}-\*?[A-Z][0-9]{2}")
ADDED: Final = re.compile(r"added in ((?:19|20)\d\d)", re.IGNORECASE)
DELETED: Final = re.compile(r"deleted in ((?:19|20)\d\d)", re.IGNORECASE)
IDLE: Final = re.compile(r"mc only|title (?:updated|modified) in (?:19|20)\d\d|[\s/();,.]", re.IGNORECASE)
"""What a status may hold besides the two years."""
RARE: Final = 100
Cells = tuple[int, Sequence[str]]


@frozen
class Listed:
    """A row of the list."""

    code: str
    title: str
    status: str
    added: int | None
    deleted: int | None
    is_whos: bool
    """Whether it is a code of WHO's ICD-10: no asterisk."""
    line: int


def is_mortality_list(file: ReadableFile) -> bool:
    """Return whether the file has the header of such a list."""
    head = file.head
    if head.startswith(UTF_16):
        return HEAD.search(head[: len(head) // 2 * 2].decode("utf-16", errors="replace")) is not None
    if HEAD.search(head.decode("latin-1")):
        return True
    sheet = first_sheet(file)
    return sheet is not None and any(_is_header(row) for row in sheet.rows[:HEADER_ROWS])


def mortality_part(file: ReadableFile, definition: SystemDefinition) -> Part:
    """Return the list as a part; its facts ``first`` and ``last`` are the data years that it says it is of.

    Raises:
        ReleaseFaults: Rows hold no code, or one code two pairs of years; or nothing says the years of the list.
        ReleaseFormatError: The same, with one error.
    """
    cells, warnings = _cells(file)
    faults = Faults(file.label, by_line=True)
    preamble: list[str] = []
    rows: dict[str, Listed] = {}
    is_below = False
    for number, texts in cells:
        if not is_below:
            preamble += texts
            is_below = _is_header(texts)
            continue
        row = _listed(number, texts, definition, faults)
        if row is None:
            continue
        former = rows.setdefault(row.code, row)
        if (former.added, former.deleted) != (row.added, row.deleted):
            message = f"{row.code} is on line {former.line} already, with other years"
            faults.add(message, line=number, column="Status")
    span = SPAN.search(" ".join(preamble))
    if span is None:
        faults.add("expected a title with the years of the list, like ICD-10 CODES, 1999-2022", line=1, of_file=True)
    if not rows:
        faults.add("expected rows below the header, got none")
    if faults.slip_count * RARE > len(rows):
        faults.add(f"{faults.slip_count:,} of {len(rows):,} rows have a status that is not known")
    faults.raise_if_any()
    table = _table(rows.values())
    years = [int(year) for year in span.groups()] if span else [0, 0]
    stated = sorted({year for row in rows.values() for year in (row.added, row.deleted) if year})
    facts: dict[str, Any] = {
        "first": years[0],
        "last": years[1],
        "rows": len(rows),
        "years": stated,
        "digest": table_digest(table),
    }
    return Part("mortality", file.origin, facts, {"rows": table}, (*warnings, *faults.warnings))


def _cells(file: ReadableFile) -> tuple[Iterable[Cells], tuple[str, ...]]:
    """Return the rows of the file with their numbers, from the first on, and warnings."""
    sheet = first_sheet(file)
    if sheet is not None:
        return enumerate(sheet.rows, 1), ()
    text, warnings = text_of(file.data, file.label)
    if not text.endswith("\n"):
        last = text.count("\n") + 1
        message = "expected the last line to end with a line break; the file is cut short"
        raise ReleaseFormatError(message, file=file.label, line=last)
    found = HEAD.search(text)
    return _delimited(text, found[1] if found else ",", file.label), warnings


def _delimited(text: str, mark: str, label: str) -> Iterator[Cells]:
    reader = csv.reader(text.splitlines(keepends=True), delimiter=mark)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ReleaseFormatError(f"expected delimited text: {error}", file=label, line=reader.line_num) from None


def _is_header(texts: Sequence[str]) -> bool:
    return tuple(text.strip().lower() for text in texts[: len(HEADER)]) == HEADER


def _listed(number: int, texts: Sequence[str], definition: SystemDefinition, faults: Faults) -> Listed | None:
    """Return the row; None for an empty one, a heading of a chapter or block, and an error, which is noted."""
    status, written, title = (*(text.strip() for text in texts[: len(HEADER)]), "", "", "")[: len(HEADER)]
    if not (status or written or title) or HEADING.fullmatch(written):
        return None
    code = definition.official(written.removeprefix("*"))
    if code is None or not title:
        faults.add(f"expected a code and its title, got {written!r} and {title!r}", line=number, column="Code")
        return None
    added, deleted = _year(ADDED, status), _year(DELETED, status)
    rest = IDLE.sub("", DELETED.sub("", ADDED.sub("", status)))
    if rest:
        faults.slip("a status that is not known, left out", status, line=number, column="Status")
    return Listed(code, title, status, added, deleted, not written.startswith("*"), number)


def _year(pattern: re.Pattern[str], status: str) -> int | None:
    years = [int(year) for year in pattern.findall(status)]
    return years[-1] if years else None


def _table(rows: Iterable[Listed]) -> pa.Table:
    import pyarrow as pa

    listed = list(rows)
    kinds = {"added": pa.int32(), "deleted": pa.int32(), "is_whos": pa.bool_(), "line": pa.int32()}
    names = ("code", "title", "status", "added", "deleted", "is_whos", "line")
    return pa.table(
        {name: pa.array([getattr(row, name) for row in listed], kinds.get(name, pa.string())) for name in names}
    )
