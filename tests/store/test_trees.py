"""Pre-order numbers of a tree, against networkx."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology.errors import StoreError
from terminology.store.compiling.trees import preorder


@st.composite
def forests(draw: st.DrawFn) -> list[int]:
    """Return the parent of each row (-1 at a root), rows in any order."""
    count = draw(st.integers(0, 25))
    order = draw(st.permutations(range(count)))
    parents = [-1] * count
    for place, row in enumerate(order):
        parents[row] = draw(st.sampled_from([-1, *order[:place]]))
    return parents


@given(forests())
def test_preorder(parents: list[int]) -> None:
    """Rows stand before what is below them, siblings in the order of their rows, and each subtree is one slice."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(parents)))
    for row, parent in enumerate(parents):
        if parent >= 0:
            graph.add_edge(parent, row)
    roots = [row for row, parent in enumerate(parents) if parent < 0]
    expected = [row for root in roots for row in nx.dfs_preorder_nodes(graph, root, sort_neighbors=sorted)]
    order, ends = preorder(parents)
    assert expected == order
    for place, row in enumerate(order):
        assert nx.descendants(graph, row) == set(order[place + 1 : ends[place]])


@pytest.mark.parametrize("parents", [[0], [1, 0], [-1, 2, 1], [1, 2, 0, -1]])
def test_cycle(parents: list[int]) -> None:
    """Parents that form a cycle are refused."""
    with pytest.raises(StoreError, match="cycle"):
        preorder(parents)
