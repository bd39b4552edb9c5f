"""A transport that sends the head and the body of an answer together.

uvicorn writes them one after the other, and the loop sends each at once: two system calls, two packets, and a client
that wakes up twice. Most answers are small, so that the head waits for its body here, in the same turn of the loop.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

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
