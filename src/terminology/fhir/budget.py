"""How much time a request may take: looked at while value sets are evaluated, so that work which nobody waits for ends.

Whoever answers requests for others sets a deadline around each; without one there is none.

>>> with until(0.0):
...     spend()
Traceback (most recent call last):
terminology.fhir.outcomes.FhirError: The request takes too long to answer; ask for less at a time
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from .outcomes import FhirError, failure

_DEADLINE: Final[ContextVar[float | None]] = ContextVar("deadline", default=None)


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Give the requests within a deadline, by `time.monotonic`."""
    token = _DEADLINE.set(deadline)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def spend() -> None:
    """Go on, where there is time left.

    Raises:
        FhirError: The deadline has passed.
    """
    deadline = _DEADLINE.get()
    if deadline is not None and time.monotonic() > deadline:
        raise too_long()


def too_long() -> FhirError:
    """Return the error of a request that takes too long."""
    return failure(503, "too-costly", "The request takes too long to answer; ask for less at a time")
