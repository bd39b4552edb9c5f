"""Who may ask: the tokens of clients, compared in constant time, and the web pages that may read answers (CORS)."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from ..errors import TerminologyError

Headers = list[tuple[bytes, bytes]]
VARIABLE: Final = "TERMINOLOGY_TOKENS"
SHORTEST: Final = 16
"""Characters: what is shorter can be guessed."""
CHALLENGE: Final = b'Bearer realm="terminology"'
METHODS: Final = b"GET, HEAD, POST, OPTIONS"
SENT: Final = (
    b"Accept, Accept-Language, Authorization, Content-Encoding, Content-Type, If-None-Match, Prefer, X-API-Key, "
    b"X-Cache-Id, X-Request-Id, X-Requested-With, X-Too-Costly-Threshold"
)
READ: Final = b"Content-Length, ETag, Last-Modified, Retry-After, X-Request-Id"
DAY: Final = b"86400"
"""Seconds for which a browser remembers what it was told."""


def read_tokens(path: Path | None) -> tuple[str, ...]:
    """Return the tokens of a file, one a line, and those of ``TERMINOLOGY_TOKENS``, with commas between them.

    Raises:
        TerminologyError: A token is too short, or the file names none: a server that was to be closed would be open.
        OSError: The file cannot be read.
    """
    named = [token for token in os.environ.get(VARIABLE, "").replace(",", " ").split() if token]
    if path is not None:
        lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
        held = [line for line in lines if line and not line.startswith("#")]
        if not held:
            raise TerminologyError(f"{path} has no token: write one a line")
        named += held
    for number, token in enumerate(named, 1):
        if len(token) < SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
            raise TerminologyError(
                f"token {number} is unfit: expected {SHORTEST} or more ASCII characters without blanks, "
                "as `openssl rand -hex 32` makes them"
            )
    return tuple(dict.fromkeys(named))


class Guard:
    """Knows whether a request carries a token; lets all pass where none are asked for."""

    def __init__(self, tokens: Iterable[str]) -> None:
        # digests have one length, so that a comparison says nothing about the length of a token
        self._digests = tuple(hashlib.sha256(token.encode()).digest() for token in tokens)
        self.is_open = not self._digests

    def admits(self, headers: dict[bytes, bytes]) -> bool:
        """Return whether a request may be answered."""
        if self.is_open:
            return True
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() != b"bearer":
            token = headers.get(b"x-api-key", b"")
        digest = hashlib.sha256(token.strip()).digest()
        # every one is compared, so that the time says nothing about which it was
        return sum(hmac.compare_digest(digest, held) for held in self._digests) > 0


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
        """Return the headers by which a browser is told what it may send, beside those of every answer."""
        if not self.headers(origin):
            return []
        return [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", SENT),
            (b"access-control-max-age", DAY),
        ]
