"""Columns of ten million rows: the status of each code on its own day, beside Arrow's own search of the same column.

    python -m benchmarks columns --store DIR

The peer is `pyarrow.compute.is_in` of the codes of one release: it knows no days, and answers yes or no.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import terminology

from .figures import Figure
from .settings import SEED, Settings

ROWS = 10_000_000
FIRST_DAY, LAST_DAY = 17_000, 20_000
DAMAGED = 0.05


def measure(settings: Settings) -> list[Figure]:
    """Return the figures of each kind of column."""
    store = terminology.open(settings.store)
    codes = pa.array(list(store["icd10cm"].latest), pa.string())
    chosen = np.random.default_rng(SEED)
    days = pa.array(chosen.integers(FIRST_DAY, LAST_DAY, ROWS).astype("int32")).cast(pa.date32())
    figures = []
    for name, column in _columns(codes, chosen).items():
        table = pa.table({"dx": column, "day": days})

        def validated(columns: tuple[str, ...] = (), table: pa.Table = table) -> Any:
            return terminology.validate(table, system="icd10cm", on="day", store=store, columns=columns)

        peer = _median(lambda column=column: pc.is_in(column, value_set=codes), settings.repeats)
        for what, work in (("", validated), (", with reasons", lambda: validated(("reason",)))):
            ours = _median(work, settings.repeats)
            figures.append(
                Figure(f"{name}{what}", "s", ours, "pyarrow is_in", peer, f"{ROWS / ours / 1e6:,.0f} M rows a second")
            )
    return figures


def _columns(codes: pa.Array, chosen: np.random.Generator) -> dict[str, pa.Array]:
    """Return the columns by what is particular about them."""
    plain = codes.take(pa.array(chosen.integers(0, len(codes), ROWS)))
    frequent = codes.take(pa.array(np.minimum(chosen.zipf(1.3, ROWS) - 1, len(codes) - 1)))
    lowered = pc.if_else(
        pa.array(chosen.random(ROWS) < DAMAGED), pc.utf8_lower(pc.replace_substring(plain, ".", "")), plain
    )
    return {"all codes alike": plain, "few codes often (Zipf)": frequent, "5 % in another form": lowered}


def _median(work: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return float(np.median(times))
