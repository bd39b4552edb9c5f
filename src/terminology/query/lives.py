"""The validity periods of codes as a walk through releases sees them: on a day, before it and after it.

Why a status is not enough: it says what a code is on one day. Publishers use codes again, and a code that was deleted
and came back may mean something else. So the day on which a code was used chooses one of its validity periods, and the
standing says how the edition is placed to that period: in it, after its end (``ended``), or before it (``begins``).

What counts as a period: a stretch of days in which the code is billable; of a code that never is, one in which it is a
header. So the period of a code that is divided ends on the day on which it becomes a header, and the walk goes on to
its successors. Days that no release covers do not end a period. A release that does not list the code does.

In numbers: releases are 2016 (2015-10-01), 2017, 2018 and 2019. PA is in 2016 and in 2018. ``life`` is the first day of
the period that is meant, ``again`` the day on which the walk meets the code in its next period towards the edition:

    edition  used on     status    ended       begins      life        again
    2018     2015-10-01  billable  2016-10-01  -           2015-10-01  2017-10-01
    2018     2017-10-01  billable  -           -           2017-10-01  -
    2016     2018-10-01  billable  -           2017-10-01  2017-10-01  2016-09-30
    2017     2017-10-01  expired   -           2017-10-01  2017-10-01  -

Without the release of 2017 nobody knows that PA was deleted: it has one period, from 2015-10-01 to 2018-10-01.

A period also ends where a publication says that the code became something else, though the code itself lives on
(`mapping.turns`). Had it said of 2018-10-01 that PA became PB, the period of 2018 would end on that day, and another
one would begin.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise

from .. import schema
from ..history import Span
from ..mapping.lives import Standing
from ..mapping.rows import MapRows
from ..mapping.turns import turning_days
from ..model import Status, Step
from ..periods import OPEN, day_of
from .answers import Answers
from .concepts import row_source


class EditionLives:
    """The codes of an edition, with their validity periods in all loaded releases. What a `Walk` leads to."""

    def __init__(self, answers: Answers, maps: Sequence[MapRows] = ()) -> None:
        self.answers = answers
        self.maps = maps
        """The successions of the system: they may end a period in which the code is in force throughout."""
        self.compiled = answers.as_of.system
        self.timeline = self.compiled.timeline
        self.system = self.compiled.name
        self.day = answers.as_of.asked

    def standing(self, code: str, since: int | None = None) -> Standing | None:
        """Return the standing of a code in the edition; None for a code that is in no loaded release.

        Args:
            code: In any form.
            since: Day number on which the code was used. The last validity period that had begun by that day is
                meant, else the first one.
        """
        row = self.compiled.row_of(code)
        if row < 0:
            return None
        name = self.compiled.codes.name(row)
        status = self.answers.status(name)
        periods = self.compiled.periods
        forward = since is None or since <= self.day
        turns = self._turns(name, forward=forward)
        if status is Status.BILLABLE and len(periods.of(row)) == 1 and not turns:
            # most codes have one interval row, and so one validity period
            return Standing(name, status, life=periods.starts[periods.first[row]])
        lives = _divided(self._lives(row), turns)
        now = next((life for life in lives if life.start <= self.day < life.end), None)
        meant = _of_day(lives, since) if lives and since is not None else now
        if status is Status.BILLABLE and (now is None or meant == now):
            return Standing(name, status, life=now.start if now else None)
        if status is Status.UNCOVERED:
            return Standing(name, Status.UNCOVERED)
        if not lives:
            return None
        return self._placed(name, status, lives, _of_day(lives, self.day) if meant is None else meant)

    def _placed(self, code: str, status: Status, lives: Sequence[Span], meant: Span) -> Standing:
        """Return the standing of a code, given the validity period that is meant."""
        place = lives.index(meant)
        if meant.end <= self.day:
            following = lives[place + 1].start if place + 1 < len(lives) else OPEN
            again = following if following <= self.day else None
            return Standing(code, status, ended=meant.end, life=meant.start, again=again)
        if meant.start > self.day:
            former = lives[place - 1].end if place else self.day
            again = former - 1 if former > self.day else None
            return Standing(code, status, begins=meant.start, life=meant.start, again=again)
        return Standing(code, status, life=meant.start)

    def first_day(self, code: str) -> datetime.date | None:
        """Return the first day of the validity period that a code has in the edition, or last had, or will have; or None."""
        row = self.compiled.row_of(code)
        if row < 0:
            return None
        lives = _divided(self._lives(row), self._turns(self.compiled.codes.name(row), forward=True))
        return day_of(_of_day(lives, self.day).start) if lives else None

    def has_turned(self, code: str, since: int) -> bool:
        """Return whether a code in force throughout came to stand for something else between a day and the edition's."""
        first, last = sorted((since, self.day))
        days = [day for day in self._turns(code, forward=since <= self.day) if first < day <= last]
        return any(span.start < day < span.end for day in days for span in self.periods(code))

    def was_gone(self, code: str, since: int) -> bool:
        """Return whether a code in force on a day and on the edition's was in force neither as code nor header between."""
        first, last = sorted((since, self.day))
        spans = self.compiled.periods.spans(self.compiled.row_of(code), self.timeline.newest, OPEN)
        there = [span for span in spans if span.state in (schema.HEADER, schema.BILLABLE)]
        gaps = [(one.end, other.start) for one, other in pairwise(there) if first < one.end < other.start <= last]
        doubtful = {(span.start, span.end) for span in spans if span.state == schema.UNCOVERED}
        return any(gap not in doubtful and not self.timeline.is_hole(*gap) for gap in gaps)

    def turns(self, code: str, day: int) -> bool:
        """Return whether a publication says that a code stands for something else from a day on.

        Seen in the direction of time in which the edition is reached over that day.
        """
        return day in self._turns(code, forward=day <= self.day)

    def _turns(self, code: str, *, forward: bool) -> frozenset[int]:
        return turning_days(code, self.maps, forward=forward) if self.maps else frozenset()

    def _lives(self, row: int) -> list[Span]:
        """Return the validity periods: where the code is billable, else where it is a header.

        Days that no release covers do not divide a period.
        """
        spans = self.compiled.periods.spans(row, self.timeline.newest, OPEN)
        state = schema.BILLABLE if any(span.state == schema.BILLABLE for span in spans) else schema.HEADER
        doubtful = [(span.start, span.end) for span in spans if span.state == schema.UNCOVERED]
        lives: list[Span] = []
        for span in spans:
            if span.state != state:
                continue
            last = lives[-1] if lives else None
            if last and ((last.end, span.start) in doubtful or self.timeline.is_hole(last.end, span.start)):
                lives[-1] = last._replace(end=span.end)
            else:
                lives.append(span)
        return lives

    def billable_below(self, code: str, day: int) -> Sequence[str]:
        """Return the codes that are billable on a day below what is a header then, in document order; else none."""
        answers = self.answers if day == self.day else Answers(self.compiled.as_of(day))
        if answers.status(code) is not Status.HEADER:
            return ()
        return [below for below in answers.descendants(code) if answers.status(below) is Status.BILLABLE]

    def is_header(self, code: str, day: int) -> bool:
        """Return whether a code is a header on a day; where no release covers it, in the next one, or in the last."""
        row = self.compiled.row_of(code)
        spans = self.compiled.periods.spans(row, self.timeline.newest, OPEN) if row >= 0 else []
        known = [span for span in spans if span.state in (schema.HEADER, schema.BILLABLE)]
        place = self.spoken_for(day)
        begun = [span for span in known if span.start <= place]
        meant = begun[-1:] or known[:1]
        return bool(meant) and meant[0].state == schema.HEADER

    def is_billable(self, code: str, day: int) -> bool:
        """Return whether a code is billable on a day, or no release covers the day and it is so before and after."""
        row = self.compiled.row_of(code)
        spans = self._lives(row) if row >= 0 else []
        return any(span.start <= day < span.end and span.state == schema.BILLABLE for span in spans)

    def periods(self, code: str) -> Sequence[Span]:
        """Return the validity periods of a code as releases show them, whatever publications say; none on a miss."""
        row = self.compiled.row_of(code)
        return self._lives(row) if row >= 0 else []

    def release_on(self, day: int) -> str | None:
        """Return the version of the release in force on a day; where none is loaded for it, of the next one."""
        position = self.timeline.release_on(day)
        if position < 0:
            return None
        found = position if self.timeline.is_covered(day) else position + 1
        return self.compiled.releases[found].version if found <= self.timeline.newest else None

    def spoken_for(self, day: int) -> int:
        """Return the day itself; where no release covers it, the first day of the next release."""
        if self.timeline.is_covered(day):
            return day
        return next((begun for begun in self.timeline.days if begun > day), day)

    def revisions(self, code: str, since: int) -> tuple[Step, ...]:
        """Return the changes of a code's title between a day and the edition's, whichever is earlier."""
        row = self.compiled.row_of(code)
        spans = self.compiled.periods.spans(row, self.timeline.newest, OPEN, by_title=True)
        first, last = sorted((since, self.day))
        lived = [span for span in spans if span.state <= schema.BILLABLE and span.end > first and span.start <= last]
        steps = []
        for former, following in pairwise(lived):
            if former.title == following.title:
                continue
            titles = {"before": former.title, "after": following.title}
            source = row_source(self.compiled, following.row)
            release = self.release_on(following.start)
            day = day_of(following.start)
            steps.append(Step("renamed", self.system, (code,), (code,), day, release, None, source, titles))
        return tuple(steps)


def _divided(lives: list[Span], days: frozenset[int]) -> list[Span]:
    """Return the validity periods; those in which one of the days lies end on it, and begin again."""
    for day in sorted(days):
        place = next((n for n, life in enumerate(lives) if life.start < day < life.end), None)
        if place is not None:
            life = lives[place]
            lives = [*lives[:place], life._replace(end=day), life._replace(start=day), *lives[place + 1 :]]
    return lives


def _of_day(lives: Sequence[Span], day: int) -> Span:
    """Return the last validity period that had begun by a day, else the first."""
    begun = [life for life in lives if life.start <= day]
    return begun[-1] if begun else lives[0]
