"""Versions of the MS-DRG grouper and their first days.

Version N is that of fiscal year 1983+N: version 37 of FY2020. A point release is an update inside the year.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Final

from terminology.periods import year_start

from ..tables import Version

LABEL: Final = re.compile(r"[vV]?(?:ersion )?(?P<number>\d{2})(?:\.(?P<point>\d))?")
POINT_RELEASES: Final[Mapping[str, datetime.date]] = {
    "37.1": datetime.date(2020, 4, 1),
    "37.2": datetime.date(2020, 8, 1),
    "38.1": datetime.date(2021, 1, 1),
}
"""CMS, "MS-DRG Classifications and Software": from which day on the version is in force."""
APRIL: Final = 4


def version_of(text: str | None, identifier: str = "") -> Version:
    """Return the version of a label like ``37.2`` or ``v38``; none where it is no label.

    >>> version_of("37.2").effective, version_of("38.0").label, version_of("38.1").effective, version_of("x").label
    ('2020-08-01', 'v38', '2021-01-01', None)
    """
    found = LABEL.fullmatch(text.strip()) if text else None
    if found is None:
        return Version(None, None)
    number, point = int(found["number"]), int(found["point"] or 0)
    label = f"{number}.{point}" if point else str(number)
    day = first_day(number, point)
    year = 1983 + number
    basis = f"version {label} of the MS-DRG grouper is that of fiscal year {year}"
    if point:
        cited = label in POINT_RELEASES
        basis += f", in force from {day}" + (" (CMS, MS-DRG Classifications and Software)" if cited else ", presumably")
    return Version(f"v{label}", day.isoformat(), basis, f"icd10cm {year}", identifier or f"Version {label}")


def first_day(number: int, point: int = 0) -> datetime.date:
    """Return the first day of a version: October 1 of its fiscal year; of an update that is not cited April 1."""
    if not point:
        return year_start("fiscal", 1983 + number)
    return POINT_RELEASES.get(f"{number}.{point}") or datetime.date(1983 + number, APRIL, 1)


def is_presumed(label: str) -> bool:
    """Return whether the first day of a version is presumed: that of an update which is not cited.

    >>> is_presumed("v37.2"), is_presumed("v41.1"), is_presumed("v41")
    (False, True, False)
    """
    number = label.removeprefix("v")
    return "." in number and number not in POINT_RELEASES
