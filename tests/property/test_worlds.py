"""Random worlds, loaded through a third party's loader, against the brute-force reading of their raw rows."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import CodeSystem, Edition, LoadReport, Terminology

from . import naive
from .worlds import LOADERS, PLANTS, TOOLS, World, dated_worlds, days_around, snapshot_worlds, written

WORLDS = snapshot_worlds() | dated_worlds()
STRANGERS = ["P9999999", "T9999999"]
MOST_TRIPLES = 200


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Yield an empty folder; hypothesis runs many examples in one test, which a fixture's folder would all share."""
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        yield Path(folder)


def load(*paths: Path, store: Path) -> LoadReport:
    """Load the paths with the loaders of the invented systems only."""
    report = terminology.load(*paths, store=store, loaders=LOADERS)
    assert report.errors == ()
    return report


@contextlib.contextmanager
def opened(*worlds: World) -> Iterator[Terminology]:
    """Yield the store of some worlds."""
    with scratch() as folder:
        load(written(folder / "files", *worlds), store=folder / "store")
        yield terminology.open(folder / "store")


def codes_of(world: World) -> list[str]:
    """Return every code of a world, and one that it does not hold."""
    found = dict.fromkeys(row["code"] for release in world.releases for row in release.rows)
    return [*found, next(code for code in STRANGERS if world.definition.pattern.fullmatch(code))]


@st.composite
def questions(draw: st.DrawFn, worlds: st.SearchStrategy[World]) -> tuple[World, list[tuple[Any, Any]]]:
    """Return a world with days, each with a day up to which releases are known, or None."""
    world = draw(worlds)
    days = days_around(world)
    return world, draw(st.lists(st.tuples(days, st.none() | days), min_size=4, max_size=12, unique=True))


@given(questions(snapshot_worlds()))
def test_snapshot_statuses(question: tuple[World, list[tuple[Any, Any]]]) -> None:
    """In a snapshot system every status is that of a scan of the raw rows, for any code, day and knowledge."""
    statuses_agree(*question)


@given(questions(dated_worlds()))
def test_dated_statuses(question: tuple[World, list[tuple[Any, Any]]]) -> None:
    """In a dated system every status is that of a scan of the raw rows, for any code, day and knowledge."""
    statuses_agree(*question)


def statuses_agree(world: World, asked: list[tuple[Any, Any]]) -> None:
    """Compare status, check and lookup of every code with the naive reading."""
    with opened(world) as store:
        system = store[world.definition.name]
        for day, known in asked:
            edition = system.on(day, known=known)
            for code in codes_of(world):
                expected = naive.status(world, code, day, known)
                assert expected == edition.status(code), (code, day, known)
                assert expected == edition.check(code).status
                concept = edition.lookup(code)
                assert concept is None or expected == concept.status


@given(questions(snapshot_worlds()))
def test_snapshot_trees(question: tuple[World, list[tuple[Any, Any]]]) -> None:
    """In a snapshot system the tree of every edition is that of networkx over the raw rows."""
    trees_agree(*question)


@given(questions(dated_worlds()))
def test_dated_trees(question: tuple[World, list[tuple[Any, Any]]]) -> None:
    """In a dated system the tree of every edition is that of networkx over the raw rows in force."""
    trees_agree(*question)


def trees_agree(world: World, asked: list[tuple[Any, Any]]) -> None:
    """Compare every question about the tree with networkx."""
    with opened(world) as store:
        system = store[world.definition.name]
        for day, known in asked:
            edition = system.on(day, known=known)
            graph = naive.graph(world, day, known)
            order = naive.document_order(graph)
            assert [code for code in order if graph.in_degree(code) == 0] == list(edition.roots())
            assert order == edition.table("concepts").column("code").to_pylist()
            for code in order:
                assert next(graph.predecessors(code), None) == edition.parent(code)
                assert list(graph.successors(code)) == list(edition.children(code))
                assert naive.siblings(graph, code) == list(edition.siblings(code))
                assert code == edition.common_ancestor(code)
                above = nx.ancestors(graph, code)
                assert sorted(above, key=order.index, reverse=True) == list(edition.ancestors(code))
                below = nx.descendants(graph, code)
                assert sorted(below, key=order.index) == list(edition.descendants(code))
                assert edition.descendants(code).to_arrow().to_pylist() == list(edition.descendants(code))
            for a, b in itertools.product(order, order):
                assert naive.subsumption(graph, a, b) == edition.subsumes(a, b)
                assert naive.common_ancestor(graph, (a, b)) == edition.common_ancestor(a, b)
            for three in itertools.islice(itertools.combinations(order, 3), MOST_TRIPLES):
                assert naive.common_ancestor(graph, three) == edition.common_ancestor(*three)
            refuses_strangers(edition, [code for code in codes_of(world) if code not in graph])


