"""Migrate a column of codes to a release, or translate it to another system: each different code once, all rows at once.

Claims of ten years go to one release in one call: each row is migrated from what its code meant on its own day. Between
two days on which anything changes, a release or a published map, that is the same, so a code is followed once for
each such stretch of days, however many rows have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from ..errors import TerminologyError
from ..model import Translation
from ..periods import day_number, day_of
from ..query import CodeSystem, Edition, Terminology, engine_of, opened_store
from .answers import BATCH_ROWS, side_by_side
from .arrays import taken
from .becoming import OUTCOMES, Answers, Becoming, Codes, Follow
from .day_reading import DayReading
from .days import DayForm
from .following import (
    MOST_CELLS,
    Days,
    OwnCells,
    OwnStretches,
    PlainCells,
    changes_of,
    crossing_days,
    one_day,
    stretches_of,
)
from .frames import Frame, answered, column_of, rows_at, with_columns

if TYPE_CHECKING:
    import pyarrow as pa

Policy = Literal["all", "unique", "first"]
POLICIES: Final = ("all", "unique", "first")
Numbers = Any
"""A numpy array of numbers."""


def migrate(
    table: Frame,
    *,
    system: str,
    code: str = "dx",
    origin: Any,
    target: Any = "latest",
    policy: Policy = "all",
    explode: bool = False,
    billable: bool = False,
    day_format: str | DayForm | None = None,
    store: Terminology | str | None = None,
) -> pa.Table | pa.RecordBatchReader:
    """Return a table with what each code becomes in a release of its system, from what it was on its own day.

    To a column ``dx`` come ``dx_outcome`` (mapped, none, unknown: as of `CodeSystem.migrate`) and ``dx_targets``: with
    policy ``all`` every alternative, each a list of codes that are used together; with ``unique`` the codes of the only
    alternative, null where there are several; with ``first`` those of the first one. Then ``dx_dropped`` counts the
    alternatives that the policy left out. With ``explode`` a row comes once for each code, with ``dx_target``, the number
    of its ``dx_alternative`` and its ``dx_position`` in it, counted from 1; a row without any comes once, with nulls.
    A row never raises: what is no code, or has no day, is unknown.

    Args:
        table: Of any library that speaks Arrow.
        system: The code system, by any name.
        code: The column of codes.
        origin: The release or the day that the codes are from, or a column of days.
        target: The release to migrate to, by version or effective day, or ``latest``.
        policy: Which alternatives to give: ``all``, ``unique`` or ``first``.
        explode: Whether to give a row for each code.
        billable: Whether a header is followed to the billable codes below it.
        day_format: How the column of days is written, like ``%m/%d/%Y``; None to find it by what its days show.
        store: An open store or its folder; by default that of `terminology.open`.

    Raises:
        TerminologyError: A column is missing, or is there already; there is no such code system, release or policy.

    >>> import pyarrow
    >>> claims = pyarrow.table({"dx": ["M54.5", "E11.9", "M54.5"], "day": ["2021-01-05", "2021-01-05", "2021-11-05"]})
    >>> found = migrate(claims, system="icd10cm", origin="day", target="2022", store=store)
    >>> found.column("dx_targets").to_pylist()
    [[['M54.50'], ['M54.51'], ['M54.59']], [['E11.9']], [['M54.5']]]
    """
    opened = opened_store(store)
    code_system = opened[system]
    edition = code_system.release(target)
    as_of = engine_of(edition)
    asked = f"became {as_of.asked} {billable}"
    becoming = as_of.system.keep((asked, as_of.knowledge), lambda: _migration(code_system, edition, billable=billable))
    shape = (_checked(policy), explode)
    reading = DayReading(origin, day_format)

    def answer(rows: pa.Table) -> pa.Table:
        return _with_targets(rows, code, stretches_of(reading.of(rows), origin, code_system), becoming, shape)

    return answered(table, answer)


def translate(
    table: Frame,
    *,
    source: str,
    target: str,
    code: str = "dx",
    on: Any = None,
    policy: Policy = "all",
    explode: bool = False,
    billable: bool = False,
    crosswalk: str | Sequence[str] | None = None,
    corrected: bool = False,
    day_format: str | DayForm | None = None,
    store: Terminology | str | None = None,
) -> pa.Table | pa.RecordBatchReader:
    """Return a table with what each code is in another code system, as `Terminology.translate` says.

    The columns that are added, and what may be asked, are those of `migrate`.

    Args:
        table: Of any library that speaks Arrow.
        source: Code system of the codes, by any name.
        target: Code system to translate to.
        code: The column of codes.
        on: The day, or the column of days, whose edition of the target is asked; None for its newest release.
        policy: Which alternatives to give: ``all``, ``unique`` or ``first``.
        explode: Whether to give a row for each code.
        billable: Whether a header that a map leads to is followed to the billable codes below it.
        crosswalk: Name of the crosswalk to use, or several in order.
        corrected: Whether what a later version of a crosswalk corrected counts for the version of the day.
        day_format: How the column of days is written, like ``%m/%d/%Y``; None to find it by what its days show.
        store: An open store or its folder; by default that of `terminology.open`.

    Raises:
        TerminologyError: A column is missing, or is there already; there is no such code system, crosswalk or policy.

    >>> import pyarrow
    >>> old = pyarrow.table({"dx": ["250.00", "nonsense"]})
    >>> found = translate(old, source="icd9cm", target="icd10cm", store=store, policy="unique")
    >>> found.select(["dx_outcome", "dx_targets", "dx_dropped"]).to_pylist()
    [{'dx_outcome': 'mapped', 'dx_targets': ['E11.9'], 'dx_dropped': 0},
     {'dx_outcome': 'unknown', 'dx_targets': None, 'dx_dropped': 0}]
    """
    opened = opened_store(store)
    shape = (_checked(policy), explode)

    def follow(text: str, day: int | None) -> Translation:
        return opened.translate(
            text,
            source=source,
            target=target,
            on=None if day is None else day_of(day),
            crosswalk=crosswalk,
            billable=billable,
            corrected=corrected,
        )

    names = crosswalk if isinstance(crosswalk, str) else (*(crosswalk or ()),)
    asked = repr(("became", source, target, names, billable, corrected))
    reading = DayReading(on, day_format)
    crossing = crossing_days(opened, source, target)
    becoming = _translation(opened, (source, target), follow, crossing, asked)

    def answer(rows: pa.Table) -> pa.Table:
        days = stretches_of(reading.of(rows), on, opened[target], crossing) if on is not None else one_day(rows, None)
        return _with_targets(rows, code, days, becoming, shape)

    return answered(table, answer)


def _checked(policy: str) -> str:
    if policy not in POLICIES:
        raise TerminologyError(f"no policy {policy!r}: expected one of {', '.join(POLICIES)}")
    return policy


def _migration(system: CodeSystem, edition: Edition, *, billable: bool) -> Becoming:
    """Return what the codes of a system become in an edition, none of them asked yet but those that become themselves."""
    own = own_stretches(system, edition)
    cells = OwnCells(own, changes_of(system))
    follow = followed(system, edition, billable=billable)
    return Becoming(own.system, cells, follow, (own.untouched, cells.first_of(own.untouched)))


def _translation(store: Terminology, names: tuple[str, str], follow: Follow, crossing: Numbers, asked: str) -> Becoming:
    """Return what the codes of a system are in another one; the open store keeps it."""
    import numpy as np

    source, target = (store.get(name) for name in names)
    if source is None or target is None:
        return Becoming(None, None, follow)
    compiled = engine_of(source.latest).system
    cells = PlainCells(compiled.codes.count, np.union1d(changes_of(target), crossing))
    whole = cells if cells.count <= MOST_CELLS else None
    return compiled.keep((asked, 0), lambda: Becoming(compiled, whole, follow))


def own_stretches(system: CodeSystem, edition: Edition) -> OwnStretches:
    """Return the stretches in which each code becomes the same in an edition; they are made once."""
    as_of = engine_of(edition)
    return as_of.system.keep((f"own stretches {as_of.asked}", as_of.knowledge), lambda: OwnStretches(system, as_of))


def followed(system: CodeSystem, target: Any, *, billable: bool) -> Callable[[str, int | None], Translation]:
    """Return a function that migrates a code from a day to a release."""
    from ..query.answers import Answers
    from ..query.migration import migrated

    after = Answers(engine_of(target))
    compiled = after.as_of.system

    def follow(text: str, day: int | None) -> Translation:
        before = Answers(compiled.as_of(day_number(system.latest.date) if day is None else day))
        return migrated(text, before, after, compiled.successions, billable=billable)

    return follow


# ---- rows


def _with_targets(rows: pa.Table, code: str, days: Days, becoming: Becoming, shape: tuple[str, bool]) -> pa.Table:
    policy, explode = shape
    numbers, answers = becoming.of(column_of(rows, code), code, days)
    if explode:
        return _exploded(rows, code, numbers, answers.exploded(policy))
    return with_columns(rows, _listed(code, numbers, answers, policy))


def _listed(code: str, numbers: Numbers, answers: Answers, policy: str) -> dict[str, Any]:
    import pyarrow as pa

    names = pa.array([str(outcome) for outcome in OUTCOMES])
    columns = answers.listed(policy)

    def made(start: int) -> list[pa.Array]:
        indices = pa.array(numbers[start : start + BATCH_ROWS])
        outcome = pa.DictionaryArray.from_arrays(answers.outcomes.take(indices), names)
        return [outcome, *(column.take(indices) for column in columns.values())]

    parts = side_by_side(made, len(numbers))
    found = [pa.chunked_array([part[place] for part in parts]) for place in range(1 + len(columns))]
    return {f"{code}_{name}": column for name, column in zip(("outcome", *columns), found, strict=True)}


def _exploded(rows: pa.Table, code: str, numbers: Numbers, codes: Codes) -> pa.Table:
    """Return a row for each code of each alternative; one without any for a row that has none."""
    import numpy as np
    import pyarrow as pa

    def made(start: int) -> pa.Table:
        own = numbers[start : start + BATCH_ROWS]
        counts = codes.lengths[own]
        ends = np.cumsum(counts, dtype=np.int64)
        repeated = pa.array(np.repeat(np.arange(len(own), dtype=np.int32), counts))
        # what the first code of a row has, counted on for the others
        places = pa.array(np.arange(counts.sum()) + np.repeat(codes.starts[own] - ends + counts, counts))
        part = rows_at(rows.slice(start, BATCH_ROWS), repeated)
        return with_columns(part, {f"{code}_{name}": taken(column, places) for name, column in codes.columns.items()})

    return pa.concat_tables(side_by_side(made, rows.num_rows))
