"""Updates of CPT inside a year: lists of PLA codes, lists of one category's codes, and days on which codes change.

A day on which a history dates changes needs no release of its own where the releases before and after it show the
change: then that day is an exact day of the later one. It needs one where no release after it is loaded that shows it,
or where a code begins and ends between two releases.
"""

from __future__ import annotations

import datetime
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field

from terminology.drafts import Part
from terminology.periods import coverage_end, version_label

from .authority import Record, Statement, kind_of
from .concepts import is_in_force
from .dating import has_named_day, laboratory_day, update_day
from .layout import AUTHORITIES, category_of
from .plan import Plan, Release

ONE_CATEGORY: Final = frozenset({"III", "PLA", "MAAA", "administration"})
"""Categories whose new codes are published on their own, in the middle of a year."""


@define
class Update:
    """A release that takes the annual files, and what was published or takes effect inside the year."""

    day: datetime.date
    base: Release
    laboratory: list[Part] = field(factory=list)
    lists: list[Part] = field(factory=list)

    def statements(self, base: Statement) -> Iterator[Statement]:
        """Yield what its lists say; a list of one category is complete where it repeats half of the codes of the base."""
        for part in self.laboratory[:1]:
            listed = (row["code"] for row in part.tables["rows"].to_pylist() if is_in_force(row, self.day))
            yield Statement(self.day, frozenset(listed), frozenset({"PLA"}))
        for category, codes in self.listed().items():
            held = {code for code in base.codes if kind_of(code) == category}
            complete = bool(held) and 2 * len(held & codes) >= len(held)
            yield Statement(self.day, codes, frozenset({category} if complete else ()))

    def listed(self) -> dict[str, frozenset[str]]:
        """Return the codes of its lists of one category, by category."""
        found: dict[str, frozenset[str]] = {}
        for part in self.lists:
            (category,) = part.facts["categories"]
            codes = frozenset(part.tables["rows"].column("code").to_pylist())
            found[category] = found.get(category, frozenset()) | codes
        return found


def is_category_list(part: Part) -> bool:
    """Return whether the part lists the codes of one category only, as they are published between the annual files."""
    categories = part.facts.get("categories", ())
    return part.kind in AUTHORITIES and len(categories) == 1 and categories[0] in ONE_CATEGORY


def updates_of(plan: Plan, laboratory: Sequence[Part], lists: Sequence[Part]) -> dict[datetime.date, Update]:
    """Return the updates that lists make, by day; one that fits an annual release adds its details to it."""
    updates: dict[datetime.date, Update] = {}
    for part in laboratory:
        _take_laboratory(plan, updates, part)
    for part in lists:
        _take_list(plan, updates, part)
    return updates


def _take_laboratory(plan: Plan, updates: dict[datetime.date, Update], part: Part) -> None:
    day = laboratory_day(part)
    home = _home(plan, part, day)
    base = plan.annual(day)
    if home is not None and not any(_same(other, part) for other in home.laboratory):
        home.laboratory.append(part)
    if base is not None and base.day < day and (home is None or home.day < day or has_named_day(part)):
        held = updates.setdefault(day, Update(day, base)).laboratory
        if not held or _same(held[0], part):
            held.append(part)
        else:
            reason = f"differs from {held[0].origin.label}, of the same day"
            plan.refused.append((part, f"{reason}: give --effective"))
    elif home is None:
        version = version_label("calendar", day.replace(month=1, day=1))
        plan.unused.append((part, f"list of PLA codes as of {day}: the annual files of {version} are not loaded"))


def _home(plan: Plan, part: Part, day: datetime.date) -> Release | None:
    """Return the release that came with the list, or None.

    It is that of its archive, the one that begins on its day, or a later one with just the same PLA codes: between
    two quarters nothing need change.
    """
    archive = part.origin.archive_sha256
    for release in plan.releases.values():
        if archive and any(other.origin.archive_sha256 == archive for other in release.parts):
            return release
    later = (release for release in plan.releases.values() if release.day > day and _lists_the_same(release, part))
    return plan.releases.get(day) or min(later, key=lambda release: release.day, default=None)


def _lists_the_same(release: Release, part: Part) -> bool:
    authority = release.authority
    codes = authority.tables["rows"].column("code").to_pylist() if authority else []
    rows = part.tables["rows"].to_pylist()
    listed = {row["code"] for row in rows if is_in_force(row, release.day)}
    return listed == {code for code in codes if category_of(code) == "PLA"}


def _same(one: Part, other: Part) -> bool:
    return bool(one.facts.get("digest") == other.facts.get("digest"))


def _take_list(plan: Plan, updates: dict[datetime.date, Update], part: Part) -> None:
    day = update_day(part)
    if day is None:
        what = f"list of category {part.facts['categories'][0]} codes only"
        plan.refused.append((part, f"{what}, and nothing states when it takes effect: give --effective"))
        return
    base = plan.annual(day)
    if base is None:
        plan.unused.append((part, f"update of {day}: the annual files of {day.year} are not loaded"))
    elif base.day == day:
        plan.unused.append(
            (part, f"update of {day}: release {version_label('calendar', day)} of that day has all codes")
        )
    else:
        updates.setdefault(day, Update(day, base)).lists.append(part)


def days_between_releases(record: Record, days: Sequence[datetime.date]) -> set[datetime.date]:
    """Return the days of changes that the releases on these days cannot show.

    Releases show one change of a code between two of them that follow on each other.
    """
    ends = []
    for place, day in enumerate(days):
        year_end = coverage_end("calendar", day) or datetime.date.max
        ends.append(min(year_end, days[place + 1]) if place + 1 < len(days) else year_end)
    found: set[datetime.date] = set()
    for code in record.changes:
        turned = [turn.day for turn in record.turns(code)]
        inside: dict[int, list[datetime.date]] = {}
        for day in turned:
            place = bisect_right(days, day) - 1
            if place >= 0 and days[place] < day < ends[place]:
                inside.setdefault(place, []).append(day)
        for place, changes in inside.items():
            follows = ends[place] in days[place + 1 : place + 2]
            if not follows or len(changes) > 1 or ends[place] in turned:
                found.update(changes)
    return found


def with_changes(plan: Plan, updates: Mapping[datetime.date, Update], record: Record) -> dict[datetime.date, Update]:
    """Return the updates with those that changes of codes need, by day."""
    days = sorted({*plan.releases, *updates})
    made = dict(updates)
    for day in days_between_releases(record, days):
        if base := plan.annual(day):
            made[day] = Update(day, base)
    return {day: made[day] for day in sorted(made)}
