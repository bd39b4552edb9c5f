"""The page at ``/``: what this server is, what it holds, and where its endpoints are.

It answers every path that nothing else does. A browser gets a page; a program, which has perhaps left out the version
of FHIR from a URL, an OperationOutcome that names the endpoints.
"""

from __future__ import annotations

from html import escape
from importlib.metadata import version

import orjson

from .access import CHALLENGE
from .bodies import Receive
from .interactions import NAMES
from .negotiation import PLAIN_JSON
from .refusals import Refusal, elsewhere, method_not_allowed, unauthorized
from .state import Scope, Send, State, reply

HTML = (b"content-type", b"text/html; charset=utf-8")
POLICY = (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
NOSNIFF = (b"x-content-type-options", b"nosniff")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Terminology server</title>
<style>body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem;
color-scheme: light dark }} table {{ border-collapse: collapse }} th, td {{ text-align: left; padding: .2rem 1rem .2rem 0 }}
</style></head><body><main>
<h1>Terminology server</h1>
<p>Version {version}. FHIR endpoints: <a href="/r4/metadata">/r4</a> and <a href="/r5/metadata">/r5</a>.</p>
<table><caption>Code systems</caption>
<thead><tr><th scope="col">Code system</th><th scope="col">URI</th><th scope="col">Newest release</th></tr></thead>
<tbody>
{rows}
</tbody></table>
</main></body></html>
"""


class Landing:
    """The pages for people; ASGI, so that an application with more pages can stand in its place."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's signature
        """Answer a request for any path that is no FHIR endpoint and none of `operation`."""
        asked = dict(scope["headers"])
        status, headers = 200, [HTML, POLICY]
        try:
            body = self._body(scope["path"], scope["method"], asked)
        except Refusal as refusal:
            is_page = b"text/html" in asked.get(b"accept", b"").lower()
            status, kind = refusal.status, HTML if is_page else (b"content-type", PLAIN_JSON)
            headers = [kind, POLICY, (b"cache-control", b"no-store"), *refusal.headers]
            body = _message(str(refusal)) if is_page else orjson.dumps(refusal.outcome)
        await reply(send, status, [*headers, (b"content-length", b"%d" % len(body)), NOSNIFF], body)
        self._state.metrics.record(NAMES.index("page"), status, 0.0)

    def _body(self, path: str, method: str, headers: dict[bytes, bytes]) -> bytes:
        """Return the page.

        Raises:
            Refusal: A token is missing (401), there is nothing there (404), or it can only be read (405).
        """
        if not self._state.guard.admits(headers):
            self._state.metrics.happened("unauthorized")
            raise unauthorized(CHALLENGE)
        if path != "/":
            raise elsewhere()
        if method not in ("GET", "HEAD"):
            raise method_not_allowed(method, ("GET", "HEAD"))
        return self._page().encode()

    def _page(self) -> str:
        publication = self._state.publication
        systems = publication.store.values() if publication else ()
        rows = (
            f"<tr><td>{escape(one.definition.title)}</td><td><code>{escape(one.definition.uri)}</code></td>"
            f"<td>{escape(one.releases[-1].version)}</td></tr>"
            for one in systems
            if one.releases
        )
        return PAGE.format(version=escape(version("terminology-server")), rows="\n".join(rows))


def _message(text: str) -> bytes:
    shown = escape(text)
    page = f'<!doctype html>\n<html lang="en"><head><title>{shown}</title></head><body><p>{shown}</p></body></html>\n'
    return page.encode()
