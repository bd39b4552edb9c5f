"""An edition as a walk through releases sees it: how codes stand in it, and how they lived before and after."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import evolve

from .. import schema
from ..history import Span
from ..mapping import Standing
from ..model import Status, Step
from ..periods import OPEN, day_number, day_of

if TYPE_CHECKING:
    from .code_system import CodeSystem
    from .edition import Edition


class EditionLives:
    """The codes of an edition, with their lives in all loaded releases. What a `Walk` leads to."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.code_system: CodeSystem = edition.code_system
        self.system = edition.system
        self.day = edition.vantage.day

    def standing(self, code: str, since: int | None = None) -> Standing | None:
        """Return how a code stands in the edition; None for what is in no loaded release.

        Args:
            code: In any form.
            since: Day number on which the code was used: a code that was deleted and came back may mean something
                else now, so the life of that day counts; else the last that had begun, else the first.
        """
        row = self.code_system.row_of(code)
        if row < 0:
            return None
        name = self.code_system.codes.name(row)
        status = self.edition.status(name)
        periods = self.code_system.periods
        if status is Status.BILLABLE and len(periods.of(row)) == 1:
            # most codes have one interval row, and so one life
            return Standing(name, status, life=periods.starts[periods.first[row]])
        lives = self._lives(row)
        now = next((life for life in lives if life.start <= self.day < life.end), None)
        meant = _of_day(lives, since) if lives and since is not None else now
        if status is Status.BILLABLE and (now is None or meant == now):
            return Standing(name, status, life=now.start if now else None)
        if not self.edition.is_covered or status is Status.UNCOVERED:
            return Standing(name, Status.UNCOVERED)
        if not lives:
            return None
        return self._placed(name, status, lives, _of_day(lives, self.day) if meant is None else meant)

    def _placed(self, code: str, status: Status, lives: Sequence[Span], meant: Span) -> Standing:
        """Return the standing of a code of whose lives one is meant."""
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
        """Return the first day of the life that a code has in the edition, or last had, or will have; None without."""
        row = self.code_system.row_of(code)
        lives = self._lives(row) if row >= 0 else []
        return day_of(_of_day(lives, self.day).start) if lives else None

    def _lives(self, row: int) -> list[Span]:
        """Return the stretches in which the code is billable, else those in which it is a header.

        What nothing speaks for between two stretches does not part them.
        """
        newest = len(self.code_system.releases) - 1
        spans = self.code_system.periods.spans(row, newest, OPEN)
        state = schema.BILLABLE if any(span.state == schema.BILLABLE for span in spans) else schema.HEADER
        doubtful = [(span.start, span.end) for span in spans if span.state == schema.UNCOVERED]
        lives: list[Span] = []
        for span in spans:
            if span.state != state:
                continue
            last = lives[-1] if lives else None
            if last and ((last.end, span.start) in doubtful or self._is_hole(last.end, span.start)):
                lives[-1] = evolve(last, end=span.end, row=span.row)
            else:
                lives.append(span)
        return lives

    def billable_below(self, code: str) -> Sequence[str]:
        """Return the billable codes below a header of the edition, in document order."""
        status = self.edition.status
        return [below for below in self.edition.descendants(code) if status(below) is Status.BILLABLE]

    def is_billable(self, code: str, day: int) -> bool:
        """Return whether a code is billable on a day, or nothing speaks for the day and it is so before and after."""
        row = self.code_system.row_of(code)
        spans = self._lives(row) if row >= 0 else []
        return any(span.start <= day < span.end and span.state == schema.BILLABLE for span in spans)

    def release_on(self, day: int) -> str | None:
        """Return the version of the release in force on a day; where none is loaded for it, of the next one."""
        version = self.code_system.version_on(day)
        if version is None or not self._is_hole(day, day + 1):
            return version
        releases = self.code_system.releases
        return next((release.version for release in releases if day_number(release.effective) > day), None)

    def spoken_for(self, day: int) -> int:
        """Return the day itself; where nothing loaded speaks for it, the first day of the next release."""
        if not self._is_hole(day, day + 1):
            return day
        days = [day_number(release.effective) for release in self.code_system.releases]
        return next((begun for begun in days if begun > day), day)

    def _is_hole(self, start: int, end: int) -> bool:
        """Return whether nothing that is loaded speaks for any day of a half-open stretch."""
        releases = self.code_system.releases
        if any(start < day_number(release.effective) < end for release in releases):
            return False
        return not self.code_system.is_covered(evolve(self.edition.vantage, day=start, knowledge=len(releases) - 1))

    def revisions(self, code: str, since: int) -> tuple[Step, ...]:
        """Return the changes of a code's title between a day and the edition's, whichever is earlier."""
        row = self.code_system.row_of(code)
        newest = len(self.code_system.releases) - 1
        spans = self.code_system.periods.spans(row, newest, OPEN, by_title=True)
        first, last = sorted((since, self.day))
        lived = [span for span in spans if span.state <= schema.BILLABLE and span.end > first and span.start <= last]
        steps = []
        for former, following in pairwise(lived):
            if former.title == following.title:
                continue
            titles = {"before": former.title, "after": following.title}
            source = self.code_system.row_source(following.row)
            release = self.release_on(following.start)
            day = day_of(following.start)
            steps.append(Step("renamed", self.system, (code,), (code,), day, release, None, source, titles))
        return tuple(steps)


def _of_day(lives: Sequence[Span], day: int) -> Span:
    """Return the last life that had begun by a day, else the first."""
    begun = [life for life in lives if life.start <= day]
    return begun[-1] if begun else lives[0]
