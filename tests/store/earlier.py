"""Stores that earlier versions wrote, and every answer of a store, to be compared."""

from __future__ import annotations

import datetime
import tarfile
from pathlib import Path
from typing import Any

import terminology
from terminology import CodeSystem
from terminology.samples import sample_releases

DATA = Path(__file__).parents[1] / "data"
SAMPLES = {
    2: ("icd10cm", "hcpcs", "icd9cm"),
    3: (
        *("icd10cm", "icd10pcs", "hcpcs", "icd9cm", "icd9pcs"),
        *("crosswalks/gems", "crosswalks/icd10cm_conversion", "crosswalks/icd10pcs_conversion"),
    ),
}
"""What is in the store of each format."""


def earlier_store(folder: Path, number: int) -> Path:
    """Return a store of a format, unpacked."""
    with tarfile.open(DATA / f"store-format-{number}.tar.gz") as packed:
        packed.extractall(folder, filter="data")
    return folder / "store"


def fresh_store(folder: Path, number: int) -> Path:
    """Return a store that this version made of the same samples."""
    report = terminology.load(*(sample_releases() / name for name in SAMPLES[number]), store=folder / "fresh")
    assert report.ok
    return folder / "fresh"


def all_answers(store: Path) -> dict[Any, Any]:
    """Return what is said of every code on every day on which, or before which, anything changes."""
    opened = terminology.open(store)
    return {
        (name, day, code): facts
        for name in opened.systems
        for day in days(opened[name])
        for code, facts in edition_facts(opened[name], day).items()
    }


def codes(system: CodeSystem) -> set[str]:
    """Return the codes of all releases."""
    return {code for release in system.releases for code in system.release(release.version)}


def days(system: CodeSystem) -> list[datetime.date]:
    """Return the days on which anything changes, and the days before."""
    periods = [period for code in codes(system) for period in system.history(code).periods]
    found = {release.effective for release in system.releases}
    found |= {day for period in periods for day in (period.effective_from, period.effective_to) if day}
    return sorted(found | {day - datetime.timedelta(days=1) for day in found})


def edition_facts(system: CodeSystem, day: datetime.date) -> dict[str, Any]:
    """Return what an edition says of every code."""
    edition = system.on(day)
    found: dict[str, Any] = {}
    for code in codes(system):
        concept = edition.lookup(code)
        place = [edition.parent(code), edition.children(code)] if code in edition else None
        notes = [note.to_dict() for note in edition.notes(code)] if code in edition else None
        found[code] = (edition.check(code).to_dict(), concept and concept.to_dict(), place, notes)
    return found


def translations(store: Path) -> dict[Any, Any]:
    """Return what every code is translated to by every crosswalk between two systems."""
    opened = terminology.open(store)
    ways = {(one.source_system, one.target_system) for one in opened.crosswalks if one.source_system in opened}
    return {
        (source, target, code): opened.translate(code, source=source, target=target).to_dict()
        for source, target in ways
        for code in codes(opened[source])
    }


def files_of(store: Path) -> dict[str, bytes]:
    """Return the files of a store with their bytes; the lock is no part of it, nor is the marker."""
    return {
        path.relative_to(store).as_posix(): path.read_bytes()
        for path in sorted(store.rglob("*"))
        if path.is_file() and path.name not in ("lock", "STORE")
    }
