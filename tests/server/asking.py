"""A server in this process, over a service that only repeats what it was asked, and a way to ask it."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from terminology import Terminology
from terminology.fhir import Request, Resource, Response

LOOKUP = "/r5/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=E11.9"
EXPAND = "/r5/ValueSet/$expand?url=http://example.org/vs"


@define
class Echo:
    """A service that answers with what it was asked, and remembers it."""

    store: Terminology
    asked: list[Request] = field(factory=list)
    work: Callable[[Request], Response | None] = lambda _request: None
    """What is done first; its answer is the answer."""

    def answer(self, request: Request) -> Response:
        """Return the request as a resource."""
        self.asked.append(request)
        return self.work(request) or Response(
            {"resourceType": "Parameters", "id": request.path, "query": request.query, "body": request.body}
        )


@frozen
class Answer:
    """What came back from the server."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, as values."""
        is_packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if is_packed else self.body)

    @property
    def text(self) -> str:
        """The text of the first issue of an OperationOutcome."""
        assert self.json["resourceType"] == "OperationOutcome"
        return str(self.json["issue"][0]["details"]["text"])


class Server:
    """An application with its service, and a way to ask it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        from terminology.server.app import Application
        from terminology.server.settings import Settings

        self.made: list[Echo] = []
        self.client: tuple[str, int] | None = None
        """Address and port of who asks."""
        given = {"store": str(folder), "log": "none", **settings}
        self.application = Application(Settings(**given), self._make)
        self.lines: list[bytes] = []
        self.application.state.log._write = self.lines.append
        self.application.open()

    def _make(self, store: Terminology, _resources: Sequence[Resource]) -> Echo:
        self.made.append(Echo(store))
        return self.made[-1]

    @property
    def service(self) -> Echo:
        """The service in place."""
        return self.made[-1]

    def ask(self, target: str, method: str = "GET", *, body: Any = None, **headers: str) -> Answer:
        """Return the answer to one request; names of headers have ``_`` in place of ``-``."""
        return asyncio.run(self.asked(target, method, body=body, **headers))

    async def asked(self, target: str, method: str = "GET", *, body: Any = None, **headers: str) -> Answer:
        """Return the answer to one request, inside of a loop."""
        path, _, query = target.partition("?")
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        pieces = [content[place : place + 4096] for place in range(0, len(content), 4096)] or [b""]
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            sent.append(message)

        named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode("latin-1")}
        await self.application({**scope, "headers": named, "client": self.client}, receive, send)
        start, *rest = sent
        found = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        assert len(found) == len(start["headers"]), "no header comes twice"
        return Answer(start["status"], found, b"".join(message["body"] for message in rest))
