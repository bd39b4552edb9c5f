"""Requests that take long: they go to threads, few of them wait, and none for ever."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from terminology.fhir import Request, Response
from terminology.fhir.budget import spend
from terminology.server.pace import MOST_FORMS, Pace, form_of
from terminology.server.settings import Limits

from .asking import EXPAND, LOOKUP, Server

LONGEST = 20.0
"""Seconds after which a test is given up that would wait for ever."""


class Gate:
    """Work on value sets that goes on until it is let through."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.threads: list[str] = []

    def __call__(self, request: Request) -> Response | None:
        """Wait, where it is a request for a value set."""
        self.threads.append(threading.current_thread().name)
        if request.path.startswith("ValueSet"):
            self.opened.wait(LONGEST)
        return None


@pytest.fixture
def gate() -> Iterator[Gate]:
    """A gate that is open at the end."""
    made = Gate()
    yield made
    made.opened.set()


def gated(folder: Path, gate: Gate, limits: Limits) -> Server:
    """Return a server that works on value sets until the gate is opened."""
    server = Server(folder, limits=limits)
    server.service.work = gate
    return server


def test_short_requests_do_not_wait_for_long_ones(sample_store: Path, gate: Gate) -> None:
    """All threads are busy, and a code is looked up; health is told as well."""
    server = gated(sample_store, gate, Limits(threads=2))

    async def run() -> None:
        for _ in range(3):
            await server.asked(LOOKUP)
        long = [asyncio.create_task(server.asked(EXPAND)) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert (await server.asked(LOOKUP)).status == 200
        assert (await server.asked("/health")).status == 200
        assert b"terminology_long_requests 3\n" in (await server.asked("/metrics")).body
        assert not any(task.done() for task in long)
        gate.opened.set()
        assert [task.status for task in await asyncio.gather(*long)] == [200, 200, 200]
        assert b"terminology_long_requests 0\n" in (await server.asked("/metrics")).body

    asyncio.run(asyncio.wait_for(run(), LONGEST))


def parameters(**parameter: object) -> dict[str, object]:
    """Return a body with one parameter."""
    return {"resourceType": "Parameters", "parameter": [parameter]}


LOOKUP_POSTED = "/r5/CodeSystem/$lookup"
ESCAPED = rb'{"resourceType":"Parameters","parameter":[{"name":"tx-res\u006furce","res\u006furce":{}}]}'
"""What a search for the bytes of a name does not find."""


@pytest.mark.parametrize(
    ("target", "body", "becomes_quick"),
    [
        (LOOKUP, None, True),
        (EXPAND, None, True),
        ("/r5/CodeSystem", None, True),
        ("/r5/CodeSystem/$lookup", {"resourceType": "Parameters"}, True),
        (LOOKUP_POSTED, parameters(name="code", valueCode="E11.9"), True),
        (LOOKUP_POSTED, parameters(name="coding", valueCoding={"code": "E11.9"}), True),
        (LOOKUP_POSTED, parameters(name="x", valueCodeableConcept={"coding": [{"code": "E11.9"}]}), True),
        (LOOKUP_POSTED, parameters(name="tx-resource", resource={"resourceType": "ValueSet"}), False),
        (LOOKUP_POSTED, ESCAPED, False),
        (LOOKUP_POSTED, parameters(name="x", part=[{"name": "y", "resource": {}}]), False),
        (LOOKUP_POSTED, parameters(name="x", valueCodeableConcept={"coding": [{"code": "a"}] * 11}), False),
        (LOOKUP_POSTED, parameters(name="x", valueX=[[{}]]), False),
        (LOOKUP_POSTED, {"resourceType": "Parameters", "contained": [{"resourceType": "ValueSet"}]}, False),
        (LOOKUP_POSTED, {"resourceType": "Parameters", "parameter": [{"name": "a"}] * 21}, False),
        (LOOKUP_POSTED, {"resourceType": "CodeSystem"}, False),
        ("/r5/CodeSystem/$lookup", {"resourceType": "Parameters", "id": "x" * 9_000}, False),
        ("/r5/ValueSet/$expand", {"resourceType": "Parameters"}, False),
        ("/r5/CodeSystem/$batch-validate-code", {"resourceType": "Parameters"}, False),
        ("/r5", {"resourceType": "Bundle"}, False),
    ],
)
def test_what_may_take_long_goes_to_a_thread(
    server: Server, gate: Gate, target: str, body: object, *, becomes_quick: bool
) -> None:
    """What was short three times does not any more; what a client sends along says nothing of the next time."""
    gate.opened.set()
    server.service.work = gate
    for _ in range(5):
        assert server.ask(target, "POST" if body else "GET", body=body).status == 200
    in_loop = [name == "MainThread" for name in gate.threads]
    assert in_loop == ([False] * 3 + [True] * 2 if becomes_quick else [False] * 5)


def test_what_is_the_same_until_a_publication_needs_no_thread(server: Server, gate: Gate) -> None:
    """Not even the first time."""
    gate.opened.set()
    server.service.work = gate
    for target in ("/r5/metadata", "/r4/metadata?mode=terminology", "/r5/$versions"):
        server.ask(target)
    assert gate.threads == ["MainThread"] * 3


def test_few_wait_and_others_are_told_to_come_back(sample_store: Path, gate: Gate) -> None:
    """One works, two wait; a fourth is 503, and again served once there is room."""
    server = gated(sample_store, gate, Limits(threads=1, queue=2))

    async def run() -> None:
        long = [asyncio.create_task(server.asked(EXPAND)) for _ in range(3)]
        await asyncio.sleep(0.05)
        answer = await server.asked(EXPAND)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert answer.json["issue"][0]["code"] == "throttled"
        gate.opened.set()
        await asyncio.gather(*long)
        assert (await server.asked(EXPAND)).status == 200
        assert b'terminology_events_total{event="overloaded"} 1\n' in (await server.asked("/metrics")).body

    asyncio.run(asyncio.wait_for(run(), LONGEST))


def test_nobody_waits_longer_than_the_limit(sample_store: Path, gate: Gate) -> None:
    """Neither for a thread that works nor for one that never came; what works keeps its place until it ends."""
    server = gated(sample_store, gate, Limits(threads=1, queue=1, seconds=0.1))

    async def run() -> None:
        answers = await asyncio.gather(*(server.asked(EXPAND) for _ in range(2)))
        assert [answer.status for answer in answers] == [504, 504]
        assert answers[0].json["issue"][0]["code"] == "timeout"
        assert "0.1 seconds" in answers[0].text
        assert server.application.state.threads.under_way == 1
        gate.opened.set()
        while server.application.state.threads.under_way:  # noqa: ASYNC110 -- a thread changes it
            await asyncio.sleep(0.01)
        assert (await server.asked(EXPAND)).status == 200

    asyncio.run(asyncio.wait_for(run(), LONGEST))
    assert len(server.service.asked) == 2, "what never began is not begun after its client has gone"


def test_work_that_is_given_up_ends_soon_after(sample_store: Path) -> None:
    """It looks at the time, and its place is free again."""
    server = Server(sample_store, limits=Limits(threads=1, queue=0, seconds=0.1))
    ended = threading.Event()

    def endless(_request: Request) -> None:
        try:
            while not ended.wait(0.001):
                spend()
        finally:
            ended.set()

    async def run() -> None:
        server.service.work = endless
        answer = await server.asked(EXPAND)
        assert (answer.status, answer.json["issue"][0]["code"]) == (504, "timeout")
        while server.application.state.threads.under_way:  # noqa: ASYNC110 -- a thread changes it
            await asyncio.sleep(0.01)
        assert ended.is_set()

    try:
        asyncio.run(asyncio.wait_for(run(), LONGEST / 4))
    finally:
        ended.set()


def test_large_bodies_are_read_by_the_thread(server: Server) -> None:
    """What is wrong with them is said as of small ones."""
    assert server.ask("/r5/ValueSet/$expand", "POST", body=b"{" * 100_000).status == 400


def test_value_sets_that_were_short_are_answered_at_once(server: Server, gate: Gate) -> None:
    """After a few times, whatever the code or the words; another value set, or count, is one of its own."""
    gate.opened.set()
    server.service.work = gate
    for word in ("heart", "foot", "eye", "ear"):
        assert server.ask(f"{EXPAND}&count=20&filter={word}").status == 200
    assert ["MainThread" in name for name in gate.threads] == [False, False, False, True]
    server.ask(f"{EXPAND}&count=21&filter=ear")
    server.ask(f"{EXPAND}2&count=20&filter=ear")
    server.ask(f"{EXPAND}&count=20&filter=ear".replace("r5", "r4"))
    assert ["MainThread" in name for name in gate.threads[4:]] == [False, False, True]


def test_one_that_was_long_once_goes_to_a_thread_again(server: Server, gate: Gate) -> None:
    """It makes others wait once, and no more."""
    gate.opened.set()
    server.service.work = gate
    for _ in range(4):
        server.ask(EXPAND)

    def busy(request: Request) -> None:
        ending = time.thread_time() + 0.01
        while time.thread_time() < ending:
            pass
        gate(request)

    server.service.work = busy
    server.ask(EXPAND)
    server.service.work = gate
    for _ in range(10):
        server.ask(EXPAND)
    assert ["MainThread" in name for name in gate.threads] == [*[False] * 3, *[True] * 2, *[False] * 10]


def test_forms_that_clients_make_up_fill_no_memory() -> None:
    """What is known is bounded; what is pushed out is measured again."""
    pace = Pace()
    for number in range(MOST_FORMS * 2):
        pace.took(form_of(str(number), ()), 0.0)
    assert len(pace._runs) <= MOST_FORMS
