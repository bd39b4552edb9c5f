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

from ..model import Status, Step
from ..periods import day_of
from .headers import below_header
from .lives import Lives, Standing
from .mentions import mention_steps, told_before, told_by
from .rows import MapRow, MapRows
from .statements import Statements, day_of_change
from .ways import RELATIONSHIP_OF, Way, Ways, together, united

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
        self.told = Statements(lives, maps)
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
        ended = self.told.departure_of(code)
        return None if ended is None else Standing(code, Status.EXPIRED, ended=ended)

    # ---- forward

    def _forward(self, standing: Standing, ended: int, passed: Passed) -> Ways:
        rows = self.told.successors(standing, ended)
        if not rows:
            return self._again(standing, passed) or self._lost_forward(standing.code, ended)
        groups = {row.target_codes for row in rows}
        found = []
        for row in rows:
            kind, relationship = self.told.forward_kind(row, len(groups))
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
            first, last, rows = standing.ended, again, self.told.of_target(code)
        else:
            first, last, rows = again + 1, standing.begins or again, self.told.of_source(code)
        if any(first <= day_of_change(row) <= last for row in rows):
            return None
        step = self._plain_step("reinstated", (code,), (code,), last)
        return self.ways(code, since=again, passed=passed).after(step, RELATIONSHIP_OF["reinstated"])

    def _lost_forward(self, code: str, ended: int) -> Ways:
        """Return that the way ends with a code's end, and what publications say of it that leads to no code."""
        records = self._end_records(code, ended)
        mentions = [row for row in self._mentions(code, at_new=False) if day_of_change(row) == ended]
        told = f"for what replaced it {told_by(mentions)}" if mentions else "no loaded crosswalk says what replaced it"
        sentence = f"{code} is not in force from {day_of(ended)} on, and {told}"
        return Ways(lost=(sentence,), ended=(*records, *mention_steps(mentions, self.lives.system)))

    def _end_records(self, code: str, ended: int) -> tuple[Step, ...]:
        """Return the record of a publication that lists the end of a code without saying what replaced it."""
        return tuple(self._step("deleted", row, row.source_codes, ()) for row in self.told.ends_of(code, ended))

    # ---- backward

    def _backward(self, standing: Standing, begins: int, passed: Passed) -> Ways:
        rows = self.told.predecessors(standing, begins)
        if not rows:
            return self._again(standing, passed) or self._lost_backward(standing, begins)
        groups: dict[frozenset[str], MapRow] = {}
        for row in rows:
            groups.setdefault(frozenset(row.source_codes), row)
        found = []
        for group, row in groups.items():
            kind, relationship = self.told.backward_kind(row, len(groups))
            step = self._step(kind, row, row.target_codes or (), tuple(sorted(group)))
            found.append(self._followed(step, row, passed, relationship))
        beside = [
            row
            for row in self._mentions(standing.code, at_new=True)
            if (row.crosswalk, row.effective) == (rows[0].crosswalk, rows[0].effective)
        ]
        if beside:
            found.append(Ways(lost=(f"for what {standing.code} was before {told_by(beside)}",)))
        return united(found)

    def _lost_backward(self, standing: Standing, begins: int) -> Ways:
        """Return that the way ends with a code's beginning, and what publications say of it that leads to no code."""
        since = self.lives.day if standing.again is None else standing.again
        mentions = [row for row in self._mentions(standing.code, at_new=True) if since < day_of_change(row) <= begins]
        stated = [row for row in self.told.of_target(standing.code) if since < day_of_change(row) <= begins]
        sentence = f"{standing.code} is new on {day_of(begins)}, and {told_before(mentions, stated)}"
        return Ways(lost=(sentence,), ended=mention_steps(mentions, self.lives.system))

    # ---- headers

    def _from_header(self, standing: Standing, passed: Passed) -> Ways:
        """Return the ways from a header: what publications say replaced the billable code, and what is below it.

        A publication that says what became of the code itself says all. One that lists what is new, and what that was
        before, may leave out some of the codes below.
        """
        rows, is_all_told = self._told_of_header(standing)
        told = [self._followed(step, row, passed, RELATIONSHIP_OF["to_header"]) for step, row in rows]
        if is_all_told:
            return united(told)
        below = below_header(standing, self.lives, self.told)
        found = united([*told, *(self._over(standing, code, below.day, below.since, passed) for code in below.then)])
        known = {way.codes for way in found.arrived}
        later = [code for code in below.now if (code,) not in known]
        day = self.lives.day
        found = united(
            [found, *(self._over(standing, code, below.first_seen(code, self.lives), day, passed) for code in later)]
        )
        if found == Ways():
            return Ways(lost=(f"{standing.code} is a header with no billable code below it",))
        places = {code: place for place, code in enumerate(self.lives.billable_below(standing.code, day))}
        mark = "automatic_forward" if standing.ended is not None else "automatic_backward"
        listed = sorted(found.arrived, key=lambda way: places.get(way.codes[0], len(places)))
        listed.sort(key=lambda way: not (way.steps and way.steps[0].detail.get(mark)))
        return evolve(found, arrived=tuple(listed))

    def _told_of_header(self, standing: Standing) -> tuple[list[tuple[Step, MapRow]], bool]:
        """Return the steps that publications tell from a code that became a header, and whether they tell all."""
        if standing.ended is not None:
            rows = [row for row in self.told.successors(standing, standing.ended) if row.target_codes]
            steps = [(self._step("to_header", row, row.source_codes, row.target_codes or ()), row) for row in rows]
            return steps, any(row.change == "deleted" for row in rows)
        if standing.begins is not None:
            rows = [row for row in self.told.predecessors(standing, standing.begins) if row.source_codes]
            ends = [(row.target_codes or (), tuple(sorted(row.source_codes))) for row in rows]
            steps = [(self._step("to_header", row, *end), row) for row, end in zip(rows, ends, strict=True)]
            return steps, any(row.change == "new" for row in rows)
        return [], False

    def _over(self, standing: Standing, code: str, day: int | None, since: int, passed: Passed) -> Ways:
        """Return the ways from a header over a code below it."""
        step = self._plain_step("to_header", (standing.code,), (code,), day)
        return self.ways(code, since=since, passed=passed).after(step, RELATIONSHIP_OF["to_header"])

    # ---- steps

    def _followed(self, step: Step, row: MapRow, passed: Passed, relationship: str) -> Ways:
        """Return the ways on from the codes that a step reaches."""
        if not step.to_codes:
            left = " + ".join(step.from_codes)
            sentence = f"{left} replaced nothing" if row.target_codes else f"nothing replaces {left}"
            return Ways(ended=(step,), said=(f"the publisher says that {sentence}",))
        # backwards, what counts is what the codes were on the day before the change
        day = day_of_change(row)
        since = day - 1 if day > self.lives.day else day
        onward = together([self.ways(code, since=since, passed=passed) for code in step.to_codes])
        return onward.after(step, relationship, approximate=row.approximate)

    def _step(self, kind: str, row: MapRow, left: tuple[str, ...], reached: tuple[str, ...]) -> Step:
        return Step(
            kind=kind,
            system=self.lives.system,
            from_codes=left,
            to_codes=reached,
            effective=day_of(day_of_change(row)),
            release=self.lives.release_on(day_of_change(row)),
            crosswalk=row.crosswalk.label,
            source=row.source,
            detail=row.detail,
        )

    def _plain_step(self, kind: str, left: tuple[str, ...], reached: tuple[str, ...], day: int | None) -> Step:
        """Return a step that the releases themselves show."""
        release = self.lives.release_on(day) if day is not None else None
        effective = day_of(day) if day is not None else None
        return Step(kind, self.lives.system, left, reached, effective, release, None)

    # ---- parts

    def _mentions(self, code: str, *, at_new: bool) -> list[MapRow]:
        """Return the rows that mention a code as a new one, or as one that was until then."""
        found = (row for rows in self.told.maps for row in rows.mentions(code))
        return [row for row in found if (code in (row.target_codes or ())) == at_new]

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
            for row in self.told.parts(origin, taken[origin]):
                for other in row.target_codes or ():
                    if other not in taken:
                        taken[other] = day_of_change(row)
                        waiting.append(other)
                        ways = self.ways(other, since=day_of_change(row))
                        found |= dict.fromkeys(reached for way in ways.arrived for reached in way.codes)
        return tuple(other for other in found if other != code)
