"""What a process holds of the requests of all clients at a time: each is small enough, and all together might not be.

Large bodies leave a part of the memory to small ones, so that who sends a few large ones slowly does not keep others
from asking about a code. One address leaves a part to other addresses.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

from .refusals import overloaded

SMALL: Final = 64 << 10
"""Up to which what a request holds is small."""
FOR_SMALL: Final = 8
"""The part of all that only small ones may take: one of eight."""
FOR_OTHERS: Final = 4
"""The part of all that is left to other addresses: one of four."""
Take = Callable[[int], None]


class Memory:
    """A number of bytes, or of anything else, of which requests take some while they are read and answered.

    Safe for threads.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._held: dict[str, int] = {}
        """What each address holds."""
        self.used = 0

    @contextlib.contextmanager
    def share(self, address: str = "") -> Iterator[Take]:
        """Give a function that takes for one request, and take it back when it is answered.

        What is given raises a `Refusal` (503) where there is too little left; an address without a name is bounded
        only by what all may take.
        """
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            with self._lock:
                if not self._has(size, taken + size, address):
                    raise overloaded()
                taken += size
                self._change(size, address)

        try:
            yield take
        finally:
            with self._lock:
                self._change(-taken, address)

    def _has(self, size: int, whole: int, address: str) -> bool:
        free = self._limit - self.used - size
        if address and self._held.get(address, 0) + size > self._limit - self._limit // FOR_OTHERS:
            return False
        return free >= (0 if whole <= SMALL else self._limit // FOR_SMALL)

    def _change(self, size: int, address: str) -> None:
        self.used += size
        held = self._held.pop(address, 0) + size
        if held and address:
            self._held[address] = held
