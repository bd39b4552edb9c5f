"""What the files of CPT have in common: codes and categories, names of files, days as written, the copyright preamble.

The preamble ends at a blank line, names the holder, and often the year.

References:
    AMA, public ETL code `datalabs.curate.cpt.descriptor`: everything up to the blank line before the data is
    notice. In `MODUL.txt` the same notice says "copyright … -2019" where the text says "CPT 2020 codes": a year's
    code set is published, and copyrighted, in the autumn before.
"""

from __future__ import annotations

import datetime
import re
from typing import Any, Final

from attrs import frozen

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

AUTHORITIES: Final = ("consolidated", "long", "long fixed", "long upper", "long fixed upper", "medium", "short")
"""Kinds of file that list the codes, the first that is there decides which codes there are."""

MODIFIER_LISTS: Final = ("modifier table", "modifiers")
"""Kinds of file that list the modifiers, the first that is there counts."""

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
    """Return the category that the last character of a code means.

    >>> category_of("99999"), category_of("9999T")
    ('I', 'III')
    """
    return CATEGORIES.get(code[4], "I")


def named_kind(name: str) -> str | None:
    """Return the kind of descriptor file that a name is of, or None.

    >>> named_kind("SHORTU.txt"), named_kind("LONGULT.TXT"), named_kind("codes.txt")
    ('short', 'long', None)
    """
    return next((kind for pattern, kind in OFFICIAL_NAMES if pattern.fullmatch(name)), None)


def day_of_text(text: str) -> datetime.date | None:
    """Return the day that a cell states, or None where it states that the day is unknown (``Pre-1982``).

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


HEAD: Final = 16_384

SHOWN: Final = 6

RECORD: Final = re.compile(r"^[0-9]{4}[0-9AFMTU][\t 0-9]", re.MULTILINE)

BLANK_LINE: Final = re.compile(r"^[ \t]*\r?\n", re.MULTILINE)

WORDS: Final = re.compile(r"\bCPT\b|Current Procedural Terminology|American Medical Association", re.IGNORECASE)

_YEAR: Final = r"((?:19|20)[0-9]{2})"

YEAR_WORDS: Final = re.compile(
    rf"\bCPT(?:®|™|\(R\)|\W)*(?:Professional Edition |code set |data files? )?\s*{_YEAR}(?![0-9])"
    rf"|(?<![0-9-]){_YEAR}\s+CPT\b|Current Procedural Terminology,? {_YEAR}(?![0-9])",
    re.IGNORECASE,
)

COPYRIGHT: Final = re.compile(r"(?:copyright|©|\(c\))[^.;]{0,300}", re.IGNORECASE)

YEARS: Final = re.compile(rf"(?<![0-9]){_YEAR}(?![0-9])")


@frozen
class Preamble:
    """The notice before the records, and where the records begin."""

    text: str
    """As published, without trailing blanks; empty where the file has none."""
    end: int
    """Offset of the first record."""
    line: int
    """Number of lines before it."""
    closed: bool
    """Whether a blank line ends it."""


def is_of_cpt(head: str) -> bool:
    """Return whether the head of a text names CPT or its publisher before the first record.

    >>> is_of_cpt("CPT 2025, invented\\n\\n99999\\tText\\n"), is_of_cpt("00001 A00     0 Cholera\\n")
    (True, False)
    """
    first = first_record(head)
    return WORDS.search(head, 0, len(head) if first is None else first) is not None


def preamble_of(text: str) -> Preamble:
    """Return the notice; what follows its blank line is data, even where the first record is faulty.

    >>> preamble_of("CPT 2025, invented\\n\\n99999\\tText\\n").line
    2
    """
    first = first_record(text)
    limit = first if first is not None else len(text)
    closed = not limit or BLANK_LINE.search(text[:limit].rpartition("\n")[0].rpartition("\n")[2] + "\n") is not None
    return Preamble(text[:limit].rstrip(), limit, text.count("\n", 0, limit), closed)


def first_record(text: str) -> int | None:
    """Return the offset of the first record, or None where no line looks like one.

    The records are the first paragraph of which most lines look like records; a line of the notice may do so too
    (a postal code), and the first record may be faulty.
    """
    head = text[:HEAD]
    starts = [0, *(blank.end() for blank in BLANK_LINE.finditer(head))]
    single: int | None = None
    for start, end in zip(starts, [*starts[1:], len(head)], strict=True):
        lines = head[start:end].splitlines()[:SHOWN]
        records = sum(RECORD.match(line) is not None for line in lines)
        if records * 2 > len(lines) > 1:
            return _behind_notice(head, start)
        if records and single is None:
            single = start
    if single is not None and RECORD.match(text, single):
        return single
    found = RECORD.search(text)
    return found.start() if found else None


def _behind_notice(text: str, start: int) -> int:
    """Return where records begin in a paragraph that may begin with the notice."""
    for line in text[start:].splitlines(keepends=True):
        if RECORD.match(line) or not WORDS.search(line):
            break
        start += len(line)
    return start


def year_facts(text: str) -> dict[str, Any]:
    """Return the year that the words name ("CPT 2025") and the newest copyright year; None where there is none.

    >>> year_facts("CPT 2025. Copyright 1995-2024 American Medical Association.")
    {'year_words': 2025, 'copyright_year': 2024}
    """
    named = [int(next(filter(None, found.groups()))) for found in YEAR_WORDS.finditer(text)]
    years = [int(year) for notice in COPYRIGHT.finditer(text) for year in YEARS.findall(notice[0])]
    return {"year_words": max(named, default=None), "copyright_year": max(years, default=None)}


def preamble_warnings(preamble: Preamble, facts: dict[str, Any], label: str) -> tuple[str, ...]:
    """Return what is missing in the notice."""
    if not preamble.text:
        return (f"{label}:1: expected a copyright preamble, got none: the licence notice is not known",)
    found = []
    if not preamble.closed:
        found.append(f"{label}:{preamble.line + 1}: expected a blank line after the copyright preamble, got none")
    if facts["year_words"] is None and facts["copyright_year"] is None:
        found.append(f"{label}:1: expected a year in the copyright preamble, got none")
    return tuple(found)
