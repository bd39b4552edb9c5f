"""Servers as processes: they begin, end, replace what dies, and lose no request."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import psutil
import pytest

import terminology
from terminology.samples import sample_folders

ROOT = Path(__file__).parents[2]
SLOW = Path(__file__).with_name("slow_server.py")
LONGEST = 30.0


def environment() -> dict[str, str]:
    """Return the environment of a process that runs this code."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(str(ROOT / name) for name in ("src", "loaders", "crosswalks"))}


class Process:
    """A server in a process of its own."""

    def __init__(self, command: Sequence[str | Path]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)], stderr=subprocess.PIPE, text=True, env=environment()
        )
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found is not None, line + self.process.stderr.read()
        self.port = int(found[1])
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.until(lambda: self.get("/ready")[0] == 200)

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(self.process.stderr)

    def get(self, target: str, **headers: str) -> tuple[int, bytes]:
        """Return status and body of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        with contextlib.closing(connection):
            connection.request("GET", target, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()

    def post(self, body: Any) -> tuple[int, bytes]:
        """Return status and body of the answer to a body, which is sent whole before the answer is read."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST)
        with contextlib.closing(connection):
            connection.request("POST", "/r5/ValueSet/$expand", body=body)
            response = connection.getresponse()
            return response.status, response.read()

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        ending = time.monotonic() + LONGEST
        while time.monotonic() < ending:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if condition():
                    return
            time.sleep(0.02)
        raise TimeoutError("".join(self.lines))

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, and return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(LONGEST)


@pytest.fixture
def started() -> Iterator[Callable[..., Process]]:
    """Return a function that starts servers; none of them outlives the test."""
    processes: list[Process] = []

    def start(*command: str | Path) -> Process:
        processes.append(Process(command))
        return processes[-1]

    yield start
    for one in processes:
        family = [one.process.pid]
        with contextlib.suppress(psutil.NoSuchProcess):
            family += [child.pid for child in psutil.Process(one.process.pid).children(recursive=True)]
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        one.process.wait(LONGEST)
        one._reader.join(LONGEST)
        assert one.process.stderr is not None
        one.process.stderr.close()


Start = Callable[..., Process]


def serve(store: Path, *options: str) -> list[str | Path]:
    """Return the command of a server at any free port."""
    return ["-m", "terminology", "serve", "--port", "0", "--store", store, *options]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_answers_and_ends_without_complaint(started: Start, sample_store: Path, number: int) -> None:
    """Exit code 0, whichever of the two signals ends it; each answer has its line in the log."""
    server = started(*serve(sample_store))
    status, body = server.get("/r5/CodeSystem/$lookup?system=http://hl7.org/fhir/sid/icd-10-cm&code=E11.9")
    assert status == 200
    assert json.loads(body)["resourceType"] == "Parameters"
    assert server.end(number) == 0
    server._reader.join(LONGEST)
    lines = [json.loads(line) for line in server.lines]
    assert {"CodeSystem/$lookup"} == {line["interaction"] for line in lines if line["event"] == "request"}
    assert lines[-1]["message"] == f"the server has ended, as {signal.Signals(number).name} told it"


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_under_way_is_finished(started: Start, sample_store: Path, workers: str) -> None:
    """After the signal; new connections are turned away meanwhile."""
    server = started(SLOW, sample_store, workers)
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/r5/ValueSet/$expand")[0]))
    asking.start()
    time.sleep(0.3)
    assert server.end() == 0
    asking.join(LONGEST)
    assert answers == [200]
    with pytest.raises(OSError, match="refused"):
        server.get("/health")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_end_is_not_put_off_for_ever(started: Start, sample_store: Path, workers: str) -> None:
    """What takes longer than the server waits for is left, and the client told."""
    server = started(SLOW, sample_store, workers, "60")
    answers: list[tuple[int, bytes]] = []
    asking = threading.Thread(target=lambda: answers.append(server.get("/r5/ValueSet/$expand")))
    asking.start()
    time.sleep(0.3)
    began = time.monotonic()
    assert server.end() == 0
    assert 2 < time.monotonic() - began < 15
    asking.join(LONGEST)
    ((status, body),) = answers
    assert (status, json.loads(body)["resourceType"]) == (503, "OperationOutcome")


