"""Tables of any library, in and out: what offers Arrow's C stream goes in, an Arrow table or stream comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import TerminologyError

if TYPE_CHECKING:
    import pyarrow as pa

Frame = Any
"""A `pyarrow` table, batch or reader, or a table of pandas, Polars, DuckDB or any other library that speaks Arrow."""
Answered = Callable[["pa.Table"], "pa.Table"]


def answered(frame: Frame, answer: Answered) -> pa.Table | pa.RecordBatchReader:
    """Return what a function makes of a table; of a reader, a reader that asks it batch by batch.

    Raises:
        TypeError: It is no table.
    """
    import pyarrow as pa

    if isinstance(frame, pa.RecordBatchReader):
        return _streamed(frame, answer)
    return answer(arrow_table(frame))


def arrow_table(frame: Frame) -> pa.Table:
    """Return a table of any library as an Arrow table, its memory shared where that can be.

    Raises:
        TypeError: It is no table.

    >>> arrow_table({"dx": ["E11.9"]}).column_names
    ['dx']
    """
    import pyarrow as pa

    if isinstance(frame, pa.Table):
        return frame
    if isinstance(frame, pa.RecordBatch):
        return pa.Table.from_batches([frame])
    if hasattr(frame, "collect") and hasattr(frame, "collect_schema"):
        raise TypeError(
            f"expected a table, got a query that has not been run ({type(frame).__name__}): call .collect()"
        )
    if isinstance(frame, Mapping) or hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__arrow_c_array__"):
        try:
            return pa.table(frame)
        except pa.ArrowInvalid as error:
            # a column speaks Arrow too, and its type is no structure of columns
            if "non-struct" not in str(error):
                raise
            raise TypeError(
                f"expected a table, got one column ({type(frame).__name__}): give a table that has it"
            ) from None
    if type(frame).__module__.partition(".")[0] == "pandas":
        return pa.Table.from_pandas(frame, preserve_index=False)
    raise TypeError(f"expected a table of pyarrow, pandas, Polars, DuckDB …, got {type(frame).__name__}")


def _streamed(reader: pa.RecordBatchReader, answer: Answered) -> pa.RecordBatchReader:
    import pyarrow as pa

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            yield from plain(answer(pa.Table.from_batches([batch]))).to_batches()

    empty = plain(answer(without_rows(reader.schema)))
    return pa.RecordBatchReader.from_batches(empty.schema, batches())


def joined(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """Yield batches together: each table but the last has at least so many rows; none where there is no batch."""
    import pyarrow as pa

    kept: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        kept.append(batch)
        count += batch.num_rows
        if count >= rows:
            yield pa.Table.from_batches(kept)
            kept, count = [], 0
    if kept:
        yield pa.Table.from_batches(kept)


def without_rows(schema: pa.Schema) -> pa.Table:
    """Return a table without rows; `Schema.empty_table` makes none with a dictionary of days."""
    import pyarrow as pa

    return pa.table([pa.nulls(0, field.type) for field in schema], schema=schema)


def plain(table: pa.Table) -> pa.Table:
    """Return a table without dictionaries that the batches of a stream could not share."""
    import pyarrow as pa

    return table.cast(
        pa.schema(
            [
                field.with_type(field.type.value_type) if pa.types.is_dictionary(field.type) else field
                for field in table.schema
            ],
            table.schema.metadata,
        )
    )


def with_columns(table: pa.Table, made: Mapping[str, Any]) -> pa.Table:
    """Return a table with further columns behind its own.

    Raises:
        TerminologyError: It has a column of such a name already.
    """
    for name, column in made.items():
        if name in table.column_names:
            raise TerminologyError(f"the table has a column {name!r} already: rename it, or leave it out")
        table = table.append_column(name, column)
    return table


def rows_at(table: pa.Table, places: pa.Array) -> pa.Table:
    """Return the rows of a table at some places, in their order.

    >>> import pyarrow
    >>> views = pyarrow.table({"dx": pyarrow.array(["I10", "E11.9"], pyarrow.string_view())})
    >>> rows_at(views, pyarrow.array([1, 1])).column("dx").to_pylist()
    ['E11.9', 'E11.9']
    """
    import pyarrow as pa

    fields = [field.with_type(joinable_type(column)) for field, column in zip(table.schema, table.columns, strict=True)]
    return table.cast(pa.schema(fields)).take(places).cast(table.schema)


def joinable_type(column: pa.ChunkedArray) -> pa.DataType:
    """Return the type in which pyarrow can join and take rows of a column: no view, no dictionary with nulls in it."""
    import pyarrow as pa

    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}
    if pa.types.is_dictionary(column.type) and any(chunk.dictionary.null_count for chunk in column.chunks):
        return column.type.value_type
    return views.get(column.type, column.type)


def column_of(table: pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column.

    Raises:
        TerminologyError: There is none of that name, or there are two.
    """
    number = table.column_names.count(name)
    if number == 1:
        return table.column(name)
    if number:
        raise TerminologyError(f"the table has {number} columns {name!r}: rename all but one")
    names = ", ".join(table.column_names[:20]) or "no columns"
    raise TerminologyError(f"the table has no column {name!r} (it has {names})")


def whole(column: pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece; its memory is shared where it is in one already."""
    import pyarrow as pa

    if not column.num_chunks:
        return pa.nulls(0, column.type)
    kind = joinable_type(column)
    if column.num_chunks == 1 and column.type == kind:
        # pyarrow would copy it
        return column.chunk(0)
    made = column.cast(kind).combine_chunks()
    return made.chunk(0) if isinstance(made, pa.ChunkedArray) else made
