"""The page of the shapes in JSON says what the schema says."""

from __future__ import annotations

from pathlib import Path

from terminology.schemas import answer_names, definitions

from .scripts import script_of

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_made_of_the_schema() -> None:
    """Who changes the schema makes the page anew: ``python docs/json_shapes.py``."""
    script = script_of("json_shapes")
    assert script.PAGE.read_text(encoding="utf-8") == script.page_of(definitions())


def test_every_answer_is_on_the_page() -> None:
    """With its name as a heading, to link to."""
    page = (DOCS / "reference" / "json.md").read_text(encoding="utf-8")
    assert [name for name in answer_names() if f"(json-{name})=\n### `{name}`" not in page] == []