class Clients:
    """Two clients that ask without pause, one of them on a connection that stays open."""

    def __init__(self, server: Process, target: str) -> None:
        self.faults: list[Any] = []
        self.asked = [0, 0]
        self._server = server
        self._target = target
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(number,)) for number in range(2)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(LONGEST)

    def _ask(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._server.port, timeout=LONGEST)
        while not self._is_over.is_set():
            try:
                status = self._answered(connection) if number else self._server.get(self._target)[0]
            except (OSError, http.client.HTTPException) as error:
                status = error
            self.asked[number] += 1
            if status != 200:
                self.faults.append(status)
        connection.close()

    def _answered(self, connection: http.client.HTTPConnection) -> Any:
        connection.request("GET", self._target)
        response = connection.getresponse()
        response.read()
        return response.status


def lookup(system: str, code: str) -> str:
    """Return what asks for a code."""
    return f"/r5/CodeSystem/$lookup?system={system}&code={code}"


def test_a_release_is_loaded_while_clients_ask(started: Start, tmp_path: Path) -> None:
    """None of their requests fails, in neither worker, and then both answer from the new release."""
    folders = {path.name: path for path in sample_folders()}
    store = tmp_path / "store"
    assert terminology.load(folders["hcpcs"], store=store).ok
    server = started(*serve(store, "--workers", "2", "--reload", "0.2"))
    newer = lookup("http://hl7.org/fhir/sid/icd-10-cm", "E11.9")
    assert server.get(newer)[0] == 404
    with Clients(server, lookup("http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets", "J1815")) as clients:
        command = [sys.executable, "-m", "terminology", "load", folders["icd10cm"], "--store", store]
        subprocess.run(command, check=True, capture_output=True, timeout=LONGEST, env=environment())
        server.until(lambda: b'event="reloads"} 2\n' in server.get("/metrics")[1])
        assert {server.get(newer)[0] for _ in range(30)} == {200}
    assert clients.faults == []
    assert min(clients.asked) > 20


def test_a_worker_that_dies_is_replaced(started: Start, sample_store: Path) -> None:
    """Its counters go on, the log says how it ended, and that is counted."""
    server = started(SLOW, sample_store, "2")
    workers = psutil.Process(server.process.pid).children()
    assert len(workers) == 2
    for _ in range(20):
        assert server.get("/r5/CodeSystem/$lookup")[0] == 200

    def count() -> int:
        page = server.get("/metrics")[1].decode()
        found = re.search(r'requests_total{interaction="CodeSystem/\$lookup",status="2xx"} (\d+)', page)
        return int(found[1]) if found else 0

    assert count() == 20
    workers[0].kill()
    server.until(
        lambda: {child.pid for child in psutil.Process(server.process.pid).children()} != {w.pid for w in workers}
    )
    server.until(lambda: len(psutil.Process(server.process.pid).children()) == 2)
    assert count() == 20
    server.until(lambda: b'event="worker_ends"} 1\n' in server.get("/metrics")[1])
    assert server.end() == 0
    server._reader.join(LONGEST)
    lines = [json.loads(line) for line in server.lines]
    (error,) = (line["message"] for line in lines if line["event"] == "error")
    assert error == f"worker {workers[0].pid} ended unasked (SIGKILL), another one takes its place"
    assert [line["message"] for line in lines if line["event"] == "info"] == [
        "the server has ended, as SIGTERM told it"
    ]


def test_workers_end_with_what_began_them(started: Start, sample_store: Path) -> None:
    """Also where that is killed, and can tell them nothing."""
    server = started(SLOW, sample_store, "2")
    workers = psutil.Process(server.process.pid).children()
    server.process.kill()
    gone, alive = psutil.wait_procs(workers, timeout=LONGEST)
    assert (len(gone), alive) == (2, [])