def refuses_strangers(edition: Edition, codes: list[str]) -> None:
    """Check that every question about the tree refuses what is not in force."""
    for code in codes:
        asks = (edition.parent, edition.children, edition.ancestors, edition.descendants, edition.notes)
        for ask in (*asks, edition.siblings, edition.common_ancestor):
            with pytest.raises(terminology.UnknownCodeError):
                ask(code)
        for root in edition.roots()[:1]:
            with pytest.raises(terminology.UnknownCodeError):
                edition.common_ancestor(root, code)


@given(questions(WORLDS))
def test_table_and_lookup(question: tuple[World, list[tuple[Any, Any]]]) -> None:
    """The table of an edition says of every code what its lookup says."""
    world, asked = question
    with opened(world) as store:
        for day, known in asked:
            edition = store[world.definition.name].on(day, known=known)
            for row in edition.table("concepts").to_pylist():
                concept = edition[row["code"]]
                names = [name for name in row if name not in ("status", "properties")]
                assert {name: getattr(concept, name) for name in names} == {name: row[name] for name in names}
                assert str(concept.status) == row["status"]


def answers(system: CodeSystem, world: World) -> Any:
    """Return what a system says of a world at all its turning points."""
    days = sorted({release.effective for release in world.releases})
    return [
        [(str(edition.status(code)), edition.lookup(code)) for code in codes_of(world)]
        for edition in (system.on(day, known=known) for day in days for known in (None, days[0]))
    ]


@given(st.tuples(snapshot_worlds(), dated_worlds()), st.data())
def test_order_of_loading(worlds: tuple[World, World], data: st.DataObject) -> None:
    """The same files in any order, over any number of commands, give the same releases and the same answers."""
    with scratch() as folder:
        files = sorted(written(folder / "files", *worlds).iterdir())
        load(folder / "files", store=folder / "once")
        shuffled = data.draw(st.permutations(files))
        cuts = sorted(data.draw(st.sets(st.integers(1, len(files) - 1), max_size=2))) if len(files) > 1 else []
        for first, last in itertools.pairwise([0, *cuts, len(files)]):
            load(*shuffled[first:last], store=folder / "parts")
        once, parts = terminology.open(folder / "once"), terminology.open(folder / "parts")
        for world in worlds:
            name = world.definition.name
            assert once[name].releases == parts[name].releases
            assert compiled(folder / "once", name) == compiled(folder / "parts", name)
            assert answers(once[name], world) == answers(parts[name], world)


def compiled(store: Path, name: str) -> Any:
    """Return the pointer's whole entry of a system: digests of releases, files and layouts."""
    import json

    return json.loads((store / "CURRENT.json").read_bytes().partition(b"\n")[2])["systems"][name]


@given(WORLDS)
def test_loading_twice(world: World) -> None:
    """Loading the same files again leaves the pointer as it is, byte for byte, and every file of the store."""
    with scratch() as folder:
        files = written(folder / "files", world)
        load(files, store=folder / "store")
        before = {path: path.read_bytes() for path in (folder / "store").rglob("*") if path.is_file()}
        report = load(files, store=folder / "store")
        after = {path: path.read_bytes() for path in (folder / "store").rglob("*") if path.is_file()}
        assert before == after
        assert {(item.release.version, item.already) for item in report.loaded} == {
            (release.version, True) for release in terminology.open(folder / "store")[world.definition.name].releases
        }


@given(snapshot_worlds(), dated_worlds())
def test_systems_do_not_touch_each_other(plants: World, tools: World) -> None:
    """Loading another system leaves the answers of the first as they were."""
    with scratch() as folder:
        load(written(folder / "plants", plants), store=folder / "store")
        before = compiled(folder / "store", PLANTS.name)
        load(written(folder / "tools", tools), store=folder / "store")
        assert before == compiled(folder / "store", PLANTS.name)
        assert terminology.open(folder / "store").systems == (PLANTS.name, TOOLS.name)
