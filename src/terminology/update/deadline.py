"""The end of patience with one file: at the deadline every connection for it is shut, whatever its server does."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Self

from attrs import define, field


@define(eq=False)
class Deadline:
    """A moment after which nothing is waited for; between ``with`` and its end connections are watched.

    A server that sends a byte now and then keeps every timeout of a socket from passing. So a timer shuts the
    connections down: whoever waits for them is woken, in the middle of headers, of TLS, or of a body. The lookup of a
    name is no connection: only the system's own bounds end it.
    """

    seconds: float
    begun: float = field(factory=time.monotonic, init=False)
    _is_over: bool = field(default=False, init=False)
    _connections: list[socket.socket] = field(factory=list, init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)
    _timer: threading.Timer | None = field(default=None, init=False)

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return self._is_over or self.left <= 0

    @property
    def left(self) -> float:
        """How many seconds are left; none after the deadline."""
        return max(0.0, self.seconds - (time.monotonic() - self.begun))

    def within(self, seconds: float) -> float:
        """Return the seconds, or what is left if that is less; never so little that it means without end."""
        return max(min(seconds, self.left), 0.001)

    def watch(self, connection: socket.socket) -> None:
        """Shut the connection down at the deadline; at once where it is over."""
        # a copy: TLS takes the socket for itself and leaves an empty one behind
        copy = connection.dup()
        with self._lock:
            self._connections.append(copy)
        if self.passed:
            self._end()

    def forget(self) -> None:
        """Watch none of the connections any longer."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def _end(self) -> None:
        self._is_over = True
        with self._lock:
            for connection in self._connections:
                # it may be closed by the other side
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self.begun = time.monotonic()
        self._timer = threading.Timer(min(self.seconds, threading.TIMEOUT_MAX), self._end)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.forget()
