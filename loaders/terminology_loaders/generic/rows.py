"""The rows of a list of codes: checked, put in document order, turned into the ``concepts`` table."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, field, frozen

from terminology import schema
from terminology.reading import Faults
from terminology.systems import SystemDefinition

if TYPE_CHECKING:
    import pyarrow as pa

RESERVED: Final = frozenset({"derived", "line", "changed", "reactivated", "status", "version"})
"""Names that no property column can have: the tables use them otherwise."""


@frozen
class Row:
    """A code as a file lists it."""

    code: str
    title: str
    short_title: str | None = None
    parent: str | None = None
    billable: bool = True
    kind: str = "code"
    effective_from: datetime.date | None = None
    effective_to: datetime.date | None = None
    line: int | None = None
    properties: Mapping[str, Any] = field(factory=dict, hash=False)


def property_name(name: str) -> str:
    """Return the name of a property's column: its own, unless the tables use that otherwise.

    >>> property_name("doses"), property_name("status")
    ('doses', 'property_status')
    """
    taken = name in RESERVED or name in schema.concepts().names
    return f"property_{name}" if taken else name


def check_rows(rows: Sequence[Row], faults: Faults) -> None:
    """Note repeated codes, unknown parents, cycles, empty codes and titles, and periods that end before they begin."""
    first: dict[str, Row] = {}
    for row in rows:
        if not row.code:
            faults.add("expected a code, got nothing", line=row.line, column="code")
        elif row.code in first:
            faults.add(f"code {row.code} stands on line {first[row.code].line} already", line=row.line, column="code")
        if not row.title:
            faults.add(f"code {row.code} has no title", line=row.line, column="title")
        if row.effective_from and row.effective_to and row.effective_to <= row.effective_from:
            message = f"expected a period that ends after {row.effective_from}, got {row.effective_to}"
            faults.add(message, line=row.line, column="effective_to")
        first.setdefault(row.code, row)
    for row in rows:
        if row.parent is not None and row.parent not in first:
            faults.add(f"parent {row.parent} of {row.code} is not in the list", line=row.line, column="parent")
    _check_cycles(first, faults)


def _check_cycles(rows: Mapping[str, Row], faults: Faults) -> None:
    sound: set[str] = set()
    for start in rows:
        path: dict[str, None] = {}
        place: str | None = start
        while place is not None and place in rows and place not in sound:
            if place in path:
                codes = list(path)
                cycle = " < ".join([*codes[codes.index(place) :], place])
                faults.add(f"the hierarchy has a cycle: {cycle}", line=rows[place].line, column="parent")
                break
            path[place] = None
            place = rows[place].parent
        sound.update(path)


def official_rows(rows: Iterable[Row], definition: SystemDefinition) -> list[Row]:
    """Return the rows with codes and parents in official form: the dot set where the system has one."""
    return [
        evolve(
            row,
            code=definition.official(row.code) or row.code,
            parent=row.parent and (definition.official(row.parent) or row.parent),
        )
        for row in rows
    ]


def in_document_order(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with every parent before its children; else in the order of the file."""
    children: dict[str | None, list[Row]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row)
    made: list[Row] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        row = waiting.pop()
        made.append(row)
        waiting.extend(reversed(children.get(row.code, [])))
    return made


def concept_table(rows: Sequence[Row], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Return the ``concepts`` table, its property columns in the order of the types."""
    import pyarrow as pa

    fields = list(schema.concepts())
    columns: dict[str, Any] = {
        item.name: [getattr(row, item.name, None) for row in rows]
        for item in fields
        if item.name not in {"derived", "changed", "reactivated"}
    }
    columns["derived"] = [False] * len(rows)
    columns |= {name: pa.nulls(len(rows), pa.date32()) for name in ("changed", "reactivated")}
    for name, kind in types.items():
        columns[property_name(name)] = pa.array([row.properties.get(name) for row in rows], kind)
        fields.append(pa.field(property_name(name), kind))
    return pa.table(columns, schema=pa.schema(fields))
