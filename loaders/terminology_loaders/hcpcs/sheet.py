"""The sheet publication: some rows of disclaimer, a header of 48 columns, one row a code.

References:
    CMS, "HCPCS Contractor Record" (`HCPC2025_recordlayout.txt`); the headings are those of the workbooks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from terminology.errors import ReleaseFormatError

from .layout import CONTINUATIONS, FIRST_LINES, HEADINGS
from .records import DESCRIPTION, Collector, Findings, Record

HEADER_ROWS: Final = 40
IDENTIFYING: Final = frozenset({"HCPC", "SEQNUM", "RECID"})
Row = Sequence[str]

SEQUENCE: Final = re.compile(r"[0-9]{1,5}")
ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
DIGITS: Final = {
    **{f"PRICE{number}": 2 for number in range(1, 5)},
    **{f"LABCERT{number}": 3 for number in range(1, 9)},
    "PROCNOTE": 4,
}
"""Fields whose leading zeros are lost where a cell holds a number instead of text."""
DAYS: Final = ("ASC_DT", "OPPS_DT", "ADD DT", "ACT EFF DT", "TERM DT")


def header_row(rows: Sequence[Row]) -> int | None:
    """Return the index of the header of a contractor sheet, or None if the first rows have none."""
    for index, row in enumerate(rows[:HEADER_ROWS]):
        if set(map(_heading, row)) >= IDENTIFYING:
            return index
    return None


def sheet_records(rows: Sequence[Row], header: int, findings: Findings) -> list[Record]:
    """Return the records below the header, in their order; faults are noted, and their rows left out.

    Raises:
        ReleaseFormatError: Columns are missing, all of which are named.
    """
    ordered = itemgetter(*_places(rows[header], header + 1, findings))
    collector = Collector(findings)
    for number, row in enumerate(rows[header + 1 :], header + 2):
        values = [cell.strip() for cell in ordered(row)]
        if any(values):
            _take(values, number, collector)
    return collector.collected()


def _heading(cell: str) -> str:
    return " ".join(cell.upper().split())


def _places(header: Row, number: int, findings: Findings) -> list[int]:
    """Return where each of the 48 columns stands."""
    found = [_heading(cell) for cell in header]
    missing = [heading for heading in HEADINGS if heading not in found]
    if missing:
        raise ReleaseFormatError(
            f"expected the {len(HEADINGS)} columns of the HCPCS contractor record, "
            f"got {sum(map(bool, found))}; missing: {', '.join(missing)}",
            file=findings.file,
            line=number,
        )
    for heading in HEADINGS:
        if found.count(heading) > 1:
            findings.fault(f"expected one column {heading}, got {found.count(heading)}", number, heading)
    return [found.index(heading) for heading in HEADINGS]


def _take(values: list[str], number: int, collector: Collector) -> None:
    findings = collector.findings
    code, sequence, identification = values[:3]
    if not SEQUENCE.fullmatch(sequence):
        findings.fault(f"expected a sequence number of four digits, got {sequence!r}", number, "SEQNUM")
        return
    # the sheet's numbers lack the last zero of the text's
    sequence = f"{sequence:0>4}".ljust(5, "0")
    cell = code.rjust(5)
    if identification in CONTINUATIONS:
        if collector.continued(number, cell, identification, sequence, values[DESCRIPTION]):
            message = f"{code} continues on a row of its own; joined to the row before it"
            findings.warn(message, number, "RECID")
    elif identification in FIRST_LINES:
        collector.first(number, cell, identification, sequence, [cell, sequence, *_normal(values)[2:]])
    else:
        message = f"expected a record identification (3, 4, 7, 8), got {identification!r}"
        findings.fault(message, number, "RECID")


def _normal(values: list[str]) -> list[str]:
    """Return the fields as the text has them, where cells hold numbers or days instead."""
    for place, width in _DIGIT_PLACES:
        value = values[place]
        if value and len(value) < width and value.isdigit():
            values[place] = value.zfill(width)
    for place in _DAY_PLACES:
        if "-" in values[place]:
            values[place] = ISO_DAY.sub(r"\1\2\3", values[place])
    return values


_DIGIT_PLACES: Final = tuple((HEADINGS.index(heading), width) for heading, width in DIGITS.items())
_DAY_PLACES: Final = tuple(HEADINGS.index(heading) for heading in DAYS)
