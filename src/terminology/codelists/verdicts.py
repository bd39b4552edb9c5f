"""What a release does to one row of a column: is it right today, and does the release break it?

Three questions are kept apart. What the release breaks was right before, and is what somebody has to do now. What was
wrong before is as wrong after. And most rows need nothing.

Without a column of days, a row is right where its code may be submitted in the release before.

With one, it is right where its code may be submitted on its own day, and what was submitted rightly needs no other
code. So the release breaks only rows of days on which the code that it took away may be submitted no more. Where the day
is earlier, nothing is to be done for the row; but its code ends with the release before (``ends_with_release``), which
matters to whoever uses it in lists and templates. A code that was replaced before that is none of this
release's doing (``changed_earlier``).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

from ..columns import Cell, Reading, TextNumbers, cell_of, reading_of
from ..model import Status
from ..periods import OPEN, day_number, day_of
from .changes import Changes, CodeChange, Fate

if TYPE_CHECKING:
    from ..query import CodeSystem, Edition

MOST_REMEMBERED: Final = 200_000
"""Codes and stretches of days whose verdict is kept."""
ALL_DAYS: Final = -1
"""In place of a stretch of days: the rows have none, and are judged in the release before."""
NO_DAY: Final = -2
"""The same of a row whose day is empty."""


class Verdict(StrEnum):
    """What a row needs."""

    BROKEN_BY_RELEASE = "broken_by_release"
    """Its code was right, and the release breaks it: it needs another."""
    BROKEN_BEFORE = "broken_before"
    """It was wrong already."""
    NO_ACTION = "no_action"
    """It is right, or was on its own day; or it has no code."""
    NOT_JUDGED = "not_judged"
    """It has no day, or one that nothing loaded covers."""


class RowOutcome(StrEnum):
    """Outcomes of rows that the fate of their code does not say: wrong already, right on their own day, without a code."""

    EMPTY = "empty"
    """There is no code, or a word for none, as NULL."""
    MALFORMED = "malformed"
    """It cannot be a code of the system."""
    DAMAGED = "damaged"
    """It is a number, and the code that it was lost zeros."""
    NOT_IN_FORCE = "not_in_force"
    """It was unknown, expired or yet to come already."""
    HEADER = "header"
    """It was a header already, and may not be submitted."""
    ENDS_WITH_RELEASE = "ends_with_release"
    """It was right on its own day, and the release ends its code, or makes it a header."""
    CHANGED_EARLIER = "changed_earlier"
    """It was right on its own day, and was replaced before the release that is compared with."""
    NO_DAY = "no_day"
    """It has no day, or one that cannot be read."""
    UNCOVERED = "uncovered"
    """Nothing loaded covers its day."""
    OTHER_SYSTEM = "other_system"
    """It is of another code system, by a column that names the system."""


@frozen
class RowVerdict:
    """What a row needs, and why."""

    verdict: Verdict
    outcome: str
    """A fate, or a `RowOutcome`."""
    code: str | None = None
    """In official form; None of what is no code."""
    change: CodeChange | None = None
    reading: Reading | None = None
    """Of a text that is no code."""


EMPTY: Final = RowVerdict(Verdict.NO_ACTION, str(RowOutcome.EMPTY))


@define(eq=False)
class Judge:
    """Judges rows by their text and the stretch of their day (`stretch_starts`)."""

    changes: Changes
    starts: Sequence[int] = ()
    """First days of the stretches; empty where rows have no days."""
    numbers: TextNumbers | None = None
    """Which texts of the column were numbers, when all of it was seen."""
    _known: dict[tuple[str, int], RowVerdict] = field(factory=dict, repr=False)
    _days: dict[int, Edition] = field(factory=dict, repr=False)
    _origins: dict[str, Changes] = field(factory=dict, repr=False)

    @property
    def code_system(self) -> CodeSystem:
        """The system of the codes."""
        return self.changes.code_system

    def cell(self, text: str) -> Cell:
        """Return the cell of a text of the column."""
        return self.numbers.cell(text) if self.numbers else cell_of(text)

    def verdict(self, text: str | None, stretch: int = ALL_DAYS) -> RowVerdict:
        """Return what a row needs.

        Args:
            text: Of its cell (`terminology.columns.cells`).
            stretch: Number of the stretch of its day, `ALL_DAYS` or `NO_DAY`.
        """
        if text is None:
            return EMPTY
        reading = reading_of(self.cell(text), self.changes.before)
        if reading.is_empty:
            return EMPTY
        if reading.code is None:
            outcome = RowOutcome.DAMAGED if reading.candidates else RowOutcome.MALFORMED
            return RowVerdict(Verdict.BROKEN_BEFORE, str(outcome), reading=reading)
        found = self._known.get((reading.code, stretch))
        if found is None:
            found = self._judged(reading.code, stretch)
            if len(self._known) < MOST_REMEMBERED:
                self._known[reading.code, stretch] = found
        return found

    def _judged(self, code: str, stretch: int) -> RowVerdict:
        if stretch == NO_DAY:
            return RowVerdict(Verdict.NOT_JUDGED, str(RowOutcome.NO_DAY), code)
        if stretch == ALL_DAYS:
            return self._by_release(code)
        return self._by_day(code, stretch)

    def _by_release(self, code: str) -> RowVerdict:
        """Return the verdict on a row that is judged in the release before."""
        status = self.changes.before.status(code)
        change = self.changes.of(code)
        if not status.billable:
            return _wrong(code, status, change)
        verdict = Verdict.NO_ACTION if change.fate.stays else Verdict.BROKEN_BY_RELEASE
        return RowVerdict(verdict, str(change.fate), code, change)

    def _by_day(self, code: str, stretch: int) -> RowVerdict:
        """Return the verdict on a row that has a day."""
        edition = self._edition(stretch)
        status = edition.status(code)
        was_right = self.changes.before.is_billable(code)
        _, end = self._time
        if not status.billable:
            return self._wrong_on_day(code, stretch, status)
        if self._start(stretch) >= end:
            return RowVerdict(Verdict.NO_ACTION, str(Fate.UNCHANGED), code)
        if not (was_right or self.is_in_time(stretch)):
            if self.changes.after.is_billable(code):
                return RowVerdict(Verdict.NO_ACTION, str(Fate.UNCHANGED), code)
            return RowVerdict(Verdict.NO_ACTION, str(RowOutcome.CHANGED_EARLIER), code, self._since(edition, code))
        # where the release before has it not, it is of an update inside the year
        change = self.changes.of(code) if was_right else self._since(edition, code)
        outcome = str(change.fate) if change.fate.stays else str(RowOutcome.ENDS_WITH_RELEASE)
        return RowVerdict(Verdict.NO_ACTION, outcome, code, change)

    def _wrong_on_day(self, code: str, stretch: int, status: Status) -> RowVerdict:
        """Return the verdict on a row whose code may not be submitted on its day: by the release, where that took it away."""
        change = self.changes.of(code)
        has_taken = self.changes.before.is_billable(code) and not change.fate.stays
        is_later = self._start(stretch) >= self._time[0]
        if has_taken and is_later and status is not Status.UNCOVERED:
            return RowVerdict(Verdict.BROKEN_BY_RELEASE, str(change.fate), code, change)
        return _wrong(code, status, change if is_later else self._since(self._edition(stretch), code))

    def is_in_time(self, stretch: int) -> bool:
        """Return whether a stretch of days is in the time of the release before, up to the release after."""
        first, end = self._time
        return stretch >= 0 and first <= self._start(stretch) < end

    def _start(self, stretch: int) -> int:
        """Return a day of a stretch: its first, or for what is before all of them the day before."""
        return self.starts[stretch - 1] if stretch else self.starts[0] - 1

    @property
    def _time(self) -> tuple[int, int]:
        """First day of the release before, and the day on which the release after begins; open where that is earlier."""
        first, end = day_number(self.changes.before.date), day_number(self.changes.after.date)
        return first, end if end > first else OPEN

    def edition_of(self, judged: RowVerdict, stretch: int) -> Edition:
        """Return the edition that says what a row should have: of its day, or without one of the release that breaks it."""
        if stretch >= 0:
            return self._edition(stretch)
        return self.changes.after if judged.verdict is Verdict.BROKEN_BY_RELEASE else self.changes.before

    def _edition(self, stretch: int) -> Edition:
        found = self._days.get(stretch)
        if found is None:
            found = self._days[stretch] = self.code_system.on(day_of(self._start(stretch)) or self.changes.before.date)
        return found

    def _since(self, edition: Edition, code: str) -> CodeChange:
        """Return what a code of another day is in the release after."""
        release = edition.release
        if release is None or release.version == self.changes.versions[0]:
            return self.changes.of(code)
        found = self._origins.get(release.version)
        if found is None:
            found = self._origins[release.version] = self.changes.since(release.version)
        return found.of(code)

    def stretch_of(self, day: int) -> int:
        """Return the number of the stretch of a day."""
        return bisect_right(self.starts, day)


def _wrong(code: str, status: Status, change: CodeChange) -> RowVerdict:
    """Return the verdict on a code that could not be submitted already."""
    if status is Status.UNCOVERED:
        return RowVerdict(Verdict.NOT_JUDGED, str(RowOutcome.UNCOVERED), code)
    outcomes = {Status.HEADER: RowOutcome.HEADER, Status.MALFORMED: RowOutcome.MALFORMED}
    outcome = outcomes.get(status, RowOutcome.NOT_IN_FORCE)
    return RowVerdict(Verdict.BROKEN_BEFORE, str(outcome), code, change)
