"""Tests with the engines that others run on; what is not installed is skipped, with the reason."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [str(ROOT / name) for name in ("src", "loaders", "crosswalks")]


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
