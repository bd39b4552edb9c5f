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
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise

from .. import schema
from ..history import Span
from ..mapping.lives import Standing
from ..model import Status, Step
from ..periods import OPEN, day_of
from .answers import Answers
from .concepts import row_source


class EditionLives:
    """The codes of an edition, with their validity periods in all loaded releases. What a `Walk` leads to."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
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
        if status is Status.BILLABLE and len(periods.of(row)) == 1:
            # most codes have one interval row, and so one validity period
            return Standing(name, status, life=periods.starts[periods.first[row]])
        lives = self._lives(row)
        now = next((life for life in lives if life.start <= self.day < life.end), None)
        meant = _of_day(lives, since) if lives and since is not None else now
        if status is Status.BILLABLE and (now is None or meant == now):
            return Standing(name, status, life=now.start if now else None)
        if not self.answers.as_of.is_covered or status is Status.UNCOVERED:
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
        lives = self._lives(row) if row >= 0 else []
        return day_of(_of_day(lives, self.day).start) if lives else None

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

    def billable_below(self, code: str) -> Sequence[str]:
        """Return the billable codes below a header of the edition, in document order."""
        status = self.answers.status
        return [below for below in self.answers.descendants(code) if status(below) is Status.BILLABLE]

    def is_billable(self, code: str, day: int) -> bool:
        """Return whether a code is billable on a day, or no release covers the day and it is so before and after."""
        row = self.compiled.row_of(code)
        spans = self._lives(row) if row >= 0 else []
        return any(span.start <= day < span.end and span.state == schema.BILLABLE for span in spans)

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


def _of_day(lives: Sequence[Span], day: int) -> Span:
    """Return the last validity period that had begun by a day, else the first."""
    begun = [life for life in lives if life.start <= day]
    return begun[-1] if begun else lives[0]
