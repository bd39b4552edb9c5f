"""What changed between two releases: disjoint tables, properties, notes, groups, and the publisher's addenda."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import terminology
from terminology import CodeSystem
from terminology.differences import TABLES, Difference, against_addenda

from .release_files import BACK_PAIN, CHOLERA, Row, order_addenda, order_file, tabular, written

NAMES = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")


def loaded(folder: Path, files: Mapping[str, bytes]) -> CodeSystem:
    """Return ICD-10-CM from some files."""
    report = terminology.load(written(folder / "files", files), store=folder / "store")
    assert report.ok, report.errors
    return terminology.open(folder / "store")["icd10cm"]


def codes(table: pa.Table) -> list[str]:
    """Return the codes of a table."""
    return list(table.column("code").to_pylist())


def codes_by_table(difference: Difference) -> dict[str, list[str]]:
    """Return the codes of every table that has any."""
    return {name: codes(difference.table(name)) for name in TABLES if difference.table(name).num_rows}


def test_the_tables_of_a_year(cm: CodeSystem) -> None:
    """Fiscal year 2022 splits M54.5, adds F32.A and corrects two titles; each code stands in one table."""
    expected = {
        "added": ["F32.A", "M54.50", "M54.51", "M54.59"],
        "to_header": ["M54.5"],
        "revised": ["F32", "G71.20"],
    }
    assert expected == codes_by_table(cm.diff("2021", "2022"))


def test_a_row_has_both_states(cm: CodeSystem) -> None:
    """A row has the state after the change, what it was before, the chapter, and the flags."""
    [row] = cm.diff("2021", "2022").to_header.to_pylist()
    assert row == {
        "code": "M54.5",
        "kind": "code",
        "title": "Low back pain",
        "short_title": "Low back pain",
        "billable": False,
        "parent": "M54",
        "chapter": "13",
        "title_before": "Low back pain",
        "short_title_before": "Low back pain",
        "billable_before": True,
        "parent_before": "M54",
        "derived": False,
        "revised": False,
        "moved": False,
        "properties_changed": False,
        "notes_changed": False,
    }


def test_an_added_code_was_nothing_before(cm: CodeSystem) -> None:
    """Of an added code what was before is null, and no flag is set."""
    row = cm.diff("2021", "2022").added.to_pylist()[0]
    before = {name: row[name] for name in row if name.endswith("_before")}
    assert set(before.values()) == {None}
    assert [row[name] for name in ("revised", "moved", "properties_changed", "notes_changed")] == [False] * 4


def test_a_deleted_code_is_as_it_was(cm: CodeSystem) -> None:
    """A deleted code is shown in the state that it had."""
    rows = cm.diff("2022", "2021").deleted.to_pylist()
    assert rows[0]["title"] == rows[0]["title_before"] == "Depression, unspecified"
    assert (rows[0]["billable"], rows[0]["parent"], rows[0]["moved"]) == (True, "F32", False)


def test_all_tables_have_one_shape(cm: CodeSystem) -> None:
    """The seven tables share their columns, so that they can be put together."""
    difference = cm.diff("2021", "2022")
    assert len({difference.table(name).schema for name in TABLES}) == 1
    assert 7 == pa.concat_tables([difference.table(name) for name in TABLES]).num_rows
    with pytest.raises(KeyError):
        difference.table("properties")


def test_backwards(cm: CodeSystem) -> None:
    """The other way round what was added is deleted, and a header becomes billable."""
    expected = {
        "deleted": ["F32.A", "M54.50", "M54.51", "M54.59"],
        "to_billable": ["M54.5"],
        "revised": ["F32", "G71.20"],
    }
    assert expected == codes_by_table(cm.diff("2022", "2021"))


def test_versions_days_and_latest(cm: CodeSystem) -> None:
    """Releases are named by version, effective day, or as the latest; a stranger is refused."""
    named, dated = cm.diff("2022", "2022-04"), cm.diff("2021-10-01", "latest")
    assert (named.before, named.after) == (dated.before, dated.after)
    assert codes_by_table(named) == codes_by_table(dated)
    with pytest.raises(terminology.UnknownReleaseError):
        cm.diff("2021", "1999")


def test_the_same_release(cm: CodeSystem) -> None:
    """A release does not differ from itself."""
    difference = cm.diff("2022", "2022")
    assert difference.is_empty
    assert difference.counts() == dict.fromkeys((*TABLES, "properties", "notes", "groups"), 0)
    assert difference.by_chapter().num_rows == 0


def test_chapters(cm: CodeSystem) -> None:
    """Changes are counted by chapter, in document order, and add up to the tables."""
    difference = cm.diff("2021", "2022")
    rows = difference.by_chapter()
    assert ["5", "6", "13"] == codes(rows)
    counts = difference.counts()
    assert {name: counts[name] for name in TABLES} == {name: sum(rows.column(name).to_pylist()) for name in TABLES}


def test_json(cm: CodeSystem) -> None:
    """Everything comes as plain values, with the lists of the contract."""
    values = json.loads(json.dumps(cm.diff("2021", "2022").to_dict()))
    assert {"added", "deleted", "revised", "to_header", "to_billable", "moved"} <= values.keys()
    assert values["before"] == {"version": "2021", "effective": "2020-10-01"}
    assert [row["code"] for row in values["to_header"]] == ["M54.5"]


def test_short_titles_are_properties(cm: CodeSystem) -> None:
    """A short title that changes is listed among the properties, with both texts as JSON."""
    rows = {row["code"]: row for row in cm.diff("2021", "2022").properties.to_pylist()}
    assert rows["F32"] == {
        "code": "F32",
        "property": "short_title",
        "before": '"Major depressive disorder, single episode"',
        "after": '"Depressive episode"',
    }


# ---- what the tabular list tells


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> CodeSystem:
    """Three releases: two with notes, the last without its tabular list."""
    files = {
        "icd10cm_order_2021.txt": order_file(CHOLERA),
        "icd10cm_tabular_2021.xml": tabular(2021, CHOLERA, notes={"A00": "colitis (A09)", "M54": "old (M99)"}),
        "icd10cm_order_2022.txt": order_file(BACK_PAIN),
        "icd10cm_tabular_2022.xml": tabular(2022, BACK_PAIN, notes={"A00": "colitis (A09)", "M545": "new (M99)"}),
        "icd10cm_order_2023.txt": order_file(CHOLERA),
    }
    return loaded(tmp_path_factory.mktemp("noted"), files)


def test_notes(noted: CodeSystem) -> None:
    """Notes that one release has alone are listed; the code is flagged, and stands in a table for that alone."""
    difference = noted.diff("2021", "2022")
    assert difference.notes_known
    assert ["M54"] == codes(difference.changed)
    assert difference.changed.column("notes_changed").to_pylist() == [True]
    assert difference.to_header.column("notes_changed").to_pylist() == [True]
    assert [("M54", "excludes1", "old (M99)", "removed"), ("M54.5", "excludes1", "new (M99)", "added")] == [
        tuple(row.values()) for row in difference.notes.to_pylist()
    ]


def test_unknown_notes_are_no_change(noted: CodeSystem) -> None:
    """Where one release came without notes none are compared, and the difference says so."""
    difference = noted.diff("2022", "2023")
    assert (difference.notes_known, difference.notes.num_rows) == (False, 0)
    assert difference.changed.num_rows == 0


def test_borrowed_places_are_told(noted: CodeSystem) -> None:
    """Chapters that were taken from another release are no evidence of when they changed, and the difference says so."""
    assert noted.diff("2021", "2022").places_known
    assert not noted.diff("2022", "2023").places_known


def test_properties_of_one_side(sample_store: Path) -> None:
    """A property that no code of one release has is not compared: a file of it is not loaded."""
    difference = terminology.open(sample_store)["icd10cm"].diff("2021", "2022")
    listed = {row["property"] for row in difference.properties.to_pylist()}
    assert difference.properties_unknown
    assert listed & set(difference.properties_unknown) == set()


def test_groups_stand_apart(sample_store: Path) -> None:
    """Derived groups are in no table of codes; one that has no codes any more is deleted."""
    difference = terminology.open(sample_store)["hcpcs"].diff("2018-01", "2019-01")
    assert [("P", "deleted")] == [(row["code"], row["change"]) for row in difference.groups.to_pylist()]
    assert "P" not in codes(difference.deleted)
    assert {"modifiers", "A", "C", "J", "P"} == set(codes(difference.by_chapter()))


def test_dated_systems_compare_editions(sample_store: Path) -> None:
    """In HCPCS a code that is terminated before the later release is deleted."""
    difference = terminology.open(sample_store)["hcpcs"].diff("2018-01", "2019-01")
    assert "C9014" in codes(difference.deleted)
    assert "J0567" in codes(difference.added)


def test_without_texts(cm: CodeSystem) -> None:
    """Without texts the codes, flags, places and counts stay, and no word of the publisher."""
    difference = cm.diff("2021", "2022")
    bare = difference.without_texts()
    assert bare.text_withheld
    assert difference.counts() == bare.counts()
    assert codes_by_table(difference) == codes_by_table(bare)
    assert "pain" not in json.dumps(bare.to_dict())
    assert "episode" not in json.dumps(bare.to_dict())


def test_open_properties_need_no_licence(cm: CodeSystem) -> None:
    """Properties that are facts keep their values."""
    values = cm.diff("2021", "2022").without_texts(["short_title"]).properties.column("after").to_pylist()
    assert '"Depressive episode"' in values


# ---- against the addenda


@pytest.mark.parametrize(("before", "after"), [("2021", "2022"), ("2022", "2022-04")])
def test_the_addenda_agrees(cm: CodeSystem, before: str, after: str) -> None:
    """Each sample's addenda tells of the very changes."""
    assert () == against_addenda(cm.diff(before, after), cm.release(after).table("changes"))


