"""Days as programs and people write them, and the form in which a column has them.

ISO days, ``20240301`` and ``24-NOV-2024`` mean one day only. ``11/02/2024`` may mean two, so the column as a whole
decides (`terminology.columns.day_columns`).
"""

from __future__ import annotations

import datetime
import re
from typing import Final

from attrs import frozen

from ..reading import calendar_day

TIME: Final = r"(?:[T: ] ?\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[AP]M)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?)?"
ISO: Final = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:[T ].*)?", re.IGNORECASE)
COMPACT: Final = re.compile(r"((?:19|20|21)\d\d)(\d\d)(\d\d)(?:[T ].*)?", re.IGNORECASE)
NAMED_MONTH: Final = re.compile(
    rf"(?:(\d{{1,2}})[- /.]*([a-z]+)\.?|([a-z]+)\.?[- ]*(\d{{1,2}})(?:st|nd|rd|th)?)[- /.,]*(\d{{4}}){TIME}",
    re.IGNORECASE,
)
NUMBERS: Final = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d\d){TIME}", re.IGNORECASE)
BEFORE_TIME: Final = re.compile(rf"(.*?\S){TIME}", re.IGNORECASE)
MONTHS: Final = {
    form: number
    for number, name in enumerate(
        (
            *("january", "february", "march", "april", "may", "june", "july", "august"),
            *("september", "october", "november", "december"),
        ),
        1,
    )
    for form in (name, name[:3], name[:4])
}
"""Number of each month by its English name, whole or cut: Sep and Sept are both in use."""
ORDERS: Final = ("mdY", "dmY", "ymd")
"""In which day, month and year may follow each other in three numbers; a year of two digits may be the first."""
LAST_OF_2000S: Final = 68
"""A year of two digits up to this one is of this century, as `datetime.datetime.strptime` has it."""


@frozen
class DayForm:
    """How the days of a column are written."""

    format: str | None = None
    """The form that was asked for, as `datetime.datetime.strptime` has it; then no other is read."""
    order: str | None = None
    """One of `ORDERS`, with a small ``y`` where years have two digits; None where the column does not decide it."""
    mark: str = "/"
    """Between these numbers."""

    @property
    def shown(self) -> str | None:
        """The form of days that might be read otherwise, like ``%m/%d/%Y``; None where there are none."""
        if self.format or self.order is None:
            return self.format
        return self.mark.join(f"%{part}" for part in self.order)

    def day(self, text: str) -> datetime.date | None:
        """Return the day of a text, or None where it is none.

        >>> DayForm().day("24-NOV-2024"), DayForm().day("11/02/2024"), DayForm(order="mdY").day("11/02/2024 13:45")
        (datetime.date(2024, 11, 24), None, datetime.date(2024, 11, 2))
        """
        bare = text.strip()
        if self.format:
            return _formatted(bare, self.format)
        if found := ISO.fullmatch(bare):
            return calendar_day(int(found[1]), int(found[3]), int(found[4]))
        if found := COMPACT.fullmatch(bare):
            return calendar_day(*map(int, found.groups()))
        if found := NAMED_MONTH.fullmatch(bare):
            month = MONTHS.get((found[2] or found[3]).lower())
            return calendar_day(int(found[5]), month, int(found[1] or found[4])) if month else None
        return in_order(bare, self.order) if self.order else None


def _formatted(text: str, form: str) -> datetime.date | None:
    without_time = BEFORE_TIME.fullmatch(text)
    for candidate in dict.fromkeys([text, without_time[1] if without_time else text]):
        try:
            return datetime.datetime.strptime(candidate, form).date()  # noqa: DTZ007 -- a day has no zone
        except ValueError:
            continue
    return None


def in_order(text: str, order: str) -> datetime.date | None:
    """Return the day of three numbers in an order, or None where they are none."""
    found = NUMBERS.fullmatch(text)
    if not found:
        return None
    parts = dict(zip(order.lower(), (found[1], found[3], found[4]), strict=True))
    year = int(parts["y"])
    if len(found[4]) > len("24"):
        if order == "ymd":
            return None
    else:
        year += 2000 if year <= LAST_OF_2000S else 1900
    return calendar_day(year, int(parts["m"]), int(parts["d"]))


def checked_format(form: str) -> str:
    """Return the form of days, checked.

    Raises:
        ValueError: No day can be read by it.

    >>> checked_format("%m/%d/%Y")
    '%m/%d/%Y'
    """
    example = datetime.date(2024, 11, 24)
    try:
        # a form without a year is not tried: newer versions of Python warn of it
        is_form = re.search("%[Yy]", form) is not None and _formatted(example.strftime(form), form) == example
    except (ValueError, re.error):
        is_form = False
    if not is_form:
        raise ValueError(f"expected a form with day, month and year, like %m/%d/%Y, got {form!r}")
    return form