def ended(*command: str | Path) -> tuple[int, str]:
    """Return exit code and standard error of a command that cannot begin."""
    result = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
        env=environment(),
    )
    return result.returncode, result.stderr


@pytest.mark.parametrize("workers", ["1", "2"])
def test_without_a_store_nothing_is_served(tmp_path: Path, workers: str) -> None:
    """Exit code 2 and the message, also where the workers find out."""
    code, text = ended(*serve(tmp_path / "nothing", "--workers", workers))
    assert code == 2
    assert "no store in" in text
    assert "serving" not in text
    assert "Traceback" not in text


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_server_says_that_it_serves_once_and_when_it_does(sample_store: Path, tmp_path: Path, workers: str) -> None:
    """Not where a file of resources is broken; and the first request after the line finds a server that is ready."""
    (tmp_path / "broken.json").write_text("{")
    broken = serve(sample_store, "--workers", workers, "--resources", str(tmp_path / "broken.json"))
    code, text = ended(*broken)
    assert (code, "serving" in text) == (2, False)
    command = [sys.executable, *map(str, serve(sample_store, "--workers", workers))]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        found = re.search(r"serving FHIR at http://127\.0\.0\.1:(\d+)/r4", process.stderr.readline())
        assert found is not None
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=LONGEST)) as connection:
            connection.request("GET", "/r5/metadata")
            assert connection.getresponse().status == 200
        time.sleep(1)
        process.terminate()
        assert "serving FHIR" not in process.stderr.read()
        assert process.wait(LONGEST) == 0


def test_a_damaged_store_has_its_own_exit_code(tmp_path: Path) -> None:
    """As with every command."""
    (samples,) = (path for path in sample_folders() if path.name == "icd10cm")
    assert terminology.load(samples, store=tmp_path / "store").ok
    (tmp_path / "store" / "CURRENT.json").write_text("damaged")
    assert [ended(*serve(tmp_path / "store", "--workers", workers))[0] for workers in "12"] == [3, 3]


def test_an_address_in_use_is_said(sample_store: Path) -> None:
    """With the address."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, text = ended("-m", "terminology", "serve", "--port", str(port), "--store", sample_store)
    assert code == 2
    assert f"cannot listen at 127.0.0.1:{port}" in text


@pytest.fixture
def slow(started: Start, sample_store: Path) -> Process:
    """A server with little patience."""
    return started(SLOW, sample_store, "1")


def received(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """Return all that a server answers to bytes that are sent piece by piece, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as connection:
        found = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
            while data := connection.recv(65_536):
                found += data
        except ConnectionError:
            pass
        return found


def test_long_headers_are_431(slow: Process) -> None:
    """As are many, and a long URL; the server goes on."""
    for text in (f"x: {'y' * 9_000}", "\r\n".join(f"x-{number}: y" for number in range(60))):
        assert received(slow.port, f"GET /health HTTP/1.1\r\n{text}\r\n\r\n".encode()).startswith(b"HTTP/1.1 431 ")
    assert received(slow.port, f"GET /{'y' * 9_000} HTTP/1.1\r\n\r\n".encode()).startswith(b"HTTP/1.1 431 ")
    assert slow.get("/health")[0] == 200


def test_what_is_no_http_is_400(slow: Process) -> None:
    """And closes the connection."""
    assert received(slow.port, b"\x16\x03\x01 no HTTP\r\n\r\n").startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b"GET /health HTTP/1.1\r\n", *[b"x: y\r\n"] * 30],
        [b"POST /r5/ValueSet/$expand HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n", *[b"x"] * 30],
    ],
)
def test_who_sends_slowly_is_cut_off(slow: Process, pieces: list[bytes]) -> None:
    """Whether nothing comes, or headers, or a body, without end."""
    began = time.monotonic()
    assert received(slow.port, *pieces, pause=0.2) == b""
    assert time.monotonic() - began < 10


