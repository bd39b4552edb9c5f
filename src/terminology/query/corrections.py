"""A map of a former year with hindsight: rows of it that a later version of the same map corrected.

A later version differs for three reasons. Codes are new in it, codes are gone, or its publisher thinks otherwise of codes
that were there all the time. Only the last is a correction. So the later rows of a code are taken where every code of
the rows that differ was in force in the editions of both versions, billable or header in both alike::

    source  2014             2018             answer of 2014, corrected
    A       B                C                C: B and C were there in both years
    A       B                C, C is new      B: no code of 2014 but B says what A is
    A       B, B is gone     C                B: C takes over because B ended
    A       B, C             C                C: B was there in 2018 and is no longer meant

The newest version of which this holds for a code is taken, whole: nobody says which of its rows belongs to which of before.

What was in force in the editions of a version is what the release for its day says; where no release covers the day,
what the same publication says in the other direction, since a GEM lists every billable code of its year as a source.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from attrs import evolve, field, frozen

from ..mapping.rows import MapRow, MapRows
from ..model import Status
from ..periods import day_number
from .answers import Answers
from .compiled import AsOf, CompiledStore, CompiledSystem
from .crossing import DirectedMap

CORRECTED: Final = "corrected"
"""Kind of a step by a row that the version asked for lacks, and a later one has."""
Codes = frozenset[str]
Meaning = tuple[Codes, Codes | None]
"""What a row says: codes that are used together, and what they map to together; None where there is nothing."""


@frozen
class Corrected:
    """The rows of a code with hindsight, and why it is not known whether they are all."""

    rows: Sequence[MapRow]
    doubts: tuple[str, ...] = ()


@frozen
class CorrectedMap(DirectedMap):
    """One version of a crosswalk, with the rows that later versions of it corrected."""

    store: CompiledStore = field(kw_only=True)
    _found: dict[str, Corrected] = field(factory=dict, init=False, repr=False, eq=False)
    """What was answered: rows and doubts of a code are asked one after the other."""

    def mappings(self, code: str) -> Sequence[MapRow]:
        """Return the rows that lead from a code, in the version asked for or corrected by a later one."""
        return self._corrected(code).rows

    def doubts(self, code: str) -> tuple[str, ...]:
        """Return why it is not known whether later rows correct those of a code, a sentence each."""
        return self._corrected(code).doubts

    def kind(self, row: MapRow) -> str:
        """Return the kind of a step by a row: corrected where a later version states it."""
        is_later = row.crosswalk != self.rows.crosswalks[self.publication]
        return CORRECTED if is_later and row.effective is None and row.target_codes else super().kind(row)

    def _corrected(self, code: str) -> Corrected:
        if code not in self._found:
            self._found[code] = self._judged(code)
        return self._found[code]

    def _judged(self, code: str) -> Corrected:
        own = self._rows(code, self.publication)
        doubts: list[str] = []
        for number in range(len(self.rows.crosswalks) - 1, self.publication, -1) if own else ():
            later = self._rows(code, number)
            differing = [
                row for meaning, row in (*own.items(), *later.items()) if (meaning in own) != (meaning in later)
            ]
            if later and not differing:
                break
            is_correction = self._were_in_force(differing, number) if later else False
            if is_correction:
                return Corrected(_with_hindsight(own, later, self.rows.crosswalks[number].label))
            if is_correction is None:
                doubts.append(self._doubt(code, number))
        return Corrected(super().mappings(code), tuple(doubts))

    def _rows(self, code: str, publication: int) -> dict[Meaning, MapRow]:
        """Return the rows of a version by what they say; none where they name days, since these count by their own rules."""
        rows = self.rows.of_source(code, publication)
        if not _are_undated(rows):
            return {}
        found: dict[Meaning, MapRow] = {}
        for row in rows:
            # combinations of several scenarios may be of the same codes: the first answers, as everywhere
            found.setdefault(_meaning(row), row)
        return found

    def _were_in_force(self, rows: Iterable[MapRow], later: int) -> bool | None:
        """Return whether all codes of some rows were in force in the editions of both versions; None where nothing says so."""
        sides = [(self.rows.source_system, code) for row in rows for code in row.source_codes]
        sides += [(self.rows.target_system, code) for row in rows for code in row.target_codes or ()]
        is_known = True
        for system, code in dict.fromkeys(sides):
            before, after = (self._status(system, code, number) for number in (self.publication, later))
            is_known = is_known and None not in (before, after)
            if None not in (before, after) and (before is not after or not (before and before.valid)):
                return False
        return True if is_known else None

    def _status(self, system: str, code: str, number: int) -> Status | None:
        """Return what a code was in the editions of a version; None where nothing loaded says it."""
        version = self.rows.crosswalks[number]
        compiled = self.store.all_systems.get(system)
        as_of = compiled.as_of(day_number(version.effective)) if compiled else None
        if as_of is not None and as_of.is_covered and not _is_retired(as_of):
            return Answers(as_of).status(code)
        for rows in self._directions():
            for place, one in enumerate(rows.crosswalks):
                if rows.source_system == system and one.version == version.version:
                    return Status.BILLABLE if rows.is_source(code, place) else Status.UNKNOWN
        # maps from a retired system were still published after its codes had expired: then its last release is meant
        return Answers(_last_of(compiled)).status(code) if compiled and as_of and _is_retired(as_of) else None

    def _directions(self) -> list[MapRows]:
        """Return both directions of the publication; only the one where it has no other."""
        own, systems = self.rows, {self.rows.source_system, self.rows.target_system}
        named = [rows for rows in self.store.maps if (rows.name, rows.identity) == (own.name, own.identity)]
        return [rows for rows in named if {rows.source_system, rows.target_system} == systems]

    def _doubt(self, code: str, later: int) -> str:
        versions = self.rows.crosswalks
        return (
            f"{versions[later].label} says otherwise of {code}; no loaded release says whether all codes of both "
            f"were in force on {versions[self.publication].effective}"
        )


def _meaning(row: MapRow) -> Meaning:
    return frozenset(row.source_codes), None if row.target_codes is None else frozenset(row.target_codes)


def _are_undated(rows: Iterable[MapRow]) -> bool:
    return all(row.effective is None for row in rows)


def _is_retired(as_of: AsOf) -> bool:
    return bool(as_of.system.timeline.is_retired(as_of.asked))


def _last_of(system: CompiledSystem) -> AsOf:
    return system.as_of_release(system.releases[-1].version)


def _with_hindsight(own: dict[Meaning, MapRow], later: dict[Meaning, MapRow], label: str) -> tuple[MapRow, ...]:
    """Return the rows of a later version, those that the version asked for has as it has them; each says what was corrected."""
    stating = next(iter(later.values())).source
    correction = {
        "by": label,
        "file": stating.file if stating else None,
        "of": next(iter(own.values())).crosswalk.label,
        "removed": [_published(row) for meaning, row in own.items() if meaning not in later],
    }
    found = [own.get(meaning, row) for meaning, row in later.items()]
    return tuple(evolve(row, detail={**row.detail, "correction": correction}) for row in found)


def _published(row: MapRow) -> dict[str, Any]:
    """Return what a row leads to, with its file and line."""
    source = row.source
    return {
        "to": list(row.target_codes or ()),
        "file": source.file if source else None,
        "line": source.line if source else None,
    }
