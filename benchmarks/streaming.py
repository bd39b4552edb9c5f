"""Files of any size, answered from file to file: time beside a bare read of the file, and memory, which must not grow.

    python -m benchmarks.streaming --store DIR                          30 and 90 million rows of Parquet, 10 of CSV
    python -m benchmarks.streaming --store DIR --rows 1000000 --repeats 5 --other-rows 1000000

The files are written into a temporary folder by batches, some 30 bytes a row with what is written of them, and taken
away at the end. The bare read is that of pyarrow, as it comes: its batches are read and let go. Both are whole
processes, from start to end; memory is the peak of the whole process, watched from outside.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from .figures import Figure, markdown
from .processes import Run, median_run, run_module, run_watched
from .settings import Settings, heading

ROWS = (30_000_000, 90_000_000)
OTHER_ROWS = 10_000_000
BYTES_A_ROW = 60
"""Of disk, for input and output of the largest form."""
READ_PARQUET = """
import sys, pyarrow.parquet as pq
with pq.ParquetFile(sys.argv[1]) as file:
    assert sum(batch.num_rows for batch in file.iter_batches()) == int(sys.argv[2])
"""
READ_CSV = """
import sys, pyarrow as pa, pyarrow.csv as arrow_csv
with pa.input_stream(sys.argv[1], compression="zstd") as stream:
    assert sum(batch.num_rows for batch in arrow_csv.open_csv(stream)) == int(sys.argv[2])
"""
COPY_PARQUET = """
import sys, pyarrow.parquet as pq
with pq.ParquetFile(sys.argv[1]) as file, pq.ParquetWriter(sys.argv[1] + ".copy", file.schema_arrow) as writer:
    for batch in file.iter_batches(batch_size=250_000):
        writer.write_batch(batch)
"""
"""The least that file to file can cost with pyarrow as it comes: what was answered is read and written again."""
VALIDATE = ("validate", "--system", "icd10cm", "--code-column", "dx", "--on-column", "dos")
MIGRATE = ("migrate", "--system", "icd10cm", "--code-column", "dx", "--on-column", "dos")


def measure(settings: Settings, rows: Sequence[int] = ROWS, other_rows: int = OTHER_ROWS) -> list[Figure]:
    """Return the figures of each file."""
    figures: list[Figure] = []
    for count in rows:
        figures += _file(settings, "claims.parquet", count, VALIDATE)
    if other_rows:
        figures += _file(settings, "claims.csv.zst", other_rows, VALIDATE)
        figures += _file(settings, "claims.parquet", other_rows, MIGRATE)
    return figures


def _file(settings: Settings, name: str, rows: int, command: Sequence[str]) -> Iterator[Figure]:
    """Yield time and memory of a file that is written, answered, and taken away."""
    free = shutil.disk_usage(settings.temporary).free
    if free < rows * BYTES_A_ROW:
        print(f"left out: {rows:,} rows need {rows * BYTES_A_ROW / 2**30:.1f} GiB of disk, {free / 2**30:.1f} are free")
        return
    source, output = settings.temporary / name, settings.temporary / f"answered-{name}"
    run_module("benchmarks.column_inputs", str(settings.store), str(source), str(rows))
    reading = READ_PARQUET if name.endswith("parquet") else READ_CSV
    copied = output.with_name(f"{output.name}.copy")
    ours: list[Run] = []
    bare: list[Run] = []
    copies: list[Run] = []
    try:
        for _ in range(settings.repeats):
            bare.append(run_watched([sys.executable, "-c", reading, str(source), str(rows)]))
            run = [sys.executable, "-m", "terminology", "columns", command[0], str(source), str(output)]
            ours.append(run_watched([*run, *command[1:], "--store", str(settings.store)]))
            if name.endswith("parquet"):
                copies.append(run_watched([sys.executable, "-c", COPY_PARQUET, str(output)]))
    finally:
        for path in (source, output, copied):
            path.unlink(missing_ok=True)
    found, peer = median_run(ours), median_run(bare)
    work = f"{command[0]}, {''.join(Path(name).suffixes)}, {rows:,} rows"
    spread = f"{min(run.seconds for run in ours):.1f} to {max(run.seconds for run in ours):.1f} s"
    speed = f"{rows / found.seconds / 1e6:.1f} M rows a second; {spread}; CPU {found.cpu:.1f} s beside {peer.cpu:.1f}"
    yield Figure(work, "s", found.seconds, "pyarrow reads the file", peer.seconds, speed)
    if copies:
        copy = median_run(copies)
        beside = f"CPU {found.cpu:.1f} s beside {copy.cpu:.1f}"
        yield Figure(work, "s", found.seconds, "pyarrow copies the answered file", copy.seconds, beside)
    yield Figure("the same: peak of memory", "MiB", found.mib, "pyarrow reads the file", peer.mib)


def main() -> None:
    """Measure what the command line says, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=__doc__.splitlines()[0])
    parser.add_argument("--store", default=os.environ.get("TERMINOLOGY_STORE"), required=False)
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS, metavar="N", help="rows of the Parquet files")
    parser.add_argument("--other-rows", type=int, default=OTHER_ROWS, metavar="N", help="rows of CSV, and of migrate")
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    if not arguments.store:
        parser.error("give --store")
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        settings = Settings(None, Path(arguments.store).resolve(), Path(temporary), arguments.repeats)
        print(heading(settings), flush=True)
        print(f"\n### streaming\n\n{markdown(measure(settings, arguments.rows, arguments.other_rows))}")


if __name__ == "__main__":
    main()
