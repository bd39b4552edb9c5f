"""What a shell completes on the command line: names and versions that the store holds.

Only the pointer of a store is read, which is one small file. Whatever goes wrong, nothing is completed, and nothing is said.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import TYPE_CHECKING

from ..store import StoreFolder, default_path
from ..store.pointer import read_catalog
from ..systems import CODE_SET, GROUPING, names_of, plain_name

if TYPE_CHECKING:
    from click import Context, Parameter
    from click.shell_completion import CompletionItem

    from ..store.pointer import Catalog

Found = Iterable[tuple[str, str]]
"""Words, and what each means."""
Completion = Callable[["Context", "Parameter", str], "list[CompletionItem]"]


def _completion(words: Callable[[Catalog, Context], Found]) -> Completion:
    """Return the function that click calls to complete a word."""

    @wraps(words)
    def completed(context: Context, _parameter: Parameter, begun: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        # a traceback between two keys would help nobody
        with contextlib.suppress(Exception):
            catalog = read_catalog(StoreFolder(context.params.get("store") or default_path()))
            return [
                CompletionItem(word, help=help_) for word, help_ in words(catalog, context) if word.startswith(begun)
            ]
        return []

    return completed


def _of_kind(catalog: Catalog, kind: str) -> Found:
    held = sorted(catalog.systems.items())
    return [(name, one.definition.title) for name, one in held if one.definition.kind == kind]


@_completion
def systems(catalog: Catalog, _context: Context) -> Found:
    """Yield the code systems of the store."""
    return _of_kind(catalog, CODE_SET)


@_completion
def groupings(catalog: Catalog, _context: Context) -> Found:
    """Yield the groupings of the store."""
    return _of_kind(catalog, GROUPING)


@_completion
def crosswalks(catalog: Catalog, _context: Context) -> Found:
    """Yield the crosswalks of the store that are no groupings."""
    names = sorted({entry.key[0] for entry in catalog.maps} - {"groupings"})
    return [(name, "") for name in names]


@_completion
def versions(catalog: Catalog, _context: Context) -> Iterator[tuple[str, str]]:
    """Yield the versions of the system or grouping that the command line names first, the newest first; or those of all."""
    # click parses no arguments before an option whose value is still to be completed: the words say more
    words = [*map(plain_name, os.environ.get("COMP_WORDS", "").split())]
    names = {name: entry for entry in catalog.systems.values() for name in names_of(entry.definition)}
    named = next((names[word] for word in words if word in names), None)
    entries = list(catalog.systems.values()) if named is None else [named]
    seen = {item.version: item for one in entries for item in reversed(one.releases)}
    yield from ((version, f"effective {item.effective}") for version, item in seen.items())
