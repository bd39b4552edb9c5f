"""The values that answers are made of, from the rows of a system: concepts, sources, notes."""

from __future__ import annotations

import json
from bisect import bisect_left
from typing import Final

from ..history import STATUSES
from ..model import Concept, Note, Release, Source, Status
from ..periods import day_of
from ..store.mapped import MappedTable, key_of
from .compiled import AsOf

OWN_ONLY: Final = frozenset({"inclusionTerm", "visualImpairment"})
"""Kinds of note that say something of their own code only."""
NOTE_ROLES: Final = frozenset({"tabular", "claml"})
"""Roles of the sources that carry notes."""


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
    periods = system.periods
    return Concept(
        system=system.name,
        version=system.releases[as_of.position].version if as_of.position >= 0 else None,
        code=system.codes.name(row),
        title=periods.titles[period],
        short_title=periods.short_titles[period],
        status=status,
        kind=periods.kinds[period],
        parent=_parent_of(as_of, row, period, status),
        derived=bool(periods.details.derived[period]),
        effective_from=day_of(stretch[0]),
        effective_to=day_of(stretch[1]),
        properties=system.properties(period),
        source=source_at(as_of, row, period),
    )


def concept_in_force(as_of: AsOf, row: int, period: int) -> Concept:
    """Return the concept of a code whose interval row holds on the day."""
    return concept_at(as_of, row, period, STATUSES[as_of.system.periods.states[period]], as_of.bounds(row, period))


def _parent_of(as_of: AsOf, row: int, period: int, status: Status) -> str | None:
    """Return the parent here, or for a code not in force that in the release that its state comes from."""
    system, tree = as_of.system, as_of.tree
    if tree is None or not status.valid:
        tree = system.tree(system.periods.details.releases[period])
    above = tree.parent(row)
    return system.codes.name(above) if above >= 0 else None


def source_at(as_of: AsOf, row: int, period: int) -> Source:
    """Return the release that lists the code on the day, with the line, else the release of the interval row.

    The tree of a dated system also holds codes that its release no longer lists: they have no line in it. And
    what it lists is the newest state of a code: an earlier one has its own release.
    """
    system, tree = as_of.system, as_of.tree
    dated = system.definition.dated
    position = as_of.knowledge if dated else as_of.position
    if tree is None or position < 0 or not tree.holds(row):
        return system.row_source(period)
    number, line = tree.position(row)
    if dated and not (line and system.periods.is_newest(row, period, as_of.knowledge)):
        return system.row_source(period)
    # in force before the release that brought it: its day comes from another publication
    if system.periods.details.releases[period] > position:
        return system.row_source(period)
    return system.source(position, number, line)


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
