"""A crosswalk reader in a package of its own is found once the package is installed, and the guide shows that package."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

import terminology
from terminology import registry
from terminology.drafts import CrosswalkReader
from terminology.samples import sample_releases
from terminology.testing import check_crosswalk_reader

PACKAGE = Path(__file__).parent / "terminology-example-loader"
GUIDE = Path(__file__).parents[2] / "docs/developers/add-a-crosswalk.md"
MODULES = ("clinic_changes", "clinic_codes")


def forget():
    """Forget what was found installed."""
    registry.loaders.cache_clear()
    registry.crosswalk_readers.cache_clear()


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Make the package look as if it were installed: its modules on the path, and what an installer notes of them."""
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    note = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    note.mkdir()
    (note / "METADATA").write_text(f"Name: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8")
    groups = project["entry-points"].items()
    lines = [line for group, points in groups for line in (f"[{group}]", *(f"{n} = {v}" for n, v in points.items()))]
    (note / "entry_points.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    monkeypatch.syspath_prepend(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield
    forget()
    for module in MODULES:
        sys.modules.pop(module, None)


def test_it_is_found(installed):
    """Its entry point is found beside ours, and bears the reader's name."""
    readers = registry.crosswalk_readers()
    assert isinstance(readers["clinic_changes"], CrosswalkReader)
    assert "clinic_changes" == readers["clinic_changes"].name
    assert {"clinic_changes", "gems"} <= set(readers)


def test_it_keeps_the_promises(installed):
    """The package's reader passes the public conformance kit on its own samples."""
    check_crosswalk_reader(registry.crosswalk_readers()["clinic_changes"], PACKAGE / "maps")


def test_it_is_asked(installed, tmp_path):
    """One load reads its files and ours, with nothing said about readers; codes are followed by its map."""
    paths = [PACKAGE / "samples", PACKAGE / "maps", sample_releases() / "hcpcs"]
    report = terminology.load(*paths, store=tmp_path / "store")
    assert () == report.errors
    store = terminology.open(tmp_path / "store")
    assert {"clinic_changes", "hcpcs_cross_references"} == {crosswalk.name for crosswalk in store.crosswalks}
    assert ("HOME-1",) == store["clinic"].migrate("HOME-2", "2024", "2025").codes


@pytest.mark.parametrize(
    "name", ["clinic_changes.py", "test_clinic_changes.py", "pyproject.toml", "maps/clinic-changes-2025.txt"]
)
def test_the_guide_shows_the_package(name):
    """The guide includes the package's files rather than copies of them."""
    assert f"terminology-example-loader/{name}" in GUIDE.read_text(encoding="utf-8")
