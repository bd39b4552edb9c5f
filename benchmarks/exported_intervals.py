"""Join the exported intervals in DuckDB for random codes and days, and compare each status with that of an edition.

``python -m benchmarks.exported_intervals STORE [ROWS]`` prints the seconds of the export and of the join, and how many
rows differ: of every system codes of all releases and some that no release has, on days from 1990 to 2030.
"""

from __future__ import annotations

import datetime
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa

import terminology
from terminology.exports import coverage, intervals
from terminology.query import engine_of

JOIN = """
select coalesce(i.status, if(c.covered, 'unknown', 'uncovered')) as status
from asked a
left join intervals i
  on i.system = a.system and i.code = a.code
 and (i.effective_from is null or i.effective_from <= a.day)
 and (i.effective_to is null or a.day < i.effective_to)
left join coverage c
  on c.system = a.system
 and (c.effective_from is null or c.effective_from <= a.day)
 and (c.effective_to is null or a.day < c.effective_to)
order by a.number
"""
FIRST, LAST = datetime.date(1990, 1, 1).toordinal(), datetime.date(2030, 1, 1).toordinal()
Row = tuple[str, str, datetime.date]


def asked(store: terminology.Terminology, count: int) -> list[Row]:
    """Return random rows: a system, a code of it, a day."""
    chosen = random.Random(7)  # noqa: S311 -- to choose rows
    codes = {}
    for system in store.values():
        column = engine_of(system.latest).system.codes
        codes[system.name] = [column.name(row) for row in range(column.count)]
    codes["icd10cm"] = [*codes["icd10cm"], *(f"Z99.{n}" for n in range(10, 99))]
    names = list(codes)
    systems = [chosen.choice(names) for _ in range(count)]
    days = [datetime.date.fromordinal(chosen.randrange(FIRST, LAST)) for _ in range(count)]
    return [(system, chosen.choice(codes[system]), day) for system, day in zip(systems, days, strict=True)]


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Return what some work gives, and print how long it took."""
    begun = time.perf_counter()
    found = work()
    print(f"{what:<28}{time.perf_counter() - begun:>8.2f} s")
    return found


def main(path: str, count: int) -> int:
    """Print the figures; return 1 where any row differs."""
    store = terminology.open(path)
    rows = asked(store, count)
    engine = duckdb.connect()
    engine.register("exported", timed("intervals", lambda: intervals(store)))
    engine.execute("create table intervals as from exported")
    engine.register("covered", coverage(store))
    engine.execute("create table coverage as from covered")
    systems, codes, days = zip(*rows, strict=True)
    numbers = pa.array(range(count), pa.int32())
    table = pa.table({"number": numbers, "system": systems, "code": codes, "day": pa.array(days, pa.date32())})
    engine.register("asked", table)
    joined = timed(f"join of {count:,} rows", lambda: [row[0] for row in engine.execute(JOIN).fetchall()])
    editions = timed("editions, one row at a time", lambda: [str(store[s].on(d).status(c)) for s, c, d in rows])
    differing = sum(one != other for one, other in zip(joined, editions, strict=True))
    print(f"{len(joined):,} rows joined, {differing:,} differ")
    return int(differing > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000))
