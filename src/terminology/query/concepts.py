"""The values that answers are made of, from the rows of a system: concepts, sources, notes."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Final

from ..hierarchy import NONE
from ..history import STATUSES
from ..model import Concept, Note, Release, Source, Status, concept_of
from ..periods import day_of
from ..store.codes import key_of
from ..store.mapped import MappedTable
from .compiled import AsOf

OWN_ONLY: Final = frozenset({"inclusionTerm", "visualImpairment"})
"""Kinds of note that say something of their own code only."""
NOTE_ROLES: Final = frozenset({"tabular", "claml"})
"""Roles of the sources that have notes."""


def concept_at(as_of: AsOf, row: int, period: int, status: Status, stretch: tuple[int, int]) -> Concept:
    """Return the concept of a code as an interval row has it.

    Args:
        as_of: From where in time it is read.
        row: Of the codes table.
        period: The interval row.
        status: On the day.
        stretch: First day and end, as numbers, of the stretch of this status.
    """
    system = as_of.system
    periods, details = system.periods, system.periods.details
    tree = as_of.tree
    if tree is None or not status.valid:
        # of a code not in force the parent is that of the release that its state comes from
        tree = system.tree(details.releases[period])
    above = tree.parent(row)
    return concept_of(
        system.name,
        system.releases[as_of.position].version if as_of.position >= 0 else None,
        system.codes.name(row),
        periods.titles[period],
        periods.short_titles[period],
        status,
        periods.kinds[period],
        system.codes.name(above) if above >= 0 else None,
        bool(details.derived[period]),
        day_of(stretch[0]),
        day_of(stretch[1]),
        system.properties(period),
        source_at(as_of, row, period),
    )


def concept_in_force(as_of: AsOf, row: int, period: int) -> Concept:
    """Return the concept of a code whose interval row holds on the day."""
    return concept_at(as_of, row, period, STATUSES[as_of.system.periods.states[period]], as_of.bounds(row, period))


def source_at(as_of: AsOf, row: int, period: int) -> Source:
    """Return the release that lists the code on the day, with the line, else the release of the interval row.

    The tree of a dated system also holds codes that its release no longer lists: they have no line in it. And
    what it lists is the newest state of a code: an earlier one has its own release.
    """
    system, tree = as_of.system, as_of.tree
    dated = system.definition.dated
    position = as_of.knowledge if dated else as_of.position
    place = tree.places[row] if tree is not None else NONE
    # in force before the release that brought it: its day comes from another publication
    if tree is None or place == NONE or system.periods.details.releases[period] > position:
        return system.row_source(period)
    line = tree.lines[place]
    if dated and not (line and system.periods.is_newest(row, period, as_of.knowledge)):
        return system.row_source(period)
    return system.source(position, tree.sources[place], line)


def notes_at(table: MappedTable, code: str, release: Release, *, inherited: bool) -> list[Note]:
    """Return the notes that a code declares; of an ancestor only those that apply below it."""
    keys, codes, kinds, texts = table.integers("key"), table.texts("code"), table.texts("kind"), table.texts("text")
    targets, lines = table.texts("targets"), table.integers("line")
    listed = next((source for source in release.sources if source.role in NOTE_ROLES), release.sources[0])
    found = []
    key = key_of(code)
    row = bisect_left(keys, key)
    while row < len(keys) and keys[row] == key:
        if codes[row] == code and not (inherited and kinds[row] in OWN_ONLY):
            named = targets[row]
            source = Source(release.system, release.version, listed.file, listed.sha256, lines[row] or None)
            aims = tuple(json.loads(named)) if named else ()
            found.append(Note(kinds[row], texts[row], code, inherited, aims, source))
        row += 1
    return found
