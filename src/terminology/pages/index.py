"""The publisher's index, walked through: letters, main terms, what stands below them, and the codes that they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from ..errors import UnknownReleaseError
from ..index import Volume, entries, has_index, volumes
from ..index.places import TermPath
from ..index.walking import ARROW
from ..query import Edition
from ..wire import sent, withheld
from .asked import Asked, absent
from .index_lines import Lines
from .page import Page, shown
from .parts import part_of, start_of

NAMES: Final = {
    "alphabetic": "Alphabetic index",
    "external": "Index of external causes",
    "neoplasm": "Table of neoplasms",
    "drug": "Table of drugs and chemicals",
}
SIZE: Final = 26
"""Terms of a page; with more it would be larger than 15 kB."""
ROWS: Final = 14
"""Terms of a page where each has up to six codes."""
FOUND: Final = 20


def indexes_page(asked: Asked) -> Page:
    """Return the choice of a code system that came with an index."""
    systems = [
        (asked.link("index", name), asked.store[name].definition.title)
        for name in asked.store.systems
        if has_index(asked.store[name].releases)
    ]
    return shown("indexes.html", asked, heading="Indexes of the publishers", systems=systems)


def index_page(asked: Asked, system: str) -> Page:
    """Return a place in the index of a code system: its letters, those of a letter, a term, or what words find."""
    edition = asked.edition(system)
    title = edition.definition.title
    values: dict[str, Any] = {
        "edition": edition,
        "title": title,
        "text": asked.value("q"),
        "warnings": asked.warnings(edition),
        "volumes": (),
        "volume": None,
        "absence": None,
    }
    if withheld(edition):
        # the terms themselves are texts of the publisher
        return shown("index.html", asked, heading=f"{title}: index", **values)
    try:
        found = volumes(edition)
    except UnknownReleaseError as error:
        return shown("index.html", asked, heading=f"{title}: index", **{**values, "absence": str(error)})
    values |= {"volumes": [(volume, NAMES[volume.which], _link(asked, edition, volume)) for volume in found]}
    if asked.value("to"):
        return _led(asked, edition, found)
    if values["text"]:
        return _searched(asked, edition, found, values)
    volume = next((one for one in found if one.which == asked.value("in")), None)
    if volume is None:
        return shown("letters.html", asked, heading=f"{title}: index", **values)
    return _walked(asked, edition, found, volume, values)


def _link(asked: Asked, edition: Edition, volume: Volume, **query: object) -> str:
    return asked.link("index", edition.system, **{"in": volume.which}, **query)


def _led(asked: Asked, edition: Edition, found: Sequence[Volume]) -> Page:
    """Return where a reference leads to, in the index that has it or in another one; else what its words find."""
    reference = asked.value("to")
    for volume in sorted(found, key=lambda one: one.which != asked.value("in")):
        if path := volume.led_to(reference):
            return Page("", location=_link(asked, edition, volume, term=ARROW.join(path)))
    return Page("", location=asked.link("index", edition.system, q=reference))


def _searched(asked: Asked, edition: Edition, found: Sequence[Volume], values: dict[str, Any]) -> Page:
    """Return the terms that hold words."""
    lines = Lines(asked, edition, found)
    listed = sent(entries(edition, values["text"], limit=FOUND), edition)
    heading = f"{values['text']}: index of {values['title']}"
    return shown("index_found.html", asked, heading=heading, lines=[lines.of_entry(one) for one in listed], **values)


def _walked(asked: Asked, edition: Edition, found: Sequence[Volume], volume: Volume, values: dict[str, Any]) -> Page:
    """Return a letter, or a term with what stands below it."""
    lines, name, asked_term = Lines(asked, edition, found), NAMES[volume.which], asked.value("term")
    path = volume.path_of(asked_term) if asked_term else None
    if asked_term and path is None:
        raise absent(f"the {name.lower()} of {values['title']} has no term {asked_term!r}")
    letter = volume.letter_of(path[0]) if path else asked.value("letter").upper() or next(iter(volume.letters))
    paths = volume.below(path) if path else volume.main_terms(letter)
    own = lines.of_terms(volume, [path])[0] if path else None
    is_table = volume.which in ("neoplasm", "drug")
    query: dict[str, object] = {"term": asked_term} if path else {"letter": letter}
    address = partial(_address, asked, edition, volume, query)
    part = part_of(list(paths), start_of(asked), ROWS if is_table else SIZE, address)
    is_whole = own is not None and not is_table and own.below <= SIZE
    listed = lines.of_terms(volume, _whole(volume, paths) if is_whole else part.rows)
    values |= {
        "volume": volume,
        "made": lines,
        "name": name,
        "letter": letter,
        "letters": [(one, count, _link(asked, edition, volume, letter=one)) for one, count in volume.letters.items()],
        "above": [(one[-1], _link(asked, edition, volume, term=ARROW.join(one))) for one in _above(path)],
        "own": own,
        "lines": listed,
        "is_whole": is_whole,
        "columns": list(dict.fromkeys(cell.heading for line in [*listed, *filter(None, [own])] for cell in line.cells)),
        "files": sorted({line.file for line in [*listed, *filter(None, [own])] if line.file}),
        "part": part,
        "query": {"in": volume.which, **query},
    }
    heading = f"{path[-1]}: {name.lower()}" if path else f"{letter}: {name.lower()}"
    return shown("index_terms.html", asked, heading=heading, **values)


def _address(asked: Asked, edition: Edition, volume: Volume, query: dict[str, object], start: int) -> str:
    return _link(asked, edition, volume, **query, start=start)


def _above(path: TermPath | None) -> list[TermPath]:
    return [path[:length] for length in range(1, len(path))] if path else []


def _whole(volume: Volume, paths: Sequence[TermPath]) -> list[TermPath]:
    """Return terms, each with all that stand below it."""
    return [term for path in paths for term in [path, *_whole(volume, volume.below(path))]]
