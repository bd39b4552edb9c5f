"""Arguments of functions: which are the same in all rows, and which rows have the same ones.

Engines hand a constant over as a column like any other. A column that is equal to so many times its first value is known
by one comparison of bytes; only others are made distinct.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from ..columns import frames
from ..errors import TerminologyError

if TYPE_CHECKING:
    import pyarrow as pa

REMEMBERED: Final = 16
"""Constants, each with a column of it that is as long as the longest batch."""


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece, however engines hand it over; views of texts as texts, of which rows can be taken."""
    import pyarrow as pa

    if pa.types.is_string_view(column.type):
        column = column.cast(pa.string())
    return frames.whole(column) if isinstance(column, pa.ChunkedArray) else column


def alternatives_type() -> pa.DataType:
    """Return the type of alternatives: lists of codes that are used together."""
    import pyarrow as pa

    return pa.list_(pa.list_(pa.string()))


class Keys:
    """Answers rows by the arguments that are the same for many of them, such as the system."""

    def __init__(self) -> None:
        self._columns: dict[tuple[Any, Any], pa.Array] = {}

    def answered(
        self,
        keys: Sequence[pa.Array],
        columns: Sequence[pa.Array],
        answer: Callable[[Sequence[Any], Sequence[pa.Array]], pa.Array],
    ) -> pa.Array:
        """Return what a function says of rows: it is asked once for each different combination of keys.

        Args:
            keys: Columns of the same length, at least one.
            columns: What else the function needs of each row.
            answer: Takes the values of the keys, and the columns of their rows.
        """
        constants = [self._constant(key) for key in keys]
        if all(is_constant for is_constant, _ in constants):
            return answer([value for _, value in constants], columns)
        return _grouped(keys, columns, answer)

    def _constant(self, column: pa.Array) -> tuple[bool, Any]:
        """Return whether all rows have the same value, as far as it is seen at once, and that value."""
        count = len(column)
        if not count or column.null_count == count:
            return True, None
        try:
            value = column[0].as_py()
            known = self._columns.get((value, column.type))
        except TypeError:
            raise TerminologyError(f"expected a text, got {column.type}") from None
        if known is None or len(known) < count:
            import pyarrow as pa

            if len(self._columns) >= REMEMBERED:
                self._columns.clear()
            known = self._columns[value, column.type] = pa.repeat(column[0], count)
        return bool(column.equals(known.slice(0, count))), value


def _grouped(
    keys: Sequence[pa.Array],
    columns: Sequence[pa.Array],
    answer: Callable[[Sequence[Any], Sequence[pa.Array]], pa.Array],
) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    number = np.zeros(len(keys[0]), dtype=np.int64)
    values: list[list[Any]] = []
    for key in keys:
        encoded = key if pa.types.is_dictionary(key.type) else key.dictionary_encode()
        values.append([*encoded.dictionary.to_pylist(), None])
        places = encoded.indices.cast(pa.int64()).fill_null(len(values[-1]) - 1).to_numpy(zero_copy_only=False)
        number = number * len(values[-1]) + places
    made, order = [], []
    for group in np.unique(number).tolist():
        chosen = np.flatnonzero(number == group)
        rows = pa.array(chosen)
        named: list[Any] = []
        for held in reversed(values):
            group, place = divmod(group, len(held))  # noqa: PLW2901 -- read from the last key to the first
            named.insert(0, held[place])
        made.append(answer(named, [column.take(rows) for column in columns]))
        order.append(chosen)
    return pa.concat_arrays(made).take(pa.array(np.argsort(np.concatenate(order), kind="stable")))
