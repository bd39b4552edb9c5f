"""What the pages and docstrings about engines show is what comes out, on the samples."""

from __future__ import annotations

import doctest
import importlib
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

import terminology

ROOT = Path(__file__).parents[2]
BLOCKS = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.engines,
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def run(text: str, name: str, names: dict[str, Any]) -> None:
    """Run the examples in a text."""
    test = doctest.DocTestParser().get_doctest(text, names, name, name, 0)
    assert test.examples
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    assert 0 == runner.run(test).failed


def page(name: str) -> str:
    """Return the examples of a page."""
    return "\n".join(BLOCKS.findall((ROOT / "docs" / "data-teams" / name).read_text(encoding="utf-8")))


def test_the_page_of_duckdb(sample_store: Path) -> None:
    """All queries that it shows."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed")
    run(page("duckdb.md"), "duckdb.md", {"sample_store": sample_store})


def test_the_page_of_pandas_and_polars(sample_store: Path) -> None:
    """All recipes that it shows."""
    pytest.importorskip("pandas", reason="pandas is not installed")
    pytest.importorskip("polars", reason="Polars is not installed")
    run(page("pandas-and-polars.md"), "pandas-and-polars.md", {"sample_store": sample_store})


def test_the_example_of_register(sample_store: Path) -> None:
    """The docstring's own, which is skipped where DuckDB is not installed."""
    pytest.importorskip("duckdb", reason="DuckDB is not installed")
    module = importlib.import_module("terminology.duckdb")
    text = (module.register.__doc__ or "").replace("# doctest: +SKIP", "")
    run(text, "register", {"store": terminology.open(sample_store), "register": module.register})


@pytest.mark.slow
def test_the_page_of_spark(request: pytest.FixtureRequest, sample_store: Path) -> None:
    """All calls and queries that it shows, on a cluster."""
    pytest.importorskip("pyspark", reason="PySpark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none")
    spark = request.getfixturevalue("spark")
    run(page("spark.md"), "spark.md", {"sample_store": sample_store, "spark": spark})
