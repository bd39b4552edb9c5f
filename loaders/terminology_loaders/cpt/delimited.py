"""Delimited files with a header: plain-language and clinician texts, change history, and the graph of CPT Link.

References:
    AMA, public ETL code `datalabs.curate.cpt.descriptor` and `datalabs.curate.cpt.link.history` (headers, order of
    columns, days as YYYYMMDD or "Pre-1982").
    NLM, UMLS source representation of CPT.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from .dating import name_facts
from .headers import Delimited
from .layout import CODE, CODE_WORDS, day_of_text, first_day_without

if TYPE_CHECKING:
    import pyarrow as pa


Fields = Mapping[str, str]

Row = tuple[int, Fields]


def delimited_rows(text: str, found: Delimited, faults: Faults) -> Iterator[Row]:
    """Yield each row with its line; a row that ends before a required column is an error.

    Empty cells at the end may be left out, as they are in the publisher's own files.
    """
    last = max(place for name, place in found.places.items() if name in found.layout.required)
    for number, line in lines_of(text):
        if number <= found.line or not line.strip():
            continue
        cells = line.split(found.separator)
        if len(cells) <= last:
            faults.add(f"expected at least {last + 1} columns, got {len(cells)}", line=number, column=len(cells) + 1)
            continue
        if len(cells) > found.columns and any(cell.strip() for cell in cells[found.columns :]):
            faults.add(f"expected {found.columns} columns, got {len(cells)}", line=number, column=found.columns + 1)
            continue
        cells += [""] * (found.columns - len(cells))
        yield number, {name: " ".join(cells[place].split()) for name, place in found.places.items()}


ADDED: Final = "ADDED"

DELETED: Final = "DELETED"


def read_delimited(file: ReadableFile, found: Delimited) -> Part:
    """Return the delimited file as a part.

    Raises:
        ReleaseFaults, ReleaseFormatError: Codes or days are malformed, cells are missing.
    """
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    rows = list(delimited_rows(text, found, faults))
    if not rows and not faults:
        faults.add("expected at least one row below the header, got none", line=found.line + 1)
    kind = found.layout.kind
    table, facts = READERS[kind](kind, rows, faults)
    faults.raise_if_any()
    digest = hashlib.sha256(repr([fields for _, fields in rows]).encode()).hexdigest()
    return Part(kind, file.origin, {"digest": digest, **facts, **name_facts(file.origin)}, {"rows": table}, warnings)


def _titles(kind: str, rows: Sequence[Row], faults: Faults) -> tuple[pa.Table, dict[str, Any]]:
    """Return titles in other words; of a code one for consumers, several for clinicians."""
    seen: dict[str, int] = {}
    for line, fields in rows:
        code = fields["code"]
        check_code(code, line, faults)
        if not fields["title"]:
            faults.add(f"expected a descriptor of {code}, got blanks", line=line, column="descriptor")
        if kind == "consumer" and code in seen:
            faults.add(f"expected each code once, got {code} again (first on line {seen[code]})", line=line)
        seen.setdefault(code, line)
    return _table(rows, ("code", "title", "concept", "identifier")), {"codes": len(seen)}


def _history(kind: str, rows: Sequence[Row], faults: Faults) -> tuple[pa.Table, dict[str, Any]]:
    """Return the changes with their days; a list of deleted codes is a history of deletions."""
    import pyarrow as pa

    days: list[datetime.date | None] = []
    changes: list[str] = []
    for line, fields in rows:
        # the history of modifiers also dates headings, which have no code
        if kind != "modifier history":
            check_code(fields["code"], line, faults)
        try:
            days.append(day_of_text(fields["date"]))
        except ValueError as error:
            faults.add(str(error), line=line, column="date")
            days.append(None)
        changes.append(DELETED if kind == "deleted" else fields["change"].upper())
        if not changes[-1]:
            faults.add("expected a change type, got blanks", line=line, column="change type")
    table = _table(rows, ("code", "date", "prior", "current", "instruction"))
    table = table.append_column("day", pa.array(days, pa.date32()))
    table = table.append_column("change", pa.array(changes, pa.string()))
    known = [(day, change) for day, change in zip(days, changes, strict=True) if day]
    newest = max((first_day_without(day) if change == DELETED else day for day, change in known), default=None)
    return table, {"newest_day": newest and newest.isoformat()}


def _graph(kind: str, rows: Sequence[Row], faults: Faults) -> tuple[pa.Table, dict[str, Any]]:
    for line, fields in rows:
        for name in ("concept", "target"):
            if name in fields and not fields[name].isdigit():
                faults.add(f"expected a concept id of digits, got {fields[name]!r}", line=line, column=name)
    names = {"property": ("concept", "type", "value", "code"), "relationship": ("concept", "type", "target")}
    return _table(rows, names.get(kind, ("type", "title"))), {}


def check_code(code: str, line: int, faults: Faults) -> None:
    """Add an error where a cell is no code of CPT."""
    if not CODE.fullmatch(code):
        faults.add(f"expected {CODE_WORDS}, got {code!r}", line=line, column="code")


def _table(rows: Sequence[Row], names: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    def column(name: str) -> list[str | None]:
        return [fields.get(name) or None for _, fields in rows]

    columns: dict[str, Any] = {name: pa.array(column(name), pa.string()) for name in names}
    return pa.table({**columns, "line": pa.array([line for line, _ in rows], pa.int32())})


Reader = Callable[[str, Sequence[tuple[int, Fields]], Faults], "tuple[pa.Table, dict[str, Any]]"]

READERS: Final[Mapping[str, Reader]] = {
    "consumer": _titles,
    "clinician": _titles,
    "deleted": _history,
    "history": _history,
    "modifier history": _history,
    "property": _graph,
    "relationship": _graph,
    "type": _graph,
}
