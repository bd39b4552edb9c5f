"""What holds of every page: it can be read by everybody, on a phone, without script, and asks nobody else."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from .addresses import DAY, PAGES
from .conftest import Opened

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}
every_page = pytest.mark.parametrize("path", PAGES)
by_day = pytest.mark.parametrize("path", [path for path in PAGES if path != "/no-such-page"])


def page_at(opened: Opened, path: str, **options: Any) -> Any:
    """Return an open page."""
    return opened(path, **options)


@pytest.fixture(scope="module")
def axe() -> str:
    """Return axe-core: that of $AXE, or of the package that has it."""
    found = find_spec("axe_playwright_python")
    if not os.environ.get("AXE") and (found is None or found.origin is None):
        pytest.skip("axe-core is not installed: pip install '.[browser]'")
    place = os.environ.get("AXE") or Path(found.origin).with_name("axe.min.js")
    return Path(place).read_text(encoding="utf-8")


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@every_page
def test_no_rule_of_accessibility_is_broken(opened: Opened, axe: str, path: str, *, script: bool) -> None:
    """Those of WCAG 2.2 A and AA and the good practice that axe-core knows; in both colours, on both screens."""
    page = page_at(opened, path, script=script)
    page.evaluate(axe)
    broken = []
    for screen, colours in itertools.product((PHONE, DESK), ("light", "dark")):
        page.set_viewport_size(screen)
        page.emulate_media(color_scheme=colours)
        found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
        broken += [(screen["width"], colours, one["id"], one["nodes"][0]["html"][:120]) for one in found]
    assert broken == []


@every_page
def test_no_page_scrolls_sideways_on_a_phone(opened: Opened, path: str) -> None:
    """320 CSS pixels are enough (WCAG 1.4.10)."""
    page = page_at(opened, path, viewport=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@every_page
def test_nobody_else_is_asked(opened: Opened, served: str, path: str) -> None:
    """Style and script are the server's own, and nothing was refused or failed."""
    page = page_at(opened, path)
    page.wait_for_load_state("networkidle")
    assert [] == [url for url in page.asked_for if not url.startswith(f"{served}/")]


@every_page
def test_a_page_says_the_same_without_script(opened: Opened, path: str) -> None:
    """At least nine tenths of it."""
    with_script = page_at(opened, path).inner_text("main")
    without = page_at(opened, path, java_script_enabled=False).inner_text("main")
    assert len(without) >= 0.9 * len(with_script)


@by_day
def test_the_day_is_in_view_and_carried_on(opened: Opened, path: str) -> None:
    """Every page has the field of the day, and its links to the other pages keep the day."""
    own = next((part for part in path.partition("?")[2].split("&") if part.startswith("date=")), "")
    asked = path if own else f"{path}{'&' if '?' in path else '?'}date={DAY}"
    page = page_at(opened, asked)
    field = page.get_by_label("Date of service")
    assert field.is_visible()
    assert field.input_value() == (own or f"date={DAY}").removeprefix("date=")
    links = page.locator("nav[aria-label=Pages] a").evaluate_all("all => all.map(one => one.href)")
    assert [] == [link for link in links if (own or f"date={DAY}") not in link]


@every_page
def test_targets_are_large_enough(opened: Opened, path: str) -> None:
    """No link or field that stands by itself is lower than 24 CSS pixels (WCAG 2.5.8)."""
    page = page_at(opened, path, viewport=PHONE)
    low = page.locator("nav a, form input:not([type=hidden]), form select, form textarea, button, summary, li > a")
    sizes = low.evaluate_all(
        "all => all.filter(one => one.offsetParent && !one.closest('[hidden]'))"
        ".map(one => [one.textContent.trim() || one.id || one.name, one.getBoundingClientRect().height,"
        " one.type === 'checkbox'])"
    )
    assert [] == [(name, height) for name, height, is_box in sizes if height < 24 and not is_box]


def _headings(page: Any) -> Iterator[int]:
    yield from page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")


@every_page
def test_headings_go_down_step_by_step(opened: Opened, path: str) -> None:
    """One of the first level, and no level left out."""
    levels = [*_headings(page_at(opened, path))]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
