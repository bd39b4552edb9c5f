"""Control-C that comes while a module written in C is imported."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["interrupts_put_off"]

INTERRUPTS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_put_off() -> Iterator[None]:
    """Answer control-C, and the signal by which the system ends a process, when the block has ended.

    A module written in C may lose an exception while it is imported: lxml.etree, which takes a tenth of a second, does
    where it registers its classes with Python's abstract ones. Who pressed control-C then would wait for the whole load.
    Handlers that are not Python's own are left alone; in another thread than the main one there is nothing to put off.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def put_off(number: int, _: object) -> None:
        came.append(number)

    before = {one: handler for one in INTERRUPTS if callable(handler := signal.getsignal(one))}
    for interrupt in before:
        signal.signal(interrupt, put_off)
    try:
        yield
    finally:
        for interrupt, handler in before.items():
            signal.signal(interrupt, handler)
        for number in came:
            signal.raise_signal(number)
