"""A code of ICD-10-PCS built character by character: what is chosen, and what may follow."""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from ..errors import TablesUnknownError, UnknownCodeError
from ..procedures import LENGTH, Axis, allowed, axes, explanation, next_title
from ..query import Edition
from ..wire import sent
from .asked import Asked
from .page import Page, shown
from .tree import request_of

SYSTEM: Final = "icd10pcs"
TABLES: Final = "tables"
"""Role of the file that has the tables of a release."""


@frozen
class Choice:
    """A value that may follow, with what it means."""

    value: str
    label: str
    link: str


@frozen
class Chosen:
    """A character of the code so far."""

    axis: Axis
    link: str
    """To the code without it and what follows it, to choose again."""


def builder_page(asked: Asked, prefix: str = "") -> Page:
    """Return the characters of a code so far, and the values that its next axis may have."""
    edition = asked.edition(SYSTEM)
    text = (prefix or asked.value("code")).strip().upper()
    values: dict[str, Any] = {
        "edition": edition,
        "text": text,
        "chosen": (),
        "choices": (),
        "reason": None,
        "wrong": None,
    }
    values |= {"next": None, "concept": None, "request": None, "lending": ()}
    try:
        if edition.is_covered:
            values |= _built(asked, edition, text)
    except TablesUnknownError as error:
        values |= {"wrong": str(error), "lending": _lending(asked, edition)}
    heading = f"{text}: {edition.definition.title} builder" if text else f"{edition.definition.title} builder"
    return shown("pcs.html", asked, heading=heading, length=LENGTH, warnings=asked.warnings(edition), **values)


def _built(asked: Asked, edition: Edition, text: str) -> dict[str, Any]:
    """Return what a page shows of a beginning of codes; of what is none, the longest beginning of it that is one."""
    built = _longest(edition, text)
    choices = [Choice(value, label, asked.link("pcs", built + value)) for value, label in allowed(edition, built)]
    chosen = [
        Chosen(axis, asked.link("pcs", *filter(None, [built[: axis.position - 1]])))
        for axis in (axes(edition, built) if built else ())
    ]
    concept = edition.lookup(built) if len(built) == LENGTH else None
    return {
        "text": built,
        "wrong": explanation(edition, text) if built != text else None,
        "chosen": chosen,
        "choices": choices,
        "next": next_title(edition, built),
        "reason": explanation(edition, built) if len(built) == LENGTH else None,
        "concept": None if concept is None else sent(concept, edition),
        "status_of": edition.status(built) if len(built) == LENGTH else None,
        "card": asked.card(SYSTEM, built),
        "tree": asked.link("tree", SYSTEM, built),
        "request": request_of(edition, built) if built else None,
    }


def _longest(edition: Edition, text: str) -> str:
    """Return the longest beginning of a text that codes begin with."""
    for length in range(min(len(text), LENGTH), 0, -1):
        try:
            axes(edition, text[:length])
        except UnknownCodeError:
            continue
        return text[:length]
    return ""


def _lending(asked: Asked, edition: Edition) -> list[tuple[str, str]]:
    """Return the releases that came with their tables, each with the address of the builder on its day."""
    return [
        (release.version, f"{asked.root}/pcs?date={release.effective}")
        for release in asked.system(edition.system).releases
        if any(source.role == TABLES for source in release.sources)
    ]
