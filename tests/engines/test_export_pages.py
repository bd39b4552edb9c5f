"""The queries of the guides to exports are run, in the order of the page, on the exported samples: they give what is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from terminology.cli.application import run

duckdb = pytest.importorskip("duckdb", reason="DuckDB is not installed: pip install 'terminology-server[duckdb]'")
pytestmark = pytest.mark.engines

GUIDES = Path(__file__).parents[2] / "docs" / "data-teams"
BLOCK = re.compile(r"^```(sql|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMANDS = {
    "export-for-sql": ("intervals intervals.parquet", "coverage coverage.parquet", "closure closure.parquet"),
    "export-omop": ("omop vocabulary --system icd10cm --system hcpcs",),
}


@pytest.mark.parametrize("page", COMMANDS)
def test_queries_give_what_is_shown(
    page: str, sample_store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows with bars between their cells; a query without rows below it only has to run."""
    monkeypatch.chdir(tmp_path)
    text = (GUIDES / f"{page}.md").read_text(encoding="utf-8")
    for command in COMMANDS[page]:
        assert f"terminology export {command}\n" in text
        assert run(["export", *command.split(), "--store", str(sample_store)]) == 0
    engine, rows, shown = duckdb.connect(), [], 0
    for kind, block in BLOCK.findall(text):
        if kind == "sql":
            for statement in filter(str.strip, block.split(";")):
                rows = engine.execute(statement).fetchall()
            continue
        assert block.splitlines() == [" | ".join("NULL" if cell is None else str(cell) for cell in row) for row in rows]
        shown += 1
    assert shown > 1


def test_every_query_of_the_guides_is_run() -> None:
    """A page that shows SQL is listed above; the macros of dbt are run by the tests of the dbt project."""
    shown = {path.stem for path in GUIDES.glob("export-*.md") if "```sql\n" in path.read_text(encoding="utf-8")}
    assert shown == {*COMMANDS}
