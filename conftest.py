"""Fixtures for all tests and doctests: a store of the packaged sample releases. And how many examples are invented.

The profiles of Hypothesis: a few fresh examples at the desk, more and always the same in continuous integration, very few
where another version of Python is tried (`brief`), many to hunt (`HYPOTHESIS_PROFILE=hunt`). None has a deadline: a busy machine is no fault of the code.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import terminology
from terminology.samples import sample_folders

settings.register_profile(
    "desk", deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.register_profile("ci", settings.get_profile("desk"), max_examples=25, derandomize=True)
settings.register_profile("brief", settings.get_profile("desk"), max_examples=3)
settings.register_profile("hunt", settings.get_profile("desk"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "desk"))

# what a script starts in the background ignores control-C, and so do the processes that it starts; tests send it to those
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# its examples need the SDK, as whoever imports it does
collect_ignore = [] if importlib.util.find_spec("mcp_types") else ["src/terminology/mcp/protocol.py"]

# pyarrow asks for it whenever it meets a Python value, some fifty times in a load, and is slow to learn that it is missing
if importlib.util.find_spec("dateutil") is None:
    sys.modules["dateutil"] = None  # type: ignore[assignment]


@pytest.fixture(scope="session", autouse=True)
def _nobody_waits_for_the_disk() -> Iterator[None]:
    """Sync no file in this process, for no power fails in a test; processes that tests start and kill do sync."""
    with pytest.MonkeyPatch.context() as patch:
        # still an error for a file that is not open
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a store with all packaged sample releases. To be read only."""
    folder = tmp_path_factory.mktemp("samples") / "store"
    report = terminology.load(*sample_folders(), store=folder)
    if not report.ok:
        raise ExceptionGroup("the sample releases are rejected", report.errors)
    return folder


@pytest.fixture(autouse=True)
def _examples_have_a_store(request: pytest.FixtureRequest, doctest_namespace: dict[str, Any]) -> None:
    """Give the examples in docstrings what they are written with: ``store`` and ``sample_store``."""
    if isinstance(request.node, pytest.DoctestItem):
        path = request.getfixturevalue("sample_store")
        doctest_namespace.setdefault("sample_store", path)
        doctest_namespace.setdefault("store", terminology.open(path))
