"""Exported tables joined by DuckDB: each join gives what the library answers, of every code on every day that matters."""

# ruff: noqa: S608 -- queries are made of names of these tests

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import terminology
from terminology import CodeSystem, Terminology, UnknownCodeError
from terminology.exports import closure, coverage, intervals

from ..exports.oracle import codes_of, days_of, editions_of
from ..small_store import small_store

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'terminology-server[duckdb]'")
pytestmark = pytest.mark.engines

STATUS = """
select a.code, a.day, coalesce(i.status, if(c.covered, 'unknown', 'uncovered')) as status, i.title
from asked a
left join intervals i
  on i.code = a.code
 and (i.effective_from is null or i.effective_from <= a.day)
 and (i.effective_to is null or a.day < i.effective_to)
left join coverage c
  on (c.effective_from is null or c.effective_from <= a.day)
 and (c.effective_to is null or a.day < c.effective_to)
"""
AS_OF = """
select a.code, a.day, coalesce(i.status, if(c.covered, 'unknown', 'uncovered')) as status
from asked a
asof left join (select * replace (coalesce(effective_from, date '0001-01-01') as effective_from) from intervals) i
  on i.code = a.code and i.effective_from <= a.day
asof left join (select * replace (coalesce(effective_from, date '0001-01-01') as effective_from) from coverage) c
  on c.effective_from <= a.day
"""
ANCESTORS = """
select descendant, day, list(ancestor order by distance) filter (where distance > 0)
from closure join days on effective_from <= day and (effective_to is null or day < effective_to)
group by descendant, day
"""
DESCENDANTS = """
select ancestor, day, list(descendant) filter (where distance > 0)
from closure join days on effective_from <= day and (effective_to is null or day < effective_to)
group by ancestor, day
"""
SUBSUMES = """
select count(*) filter (where ancestor = $a and descendant = $b), count(*) filter (where ancestor = $b and descendant = $a)
from closure where effective_from <= $day and (effective_to is null or $day < effective_to)
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """A store that has every case of time and place."""
    return terminology.open(small_store(tmp_path_factory.mktemp("small")))


def connected(system: CodeSystem, known: Any = None) -> Any:
    """Return DuckDB with the exported tables of a system, all its codes on all days that matter, and those days."""
    store, days, codes = system.store, days_of(system), [*codes_of(system), "no such code"]
    asked = pa.table(
        {
            "code": pa.array([code for code in codes for _ in days], pa.string()),
            "day": pa.array(days * len(codes), pa.date32()),
        }
    )
    engine = duckdb.connect()
    for name, table in {
        "asked": asked,
        "days": pa.table({"day": pa.array(days, pa.date32())}),
        "intervals": intervals(store, system.name, known),
        "coverage": coverage(store, system.name, known),
        "closure": closure(store, system.name, known),
    }.items():
        engine.register(f"{name}_exported", table)
        engine.execute(f"create table {name} as from {name}_exported")
    return engine


def systems() -> list[tuple[str, str]]:
    """Return all systems of both stores."""
    samples = ["cpt", "hcpcs", "icd10", "icd10cm", "icd10gm", "icd10pcs", "icd9cm", "icd9pcs", "places", "vaccines"]
    return [*(("store", name) for name in samples), *(("small", name) for name in ("plants", "tools", "herbs"))]


@pytest.fixture(params=systems(), ids=" ".join)
def system(request: pytest.FixtureRequest) -> CodeSystem:
    """Each system of the samples and of the small store."""
    held, name = request.param
    return request.getfixturevalue(held)[name]


def knowns(system: CodeSystem) -> list[Any]:
    """Return all that can be known: everything, each release alone with those before it, and nothing."""
    return [None, *(release.version for release in system.releases), "1900-01-01"]


def test_both_stores_are_tested_whole(store: Terminology, small: Terminology) -> None:
    """No system of them is left out."""
    assert {name for held, name in systems() if held == "store"} == set(store.systems)
    assert {name for held, name in systems() if held == "small"} == set(small.systems)


@pytest.mark.parametrize("query", [STATUS, AS_OF], ids=["between", "asof"])
def test_a_join_by_day_has_the_status_of_every_code(system: CodeSystem, query: str) -> None:
    """Of codes, of nodes that are no codes, and of a text that is in no release; whatever is known."""
    for known in knowns(system):
        expected = sorted(
            (code, edition.date, str(edition.status(code)))
            for edition in editions_of(system, known)
            for code in codes_of(system)
        )
        found = connected(system, known).execute(query).fetchall()
        assert sorted(row[:3] for row in found if row[0] != "no such code") == expected
        unknown = {day: status for code, day, status, *_ in found if code == "no such code"}
        assert unknown == {
            edition.date: "unknown" if edition.is_covered else "uncovered" for edition in editions_of(system, known)
        }


def test_titles_are_those_of_a_lookup(small: Terminology, store: Terminology) -> None:
    """Of the day, of expired and future codes that of the nearest period; null where no release covers the day."""
    for system in (*small.values(), store["icd10cm"], store["hcpcs"], store["icd9cm"], store["icd10pcs"]):
        found = {
            (code, day): (status, title) for code, day, status, title in connected(system).execute(STATUS).fetchall()
        }
        for edition in editions_of(system):
            for code in codes_of(system):
                status, title = found[code, edition.date]
                concept = edition.lookup(code)
                is_titled = concept is not None and status not in ("uncovered", "unknown")
                assert title == (concept.title if is_titled else None), (code, edition)


def test_intervals_cover_the_whole_of_time_once(system: CodeSystem) -> None:
    """Of each code the first has no first day, the last no end, and each begins where the one before it ends."""
    engine = connected(system)
    for table, key in (("intervals", "code"), ("coverage", "system")):
        found = engine.execute(
            f"""select count(*) filter (where effective_from is distinct from before),
                       count(*) filter (where effective_to is null) = count(distinct {key})
                from (select *, lag(effective_to) over (partition by {key} order by effective_from nulls first) as before
                      from {table})"""
        ).fetchone()
        assert found == (0, True)


def test_what_is_no_code_has_no_interval(store: Terminology, small: Terminology) -> None:
    """Prefixes of ICD-10-PCS are answered as texts that no release has; everything that ever was a code has intervals."""
    for system, node, code in ((store["icd10pcs"], "0FT4", "0FT"), (small["plants"], "group p", "P2")):
        listed = set(intervals(system.store, system.name).column("code").to_pylist())
        assert node in codes_of(system)
        assert node not in listed
        assert code in listed


def test_the_closure_is_the_hierarchy_of_every_day(system: CodeSystem) -> None:
    """Ancestors nearest first and all descendants, of every code in force; nothing of any other."""
    for known in knowns(system):
        engine = connected(system, known)
        above = {(code, day): found or [] for code, day, found in engine.execute(ANCESTORS).fetchall()}
        below = {(code, day): found or [] for code, day, found in engine.execute(DESCENDANTS).fetchall()}
        for edition in editions_of(system, known):
            for code in codes_of(system):
                try:
                    ancestors, descendants = list(edition.ancestors(code)), sorted(edition.descendants(code))
                except UnknownCodeError:
                    assert (code, edition.date) not in above
                    continue
                assert above[code, edition.date] == ancestors
                assert sorted(below[code, edition.date]) == descendants


def test_subsumption_is_a_row_of_the_closure(store: Terminology) -> None:
    """In one direction, in both for a code and itself, in none for others."""
    words = {(1, 1): "equivalent", (1, 0): "subsumes", (0, 1): "subsumed-by", (0, 0): "not-subsumed"}
    engine, edition = connected(store["icd10cm"]), store["icd10cm"].on("2022-03-01")
    codes = [*[*edition][:12], "13", "M50-M54"]
    for a in codes:
        for b in codes:
            found = engine.execute(SUBSUMES, {"a": a, "b": b, "day": edition.date}).fetchone()
            assert words[found] == edition.subsumes(a, b)


def test_written_files_are_the_tables(sample_store: Path, store: Terminology, tmp_path: Path) -> None:
    """Parquet, Arrow and CSV read by the engine have the same rows."""
    from terminology.cli.application import run

    for name, table in (("intervals", intervals(store)), ("closure", closure(store)), ("coverage", coverage(store))):
        for ending in ("parquet", "csv.gz"):
            path = tmp_path / f"{name}.{ending}"
            assert run(["export", name, str(path), "--store", str(sample_store), "--json"]) == 0
            engine = duckdb.connect()
            engine.register("exported", table)
            names = ", ".join(f"cast({column} as varchar)" for column in table.column_names)
            differing = f"select {names} from exported except all select {names} from '{path}'"
            assert engine.execute(differing).fetchall() == []
            assert engine.execute(f"select count(*) from '{path}'").fetchone() == (table.num_rows,)
