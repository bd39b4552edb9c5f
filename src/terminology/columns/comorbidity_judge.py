"""Judges of comorbidities: what a case says by the version of its day, and what all cases of a person say together.

A case says which comorbidities are present and, by POA, which arose during the stay. Hierarchies apply over all cases
of a person, in each version that judged one.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Final

from attrs import define, field, frozen

from ..counts import counted
from ..errors import NoVersionError, UnknownCodeError
from ..periods import year_of
from ..query.grouping import Grouping
from ..query.grouping_editions import GroupingEdition
from ..systems import SYSTEMS, in_use
from .person_cases import Case

PRESENT: Final = frozenset({"Y", "W"})
ABSENT: Final = frozenset({"N", "U"})
WEIGHT: Final = "weight"
SCORE: Final = "score"
EXEMPT: Final = "poa_exempt"
UNCOVERED: Final = "uncovered"
UNREAD: Final = "unread"


@frozen
class Verdict:
    """What a case says."""

    version: str | None
    """None where it says nothing."""
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    """Categories whose diagnosis arose during the stay."""
    why: str = ""
    """Why it says nothing: `UNCOVERED` or `UNREAD`."""


class Judge:
    """Judges cases by the versions of an index."""

    def __init__(self, grouping: Grouping, system: str | None, version: str | None, *, has_poa: bool) -> None:
        self.has_poa = has_poa
        self._grouping, self._asked = grouping, system
        self._fixed = Version(grouping.version(version)) if version else None
        self.versions: dict[str, Version] = {}
        self._by_day: dict[datetime.date, Version | None] = {}
        self._verdicts: dict[Case, Verdict] = {}
        self.uncovered: dict[datetime.date, int] = {}

    def verdict(self, case: Case) -> Verdict:
        """Return what a case says."""
        found = self._verdicts.get(case)
        if found is None:
            found = self._verdicts[case] = self._made(case)
        return found

    def _made(self, case: Case) -> Verdict:
        if case.day is None or case.code is None:
            return Verdict(None, why=UNREAD)
        version = self._version(case.day)
        if version is None or (self._asked and self._asked not in version.edition.systems):
            return Verdict(None, why=UNCOVERED)
        system = self._asked or version.system_on(case.day)
        try:
            groups = version.edition.groups(case.code, system)
        except UnknownCodeError:
            return Verdict(None, why=UNREAD)
        present, absent = [], []
        for category in dict.fromkeys(group.category for group in groups):
            if not version.needs_poa(category) or version.is_exempt(case.code, system, case.day) or case.poa in PRESENT:
                present.append(category)
            elif case.poa in ABSENT:
                absent.append(category)
        return Verdict(version.name, tuple(present), tuple(absent))

    def _version(self, day: datetime.date) -> Version | None:
        if day not in self._by_day:
            self._by_day[day] = self._fixed or self._on(day)
        found = self._by_day[day]
        if found is not None:
            self.versions.setdefault(found.name, found)
        return found

    def _on(self, day: datetime.date) -> Version | None:
        try:
            edition = self._grouping.on(day)
        except NoVersionError:
            return None
        return self.versions.get(edition.version) or Version(edition)

    def ordered(self) -> list[Version]:
        """Return the versions that judged, the oldest first; those that are loaded where none did."""
        found = list(self.versions.values()) or [Version(self._grouping.latest)]
        return sorted(found, key=lambda one: one.edition.release.effective)

    def said(self) -> str | None:
        """Return what is said of days that no version covers; None where there are none."""
        if not self.uncovered:
            return None
        count, days = sum(self.uncovered.values()), sorted(self.uncovered)
        loaded = ", ".join(one.version for one in self._grouping.versions)
        rows = counted(count, "row is", "rows are")
        between = f"{days[0]}" if len(days) == 1 else f"{days[0]} to {days[-1]}"
        return f"{rows} of days that no version of {self._grouping.name} covers ({between}), without an answer; loaded: {loaded}"


class Version:
    """One version of an index, with what is asked of it again and again."""

    def __init__(self, edition: GroupingEdition) -> None:
        self.edition = edition
        self.name = edition.version
        self.properties = {category: edition.properties(category) for category in edition.categories}
        self.kinds: dict[str, tuple[str, ...]] = {}
        for category in edition.categories:
            parent = edition.parent(category)
            if parent is not None:
                self.kinds[parent] = (*self.kinds.get(parent, ()), category)
        below = {kind for kinds in self.kinds.values() for kind in kinds}
        self.columns = tuple(category for category in edition.categories if category not in below)
        """Categories that are reported: those below others are parts of them."""
        self.is_weighted = any(name.startswith(WEIGHT) for said in self.properties.values() for name in said)
        self._systems: tuple[str, ...] = edition.systems
        self._exempt: dict[int, frozenset[str]] | None = None

    def needs_poa(self, category: str) -> bool:
        """Return whether a category counts only where it was present on admission."""
        kinds = (category, *self.kinds.get(category, ()))
        return any(self.properties.get(kind, {}).get("needs_poa") for kind in kinds)

    def system_on(self, day: datetime.date) -> str:
        """Return the code system of the codes of a day."""
        if len(self._systems) == 1:
            return self._systems[0]
        return in_use("icd10cm", day)

    def is_exempt(self, code: str, system: str, day: datetime.date) -> bool:
        """Return whether a code is exempt from POA reporting in the fiscal year of a day; of a later one as in the last that is listed."""
        if self._exempt is None:
            self._exempt = _exempt_by_year(self.edition)
        if not self._exempt:
            return False
        listed = self._exempt.get(year_of("fiscal", day), self._exempt[max(self._exempt)])
        return SYSTEMS[system].official(code) in listed

    def after_hierarchies(self, present: set[str], absent: set[str]) -> set[str]:
        """Return the categories that count: parts are made one, then those above others drop them."""
        found = set(present)
        for category, kinds in self.kinds.items():
            during = [kind for kind in kinds if kind.endswith("_POA")]
            counts = any(kind in present for kind in during)
            # a sequela counts where nothing new arose during the stay
            if counts or (any(kind in present for kind in kinds) and not any(kind in absent for kind in during)):
                found.add(category)
            found -= set(kinds)
        dropped = {below for category in found for below in self.properties.get(category, {}).get("drops", ())}
        return found - dropped


def _exempt_by_year(edition: GroupingEdition) -> dict[int, frozenset[str]]:
    """Return the codes exempt from POA reporting by fiscal year; nothing where the version lists none."""
    try:
        table = edition.table(EXEMPT)
    except KeyError:
        return {}
    found: dict[int, set[str]] = {}
    for year, code in zip(table.column("fiscal_year").to_pylist(), table.column("code").to_pylist(), strict=True):
        found.setdefault(year, set()).add(code)
    return {year: frozenset(codes) for year, codes in found.items()}


@define
class Person:
    """What is known of one person."""

    judge: Judge
    present: dict[str, set[str]] = field(factory=dict)
    absent: dict[str, set[str]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)

    def add(self, case: Case, count: int) -> None:
        """Take a case that so many rows have."""
        verdict = self.judge.verdict(case)
        kind = verdict.why or "codes"
        self.counts[kind] = self.counts.get(kind, 0) + count
        if verdict.version is not None:
            self.present.setdefault(verdict.version, set()).update(verdict.present)
            self.absent.setdefault(verdict.version, set()).update(verdict.absent)
        elif verdict.why == UNCOVERED and case.day is not None:
            self.judge.uncovered[case.day] = self.judge.uncovered.get(case.day, 0) + count

    def values(self, versions: Sequence[Version]) -> dict[str, bool | int | None]:
        """Return categories and scores of the person; hierarchies apply over all versions that judged."""
        own = [version for version in versions if version.name in self.present]
        present = set().union(*self.present.values())
        absent = set().union(*self.absent.values())
        made: dict[str, bool | int | None] = {}
        weights: dict[str, dict[str, int]] = {}
        weighted = {name for version in own if version.is_weighted for name in self.present[version.name]}
        for version in own:
            present = version.after_hierarchies(present, absent)
            weighted = version.after_hierarchies(weighted, absent)
        for version in own:
            for category in version.columns:
                is_known = self.judge.has_poa or not version.needs_poa(category)
                made[category] = category in present if is_known else None
                for name, weight in version.properties[category].items():
                    if name.startswith(WEIGHT) and weight is not None:
                        weights.setdefault(name, {})[category] = weight
        for name, by_category in weights.items():
            counted = [made[category] for category in by_category]
            # a category of the same name in software without weights counts in no score
            total = sum(weight for category, weight in by_category.items() if category in weighted)
            made[name.replace(WEIGHT, SCORE, 1)] = None if None in counted else total
        return made
