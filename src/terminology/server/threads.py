"""Threads for long requests: how many work, how many wait, and how long a client waits for one.

What takes microseconds is answered at once, by the loop that reads the requests: to hand it to a thread would cost more
than the answer. What may take long (what `pace` does not know as short, a batch, a large body) would make all others
wait, and goes to a thread. Few threads are enough, for one at a time runs; they make long work share its time with short.

A thread cannot be stopped, so work that is given up has a deadline at which it ends by itself where it looks at the
time, as the evaluation of value sets does. It keeps its place among those that work until then, so that the bound holds.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

from ..fhir.budget import until
from .refusals import overloaded, overtime
from .settings import Limits

Result = TypeVar("Result")
GRACE: Final = 0.05
"""Seconds by which the deadline of work is later than its client is told: the client hears of the server's limit."""


class Threads:
    """A bounded number of threads with a bounded queue."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="fhir")
        self._lock = threading.Lock()
        self.under_way = 0
        """Long requests that work or wait."""

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns.

        Raises:
            Refusal: Too many wait already (503), or it took too long (504).
        """
        if self.under_way >= self._limits.threads + self._limits.queue:
            raise overloaded()
        with self._lock:
            self.under_way += 1
        deadline = time.monotonic() + self._limits.seconds + GRACE
        future = self._pool.submit(_within, deadline, work)
        future.add_done_callback(self._ended)
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            # what has not begun yet is cancelled and never will; what has begun goes on, and stays counted
            raise overtime(self._limits.seconds) from None

    def close(self) -> None:
        """End the threads that have nothing to do."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ended(self, _future: Future[Result]) -> None:
        # called by a thread of the pool, or by the loop
        with self._lock:
            self.under_way -= 1


def _within(deadline: float, work: Callable[[], Result]) -> Result:
    with until(deadline):
        return work()
