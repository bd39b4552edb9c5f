"""The text publication: disclaimer lines, then records of 320 characters, continuations perhaps cut to 91.

References:
    CMS, "HCPCS Contractor Record" (`HCPC2025_recordlayout.txt`).
"""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Final

from terminology.reading import lines_of

from .layout import CELLS, CONTINUATIONS, DESCRIPTION_END, DETAIL_END, FILLERS, FIRST_LINES, RECORD_LENGTH
from .records import Collector, Findings, Record

HEAD: Final = 16_384
FIRST_LINE: Final = re.compile(rb"^[ A-Z0-9]{2,16}00100[37].{12}", re.MULTILINE)
RECORD: Final = re.compile(r"(.{5})([0-9]{5})([3478]).")
LONGEST_DISCLAIMER: Final = 250
FIELDS: Final = itemgetter(*(cell.span for cell in CELLS))


def is_contractor_text(data: bytes) -> bool:
    """Return whether first lines of records stand in the head of the file, columns perhaps shifted.

    >>> is_contractor_text(b"A0021001003Ambulance service, outside state"), is_contractor_text(b"00001 A00     0 Chol")
    (True, False)
    """
    return FIRST_LINE.search(data[:HEAD]) is not None


def text_records(text: str, findings: Findings) -> list[Record]:
    """Return the records of the text, in its order; faults are noted, and their lines left out."""
    collector = Collector(findings)
    unfinished = 0 if text.endswith("\n") else text.count("\n") + 1
    begun = False
    for line, content in lines_of(text):
        if not content.strip():
            continue
        if line == unfinished and len(content) not in {DESCRIPTION_END, RECORD_LENGTH}:
            _note_cut(content, line, findings)
            break
        parts = RECORD.match(content)
        if parts is None:
            if begun or len(content) > LONGEST_DISCLAIMER or FIRST_LINE.match(content.encode("cp1252", "replace")):
                _note_stranger(content, line, findings)
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
    """Return whether nothing but blanks stands after the column; note a fault otherwise."""
    if len(content) <= end or not content[end:].strip():
        return True
    _note_filler(content, line, end, findings)
    return False


def _note_cut(content: str, line: int, findings: Findings) -> None:
    message = (
        f"expected a whole last record ({RECORD_LENGTH} characters, a continuation perhaps {DESCRIPTION_END}, or a "
        f"line end), got {len(content)} characters: the file is cut short"
    )
    findings.faults.add(message, line=line, column=len(content) + 1)


def _note_stranger(content: str, line: int, findings: Findings) -> None:
    sequence = content[5:10]
    if len(content) <= len("A0021001003"):
        message, column = f"expected a record of at least 12 characters, got {len(content)}", len(content) + 1
    elif not (sequence.isascii() and sequence.isdigit()):
        message, column = f"expected a sequence number of five digits, got {sequence!r}", 6
    else:
        known = ", ".join(sorted({*FIRST_LINES, *CONTINUATIONS}))
        message, column = f"expected a record identification ({known}), got {content[10]!r}", 11
    findings.faults.add(message, line=line, column=column)