def test_an_addenda_from_elsewhere(cm: CodeSystem) -> None:
    """An addenda that starts from another release is not compared code by code."""
    [only] = against_addenda(cm.diff("2021", "2022-04"), cm.release("2022-04").table("changes"))
    assert (only.code, only.aspect) == (None, "base")
    assert "44 codes and 29 headers" in str(only)


def altered(changes: pa.Table, code: str, /, **values: Any) -> pa.Table:
    """Return the addenda with other values in the rows of a code; with none, without them."""
    rows = [{**row, **values} if row["code"] == code else row for row in changes.to_pylist()]
    return pa.Table.from_pylist([row for row in rows if values or row["code"] != code], schema=changes.schema)


@pytest.mark.parametrize(
    ("code", "values", "aspects"),
    [
        ("G71.20", {}, ["title"]),
        ("G71.20", {"title": "Other"}, ["title"]),
        ("F32", {"short_title": "Other"}, ["short_title"]),
        ("M54.50", {"code": "M54.52"}, ["presence", "presence"]),
        ("M54.51", {"title": "a", "short_title": "b"}, ["short_title", "title"]),
    ],
)
def test_disagreements(cm: CodeSystem, code: str, values: dict[str, Any], aspects: list[str]) -> None:
    """Whatever is changed in an addenda whose counts still come out is found, and the code is named."""
    changes = altered(cm.release("2022").table("changes"), code, **values)
    found = against_addenda(cm.diff("2021", "2022"), changes)
    assert aspects == [fault.aspect for fault in found]
    assert code in {fault.code for fault in found}


