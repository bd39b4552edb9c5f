"""What was made for a page, kept for the next one: so many, those that were asked for last."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Lately(Generic[Made]):
    """Keeps the last few that were made. Safe for threads: at worst two make the same."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Hashable, Made] = {}

    def of(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made under a key; it is made where it is not kept any more.

        >>> lately = Lately[int](1)
        >>> lately.of("a", lambda: 1), lately.of("a", lambda: 2), lately.of("b", lambda: 3), lately.of("a", lambda: 4)
        (1, 1, 3, 4)
        """
        try:
            found = self._known.pop(key)
        except KeyError:
            found = make()
        # what is asked for goes to the end, and what nobody asks for comes to be the first
        self._known[key] = found
        for old in [*self._known][: -self._most]:
            self._known.pop(old, None)
        return found
