"""The groups of a code as its card shows them: a row for each grouping that covers the day of service."""

from __future__ import annotations

from attrs import frozen

from ..errors import NoVersionError, UnknownCodeError
from ..model import Group
from ..query import Edition


@frozen
class Grouped:
    """What a grouping says of a code."""

    title: str
    version: str
    groups: tuple[Group, ...]
    states: tuple[str, ...]
    source: str
    """File and line of the first group."""


@frozen
class GroupsOfCode:
    """What all groupings say of a code."""

    rows: tuple[Grouped, ...]
    uncovered: tuple[tuple[str, str], ...]
    """Groupings without a version for the day, each with the nearest version."""


def groups_of(edition: Edition, code: str) -> GroupsOfCode:
    """Return the groups of a code by every grouping of its code system; nothing where none is loaded."""
    rows, uncovered = [], []
    for name in edition.groupings:
        grouping = edition.grouping(name)
        try:
            found = edition.groups(code, name)
        except NoVersionError:
            nearest = grouping.on(edition.date, accept_nearest=True)
            uncovered.append((grouping.definition.title, nearest.version))
            continue
        except UnknownCodeError:
            # an expression of several codes is in no table
            continue
        if found or found.states:
            source = found[0].source if found else None
            states = tuple(state.replace("_", " ") for state in found.states)
            rows.append(
                Grouped(grouping.definition.title, found.version, found, states, source.place if source else "")
            )
    return GroupsOfCode(tuple(rows), tuple(uncovered))
