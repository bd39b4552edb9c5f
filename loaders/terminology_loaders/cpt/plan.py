"""Releases of CPT while their files are collected."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from attrs import define, field

from terminology.drafts import Part
from terminology.reading.dates import Dating

from .authority import CATEGORIES, Statement
from .changes import HISTORIES
from .layout import AUTHORITIES, MODIFIER_LISTS

Refusals = list[tuple[Part, str]]


@define
class Release:
    """A release while its parts are collected."""

    day: datetime.date
    parts: list[Part] = field(factory=list)
    laboratory: list[Part] = field(factory=list)
    datings: list[Dating] = field(factory=list)
    copies: list[Part] = field(factory=list)
    """Further files of the same content, and further histories."""
    warnings: list[str] = field(factory=list)
    awaited: frozenset[str] = frozenset()
    """Codes that its list has and that begin later."""

    @property
    def authority(self) -> Part | None:
        """The descriptor file that decides which codes there are, or None."""
        return first_of(AUTHORITIES, self.parts)

    @property
    def ordered(self) -> tuple[Part, ...]:
        """The parts, the authority first."""
        return tuple(sorted(self.parts, key=lambda part: (part is not self.authority, part.kind, part.origin.label)))

    @property
    def histories(self) -> tuple[Part, ...]:
        """Its histories of changes, further ones too."""
        return tuple(part for part in (*self.parts, *self.copies) if part.kind in HISTORIES)

    def statement(self, before: Statement | None) -> Statement:
        """Return which codes are in force; of a list that dates its rows, codes that the release before lacks wait."""
        authority = self.authority
        rows = authority.tables["rows"] if authority else None
        codes = frozenset(rows.column("code").to_pylist() if rows else ())
        if rows and "effective" in rows.column_names:
            dated = zip(rows.column("code").to_pylist(), rows.column("effective").to_pylist(), strict=True)
            later = {code for code, day in dated if day and day > self.day}
            self.awaited = frozenset(later - (before.codes if before else frozenset()))
        modifiers = first_of(MODIFIER_LISTS, self.parts)
        listed = frozenset(modifiers.tables["rows"].column("code").to_pylist() if modifiers else ())
        return Statement(self.day, (codes - self.awaited) | listed, CATEGORIES)


@define
class Plan:
    """Releases by day, and the parts that are in none of them."""

    releases: dict[datetime.date, Release] = field(factory=dict)
    refused: Refusals = field(factory=list)
    unused: Refusals = field(factory=list)
    witnesses: Refusals = field(factory=list)
    """Histories of no release, which date changes all the same; and what is said of one that changes nothing."""

    def release(self, day: datetime.date) -> Release:
        """Return the release of a day, begun if there is none."""
        return self.releases.setdefault(day, Release(day))

    def annual(self, day: datetime.date) -> Release | None:
        """Return the newest release with codes of the same year that is in force on a day, or None."""
        found = [one for one in self.releases.values() if one.authority and one.day <= day and one.day.year == day.year]
        return max(found, key=lambda one: one.day, default=None)

    def following(self, day: datetime.date) -> Release | None:
        """Return the next release with codes after a day, or None."""
        return min((one for one in self.releases.values() if one.day > day), key=lambda one: one.day, default=None)

    def statements(self) -> list[Statement]:
        """Return what the releases say, by day."""
        made: list[Statement] = []
        for day in sorted(self.releases):
            made.append(self.releases[day].statement(made[-1] if made else None))
        return made


def first_of(kinds: Sequence[str], parts: Sequence[Part]) -> Part | None:
    """Return the part of the first of these kinds that there is, or None."""
    return min((part for part in parts if part.kind in kinds), key=lambda part: kinds.index(part.kind), default=None)


def labelled(parts: Sequence[Part]) -> str:
    """Return the names of files, each once."""
    return ", ".join(dict.fromkeys(part.origin.label for part in parts))
