"""Ten million rows in Spark: each code validated on its day, beside a function that returns its rows as they are.

    python -m benchmarks spark --store DIR

Both are `mapInArrow` over the same cached rows, and write to nowhere; so the ratio is what our answers add to what Spark takes
to send rows to Python and back. A second peer returns as many columns as we do, with nothing in them.
It is measured with two threads, and on a cluster of two workers.
"""

from __future__ import annotations

import datetime
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import terminology
from terminology.columns.validation import ALWAYS

from .figures import Figure
from .settings import Settings
from .sql import ROWS, claims

ADDED = tuple(f"dx_{name}" for name in ALWAYS)
MASTERS = ("local[2]", "local-cluster[2,1,1024]")
ROOT = Path(__file__).parent.parent


def measure(settings: Settings) -> list[Figure]:
    """Return the figures of both masters; load of the machine in the notes."""
    import terminology.spark as ours

    store = terminology.open(settings.store)
    path = settings.temporary / "claims.parquet"
    pq.write_table(claims(store, "plain"), path)
    figures = []
    for master in MASTERS:
        spark = session(master)
        rows = spark.read.parquet(str(path)).repartition(4).cache()
        rows.count()

        def validated(rows: Any = rows) -> Any:
            return ours.validate(rows, system="icd10cm", on="day", store=store)

        def returned(rows: Any = rows) -> Any:
            return rows.mapInArrow(no_op, rows.schema)

        schema = validated().schema

        def widened(rows: Any = rows, schema: Any = schema) -> Any:
            return rows.mapInArrow(same_columns, schema)

        ours.register(spark, store)
        rows.createOrReplaceTempView("claims")
        for name, work, peer, other in (
            ("validate", validated, "no-op mapInArrow", returned),
            ("validate", validated, "no-op with as many columns", widened),
            ("terminology_status in SQL", _sql(spark), "no-op mapInArrow", returned),
        ):
            taken, peers = _medians(work, other, settings.repeats)
            note = f"{ROWS / taken / 1e6:.1f} M rows a second, load {os.getloadavg()[0]:.1f}"
            figures.append(Figure(f"{name}, {master}", "s", taken, peer, peers, note))
        spark.stop()
    return figures


def session(master: str) -> Any:
    """Return a Spark session whose workers import this package from where this program does."""
    from pyspark.sql import SparkSession

    packages = os.pathsep.join(
        [*(str(ROOT / name) for name in ("src", "loaders", "crosswalks")), str(ROOT), os.environ.get("PYTHONPATH", "")]
    )
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYTHONPATH=packages)
    return (
        SparkSession.builder.master(master)
        .config("spark.executorEnv.PYTHONPATH", packages)
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.driver.memory", "3g")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(terminology.spark.BATCH_ROWS))
        .getOrCreate()
    )


def no_op(batches: Iterable[Any]) -> Iterator[Any]:
    """Yield the batches as they are."""
    yield from batches


def same_columns(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Yield the batches with columns of the types that `validate` adds, which hold nothing of interest."""
    for batch in batches:
        day = datetime.date(2020, 10, 1)
        made = [
            pa.repeat("billable", batch.num_rows),
            batch.column(0),
            pa.repeat(pa.scalar(value=True), batch.num_rows),
            pa.repeat(day, batch.num_rows),
            pa.nulls(batch.num_rows, pa.date32()),
        ]
        yield pa.RecordBatch.from_arrays([*batch.columns, *made], [*batch.schema.names, *ADDED])


def _sql(spark: Any) -> Callable[[], Any]:
    return lambda: spark.sql("select dx, day, terminology_status('icd10cm', dx, day) as status from claims")


def _medians(ours: Callable[[], Any], peers: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """Return the medians of both, taken in turns, after one of each that is not counted."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(repeats + 1):
        for taken, work in zip(times, (ours, peers), strict=True):
            start = time.perf_counter()
            work().write.format("noop").mode("overwrite").save()
            if number:
                taken.append(time.perf_counter() - start)
    return float(np.median(times[0])), float(np.median(times[1]))
