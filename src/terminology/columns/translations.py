"""Migrate a column of codes to a release, or translate it to another system: each different code once, all rows at once.

Claims of ten years go to one release in one call: each row is migrated from what its code meant on its own day. Between
two days on which anything changes, a release or a published map, that is the same, so a code is followed once for
each such stretch of days, however many rows have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from ..errors import TerminologyError
from ..model import Outcome, Translation
from ..periods import OPEN, day_number, day_of
from ..query import CodeSystem, Terminology, engine_of, opened_store
from .arrays import cells
from .cells import cell_of
from .day_columns import day_numbers
from .frames import Frame, answered, column_of, with_columns
from .placing import NO_DAY, day_asked

if TYPE_CHECKING:
    import pyarrow as pa

Policy = Literal["all", "unique", "first"]
POLICIES: Final = ("all", "unique", "first")
OUTCOMES: Final = tuple(Outcome)
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
    follow = followed(code_system, code_system.release(target), billable=billable)
    shape = (_checked(policy), explode)

    def answer(rows: pa.Table) -> pa.Table:
        return _with_targets(rows, code, stretches_of(rows, origin, code_system), follow, shape)

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

    def answer(rows: pa.Table) -> pa.Table:
        days = stretches_of(rows, on, opened[target]) if on is not None else _one_day(rows, None)
        return _with_targets(rows, code, days, follow, shape)

    return answered(table, answer)


def _checked(policy: str) -> str:
    if policy not in POLICIES:
        raise TerminologyError(f"no policy {policy!r}: expected one of {', '.join(POLICIES)}")
    return policy


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


# ---- days


class Days(NamedTuple):
    """For each row the number of the stretch of its day, and a day of each stretch; `NO_DAY` where a row has none."""

    stretches: Numbers
    samples: Sequence[int | None]


def _one_day(rows: pa.Table, day: int | None) -> Days:
    import numpy as np

    return Days(np.zeros(rows.num_rows, dtype=np.int64), [day])


def stretches_of(rows: pa.Table, origin: Any, system: CodeSystem) -> Days:
    """Return the stretches of days in which nothing changes, of releases or of published maps."""
    import numpy as np

    asked = day_asked(origin, system, rows.column_names)
    if isinstance(asked, int):
        return _one_day(rows, asked)
    read = [day_numbers(chunk, asked, "the table")[0] for chunk in column_of(rows, asked).chunks]
    if not read:
        return _one_day(rows, None)
    return stretches_of_days(
        np.concatenate([chunk.fill_null(OPEN).to_numpy(zero_copy_only=False) for chunk in read]), system
    )


def stretches_of_days(days: Numbers, system: CodeSystem) -> Days:
    """Return the stretches of day numbers; `OPEN` is no day."""
    import numpy as np

    as_of = engine_of(system.latest)
    changes = as_of.system.keep(("changes", as_of.knowledge), lambda: _changes(system))
    stretches = np.searchsorted(changes, days, side="right").astype(np.int64)
    samples = [int(changes[0]) - 1 if len(changes) else 0, *map(int, changes)]
    return Days(np.where(days == OPEN, NO_DAY, stretches), samples)


def _changes(system: CodeSystem) -> Numbers:
    """Return the days from which on a code may become something else."""
    import numpy as np

    from .answers import states_of

    compiled = engine_of(system.latest).system
    dated = [day for rows in compiled.successions for day in rows.days]
    days = np.unique(np.concatenate([states_of(system, None, None).days, np.array(dated, dtype=np.int64)]))
    return days[(days < OPEN) & (days > -OPEN)]


# ---- rows


def _with_targets(
    rows: pa.Table,
    code: str,
    days: Days,
    follow: Callable[[str, int | None], Translation],
    shape: tuple[str, bool],
) -> pa.Table:
    policy, explode = shape
    numbers, made = each_once(column_of(rows, code), code, days, follow)
    if explode:
        return _exploded(rows, code, numbers, [_kept(found, policy)[0] for found in made])
    return with_columns(rows, _listed(code, numbers, made, policy))


def each_once(
    column: pa.ChunkedArray, name: str, days: Days, follow: Callable[[str, int | None], Translation]
) -> tuple[Numbers, list[Translation]]:
    """Return for each row the number of its translation, and the translations: one a text and stretch of days."""
    numbers, asked = asked_once(column, name, days)
    return numbers, [_followed(one, follow) for one in asked]


def _followed(asked: Asked, follow: Callable[[str, int | None], Translation]) -> Translation:
    if asked.text is None or not asked.has_day:
        why = "there is no code" if asked.text is None else "there is no day"
        return Translation(asked.text or "", Outcome.UNKNOWN, reason=why, is_complete=False)
    return follow(asked.text, asked.day)


class Asked(NamedTuple):
    """A code as it is asked for, with a day of its stretch."""

    text: str | None
    day: int | None
    has_day: bool
    """Whether its rows have a day at all: a day of None is no certain one."""


def asked_once(column: pa.ChunkedArray, name: str, days: Days) -> tuple[Numbers, list[Asked]]:
    """Return for each row the number of what it asks, and what is asked: each text once for a stretch of days."""
    import numpy as np
    import pyarrow as pa

    encoded = (
        pa.chunked_array([cells(chunk, name, "the table") for chunk in column.chunks], None) if column.chunks else None
    )
    if encoded is None:
        return np.zeros(0, dtype=np.int64), []
    encoded = encoded.unify_dictionaries()
    texts = encoded.chunk(0).dictionary.to_pylist()
    places = np.concatenate([chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in encoded.chunks])
    width = len(days.samples) + 1
    keys = (places.astype(np.int64) + 1) * width + days.stretches + 1
    different, numbers = np.unique(keys, return_inverse=True)
    made = []
    for key in different.tolist():
        place, stretch = key // width - 1, key % width - 1
        text = texts[place] if place >= 0 else None
        has_day = stretch != NO_DAY
        made.append(
            Asked(None if text is None else cell_of(text).text, days.samples[stretch] if has_day else None, has_day)
        )
    return numbers, made


def _kept(found: Translation, policy: str) -> tuple[list[list[str]], int]:
    """Return the alternatives that a policy keeps, and the number of those that it leaves out."""
    groups = [list(alternative.codes) for alternative in found.alternatives]
    if policy == "all" or not groups:
        return groups, 0
    kept = groups[:1] if policy == "first" or len(groups) == 1 else []
    return kept, len(groups) - len(kept)


def _listed(code: str, numbers: Numbers, made: list[Translation], policy: str) -> dict[str, Any]:
    import pyarrow as pa

    kept = [_kept(found, policy) for found in made]
    indices = pa.array(numbers)
    names = pa.array([str(outcome) for outcome in OUTCOMES])
    outcomes = pa.array([OUTCOMES.index(found.outcome) for found in made], pa.int8()).take(indices)
    columns: dict[str, Any] = {f"{code}_outcome": pa.DictionaryArray.from_arrays(outcomes, names)}
    if policy == "all":
        targets = pa.array([groups for groups, _ in kept], pa.list_(pa.list_(pa.string())))
        return {**columns, f"{code}_targets": targets.take(indices)}
    targets = pa.array([groups[0] if groups else None for groups, _ in kept], pa.list_(pa.string()))
    dropped = pa.array([dropped for _, dropped in kept], pa.int32())
    return {**columns, f"{code}_targets": targets.take(indices), f"{code}_dropped": dropped.take(indices)}


def _exploded(rows: pa.Table, code: str, numbers: Numbers, kept: list[list[list[str]]]) -> pa.Table:
    """Return a row for each code of each alternative; one without any for a row that has none."""
    import numpy as np
    import pyarrow as pa

    flat: list[list[tuple[Any, ...]]] = [[*_codes(groups)] or [(None, None, None)] for groups in kept]
    lengths = np.array([len(one) for one in flat], dtype=np.int64)
    starts = np.cumsum(lengths) - lengths
    of_rows = lengths[numbers] if flat else np.zeros(0, dtype=np.int64)
    repeated = np.repeat(np.arange(rows.num_rows), of_rows)
    within = np.arange(int(of_rows.sum())) - np.repeat(np.cumsum(of_rows) - of_rows, of_rows)
    taken = pa.array((starts[numbers[repeated]] + within) if flat else within)
    targets, alternatives, positions = (
        pa.array([item[place] for one in flat for item in one], kind).take(taken)
        for place, kind in enumerate((pa.string(), pa.int32(), pa.int32()))
    )
    made = {f"{code}_target": targets, f"{code}_alternative": alternatives, f"{code}_position": positions}
    return with_columns(rows.take(pa.array(repeated)), made)


def _codes(groups: Sequence[Sequence[str]]) -> Iterator[tuple[str, int, int]]:
    for number, group in enumerate(groups, 1):
        for position, code in enumerate(group, 1):
            yield code, number, position
