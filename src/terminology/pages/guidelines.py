"""The official guidelines: the outline of a document, a section of it, and the sections that concern a code."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from attrs import frozen

from ..errors import NoVersionError, UnknownCodeError, UnknownSystemError
from ..model.sections import Section
from ..query import Edition
from ..query.guidelines import Guidelines, GuidelineSections
from .asked import Asked, absent, default_day
from .page import Page, shown

OUTLINE = 3
"""Levels of the outline of the whole document: down to the chapters."""
FOUND = 20


@frozen
class SectionLine:
    """A section, as a line shows it."""

    section: Section
    link: str


def guidelines_page(asked: Asked, system: str) -> Page:
    """Return the outline of the guidelines for a code system on the day of service, or what words find in them."""
    document = _document(asked, system)
    text = asked.value("q")
    try:
        sections = document.on(_day(asked, document))
    except NoVersionError as error:
        return shown(
            "guidelines.html",
            asked,
            heading=document.title,
            title=document.title,
            system=system,
            text=text,
            absence=str(error),
            versions=_versions(asked, system, document),
        )
    found = sections.search(text, FOUND) if text else [one for one in sections if one.level <= OUTLINE]
    return shown(
        "guidelines.html",
        asked,
        heading=f"Guidelines: {text}" if text else document.title,
        edition=sections,
        title=document.title,
        system=system,
        text=text,
        lines=_lines(asked, system, found),
        number=len(sections),
        absence=None,
        versions=_versions(asked, system, document),
    )


def section_page(asked: Asked, system: str, number: str) -> Page:
    """Return a section of the guidelines on the day of service, with its text, its page and what is directly below."""
    document, sections = _sections(asked, system)
    try:
        section = sections.section(number)
    except UnknownCodeError as error:
        raise absent(str(error)) from None
    if number != section.number:
        return Page("", status=303, location=_link(asked, system, section.number))
    listed = {one.number: one for one in sections}
    above: list[Section] = []
    while parent := (above[0] if above else section).parent:
        above.insert(0, listed[parent])
    order = [*listed]
    place = order.index(section.number)
    return shown(
        "section.html",
        asked,
        heading=f"{section.number} {section.title}",
        edition=sections,
        title=document.title,
        system=system,
        section=section,
        paragraphs=section.text.split("\n") if section.text else [],
        above=_lines(asked, system, above),
        below=_lines(asked, system, [one for one in sections if one.parent == section.number]),
        around=_lines(
            asked, system, [listed[one] for one in (*order[max(place - 1, 0) : place], *order[place + 1 : place + 2])]
        ),
        release=sections.release,
        permanent=f"{asked.root}/guidelines/{system}/{section.number.replace(' ', '%20')}?date={sections.date}",
    )


def sections_of_code(asked: Asked, edition: Edition, code: str) -> Sequence[SectionLine]:
    """Return the sections whose title states a code, or a range that has it; none where no guidelines are loaded for the day."""
    try:
        found = asked.store.guidelines(edition.system).for_code(edition, code)
    except (UnknownSystemError, NoVersionError):
        return ()
    return _lines(asked, edition.system, found)


def _document(asked: Asked, system: str) -> Guidelines:
    try:
        return asked.store.guidelines(system)
    except UnknownSystemError as error:
        raise absent(str(error)) from None


def _sections(asked: Asked, system: str) -> tuple[Guidelines, GuidelineSections]:
    document = _document(asked, system)
    try:
        return document, document.on(_day(asked, document))
    except NoVersionError as error:
        raise absent(str(error)) from None


def _versions(asked: Asked, system: str, document: Guidelines) -> list[tuple[str, str]]:
    """Return the loaded versions, each with the address of its outline on its first day."""
    return [(one.version, f"{asked.root}/guidelines/{system}?date={one.effective}") for one in document.versions]


def _day(asked: Asked, document: Guidelines) -> datetime.date:
    return asked.date or default_day(document.document, asked.today)


def _link(asked: Asked, system: str, number: str) -> str:
    return asked.link("guidelines", system, number)


def _lines(asked: Asked, system: str, sections: Sequence[Section]) -> list[SectionLine]:
    return [SectionLine(one, _link(asked, system, one.number)) for one in sections]
