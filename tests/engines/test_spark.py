"""Columns in Spark, on a cluster of two workers: the same answers as in Python, from a store that is not pickled."""

from __future__ import annotations

import datetime
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'terminology-server[spark]'")
if shutil.which("java") is None:
    pytest.skip("Spark needs Java, and there is none", allow_module_level=True)

import pyarrow as pa
from attrs import evolve

import terminology
from terminology import Terminology, TerminologyError
from terminology.codelists import CodeList
from terminology.columns.frames import plain
from terminology.spark.answers import validated
from terminology.spark.frames import Work
from terminology.spark.shared import SharedStore, unpacked, write_archive

from .sample_rows import mixed_rows, status_of

pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

PAIN = CodeList.parse("system: icd10cm\nM54*\nis-a E11\nexcluding E11.9")
spark_module = terminology.spark


@pytest.fixture(scope="module")
def table(store: Terminology) -> pa.Table:
    """Rows of several systems, damaged codes and nulls, with an id: the order of a cluster is its own."""
    rows = mixed_rows(store, 900)
    return rows.append_column("id", pa.array(range(900)))


@pytest.fixture(scope="module")
def claims(spark: Any, table: pa.Table) -> Any:
    """The same rows in Spark, in three partitions."""
    return spark.createDataFrame(table).repartition(3)


def rows_of(found: Any) -> list[dict[str, Any]]:
    """Return the rows of a DataFrame, or of an Arrow table, in the order of their ids."""
    answered = found if isinstance(found, pa.Table) else found.toArrow()
    return sorted(plain(answered).to_pylist(), key=lambda row: row["id"])


ASKED = ("reason", "suggestion", "other_systems")


@pytest.mark.parametrize("system", ["icd10cm", "hcpcs", "system"])
@pytest.mark.parametrize("on", ["day", "2021-10-01", None])
def test_validated_as_in_python(claims: Any, table: pa.Table, store: Terminology, system: str, on: str | None) -> None:
    """All columns of every row: of one system, and of the systems that a column names; on days of a column and on one."""
    options: dict[str, Any] = {"system": system, "on": on, "columns": ASKED, "store": store}
    assert rows_of(terminology.validate(table, **options)) == rows_of(spark_module.validate(claims, **options))


def test_validated_as_it_was_known(claims: Any, table: pa.Table, store: Terminology) -> None:
    """With `known`, and on a release."""
    for options in ({"on": "day", "known": "2021"}, {"on": "2022"}):
        expected = terminology.validate(table, system="icd10cm", store=store, **options)
        assert rows_of(expected) == rows_of(spark_module.validate(claims, system="icd10cm", store=store, **options))


@pytest.mark.parametrize("shape", [{}, {"policy": "unique"}, {"policy": "first"}, {"explode": True}])
def test_migrated_and_translated_as_in_python(
    claims: Any, table: pa.Table, store: Terminology, shape: dict[str, Any]
) -> None:
    """With each policy, and with a row for each code."""

    def ordered(found: Any) -> list[Any]:
        return sorted(
            rows_of(found), key=lambda row: (row["id"], row.get("dx_alternative") or 0, row.get("dx_position") or 0)
        )

    options = {"system": "icd10cm", "origin": "day", "target": "2022", "store": store, **shape}
    assert ordered(terminology.migrate(table, **options)) == ordered(spark_module.migrate(claims, **options))
    options = {"source": "icd9cm", "target": "icd10cm", "on": "day", "store": store, **shape}
    assert ordered(terminology.translate(table, **options)) == ordered(spark_module.translate(claims, **options))


def test_members_as_in_python(claims: Any, table: pa.Table, store: Terminology, tmp_path: Path) -> None:
    """Of a list, and of its path: the driver reads it."""
    expected = rows_of(terminology.members(table, PAIN, on="day", store=store))
    path = tmp_path / "pain.txt"
    path.write_text(PAIN.text, encoding="utf-8")
    assert expected == rows_of(spark_module.members(claims, PAIN, on="day", store=store))
    assert expected == rows_of(spark_module.members(claims, path, on="day", store=store))


