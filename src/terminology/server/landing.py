"""The page at ``/``: what this server is, what it holds, and where its endpoints are."""

from __future__ import annotations

from html import escape
from importlib.metadata import version

from .bodies import Receive
from .interactions import NAMES
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
        status = 200 if scope["path"] == "/" else 404
        headers = [HTML]
        if scope["method"] not in ("GET", "HEAD"):
            status, headers = 405, [HTML, (b"allow", b"GET, HEAD")]
        page = self._page() if status == 200 else _message("Not found" if status == 404 else "Method not allowed")  # noqa: PLR2004
        body = page.encode()
        await reply(send, status, [*headers, (b"content-length", b"%d" % len(body)), POLICY, NOSNIFF], body)
        self._state.metrics.record(NAMES.index("page"), status, 0.0)

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


def _message(text: str) -> str:
    return f'<!doctype html>\n<html lang="en"><head><title>{text}</title></head><body><h1>{text}</h1></body></html>\n'
