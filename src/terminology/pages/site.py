"""Which page is at which path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from . import card, checked_list, compare, guidelines, index, loaded, pcs, resources, search, tree
from .asked import Asked, AskedError
from .page import Page, asset_at, shown

Answer: TypeAlias = Callable[..., Page]
PATHS: Final[Mapping[str, Answer]] = {
    "/": search.search_page,
    "/code/{system}/{code:path}": card.card_page,
    "/code/{code}": card.found_page,
    "/compare": compare.compare_page,
    "/compare/{system}": compare.comparison_page,
    "/list": checked_list.list_page,
    "/loaded": loaded.loaded_page,
    "/loaded/{system}": loaded.system_page,
    "/loaded/{system}/{version:path}": loaded.release_page,
    "/resources": resources.resources_page,
    "/CodeSystem/{identity}": resources.code_system_page,
    "/ValueSet/{identity}": resources.value_set_page,
    "/ConceptMap/{identity}": resources.concept_map_page,
    "/tree": tree.trees_page,
    "/tree/{system}": tree.roots_page,
    "/tree/{system}/{code:path}": tree.tree_page,
    "/index": index.indexes_page,
    "/index/{system}": index.index_page,
    "/guidelines/{system}": guidelines.guidelines_page,
    "/guidelines/{system}/{number}": guidelines.section_page,
    "/pcs": pcs.builder_page,
    "/pcs/{prefix}": pcs.builder_page,
    "/assets/{file}": lambda asked, file: asset_at(f"/assets/{file}") or _no_asset(asked, file),
}
"""Of each path the function that makes its page; what is in braces are its parameters."""
LONGEST_PARAMETER: Final = 120
"""Characters of what a path says, as of a code; what is beyond does not count."""
FORMS: Final = frozenset({"/list"})
"""Paths to which a form may be sent."""


def page_at(answer: Answer, asked: Asked, **parameters: str) -> Page:
    """Return a page; where it cannot be made, one that says why.

    Args:
        answer: One of `PATHS`.
        asked: What was asked for.
        parameters: Of the path.
    """
    try:
        _ = asked.date  # a day that is none is said on every page
        return answer(asked, **{name: value[:LONGEST_PARAMETER] for name, value in parameters.items()})
    except AskedError as error:
        return failed(asked, error)


def failed(asked: Asked, error: AskedError) -> Page:
    """Return the page that says why there is none."""
    heading = "There is no such page" if error.status == 404 else "This cannot be answered"  # noqa: PLR2004
    message = str(error)
    return shown("failed.html", asked, status=error.status, heading=heading, message=message[:1].upper() + message[1:])


def _no_asset(_asked: Asked, file: str) -> Page:
    raise AskedError(404, f"there is no file {file!r}")
