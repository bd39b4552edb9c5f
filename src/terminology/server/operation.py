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
        if scope["method"] not in ("GET", "HEAD"):
            await self._send(send, 405, {"status": "only GET and HEAD are allowed"}, (b"allow", b"GET, HEAD"))
        elif scope["path"] == "/health":
            await self._send(send, 200, {"status": "alive"})
        elif scope["path"] == "/ready":
            is_ready = self._state.publication is not None and self._state.is_warm
            await self._send(send, 200 if is_ready else 503, {"status": "ready" if is_ready else "starting"})
        elif self._state.guard.admits(dict(scope["headers"])):
            text = self._metrics().encode()
            await reply(send, 200, [TEXT, (b"content-length", b"%d" % len(text)), *FIXED], text)
        else:
            error = unauthorized(CHALLENGE)
            self._state.metrics.happened("unauthorized")
            await self._send(send, 401, error.outcome, *error.headers)
        self._state.metrics.record(NAMES.index(scope["path"][1:]), 200, 0.0)

    async def _send(self, send: Send, status: int, values: object, *headers: tuple[bytes, bytes]) -> None:
        body = orjson.dumps(values)
        await reply(send, status, [JSON, (b"content-length", b"%d" % len(body)), *FIXED, *headers], body)

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
