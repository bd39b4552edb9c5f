"""The ways in which HTTP rejects a request: a status, an OperationOutcome, and headers that say what to do."""

from __future__ import annotations

from collections.abc import Sequence

from ..fhir.outcomes import FhirError, issue


class Refusal(FhirError):
    """A request that the server rejects before, or instead of, asking what it means."""

    def __init__(
        self, status: int, code: str, text: str, *, headers: Sequence[tuple[bytes, bytes]] = (), kind: str | None = None
    ) -> None:
        super().__init__(status, [issue("error", code, text, kind=kind)])
        self.headers = list(headers)


def unauthorized(challenge: bytes) -> Refusal:
    """Return that a token is missing, or is none of those that are known."""
    text = "this server asks for a token: send it as Authorization: Bearer TOKEN, or as X-API-Key: TOKEN"
    return Refusal(401, "login", text, headers=[(b"www-authenticate", challenge)])


def method_not_allowed(method: str, allowed: Sequence[str]) -> Refusal:
    """Return that a method is none of those that are allowed."""
    listed = ", ".join(allowed)
    text = f"{method} is not allowed here: the server is read-only, and answers {listed}"
    return Refusal(405, "not-supported", text, headers=[(b"allow", listed.encode())])


def elsewhere() -> Refusal:
    """Return that there is nothing at a path outside of the endpoints."""
    text = "there is nothing here: the FHIR endpoints are /r4 and /r5, so ask for /r4/metadata or /r5/metadata"
    return Refusal(404, "not-found", text)


def no_interaction(fhir: str) -> Refusal:
    """Return that the base of an endpoint is no resource."""
    text = f"this is the base of the FHIR endpoint /{fhir}: ask for /{fhir}/metadata, or send a Bundle by POST"
    return Refusal(404, "not-found", text)


def too_large(limit: int) -> Refusal:
    """Return that a body has more bytes than the limit; the rest of it is not read."""
    text = f"the body has more than {limit:,} bytes, the limit of this server"
    return Refusal(413, "too-long", text, headers=[(b"connection", b"close")])


def too_many(limit: int) -> Refusal:
    """Return that a body has more JSON values than the limit."""
    return Refusal(413, "too-long", f"the body has more than {limit:,} JSON values, the limit of this server")


def overloaded() -> Refusal:
    """Return that too many long requests are waiting."""
    text = "too many long requests are waiting: try again in a moment"
    return Refusal(503, "throttled", text, headers=[(b"retry-after", b"1")])


def overtime(seconds: float) -> Refusal:
    """Return that the work on a request was given up."""
    text = f"the answer took longer than {seconds:g} seconds, the limit of this server: ask for less at a time"
    return Refusal(504, "timeout", text, kind="too-costly")


def not_ready() -> Refusal:
    """Return that no store is open yet."""
    return Refusal(503, "transient", "the server is starting", headers=[(b"retry-after", b"1")])


def ending() -> Refusal:
    """Return that the server ends before the answer is there."""
    return Refusal(503, "transient", "the server is ending: ask again", headers=[(b"retry-after", b"1")])
