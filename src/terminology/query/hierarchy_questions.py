"""The questions that an edition answers from its tree, by code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from ..errors import UnknownCodeError
from ..hierarchy import NONE, Descendants, Tree
from ..store.mapped import CodeColumn

if TYPE_CHECKING:
    import pyarrow as pa

Subsumption = Literal["equivalent", "subsumes", "subsumed-by", "not-subsumed"]
REMEMBERED_PLACES = 65_536


class HierarchyQuestions:
    """Parents, children, ancestors, descendants and subsumption among the codes in force."""

    def __init__(self, codes: CodeColumn, tree: Tree | None, *, filtered: bool) -> None:
        self.codes = codes
        self.tree = tree
        """Numbers of the hierarchy; None where nothing covers the day."""
        self._filtered = filtered
        """Whether the tree also holds codes that are not in force."""
        self._places: dict[str, int] = {}

    @abstractmethod
    def _official_row(self, code: str) -> int:
        """Return the row of a code in any accepted form, or -1."""

    @abstractmethod
    def _stands(self, row: int) -> bool:
        """Return whether what is in a row is in force, or a node of the tree that is no code."""

    @abstractmethod
    def _absence(self, code: str) -> str:
        """Return why a code has no place, as a sentence."""

    def _place(self, code: str) -> int:
        """Return the place of a code in force.

        Raises:
            UnknownCodeError: The code is not in force on this day.
        """
        try:
            return self._places[code]
        except KeyError:
            pass
        row = self._official_row(code)
        place: int = self.tree.places[row] if self.tree is not None and row >= 0 else NONE
        # an unfiltered tree holds just what is in force
        if place == NONE or (self._filtered and not self._stands(row)):
            raise UnknownCodeError(self._absence(code))
        if len(self._places) >= REMEMBERED_PLACES:
            self._places.clear()
        self._places[code] = place
        return place

    def _codes_of(self, rows: Iterable[int]) -> tuple[str, ...]:
        if self._filtered:
            rows = filter(self._stands, rows)
        return tuple(map(self.codes.name, rows))

    def parent(self, code: str) -> str | None:
        """Return the parent, or None at a root.

        Raises:
            UnknownCodeError: The code is not in force.

        >>> store["icd10cm"].on("2022-03-01").parent("M54.50")
        'M54.5'
        """
        place = self._place(code)
        tree = self.tree
        assert tree is not None  # noqa: S101 -- a place is a place in a tree
        above = tree.parents[place]
        return self.codes.name(tree.nodes[above]) if above != NONE else None

    def children(self, code: str) -> tuple[str, ...]:
        """Return the children in document order.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        place = self._place(code)
        return self._codes_of(self.tree.children(place)) if self.tree else ()

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return all ancestors, nearest first.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        place = self._place(code)
        tree, name = self.tree, self.codes.name
        assert tree is not None  # noqa: S101 -- a place is a place in a tree
        parents, nodes = tree.parents, tree.nodes
        found = []
        place = parents[place]
        while place != NONE:
            found.append(name(nodes[place]))
            place = parents[place]
        return tuple(found)

    def descendants(self, code: str) -> Descendants:
        """Return the codes below, in document order; a sequence with ``to_arrow()``.

        Raises:
            UnknownCodeError: The code is not in force.
        """
        place = self._place(code)
        tree = self.tree
        assert tree is not None  # noqa: S101 -- a place is a place in a tree
        rows: Sequence[int] = tree.nodes[place + 1 : tree.ends[place]]
        if self._filtered:
            rows = [row for row in rows if self._stands(row)]
        return Descendants(rows, self.codes.name, self._arrow_codes)

    def roots(self) -> tuple[str, ...]:
        """Return the codes without parent, in document order; empty where nothing covers the day."""
        return self._codes_of(self.tree.roots()) if self.tree else ()

    def subsumes(self, a: str, b: str) -> Subsumption:
        """Return how two codes lie to each other: equivalent, subsumes (a above b), subsumed-by, not-subsumed.

        Raises:
            UnknownCodeError: One of them is not in force.

        >>> store["icd10cm"].on("2022-03-01").subsumes("M54", "M54.50")
        'subsumes'
        """
        places = self._places
        try:
            place_a, place_b = places[a], places[b]
        except KeyError:
            place_a, place_b = self._place(a), self._place(b)
        ends = self.tree.ends if self.tree else ()
        if place_a < place_b:
            return "subsumes" if place_b < ends[place_a] else "not-subsumed"
        if place_b < place_a:
            return "subsumed-by" if place_a < ends[place_b] else "not-subsumed"
        return "equivalent"

    def _arrow_codes(self, rows: Sequence[int]) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        if isinstance(rows, memoryview):
            numbers = pa.Array.from_buffers(pa.uint32(), len(rows), [None, pa.py_buffer(rows)])
        else:
            numbers = pa.array(rows, pa.uint32())
        return pc.take(self._all_codes(), numbers, boundscheck=False)

    @abstractmethod
    def _all_codes(self) -> Any:
        """Return all codes of the system as an Arrow array."""
