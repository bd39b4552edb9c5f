"""Pages for people: a store, looked at with a browser.

Each page is a function from what was asked for (`Asked`) to a `Page`: no HTTP, so that tests and the server share them.
Their templates share the style and the macros of the reports (`terminology.reports`).
"""

from .asked import Asked, AskedError
from .page import Page, assets
from .site import FORMS, PATHS, failed, page_at

__all__ = ["FORMS", "PATHS", "Asked", "AskedError", "Page", "assets", "failed", "page_at"]
