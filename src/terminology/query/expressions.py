"""Expressions made of several codes, as an edition answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..model import Check
from ..postcoordination import Assessment, assessment_of

if TYPE_CHECKING:
    from .edition import Edition


def assessed(edition: Edition, code: str) -> Assessment | None:
    """Return what is to be said of an expression on the day of an edition, or None for any other text."""
    store = edition.code_system.store

    def edition_of(system: str) -> Edition | None:
        return store[system].on(edition.date) if system in store.systems else None

    return assessment_of(code, edition.code_system.definition, edition, edition_of)


def check_of(found: Assessment) -> Check:
    """Return an assessment as the answer of `Edition.check`."""
    return Check(
        code=found.code,
        status=found.status,
        effective_from=found.effective_from,
        effective_to=found.effective_to,
        source=found.base.source if found.base else None,
        reason=found.reason,
    )
