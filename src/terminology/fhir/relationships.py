"""How two concepts relate, in the words of R4 and of R5, which look from opposite ends.

R4 says what the *target* is to the source, R5 what the *source* is to the target. Pain (source) is mapped to back pain
(target): the target is narrower, so R4 says ``narrower``, and R5 says ``source-is-broader-than-target``. Whoever
translates the words alone turns every such map round.

References:
    HL7 FHIR R4 (4.0.1), http://hl7.org/fhir/concept-map-equivalence.
    HL7 FHIR R5 (5.0.0), http://hl7.org/fhir/concept-map-relationship.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

EQUIVALENT: Final = "equivalent"
RELATED: Final = "related-to"
NARROWER: Final = "source-is-narrower-than-target"
BROADER: Final = "source-is-broader-than-target"
UNRELATED: Final = "not-related-to"

UNMATCHED: Final = "unmatched"
"""R4's word where there is nothing to map to; in R5 that is no relationship, but ``noMap`` of the element."""
NO_MAP: Final = None
"""In place of a relationship: the map says that there is nothing to map to."""

RELATIONSHIPS: Final[Mapping[str, str | None]] = {
    "relatedto": RELATED,
    "inexact": RELATED,
    "equivalent": EQUIVALENT,
    "equal": EQUIVALENT,
    "wider": NARROWER,
    "subsumes": NARROWER,
    "narrower": BROADER,
    "specializes": BROADER,
    "disjoint": UNRELATED,
    UNMATCHED: NO_MAP,
}
"""By R4's word what R5 has for it."""
EQUIVALENCES: Final[Mapping[str | None, str]] = {
    RELATED: "relatedto",
    EQUIVALENT: "equivalent",
    NARROWER: "wider",
    BROADER: "narrower",
    UNRELATED: "disjoint",
    NO_MAP: UNMATCHED,
}
"""By R5's relationship the word of R4 that says as much and no more."""
INVERSES: Final[Mapping[str, str]] = {NARROWER: BROADER, BROADER: NARROWER}


def relationship_of(equivalence: str) -> str | None:
    """Return R5's relationship for a word of R4; None for ``unmatched``, which R5 states as ``noMap``.

    Raises:
        ValueError: R4 has no such word.

    >>> relationship_of("wider"), relationship_of("unmatched")
    ('source-is-narrower-than-target', None)
    """
    try:
        return RELATIONSHIPS[equivalence]
    except KeyError:
        raise ValueError(f"expected one of {', '.join(RELATIONSHIPS)}, got {equivalence!r}") from None


def equivalence_of(relationship: str | None) -> str:
    """Return R4's word for a relationship of R5; ``unmatched`` for None, where there is nothing to map to.

    Raises:
        ValueError: R5 has no such relationship.

    >>> equivalence_of("source-is-broader-than-target"), equivalence_of(None)
    ('narrower', 'unmatched')
    """
    try:
        return EQUIVALENCES[relationship]
    except KeyError:
        known = ", ".join(one for one in EQUIVALENCES if one)
        raise ValueError(f"expected one of {known}, got {relationship!r}") from None


def inverse_of(relationship: str) -> str:
    """Return the relationship of R5 as it is seen from the other end: broader for narrower, all others as they are.

    >>> inverse_of("source-is-broader-than-target"), inverse_of("related-to")
    ('source-is-narrower-than-target', 'related-to')
    """
    return INVERSES.get(relationship, relationship)
