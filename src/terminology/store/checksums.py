"""SHA-256 of the pointer, which every start reads.

`hashlib` brings OpenSSL, and loading that takes longer than all the rest of opening a store. The hash that Python is
built with is the same, and for a small file as fast. Python's own `random` does as is done here.
"""

from __future__ import annotations

import sys

try:
    if sys.version_info >= (3, 12):
        from _sha2 import sha256  # type: ignore[import-not-found]
    else:
        from _sha256 import sha256  # type: ignore[import-not-found]
except ImportError:
    # a Python that was built without hashes of its own
    from hashlib import sha256


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal.

    >>> digest_of(b"")[:8]
    'e3b0c442'
    """
    digest: str = sha256(data).hexdigest()
    return digest
