"""What changed from one release of a code system to another: counts, a picture by chapter, every code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attrs import frozen

from ..differences import TABLES
from ..licences import licence_notice
from ..query import CodeSystem
from ..reports import difference_csv, difference_page
from ..reports.difference import BORROWED, LABELS, change_tile, chapter_bars
from .asked import Asked, AskedError, absent
from .compared import HEADINGS, SAID, Compared, compared
from .page import CSV, Page, shown
from .parts import Part, part_of, shares, start_of

ROOM: Final = 12
"""Rows of all sections together on the first page of a comparison."""
LEAST: Final = 1
"""Rows of each section."""
MOST_BARS: Final = 30
"""Chapters that are drawn. A release without chapters has a bar for each category, and is not drawn."""
SIZE: Final = 50
"""Rows of a page of one section."""
TWOFOLD: Final = frozenset({"to_header", "to_billable", "revised", "groups", "notes", "properties"})
"""Kinds of which a row has what was before as well: half as many fill a page."""
UNUSED: Final = frozenset("\\/:*?\"<>| '")
"""Characters that names of files should not have."""


@frozen
class Section:
    """The rows of one kind that a page shows."""

    name: str
    heading: str
    said: str
    part: Part
    whole: str | None
    """Address of all of them; None where all are shown, or these are a page of them."""


def compare_page(asked: Asked) -> Page:
    """Return the page on which a code system is chosen; what its form asks for is elsewhere."""
    chosen = asked.value("system")
    if chosen:
        system = asked.system(chosen)
        known = {release.version for release in system.releases}
        # those of the system that was chosen before are none of this one
        given = {name: asked.value(name) for name in ("from", "to") if asked.value(name) in known}
        kept = {name: asked.value(name) for name in ("q", "kind")}
        return Page("", location=asked.link("compare", chosen, **given, **kept))
    systems = [asked.store[name] for name in asked.store.systems]
    return shown("compare.html", asked, heading="What changed between two releases", systems=systems, system=None)


def comparison_page(asked: Asked, system: str) -> Page:
    """Return what changed between two releases of a system: the newest two, or those that are asked for."""
    chosen = asked.system(system)
    before, after = _releases(asked, chosen)
    if before is None or after is None:
        raise absent(f"{chosen.definition.title} has one release only: there is nothing to compare it with")
    if before == after:
        raise AskedError(400, f"{before} is compared with itself: choose two releases of {chosen.definition.title}")
    found = compared(asked.store, chosen, before, after)
    if form := asked.value("format"):
        return _file(found, chosen, form)
    return _page(asked, chosen, found)


def _releases(asked: Asked, system: CodeSystem) -> tuple[str | None, str | None]:
    """Return the labels that are asked for; by default those of the newest release, and of the one before the other."""
    labels = [release.version for release in system.releases]
    after = asked.value("to") or (labels[-1] if labels else None)
    if before := asked.value("from"):
        return before, after
    place = labels.index(after) if after in labels else 0
    return (labels[place - 1] if place else None), after


def _file(found: Compared, system: CodeSystem, form: str) -> Page:
    """Return a comparison as a file."""
    difference = found.difference
    name = f"{system.name}-{difference.before.version}-to-{difference.after.version}"
    name = "".join("-" if letter in UNUSED or not letter.isascii() else letter for letter in name)
    options: dict[str, Any] = {"definition": system.definition, "licences": system.licences}
    if form == "csv":
        return Page(difference_csv(difference, **options), media=CSV, file=f"{name}.csv")
    if form == "html":
        return Page(difference_page(difference, **options), file=f"{name}.html")
    raise AskedError(400, f"there is no format {form!r}: there are csv and html")


def _page(asked: Asked, system: CodeSystem, found: Compared) -> Page:
    difference, kind, words = found.difference, asked.value("kind"), asked.value("q")
    counts = found.counts()
    chart = () if kind or words else chapter_bars(difference)
    if kind and kind not in HEADINGS:
        raise absent(f"there is no kind {kind!r} of change: there are {', '.join(HEADINGS)}")
    pair = {"from": difference.before.version, "to": difference.after.version}
    known = [release.version for release in (difference.before, difference.after) if not release.notes_known]
    return shown(
        "compare.html",
        asked,
        heading=f"{system.definition.title}: {difference.before.version} to {difference.after.version}",
        systems=[asked.store[name] for name in asked.store.systems],
        system=system,
        difference=difference,
        pair=pair,
        kind=kind,
        words=words,
        kinds={name: (HEADINGS[name], number) for name, number in counts.items()},
        notice=licence_notice(system.definition, difference.after),
        tiles_shown=[] if kind or words else [change_tile(difference, name) for name in TABLES],
        chart=chart if len(chart) <= MOST_BARS else (),
        labels={name: label for name, label in LABELS.items() if name in counts},
        sections=_sections(asked, system, found, [kind] if kind else list(counts)),
        borrowed=BORROWED,
        unknown_notes=[] if system.definition.dated else known,
        link=lambda code: asked.link("code", system.name, code, date=difference.after.effective.isoformat()),
        whole=asked.link("compare", system.name, **pair),
        files={form: asked.link("compare", system.name, **pair, format=form) for form in ("csv", "html")},
    )


def _sections(asked: Asked, system: CodeSystem, found: Compared, kinds: Sequence[str]) -> list[Section]:
    """Return the rows of each kind: a page of those of one kind, or of several the first."""
    words = asked.value("q")
    pair = {"from": found.difference.before.version, "to": found.difference.after.version}
    rows = {kind: found.rows(kind, words.split()) for kind in kinds}
    sizes = shares([len(one) for one in rows.values()], ROOM, LEAST)
    made = []
    for (kind, one), share in zip(rows.items(), sizes, strict=True):

        def address(start: int, kind: str = kind) -> str:
            return asked.link("compare", system.name, **pair, kind=kind, q=words, start=start)

        if asked.value("kind"):
            part, whole = part_of(one, start_of(asked), SIZE // 2 if kind in TWOFOLD else SIZE, address), None
        else:
            part = Part(one[:share], 0, len(one))
            whole = address(0) if share < len(one) else None
        if len(one) or not words or asked.value("kind"):
            made.append(Section(kind, HEADINGS[kind], SAID[kind], part, whole))
    return made
