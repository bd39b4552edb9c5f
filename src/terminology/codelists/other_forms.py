"""What a file is that somebody took for a code list: a page or a document; known by how it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SIGNATURES: Final[Mapping[str, str]] = {
    "%PDF": "a PDF: copy its codes into a text file",
    "{\\rtf": "a document (RTF): save it as plain text",
    "<": "HTML or XML: save its codes as text or CSV, or a value set as JSON (of a FHIR server: _format=json)",
}


def other_form(start: str) -> str | None:
    """Return what begins in this way, and what to do; None for what may be a code list.

    >>> other_form("%PDF-1.7"), other_form("E11.9")
    ('a PDF: copy its codes into a text file', None)
    """
    start = start.lstrip("\ufeff \t\r\n")
    return next((said for sign, said in SIGNATURES.items() if start.startswith(sign)), None)
