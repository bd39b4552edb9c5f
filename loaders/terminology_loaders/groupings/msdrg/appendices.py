"""The appendices in a file: each begins with its letter and title in a frame.

    :======================================================================:
    |     Appendix A List of MS-DRGs Version 37.2     |
    :======================================================================:

A file has one of them, or several that follow each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

BANNER: Final = re.compile(r"\| +Appendix (?P<letter>[A-Z]) +(?P<title>\S.*?) +\|")
RULE: Final = re.compile(r"[:=]{5,}")
DIVISION: Final = re.compile(r"(?:\| +)?(?:MDC \d\d\b|Pre-MDC\b)")
OPENING_LINES: Final = 4


@frozen
class Appendix:
    """One appendix of a file."""

    letter: str
    title: str
    lines: Sequence[tuple[int, str]]
    """Below its frame, with their numbers."""


def is_manual(opening: str) -> bool:
    """Return whether a file begins as one of the manual: a rule, then an appendix or an MDC.

    >>> is_manual(":=====:\\n|  Appendix B Diagnosis Code/MDC/MS-DRG Index  |"), is_manual("|  Appendix B Maps |")
    (True, False)
    """
    first = [line.strip() for line in opening.splitlines()[:OPENING_LINES] if line.strip()]
    if len(first) < 2 or not RULE.match(first[0]):  # noqa: PLR2004 -- a rule and a title
        return False
    return bool(BANNER.match(first[1]) or DIVISION.match(first[1]))


def appendices_of(lines: Sequence[tuple[int, str]]) -> list[Appendix]:
    """Return the appendices of a file; none of one that has the MDCs."""
    begins = [
        (place, found)
        for place, (_, line) in enumerate(lines)
        if line.startswith("|") and (found := BANNER.match(line.rstrip())) and RULE.match(lines[place - 1][1])
    ]
    if not begins:
        return []
    ends = [place for place, _ in begins[1:]] + [len(lines) + 1]
    return [
        Appendix(found["letter"], found["title"], lines[place + 2 : end - 1])
        for (place, found), end in zip(begins, ends, strict=True)
    ]
