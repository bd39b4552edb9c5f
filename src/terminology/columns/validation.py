"""The status of every code of a column on its own day, with the official code, whether it may be submitted, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from ..errors import TerminologyError
from ..model import Status
from ..query import Terminology, opened_store
from .answers import answers_of
from .arrays import cells
from .day_reading import DayReading
from .days import DayForm
from .frames import Frame, answered, column_of, plain, rows_at, whole, with_columns
from .vocabularies import canonical

if TYPE_CHECKING:
    import pyarrow as pa

ALWAYS: Final = ("status", "code", "billable", "effective_from", "effective_to")
"""Columns that are always added."""
ON_REQUEST: Final = ("reason", "suggestion", "title", "other_systems")
"""Columns that are added where they are asked for."""


def validate(
    table: Frame,
    *,
    system: str,
    code: str = "dx",
    on: Any = None,
    known: Any = None,
    store: Terminology | str | None = None,
    columns: Sequence[str] = (),
    day_format: str | DayForm | None = None,
) -> pa.Table | pa.RecordBatchReader:
    """Return a table with columns that say what each code is on its day; of a stream of batches a stream.

    To a column ``dx`` come ``dx_status`` (a dictionary: billable, header, future …), ``dx_code`` (in official form; null of
    what is not known), ``dx_billable``, ``dx_effective_from`` and ``dx_effective_to`` (half open; null while open, and
    where there is no period). A row never raises: a null or a number that may have been several codes is ``malformed``, a
    row without a day is ``uncovered``. The answers are those of `Edition.check`.

    Args:
        table: Of any library that speaks Arrow.
        system: The code system, or the column that names it for each row, by any name, URI or OID.
        code: The column of codes.
        on: A column of days, one day, a release, or None for the newest release.
        known: A version or a day: only releases up to it count. By default all.
        store: An open store or its folder; by default that of `terminology.open`.
        columns: Of ``reason``, ``suggestion``, ``title`` and ``other_systems``, those to add.
        day_format: How the column of days is written, like ``%m/%d/%Y``; None to find it by what its days show.

    Raises:
        TerminologyError: A column is missing, or is there already; there is no such code system or release.

    >>> import pyarrow
    >>> claims = pyarrow.table({"dx": ["M54.5", "m545", "W21.89A"], "day": ["2021-09-30", "2021-10-01", "2021-10-01"]})
    >>> found = validate(claims, system="icd10cm", on="day", store=store, columns=["suggestion"])
    >>> found.select(["dx_status", "dx_code", "dx_suggestion"]).to_pylist()[1:]
    [{'dx_status': 'header', 'dx_code': 'M54.5', 'dx_suggestion': None},
     {'dx_status': 'unknown', 'dx_code': None, 'dx_suggestion': 'W21.89XA'}]
    """
    opened = opened_store(store)
    wanted = _wanted(columns)
    days = DayReading(on, day_format)

    def answer(rows: pa.Table) -> pa.Table:
        made = _of_systems(days.of(rows), opened, (system, code), (on, known), wanted)
        return with_columns(rows, {f"{code}_{name}": column for name, column in made.items()})

    return answered(table, answer)


def _wanted(columns: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in columns if name not in ON_REQUEST]
    if unknown:
        raise TerminologyError(f"no column {unknown[0]!r} can be added: expected some of {', '.join(ON_REQUEST)}")
    return (*ALWAYS, *dict.fromkeys(columns))


# ---- several systems in one table


def _of_systems(
    rows: pa.Table, opened: Terminology, names: tuple[str, str], asked: tuple[Any, Any], wanted: Sequence[str]
) -> dict[str, Any]:
    """Return the columns by their names, for rows of one system or of those that a column names."""
    system, code = names
    if system not in rows.column_names:
        return answers_of(rows, opened[system], code, asked, wanted)
    import numpy as np
    import pyarrow as pa

    on, _ = asked
    asked_for = rows.select([code, on] if isinstance(on, str) and on in rows.column_names else [code])
    column = cells(whole(column_of(rows, system)), system, "the table")
    called = [canonical(text or "") for text in column.dictionary.to_pylist()]
    groups = np.array([*map(list(dict.fromkeys(called)).index, called), -1])
    group_of = groups[column.indices.cast(pa.int64()).fill_null(len(called)).to_numpy(zero_copy_only=False)]
    parts, order = [], []
    for number, name in [*enumerate(dict.fromkeys(called)), (-1, "")]:
        chosen = np.flatnonzero(group_of == number)
        if not len(chosen):
            continue
        part = rows_at(asked_for, pa.array(chosen))
        found = (
            answers_of(part, opened[name], code, asked, wanted)
            if name in opened
            else _unanswered(part, code, name, wanted)
        )
        parts.append(plain(pa.table(found)))
        order.append(chosen)
    if not parts:
        return _unanswered(rows, code, "", wanted)
    places = np.argsort(np.concatenate(order), kind="stable")
    joined = pa.concat_tables(parts).take(pa.array(places))
    return {name: joined.column(name) for name in joined.column_names}


def _unanswered(rows: pa.Table, code: str, system: str, wanted: Sequence[str]) -> dict[str, Any]:
    """Return the columns for rows of a system that is not loaded."""
    import pyarrow as pa

    column_of(rows, code)
    count = rows.num_rows
    said = absence(system)
    made = {
        "status": pa.array([str(Status.UNCOVERED)] * count, pa.string()),
        "code": pa.nulls(count, pa.string()),
        "billable": pa.array([False] * count, pa.bool_()),
        "effective_from": pa.nulls(count, pa.date32()),
        "effective_to": pa.nulls(count, pa.date32()),
        "reason": pa.array([said] * count, pa.string()),
        "suggestion": pa.nulls(count, pa.string()),
        "title": pa.nulls(count, pa.string()),
        "other_systems": pa.array([[]] * count, pa.list_(pa.string())),
    }
    return {name: made[name] for name in wanted}


def absence(system: str) -> str:
    """Return why a row of a system that is not loaded has no status, as a sentence.

    >>> absence("snomed"), absence("")
    ('no release of snomed is loaded', 'the row names no code system')
    """
    return f"no release of {system} is loaded" if system else "the row names no code system"
