"""Make the table of slots by which `store.codes` finds a code."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from math import isqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

SLOTS_FOR_TWO_CODES: Final = 5
"""With two slots for a code, keys that are alike crowd together; with two and a half, a code is less than one slot away."""


def slot_table(keys: Sequence[int]) -> pa.Table:
    """Return the table of slots for the keys of codes, in order of their rows; of codes that share a key, the first.

    >>> slot_table([3, 8, 15]).column("row").to_pylist()
    [0, 0, 0, 1, 3, 0, 0, 0, 2, 0, 0]
    """
    import pyarrow as pa

    size = _prime_from(2 + len(keys) * SLOTS_FOR_TWO_CODES // 2)
    slots = [0] * size
    before = None
    for row, key in enumerate(keys):
        if key != before:
            slots[_free(slots, key % size)] = row + 1
        before = key
    return pa.table({"row": pa.array(slots, pa.uint32())})


def _free(slots: Sequence[int], slot: int) -> int:
    while slots[slot]:
        slot -= 1
    return slot


def _prime_from(least: int) -> int:
    """Return the first prime number from one on: by any other, keys with a common divisor would share slots."""
    return next(number for number in count(least) if all(number % divisor for divisor in range(2, isqrt(number) + 1)))
