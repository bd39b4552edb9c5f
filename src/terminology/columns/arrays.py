"""Columns of a batch of rows as the cells that they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import ReleaseFormatError
from .cells import marked

if TYPE_CHECKING:
    import pyarrow as pa

Numbers = Any
"""A numpy array of numbers."""


def _value_type(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def can_be_codes(kind: pa.DataType) -> bool:
    """Return whether a column of this type can hold codes: texts and numbers can."""
    import pyarrow as pa

    value = _value_type(kind)
    tests = (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_null,
    )
    return any(test(value) for test in tests)


def cells(column: pa.Array, name: str, label: str) -> pa.DictionaryArray:
    """Return the cells of a column as a dictionary of texts; those that were numbers begin with a mark.

    Raises:
        ReleaseFormatError: It holds neither texts nor numbers.
    """
    import pyarrow as pa

    kind = _value_type(column.type)
    if not can_be_codes(column.type):
        raise ReleaseFormatError(f"expected codes as text, got {kind}", file=label, column=name)
    if pa.types.is_null(kind):
        return column.cast(pa.string()).dictionary_encode()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    values = column.dictionary
    if pa.types.is_floating(kind) and kind != pa.float64():
        # as text 401.9 stays what it is; as a number of Python it would be 401.8999938964844
        values = values.cast(pa.string()).cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        texts = pa.array([None if value is None else marked(value) for value in values.to_pylist()], pa.string())
    else:
        texts = values.cast(pa.string())
    # DuckDB and Polars count the values of an enum without a sign, and a null is to be -1
    made = pa.DictionaryArray.from_arrays(column.indices.cast(pa.int32()), texts)
    # dictionaries with nulls in them cannot be made one
    return made.cast(pa.string()).dictionary_encode() if texts.null_count else made


def is_of_days(kind: pa.DataType) -> bool:
    """Return whether a column of this type holds days, with or without times."""
    import pyarrow as pa

    value = _value_type(kind)
    return bool(pa.types.is_date(value) or pa.types.is_timestamp(value))


def array_of(values: Any, kind: pa.DataType, missing: Any) -> pa.Array:
    """Return numbers as an array, whose memory they share; null where they are missing.

    Args:
        values: A numpy array, as wide as the type.
        kind: Of the array.
        missing: For each value whether it is none.

    >>> import numpy, pyarrow
    >>> array_of(numpy.array([7, 8], numpy.int32), pyarrow.int32(), numpy.array([True, False])).to_pylist()
    [None, 8]
    """
    import numpy as np
    import pyarrow as pa

    kept = None
    if missing.any():
        kept = pa.py_buffer(np.packbits(~missing, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [kept, pa.py_buffer(np.ascontiguousarray(values))])


def taken(values: pa.Array, places: pa.Array) -> pa.Array:
    """Return the values at places that are known to be there; null where there is no place."""
    import pyarrow.compute as pc

    # twice as fast as numpy, and the other threads go on meanwhile
    return pc.take(values, places, boundscheck=False)


def blank(count: int, kind: Any) -> Numbers:
    """Return a numpy array that is not filled yet, to be given as ``out``.

    It lies in memory that Arrow keeps: numpy's own goes back to the system each time and is fetched again page by page,
    which takes longer than to add two columns, and other threads wait for it.

    >>> import numpy
    >>> numpy.add([1, 2], 1, out=blank(2, numpy.int64)).tolist()
    [2, 3]
    """
    import numpy as np
    import pyarrow as pa

    wide = np.dtype(kind)
    return np.frombuffer(pa.allocate_buffer(max(count, 1) * wide.itemsize), dtype=wide, count=count)
