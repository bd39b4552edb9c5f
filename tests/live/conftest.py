"""One store of the publishers' real files, loaded once, for all tests that are marked ``live``."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology import CodeSystem, LoadReport, Terminology
from terminology.model import Translation

from ..sharing import shared_store
from .oracle_keys import Migrated, billable

RELEASES = os.environ.get("TERMINOLOGY_RELEASES")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder as live; without the files each is skipped.

    They come first: of several workers one gets them all, and loads the files, while the others do the rest.
    """
    here = Path(__file__).parent
    items.sort(key=lambda item: here not in item.path.parents)
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.live)
            if RELEASES is None:
                item.add_marker(pytest.mark.skip(reason="TERMINOLOGY_RELEASES names no folder of release files"))


@pytest.fixture(scope="session")
def releases() -> Path:
    """The folder of the publishers' files."""
    return Path(RELEASES or "")


@pytest.fixture(scope="session")
def oracles(releases: Path) -> dict[str, Any]:
    """What was computed from the publishers' bytes by other means; it lies beside the files."""
    path = releases.parent / "domain-oracles.json"
    if not path.exists():
        pytest.skip(f"{path.name} does not lie beside the release files")
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def loaded(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminology, LoadReport]:
    """The store of all files, loaded in one command, and the report of the load."""
    return shared_store(tmp_path_factory, "live", lambda folder: terminology.load(releases, store=folder))


@pytest.fixture(scope="session")
def real_store(loaded: tuple[Terminology, LoadReport]) -> Terminology:
    """The store of the real files."""
    return loaded[0]


@pytest.fixture(scope="session")
def grouped_store(real_store: Terminology, releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Terminology:
    """The store of the real files, with all groupings and lists."""
    groupings = releases.parent / "groupings"
    if not groupings.is_dir():
        pytest.skip(f"{groupings} is not beside the release files")

    def loaded(folder: Path) -> LoadReport:
        shutil.copytree(real_store.path, folder)
        return terminology.load(groupings, store=folder)

    store, report = shared_store(tmp_path_factory, "grouped", loaded)
    assert report.ok, report.errors
    return store


@pytest.fixture(scope="session")
def maps(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Terminology, LoadReport]:
    """The store of the maps alone, without any code system, so that nothing is migrated; and the report of the load.

    What was in force, each map of GEMs says in its other direction.
    """
    further = releases.parent / "further-releases"
    folders = [releases / "gems", *(further / family for family in ("gems", "reimb", "icd11map"))]
    for folder in folders:
        if not folder.is_dir():
            pytest.skip(f"{folder.parent.name}/{folder.name} is not among the release files")
    return shared_store(tmp_path_factory, "maps", lambda folder: terminology.load(*folders, store=folder))


@pytest.fixture(scope="session")
def report(loaded: tuple[Terminology, LoadReport]) -> LoadReport:
    """The report of the load of the real files."""
    return loaded[1]


@pytest.fixture(scope="session")
def cm(real_store: Terminology) -> CodeSystem:
    """ICD-10-CM from the real files."""
    return real_store["icd10cm"]


@pytest.fixture(scope="session")
def hcpcs(real_store: Terminology) -> CodeSystem:
    """HCPCS from the real files."""
    return real_store["hcpcs"]


@pytest.fixture(scope="session")
def pcs(real_store: Terminology) -> CodeSystem:
    """ICD-10-PCS from the real files."""
    return real_store["icd10pcs"]


@pytest.fixture(scope="session")
def migrated(real_store: Terminology) -> Migrated:
    """A function that returns every billable code of a release carried to another one, and remembers it."""

    @cache
    def carried(system: str, before: str, after: str) -> Mapping[str, Translation]:
        code_system = real_store[system]
        return {code: code_system.migrate(code, before, after) for code in billable(code_system, before)}

    return carried


@pytest.fixture
def needs_release(real_store: Terminology) -> Callable[[str, str, str], None]:
    """A function that skips the test where a release is not loaded, with the name of the file that is missing."""

    def needed(system: str, version: str, file: str) -> None:
        held = {release.version for release in real_store[system].releases} if system in real_store else set()
        if version not in held:
            pytest.skip(f"needs {file}, which is not among the release files")

    return needed
