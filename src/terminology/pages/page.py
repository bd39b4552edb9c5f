"""What a page is, and how it is made from a template."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from ..layout.page import rendered

if TYPE_CHECKING:
    from .asked import Asked

PACKAGE: Final = "terminology.pages"
REPORTS: Final = "terminology.reports"
"""Whose tables of changes a comparison has."""
HTML: Final = "text/html; charset=utf-8"
CSV: Final = "text/csv; charset=utf-8"
MEDIA: Final = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
STYLES: Final = (("terminology.layout", "style.css"), (PACKAGE, "pages.css"))
SCRIPTS: Final = ((PACKAGE, "pages.js"),)


@frozen
class Page:
    """An answer to somebody who looks at a store with a browser."""

    body: str
    status: int = 200
    media: str = HTML
    file: str | None = None
    """Name under which a browser keeps it; None for what it shows."""
    location: str | None = None
    """Where it is, where it is elsewhere."""
    lasting: bool = False
    """Whether its address changes with its content."""


@frozen
class Asset:
    """A style sheet or a script, under an address that changes with its content."""

    path: str
    text: str
    media: str


@cache
def assets() -> dict[str, Asset]:
    """Return the style sheet and the script of all pages, by kind: ``css`` and ``js``."""
    made = {}
    for kind, parts in (("css", STYLES), ("js", SCRIPTS)):
        text = "\n".join((files(package) / "templates" / name).read_text(encoding="utf-8") for package, name in parts)
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        made[kind] = Asset(f"/assets/{digest}.{kind}", text, MEDIA[kind])
    return made


def asset_at(path: str) -> Page | None:
    """Return the style sheet or the script at a path; None where there is none."""
    found = next((one for one in assets().values() if one.path == path), None)
    return None if found is None else Page(found.text, media=found.media, lasting=True)


def shown(template: str, asked: Asked, *, status: int = 200, **values: Any) -> Page:
    """Return a page made from a template of this package.

    Args:
        template: File name of the template, which extends ``site.html``; or a part of a page.
        asked: What was asked for; the template has it as ``asked``.
        status: Of HTTP.
        values: What it shows. All whole pages need ``heading``.
    """
    links = {kind: f"{asked.root}{one.path}" for kind, one in assets().items()}
    return Page(rendered(template, PACKAGE, REPORTS, asked=asked, assets=links, **values), status)
