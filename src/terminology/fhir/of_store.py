"""What is made once for a store, and goes with it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from ..query import Terminology

Made = TypeVar("Made")


class OfStore(Generic[Made]):
    """One object for each store, which must not hold the store: neither would ever go.

    A store is a mapping and has no hash, so it is known by its number, and not by its content.
    """

    def __init__(self, make: Callable[[Terminology], Made]) -> None:
        self._make = make
        self._known: dict[int, tuple[weakref.ref[Terminology], Made]] = {}

    def of(self, store: Terminology) -> Made:
        """Return what was made for a store; it is made when it is first asked for."""
        key = id(store)
        known = self._known.get(key)
        # the number of an object that is gone may be that of another one now
        if known is not None and known[0]() is store:
            return known[1]
        made = self._make(store)
        self._known[key] = (weakref.ref(store, lambda _: self._known.pop(key, None)), made)
        return made
