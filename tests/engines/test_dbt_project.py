"""The exported dbt project, run by dbt on DuckDB: its own tests pass, and its joins give what editions answer."""

# ruff: noqa: S608 -- queries are made of names of these tests

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import Terminology
from terminology.exports import dbt_project

from ..exports.oracle import codes_of, custom_store, editions_of

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'terminology-server[duckdb]'")
DBT = shutil.which("dbt", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.skipif(DBT is None, reason="dbt is not installed: pip install dbt-core dbt-duckdb"),
]

SYSTEMS = ("icd10cm", "hcpcs", "icd9cm", "icd10pcs", "places")
PROFILES = "{name}:\n  target: dev\n  outputs:\n    dev: {{type: duckdb, path: built.duckdb}}\n"
PROJECT = 'name: warehouse\nversion: "1.0.0"\nprofile: warehouse\n'


def dbt(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what dbt printed, run in a folder without telling anybody."""
    quiet = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "NO_COLOR": "1", "DO_NOT_TRACK": "1"}
    return subprocess.run(
        [str(DBT), "--no-use-colors", *arguments, "--profiles-dir", str(folder)],
        cwd=folder,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        check=False,
    )


def built(folder: Path, *commands: str) -> str:
    """Run commands of dbt that must not fail, and return what they printed."""
    printed = ""
    for command in commands:
        done = dbt(folder, command)
        assert done.returncode == 0, done.stdout + done.stderr
        printed += done.stdout
    return printed


def rows_of(folder: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on the database that dbt built."""
    with duckdb.connect(str(folder / "built.duckdb"), read_only=True) as engine:
        return engine.execute(query).fetchall()


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory, sample_store: Path) -> Path:
    """A project of somebody else, with the export as a package and models that join every code on every day that matters."""
    store, folder = terminology.open(sample_store), tmp_path_factory.mktemp("warehouse")
    dbt_project(store, folder / "codes")
    for name in ("seeds", "models"):
        (folder / name).mkdir()
    for name in SYSTEMS:
        asked = [
            f"{code.replace('.', '').lower() if number % 2 and name != 'places' else code},{edition.date}"
            for number, code in enumerate(codes_of(store[name]))
            for edition in editions_of(store[name])
        ]
        (folder / "seeds" / f"asked_{name}.csv").write_text("\n".join(["dx,day", *asked]) + "\n", encoding="utf-8")
        columns = "['code', 'title', 'status', 'parent', 'chapter']"
        macro = f"terminology.terminology_as_of(ref('asked_{name}'), 'dx', 'day', '{name}', columns={columns})"
        (folder / "models" / f"{name}_answered.sql").write_text(f"{{{{ {macro} }}}}\n", encoding="utf-8")
    types = "seeds:\n  warehouse:\n    +column_types: {dx: varchar, day: date}\n"
    (folder / "dbt_project.yml").write_text(PROJECT + types, encoding="utf-8")
    (folder / "packages.yml").write_text("packages:\n  - local: codes\n", encoding="utf-8")
    (folder / "profiles.yml").write_text(PROFILES.format(name="warehouse"), encoding="utf-8")
    built(folder, "deps", "build")
    return folder


def test_the_project_stands_alone(sample_store: Path, tmp_path: Path) -> None:
    """Seeds, the model of all systems and every test run without another project, and without a deprecated setting."""
    written = dbt_project(sample_store, tmp_path / "codes")
    (tmp_path / "codes" / "profiles.yml").write_text(PROFILES.format(name="terminology"), encoding="utf-8")
    printed = built(tmp_path / "codes", "seed", "run", "test")
    assert "WARN=0 ERROR=0 SKIP=0" in printed
    assert "Deprecat" not in printed
    for name, count in written.rows.items():
        assert rows_of(tmp_path / "codes", f"select count(*) from {Path(name).stem}") == [(count,)]


def test_custom_systems_are_seeds_too(tmp_path: Path) -> None:
    """Whatever their name and their titles: a dash is no sign of a table's name, and quotation marks are of the title."""
    dbt_project(custom_store(tmp_path, "day-care"), tmp_path / "codes")
    (tmp_path / "codes" / "profiles.yml").write_text(PROFILES.format(name="terminology"), encoding="utf-8")
    built(tmp_path / "codes", "build")
    query = "select system, code, match_code, title from terminology_codes where valid_to is null or valid_to > '2024-06-01' order by 2"
    assert rows_of(tmp_path / "codes", query) == [
        ("day-care", "x.3", "X.3", "Ünicode"),
        ("day-care", "x1", "X1", 'A "quoted" title, with a comma'),
        ("day-care", "x2", "X2", "Second"),
    ]


