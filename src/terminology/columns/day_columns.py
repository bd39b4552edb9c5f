"""A column of days: in what form it has them, which day each row has, and what is said of rows without one.

Where the first number of ``11/24/2024`` is never more than 12 and the second is, the month comes first. Where nothing
decides it, nobody guesses: these rows have no day that can be read.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from attrs import define, field

from ..counts import counted
from ..errors import ReleaseFormatError
from ..periods import day_number
from ..repairs import NULL_WORDS
from .arrays import can_be_codes, cells, is_of_days
from .cells import cell_of
from .days import ORDERS, DayForm, in_order

if TYPE_CHECKING:
    import pyarrow as pa

    from .tables import Table

MOST_TEXTS: Final = 10_000
"""Different texts that are no days of which each is counted."""
SHOWN: Final = 5
OPTION: Final = "--date-format"
LONG_YEAR: Final = re.compile(r"\d{4}")
EXAMPLE: Final = datetime.date(2024, 11, 24)


@define
class UnreadDays:
    """The rows whose day cannot be read: all of them, and by text."""

    rows: int = 0
    texts: Counter[str] = field(factory=Counter)

    def add(self, more: Counter[str]) -> None:
        """Add rows by text, each text so long as there are not too many different ones."""
        self.rows += more.total()
        for text, count in more.items():
            if text in self.texts or len(self.texts) < MOST_TEXTS:
                self.texts[text] += count

    def sentence(self, name: str, form: DayForm | None = None) -> str | None:
        """Return what is said of them, with the most frequent texts; None where there are none.

        Args:
            name: Of the column.
            form: The form of the other days.

        >>> print(UnreadDays(2, Counter({"soon": 2})).sentence("day"))
        2 rows have no day that can be read in column 'day', and are not judged: 'soon' (2); give their form with ...
        """
        if not self.rows:
            return None
        shown = ", ".join(f"{text!r} ({count:,})" for text, count in self.texts.most_common(SHOWN))
        more = f" and {counted(len(self.texts) - SHOWN, 'more text')}" if len(self.texts) > SHOWN else ""
        said = counted(self.rows, "row has", "rows have")
        judged = "is" if self.rows == 1 else "are"
        fix = self._fix(form or DayForm())
        return f"{said} no day that can be read in column {name!r}, and {judged} not judged: {shown}{more}; {fix}"

    def _fix(self, form: DayForm) -> str:
        if form.format:
            return f"check {OPTION} {form.format}"
        if form.shown and not any(map(_orders_of, self.texts)):
            return f"the other days are like {form.shown}"
        return _fix(any(map(_orders_of, self.texts)))


def _orders_of(text: str) -> tuple[str, ...]:
    """Return the orders of day, month and year in which a text is a day."""
    return tuple(order for order in ORDERS if in_order(text.strip(), order))


def _fix(is_day_in_some_order: bool) -> str:  # noqa: FBT001 -- the only argument
    if is_day_in_some_order:
        return f"month or day may be first: say which with {OPTION} %m/%d/%Y or {OPTION} %d/%m/%Y"
    return f"give their form with {OPTION}, like %m/%d/%Y"


def is_empty(text: str) -> bool:
    """Return whether a cell holds nothing, or a word for nothing."""
    return not text.strip() or text.strip().lower() in NULL_WORDS


def day_numbers(column: pa.Array, name: str, label: str, form: DayForm | None = None) -> tuple[pa.Array, Counter[str]]:
    """Return a column of days as day numbers, and the texts in it that are no days with their rows; null where there is no day.

    Raises:
        ReleaseFormatError: It holds neither days nor texts nor numbers.

    >>> import pyarrow
    >>> found, unread = day_numbers(pyarrow.array(["1970-01-02T10:00", "19700103", "soon", None]), "day", "a.csv")
    >>> found.to_pylist(), unread
    ([1, 2, None, None], Counter({'soon': 1}))
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if is_of_days(column.type):
        # days of 64 bits may hold a time, which the cast would not lose
        return column.cast(pa.date32(), safe=False).cast(pa.int32()), Counter()
    texts = _day_texts(column, name, label)
    form = form or DayForm()
    values = [None if text is None else cell_of(text).text for text in texts.dictionary.to_pylist()]
    days = [None if text is None else form.day(text) for text in values]
    read = [None if day is None else day_number(day) for day in days]
    faulty = {
        place: text
        for place, (text, day) in enumerate(zip(values, days, strict=True))
        if day is None and text is not None and not is_empty(text)
    }
    unread: Counter[str] = Counter()
    for item in pc.value_counts(texts.indices).to_pylist() if faulty else ():
        if item["values"] in faulty:
            unread[faulty[item["values"]]] += item["counts"]
    return pa.array(read, pa.int32()).take(texts.indices), unread


