"""The functions in DuckDB: ``select terminology_status('icd10cm', dx, day) from claims``.

They run in the process that holds the connection, and read the store that it has open. It is the extra
``terminology-server[duckdb]``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from .errors import TerminologyError
from .functions import SIGNATURES, Functions
from .query import Terminology, opened_store

if TYPE_CHECKING:
    import duckdb

    from .codelists import CodeList

PREFIX: Final = "terminology_"
TYPES: Final = {"text": "VARCHAR", "boolean": "BOOLEAN", "alternatives": "VARCHAR[][]"}
"""DuckDB's types, by what functions return."""


def register(
    connection: duckdb.DuckDBPyConnection,
    store: Terminology | str | os.PathLike[str] | None = None,
    *,
    prefix: str = PREFIX,
    codelists: Mapping[str, CodeList | str | os.PathLike[str]] | None = None,
) -> tuple[str, ...]:
    """Return the names of the functions, after they were added to a connection.

    They are ``terminology_status``, ``_code``, ``_reason``, ``_display``, ``_property``, ``_subsumes``, ``_member``,
    ``_migrate`` and ``_translate``, and answer as the methods of `terminology.functions.Functions`. The day is
    their last argument and may be left out. Two views come too, ``terminology_systems`` and ``terminology_releases``.
    To register once more replaces them, so that an open connection answers from a store that was published since.

    Args:
        connection: Of DuckDB. Its cursors have functions of their own: register with each.
        store: An open store or its folder; by default that of `terminology.open`.
        prefix: What all names begin with.
        codelists: Code lists, or the paths of such, by the names that ``terminology_member`` knows them by.

    Raises:
        TerminologyError: DuckDB is not installed.

    >>> import duckdb  # doctest: +SKIP
    >>> connection = duckdb.connect()  # doctest: +SKIP
    >>> register(connection, store)[0]  # doctest: +SKIP
    'terminology_status'
    >>> connection.sql("select terminology_status('icd10cm', 'M54.5', date '2021-10-01')").fetchall()  # doctest: +SKIP
    [('header',)]
    """
    try:
        import duckdb
    except ImportError:
        raise TerminologyError("DuckDB is not installed: pip install 'terminology-server[duckdb]'") from None

    opened = opened_store(store)
    functions = Functions(opened, codelists)
    names = []
    for name, signature in SIGNATURES.items():
        called = f"{prefix}{name}"
        with contextlib.suppress(duckdb.Error):
            # an error says that it was not there
            connection.remove_function(called)
        connection.create_function(
            called,
            _of_any_arguments(called, name, functions),
            None,
            TYPES[signature.kind],
            type="arrow",
            null_handling="special",
        )
        names.append(called)
    _add_views(connection, opened, prefix)
    return tuple(names)


def _of_any_arguments(called: str, name: str, functions: Functions) -> Callable[..., Any]:
    """Return a function that DuckDB calls with as many arguments, of whatever types, as the query has."""
    signature, answer = SIGNATURES[name], getattr(functions, name)

    def function(*columns: Any) -> Any:
        signature.check(called, len(columns))
        return answer(*columns)

    return function


def _add_views(connection: duckdb.DuckDBPyConnection, store: Terminology, prefix: str) -> None:
    """Add the code systems and their releases as views of this connection."""
    import pyarrow as pa

    systems = [
        {
            "system": one.name,
            "title": one.definition.title,
            "uri": one.definition.uri,
            "licensed": one.definition.licensed,
        }
        for one in store.values()
    ]
    releases = [
        {
            "system": one.system,
            "release": one.version,
            "effective": one.effective,
            "concepts": one.concepts,
            "billable": one.billable,
        }
        for system in store.values()
        for one in system.releases
    ]
    kinds = {"effective": pa.date32(), "concepts": pa.int64(), "billable": pa.int64(), "licensed": pa.bool_()}
    for name, rows, columns in (
        ("systems", systems, ("system", "title", "uri", "licensed")),
        ("releases", releases, ("system", "release", "effective", "concepts", "billable")),
    ):
        schema = pa.schema([(column, kinds.get(column, pa.string())) for column in columns])
        connection.register(f"{prefix}{name}", pa.Table.from_pylist(rows, schema=schema))
