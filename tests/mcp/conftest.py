"""The service over the store of the packaged samples, without any protocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from terminology.mcp.service import Service


@pytest.fixture(scope="session")
def service(sample_store: Path) -> Service:
    """The service over the samples."""
    return Service(sample_store)
