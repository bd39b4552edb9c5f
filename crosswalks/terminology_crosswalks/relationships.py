"""What a list of changes implies about the meanings of the codes on its two sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from typing import Final

from attrs import frozen

RELATED: Final = "related-to"
BROADER: Final = "source-is-broader-than-target"
NARROWER: Final = "source-is-narrower-than-target"

Pair = tuple[Hashable, Hashable]
"""Both sides of a change, each with whatever keeps apart what has nothing to do with each other (the day)."""


@frozen
class Fans:
    """How many distinct partners each side of the pairs has."""

    of_source: Counter[Hashable]
    of_target: Counter[Hashable]

    @classmethod
    def of(cls, pairs: Iterable[Pair]) -> Fans:
        """Return the counts; a repeated pair counts once."""
        distinct = set(pairs)
        return cls(Counter(source for source, _ in distinct), Counter(target for _, target in distinct))

    def relationship(self, source: Hashable, target: Hashable, *, is_replacement: bool) -> str:
        """Return the relationship of a pair as FHIR R5 names it.

        A code that was divided among several is broader than each; codes that were all replaced by one are each
        narrower. What several codes gave a part to, and any single pair, is only related.

        >>> Fans.of([("M54.5", "M54.50"), ("M54.5", "M54.51")]).relationship("M54.5", "M54.50", is_replacement=False)
        'source-is-broader-than-target'
        """
        targets, sources = self.of_source[source], self.of_target[target]
        if targets > 1 and sources == 1:
            return BROADER
        if is_replacement and sources > 1 and targets == 1:
            return NARROWER
        return RELATED
