"""Walk from a code through the releases of its system to an edition, along what publications say of each change.

Why a walk, and no table of answers: between n releases there are n² pairs, and each further release would change all
of them. The publications say what happened at one change each; the way through them depends on where it leads.

Which way to go is clear from the code's own validity periods. One that ended before the edition is followed to its
successors, one that begins after it back to its predecessors. A code that was deleted and came back has several
periods; the one that is meant is that of the day on which the way reaches the code. What a publication does not say
is not guessed: the way is lost, with a sentence that says where.

In numbers: M54.5 of fiscal year 2021, asked of 2022. Its period as a billable code ends on 2021-10-01, before the
edition; the conversion table has three rows of that day, M54.50, M54.51 and M54.59, each with M54.5 as what it
replaced; M54.5 itself is a header now. So three ways arrive, of the kind ``to_header``. Asked back, M54.51 begins on
2021-10-01, after the edition of 2021; the same rows lead from it to M54.5 as it was on 2021-09-30, the day before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from .. import schema
from ..model import Status, Step
from ..periods import day_of
from .lives import Lives, Standing
from .rows import MapRow, MapRows
from .ways import LIMIT, RELATED, RELATIONSHIP_OF, Way, Ways, together, united

Passed = tuple[tuple[str, int | None], ...]
"""Codes on a way, each with the first day of the validity period in which it was passed."""
DEPTH: Final = 64
"""A limit of steps. No code was in so many releases."""
CIRCLES: Final = 100
"""Codes that all replace each other make very many circles. At most this many are followed and named."""


class Walk:
    """Walks to one edition; remembers how it went on from the codes that it passed."""

    def __init__(self, lives: Lives, maps: Sequence[MapRows]) -> None:
        self.lives = lives
        self.maps = maps
        self._remembered: dict[tuple[str, int | None], Ways] = {}
        self._circles = 0

    def ways(self, code: str, *, since: int | None = None, keep_header: bool = False, passed: Passed = ()) -> Ways:
        """Return all ways from a code to codes that are in force in the edition.

        Args:
            code: In any form.
            since: Day number on which the code was used; None for what it means in the edition, or last meant.
            keep_header: Whether a header is an answer; else its billable codes are.
            passed: Codes on the way so far.
        """
        if not passed and self._circles > CIRCLES:
            # what was remembered with cut circles is right for that walk only
            self._remembered.clear()
            self._circles = 0
        standing = self.lives.standing(code, since) or self._departed(code)
        if standing is None:
            return Ways(lost=(f"{code} is in no loaded release of {self.lives.system}",))
        is_here = standing.ended is None and standing.begins is None
        if (is_here and standing.status is Status.BILLABLE) or (keep_header and standing.status is Status.HEADER):
            return Ways((Way((standing.code,)),))
        place = (standing.code, standing.life)
        if place in passed or len(passed) >= DEPTH:
            self._circles += 1
            way = " > ".join([*(code for code, _ in passed), standing.code])
            told = "lead in a circle" if place in passed else f"lead on after {DEPTH} steps"
            return Ways(lost=(f"the publications {told}: {way}",))
        if place not in self._remembered:
            before = self._circles
            found = self._onward(standing, (*passed, place))
            # where a circle is cut depends on where the walk entered it; above the limit not every entry is tried
            if before < self._circles <= CIRCLES:
                return found
            self._remembered[place] = found
        return self._remembered[place]

    def _onward(self, standing: Standing, passed: Passed) -> Ways:
        """Return the ways from a code that is not in force, or is a header."""
        if standing.status is Status.HEADER:
            return self._from_header(standing, passed)
        if standing.ended is not None:
            return self._forward(standing, standing.ended, passed)
        if standing.begins is not None:
            return self._backward(standing, standing.begins, passed)
        return Ways(lost=(f"nothing loaded says whether {standing.code} is in force on {day_of(self.lives.day)}",))

    def _departed(self, code: str) -> Standing | None:
        """Return the standing of a code that no loaded release holds, and whose deletion a publication lists."""
        days = [_day(row) for row in self._of_source(code) if row.change == "deleted"]
        days = [day for day in days if day <= self.lives.day]
        return Standing(code, Status.EXPIRED, ended=max(days)) if days else None

    # ---- forward

    def _forward(self, standing: Standing, ended: int, passed: Passed) -> Ways:
        rows = self._successors(standing, ended)
        if not rows:
            return self._again(standing, passed) or Ways(
                lost=(self._lost_forward(standing.code, ended),), ended=self._end_records(standing.code, ended)
            )
        groups = {row.target_codes for row in rows}
        found = []
        for row in rows:
            kind, relationship = self._forward_kind(row, len(groups))
            step = self._step(kind, row, row.source_codes, row.target_codes or ())
            found.append(self._followed(step, row, passed, relationship))
        return united(found)

    def _again(self, standing: Standing, passed: Passed) -> Ways | None:
        """Return the ways from the code itself in its next period towards the edition; None where it has none.

        None also where a publication states a successor or a predecessor of the code between the two periods: then it
        came back with another meaning.
        """
        again, code = standing.again, standing.code
        if again is None:
            return None
        if standing.ended is not None:
            first, last, rows = standing.ended, again, self._of_target(code)
        else:
            first, last, rows = again + 1, standing.begins or again, self._of_source(code)
        if any(first <= _day(row) <= last for row in rows):
            return None
        step = self._plain_step("reinstated", (code,), (code,), last)
        return self.ways(code, since=again, passed=passed).after(step, RELATIONSHIP_OF["reinstated"])

    def _successors(self, standing: Standing, ended: int) -> list[MapRow]:
        """Return the rows that state what replaced a code at the end of a validity period: those of the first day after it.

        A row of a new code names what was used until then. It is no successor of codes that ended long before.
        """
        code = standing.code
        until = self.lives.day if standing.again is None else standing.again - 1
        latest = self.lives.spoken_for(ended)
        rows = [row for row in self._of_source(code) if ended <= _day(row) <= until]
        rows = [row for row in rows if row.change != "new" or _day(row) <= latest]
        first = min(map(_day, rows), default=None)
        rows = [row for row in rows if _day(row) == first and row.target_codes != (code,)]
        return [row for row in rows if row.change == "deleted"] or rows

    def _forward_kind(self, row: MapRow, groups: int) -> tuple[str, str]:
        """Return kind and relationship of a step along a row; ``groups`` is how many groups of codes replaced the code."""
        if not row.target_codes:
            return "none", RELATED
        if len(row.target_codes) > 1:
            return "combination", RELATED
        (target,) = row.target_codes
        origins = {frozenset(other.source_codes) for other in self._of_target(target) if _day(other) == _day(row)}
        stood = self.lives.is_billable(target, _day(row) - 1)
        return _kind(row.source_codes, is_divided=groups > 1, is_shared=stood or len(origins) > 1)

    def _lost_forward(self, code: str, ended: int) -> str:
        return f"{code} is not in force from {day_of(ended)} on, and no loaded crosswalk says what replaced it"

    def _end_records(self, code: str, ended: int) -> tuple[Step, ...]:
        """Return the record of a publication that lists the end of a code without saying what replaced it."""
        rows = [row for rows in self.maps for row in rows.of_source(code) if row.change == "ended"]
        return tuple(self._step("deleted", row, row.source_codes, ()) for row in rows if _day(row) == ended)

    # ---- backward

    def _backward(self, standing: Standing, begins: int, passed: Passed) -> Ways:
        rows = self._predecessors(standing, begins)
        if not rows:
            sentence = f"{standing.code} is new on {day_of(begins)}, and no loaded crosswalk says what it was before"
            return self._again(standing, passed) or Ways(lost=(sentence,))
        groups: dict[frozenset[str], MapRow] = {}
        for row in rows:
            groups.setdefault(frozenset(row.source_codes), row)
        found = []
        for group, row in groups.items():
            kind, relationship = self._backward_kind(row, len(groups))
            step = self._step(kind, row, row.target_codes or (), tuple(sorted(group)))
            found.append(self._followed(step, row, passed, relationship))
        return united(found)

    def _predecessors(self, standing: Standing, begins: int) -> list[MapRow]:
        """Return the rows that state what a code replaced at the beginning of a validity period: those of the nearest day."""
        code = standing.code
        since = self.lives.day if standing.again is None else standing.again
        rows = [row for row in self._of_target(code) if since < _day(row) <= begins]
        nearest = max(map(_day, rows), default=None)
        rows = [row for row in rows if _day(row) == nearest and row.source_codes != (code,)]
        rows = [row for row in rows if not (row.detail.get("spread") and self._names_an_unknown_code(row))]
        # rows of the new code come first; a code that was deleted in its favour is a predecessor too
        return sorted(rows, key=lambda row: row.change != "new")

    def _names_an_unknown_code(self, row: MapRow) -> bool:
        """Return whether a code that was written out of a range is in no loaded release."""
        return any(self.lives.standing(code) is None for code in row.source_codes)

    def _backward_kind(self, row: MapRow, groups: int) -> tuple[str, str]:
        if not row.source_codes:
            return "none", RELATED
        if len(row.source_codes) > 1:
            return "combination", RELATED
        (origin,) = row.source_codes
        others = {other.target_codes for other in self._of_source(origin) if _day(other) == _day(row)}
        remains = self.lives.is_billable(origin, _day(row))
        return _kind(row.target_codes, is_divided=groups > 1, is_shared=remains or len(others) > 1)

    # ---- headers

    def _from_header(self, standing: Standing, passed: Passed) -> Ways:
        """Return the ways from a header: what publications say replaced the billable code, and what is below."""
        published: list[Ways] = []
        if standing.ended is not None:
            for row in self._successors(standing, standing.ended):
                if row.target_codes:
                    step = self._step("to_header", row, row.source_codes, row.target_codes)
                    published.append(self._followed(step, row, passed, RELATIONSHIP_OF["to_header"]))
        elif standing.begins is not None:
            for row in self._predecessors(standing, standing.begins):
                if row.source_codes:
                    step = self._step("to_header", row, row.target_codes or (), tuple(sorted(row.source_codes)))
                    published.append(self._followed(step, row, passed, RELATIONSHIP_OF["to_header"]))
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
        places = {code: place for place, code in enumerate(below)}
        listed = sorted((*told.arrived, *ways), key=lambda way: places.get(way.codes[0], len(below)))
        return evolve(told, arrived=tuple(listed[:LIMIT]), is_bounded=told.is_bounded or len(listed) > LIMIT)

    # ---- steps

    def _followed(self, step: Step, row: MapRow, passed: Passed, relationship: str) -> Ways:
        """Return the ways on from the codes that a step reaches."""
        if not step.to_codes:
            left = " + ".join(step.from_codes)
            sentence = f"{left} replaced nothing" if row.target_codes else f"nothing replaces {left}"
            return Ways(ended=(step,), said=(f"the publisher says that {sentence}",))
        # backwards, what counts is what the codes were on the day before the change
        day = _day(row)
        since = day - 1 if day > self.lives.day else day
        onward = together([self.ways(code, since=since, passed=passed) for code in step.to_codes])
        return onward.after(step, relationship, approximate=row.approximate)

    def _step(self, kind: str, row: MapRow, left: tuple[str, ...], reached: tuple[str, ...]) -> Step:
        return Step(
            kind=kind,
            system=self.lives.system,
            from_codes=left,
            to_codes=reached,
            effective=day_of(_day(row)),
            release=self.lives.release_on(_day(row)),
            crosswalk=row.crosswalk.label,
            source=row.source,
            detail=row.detail,
        )

    def _plain_step(self, kind: str, left: tuple[str, ...], reached: tuple[str, ...], day: int | None) -> Step:
        """Return a step that the releases themselves show."""
        release = self.lives.release_on(day) if day is not None else None
        effective = day_of(day) if day is not None else None
        return Step(kind, self.lives.system, left, reached, effective, release, None)

    # ---- rows

    def _of_source(self, code: str) -> list[MapRow]:
        return [row for rows in self.maps for row in rows.of_source(code) if row.change in schema.SUCCESSIONS]

    def _of_target(self, code: str) -> list[MapRow]:
        return [row for rows in self.maps for row in rows.of_target(code) if row.change in schema.SUCCESSIONS]

    def split_off(self, code: str, since: int) -> tuple[str, ...]:
        """Return the codes that took over a part of a code's meaning between a day and the edition's, while the code stays.

        They are in force in the edition, nearest first. A code that ended again is followed to its successors, and
        codes that were split off from it in turn are included.
        """
        found: dict[str, None] = {}
        taken = {code: since}
        waiting = [code]
        while waiting:
            origin = waiting.pop(0)
            for row in self._divided(origin, taken[origin]):
                for other in row.target_codes or ():
                    if other not in taken:
                        taken[other] = _day(row)
                        waiting.append(other)
                        ways = self.ways(other, since=_day(row))
                        found |= dict.fromkeys(reached for way in ways.arrived for reached in way.codes)
        return tuple(other for other in found if other != code)

    def _divided(self, code: str, since: int) -> list[MapRow]:
        """Return the rows that say what replaced a code, or a part of it, after a day, within one validity period."""
        standing = self.lives.standing(code, since)
        again = standing.again if standing else None
        until = self.lives.day if again is None else again - 1
        return [row for row in self._of_source(code) if since < _day(row) <= until]


def _day(row: MapRow) -> int:
    """Return the day of a change: compiling gives one to every row of a map within a system."""
    return row.effective or 0


def _kind(left: Sequence[str] | None, *, is_divided: bool, is_shared: bool) -> tuple[str, str]:
    """Return kind and relationship of a step to one code.

    Args:
        left: What is left, used together.
        is_divided: Whether what is left was divided among several.
        is_shared: Whether the code that is reached means more than what is left: it was in force before, or replaced several.
    """
    if len(left or ()) > 1:
        return "merged", RELATED
    if is_divided:
        return "split", RELATED if is_shared else RELATIONSHIP_OF["split"]
    kind = "merged" if is_shared else "replaced"
    return kind, RELATIONSHIP_OF[kind]
