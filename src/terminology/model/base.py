"""What all values have in common: their shape in JSON."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from ..status import Status


class Value:
    """Base of the values: each knows its shape in JSON, the one that every face shows."""

    __slots__ = ()
    SHAPE: ClassVar[str] = ""
    """Names of the keys in their order; ``key=attribute`` where an attribute has another name.

    Keys in brackets, ``[faults]``, are left out where there is nothing to say; they come last.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the value as plain JSON values: dates as ISO text, tuples as lists, values in it in their own shape.

        >>> store["icd10cm"].on("2022-03-01").check("M54.50").to_dict()["status"]
        'billable'
        """
        made = {}
        for word in self.SHAPE.split():
            key, _, name = word.strip("[]").partition("=")
            value = getattr(self, name or key)
            if value or not word.startswith("["):
                made[key] = plain(value)
        return made


class WithStatus(Value):
    """Base of the values that say what a code is on a day."""

    __slots__ = ()
    status: Status

    @property
    def valid(self) -> bool:
        """Whether the code is in force."""
        return self.status.valid

    @property
    def billable(self) -> bool:
        """Whether the code may be submitted on a claim."""
        return self.status.billable


def plain(value: Any) -> Any:
    """Return what a value is in JSON.

    >>> from terminology import Status
    >>> plain((datetime.date(2024, 3, 1), Status.BILLABLE, None))
    ['2024-03-01', 'billable', None]
    """
    if isinstance(value, Value):
        return value.to_dict()
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value
