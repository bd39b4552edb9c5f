"""The writing side of a connection: small answers in one packet, and an end that lets the client read them.

uvicorn writes the head of an answer and then its body, and the loop sends each at once: two system calls, two packets,
and a client that wakes up twice. Most answers are small, so that the head waits for its body here, in the same turn of
the loop.

A connection that is closed while its client still sends is reset, and the client sees no answer. One that rejects what
has not arrived yet therefore ends in two steps: nothing more is written, and what arrives is read and dropped until the
client has closed its side as well, for a while.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

TOGETHER: Final = 64 << 10
"""Bytes of a body up to which it is copied behind its head."""
END_OF_HEAD: Final = b"\r\n\r\n"
INTERIM: Final = b"1"
"""How the status begins that is followed by another one: 100 Continue."""
DROPPED: Final = 64 << 20
"""Bytes that are read of what is not wanted, before the connection is reset after all."""


class Cork:
    """A transport whose writes are those of another one, but that the head of an answer waits for its body."""

    __slots__ = (
        *("_dropped", "_head", "_is_sent_to", "_transport"),
        *("get_write_buffer_size", "is_closing", "is_lingering"),
    )

    def __init__(self, transport: Any, is_sent_to: Callable[[], bool]) -> None:
        self._transport = transport
        self._is_sent_to = is_sent_to
        """Whether the client is in the middle of a request."""
        self._head = b""
        self._dropped = 0
        self.is_lingering = False
        """Whether all is written, and the client still sends."""
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
        """Close the transport when all is written, and the client has sent all; the second time at once."""
        self.flush()
        if self._is_sent_to() and not self.is_lingering and not self.is_closing() and self._transport.can_write_eof():
            self._transport.write_eof()
            self.is_lingering = True
        else:
            self._transport.close()

    def drop(self, size: int) -> None:
        """Count bytes that came after the end; close the transport where they have none."""
        self._dropped += size
        if self._dropped > DROPPED:
            self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