def test_flags_that_are_changed_twice(cm: CodeSystem) -> None:
    """Two flags that cancel out in the counts are found nevertheless."""
    changes = cm.release("2022").table("changes")
    rows = changes.to_pylist()
    for row in rows:
        if row["action"] == "add" and row["code"] in ("M54.5", "M54.50"):
            row["billable"] = not row["billable"]
    found = against_addenda(cm.diff("2021", "2022"), pa.Table.from_pylist(rows, schema=changes.schema))
    assert [("M54.5", "billable"), ("M54.50", "billable")] == [(fault.code, fault.aspect) for fault in found]


def test_a_revision_to_itself_is_none(cm: CodeSystem) -> None:
    """A code that an addenda revises to what it was need not have changed."""
    changes = cm.release("2022").table("changes")
    row = {"action": "revise_from", "billable": False, "code": "M54", "short_title": "Dorsalgia", "title": "Dorsalgia"}
    more = pa.Table.from_pylist([{**row, "source": 0}, {**row, "action": "revise_to"}], schema=changes.schema)
    assert () == against_addenda(cm.diff("2021", "2022"), pa.concat_tables([changes, more]))


TITLES = st.sampled_from(["Pain", "Other pain", "Pain, unspecified"])
LISTS = st.dictionaries(
    st.sampled_from(["A000", "A001", "A009", "M540", "M541", "M5410", "M5411"]),
    st.tuples(st.booleans(), TITLES),
    min_size=1,
)


def rows_of(listed: dict[str, tuple[bool, str]]) -> list[Row]:
    """Return the rows of a small release: two categories, and codes below them."""
    rows: list[Row] = [("A00", False, "Cholera"), ("M54", False, "Dorsalgia")]
    return sorted([*rows, *((code, flag, title) for code, (flag, title) in listed.items())])


@settings(max_examples=15)
@given(LISTS, LISTS)
def test_any_addenda_agrees(tmp_path_factory: pytest.TempPathFactory, old: dict[str, Any], new: dict[str, Any]) -> None:
    """Of any two releases the addenda between them is what the difference says, and the tables are disjoint."""
    before, after = rows_of(old), rows_of(new)
    files = {NAMES[0]: order_file(before), NAMES[1]: order_file(after)}
    files["icd10cm_order_addenda_2022.txt"] = order_addenda(before, after, *NAMES)
    system = loaded(tmp_path_factory.mktemp("pair"), files)
    difference = system.diff("2021", "2022")
    assert () == against_addenda(difference, system.release("2022").table("changes"))
    listed = [code for name in TABLES for code in codes(difference.table(name))]
    assert len(listed) == len(set(listed))
    told = set(listed) - set(codes(difference.moved))
    assert {code.replace(".", "") for code in told} == {code for code, *_ in set(before) ^ set(after)}
