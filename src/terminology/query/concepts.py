"""The values that answers are made of, from the rows of a system: concepts and their sources."""

from __future__ import annotations

import json
from typing import Final

from ..hierarchy import NONE
from ..history import STATUSES, Span
from ..model import Concept, Properties, Release, Source, Status, concept_of, source_of
from ..periods import day_of
from .compiled import AsOf, CompiledSystem

NO_PROPERTIES: Final = Properties()


class Concepts:
    """Makes the values of a place in time. Costs nothing to make."""

    __slots__ = ("as_of", "releases")

    def __init__(self, as_of: AsOf) -> None:
        self.as_of = as_of
        self.releases = as_of.system.releases

    def at(self, row: int, period: int, status: Status, span: Span) -> Concept:
        """Return the concept of a code as an interval row has it.

        Args:
            row: Of the codes table.
            period: The interval row.
            status: On the day.
            span: The stretch of this status.
        """
        as_of = self.as_of
        system = as_of.system
        periods, details = system.periods, system.periods.details
        tree = as_of.tree
        if tree is None or not status.valid:
            # of a code not in force the parent is that of the release that its state comes from
            tree = system.tree(details.releases[period])
        above = tree.parent(row)
        begin = day_of(span.start)
        return concept_of(
            system.name,
            as_of.version,
            system.codes.name(row),
            periods.titles[period],
            periods.short_titles[period],
            status,
            periods.kinds[period],
            system.codes.name(above) if above >= 0 else None,
            bool(details.derived[period]),
            begin,
            day_of(span.end),
            row_properties(system, period),
            self.source(row, period),
            span.from_known if begin else None,
        )

    def in_force(self, row: int, period: int) -> Concept:
        """Return the concept of a code whose interval row holds on the day."""
        as_of = self.as_of
        return self.at(row, period, STATUSES[as_of.system.periods.states[period]], as_of.span_at(row, period))

    def source(self, row: int, period: int) -> Source:
        """Return the release that lists the code on the day, with the line; else the last one before it that does.

        So a day after all releases is answered by the newest one, and an expired code has the line of the last release
        with it. What is yet to come has that of the release of the interval row, the first that says so.
        """
        as_of = self.as_of
        system = as_of.system
        first: int = system.periods.details.releases[period]
        # rows of a dated system have days of their own, so its newest release answers for all days
        position = as_of.knowledge if system.definition.dated else as_of.position
        found = self._listed(row, period, position) if position >= first else None
        if found is None and not system.definition.dated:
            found = self._last_listed(row, period, first)
        return found or row_source(system, period)

    def _last_listed(self, row: int, period: int, first: int) -> Source | None:
        """Return the file and line of the last release up to the day that lists a code as an interval row has it, if any."""
        as_of = self.as_of
        # a row that ended is in no release from its end on
        last_day = min(as_of.asked, as_of.system.periods.ends[period] - 1)
        last = as_of.system.timeline.release_on(last_day, as_of.knowledge)
        listed = (self._listed(row, period, position) for position in range(last, first - 1, -1))
        return next((one for one in listed if one is not None), None)

    def _listed(self, row: int, period: int, position: int) -> Source | None:
        """Return the file and line of a release that list a code as an interval row has it; None where it does not.

        The tree of a dated system also holds codes that its release no longer lists: they have no line in it. And
        what it lists is the newest state of a code: an earlier one has its own release.
        """
        system = self.as_of.system
        tree = system.tree(position)
        place = tree.places[row]
        if place == NONE:
            return None
        line = tree.lines[place]
        if system.definition.dated and not (line and system.periods.is_newest(row, period, position)):
            return None
        return source_in(self.releases[position], tree.sources[place], line)


def source_in(release: Release, number: int, line: int) -> Source:
    """Return one of the files of a release as the source of an answer; number 0 is its authority."""
    file = release.sources[number]
    return source_of(release.system, release.version, file.file, file.sha256, line or None)


def row_source(system: CompiledSystem, period: int) -> Source:
    """Return the source of an interval row: the release that first said so."""
    details = system.periods.details
    return source_in(system.releases[details.releases[period]], details.sources[period], details.lines[period])


def row_properties(system: CompiledSystem, period: int) -> Properties:
    """Return the properties of an interval row; empty where it has none."""
    place = system.periods.details.properties[period]
    return Properties(json.loads(system.property_texts[place])) if place >= 0 else NO_PROPERTIES
