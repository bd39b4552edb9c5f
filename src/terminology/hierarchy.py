"""The tree of an edition: parents, ancestors, descendants, subsumption, over pre-order numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from .store.lazy import Lazy
from .store.mapped import MappedTable

if TYPE_CHECKING:
    import pyarrow as pa

NONE = 2**32 - 1


class Tree(Lazy):
    """Pre-order numbers over the rows of the codes table. Knows rows and places, no codes."""

    __slots__ = ("ends", "lines", "nodes", "parents", "places", "sources")

    def __init__(self, table: MappedTable) -> None:
        self.places = table.integers("pre")
        self.nodes = table.integers("node")
        self.ends = table.integers("end")
        self.parents = table.integers("parent")
        self.lines = table.integers("line")
        self.sources = table.integers("source")

    def parent(self, row: int) -> int:
        """Return the row of the parent, or -1 at a root and outside the tree."""
        place = self.places[row]
        above = self.parents[place] if place != NONE else NONE
        return int(self.nodes[above]) if above != NONE else -1

    def children(self, place: int) -> Iterator[int]:
        """Yield the rows of the children of a place in document order."""
        end = self.ends[place]
        child = place + 1
        while child < end:
            yield self.nodes[child]
            child = self.ends[child]

    def roots(self) -> Iterator[int]:
        """Yield the rows of the roots in document order."""
        place, count = 0, len(self.nodes)
        while place < count and self.nodes[place] != NONE:
            yield self.nodes[place]
            place = self.ends[place]


class Descendants(Sequence[str]):
    """The codes below a code, in document order; a view that is read when asked for."""

    __slots__ = ("_arrow", "_code_at", "_rows")

    def __init__(
        self, rows: Sequence[int], code_at: Callable[[int], str], arrow: Callable[[Sequence[int]], pa.Array]
    ) -> None:
        self._rows = rows
        self._code_at = code_at
        self._arrow = arrow

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self._code_at(row) for row in self._rows[index]]
        return self._code_at(self._rows[index])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Sequence) and not isinstance(other, str):
            return list(self) == list(other)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        shown = ", ".join(repr(self[i]) for i in range(min(3, len(self))))
        more = f", … {len(self):,} in all" if len(self) > 3 else ""  # noqa: PLR2004 -- three show what it is
        return f"Descendants({shown}{more})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _listed, (tuple(self),)

    def to_arrow(self) -> pa.Array:
        """Return the codes as an Arrow array of strings."""
        return self._arrow(self._rows)


def _listed(codes: tuple[str, ...]) -> Descendants:
    """Return the codes as they come out of a pickle: a list of their own, without the store that they were read from."""
    return Descendants(range(len(codes)), codes.__getitem__, lambda rows: _arrow_of(codes[row] for row in rows))


def _arrow_of(codes: Iterable[str]) -> pa.Array:
    import pyarrow as pa

    return pa.array(list(codes), pa.string())


def directed_graph(codes: Sequence[str], parents: Sequence[str | None], attributes: Sequence[dict[str, Any]]) -> Any:
    """Return a `networkx.DiGraph` with an edge from each parent to its child, nodes in document order."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(zip(codes, attributes, strict=True))
    graph.add_edges_from((parent, code) for code, parent in zip(codes, parents, strict=True) if parent is not None)
    return graph
