"""The server asked in the same process."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from .asking import Server

NEEDED = ("httptools", "orjson", "starlette", "uvicorn")
if any(find_spec(name) is None for name in NEEDED):
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def server(sample_store: Path) -> Server:
    """A server over the sample store."""
    return Server(sample_store)
