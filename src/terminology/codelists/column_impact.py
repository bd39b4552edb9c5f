"""What a new release does to columns of codes: what it breaks, what was broken before, and each affected code with its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field, frozen

from ..columns import (
    Roles,
    Source,
    TextNumbers,
    is_known,
    opened_table,
    roles_of,
    system_column,
)
from ..columns.cells import cell_of, official_code
from .bad_texts import BadText, bad_text
from .changes import Changes, CodeChange, Fate
from .table_reading import TableReading, distinct_cells
from .verdicts import Judge, RowOutcome, RowVerdict, Verdict

if TYPE_CHECKING:
    from ..query import CodeSystem

MOST_TEXTS: Final = 100_000
"""Different texts that are no codes of which each is counted; there may be any number of them."""


@frozen
class CodeImpact:
    """An affected code of a column."""

    rows: int
    outcome: str
    """A fate, or a `RowOutcome`."""
    change: CodeChange
    verdict: Verdict = Verdict.BROKEN_BY_RELEASE
    instead: tuple[tuple[str, ...], ...] = ()
    """What may be used in its place, as alternatives of codes that are used together."""

    @property
    def reason(self) -> str:
        """Why it was wrong already, or what is not known of its replacement; empty where neither is so."""
        return self.change.absence or self.change.reason or ""

    def to_dict(self) -> dict[str, Any]:
        """Return the code as plain values."""
        return {
            "rows": self.rows,
            "verdict": str(self.verdict),
            "outcome": self.outcome,
            "instead": [list(group) for group in self.instead],
            "absence": self.change.absence,
            **self.change.to_dict(),
        }


@frozen(eq=False)
class ColumnImpact:
    """What a release does to one column of codes."""

    table: str
    column: str
    system: str
    before: str
    after: str
    rows: int
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
        return evolve(self, codes=tuple(evolve(code, change=code.change.without_texts()) for code in self.codes))

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


@define
class _Tally:
    """The rows of one column so far: one count a text and stretch of days, whatever the number of rows."""

    judge: Judge
    numbers: TextNumbers
    texts: Counter[tuple[str, int]] = field(factory=Counter)
    """Rows by text and stretch, of what may be a code."""
    bad: Counter[str] = field(factory=Counter)
    """Rows by text, of what cannot be one."""
    empty: int = 0
    uncounted: int = 0
    _shaped: dict[str, bool] = field(factory=dict)

    def add(self, texts: Iterable[str | None], stretches: Iterable[int], counts: Iterable[int]) -> None:
        """Add texts with their stretches and numbers of rows."""
        for text, stretch, count in zip(texts, stretches, counts, strict=True):
            if text is None or not text.strip():
                self.empty += count
            elif self._may_be_code(text):
                self.texts[text, stretch] += count
            elif text in self.bad or len(self.bad) < MOST_TEXTS:
                self.bad[text] += count
            else:
                self.uncounted += count

    def _may_be_code(self, text: str) -> bool:
        found = self._shaped.get(text)
        if found is None:
            cell = cell_of(text)
            if not cell.is_number:
                self.numbers.see(cell.text)
            # what a number may have been is decided when all of the column was seen
            found = cell.is_number or official_code(cell.text, self.judge.code_system.definition) is not None
            if found:
                self._shaped[text] = found
        return found


def impact_on_table(
    source: Source,
    column: str | Sequence[str] | None,
    code_system: CodeSystem,
    before: str,
    after: str,
    *,
    on: str | None = None,
    day_format: str | None = None,
    row_id: str | None = None,
    titles: bool = True,
) -> tuple[ColumnImpact, ...]:
    """Return what a release does to columns of codes: one value a column, in the order given.

    The source is read once, in batches; memory grows with the number of different codes, never with that of rows. Of
    texts that are no codes, the first 100,000 different ones are counted one by one, the others together.

    Args:
        source: A table in any form: path of delimited text, of a Parquet file or of a workbook, or an Arrow table or
            stream of any library.
        column: The column of codes, or several; None to find it by its name or its content.
        code_system: The system of the codes. Rows of another are left out, where a column names the system of each.
        before: Version, effective date or ``latest``: the release in use.
        after: The release that is coming.
        on: A column of days, by which each row is judged on its own day.
        day_format: The form of its days, like ``%m/%d/%Y``, where the column does not show it.
        row_id: A column of ids, for `affected_rows`.
        titles: Whether titles are given; False for what leaves the process without a licence for them.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: A column is missing, or holds something else.
        UnknownReleaseError: The store has no such release.

    >>> import pyarrow
    >>> claims = pyarrow.table({"dx": ["M54.5", "m545", "E11.9", "W21.89A", "?", None]})
    >>> [found] = impact_on_table(claims, "dx", store["icd10cm"], "2021", "2022")
    >>> found.outcomes
    {'unchanged': 1, 'to_header': 2, 'empty': 1, 'malformed': 1, 'not_in_force': 1}
    >>> found.verdicts
    {'broken_by_release': 2, 'broken_before': 2, 'no_action': 2}
    >>> found.codes[0].change.code, found.codes[0].rows
    ('M54.5', 2)
    """
    changes = Changes(code_system, before, after, titles=titles)
    table = opened_table(source)
    named = [column] if isinstance(column, str) else list(column or ())
    systems = system_column(table)
    roles = roles_of(
        table,
        codes=named,
        day=on,
        day_format=day_format,
        row_id=row_id,
        system=systems,
        is_code=lambda text: is_known(text, changes.before),
    )
    reading = TableReading.of(table, roles, code_system)
    tallies = {
        name: _Tally(Judge(changes, reading.starts), TextNumbers(code_system.definition)) for name in roles.codes
    }
    rows = 0
    for batch, stretches in reading.batches():
        rows += batch.num_rows
        for name, tally in tallies.items():
            tally.add(*distinct_cells(batch.column(name), stretches, name, table.label))
    left_out = reading.left_out
    roles = evolve(roles, left_out=left_out)
    warnings = (*table.warnings, *reading.warnings)
    made = []
    for name, tally in tallies.items():
        impact = _impact(tally, changes, sum(left_out.values()))
        total = rows + sum(left_out.values())
        made.append(evolve(impact, table=table.label, column=name, rows=total, roles=roles, warnings=warnings))
    return tuple(made)


def _impact(tally: _Tally, changes: Changes, left_out: int) -> ColumnImpact:
    """Return the impact on what was tallied; table, column and rows are the caller's to say."""
    tally.judge.numbers = tally.numbers
    found: Counter[tuple[str, str, Verdict]] = Counter()
    of_codes: dict[tuple[str, str, Verdict], RowVerdict] = {}
    bad = Counter(tally.bad)
    outcomes: Counter[str] = Counter()
    outcomes[RowOutcome.EMPTY] = tally.empty
    outcomes[RowOutcome.MALFORMED] = tally.uncounted
    outcomes[RowOutcome.OTHER_SYSTEM] = left_out
    distinct = set()
    in_time = 0
    for (text, stretch), count in tally.texts.items():
        judged = tally.judge.verdict(text, stretch)
        if judged.code is None and judged.reading is not None:
            bad[text] += count
            continue
        outcomes[judged.outcome] += count
        if judged.verdict is Verdict.BROKEN_BY_RELEASE and tally.judge.is_in_time(stretch):
            in_time += count
        if judged.code is not None:
            distinct.add(judged.code)
        if judged.code is not None and judged.change is not None and judged.outcome != Fate.UNCHANGED:
            key = (judged.code, judged.outcome, judged.verdict)
            found[key] += count
            of_codes.setdefault(key, judged)
    texts = []
    for text, count in bad.most_common():
        judged = tally.judge.verdict(text)
        outcomes[judged.outcome] += count
        if judged.reading is not None:
            texts.append(bad_text(tally.judge.cell(text), count, judged.reading, changes.before))
    codes = [_code_impact(of_codes[key], count, changes) for key, count in found.items()]
    verdicts: Counter[str] = Counter()
    for outcome, count in outcomes.items():
        verdicts[verdict_of(outcome)] += count
    return ColumnImpact(
        table="",
        column="",
        system=changes.code_system.name,
        before=changes.versions[0],
        after=changes.versions[1],
        rows=0,
        outcomes={name: outcomes[name] for name in _names() if outcomes[name]},
        codes=tuple(sorted(codes, key=lambda code: (ORDER.index(code.verdict), -code.rows, code.change.code))),
        distinct=len(distinct),
        verdicts={str(verdict): verdicts[verdict] for verdict in Verdict if verdicts[verdict]},
        bad_texts=tuple(texts),
        broken_in_time=in_time if tally.judge.starts else None,
        uncounted=tally.uncounted,
        judge=tally.judge,
    )


ORDER: Final = tuple(Verdict)


def _code_impact(judged: RowVerdict, rows: int, changes: Changes) -> CodeImpact:
    change = judged.change
    assert change is not None  # noqa: S101 -- for the type checker: only such verdicts are kept
    return CodeImpact(rows, judged.outcome, change, judged.verdict, judged.instead(changes.before))


def _names() -> Iterable[str]:
    return (str(name) for kinds in (Fate, RowOutcome) for name in kinds if name is not Fate.ABSENT)
