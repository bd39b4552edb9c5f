"""The functions in DuckDB: of each row what an edition says, in queries of any size."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'terminology-server[duckdb]'")

import pyarrow as pa  # noqa: E402

import terminology  # noqa: E402
from terminology import Terminology  # noqa: E402
from terminology.codelists import CodeList  # noqa: E402
from terminology.samples import sample_folders  # noqa: E402

from .sample_rows import mixed_rows, status_of  # noqa: E402

pytestmark = pytest.mark.engines

PAIN = CodeList.parse("system: icd10cm\nM54*\nis-a E11\nexcluding E11.9")


@pytest.fixture
def connection(store: Terminology) -> Any:
    """A database in memory with the functions."""
    with duckdb.connect() as opened:
        terminology.duckdb.register(opened, store, codelists={"pain": PAIN})
        yield opened


def one(connection: Any, expression: str) -> Any:
    """Return the value of an expression."""
    return connection.execute(f"select {expression}").fetchall()[0][0]


def test_each_row_of_a_table_has_the_status_of_its_day(connection: Any, store: Terminology) -> None:
    """Five thousand rows of several systems, so in several chunks, in order."""
    table = mixed_rows(store, 5000)
    connection.register("claims", table)
    found = connection.sql("select terminology_status(system, dx, day) from claims").fetchall()
    assert [(status_of(store, row),) for row in table.to_pylist()] == found


def test_all_functions_over_one_table(connection: Any, store: Terminology) -> None:
    """Each has the answers of the functions over arrays, which have tests of their own."""
    from terminology.functions import Functions

    table = mixed_rows(store, 3000, seed=2)
    connection.register("claims", table)
    functions = Functions(store, {"pain": PAIN})
    system, dx, day, other = (table.column(name) for name in ("system", "dx", "day", "other"))
    said = {
        "terminology_code(system, dx)": functions.code(system, dx),
        "terminology_reason(system, dx, day)": functions.reason(system, dx, day),
        "terminology_display(system, dx, day)": functions.display(system, dx, day),
        "terminology_property(system, dx, 'chapter', day)": functions.property(
            system, dx, pa.repeat("chapter", 3000), day
        ),
        "terminology_subsumes(system, dx, other, day)": functions.subsumes(system, dx, other, day),
        "terminology_member('pain', dx, day)": functions.member(pa.repeat("pain", 3000), dx, day),
        "terminology_migrate(system, dx, day)": functions.migrate(system, dx, day),
        "terminology_migrate(system, dx, day, '2022')": functions.migrate(system, dx, day, pa.repeat("2022", 3000)),
        "terminology_translate(system, 'icd10cm', dx)": functions.translate(system, pa.repeat("icd10cm", 3000), dx),
        "terminology_translate(system, 'icd10cm', dx, day)": functions.translate(
            system, pa.repeat("icd10cm", 3000), dx, day
        ),
    }
    for expression, expected in said.items():
        found = [row[0] for row in connection.sql(f"select {expression} from claims").fetchall()]  # noqa: S608 -- our own
        assert expected.to_pylist() == found, expression


def test_types_of_arguments(connection: Any) -> None:
    """Days may be days, times or texts; codes may be texts, enums or numbers; a null is an outcome."""
    for day in ("date '2021-10-01'", "timestamp '2021-10-01 23:59:00'", "'2021-10-01'", "'20211001'"):
        assert "header" == one(connection, f"terminology_status('icd10cm', 'm545', {day})")
    assert "billable" == one(
        connection, "terminology_status('icd10cm', 'M54.50'::enum('M54.50', 'M54'), date '2021-10-01')"
    )
    assert "malformed" == one(connection, "terminology_status('icd9cm', 250.0, date '2014-01-01')")
    assert "malformed" == one(connection, "terminology_status('icd10cm', null, date '2021-10-01')")
    assert "uncovered" == one(connection, "terminology_status('icd10cm', 'M54.5', null)")
    assert "uncovered" == one(connection, "terminology_status(null, 'M54.5', date '2021-10-01')")


def test_a_call_that_no_row_can_mend_is_an_error(connection: Any) -> None:
    """Too few arguments, a property or a list that there is none of."""
    for call, said in {
        "terminology_status('icd10cm')": r"takes \(system, code\[, day\]\), got 1 argument",
        "terminology_property('icd10cm', 'M54.5', 'chaptre')": "no code of the store has a property 'chaptre'",
        "terminology_member('nothing', 'M54.5')": "no code list 'nothing'",
    }.items():
        with pytest.raises(duckdb.Error, match=said):
            one(connection, call)


def test_titles_of_licensed_systems_are_null(connection: Any, store: Terminology, sample_store: Path) -> None:
    """SQL leaves the process: without the licence there is no title, with it there is."""
    code = next(iter(store["icd10gm"].latest))
    assert one(connection, f"terminology_display('icd10gm', '{code}')") is None
    terminology.duckdb.register(connection, terminology.open(sample_store, licences=("icd10gm",)))
    assert store["icd10gm"].latest.title(code) == one(connection, f"terminology_display('icd10gm', '{code}')")


def test_prefixes_and_views(connection: Any, store: Terminology) -> None:
    """Names begin as they are told to; the views have every system and release."""
    names = terminology.duckdb.register(connection, store, prefix="codes_")
    assert "codes_status" == names[0]
    assert "header" == one(connection, "codes_status('icd10cm', 'M54.5', date '2021-10-01')")
    systems = connection.sql("select system, title, uri from terminology_systems order by 1").fetchall()
    assert [(one.name, one.definition.title, one.definition.uri) for one in store.values()] == systems
    releases = connection.sql("select system, release, effective, concepts from terminology_releases").fetchall()
    expected = [(r.system, r.version, r.effective, r.concepts) for one in store.values() for r in one.releases]
    assert sorted(expected) == sorted(releases)
    assert all(isinstance(row[2], datetime.date) for row in releases)


def test_registering_again_answers_from_what_is_published_now(connection: Any, tmp_path: Path) -> None:
    """An open connection follows a load."""
    from terminology.samples import sample_folders

    folder = next(path for path in sample_folders() if path.name == "icd10cm")
    terminology.load(folder, store=tmp_path / "store")
    terminology.duckdb.register(connection, tmp_path / "store")
    assert "uncovered" == one(connection, "terminology_status('hcpcs', 'J1815', date '2018-01-01')")
    others = [path for path in sample_folders() if path.name != "icd10cm"]
    terminology.load(*others, store=tmp_path / "store")
    terminology.duckdb.register(connection, tmp_path / "store")
    assert "uncovered" != one(connection, "terminology_status('hcpcs', 'J1815', date '2018-01-01')")


def test_without_duckdb_the_error_says_what_to_install(store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module can be imported, and its function called."""
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(terminology.TerminologyError, match=r"pip install 'terminology-server\[duckdb\]'"):
        terminology.duckdb.register(None, store)


def test_connections_of_one_database(store: Terminology, tmp_path: Path) -> None:
    """Have the same functions: registered once more for the same store, they stay; of another store they are refused."""
    path = tmp_path / "claims.duckdb"
    query = "select terminology_status('icd10cm', 'M54.5', date '2021-10-01')"
    with duckdb.connect(path) as connection:
        names = terminology.duckdb.register(connection, store)
        assert "terminology_store" in names
        for other in (connection.cursor(), duckdb.connect(path)):
            assert terminology.duckdb.register(other, store) == names
            assert other.sql(query).fetchall() == [("header",)]
            assert ("icd10cm",) in other.sql("select system from terminology_systems").fetchall()
            other.close()
        report = terminology.load(*sample_folders()[:1], store=tmp_path / "another")
        assert report.ok
        another = terminology.open(tmp_path / "another")
        with pytest.raises(terminology.TerminologyError, match="close it first, or choose another prefix"):
            terminology.duckdb.register(connection.cursor(), another)
        assert terminology.duckdb.register(connection.cursor(), another, prefix="other_")[0] == "other_status"
        terminology.duckdb.register(connection, another)
        [[said]] = connection.sql("select terminology_store()").fetchall()
        assert said.startswith(str(another.path))
