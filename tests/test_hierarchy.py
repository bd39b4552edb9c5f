"""Descendants are a sequence like any other, and trees begin and end where they should."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

import terminology
from terminology import Edition
from terminology.hierarchy import Descendants, directed_graph

CODES = ["A", "B", "C", "D", "E"]


def below(rows: list[int]) -> Descendants:
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
    assert "Descendants('A', 'B', 'C', … 5 in all)" == repr(below([0, 1, 2, 3, 4]))


def test_they_are_a_column() -> None:
    """As an Arrow array of the same codes."""
    assert ["B", "D"] == below([1, 3]).to_arrow().to_pylist()


def test_roots_are_the_codes_without_parent(edition: Edition) -> None:
    """All of them, in document order; none of an uncovered day."""
    codes = edition.table()["code"].to_pylist()
    assert [code for code in codes if edition.parent(code) is None] == list(edition.roots())
    assert edition.roots()


def test_a_code_that_is_not_in_the_tree_has_the_parent_of_its_release(sample_store: Path) -> None:
    """A code of the next release is not in this tree: its place is that of the release that brings it."""
    later = terminology.open(sample_store)["icd10cm"].on("2021-10-01")["Z28.310"]
    assert ("future", "Z28.31") == (later.status, later.parent)


def test_a_graph_needs_a_parent_and_attributes_for_each_code() -> None:
    """Columns of unequal length are an error."""
    graph = directed_graph(["A", "B"], [None, "A"], [{"n": 1}, {"n": 2}])
    assert ([("A", "B")], {"A": 1, "B": 2}) == (list(graph.edges), dict(graph.nodes("n")))
    with pytest.raises(ValueError, match="zip"):
        directed_graph(["A", "B"], [None], [{}, {}])
    with pytest.raises(ValueError, match="zip"):
        directed_graph(["A", "B"], [None, "A"], [{}])
