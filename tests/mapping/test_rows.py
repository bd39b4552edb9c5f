"""Compiled maps: what is kept of several versions, and that reading them gives the rows of the archive."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminology import schema
from terminology.mapping.rows import MapRow, MapRows
from terminology.model import Crosswalk, SourceFile
from terminology.periods import day_number
from terminology.store import MapEntry, StoreFolder, read_catalog
from terminology.store.archive import StoredTables
from terminology.store.compiling import CrosswalkTables, compiled_map

SOURCES = (SourceFile("map.csv", "0" * 64, 1), SourceFile("more.csv", "1" * 64, 1))
Values = dict[str, Any]


def row(code: str | None, /, *targets: str, **more: Any) -> Values:
    """Return a row of a table ``mappings``; no targets: there is nothing to map to."""
    return {
        "source_code": code,
        "with_codes": [],
        "target_codes": list(targets) or None,
        "effective": None,
        "change": None,
        "relationship": "related-to",
        "approximate": None,
        "detail": None,
        "line": None,
        "source": 0,
        **more,
    }


def version(label: str, effective: str, rows: Sequence[Values], *, target: str = "plants") -> CrosswalkTables:
    """Return a version of a crosswalk of plants."""
    import pyarrow as pa

    crosswalk = Crosswalk(
        "invented", label, "plants", target, datetime.date.fromisoformat(effective), len(rows), SOURCES
    )
    return CrosswalkTables(crosswalk, label, {"mappings": pa.Table.from_pylist(list(rows), schema=schema.mappings())})


def compiled(folder: Path, *versions: CrosswalkTables) -> MapRows:
    """Return the compiled map of some versions."""
    store = StoreFolder(folder)
    store.compiled.mkdir(parents=True, exist_ok=True)
    return MapRows.opened(store.compiled, compiled_map(store, versions))


def codes(found: Sequence[MapRow]) -> list[tuple[str, str]]:
    """Return sources and targets of each row."""
    return [("+".join(one.source_codes), "+".join(one.target_codes or ("nothing",))) for one in found]


DAY, LATER = datetime.date(2020, 10, 1), datetime.date(2021, 4, 1)


# ---- versions


def test_of_rows_with_a_day_the_newest_version_decides(tmp_path: Path) -> None:
    """Cumulative publications tell of a change again and again: the newest one's word counts, each change once."""
    first = [
        row("A", "B", effective=DAY, change="deleted"),
        row("C", "D", effective=DAY, change="deleted"),
        row("A", "X", effective=LATER, change="deleted"),
    ]
    second = [row("A", "E", effective=DAY, change="deleted"), row("A", "F", effective=DAY, change="deleted")]
    rows = compiled(tmp_path, version("1", "2020-10-01", first), version("2", "2021-10-01", second))
    assert codes(rows.of_source("A")) == [("A", "X"), ("A", "E"), ("A", "F")]
    assert codes(rows.of_source("C")) == [("C", "D")]
    assert [one.crosswalk.version for one in rows.of_source("A")] == ["1", "2", "2"]


def test_a_change_is_told_where_it_stands(tmp_path: Path) -> None:
    """A new code's row is corrected by the row of that new code, a deleted one's by that of the deleted one."""
    first = [row("A", "N", effective=DAY, change="new"), row("A", "D", effective=DAY, change="deleted")]
    second = [row("B", "N", effective=DAY, change="new")]
    rows = compiled(tmp_path, version("1", "2020-10-01", first), version("2", "2021-10-01", second))
    assert codes(rows.of_target("N")) == [("B", "N")]
    assert codes(rows.of_source("A")) == [("A", "D")]


def test_rows_without_a_day_belong_to_their_version(tmp_path: Path) -> None:
    """A map between systems is asked in one version; the others' rows are not mixed in."""
    versions = [
        version("2014", "2013-10-01", [row("A", "B"), row("C", "D")], target="tools"),
        version("2018", "2017-10-01", [row("A", "E")], target="tools"),
    ]
    rows = compiled(tmp_path, *versions)
    assert [codes(rows.of_source("A", number)) for number in (0, 1)] == [[("A", "B")], [("A", "E")]]
    assert codes(rows.of_source("A")) == [("A", "B"), ("A", "E")]
    assert [codes(rows.of_target("D", number)) for number in (0, 1)] == [[("C", "D")], []]


def test_of_one_code_one_version_tells_by_days(tmp_path: Path) -> None:
    """Rows with a day of several versions are not mixed: of each code the newest counts that had told of it by then."""
    days = [datetime.date(year, 1, 1) for year in (2020, 2022, 2024)]
    fever = [row("A", "B", effective=days[0]), row("A", "C", effective=days[1]), row("A", "C", effective=days[1])]
    gone = row("X", "B", effective=days[0])
    versions = [version(f"{one.year}", str(one), [told], target="tools") for one, told in zip(days, fever, strict=True)]
    versions[0] = version("2020", str(days[0]), [fever[0], gone], target="tools")
    rows = compiled(tmp_path, *versions)
    assert [codes(rows.of_source("A", number)) for number in range(3)] == [[("A", "B")], [("A", "C")], [("A", "C")]]
    assert [codes(rows.of_target("B", number)) for number in range(3)] == [
        [("A", "B"), ("X", "B")],
        [("X", "B")],
        [("X", "B")],
    ]
    assert codes(rows.of_source("A")) == [("A", "B"), ("A", "C")]
    assert codes(rows.of_source("X", 2)) == [("X", "B")]


