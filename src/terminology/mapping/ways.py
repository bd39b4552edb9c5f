"""Join steps to ways, and ways to alternatives: kind, relationship and bounds of what several steps say."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from attrs import evolve, frozen

from ..model import Alternative, Step

LIMIT: Final = 2_000
"""At most this many alternatives of one code are listed. An answer says where there are more."""
KINDS: Final = (
    *("identity", "single", "corrected", "reinstated", "renamed", "to_billable"),
    *("replaced", "merged", "split", "to_header", "combination"),
)
"""Of the kinds of several steps, the one that is last in this list is the kind of the whole way."""
NARROWER: Final = "source-is-narrower-than-target"
BROADER: Final = "source-is-broader-than-target"
RELATED: Final = "related-to"
EQUIVALENT: Final = "equivalent"
RELATIONSHIP_OF: Final = {
    "identity": EQUIVALENT,
    "reinstated": RELATED,
    "renamed": RELATED,
    "to_billable": RELATED,
    "replaced": EQUIVALENT,
    "merged": NARROWER,
    "split": BROADER,
    "to_header": BROADER,
    "combination": RELATED,
}
"""The relationship of a step within a system, where its publication states none."""


@frozen
class Way:
    """A way that arrived: codes used together, and how they were reached."""

    codes: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    relationship: str = EQUIVALENT
    kind: str = "identity"
    approximate: bool | None = None

    def after(self, step: Step, relationship: str, *, approximate: bool | None = None) -> Way:
        """Return the way with a step before its own."""
        return Way(
            self.codes,
            (step, *self.steps),
            joined_relationship(relationship, self.relationship),
            joined_kind((step.kind, self.kind)),
            _joined_flag((approximate, self.approximate)),
        )

    def alternative(self, system: str) -> Alternative:
        """Return the way as an answer in a code system."""
        kind = "combination" if len(self.codes) > 1 else self.kind
        return Alternative(self.codes, self.relationship, kind, self.steps, self.approximate, system)


@frozen
class Ways:
    """All ways from a code, with what could not be followed."""

    arrived: tuple[Way, ...] = ()
    ended: tuple[Step, ...] = ()
    """The steps to where the publisher says that there is nothing; or to where they were lost, if none arrived."""
    said: tuple[str, ...] = ()
    """What the publisher says at these ends, a sentence each."""
    lost: tuple[str, ...] = ()
    """Why ways could not be followed to their end, a sentence each."""
    is_bounded: bool = False
    """Whether there are more than are listed."""

    def after(self, step: Step, relationship: str, *, approximate: bool | None = None) -> Ways:
        """Return the ways with a step before each of them. Where none arrived, the step is put before those that ended."""
        arrived = tuple(way.after(step, relationship, approximate=approximate) for way in self.arrived)
        ended = (step, *self.ended) if self.ended or not self.arrived else ()
        return evolve(self, arrived=arrived, ended=ended)


def joined_kind(kinds: Iterable[str]) -> str:
    """Return the kind of a way of several steps.

    >>> joined_kind(("identity", "split", "renamed"))
    'split'
    """
    return max(kinds, key=KINDS.index)


def joined_relationship(first: str, second: str) -> str:
    """Return what holds between the ends of two steps.

    >>> joined_relationship("equivalent", "source-is-broader-than-target")
    'source-is-broader-than-target'
    >>> joined_relationship("source-is-narrower-than-target", "source-is-broader-than-target")
    'related-to'
    """
    if first in (EQUIVALENT, second):
        return second
    return first if second == EQUIVALENT else RELATED


def _joined_flag(flags: Iterable[bool | None]) -> bool | None:
    said = [flag for flag in flags if flag is not None]
    return any(said) if said else None


def together(members: Sequence[Ways]) -> Ways:
    """Return the ways of codes used together: one way of each member, all of them at once."""
    if len(members) == 1:
        return members[0]
    lost = tuple(dict.fromkeys(sentence for ways in members for sentence in ways.lost))
    bounded = any(ways.is_bounded for ways in members)
    products = itertools.product(*(ways.arrived for ways in members))
    chosen = list(itertools.islice(products, LIMIT + 1))
    ended = tuple(step for ways in members for step in ways.ended)
    said = tuple(sentence for ways in members for sentence in ways.said)
    if said and any(ways.arrived for ways in members):
        # some of the codes used together have a successor, others none: the result is neither complete nor "none"
        lost, said = (*lost, *said), ()
    return Ways(tuple(map(_product, chosen[:LIMIT])), ended, said, lost, bounded or len(chosen) > LIMIT)


def _product(ways: tuple[Way, ...]) -> Way:
    relationship = ways[0].relationship
    for way in ways[1:]:
        relationship = relationship if relationship == way.relationship else RELATED
    return Way(
        tuple(dict.fromkeys(code for way in ways for code in way.codes)),
        tuple(step for way in ways for step in way.steps),
        relationship,
        joined_kind(way.kind for way in ways),
        _joined_flag(way.approximate for way in ways),
    )


def united(found: Iterable[Ways]) -> Ways:
    """Return the ways of all alternatives; of ways to the same codes the first is kept."""
    arrived: dict[frozenset[str], Way] = {}
    ended: list[Step] = []
    said: dict[str, None] = {}
    lost: dict[str, None] = {}
    bounded = False
    for ways in found:
        for way in ways.arrived:
            arrived.setdefault(frozenset(way.codes), way)
        ended += ways.ended
        said |= dict.fromkeys(ways.said)
        lost |= dict.fromkeys(ways.lost)
        bounded |= ways.is_bounded
    kept = tuple(arrived.values())
    return Ways(kept[:LIMIT], tuple(ended), tuple(said), tuple(lost), bounded or len(kept) > LIMIT)
