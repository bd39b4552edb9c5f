"""An edition as a walk through releases sees it: how codes stand in it, and how they lived before and after."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from .. import schema
from ..history import Span
from ..mapping import Standing
from ..model import Status, Step
from ..periods import OPEN, day_of

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

    def standing(self, code: str) -> Standing | None:
        """Return how a code stands in the edition; None for what is in no loaded release."""
        row = self.code_system.row_of(code)
        if row < 0:
            return None
        name = self.code_system.codes.name(row)
        status = self.edition.status(name)
        if status is Status.BILLABLE:
            return Standing(name, status)
        if not self.edition.is_covered or status is Status.UNCOVERED:
            return Standing(name, Status.UNCOVERED)
        spans = self._spans(row)
        if not spans:
            return None
        before = [span.end for span in spans if span.end <= self.day]
        after = [span.start for span in spans if span.start > self.day]
        return Standing(name, status, before[-1] if before else None, after[0] if after else None)

    def _spans(self, row: int) -> list[Span]:
        """Return the stretches in which the code is billable, else those in which it is a header."""
        newest = len(self.code_system.releases) - 1
        spans = self.code_system.periods.spans(row, newest, OPEN)
        billable = [span for span in spans if span.state == schema.BILLABLE]
        return billable or [span for span in spans if span.state == schema.HEADER]

    def billable_below(self, code: str) -> Sequence[str]:
        """Return the billable codes below a header of the edition, in document order."""
        status = self.edition.status
        return [below for below in self.edition.descendants(code) if status(below) is Status.BILLABLE]

    def is_billable(self, code: str, day: int) -> bool:
        """Return whether a code is billable on a day."""
        row = self.code_system.row_of(code)
        periods = self.code_system.periods
        period = periods.row_on(row, day, len(self.code_system.releases) - 1) if row >= 0 else -1
        return period >= 0 and bool(periods.states[period] == schema.BILLABLE)

    def release_on(self, day: int) -> str | None:
        """Return the version of the release that is in force on a day, or None before the first."""
        return self.code_system.version_on(day)

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
