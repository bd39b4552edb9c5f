"""The connection of one client: uvicorn's, with bounds on what it lacks bounds for.

A client may send headers without end, or a byte a minute, or never read what it asked for; each would hold memory and a
connection for ever. The size of URL and headers is counted as they arrive. Time is looked at once in a while for each
connection, not for each request. One that is in the middle of a request for longer than the patience, and than a slow
line would need for what has arrived, is closed; so is one whose client has read nothing of its answer meanwhile. A body
of which nothing arrives for a while is not waited for either, however much has arrived: it holds memory that others need.
"""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .cork import Cork
from .settings import Limits

SLOWEST: Final = 16 << 10
"""Bytes a second of a request that may take longer than the patience."""
DROPPING: Final = 2
"""How often the patience goes on for what is not wanted."""
STEP: Final = 16 << 10
"""Bytes that are progress of a body once it has taken longer than the patience; before, one is enough."""
TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: 30\r\nconnection: close\r\n\r\nthe URL or headers are too long"
)


class BoundedProtocol(HttpToolsProtocol):  # type: ignore[misc]  # uvicorn is an extra
    """A connection with bounds on headers and patience."""

    limits: ClassVar[Limits] = Limits()
    _size = 0
    _count = 0
    _since: float | None = None
    """When the request that is arriving began; None between requests."""
    _arrived = 0
    _in_body = False
    _marked = 0
    """What had arrived when the body made progress the last time."""
    _marked_at = 0.0
    _unread = 0
    _unread_since = 0.0
    _watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch the connection."""
        self._cork = Cork(transport, lambda: self._since is not None)
        super().connection_made(self._cork)
        self._since = self.loop.time()
        self._pause = min(self.limits.patience, self.limits.stall) / 2
        self._watch = self.loop.call_later(self._pause, self._look)

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

    def on_headers_complete(self) -> None:
        """Begin to look for progress of the body."""
        self._in_body, self._marked, self._marked_at = True, self._arrived, self.loop.time()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the request has arrived."""
        self._since = None
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Send what is left of the answer."""
        self._cork.flush()
        super().on_response_complete()

    def data_received(self, data: bytes) -> None:
        """Read what has arrived, unless the connection is closed for what came before."""
        self._arrived += len(data)
        if self._cork.is_lingering:
            self._cork.drop(len(data))
        elif not self.transport.is_closing():
            super().data_received(data)

    def shutdown(self) -> None:
        """End with the server: a request that has not arrived is not waited for."""
        self._since = None
        super().shutdown()

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
        """Close the connection if the client has been the slow side for too long."""
        now = self.loop.time()
        if self._is_slow(now) or self._is_stalled(now) or self._is_unread(now):
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(self._pause, self._look)

    def _is_slow(self, now: float) -> bool:
        """Return whether a request has not arrived within the patience, and what a slow line would need."""
        if self._since is None:
            return False
        # what is dropped earns no time of a slow line
        more = self.limits.patience * DROPPING if self._cork.is_lingering else self._arrived / SLOWEST
        return now - self._since >= self.limits.patience + more

    def _is_stalled(self, now: float) -> bool:
        """Return whether too little of a body has arrived lately."""
        if not self._in_body or self.flow.read_paused:
            # it is the server that does not read
            self._marked_at = now
            return False
        is_late = self._since is not None and now - self._since >= self.limits.patience
        if self._arrived - self._marked >= (STEP if is_late else 1):
            self._marked, self._marked_at = self._arrived, now
        return now - self._marked_at >= self.limits.stall

    def _is_unread(self, now: float) -> bool:
        """Return whether nothing of an answer has been read for all of the patience."""
        unread = self.transport.get_write_buffer_size()
        if not unread or unread != self._unread:
            self._unread, self._unread_since = unread, now
            return False
        return now - self._unread_since >= self.limits.patience


def bounded(limits: Limits) -> type[Any]:
    """Return the class of connections with these limits."""
    return type("BoundedProtocol", (BoundedProtocol,), {"limits": limits})
