"""The FHIR endpoints ``/r4`` and ``/r5``: a request of HTTP becomes one of FHIR, and a response of FHIR one of HTTP.

This is where the time of a short request goes, so the way of a GET is straight: one walk over the headers, one digest
for the ETag, the answer, one dump. Everything that is seldom asked for is looked at only where a byte says so.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Mapping
from time import perf_counter, thread_time
from typing import Any, Final

import orjson
from attrs import define

from ..fhir import FhirVersion, Request, Resource
from ..fhir.outcomes import FhirError
from .access import CHALLENGE
from .addresses import endpoint_url
from .bodies import (
    DisconnectedError,
    Receive,
    check_count,
    check_form,
    check_values,
    parsed_form,
    parsed_json,
    read_body,
)
from .caching import etag, matching, tag_of
from .compression import WORTH_IT, chosen_encoding, compressed
from .interactions import Interaction, interaction_of
from .negotiation import FHIR_JSON, accepted, format_of, is_form
from .pace import Form, form_of
from .publication import Publication
from .queries import Query, query_pairs
from .refusals import Refusal, ending, method_not_allowed, no_interaction, not_ready, unauthorized
from .simplicity import is_simple
from .state import Scope, Send, State

Headers = list[tuple[bytes, bytes]]
READ: Final = frozenset(
    {
        *(b"accept", b"accept-encoding", b"accept-language", b"authorization", b"content-encoding", b"content-length"),
        *(b"content-type", b"if-none-match", b"origin", b"x-api-key", b"x-cache-id", b"x-request-id"),
        *(b"host", b"prefer", b"x-too-costly-threshold"),
    }
)
"""Headers that the server looks at."""
PASSED: Final = {
    name: name.decode() for name in (b"accept-language", b"prefer", b"x-cache-id", b"x-too-costly-threshold")
}
"""Those that change an answer, beside the name of the request."""
UNKEPT: Final = frozenset({b"prefer", b"x-cache-id", b"x-too-costly-threshold"})
"""Those with which an answer is not to be kept."""
VARY: Final = (b"vary", b"Accept, Accept-Encoding, Accept-Language, Authorization, Origin")
NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
NO_STORE: Final = (b"cache-control", b"no-store")
BODILESS: Final = (204, 304)
OF_BODY: Final = (b"content-type", b"content-encoding")
"""Headers that say nothing where there is no body."""
SHORT_BODY: Final = 8_192
"""Bytes of a body up to which a question about one code is no more than that."""
POSTED: Final = ("POST", "")
"""What the form of a question has whose parameters are in its body."""
LONGEST_FORM: Final = 1_000
"""Bytes of a URL's parameters beyond which its pace is not remembered."""
OF_SERVER: Final = frozenset({"_format", "_pretty"})
"""Parameters that only say what an answer looks like."""


@define
class Call:
    """One request of HTTP to a FHIR endpoint."""

    fhir: FhirVersion
    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    interaction: Interaction
    name: bytes
    address: str
    """Of the client, or of the proxy before it; empty where there is none."""
    base: str = ""
    content_type: bytes = FHIR_JSON
    pairs: Query = ()
    is_pretty: bool = False
    tag: bytes | None = None

    @property
    def encoding(self) -> bytes | None:
        """How the client accepts a compressed answer."""
        asked = self.headers.get(b"accept-encoding")
        return chosen_encoding(asked) if asked else None

    @property
    def has_any(self) -> bool:
        """Whether the client has a copy of some sort, and wants nothing unless there is none here."""
        return self.method != "POST" and self.headers.get(b"if-none-match", b"").strip() == b"*"


