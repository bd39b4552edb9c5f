"""The first page: words or a code, and the day of service; what they find."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final
from urllib.parse import urlencode

from attrs import frozen

from ..fhir.of_store import OfStore
from ..model import Explanation, Hit
from ..query import Edition, Terminology
from ..wire import sent
from .asked import Asked
from .page import Page, shown

SHOWN: Final = 20
EXAMPLES: Final = (
    *("heart attack", "low back pain", "lap chole", "flu shot", "gallbladder removal", "sugar disease", "insulin"),
    *("pain", "service"),
)
EXAMPLES_SHOWN: Final = 3
LONGEST_CODE: Final = 20
"""Characters up to which a text without blanks may be meant for a code."""


@frozen
class Found:
    """A code that was found, as its line shows it."""

    hit: Hit
    title: str
    """Of its code system."""
    day: str
    """That the answer is for; and that no release covers it, where a code that has days of its own is in force then."""
    link: str
    how: str
    """What matched, where that is something else than the code and its title."""


@frozen
class Reason:
    """Why a text is no code that can be submitted, and what was meant."""

    title: str
    link: str
    explanation: Explanation
    instead: tuple[tuple[str, str, str], ...]
    """Link, code and title."""


def search_page(asked: Asked) -> Page:
    """Return the page with what was found."""
    text, chosen = asked.value("q"), asked.value("system")
    names = [chosen] if chosen else list(asked.store.systems)
    editions = [asked.edition(name) for name in names]
    found = hits(asked, editions, text) if text else []
    reasons = reasons_of(asked, editions, text, found) if is_like_a_code(text) else []
    as_typed = [one for one in found if one.hit.matched == "code"]
    if is_like_a_code(text) and (as_typed or reasons):
        # who types a code does not mean titles with its number in it
        found = as_typed
    warnings = [line for edition in editions for line in asked.warnings(edition)] if text or chosen else []
    values: dict[str, Any] = {
        "text": text,
        "chosen": chosen,
        "found": found,
        "reasons": reasons,
        "borrowed": _borrowed(editions, found),
        "warnings": warnings,
        "systems": [(name, asked.store[name].definition.title) for name in asked.store.systems],
        "examples": [] if text else _EXAMPLES.of(asked.store),
        "request": _request(editions, text, found),
    }
    heading = f"{text}: search" if text else "Medical codes, on the day of service"
    return shown("search.html", asked, heading=heading, **values)


def _examples(store: Terminology) -> list[str]:
    """Return words that find something in the store, to begin with."""
    editions = [Asked(store).edition(name) for name in store.systems]
    found = (words for words in EXAMPLES if any(edition.search(words, 1, outgoing=True) for edition in editions))
    return list(islice(found, EXAMPLES_SHOWN))


_EXAMPLES: Final = OfStore(_examples)


def hits(asked: Asked, editions: Sequence[Edition], text: str) -> list[Found]:
    """Return the codes that a text finds in several editions, the best first."""
    headers = asked.is_set("headers")
    found: list[tuple[Hit, Edition]] = []
    for edition in editions:
        # where no release covers the day nothing is in force: the codes of the nearest are shown, and what they are
        expired = asked.is_set("expired") or not edition.is_covered
        answer = edition.search(text, SHOWN, headers=headers, expired=expired, outgoing=True)
        found += [(sent(hit, edition), edition) for hit in answer]
    found.sort(key=lambda pair: -pair[0].score)
    return [
        Found(hit, edition.definition.title, _day(edition), asked.card(hit.system, hit.code), _how(hit))
        for hit, edition in found[:SHOWN]
    ]


def _day(edition: Edition) -> str:
    return str(edition.date) if edition.is_covered else f"{edition.date}, which no release covers"


def _how(hit: Hit) -> str:
    """Return what matched, and as what the words were read; empty where it is the code or its title."""
    parts = [f"{hit.matched}: {hit.term}"] if hit.term and hit.term != hit.title else []
    read_as = [line.partition(" = ")[2] or line for line in hit.via]
    return "; ".join([*parts, *(f"read as {words}" for words in read_as)])


def _borrowed(editions: Sequence[Edition], found: Sequence[Found]) -> list[str]:
    """Return which terms are of another release than that of the day, as sentences."""
    lines = []
    for edition in editions:
        versions = sorted({one.hit.borrowed for one in found if one.hit.system == edition.system and one.hit.borrowed})
        for version in versions:
            own = edition.release.version if edition.release else "the day"
            lines.append(f"{edition.definition.title}: {own} came without index; some terms are those of {version}.")
    return lines


def is_like_a_code(text: str) -> bool:
    """Return whether a text may be meant for a code rather than for words.

    >>> is_like_a_code("e119"), is_like_a_code("type 2"), is_like_a_code("flu")
    (True, False, False)
    """
    return any(map(str.isdigit, text)) and not any(map(str.isspace, text)) and len(text) <= LONGEST_CODE


def reasons_of(asked: Asked, editions: Sequence[Edition], text: str, found: Sequence[Found]) -> list[Reason]:
    """Return why a text is no code that can be submitted, by each system that says more than "unknown"."""
    shown = {(one.hit.system, one.hit.code) for one in found}
    reasons = []
    for edition in editions:
        explanation = sent(edition.explain(text), edition)
        says_more = explanation.suggestions or explanation.concept is not None
        if says_more and (edition.system, explanation.code) not in shown:
            instead = tuple(
                (asked.card(option.system, option.code), option.code, option.title or "")
                for option in explanation.instead[:5]
            )
            link = asked.card(edition.system, explanation.code)
            reasons.append(Reason(edition.definition.title, link, explanation, instead))
    return reasons


def _request(editions: Sequence[Edition], text: str, found: Sequence[Found]) -> str | None:
    """Return the FHIR request behind the page, of several systems for that of the best code: FHIR searches in one at a time."""
    best = found[0].hit.system if found else None
    edition = next((one for one in editions if one.system == best or len(editions) == 1), None)
    if not text or edition is None:
        return None
    given = {"url": f"{edition.definition.uri}?fhir_vs", "filter": text, "count": SHOWN, "date": edition.date}
    return f"ValueSet/$expand?{urlencode(given)}"
