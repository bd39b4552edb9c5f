"""Every way to ask has the same answer: points, columns, DuckDB, Spark, and a join of intervals, for a million random rows.

    python -m benchmarks.agreement --store DIR [--rows N] [--every] [--spark]

Rows are of all systems of the store: codes of every release, some written in another way, some damaged, some of other
systems, with days before, in and after what the releases cover. What an edition says of one code is the measure; each
other way is compared with it, row by row. Then every code of each system is migrated between its first and last
release, and every code of each crosswalk translated (a sample of both without ``--every``).

The join is that of a warehouse, with the tables of ``terminology export intervals`` and ``coverage``. It knows codes as
they are written officially, so only rows with such a text are compared.
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import terminology
from terminology import Terminology
from terminology.exports import coverage, intervals
from terminology.functions import Functions
from terminology.query import engine_of

from .settings import SEED

ROWS = 1_000_000
SAMPLE = 2_000
"""Codes of each system, and of each crosswalk, that are migrated and translated without ``--every``."""
FIRST_DAY, LAST_DAY = datetime.date(1995, 1, 1), datetime.date(2031, 1, 1)
DAMAGED = ("?", "", " ", "NULL", "E11.", "E11.99999", "W21.89A", "\u013110", "99213:25", "no code", "0", "250")
JOIN = """
    select coalesce(interval.status, if(coverage.covered, 'unknown', 'uncovered')) as status
    from claims left join intervals as interval
    on interval.system = claims.system and interval.code = claims.dx
    and (interval.effective_from is null or interval.effective_from <= claims.day)
    and (interval.effective_to is null or claims.day < interval.effective_to)
    left join coverage
    on coverage.system = claims.system
    and (coverage.effective_from is null or coverage.effective_from <= claims.day)
    and (coverage.effective_to is null or claims.day < coverage.effective_to)
    order by claims.number