def test_a_day_that_no_version_had_reached_is_told_by_the_first(tmp_path: Path) -> None:
    """Where versions tell of a code only later, the first of them counts; rows without a day of another one do not."""
    later = [row("A", "B", effective=datetime.date(2024, 1, 1))]
    last = [row("A", "C", effective=datetime.date(2025, 1, 1)), row("D", "E")]
    labels = zip(("2020", "2022", "2024"), ([row("F", "B")], later, last), strict=True)
    rows = compiled(tmp_path, *(version(label, f"{label}-01-01", told, target="tools") for label, told in labels))
    assert codes(rows.of_source("A", 0)) == [("A", "B")]
    assert codes(rows.of_source("A", 2)) == [("A", "C")]
    assert codes(rows.of_source("D", 0)) == []


def test_the_version_for_a_day(tmp_path: Path) -> None:
    """The version asked is the newest whose editions had begun, before all the oldest, without a day the newest."""
    rows = compiled(
        tmp_path,
        version("2014", "2013-10-01", [row("A", "B")], target="tools"),
        version("2018", "2017-10-01", [row("A", "E")], target="tools"),
    )
    days = ("2010-01-01", "2013-10-01", "2017-09-30", "2017-10-01", "2024-01-01")
    assert [rows.publication(day_number(datetime.date.fromisoformat(day))) for day in days] == [0, 0, 0, 1, 1]
    assert rows.publication(None) == 1


def test_a_map_shows_its_name_systems_and_versions(tmp_path: Path) -> None:
    """What a debugger shows of a map is its name, both systems, and its versions in their order."""
    versions = [
        version("2014", "2013-10-01", [row("A", "B")], target="tools"),
        version("2018", "2017-10-01", [], target="tools"),
    ]
    assert repr(compiled(tmp_path, *versions)) == "<MapRows invented: plants to tools, 2014, 2018>"


def test_a_succession_without_days_happens_on_its_own_day(tmp_path: Path) -> None:
    """Rows of a succession that bear no day change on the first day of their version; they stand at the old code, if any."""
    rows = compiled(tmp_path, version("1", "2020-10-01", [row("A", "B"), row(None, "C"), row(None, "D")]))
    assert [(one.effective, one.change) for one in rows.of_source("A")] == [(day_number(DAY), "deleted")]
    assert [(one.source_codes, one.change) for one in rows.of_target("C")] == [((), "new")]


def test_later_versions_do_not_take_over_what_has_no_predecessor(tmp_path: Path) -> None:
    """That one new code has no predecessor says nothing of another one of the same day."""
    rows = compiled(
        tmp_path,
        version("1", "2020-10-01", [row(None, "C", effective=DAY)]),
        version("2", "2021-10-01", [row(None, "D", effective=DAY)]),
    )
    assert [codes(rows.of_target(code)) for code in "CD"] == [[("", "C")], [("", "D")]]


# ---- reading


def test_values_of_a_row(tmp_path: Path) -> None:
    """Every column comes back: codes together, flag, detail, file and line."""
    values = row(
        "A",
        "B",
        "C",
        with_codes=["Z"],
        effective=DAY,
        change="new",
        relationship="equivalent",
        approximate=False,
        detail=json.dumps({"text": "Ménière"}),
        line=7,
        source=1,
    )
    (found,) = compiled(tmp_path, version("1", "2020-10-01", [values])).of_source("A")
    assert (found.source_codes, found.target_codes) == (("A", "Z"), ("B", "C"))
    assert (found.effective, found.change, found.relationship, found.approximate) == (
        day_number(DAY),
        "new",
        "equivalent",
        False,
    )
    assert (found.detail, found.crosswalk.label) == ({"text": "Ménière"}, "invented 1")
    assert found.source is not None
    assert (found.source.system, found.source.version) == ("plants", "1")
    assert (found.source.file, found.source.sha256, found.source.line) == ("more.csv", "1" * 64, 7)


def test_nulls_of_a_row(tmp_path: Path) -> None:
    """What a publication leaves open stays open: no targets, no flag, no detail, no line, no day."""
    (found,) = compiled(tmp_path, version("1", "2020-10-01", [row("A")], target="tools")).of_source("A")
    assert (found.target_codes, found.approximate, found.effective, found.change, found.detail) == (
        None,
        None,
        None,
        None,
        {},
    )
    assert found.source is not None
    assert found.source.line is None


