"""A list of codes as delimited text: ``#key: value`` lines, a header, one row a code."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology.reading import Faults, Opening, day_in, opening_of, rows_below

from .heading import KEYS, TRUTHS, Heading, stated_heading
from .rows import RESERVED, Row

if TYPE_CHECKING:
    import pyarrow as pa

REQUIRED: Final = ("code", "title")
STANDARD: Final = (
    *REQUIRED,
    "short_title",
    "parent",
    "billable",
    "kind",
    "effective_from",
    "effective_to",
    "effective_through",
)
DAYS: Final = ("effective_from", "effective_to", "effective_through")
LIST_MARK: Final = "|"


@frozen
class CodeList:
    """What a file holds."""

    heading: Heading
    rows: list[Row]
    types: Mapping[str, pa.DataType]
    """Of the property columns, in their order."""
    warnings: tuple[str, ...] = ()


def list_opening(text: str) -> Opening | None:
    """Return how the text opens, or None if it is no list of codes: without ``#system:`` and without a header.

    >>> list_opening("#system: colours\\ncode,title\\nR,Red\\n").header
    ('code', 'title')
    """
    opening = opening_of(text, KEYS, STANDARD, once=False)
    return opening if "system" in opening.values or set(REQUIRED) <= set(opening.header) else None


def read_delimited(text: str, opening: Opening, system: str | None, faults: Faults) -> CodeList | None:
    """Return the list, or None where no system is named; faults are noted, and their rows left out."""
    for number, line in opening.strange:
        faults.add(f"expected #KEY: VALUE, KEY one of {', '.join(sorted(KEYS))}, got {line!r}", line=number, column=1)
    _check_header(opening, faults)
    heading = stated_heading(opening.values, system, faults)
    if heading is None:
        return None
    for name in heading.types:
        if name not in opening.header or name in STANDARD:
            faults.add(f"no property column is named {name!r}", line=opening.values["types"][1], column="types")
    days = any(name in opening.header for name in DAYS)
    if "dated" in opening.values and heading.dated != days:
        wanted = "a column effective_from, as the list is dated" if heading.dated else "no column of days"
        faults.add(f"expected {wanted}", line=opening.header_line, column="effective_from")
    heading = evolve(heading, dated=days)
    names = [name for name in opening.header if name not in STANDARD]
    types = {name: heading.types.get(name, "text") for name in names}
    rows = _rows(text, opening, types, faults)
    if not rows and not faults:
        faults.add("expected at least one row, got none", line=opening.header_line)
    return CodeList(heading, rows, {name: arrow_type(kind) for name, kind in types.items()})


def _check_header(opening: Opening, faults: Faults) -> None:
    missing = [name for name in REQUIRED if name not in opening.header]
    if missing:
        faults.add(f"expected columns code and title; missing: {', '.join(missing)}", line=opening.header_line or None)
    for place, name in enumerate(opening.header, 1):
        if not name:
            faults.add("expected a name of the column, got nothing", line=opening.header_line, column=place)
        elif opening.header.index(name) != place - 1:
            faults.add(f"column {name} stands in the header twice", line=opening.header_line, column=place)
        elif name in RESERVED:
            faults.add(f"a property column cannot be named {name}", line=opening.header_line, column=place)
    if "effective_to" in opening.header and "effective_through" in opening.header:
        message = "expected effective_to (first day after) or effective_through (last day), got both"
        faults.add(message, line=opening.header_line, column="effective_through")


def _rows(text: str, opening: Opening, types: Mapping[str, str], faults: Faults) -> list[Row]:
    found = (_row(texts, line, types, faults) for line, texts in rows_below(text, opening, faults))
    return list(found)


def _row(texts: Mapping[str, str], line: int, types: Mapping[str, str], faults: Faults) -> Row:
    properties = {
        name: parsed(texts[name], kind, line=line, column=name, faults=faults)
        for name, kind in types.items()
        if texts[name]
    }
    return row_from(texts, properties, line, faults)


def row_from(texts: Mapping[str, str], properties: Mapping[str, Any], line: int, faults: Faults) -> Row:
    """Return the row that the standard columns tell; faults are noted."""
    days = {
        name: parsed(texts[name], "date", line=line, column=name, faults=faults) for name in DAYS if texts.get(name)
    }
    end = days.get("effective_to")
    if days.get("effective_through"):
        # the last day that there is has no day after it: it stands for no end
        last = days["effective_through"]
        end = None if last == datetime.date.max else last + datetime.timedelta(days=1)
    billable = True
    if texts.get("billable"):
        billable = bool(parsed(texts["billable"], "boolean", line=line, column="billable", faults=faults))
    return Row(
        code=texts.get("code", ""),
        title=texts.get("title", ""),
        short_title=texts.get("short_title") or None,
        parent=texts.get("parent") or None,
        billable=billable,
        kind=texts.get("kind") or "code",
        effective_from=days.get("effective_from"),
        effective_to=end,
        line=line,
        properties=properties,
    )


def parsed(text: str, kind: str, *, line: int, column: str, faults: Faults) -> Any:
    """Return the value of a cell in its type, or None and a fault where it has none."""
    try:
        if kind == "integer":
            number = int(text)
            if not -(2**63) <= number < 2**63:
                raise ValueError
            return number
        if kind == "decimal":
            return float(text)
    except ValueError:
        faults.add(f"expected a number, got {text!r}", line=line, column=column)
        return None
    if kind == "list":
        return [item.strip() for item in text.split(LIST_MARK) if item.strip()]
    if kind not in {"boolean", "date"}:
        return text
    value = TRUTHS.get(text.lower()) if kind == "boolean" else day_in(text)
    if value is None:
        expected = "true or false" if kind == "boolean" else "a day like 2024-03-01"
        faults.add(f"expected {expected}, got {text!r}", line=line, column=column)
    return value


def arrow_type(kind: str) -> pa.DataType:
    """Return the Arrow type of a property column."""
    import pyarrow as pa

    return {
        "text": pa.string(),
        "integer": pa.int64(),
        "decimal": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "list": pa.list_(pa.string()),
    }[kind]
