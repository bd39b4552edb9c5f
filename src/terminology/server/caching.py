"""The ETag of an answer, known before the answer is.

An answer to a GET depends on the release of the store, the request, the licences that are declared, the version of the
library, the resources that are served beside the store, the URL that its links begin with, and on the day: "today" is
a date that a question may mean. All
of these are known when the request is, so whoever asks again whether its copy still holds is answered (304) without
building it again. The tag changes at midnight of UTC, as the day does that the FHIR service answers for, and with each publication, and then the whole answer is given.

A client must ask each time (``no-cache``), unless the operator allows it to wait a while: a publication is to be seen
at once.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from time import time
from typing import Final

TAG_BYTES: Final = 12
SECONDS_OF_DAY: Final = 86_400
ENCODINGS: Final = (b"gzip", b"zstd")


def tag_of(publication: bytes, *parts: bytes) -> bytes:
    """Return the opaque part of an ETag.

    Args:
        publication: All that is the same for every request until something is published.
        parts: All that differs between requests. None but the last can have a line break in it.
    """
    text = b"\n".join((publication, b"%d" % (time() // SECONDS_OF_DAY), *parts))
    return blake2b(text, digest_size=TAG_BYTES).hexdigest().encode()


def etag(tag: bytes, encoding: bytes | None) -> bytes:
    """Return a strong ETag: the bytes differ by how they are compressed.

    >>> etag(b"ab12", b"gzip")
    b'"ab12-gzip"'
    """
    return b'"%b"' % tag if encoding is None else b'"%b-%b"' % (tag, encoding)


def matching(tag: bytes, if_none_match: bytes) -> bytes | None:
    """Return the ETag of a copy that a client has and that still holds; None where it has none.

    >>> matching(b"ab12", b'"cd34", W/"ab12-gzip"')
    b'"ab12-gzip"'
    """
    if tag not in if_none_match:
        return None
    found = re.search(rb'"%b(?:-(?:%b))?"' % (re.escape(tag), b"|".join(ENCODINGS)), if_none_match)
    return found[0] if found else None
