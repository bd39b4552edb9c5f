"""Which web pages may read answers: cross-origin resource sharing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

Headers = list[tuple[bytes, bytes]]
METHODS: Final = b"GET, HEAD, POST, OPTIONS"
SENT: Final = (
    b"Accept, Accept-Language, Authorization, Content-Type, If-None-Match, Prefer, X-API-Key, X-Cache-Id, X-Request-Id, "
    b"X-Requested-With"
)
READ: Final = b"Content-Length, ETag, Last-Modified, Retry-After, X-Request-Id"
DAY: Final = b"86400"


class Sharing:
    """The headers that tell browsers which pages may read an answer."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._all = "*" in origins
        self._origins = frozenset(origin.encode().rstrip(b"/") for origin in origins)
        self.varies = not self._all and bool(self._origins)
        """Whether the answer to one page differs from that to another."""

    def headers(self, origin: bytes | None) -> Headers:
        """Return the headers of an answer; none for what is no page, or not allowed."""
        if origin is None or not (self._all or origin in self._origins):
            return []
        allowed = b"*" if self._all else origin
        return [(b"access-control-allow-origin", allowed), (b"access-control-expose-headers", READ)]

    def preflight(self, origin: bytes | None) -> Headers:
        """Return the headers by which a browser is told what it may send."""
        shared = self.headers(origin)
        if not shared:
            return []
        return [
            *shared[:1],
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", SENT),
            (b"access-control-max-age", DAY),
        ]
