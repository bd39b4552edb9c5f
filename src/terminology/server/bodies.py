"""The bodies of requests: read within limits, decompressed within limits, parsed.

A body can be small and still ask for much: ten bytes of gzip that become ten megabytes, brackets in brackets, which
make programs that recurse fall over, or brackets beside brackets, each of which becomes an object of many bytes. All
are bounded before anything else looks at the body.
"""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import orjson

from ..fhir.outcomes import failure
from .memory import Take
from .queries import Query, query_pairs
from .refusals import too_large, too_many
from .settings import Limits

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
GZIP: Final = 31
"""What zlib calls gzip."""
FEW: Final = 64 << 10
"""Bytes of a body in which there cannot be many values."""
MARKS: Final = (b"{", b"[", b",", b":")
"""Of which a JSON text has one or two for each value; in texts there are some too."""


class DisconnectedError(Exception):
    """The client has gone before its request was complete."""


async def read_body(receive: Receive, headers: dict[bytes, bytes], limits: Limits, take: Take) -> bytes:
    """Return the body of a request, decompressed.

    Args:
        receive: ASGI's.
        headers: Those of the request that count.
        limits: Of one body.
        take: Called with each number of bytes before they are kept.

    Raises:
        FhirError: There is no memory for it now (503), it is too large (413), or compressed in another way than gzip (415), or not what it says (400).
        DisconnectedError: The client has gone.
    """
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b"gzip", b""):
        raise failure(415, "not-supported", "this server reads bodies as they are, or compressed with gzip")
    stated = headers.get(b"content-length", b"0")
    if stated.isdigit() and int(stated) > limits.body_bytes:
        raise too_large(limits.body_bytes)
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise DisconnectedError
        piece = message.get("body", b"")
        size += len(piece)
        if size > limits.body_bytes:
            raise too_large(limits.body_bytes)
        take(len(piece))
        pieces.append(piece)
        more = message.get("more_body", False)
    body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    if encoding != b"gzip":
        return body
    unpacked = _unpacked(body, limits)
    take(len(unpacked))
    return unpacked


def _unpacked(body: bytes, limits: Limits) -> bytes:
    unpacker = zlib.decompressobj(GZIP)
    try:
        unpacked = unpacker.decompress(body, limits.body_bytes + 1)
    except zlib.error:
        raise failure(400, "structure", "the body is not compressed with gzip, as Content-Encoding says") from None
    if len(unpacked) > limits.body_bytes:
        raise too_large(limits.body_bytes)
    if not unpacker.eof:
        raise failure(400, "structure", "the body ends in the middle of its gzip")
    return unpacked


def value_count(body: bytes) -> int:
    """Return about how many values a JSON text has, and rather more; 0 where there cannot be many.

    >>> value_count(b"[" + b"{}," * 50_000 + b"{}]")
    100002
    """
    return sum(map(body.count, MARKS)) if len(body) > FEW else 0


def check_values(body: bytes, limits: Limits, take: Take) -> None:
    """Check that a body has few enough values to be parsed, and take them.

    Args:
        body: As it came, unpacked.
        limits: Of one body.
        take: Called with the number of values.

    Raises:
        FhirError: It has too many (413), or others have too many now (503).
    """
    count = value_count(body)
    if count > limits.values:
        raise too_many(limits.values)
    if count:
        take(count)


def parsed_json(body: bytes, limits: Limits) -> Any:
    """Return the JSON of a body; None of an empty one.

    Raises:
        FhirError: It is no JSON, or nested too deeply (400).

    >>> parsed_json(b'{"resourceType": "Parameters"}', Limits())
    {'resourceType': 'Parameters'}
    """
    body = body.removeprefix(BYTE_ORDER_MARK)
    if not body or body.isspace():
        return None
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise failure(400, "structure", f"the body is not JSON: {error}") from None
    if body.count(b"{") + body.count(b"[") > limits.depth and _is_deeper(value, limits.depth):
        raise failure(400, "too-long", f"the body is nested deeper than {limits.depth} objects and arrays")
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) in (dict, list)
        ]
        if not level:
            return False
    return True


def check_form(body: bytes) -> None:
    """Check that what is said to be a form is none of JSON: so curl says of all that it sends.

    Raises:
        FhirError: It is JSON (415).
    """
    if body.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] in (b"{", b"["):
        raise failure(
            415,
            "not-supported",
            "the body is JSON, and its Content-Type says that it is a form: send Content-Type: application/fhir+json",
        )


def parsed_form(body: bytes, limits: Limits) -> Query:
    """Return the parameters of a form.

    Raises:
        FhirError: There are too many (400).
    """
    check_count(body, limits)
    return query_pairs(body.strip())


def check_count(query: bytes, limits: Limits) -> None:
    """Check how many parameters a URL or a form has.

    Raises:
        FhirError: There are too many (400).
    """
    if query.count(b"&") >= limits.parameters:
        raise failure(400, "too-long", f"there are more than {limits.parameters:,} parameters")
