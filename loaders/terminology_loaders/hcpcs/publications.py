"""The two publications of a release as records: the text and the workbook.

The text may begin with lines of disclaimer; then come records of 320 characters, continuations perhaps cut to 91. Until
2013 records had 293 characters, because the last 27 are blank. The workbook has some rows of disclaimer, a header of 48
columns, one row a code.

References:
    CMS, "HCPCS Contractor Record" (`HCPC2025_recordlayout.txt`); the headings are those of the workbooks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from terminology.errors import ReleaseFormatError
from terminology.reading import lines_of

from .collecting import Collector
from .odd_lines import RECORD, restored, usual_length
from .records import (
    CELLS,
    CONTINUATIONS,
    DESCRIPTION,
    DESCRIPTION_END,
    DETAIL_END,
    FILLERS,
    FIRST_LINES,
    HEADINGS,
    RECORD_LENGTH,
    Findings,
    Record,
)

HEAD: Final = 16_384

FIRST_LINE: Final = re.compile(rb"^[ A-Z0-9]{2,16}00100[37].{12}", re.MULTILINE)

LONGEST_DISCLAIMER: Final = 250

FIELDS: Final = itemgetter(*(cell.span for cell in CELLS))


def is_contractor_text(data: bytes) -> bool:
    """Return whether first lines of records are in the head of the file, columns perhaps shifted.

    >>> is_contractor_text(b"A0021001003Ambulance service, outside state"), is_contractor_text(b"00001 A00     0 Chol")
    (True, False)
    """
    return FIRST_LINE.search(data[:HEAD]) is not None


def text_records(text: str, findings: Findings) -> list[Record]:
    """Return the records of the text, in its order; errors are noted, and their lines left out."""
    collector = Collector(findings)
    unfinished = 0 if text.endswith("\n") else text.count("\n") + 1
    usual = usual_length(content for line, content in lines_of(text) if line != unfinished)
    begun = False
    for line, published in lines_of(text):
        if not published.strip():
            continue
        if line == unfinished and len(published) not in {DESCRIPTION_END, RECORD_LENGTH, usual}:
            _note_cut(published, line, findings)
            break
        content = restored(published, line, usual, findings)
        parts = RECORD.match(content)
        if parts is None:
            if begun or len(content) > LONGEST_DISCLAIMER or FIRST_LINE.match(content.encode("cp1252", "replace")):
                _note_misfit(content, line, findings)
            continue
        begun = True
        if parts[3] in CONTINUATIONS:
            _note_overlong(content, line, DESCRIPTION_END, findings)
            collector.continued(line, parts[1], parts[3], parts[2], content[11:DESCRIPTION_END])
        else:
            collector.first(line, parts[1], parts[3], parts[2], _values(content, line, findings))
    return collector.collected()


def _values(content: str, line: int, findings: Findings) -> list[str] | None:
    """Return the fields of a first line, or None where it is cut short or too long to be trusted."""
    if len(content) < DETAIL_END:
        message = f"expected at least {DETAIL_END} characters on a first line, got {len(content)}"
        findings.faults.add(message, line=line, column=len(content) + 1)
        return None
    for filler in FILLERS:
        if not content[filler].isspace() and content[filler]:
            _note_filler(content, line, filler.start, findings)
            return None
    if len(content) > RECORD_LENGTH and not _note_overlong(content, line, RECORD_LENGTH, findings):
        return None
    cell, *values = FIELDS(content)
    return [cell, *map(str.strip, values)]


def _note_filler(content: str, line: int, start: int, findings: Findings) -> None:
    column = len(content) - len(content[start:].lstrip()) + 1
    message = f"expected blanks, got {content[column - 1 :][:20].rstrip()!r} (are columns shifted?)"
    findings.faults.add(message, line=line, column=column)


def _note_overlong(content: str, line: int, end: int, findings: Findings) -> bool:
    """Return whether nothing but blanks follows the column; note an error otherwise."""
    if len(content) <= end or not content[end:].strip():
        return True
    _note_filler(content, line, end, findings)
    return False


def _note_cut(content: str, line: int, findings: Findings) -> None:
    message = (
        f"expected a whole last record ({RECORD_LENGTH} characters, a continuation perhaps {DESCRIPTION_END}, or a "
        f"line end), got {len(content)} characters: the file is cut short"
    )
    findings.faults.add(message, line=line, column=len(content) + 1, of_file=True)


def _note_misfit(content: str, line: int, findings: Findings) -> None:
    sequence = content[5:10]
    if len(content) <= len("A0021001003"):
        message, column = f"expected a record of at least 12 characters, got {len(content)}", len(content) + 1
    elif not (sequence.isascii() and sequence.isdigit()):
        message, column = f"expected a sequence number of five digits, got {sequence!r}", 6
    else:
        known = ", ".join(sorted({*FIRST_LINES, *CONTINUATIONS}))
        message, column = f"expected a record identification ({known}), got {content[10]!r}", 11
    findings.faults.add(message, line=line, column=column)


HEADER_ROWS: Final = 40

IDENTIFYING: Final = frozenset({"HCPC", "SEQNUM", "RECID"})

SPELLINGS: Final = {
    **{re.sub(r"[^A-Z0-9]", "", heading): heading for heading in HEADINGS},
    "RIC": "RECID",
    **{f"PI{number}": f"PRICE{number}" for number in range(1, 5)},
    "MPI": "MULT_PI",
    "COVERAGE": "COV",
    "ASCPAYGRP": "ASC_GRP",
    "ASCPAYGRPEFFDATE": "ASC_DT",
    "MOGPAYGRP": "OPPS",
    "MOGPAYIND": "OPPS_PI",
    "MOGEFFDATE": "OPPS_DT",
    "ANESTBASEUNITS": "ANEST_BU",
    "CODEADDDATE": "ADD DT",
    "ACTIONEFFDATE": "ACT EFF DT",
    "TERMDATE": "TERM DT",
    "ACTIONCODE": "ACTION CD",
}
"""Headings by their letters and digits: those of most years, and those of 2012."""

JOINED: Final = 10
"""More continuations on rows of their own are the form of the workbook, and no oddity: that of 2012 has a row a line."""

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
    """Return the records below the header, in their order; errors are noted, and their rows left out.

    Raises:
        ReleaseFormatError: Columns are missing, all of which are named.
    """
    ordered = itemgetter(*_places(rows[header], header + 1, findings))
    collector = Collector(findings)
    joined = []
    for number, row in enumerate(rows[header + 1 :], header + 2):
        values = [cell.strip() for cell in ordered(row)]
        if any(values) and _is_joined(values, number, collector):
            joined.append((values[0], number))
    for code, number in joined if len(joined) <= JOINED else ():
        findings.warn(f"{code} continues on a row of its own; joined to the row before it", number, "RECID")
    return collector.collected()


def _heading(cell: str) -> str:
    """Return a heading as workbooks of most years spell it, any other one in capitals.

    >>> _heading("Seq Num"), _heading("Lab Cert1"), _heading("Code Add Date"), _heading("FILLER")
    ('SEQNUM', 'LABCERT1', 'ADD DT', 'FILLER')
    """
    plain = " ".join(cell.upper().split())
    return SPELLINGS.get(re.sub(r"[^A-Z0-9]", "", plain), plain)


def _places(header: Row, number: int, findings: Findings) -> list[int]:
    """Return the place of each of the 48 columns."""
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
            message = f"expected one column {heading}, got {found.count(heading)}"
            findings.faults.add(message, line=number, column=heading, of_file=True)
    return [found.index(heading) for heading in HEADINGS]


def _is_joined(values: list[str], number: int, collector: Collector) -> bool:
    """Take a row; return whether it is a continuation that was joined to the rows before it."""
    findings = collector.findings
    code, sequence, identification = values[:3]
    if not SEQUENCE.fullmatch(sequence):
        findings.fault(f"expected a sequence number of four digits, got {sequence!r}", number, "SEQNUM")
        return False
    # the sheet's numbers lack the last zero of the text's
    sequence = f"{sequence:0>4}".ljust(5, "0")
    cell = code.rjust(5)
    if identification in CONTINUATIONS:
        return collector.continued(number, cell, identification, sequence, values[DESCRIPTION])
    if identification in FIRST_LINES:
        collector.first(number, cell, identification, sequence, [cell, sequence, *_normal(values)[2:]])
    else:
        message = f"expected a record identification (3, 4, 7, 8), got {identification!r}"
        findings.fault(message, number, "RECID")
    return False


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
