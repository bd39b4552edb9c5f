"""What all parts of a running server share."""

from __future__ import annotations

import itertools
import os
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from attrs import define, field

from .access import Guard, Sharing
from .access_log import ServerLog
from .bodies import Receive
from .memory import FOR_SMALL, Memory
from .metrics import Metrics
from .publication import Publication
from .settings import Settings
from .threads import Threads

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
LONGEST_ID = 128
"""Characters of a request's name that a client gives; a longer one is replaced."""


@define(eq=False)
class State:
    """One running process of a server."""

    settings: Settings
    log: ServerLog
    metrics: Metrics
    guard: Guard
    sharing: Sharing
    threads: Threads
    memory: Memory
    """Bytes of bodies."""
    values: Memory
    """JSON values of large bodies."""
    publication: Publication | None = None
    """What is answered from; replaced as a whole."""
    is_warm: bool = False
    """Whether the first questions have been asked."""
    _prefix: bytes = field(factory=lambda: b"%x-%b-" % (os.getpid(), secrets.token_hex(4).encode()))
    _numbers: itertools.count[int] = field(factory=lambda: itertools.count(1))

    @classmethod
    def of(cls, settings: Settings, metrics: Metrics) -> State:
        """Return the state of a process that begins."""
        log, guard = ServerLog(settings.log), Guard(settings.tokens)
        limits, sharing = settings.limits, Sharing(settings.origins)
        # the part that is for small ones comes on top
        memory, values = Memory(limits.held_bytes), Memory(limits.values * limits.parses * FOR_SMALL // (FOR_SMALL - 1))
        return cls(settings, log, metrics, guard, sharing, Threads(limits), memory, values)

    def name_of(self, request_id: bytes | None) -> bytes:
        """Return the name of a request: the client's, where it is short and plain, or a new one."""
        if request_id and len(request_id) <= LONGEST_ID and request_id.isascii() and request_id.decode().isprintable():
            return request_id
        return b"%b%x" % (self._prefix, next(self._numbers))


async def reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    """Send a response."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