def posted(size: int) -> bytes:
    """Return the head of a POST with a body of that many bytes."""
    return b"POST /r5/ValueSet/$expand HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % size


def test_bodies_that_stall_keep_nobody_from_asking(slow: Process) -> None:
    """Many megabytes are held for half a second: small questions are answered meanwhile, and large ones after."""
    size = (16 << 20) - 100
    with contextlib.ExitStack() as stalled:
        connections = [
            stalled.enter_context(socket.create_connection(("127.0.0.1", slow.port), timeout=LONGEST)) for _ in range(4)
        ]
        for connection in connections:
            with contextlib.suppress(ConnectionError):
                connection.sendall(posted(size) + b" " * (size - 1_000))
        began = time.monotonic()
        assert slow.post(b"{}")[0] == 200
        for connection in connections:
            with contextlib.suppress(ConnectionError):
                while connection.recv(65_536):
                    pass
        assert time.monotonic() - began < 8, "by the speed at which they came, each would have another thousand seconds"
    assert slow.post(b" " * size)[0] == 200


def test_a_body_that_drips_is_cut_off(slow: Process) -> None:
    """Much of it at once, and then a byte at a time."""
    began = time.monotonic()
    assert received(slow.port, posted(9_000_000) + b" " * 8_000_000, *[b" "] * 40, pause=0.2) == b""
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_body_that_is_too_large_is_told_so(slow: Process, *, is_chunked: bool) -> None:
    """The client sends all of it before it reads, and finds the answer, not a connection that was reset."""
    for size in (17_000_000, 40_000_000):
        status, body = slow.post(iter([b" " * 1_000_000] * (size // 1_000_000)) if is_chunked else b" " * size)
        assert (status, json.loads(body)["issue"][0]["code"]) == (413, "too-long")


def test_what_comes_without_end_after_an_answer_is_cut_off(slow: Process) -> None:
    """In time, whatever the client sends."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", slow.port), timeout=LONGEST) as connection:
        connection.sendall(posted(1 << 40))
        with pytest.raises(ConnectionError):
            connection.sendall(b" " * 500_000_000)
    assert time.monotonic() - began < 20
    assert slow.get("/health")[0] == 200


def test_who_does_not_read_is_cut_off(slow: Process) -> None:
    """An answer of twenty megabytes is not kept for ever."""
    with socket.create_connection(("127.0.0.1", slow.port), timeout=LONGEST) as connection:
        connection.sendall(b"GET /r5/metadata HTTP/1.1\r\nhost: a\r\n\r\n")
        process = psutil.Process(slow.process.pid)
        slow.until(lambda: any(one.laddr.port == slow.port and one.raddr for one in process.net_connections()))
        slow.until(lambda: not any(one.laddr.port == slow.port and one.raddr for one in process.net_connections()))
    assert slow.get("/health")[0] == 200


def test_a_connection_is_kept_for_many_requests(slow: Process) -> None:
    """HEAD, 304, errors and large answers leave it in order; longer between them than the patience is fine."""
    connection = http.client.HTTPConnection("127.0.0.1", slow.port, timeout=LONGEST)
    with contextlib.closing(connection):
        tag, statuses = "", []
        for method, target in (
            ("GET", "/r5/CodeSystem/$lookup"),
            ("GET", "/r5/CodeSystem/$lookup"),
            ("HEAD", "/r5/CodeSystem/$lookup"),
            ("PUT", "/r5/CodeSystem/a"),
            ("OPTIONS", "/r5/CodeSystem/a"),
            ("GET", "/r4/metadata"),
            ("GET", "/health"),
        ):
            connection.request(method, target, headers={"If-None-Match": tag} if method == "GET" and tag else {})
            response = connection.getresponse()
            body = response.read()
            statuses.append((response.status, len(body) > 0))
            tag = tag or response.headers["ETag"]
            time.sleep(0.25)
    assert statuses == [(200, True), (304, False), (200, False), (405, True), (204, False), (200, True), (200, True)]
