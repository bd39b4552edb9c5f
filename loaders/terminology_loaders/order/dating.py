"""On which day an order file or addenda takes effect: by names, the addenda's words and counts, conversion tables.

The folder that holds a file is no evidence, and neither is a list of known checksums.
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
from terminology.reading.dates import UPDATED, Dating, spelled_day, updated_day, year_in

FIRST_YEAR: Final = 2000
"""No file of ICD-10-CM or ICD-10-PCS is older."""
SHORT_YEAR: Final = re.compile(r"(?<![a-z])FY[-_ ]?(\d\d)(?!\d)", re.IGNORECASE)

GIVEN, NAMED, ADDENDA, CONVERSION, ARCHIVE, DEFAULT = range(6)
"""Ranks of evidence, strongest first."""

_JANUARY: Final = datetime.date(2021, 1, 1)
"""The one update in January; there was none in April of that year."""

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
        return [*aprils, *(datetime.date(year, 10, 1) for year in years), _JANUARY]


def name_facts(origin: Origin) -> dict[str, Any]:
    """Return what the names of a file and of its archive say, as facts of its part."""
    archive = origin.archive or ""
    named, packed, updated = spelled_day(origin.name), spelled_day(archive), updated_day(archive)
    return {
        "name_date": named.isoformat() if named else None,
        "name_year": fiscal_year_in(origin.name),
        "archive_date": packed.isoformat() if packed else None,
        "archive_updated": updated.isoformat() if updated else None,
        "archive_year": fiscal_year_in(archive),
    }


def fiscal_year_in(name: str) -> int | None:
    """Return the fiscal year that a name gives, with two digits or four; None where it gives none.

    The day on which a file was put up gives none.

    >>> fiscal_year_in("icd10cm_tabular_2021.xml"), fiscal_year_in("FY15_Tabular.xml")
    (2021, 2015)
    >>> fiscal_year_in("table-and-index-updated-12-16-2020.zip")
    """
    said = UPDATED.sub(" ", name)
    if (year := year_in(said, FIRST_YEAR)) is not None:
        return year
    short = SHORT_YEAR.search(said)
    return FIRST_YEAR + int(short[1]) if short else None


def dating_of(
    part: Part, addenda: Sequence[Part], schedule: Schedule, introduced: Introduced = nothing_dated
) -> Dating | None:
    """Return when an order file takes effect, or None where nothing dates it.

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
        day = version_day(part.version)
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


def version_day(version: str) -> datetime.date | None:
    """Return the first day of a version label; None where it is no label of a fiscal year.

    >>> version_day("2023-04"), version_day("spring")
    (datetime.date(2023, 4, 1), None)
    """
    try:
        return effective_of("fiscal", version)
    except ValueError:
        return None


def archive_day(facts: Any, schedule: Schedule) -> datetime.date | None:
    """Return the day that the archive's name gives, where it is in the year that the member's name gives.

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

    An addenda from another year may also lead past the annual release to an update (ICD-10-PCS, January 2021);
    then the codes that it adds do not all begin with the year.
    """
    old, new = addenda.facts.get("old_name"), addenda.facts.get("new_name")
    if not old or not new:
        day = introduced(addenda) if addenda.facts["level"] == "order" else None
        return Dating(day, CONVERSION) if day else None
    if worded := spelled_day(new):
        return Dating(worded, ADDENDA)
    old_year, new_year = year_in(old, FIRST_YEAR), year_in(new, FIRST_YEAR)
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
    day = _JANUARY if year_of("fiscal", _JANUARY) == new_year else datetime.date(new_year, 4, 1)
    return Dating(day, ADDENDA, f"{addenda.origin.label}: an update inside the year without a date; taken as {day}")


def _contradiction(addenda: Part, day: datetime.date, update: datetime.date | None) -> str | None:
    if update in (None, day):
        return None
    return f"{addenda.origin.label}: the archive's name means {update}, the conversion table dates its codes {day}"