def test_properties_as_in_python(claims: Any, table: pa.Table, store: Terminology) -> None:
    """Of one system what `terminology.annotate` says; of several the same, each row by its system."""
    names = ["title", "chapter", "parent", "effective_from"]
    for system in ("icd10cm", "hcpcs"):
        expected = rows_of(terminology.annotate(table, system=system, on="day", columns=names, store=store))
        found = spark_module.property_of(claims, names, system=system, on="day", store=store)
        assert expected == rows_of(found)
    several = rows_of(spark_module.property_of(claims, names, system="system", on="day", store=store))
    by_system = {
        name: rows_of(terminology.annotate(table, system=name, on="day", columns=names, store=store))
        for name in store.systems
    }
    for row in several:
        system = store.get(row["system"]) if row["system"] else None
        expected_row = by_system[system.name][row["id"]] if system else dict.fromkeys(row, None)
        if system and system.definition.licensed:
            expected_row = {**expected_row, "dx_title": None}
        assert [expected_row[f"dx_{name}"] for name in names] == [row[f"dx_{name}"] for name in names]
    titles = rows_of(spark_module.display(claims, system="icd10cm", on="day", store=store))
    assert [
        row["dx_title"] for row in rows_of(terminology.annotate(table, system="icd10cm", on="day", store=store))
    ] == [row["dx_title"] for row in titles]


def test_titles_of_licensed_systems_are_null(claims: Any, spark: Any, store: Terminology, sample_store: Path) -> None:
    """A DataFrame leaves the process: without the licence it has no title; with one that the driver declares it has."""
    code = next(iter(store["icd10gm"].latest))
    one = spark.createDataFrame([(1, "icd10gm", code), (2, "icd10cm", "M54.5")], "id int, system string, dx string")
    declared = terminology.open(sample_store, licences=("icd10gm",))
    title, day = store["icd10gm"].latest.title(code), store["icd10gm"].latest.date
    for opened, shown in ((store, None), (declared, title)):
        for system in ("system", "icd10gm"):
            options = {"system": system, "on": day, "store": opened}
            found = rows_of(spark_module.validate(one, columns=["title"], **options))
            assert shown == found[0]["dx_title"]
            assert shown == rows_of(spark_module.display(one, **options))[0]["dx_title"]


def test_how_two_columns_relate(claims: Any, table: pa.Table, store: Terminology) -> None:
    """It is `Edition.subsumes` of the day of the row."""
    found = rows_of(spark_module.subsumes(claims, system="system", other="other", on="day", store=store))
    for row in found:
        system = store.get(row["system"]) if row["system"] else None
        try:
            edition = system.on(row["day"]) if system and row["day"] else None
            expected = edition.subsumes(row["dx"], row["other"]) if edition else None
        except terminology.UnknownCodeError:
            expected = None
        assert expected == row["dx_subsumption"], row
    one = rows_of(spark_module.subsumes(claims, system="icd10cm", other="other", on="2022", store=store))
    assert {"subsumes", "not-subsumed", None} <= {row["dx_subsumption"] for row in one}


def test_functions_of_sql(claims: Any, spark: Any, store: Terminology) -> None:
    """The same functions as in DuckDB, by the same names."""
    names = spark_module.register(spark, store, codelists={"pain": PAIN})
    assert "terminology_status" == names[0]
    claims.createOrReplaceTempView("claims")
    found = spark.sql(
        """
        select id, system, dx, day, terminology_status(system, dx, day) as status,
               terminology_status('icd10cm', dx) as newest, terminology_member('pain', dx, day) as member,
               terminology_migrate('icd10cm', dx, day, '2022') as migrated,
               terminology_translate('icd9cm', 'icd10cm', dx) as translated,
               terminology_reason(system, dx, day) as reason
        from claims
        """
    )
    rows = rows_of(found)
    plain_rows = [{name: row[name] for name in ("system", "dx", "day")} for row in rows]
    assert [status_of(store, row) for row in plain_rows] == [row["status"] for row in rows]
    whole = pa.Table.from_pylist(
        plain_rows, schema=pa.schema([("system", pa.string()), ("dx", pa.string()), ("day", pa.date32())])
    )
    from terminology.functions import Functions

    functions, count = Functions(store, {"pain": PAIN}), len(rows)
    dx, day = whole.column("dx"), whole.column("day")
    assert functions.status(pa.repeat("icd10cm", count), dx).to_pylist() == [row["newest"] for row in rows]
    assert functions.member(pa.repeat("pain", count), dx, day).to_pylist() == [row["member"] for row in rows]
    migrated = functions.migrate(pa.repeat("icd10cm", count), dx, day, pa.repeat("2022", count))
    assert migrated.to_pylist() == [row["migrated"] for row in rows]
    translated = functions.translate(pa.repeat("icd9cm", count), pa.repeat("icd10cm", count), dx)
    assert translated.to_pylist() == [row["translated"] for row in rows]
    assert functions.reason(whole.column("system"), dx, day).to_pylist() == [row["reason"] for row in rows]


