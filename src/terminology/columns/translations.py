"""Migrate a column of codes to a release, or translate it to another system: each different code once, all rows at once.

Claims of ten years go to one release in one call: each row is migrated from what its code meant on its own day. Between
two days on which anything changes, a release or a published map, that is the same, so a code is followed once for
each such stretch of days, however many rows have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from ..errors import TerminologyError
from ..model import Outcome, Translation
from ..periods import day_number, day_of
from ..query import CodeSystem, Edition, Terminology, engine_of, opened_store
from .answers import BATCH_ROWS, side_by_side
from .day_reading import DayReading
from .days import DayForm
from .following import Became, Days, OwnStretches, crossing_days, each_once, memory_of, one_day, stretches_of
from .frames import Frame, answered, column_of, rows_at, with_columns

if TYPE_CHECKING:
    import pyarrow as pa

Policy = Literal["all", "unique", "first"]
POLICIES: Final = ("all", "unique", "first")
OUTCOMES: Final = tuple(Outcome)
Numbers = Any
"""A numpy array of numbers."""
Answer = TypeVar("Answer")
Follow = Callable[[str, "int | None"], Answer]
"""What a text of a day becomes."""


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
    own = own_stretches(code_system, edition)
    follow = followed(code_system, edition, billable=billable)
    remembered = _remembered(follow, (as_of.asked, as_of.knowledge, billable), code_system, own.untouched)
    shape = (_checked(policy), explode)
    reading = DayReading(origin, day_format)

    def answer(rows: pa.Table) -> pa.Table:
        return _with_targets(rows, code, stretches_of(reading.of(rows), origin, code_system), (remembered, own), shape)

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
        )

    asked = (source, target, crosswalk if isinstance(crosswalk, str) else tuple(crosswalk or ()), billable)
    reading = DayReading(on, day_format)
    crossing = crossing_days(opened, source, target)
    remembered = _remembered(follow, asked, opened.get(source, opened.get(target)))

    def answer(rows: pa.Table) -> pa.Table:
        days = stretches_of(reading.of(rows), on, opened[target], crossing) if on is not None else one_day(rows, None)
        return _with_targets(rows, code, days, (remembered, None), shape)

    return answered(table, answer)


def _checked(policy: str) -> str:
    if policy not in POLICIES:
        raise TerminologyError(f"no policy {policy!r}: expected one of {', '.join(POLICIES)}")
    return policy


def _remembered(
    follow: Follow[Translation],
    asked: tuple[Any, ...],
    system: CodeSystem | None,
    untouched: frozenset[str] = frozenset(),
) -> Follow[Became]:
    """Return a function that follows a code as another one does, unless it did so before, or the code is untouched."""
    memory = memory_of(system)

    def answer(text: str, day: int | None) -> Became:
        if text in untouched:
            return Became(Outcome.MAPPED, ((text,),))
        return memory.answer((*asked, text, day), lambda: follow(text, day))

    return answer


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


def _with_targets(
    rows: pa.Table,
    code: str,
    days: Days,
    following: tuple[Follow[Became], OwnStretches | None],
    shape: tuple[str, bool],
) -> pa.Table:
    policy, explode = shape
    numbers, found = each_once(column_of(rows, code), code, days, *following)
    made = [Became(one.outcome, ()) if isinstance(one, Translation) else one for one in found]
    if explode:
        return _exploded(rows, code, numbers, [_kept(one, policy)[0] for one in made])
    return with_columns(rows, _listed(code, numbers, made, policy))


def _kept(found: Became, policy: str) -> tuple[Sequence[tuple[str, ...]], int]:
    """Return the alternatives that a policy keeps, and the number of those that it leaves out."""
    groups = found.groups
    if policy == "all" or not groups:
        return groups, 0
    kept = groups[:1] if policy == "first" or len(groups) == 1 else ()
    return kept, len(groups) - len(kept)


def _listed(code: str, numbers: Numbers, made: Sequence[Became], policy: str) -> dict[str, Any]:
    import pyarrow as pa

    kept = [_kept(found, policy) for found in made]
    outcomes = pa.array([OUTCOMES.index(found.outcome) for found in made], pa.int8())
    names = pa.array([str(outcome) for outcome in OUTCOMES])
    alternatives = pa.list_(pa.string())
    if policy == "all":
        columns = {"targets": pa.array([groups for groups, _ in kept], pa.list_(alternatives))}
    else:
        targets = pa.array([groups[0] if groups else None for groups, _ in kept], alternatives)
        columns = {"targets": targets, "dropped": pa.array([dropped for _, dropped in kept], pa.int32())}

    def taken(start: int) -> list[pa.Array]:
        indices = pa.array(numbers[start : start + BATCH_ROWS])
        outcome = pa.DictionaryArray.from_arrays(outcomes.take(indices), names)
        return [outcome, *(column.take(indices) for column in columns.values())]

    parts = side_by_side(taken, len(numbers))
    found = [pa.chunked_array([part[place] for part in parts]) for place in range(1 + len(columns))]
    return {f"{code}_{name}": column for name, column in zip(("outcome", *columns), found, strict=True)}


def _exploded(rows: pa.Table, code: str, numbers: Numbers, kept: Sequence[Sequence[tuple[str, ...]]]) -> pa.Table:
    """Return a row for each code of each alternative; one without any for a row that has none."""
    import numpy as np
    import pyarrow as pa

    flat: list[list[tuple[Any, ...]]] = [[*_codes(groups)] or [(None, None, None)] for groups in kept]
    lengths = np.array([len(one) for one in flat], dtype=np.int32)
    starts = np.cumsum(lengths, dtype=np.int32) - lengths
    kinds = {"target": pa.string(), "alternative": pa.int32(), "position": pa.int32()}
    columns = {
        f"{code}_{name}": pa.array([item[place] for one in flat for item in one], kind)
        for place, (name, kind) in enumerate(kinds.items())
    }

    def taken(start: int) -> pa.Table:
        own = numbers[start : start + BATCH_ROWS]
        counts = lengths[own] if len(own) else np.zeros(0, dtype=np.int32)
        ends = np.cumsum(counts, dtype=np.int64)
        repeated = pa.array(np.repeat(np.arange(len(own), dtype=np.int32), counts))
        first = starts[own] if len(own) else counts
        # what the first code of a row has, counted on for the others
        places = np.arange(counts.sum()) + np.repeat(first - ends + counts, counts)
        part = rows_at(rows.slice(start, BATCH_ROWS), repeated)
        return with_columns(part, {name: column.take(pa.array(places)) for name, column in columns.items()})

    return pa.concat_tables(side_by_side(taken, rows.num_rows))


def _codes(groups: Sequence[Sequence[str]]) -> Iterator[tuple[str, int, int]]:
    for number, group in enumerate(groups, 1):
        for position, code in enumerate(group, 1):
            yield code, number, position
