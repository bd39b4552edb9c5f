"""A list of codes as delimited text: ``#key: value`` lines, a header, one row a code."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from terminology.periods import day_number
from terminology.reading import MOST_COLUMNS, Faults, Opening, check_header, columns_below, opening_of, stated_day

from .heading import KEYS, TRUTHS, Heading, stated_heading
from .rows import RESERVED, CodeList, codes_schema

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
LAST_DAY: Final = day_number(datetime.date.max)


def list_opening(text: str) -> Opening | None:
    """Return how the text opens, or None if it is no list of codes: without ``#system:`` and without a header.

    >>> list_opening("#system: colours\\ncode,title\\nR,Red\\n").header
    ('code', 'title')
    """
    opening = opening_of(text, KEYS, STANDARD, once=False)
    return opening if "system" in opening.values or set(REQUIRED) <= set(opening.header) else None


def read_delimited(text: str, opening: Opening, system: str | None, faults: Faults) -> CodeList | None:
    """Return the list, or None where no system is named; errors are noted, and their rows left out."""
    expected = f"expected #KEY: VALUE, KEY one of {', '.join(sorted(KEYS))}"
    for number, line in opening.strange:
        faults.add(f"{expected}, got {line!r}", line=number, column=1)
    _check_header(opening, faults)
    heading = stated_heading(opening.values, system, faults)
    if heading is None:
        return None
    columns = set(opening.header)
    for name in heading.types:
        if name not in columns or name in STANDARD:
            faults.add(f"no property column is named {name!r}", line=opening.values["types"][1], column="types")
    days = not columns.isdisjoint(DAYS)
    if "dated" in opening.values and heading.dated != days:
        wanted = "a column effective_from, as the list is dated" if heading.dated else "no column of days"
        faults.add(f"expected {wanted}", line=opening.header_line, column="effective_from")
    heading = evolve(heading, dated=days)
    names = [name for name in opening.header if name not in STANDARD]
    types = {name: heading.types.get(name, "text") for name in names}
    if len(opening.header) > MOST_COLUMNS:
        return None
    return _listed(text, opening, heading, types, faults)


def _listed(text: str, opening: Opening, heading: Heading, types: Mapping[str, str], faults: Faults) -> CodeList:
    import pyarrow as pa

    layout = pa.schema([(name, arrow_type(kind)) for name, kind in types.items()])
    standard, properties = [], []
    cells = Cells(faults)
    for batch in columns_below(text, opening, faults):
        columns = dict(zip(opening.header, batch.columns, strict=True))
        made = [cells.column(columns[name], types[name], name, batch.lines) for name in layout.names]
        properties.append(pa.table(made, schema=layout) if made else None)
        standard.append(codes_from(columns, batch.lines, cells))
    if not standard and not faults:
        faults.add("expected at least one row, got none", line=opening.header_line)
    codes = pa.concat_tables(standard) if standard else codes_schema().empty_table()
    kept = pa.concat_tables([piece for piece in properties if piece is not None] or [layout.empty_table()])
    return CodeList(heading, codes, {name: kept.column(name) for name in kept.column_names})


def _check_header(opening: Opening, faults: Faults) -> None:
    missing = [name for name in REQUIRED if name not in opening.header]
    if missing:
        faults.add(f"expected columns code and title; missing: {', '.join(missing)}", line=opening.header_line or None)
    check_header(opening, RESERVED, "a property column", faults)
    if "effective_to" in opening.header and "effective_through" in opening.header:
        message = "expected effective_to (first day after) or effective_through (last day), got both"
        faults.add(message, line=opening.header_line, column="effective_through")


def codes_from(texts: Mapping[str, Sequence[str]], lines: Sequence[int], cells: Cells) -> pa.Table:
    """Return the standard columns of some rows; columns that are missing, and empty cells, have their defaults.

    Args:
        texts: The cells by column, without blanks around them.
        lines: Of each row.
        cells: What reads them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(lines)

    def texts_or(name: str, default: str | None) -> pa.Array:
        if name not in texts:
            return pa.repeat(pa.scalar(default, pa.string()), count)
        return pa.array([text or default for text in texts[name]], pa.string())

    def values_of(name: str, kind: str) -> pa.Array:
        if name not in texts:
            return pa.nulls(count, arrow_type(kind))
        return cells.column(texts[name], kind, name, lines)

    begin, end, last = (values_of(name, "date") for name in DAYS)
    if last.null_count < count:
        # the last day that there is has no day after it: it means no end
        numbers = last.cast(pa.int32())
        after = pc.if_else(pc.equal(numbers, LAST_DAY), None, pc.add(numbers, 1)).cast(pa.int32()).cast(pa.date32())
        end = pc.if_else(pc.is_valid(last), after, end)
    columns = {
        "code": texts_or("code", ""),
        "title": texts_or("title", ""),
        "short_title": texts_or("short_title", None),
        "billable": pc.fill_null(values_of("billable", "boolean"), fill_value=True),
        "kind": texts_or("kind", "code"),
        "parent": texts_or("parent", None),
        "line": pa.array(lines, pa.int32()),
        "effective_from": begin,
        "effective_to": end,
    }
    return pa.table(columns, schema=codes_schema())


class Cells:
    """Reads cells in the types of their columns; each text of a few is read once."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.known: dict[str, dict[str, Any]] = {"boolean": {}, "date": {}}

    def column(self, texts: Sequence[str], kind: str, name: str, lines: Sequence[int]) -> pa.Array:
        """Return the values of cells, null where one is empty or wrong; errors are noted."""
        import pyarrow as pa

        if kind == "text":
            return pa.array([text or None for text in texts], pa.string())
        values = [self._value(text, kind, name, line) for text, line in zip(texts, lines, strict=True)]
        return pa.array(values, arrow_type(kind))

    def _value(self, text: str, kind: str, name: str, line: int) -> Any:
        if not text:
            return None
        known = self.known.get(kind, {})
        if text in known:
            return known[text]
        try:
            value = PARSERS[kind](text)
        except ValueError as error:
            self.faults.add(f"expected {error}, got {text!r}", line=line, column=name)
            return None
        if len(known) < KNOWN_TEXTS:
            known[text] = value
        return value


def _integer(text: str) -> int:
    if not INTEGER.fullmatch(text) or not -(2**63) <= int(text) < 2**63:
        raise ValueError("a whole number of at most 64 bits")
    return int(text)


def _decimal(text: str) -> float:
    if not DECIMAL.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("a number")
    return float(text)


def _truth(text: str) -> bool:
    if text.lower() not in TRUTHS:
        raise ValueError("true or false")
    return TRUTHS[text.lower()]


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(LIST_MARK) if item.strip()]


INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,4})?")
PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _truth,
    "date": stated_day,
    "list": _items,
}
"""How a cell is read by its type; a `ValueError` says what was expected."""
KNOWN_TEXTS: Final = 10_000


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
