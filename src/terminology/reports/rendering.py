"""A report is a page made of a template of this package."""

from __future__ import annotations

from typing import Any, Final

from ..layout.page import rendered

PACKAGE: Final = "terminology.reports"


def report(template: str, **values: Any) -> str:
    """Return a report: one HTML document.

    Args:
        template: File name of a template of this package.
        values: What it shows, as `terminology.layout.page.rendered` takes them.
    """
    return rendered(template, PACKAGE, **values)
