"""The pages for people, over HTTP: what is asked for, what caches may keep, and what a browser may do with it.

The pages themselves are functions (`terminology.pages`). They are made by threads, as each takes milliseconds. A program
that has perhaps left out the version of FHIR from a URL gets an OperationOutcome that names the endpoints.
"""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable
from html import escape
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from ..fhir.outcomes import FhirError
from ..pages import FORMS, PATHS, Asked, AskedError, Page, assets, failed, page_at
from .access import CHALLENGE
from .bodies import DisconnectedError, Receive, parsed_form, read_body
from .caching import etag, matching, tag_of
from .compression import WORTH_IT, chosen_encoding, compressed
from .interactions import NAMES
from .negotiation import PLAIN_JSON
from .publication import Publication
from .queries import Query, query_pairs
from .refusals import Refusal, elsewhere, method_not_allowed, not_ready, unauthorized
from .state import Scope, Send, State

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
SAFETY: Final = {
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "vary": "Accept, Accept-Encoding, Authorization",
    "x-content-type-options": "nosniff",
}
YEAR: Final = 31_536_000
OF_FHIR: Final = frozenset(path for path in PATHS if path.startswith(("/CodeSystem/", "/ValueSet/", "/ConceptMap/")))
"""Paths that are those of FHIR resources below an endpoint too."""
Answering = Callable[[Request], Awaitable[Response]]


class Web:
    """The pages of a running server; ASGI."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._root = urlsplit(state.settings.base_url).path.rstrip("/")
        routes = [Route(path, self._answering(path)) for path in PATHS]
        for route in routes:
            # a method that is not allowed is answered here too
            route.methods = None
        self._router = Router(routes, default=self._nothing, redirect_slashes=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for any path that is no FHIR endpoint and none of `operation`."""
        began, status = perf_counter(), 500

        async def counted(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            self._check(scope)
            await self._router(scope, receive, counted)
        except DisconnectedError:
            return
        except Exception as error:  # noqa: BLE001 -- whatever it is, the reader gets an answer
            refusal = error if isinstance(error, FhirError) else self._crash(scope["path"])
            await _refused(Request(scope), refusal)(scope, receive, counted)
        self._state.metrics.record(NAMES.index("page"), status, perf_counter() - began)

    def _check(self, scope: Scope) -> None:
        if not self._state.guard.admits(dict(scope["headers"])):
            self._state.metrics.happened("unauthorized")
            raise unauthorized(CHALLENGE)

    def _crash(self, path: str) -> Refusal:
        """Write what went wrong to the log, and return what the reader is told: nothing of it but its name."""
        name = self._state.name_of(None).decode()
        self._state.log.said("error", f"the page {path} failed", request_id=name, traceback=traceback.format_exc())
        return Refusal(500, "exception", f"an error in the server: its log says more, under the request {name}")

    async def _nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        publication = self._state.publication
        if publication is None or not _is_for_people(request):
            raise elsewhere()
        page = failed(self._asked(request, publication, ()), AskedError(404, str(elsewhere())))
        await self._response(request, page, None)(scope, receive, send)

    def _answering(self, path: str) -> Answering:
        """Return what answers the requests for one path."""
        methods = ("GET", "HEAD", "POST") if path in FORMS else ("GET", "HEAD")

        async def answered(request: Request) -> Response:
            if path in OF_FHIR and not _is_for_people(request):
                # a program that has left out the version of FHIR
                raise elsewhere()
            if request.method not in methods:
                raise method_not_allowed(request.method, methods)
            publication = self._state.publication
            if publication is None:
                raise not_ready()
            form: Query = await self._form(request) if request.method == "POST" else ()
            tag = None if form else self._tag(request, publication)
            held = request.headers.get("if-none-match", "").encode("latin-1")
            if tag is not None and held and (same := matching(tag, held)) is not None:
                return Response(status_code=304, headers={"etag": same.decode(), **self._kept(lasting=False)})
            asked = self._asked(request, publication, form)
            parameters = {name: str(value) for name, value in request.path_params.items()}
            page = await self._state.threads.run(lambda: page_at(PATHS[path], asked, **parameters))
            return self._response(request, page, tag)

        return answered

    async def _form(self, request: Request) -> Query:
        limits = self._state.settings.limits
        address = request.client.host if request.client else ""
        with self._state.memory.share(address) as take:
            body = await read_body(request.receive, dict(request.scope["headers"]), limits, take)
            return parsed_form(body, limits)

    def _asked(self, request: Request, publication: Publication, form: Query) -> Asked:
        query = (*form, *query_pairs(request.scope["query_string"]))
        return Asked(publication.store, request.scope["path"], query, self._root, publication.service.answer)

    def _tag(self, request: Request, publication: Publication) -> bytes:
        # a page leads to its style sheet and its script by their digests, which change with the library
        files = "".join(one.path for one in assets().values()).encode()
        path = request.scope["path"].encode("utf-8", "replace")
        return tag_of(publication.stamp, files, request.scope["query_string"], path)

    def _kept(self, *, lasting: bool) -> dict[str, str]:
        """Return what caches may keep of a page; of a style sheet or a script, whose address is of its content, all."""
        reach = "public" if self._state.guard.is_open else "private"
        age = YEAR if lasting else self._state.settings.max_age
        return {"cache-control": f"{reach}, max-age={age}" if age else f"{reach}, no-cache"}

    def _response(self, request: Request, page: Page, tag: bytes | None) -> Response:
        headers = {**SAFETY}
        if page.location is not None:
            return Response(status_code=303, headers={**headers, "location": page.location})
        body = page.body.encode("utf-8", "replace")
        asked = request.headers.get("accept-encoding", "").encode("latin-1")
        encoding = chosen_encoding(asked) if asked and len(body) >= WORTH_IT else None
        if encoding is not None:
            body = compressed(body, encoding)
            headers["content-encoding"] = encoding.decode()
        if tag is not None and page.status == 200:  # noqa: PLR2004 -- only what is fine may be kept
            headers |= {"etag": etag(tag, encoding).decode(), **self._kept(lasting=page.lasting)}
        else:
            headers["cache-control"] = "no-store"
        if page.file is not None:
            headers["content-disposition"] = f'attachment; filename="{page.file}"'
        return Response(body, page.status, headers, page.media)


def _is_for_people(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "").lower()


def _refused(request: Request, refusal: FhirError) -> Response:
    """Return why there is no page: to a browser as one, to a program as an OperationOutcome."""
    own = refusal.headers if isinstance(refusal, Refusal) else ()
    headers = {name.decode(): value.decode() for name, value in own}
    headers |= {**SAFETY, "cache-control": "no-store"}
    if not _is_for_people(request):
        return Response(orjson.dumps(refusal.outcome), refusal.status, headers, PLAIN_JSON.decode())
    shown = escape(str(refusal))
    page = f'<!doctype html>\n<html lang="en"><head><title>{shown}</title></head><body><main><h1>{shown}</h1></main></body></html>\n'
    return Response(page, refusal.status, headers, "text/html; charset=utf-8")
