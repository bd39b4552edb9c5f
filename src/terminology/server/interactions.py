"""The interactions of FHIR by name: what is counted and logged, and which of them ask for little.

Names are a fixed set. A path that a client made up is ``other``: what is counted has bounds, and what is logged holds no
code that somebody wrote into a path.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

TYPES: Final = ("CodeSystem", "ValueSet", "ConceptMap")
FIXED: Final = frozenset({"metadata", "$versions"})
"""What is the same until something is published."""
OF_CODE: Final = frozenset(
    {"CodeSystem/$lookup", "CodeSystem/$validate-code", "CodeSystem/$subsumes", "ConceptMap/$translate"}
)
"""What asks about one code; with resources of the client it may take long nevertheless."""
OPERATIONS: Final = (
    *("CodeSystem/$lookup", "CodeSystem/$validate-code", "CodeSystem/$subsumes", "CodeSystem/$batch-validate-code"),
    *("CodeSystem/$find-matches", "ValueSet/$expand", "ValueSet/$validate-code", "ValueSet/$batch-validate-code"),
    *("ValueSet/$related", "ValueSet/$compare", "ConceptMap/$translate", "$closure", "$versions", "$cache-control"),
)
NAMES: Final = (
    *("other", "metadata", "batch", "health", "ready", "metrics", "page"),
    *(f"{kind}/{what}" for kind in TYPES for what in ("read", "search")),
    *OPERATIONS,
)
"""Of every interaction; its number is its place among them."""
READERS: Final = ("GET", "HEAD", "OPTIONS")
ASKERS: Final = ("GET", "HEAD", "POST", "OPTIONS")
POSTERS: Final = ("POST", "OPTIONS")


class Interaction(NamedTuple):
    """One kind of request."""

    name: str
    number: int
    is_fixed: bool
    is_of_code: bool
    allowed: tuple[str, ...]
    """Its methods."""


LONGEST_PATH: Final = 200
"""Characters of a path that has a name; what is longer is not remembered."""


def interaction_of(path: str) -> Interaction:
    """Return the interaction of a path below the base.

    >>> interaction_of("CodeSystem/$lookup").name, interaction_of("ValueSet/abc").name, interaction_of("E11.9").name
    ('CodeSystem/$lookup', 'ValueSet/read', 'other')
    """
    return _known(path) if len(path) <= LONGEST_PATH else _interaction(path)


def _interaction(path: str) -> Interaction:
    name = _name(path.split("/"))
    allowed: tuple[str, ...] = READERS
    if "$" in path or path.endswith("/_search"):
        allowed = ASKERS
    elif not path:
        allowed = POSTERS
    return Interaction(name, NAMES.index(name), name in FIXED, name in OF_CODE, allowed)


_known = lru_cache(4096)(_interaction)


def _name(parts: list[str]) -> str:
    """Return the name of an interaction: with an id between, an operation is the same one."""
    first, last = parts[0], parts[-1]
    if parts == [""]:
        return "batch"
    if len(parts) == 1 and (first == "metadata" or first in OPERATIONS):
        return first
    if first not in TYPES:
        return "other"
    if len(parts) == 1 or parts[1:] == ["_search"]:
        return f"{first}/search"
    if last.startswith("$"):
        return f"{first}/{last}" if f"{first}/{last}" in OPERATIONS else "other"
    is_read = len(parts) == 2 or (len(parts) == 4 and parts[2] == "_history")  # noqa: PLR2004 -- TYPE/id/_history/version
    return f"{first}/read" if is_read else "other"
