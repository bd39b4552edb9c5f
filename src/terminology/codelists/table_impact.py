"""What a release does to the columns of codes of a table, which is read once, in batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from attrs import define, evolve, field

from ..columns import Source, TextNumbers, is_known, opened_table, roles_of, system_column
from ..columns.cells import cell_of, official_code
from .bad_texts import bad_text
from .changes import Changes, Fate
from .column_impact import CodeImpact, ColumnImpact, verdict_of
from .replacements import replacement_of
from .table_reading import TableReading, distinct_cells
from .verdicts import Judge, RowOutcome, Verdict

if TYPE_CHECKING:
    from ..query import CodeSystem

MOST_TEXTS: Final = 100_000
"""Different texts that are no codes of which each is counted; there may be any number of them."""
ORDER: Final = tuple(Verdict)


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
    sheet: str | None = None,
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
        sheet: The sheet of a workbook; without, it is the only one with a column of codes.
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

    def is_code(text: str) -> bool:
        return is_known(text, changes.before)

    named = [column] if isinstance(column, str) else list(column or ())
    table = opened_table(source, columns=named, is_code=is_code, sheet=sheet)
    systems = system_column(table)
    roles = roles_of(
        table,
        codes=named,
        day=on,
        day_format=day_format,
        row_id=row_id,
        system=systems,
        is_code=is_code,
        numbered=True,
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
    found: defaultdict[tuple[str, str, Verdict], Counter[tuple[str, int]]] = defaultdict(Counter)
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
            found[judged.code, judged.outcome, judged.verdict][text, stretch] += count
    texts = []
    for text, count in bad.most_common():
        judged = tally.judge.verdict(text)
        outcomes[judged.outcome] += count
        if judged.reading is not None:
            texts.append(bad_text(tally.judge.cell(text), count, judged.reading, changes.before))
    codes = [_code_impact(places, tally.judge) for places in found.values()]
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


def _code_impact(places: Counter[tuple[str, int]], judge: Judge) -> CodeImpact:
    """Return an affected code, by the rows of each of its texts and stretches of days."""
    # why it is wrong may differ by the day: where most rows are decides
    [((text, stretch), _)] = places.most_common(1)
    judged = judge.verdict(text, stretch)
    change = judged.change
    assert change is not None  # noqa: S101 -- for the type checker: only such verdicts are kept
    if judged.verdict is not Verdict.BROKEN_BEFORE:
        instead = () if change.fate.stays else change.alternatives
        return CodeImpact(places.total(), judged.outcome, change, judged.verdict, instead)
    found = replacement_of(text, judged, judge, stretch)
    return CodeImpact(places.total(), judged.outcome, change, judged.verdict, found.alternatives, found.reason)


def _names() -> Iterable[str]:
    return (str(name) for kinds in (Fate, RowOutcome) for name in kinds if name is not Fate.ABSENT)
