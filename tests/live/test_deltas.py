"""From one release to the next, by the publishers' counts; computed from the editions' tables."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from terminology import CodeSystem

from .oracle_keys import official, rows, version_of

PUBLISHED = [
    # as releases/README.md counts: new billable, gone, billable to header, short or long title changed
    ("2018", "2019", (279, 3, 48, 173)),
    ("2019", "2020", (272, 7, 14, 36)),
    ("2020", "2021-01", (496, 19, 40, 55)),
    ("2021-01", "2022", (159, 18, 14, 30)),
    ("2022", "2022-04", (3, 0, 1, 1)),
    ("2022-04", "2023", (1176, 251, 36, 40)),
    ("2023", "2023-04", (42, 0, 7, 1)),
    ("2023-04", "2024", (395, 0, 25, 28)),
    ("2024-04", "2025", (252, 3, 33, 15)),
]


@pytest.mark.parametrize(("before", "after", "expected"), PUBLISHED, ids=str)
def test_year_deltas(cm: CodeSystem, before: str, after: str, expected: tuple[int, int, int, int]) -> None:
    """The editions differ by just as many codes as the publisher's files do."""
    old, new = rows(cm, before), rows(cm, after)
    fresh = sum(1 for code, (billable, *_) in new.items() if billable and code not in old)
    gone = sum(1 for code, (billable, *_) in old.items() if billable and code not in new)
    demoted = sum(1 for code, (billable, *_) in old.items() if billable and code in new and not new[code][0])
    retitled = sum(1 for code, (_, *titles) in old.items() if code in new and [*new[code][1:]] != titles)
    assert expected == (fresh, gone, demoted, retitled)


def test_recorded_differences(cm: CodeSystem, oracles: dict[str, Any]) -> None:
    """Every difference between neighbours that was recorded from the publisher's bytes comes out of the store."""
    held = {release.version for release in cm.releases}
    pairs = [d for d in oracles["cm_diffs"] if {version_of(d["from"]), version_of(d["to"])} <= held]
    found = [difference(cm, d["from"], d["to"]) for d in pairs]
    assert pairs == found
    assert len(pairs) == 13


def difference(cm: CodeSystem, before: str, after: str) -> dict[str, Any]:
    """Return the difference of two releases in the words of the oracle file."""
    old, new = rows(cm, version_of(before)), rows(cm, version_of(after))
    old_billable = {code for code, (billable, *_) in old.items() if billable}
    new_billable = {code for code, (billable, *_) in new.items() if billable}
    return {
        "from": before,
        "to": after,
        "added": len(new_billable - old_billable),
        "removed": len(old_billable - new_billable),
        "title_changed": sum(1 for code in old_billable & new_billable if old[code][2] != new[code][2]),
        "header_to_billable": sorted(c.replace(".", "") for c in new_billable & (old.keys() - old_billable)),
        "billable_to_header": len(old_billable & (new.keys() - new_billable)),
        "vanished": len(old_billable - new.keys()),
    }


def order_addenda(releases: Path) -> list[tuple[str, str, str]]:
    """Return version (by folder), file and text of every order addenda among the files."""
    found = []
    name = re.compile(r"order[-_]addenda", re.IGNORECASE)
    for path in sorted((releases / "icd10cm").rglob("*")):
        year, _, update = path.parent.name.removeprefix("FY").partition("-")
        version = f"{year}{ {'Jan': '-01', 'Apr': '-04'}.get(update, '') }"
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.namelist() if name.search(m)]
                found += [(version, f"{path.name}!{m}", archive.read(m).decode()) for m in members]
        elif name.search(path.name):
            found.append((version, path.name, path.read_text()))
    return found


def test_addenda_chain(cm: CodeSystem, releases: Path) -> None:
    """Every addenda leads from the release before to its own, but for the fifteen rows known to be left out."""
    versions = [release.version for release in cm.releases]
    exceptions: dict[str, set[str]] = {}
    read = 0
    for version, _, text in order_addenda(releases):
        position = versions.index(version)
        told: dict[str, tuple[bool, str, str] | None] = {}
        for line in text.splitlines():
            action, code = line[:13].strip(), official(line[15:22].strip())
            if action == "Delete:":
                told.setdefault(code, None)
            elif action in ("Add:", "Revise to:"):
                told[code] = (line[13] == "1", line[23:83].strip(), line[84:].strip())
        read += 1
        # a mid-year addenda of an annual folder starts from that year's first release, which stands right before
        old, new = rows(cm, versions[position - 1]), rows(cm, version)
        expected = {**old, **told}
        wrong = {c for c in expected.keys() | new.keys() if expected.get(c) != new.get(c)}
        if wrong:
            exceptions.setdefault(version, set()).update(wrong)
    assert read > 15
    assert set(exceptions) == {"2018", "2022", "2024"}
    retitled = "H35.3113 H35.3114 H35.3123 H35.3124 H35.3133 H35.3134 H35.3193 H35.3194 P03.810 P03.819 R93.41 Z05.7"
    assert exceptions["2018"] == set(retitled.split())
    assert exceptions["2022"] == {"Z68.30", "Z68.41"}
    assert exceptions["2024"] == {"Y07.45"}
