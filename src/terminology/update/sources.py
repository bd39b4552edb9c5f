"""The files to fetch: one entry of the configuration names one file, or one of each year or quarter."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal, get_args

from attrs import field, frozen

from ..periods import Calendar, next_quarter, year_of, year_start

Kind = Literal["zip", "xlsx", "xls", "txt", "csv", "xml", "json"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

FISCAL: Final = ("fiscal_year", "fiscal_year_short")
ANNUAL: Final = ("calendar_year", "calendar_year_short")
QUARTERLY: Final = ("quarter_month", "quarter_name", "quarter_number")
PLACEHOLDERS: Final = (*FISCAL, *ANNUAL, *QUARTERLY)
PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
QUARTERS: Final = {1: "january", 4: "april", 7: "july", 10: "october"}
LONGEST_NAME: Final = 200
FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]')


@frozen
class Years:
    """The years that an entry names: some, or all from one on."""

    named: tuple[int, ...] = ()
    first: int | None = None
    """From this year to the one after the current; new years come by themselves."""
    last: int | None = None


@frozen
class Source:
    """One file to fetch."""

    urls: tuple[str, ...] = field(default=(), repr=False)
    """Where it may be, in the order in which they are tried; not shown, they may hold a password."""
    path: Path | None = None
    """A file or folder on this machine, in place of a URL."""
    name: str = ""
    """Under which name it is kept, relative to the folder of downloads."""
    sha256: str | None = None
    expect: Kind | None = None
    required: bool = True
    """Whether it is an error that the file is not there."""
    system: str | None = None
    version: str | None = None
    effective: datetime.date | None = None

    @property
    def label(self) -> str:
        """The file as people know it."""
        return self.name or str(self.path)


def name_fault(name: str) -> str | None:
    """Return why a file cannot be kept under the name; None if it can.

    >>> name_fault("hcpcs/january.zip") is None, name_fault("../january.zip")
    (True, "expected a relative name without '..' and hidden parts, got '../january.zip'")
    """
    path = PurePosixPath(name)
    if not name or not path.name:
        return f"expected a file name, got {name!r}"
    if path.is_absolute() or any(part.startswith(".") for part in path.parts):
        return f"expected a relative name without '..' and hidden parts, got {name!r}"
    if FORBIDDEN.search(name):
        return f"expected a file name without control and special characters, got {name!r}"
    if any(len(part.encode()) > LONGEST_NAME for part in path.parts):
        return f"expected a file name of up to {LONGEST_NAME} bytes, got {len(path.name.encode())}"
    return None


def kind_of(name: str) -> Kind | None:
    """Return what a file is by the suffix of its name; None for a suffix that says nothing.

    >>> kind_of("Conversion.XLSX"), kind_of("layout.pdf")
    ('xlsx', None)
    """
    suffix = PurePosixPath(name).suffix.lower().lstrip(".")
    return next((kind for kind in KINDS if kind == suffix), None)


def placeholders_in(*texts: str) -> tuple[str, ...]:
    """Return the names in braces, each once, in their order.

    >>> placeholders_in("https://example.org/{fiscal_year}/{fiscal_year}-codes.zip")
    ('fiscal_year',)
    """
    return tuple(dict.fromkeys(name for text in texts for name in PLACEHOLDER.findall(text)))


def periods_of(names: tuple[str, ...], years: Years, today: datetime.date) -> Iterator[datetime.date]:
    """Yield the first day of each period that an entry with these placeholders names, the oldest first.

    Years without an end go on to the period after the current one: publishers are early.
    """
    calendar: Calendar = "fiscal" if set(names) & set(FISCAL) else "calendar"
    quarterly = bool(set(names) & set(QUARTERLY))
    coming = next_quarter(today) if quarterly else year_start(calendar, year_of(calendar, today) + 1)
    if years.first is not None:
        last = years.last if years.last is not None else year_of(calendar, coming)
        chosen = tuple(range(years.first, last + 1))
    else:
        chosen = years.named
    for year in sorted(set(chosen)):
        start = year_start(calendar, year)
        for month in QUARTERS if quarterly else (start.month,):
            day = start.replace(month=month)
            if years.first is None or years.last is not None or day <= coming:
                yield day


def words_of(names: tuple[str, ...], day: datetime.date) -> Mapping[str, str]:
    """Return the values of the placeholders in the period that begins on the day.

    >>> words_of(("quarter_name", "calendar_year"), datetime.date(2025, 7, 1))["quarter_name"]
    'july'
    """
    fiscal = year_of("fiscal", day)
    name = QUARTERS.get(day.month, "")
    words = {
        "fiscal_year": str(fiscal),
        "fiscal_year_short": f"{fiscal % 100:02}",
        "calendar_year": str(day.year),
        "calendar_year_short": f"{day.year % 100:02}",
        "quarter_name": name,
        "quarter_month": name[:3].upper(),
        "quarter_number": f"{day.month:02}",
    }
    return {placeholder: words[placeholder] for placeholder in names}


def filled(value: Any, words: Mapping[str, str]) -> Any:
    """Return the text with its placeholders filled in; anything that is no text as it is.

    >>> filled("{fiscal_year}-codes.zip", {"fiscal_year": "2026"})
    '2026-codes.zip'
    """
    if not isinstance(value, str):
        return value
    return PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), value)
