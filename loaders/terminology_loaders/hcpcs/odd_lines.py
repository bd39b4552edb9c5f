"""Lines of the text whose form is odd, and which can be read without doubt.

In a format of fixed columns every field is where the ones before it end, so little can be repaired. A line is read in
spite of its form only where one reading alone puts a code, five digits and an identification into their columns:

    `A4221001003Supplies …            a sign before the code, as in 2011: left out
       TP001007… VEHICLE<tab>   …     a tab in padding, as in 2012: it stands for the blanks that the line lacks
    A0021001003Ambulance … 19960911   blanks missing at the end: the columns behind them are blank

Never repaired is a column that is missing without a tab, because nothing says whether a blank or a letter of a text is
gone, and all fields behind it are shifted. Nor is a line that ends before the day on which the code was added, or within
a day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from .records import CODE_SHAPES, CONTINUATIONS, DETAIL_END, FIRST_LINES, STARTS, Findings

RECORD: Final = re.compile(r"(.{5})([0-9]{5})([3478])")
"""Code, sequence number and identification of a line. Behind them a continuation may end."""
DAY: Final = 8


def usual_length(lines: Iterable[str]) -> int:
    """Return the length that most first lines have, 293 where there is none."""
    lengths = Counter(len(line) for line in lines if (found := RECORD.match(line)) and found[3] in FIRST_LINES)
    return lengths.most_common(1)[0][0] if lengths else DETAIL_END


def restored(content: str, line: int, usual: int, findings: Findings) -> str:
    """Return a line in the columns of the layout where its odd form leaves no doubt, which is noted; else as it is.

    Args:
        content: The line.
        line: Its number.
        usual: The length of first lines in this file.
        findings: Where it is noted.
    """
    mended = content
    for repair in (_without_sign, _with_blanks_for_tab, _with_blanks_at_end):
        if found := repair(mended, usual):
            mended, reason, column = found
            findings.faults.slip(reason, content.rstrip(), line=line, column=column)
    return mended


def _without_sign(content: str, usual: int) -> tuple[str, str, int] | None:  # noqa: ARG001
    """Return the line without a sign in front of its code, or with a blank in its place where a modifier has one."""
    if not content or content[0].isalnum() or content[0].isspace():
        return None
    for candidate in (content[1:], f" {content[1:]}"):
        found = RECORD.match(candidate)
        if found and CODE_SHAPES[CONTINUATIONS.get(found[3], found[3])].fullmatch(found[1]):
            return candidate, f"a stray {content[0]!r} before the code, left out", 1
    return None


def _with_blanks_for_tab(content: str, usual: int) -> tuple[str, str, int] | None:
    """Return a line that is short and has one tab in its padding with blanks in place of the tab."""
    missing = usual - len(content)
    if missing <= 0 or content.count("\t") != 1 or not _is_first_line(content):
        return None
    place = content.index("\t")
    if " " not in content[max(place - 1, 0) : place + 2]:
        return None
    blanks = " " * (missing + 1)
    reason = f"a tab in place of {missing + 1} blanks, read as these"
    return content.replace("\t", blanks), reason, place + 1


def _with_blanks_at_end(content: str, usual: int) -> tuple[str, str, int] | None:  # noqa: ARG001
    """Return a first line that ends behind the day of addition, with blanks up to its last field."""
    if not STARTS["ACT EFF DT"] - 1 <= len(content) < DETAIL_END or not _is_first_line(content):
        return None
    days = (
        content[start - 1 : start - 1 + DAY].strip() for start in map(STARTS.__getitem__, ("ACT EFF DT", "TERM DT"))
    )
    if any(len(day) not in {0, DAY} for day in days):
        return None
    return content.ljust(DETAIL_END), "blanks at the end are missing, read as if they were there", len(content) + 1


def _is_first_line(content: str) -> bool:
    found = RECORD.match(content)
    return found is not None and found[3] in FIRST_LINES
