"""The pages for those who run the server: whether it lives, whether it is ready, what it counts."""

from __future__ import annotations

import orjson

from .access import CHALLENGE
from .bodies import Receive
from .interactions import NAMES
from .refusals import unauthorized
from .state import Scope, Send, State, reply

JSON = (b"content-type", b"application/json")
TEXT = (b"content-type", b"text/plain; version=0.0.4; charset=utf-8")
FIXED = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Operation:
    """``/health``, ``/ready`` and ``/metrics``. The first two ask for no token: they say nothing of the store."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's signature
        """Answer a request for one of the three."""
        path, status, headers = scope["path"], 200, FIXED
        body: bytes | None = None
        if scope["method"] not in ("GET", "HEAD"):
            status, headers = 405, [*FIXED, (b"allow", b"GET, HEAD")]
            body = orjson.dumps({"status": "only GET and HEAD are allowed"})
        elif path == "/health":
            body = orjson.dumps({"status": "alive"})
        elif path == "/ready":
            is_ready = self._state.publication is not None and self._state.is_warm
            status, body = (200, b'{"status":"ready"}') if is_ready else (503, b'{"status":"starting"}')
        elif not self._state.guard.admits(dict(scope["headers"])):
            error = unauthorized(CHALLENGE)
            self._state.metrics.happened("unauthorized")
            status, headers, body = error.status, [*FIXED, *error.headers], orjson.dumps(error.outcome)
        kind = JSON if body is not None else TEXT
        content = self._metrics().encode() if body is None else body
        await reply(send, status, [kind, (b"content-length", b"%d" % len(content)), *headers], content)
        self._state.metrics.record(NAMES.index(path[1:]), status, 0.0)

    def _metrics(self) -> str:
        publication = self._state.publication
        gauges = {
            "terminology_ready": ("Whether requests are answered.", float(self._state.is_warm)),
            "terminology_long_requests": ("Long requests under way in this process.", self._state.threads.under_way),
        }
        systems = []
        if publication is not None:
            store = publication.store
            gauges["terminology_store_generation"] = ("Publications of the store so far.", store.generation)
            systems = [(name, system.releases[-1].version) for name, system in store.items() if system.releases]
        return self._state.metrics.text(gauges, systems)
