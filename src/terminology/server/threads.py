"""Threads for long requests: how many work, how many wait, and how long a client waits for one.

What takes microseconds is answered at once, by the loop that reads the requests: to hand it to a thread would cost more
than the answer. What may take long (a value set, a batch, a large body) would make all others wait, and goes to a
thread. Few threads are enough, for one at a time runs; they make long work share its time with short.

Work that is given up goes on to its end, for a thread cannot be stopped. It keeps its place among those that work, so
that the bound holds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from .refusals import overloaded, overtime
from .settings import Limits

Result = TypeVar("Result")


class Threads:
    """A bounded number of threads with a bounded queue."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="fhir")
        self.under_way = 0
        """Long requests that work or wait."""

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns.

        Raises:
            Refusal: Too many wait already (503), or it took too long (504).
        """
        if self.under_way >= self._limits.threads + self._limits.queue:
            raise overloaded()
        self.under_way += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work)
        future.add_done_callback(self._ended)
        done, _ = await asyncio.wait((future,), timeout=self._limits.seconds)
        if not done:
            # what has not begun yet never will
            future.cancel()
            raise overtime(self._limits.seconds)
        return future.result()

    def close(self) -> None:
        """End the threads that have nothing to do."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ended(self, future: asyncio.Future[Result]) -> None:
        self.under_way -= 1
        if not future.cancelled():
            # an error that came too late for its client is nobody's
            future.exception()
