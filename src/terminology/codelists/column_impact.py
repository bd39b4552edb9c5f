"""What a release does to a column of codes, as a value: rows by verdict and outcome, and each affected code with its rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from attrs import evolve, field, frozen

from ..columns import (
    Roles,
)
from ..licences import unquoted
from .bad_texts import BadText
from .changes import CodeChange, Fate
from .verdicts import Judge, RowOutcome, Verdict


@frozen
class CodeImpact:
    """An affected code of a column."""

    rows: int
    """With the code."""
    outcome: str
    """A fate, or a `RowOutcome`."""
    change: CodeChange
    """What the release after makes of it."""
    verdict: Verdict = Verdict.BROKEN_BY_RELEASE
    """Whether the release breaks it, or it was wrong before."""
    instead: tuple[tuple[str, ...], ...] = ()
    """What may be used in its place, as alternatives of codes that are used together."""
    why: str = ""
    """Why it was wrong already, by the edition of the day of its rows; empty where it was not."""

    @property
    def reason(self) -> str:
        """Why it was wrong already, or what is not known of its replacement; empty where neither is so."""
        return self.why or self.change.reason or ""

    def to_dict(self) -> dict[str, Any]:
        """Return the code as plain values."""
        return {
            "rows": self.rows,
            "verdict": str(self.verdict),
            "outcome": self.outcome,
            "instead": [list(group) for group in self.instead],
            "absence": self.change.absence,
            "why": self.why,
            **self.change.to_dict(),
        }


@frozen(eq=False)
class ColumnImpact:
    """What a release does to one column of codes."""

    table: str
    """Name of the file, or the kind of table."""
    column: str
    """Name of the column of codes."""
    system: str
    """Short name of the code system."""
    before: str
    """Version of the release before."""
    after: str
    """Version of the release after."""
    rows: int
    """All rows of the table."""
    outcomes: dict[str, int]
    """Rows by outcome: fates and those of `RowOutcome`; only those that occur."""
    codes: tuple[CodeImpact, ...] = field(repr=False)
    """The affected codes: those that the release breaks first, then by their rows."""
    distinct: int
    """Different codes."""
    verdicts: dict[str, int] = field(factory=dict)
    """Rows by verdict: broken_by_release, broken_before, no_action, not_judged."""
    bad_texts: tuple[BadText, ...] = field(default=(), repr=False)
    """The texts that are no codes, those with the most rows first."""
    broken_in_time: int | None = None
    """Rows that the release breaks and whose day is in the time of the release before: an update inside the year has taken
    their code away. None where rows have no days."""
    uncounted: int = 0
    """Rows with a text that is no code and not among these: there are too many different ones."""
    roles: Roles | None = None
    """What the columns of the table hold."""
    warnings: tuple[str, ...] = ()
    """What was noticed while the table was read, a sentence each."""
    judge: Judge | None = field(default=None, repr=False)
    """Judges single rows, as `affected_rows` needs it."""

    @property
    def malformed(self) -> tuple[tuple[str, int], ...]:
        """The texts that are no codes, with their rows."""
        return tuple((found.text, found.rows) for found in self.bad_texts)

    @property
    def broken_by_release(self) -> int:
        """Rows that were right, and that the release breaks."""
        return self.verdicts.get(Verdict.BROKEN_BY_RELEASE, 0)

    @property
    def broken_before(self) -> int:
        """Rows that were wrong already."""
        return self.verdicts.get(Verdict.BROKEN_BEFORE, 0)

    @property
    def ends_with_release(self) -> int:
        """Rows that were right on their own day, and whose code the release ends; 0 where rows have no days."""
        return self.outcomes.get(RowOutcome.ENDS_WITH_RELEASE, 0)

    @property
    def affected_rows(self) -> int:
        """Rows that are broken, by the release or before, or whose code ends or has another description."""
        changed = (Fate.RENAMED, Fate.TO_BILLABLE, RowOutcome.ENDS_WITH_RELEASE)
        return self.broken_rows + sum(self.outcomes.get(outcome, 0) for outcome in changed)

    @property
    def broken_rows(self) -> int:
        """Rows that are broken, by the release or before."""
        return self.broken_by_release + self.broken_before

    def codes_of(self, verdict: str) -> tuple[CodeImpact, ...]:
        """Return the affected codes of a verdict."""
        return tuple(code for code in self.codes if code.verdict == verdict)

    def outcomes_of(self, verdict: str) -> dict[str, int]:
        """Return the rows of a verdict by outcome."""
        return {name: count for name, count in self.outcomes.items() if verdict_of(name) == verdict}

    def without_texts(self, _open_properties: Iterable[str] = ()) -> ColumnImpact:
        """Return the impact without the publisher's words; the texts of the column itself stay."""
        codes = (evolve(code, change=code.change.without_texts(), why=unquoted(code.why)) for code in self.codes)
        return evolve(self, codes=tuple(codes))

    def to_dict(self) -> dict[str, Any]:
        """Return the impact as plain values."""
        return {
            "table": self.table,
            "column": self.column,
            "system": self.system,
            "before": self.before,
            "after": self.after,
            "rows": self.rows,
            **{str(verdict): self.verdicts.get(verdict, 0) for verdict in Verdict},
            "broken_by_release_in_time": self.broken_in_time,
            "ends_with_release": self.ends_with_release,
            "affected_rows": self.affected_rows,
            "broken_rows": self.broken_rows,
            "distinct": self.distinct,
            "outcomes": self.outcomes,
            "codes": [code.to_dict() for code in self.codes],
            "malformed": [{"text": text, "rows": count} for text, count in self.malformed],
            "bad_texts": [found.to_dict() for found in self.bad_texts],
            "bad_texts_uncounted_rows": self.uncounted,
            "columns": self.roles.to_dict() if self.roles else None,
            "warnings": list(self.warnings),
        }

    to_json = to_dict
    """Former name of `to_dict`."""


BROKEN_BEFORE: Final = frozenset({RowOutcome.MALFORMED, RowOutcome.DAMAGED, RowOutcome.NOT_IN_FORCE, RowOutcome.HEADER})
NOT_JUDGED: Final = frozenset({RowOutcome.NO_DAY, RowOutcome.UNCOVERED})
NO_ACTION: Final = frozenset(
    {
        *(RowOutcome.EMPTY, RowOutcome.ENDS_WITH_RELEASE, RowOutcome.CHANGED_EARLIER, RowOutcome.OTHER_SYSTEM),
        *(fate for fate in Fate if fate.stays),
    }
)


def verdict_of(outcome: str) -> Verdict:
    """Return the verdict on all rows of an outcome.

    >>> str(verdict_of("to_header")), str(verdict_of("header")), str(verdict_of("renamed"))
    ('broken_by_release', 'broken_before', 'no_action')
    """
    if outcome in BROKEN_BEFORE:
        return Verdict.BROKEN_BEFORE
    if outcome in NOT_JUDGED:
        return Verdict.NOT_JUDGED
    return Verdict.NO_ACTION if outcome in NO_ACTION else Verdict.BROKEN_BY_RELEASE
