"""What a reader of a page asks for: a store, a day of service, and the parameters of the address."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Final
from urllib.parse import quote, urlencode

from attrs import field, frozen

from ..errors import TerminologyError
from ..fhir import Request, Response
from ..periods import coverage_end
from ..query import CodeSystem, Edition, Terminology
from ..query.guidelines import SUFFIX
from ..wire import withheld

LONGEST: Final = 400
"""Characters of a parameter; what is beyond does not count."""
TRUE: Final = ("1", "on", "true", "yes")
MENU: Final = (
    *(("tree", "Tree"), ("index", "Index"), ("pcs", "PCS builder"), ("compare", "Compare"), ("list", "Check a list")),
    *(("loaded", "What is loaded"), ("resources", "FHIR resources")),
)
"""Path and words of the pages that there are for every store."""


class AskedError(TerminologyError):
    """What was asked for cannot be answered; the message says what to do."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def absent(message: str) -> AskedError:
    """Return that there is nothing at an address."""
    return AskedError(404, message)


def default_day(system: CodeSystem, today: datetime.date) -> datetime.date:
    """Return the day that a system is shown on where none is asked for: today, or the last one that its newest release covers.

    That of a system that is not in use any more is today.

    >>> default_day(store["icd10cm"], datetime.date(2031, 1, 15)), default_day(store["icd9cm"], datetime.date(2031, 1, 15))
    (datetime.date(2022, 9, 30), datetime.date(2031, 1, 15))
    """
    definition = system.definition
    if definition.retired is not None or not system.releases:
        return today
    end = coverage_end(definition.calendar, system.releases[-1].effective)
    return today if end is None else min(today, end - datetime.timedelta(days=1))


@frozen(slots=False)
class Asked:
    """What was asked for."""

    store: Terminology
    path: str = "/"
    query: Sequence[tuple[str, str]] = ()
    root: str = ""
    """What stands before all paths, where a proxy puts something there."""
    fhir: Callable[[Request], Response] | None = None
    """What answers FHIR requests, with the resources that are served beside the store; None where nothing does."""
    today: datetime.date = field(factory=lambda: datetime.datetime.now(datetime.UTC).date())
    """That of UTC, as the FHIR service has it."""

    def value(self, name: str) -> str:
        """Return the first value of a parameter, without blanks around it; empty where it is not given."""
        found = next((value for key, value in self.query if key == name), "")
        return found.strip()[:LONGEST]

    def is_set(self, name: str) -> bool:
        """Return whether a box was ticked."""
        return self.value(name) in TRUE

    @cached_property
    def date(self) -> datetime.date | None:
        """The day of service; None where none was asked for: then each system is shown on its `default_day`.

        Raises:
            AskedError: What was given is no day.
        """
        text = self.value("date")
        if not text:
            return None
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise AskedError(400, f"the date of service {text!r} is no day: write it as 2026-10-01") from None

    @property
    def day(self) -> str:
        """The day as it was given, for the field that has it."""
        return self.value("date")

    @property
    def dated(self) -> dict[str, str]:
        """The parameter of the day, to be carried on by links; empty where none was given, or one that is no day."""
        try:
            return {"date": self.date.isoformat()} if self.date else {}
        except AskedError:
            return {}

    # ---- code systems

    def system(self, name: str) -> CodeSystem:
        """Return a code system by its short name.

        Raises:
            AskedError: It is not loaded.
        """
        if name not in self.store.systems:
            listed = ", ".join(self.store.systems) or "none"
            raise absent(f"the code system {name!r} is not loaded; loaded are: {listed}")
        return self.store[name]

    def edition(self, name: str) -> Edition:
        """Return a code system on the day of service, or on its `default_day` where none was asked for.

        Raises:
            AskedError: It is not loaded.
        """
        system = self.system(name)
        return system.on(self.date or default_day(system, self.today))

    def warnings(self, edition: Edition) -> list[str]:
        """Return what a reader of an answer must know: that the day is not covered, or that texts are withheld."""
        title = edition.definition.title
        day = f"No release of {title} covers {edition.date}: {edition.gap}." if edition.gap else None
        late = None
        if self.date is None and edition.date != self.today and edition.release:
            late = (
                f"The newest release of {title}, {edition.release.version}, ends on {edition.date}: that day is shown."
            )
        texts = withheld(edition)
        definition = edition.definition
        over = f"{title} is not in use since {definition.retired}." if definition.is_over(edition.date) else None
        return [text for text in (day, late, over, texts and f"{texts[0].upper()}{texts[1:]}.") if text]

    @property
    def menu(self) -> list[tuple[str, str]]:
        """The path and the words of each page that all pages lead to: of guidelines, where some are loaded."""
        named = [name.removesuffix(SUFFIX) for name in self.store.documents]
        words = "Guidelines" if len(named) == 1 else "Guidelines of {}"
        guidelines = [(f"guidelines/{name}", words.format(name)) for name in named]
        return [*MENU[:2], *guidelines, *MENU[2:]]

    # ---- links

    def link(self, *parts: str, **query: object) -> str:
        """Return the address of a page, with the day of service where one was given.

        Args:
            parts: Of the path; each is escaped.
            query: Parameters; those that are empty, false or None are left out.
        """
        given = {name: "1" if value is True else value for name, value in query.items() if value}
        asked = urlencode({**self.dated, **given}, quote_via=quote)
        path = "/".join(quote(part, safe=".:") for part in parts)
        return f"{self.root}/{path}{f'?{asked}' if asked else ''}"

    def card(self, system: str, code: str) -> str:
        """Return the address of the card of a code."""
        return self.link("code", system, code)

    def permanent(self, edition: Edition, *parts: str) -> str:
        """Return the address that stays: with the day, also where none was asked for."""
        path = "/".join(quote(part, safe=".:") for part in parts)
        return f"{self.root}/{path}?date={edition.date.isoformat()}"
