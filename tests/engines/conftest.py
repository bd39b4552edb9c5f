"""Tests with the engines that others run on; what is not installed is skipped, with the reason."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .buckets import BUCKET, Place

NUMBERS = itertools.count(1)
ROOT = Path(__file__).parents[2]
PACKAGES = [str(ROOT / name) for name in ("src", "loaders", "crosswalks")]


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


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster of Spark with two workers, each a Java process of its own with Python processes below it."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none")
    from pyspark.sql import SparkSession

    path = os.pathsep.join([*PACKAGES, *filter(None, [os.environ.get("PYTHONPATH")])])
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", path)
        # what is shipped and unpacked goes with the tests
        temporary = str(tmp_path_factory.mktemp("spark"))
        patch.setattr(tempfile, "tempdir", temporary)
        session = (
            SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.executorEnv.PYTHONPATH", path)
            .config("spark.executorEnv.TMPDIR", temporary)
            .config("spark.ui.enabled", "false")
            .config("spark.log.level", "ERROR")
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "262144")
            .config("spark.sql.session.timeZone", "UTC")
            .getOrCreate()
        )
        try:
            yield session
        finally:
            session.stop()
