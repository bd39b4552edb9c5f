"""Days and years in the names of files and archives, and the first day of a release as evidence gives it.

Most files carry no date inside, so their names count. A name may hold three things that look alike: the day from which
the release is in force (``icd10cm-order- April 1 2023.txt``), the year it is of (``icd10cm_order_2023.txt``), and the
day on which it was put up (``…-updated-01-11-2023.zip``), which says only that the release begins later. There is a
function for each; what their answers are worth is each reader's own.
"""

from __future__ import annotations

import datetime
import re
from typing import Final

from attrs import frozen

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
QUARTER_MONTHS: Final = (1, 4, 7, 10)

_ANY_MONTH: Final = "(" + "|".join(MONTHS) + ")"
SPELLED: Final = re.compile(
    rf"(?<![a-z]){_ANY_MONTH}[a-z]*[ _-]*(?:([0-3]?\d)(?:st|nd|rd|th)?[ _,-]+)?(20\d\d)(?!\d)", re.IGNORECASE
)
SPELLED_AFTER_YEAR: Final = re.compile(rf"(20\d\d)[ _-]?{_ANY_MONTH}(?![b-z])", re.IGNORECASE)

_YEAR: Final = r"(?P<year>(?:19|20)\d\d)"
_QUARTER: Final = r"(?P<month>jan(?:uary)?|apr(?:il)?|july?|oct(?:ober)?)"
YEAR: Final = re.compile(rf"(?<!\d){_YEAR}(?!\d)")
QUARTER: Final = re.compile(
    rf"(?<![a-z]){_QUARTER}(?:[-_. ]+0?1(?:st)?,?)?[-_. ]*{_YEAR}(?!\d)",
    re.IGNORECASE,
)
QUARTER_AFTER_YEAR: Final = re.compile(rf"(?<!\d){_YEAR}[-_. ]*{_QUARTER}(?![a-z])", re.IGNORECASE)
QUARTER_NUMBER: Final = re.compile(
    rf"(?<!\d){_YEAR}(?:[-_.](?P<month>01|04|07|10)(?:[-_.]01)?|(?P<m>01|04|07|10)01)(?!\d)"
)
# one digit only before a separator: "updated-12-2023" names a month, not the second of January
_NUMBER: Final = r"(\d\d|\d(?=[ _/-]))"
UPDATED: Final = re.compile(rf"updated?[ _-]*{_NUMBER}[ _/-]?{_NUMBER}[ _/-]?(20\d\d)", re.IGNORECASE)


@frozen
class Dating:
    """The first day of a release, how well it is known, and what is to be said of it."""

    day: datetime.date
    rank: int = 0
    """Of the evidence, in the reader's own list; the lowest is the strongest."""
    warning: str | None = None
    """Why the day is no more than a default."""
    conflict: str | None = None
    """Which evidence there is of another day."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warning and conflict, where there are any."""
        return tuple(message for message in (self.warning, self.conflict) if message)


@frozen
class DatedVersion:
    """A version label with its first day, and the warnings on how it was found."""

    version: str
    effective: datetime.date
    warnings: tuple[str, ...] = ()


def calendar_day(year: int, month: int, day: int) -> datetime.date | None:
    """Return the day; None where the calendar has none of these numbers.

    >>> calendar_day(2024, 2, 29), calendar_day(2023, 2, 29)
    (datetime.date(2024, 2, 29), None)
    """
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def month_number(name: str) -> int:
    """Return the number of a month by the first three letters of its name.

    >>> month_number("April"), month_number("OCT")
    (4, 10)
    """
    return MONTHS.index(name[:3].lower()) + 1


def spelled_day(name: str) -> datetime.date | None:
    """Return the day that a name spells out with any month, the first of the month where it has no day; or None.

    >>> spelled_day("icd10cm-order- April 1 2023.txt"), spelled_day("icd10cm_order_2021jan.txt")
    (datetime.date(2023, 4, 1), datetime.date(2021, 1, 1))
    >>> spelled_day("order_2021.txt")
    """
    if found := SPELLED.search(name):
        month, day, year = found.groups()
        return calendar_day(int(year), month_number(month), int(day or 1))
    if found := SPELLED_AFTER_YEAR.search(name):
        return datetime.date(int(found[1]), month_number(found[2]), 1)
    return None


def quarter_day(name: str) -> datetime.date | None:
    """Return the first day of the quarter that a name gives, in words or numbers; or None.

    Only the months with which quarters begin count, and a year before the month is looked for first: names of these
    publishers also hold the day on which the file was put up.

    >>> quarter_day("HCPC2025_JAN_ANWEB_12172024.txt"), quarter_day("july-2024.zip"), quarter_day("2024-07.txt")
    (datetime.date(2025, 1, 1), datetime.date(2024, 7, 1), datetime.date(2024, 7, 1))
    >>> quarter_day("HCPC2024_MAR.txt")
    """
    if found := QUARTER_AFTER_YEAR.search(name) or QUARTER.search(name):
        return datetime.date(int(found["year"]), month_number(found["month"]), 1)
    if found := QUARTER_NUMBER.search(name):
        return datetime.date(int(found["year"]), int(found["month"] or found["m"]), 1)
    return None


def updated_day(name: str) -> datetime.date | None:
    """Return the day on which a name says that the file was updated; None where it says nothing, or no such day.

    >>> updated_day("order-updated-01-11-2023.zip"), updated_day("table updated 9-21-2023.xlsx")
    (datetime.date(2023, 1, 11), datetime.date(2023, 9, 21))
    >>> updated_day("order-updated-12-2023.zip")
    """
    found = UPDATED.search(name)
    return calendar_day(int(found[3]), int(found[1]), int(found[2])) if found else None


def years_in(name: str, first: int = 1900, last: int = 2099) -> list[int]:
    """Return the years that a name holds, in its order: four digits between other characters.

    Args:
        name: Of a file or archive.
        first: The first year that counts; a publisher without earlier files rules out other numbers so.
        last: The last year that counts.

    >>> years_in("gem_2018_update_19991.txt"), years_in("icd10gm2015_umsteiger_2014_20141118_2015.txt")
    ([2018], [2015, 2014, 2015])
    """
    return [year for found in YEAR.finditer(name) if first <= (year := int(found["year"])) <= last]


def year_in(name: str, first: int = 1900, last: int = 2099) -> int | None:
    """Return the first of the years that a name holds, or None.

    >>> year_in("icd10cm_order_2023.txt"), year_in("order.txt")
    (2023, None)
    """
    return next(iter(years_in(name, first, last)), None)
