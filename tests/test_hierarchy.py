"""Descendants are a sequence like any other, and trees begin and end where they should."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from typing import cast

import pyarrow as pa
import pytest

from terminology.hierarchy import NONE, Descendants, Tree, directed_graph
from terminology.store.mapped import MappedTable

CODES = ["A", "B", "C", "D", "E"]


class Columns:
    """The columns of a tree as lists."""

    def __init__(self, **columns: Sequence[int]) -> None:
        self.columns = columns

    def integers(self, name: str) -> Sequence[int]:
        """Return a column."""
        return self.columns[name]


def tree(**columns: Sequence[int]) -> Tree:
    """Return a tree: C above A and B, A above D, and F alone; the code in row 4 is not in it."""
    usual = {
        "pre": [1, 3, 0, 2, NONE, 4],
        "node": [2, 0, 3, 1, 5, NONE],
        "end": [4, 3, 3, 4, 5, NONE],
        "parent": [NONE, 0, 1, 0, NONE, NONE],
        "line": [10, 11, 12, 13, 14, 0],
        "source": [0, 1, 0, 1, 0, 0],
    }
    return Tree(cast("MappedTable", Columns(**{**usual, **columns})))


def below(rows: Sequence[int]) -> Descendants:
    """Return descendants over rows of the five codes."""
    return Descendants(rows, CODES.__getitem__, lambda asked: pa.array([CODES[row] for row in asked]))


def test_they_are_indexed_and_sliced() -> None:
    """By number, from the end, and in stretches; an index that is none is an error."""
    found = below([1, 2, 3, 4])
    assert (4, "B", "E", ["C", "D"], ["B", "D"]) == (len(found), found[0], found[-1], found[1:3], found[::2])
    with pytest.raises(IndexError):
        found[4]


def test_they_equal_any_sequence_of_the_same_codes() -> None:
    """A list, a tuple, other descendants; no text, though it is a sequence of letters, and nothing else."""
    found = below([1, 2])
    assert found == ["B", "C"]
    assert found == ("B", "C")
    assert found == below([1, 2])
    assert hash(found) == hash(below([1, 2])) == hash(("B", "C"))
    assert found != ["B"]
    assert found != "BC"
    assert found != 5


def test_they_read_in_a_terminal() -> None:
    """Three are shown, and how many there are."""
    assert "Descendants()" == repr(below([]))
    assert "Descendants('B', 'C', 'D')" == repr(below([1, 2, 3]))
    assert "Descendants('A', 'B', 'C', … 4 in all)" == repr(below([0, 1, 2, 3]))
    assert "Descendants('A', 'B', 'C', … 5 in all)" == repr(below([0, 1, 2, 3, 4]))


def test_they_are_a_column() -> None:
    """As an Arrow array of the same codes."""
    assert ["B", "D"] == below([1, 3]).to_arrow().to_pylist()


def test_a_copy_needs_no_store() -> None:
    """Pickled or copied they are a list of their own, and still of text where they are none."""
    for rows in ([1, 2, 4], []):
        found = below(rows)
        for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):  # noqa: S301
            assert (list(found), found[1:], repr(found)) == (list(again), again[1:], repr(again))
            assert pa.array([CODES[row] for row in rows], pa.string()) == again.to_arrow()


def test_many_are_counted_with_commas() -> None:
    """As people write large numbers."""
    assert "Descendants('A', 'A', 'A', … 1,234 in all)" == repr(below([0] * 1234))


# ---- trees


def test_the_parent_of_a_row() -> None:
    """It is a row too; -1 of a root, and of what is not in the tree."""
    assert [2, 2, -1, 0, -1, -1] == [tree().parent(row) for row in range(6)]


def test_the_children_of_a_place() -> None:
    """The rows next below, in document order, without those below them."""
    assert [[0, 1], [3], [], [], []] == [list(tree().children(place)) for place in range(5)]


def test_roots_are_what_has_no_parent() -> None:
    """In document order, whether the tree holds every code or not."""
    assert [2, 5] == list(tree().roots())
    assert [0, 1] == list(tree(node=[0, 1], end=[1, 2]).roots())
    assert [] == list(tree(node=[NONE, NONE]).roots())


def test_each_place_has_its_line_and_source() -> None:
    """By place, as ends and parents are."""
    assert (11, 1) == (tree().lines[1], tree().sources[1])


def test_a_graph_needs_a_parent_and_attributes_for_each_code() -> None:
    """Columns of unequal length are an error."""
    graph = directed_graph(["A", "B"], [None, "A"], [{"n": 1}, {"n": 2}])
    assert ([("A", "B")], {"A": 1, "B": 2}) == (list(graph.edges), dict(graph.nodes("n")))
    with pytest.raises(ValueError, match="zip"):
        directed_graph(["A", "B"], [None], [{}, {}])
    with pytest.raises(ValueError, match="zip"):
        directed_graph(["A", "B"], [None, "A"], [{}])
