"""A list of codes, checked: what each is on the day of service, why, and what instead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from ..layout.parts import Tile
from ..model import Check, Explanation, Status
from ..query import CodeSystem, Edition
from ..reports.flat import csv_text
from ..wire import sent
from .asked import Asked, AskedError
from .page import CSV, Page, shown
from .parts import Part, start_of
from .pasted_codes import MOST, Given, TooManyError, cleaned, pasted_codes

SIZE: Final = 20
"""Rows of a page."""
INSTEAD: Final = 3
"""Codes that a row of a page names in place of its own."""
HEADER: Final = (
    *("line", "given", "date", "code", "title", "status", "billable", "reason", "suggestion", "instead", "release"),
)
WORDS: Final = {
    Status.BILLABLE: "billable",
    Status.HEADER: "headers, not billable",
    Status.FUTURE: "not yet in force",
    Status.EXPIRED: "expired",
    Status.UNCOVERED: "of a day that no release covers",
    Status.UNKNOWN: "unknown",
    Status.MALFORMED: "not the form of a code",
}
COLOURS: Final = {
    Status.BILLABLE: "added",
    Status.HEADER: "to_header",
    Status.FUTURE: "revised",
    Status.EXPIRED: "deleted",
}
KNOWN: Final = frozenset({Status.HEADER, Status.EXPIRED, Status.FUTURE})
"""Statuses of codes that are known, and may not be submitted: what may be instead is worth to be asked for."""


@frozen
class Line:
    """A code of the list, as its row shows it."""

    given: Given
    explanation: Explanation
    link: str | None
    """Of its card; None of what is no code."""
    instead: tuple[tuple[str, str, str], ...]
    """Address, code and title; the title only where there is one."""
    more: int
    """How many further codes there are instead."""
    reason: str
    """Why it is what it is; of a code that may be submitted, what has to be known all the same."""
    why: str
    """What the codes instead have to do with it."""

    @property
    def title(self) -> str:
        """The title of the code; empty of what is none."""
        concept = self.explanation.concept
        return concept.title if concept is not None else ""


def list_page(asked: Asked) -> Page:
    """Return the page on which a list is pasted, and what its codes are."""
    names = asked.store.systems
    chosen = asked.value("system") or ("icd10cm" if "icd10cm" in names else next(iter(names), ""))
    # the list may be longer than other parameters are
    text = next((value for name, value in asked.query if name == "codes"), None)
    if text is None:
        return _form(asked, chosen, "")
    edition = asked.edition(chosen)
    try:
        text = cleaned(text)
        read = pasted_codes(text, edition)
    except TooManyError:
        said = f"The list has more than {MOST:,} codes, or too much beside them: check it in parts, or all of it with terminology columns validate."
        return _form(asked, chosen, text, problem=said, status=413)
    if not read.codes:
        said = "There is no code in the list: write one code on each line."
        return _form(asked, chosen, text, problem=said, status=400)
    days = _Days(asked.system(chosen), edition)
    if form := asked.value("format"):
        if form != "csv":
            raise AskedError(400, f"there is no format {form!r}: there is csv")
        name = f"codes-checked-{chosen}-{edition.date}.csv"
        return Page(csv_text(HEADER, _rows(read.codes, days)), media=CSV, file=name)
    statuses = [days.of(given).status(given.text) for given in read.codes]
    return _form(
        *(asked, chosen, text),
        edition=edition,
        read=read,
        tiles_shown=_tiles(statuses),
        part=_part(asked, read.codes, statuses, days),
        warnings=asked.warnings(edition),
    )


def _form(asked: Asked, chosen: str, text: str, *, status: int = 200, problem: str = "", **values: Any) -> Page:
    """Return the page with the form, and what is shown below it."""
    systems = [(name, asked.store[name].definition.title) for name in asked.store.systems]
    heading = "Check a list of codes"
    found = {"read": None, "part": None, "warnings": [], "most": MOST, **values}
    return shown(
        *("list.html", asked),
        status=status,
        heading=heading,
        systems=systems,
        chosen=chosen,
        text=text,
        problem=problem,
        **found,
    )


@frozen
class _Days:
    """The editions of the days that stand beside codes."""

    system: CodeSystem
    edition: Edition
    """Of the day of service, which is that of all other codes."""

    def of(self, given: Given) -> Edition:
        return self.edition if given.day is None else self.system.on(given.day)


def _tiles(statuses: Sequence[Status]) -> list[Tile]:
    counts = Counter(statuses)
    found = [Tile(words, counts[one], COLOURS.get(one, "changed")) for one, words in WORDS.items() if counts[one]]
    return [Tile("codes", len(statuses)), *found]


def _part(asked: Asked, codes: Sequence[Given], statuses: Sequence[Status], days: _Days) -> Part:
    """Return the rows of a page; those that need somebody come first."""
    order = sorted(range(len(codes)), key=lambda number: statuses[number].billable)
    start = min(start_of(asked), len(codes) - 1)
    chosen = order[start : start + SIZE]
    lines = [_line(asked, codes[number], days) for number in chosen]
    end = start + len(lines)
    # a list is too long for an address: its other rows are asked for by the form
    return Part(
        lines,
        start,
        len(codes),
        str(max(start - SIZE, 0)) if start else None,
        str(end) if end < len(codes) else None,
    )


def _line(asked: Asked, given: Given, days: _Days) -> Line:
    edition = days.of(given)
    explanation = sent(edition.explain(given.text), edition)
    day = given.day.isoformat() if given.day else asked.day
    is_one = len(explanation.instead) == 1
    instead = tuple(
        (asked.link("code", one.system, one.code, date=day), one.code, (one.title or "") if is_one else "")
        for one in explanation.instead[:INSTEAD]
    )
    link = asked.link("code", edition.system, explanation.code, date=day) if explanation.concept else None
    reason = "" if explanation.billable and edition.is_covered else _reason(explanation, edition)
    why = ", ".join(dict.fromkeys(one.why for one in explanation.instead[:INSTEAD]))
    return Line(given, explanation, link, instead, len(explanation.instead) - len(instead), reason, why)


def _rows(codes: Sequence[Given], days: _Days) -> Iterator[list[Any]]:
    """Yield the rows of the file, in the order of the list; each code is asked about once for each day."""
    known: dict[tuple[str, str], list[Any]] = {}
    for given in codes:
        edition = days.of(given)
        key = given.text, edition.date.isoformat()
        if key not in known:
            known[key] = _answer(given.text, edition)
        yield [given.line, given.text, edition.date, *known[key]]


def _answer(text: str, edition: Edition) -> list[Any]:
    if edition.status(text) in KNOWN:
        found = sent(edition.explain(text), edition)
        title = found.concept.title if found.concept else None
        instead = " ".join(one.code for one in found.instead)
        return [found.code, title, found.status, found.billable, _reason(found, edition), None, instead, found.version]
    check = sent(edition.check(text), edition)
    concept = edition.lookup(text) if check.valid else None
    title = sent(concept, edition).title if concept is not None else None
    reason = _reason(check, edition)
    return [check.code, title, check.status, check.billable, reason, check.suggestion, None, check.version]


def _reason(found: Check | Explanation, edition: Edition) -> str:
    """Return why a code is what it is; and that no release covers the day, where its own row alone says so."""
    if not found.valid or edition.is_covered:
        return found.reason
    return f"{found.reason}, as far as the newest release says: no release covers the day ({edition.gap})"