def day_texts(column: pa.Array, name: str, label: str, form: DayForm | None = None) -> pa.Array:
    """Return a column of days as texts in ISO form; a text that is no day as it is.

    >>> import pyarrow
    >>> day_texts(pyarrow.array(["20240301", "soon", None]), "day", "a.csv").to_pylist()
    ['2024-03-01', 'soon', None]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers, _ = day_numbers(column, name, label, form)
    days = numbers.cast(pa.date32()).cast(pa.string())
    if is_of_days(column.type):
        return days
    texts = _day_texts(column, name, label)
    bare = [None if text is None else cell_of(text).text for text in texts.dictionary.to_pylist()]
    return pc.coalesce(days, pa.array(bare, pa.string()).take(texts.indices))


def _day_texts(column: pa.Array, name: str, label: str) -> pa.DictionaryArray:
    if not can_be_codes(column.type):
        raise ReleaseFormatError(f"expected days like 2024-03-01, got {column.type}", file=label, column=name)
    return cells(column, name, label)


# ---- in what form a column has its days


@define
class _Survey:
    """The texts of a column of days so far."""

    form: DayForm
    """That needs no decision."""
    orders: frozenset[str] = frozenset(ORDERS)
    """In which all days of three numbers so far are days."""
    mark: str = ""
    """Between the numbers of the first of these."""
    has_long_years: bool = False
    has_days: bool = False
    unread: tuple[int, str] | None = None
    """The first text that is no day, and its row."""

    def see(self, text: str, row: int) -> None:
        """Take one more text into account."""
        if self.form.day(text) is not None:
            self.has_days = True
            return
        self.unread = self.unread or (row, text)
        if possible := _orders_of(text):
            self.mark = self.mark or text.strip().lstrip("0123456789")[:1]
            self.has_long_years = self.has_long_years or bool(LONG_YEAR.search(text))
            self.orders &= {*possible}

    @property
    def order(self) -> str | None:
        """The only order that is possible, or None."""
        if not self.mark or len(self.orders) != 1:
            return None
        [order] = self.orders
        return order if self.has_long_years else order.lower()

    def error(self, table: Table, name: str) -> ReleaseFormatError | None:
        """Return what is wrong where no text is a day; None where one is, or there are no texts."""
        if self.has_days or self.unread is None or (self.order and not self.form.format):
            return None
        row, text = self.unread
        asked = self.form.format
        wanted = f"{EXAMPLE:{asked}} ({asked})" if asked else "2024-03-01"
        fix = f"check {OPTION}" if asked else _fix(bool(self.mark))
        said = f"expected days like {wanted}, got {text!r}; {fix}"
        return ReleaseFormatError(said, file=table.label, line=table.first_line + row - 1, column=name)


def form_of_days(table: Table, name: str, asked: str | None = None) -> DayForm:
    """Return how the days of a column are written, by all of its texts; of a stream by those of its first batch.

    Args:
        table: The table.
        name: Of the column.
        asked: The form that somebody asked for, as `datetime.datetime.strptime` has it.

    Raises:
        ReleaseFormatError: The column is not empty, and nothing in it can be read as a day.

    >>> from terminology.columns import text_table
    >>> form_of_days(text_table("id,day\\n1,11/02/2024\\n2,11/24/2024\\n", "a.csv"), "day").shown
    '%m/%d/%Y'
    """
    import pyarrow.compute as pc

    survey = _Survey(DayForm(asked))
    seen: set[str] = set()
    above = 0
    for batch in table.surveyed([name]):
        column = batch.column(name)
        if is_of_days(column.type):
            return survey.form
        texts = _day_texts(column, name, table.label)
        values = texts.dictionary.to_pylist()
        for place in pc.unique(texts.indices).to_pylist():
            text = None if place is None else values[place]
            if text is None or text in seen or is_empty(text):
                continue
            if len(seen) < MOST_TEXTS:
                seen.add(text)
            bare = cell_of(text).text
            first = 0 if survey.form.day(bare) is not None else pc.index(texts.indices, place).as_py()
            survey.see(bare, above + first + 1)
        above += batch.num_rows
    if error := survey.error(table, name):
        raise error
    return survey.form if asked else DayForm(None, survey.order, survey.mark or "/")
