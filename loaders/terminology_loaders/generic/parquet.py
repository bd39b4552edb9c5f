"""A list of codes as Parquet: the columns of the delimited text, the metadata in the file's own key-value pairs.

Columns are kept in a few types; values that cannot be kept are errors, by row.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology.periods import day_number
from terminology.reading import MOST_COLUMNS, Faults, ReadableFile, parquet_table

from .delimited import DAYS, REQUIRED, STANDARD, Cells, codes_from
from .heading import KEYS, stated_heading
from .rows import RESERVED, CodeList

if TYPE_CHECKING:
    import pyarrow as pa


MAGIC: Final = b"PAR1"

BATCH: Final = 2**16
"""Rows that are held as texts at a time."""


def read_columns(file: ReadableFile, system: str | None, faults: Faults) -> CodeList | None:
    """Return the list, or None where the file is another one, or names no system; errors are noted.

    Raises:
        ReleaseFormatError: The file is damaged, or takes more memory or time than the limits allow.
    """
    table = parquet_table(file)
    if not set(REQUIRED) <= set(table.column_names):
        return None
    metadata = table.schema.metadata or {}
    return list_of(table, metadata, system, faults)


def list_of(table: pa.Table, metadata: Mapping[bytes, bytes], system: str | None, faults: Faults) -> CodeList | None:
    """Return the list that a table is, or None where nothing names its system, or it is faulty; errors are noted.

    Args:
        table: As it was stored.
        metadata: The key-value pairs of the file.
        system: The name that the operator gave.
        faults: Where what is wrong is noted.
    """
    heading = stated_heading({key: (text, None) for key, text in _stated(metadata, faults).items()}, system, faults)
    if heading is None:
        return None
    if not _check_names(table.column_names, faults):
        return None
    heading = evolve(heading, dated=any(name in table.column_names for name in DAYS))
    names = [name for name in table.column_names if name not in STANDARD]
    for name in names:
        if kept_type(table.schema.field(name).type) is None:
            found = table.schema.field(name).type
            faults.add(f"expected text, a number, a truth value, a day or a list of texts, got {found}", column=name)
    if not table.num_rows:
        faults.add("expected at least one row, got none")
    cells = ArrowCells(faults)
    properties = {name: made for name in names if (made := cells.property(table.column(name), name)) is not None}
    columns = {name: cells.texts(table.column(name), name) for name in STANDARD if name in table.column_names}
    if any(columns[name] is None for name in REQUIRED):
        return None
    texts = {name: column for name, column in columns.items() if column is not None}
    return CodeList(heading, _codes(texts, table.num_rows, faults), properties)


def _stated(metadata: Mapping[bytes, bytes], faults: Faults) -> dict[str, str]:
    """Return what the key-value pairs say of the list."""
    found = {}
    for key in sorted(KEYS):
        value = metadata.get(key.encode())
        try:
            if value:
                found[key] = value.decode()
        except UnicodeDecodeError:
            faults.add("expected text in UTF-8", column=key)
    return found


def _check_names(names: list[str], faults: Faults) -> bool:
    """Return whether the columns can be distinguished."""
    if len(names) > MOST_COLUMNS:
        faults.add(f"expected at most {MOST_COLUMNS:,} columns, got {len(names):,}")
        return False
    for name, count in Counter(names).items():
        if not name.strip():
            faults.add("expected a name of the column, got nothing", column=names.index(name) + 1)
        if name in RESERVED:
            faults.add(f"a property column cannot be named {name}", column=name)
        if count > 1:
            faults.add(f"column {name} is in the file {count} times", column=name)
    return len(set(names)) == len(names)


def _codes(columns: Mapping[str, pa.ChunkedArray], count: int, faults: Faults) -> pa.Table:
    """Return the standard columns, read as texts are."""
    import pyarrow as pa

    read = Cells(faults)
    made = []
    for start in range(0, count, BATCH):
        lines = range(start + 1, min(start + BATCH, count) + 1)
        texts = {
            name: [(text or "").strip() for text in column.slice(start, BATCH).to_pylist()]
            for name, column in columns.items()
        }
        made.append(codes_from(texts, lines, read))
    return pa.concat_tables(made or [codes_from({}, (), read)])


FIRST_DAY: Final = day_number(datetime.date.min)

LAST_DAY: Final = day_number(datetime.date.max)

PER_DAY: Final[Mapping[str, int]] = {"s": 86_400, "ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}

LARGEST: Final = 2**63 - 1

DIGITS: Final = 2**53
"""Whole numbers up to this are kept by a column of decimal numbers."""


def kept_type(kind: pa.DataType) -> pa.DataType | None:
    """Return the type in which a column is kept, or None where it cannot be a property."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kept_type(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.list_(pa.string()) if kept_type(kind.value_type) == pa.string() else None
    tests = (
        (_is_text, pa.string()),
        (pa.types.is_integer, pa.int64()),
        (pa.types.is_floating, pa.float64()),
        (pa.types.is_decimal, pa.float64()),
        (pa.types.is_boolean, pa.bool_()),
        (pa.types.is_date, pa.date32()),
        (pa.types.is_null, pa.string()),
    )
    return next((made for test, made in tests if test(kind)), None)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or str(kind) == "string_view")


