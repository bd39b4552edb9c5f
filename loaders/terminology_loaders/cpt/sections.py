"""The nodes above the codes where no CPT Link hierarchy is loaded: categories, and number ranges of Category I.

The ranges are public knowledge; the words are ours. Resequenced codes stand where their number puts them.
"""

from __future__ import annotations

from typing import Any, Final

from attrs import frozen

from .layout import category_of

MODIFIERS: Final = "modifiers"
CATEGORY_I: Final = "category i"

NODES: Final = {
    CATEGORY_I: "Category I: services and procedures",
    "laboratory analyses": "Proprietary laboratory analyses (PLA)",
    "multianalyte assays": "Multianalyte assays with algorithmic analyses (MAAA), administrative codes",
    "immunization administration": "Administrative codes of immunization",
    "category ii": "Category II: measurement of performance",
    "category iii": "Category III: emerging technology, temporary codes",
    MODIFIERS: "Modifiers: two characters that qualify a code",
}
"""Roots in their order, with titles."""

ROOT_OF: Final = {
    "I": CATEGORY_I,
    "PLA": "laboratory analyses",
    "MAAA": "multianalyte assays",
    "administration": "immunization administration",
    "II": "category ii",
    "III": "category iii",
}

RANGES: Final = (
    ("99202", "99499", "Evaluation and management"),
    ("00100", "01999", "Anesthesia"),
    ("99100", "99140", "Anesthesia, qualifying circumstances"),
    ("10004", "69990", "Surgery"),
    ("70010", "79999", "Radiology"),
    ("80047", "89398", "Pathology and laboratory"),
    ("90281", "99199", "Medicine"),
    ("99500", "99607", "Medicine, further codes"),
)
"""In the order in which they are shown; a range inside another one takes its codes."""


@frozen
class Section:
    """A node of the hierarchy."""

    code: str
    title: str
    kind: str
    parent: str | None

    def row(self, *, derived: bool) -> dict[str, Any]:
        """Return the node as a row of ``concepts``."""
        values = {"code": self.code, "title": self.title, "kind": self.kind, "parent": self.parent}
        return {**values, "billable": False, "derived": derived}


def section_of(code: str) -> str:
    """Return the node that a code stands under by its category and number.

    >>> section_of("99120"), section_of("99999"), section_of("9999T")
    ('99100-99140', 'category i', 'category iii')
    """
    if category_of(code) != "I":
        return ROOT_OF[category_of(code)]
    holding = [(first, last) for first, last, _ in RANGES if first <= code <= last]
    if not holding:
        return CATEGORY_I
    first, last = min(holding, key=lambda bounds: int(bounds[1]) - int(bounds[0]))
    return f"{first}-{last}"


def sections() -> list[Section]:
    """Return all nodes in document order, parents before children."""
    made = []
    for code, title in NODES.items():
        made.append(Section(code, title, "group", None))
        if code == CATEGORY_I:
            made += [
                Section(f"{first}-{last}", f"{title} {first}–{last}", "section", CATEGORY_I)  # noqa: RUF001 -- a range
                for first, last, title in RANGES
            ]
    return made
