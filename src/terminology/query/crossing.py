"""Cross from one code system to another by a published map, migrated through releases on both sides of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve, frozen

from ..mapping.mentions import mention_steps, told_by
from ..mapping.rows import MapRow, MapRows
from ..mapping.succession import Walk
from ..mapping.ways import BROADER, NARROWER, RELATED, Way, Ways, together, united
from ..model import Step
from ..periods import day_number, day_of
from .answers import Answers
from .compiled import CompiledSystem
from .lives import EditionLives

INVERSE: Final = {NARROWER: BROADER, BROADER: NARROWER}


@frozen
class DirectedMap:
    """One version of a crosswalk, in its published direction or against it."""

    rows: MapRows
    publication: int
    inverted: bool

    @property
    def day(self) -> int:
        """Day number of the editions that the version connects to."""
        return day_number(self.rows.crosswalks[self.publication].effective)

    @property
    def label(self) -> str:
        """Name and version."""
        return self.rows.crosswalks[self.publication].label

    def mappings(self, code: str) -> Sequence[MapRow]:
        """Return the rows that lead from a code."""
        find = self.rows.of_target if self.inverted else self.rows.of_source
        return find(code, self.publication)

    def mentions(self, code: str) -> list[MapRow]:
        """Return the rows that mention a code, and lead nowhere."""
        rows = self.rows.mentions(code, self.publication)
        return [row for row in rows if code in ((row.target_codes or ()) if self.inverted else row.source_codes)]

    def kind(self, row: MapRow) -> str:
        """Return the kind of a step by a row."""
        _, reached = self.sides(row)
        return "none" if not reached else "combination" if len(reached) > 1 else "single"

    def doubts(self, code: str) -> tuple[str, ...]:  # noqa: ARG002 -- a version as published leaves none
        """Return why the rows that lead from a code may not be all, a sentence each."""
        return ()

    def sides(self, row: MapRow) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the codes that a row leads from, and those that it leads to."""
        targets = row.target_codes or ()
        return (targets, row.source_codes) if self.inverted else (row.source_codes, targets)


@frozen
class Crossing:
    """Leads from codes of one system to codes of another that are in force in an edition.

    A code that is not in the map, because it is younger or older than it, is first migrated to the map's own year;
    what the map gives is migrated from there to the edition.
    """

    directed: DirectedMap
    source: CompiledSystem | None
    """None where the system is not loaded: codes are then taken as they are."""
    source_maps: Sequence[MapRows]
    target_system: str
    onward: Walk | None
    """To the edition of the target; None where that system is not loaded."""
    billable: bool = False
    """Whether a header that the map leads to is followed to its billable codes."""

    def ways(self, code: str) -> Ways:
        """Return all ways from a code; lost where the map does not hold it."""
        found = self._from(code)
        if found is not None:
            return found
        missing = f"{self.directed.label} does not hold {code}"
        if self.source is None:
            return Ways(lost=(missing,))
        walk = Walk(EditionLives(self._source_answers(self.source), self.source_maps), self.source_maps)
        migrated = walk.ways(code)
        if not migrated.arrived or any(way.codes == (code,) for way in migrated.arrived):
            return Ways(lost=(missing, *migrated.lost), ended=migrated.ended)
        onward = united(map(self._onward, migrated.arrived))
        lost, is_bounded = (*migrated.lost, *onward.lost), migrated.is_bounded or onward.is_bounded
        return evolve(onward, lost=lost, is_bounded=is_bounded)

    def _source_answers(self, source: CompiledSystem) -> Answers:
        """Return the source as of the day that the map was made for, else of the nearest release that is loaded.

        Maps from a retired system were still published after its codes had expired; then its last release is meant.
        """
        as_of = source.as_of(self.directed.day)
        if as_of.is_covered and not source.timeline.is_retired(as_of.asked):
            return Answers(as_of)
        nearest = min(source.releases, key=lambda release: abs(day_number(release.effective) - self.directed.day))
        return Answers(source.as_of_release(nearest.version))

    def _onward(self, way: Way) -> Ways:
        """Return the ways from codes that a code was migrated to; all of codes used together must be in the map."""
        missing = f"{self.directed.label} does not hold"
        members = [self._from(code) or Ways(lost=(f"{missing} {code}",)) for code in way.codes]
        onward = together(members)
        for step in reversed(way.steps):
            # what holds over the whole way changes nothing where it is joined to itself
            onward = onward.after(step, way.relationship)
        return onward

    def _from(self, code: str) -> Ways | None:
        """Return the ways by the rows of the map; lost where it only mentions the code, None where it does not."""
        rows = self.directed.mappings(code)
        if not rows and (mentions := self.directed.mentions(code)):
            reason = f"for {code} {told_by(mentions)}"
            return Ways(lost=(reason,), ended=mention_steps(mentions, self.target_system))
        if not rows:
            return None
        found, doubts = united(map(self._by, rows)), self.directed.doubts(code)
        return evolve(found, lost=(*found.lost, *doubts)) if doubts else found

    def _by(self, row: MapRow) -> Ways:
        left, reached = self.directed.sides(row)
        relationship = INVERSE.get(row.relationship, row.relationship) if self.directed.inverted else row.relationship
        if len(left) > 1:
            # rows of the code together with others say little about the code alone
            relationship = RELATED
        step = Step(
            kind=self.directed.kind(row),
            system=self.target_system,
            from_codes=left,
            to_codes=reached,
            effective=day_of(row.effective) if row.effective is not None else None,
            release=None,
            crosswalk=row.crosswalk.label,
            source=row.source,
            detail=row.detail,
            inverted=self.directed.inverted,
        )
        if not reached:
            sentence = f"the publisher says that {' + '.join(left)} has no counterpart in {self.target_system}"
            return Ways(ended=(step,), said=(sentence,))
        onward = together([self._migrated(target) for target in reached])
        return onward.after(step, relationship, approximate=row.approximate)

    def _migrated(self, code: str) -> Ways:
        if self.onward is None:
            return Ways((Way((code,)),))
        day = self.directed.day
        # what was a header when the map was made is meant as one; what became one since is followed
        is_meant = not self.billable and self.onward.lives.is_header(code, day)
        return self.onward.ways(code, since=day, keep_header=is_meant)
