"""Versions and days in texts: labels as publishers and people write them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any, Final, Protocol

from ..errors import InvalidDateError
from ..periods import Calendar, effective_of

LABEL: Final = re.compile(r"(?!latest$)[0-9A-Za-z][0-9A-Za-z._+-]{0,47}")
"""What may be a version."""
WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,9}")
COMPACT_DAY: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
YEAR_MONTH: Final = re.compile(r"(?:19|20)\d\d(-(0[1-9]|1[0-2]))?")


def whole_number(text: str | None) -> int | None:
    """Return the number that a text of one to nine digits is; None for anything else.

    Python takes digits of every script, and fails on a text of thousands of them.

    >>> whole_number("12"), whole_number("-1"), whole_number("٣"), whole_number("9" * 5_000), whole_number(None)
    (12, None, None, None, None)
    """
    return int(text) if text is not None and WHOLE_NUMBER.fullmatch(text) else None


def day_in(text: str) -> datetime.date | None:
    """Return the day that a text is (``2024-03-01``, ``20240301``), a time of day left out; None for anything else.

    >>> day_in("2024-03-01T10:00:00Z"), day_in("20240301"), day_in("2024-3-1")
    (datetime.date(2024, 3, 1), datetime.date(2024, 3, 1), None)
    """
    words = COMPACT_DAY.sub(r"\1-\2-\3", text) if COMPACT_DAY.fullmatch(text) else text
    if not re.match(r"\d{4}-\d\d-\d\d(T|$| )", words):
        return None
    try:
        return datetime.date.fromisoformat(words[:10])
    except ValueError:
        return None


def stated_day(text: str) -> datetime.date:
    """Return the day that a text must be.

    Raises:
        ValueError: It is none; the message says what was expected.

    >>> stated_day("2024-03-01")
    datetime.date(2024, 3, 1)
    """
    day = day_in(text)
    if day is None:
        raise ValueError("a day like 2024-03-01")
    return day


def first_day_of(version: str, calendar: Calendar) -> datetime.date | None:
    """Return the first day that a version label states by itself, or None.

    >>> first_day_of("2024", "fiscal"), first_day_of("2024-07", "open"), first_day_of("4.0.1", "open")
    (datetime.date(2023, 10, 1), datetime.date(2024, 7, 1), None)
    """
    if day := day_in(version):
        return day
    try:
        return effective_of(calendar, version) if YEAR_MONTH.fullmatch(version) else None
    except InvalidDateError:
        return None


class Stated(Protocol):
    """What the operator and the file say of a release: a `terminology.drafts.Part`."""

    @property
    def version(self) -> str | None:
        """Version that the operator gave."""

    @property
    def effective(self) -> datetime.date | None:
        """Effective day that the operator gave."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the file says: ``version`` and ``effective``, or None in place of them."""


def stated_release(part: Stated, calendar: Calendar) -> tuple[str, datetime.date] | str:
    """Return version and first day of what states them itself; or why it has none, as a sentence.

    What the operator gave overrides the rest; then comes the day that the file states, then a version that is a day,
    month or year.

    Args:
        part: A list of codes, or a map.
        calendar: Tells when a year begins.
    """
    version = part.version or part.facts["version"]
    day = part.effective or (first_day_of(part.version, calendar) if part.version else None)
    if day is None and part.facts["effective"]:
        day = datetime.date.fromisoformat(part.facts["effective"])
    if day is None and version:
        day = first_day_of(version, calendar)
    if day is None:
        return "the file does not say from which day it is in force: give --effective"
    version = version or day.isoformat()
    if not LABEL.fullmatch(version):
        return f"expected a version of letters, digits, dots and dashes, got {version!r}: give --version"
    return version, day
