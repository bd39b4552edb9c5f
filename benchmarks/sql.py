"""Ten million rows in DuckDB: the status of each code on its day by our function, beside a join with a table of intervals.

    python -m benchmarks sql --store DIR

The peer is what a warehouse does without functions: it holds an interval for each code and state, and joins. It knows the
codes as they are written only. The no-op is a function that returns what it is given: what DuckDB takes to call Python.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa

import terminology
from terminology.exports import intervals

from .column_inputs import table
from .figures import Figure
from .settings import Settings

ROWS = 10_000_000
FUNCTION = "select {0}, count(*) from claims group by 1 order by 1"
JOIN = """
    select coalesce(interval.status, 'unknown'), count(*)
    from claims left join intervals as interval
    on interval.code = claims.dx
    and (interval.effective_from is null or interval.effective_from <= claims.day)
    and (interval.effective_to is null or claims.day < interval.effective_to)
    group by 1 order by 1
"""


def measure(settings: Settings) -> list[Figure]:
    """Return the figures of a column of codes as they are written, and of one with other forms."""
    import duckdb

    store = terminology.open(settings.store)
    connection = duckdb.connect()
    terminology.duckdb.register(connection, store)
    connection.create_function("no_op", _no_op, None, "VARCHAR", type="arrow", null_handling="special")
    connection.register("interval_rows", intervals(store, "icd10cm"))
    connection.execute("create table intervals as from interval_rows")
    figures = []
    for name in ("plain", "damaged"):
        connection.register("claim_rows", claims(store, name))
        connection.execute("create or replace table claims as from claim_rows")
        ours = _median(connection, FUNCTION.format("terminology_status('icd10cm', dx, day)"), settings.repeats)
        for peer, query in (("join of intervals", JOIN), ("no-op", FUNCTION.format("no_op('icd10cm', dx, day)"))):
            taken = _median(connection, query, settings.repeats)
            figures.append(Figure(name, "s", ours, peer, taken, f"{ROWS / ours / 1e6:.1f} M rows a second"))
    return figures


def claims(store: Any, shape: str, rows: int = ROWS) -> pa.Table:
    """Return rows of codes of ICD-10-CM with their days."""
    codes = pa.array(list(store["icd10cm"].latest), pa.string())
    return table(shape, codes, rows).rename_columns(["dx", "day"])


def _no_op(*columns: Any) -> Any:
    return columns[1]


def _median(connection: Any, query: str, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        connection.sql(query).fetchall()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