def test_its_tests_find_what_is_wrong(sample_store: Path, tmp_path: Path) -> None:
    """A period that overlaps another, a row that is there twice, a status that is none, days that nothing speaks of."""
    folder = tmp_path / "codes"
    dbt_project(sample_store, folder, "icd10cm")
    (folder / "profiles.yml").write_text(PROFILES.format(name="terminology"), encoding="utf-8")
    seed = folder / "seeds" / "terminology_icd10cm.csv"
    head, *lines = seed.read_text(encoding="utf-8").splitlines()
    overlapping = lines[0].replace("2020-10-01", "2020-12-01")
    assert overlapping != lines[0]
    seed.write_text("\n".join([head, *lines, overlapping, lines[1], lines[2].replace('"header"', '"heading"')]) + "\n")
    coverage = folder / "seeds" / "terminology_coverage.csv"
    head, first, _, *others = coverage.read_text(encoding="utf-8").splitlines()
    coverage.write_text("\n".join([head, first, *others]) + "\n", encoding="utf-8")
    done = dbt(folder, "build")
    assert done.returncode == 1
    failed = set(re.findall(r" FAIL \d+ (\w+)", done.stdout))
    assert {
        "terminology_periods_do_not_overlap",
        "terminology_coverage_is_whole",
        "terminology_rows_are_unique",
        "terminology_status_terminology_icd10cm_status",
    } <= failed


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_macro_answers_as_editions_do(warehouse: Path, store: Terminology, name: str) -> None:
    """Of every code on every day that matters: whether it is in force, and what is said of it; in any form of the code."""
    found = {}
    query = f"select dx, day, dx_valid, dx_code, dx_title, dx_status, dx_parent, dx_chapter from {name}_answered"
    for dx, day, *answer in rows_of(warehouse, query):
        assert (dx, day) not in found, "a row of claims stays one row"
        found[dx, day] = answer
    system = store[name]
    for edition in editions_of(system):
        for number, code in enumerate(codes_of(system)):
            given = code.replace(".", "").lower() if number % 2 and name != "places" else code
            valid, *shown = found[given, edition.date]
            concept = edition.lookup(code)
            if concept is None or not concept.valid:
                # a day after the last release of a dated system answers for codes whose days are known
                is_covered = edition.is_covered
                assert valid == (False if is_covered else None)
                assert shown == [None] * 5
                continue
            above = [code, *edition.ancestors(code)]
            chapter = next((one for one in above if edition.node(one).kind == "chapter"), None)
            assert valid is True
            assert shown == [concept.code, concept.title, str(concept.status), concept.parent, chapter]


def test_crosswalks_have_every_alternative(warehouse: Path, store: Terminology) -> None:
    """Those that are open are the rows of the newest version, as it was loaded."""
    newest = {}
    for one in store.crosswalks:
        if one.source_system != one.target_system:
            newest[f"{one.name}_{one.source_system}_to_{one.target_system}"] = one
    assert newest
    for label, crosswalk in newest.items():
        expected = {
            (row["source_code"], " + ".join(row["with_codes"]) or None, target, row["relationship"], row["approximate"])
            for row in store.table(crosswalk).to_pylist()
            if row["source_code"] is not None
            for target in (row["target_codes"] or [None])
        }
        columns = "source_code, with_codes, target_code, relationship, approximate"
        query = f"select distinct {columns} from terminology_{label} where valid_to is null"
        assert {tuple(row) for row in rows_of(warehouse, query)} == expected


def test_replacements_are_those_of_the_history(warehouse: Path, store: Terminology) -> None:
    """Of every code that is no longer billable and has successors, and of no other."""
    found: dict[tuple[str, str], set[str]] = {}
    for system, code, successor in rows_of(warehouse, "select system, code, replaced_by from terminology_replacements"):
        found.setdefault((system, code), set()).add(successor)
    assert ("icd10cm", "M54.5") in found
    for system in store.values():
        for code in codes_of(system):
            history = system.history(code)
            billable = [period for period in history.periods if period.status.billable]
            ended = bool(billable) and billable[-1].effective_to is not None
            expected = set(history.successors) if ended else set()
            assert found.get((system.name, code), set()) == expected, (system, code)
