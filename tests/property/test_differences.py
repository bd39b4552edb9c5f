"""The difference of any two editions of a random world, against a reading of the rows with dicts."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import given

from terminology.differences import TABLES, Difference

from .test_worlds import WORLDS, opened
from .worlds import World, snapshot_worlds, unlisted_worlds

Rows = dict[str, dict[str, Any]]
GROUPS = {"group"}


@given(WORLDS | unlisted_worlds())
def test_every_pair_of_releases(world: World) -> None:
    """Tables, flags, properties and groups are those that a comparison of the rows, one by one, gives."""
    with opened(world) as store:
        system = store[world.definition.name]
        versions = [release.version for release in system.releases]
        days = [release.effective for release in system.releases]
        for before, after in itertools.product(versions, versions):
            old, new = ({row["code"]: row for row in system.release(v).table().to_pylist()} for v in (before, after))
            corrected = before != after and days[versions.index(before)] == days[versions.index(after)]
            if not corrected:
                compare(old, new, system.diff(before, after))


@given(snapshot_worlds())
def test_corrections(world: World) -> None:
    """A release of the same day as another is compared with it as both were published."""
    with opened(world) as store:
        system = store[world.definition.name]
        published = sorted(world.releases, key=lambda release: (release.effective, release.correction))
        for (before, old), (after, new) in itertools.permutations(zip(system.releases, published, strict=True), 2):
            if before.effective == after.effective:
                difference = system.diff(before.version, after.version)
                assert (difference.before.correction, difference.after.correction) == (old.correction, new.correction)
                sides = [{row["code"] for row in side.rows if row["kind"] not in GROUPS} for side in (old, new)]
                assert sides[1] - sides[0] == set(difference.added.column("code").to_pylist())
                assert sides[0] - sides[1] == set(difference.deleted.column("code").to_pylist())


def compare(old: Rows, new: Rows, difference: Difference) -> None:
    """Compare a difference with what the rows say."""
    listed = {code for side in (old, new) for code, row in side.items() if not row["derived"]}
    codes = [{code: row for code, row in side.items() if code in listed} for side in (old, new)]
    known = [{code: row for code, row in side.items() if not row["derived"]} for side in (old, new)]
    unknown = properties_of(known[0]) ^ properties_of(known[1])
    assert sorted(unknown) == list(difference.properties_unknown)
    expected: dict[str, list[str]] = {name: [] for name in TABLES}
    properties = []
    for code, row in codes[1].items():
        before = codes[0].get(code)
        is_derived = before is not None and (before["derived"] or row["derived"])
        changed = changed_properties(before, row, unknown) if before and not is_derived else []
        properties += [(code, *item) for item in changed]
        if name := table_of(before, row, changed):
            expected[name].append(code)
    expected["deleted"] = [code for code in codes[0] if code not in codes[1]]
    assert expected == {name: difference.table(name).column("code").to_pylist() for name in TABLES}
    assert sorted(properties) == sorted(
        (row["code"], row["property"], row["before"], row["after"]) for row in difference.properties.to_pylist()
    )
    for name in TABLES:
        for row in difference.table(name).to_pylist():
            check_row(row, codes[0].get(row["code"]), codes[1].get(row["code"]), unknown)
    assert sum(difference.table(name).num_rows for name in TABLES) == sum(
        sum(row[name] for name in TABLES) for row in difference.by_chapter().to_pylist()
    )
    for change, sides in (("added", (new, old)), ("deleted", (old, new))):
        fresh = {code for code in sides[0] if code not in listed and code not in sides[1]}
        assert fresh == {row["code"] for row in difference.groups.to_pylist() if row["change"] == change}


def properties_of(side: Rows) -> set[str]:
    """Return the names of all properties that any code has; a short title is one."""
    texts = [json.loads(row["properties"]) for row in side.values() if row["properties"]]
    short = {"short_title"} if any(row["short_title"] is not None for row in side.values()) else set()
    return {name for values in texts for name in values} | short


def values_of(row: dict[str, Any]) -> dict[str, str]:
    """Return the properties of a code as JSON text."""
    values = json.loads(row["properties"] or "{}")
    if row["short_title"] is not None:
        values["short_title"] = row["short_title"]
    return {name: json.dumps(value, ensure_ascii=False) for name, value in values.items()}


def changed_properties(before: dict[str, Any], after: dict[str, Any], unknown: set[str]) -> list[tuple[Any, ...]]:
    """Return name and both values of each property that differs."""
    old, new = values_of(before), values_of(after)
    names = (old.keys() | new.keys()) - unknown
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def table_of(before: dict[str, Any] | None, after: dict[str, Any], changed: list[Any]) -> str | None:
    """Return the table that a code of the later edition belongs to."""
    if before is None:
        return "added"
    if before["billable"] != after["billable"]:
        return "to_billable" if after["billable"] else "to_header"
    if is_revised(before, after, changed):
        return "revised"
    if before["parent"] != after["parent"]:
        return "moved"
    return "changed" if changed else None


def is_revised(before: dict[str, Any], after: dict[str, Any], changed: list[Any]) -> bool:
    """Return whether a code that stayed has another title of the publisher's, or another short title."""
    is_derived = before["derived"] or after["derived"]
    return not is_derived and (before["title"] != after["title"] or "short_title" in [name for name, *_ in changed])


def check_row(
    row: dict[str, Any], before: dict[str, Any] | None, after: dict[str, Any] | None, unknown: set[str]
) -> None:
    """Compare a row with both states of its code."""
    shown = after or before
    assert shown is not None
    names = ("kind", "title", "short_title", "billable", "parent")
    assert {name: shown[name] for name in names} == {name: row[name] for name in names}
    names = ("title", "short_title", "billable", "parent")
    assert [before[name] if before else None for name in names] == [row[f"{name}_before"] for name in names]
    if before is None or after is None:
        assert (False, False) == (row["revised"], row["moved"])
        return
    assert row["revised"] == is_revised(before, after, changed_properties(before, after, unknown))
    assert row["moved"] == (before["parent"] != after["parent"])
    assert row["derived"] == (before["derived"] or after["derived"])
