"""The status of a code on a date."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """What a code is on a date. Never one boolean.

    >>> Status.HEADER.valid, Status.HEADER.billable
    (True, False)
    """

    BILLABLE = "billable"
    """In force, may be submitted on a claim."""
    HEADER = "header"
    """In force, not valid for submission: chapter, section, category."""
    FUTURE = "future"
    """The date is covered; the code first comes into force later."""
    EXPIRED = "expired"
    """The date is covered; the code was in force before and is not now."""
    UNKNOWN = "unknown"
    """Well formed, the date is covered, in no loaded release."""
    MALFORMED = "malformed"
    """Cannot be a code of this system by its shape."""
    UNCOVERED = "uncovered"
    """No loaded release covers that date."""

    @property
    def valid(self) -> bool:
        """Whether the code is in force."""
        return self is Status.BILLABLE or self is Status.HEADER

    @property
    def billable(self) -> bool:
        """Whether the code may be submitted on a claim."""
        return self is Status.BILLABLE
