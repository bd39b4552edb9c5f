"""The card of a code."""

from __future__ import annotations

from .asked import Asked
from .page import Page, shown


def card_page(asked: Asked, system: str, code: str) -> Page:
    """Return the card of a code of a system on the day of service."""
    edition = asked.edition(system)
    return shown("failed.html", asked, heading=f"{code} of {edition.definition.title}", message="to come")


def found_page(asked: Asked, code: str) -> Page:
    """Return the card of a code, whatever system has it; a choice where several have."""
    return shown("failed.html", asked, heading=code, message="to come")
