"""Memory that allocators keep after work that took much for a moment is given back to the system.

What prepares a search of a whole code system takes some 40 MiB for a tenth of a second. The allocators of C and of
Arrow hold such memory for the next time, which in a server comes seldom. A publication that another one has followed
goes first: its parts name each other, so that only the collector of garbage finds them.
"""

from __future__ import annotations

import ctypes
import gc
import mmap
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

GROWTH: Final = 8 << 20
"""Bytes by which a process grows before it is worth a look at what can be given back."""
PAGES: Final = Path("/proc/self/statm")
"""Where Linux says how many pages a process has; other systems have no such file, and nothing is done there."""


class Heap:
    """The memory of this process that no file is behind."""

    def __init__(self) -> None:
        self._trim = _trim()
        self._settled = 0

    @property
    def is_able(self) -> bool:
        """Whether anything can be given back here: Linux with the C library of GNU."""
        return self._trim is not None

    def settle(self) -> bool:
        """Give back what is unused where the process has grown since the last time; return whether it has."""
        if self._trim is None or self._size() < self._settled + GROWTH:
            return False
        # a former publication is in circles, and the youngest objects are looked through seldom
        gc.collect()
        if "pyarrow" in sys.modules:
            sys.modules["pyarrow"].default_memory_pool().release_unused()
        self._trim(0)
        self._settled = self._size()
        return True

    @staticmethod
    def _size() -> int:
        _, resident, of_files, *_ = map(int, PAGES.read_bytes().split())
        return (resident - of_files) * mmap.PAGESIZE


def _trim() -> Callable[[int], int] | None:
    """Return what tells the allocator of C to give back what is free; None where it has no such function."""
    if not PAGES.exists():
        return None
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return None
    return found