"""


def main() -> int:
    """Compare all ways; return the number of disagreements, at most 1."""
    arguments = _arguments()
    store = terminology.open(arguments.store)
    table, written = _rows(store, arguments.rows)
    print(f"{table.num_rows:,} rows of {', '.join(store.systems)}", flush=True)
    expected = _timed("Edition.status, one by one", table.num_rows, lambda: _points(store, table))
    ways: dict[str, Callable[[], Sequence[Any]]] = {
        "terminology.validate": lambda: _validated(store, table),
        "Functions, 2,048 rows at a time": lambda: _functions(store, table),
        "DuckDB": lambda: _duckdb(store, table),
    }
    wrong = sum(_compared(name, table, expected, _timed(name, table.num_rows, way)) for name, way in ways.items())
    if arguments.spark:
        for name, found in _spark_ways(store, table):
            wrong += _compared(name, table, expected, found)
    exported = intervals(store), coverage(store)
    joined = _timed("join of intervals", table.num_rows, lambda: _joined(exported, table))
    wrong += _compared("join of intervals, of codes as they are written", table, expected, joined, written)
    wrong += _migrations(store, arguments.every) + _translations(store, arguments.every)
    print("no disagreement" if not wrong else f"{wrong:,} disagreements")
    return min(wrong, 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.agreement", description=(__doc__ or "").split("\n")[0])
    parser.add_argument(
        "--store", default=os.environ.get("TERMINOLOGY_STORE"), required="TERMINOLOGY_STORE" not in os.environ
    )
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--every", action="store_true", help="migrate and translate every code, not a sample")
    parser.add_argument("--spark", action="store_true", help="ask Spark too: local-cluster[2,1,1024]")
    return parser.parse_args()


# ---- rows


def _rows(store: Terminology, count: int) -> tuple[pa.Table, np.ndarray[Any, Any]]:
    """Return rows, and which of them have a code, known or not, as its publisher would write it."""
    chosen = random.Random(SEED)  # noqa: S311 -- to choose rows
    codes = {name: engine_of(store[name].latest).system.arrow_codes.to_pylist() for name in store.systems}
    listed = {name: set(held) for name, held in codes.items()}
    every = [code for held in codes.values() for code in held]
    names = list(codes)
    first, last = FIRST_DAY.toordinal(), LAST_DAY.toordinal()
    rows, written = [], []
    for number in range(count):
        system = chosen.choice(names)
        text = _spelled(chosen, chosen.choice(codes[system]), every)
        rows.append((number, system, text, datetime.date.fromordinal(chosen.randrange(first, last))))
        written.append(text in listed[system] or (text and store[system].definition.official(text) == text))
    columns = list(zip(*rows, strict=True))
    types = {"number": pa.int32(), "system": pa.string(), "dx": pa.string(), "day": pa.date32()}
    made = {name: pa.array(column, kind) for (name, kind), column in zip(types.items(), columns, strict=True)}
    return pa.table(made), np.array(written, dtype=bool)


def _spelled(chosen: random.Random, code: str, every: Sequence[str]) -> str | None:
    """Return a code as it is in seven of ten rows; else in another form, damaged, of any system, or null."""
    kind = chosen.random()
    if kind < 0.7:
        return code
    if kind < 0.8:
        return chosen.choice([code.lower(), code.replace(".", ""), f" {code}\t", f"{code.lower().replace('.', '')} "])
    if kind < 0.9:
        place = chosen.randrange(len(code))
        return chosen.choice([code[:-1], code + "X", code[:place] + chosen.choice("0OIlX.9é") + code[place + 1 :]])
    return chosen.choice([chosen.choice(every), chosen.choice(DAMAGED), None])


# ---- statuses


def _points(store: Terminology, table: pa.Table) -> list[str]:
    """Return what editions say, each made once for a day."""
    editions: dict[tuple[str, datetime.date], Any] = {}
    found = []
    order = sorted(range(table.num_rows), key=list(zip(*_texts(table, "system", "day"), strict=True)).__getitem__)
    systems, codes, days = _texts(table, "system", "dx", "day")
    found = [""] * table.num_rows
    for row in order:
        key = (systems[row], days[row])
        if key not in editions:
            editions.clear()
            editions[key] = store[key[0]].on(key[1])
        found[row] = str(editions[key].status(codes[row]))
    return found


def _texts(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table.column(name).to_pylist() for name in names]


def _validated(store: Terminology, table: pa.Table) -> Any:
    return terminology.validate(table, system="system", on="day", store=store).column("dx_status")


def _functions(store: Terminology, table: pa.Table) -> Any:
    functions = Functions(store)
    batches = table.select(["system", "dx", "day"]).to_batches(max_chunksize=2048)
    return pa.chunked_array([functions.status(*batch.columns) for batch in batches])


def _duckdb(store: Terminology, table: pa.Table) -> Any:
    import duckdb

    with duckdb.connect() as connection:
        terminology.duckdb.register(connection, store)
        connection.register("claims", table)
        query = "select terminology_status(system, dx, day) from claims order by number"
        return [row[0] for row in connection.sql(query).fetchall()]


def _joined(exported: tuple[pa.Table, pa.Table], table: pa.Table) -> Any:
    import duckdb

    with duckdb.connect() as connection:
        connection.register("claims", table)
        connection.register("intervals", exported[0])
        connection.register("coverage", exported[1])
        return [row[0] for row in connection.sql(JOIN).fetchall()]


def _spark_ways(store: Terminology, table: pa.Table) -> Iterator[tuple[str, list[Any]]]:
    """Yield what Spark says of all rows, in their order, from a DataFrame and in SQL."""
    from .spark import session

    spark = session("local-cluster[2,1,1024]")
    claims = spark.createDataFrame(table).repartition(4).cache()
    claims.count()
    claims.createOrReplaceTempView("claims")
    terminology.spark.register(spark, store)

    def ordered(found: Any) -> Any:
        answered = found.toArrow()
        return answered.take(pc.sort_indices(answered, [("number", "ascending")])).column("status")

    def validated() -> Any:
        found = terminology.spark.validate(claims, system="system", on="day", store=store)
        return ordered(found.withColumnRenamed("dx_status", "status").select("number", "status"))

    query = "select number, terminology_status(system, dx, day) as status from claims"
    yield "Spark, validate", _timed("Spark, validate", table.num_rows, validated)
    yield "Spark, SQL", _timed("Spark, SQL", table.num_rows, lambda: ordered(spark.sql(query)))
    spark.stop()


def _timed(name: str, rows: int, work: Callable[[], Any]) -> list[Any]:
    start = time.perf_counter()
    found = work()
    taken = time.perf_counter() - start
    print(f"{name}: {taken:.1f} s, {rows / taken / 1e6:.2f} M rows a second", flush=True)
    return found if isinstance(found, list) else found.to_pylist()


def _compared(name: str, table: pa.Table, expected: Sequence[Any], found: Sequence[Any], counts: Any = None) -> int:
    """Return the number of rows that differ, and print some; where it is given, only of the rows that count."""
    if len(expected) != len(found):
        print(f"{name}: {len(found):,} rows, expected {len(expected):,}")
        return 1
    wrong = [
        n for n, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b and (counts is None or counts[n])
    ]
    compared = len(expected) if counts is None else int(counts.sum())
    print(f"{name}: {compared - len(wrong):,} of {compared:,} rows agree", flush=True)
    for number in wrong[:5]:
        print(f"  {table.slice(number, 1).to_pylist()[0]}: {found[number]}, expected {expected[number]}")
    return len(wrong)


# ---- migrations and translations


def _sampled(codes: Sequence[str], *, every: bool) -> Sequence[str]:
    if every or len(codes) <= SAMPLE:
        return codes
    return random.Random(SEED).sample(codes, SAMPLE)  # noqa: S311 -- to choose codes


def _migrations(store: Terminology, every: bool) -> int:  # noqa: FBT001 -- as it is asked for
    functions, wrong = Functions(store), 0
    for name in store.systems:
        system = store[name]
        first, last = system.releases[0], system.releases[-1]
        codes = _sampled(list(system.release(first.version)), every=every)
        start = time.perf_counter()
        expected = [_alternatives(system.migrate(code, first.version, last.version)) for code in codes]
        taken = time.perf_counter() - start
        count = len(codes)
        asked = [
            pa.repeat(name, count),
            pa.array(codes),
            pa.repeat(first.version, count),
            pa.repeat(last.version, count),
        ]
        wrong += _moved(
            f"migrate {name} {first.version} → {last.version}", codes, (expected, taken), functions.migrate, asked
        )
    return wrong


def _translations(store: Terminology, every: bool) -> int:  # noqa: FBT001 -- as it is asked for
    functions, wrong = Functions(store), 0
    for source, target in sorted({(one.source_system, one.target_system) for one in store.crosswalks}):
        if source == target or source not in store or target not in store:
            continue
        codes = _sampled(engine_of(store[source].latest).system.arrow_codes.to_pylist(), every=every)
        start = time.perf_counter()
        expected = [_alternatives(store.translate(code, source=source, target=target)) for code in codes]
        taken = time.perf_counter() - start
        asked = [pa.repeat(source, len(codes)), pa.repeat(target, len(codes)), pa.array(codes)]
        wrong += _moved(f"translate {source} → {target}", codes, (expected, taken), functions.translate, asked)
    return wrong


def _alternatives(found: Any) -> list[list[str]] | None:
    return None if str(found.outcome) == "unknown" else [list(one.codes) for one in found.alternatives]


def _moved(
    name: str, codes: Sequence[str], one_by_one: tuple[list[Any], float], function: Any, asked: list[Any]
) -> int:
    """Return how many codes have other alternatives in batches than one by one, of which the answers and the time are known."""
    expected, points = one_by_one
    start = time.perf_counter()
    found: list[Any] = []
    for columns in _batches(asked):
        found += function(*columns).to_pylist()
    taken = time.perf_counter() - start
    wrong = [place for place, (a, b) in enumerate(zip(expected, found, strict=True)) if a != b]
    print(
        f"{name}: {len(codes) - len(wrong):,} of {len(codes):,} agree; {points:.1f} s one by one, {taken:.1f} s in batches",
        flush=True,
    )
    for place in wrong[:5]:
        print(f"  {codes[place]}: {found[place]}, expected {expected[place]}")
    return len(wrong)


def _batches(columns: Sequence[pa.Array]) -> Iterator[list[pa.Array]]:
    for start in range(0, len(columns[0]), 2048):
        yield [column.slice(start, 2048) for column in columns]


if __name__ == "__main__":
    sys.exit(main())
