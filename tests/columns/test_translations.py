"""Whole columns migrated and translated: each row as a single code of its own day is."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import terminology
from terminology import Terminology, TerminologyError, Translation
from terminology.columns.losses import losses
from terminology.functions import Functions
from terminology.periods import day_number
from terminology.query.answers import Answers
from terminology.query.edition import engine_of
from terminology.query.migration import migrated

from ..release_files import CHOLERA, order_file, written
from .test_validation import FORMS, rows

SYSTEMS = ("icd10cm", "hcpcs", "icd10pcs", "icd10gm", "cpt", "icd9cm")
Shown = tuple[str, list[list[str]]]


def shown(found: Translation) -> Shown:
    """Return outcome and alternatives."""
    return str(found.outcome), [list(one.codes) for one in found.alternatives]


def expected(store: Terminology, system: str, text: str | None, day: datetime.date | None) -> Shown:
    """Return what one code of one day becomes in the newest release."""
    if text is None or day is None:
        return "unknown", []
    after = Answers(engine_of(store[system].latest))
    compiled = after.as_of.system
    return shown(migrated(text, Answers(compiled.as_of(day_number(day))), after, compiled.successions))


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_row_is_migrated_from_its_own_day(store: Terminology, system: str) -> None:
    """Outcome and alternatives of every row are those of its code on its day; the columns of the table stay."""
    table = rows(store, system, 500, seed=9)
    answered = terminology.migrate(table, system=system, origin="day", store=store)
    asked = zip(table.column("dx").to_pylist(), table.column("day").to_pylist(), strict=True)
    told = zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True)
    assert [expected(store, system, text, day) for text, day in asked] == list(told)
    assert table.equals(answered.select(table.column_names))


@pytest.mark.parametrize("origin", ["2021", "2021-03-01", datetime.date(2021, 3, 1)])
def test_all_rows_from_one_release_or_day(store: Terminology, origin: Any) -> None:
    """The answers are those of `CodeSystem.migrate`."""
    codes = ["M54.5", "E11.9", "G71.2", "?", " m545"]
    answered = terminology.migrate({"dx": codes}, system="icd10cm", origin=origin, target="2022", store=store)
    assert [shown(store["icd10cm"].migrate(code, "2021", "2022")) for code in codes] == list(
        zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True)
    )


def test_translated_to_another_system(store: Terminology) -> None:
    """Each row is as `Terminology.translate` says, combinations whole."""
    codes = ["A02.1", "E11.9", "nonsense", None]
    answered = terminology.translate({"dx": codes}, source="icd10cm", target="icd9cm", store=store)
    told = list(zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True))
    assert told[:3] == [shown(store.translate(code, source="icd10cm", target="icd9cm")) for code in codes[:3]]
    assert ("unknown", []) == told[3]
    assert ["003.1", "995.91"] in told[0][1]


def test_translated_for_its_own_day(store: Terminology) -> None:
    """A column of days picks the edition of the target for each row."""
    table = {"dx": ["724.2", "724.2"], "day": ["2021-01-01", "2021-12-01"]}
    answered = terminology.translate(table, source="icd9cm", target="icd10cm", on="day", store=store)
    told = zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True)
    assert list(told) == [
        shown(store.translate("724.2", source="icd9cm", target="icd10cm", on=day)) for day in table["day"]
    ]


@pytest.mark.parametrize(
    ("policy", "targets", "dropped"),
    [("unique", [None, ["E11.9"], None], [3, 0, 0]), ("first", [["M54.50"], ["E11.9"], None], [2, 0, 0])],
)
def test_a_policy_counts_what_it_drops(store: Terminology, policy: Any, targets: Any, dropped: list[int]) -> None:
    """One alternative or none, and the number of the others."""
    answered = terminology.migrate(
        {"dx": ["M54.5", "E11.9", "?"]}, system="icd10cm", origin="2021", target="2022", policy=policy, store=store
    )
    assert (targets, dropped) == (answered.column("dx_targets").to_pylist(), answered.column("dx_dropped").to_pylist())


def test_a_row_for_each_code(store: Terminology) -> None:
    """A row comes once for each code of each alternative, numbered; a row without any comes once."""
    table = pa.table({"dx": ["A02.1", "?"], "id": [7, 8]})
    answered = terminology.translate(table, source="icd10cm", target="icd9cm", explode=True, store=store)
    assert answered.to_pylist() == [
        {"dx": "A02.1", "id": 7, "dx_target": "003.1", "dx_alternative": 1, "dx_position": 1},
        {"dx": "A02.1", "id": 7, "dx_target": "995.91", "dx_alternative": 1, "dx_position": 2},
        {"dx": "?", "id": 8, "dx_target": None, "dx_alternative": None, "dx_position": None},
    ]


@pytest.mark.parametrize("form", FORMS)
def test_whatever_the_form_of_the_table(store: Terminology, form: str) -> None:
    """The same rows in another form have the same answers."""
    table = rows(store, "icd10cm", 200, seed=3)
    answered = terminology.migrate(FORMS[form](table), system="icd10cm", origin="day", store=store)
    plain = terminology.migrate(table, system="icd10cm", origin="day", store=store)
    assert plain.column("dx_targets").to_pylist() == answered.column("dx_targets").to_pylist()


@pytest.mark.parametrize("explode", [False, True])
def test_no_rows(store: Terminology, explode: bool) -> None:  # noqa: FBT001 -- of a test
    """A table without rows has the columns all the same."""
    table = pa.table({"dx": pa.array([], pa.string()), "day": pa.array([], pa.date32())})
    answered = terminology.migrate(table, system="icd10cm", origin="day", explode=explode, store=store)
    assert (0, True) == (answered.num_rows, answered.num_columns > 3)


def test_what_is_lost(store: Terminology) -> None:
    """A row for each code and what it becomes, with the rows that have it, and what a person has to do."""
    table = {"dx": ["M54.5", "M54.5", "E11.9", "F32", "?"]}
    found = losses(table, system="icd10cm", origin="2021", target="2022", store=store)
    assert [(row["code"], row["rows"], row["kind"]) for row in found.to_pylist()] == [
        ("M54.5", 2, "split"),
        ("?", 1, "unknown"),
        ("E11.9", 1, "one_to_one"),
        ("F32", 1, "header"),
    ]
    assert found.column("action")[0].as_py() == "choose one of the alternatives"
    assert found.column("reason")[1].as_py()


def test_what_cannot_be_asked(store: Terminology) -> None:
    """A policy that there is none of, and a column that is missing."""
    table = {"dx": ["E11.9"]}
    with pytest.raises(TerminologyError, match="no policy 'last': expected one of all, unique, first"):
        terminology.migrate(table, system="icd10cm", origin="2021", policy="last", store=store)  # type: ignore[arg-type]
    with pytest.raises(TerminologyError, match="the table has no column 'code'"):
        terminology.translate(table, source="icd10cm", target="icd9cm", code="code", store=store)


PAIRS = [
    ("icd10cm", "icd9cm"),
    ("icd10pcs", "icd9pcs"),
    ("icd9cm", "icd10cm"),
    ("hcpcs", "hcpcs"),
    ("icd10cm", "icd10cm"),
]


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_version_of_a_crosswalk_answers_for_its_own_days(store: Terminology, pair: tuple[str, str]) -> None:
    """All codes, on the days from which each version leads from one system to the other, and the days before these."""
    source, target = pair
    begun = [one.effective for one in store.crosswalks if (one.source_system, one.target_system) == pair]
    days = sorted(
        {day - datetime.timedelta(days=n) for day in map(datetime.date.fromisoformat, map(str, begun)) for n in (0, 1)}
    )
    codes = sorted({code for release in store[source].releases for code in store[source].release(release.version)})
    asked = [(code, day) for code in codes for day in days]
    table = pa.table({"dx": [code for code, _ in asked], "day": [day for _, day in asked]})
    answered = terminology.translate(table, source=source, target=target, on="day", store=store)
    told = zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True)
    assert list(told) == [shown(store.translate(c, source=source, target=target, on=day)) for c, day in asked]


OWN_MAP = """#crosswalk: Invented complaints
#version: {day}
#effective: {day}
#source_system: complaints
#target_system: icd10cm
source,target
pain,{target}
"""


def test_versions_of_an_own_map_between_releases(tmp_path: Path) -> None:
    """A map may begin on any day; releases of the target need not begin anything then."""
    for day, target in (("2020-11-05", "A00.0"), ("2021-03-01", "A00.9")):
        (tmp_path / f"map-{day}.csv").write_text(OWN_MAP.format(day=day, target=target), encoding="utf-8")
    codes = written(tmp_path / "codes", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    report = terminology.load(codes, *tmp_path.glob("map-*.csv"), store=tmp_path / "store")
    assert report.ok
    opened = terminology.open(tmp_path / "store")
    days = ["2020-11-04", "2020-11-05", "2021-02-28", "2021-03-01", "2021-09-30"]
    table = pa.table({"dx": ["pain"] * len(days), "day": days})
    answered = terminology.translate(table, source="complaints", target="icd10cm", on="day", store=opened)
    one_by_one = [shown(opened.translate("pain", source="complaints", target="icd10cm", on=day)) for day in days]
    told = zip(answered.column("dx_outcome").to_pylist(), answered.column("dx_targets").to_pylist(), strict=True)
    assert list(told) == one_by_one
    assert {groups[0][0] for _, groups in one_by_one if groups} == {"A00.0", "A00.9"}
    systems = (pa.array([name] * len(days)) for name in ("complaints", "icd10cm"))
    in_sql = Functions(opened).translate(*systems, *(table.column(name).combine_chunks() for name in ("dx", "day")))
    assert in_sql.to_pylist() == [groups if outcome != "unknown" else None for outcome, groups in one_by_one]
