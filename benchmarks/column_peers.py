"""What other engines do with the same column: whether a code is in one list, or a join with one table of targets.

    python -m benchmarks.column_peers times WORK TABLE STORE REPEATS      ours and every peer's, in turns
    python -m benchmarks.column_peers memory WORK TABLE STORE             ours alone, once

A peer is handed the column in its own form, and what that costs is not counted. None knows days: a list holds the
codes of the newest release, and a table of targets what each code becomes in it from one day.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import terminology

SAMPLE = 100_000
"""Rows that a peer which takes one code at a time is asked, counted up to all."""
Work = Callable[[], Any]
VALIDATE, REASON, MIGRATE, TRANSLATE = "validate", "validate, with reason", "migrate, exploded", "translate, exploded"


def ours(work: str, table: pa.Table, store: terminology.Terminology) -> Work:
    """Return our work on a table."""
    if work == TRANSLATE:
        return lambda: terminology.translate(table, source="icd9cm", target="icd10cm", store=store, explode=True)
    if work == MIGRATE:
        return lambda: terminology.migrate(table, system="icd10cm", origin="dos", store=store, explode=True)
    columns = ("reason",) if work == REASON else ()
    return lambda: terminology.validate(table, system="icd10cm", on="dos", store=store, columns=columns)


def peers(work: str, table: pa.Table, store: terminology.Terminology) -> dict[str, tuple[Work, float]]:
    """Return the work of each peer on the table, by its name, and by what its time is multiplied."""
    column = table.column("dx").combine_chunks()
    column = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    if work in (MIGRATE, TRANSLATE):
        return _joins(column, _targets(work, store))
    codes = pa.array(list(store["icd10cm"].latest), pa.string())
    if pa.types.is_dictionary(column.type):
        return {"pyarrow is_in of the dictionary": (lambda: _in_dictionary(column, codes), 1)}
    found = {
        "pyarrow is_in": (lambda: pc.is_in(column, value_set=codes), 1),
        "pyarrow index_in": (lambda: pc.index_in(column, value_set=codes), 1),
    }
    found |= _lists(column, codes)
    found |= _joins(column, pa.table({"dx": codes, "target": codes}))
    return found | _simple_icd(column)


def _in_dictionary(column: pa.DictionaryArray, codes: pa.Array) -> pa.Array:
    return pc.take(pc.is_in(column.dictionary, value_set=codes), column.indices)


def _targets(work: str, store: terminology.Terminology) -> pa.Table:
    """Return each code with what it becomes: as many rows as targets, one without any for a code that has none."""
    source = store["icd9cm" if work == TRANSLATE else "icd10cm"]
    codes = {"dx": pa.array(list(source.latest), pa.string())}
    if work == TRANSLATE:
        made = terminology.translate(codes, source="icd9cm", target="icd10cm", store=store, explode=True)
    else:
        made = terminology.migrate(codes, system="icd10cm", origin="2016", store=store, explode=True)
    return made.select(["dx", "dx_target"]).rename_columns(["dx", "target"]).combine_chunks()


def _lists(column: pa.Array, codes: pa.Array) -> dict[str, tuple[Work, float]]:
    """Return the engines that look a column up in a list."""
    import pandas as pd
    import polars as pl

    series, known = pl.Series(pl.from_arrow(column)), pl.Series(pl.from_arrow(codes)).implode()
    frame = pd.Series(column.to_pandas())
    listed = pd.Series(codes.to_pandas()).astype(frame.dtype)
    return {"Polars is_in": (lambda: series.is_in(known), 1), "pandas isin": (lambda: frame.isin(listed), 1)}


def _joins(column: pa.Array, targets: pa.Table) -> dict[str, tuple[Work, float]]:
    """Return the engines that join a column with a table, each row kept."""
    import duckdb
    import pandas as pd
    import polars as pl

    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    table = pa.table({"dx": column})
    frames = pl.DataFrame(pl.from_arrow(table)), pl.DataFrame(pl.from_arrow(targets))
    left, right = pd.DataFrame(table.to_pandas()), targets.to_pandas()
    connection = duckdb.connect()
    connection.register("given", table)
    connection.register("targets_given", targets)
    connection.execute("create table claims as from given; create table targets as from targets_given")
    join = "create or replace table joined as select claims.dx, target from claims left join targets using (dx)"
    return {
        "pyarrow join": (lambda: table.join(targets, "dx"), 1),
        "Polars join": (lambda: frames[0].join(frames[1], on="dx", how="left"), 1),
        "DuckDB join": (lambda: connection.execute(join), 1),
        "pandas merge": (lambda: left.merge(right, on="dx", how="left"), 1),
    }


def _simple_icd(column: pa.Array) -> dict[str, tuple[Work, float]]:
    if importlib.util.find_spec("simple_icd_10_cm") is None:
        return {}
    import simple_icd_10_cm

    texts = column.slice(0, SAMPLE).to_pylist()
    name = f"simple-icd-10-cm, {len(texts):,} rows"
    return {name: (lambda: [simple_icd_10_cm.is_valid_item(text) for text in texts], len(column) / len(texts))}


def times(work: str, table: pa.Table, store: terminology.Terminology, repeats: int) -> dict[str, float]:
    """Return the median seconds of our work, by an empty name, and of each peer's; they take turns."""
    works = {"": (ours(work, table, store), 1.0), **peers(work, table, store)}
    took: dict[str, list[float]] = {name: [] for name in works}
    for name, (run, _) in works.items():
        run()  # what is made once for all columns is made now
        del name
    for _ in range(repeats):
        for name, (run, _) in works.items():
            start = time.perf_counter()
            made = run()
            took[name].append(time.perf_counter() - start)
            del made
    return {name: statistics.median(took[name]) * factor for name, (_, factor) in works.items()}


def memory(work: str, table: pa.Table, store: terminology.Terminology) -> dict[str, float]:
    """Return the seconds of a first call, and its peak of resident memory above what was there before (Linux only)."""
    run = ours(work, table, store)
    # a first answer imports; the peak of this process begins anew behind it
    ours(work, table.slice(0, 1), terminology.open(store.path))()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _memory("VmRSS:")
    start = time.perf_counter()
    made = run()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "mib": _memory("VmHWM:") - before, "rows": made.num_rows}


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def main() -> None:
    """Measure what the command line says, and print it as JSON."""
    what, work, path, folder, *rest = sys.argv[1:]
    store = terminology.open(folder)
    with pa.OSFile(path) as file:
        table = pa.ipc.open_file(file).read_all()
    print(json.dumps(times(work, table, store, int(rest[0])) if what == "times" else memory(work, table, store)))


if __name__ == "__main__":
    main()
