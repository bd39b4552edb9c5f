"""A question as an index reads it, and what is found out about terms on the way to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from .suffixes import Suffixed
from .vocabulary import Slot

LEAST_ASKED: Final = (0.6, 0.3)
"""The share of a question that a term must hold; the second where no term holds the first."""


class Asked(NamedTuple):
    """Which terms may answer, and what they are worth."""

    admitted: Any
    """Of each term, whether a release that is asked has it."""
    worth: Any
    """Of each kind of term."""


class Question:
    """The words of a question, as `vocabulary` reads them."""

    def __init__(self, slots: Sequence[Slot], suffixed: Sequence[Suffixed | None], share: float = 0) -> None:
        self.share = share
        """How much of it a term must hold."""
        self.slots = slots
        self.suffixed = suffixed
        """Of each slot, where its word is in suffixes; None where it is in none."""
        self.weight = sum(slot.weight for slot in slots)
        self.denies = any(slot.word == "without" for slot in slots)
        """Whether it says without what: what titles deny is as good as what they say then."""
        self.held = [slot for slot in slots if slot.ranges]
        """The slots whose words are in terms, and not in suffixes alone."""
        pairs = zip(slots, suffixed, strict=True)
        self.own = [slot for slot, one in pairs if slot.ranges and one is None]
        """The slots whose words are in terms alone."""

    @property
    def is_known(self) -> bool:
        """Whether each of its words means one of a term or of a suffix."""
        return all(slot.ranges or one is not None for slot, one in zip(self.slots, self.suffixed, strict=True))

    def essential(self) -> list[Slot]:
        """Return the slots of which a term must hold one to hold enough of the question: the weightiest."""
        left = sum(slot.weight for slot in self.held)
        found = []
        for slot in sorted(self.held, key=lambda slot: -slot.weight):
            if left < self.share * self.weight:
                break
            left -= slot.weight
            found.append(slot)
        return found


class Near(NamedTuple):
    """Terms, and of each slot how near they come to it, up to `FULL`, and whether they say it themselves."""

    terms: Any
    near: Sequence[Any]
    said: Sequence[Any]
    lacking: Sequence[Any]
    """Of each slot, which terms come near to it by the suffixes of their codes alone; None where no suffix has it."""


class Holding(NamedTuple):
    """All terms that hold a question, or enough of it, with their scores, in order of the terms."""

    terms: Any
    scores: Any
    by_suffix: Sequence[tuple[Any, Any]] = ()
    """Of each word that is in suffixes: which of the terms do not have it themselves, and which suffixes have it."""


def weighed(values: Sequence[Any], weights: Sequence[float]) -> Any:
    """Return the sum of columns, each times its weight."""
    import numpy as np

    total = values[0] * np.float32(weights[0])
    for value, weight in zip(values[1:], weights[1:], strict=True):
        total += value * np.float32(weight)
    return total
