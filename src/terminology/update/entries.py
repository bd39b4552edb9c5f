"""The ``[[fetch]]`` tables of the configuration: each names one file, or one of each year or quarter."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, cast
from urllib.parse import urlsplit
from urllib.request import url2pathname

from attrs import field, frozen

from ..errors import InvalidDateError, suggestion
from ..periods import day_from
from .settings import Settings, brief
from .sources import (
    ANNUAL,
    FISCAL,
    KINDS,
    PLACEHOLDERS,
    QUARTERLY,
    Kind,
    Source,
    Years,
    filled,
    kind_of,
    name_fault,
    periods_of,
    placeholders_in,
    words_of,
)
from .urls import SCHEMES, InvalidURLError, name_in, shown, usable

SHA256: Final = re.compile(r"[0-9a-f]{64}")
YEARS: Final = range(1990, 2100)
USER: Final = re.compile(r"^.*@", re.DOTALL)
MOST_FILES: Final = 10_000
"""How many files a configuration may name; the publishers have some hundred."""


@frozen
class Entry:
    """One ``[[fetch]]`` of the configuration, its placeholders not yet filled in."""

    place: str
    """Its place in the configuration: ``fetch[2]``."""
    urls: tuple[str, ...] = field(default=(), repr=False)
    path: str | None = None
    name: str | None = None
    sha256: str | None = None
    expect: Kind | None = None
    required: bool = True
    system: str | None = None
    version: str | None = None
    effective: datetime.date | str | None = None
    years: Years | None = None

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in braces, of all that is filled in."""
        texts = (*self.urls, self.path, self.name, self.version, self.effective)
        return placeholders_in(*(text for text in texts if isinstance(text, str)))

    def sources(self, today: datetime.date) -> Iterator[Source]:
        """Yield the files that the entry names, the oldest first.

        A file of a period that has not begun is not required: it is fetched as soon as it is there.
        """
        if self.years is None:
            yield self._source({}, required=self.required)
            return
        for day in periods_of(self.placeholders, self.years, today):
            yield self._source(words_of(self.placeholders, day), required=self.required and day <= today)

    def _source(self, words: Mapping[str, str], *, required: bool) -> Source:
        urls = tuple(filled(url, words) for url in self.urls)
        effective = filled(self.effective, words)
        name = filled(self.name, words) or (name_in(urls[0]) if urls else "")
        return Source(
            urls,
            Path(filled(self.path, words)) if self.path is not None else None,
            name,
            self.sha256,
            self.expect or kind_of(name or filled(self.path, words) or ""),
            required,
            self.system,
            filled(self.version, words),
            day_from(effective) if effective is not None else None,
        )


def read_entry(table: Settings) -> Entry:
    """Return the entry of a table ``[[fetch]]``; its errors are noted."""
    urls, path = _places(table)
    entry = Entry(
        table.place,
        urls,
        path,
        table.text("name"),
        _sha256(table),
        cast("Kind | None", table.choice("expect", KINDS)),
        table.flag("required", default=True),
        table.text("system"),
        table.text("version"),
        table.day("effective"),
        _years(table),
    )
    table.finish()
    _check_placeholders(table, entry)
    _check_effective(table, entry)
    return entry


def _places(table: Settings) -> tuple[tuple[str, ...], str | None]:
    """Return the URLs, or the path, of an entry."""
    urls = tuple(table.expanded("url", url) for url in table.texts("url"))
    path = table.text("path")
    if bool("url" in table) == bool("path" in table):
        table.fault("", "expected either a url or a path")
    for url in urls:
        if fault := _url_fault(url, alone=len(urls) == 1):
            table.fault("url", fault)
    if len(urls) == 1 and urls[0].lower().startswith("file:"):
        return (), str(table.located("url", _path_in(urls[0])))
    return urls, str(table.located("path", path)) if path is not None else None


def _path_in(url: str) -> str:
    """Return the path of a file that a URL names; the URL itself where it is not one, which is an error."""
    try:
        return url2pathname(urlsplit(url).path)
    except ValueError:
        return url


