"""How the time of a column grows: with its rows, and with the number of releases that are loaded.

    python -m benchmarks.column_growth --store DIR                      a table
    python -m benchmarks.column_growth --store DIR --write docs/concepts/columns-growth.json

Rows are those of `column_inputs`, plain, on the store that is given. For the releases stores are made: lists of 75,000 codes
in the format for custom code systems, as many as are asked for, evenly over ten years. From one to the next 200 codes
go and 300 come, as in ICD-10-CM; a column has the codes of the last one, on days of all ten years.
`docs/columns.py` draws the file that is written.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from .figures import shown
from .processes import run_module
from .settings import SEED, Settings, heading

ROWS = (100_000, 1_000_000, 10_000_000, 30_000_000)
RELEASES = (3, 10, 20, 40)
RELEASE_ROWS = 3_000_000
CODES, GONE, NEW = 75_000, 200, 300
FIRST, YEARS = datetime.date(2015, 10, 1), 10
VALIDATE, REASON, PEER = "validate", "validate, with reason", "pyarrow is_in"


def release_codes(number: int) -> list[str]:
    """Return the codes of a release, by its number from 0."""
    return [_code(place) for place in range(number * GONE, CODES + number * NEW)]


def _code(place: int) -> str:
    # of five to seven characters, as most of ICD-10-CM are
    letter, rest = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place % 26], place // 26
    return f"{letter}{rest % 100:02}.{rest // 100:0{1 + place % 3}}"


def release_days(count: int) -> list[datetime.date]:
    """Return the effective days of so many releases, evenly over the years."""
    days = (datetime.date(FIRST.year + YEARS, FIRST.month, FIRST.day) - FIRST).days
    return [FIRST + datetime.timedelta(days * number // count) for number in range(count)]


def write_releases(folder: Path, count: int) -> Iterator[Path]:
    """Yield files of so many releases, written into a folder."""
    for number, day in enumerate(release_days(count)):
        path = folder / f"grown-{day}.csv"
        with path.open("w", encoding="utf-8") as sink:
            sink.write(f"#system: grown\n#version: {day}\n#effective: {day}\ncode,title\n")
            sink.writelines(f"{code},Title of {code}\n" for code in release_codes(number))
        yield path


def measured(stores: Sequence[str], system: str, rows: int, repeats: int) -> list[dict[str, float]]:
    """Return for each store the median seconds of each work on a column. Run in a process of its own.

    All take turns, those of all stores too: what else the machine does meets all of them alike.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    import terminology

    from .column_inputs import codes_of, days, plain

    def works_of(store: str) -> dict[str, Callable[[], Any]]:
        opened, codes = terminology.open(store), codes_of(store, system)
        chosen = np.random.default_rng(SEED)
        claims = pa.table({"dx": plain(codes, rows, chosen), "dos": days(rows, chosen)})
        column = claims.column("dx").chunk(0)

        def ours(*columns: str) -> Callable[[], Any]:
            return lambda: terminology.validate(claims, system=system, on="dos", store=opened, columns=columns)

        return {VALIDATE: ours(), REASON: ours("reason"), PEER: lambda: pc.is_in(column, value_set=codes)}

    works = [works_of(store) for store in stores]
    took: list[dict[str, list[float]]] = [{name: [] for name in one} for one in works]
    for turn in range(repeats + 1):
        for name in works[0]:
            for times, one in zip(took, works, strict=True):
                start = time.perf_counter()
                made = one[name]()
                # the first turn makes what is made once for all columns
                times[name] += [time.perf_counter() - start] if turn else []
                del made
    return [{name: statistics.median(found) for name, found in times.items()} for times in took]


def growth(settings: Settings, rows: list[int], releases: list[int], release_rows: int) -> dict[str, Any]:
    """Return the seconds by number of rows and by number of releases."""

    def taken(stores: Sequence[Path], system: str, count: int) -> list[dict[str, float]]:
        arguments = [system, str(count), str(settings.repeats), *map(str, stores)]
        found: list[dict[str, float]] = run_module("benchmarks.column_growth", "--measured", *arguments)
        return found

    by_rows = [{"rows": count, **taken([settings.store], "icd10cm", count)[0]} for count in rows]
    stores = []
    for count in releases:
        with tempfile.TemporaryDirectory(dir=settings.temporary) as folder:
            files = list(map(str, write_releases(Path(folder), count)))
            stores.append(settings.temporary / f"releases-{count}")
            command = [sys.executable, "-m", "terminology", "load", *files, "--store", str(stores[-1])]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        print(f"a store of {count} releases is there", file=sys.stderr, flush=True)
    found = taken(stores, "grown", release_rows) if stores else []
    by_releases = [{"releases": count, "rows": release_rows, **one} for count, one in zip(releases, found, strict=True)]
    return {"machine": heading(settings).splitlines(), "rows": by_rows, "releases": by_releases}


def table(found: dict[str, Any]) -> str:
    """Return what was found as a Markdown table."""
    lines = ["| rows | releases | validate, s | ns a row | with reason, s | ns a row | pyarrow is_in, s | ns a row |"]
    lines.append("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for item in (*found["rows"], *found["releases"]):
        seconds = [item[name] for name in (VALIDATE, REASON, PEER)]
        cells = [cell for value in seconds for cell in (shown(value), shown(value / item["rows"] * 1e9))]
        lines.append(f"| {item['rows']:,} | {item.get('releases', 'those of the store')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Measure what the command line says, and print a table."""
    if sys.argv[1:2] == ["--measured"]:
        system, rows, repeats, *stores = sys.argv[2:]
        print(json.dumps(measured(stores, system, int(rows), int(repeats))))
        return
    parser = argparse.ArgumentParser(prog="python -m benchmarks.column_growth", description=__doc__.splitlines()[0])
    parser.add_argument("--store", default=os.environ.get("TERMINOLOGY_STORE"))
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS, metavar="N")
    parser.add_argument("--releases", type=int, nargs="*", default=RELEASES, metavar="N")
    parser.add_argument("--release-rows", type=int, default=RELEASE_ROWS, metavar="N")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--write", type=Path, metavar="FILE", help="JSON, of which docs/columns.py draws")
    arguments = parser.parse_args()
    if not arguments.store:
        parser.error("give --store")
    with tempfile.TemporaryDirectory(prefix="terminology-benchmarks-") as temporary:
        settings = Settings(None, Path(arguments.store).resolve(), Path(temporary), arguments.repeats)
        found = growth(settings, arguments.rows, arguments.releases, arguments.release_rows)
    print("\n".join(found["machine"]), f"\n\n### column_growth\n\n{table(found)}")
    if arguments.write:
        arguments.write.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