def test_a_map_without_rows(tmp_path: Path) -> None:
    """An empty map holds nothing, and says so of every code."""
    rows = compiled(tmp_path, version("1", "2020-10-01", []))
    assert (rows.of_source("A"), rows.of_target("A"), rows.of_source("")) == ([], [], [])


LONG = ["12345678", "123456789", "1234567890", "123456780", "1234567"]


@pytest.mark.parametrize("code", LONG)
def test_codes_that_share_their_first_eight_bytes(tmp_path: Path, code: str) -> None:
    """Codes longer than a key are told apart, each with all of its rows, as source and as target."""
    values = [row(one, other) for one in LONG for other in LONG]
    rows = compiled(tmp_path, version("1", "2020-10-01", values, target="tools"))
    assert codes(rows.of_source(code)) == [(code, other) for other in LONG]
    assert sorted(codes(rows.of_target(code))) == sorted((one, code) for one in LONG)


CODES = st.sampled_from(["A", "B", "ÄÖ", "12345678", "123456789", "1234567890", "99213:25", "99213:25:59", "日本"])
VALUES = st.builds(
    row,
    st.none() | CODES,
    CODES,
    with_codes=st.lists(CODES, max_size=2),
    target_codes=st.none() | st.lists(CODES, min_size=1, max_size=3),
    effective=st.none() | st.sampled_from([DAY, LATER]),
    change=st.none() | st.sampled_from(sorted(schema.CHANGES)),
    approximate=st.none() | st.booleans(),
    line=st.none() | st.integers(1, 9),
    source=st.integers(0, 1),
)


@given(st.lists(VALUES, max_size=12), st.sampled_from(["plants", "tools"]))
def test_any_rows_are_found_by_source_and_by_target(values: list[Values], target: str) -> None:
    """Whatever the rows of one version hold, each is found under each of its codes, in the order of the table."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        item = version("1", "2020-10-01", values, target=target)
        agrees_with_the_table(compiled(Path(folder), item), [item])


def agrees_with_the_table(rows: MapRows, versions: Sequence[CrosswalkTables]) -> None:
    """Compare what is found under every code with a scan of the tables; they must not correct each other."""
    table = [(item.crosswalk, values) for item in versions for values in item.tables["mappings"].to_pylist()]
    expected_by_source: dict[str, list[Any]] = {}
    expected_by_target: dict[str, list[Any]] = {}
    for crosswalk, values in table:
        expected_by_source.setdefault(values["source_code"] or "", []).append(expected(crosswalk, values))
        for code in set(values["target_codes"] or ()):
            expected_by_target.setdefault(code, []).append(expected(crosswalk, values))
    for code, wanted in expected_by_source.items():
        assert list(map(found_values, rows.of_source(code))) == wanted, code
    for code, wanted in expected_by_target.items():
        assert sorted(map(repr, map(found_values, rows.of_target(code)))) == sorted(map(repr, wanted)), code
    assert rows.of_source("no such code") == []


def expected(crosswalk: Crosswalk, values: Values) -> Any:
    """Return what reading a row of a table should give."""
    source, targets = values["source_code"], values["target_codes"]
    day, change = values["effective"], values["change"]
    if crosswalk.is_succession:
        day, change = day or crosswalk.effective, change or ("new" if source is None else "deleted")
    file = crosswalk.sources[values["source"]] if crosswalk.sources else None
    return (
        (source, *values["with_codes"]) if source is not None else (),
        None if targets is None else tuple(targets),
        None if day is None else day_number(day),
        change,
        values["relationship"],
        values["approximate"],
        json.loads(values["detail"] or "{}"),
        crosswalk.label,
        file and (file.file, file.sha256, values["line"]),
    )


def found_values(one: MapRow) -> Any:
    """Return a row that was read as plain values."""
    return (
        one.source_codes,
        one.target_codes,
        one.effective,
        one.change,
        one.relationship,
        one.approximate,
        one.detail,
        one.crosswalk.label,
        one.source and (one.source.file, one.source.sha256, one.source.line),
    )


def entries(store: Path) -> Sequence[MapEntry]:
    """Return the maps that are in force in a store."""
    return read_catalog(StoreFolder(store)).maps


def test_the_samples_are_read_as_they_lie_in_the_archive(sample_store: Path) -> None:
    """Of every sample crosswalk each row of the archive is found by source and by target, where no later one corrects it."""
    folder = StoreFolder(sample_store)
    found = entries(sample_store)
    assert len(found) > 8
    for entry in found:
        rows = MapRows.opened(folder.compiled, entry)
        versions = [
            CrosswalkTables(
                item.crosswalk,
                item.digest,
                StoredTables(folder.crosswalk(item.crosswalk.name, item.crosswalk.version, item.digest)),
            )
            for item in entry.crosswalks
        ]
        if len(versions) == 1 or entry.key[0] == "order_addenda":
            agrees_with_the_table(rows, versions)
