"""What the files of CPT have in common: codes and their categories, names of files, days as they are written."""

from __future__ import annotations

import datetime
import re
from typing import Final

from terminology.periods import day_after

CODE: Final = re.compile(r"[0-9]{4}[0-9AFMTU]")
CODE_WORDS: Final = "a CPT code (four digits, then a digit, A, F, M, T or U)"

CATEGORIES: Final = {
    "F": "II",
    "T": "III",
    "U": "PLA",
    "M": "MAAA",
    "A": "administration",
}
"""Category by last character; a digit is Category I."""

OFFICIAL_NAMES: Final = (
    (re.compile(r"longu?l?[tf]\w*\.txt", re.IGNORECASE), "long"),
    (re.compile(r"medu\w*\.txt", re.IGNORECASE), "medium"),
    (re.compile(r"shortu\w*\.txt", re.IGNORECASE), "short"),
)
"""Names of descriptor files, for the little that content leaves open."""

COMPACT: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:T.*)?")
SLASHED: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
YEAR_ALONE: Final = re.compile(r"[0-9]{4}")
BEFORE: Final = re.compile(r"pre-? ?[0-9]{4}|unknown|not available|", re.IGNORECASE)


def category_of(code: str) -> str:
    """Return the category that the last character of a code tells.

    >>> category_of("99999"), category_of("9999T")
    ('I', 'III')
    """
    return CATEGORIES.get(code[4], "I")


def named_kind(name: str) -> str | None:
    """Return the kind of descriptor file that a name claims, or None.

    >>> named_kind("SHORTU.txt"), named_kind("LONGULT.TXT"), named_kind("codes.txt")
    ('short', 'long', None)
    """
    return next((kind for pattern, kind in OFFICIAL_NAMES if pattern.fullmatch(name)), None)


def day_of_text(text: str) -> datetime.date | None:
    """Return the day that a cell tells, or None where it tells that nobody knows (``Pre-1982``).

    A year alone is its first day: annual releases take effect on January 1.

    Raises:
        ValueError: The cell is no date.

    >>> day_of_text("20250101"), day_of_text("Pre-1982"), day_of_text("2017-02-01T00:00:00-06:00")
    (datetime.date(2025, 1, 1), None, datetime.date(2017, 2, 1))
    """
    text = text.strip()
    if BEFORE.fullmatch(text):
        return None
    if found := COMPACT.fullmatch(text):
        return datetime.date(int(found[1]), int(found[2]), int(found[3]))
    if found := SLASHED.fullmatch(text):
        return datetime.date(int(found[3]), int(found[1]), int(found[2]))
    if YEAR_ALONE.fullmatch(text):
        return datetime.date(int(text), 1, 1)
    raise ValueError(f"expected a date (YYYYMMDD, YYYY-MM-DD, M/D/YYYY) or Pre-YYYY, got {text!r}")


def first_day_without(deleted: datetime.date) -> datetime.date:
    """Return the first day without a code, of the day that a file gives for its deletion.

    Deletions take effect with a release, on the first day of a quarter; the last day of a quarter can only be
    meant as the last day of use.

    >>> first_day_without(datetime.date(2024, 12, 31)), first_day_without(datetime.date(2025, 1, 1))
    (datetime.date(2025, 1, 1), datetime.date(2025, 1, 1))
    """
    after = day_after(deleted) or deleted
    return after if after.day == 1 and after.month in {1, 4, 7, 10} else deleted
