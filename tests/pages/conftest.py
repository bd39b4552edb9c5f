"""The pages of the sample store, as a browser gets them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from .reading import Reader

NEEDED = ("httptools", "orjson", "starlette", "uvicorn")
if any(find_spec(name) is None for name in NEEDED):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def reader(sample_store: Path) -> Reader:
    """Somebody who reads pages of the sample store."""
    return Reader(sample_store)
