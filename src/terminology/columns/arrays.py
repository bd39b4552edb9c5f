"""Columns of a batch of rows as what they hold: cells of codes, days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InvalidDateError, ReleaseFormatError
from ..periods import day_from, day_number
from ..repairs import NULL_WORDS
from .cells import cell_of, marked

if TYPE_CHECKING:
    import pyarrow as pa


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
    return pa.DictionaryArray.from_arrays(column.indices, texts)


def day_numbers(column: pa.Array, name: str, label: str) -> tuple[pa.Array, str | None]:
    """Return a column of days as day numbers, and a text in it that is no day; null where there is no day.

    Texts are in ISO form, with or without hyphens, and may have a time; whole numbers are days like 20240301.

    Raises:
        ReleaseFormatError: It holds something else.

    >>> import pyarrow
    >>> found, unread = day_numbers(pyarrow.array(["1970-01-02T10:00", "19700103", "soon", None]), "day", "a.csv")
    >>> found.to_pylist(), unread
    ([1, 2, None, None], 'soon')
    """
    import pyarrow as pa

    kind = _value_type(column.type)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.date32()).cast(pa.int32()), None
    if not can_be_codes(kind):
        raise ReleaseFormatError(f"expected days like 2024-03-01, got {kind}", file=label, column=name)
    texts = cells(column, name, label)
    read, unread = [], None
    for text in texts.dictionary.to_pylist():
        number = _day_number(text)
        read.append(number)
        is_empty = text is None or not text.strip() or text.strip().lower() in NULL_WORDS
        unread = unread if number is not None or is_empty else cell_of(text).text
    return pa.array(read, pa.int32()).take(texts.indices), unread


def _day_number(text: str | None) -> int | None:
    try:
        return None if text is None else day_number(day_from(cell_of(text).text.strip()))
    except InvalidDateError:
        return None
