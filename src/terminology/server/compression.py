"""Bodies of answers, compressed where the client can read it and it is worth it."""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from typing import Any, Final

WORTH_IT: Final = 1_024
"""Bytes from which an answer is compressed: smaller ones fit in one packet anyway."""
GZIP_LEVEL: Final = 4
ZSTD_LEVEL: Final = 3


def compressed(body: bytes, encoding: bytes | None) -> bytes:
    """Return the body in an encoding of `chosen_encoding`; as it is where that is None."""
    if encoding is None:
        return body
    if encoding == b"zstd":
        found: bytes = _zstandard().ZstdCompressor(level=ZSTD_LEVEL).compress(body)
        return found
    # the time is left out: the same answer has the same bytes
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


@lru_cache(64)
def chosen_encoding(accept_encoding: bytes) -> bytes | None:
    """Return the best encoding that a client accepts: zstd where the library is there, gzip, or None.

    >>> chosen_encoding(b"gzip, deflate"), chosen_encoding(b"br, gzip;q=0")
    (b'gzip', None)
    """
    weights: dict[str, bool] = {}
    for item in accept_encoding.decode("latin-1").lower().split(","):
        name, _, rest = item.partition(";")
        weights[name.strip()] = rest.replace(" ", "").removeprefix("q=").rstrip("0") not in (".", "0.") and (
            rest.replace(" ", "") != "q=0"
        )
    for name in ("zstd", "gzip"):
        if weights.get(name, weights.get("*", False)) and (name == "gzip" or _zstandard()):
            return name.encode()
    return None


@cache
def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError:
        return None
    return zstandard
