"""On which day a publication takes effect: what names and rows say, and which of it counts.

The files carry no date of their own, and names often have a year at most (`HCPC2018_CONTR_ANWEB`) or nothing
(`anweb.xlsx`). The actions of the rows give the quarter then. A file repeats actions of the quarters before it, but most
of them take effect on its own first day: three files were published as `anweb.xlsx` in 2020, in which 16 of 23 actions
are of April 1, 70 of 75 of July 1, 49 of 51 of October 1. The annual file of 2020 has 344 of 431 on January 1.

A name with a month decides all the same, because the actions can mislead: a quarter with few changes may repeat more of
the last one's. So where name and actions differ, the name counts and the difference is a warning. A year alone decides
only against actions of another year: the annual file of 2012 (`12anweb.txt`) has 458 actions of January 1, 2011, and 411
of its own first day.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, Final

from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.model import Origin
from terminology.periods import effective_of
from terminology.reading.dates import QUARTER_MONTHS, Dating, quarter_day, year_in

SHORT_YEAR: Final = re.compile(r"hcpcs?(?P<year>\d\d)(?!\d)|(?<!\d)(?P<before>\d\d)anweb", re.IGNORECASE)
"""A year in two digits, as in ``HCPC17_CONTR_ANWEB`` and ``12anweb``."""


def name_facts(origin: Origin) -> dict[str, Any]:
    """Return day and year that the names of member and archive state; None where they state nothing.

    >>> name_facts(Origin("HCPC2025_JAN_ANWEB_12172024.txt", "", 0))["name_date"]
    '2025-01-01'
    """
    archive = origin.archive or ""
    day, archive_day = quarter_day(origin.name), quarter_day(archive)
    return {
        "name_date": day and day.isoformat(),
        "name_year": _named_year(origin.name),
        "archive_date": archive_day and archive_day.isoformat(),
        "archive_year": _named_year(archive),
    }


def _named_year(name: str) -> int | None:
    if day := quarter_day(name):
        return day.year
    if year := year_in(name):
        return year
    found = SHORT_YEAR.search(name)
    return 2000 + int(found["year"] or found["before"]) if found else None


def dating_of(part: Part) -> Dating:
    """Return the day on which the part takes effect.

    Evidence in its order: the operator; a month in the member's name, then in the archive's; the rows' actions,
    if they do not contradict the year in the member's name; January 1 of the year in a name.

    Raises:
        ReleaseFormatError: Nothing states the day, or the operator's version is not one.
    """
    if part.effective is not None:
        return Dating(part.effective)
    if part.version is not None:
        return Dating(_day_of_version(part, part.version))
    facts, label = part.facts, part.origin.label
    action_day = _action_day(facts)
    for fact, name in (("name_date", "file"), ("archive_date", "archive")):
        if facts.get(fact):
            day = datetime.date.fromisoformat(facts[fact])
            return Dating(day, conflict=_conflict(label, f"the {name}'s name", day, action_day))
    year = facts.get("name_year")
    if action_day is not None and year in {None, action_day.year}:
        return Dating(action_day)
    year = year or facts.get("archive_year")
    if year is not None:
        day, actions = datetime.date(year, 1, 1), facts.get("action_date")
        evidence = f"most actions take effect on {actions}" if actions else "no row has an action"
        return Dating(day, warning=f"{label}: dated {day}, as its name states the year {year} only and {evidence}")
    raise ReleaseFormatError(
        "expected a name or actions that show the quarter of the release; give it with --effective", file=label
    )


def _day_of_version(part: Part, version: str) -> datetime.date:
    try:
        return effective_of("quarter", version)
    except ValueError:
        message = f"expected a version like 2025-07, got {version!r}"
        raise ReleaseFormatError(message, file=part.origin.label) from None


def _action_day(facts: Mapping[str, Any]) -> datetime.date | None:
    """Return the day of most actions, if it can be the first day of a release."""
    if not facts.get("action_date"):
        return None
    day = datetime.date.fromisoformat(facts["action_date"])
    return day if day.day == 1 and day.month in QUARTER_MONTHS else None


def _conflict(label: str, evidence: str, day: datetime.date, action_day: datetime.date | None) -> str | None:
    if action_day in {None, day}:
        return None
    return f"{label}: takes effect on {day} by {evidence}, but most actions on {action_day}"
