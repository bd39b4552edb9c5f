"""The answers about codes on a day: status, concept, place in the hierarchy. What `Edition` asks, by code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .. import schema
from ..errors import UnknownCodeError
from ..hierarchy import NONE, Descendants, Tree
from ..history import status_of
from ..status import Status
from .compiled import AsOf

if TYPE_CHECKING:
    import pyarrow as pa

    from ..model import Concept, Source
    from ..postcoordination import Assessment
    from .concepts import Concepts

Answer = TypeVar("Answer")
REMEMBERED: Final = 65_536
"""Codes whose status and place are kept."""
REMEMBERED_LENGTH: Final = 64
"""Characters of the longest text that is remembered, so that queries cannot fill the memory."""
REMEMBERED_CONCEPTS: Final = 2_048
"""Codes whose concept is kept: some 700 bytes each."""


class Answers:
    """What is answered as of a place in time. Costs nothing to make: what is remembered is remembered by the as-of."""

    __slots__ = ("as_of",)

    def __init__(self, as_of: AsOf) -> None:
        self.as_of = as_of

    # ---- validity

    def status(self, code: str) -> Status:
        """Return what the code is on the day; malformed for what is no text."""
        try:
            found = self.as_of.statuses.get(code)
        except TypeError:
            # what cannot be hashed is no text
            return Status.MALFORMED
        return self.fresh_status(code) if found is None else found

    def fresh_status(self, code: object) -> Status:
        """Return the status of a code that was not asked before, and remember it."""
        if not isinstance(code, str):
            return Status.MALFORMED
        as_of = self.as_of
        row = as_of.system.codes.search(code)
        status = as_of.row_status(row) if row >= 0 else self._status_as_written(code)
        _remember(as_of.statuses, code, status)
        return status

    def _status_as_written(self, code: str) -> Status:
        """Return the status of a text that is no official code: of another spelling, an expression, or neither."""
        system = self.as_of.system
        official = system.definition.official(code)
        row = system.codes.find(official) if official else -1
        if row < 0:
            system.codes.require_size()
        if official is None:
            expression = self.expression(code)
            return expression.status if expression else Status.MALFORMED
        return self.as_of.row_status(row)

    def expression(self, code: str) -> Assessment | None:
        """Return the check of a post-coordinated expression, or None for any other text."""
        system = self.as_of.system
        if not system.definition.postcoordinated:
            return None
        from ..postcoordination import assessment_of

        def elsewhere(name: str) -> Answers | None:
            other = system.store.systems.get(name)
            return Answers(other.as_of(self.as_of.asked)) if other else None

        return assessment_of(code, system.definition, self, elsewhere)

    # ---- concepts

    @property
    def concepts(self) -> Concepts:
        """Makes the values that some answers are: a status is none, and need not import them."""
        made: Concepts | None = self.as_of.maker
        if made is None:
            from .concepts import Concepts

            made = self.as_of.maker = Concepts(self.as_of)
        return made

    def lookup(self, code: str) -> Concept | None:
        """Return the concept, or None if it is unknown or malformed; one not in force in its nearest state."""
        concepts = self.as_of.concepts
        try:
            return concepts[code]
        except KeyError:
            pass
        except TypeError:
            return None
        found = self._fresh_concept(code) if isinstance(code, str) else None
        if found is not None:
            _remember(concepts, code, found, REMEMBERED_CONCEPTS)
        return found

    def _fresh_concept(self, code: str) -> Concept | None:
        as_of = self.as_of
        row = as_of.system.row_of(code)
        if row < 0:
            expression = self.expression(code)
            return expression.concept if expression else None
        period = as_of.period_on(row) if as_of.has_rows else -1
        if period >= 0 and as_of.system.periods.states[period] <= schema.BILLABLE:
            return self.concepts.in_force(row, period)
        found, span = status_of(as_of.spans(row), as_of.day)
        if span is None or found is Status.UNKNOWN:
            return None
        shown = period if period >= 0 else span.row
        return self.concepts.at(row, shown, as_of.row_status(row), span)

    def title(self, code: str) -> str | None:
        """Return the title of a code in force; None for any other."""
        period = self._period_in_force(self.row_of(code))
        title: str | None = self.as_of.system.periods.titles[period] if period >= 0 else None
        return title

    def source(self, code: str) -> Source | None:
        """Return the file and line that list a code in force; None for any other."""
        row = self.row_of(code)
        period = self._period_in_force(row)
        return self.concepts.source(row, period) if period >= 0 else None

    def row_of(self, code: object) -> int:
        """Return the row of a code in any accepted form; -1 of any other, and of what is no text."""
        return self.as_of.system.row_of(code) if isinstance(code, str) else -1

    def _period_in_force(self, row: int) -> int:
        period = self.as_of.period_on(row) if row >= 0 else -1
        return period if period >= 0 and self.as_of.row_status(row).valid else -1

    # ---- hierarchy

    @property
    def tree(self) -> Tree:
        """The tree of the day. To be asked only where a code has a place in it."""
        tree = self.as_of.tree
        assert tree is not None  # noqa: S101 -- a place is a place in a tree
        return tree

    def place(self, code: str) -> int:
        """Return the place of a code in force in the tree.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        as_of = self.as_of
        try:
            return as_of.places[code]
        except (KeyError, TypeError):
            pass
        row = self.row_of(code)
        place: int = as_of.tree.places[row] if as_of.tree is not None and row >= 0 else NONE
        # an unfiltered tree holds just what is in force
        if place == NONE or (as_of.is_filtered and not as_of.is_in_tree(row)):
            raise unknown(self, code)
        _remember(as_of.places, code, place)
        return place

    def named(self, rows: Iterable[int]) -> Iterator[str]:
        """Return the codes in rows of the codes table, without those that are not in force."""
        if self.as_of.is_filtered:
            rows = filter(self.as_of.is_in_tree, rows)
        return map(self.as_of.system.codes.name, rows)

    def parent(self, code: str) -> str | None:
        """Return the parent, or None at a root."""
        place, tree = self.place(code), self.tree
        above = tree.parents[place]
        return self.as_of.system.codes.name(tree.nodes[above]) if above != NONE else None

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return all ancestors, nearest first."""
        place, tree, name = self.place(code), self.tree, self.as_of.system.codes.name
        parents, nodes = tree.parents, tree.nodes
        found = []
        place = parents[place]
        while place != NONE:
            found.append(name(nodes[place]))
            place = parents[place]
        return tuple(found)

    def descendants(self, code: str) -> Descendants:
        """Return the codes below, in document order."""
        place, tree = self.place(code), self.tree
        rows: Sequence[int] = tree.nodes[place + 1 : tree.ends[place]]
        if self.as_of.is_filtered:
            rows = [row for row in rows if self.as_of.is_in_tree(row)]
        return Descendants(rows, self.as_of.system.codes.name, self._arrow_codes)

    def siblings(self, code: str) -> tuple[str, ...]:
        """Return the codes beside one, in document order; beside a root the other roots."""
        place, tree = self.place(code), self.tree
        above, own = tree.parents[place], tree.nodes[place]
        beside = tree.roots() if above == NONE else tree.children(above)
        return tuple(self.named(row for row in beside if row != own))

    def common_ancestor(self, codes: Sequence[str]) -> str | None:
        """Return the lowest node that is above or equal to all codes, or None where only different roots are."""
        places, tree = [self.place(code) for code in codes], self.tree
        place, last = min(places), max(places)
        # what is below a place has the numbers from it to its end: from the first code up, the first stretch that has the last
        while place != NONE and tree.ends[place] <= last:
            place = tree.parents[place]
        return self.as_of.system.codes.name(tree.nodes[place]) if place != NONE else None

    def _arrow_codes(self, rows: Sequence[int]) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        if isinstance(rows, memoryview):
            numbers = pa.Array.from_buffers(pa.uint32(), len(rows), [None, pa.py_buffer(rows)])
        else:
            numbers = pa.array(rows, pa.uint32())
        return pc.take(self.as_of.system.arrow_codes, numbers, boundscheck=False)

    def rows_in_force(self) -> Iterator[int]:
        """Yield the rows of the publisher's codes in force, in document order: no chapters, sections and nodes."""
        as_of, periods = self.as_of, self.as_of.system.periods
        for row in as_of.tree.nodes if as_of.tree is not None else ():
            period = as_of.period_on(row) if row != NONE else -1
            if period < 0 or periods.states[period] not in (schema.BILLABLE, schema.HEADER):
                continue
            if periods.kinds[period] not in schema.UNCOUNTED_KINDS and not periods.details.derived[period]:
                yield row


def unknown(answers: Answers, code: Any) -> UnknownCodeError:
    """Return the error that a code is not in force, with the reason."""
    # its sentences are for misses only: a hit need not import them
    from .reasons import absence

    return UnknownCodeError(absence(answers.as_of, code, answers.status(code)))


def text_given(code: object) -> str:
    """Return how an answer names what was asked for in place of a code, and is no text; empty for None."""
    try:
        return "" if code is None else str(code)
    except Exception:  # noqa: BLE001 -- a number of too many digits, an object that cannot be shown: still no code
        return f"a value of type {type(code).__name__}"


def _remember(answers: dict[str, Answer], code: object, answer: Answer, limit: int = REMEMBERED) -> None:
    """Keep the answer for a text; not for a long one, nor for a kind of text that may compare as it likes."""
    if type(code) is str and len(code) <= REMEMBERED_LENGTH:
        if len(answers) >= limit:
            answers.clear()
        answers[code] = answer
