"""What workers say of a batch of rows: the functions of `terminology`, without texts under licence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..codelists import CodeList
from ..codelists.members import members as column_members
from ..columns.annotation import annotate, open_names
from ..columns.days import DayForm
from ..columns.frames import column_of, with_columns
from ..columns.placing import day_asked
from ..columns.translations import migrate as column_migrate
from ..columns.translations import translate as column_translate
from ..columns.validation import validate as column_validate
from ..errors import InvalidDateError
from ..functions import Functions
from ..licences import may_show
from ..periods import day_from, day_of

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import Terminology

ISO: Final = DayForm()
"""Days whose form needs no decision: no batch decides for itself."""
DAYS: Final = ("effective_from", "effective_to")
Answer = Callable[..., Any]
"""Takes an Arrow table, the open store as ``store``, and options; returns an Arrow table with more columns."""


def validated(table: pa.Table, *, store: Terminology, **options: Any) -> pa.Table:
    """Return what `terminology.validate` does; titles of systems whose licence is not declared are null."""
    found: pa.Table = column_validate(table, store=store, day_format=ISO, **options)
    name = f"{options['code']}_title"
    if "title" not in options["columns"]:
        return found
    place = found.column_names.index(name)
    return found.set_column(place, name, _without_licensed(found.column(name), table, options["system"], store))


def _without_licensed(titles: pa.ChunkedArray, table: pa.Table, system: str, store: Terminology) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if system not in table.column_names:
        shows = may_show(store[system].definition, store.licences)
        return titles if shows else pa.chunked_array([pa.nulls(len(titles), pa.string())])
    column = column_of(table, system).combine_chunks().dictionary_encode()
    names = column.dictionary.cast(pa.string()).to_pylist()
    shown = pa.array([_shows(name, store) for name in names], pa.bool_()).take(column.indices).fill_null(False)  # noqa: FBT003
    return pc.if_else(shown, titles.cast(pa.string()), pa.scalar(None, pa.string()))


def _shows(name: str | None, store: Terminology) -> bool:
    found = store.get((name or "").strip())
    return found is not None and may_show(found.definition, store.licences)


def described(
    table: pa.Table, *, store: Terminology, system: str, code: str, on: Any, columns: Sequence[str]
) -> pa.Table:
    """Return what `terminology.annotate` does, also of rows of several systems; what is withheld is null."""
    import pyarrow as pa

    if system in table.column_names:
        functions = functions_of(store)
        systems, codes = column_of(table, system), column_of(table, code)
        days = _days(table, on)
        made = {}
        for name in columns:
            found = functions.property(systems, codes, pa.repeat(name, table.num_rows), days)
            made[f"{code}_{name}"] = found.cast(pa.date32()) if name in DAYS else found
        return with_columns(table, made)
    found = annotate(table, system=system, code=code, on=on, columns=columns, day_format=ISO, store=store)
    code_system = store[system]
    if may_show(code_system.definition, store.licences):
        return found
    for name in set(columns) - open_names(code_system):
        place = found.column_names.index(f"{code}_{name}")
        found = found.set_column(place, f"{code}_{name}", pa.nulls(found.num_rows, pa.string()))
    return found


def related(table: pa.Table, *, store: Terminology, system: str, code: str, other: str, on: Any) -> pa.Table:
    """Return the table with how the codes of two columns relate, as `Edition.subsumes`."""
    import pyarrow as pa

    functions = functions_of(store)
    if system in table.column_names:
        systems, days = column_of(table, system), _days(table, on)
    else:
        systems = pa.repeat(store[system].name, table.num_rows)
        day = day_asked(on, store[system], table.column_names)
        days = column_of(table, day) if isinstance(day, str) else pa.repeat(pa.scalar(day_of(day)), table.num_rows)
    found = functions.subsumes(systems, column_of(table, code), column_of(table, other), days)
    return with_columns(table, {f"{code}_subsumption": found})


def _days(table: pa.Table, on: Any) -> Any:
    """Return the days of rows of several systems: a column, one day for all, or None."""
    import pyarrow as pa

    if on is None:
        return None
    if isinstance(on, str) and on in table.column_names:
        return column_of(table, on)
    try:
        return pa.repeat(pa.scalar(day_from(on)), table.num_rows)
    except InvalidDateError:
        raise InvalidDateError(
            f"{on!r} is no column of the table and no day; a release is one of one system, and here a column names them"
        ) from None


def in_list(table: pa.Table, *, store: Terminology, codelist: CodeList, code: str, on: Any) -> pa.Table:
    """Return what `terminology.members` does."""
    return column_members(table, codelist, code=code, on=on, day_format=ISO, store=store)


def migrated(table: pa.Table, *, store: Terminology, **options: Any) -> pa.Table:
    """Return what `terminology.migrate` does."""
    return column_migrate(table, store=store, day_format=ISO, **options)


def translated(table: pa.Table, *, store: Terminology, **options: Any) -> pa.Table:
    """Return what `terminology.translate` does."""
    return column_translate(table, store=store, day_format=ISO, **options)


_FUNCTIONS: Final[dict[int, tuple[Terminology, Functions]]] = {}
"""Of the stores of this process; with each its store, so that no other can have its identity."""


def functions_of(store: Terminology) -> Functions:
    """Return the functions of an open store: the same ones for all batches of a process."""
    found = _FUNCTIONS.get(id(store))
    if found is None:
        found = _FUNCTIONS[id(store)] = (store, Functions(store))
    return found[1]
