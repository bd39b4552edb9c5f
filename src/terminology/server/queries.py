"""The query of a URL as pairs of decoded texts: of the server's requests, and of those on the command line."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

Query = tuple[tuple[str, str], ...]


def query_pairs(query: bytes) -> Query:
    """Return the parameters of a URL or of a form, in their order.

    Empty ones are left out, as a trailing ``&`` makes them. Bytes that are no UTF-8 become the replacement character:
    they can be in no code.

    >>> query_pairs(b"system=http%3A%2F%2Fa.b&code=E11.9&filter=heart+attack&flag&")
    (('system', 'http://a.b'), ('code', 'E11.9'), ('filter', 'heart attack'), ('flag', ''))
    """
    if not query:
        return ()
    is_plain = b"%" not in query and b"+" not in query and query.isascii()
    pairs = []
    for piece in query.decode("latin-1").split("&"):
        if piece:
            name, _, value = piece.partition("=")
            pairs.append((name, value) if is_plain else (_decoded(name), _decoded(value)))
    return tuple(pairs)


def split_target(target: str) -> tuple[str, Query]:
    """Return path and parameters of what follows the base of a FHIR endpoint.

    >>> split_target("/CodeSystem/$lookup?code=E11.9")
    ('CodeSystem/$lookup', (('code', 'E11.9'),))
    """
    path, _, query = target.partition("?")
    return path.strip("/"), query_pairs(query.encode())


def _decoded(text: str) -> str:
    if "+" in text:
        text = text.replace("+", " ")
    if "%" not in text and text.isascii():
        return text
    return unquote_to_bytes(text.encode("latin-1")).decode("utf-8", "replace")
