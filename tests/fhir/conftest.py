"""The service over the store of the packaged samples."""

from __future__ import annotations

import pytest

from terminology import Terminology
from terminology.fhir import Service


@pytest.fixture(scope="session")
def service(store: Terminology) -> Service:
    """The service over the samples."""
    return Service(store)
