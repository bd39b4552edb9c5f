"""The releases of a system in time: which is in force on a day, which days they cover, and how they are named."""

from __future__ import annotations

import datetime
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ..errors import InvalidDateError, UnknownReleaseError
from ..periods import OPEN, DateLike, coverage_end, day_from, day_number, day_of, next_quarter, year_of, year_start
from ..store import ReleaseEntry
from ..systems import SystemDefinition

if TYPE_CHECKING:
    from ..model import Release

VersionLike = DateLike | int
"""A version label, also as a number (``2024``), a fiscal year (``FY2024``), an effective day, or ``latest``."""
FISCAL_YEAR: Final = re.compile(r"FY *((?:20|19)?\d{2})", re.IGNORECASE)
YEAR: Final = re.compile(r"(?:FY *)?((?:20|19)\d{2})", re.IGNORECASE)
SUCCEEDED_BY: Final = {"icd9cm": "icd10cm", "icd9pcs": "icd10pcs"}
"""The system that took the place of a retired one."""
ONE_DAY = datetime.timedelta(days=1)


class Timeline:
    """The loaded releases of a system. A release is named by its number, days by their day numbers.

    ``knowledge`` is the number of the newest release that counts, -1 where none does.
    """

    def __init__(self, definition: SystemDefinition, releases: Sequence[ReleaseEntry | Release]) -> None:
        self.definition = definition
        self.releases = releases
        self.days = [day_number(release.effective) for release in releases]
        self.newest = len(releases) - 1
        self._positions = {
            name: position
            for position, release in enumerate(releases)
            for name in (release.version.partition(".")[0], release.effective.isoformat(), release.version)
        }
        """Every name of a release. A name of several releases, as of corrections of one day, is the newest's."""
        # v38.1 is in force later than v38, and no correction of it
        self._positions |= {
            release.version: position
            for position, release in enumerate(releases)
            if releases[self._positions[release.version]].effective != release.effective
        }
        self._positions["latest"] = self.newest

    # ---- names

    def position(self, version: VersionLike) -> int:
        """Return the number of the release of a version label, effective day or ``latest``; ``FY2024`` is that year's.

        Raises:
            UnknownReleaseError: The store has no such release.
        """
        name = version if isinstance(version, str) else _label(version)
        found = self._named(name)
        if found is None:
            held = ", ".join(release.version for release in self.releases)
            missing = f"no release {name!r} of {self.definition.name} (loaded: {held})"
            raise UnknownReleaseError(f"{missing}{self._advice(name)}")
        return found

    def _named(self, name: str) -> int | None:
        """Return the number of the release of a name; None where there is none."""
        found = self._positions.get(name)
        if found is None and self.definition.calendar == "fiscal" and (year := FISCAL_YEAR.fullmatch(name.strip())):
            number = int(year[1]) if len(year[1]) > 2 else 2000 + int(year[1])  # noqa: PLR2004 -- two digits
            return self._positions.get(year_start("fiscal", number).isoformat())
        return found

    def _advice(self, name: str) -> str:
        """Return what was probably meant by a name that no release has, as the end of a message."""
        found = YEAR.fullmatch(name.strip())
        if found is None:
            return ""
        definition, year = self.definition, int(found[1])
        near = [one.version for one in self.releases if year_of(definition.calendar, one.effective) == year]
        if near:
            return f"; did you mean {' or '.join(near)}?"
        first = year_start(definition.calendar, year).isoformat()
        if definition.retired is None or first < definition.retired:
            return ""
        way = SUCCEEDED_BY.get(definition.name)
        command = f": terminology translate CODE --source {definition.name} --target {way}" if way else ""
        return f"; {definition.title} was retired on {definition.retired}, and its codes are translated{command}"

    def day(self, date: DateLike) -> int:
        """Return the number of the day that a value names.

        Raises:
            InvalidDateError: It names none. Of the label of a release the message says so.
        """
        try:
            return day_number(day_from(date))
        except InvalidDateError as error:
            position = self._named(str(date))
            if position is None:
                raise
            release = self.releases[position]
            which = f"that is a release of {self.definition.name}, effective {release.effective}"
            raise InvalidDateError(f"{error}: {which}") from None

    def knowledge(self, known: VersionLike) -> int:
        """Return the number of the newest release that counts up to a version or a day; -1 where none does.

        Raises:
            InvalidDateError: It is neither text nor a number nor a date.
            UnknownReleaseError: It is neither a release nor a date.
        """
        if isinstance(known, int):
            return self.position(known)
        if isinstance(known, str) and (named := self._named(known)) is not None:
            return named
        try:
            return self.release_on(day_number(day_from(known)))
        except InvalidDateError:
            if not isinstance(known, str):
                raise
            raise UnknownReleaseError(f"{known!r} is neither a release of {self.definition.name} nor a date") from None

    # ---- days

    def release_on(self, day: int, knowledge: int | None = None) -> int:
        """Return the number of the release in force on a day, among those that are known; -1 before the first."""
        known = len(self.days) if knowledge is None else knowledge + 1
        return bisect_right(self.days, day, 0, known) - 1

    def is_covered(self, day: int, knowledge: int | None = None) -> bool:
        """Return whether the loaded releases cover a day.

        A release of a snapshot system covers the days to the end of its own year; those of a dated system together
        the days from the earliest to the quarter after the newest.
        """
        known = self.newest if knowledge is None else knowledge
        if known < 0:
            return False
        if self.definition.dated:
            return self.days[0] <= day < day_number(next_quarter(self.releases[known].effective))
        if self.is_retired(day):
            return True
        position = self.release_on(day, known)
        if position < 0:
            return False
        end = coverage_end(self.definition.calendar, self.releases[position].effective)
        return end is None or day < day_number(end)

    def is_retired(self, day: int) -> bool:
        """Return whether the whole system is out of use on a day."""
        retired = self.definition.retired
        return retired is not None and day >= day_number(day_from(retired))

    def horizon(self, knowledge: int) -> int:
        """Return the day from which nothing is known: when the first unknown release takes effect."""
        if self.definition.dated:
            return OPEN
        known = self.days[max(knowledge, 0)]
        return min((day for day in self.days[knowledge + 1 :] if day > known), default=OPEN)

    def is_hole(self, start: int, end: int) -> bool:
        """Return whether no loaded release covers any day of a half-open stretch."""
        return not any(start < day < end for day in self.days) and not self.is_covered(start)

    def gap(self, day: int, knowledge: int) -> str:
        """Return why a day is not covered, and which release would cover it, as a sentence."""
        asked = day_of(day) or datetime.date.max
        if knowledge < 0:
            return f"no release of {self.definition.title} that counts was published by {asked}"
        begun = self.definition.begun
        if begun is not None and asked.isoformat() < begun:
            former = self.definition.predecessor
            instead = f"; for that day ask {former}" if former else ""
            return f"{self.definition.title} is used from {begun} on{instead}"
        if day < self.days[0]:
            first = self.releases[0]
            return f"the oldest release, {first.version}, begins {first.effective}; load {self._wanted(asked)}"
        position = self.release_on(day, knowledge)
        release = self.releases[position]
        dated = self.definition.dated
        end = next_quarter(release.effective) if dated else coverage_end(self.definition.calendar, release.effective)
        which = f"the newest release, {release.version}," if position == self.newest else f"release {release.version}"
        ends = f"ends {end - ONE_DAY}" if end else "ended"
        return f"{which} {ends}; load {self._wanted(asked)}"

    def _wanted(self, day: datetime.date) -> str:
        calendar = self.definition.calendar
        if calendar == "fiscal":
            return f"FY{year_of(calendar, day)}"
        quarter = f"{day.year}-{(day.month - 1) // 3 * 3 + 1:02}"
        return f"the release of {quarter if calendar == 'quarter' else day.year}"


def _label(version: VersionLike) -> str:
    return str(version) if isinstance(version, int) else day_from(version).isoformat()
