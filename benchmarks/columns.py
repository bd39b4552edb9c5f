"""Columns of one and ten million rows, each code on its own day, beside the engines that people use for such work.

    python -m benchmarks columns --store DIR
    python -m benchmarks.columns --store DIR --rows 100000 --work validate --shape plain

A line is our work and one peer's on the same column in the same run, in turns (`column_peers` says what a peer does).
What is made once for all columns of an open store is there before the clock starts; a first call is in the note.
The shapes (`column_inputs`):

* plain: strings; every code of the newest release as often as any other, on days of ten years
* dictionary: the same, dictionary-encoded
* repeats: strings; few codes often, by the law of Zipf
* distinct: no two texts alike; codes in all accepted spellings, and one in ten that has the form of a code and is none
* damaged: strings; one in twenty in another spelling or damaged, in five ways
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .figures import ColumnFigure, markdown
from .processes import run_module
from .settings import Settings, heading

ROWS = (1_000_000, 10_000_000)
SHAPES = ("plain", "dictionary", "repeats", "distinct", "damaged")
WORKS = {
    "validate": SHAPES,
    "validate, with reason": SHAPES,
    "migrate, exploded": ("plain", "dictionary", "repeats"),
    "translate, exploded": ("plain@icd9cm", "dictionary@icd9cm", "repeats@icd9cm"),
}


def measure(
    settings: Settings,
    rows: Sequence[int] = ROWS,
    works: Sequence[str] = tuple(WORKS),
    shapes: Sequence[str] = SHAPES,
) -> list[ColumnFigure]:
    """Return the figures of each work on each shape, beside each peer."""
    figures = []
    if not settings.simple_icd:
        print("simple-icd-10-cm is left out: it is not installed (extra benchmark)")
    for count in rows:
        for shape in dict.fromkeys(shape for work in works for shape in WORKS[work]):
            if shape.partition("@")[0] in shapes:
                doing = [work for work in works if shape in WORKS[work]]
                figures += _shape(settings, shape, count, doing)
    order = list(WORKS)
    return sorted(figures, key=lambda figure: order.index(figure.work.partition(";")[0]))


def _shape(settings: Settings, shape: str, rows: int, works: Sequence[str]) -> list[ColumnFigure]:
    """Return the figures of several works on one column."""
    store, path = str(settings.store), settings.temporary / f"{shape}.arrow"
    run_module("benchmarks.column_inputs", store, str(settings.temporary), str(rows), shape)
    figures = []
    for work in works:
        first = run_module("benchmarks.column_peers", "memory", work, str(path), store)
        took = run_module("benchmarks.column_peers", "times", work, str(path), store, str(settings.repeats))
        seconds = took.pop("")
        named = f"{work}; {first['rows'] / 1e6:.1f} M rows out" if first["rows"] != rows else work
        shown = f"{shape.partition('@')[0]} (first call {first['seconds']:.2f} s)"
        figures += [
            ColumnFigure(named, shown, rows, seconds, first["mib"], peer, peers) for peer, peers in took.items()
        ]
        print(f"{work}, {shape}, {rows:,} rows: {seconds:.3f} s", flush=True)
    path.unlink()
    return figures


def main() -> None:
    """Measure what the command line says, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.columns", description=__doc__.splitlines()[0])
    parser.add_argument("--store", default=os.environ.get("TERMINOLOGY_STORE"))
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS, metavar="N")
    parser.add_argument("--work", nargs="*", choices=list(WORKS), default=list(WORKS))
    parser.add_argument("--shape", nargs="*", choices=SHAPES, default=SHAPES)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if not arguments.store:
        parser.error("give --store")
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        settings = Settings(None, Path(arguments.store).resolve(), Path(temporary), arguments.repeats)
        print(heading(settings), flush=True)
        figures = measure(settings, arguments.rows, arguments.work, arguments.shape)
        print(f"\n### columns\n\n{markdown(figures)}")


if __name__ == "__main__":
    main()
