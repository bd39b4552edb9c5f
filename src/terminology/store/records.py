"""Releases and crosswalks as the store records them, in its pointer and in the manifests of its archive.

A record is a JSON object with everything that is known of one; a value is made of it when somebody asks for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from attrs import Attribute, asdict

from ..model import Crosswalk, Fault, Gap, Release, SourceFile

LATER = frozenset({"faults", "identity", "own"})
"""Keys that records of earlier versions do not have."""


def release_record(release: Release) -> dict[str, Any]:
    """Return a release as the store records it, with everything that is known of it."""
    return _record(release)


def release_from(values: Mapping[str, Any]) -> Release:
    """Return the release that `release_record` wrote; further keys are ignored."""
    return Release(
        system=values["system"],
        version=values["version"],
        effective=datetime.date.fromisoformat(values["effective"]),
        concepts=values["concepts"],
        billable=values["billable"],
        derived=values["derived"],
        sources=tuple(SourceFile(**source) for source in values["sources"]),
        gaps=tuple(Gap(**gap) for gap in values["gaps"]),
        correction=values["correction"],
        warnings=tuple(values["warnings"]),
        notes_known=values["notes_known"],
        licence=values["licence"],
        # a store of an earlier version has none
        faults=tuple(Fault(**fault) for fault in values.get("faults", ())),
    )


def crosswalk_record(crosswalk: Crosswalk) -> dict[str, Any]:
    """Return a crosswalk as the store records it, with everything that is known of it."""
    return _record(crosswalk)


def _record(value: Release | Crosswalk) -> dict[str, Any]:
    """Return a record without what is not said, where stores of earlier versions have no such keys either."""
    record = {**asdict(value, filter=_is_recorded), "effective": value.effective.isoformat()}
    return {name: said for name, said in record.items() if said or name not in LATER}


def fault_record(fault: Fault) -> dict[str, Any]:
    """Return a line that a file lacks as the store records it."""
    return asdict(fault, filter=_is_recorded)


def _is_recorded(attribute: Attribute[Any], value: Any) -> bool:
    return bool(value) or attribute.name != "missing_lines"


def crosswalk_from(values: Mapping[str, Any]) -> Crosswalk:
    """Return the crosswalk that `crosswalk_record` wrote; further keys are ignored."""
    return Crosswalk(
        name=values["name"],
        version=values["version"],
        source_system=values["source_system"],
        target_system=values["target_system"],
        effective=datetime.date.fromisoformat(values["effective"]),
        mappings=values["mappings"],
        sources=tuple(SourceFile(**source) for source in values["sources"]),
        title=values["title"],
        warnings=tuple(values["warnings"]),
        faults=tuple(Fault(**fault) for fault in values.get("faults", ())),
        identity=values.get("identity", ""),
        own=values.get("own", False),
    )
