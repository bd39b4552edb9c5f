"""Which systems of a store an export is of."""

from __future__ import annotations

from collections.abc import Iterable

from ..query import CodeSystem, Terminology

Names = str | Iterable[str] | None
"""Of one system or several, by any of their names; None for all of the store."""


def chosen_systems(store: Terminology, names: Names) -> tuple[CodeSystem, ...]:
    """Return the systems that are named, each once, or all of the store.

    Raises:
        UnknownSystemError: The store holds none of that name.
    """
    if names is None:
        return tuple(store.values())
    given = [names] if isinstance(names, str) else list(names)
    return tuple({system.name: system for system in (store[name] for name in given)}.values())
