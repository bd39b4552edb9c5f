"""A code through all releases: status on each first day and on the day before; titles."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from terminology import CodeSystem

from .oracle_keys import official, version_of

CODES = [
    "A047",
    "A0471",
    "C7A00",
    "E11A",
    "F32A",
    "F53",
    "F530",
    "F641",
    "G35",
    "G35A",
    "G35D",
    "H814",
    "H8141",
    "I602",
    "I6020",
    "M545",
    "M5450",
    "M5451",
    "M5459",
    "N183",
    "N1830",
    "QA0",
    "S061X7A",
    "S061X7D",
    "T8140",
    "T8140XA",
    "T814XXA",
    "U070",
    "U071",
    "U099",
    "V274XXS",
    "Z283",
    "Z2831",
    "Z28310",
    "Z5986",
]
OFF_CYCLE = {code: datetime.date(2020, 4, 1) for code in ("U070", "U071")}
"""First days that the conversion tables tell, where the code stands in a file of later only."""


def test_codes_are_those_of_the_oracle(oracles: dict[str, Any]) -> None:
    """The codes that are followed here are all that were recorded."""
    assert sorted(CODES) == sorted(oracles["cm_timeline"])


@pytest.mark.parametrize("code", CODES)
def test_timeline(cm: CodeSystem, oracles: dict[str, Any], code: str) -> None:
    """On a release's first day, and on the day before, the code is what the file in force says."""
    flags = {version_of(key): flag for key, flag in oracles["cm_timeline"][code].items()}
    recorded = [r for r in cm.releases if not r.derived]
    in_force = {r.version: {"1": "billable", "0": "header"}.get(flags.get(r.version, "")) for r in recorded}
    wrong = []
    for day in (d for r in cm.releases for d in (r.effective, r.effective - datetime.timedelta(days=1))):
        release = next((r for r in reversed(cm.releases) if r.effective <= day), None)
        if release is not None and release.derived:
            continue
        expected = "uncovered" if release is None else in_force[release.version]
        if expected is None and OFF_CYCLE.get(code, datetime.date.max) <= day:
            expected = "billable"
        elif expected is None:
            before = any(in_force[r.version] for r in recorded if r.effective <= day)
            after = any(in_force[r.version] for r in recorded if r.effective > day)
            expected = "expired" if before else "future" if after else "unknown"
        found = str(cm.on(day).status(official(code)))
        if found != expected:
            wrong.append((day.isoformat(), expected, found))
    assert wrong == []


@pytest.mark.parametrize("code", ["F641", "L705"])
def test_titles(cm: CodeSystem, oracles: dict[str, Any], code: str) -> None:
    """The title is the one of the release in force, and the history holds both."""
    titles = {version_of(key): title for key, title in oracles["titles"][code].items()}
    assert titles == {version: cm.release(version)[official(code)].title for version in titles}
    assert list(titles.values()) == [period.title for period in cm.history(official(code)).periods]
