"""The dated lists that some rules need: exempt from present on admission, those of the code editor, CC and MCC.

A list has versions, each for a stretch of days. On a day that no loaded version covers, nothing is answered from a
neighbour: the rule is not checked, and the audit says so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from attrs import define, field, frozen

from ..model import GroupingVersion, Source

POA_EXEMPT: Final = "poa_exempt"
UNACCEPTABLE: Final = "mce_unacceptable_principal"
REQUIRES_SECONDARY: Final = "mce_requires_secondary"
MANIFESTATION: Final = "mce_manifestation"
CC_LEVEL: Final = "cc_level"
MALE: Final = "mce_male"
FEMALE: Final = "mce_female"


AGED: Final = ("mce_newborn", "mce_pediatric", "mce_maternity", "mce_adult")


@frozen
class Ages:
    """Ages in whole years, the first and the last one included."""

    least: int
    """The lowest age."""
    most: int
    """The highest age."""


@frozen
class Listed:
    """That a version of a list has a code: what it says of it, and where."""

    version: str
    """Of the list."""
    source: Source | None = None
    """The publisher's file and line."""
    category: str = ""
    """What the list says of the code, like ``mcc``."""


class DatedLists(Protocol):
    """Lists by name, with their versions."""

    def version(self, name: str, day: datetime.date) -> str | None:
        """Return the version that covers a day and has the list; None where there is none."""

    def holds(self, name: str, code: str, day: datetime.date) -> Listed | None:
        """Return what the list of a day says of a code; None where it does not have it.

        Args:
            name: Of the list.
            code: In the official form.
            day: One that a version covers.
        """

    def ages(self, name: str, day: datetime.date) -> Ages | None:
        """Return the ages that a list of a covered day is for; None where its version does not say them."""

    def excluded(self, code: str, principal: str, day: datetime.date) -> Listed | None:
        """Return which exclusion takes a CC or MCC away from a code because of the principal diagnosis; None where none does."""

    def published(self, name: str, day: datetime.date) -> tuple[GroupingVersion, ...]:
        """Return the version that a list of a covered day is from, the file with its codes first; further ones where it needs several publications."""


class NoLists:
    """No list is loaded: every rule that needs one is not checked."""

    def version(self, _name: str, _day: datetime.date) -> str | None:
        """Return None."""
        return None

    def holds(self, _name: str, _code: str, _day: datetime.date) -> Listed | None:
        """Return None."""
        return None

    def ages(self, _name: str, _day: datetime.date) -> Ages | None:
        """Return None."""
        return None

    def excluded(self, _code: str, _principal: str, _day: datetime.date) -> Listed | None:
        """Return None."""
        return None

    def published(self, _name: str, _day: datetime.date) -> tuple[GroupingVersion, ...]:
        """Return nothing."""
        return ()


NAMES: Final = (POA_EXEMPT, UNACCEPTABLE, REQUIRES_SECONDARY, MANIFESTATION, CC_LEVEL, MALE, FEMALE, *AGED)
"""All lists that rules ask."""
NOTHING: Final[Mapping[str, Listed]] = {}


@define(eq=False)
class _Kept:
    """What the same versions of all lists say."""

    covered: frozenset[str]
    ages: Mapping[str, Ages | None]
    """Of the covered lists that are for some ages."""
    held: dict[str, Mapping[str, Listed]] = field(factory=dict)
    excluded: dict[tuple[str, str], Listed | None] = field(factory=dict)
    used: set[str] = field(factory=set)
    """Names of the lists that rules asked, also of those that are not covered."""
    published: dict[str, tuple[GroupingVersion, ...]] = field(factory=dict)


class KeptLists:
    """Lists whose answers are kept by version, so that each is asked once for a code and not once a claim."""

    def __init__(self, lists: DatedLists) -> None:
        self._lists = lists
        self._by_versions: dict[tuple[str | None, ...], _Kept] = {}
        self._by_day: dict[datetime.date, _Kept] = {}
        self._used: dict[tuple[str, str], GroupingVersion] = {}

    def _on(self, day: datetime.date) -> _Kept:
        found = self._by_day.get(day)
        if found is None:
            versions = tuple(self._lists.version(name, day) for name in NAMES)
            pairs = zip(NAMES, versions, strict=True)
            covered = frozenset(name for name, version in pairs if version is not None)
            kept = _Kept(covered, {name: self._lists.ages(name, day) for name in AGED if name in covered})
            found = self._by_day[day] = self._by_versions.setdefault(versions, kept)
        return found

    def covered(self, day: datetime.date) -> frozenset[str]:
        """Return the names of the lists of which a version covers a day."""
        return self._on(day).covered

    def ages(self, day: datetime.date) -> Mapping[str, Ages | None]:
        """Return the ages of the lists that cover a day, by their names; None of one that does not say them."""
        return self._on(day).ages

    def held(self, code: str, day: datetime.date) -> Mapping[str, Listed]:
        """Return what the lists of a day say of a code, by their names; empty where none has it."""
        kept = self._on(day)
        found = kept.held.get(code)
        if found is None:
            asked = ((name, self._lists.holds(name, code, day)) for name in kept.covered)
            found = kept.held[code] = {name: listed for name, listed in asked if listed is not None} or NOTHING
        return found

    def excluded(self, code: str, principal: str, day: datetime.date) -> Listed | None:
        """Return which exclusion takes a CC or MCC away from a code, or None."""
        kept = self._on(day)
        key = (code, principal)
        if key not in kept.excluded:
            kept.excluded[key] = self._lists.excluded(code, principal, day)
        return kept.excluded[key]

    def use(self, names: Iterable[str], day: datetime.date) -> None:
        """Note that a rule asks lists on a day; those that no version covers are left out."""
        kept = self._on(day)
        if kept.used.issuperset(names):
            return
        kept.used.update(names)
        for name in kept.covered.intersection(names):
            for version in self._published(name, day):
                self._used[version.grouping, version.version] = version

    @property
    def used(self) -> tuple[GroupingVersion, ...]:
        """The versions of the lists that rules asked so far, sorted by name and first day."""
        return tuple(sorted(self._used.values(), key=lambda one: (one.grouping, one.effective_from, one.version)))

    def file_of(self, name: str, system: str, day: datetime.date) -> Source | None:
        """Return the file of a list of a covered day, without a line: what a finding cites for a code that is not in it.

        Args:
            name: Of the list.
            system: Code system of the codes in it.
            day: One that a version covers.
        """
        for version in self._published(name, day):
            for file in version.sources:
                return Source(system, version.version, file.file, file.sha256)
        return None

    def _published(self, name: str, day: datetime.date) -> tuple[GroupingVersion, ...]:
        kept = self._on(day)
        if name not in kept.published:
            kept.published[name] = self._lists.published(name, day)
        return kept.published[name]

    def trim(self, most: int) -> None:
        """Forget what is kept where it is too much."""
        if sum(len(kept.held) + len(kept.excluded) for kept in self._by_versions.values()) + len(self._by_day) > most:
            self._by_versions.clear()
            self._by_day.clear()
