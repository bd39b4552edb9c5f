"""An edition: the state of a code system on one day, as it is known with the releases up to one of them."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .. import schema
from ..errors import UnknownCodeError
from ..history import STATUSES, Span, status_of
from ..model import Check, Concept, Notes, Release, Source, Status
from ..periods import day_number, day_of
from .hierarchy_questions import HierarchyQuestions
from .notes import notes_at

if TYPE_CHECKING:
    import pyarrow as pa

    from ..postcoordination import Assessment
    from .code_system import CodeSystem

REMEMBERED_STATUSES = 65_536
BILLABLE = Status.BILLABLE
IN_TREE = frozenset({schema.HEADER, schema.BILLABLE, schema.NODE})


@frozen
class AsOf:
    """From where a question is asked: the day of use, and the newest release that is known."""

    day: int
    knowledge: int
    """Number of the release among all of the system, or -1."""

    @classmethod
    def of(cls, day: datetime.date, knowledge: int) -> AsOf:
        """Return the vantage of a calendar day."""
        return cls(day_number(day), knowledge)


class Edition(HierarchyQuestions):
    """What is in force on a day. Made by `CodeSystem.on`, `CodeSystem.release` and `CodeSystem.latest`."""

    def __init__(self, code_system: CodeSystem, vantage: AsOf) -> None:
        self.code_system = code_system
        self.system = code_system.name
        self.vantage = vantage
        self.is_covered = code_system.is_covered(vantage)
        """Whether the loaded releases speak for the day."""
        self._position = code_system.release_on(vantage) if self.is_covered else -1
        self.horizon = code_system.horizon(vantage)
        """Day from which nothing is known."""
        dated = code_system.definition.dated
        # a release answers to its own limit, though the next one's rows begin before: who does not know the
        # next one stays on the last day before it
        self.day = vantage.day if dated else min(vantage.day, self.horizon - 1)
        """The day by which interval rows answer."""
        self._knowledge = vantage.knowledge
        self._version = code_system.releases[self._position].version if self._position >= 0 else None
        self._row_first = dated
        self._periods = code_system.periods
        self._statuses: dict[str, Status] = {}
        # the tree of a dated system holds every code that is known, in force or not
        filtered = dated or code_system.is_retired(vantage)
        filtered = filtered or (self._position >= 0 and code_system.is_filtered(self._position))
        listing = vantage.knowledge if dated else self._position
        super().__init__(code_system.codes, code_system.tree(listing) if listing >= 0 else None, filtered=filtered)

    @property
    def date(self) -> datetime.date:
        """The day that the edition answers for."""
        return day_of(self.vantage.day) or datetime.date.max

    @property
    def release(self) -> Release | None:
        """The release in force, or None where nothing covers the day."""
        return self.code_system.releases[self._position] if self._position >= 0 else None

    def __repr__(self) -> str:
        release = self.release.version if self.release else "uncovered"
        return f"<Edition {self.system} {self.date} ({release})>"

    # ---- validity

    def status(self, code: str) -> Status:
        """Return what the code is on this day; never raises for a code.

        >>> edition = store["icd10cm"].on("2022-03-01")
        >>> str(edition.status("M54.50")), str(edition.status("m5450 ")), str(edition.status("M54"))
        ('billable', 'billable', 'header')
        """
        try:
            return self._statuses[code]
        except KeyError:
            return self._fresh_status(code)

    def _fresh_status(self, code: str) -> Status:
        row = self.codes.find(code)
        status = None
        if row < 0:
            official = self.code_system.definition.official(code)
            row = self.codes.find(official) if official else -1
            if official is None:
                expression = self._expression(code)
                status = expression.status if expression else Status.MALFORMED
        if row < 0:
            self.codes.table.require_size()
        statuses = self._statuses
        if len(statuses) >= REMEMBERED_STATUSES:
            statuses.clear()
        statuses[code] = status = status or self._row_status(row)
        return status

    def _row_status(self, row: int) -> Status:
        """Return the status of the code in this row of the codes table, or of a well-formed stranger (-1)."""
        if not (self.is_covered or self._row_first):
            return Status.UNCOVERED
        if row >= 0:
            periods = self._periods
            period = periods.row_on(row, self.day, self._knowledge)
            if period >= 0:
                return STATUSES[periods.states[period]]
            periods.table.require_size()
        if not self.is_covered:
            return Status.UNCOVERED
        return status_of(self._spans(row), self.day)[0]

    def _spans(self, row: int) -> list[Span]:
        return self.code_system.periods.spans(row, self._knowledge, self.horizon) if row >= 0 else []

    def is_valid(self, code: str) -> bool:
        """Return whether the code is in force, billable or header."""
        return self.status(code).valid

    def is_billable(self, code: str) -> bool:
        """Return whether the code may be submitted on a claim."""
        return self.status(code) is BILLABLE

    def check(self, code: str) -> Check:
        """Return the status with its period, a repair of a near miss, and the other systems that know the code.

        >>> store["icd10cm"].on("2022-03-01").check("J1815").other_systems
        ('hcpcs',)
        """
        if expression := self._expression(code):
            from .expressions import check_of

            return check_of(expression)
        official = self.code_system.definition.official(code)
        row = self.code_system.row_of(code)
        status = self.status(code)
        _, span = status_of(self._spans(row), self.day)
        bounded = span is not None and status not in (Status.UNCOVERED, Status.UNKNOWN)
        strange = status in (Status.UNKNOWN, Status.MALFORMED)
        return Check(
            code=official or code,
            status=status,
            suggestion=self._suggestion(code) if strange else None,
            other_systems=self._other_systems(code) if row < 0 else (),
            effective_from=day_of(span.start) if span and bounded else None,
            effective_to=day_of(span.end) if span and bounded else None,
            source=self._source(row, span.row) if span else None,
        )

    def _expression(self, code: str) -> Assessment | None:
        """Return what is to be said of a post-coordinated expression, or None for any other text."""
        if not self.code_system.definition.postcoordinated:
            return None
        from .expressions import assessed

        return assessed(self, code)

    def _suggestion(self, code: str) -> str | None:
        repairs = self.code_system.definition.repairs(code)
        return next((repair for repair in repairs if self._in_force(self.codes.find(repair))), None)

    def _other_systems(self, code: str) -> tuple[str, ...]:
        store = self.code_system.store
        return tuple(name for name in store.systems if name != self.system and store[name].row_of(code) >= 0)

    def _in_force(self, row: int) -> bool:
        return row >= 0 and self._row_status(row).valid

    def _stands(self, row: int) -> bool:
        period = self._periods.row_on(row, self.day, self._knowledge)
        return period >= 0 and self._periods.states[period] in IN_TREE

    def _official_row(self, code: str) -> int:
        return self.code_system.row_of(code)

    def _absence(self, code: str) -> str:
        return f"{code!r} is not in force in {self!r}: {self.status(code)}"

    def _all_codes(self) -> Any:
        return self.code_system.arrow_codes

    # ---- concepts

    def lookup(self, code: str) -> Concept | None:
        """Return the concept, or None if it is unknown or malformed.

        A code that expired, or is yet to come, is returned in its nearest state, with its status.

        >>> store["icd10cm"].on("2022-03-01").lookup("M54.50").title
        'Low back pain, unspecified'
        """
        row = self.codes.find(code)
        if row < 0:
            row = self._official_row(code)
        if row < 0:
            expression = self._expression(code)
            return expression.concept if expression else None
        periods = self._periods
        period = periods.row_on(row, self.day, self._knowledge) if self.is_covered or self._row_first else -1
        if period >= 0 and periods.states[period] <= schema.BILLABLE:
            start, end = periods.bounds(row, period, self._knowledge, self.horizon)
            return self._concept(row, period, STATUSES[periods.states[period]], start, end)
        found, span = status_of(self._spans(row), self.day)
        if span is None or found is Status.UNKNOWN:
            return None
        return self._concept(row, period if period >= 0 else span.row, self._row_status(row), span.start, span.end)

    def _concept(self, row: int, period: int, status: Status, start: int, end: int) -> Concept:
        """Return the concept of a code as an interval row tells it, in a stretch from a first day to an end."""
        periods = self._periods
        return Concept(
            system=self.system,
            version=self._version,
            code=self.codes.name(row),
            title=periods.titles[period],
            short_title=periods.short_titles[period],
            status=status,
            kind=periods.kinds[period],
            parent=self._parent_code(row, period, status),
            derived=bool(periods.details.derived[period]),
            effective_from=day_of(start),
            effective_to=day_of(end),
            properties=self.code_system.properties(period),
            source=self._source(row, period),
        )

    def __getitem__(self, code: str) -> Concept:
        """Return the concept, in force or not.

        Raises:
            UnknownCodeError: The code is unknown or malformed.
        """
        concept = self.lookup(code)
        if concept is None:
            raise UnknownCodeError(f"{code!r} is {self.status(code)} in {self.system} on {self.date}")
        return concept

    def node(self, code: str) -> Concept:
        """Return what stands under this code: a concept, or what stands in the tree and is no code, as unknown.

        Prefixes of ICD-10-PCS are such nodes: `children` names them, and `lookup` does not know them.

        Raises:
            UnknownCodeError: There is neither.
        """
        row = self._official_row(code)
        period = self._periods.row_on(row, self.day, self._knowledge) if row >= 0 and self.is_covered else -1
        if period < 0 or self._periods.states[period] != schema.NODE:
            return self[code]
        start, end = self._periods.bounds(row, period, self._knowledge, self.horizon)
        return self._concept(row, period, Status.UNKNOWN, start, end)

    def _parent_code(self, row: int, period: int, status: Status) -> str | None:
        """Return the parent here, or for a code not in force that in the release that its state comes from."""
        tree = self.tree
        if tree is None or not status.valid:
            tree = self.code_system.tree(self.code_system.periods.details.releases[period])
        above = tree.parent(row)
        return self.codes.name(above) if above >= 0 else None

    def _source(self, row: int, period: int) -> Source:
        """Return the release that lists the code here, with the line, else the release of the interval row.

        The tree of a dated system also holds codes that its release no longer lists: they have no line in it. And
        what it lists is the newest state of a code: an earlier one has its own release.
        """
        tree = self.tree
        position = self._knowledge if self._row_first else self._position
        if tree is None or position < 0 or not tree.holds(row):
            return self.code_system.row_source(period)
        number, line = tree.position(row)
        if self._row_first and not (line and self._periods.is_newest(row, period, self._knowledge)):
            return self.code_system.row_source(period)
        # in force before the release that brought it: its day comes from another publication
        if self._periods.details.releases[period] > position:
            return self.code_system.row_source(period)
        return self.code_system.source(position, number, line)

    def title(self, code: str) -> str | None:
        """Return the title of a code in force on this day; None for any other.

        >>> store["icd10cm"].on("2022-03-01").title("M54.50")
        'Low back pain, unspecified'
        """
        row = self._official_row(code)
        period = self._periods.row_on(row, self.day, self._knowledge) if row >= 0 else -1
        title: str | None = self._periods.titles[period] if period >= 0 and self.status(code).valid else None
        return title

    def source(self, code: str) -> Source | None:
        """Return the file, with its checksum and line, that lists a code in force on this day; None for any other.

        >>> store["icd10cm"].on("2022-03-01").source("M54.50").line
        37
        """
        row = self._official_row(code)
        period = self._periods.row_on(row, self.day, self._knowledge) if row >= 0 else -1
        return self._source(row, period) if period >= 0 and self.status(code).valid else None

    # ---- notes and tables

    def notes(self, code: str, inherited: bool = True) -> Notes:  # noqa: FBT001, FBT002 -- part of the contract
        """Return the instructional notes of a code, its own first, then from above, nearest first.

        Where the release came without notes the result is empty and says so: ``known`` is False.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        if (expression := self._expression(code)) and expression.concept:
            return self.notes(expression.concept.parent or code, inherited)
        place = self._place(code)
        table = self.code_system.notes_table(self._position) if self._position >= 0 else None
        release = self.release
        if table is None or release is None or self.tree is None:
            return Notes(known=False)
        own = self.codes.name(self.tree.nodes[place])
        found = notes_at(table, own, release, inherited=False)
        for above in self.ancestors(own) if inherited else ():
            found += notes_at(table, above, release, inherited=True)
        return Notes(tuple(found))

    def table(self, name: str = "concepts") -> pa.Table:
        """Return a table of the edition.

        ``concepts``: everything in force, in document order, with status, parent and period. Any other name is
        a table of the release in force as it was committed: ``published`` (its own rows with every typed field),
        ``notes``, ``differences``.

        Raises:
            KeyError: The release has no such table.
            UnknownCodeError: Nothing covers the day.
        """
        from .tables import concept_table

        if name == "concepts":
            return concept_table(self)
        if self._position < 0:
            raise UnknownCodeError(f"nothing loaded covers {self.date} in {self.system}")
        return self.code_system.archived(self._position)["concepts" if name == "published" else name]

    def to_networkx(self) -> Any:
        """Return the hierarchy as a `networkx.DiGraph`, edges from parent to child; nodes carry title and billable."""
        from .tables import graph_of

        return graph_of(self)
