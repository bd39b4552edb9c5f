"""The title page: which guidelines these are, of which fiscal year, and from which day on.

It says ``FY 2020 (October 1, 2019 - September 30, 2020)``; an update inside the year says ``UPDATED April 1, 2023`` too.
Until FY2015 there was the year alone.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.periods import year_of, year_start
from terminology.reading.dates import calendar_day, month_number

TITLE: Final = re.compile(r"Official (?:Coding )?Guidelines for Coding and Reporting", re.IGNORECASE)
PCS: Final = re.compile(r"ICD ?-? ?10 ?-? ?PCS", re.IGNORECASE)
CM: Final = re.compile(r"ICD ?-? ?10 ?-? ?CM", re.IGNORECASE)
MONTHS: Final = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY: Final = rf"({MONTHS})\s+(\d{{1,2}}),?\s+((?:19|20)\d\d)"
SPAN: Final = re.compile(rf"\(\s*{DAY}\s*(?:-|–|—|to|through)+\s*{DAY}\s*\)", re.IGNORECASE)  # noqa: RUF001 -- as printed
UPDATED: Final = re.compile(rf"\b(?:updated|revised|effective)\s*:?\s+{DAY}", re.IGNORECASE)
FISCAL: Final = re.compile(r"\b(?:FY|Fiscal Year)\s*((?:19|20)\d\d)\b", re.IGNORECASE)
YEAR_ALONE: Final = re.compile(r"((?:19|20)\d\d)\b.{0,40}", re.DOTALL)
TOP: Final = 8
"""Lines at the top of the page that state the year."""


@frozen
class TitlePage:
    """What a title page states."""

    year: int
    """Fiscal year."""
    effective: datetime.date
    """The first day for which the document is in force."""
    updated: bool
    """Whether it calls itself an update."""


def system_of(lines: Sequence[str]) -> str | None:
    """Return the code system whose guidelines a title page announces, ``icd10cm`` or ``icd10pcs``; None of other pages.

    >>> system_of(["ICD-10-CM Official Guidelines for Coding and Reporting", "FY 2020"]), system_of(["Letter"])
    ('icd10cm', None)
    """
    top = " ".join(lines[:TOP])
    if not TITLE.search(top):
        return None
    return "icd10pcs" if PCS.search(top) else "icd10cm" if CM.search(top) else None


def title_page(lines: Sequence[str], label: str) -> TitlePage:
    """Return what a title page states.

    Raises:
        ReleaseFormatError: It states no year, or a year and days that contradict each other.

    >>> title_page(["Guidelines", "FY 2023 -- UPDATED April 1, 2023", "(October 1, 2022 - September 30, 2023)"], "a.pdf")
    TitlePage(year=2023, effective=datetime.date(2023, 4, 1), updated=True)
    """
    top = " ".join(lines[:TOP])
    span = SPAN.search(top)
    first, last = (_day(span.groups()[:3]), _day(span.groups()[3:])) if span else (None, None)
    updated = _day(found.groups()) if (found := UPDATED.search(top)) else None
    year = _year(lines) or (year_of("fiscal", first) if first else None)
    if year is None:
        raise ReleaseFormatError(
            "expected the fiscal year on the title page, like FY 2020 (October 1, 2019 - September 30, 2020), found none",
            file=label,
            line=1,
        )
    begin, end = year_start("fiscal", year), year_start("fiscal", year + 1)
    for day in (first, last, updated):
        # an update of the day before the year begins is none of it
        if day is not None and not begin <= day < end:
            raise ReleaseFormatError(
                f"expected days of fiscal year {year}, which the title page states, got {day}", file=label, line=1
            )
    return TitlePage(year, max(day for day in (begin, first, updated) if day), updated is not None)


def _year(lines: Sequence[str]) -> int | None:
    for line in lines[:TOP]:
        found = FISCAL.search(line) or YEAR_ALONE.fullmatch(line.strip())
        if found:
            return int(found[1])
    return None


def _day(groups: Sequence[str]) -> datetime.date | None:
    month, day, year = groups
    return calendar_day(int(year), month_number(month), int(day))