def test_errors_come_before_any_task(claims: Any, store: Terminology) -> None:
    """A column that is missing, a system that is not loaded, a property that no code has: said by the driver."""
    for call in (
        lambda: spark_module.validate(claims, system="icd10cm", code="nothing", store=store),
        lambda: spark_module.validate(claims, system="snomed", store=store),
        lambda: spark_module.property_of(claims, "chaptre", system="icd10cm", store=store),
        lambda: spark_module.migrate(claims, system="icd10cm", origin="day", target="never", store=store),
        lambda: spark_module.property_of(claims, "title", system="system", on="2022", store=store),
    ):
        with pytest.raises(TerminologyError):
            call()


# ---- how a store comes to a worker


def work_of(shared: SharedStore) -> Work:
    """Return what a task does, for a store that workers find or not."""
    options = {"system": "icd10cm", "code": "dx", "on": "day", "known": None, "columns": ()}
    return Work(shared, validated, options)


def test_a_path_and_a_digest_are_pickled(store: Terminology, sample_store: Path) -> None:
    """Some hundred bytes, whatever the store holds, by Spark's own pickler."""
    from pyspark.serializers import CloudPickleSerializer

    work = work_of(SharedStore.of(store))
    for data in (pickle.dumps(work), CloudPickleSerializer().dumps(work)):
        assert 1000 > len(data)
        assert str(sample_store.resolve()).encode() in data
        assert pickle.loads(data) == work  # noqa: S301 -- our own


def test_a_worker_that_does_not_see_the_folder_takes_the_archive(claims: Any, spark: Any, store: Terminology) -> None:
    """The folder has another name for workers, so there is none; what was shipped is unpacked, and its answers are the same."""
    shipped = spark_module.ship(spark, store)
    hidden = evolve(shipped, location="/there/is/no/such/folder")
    schema = spark_module.validate(claims, system="icd10cm", on="day", store=store).schema
    expected = rows_of(spark_module.validate(claims, system="icd10cm", on="day", store=store))
    assert expected == rows_of(claims.mapInArrow(work_of(hidden), schema))
    assert shipped == spark_module.ship(spark, store)


def test_a_worker_that_finds_neither_says_what_to_do(claims: Any, store: Terminology) -> None:
    """Folder and archive are named, as the fix."""
    lost = evolve(SharedStore.of(store), location="/there/is/no/such/folder")
    with pytest.raises(Exception, match=r"terminology\.spark\.ship\(spark, store\)"):
        claims.mapInArrow(work_of(lost), claims.schema).count()


def test_old_pyspark_says_which_is_needed(spark: Any, store: Terminology, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQL functions over Arrow came with 4.1."""
    from pyspark.sql import functions

    monkeypatch.delattr(functions, "arrow_udf")
    with pytest.raises(TerminologyError, match=r"PySpark 4\.1 or later"):
        spark_module.register(spark, store)


def test_dates_as_constants(claims: Any, table: pa.Table, store: Terminology) -> None:
    """A day may be a `datetime.date` too."""
    day = datetime.date(2021, 10, 1)
    expected = rows_of(terminology.validate(table, system="icd10cm", on=day, store=store))
    assert expected == rows_of(spark_module.validate(claims, system="icd10cm", on=day, store=store))
    several = rows_of(spark_module.subsumes(claims, system="system", other="other", on=day, store=store))
    assert any(row["dx_subsumption"] for row in several)


def test_archives_can_be_unpacked_anywhere(store: Terminology, tmp_path: Path) -> None:
    """The same files, byte for byte."""
    shared = SharedStore.of(store)
    write_archive(shared, tmp_path / "a.zip")
    assert shared.digest == SharedStore.of(str(unpacked(tmp_path / "a.zip", shared.digest))).digest