def _url_fault(url: str, *, alone: bool) -> str | None:
    # filled in with any period, it must be a URL
    url = filled(url, words_of(PLACEHOLDERS, datetime.date(2025, 10, 1)))
    try:
        parts = urlsplit(url)
        scheme, host = parts.scheme.lower(), parts.hostname
    except ValueError:
        # what is wrong with it is reported below
        scheme, host = SCHEMES[0], url
    if scheme == "file" and alone:
        return None
    if scheme not in SCHEMES:
        return f"expected a URL of http or https, got {brief(shown(url) if scheme else USER.sub('…@', url))}"
    if not host:
        return f"expected a URL with a host, got {shown(url)!r}"
    try:
        usable(url)
    except InvalidURLError as error:
        return f"this is no URL: {error}"
    return None


def _sha256(table: Settings) -> str | None:
    value = table.text("sha256")
    if value is None:
        return None
    if not SHA256.fullmatch(value.lower()):
        table.fault("sha256", f"expected 64 hexadecimal digits, got {brief(value)}")
    return value.lower()


def _years(table: Settings) -> Years | None:
    """Return the years that an entry names: a list of years, or a table with from and perhaps to."""
    table.asked.add("years")
    value = table.values.get("years")
    if value is None:
        return None
    span = isinstance(value, dict) and "from" in value and value.keys() <= {"from", "to"}
    years = [value["from"], value.get("to", value["from"])] if span else value
    wrong = not isinstance(years, list) or not years
    if wrong or any(not isinstance(year, int) or isinstance(year, bool) or year not in YEARS for year in years):
        table.fault(
            "years", f"expected [2025, 2026], {{ from = 2025 }} or {{ from = 2021, to = 2025 }}, got {brief(value)}"
        )
        return None
    if not span:
        return Years(named=tuple(years))
    if years[1] < years[0]:
        table.fault("years", f"expected years that go up, got {brief(value)}")
    return Years(first=years[0], last=value.get("to"))


def _check_placeholders(table: Settings, entry: Entry) -> None:
    names = entry.placeholders
    key = "url" if entry.urls else "path"
    for name in names:
        if name not in PLACEHOLDERS:
            listed = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            table.fault(
                key, f"there is no placeholder {{{name}}}{suggestion(name, PLACEHOLDERS) or f'; there are {listed}'}"
            )
    if set(names) & set(FISCAL) and set(names) & {*ANNUAL, *QUARTERLY}:
        table.fault(key, "expected either fiscal years or calendar years and quarters, got both")
    if set(names) & set(QUARTERLY) and not set(names) & set(ANNUAL):
        table.fault(key, "quarters need {calendar_year} too")
    if names and entry.years is None and "years" not in table:
        table.fault("", f"{{{names[0]}}} needs years, such as years = {{ from = 2025 }}")
    if entry.years is not None and not names:
        table.fault("years", "expected a placeholder such as {fiscal_year} for the years")
    if entry.years is not None and entry.sha256:
        table.fault("sha256", "one checksum cannot be that of several files; write an entry for each")


def _check_effective(table: Settings, entry: Entry) -> None:
    # filled in with any period, the text must be a day
    text = filled(entry.effective, words_of(PLACEHOLDERS, datetime.date(2025, 10, 1)))
    try:
        if text is not None:
            day_from(text)
    except InvalidDateError as error:
        table.fault("effective", str(error))


def check_names(entries: tuple[Entry, ...], settings: Settings, today: datetime.date) -> None:
    """Report names that cannot be kept, names that two files would share, and more files than a job can ask for."""
    taken: dict[str, str] = {}
    for entry in entries:
        fault = next(_name_faults(entry, taken, today), None)
        if fault:
            settings.faults.add(f"{entry.place}: {fault}", line=settings.lines.get(entry.place))
        if len(taken) > MOST_FILES:
            reason = f"expected up to {MOST_FILES:,} files in all; write fewer entries or years"
            settings.faults.add(f"{entry.place}: {reason}", line=settings.lines.get(entry.place))
            return


def _name_faults(entry: Entry, taken: dict[str, str], today: datetime.date) -> Iterator[str]:
    for source in entry.sources(today):
        if not source.urls:
            continue
        if fault := name_fault(source.name):
            yield fault
        # names that differ in case only are one file on some systems
        other = taken.get(source.name.casefold())
        if other:
            whose = "two of its own files" if other == entry.place else f"a file of {other}"
            yield f"{source.name!r} would be the name of {whose} too; give each file a name of its own"
        taken[source.name.casefold()] = entry.place
