"""Reports on a resolved code list: its codes as a table and as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..layout.parts import Sources, Tile
from .code_lists import legal
from .flat import csv_text
from .rendering import report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..codelists import Resolution
    from ..query import CodeSystem

BETWEEN = " | "
"""Between several entries that include one code."""


def resolution_csv(resolution: Resolution, *, billable: bool = False) -> str:
    """Return the codes that a list includes as CSV: a line each, with the entries that include it and their lines.

    Args:
        resolution: Without texts where those of the system may not be shown.
        billable: Whether to leave out headers.

    >>> from terminology.codelists import CodeList
    >>> found = CodeList.parse("M54.50\\nM54.5*").resolve(store["icd10cm"].release("2022"))
    >>> print(resolution_csv(found).splitlines()[2])
    M54.50,"Low back pain, unspecified",billable,true,M54.50 | M54.5*,1 | 2
    """
    rows = (
        [row["code"], row["title"], row["status"], row["billable"], BETWEEN.join(row["entries"]), BETWEEN.join(lines)]
        for row in _rows(resolution, billable=billable)
        for lines in [[str(line) for line in row["lines"] if line is not None]]
    )
    return csv_text(("code", "title", "status", "billable", "entry", "line"), rows)


def resolution_page(resolution: Resolution, code_system: CodeSystem, *, billable: bool = False) -> str:
    """Return the codes that a list includes as one self-contained HTML document, after the rows that have to be looked at.

    Args:
        resolution: Without texts where those of the system may not be shown.
        code_system: The system of the list.
        billable: Whether to leave out headers.

    >>> from terminology.codelists import CodeList
    >>> found = CodeList.parse("M54.*").resolve(store["icd10cm"].release("2022"))
    >>> "Vertebrogenic low back pain" in resolution_page(found, store["icd10cm"])
    True
    """
    release = resolution.edition.release
    rows = list(_rows(resolution, billable=billable))
    return report(
        "resolution.html",
        heading=f"{resolution.code_list.name}: {resolution.system} {resolution.version or resolution.date}",
        resolution=resolution,
        rows=rows,
        concerns=list(_concerns(resolution)),
        tiles=[
            Tile("codes", len(resolution.codes)),
            Tile("billable", len(resolution.billable)),
            Tile("entries", len(resolution.matches)),
            Tile("entries not in force", len(resolution.absent), "deleted"),
            Tile("entries that include nothing", len(resolution.empty), "changed"),
            Tile("damaged rows", len(resolution.damaged), "changed"),
        ],
        **legal(code_system),
        sources=[Sources("Release", release)] if release else [],
    )


def _rows(resolution: Resolution, *, billable: bool) -> Iterator[dict[str, Any]]:
    """Yield the codes with title and status, and the entries that include each."""
    including: dict[str, list[Any]] = {}
    for match in resolution.matches:
        if not match.entry.excluding:
            for code in match.codes:
                including.setdefault(code, []).append(match.entry)
    for row in resolution.to_arrow().to_pylist():
        if row["billable"] or not billable:
            entries = including[row["code"]]
            status = "billable" if row["billable"] else "header"
            texts, lines = [entry.text for entry in entries], [entry.line for entry in entries]
            yield {**row, "status": status, "entries": texts, "lines": lines}


def _concerns(resolution: Resolution) -> Iterator[dict[str, Any]]:
    """Yield the rows of the list that are damaged, not in force, or include nothing."""
    for row in resolution.damaged:
        yield {"text": row.text, "kind": "damaged", "line": row.line, "reason": row.sentence}
    for kind, matches in (("not in force", resolution.absent), ("includes nothing", resolution.empty)):
        for match in matches:
            yield {"text": match.entry.text, "kind": kind, "line": match.entry.line, "reason": match.reason}