class Endpoint:
    """The FHIR endpoints of a running server."""

    def __init__(self, state: State) -> None:
        self._state = state
        age = state.settings.max_age
        reach = b"public" if state.guard.is_open else b"private"
        self._lasting = (b"cache-control", b"%b, max-age=%d" % (reach, age) if age else b"%b, no-cache" % reach)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the path begins with ``/r4`` or ``/r5``."""
        started = perf_counter()
        call = self._call(scope)
        try:
            status, headers, body = await self._answered(call, receive)
        except DisconnectedError:
            return
        except asyncio.CancelledError:
            # the server ends, and has waited as long as it may
            status, headers, body = _failed(call, ending())
        except FhirError as error:
            status, headers, body = _failed(call, error)
            self._count(status)
        except Exception:  # noqa: BLE001 -- a client is told, and the operator reads why
            status, headers, body = _failed(call, self._crash(call))
        headers += ((b"x-request-id", call.name), NOSNIFF, VARY)
        if status not in BODILESS:
            headers.append((b"content-length", b"%d" % len(body)))
        if b"origin" in call.headers:
            headers += self._state.sharing.headers(call.headers[b"origin"])
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})
        seconds = perf_counter() - started
        self._state.metrics.record(call.interaction.number, status, seconds)
        if not self._state.log.is_silent:
            self._log(call, status, seconds, len(body))

    def _call(self, scope: Scope) -> Call:
        path: str = scope["path"]
        headers = {name: value for name, value in scope["headers"] if name in READ}
        inner = path[4:].rstrip("/")
        name = self._state.name_of(headers.get(b"x-request-id"))
        fhir: FhirVersion = "r4" if path[2] == "4" else "r5"
        host, own = headers.get(b"host", b""), self._state.settings.base_url
        base = endpoint_url(fhir, scope.get("scheme", "http"), host, own)
        client = scope.get("client")
        address, asked = client[0] if client else "", interaction_of(inner)
        return Call(fhir, scope["method"], inner, scope["query_string"], headers, asked, name, address, base)

    async def _answered(self, call: Call, receive: Receive) -> tuple[int, Headers, bytes]:
        if call.method == "OPTIONS":
            return self._options(call)
        if not self._state.guard.admits(call.headers):
            raise unauthorized(CHALLENGE)
        if call.method not in call.interaction.allowed:
            raise _misplaced(call)
        publication = self._state.publication
        if publication is None:
            raise not_ready()
        self._negotiate(call)
        if call.method == "POST":
            return await self._posted(call, publication, receive)
        if UNKEPT.isdisjoint(call.headers) and (found := self._at_once(call, publication)) is not None:
            return found
        if call.interaction.is_fixed:
            return self._given(call, publication, None)
        if len(call.query) > LONGEST_FORM:
            return await self._state.threads.run(lambda: self._given(call, publication, None))
        return await self._paced(call, publication, None, form_of(call.path, call.pairs))

    def _at_once(self, call: Call, publication: Publication) -> tuple[int, Headers, bytes] | None:
        """Return what is answered without reading the request further: that a copy holds, or what is prepared."""
        language = call.headers.get(b"accept-language", b"")
        path = call.path.encode("utf-8", "replace")
        of_answer = (call.fhir.encode(), call.content_type, language, call.base.encode())
        call.tag = tag_of(publication.stamp, *of_answer, call.query, path)
        held = call.headers.get(b"if-none-match")
        same = matching(call.tag, held) if held else None
        if same is not None:
            return 304, [(b"etag", same), self._lasting], b""
        accepts = language.decode("latin-1") if language else None
        prompt = publication.prompt(call.fhir, call.path, call.pairs, accepts)
        return self._written(call, prompt, 200, {}) if prompt is not None else None

    async def _paced(
        self, call: Call, publication: Publication, content: Any, form: Form
    ) -> tuple[int, Headers, bytes]:
        """Return the answer to a question that may be short or long: by a thread, unless it is known to be short."""

        def measured() -> tuple[int, Headers, bytes]:
            began = thread_time()
            found = self._given(call, publication, content)
            publication.pace.took(form, thread_time() - began)
            return found

        return measured() if publication.pace.is_short(form) else await self._state.threads.run(measured)

    def _options(self, call: Call) -> tuple[int, Headers, bytes]:
        allow = (b"allow", ", ".join(call.interaction.allowed).encode())
        return 204, [allow, *self._state.sharing.preflight(call.headers.get(b"origin"))], b""

    def _negotiate(self, call: Call) -> None:
        named = None
        if call.query:
            check_count(call.query, self._state.settings.limits)
            call.pairs = query_pairs(call.query)
            if b"_" in call.query or b"%5" in call.query:
                named = format_of(call.pairs)
                call.is_pretty = ("_pretty", "true") in call.pairs
                call.pairs = tuple(pair for pair in call.pairs if pair[0] not in OF_SERVER)
        call.content_type = accepted(call.fhir, call.headers.get(b"accept", b""), named)

    async def _posted(self, call: Call, publication: Publication, receive: Receive) -> tuple[int, Headers, bytes]:
        limits = self._state.settings.limits
        with self._state.memory.share(call.address) as take:
            body = await read_body(receive, call.headers, limits, take)
            if body and is_form(call.fhir, call.headers.get(b"content-type", b"application/fhir+json")):
                check_form(body)
                call.pairs += parsed_form(body, limits)
                body = b""
            if not (call.interaction.is_of_code and len(body) <= SHORT_BODY and len(call.query) <= LONGEST_FORM):
                return await self._state.threads.run(lambda: self._parsed_and_given(call, publication, body))
            content = parsed_json(body, limits)
            if is_simple(content):
                return await self._paced(call, publication, content, form_of(call.path, (POSTED, *call.pairs)))
            return await self._state.threads.run(lambda: self._given(call, publication, content))

    def _parsed_and_given(self, call: Call, publication: Publication, body: bytes) -> tuple[int, Headers, bytes]:
        """Return the answer to a body that may be large, by a thread; its values are held until then."""
        limits = self._state.settings.limits
        with self._state.values.share() as take:
            check_values(body, limits, take)
            return self._given(call, publication, parsed_json(body, limits))

    def _given(self, call: Call, publication: Publication, content: Any) -> tuple[int, Headers, bytes]:
        """Return the answer, by the loop or by a thread."""
        headers = {PASSED[key]: value.decode("latin-1") for key, value in call.headers.items() if key in PASSED}
        headers["x-request-id"] = call.name.decode()
        method = "GET" if call.method == "HEAD" else call.method
        request = Request(call.path, call.fhir, method, call.pairs, content, headers, call.base)
        response = publication.service.answer(request)
        return self._written(call, response.resource, response.status, response.headers)

    def _written(
        self, call: Call, resource: Resource, status: int, own: Mapping[str, str]
    ) -> tuple[int, Headers, bytes]:
        body = orjson.dumps(resource, option=orjson.OPT_INDENT_2 if call.is_pretty else None)
        headers: Headers = [(b"content-type", call.content_type)]
        encoding = call.encoding if len(body) >= WORTH_IT else None
        if encoding is not None:
            body = compressed(body, encoding)
            headers.append((b"content-encoding", encoding))
        if call.tag is None or status != 200:  # noqa: PLR2004 -- only what is fine may be kept
            headers.append(NO_STORE)
        elif "etag" in own:
            if own["etag"].encode() in call.headers.get(b"if-none-match", b""):
                status, body, headers = 304, b"", []
            headers.append(self._lasting)
        else:
            headers += ((b"etag", etag(call.tag, encoding)), self._lasting)
        headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in own.items()]
        if status == 200 and call.has_any:  # noqa: PLR2004 -- there is something, as the client thought
            return 304, [one for one in headers if one[0] not in OF_BODY], b""
        return status, headers, body

    def _crash(self, call: Call) -> FhirError:
        """Write what went wrong to the log, and return what the client is told: nothing of it but its name."""
        name = call.name.decode()
        trace = traceback.format_exc()
        self._state.log.said("error", f"{call.interaction.name} failed", request_id=name, traceback=trace)
        return Refusal(500, "exception", f"an error in the server: its log says more, under the request {name}")

    def _count(self, status: int) -> None:
        event = {401: "unauthorized", 503: "overloaded", 504: "overtime"}.get(status)
        if event is not None:
            self._state.metrics.happened(event)

    def _log(self, call: Call, status: int, seconds: float, size: int) -> None:
        asked = next((value for name, value in call.pairs if name in ("system", "url")), "")
        publication = self._state.publication
        self._state.log.answered(
            request_id=call.name.decode(),
            method=call.method,
            fhir=call.fhir,
            interaction=call.interaction.name,
            system=publication.names.get(asked) if publication and asked else None,
            status=status,
            ms=round(seconds * 1000, 3),
            bytes=size,
        )


def _misplaced(call: Call) -> Refusal:
    """Return why a method is not answered at a path."""
    if not call.path and call.method in ("GET", "HEAD"):
        return no_interaction(call.fhir)
    return method_not_allowed(call.method, call.interaction.allowed)


def _failed(call: Call, error: FhirError) -> tuple[int, Headers, bytes]:
    """Return the OperationOutcome of a request that was rejected."""
    headers: Headers = [(b"content-type", call.content_type), NO_STORE]
    if isinstance(error, Refusal):
        headers += error.headers
    return error.status, headers, orjson.dumps(error.outcome)
