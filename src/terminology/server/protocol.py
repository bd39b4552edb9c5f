"""The connection of one client: uvicorn's, with bounds on what it lacks bounds for.

A client may send headers without end, or a byte a minute, or never read what it asked for; each would hold memory and a
connection for ever. The size of URL and headers is counted as they arrive. Time is looked at once in a while for each
connection, not for each request. One that is in the middle of a request for longer than the patience, and than a slow
line would need for what has arrived, is closed; so is one whose client has read nothing of its answer meanwhile.

uvicorn also writes the head of an answer and then its body, and the loop sends each at once: two system calls, two
packets, and a client that wakes up twice. Most answers are small, so that the head waits for its body here, in the same
turn of the loop.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .settings import Limits

SLOWEST: Final = 16 << 10
"""Bytes a second of a request that may take longer than the patience."""
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 30\r\nconnection: close\r\n\r\nthe URL or headers are too long"
)
TOGETHER: Final = 64 << 10
"""Bytes of a body up to which it is copied behind its head."""
END_OF_HEAD: Final = b"\r\n\r\n"
INTERIM: Final = b"1"
"""How the status begins that is followed by another one: 100 Continue."""


class Cork:
    """A transport whose writes are those of another one, but that the head of an answer waits for its body."""

    __slots__ = ("_head", "_transport", "get_write_buffer_size", "is_closing")

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        # asked for with each request
        self.is_closing = transport.is_closing
        self.get_write_buffer_size = transport.get_write_buffer_size

    def write(self, data: bytes) -> None:
        """Write a head, or (a part of) a body."""
        if self._head:
            head, self._head = self._head, b""
            if len(data) <= TOGETHER:
                self._transport.write(head + data)
                return
            self._transport.write(head)
        elif data[:5] == b"HTTP/" and data[-4:] == END_OF_HEAD and data[9:10] != INTERIM:
            self._head = data
            return
        self._transport.write(data)

    def flush(self) -> None:
        """Write a head that no body follows."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close the transport when all is written."""
        self.flush()
        self._transport.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class BoundedProtocol(HttpToolsProtocol):  # type: ignore[misc]  # uvicorn is an extra
    """A connection with bounds on headers and patience."""

    limits: ClassVar[Limits] = Limits()
    _size = 0
    _count = 0
    _since: float | None = None
    """When the request that is arriving began; None between requests."""
    _arrived = 0
    _unread = 0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch the connection."""
        self._cork = Cork(transport)  # type: ignore[arg-type]
        super().connection_made(self._cork)
        self._since = self.loop.time()
        self._watch = self.loop.call_later(self.limits.patience, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the watch."""
        if self._watch is not None:
            self._watch.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._size = self._count = self._arrived = 0
        self._since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Count the URL."""
        self._counted(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header."""
        self._count += 1
        self._counted(len(name) + len(value))
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        """Note that the request has arrived."""
        self._since = None
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Send what is left of the answer."""
        self._cork.flush()
        super().on_response_complete()

    def data_received(self, data: bytes) -> None:
        """Read what has arrived, unless the connection is closed for what came before."""
        self._arrived += len(data)
        if not self.transport.is_closing():
            super().data_received(data)

    def send_400_response(self, msg: str) -> None:
        """Say that the request is no HTTP, or that its headers are too long."""
        if self._is_too_large:
            self.transport.write(TOO_LARGE)
            self.transport.close()
        else:
            super().send_400_response(msg)

    @property
    def _is_too_large(self) -> bool:
        return self._size > self.limits.header_bytes or self._count > self.limits.header_count

    def _counted(self, size: int) -> None:
        self._size += size
        if self._is_too_large:
            # the parser makes an error of its own of it, and `data_received` a response
            raise ValueError("the URL or headers are too long")

    def _look(self) -> None:
        """Close the connection if the client has been the slow side for all of the patience."""
        patience, now = self.limits.patience, self.loop.time()
        unread = self.transport.get_write_buffer_size()
        is_slow = self._since is not None and now - self._since >= patience + self._arrived / SLOWEST
        if is_slow or (unread and unread == self._unread):
            self.transport.abort()
            return
        self._unread = unread
        self._watch = self.loop.call_later(patience / 2, self._look)


def bounded(limits: Limits) -> type[Any]:
    """Return the class of connections with these limits."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits})
