"""What is said of one code at length: its status with the reason, its node, its notes, its history."""

from __future__ import annotations

import datetime
import json
from bisect import bisect_left
from typing import Final

from .. import schema
from ..errors import UnknownCodeError
from ..history import STATUSES, status_of
from ..model import Check, Concept, History, Note, Notes, Period, Release, Source
from ..periods import OPEN, day_of
from ..status import Status
from ..store.codes import key_of
from ..store.mapped import MappedTable
from .answers import Answers, text_given
from .compiled import AsOf, CompiledSystem
from .concepts import row_source

OWN_ONLY: Final = frozenset({"inclusionTerm", "visualImpairment"})
"""Kinds of note that say something of their own code only."""
NOTE_ROLES: Final = frozenset({"tabular", "claml"})
"""Roles of the sources that have notes."""
EARLIEST: Final = datetime.date.min


class Descriptions:
    """Describes codes of an edition. Costs nothing to make."""

    __slots__ = ("answers",)

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def check(self, code: str) -> Check:
        """Return the status with its period, a repair of a likely typo, and the other systems that know the code."""
        if not isinstance(code, str):
            return Check(text_given(code), Status.MALFORMED)
        if expression := self.answers.expression(code):
            base = expression.base
            return Check(
                code=expression.code,
                status=expression.status,
                effective_from=expression.effective_from,
                effective_to=expression.effective_to,
                source=base.source if base else None,
                reason=expression.reason,
            )
        as_of, system = self.answers.as_of, self.answers.as_of.system
        row = system.row_of(code)
        status = self.answers.status(code)
        _, span = status_of(as_of.spans(row), as_of.day)
        is_bounded = span is not None and status not in (Status.UNCOVERED, Status.UNKNOWN)
        is_unknown = status in (Status.UNKNOWN, Status.MALFORMED)
        return Check(
            code=system.definition.official(code) or code,
            status=status,
            suggestion=_suggestion(as_of, code) if is_unknown else None,
            other_systems=_other_systems(as_of, code) if row < 0 else (),
            effective_from=day_of(span.start) if span and is_bounded else None,
            effective_to=day_of(span.end) if span and is_bounded else None,
            source=self.answers.concepts.source(row, span.row) if span else None,
        )

    def node(self, code: str) -> Concept:
        """Return a concept, or what is in the tree and is no code, as unknown.

        Raises:
            UnknownCodeError: There is neither.
        """
        as_of = self.answers.as_of
        row = self.answers.row_of(code)
        period = as_of.period_on(row) if row >= 0 and as_of.is_covered else -1
        if period >= 0 and as_of.system.periods.states[period] == schema.NODE:
            return self.answers.concepts.at(row, period, STATUSES[schema.NODE], as_of.bounds(row, period))
        found = self.answers.lookup(code)
        if found is None:
            raise UnknownCodeError(self.answers.absence(code))
        return found

    def notes(self, code: str, *, inherited: bool) -> Notes:
        """Return the notes of a code in force, its own first, then those from above, nearest first.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        expression = self.answers.expression(code) if isinstance(code, str) else None
        if expression and expression.concept:
            return self.notes(expression.concept.parent or code, inherited=inherited)
        as_of, system = self.answers.as_of, self.answers.as_of.system
        place = self.answers.place(code)
        own = system.codes.name(self.answers.tree.nodes[place])
        table = system.notes(as_of.position) if as_of.position >= 0 else None
        release = as_of.release
        if table is None or release is None:
            return Notes(known=False)
        found = _notes_at(table, own, release, inherited=False)
        for above in self.answers.ancestors(own) if inherited else ():
            found += _notes_at(table, above, release, inherited=True)
        return Notes(tuple(found))


def _suggestion(as_of: AsOf, code: str) -> str | None:
    system = as_of.system
    rows = ((repair, system.codes.find(repair)) for repair in system.definition.repairs(code))
    return next((repair for repair, row in rows if row >= 0 and as_of.row_status(row).valid), None)


def _other_systems(as_of: AsOf, code: str) -> tuple[str, ...]:
    own = as_of.system
    systems = sorted(own.store.systems.items())
    return tuple(name for name, system in systems if system is not own and system.row_of(code) >= 0)


def _notes_at(table: MappedTable, code: str, release: Release, *, inherited: bool) -> list[Note]:
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


def history_of(code: str, system: CompiledSystem) -> History:
    """Return the answer of `CodeSystem.history`."""
    if not isinstance(code, str):
        return History(text_given(code), ())
    row = system.row_of(code)
    official = system.definition.official(code) or code
    predecessors, successors = _relatives(official, system)
    spans = system.periods.spans(row, system.timeline.newest, OPEN, by_title=True) if row >= 0 else ()
    return History(
        official,
        tuple(
            Period(
                effective_from=day_of(span.start) or EARLIEST,
                effective_to=day_of(span.end),
                from_known=span.from_known,
                status=STATUSES[span.state],
                title=span.title or "",
                source=row_source(system, span.row),
            )
            for span in spans
            if span.state != schema.EXPIRED
        ),
        predecessors,
        successors,
    )


def _relatives(code: str, system: CompiledSystem) -> tuple[tuple[str, ...], tuple[str, ...]]:
    maps = [rows for rows in system.store.maps if rows.source_system == system.name]
    if not maps:
        return (), ()
    from .relatives import predecessors_of, successors_of

    return predecessors_of(code, system, maps), successors_of(code, system, maps)
