"""The URL under which a client has reached an endpoint, for the links of its answers.

It is made of the scheme and of the header ``Host``. A proxy that speaks TLS says so in ``X-Forwarded-Proto``, which
counts only where it comes from this machine. The operator's own base URL overrides both.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

HOST: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


@lru_cache(256)
def endpoint_url(fhir: str, scheme: str, host: bytes, base_url: str = "") -> str:
    """Return the URL of an endpoint with a slash at its end; empty where the client has named no host, or none that can be.

    Args:
        fhir: ``r4`` or ``r5``.
        scheme: ``http`` or ``https``.
        host: The header ``Host``.
        base_url: What the operator says instead: the URL above the endpoints.

    >>> endpoint_url("r4", "http", b"127.0.0.1:8080"), endpoint_url("r5", "http", b"a", "https://tx.example.org/codes")
    ('http://127.0.0.1:8080/r4/', 'https://tx.example.org/codes/r5/')
    >>> endpoint_url("r4", "http", b"a/b<c>")
    ''
    """
    if base_url:
        return f"{base_url.rstrip('/')}/{fhir}/"
    name = host.decode("latin-1")
    return f"{scheme}://{name}/{fhir}/" if HOST.fullmatch(name) else ""
