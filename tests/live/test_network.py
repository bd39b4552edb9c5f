"""The tree of every edition against networkx, and its table against lookups, on the real files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import networkx as nx
import pytest

from terminology import Terminology
from terminology.query import Edition

from .test_counts import VERSIONS

SYSTEMS_AND_VERSIONS = [(system, version) for system, versions in VERSIONS.items() for version in versions]
SAMPLE = 150
"""So many codes of an edition are compared, evenly over the document."""


def graph_of(codes: list[str], parents: list[str | None]) -> Any:
    """Return the tree as networkx sees it, made from two columns."""
    graph = nx.DiGraph()
    graph.add_nodes_from(codes)
    graph.add_edges_from((parent, code) for code, parent in zip(codes, parents, strict=True) if parent)
    return graph


@pytest.mark.parametrize(("system", "version"), SYSTEMS_AND_VERSIONS)
def test_tree(real_store: Terminology, system: str, version: str) -> None:
    """Parents, children, ancestors, descendants and subsumption of an edition are those of the graph of its table."""
    edition = real_store[system].release(version)
    table = edition.table("concepts")
    codes, parents = table.column("code").to_pylist(), table.column("parent").to_pylist()
    graph = graph_of(codes, parents)
    assert nx.is_forest(graph)
    order = {code: number for number, code in enumerate(codes)}
    chosen = codes[:: len(codes) // SAMPLE]
    chosen += [code for code in codes if graph.in_degree(code) == 0]
    for code in chosen:
        above = next(iter(graph.predecessors(code)), None)
        assert above == edition.parent(code)
        assert sorted(graph.successors(code), key=order.__getitem__) == list(edition.children(code))
        beside = codes_beside(graph, above, order)
        assert [one for one in beside if one != code] == list(edition.siblings(code))
        ancestors = list(edition.ancestors(code))
        assert nx.ancestors(graph, code) == set(ancestors)
        assert ancestors == sorted(ancestors, key=lambda one: -len(nx.ancestors(graph, one)))
        assert sorted(nx.descendants(graph, code), key=order.__getitem__) == list(edition.descendants(code))
    for a, b in zip(chosen, reversed(chosen), strict=True):
        assert subsumption(graph, a, b) == edition.subsumes(a, b)
        assert lowest(graph, (a, b)) == edition.common_ancestor(a, b)
    for some in zip(chosen, chosen[1:], chosen[2:], strict=False):
        assert lowest(graph, some) == edition.common_ancestor(*some)
    for a in chosen[:50]:
        for b in edition.ancestors(a):
            assert edition.subsumes(b, a) == "subsumes"


def codes_beside(graph: Any, above: str | None, order: dict[str, int]) -> list[str]:
    """Return the codes below a node of the graph, or its roots, in document order."""
    below = [code for code in graph if graph.in_degree(code) == 0] if above is None else graph.successors(above)
    return sorted(below, key=order.__getitem__)


def lowest(graph: Any, codes: Sequence[str]) -> str | None:
    """Return the lowest node of the graph that is above or equal to all codes; None where there is none."""
    shared = set.intersection(*({code, *nx.ancestors(graph, code)} for code in codes))
    return max(shared, key=lambda node: len(nx.ancestors(graph, node)), default=None)


def subsumption(graph: Any, a: str, b: str) -> str:
    """Return how two codes lie to each other in the graph."""
    if a == b:
        return "equivalent"
    if nx.has_path(graph, a, b):
        return "subsumes"
    return "subsumed-by" if nx.has_path(graph, b, a) else "not-subsumed"


@pytest.mark.parametrize(("system", "version"), SYSTEMS_AND_VERSIONS)
def test_table_and_lookup(real_store: Terminology, system: str, version: str) -> None:
    """The table of an edition and the lookup of each of its codes say the same."""
    edition = real_store[system].release(version)
    table = edition.table("concepts")
    assert table.num_rows > 6_000
    for row in table.to_pylist()[:: table.num_rows // SAMPLE]:
        assert row == looked_up(edition, row)


def looked_up(edition: Edition, row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the table as the lookup of its code gives it; properties, a text in the table, compared apart."""
    concept = edition[row["code"]]
    properties = json.loads(row["properties"]) if row["properties"] else {}
    assert properties == dict(concept.properties)
    names = ("code", "title", "short_title", "billable", "kind", "parent", "derived", "effective_from", "effective_to")
    return {
        **{name: getattr(concept, name) for name in names},
        "status": str(concept.status),
        "properties": row["properties"],
    }


@pytest.mark.parametrize("version", ["2016", "2021", "2025-04"])
def test_parent_is_prefix(real_store: Terminology, version: str) -> None:
    """The parent of every code is the longest proper prefix that the release lists."""
    table = real_store["icd10cm"].release(version).table("concepts")
    listed = set(table.column("code").to_pylist())
    wrong = []
    for code, parent in zip(table.column("code").to_pylist(), table.column("parent").to_pylist(), strict=True):
        if len(code) <= 3 or "-" in code:
            continue
        stems = (code[:n].rstrip(".") for n in range(len(code) - 1, 2, -1))
        if parent != next((stem for stem in stems if stem in listed), None):
            wrong.append((code, parent))
    assert wrong == []
