"""What a server answers from: a store as it was published, and the service over it; and the next one.

A server looks at the pointer of its store every few seconds. Where it has changed, the new state is opened and asked a
few questions aside, and then put in place by one assignment. A request that is under way keeps the state with which it
began. A state that cannot be opened is reported, and the former one answers on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Protocol, TypeAlias

from attrs import field, frozen

from ..fhir import FHIR_VERSIONS, FhirVersion, Request, Resource, Response
from ..query import Terminology, open_store
from ..store import default_path
from ..store.marks import digest_at, mark_of
from .pace import Pace, question_of
from .queries import Query
from .settings import Settings

ATTEMPTS = 5
"""To open a store while others publish in it."""
PREPARED = 50
"""Forms of questions."""


class Answering(Protocol):
    """What answers requests: `terminology.fhir.service.Service`."""

    def answer(self, request: Request) -> Response:
        """Return the answer, also where it is an error."""
        ...


Prompt: TypeAlias = "Callable[[FhirVersion, str, Query, str | None], Resource | None]"
"""Answers a question that is known to be quick: endpoint, path, parameters of the URL, languages that are accepted."""
MakeService: TypeAlias = Callable[[Terminology, Sequence[Resource]], Answering]


def make_service(store: Terminology, resources: Sequence[Resource]) -> Answering:
    """Return the FHIR service over a store."""
    from ..fhir.service import Service

    made: Answering = Service(store, resources)
    return made


@frozen(eq=False)
class Publication:
    """A store as it was published, and the service over it."""

    store: Terminology
    service: Answering
    stamp: bytes
    """The same in every process, on every host, that would give the same answers."""
    names: Mapping[str, str]
    """Short names of the code systems by URI."""
    pace: Pace = field(factory=Pace)
    """Which questions are short to answer from it."""
    prompt: Prompt = field(init=False)
    """Answers at once what the service has prepared; of anything else None, and the service is to be asked."""

    @prompt.default
    def _prompt(self) -> Prompt:
        # a service need not prepare anything
        found: Prompt = getattr(self.service, "prompt", lambda *_: None)
        return found

    def warm(self, former: Publication | None = None) -> None:
        """Ask a few questions, so that no client waits for what the first one costs.

        Args:
            former: What is answered from so far; the value sets that its clients ask for are prepared too.
        """
        for request in self._first_requests(former):
            self.service.answer(request)

    def _first_requests(self, former: Publication | None) -> Iterator[Request]:
        for fhir in FHIR_VERSIONS:
            yield Request("metadata", fhir)
            yield Request("metadata", fhir, query=(("mode", "terminology"),))
        for system in self.store.values():
            yield Request("CodeSystem/$lookup", query=(("system", system.definition.uri), ("code", "0")))
        for path, query in map(question_of, former.pace.latest(PREPARED) if former else ()):
            yield Request(path, query=query)


class Publications:
    """Opens what is published, and says when something else is."""

    def __init__(
        self, settings: Settings, resources: Sequence[Resource] = (), make: MakeService = make_service
    ) -> None:
        self._place = settings.store or default_path()
        self._resources = tuple(resources)
        self._make = make
        self._seen: object = None

    def opened(self) -> Publication:
        """Return what is published now.

        Raises:
            TerminologyError: There is no store, or it is damaged, or cannot be reached.
        """
        for _ in range(ATTEMPTS):
            seen, before = mark_of(self._place), digest_at(self._place)
            store = open_store(self._place)
            if digest_at(self._place) == before:
                break
        made = Publication(
            store=store,
            service=self._make(store, self._resources),
            stamp=self._stamp(store, before),
            names={system.definition.uri: name for name, system in store.items()},
        )
        # what could not be opened is tried again at the next look
        self._seen = seen
        return made

    def is_outdated(self) -> bool:
        """Return whether something was published since `opened`.

        Raises:
            TerminologyError: The store cannot be reached.
            OSError: The same.
        """
        return mark_of(self._place) != self._seen

    def _stamp(self, store: Terminology, digest: str) -> bytes:
        import orjson

        facts = "\n".join((version("terminology-server"), digest, *sorted(store.licences)))
        return hashlib.sha256(facts.encode() + orjson.dumps(self._resources)).hexdigest()[:32].encode()
