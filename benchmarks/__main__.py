"""Run benchmarks and print a table; with ``--record`` append it to ``benchmarks/RESULTS.md``.

    python -m benchmarks                     all of them
    python -m benchmarks open points         some
    python -m benchmarks --store DIR --releases DIR --record

Without a store one is built from the release files, in a temporary folder. The peer simple-icd-10-cm is left out
where it is not installed; ``pip install -e '.[benchmark]'`` installs it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from . import (
    changes,
    claims,
    claims_trial,
    columns,
    load,
    memory,
    messy_claims,
    open,  # noqa: A004 -- the benchmark is named for what it measures
    points,
    spark,
    sql,
    streaming,
)
from .figures import ColumnFigure, Figure, markdown
from .settings import Settings, heading

BENCHMARKS: Mapping[str, Callable[[Settings], Sequence[Figure | ColumnFigure]]] = {
    "open": open.measure,
    "points": points.measure,
    "changes": changes.measure,
    "columns": columns.measure,
    "streaming": streaming.measure,
    "claims": claims.measure,
    "claims_trial": claims_trial.measure,
    "sql": sql.measure,
    "spark": spark.measure,
    "memory": memory.measure,
    "messy_claims": messy_claims.measure,
    "load": load.measure,
}
RESULTS = Path(__file__).with_name("RESULTS.md")
BUILD = """
import sys, terminology
report = terminology.load(*sys.argv[2:], store=sys.argv[1])
for error in report.errors:
    print(error, file=sys.stderr)
"""


def main() -> None:
    """Run what the command line asks for."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        releases = Path(arguments.releases).resolve() if arguments.releases else None
        store = Path(arguments.store).resolve() if arguments.store else _built(releases, Path(temporary) / "store")
        settings = Settings(releases, store, Path(temporary), arguments.repeats)
        top = heading(settings)
        print(top, flush=True)
        sections = []
        for name in arguments.benchmarks or BENCHMARKS:
            start = time.perf_counter()
            table = markdown(BENCHMARKS[name](settings))
            section = f"### {name}\n\n{table}\n"
            print(f"\n{section}\n({time.perf_counter() - start:.0f} s)", flush=True)
            sections.append(section)
    if arguments.record:
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write("\n\n" + "\n".join([top, "", *sections]))
        print(f"\nappended to {RESULTS}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Our figure, a peer's, and the ratio.")
    parser.add_argument("benchmarks", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--store", default=os.environ.get("TERMINOLOGY_STORE"), help="default: $TERMINOLOGY_STORE")
    parser.add_argument(
        "--releases", default=os.environ.get("TERMINOLOGY_RELEASES"), help="default: $TERMINOLOGY_RELEASES"
    )
    parser.add_argument("--repeats", type=int, default=7, help="runs of each measurement, at least 5 (default: 7)")
    parser.add_argument("--record", action="store_true", help=f"append the tables to {RESULTS.name}")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.benchmarks if name not in BENCHMARKS]:
        parser.error(f"no benchmark {unknown[0]!r} (there are: {', '.join(BENCHMARKS)})")
    if arguments.repeats < 5:
        parser.error("a median needs at least 5 runs")
    if not (arguments.store or arguments.releases):
        parser.error("give --store or --releases: a store, or the publishers' files to build one from")
    return arguments


def _built(releases: Path | None, store: Path) -> Path:
    """Return a store that is built from the release files of the code systems that have a loader."""
    folders = [str(releases / name) for name in load.EVERYTHING if releases and (releases / name).is_dir()]
    print(f"building a store from {', '.join(folders)}", file=sys.stderr, flush=True)
    subprocess.run([sys.executable, "-c", BUILD, str(store), *folders], check=True)
    return store


if __name__ == "__main__":
    main()
