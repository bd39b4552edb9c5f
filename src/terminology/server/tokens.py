"""The tokens of clients: read from a file or the environment, and compared in constant time."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from ..errors import TerminologyError

VARIABLE: Final = "TERMINOLOGY_TOKENS"
SHORTEST: Final = 16
"""Characters: what is shorter can be guessed."""
CHALLENGE: Final = b'Bearer realm="terminology"'


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
