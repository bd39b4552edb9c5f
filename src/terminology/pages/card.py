"""The card of a code: what it is on the day of service, in words; its notes, its life, what it maps to, and the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from attrs import frozen

from ..model import Concept, Explanation, History, Note, Notes, Option, Status
from ..postcoordination import EXPRESSION
from ..query import CodeSystem, Edition
from ..wire import property_text, sent, withheld
from .asked import Asked, absent
from .grouped import groups_of
from .guidelines import sections_of_code
from .maps import is_mapped, maps_of
from .page import Page, shown
from .timeline import through_of, timeline_of

CHILDREN: Final = 12
INSTEAD: Final = 6
NOTES: Final = 25
"""Notes of one kind and place that are shown; the others are counted."""
SEVENTH: Final = 7
"""Characters of a code of ICD-10-CM with a seventh character, without its dot."""
SURVEYED: Final = 400
"""Codes below a header whose seventh characters are looked at."""
KINDS: Final = {
    "includes": "Includes",
    "excludes1": "Excludes1: not coded together",
    "excludes2": "Excludes2: not included here, may be coded together",
    "codeFirst": "Code first",
    "useAdditionalCode": "Use additional code",
    "codeAlso": "Code also",
    "inclusionTerm": "Inclusion terms",
    "sevenChrNote": "7th character",
    "notes": "Notes",
}


@frozen
class Line:
    """A code of the tree, as a line shows it."""

    code: str
    title: str
    status: Status
    link: str


@frozen
class Piece:
    """A piece of a text: with a link where it names a code."""

    text: str
    link: str = ""


@frozen
class KindOfNotes:
    """Notes of one kind, of one place."""

    kind: str
    texts: tuple[tuple[Piece, ...], ...]
    more: int


@frozen
class PlaceOfNotes:
    """The notes that are declared in one place."""

    declared_at: Line | None
    """None for the code itself."""
    source: str
    """File, and line of the first of them."""
    kinds: tuple[KindOfNotes, ...]


def card_page(asked: Asked, system: str, code: str) -> Page:
    """Return the card of a code of a system; of a text that is no code, why it is none and what was meant (404)."""
    edition = asked.edition(system)
    explanation = sent(_explained(asked.store[system], edition, code), edition)
    concept = explanation.concept
    if concept is None:
        return _unknown(asked, edition, explanation)
    history = asked.store[system].history(concept.code)
    # an expression of several codes is not in the tree; its base code is
    place = concept.parent if concept.kind == EXPRESSION and concept.parent else concept.code
    in_tree = edition.is_covered and explanation.valid
    notes = edition.notes(concept.code) if in_tree else Notes(known=True)
    children = edition.children(place) if in_tree else ()
    mapped = is_mapped(asked.store[system], edition, place)
    return shown(
        "card.html",
        asked,
        heading=f"{concept.code} {concept.title}".strip(),
        edition=edition,
        system=asked.store[system],
        explanation=explanation,
        concept=concept,
        place=place,
        warnings=asked.warnings(edition),
        instead=[_option(asked, option) for option in explanation.instead[:INSTEAD]],
        more_instead=len(explanation.instead) - INSTEAD,
        path=[_line(asked, edition, one) for one in reversed(edition.ancestors(place))] if in_tree else [],
        children=[_line(asked, edition, one) for one in children[:CHILDREN]],
        more_children=len(children) - CHILDREN,
        notes=list(_places(asked, edition, concept.code, sent(notes, edition))),
        notes_known=notes.known or edition.definition.dated,
        noted=_nearest_with_notes(asked, edition, concept.code) if not notes.known else None,
        guidelines=sections_of_code(asked, edition, place) if in_tree else (),
        sevenths=_sevenths(edition, concept) if in_tree else [],
        timeline=timeline_of(asked, edition, history),
        since=_since(history, edition),
        maps=maps_of(asked, edition, concept.code) if mapped else [],
        mapped=mapped,
        grouped=groups_of(edition, concept.code),
        properties=list(_properties(concept)),
        others=[
            (asked.store[one].definition.title, asked.card(one, concept.code)) for one in explanation.other_systems
        ],
        permanent=asked.permanent(edition, "code", system, concept.code),
        request=_request(edition, concept.code),
    )


def found_page(asked: Asked, code: str) -> Page:
    """Return the way to the card of a code, whatever system has it: a choice where several have it, or none."""
    editions = [asked.edition(name) for name in asked.store.systems]
    found = [(edition, sent(edition.explain(code), edition)) for edition in editions]
    # systems whose texts are withheld come last
    found.sort(key=lambda pair: withheld(pair[0]) is not None)
    having = [(edition, one) for edition, one in found if one.concept is not None]
    if len(having) == 1:
        edition, explanation = having[0]
        return Page("", status=303, location=asked.card(edition.system, explanation.code))
    chosen = having or [(edition, one) for edition, one in found if one.suggestions]
    if not chosen:
        listed = ", ".join(edition.definition.title for edition in editions)
        raise absent(f"{code[:40]!r} is no code of what is loaded: {listed}")
    rows = [(edition.definition.title, asked.card(edition.system, one.code), one) for edition, one in chosen]
    return shown(
        "choice.html", asked, heading=f"{code} in several code systems", rows=rows, status=300 if having else 404
    )


def _explained(system: CodeSystem, edition: Edition, code: str) -> Explanation:
    """Return the answer of `Edition.explain`; of a header that was given up, without the hundreds of codes that replaced those below it."""
    check = edition.check(code)
    if check.status not in (Status.EXPIRED, Status.UNCOVERED) or is_mapped(system, edition, check.code):
        return edition.explain(code)
    return Explanation(
        code=check.code,
        status=check.status,
        reason=check.reason,
        other_systems=check.other_systems,
        concept=edition.lookup(check.code),
        source=check.source,
        date=check.date,
        version=check.version,
        effective_from=check.effective_from,
        effective_to=check.effective_to,
        from_known=check.from_known,
    )


def _unknown(asked: Asked, edition: Edition, explanation: Explanation) -> Page:
    why = {option.code: option.why for option in explanation.instead if option.system == edition.system}
    suggestions = [(_line(asked, edition, one), why.get(one, "")) for one in explanation.suggestions]
    others_instead = [one for one in explanation.instead if one.code not in explanation.suggestions]
    others = [
        (asked.store[one].definition.title, asked.card(one, explanation.code)) for one in explanation.other_systems
    ]
    return shown(
        "unknown.html",
        asked,
        status=404,
        heading=f"{explanation.code} is no code of {edition.definition.title}",
        edition=edition,
        warnings=asked.warnings(edition),
        explanation=explanation,
        suggestions=suggestions,
        instead=[_option(asked, option) for option in others_instead[:INSTEAD]],
        permanent=asked.permanent(edition, "code", edition.system, explanation.code),
        others=others,
        request=_request(edition, explanation.code),
    )


def _since(history: History, edition: Edition) -> str | None:
    """Return since when, and until when, a code is what it is on the day; None where its periods do not say."""
    for period in history.periods:
        end = period.effective_to
        if period.effective_from <= edition.date and (end is None or edition.date < end):
            begin = "since" if period.from_known else "by"
            doubt = "" if period.from_known else ": the first day may be earlier, in a release that is not loaded"
            return f"{period.status} {begin} {period.effective_from}, {through_of(period)}{doubt}".capitalize()
    return None


def _option(asked: Asked, option: Option) -> tuple[str, str, Option]:
    """Return a code that may be submitted instead: link, code system, and the option."""
    title = asked.store[option.system].definition.title if option.system in asked.store.systems else option.system
    return asked.card(option.system, option.code), title, option


def _line(asked: Asked, edition: Edition, code: str) -> Line:
    node = sent(edition.node(code), edition)
    return Line(code, node.title, node.status, asked.card(edition.system, code))


# ---- notes


def _places(asked: Asked, edition: Edition, code: str, notes: Sequence[Note]) -> Iterator[PlaceOfNotes]:
    """Yield the notes by place and kind: those of the code first, then those from above."""
    for place, group in groupby(notes, lambda note: note.declared_at):
        kinds = []
        of_place = list(group)
        for kind, same in groupby(of_place, lambda note: note.kind):
            listed = list(same)
            texts = tuple(_pieces(asked, edition, note) for note in listed[:NOTES])
            kinds.append(KindOfNotes(KINDS.get(kind, kind), texts, len(listed) - len(texts)))
        declared, source = None if place == code else _line(asked, edition, place), of_place[0].source
        yield PlaceOfNotes(declared, source.place if source else "", tuple(kinds))


def _pieces(asked: Asked, edition: Edition, note: Note) -> tuple[Piece, ...]:
    """Return the text of a note, with a link at each code that it names and that is in force."""
    pieces, rest = [], note.text
    for target in note.targets:
        before, found, after = rest.partition(target)
        code = target.rstrip("-").rstrip(".")
        if found and edition.is_valid(code):
            pieces += [Piece(before), Piece(target, asked.card(edition.system, code))]
            rest = after
    return (*pieces, Piece(rest))


def _nearest_with_notes(asked: Asked, edition: Edition, code: str) -> str | None:
    """Return the first day of the nearest release that came with notes, and has the code; None where none did."""
    system = asked.store[edition.system]
    having = [one for one in edition.known if one.notes_known and system.on(one.effective).is_valid(code)]
    nearest = min(having, key=lambda release: abs((release.effective - edition.date).days), default=None)
    return None if nearest is None else nearest.effective.isoformat()


def _sevenths(edition: Edition, concept: Concept) -> list[tuple[str, str]]:
    """Return the seventh characters that codes here have, each with its meaning: what it adds to the title above."""
    if edition.system != "icd10cm":
        return []
    is_extended = len(concept.code.replace(".", "")) == SEVENTH
    top = concept.parent if is_extended and concept.parent else concept.code
    found: dict[str, str] = {}
    for code in edition.descendants(top)[:SURVEYED]:
        if len(code.replace(".", "")) == SEVENTH and code[-1] not in found:
            above = edition.title(edition.parent(code) or "") or ""
            title = edition.title(code) or ""
            if title.startswith(above):
                found[code[-1]] = title[len(above) :].lstrip(", ")
    return sorted((key, meaning) for key, meaning in found.items() if meaning)


# ---- properties


def _properties(concept: Concept) -> Iterator[tuple[str, str]]:
    if concept.short_title and concept.short_title != concept.title:
        yield "short title", concept.short_title
    yield "kind", concept.kind
    for name, value in concept.properties.items():
        yield name.replace("_", " "), property_text(value)
    if concept.derived:
        yield "derived", "the publisher has no such row, or not in this place"


def _request(edition: Edition, code: str) -> str:
    given = {"system": edition.definition.uri, "code": code, "date": edition.date}
    return f"CodeSystem/$lookup?{urlencode(given)}"
