"""The cases of persons: a code on a day, with its POA indicator. Each different case of a person is there once, with its rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, frozen

from ..counts import counted
from ..errors import TerminologyError
from ..periods import day_from
from .arrays import cells, is_of_days
from .cells import cell_of
from .day_columns import day_numbers
from .day_reading import DayReading
from .frames import Frame, arrow_table, column_of, whole

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class Case:
    """A code on a day."""

    code: str | None
    day: datetime.date | None
    poa: str


@define
class PersonCases:
    """The rows of a table, each combination of person, code, day and POA once."""

    persons: pa.Array
    _columns: Sequence[Sequence[Any]]
    _counts: Mapping[tuple[int, tuple[int, ...]], int]

    @classmethod
    def of(cls, table: Frame, person: str, code: str, on: tuple[Any, Any], poa: str | None) -> PersonCases:
        """Return the cases of a table.

        Args:
            table: A row for each code.
            person: The column of persons.
            code: The column of codes.
            on: The column of days, or one day; and how days are written, as of `DayReading`.
            poa: The column of present-on-admission indicators, if there is one.

        Raises:
            InvalidDateError: There is no such column, and it is no day.
            TerminologyError: A column is missing, or a row has no person.
        """
        import pyarrow as pa

        given = table.read_all() if isinstance(table, pa.RecordBatchReader) else arrow_table(table)
        rows = DayReading(*on).of(given)
        who = _encoded(column_of(rows, person))
        if who.null_count:
            raise TerminologyError(
                f"{counted(who.null_count, 'row has', 'rows have')} no person in column {person!r}: "
                f"leave {'it' if who.null_count == 1 else 'them'} out"
            )
        codes = cells(whole(column_of(rows, code)), code, "the table")
        days = _days(rows, on[0])
        indicators = _encoded(column_of(rows, poa)) if poa else pa.array([""] * len(who)).dictionary_encode()
        columns = (codes, days, indicators)
        places = [column.indices.fill_null(-1).to_pylist() for column in (who, *columns)]
        counts: dict[tuple[int, tuple[int, ...]], int] = {}
        for number, *key in zip(*places, strict=True):
            at = (number, tuple(key))
            counts[at] = counts.get(at, 0) + 1
        return cls(who.dictionary, [[*column.dictionary.to_pylist(), None] for column in columns], counts)

    def distinct(self) -> Iterable[tuple[int, tuple[int, ...]]]:
        """Return the number of a person with the key of a case, for each case of each person."""
        return self._counts

    def count(self, number: int, key: tuple[int, ...]) -> int:
        """Return how many rows have the case of a person."""
        return self._counts[number, key]

    def case(self, key: tuple[int, ...]) -> Case:
        """Return the case of a key; what is null is last in its column."""
        code, day, poa = (values[place] for values, place in zip(self._columns, key, strict=True))
        text = None if code is None else cell_of(code).text
        return Case(text, day, str(poa or "").strip().upper())


def _encoded(column: pa.ChunkedArray) -> pa.DictionaryArray:
    import pyarrow as pa

    found = whole(column)
    if pa.types.is_dictionary(found.type):
        found = found.cast(found.type.value_type)
    return found.dictionary_encode()


def _days(rows: pa.Table, on: Any) -> pa.DictionaryArray:
    """Return the days of the rows; of one day that is asked about, that of each."""
    import pyarrow as pa

    if isinstance(on, str) and on in rows.column_names:
        column = whole(column_of(rows, on))
        numbers = column if is_of_days(column.type) else day_numbers(column, on, "the table")[0]
        return numbers.cast(pa.date32(), safe=False).dictionary_encode()
    return pa.array([day_from(on)] * rows.num_rows, pa.date32()).dictionary_encode()
