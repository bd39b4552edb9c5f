"""The pages in Chromium, served by a process of its own; skipped, with the reason, where there is no Chromium."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = next(filter(None, (os.environ.get("CHROMIUM"), *map(shutil.which, ("/usr/bin/chromium", "chromium")))), None)
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
LONGEST = 120.0
Opened = Callable[..., Any]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    why = _missing()
    for item in items if why else ():
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=why))


def _missing() -> str | None:
    if find_spec("playwright") is None:
        return "Playwright is not installed: pip install '.[browser]'"
    return None if CHROMIUM else "there is no Chromium on this machine"


@pytest.fixture(scope="session")
def served(sample_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server over the sample store."""
    log = tmp_path_factory.mktemp("served") / "log"
    places = os.pathsep.join(str(ROOT / name) for name in ("src", "loaders", "crosswalks"))
    command = [sys.executable, "-m", "terminology", "serve", "--port", "0", "--store", str(sample_store)]
    with log.open("wb") as writing:
        server = subprocess.Popen(command, stderr=writing, env={**os.environ, "PYTHONPATH": places})
    try:
        yield _address(log, server)
    finally:
        server.terminate()
        server.wait(LONGEST)


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    ending = time.monotonic() + LONGEST
    while time.monotonic() < ending and server.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text(encoding="utf-8")):
            return found[0]
        time.sleep(0.05)
    raise RuntimeError(log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return the browser; no longer than for one module, as nothing else may run a loop of asyncio meanwhile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Any, served: str) -> Iterator[Opened]:
    """Return a function that opens an address, as somebody would: with what screen, what colours, with script or without."""
    contexts = []

    def open_page(path: str, *, script: bool = True, **options: Any) -> Any:
        given = {"viewport": {"width": 1280, "height": 800}, "base_url": served, **options}
        context = chromium.new_context(**given)
        context.set_default_timeout(LONGEST * 1000)
        contexts.append(context)
        if not script:
            # the page's own alone: what looks at the page is a script too
            context.route("**/*.js", lambda route: route.abort())
        page = context.new_page()
        page.asked_for = []
        page.on("request", lambda request: page.asked_for.append(request.url))
        page.answer = page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
