"""On which day a file takes effect: evidence in names, in the addenda's words and counts, in conversion tables.

The folder that a file lies in is no evidence, and neither is a list of known checksums.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from attrs import frozen

from terminology.drafts import Part
from terminology.model import Origin
from terminology.periods import effective_of, year_of, year_start

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_DAY_YEAR: Final = re.compile(
    r"(?<![a-z])(" + "|".join(MONTHS) + r")[a-z]*[ _-]*(?:([0-3]?\d)(?:st|nd|rd|th)?[ _,-]+)?(20\d\d)(?!\d)",
    re.IGNORECASE,
)
YEAR_MONTH: Final = re.compile(r"(20\d\d)[ _-]?(" + "|".join(MONTHS) + r")(?![b-z])", re.IGNORECASE)
YEAR: Final = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
UPDATED: Final = re.compile(r"updated?[ _-]*(\d\d)[ _/-]?(\d\d)[ _/-]?(20\d\d)", re.IGNORECASE)

GIVEN, NAMED, ADDENDA, CONVERSION, ARCHIVE, DEFAULT = range(6)
"""Ranks of evidence, strongest first."""

Introduced = Callable[[Part], datetime.date | None]
"""The latest first day that the conversion tables give to the codes that an addenda adds; None where they do not
date all of them."""


def nothing_dated(_addenda: Part) -> datetime.date | None:
    """Return None: the answer where no conversion table is loaded."""
    return None


@frozen
class Schedule:
    """On which days of a fiscal year a code system is updated: October 1, April 1, and January 1 in 2021 only."""

    system: str
    first_april: int
    """The first year with an update in April."""

    def update_day_after(self, day: datetime.date) -> datetime.date:
        """Return the first update day after the given one.

        >>> schedule = Schedule("icd10pcs", first_april=2022)
        >>> schedule.update_day_after(datetime.date(2022, 1, 12)), schedule.update_day_after(datetime.date(2020, 12, 1))
        (datetime.date(2022, 4, 1), datetime.date(2021, 1, 1))
        """
        return min(candidate for candidate in self._days_near(day) if candidate > day)

    def is_update_day(self, day: datetime.date) -> bool:
        """Return whether releases take effect on the day."""
        return day in self._days_near(day)

    def _days_near(self, day: datetime.date) -> list[datetime.date]:
        years = (day.year, day.year + 1)
        aprils = [datetime.date(year, 4, 1) for year in years if year >= self.first_april]
        return [*aprils, *(datetime.date(year, 10, 1) for year in years), datetime.date(2021, 1, 1)]


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
        return _day(int(year), MONTHS.index(month.lower()) + 1, int(day or 1))
    if match := YEAR_MONTH.search(name):
        return datetime.date(int(match[1]), MONTHS.index(match[2].lower()) + 1, 1)
    return None


def year_in(name: str | None) -> int | None:
    """Return the first year that a name holds, or None."""
    match = YEAR.search((name or "").replace("_", " "))
    return int(match[1]) if match else None


def name_facts(origin: Origin) -> dict[str, Any]:
    """Return what the names of a file and of its archive say, as facts of its part."""
    archive = origin.archive or ""
    named = date_in(origin.name)
    packed = date_in(archive)
    updated = None
    if match := UPDATED.search(archive):
        updated = _day(int(match[3]), int(match[1]), int(match[2]))
    return {
        "name_date": named.isoformat() if named else None,
        "name_year": year_in(origin.name),
        "archive_date": packed.isoformat() if packed else None,
        "archive_updated": updated.isoformat() if updated else None,
        "archive_year": year_in(origin.archive),
    }


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def dating_of(
    part: Part, addenda: Sequence[Part], schedule: Schedule, introduced: Introduced = nothing_dated
) -> Dating | None:
    """Return when an order file takes effect, or None where nothing tells.

    Args:
        part: The order file, or an addenda whose new side is asked for.
        addenda: Those whose new side is the order file, the best evidence first.
        schedule: Of the code system.
        introduced: What conversion tables say of the codes that an addenda adds.
    """
    facts = part.facts
    if part.effective:
        return Dating(part.effective, GIVEN)
    if part.version:
        day = _version_day(part.version)
        return Dating(day, GIVEN) if day else None
    if facts["name_date"]:
        return Dating(datetime.date.fromisoformat(facts["name_date"]), NAMED)
    update = archive_day(facts, schedule)
    for other in addenda:
        if found := _day_by_addenda(other, update, introduced):
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


def archive_day(facts: Any, schedule: Schedule) -> datetime.date | None:
    """Return the day that the archive's name gives, where it lies in the year that the member's name gives.

    A day of the archive's name on which nothing takes effect is the day on which it was put up.
    """
    if facts["archive_date"]:
        day = datetime.date.fromisoformat(facts["archive_date"])
        day = day if schedule.is_update_day(day) else schedule.update_day_after(day)
    elif facts["archive_updated"]:
        day = schedule.update_day_after(datetime.date.fromisoformat(facts["archive_updated"]))
    else:
        return None
    return day if facts["name_year"] in (None, year_of("fiscal", day)) else None


def _day_by_addenda(addenda: Part, update: datetime.date | None, introduced: Introduced) -> Dating | None:
    """Return the day by the files that an addenda connects: another year's is annual, the same year's an update.

    An addenda from another year may also lead past the annual edition to an update (ICD-10-PCS, January 2021);
    then the codes that it adds do not all begin with the year.
    """
    old, new = addenda.facts.get("old_name"), addenda.facts.get("new_name")
    if not old or not new:
        day = introduced(addenda) if addenda.facts["level"] == "order" else None
        return Dating(day, CONVERSION) if day else None
    if worded := date_in(new):
        return Dating(worded, ADDENDA)
    old_year, new_year = year_in(old), year_in(new)
    if new_year is None:
        return None
    annual = year_start("fiscal", new_year)
    begun = introduced(addenda)
    begun = begun if begun and year_of("fiscal", begun) == new_year else None
    if old_year != new_year:
        return Dating(begun or update or annual, ADDENDA)
    day = begun if begun and begun != annual else update
    if day and day != annual:
        return Dating(day, ADDENDA, _contradiction(addenda, day, update))
    day = datetime.date(new_year, 4, 1)
    return Dating(day, ADDENDA, f"{addenda.origin.label}: an update inside the year without a date; taken as {day}")


def _contradiction(addenda: Part, day: datetime.date, update: datetime.date | None) -> str | None:
    if update in (None, day):
        return None
    return f"{addenda.origin.label}: the archive's name means {update}, the conversion table dates its codes {day}"
