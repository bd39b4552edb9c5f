"""Walk from a code through the releases of its system to an edition, along what publications say of each change.

Which way to go is told by the code's own life: one that ended before the edition is followed to its successors, one
that begins after it back to its predecessors. What a publication does not say is not guessed: the way is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from attrs import frozen

from .. import schema
from ..model import Status, Step
from ..periods import day_of
from .rows import Mapping, MapRows
from .ways import LIMIT, RELATIONSHIP_OF, Way, Ways, together, united

DEPTH: Final = 64
"""More steps than releases were ever published in a lifetime of a code."""


@frozen
class Standing:
    """How a code stands in the edition that a walk leads to."""

    code: str
    """In official form."""
    status: Status
    ended: int | None = None
    """Day number of the end of its last life before the edition's day: as billable, if it ever was."""
    begins: int | None = None
    """Day number of its first day after the edition's day: as billable, if it ever is."""


class Lives(Protocol):
    """The edition that a walk leads to, and the lives of the codes of its system."""

    system: str
    day: int
    """Day number of the edition."""

    def standing(self, code: str) -> Standing | None:
        """Return how a code stands in the edition; None for what is in no loaded release."""
        ...

    def billable_below(self, code: str) -> Sequence[str]:
        """Return the billable codes below a header of the edition, in document order."""
        ...

    def is_billable(self, code: str, day: int) -> bool:
        """Return whether a code is billable on a day."""
        ...

    def release_on(self, day: int) -> str | None:
        """Return the version of the release that is in force on a day."""
        ...


