"""Ten million rows in DuckDB: the status of each code on its day by our function, beside a join with a table of intervals.

    python -m benchmarks sql --store DIR

The peer is what a warehouse does without functions: it holds an interval for each code and state, and joins. It knows the
codes as they are written only. The no-op is a function that returns what it is given: what DuckDB takes to call Python.
"""

from __future__ import annotations

import datetime
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import terminology
from terminology.columns.answers import states_of
from terminology.columns.states import ORDER
from terminology.periods import day_number

from .columns import DAMAGED, FIRST_DAY, LAST_DAY, ROWS
from .figures import Figure
from .settings import SEED, Settings

FIRST, LAST = day_number(datetime.date.min), day_number(datetime.date.max)
FUNCTION = "select {0}, count(*) from claims group by 1 order by 1"
JOIN = """
    select coalesce(interval.status, 'unknown'), count(*)
    from claims left join intervals as interval
    on interval.code = claims.dx and claims.day >= interval.start and claims.day < interval.stop
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
    for name, damaged in (("all codes alike", 0.0), ("5 % in another form", DAMAGED)):
        connection.register("claim_rows", claims(store, damaged))
        connection.execute("create or replace table claims as from claim_rows")
        ours = _median(connection, FUNCTION.format("terminology_status('icd10cm', dx, day)"), settings.repeats)
        for peer, query in (("join of intervals", JOIN), ("no-op", FUNCTION.format("no_op('icd10cm', dx, day)"))):
            taken = _median(connection, query, settings.repeats)
            figures.append(Figure(name, "s", ours, peer, taken, f"{ROWS / ours / 1e6:.1f} M rows a second"))
    return figures


def claims(store: Any, damaged: float, rows: int = ROWS) -> pa.Table:
    """Return rows of codes of ICD-10-CM with their days, a part of them in another form."""
    chosen = np.random.default_rng(SEED)
    codes = pa.array(list(store["icd10cm"].latest), pa.string())
    column = codes.take(pa.array(chosen.integers(0, len(codes), rows)))
    if damaged:
        other = pc.utf8_lower(pc.replace_substring(column, ".", ""))
        column = pc.if_else(pa.array(chosen.random(rows) < damaged), other, column)
    days = pa.array(chosen.integers(FIRST_DAY, LAST_DAY, rows).astype("int32")).cast(pa.date32())
    return pa.table({"dx": column, "day": days})


def intervals(store: Any, system: str) -> pa.Table:
    """Return the whole axis of each code of a system: code, status, first day and the first day after it."""
    states = states_of(store[system], None, None)
    status = states.status[: states.system.codes.count]
    width = status.shape[1]
    changes = np.ones(status.shape, dtype=bool)
    changes[:, 1:] = status[:, 1:] != status[:, :-1]
    places = np.flatnonzero(changes)
    starts = np.concatenate([[FIRST], states.days])[places % width]
    stops = np.append(starts[1:], LAST)
    stops[np.append(places[1:] % width == 0, True)] = LAST
    return pa.table(
        {
            "code": states.system.arrow_codes.take(pa.array(places // width)),
            "status": pa.array(map(str, ORDER)).take(pa.array(status.reshape(-1)[places])),
            "start": pa.array(starts.astype(np.int32)).cast(pa.date32()),
            "stop": pa.array(stops.astype(np.int32)).cast(pa.date32()),
        }
    )


def _no_op(*columns: Any) -> Any:
    return columns[1]


def _median(connection: Any, query: str, repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        connection.sql(query).fetchall()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