@frozen
class ArrowCells:
    """Reads columns; notes what cannot be kept, with its row."""

    faults: Faults

    def property(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        """Return a property's column in the type in which it is kept; None where there is none, or values are wrong."""
        import pyarrow as pa

        kind = kept_type(column.type)
        if kind is None:
            return None
        column = _decoded(column)
        if kind == pa.string():
            return self._text(column, name)
        if kind == pa.list_(pa.string()):
            return self._lists(column, name)
        if pa.types.is_date(column.type):
            return self._days(column, name)
        if kind == pa.int64():
            return self._integers(column, name)
        return self._decimals(column, name) if kind == pa.float64() else column

    def texts(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        """Return a standard column as texts; None where it is faulty.

        Whole numbers are written without a point, days and times as days.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        column = _decoded(column)
        kind = column.type
        if _is_text(kind) or pa.types.is_null(kind):
            return self._text(column, name)
        if pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
            return column.cast(pa.string())
        if pa.types.is_floating(kind):
            return self._whole_numbers(column, name)
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            days = self._days(column, name)
            return None if days is None else pc.cast(days, pa.string())
        self.faults.add(f"expected text, got {kind}", column=name)
        return None

    def _note(self, wrong: Any, column: pa.ChunkedArray, expected: str, name: str) -> bool:
        """Return whether no row is wrong; each that is is noted."""
        import numpy as np
        import pyarrow.compute as pc

        rows = np.flatnonzero(pc.fill_null(wrong, fill_value=False).to_numpy()).tolist()
        for row in rows:
            value = column[row].cast("string") if row < len(column) else None
            self.faults.add(f"expected {expected}, got {value}", line=row + 1, column=name)
        return not rows

    def _text(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        import pyarrow as pa

        if pa.types.is_null(column.type):
            return column.cast(pa.string())
        try:
            column.validate(full=True)
        except pa.ArrowInvalid:
            self._note_undecodable(column, name)
            return None
        return column.cast(pa.string())

    def _note_undecodable(self, column: pa.ChunkedArray, name: str) -> None:
        import pyarrow as pa

        for row, value in enumerate(column.cast(pa.large_binary())):
            try:
                (value.as_py() or b"").decode()
            except UnicodeDecodeError:
                self.faults.add("expected text in UTF-8", line=row + 1, column=name)

    def _lists(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            column.validate(full=True)
            made = column.cast(pa.list_(pa.string()))
            items = pc.list_flatten(made)
        except pa.ArrowInvalid:
            self.faults.add("expected lists of texts in UTF-8", column=name)
            return None
        if items.null_count:
            rows = pc.list_parent_indices(made).filter(pc.is_null(items)).to_pylist()
            for row in dict.fromkeys(rows):
                self.faults.add("expected a text in the list, got nothing", line=row + 1, column=name)
        return made

    def _integers(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        if pa.types.is_uint64(column.type):
            wrong = pc.greater(column, pa.scalar(LARGEST, pa.uint64()))
            if not self._note(wrong, column, "a whole number of at most 64 bits", name):
                return None
        return column.cast(pa.int64())

    def _decimals(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        """Return decimal numbers; NaN, as which pandas writes what is missing, is missing."""
        import pyarrow as pa
        import pyarrow.compute as pc

        made = column.cast(pa.float64())
        made = pc.if_else(pc.is_nan(made), None, made)
        return made if self._note(pc.is_inf(made), made, "a number", name) else None

    def _whole_numbers(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        import pyarrow as pa
        import pyarrow.compute as pc

        made = self._decimals(column, name)
        if made is None:
            return None
        wrong = pc.or_(pc.not_equal(made, pc.floor(made)), pc.greater(pc.abs(made), DIGITS))
        if not self._note(wrong, made, "text or a whole number", name):
            return None
        return made.cast(pa.int64()).cast(pa.string())

    def _days(self, column: pa.ChunkedArray, name: str) -> pa.ChunkedArray | None:
        """Return days; those of times are days where their zone is."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if pa.types.is_timestamp(column.type):
            if column.type.tz:
                column = pc.local_timestamp(column)
            numbers = column.cast(pa.int64())
            # division of whole numbers goes towards zero
            per_day = PER_DAY[column.type.unit]
            days = pc.divide(numbers, per_day)
            early = pc.and_(pc.less(numbers, 0), pc.not_equal(pc.multiply(days, per_day), numbers))
            days = pc.subtract(days, early.cast(pa.int64()))
        elif pa.types.is_date64(column.type):
            days = pc.divide(column.cast(pa.int64()), PER_DAY["ms"])
        else:
            days = column.cast(pa.int32()).cast(pa.int64())
        wrong = pc.or_(pc.less(days, FIRST_DAY), pc.greater(days, LAST_DAY))
        expected = f"a day from {datetime.date.min} to {datetime.date.max}, as days from 1970-01-01"
        if not self._note(wrong, days, expected, name):
            return None
        return days.cast(pa.int32()).cast(pa.date32())


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column without a dictionary."""
    import pyarrow as pa

    while pa.types.is_dictionary(column.type):
        column = pa.chunked_array([chunk.dictionary_decode() for chunk in column.chunks], column.type.value_type)
    return column
