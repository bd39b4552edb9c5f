"""Plain readings of the publishers' tables of groupings, by nothing but cells and columns: they share nothing with the loaders."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

Pairs = Iterable[tuple[str, str]]
Sets = Mapping[str, frozenset[str]]
"""Categories by code without dot."""


def in_sets(pairs: Pairs) -> Sets:
    """Return the categories of each code; some files write codes with their dots."""
    found: dict[str, set[str]] = defaultdict(set)
    for code, category in pairs:
        found[code.replace(".", "")].add(category)
    return {code: frozenset(categories) for code, categories in found.items()}


def cells_of(path: Path, skipped: int = 0) -> Iterator[list[str]]:
    """Yield the cells of a delimited file, without quotes and padding."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    for row in list(csv.reader(io.StringIO(text)))[skipped:]:
        yield [cell.strip().strip("'").strip() for cell in row]


HCUP: Final[Mapping[str, tuple[int, Callable[[list[str]], Pairs]]]] = {
    "ccsr_dx": (1, lambda row: [(row[0], category) for category in row[6::2] if category]),
    "ccsr_pr": (1, lambda row: [(row[0], row[2])]),
    "ccs_dx": (3, lambda row: [(row[0], category) for category in (row[1], row[4]) if category]),
    "ccs_pr": (3, lambda row: [(row[0], row[1])]),
    "ccs_dx_multi": (1, lambda row: [(row[0], [cell for cell in row[1::2] if cell][-1])]),
    "ccs_pr_multi": (1, lambda row: [(row[0], [cell for cell in row[1::2] if cell][-1])]),
    "ccs_icd10_dx": (1, lambda row: [(row[0], row[1])]),
    "ccs_icd10_pr": (1, lambda row: [(row[0], row[1])]),
    "ccir": (3, lambda row: [(row[0], row[2])]),
    "cci": (1, lambda row: [(row[0], row[2])]),
    "procedure_class": (2, lambda row: [(row[0], row[2])]),
    "utilization_flag": (1, lambda row: [(row[5], row[1])] if row[5] else []),
}
"""Rows above the first code, and the codes with their categories of a row, in the tables of HCUP's tools."""


def hcup_pairs(grouping: str, path: Path) -> Iterator[tuple[str, str]]:
    """Yield each code with each of its categories, of a table of HCUP's tools."""
    skipped, pairs = HCUP[grouping]
    return (pair for row in cells_of(path, skipped) for pair in pairs(row))


def risk_rows(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield code, category and flag of each row of a model's table, by nothing but its tabs."""
    for line in path.read_bytes().decode("ascii").replace("\r", "").split("\n"):
        if line:
            code, category, flag = line.split("\t")
            yield code, category, flag


def exempt_codes(lines: Iterable[str]) -> frozenset[str]:
    """Return the codes of a list of diagnoses that are exempt from POA reporting."""
    return frozenset(row[1] for row in list(csv.reader(lines, delimiter="\t"))[1:])


def as_set(cell: Any) -> frozenset[str]:
    """Return the categories that a cell of a column means, of a grouping or of the property that has its name.

    >>> as_set(["MUS038"]), as_set("none"), as_set(True)
    (frozenset({'MUS038'}), frozenset(), frozenset({'exempt'}))
    """
    if isinstance(cell, bool):
        return frozenset({"exempt"} if cell else ())
    if isinstance(cell, str):
        return frozenset({cell} - {"none"})
    return frozenset(cell)
