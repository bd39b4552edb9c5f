"""Fixtures for all tests and doctests: a store of the packaged sample releases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.samples import sample_folders


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store with all packaged sample releases. To be read only."""
    folder = tmp_path_factory.mktemp("samples") / "store"
    report = terminology.load(*sample_folders(), store=folder)
    if not report.ok:
        raise ExceptionGroup("the sample releases are refused", report.errors)
    return folder


@pytest.fixture(autouse=True)
def _examples_have_a_store(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    """Give the examples in docstrings what they are written with: ``store`` and ``sample_store``."""
    if isinstance(request.node, pytest.DoctestItem):
        path = request.getfixturevalue("sample_store")
        doctest_namespace.setdefault("sample_store", path)
        doctest_namespace.setdefault("store", terminology.open(path))
