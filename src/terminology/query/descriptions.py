"""What is said of one code at length: its status with the reason, its node, its notes, its history."""

from __future__ import annotations

import datetime
import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from .. import schema
from ..history import STATUSES, Span, status_of
from ..model import Check, Concept, History, Note, Notes, Period, Release, Source
from ..periods import OPEN, day_of
from ..repairs import VARIANTS, Repair, has_form_of_another, repairs_of
from ..status import Status
from ..store.codes import key_of
from ..store.mapped import MappedTable
from ..systems import SYSTEMS
from .answers import Answers, text_given, unknown
from .compiled import CompiledSystem
from .concepts import row_source
from .reasons import reason_of

OWN_ONLY: Final = frozenset({"inclusionTerm", "visualImpairment"})
"""Kinds of note that say something of their own code only."""
NOTE_ROLES: Final = frozenset({"tabular", "claml"})
"""Roles of the sources that have notes."""
CATEGORY_LENGTH: Final = 3
NUMBER_LIKE: Final = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]{1,3})?")
UNKNOWN: Final = (Status.UNKNOWN, Status.MALFORMED)
EARLIEST: Final = datetime.date.min


class Descriptions:
    """Describes codes of an edition. Costs nothing to make."""

    __slots__ = ("answers",)

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def check(self, code: str) -> Check:
        """Return the status with reason and period, a repair of a damaged code, and the other systems that know it."""
        as_of = self.answers.as_of
        day, version = day_of(as_of.asked), as_of.version
        if not isinstance(code, str):
            given = text_given(code)
            reason = f"{given or code} cannot be a code of {as_of.system.definition.title}"
            return Check(given, Status.MALFORMED, reason, date=day, version=version)
        if expression := self.answers.expression(code):
            base = expression.base
            return Check(
                code=expression.code,
                status=expression.status,
                reason=expression.reason or reason_of(as_of, expression.code, expression.status),
                effective_from=expression.effective_from,
                effective_to=expression.effective_to,
                source=base.source if base else None,
                date=day,
                version=version,
                from_known=expression.concept.from_known if expression.concept else None,
            )
        row, status = as_of.system.row_of(code), self.answers.status(code)
        _, span = status_of(as_of.spans(row), as_of.day)
        is_bounded = span is not None and status not in (Status.UNCOVERED, Status.UNKNOWN)
        others = self.other_systems(code) if row < 0 else ()
        repairs = self.repairs(code, others) if status in UNKNOWN else ()
        begin = day_of(span.start) if span and is_bounded else None
        shown = as_of.system.codes.name(row) if row >= 0 else code
        others = self._without_variants(others) if repairs else others
        reason = reason_of(as_of, shown, status, span, others)
        if status is Status.MALFORMED and not (repairs or others):
            reason += self._as_number(code)
        return Check(
            code=shown,
            status=status,
            reason=reason,
            suggestion=repairs[0].code if len(repairs) == 1 else None,
            other_systems=others,
            effective_from=begin,
            effective_to=day_of(span.end) if span and is_bounded else None,
            source=self.answers.concepts.source(row, self._stating(row, span)) if span else None,
            rule=str(repairs[0].rule) if len(repairs) == 1 else None,
            date=day,
            version=version,
            from_known=span.from_known if span and begin else None,
        )

    def _stating(self, row: int, span: Span) -> int:
        """Return the interval row whose source states what a code is on the day; that of the concept.

        It is the row that holds on the day, else the one that last held, or will. A later file may have ended a code after
        the fact: by that of 2018 HCPCS ``ZA`` was in force on July 1, 2018, and the file of 2019 says that it was not.
        """
        as_of = self.answers.as_of
        held = as_of.period_on(row) if as_of.has_rows else -1
        return held if held >= 0 else span.row

    def repairs(self, code: str, others: Sequence[str]) -> tuple[Repair, ...]:
        """Return the codes in force that a text may have been meant for, likeliest first.

        Args:
            code: What is unknown or malformed.
            others: The other systems that have it as a code.
        """
        system = self.answers.as_of.system
        is_foreign = bool(self._without_variants(others))
        is_foreign = is_foreign or has_form_of_another(code, system.definition, system.store.systems)
        return repairs_of(code, system.definition, self._code_status, is_foreign=is_foreign)

    def _as_number(self, text: str) -> str:
        """Return what a number may have been in another system before a spreadsheet took it for one; mostly nothing."""
        if not NUMBER_LIKE.fullmatch(text.strip()):
            return ""
        own = self.answers.as_of.system
        named = []
        for _, system in sorted(own.store.systems.items()):
            if system is own or system.definition.name not in SYSTEMS:
                continue

            def known(code: str, system: CompiledSystem = system) -> Status:
                row = system.codes.find(code)
                return Status.BILLABLE if row >= 0 and _is_code(system, row) else Status.UNKNOWN

            found = repairs_of(text, system.definition, known, is_foreign=True)
            named += [f"{' or '.join(repair.code for repair in found)} of {system.definition.title}"] if found else []
        return f"; a spreadsheet may have made a number of {', or of '.join(named)}" if named else ""

    def _code_status(self, code: str) -> Status:
        """Return the status of a text in official form; unknown of chapters, sections and prefixes, which are no codes."""
        as_of = self.answers.as_of
        row = as_of.system.codes.find(code)
        return as_of.row_status(row) if row >= 0 and _is_code(as_of.system, row) else Status.UNKNOWN

    def is_code(self, code: str) -> bool:
        """Return whether a text is a code on any day, no chapter, section or prefix."""
        row = self.answers.row_of(code)
        return row >= 0 and _is_code(self.answers.as_of.system, row)

    def other_systems(self, code: str) -> tuple[str, ...]:
        """Return the short names of the other systems that have a text as a code on any day, sorted."""
        own = self.answers.as_of.system
        named = []
        for name, system in sorted(own.store.systems.items()):
            row = system.row_of(code) if system is not own else -1
            if row >= 0 and _is_code(system, row) and _names_a_code(system, row, code):
                named.append(name)
        return tuple(named)

    def _without_variants(self, others: Sequence[str]) -> tuple[str, ...]:
        """Return the systems without those that have codes of the same kind: with a repair, they say nothing."""
        name = self.answers.as_of.system.name
        return tuple(other for other in others if not (name in VARIANTS and other in VARIANTS))

    def node(self, code: str) -> Concept:
        """Return a concept, or what is in the tree and is no code, as unknown.

        Raises:
            UnknownCodeError: There is neither.
        """
        as_of = self.answers.as_of
        row = self.answers.row_of(code)
        period = as_of.period_on(row) if row >= 0 and as_of.is_covered else -1
        if period >= 0 and as_of.system.periods.states[period] == schema.NODE:
            return self.answers.concepts.at(row, period, STATUSES[schema.NODE], as_of.span_at(row, period))
        found = self.answers.lookup(code)
        if found is None:
            raise unknown(self.answers, code)
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


def _names_a_code(system: CompiledSystem, row: int, text: str) -> bool:
    """Return whether a text is plausible as a code: listed by the publisher, or a whole category (250, not 38.9)."""
    derived = system.periods.details.derived
    is_listed = not all(derived[period] for period in system.periods.of(row))
    return is_listed or (text.strip().isalnum() and len(text.strip()) >= CATEGORY_LENGTH)


def _is_code(system: CompiledSystem, row: int) -> bool:
    """Return whether what is in a row is a code, whether or not it may be submitted: no chapter, section or prefix."""
    periods = system.periods
    return any(periods.kinds[period] not in schema.UNCOUNTED_KINDS for period in periods.of(row))


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
