"""On which day a file takes effect: evidence in names, in the addenda's words and counts, and its ranking.

The folder that a file lies in is no evidence, and neither is a list of known checksums.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from terminology.drafts import Origin, Part
from terminology.periods import effective_of, year_of, year_start

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_DAY_YEAR: Final = re.compile(
    r"(?<![a-z])(" + "|".join(MONTHS) + r")[a-z]*[ _-]*(?:([0-3]?\d)(?:st|nd|rd|th)?[ _,-]+)?(20\d\d)(?!\d)",
    re.IGNORECASE,
)
YEAR_MONTH: Final = re.compile(r"(20\d\d)[ _-]?(" + "|".join(MONTHS) + r")(?![b-z])", re.IGNORECASE)
YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
UPDATED: Final = re.compile(r"updated?[ _-]*(\d\d)[ _/-]?(\d\d)[ _/-]?(20\d\d)", re.IGNORECASE)

GIVEN, NAMED, ADDENDA, ARCHIVE, DEFAULT = range(5)
"""Ranks of evidence, strongest first."""


@frozen
class Dating:
    """The effective day of an order file or addenda, with the rank of the evidence for it."""

    effective: datetime.date
    rank: int
    warning: str | None = None


def date_in(name: str) -> datetime.date | None:
    """Return the day that a name spells out with a month, or None.

    >>> date_in("icd10cm-order- April 1 2023.txt"), date_in("icd10cm_order_2021jan.txt"), date_in("order_2021.txt")
    (datetime.date(2023, 4, 1), datetime.date(2021, 1, 1), None)
    """
    if match := MONTH_DAY_YEAR.search(name):
        month, day, year = match.groups()
        return datetime.date(int(year), MONTHS.index(month.lower()) + 1, int(day or 1))
    if match := YEAR_MONTH.search(name):
        return datetime.date(int(match[1]), MONTHS.index(match[2].lower()) + 1, 1)
    return None


def year_in(name: str | None) -> int | None:
    """Return the first year that a name holds, or None."""
    match = YEAR.search((name or "").replace("_", " "))
    return int(match[1]) if match else None


def update_day_after(day: datetime.date) -> datetime.date:
    """Return the first day after the given one on which ICD-10-CM is updated.

    October 1 and April 1; January 1 only in 2021.

    >>> update_day_after(datetime.date(2022, 2, 1)), update_day_after(datetime.date(2020, 12, 16))
    (datetime.date(2022, 4, 1), datetime.date(2021, 1, 1))
    """
    years = (day.year, day.year + 1)
    days = [datetime.date(year, month, 1) for year in years for month in (4, 10)]
    days.append(datetime.date(2021, 1, 1))
    return min(candidate for candidate in days if candidate > day)


def name_facts(origin: Origin) -> dict[str, Any]:
    """Return what the names of a file and of its archive say, as facts of its part."""
    archive = origin.archive or ""
    named = date_in(origin.name)
    packed = date_in(archive)
    updated = None
    if match := UPDATED.search(archive):
        updated = _iso(int(match[3]), int(match[1]), int(match[2]))
    return {
        "name_date": named.isoformat() if named else None,
        "name_year": year_in(origin.name),
        "archive_date": packed.isoformat() if packed else None,
        "archive_updated": updated,
        "archive_year": year_in(origin.archive),
    }


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def dating_of(part: Part, addenda: Sequence[Part]) -> Dating | None:
    """Return when an order file takes effect, or None where nothing tells.

    Args:
        part: The order file, or an addenda whose new side is asked for.
        addenda: Those whose new side is the order file, the best evidence first.
    """
    facts = part.facts
    if part.effective:
        return Dating(part.effective, GIVEN)
    if part.version:
        day = _version_day(part.version)
        return Dating(day, GIVEN) if day else None
    if facts["name_date"]:
        return Dating(datetime.date.fromisoformat(facts["name_date"]), NAMED)
    update = _archive_day(facts)
    for other in addenda:
        if found := _day_by_addenda(other, update):
            return found
    if update:
        return Dating(update, ARCHIVE)
    year = facts["name_year"] or facts["archive_year"]
    if year is None:
        return None
    day = year_start("fiscal", year)
    return Dating(day, DEFAULT, f"{part.origin.label}: nothing dates the file but its year; taken as {day}")


def _version_day(version: str) -> datetime.date | None:
    try:
        return effective_of("fiscal", version)
    except ValueError:
        return None


def _archive_day(facts: Any) -> datetime.date | None:
    """Return the day that the archive's name gives, where it lies in the year that the member's name gives."""
    if facts["archive_date"]:
        day = datetime.date.fromisoformat(facts["archive_date"])
    elif facts["archive_updated"]:
        day = update_day_after(datetime.date.fromisoformat(facts["archive_updated"]))
    else:
        return None
    return day if facts["name_year"] in (None, year_of("fiscal", day)) else None


def _day_by_addenda(addenda: Part, update: datetime.date | None) -> Dating | None:
    """Return the day by the files that an addenda connects: another year's is annual, the same year's an update."""
    old, new = addenda.facts.get("old_name"), addenda.facts.get("new_name")
    if not old or not new:
        return None
    if worded := date_in(new):
        return Dating(worded, ADDENDA)
    old_year, new_year = year_in(old), year_in(new)
    if new_year is None:
        return None
    if old_year != new_year:
        return Dating(year_start("fiscal", new_year), ADDENDA)
    if update and update != year_start("fiscal", new_year):
        return Dating(update, ADDENDA)
    day = datetime.date(new_year, 4, 1)
    return Dating(day, ADDENDA, f"{addenda.origin.label}: an update inside the year without a date; taken as {day}")
