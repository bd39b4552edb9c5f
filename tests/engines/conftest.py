"""Tests with the engines that others run on; what is not installed is skipped, with the reason."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from .buckets import BUCKET, Place

NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Return the endpoint of a local S3 server with one bucket."""
    pytest.importorskip("obstore", reason="obstore is not installed")
    pytest.importorskip("boto3", reason="moto with its server is not installed")
    server = pytest.importorskip("moto.server", reason="moto with its server is not installed")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        _set_environment(patch, endpoint)
        Place(endpoint, "").client.create_bucket(Bucket=BUCKET)
    yield endpoint
    running.stop()


@pytest.fixture
def place(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Return an empty place in the bucket; the environment has what is needed to ask for it, and a cache of its own."""
    _set_environment(monkeypatch, s3_server)
    monkeypatch.setenv("TERMINOLOGY_CACHE", str(tmp_path / "cache"))
    return Place(s3_server, f"stores/{next(NUMBERS)}")


def _set_environment(patch: pytest.MonkeyPatch, endpoint: str) -> None:
    values = {
        "AWS_ACCESS_KEY_ID": "reader",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
    }
    for name, value in values.items():
        patch.setenv(name, value)
