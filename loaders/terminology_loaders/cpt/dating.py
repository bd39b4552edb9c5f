"""On which day a publication takes effect: what words, names, histories and notices say, and which of it counts.

References:
    AMA, public configuration of its CPT data feed (released, effective): annual September 1, January 1; then each
    quarter for the next one. Category III codes take effect six months after they are published.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import evolve

from terminology.drafts import Part
from terminology.model import Origin
from terminology.periods import effective_of, next_quarter
from terminology.reading.dates import Dating, quarter_day, year_in

GIVEN, NAMED_DAY, WORDS, NAMED, ARCHIVE, HISTORY, NOTICE = range(7)
"""Evidence, the strongest first: the operator, month and year in the file's own name, the words "CPT 2025", a year
in its name, the archive's name, the newest change of the history, the year of the copyright."""
HISTORIES: Final = frozenset({"history", "deleted"})

QUARTER: Final = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)[-_. ]*q(?P<quarter>[1-4])(?!\d)|(?<![a-z])q(?P<q>[1-4])[-_. ]*(?P<y>20\d\d)",
    re.IGNORECASE,
)
SHORT_YEAR: Final = re.compile(r"cpt[-_ ]?(?P<year>\d\d)(?!\d)", re.IGNORECASE)


def name_facts(origin: Origin) -> dict[str, Any]:
    """Return day and year that the names of member and archive state; None where they state nothing.

    >>> facts = name_facts(Origin("CPTPLA_2025Q1.xml", "", 0, "cpt2025.zip"))
    >>> facts["name_date"], facts["name_year"], facts["archive_date"], facts["archive_year"]
    ('2025-04-01', 2025, None, 2025)
    """
    facts: dict[str, Any] = {}
    for prefix, name in (("name", origin.name), ("archive", origin.archive or "")):
        day = _named_day(name)
        facts[f"{prefix}_date"] = day and day.isoformat()
        facts[f"{prefix}_year"] = _named_year(name)
    return facts


def _named_day(name: str) -> datetime.date | None:
    """Return the quarter's first day that a name gives; a quarter's number is that of the publication."""
    if found := QUARTER.search(name):
        quarter, year = found["quarter"] or found["q"], found["year"] or found["y"]
        return next_quarter(datetime.date(int(year), int(quarter) * 3 - 2, 1))
    return quarter_day(name)


def _named_year(name: str) -> int | None:
    if year := year_in(name):
        return year
    found = SHORT_YEAR.search(name)
    return 2000 + int(found["year"]) if found else None


def given_day(part: Part) -> datetime.date | None:
    """Return the day that the operator gave, or None."""
    if part.effective:
        return part.effective
    return effective_of("calendar", part.version) if part.version else None


def dating_of(parts: Sequence[Part]) -> Dating | None:
    """Return when the release of these parts takes effect, by the best evidence among them; None without any.

    What the history of changes confirms needs no warning; a year alone means January 1.
    """
    found = [one for part in parts for one in _evidence(part)]
    best = min(found, key=lambda one: (one.rank, one.day), default=None)
    if best is None or best.rank == GIVEN:
        return best
    if best.warning and best.rank != HISTORY:
        best = _within_year(best, parts)
    years = sorted({one.day.year for one in found if one.rank < NOTICE})
    if len(years) > 1:
        listed = " and ".join(map(str, years))
        return evolve(best, conflict=f"words, names and history state {listed}; taken as {best.day}")
    return best


def _within_year(dating: Dating, parts: Sequence[Part]) -> Dating:
    """Return the day of a list that is reissued each quarter: the newest one of a descriptor in the year that is known."""
    days = [part.facts.get("newest_days", {}).get(str(dating.day.year)) for part in parts]
    newest = max(filter(None, days), default=None)
    return evolve(dating, day=datetime.date.fromisoformat(newest), warning=None) if newest else dating


def dating_warnings(datings: Sequence[Dating], parts: Sequence[Part]) -> list[str]:
    """Return the warnings on a release's day; a day that the history confirms needs none."""
    found = list(dict.fromkeys(dating.conflict for dating in datings if dating.conflict))
    best = min(datings, key=lambda dating: dating.rank)
    confirmed = {part.facts["newest_day"] for part in parts if part.kind in HISTORIES}
    if best.warning and best.day.isoformat() not in confirmed:
        found.append(best.warning)
    return found


def _evidence(part: Part) -> list[Dating]:
    facts: Mapping[str, Any] = part.facts
    label = part.origin.label
    if given := given_day(part):
        return [Dating(given, GIVEN)]
    found = []
    for prefix, day_rank, year_rank in (("name", NAMED_DAY, NAMED), ("archive", ARCHIVE, ARCHIVE)):
        if day := facts[f"{prefix}_date"]:
            found.append(Dating(datetime.date.fromisoformat(day), day_rank))
        elif year := facts[f"{prefix}_year"]:
            found.append(_annual(year, year_rank, label, "a name"))
    if facts.get("year_words"):
        found.append(_annual(facts["year_words"], WORDS, label, "its words"))
    if facts.get("newest_day") and part.kind in HISTORIES:
        day = datetime.date.fromisoformat(facts["newest_day"])
        found.append(_annual(day.year, HISTORY, label, "its newest change"))
    if facts.get("newest_days"):
        day = datetime.date.fromisoformat(facts["newest_day"])
        found.append(Dating(day, HISTORY, f"{label}: nothing dates the file but its newest descriptor; taken as {day}"))
    if facts.get("copyright_year"):
        found.append(_annual(facts["copyright_year"] + 1, NOTICE, label, "the copyright of the year before"))
    return found


def _annual(year: int, rank: int, label: str, evidence: str) -> Dating:
    day = datetime.date(year, 1, 1)
    return Dating(day, rank, f"{label}: nothing dates the file but {evidence}; taken as {day}")


def has_named_day(part: Part) -> bool:
    """Return whether the operator, or a name, gives month and year of a list."""
    return bool(given_day(part) or part.facts["name_date"] or part.facts["archive_date"])


def laboratory_day(part: Part) -> datetime.date:
    """Return the day from which a list of PLA codes is complete: its newest code's, or the one of its names."""
    if given := given_day(part):
        return given
    facts = part.facts
    named = [datetime.date.fromisoformat(facts[name]) for name in ("name_date", "archive_date") if facts[name]]
    return max([datetime.date.fromisoformat(facts["newest_day"]), *named[:1]])


def update_day(part: Part) -> datetime.date | None:
    """Return when a list of one category's new codes takes effect, of the month in which names say it came out.

    Category III codes wait six months, others for the next quarter.
    """
    if given := given_day(part):
        return given
    facts = part.facts
    named = [datetime.date.fromisoformat(facts[name]) for name in ("name_date", "archive_date") if facts[name]]
    if not named:
        newest = facts.get("newest_day")
        return datetime.date.fromisoformat(newest) if newest else None
    waiting = 2 if facts["categories"] == ["III"] else 1
    day = named[0]
    for _ in range(waiting):
        day = next_quarter(day)
    return day
