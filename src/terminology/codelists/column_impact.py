"""What a new release does to columns of codes: rows by outcome, and each affected code with its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field, frozen

from ..columns import Source, cell_of, cells, days, opened_table
from ..model import Status
from ..systems import SystemDefinition
from .changes import Changes, CodeChange, Fate

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import CodeSystem

EXAMPLES: Final = 20
"""Texts that are no codes of which examples are kept; there may be any number of different ones."""


class RowOutcome(StrEnum):
    """Outcomes of rows that have no code, or none of the release before; of any other row it is the fate of its code."""

    EMPTY = "empty"
    """There is no code."""
    MALFORMED = "malformed"
    """It cannot be a code of the system."""
    NOT_IN_FORCE = "not_in_force"
    """It was unknown, expired or yet to come in the release before already."""
    OTHER_DAY = "other_day"
    """The day of the row is not one of the release before."""


@frozen
class CodeImpact:
    """An affected code of a column."""

    rows: int
    outcome: str
    """A fate, or ``not_in_force``."""
    change: CodeChange

    def to_dict(self) -> dict[str, Any]:
        """Return the code as plain values."""
        return {"rows": self.rows, "outcome": self.outcome, **self.change.to_dict()}


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
    """Rows by outcome: fates, empty, malformed, not_in_force, other_day; only those that occur."""
    codes: tuple[CodeImpact, ...] = field(repr=False)
    """The affected codes, those with the most rows first."""
    distinct: int
    """Different codes."""
    malformed: tuple[tuple[str, int], ...]
    """Examples of texts that are no codes, with their rows."""

    @property
    def affected_rows(self) -> int:
        """Rows whose code did not stay as it was."""
        untouched = {Fate.UNCHANGED, RowOutcome.EMPTY, RowOutcome.OTHER_DAY}
        return sum(count for outcome, count in self.outcomes.items() if outcome not in untouched)

    @property
    def broken_rows(self) -> int:
        """Rows whose code may not be used as before: all that are affected, except by a new title or by becoming billable."""
        stays = {Fate.RENAMED, Fate.TO_BILLABLE}
        return self.affected_rows - sum(self.outcomes.get(str(fate), 0) for fate in stays)

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
            "affected_rows": self.affected_rows,
            "broken_rows": self.broken_rows,
            "distinct": self.distinct,
            "outcomes": self.outcomes,
            "codes": [code.to_dict() for code in self.codes],
            "malformed": [{"text": text, "rows": count} for text, count in self.malformed],
        }

    to_json = to_dict
    """Former name of `to_dict`."""


@define
class _Tally:
    """The rows of one column so far: one count a code, whatever the number of rows."""

    definition: SystemDefinition
    codes: Counter[str] = field(factory=Counter)
    malformed: Counter[str] = field(factory=Counter)
    malformed_rows: int = 0
    empty: int = 0
    spellings: dict[str, str] = field(factory=dict)

    def add(self, texts: pa.Array) -> None:
        import pyarrow.compute as pc

        for item in pc.value_counts(texts).to_pylist():
            self._add(item["values"], item["counts"])

    def _add(self, text: str | None, count: int) -> None:
        if text is None or not text.strip():
            self.empty += count
            return
        text = cell_of(text).text
        code = self.spellings.get(text)
        if code is None:
            code = self._official(text)
            if code is None:
                self.malformed_rows += count
                if text in self.malformed or len(self.malformed) < EXAMPLES:
                    self.malformed[text] += count
                return
            self.spellings[text] = code
        self.codes[code] += count

    def _official(self, text: str) -> str | None:
        """Return the code of a text; of an expression (``99213:25``) that of its base."""
        code = self.definition.official(text)
        if code is None and self.definition.postcoordinated:
            code = self.definition.official(text.partition(":")[0])
        return code


def impact_on_table(
    source: Source,
    column: str | Sequence[str],
    code_system: CodeSystem,
    before: str,
    after: str,
    *,
    on: str | None = None,
    titles: bool = True,
) -> tuple[ColumnImpact, ...]:
    """Return what a release does to columns of codes: one value a column, in the order given.

    The source is read once, in stretches; memory grows with the number of different codes, never with that of rows.

    Args:
        source: Path of a Parquet file or of a CSV file with a header, or an Arrow table or stream of any library.
        column: The column of codes, or several.
        code_system: The system of the codes.
        before: Version, effective date or ``latest``: the release that the codes are of.
        after: The release that is coming.
        on: A column of days. Only rows count whose day is one of the release before: from its effective day to the
            day before the later release's; the others are counted as ``other_day``.
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
    >>> found.codes[0].change.code, found.codes[0].rows
    ('M54.5', 2)
    """
    changes = Changes(code_system, before, after, titles=titles)
    columns = [column] if isinstance(column, str) else list(column)
    tallies = {name: _Tally(code_system.definition) for name in columns}
    wanted = list(dict.fromkeys([*columns, *([on] if on else [])]))
    rows = other = 0
    table = opened_table(source)
    label = table.label
    for batch in table.batches(wanted):
        rows += batch.num_rows
        kept = _of_the_release(batch, on, changes, label) if on else batch
        other += batch.num_rows - kept.num_rows
        for name, tally in tallies.items():
            tally.add(cells(kept.column(name), name, label))
    made = (_impact(tally, changes, other) for tally in tallies.values())
    return tuple(
        evolve(impact, table=label, column=name, rows=rows) for name, impact in zip(tallies, made, strict=True)
    )


def _of_the_release(batch: pa.RecordBatch, on: str, changes: Changes, label: str) -> pa.RecordBatch:
    """Return the rows whose day is one of the release before."""
    import pyarrow as pa
    import pyarrow.compute as pc

    dates = days(batch.column(on), on, label)
    mask = pc.greater_equal(dates, pa.scalar(changes.before.date))
    if changes.before.date < changes.after.date:
        mask = pc.and_(mask, pc.less(dates, pa.scalar(changes.after.date)))
    return batch.filter(pc.fill_null(mask, fill_value=False))


def _impact(tally: _Tally, changes: Changes, other: int) -> ColumnImpact:
    """Return the impact on what was tallied; table, column and rows are the caller's to say."""
    judged = [(changes.of(code), count) for code, count in tally.codes.items()]
    found = [CodeImpact(count, _outcome(change), change) for change, count in judged]
    outcomes: Counter[str] = Counter()
    outcomes[RowOutcome.EMPTY] = tally.empty
    outcomes[RowOutcome.MALFORMED] = tally.malformed_rows
    outcomes[RowOutcome.OTHER_DAY] = other
    for code in found:
        outcomes[code.outcome] += code.rows
    affected = [code for code in found if code.outcome != Fate.UNCHANGED]
    return ColumnImpact(
        table="",
        column="",
        system=changes.code_system.name,
        before=changes.versions[0],
        after=changes.versions[1],
        rows=0,
        outcomes={name: outcomes[name] for name in _names() if outcomes[name]},
        codes=tuple(sorted(affected, key=lambda code: (-code.rows, code.change.code))),
        distinct=len(tally.codes),
        malformed=tuple(tally.malformed.most_common()),
    )


def _names() -> Iterable[str]:
    return (str(name) for kinds in (Fate, RowOutcome) for name in kinds if name is not Fate.ABSENT)


def _outcome(change: CodeChange) -> str:
    if change.status is Status.MALFORMED:
        return str(RowOutcome.MALFORMED)
    return str(RowOutcome.NOT_IN_FORCE) if change.absence else str(change.fate)
