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
from .extras import require
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
    their last argument and may be left out. ``terminology_store()`` says which store answers. Two views come too, ``terminology_systems`` and ``terminology_releases``.
    To register once more replaces them, so that an open connection answers from a store that was published since.

    Args:
        connection: Of DuckDB. All connections to a database and their cursors have the same functions, so those of one
            database answer from one store; views each connection has by itself: register with it.
        store: An open store or its folder; by default that of `terminology.open`.
        prefix: What all names begin with.
        codelists: Code lists, or the paths of such, by the names that ``terminology_member`` knows them by.

    Raises:
        MissingExtraError: DuckDB is not installed.
        TerminologyError: Another connection to the database has these functions of another store.

    >>> import duckdb  # doctest: +SKIP
    >>> connection = duckdb.connect()  # doctest: +SKIP
    >>> register(connection, store)[0]  # doctest: +SKIP
    'terminology_status'
    >>> connection.sql("select terminology_status('icd10cm', 'M54.5', date '2021-10-01')").fetchall()  # doctest: +SKIP
    [('header',)]
    """
    require("duckdb", "terminology.duckdb")
    import duckdb

    opened = opened_store(store)
    said = " ".join([opened.url or str(opened.path.resolve()), str(opened.generation), *sorted(codelists or ())])
    try:
        names = _add_functions(connection, Functions(opened, codelists), prefix, said)
    except duckdb.CatalogException:
        # another connection to the same database has added them
        if _answer(connection, f"{prefix}store") != said:
            raise TerminologyError(
                f"another connection to this database has functions of other stores or lists by the names {prefix}…: "
                "close it first, or choose another prefix"
            ) from None
        names = [f"{prefix}{name}" for name in (*SIGNATURES, "store")]
    _add_views(connection, opened, prefix)
    return tuple(names)


def _add_functions(connection: duckdb.DuckDBPyConnection, functions: Functions, prefix: str, said: str) -> list[str]:
    """Add the functions, in place of those that this connection has added before; return their names."""
    import duckdb

    made: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}
    for name, signature in SIGNATURES.items():
        options = {
            "parameters": None,
            "return_type": TYPES[signature.kind],
            "type": "arrow",
            "null_handling": "special",
        }
        made[f"{prefix}{name}"] = (_of_any_arguments(f"{prefix}{name}", name, functions), options)
    made[f"{prefix}store"] = (lambda: said, {"parameters": [], "return_type": "VARCHAR"})
    for called, (function, options) in made.items():
        with contextlib.suppress(duckdb.Error):
            # an error says that it was not there
            connection.remove_function(called)
        connection.create_function(called, function, **options)
    return list(made)


def _answer(connection: duckdb.DuckDBPyConnection, called: str) -> str | None:
    import duckdb

    try:
        found = connection.execute(f'select "{called}"()').fetchall()
    except duckdb.Error:
        return None
    return str(found[0][0]) if found else None


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
