"""How loading grows: generated lists of codes and maps of 1 k, 10 k, 100 k and 1 M rows, each in a fresh process.

    python -m benchmarks.growth                      all forms, up to a million rows
    python -m benchmarks.growth --largest 100000 csv own_map

Time and peak of memory are those of the whole process: start, load into a store of its own, end.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from .figures import shown
from .processes import run_code

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
LOAD: Final = """
import os, sys
sys.path[:0] = sys.argv[1].split(os.pathsep)
import terminology
report = terminology.load(sys.argv[3], store=sys.argv[2])
assert not report.errors, report.errors[:3]
assert report.loaded or report.crosswalks
"""
FANOUT: Final = 10
"""Children of a code."""
HEADING: Final = {"system": "grown", "version": "2024-01-01", "effective": "2024-01-01"}


def main() -> None:
    """Measure the forms that the command line names, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.splitlines()[0])
    parser.add_argument("forms", nargs="*", metavar="FORM", help=f"by default all: {', '.join(FORMS)}")
    parser.add_argument("--largest", type=int, default=SIZES[-1], metavar="N", help="leave out what has more rows")
    arguments = parser.parse_args()
    if unknown := set(arguments.forms) - FORMS.keys():
        sys.exit(f"no such form: {', '.join(sorted(unknown))} (there are {', '.join(FORMS)})")
    print("| form | rows | s | peak MiB | µs per row |")
    print("|---|--:|--:|--:|--:|")
    for form in arguments.forms or FORMS:
        for size in (size for size in SIZES if size <= arguments.largest):
            with tempfile.TemporaryDirectory(prefix="terminology-growth-") as folder:
                path = FORMS[form](Path(folder), size)
                run = run_code(LOAD, os.pathsep.join(sys.path), str(Path(folder) / "store"), str(path))
            print(
                f"| {form} | {size:,} | {shown(run.seconds)} | {run.mib:,.0f} | {run.seconds / size * 1e6:,.1f} |",
                flush=True,
            )


def _codes(size: int) -> Iterator[tuple[str, str, str]]:
    """Yield code, title and parent of each row: a tree in which each code has a few children."""
    for number in range(size):
        above = f"C{(number - 1) // FANOUT:07}" if number else ""
        yield f"C{number:07}", f"Title of code number {number}", above


def _csv(folder: Path, size: int) -> Path:
    path = folder / "grown.csv"
    with path.open("w", encoding="utf-8") as sink:
        sink.writelines(f"#{key}: {value}\n" for key, value in HEADING.items())
        sink.write("code,title,parent\n")
        sink.writelines(f"{code},{title},{parent}\n" for code, title, parent in _codes(size))
    return path


def _parquet(folder: Path, size: int) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    codes, titles, parents = zip(*_codes(size), strict=True)
    table = pa.table({"code": codes, "title": titles, "parent": [parent or None for parent in parents]})
    path = folder / "grown.parquet"
    pq.write_table(table.replace_schema_metadata(HEADING), path)
    return path


def _fhir(folder: Path, size: int) -> Path:
    head = {
        "resourceType": "CodeSystem",
        "name": "Grown",
        "url": "https://example.org/grown",
        "content": "complete",
        "version": "2024-01-01",
        "date": "2024-01-01",
        "count": size,
        "property": [{"code": "parent", "type": "code"}, {"code": "doses", "type": "integer"}],
    }
    path = folder / "CodeSystem-grown.json"
    with path.open("w", encoding="utf-8") as sink:
        sink.write(json.dumps(head)[:-1] + ', "concept": [')
        for number, (code, title, parent) in enumerate(_codes(size)):
            properties = [{"code": "doses", "valueInteger": number % 5}]
            properties += [{"code": "parent", "valueCode": parent}] if parent else []
            concept = {"code": code, "display": title, "property": properties}
            sink.write(f"{',' if number else ''}\n{json.dumps(concept)}")
        sink.write("\n]}")
    return path


def _own_map(folder: Path, size: int, rows: int = 1) -> Path:
    path = folder / "map.csv"
    heading = {"crosswalk": "Grown", "source_system": "grown", "target_system": "other", "effective": "2024-01-01"}
    with path.open("w", encoding="utf-8") as sink:
        sink.writelines(f"#{key}: {value}\n" for key, value in heading.items())
        sink.write("source,target,alternative\n")
        for number in range(size):
            sink.write(f"C{number // rows:07},T{number:07},{'1' if rows > 1 else ''}\n")
    return path


FORMS: Final[Mapping[str, Callable[[Path, int], Path]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "fhir": _fhir,
    "own_map": _own_map,
    "own_map_of_four": lambda folder, size: _own_map(folder, size, 4),
}
"""What writes a file of so many rows, by the name of its form."""


if __name__ == "__main__":
    main()
