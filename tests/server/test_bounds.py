"""What bodies take of a process: values of JSON, and bytes of clients that send at the same time."""

from __future__ import annotations

import contextlib
import gzip
import json
import sys
import threading
import tracemalloc
from pathlib import Path

import pytest

from terminology.fhir import Request
from terminology.server.bodies import parsed_json, value_count
from terminology.server.memory import SMALL, Memory
from terminology.server.refusals import Refusal
from terminology.server.settings import Limits

from .asking import Server

POST = "/r5/ValueSet/$expand"
MEBIBYTE = 1 << 20


def test_brackets_beside_brackets_are_413(server: Server) -> None:
    """Fifteen kilobytes of gzip with five million objects are rejected before they are parsed."""
    limits = Limits()
    start = b'{"parameter":[{"name":"x","part":['
    body = start + b"{}," * ((limits.body_bytes - 100) // 3) + b"{}]}]}"
    packed = gzip.compress(body)
    assert len(packed) < 20_000
    tracemalloc.start()
    answer = server.ask(POST, "POST", body=packed, content_encoding="gzip")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status == 413
    assert "2,097,152 JSON values" in answer.text
    assert server.service.asked == []
    assert most < 5 * limits.body_bytes


def test_the_largest_code_system_is_no_bomb(server: Server) -> None:
    """A hundred thousand codes with titles and properties are read."""
    properties = [{"code": "kind", "valueCode": "leaf"}, {"code": "parent", "valueCode": "A00"}]
    concept = {"code": "A00.0", "display": "Cholera due to Vibrio cholerae 01", "property": properties}
    whole = {"resourceType": "CodeSystem", "concept": [concept] * 100_000}
    body = json.dumps(whole, separators=(",", ":")).encode()
    assert len(body) < Limits().body_bytes
    assert value_count(body) < Limits().values
    assert server.ask(POST, "POST", body=body).status == 200


def test_the_values_of_a_limit_take_little(sample_store: Path) -> None:
    """Objects that are as dense as is allowed take less than a quarter of a gigabyte."""
    limits = Limits()
    body = b"[" + b'{"a":1},' * (limits.values // 3 - 1) + b"{}]"
    assert value_count(body) <= limits.values
    values = parsed_json(body, limits)
    assert len(values) * (sys.getsizeof(values[0]) + 24) < 256 * MEBIBYTE


def test_few_large_bodies_are_parsed_at_a_time(sample_store: Path) -> None:
    """Two work; a third is 503, a small one is answered, and a third again when they have ended."""
    server = Server(sample_store)
    values = server.application.state.values
    large = b"[" + b"1," * 1_500_000 + b"1]"
    assert server.ask(POST, "POST", body=large).status == 200
    assert values.used == 0
    with values.share() as take, values.share() as other:
        take(2_000_000)
        other(2_000_000)
        answer = server.ask(POST, "POST", body=large)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        assert server.ask(POST, "POST", body={"resourceType": "Parameters"}).status == 200
    assert server.ask(POST, "POST", body=large).status == 200


def test_values_are_held_until_the_answer(sample_store: Path) -> None:
    """Not only while they are parsed."""
    server = Server(sample_store)
    held: list[int] = []

    def note(_request: Request) -> None:
        held.append(server.application.state.values.used)

    server.service.work = note
    server.ask(POST, "POST", body=b"[" + b"1," * 100_000 + b"1]")
    assert held == [100_001]


def taken(memory: Memory, held: contextlib.ExitStack, address: str, *sizes: int) -> bool:
    """Return whether one request can take some more."""
    take = held.enter_context(memory.share(address))
    try:
        for size in sizes:
            take(size)
    except Refusal:
        return False
    return True


def test_large_bodies_leave_room_for_small_ones() -> None:
    """Eight of nearly sixteen mebibytes are too many, and a question about a code still passes."""
    memory = Memory(128 * MEBIBYTE)
    with contextlib.ExitStack() as held:
        large = [taken(memory, held, f"10.0.0.{number}", *[MEBIBYTE] * 15, MEBIBYTE - 1_000) for number in range(8)]
        assert large == [True] * 7 + [False]
        assert taken(memory, held, "10.0.0.9", 4_000)
        assert not taken(memory, held, "10.0.0.9", SMALL, MEBIBYTE)
    assert memory.used == 0
    assert memory._held == {}


def test_one_address_leaves_room_for_others() -> None:
    """However many connections it has, and however small its bodies are."""
    memory = Memory(8 * MEBIBYTE)
    with contextlib.ExitStack() as held:
        assert sum(taken(memory, held, "10.0.0.1", SMALL) for _ in range(200)) == 96
        assert taken(memory, held, "10.0.0.2", SMALL)
    assert memory.used == 0


def test_the_address_of_a_client_is_counted(sample_store: Path) -> None:
    """While its request is answered."""
    server = Server(sample_store)
    memory = server.application.state.memory
    seen: list[dict[str, int]] = []

    def note(_request: Request) -> None:
        seen.append(dict(memory._held))

    server.service.work = note
    server.client = ("10.0.0.1", 4711)
    server.ask(POST, "POST", body=b"{}")
    assert seen == [{"10.0.0.1": 2}]
    assert memory._held == {}


def test_memory_is_counted_by_threads_too() -> None:
    """None of what they take is lost."""
    memory = Memory(1 << 40)

    def work() -> None:
        for _ in range(2_000):
            with memory.share("a") as take:
                take(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert memory.used == 0
    with pytest.raises(Refusal), memory.share() as take:
        take(1 << 41)
