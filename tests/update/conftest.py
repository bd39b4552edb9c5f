"""Fixtures of the update: a server on this machine, and patience that tests can afford."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from terminology.update.transport import Http

from .server import FileServer, file_server


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """A server of files, asked without a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with file_server() as files:
        yield files


@pytest.fixture
def http() -> Http:
    """Three tries with hardly a wait between them."""
    return Http(timeout_seconds=60, deadline_seconds=300, retries=2, backoff_seconds=0.01, longest_wait_seconds=2)
