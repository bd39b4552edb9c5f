"""Every kind of page forbids what it does not need, and allows what it has."""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html

import terminology
from terminology.layout.page import rendered

KINDS = ("audit", "difference", "impact", "codelist", "profile", "resolution", "update")


def policy(document: Any) -> dict[str, list[str]]:
    """Return the directives of the page's policy with their values."""
    [found] = document.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    return {name: values for name, *values in (directive.split() for directive in found.split(";"))}


def source(element: Any) -> str:
    """Return the name by which a policy allows a script or style that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()}'"


def test_every_kind_of_page_is_looked_at() -> None:
    """Each template that is a page is among the kinds."""
    templates = Path(terminology.__file__).parent.rglob("templates/*.html")
    assert {*KINDS} == {
        path.stem for path in templates if '{% extends "base.html"' in path.read_text(encoding="utf-8")
    } - {"site"}


@pytest.mark.parametrize("kind", KINDS)
def test_the_policy_forbids_all_but_the_page_itself(pages: dict[str, str], kind: str) -> None:
    """Nothing is loaded, no address is changed, no form is sent, no referrer told; the page's own blocks are named."""
    document = html.document_fromstring(pages[kind])
    [style], [script] = document.xpath("//style"), document.xpath("//script")
    assert {
        "default-src": ["'none'"],
        "style-src": [source(style)],
        "script-src": [source(script)],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    } == policy(document)
    assert ["no-referrer"] == document.xpath("//meta[@name='referrer']/@content")
    # a policy counts from where it stands
    order = [element.tag for element in document.xpath("//meta[@http-equiv] | //style | //script")]
    assert ["meta", "style", "script"] == order


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_nothing_that_the_policy_would_block(pages: dict[str, str], kind: str) -> None:
    """No handler and no style stands in an attribute, and the script makes none."""
    document = html.document_fromstring(pages[kind])
    assert not list(blocked(document))
    assert not re.search(r"innerHTML|setAttribute|\.style\b|eval|Function\(|javascript:", pages[kind])


def blocked(document: Any) -> Iterator[str]:
    """Yield the attributes that the policy does not allow."""
    for element in document.iter():
        for name, value in element.attrib.items():
            if name == "style" or name.startswith("on") or name == "src" or value.strip().startswith("javascript:"):
                yield f"{element.tag} {name}"


def test_a_changed_block_has_a_changed_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names in the policy are made of the blocks of this very page."""
    import jinja2

    from terminology.layout import page

    templates = Path(page.__file__).parent / "templates"
    texts = {path.name: path.read_text(encoding="utf-8") for path in templates.iterdir()}
    changed = jinja2.DictLoader(
        {**texts, "style.css": "a > b { color: red }", "script.js": "if (1 < 2 && '\"') { x(); }"}
    )
    monkeypatch.setattr(page._environment(), "loader", changed)
    page._environment().cache.clear()
    document = html.document_fromstring(rendered("base.html", heading=datetime.date(2024, 1, 1)))
    page._environment().cache.clear()
    [style], [script] = document.xpath("//style"), document.xpath("//script")
    assert ("\na > b { color: red }", [source(style)]) == (style.text, policy(document)["style-src"])
    assert ([source(script)], True) == (policy(document)["script-src"], "1 < 2 &&" in script.text)