class Walk:
    """Walks to one edition; remembers nothing."""

    def __init__(self, lives: Lives, maps: Sequence[MapRows]) -> None:
        self.lives = lives
        self.maps = maps

    def ways(self, code: str, *, keep_header: bool = False, passed: tuple[str, ...] = ()) -> Ways:
        """Return all ways from a code to codes that are in force in the edition.

        Args:
            code: In any form.
            keep_header: Whether a header is an answer; else its billable codes are.
            passed: Codes on the way so far.
        """
        standing = self.lives.standing(code) or self._departed(code)
        if standing is None:
            return Ways(lost=(f"{code} is in no loaded release of {self.lives.system}",))
        if standing.code in passed or len(passed) > DEPTH:
            return Ways(lost=(f"the publications lead in a circle: {' > '.join([*passed, standing.code])}",))
        passed = (*passed, standing.code)
        if standing.status is Status.BILLABLE or (keep_header and standing.status is Status.HEADER):
            return Ways((Way((standing.code,)),))
        if standing.status is Status.HEADER:
            return self._from_header(standing, passed)
        if standing.ended is not None:
            return self._forward(standing, standing.ended, passed)
        if standing.begins is not None:
            return self._backward(standing, standing.begins, passed)
        return Ways(lost=(f"nothing loaded says whether {standing.code} is in force on {day_of(self.lives.day)}",))

    def _departed(self, code: str) -> Standing | None:
        """Return the standing of a code that no loaded release holds, and whose deletion a publication lists."""
        days = [row.effective or 0 for row in self._of_source(code) if row.change == "deleted"]
        days = [day for day in days if day <= self.lives.day]
        return Standing(code, Status.EXPIRED, ended=max(days)) if days else None

    # ---- forward

    def _forward(self, standing: Standing, ended: int, passed: tuple[str, ...]) -> Ways:
        rows = self._successors(standing.code, ended)
        if not rows:
            return Ways(lost=(self._lost_forward(standing.code, ended),), ended=self._end_records(standing.code, ended))
        groups = {row.target_codes for row in rows}
        found = []
        for row in rows:
            step = self._step(self._forward_kind(row, len(groups)), row, row.source_codes, row.target_codes or ())
            found.append(self._followed(step, row, passed))
        return united(found)

    def _successors(self, code: str, ended: int) -> list[Mapping]:
        """Return what the first publication after the end of a code's life says of it."""
        rows = [row for row in self._of_source(code) if ended <= (row.effective or 0) <= self.lives.day]
        first = min((row.effective or 0 for row in rows), default=0)
        rows = [row for row in rows if row.effective == first and row.target_codes != (code,)]
        return [row for row in rows if row.change == "deleted"] or rows

    def _forward_kind(self, row: Mapping, groups: int) -> str:
        if not row.target_codes:
            return "none"
        if len(row.target_codes) > 1:
            return "combination"
        if groups > 1:
            return "split"
        origins = {frozenset(other.source_codes) for other in self._of_target(row.target_codes[0], row.effective)}
        return "merged" if len(origins) > 1 or len(row.source_codes) > 1 else "replaced"

    def _lost_forward(self, code: str, ended: int) -> str:
        return f"{code} ended before {day_of(ended)}, and no loaded crosswalk says what became of it"

    def _end_records(self, code: str, ended: int) -> tuple[Step, ...]:
        """Return the record of a publication that lists the end of a code without saying what became of it."""
        rows = [row for rows in self.maps for row in rows.of_source(code) if row.change in {"ended", "to_header"}]
        return tuple(
            self._step("deleted", row, row.source_codes, ())
            for row in rows
            if row.effective == ended and row.change == "ended"
        )

    # ---- backward

    def _backward(self, standing: Standing, begins: int, passed: tuple[str, ...]) -> Ways:
        rows = self._predecessors(standing.code)
        if not rows:
            sentence = f"{standing.code} is new on {day_of(begins)}, and no loaded crosswalk says what it was before"
            return Ways(lost=(sentence,))
        groups = {frozenset(row.source_codes): row for row in reversed(rows)}
        found = []
        for group, row in reversed(groups.items()):
            kind = self._backward_kind(row, len(groups))
            ordered = tuple(sorted(group))
            step = self._step(kind, row, (standing.code,), ordered)
            found.append(self._followed(step, row, passed))
        return united(found)

    def _predecessors(self, code: str) -> list[Mapping]:
        rows = [row for row in self._of_target(code) if (row.effective or 0) > self.lives.day]
        first = min((row.effective or 0 for row in rows), default=0)
        rows = [row for row in rows if row.effective == first and row.source_codes != (code,)]
        return [row for row in rows if row.change == "new"] or rows

    def _backward_kind(self, row: Mapping, groups: int) -> str:
        if not row.source_codes:
            return "none"
        if len(row.source_codes) > 1:
            return "combination"
        if groups > 1:
            return "split"
        (origin,) = row.source_codes
        others = {other.target_codes for other in self._of_source(origin) if other.effective == row.effective}
        remains = row.effective is not None and self.lives.is_billable(origin, row.effective)
        return "merged" if len(others) > 1 or remains else "replaced"

    # ---- headers

    def _from_header(self, standing: Standing, passed: tuple[str, ...]) -> Ways:
        """Return the ways from a header: what publications say became of the billable code, and what stands below."""
        published: list[Ways] = []
        if standing.ended is not None:
            for row in self._successors(standing.code, standing.ended):
                if row.target_codes:
                    step = self._step("to_header", row, row.source_codes, row.target_codes)
                    published.append(self._followed(step, row, passed))
        elif standing.begins is not None:
            for row in self._predecessors(standing.code):
                if row.source_codes:
                    step = self._step("to_header", row, (standing.code,), tuple(sorted(row.source_codes)))
                    published.append(self._followed(step, row, passed))
        told = united(published)
        turned = standing.ended if standing.ended is not None else standing.begins
        below = self.lives.billable_below(standing.code)
        if not below and not told.arrived:
            return Ways(lost=(*told.lost, f"{standing.code} is a header with no billable code below it"))
        known = {way.codes for way in told.arrived}
        ways = []
        for code in below[: LIMIT + 1]:
            if (code,) not in known:
                step = self._plain_step("to_header", (standing.code,), (code,), turned)
                ways.append(Way((code,)).after(step, RELATIONSHIP_OF["to_header"]))
        listed = sorted((*told.arrived, *ways), key=lambda way: _place(below, way.codes))
        return Ways(tuple(listed[:LIMIT]), told.ended, told.lost, told.is_bounded or len(listed) > LIMIT)

    # ---- steps

    def _followed(self, step: Step, row: Mapping, passed: tuple[str, ...]) -> Ways:
        """Return the ways on from the codes that a step reaches."""
        if not step.to_codes:
            return Ways(ended=(step,))
        onward = together([self.ways(code, passed=passed) for code in step.to_codes])
        relationship = RELATIONSHIP_OF.get(step.kind, row.relationship)
        arrived = tuple(way.after(step, relationship, approximate=row.approximate) for way in onward.arrived)
        ended = tuple(onward.ended)
        return Ways(arrived, ended, onward.lost, onward.is_bounded)

    def _step(self, kind: str, row: Mapping, left: tuple[str, ...], reached: tuple[str, ...]) -> Step:
        return Step(
            kind=kind,
            system=self.lives.system,
            from_codes=left,
            to_codes=reached,
            effective=day_of(row.effective) if row.effective is not None else None,
            release=self.lives.release_on(row.effective) if row.effective is not None else None,
            crosswalk=row.crosswalk.label,
            source=row.source,
            detail=row.detail,
        )

    def _plain_step(self, kind: str, left: tuple[str, ...], reached: tuple[str, ...], day: int | None) -> Step:
        """Return a step that the releases themselves tell of."""
        release = self.lives.release_on(day) if day is not None else None
        effective = day_of(day) if day is not None else None
        return Step(kind, self.lives.system, left, reached, effective, release, None)

    # ---- rows

    def _of_source(self, code: str) -> list[Mapping]:
        return [row for rows in self.maps for row in rows.of_source(code) if row.change in schema.SUCCESSIONS]

    def _of_target(self, code: str, day: int | None = None) -> list[Mapping]:
        found = [row for rows in self.maps for row in rows.of_target(code) if row.change in schema.SUCCESSIONS]
        return [row for row in found if day is None or row.effective == day]

    def split_off(self, code: str, since: int) -> tuple[str, ...]:
        """Return the codes that took over a part of a code's meaning between a day and the edition's, while it stays."""
        rows = [row for row in self._of_source(code) if since < (row.effective or 0) <= self.lives.day]
        return tuple(dict.fromkeys(other for row in rows for other in row.target_codes or () if other != code))


def _place(below: Sequence[str], codes: tuple[str, ...]) -> int:
    return below.index(codes[0]) if codes[0] in below else len(below)
