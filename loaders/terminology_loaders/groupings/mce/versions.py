"""Versions of the Medicare Code Editor and their first days.

From version 30 on, version N is that of fiscal year 1983+N: version 36 of FY2019. Numbers 26 to 28 were one year behind
(version 26.0 was in force from October 2009), and 29 was left out, so that the editor agrees with the MS-DRG grouper.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

from attrs import evolve

from terminology.drafts import Part
from terminology.periods import year_start

from ..tables import Version

LABEL: Final = re.compile(r"[vV]?(?P<number>\d{2})(?:[._](?P<point>\d))?")
ALIGNED: Final = 29
"""The number that was left out."""
APRIL: Final = 4


def first_day(number: int, point: int = 0) -> datetime.date:
    """Return the first day of a version: October 1 of its fiscal year, of its update April 1.

    >>> first_day(36), first_day(26), first_day(41, 1)
    (datetime.date(2018, 10, 1), datetime.date(2009, 10, 1), datetime.date(2024, 4, 1))
    """
    year = (1983 if number >= ALIGNED else 1984) + number
    return datetime.date(year, APRIL, 1) if point else year_start("fiscal", year)


def version_of(text: str | None, identifier: str) -> Version:
    """Return the version of a label like ``36`` or ``v41.1``; none where there is no label.

    >>> version_of("36", "MCE 36").effective, version_of("v41.1", "").label, version_of(None, "").label
    ('2018-10-01', 'v41.1', None)
    """
    found = LABEL.fullmatch(text.strip()) if text else None
    if found is None:
        return Version(None, None)
    number, point = int(found["number"]), int(found["point"] or 0)
    day = first_day(number, point)
    year = day.year if point else day.year + 1
    update = f", its April update (version {number}.{point})" if point else ""
    return Version(
        f"v{number}" + (f".{point}" if point else ""),
        day.isoformat(),
        f"version {number} of the Medicare Code Editor is that of fiscal year {year}{update}",
        f"icd10cm {year}" if year > LAST_OF_ICD9 else f"icd9cm {number}",
        identifier,
    )


LAST_OF_ICD9: Final = 2015


def with_first_day(part: Part) -> Part:
    """Return a part whose version, given by the operator, has its first day; the label is written ``v36``."""
    stated = version_of(part.version, "")
    if stated.effective is None:
        return part
    day = part.effective or datetime.date.fromisoformat(stated.effective)
    return evolve(part, version=stated.label, effective=day)
