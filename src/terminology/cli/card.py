"""The card of a code: what ``lookup`` shows to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from ..licences import licence_notice, may_show
from ..model import Check, Concept, Notes, Status
from ..postcoordination import EXPRESSION
from ..query import Edition
from ..systems import LICENCES
from ..wire import property_text, sent
from .drawing import indented
from .output import STATUS_COLOURS, through
from .printing import style

SHOWN_CHILDREN: Final = 12
EARLIER: Final = '"by": the first day may be earlier, in a release that is not loaded'
"""What the word means before a first day."""
SENTENCES: Final = {
    Status.BILLABLE: "Billable: in force, may be submitted.",
    Status.HEADER: "Header: in force, not valid for submission.",
    Status.FUTURE: "Future: not yet in force.",
    Status.EXPIRED: "Expired: no longer in force.",
    Status.UNCOVERED: "Uncovered: no release covers this day",
}


def card_lines(edition: Edition, check: Check, concept: Concept, notes: Notes) -> Iterator[str]:
    """Yield the lines of the card: licence notice, title, status, period, place, notes, properties, source."""
    definition = edition.definition
    if notice := licence_notice(definition, edition.release):
        withheld = (
            "" if may_show(definition, edition.licences) else f"; declare yours with {LICENCES}={definition.name}"
        )
        yield style(f"{notice}{withheld}", dim=True)
    title = definition.title
    release = f" {concept.version}" if concept.version else ""
    yield f"{style(concept.code, bold=True)}  {concept.title}".rstrip()
    yield f"{title}{release}, on {edition.date}"
    yield ""
    gap = f": {edition.gap}." if concept.status is Status.UNCOVERED else ""
    yield style(f"{SENTENCES[concept.status]}{gap}", fg=STATUS_COLOURS[concept.status])
    yield period_sentence(concept)
    if check.valid:
        # an expression is not in the tree; its base code is
        place = concept.parent if concept.kind == EXPRESSION and concept.parent else concept.code
        yield from _section("Place", _place(edition, place))
        # dated systems (HCPCS) publish no notes, so their absence is not reported
        if notes or not edition.definition.dated:
            yield from _section("Notes", _notes(notes))
    yield from _section("Properties", _properties(concept))
    if concept.source:
        yield from _section(
            "Source", [concept.source.place, f"release {concept.source.version}, SHA-256 {concept.source.sha256}"]
        )


def period_sentence(concept: Concept) -> str:
    """Return the period of a concept's status as a sentence: "by" a first day that may be earlier, as in the history."""
    is_bounded = concept.from_known is False
    day, end = concept.effective_from, through(concept.effective_to)
    doubt = f" ({EARLIER})" if is_bounded else ""
    begin = "by" if is_bounded else "from"
    if concept.status is Status.FUTURE:
        return f"Comes into force {'by' if is_bounded else 'on'} {day}{doubt}."
    if concept.status is Status.UNCOVERED:
        return f"Known {begin} {day}, {end} by the nearest release{doubt}."
    begin = f"Was in force {begin}" if concept.status is Status.EXPIRED else begin.capitalize()
    comma = "" if concept.effective_to and not is_bounded else ","
    return f"{begin} {day}{comma} {end}{doubt}."


def _section(name: str, lines: Iterable[str]) -> Iterator[str]:
    listed = list(lines)
    if listed:
        yield ""
        yield style(name, bold=True)
        yield from (f"  {line}" for line in listed)


def _place(edition: Edition, code: str) -> Iterator[str]:
    path = [*reversed(edition.ancestors(code)), code]
    for depth, place in enumerate(path):
        yield _node(edition, place, depth)
    children = edition.children(code)
    for child in children[:SHOWN_CHILDREN]:
        yield f"{_node(edition, child, len(path))}{' (billable)' if edition.is_billable(child) else ''}"
    if len(children) > SHOWN_CHILDREN:
        yield indented(
            f"… {len(children) - SHOWN_CHILDREN} more (terminology children {edition.system} {code})", len(path)
        )


def _node(edition: Edition, code: str, depth: int) -> str:
    return indented(f"{code}  {sent(edition.node(code), edition).title}".rstrip(), depth)


def _notes(notes: Notes) -> Iterator[str]:
    if not notes.known:
        yield "not known: this release came without them"
    for (kind, place, inherited), group in groupby(notes, lambda note: (note.kind, note.declared_at, note.inherited)):
        yield f"{kind}, from {place} above" if inherited else kind
        yield from (f"  {note.text}" for note in group)


def _properties(concept: Concept) -> Iterator[str]:
    if concept.short_title and concept.short_title != concept.title:
        yield f"short title: {concept.short_title}"
    for name, value in concept.properties.items():
        yield f"{name.replace('_', ' ')}: {property_text(value)}"
    if concept.derived:
        yield "derived: the publisher has no such row, or not in this place"
