"""Count calls of a method without changing what it does."""

from __future__ import annotations

from typing import Any

import pytest


def called(patch: pytest.MonkeyPatch, kind: type[Any], name: str) -> list[Any]:
    """Return a list that will hold the first argument of each call of a method."""
    found: list[Any] = []
    sound = getattr(kind, name)

    def counted(self: Any, *arguments: Any, **keywords: Any) -> Any:
        found.append(arguments[0] if arguments else self)
        return sound(self, *arguments, **keywords)

    patch.setattr(kind, name, counted)
    return found
