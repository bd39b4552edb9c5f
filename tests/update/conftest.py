"""Fixtures of the update: a server on this machine, patience that tests can afford, texts of configurations."""

from __future__ import annotations

import datetime
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminology.errors import (
    ReleaseFaults,
    ReleaseFormatError,
)
from terminology.update import download
from terminology.update.configuration import (
    Configuration,
)
from terminology.update.transport import Http

from ..release_files import CHOLERA
from .configurations import SUMMER
from .jobs import answer, archive
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


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every few bytes durable."""
    monkeypatch.setattr(download, "DURABLE_BYTES", 4096)


@pytest.fixture
def read(tmp_path: Path):
    """Read a configuration that is given as text."""

    def reader(text: str, today: datetime.date = SUMMER) -> Configuration:
        path = tmp_path / "update.toml"
        path.write_text(text, encoding="utf-8")
        return Configuration.read(path, today=today)

    return reader


@pytest.fixture
def faults(read):
    """Read a configuration that is given as text and has faults; return them without the name of the file."""

    def reader(text: str, today: datetime.date = SUMMER) -> list[str]:
        with pytest.raises((ReleaseFaults, ReleaseFormatError)) as raised:
            read(text, today)
        errors = raised.value.exceptions if isinstance(raised.value, ReleaseFaults) else (raised.value,)
        return [re.sub(r"^.*update\.toml:? ?", "", str(error)) for error in errors]

    return reader


@pytest.fixture
def site(server: FileServer) -> FileServer:
    """A publisher's site with the release of fiscal year 2021."""
    server.serve("/2021.zip", answer(archive(2021, CHOLERA)))
    return server


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Addresses of names, the first of them taken at each look-up, the last one stays."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def looked_up(host: str, *args: object, **values: object) -> object:
        if host in known:
            due = known[host]
            host = due.pop(0) if len(due) > 1 else due[0]
        return real(host, *args, **values)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    monkeypatch.setenv("NO_PROXY", "*")
    return known
