"""The ASGI application: which part answers which path, and the task that looks for publications."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TypeVar

from ..errors import TerminologyError
from ..fhir import Resource
from .bodies import Receive
from .endpoint import Endpoint
from .heap import Heap
from .metrics import Metrics
from .operation import Operation
from .publication import MakeService, Publication, Publications, make_service
from .resources import read_resources
from .settings import Settings
from .state import Handler, Scope, Send, State

Result = TypeVar("Result")
Ready = Callable[[], None]
"""Called once, when requests are answered and the first questions have been asked."""
BASES = ("/r4/", "/r5/")
OPERATION = frozenset({"/health", "/ready", "/metrics"})


class Application:
    """One process of a server, as ASGI calls it."""

    def __init__(
        self, settings: Settings, make: MakeService = make_service, row: int = 0, ready: Ready = lambda: None
    ) -> None:
        self.state = State.of(settings, Metrics(settings.counts, row))
        self._make = make
        self._ready = ready
        self._endpoint = Endpoint(self.state)
        self._operation = Operation(self.state)
        self._publications: Publications | None = None
        self._complaint = ""

    @cached_property
    def pages(self) -> Handler:
        """What answers the paths for people, imported when the first of them is asked for."""
        from .web import Web

        return Web(self.state)

    def open(self) -> None:
        """Open the store, so that requests can be answered.

        Raises:
            TerminologyError: There is no store, or it is damaged; or a file of resources is none.
        """
        resources: Sequence[Resource] = read_resources(self.state.settings.resources)
        self._publications = Publications(self.state.settings, resources, self._make)
        self.state.publication = self._publications.opened()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or begin and end with the server."""
        if scope["type"] == "http":
            path = scope["path"]
            if path[:4] in BASES or path in ("/r4", "/r5"):
                await self._endpoint(scope, receive, send)
            elif path in OPERATION:
                await self._operation(scope, receive, send)
            else:
                await self.pages(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            # WebSockets are none of ours
            await send({"type": "websocket.close"})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        if self.state.publication is None:
            try:
                self.open()
            except (TerminologyError, OSError) as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        task = asyncio.create_task(self._follow())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        self.state.threads.close()
        self.state.log.flush()
        await send({"type": "lifespan.shutdown.complete"})

    async def _follow(self) -> None:
        """Ask the first questions, and then look for publications until the server ends."""
        if self.state.publication is not None:
            await self._tried(self.state.publication.warm, "the first questions failed")
        self.state.is_warm = True
        self._ready()
        heap = Heap()
        while True:
            await asyncio.sleep(self.state.settings.reload_seconds)
            heap.settle()
            newer = await self._tried(self._newer, "what was published cannot be opened, the former state answers on")
            if newer is not None:
                self.state.publication = newer
                self.state.metrics.happened("reloads")
                self.state.log.said("info", f"answering from generation {newer.store.generation} of the store")

    def _newer(self) -> Publication | None:
        """Return what was published since, opened and warm; None where nothing was."""
        publications = self._publications
        if publications is None or not publications.is_outdated():
            return None
        newer = publications.opened()
        newer.warm(self.state.publication)
        return newer

    async def _tried(self, work: Callable[[], Result], complaint: str) -> Result | None:
        """Return what a thread gives; None where it fails, which is written to the log once, and not at every look."""
        try:
            result = await asyncio.get_running_loop().run_in_executor(None, work)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the server answers on
            self.state.metrics.happened("reload_failures")
            message = f"{complaint}: {error}"
            if message != self._complaint:
                self._complaint = message
                self.state.log.said("error", message)
            return None
        self._complaint = ""
        return result
