"""The days of rows as days, in whatever form their column has them.

Which number of ``11/02/2024`` is the month is decided once: by all rows of a table, or of a stream by the first that show
it; so no batch of a stream is read in another way than the one before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import InvalidDateError, ReleaseFormatError
from .arrays import is_of_days
from .day_columns import day_numbers, form_of_days
from .days import DayForm, checked_format
from .opening import opened_table

if TYPE_CHECKING:
    import pyarrow as pa


class DayReading:
    """Makes the column of days of rows one of days.

    Args:
        on: Name of a column of days, or what is no column.
        day_format: The form of its days, as `datetime.datetime.strptime` has it or as it was found; None to find it.

    Raises:
        InvalidDateError: No day can be read by the form.

    >>> import pyarrow
    >>> rows = pyarrow.table({"day": ["11/02/2024", "11/24/2024", "soon"]})
    >>> DayReading("day").of(rows).column("day").to_pylist()
    [datetime.date(2024, 11, 2), datetime.date(2024, 11, 24), None]
    """

    def __init__(self, on: Any, day_format: str | DayForm | None = None) -> None:
        self.on = on
        self._form = day_format if isinstance(day_format, DayForm) else None
        if isinstance(day_format, str):
            try:
                self._form = DayForm(checked_format(day_format))
            except ValueError as error:
                raise InvalidDateError(str(error)) from None

    def of(self, rows: pa.Table) -> pa.Table:
        """Return the rows with days in their column of days; as they are where it has days, or texts of one meaning."""
        import pyarrow as pa

        if not (isinstance(self.on, str) and rows.column_names.count(self.on) == 1):
            return rows
        column = rows.column(self.on)
        if is_of_days(column.type):
            return rows
        form = self._form or self._found(rows)
        if form == DayForm():
            return rows
        chunks = [day_numbers(chunk, self.on, "the table", form)[0].cast(pa.date32()) for chunk in column.chunks]
        place = rows.column_names.index(self.on)
        return rows.set_column(place, self.on, pa.chunked_array(chunks, pa.date32()))

    def _found(self, rows: pa.Table) -> DayForm:
        """Return the form that the rows show, and keep it; one that needs no decision where they show none."""
        try:
            found = form_of_days(opened_table(rows.select([self.on])), self.on)
        except ReleaseFormatError:
            # a row without a day is an outcome of the row
            return DayForm()
        if found.order is None:
            return DayForm()
        self._form = found
        return found
