"""A loader in a package of its own works without a change to this one, and the guide shows that very package."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import terminology
from terminology import registry
from terminology.drafts import Loader
from terminology.testing import check_loader

PACKAGE = Path(__file__).parent / "terminology-example-loader"
GUIDE = Path(__file__).parents[2] / "docs/developers/add-a-loader.md"


@pytest.fixture
def loader(monkeypatch):
    """The loader that the package's entry point names."""
    settings = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, name = settings["project"]["entry-points"][registry.LOADERS]["clinic"].partition(":")
    monkeypatch.syspath_prepend(PACKAGE)
    made = getattr(importlib.import_module(module), name)()
    yield made
    sys.modules.pop(module)


def test_it_is_a_loader(loader):
    """The entry point bears the name of the loader's code system."""
    assert isinstance(loader, Loader)
    assert "clinic" == loader.definition.name


def test_it_keeps_the_promises(loader):
    """The package's loader passes the public conformance kit on its own samples."""
    check_loader(loader, PACKAGE / "samples")


def test_it_stands_beside_ours(loader, tmp_path):
    """One load reads its files and ours."""
    samples = Path(terminology.__file__).parent / "samples"
    loaders = {**registry.loaders(), "clinic": loader}
    report = terminology.load(PACKAGE / "samples", samples / "hcpcs", store=tmp_path, loaders=loaders)
    assert () == report.errors
    assert ("clinic", "hcpcs") == terminology.open(tmp_path).systems


def test_a_list_cannot_take_its_name(loader, tmp_path):
    """The loader for any system does not stand in for a system that has a loader of its own."""
    (tmp_path / "list.csv").write_text("#system: clinic\n#effective: 2024-01-01\ncode,title\nA,Alpha\n")
    loaders = {**registry.loaders(), "clinic": loader}
    (error,) = terminology.load(tmp_path, store=tmp_path / "s", loaders=loaders).errors
    assert "clinic has its own loader" in error.message


@pytest.mark.slow
def test_its_own_tests_pass():
    """The package's tests pass, run as its author runs them."""
    # where the library is, and nothing else that this run put on the path
    path = os.pathsep.join(
        [
            str(Path(terminology.__file__).parents[1]),
            *(str(Path(__file__).parents[2] / name) for name in ("loaders", "crosswalks")),
        ]
    )
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", str(PACKAGE)],
        cwd=PACKAGE,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert 0 == ended.returncode, ended.stdout


@pytest.mark.parametrize(
    "name", ["clinic_codes.py", "test_clinic_codes.py", "pyproject.toml", "samples/clinic-2024.txt"]
)
def test_the_guide_shows_the_package(name):
    """The guide includes the package's files rather than copies of them."""
    assert f"terminology-example-loader/{name}" in GUIDE.read_text(encoding="utf-8")
