"""The server under load, FHIR and pages: requests a second, its CPU time a request, the slowest of a hundred, memory, start.

    python -m benchmarks.fhir_load --store DIR [--seconds 5] [--workers 1 2] [--work lookup filter]

``wrk`` asks over sixteen connections that stay open; it shares the machine with the server. Requests a second depend on
what else runs; the CPU time of the server's processes, user and system, divided by the requests, depends less on it. Say both.
Codes and words are taken from the store: five thousand billable codes of ICD-10-CM, and a thousand words of their titles.

    python -m benchmarks.fhir_load --store DIR --workers 2 --publishing 600

asks all kinds of requests in one mixture for ten minutes, while the newest release of ICD-10-PCS is withdrawn from a copy of the
store and published again, over and over.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil

import terminology

SYSTEM = "http://hl7.org/fhir/sid/icd-10-cm"
OLD_SYSTEM = "http://hl7.org/fhir/sid/icd-9-cm"
CODES = 5_000
WORDS = 1_000
BATCH = 1_000
CONNECTIONS = 16
START_SECONDS = 30.0
PAUSE = 5.0
"""Seconds between two publications."""
SCRIPT = """
local paths = {}
for line in io.lines(os.getenv("PATHS")) do paths[#paths + 1] = line end
local i = 0
function request()
  i = i + 1
  return wrk.format("GET", paths[(i * 7919) % #paths + 1], {["Accept"] = "application/fhir+json"})
end
"""
"""Asks for the lines of a file, in an order that jumps."""
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True)
class Served:
    """A server that runs."""

    process: psutil.Process
    port: int
    started: float
    """Seconds from its start to its first answer to ``metadata``."""

    @property
    def family(self) -> list[psutil.Process]:
        """Its processes."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu(self) -> float:
        """Return the seconds that its processes took."""
        return sum(times.user + times.system for times in (one.cpu_times() for one in self.family))

    def memory(self) -> list[tuple[int, int]]:
        """Return the resident and the private MiB of each process that answers."""
        answering = self.family[1:] or self.family
        found = [one.memory_full_info() for one in answering]
        return [(info.rss >> 20, info.uss >> 20) for info in found]


@dataclass(frozen=True)
class Result:
    """What one kind of request took."""

    work: str
    rate: float
    micros: float
    slowest: float
    """Milliseconds, of the slowest of a hundred."""
    size: int
    failed: bool


def main() -> None:
    """Run what the command line asks for, and print a table for each number of processes."""
    arguments = _arguments()
    paths = requests_of(Path(arguments.store))
    with tempfile.TemporaryDirectory(prefix="terminology-load-") as folder:
        (Path(folder) / "load.lua").write_text(SCRIPT)
        for workers in arguments.workers:
            if arguments.publishing:
                publishing(Path(arguments.store), workers, arguments.publishing, Path(folder), paths)
                continue
            with _server(arguments.store, workers) as server:
                print(f"\n### {workers} process{'es' if workers > 1 else ''}\n")
                print(f"start to first 200: {server.started:.2f} s; MiB resident, own: {server.memory()}\n")
                print(
                    "| work | requests/s | server CPU µs a request | p99 ms | bytes | note |\n|---|---|---|---|---|---|"
                )
                for work in arguments.work or paths:
                    print(_row(_measured(server, work, paths[work], Path(folder), arguments.seconds)), flush=True)
                for form, seconds, cpu in _batches(server, paths["lookup"]):
                    print(
                        f"| {form}, {BATCH:,} codes | {BATCH / seconds:,.0f} codes/s | {cpu / BATCH * 1e6:.1f} a code | | | |"
                    )
                print(f"\nMiB resident, own, after load: {server.memory()}", flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fhir_load", description="The FHIR server under load.")
    parser.add_argument(
        "--store", default=os.environ.get("TERMINOLOGY_STORE"), required=not os.environ.get("TERMINOLOGY_STORE")
    )
    parser.add_argument("--seconds", type=int, default=5, help="of each kind of request (default: 5)")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="numbers of processes (default: 1 2)")
    parser.add_argument("--publishing", type=int, help="seconds of mixed requests while releases are published")
    parser.add_argument("--work", nargs="+", help="kinds of requests; all by default")
    return parser.parse_args()


def requests_of(store: Path) -> Mapping[str, Sequence[str]]:
    """Return paths to ask for, by kind of request."""
    edition = terminology.open(store)["icd10cm"].latest
    chance = random.Random(1)  # noqa: S311 -- the same codes each time
    listed = [code for code in edition if edition.is_billable(code)]
    codes = chance.sample(listed, min(CODES, len(listed)))
    titles = " ".join(edition[code].title for code in codes)
    words = sorted({word.lower() for word in re.findall(r"[A-Za-z]{5,}", titles)})
    words = chance.sample(words, min(WORDS, len(words)))
    everything, diabetes = (quote(f"{SYSTEM}?fhir_vs{end}", safe=":/") for end in ("", "=isa/E11"))
    expand = "/r4/ValueSet/$expand"
    return {
        "lookup": [f"/r4/CodeSystem/$lookup?system={SYSTEM}&code={code}" for code in codes],
        "lookup on a day": [f"/r4/CodeSystem/$lookup?system={SYSTEM}&code={code}&date=2024-03-01" for code in codes],
        "validate-code": [f"/r4/CodeSystem/$validate-code?url={SYSTEM}&code={code}" for code in codes],
        "validate-code in a value set": [
            f"/r4/ValueSet/$validate-code?url={everything}&system={SYSTEM}&code={code}" for code in codes
        ],
        "subsumes": [f"/r4/CodeSystem/$subsumes?system={SYSTEM}&codeA=E11&codeB={code}" for code in codes],
        "translate": [
            f"/r4/ConceptMap/$translate?system={SYSTEM}&code={code}&targetsystem={OLD_SYSTEM}" for code in codes
        ],
        "expand E11 and below": [f"{expand}?url={diabetes}&count=200"],
        "filter, one word": [f"{expand}?url={everything}&count=20&filter=diabetes"],
        "filter, many words": [f"{expand}?url={everything}&count=20&filter={word}" for word in words],
        "page of a code": [f"/code/icd10cm/{code}" for code in codes],
        "page of a search": [f"/?system=icd10cm&q={word}" for word in words],
        "metadata": ["/r4/metadata"],
        "health": ["/health"],
    }


def publishing(store: Path, workers: int, seconds: int, folder: Path, paths: Mapping[str, Sequence[str]]) -> None:
    """Ask a mixture while a release comes and goes, and print what was answered and how memory grew.

    Args:
        store: Is copied first.
        workers: Processes of the server.
        seconds: How long.
        folder: For the paths that are asked.
        paths: By kind of request; as many of each.
    """
    copy = folder / f"store-{workers}"
    shutil.copytree(store, copy)
    chance = random.Random(2)  # noqa: S311 -- the same mixture each time
    mixed = [one for kind in paths.values() for one in chance.choices(kind, k=CODES)]
    chance.shuffle(mixed)
    (folder / "paths").write_text("\n".join(mixed))
    newest = terminology.open(copy)["icd10pcs"].latest.release
    assert newest is not None
    steps = itertools.cycle((["withdraw", "icd10pcs", newest.version], ["rollback"]))
    with _server(str(copy), workers) as server, ThreadPoolExecutor(1) as one:
        asked = one.submit(_asked, server.port, folder, seconds)
        memory, published = [], 0
        while not asked.done():
            time.sleep(PAUSE)
            subprocess.run(
                [sys.executable, "-m", "terminology", *next(steps), "--store", str(copy)],
                check=True,
                capture_output=True,
            )
            published += 1
            memory.append(sum(private for _, private in server.memory()))
        said = asked.result()
        failed = [line.strip() for line in said.splitlines() if "Non-2xx" in line or "Socket errors" in line]
        count = re.search(r"(\d+) requests in", said)
        print(f"{workers} processes, {seconds} s: {count[1] if count else 0} requests, {published} publications")
        print(f"errors: {'; '.join(failed) or 'none'}")
        quarters = [memory[len(memory) * part // 4] for part in range(4)] + memory[-1:]
        print(f"own MiB of all that answer, at each quarter: {quarters}, at most {max(memory)}", flush=True)
        print("\n".join(line for line in said.splitlines() if "%" in line))


@contextlib.contextmanager
def _server(store: str, workers: int) -> Iterator[Served]:
    command = [sys.executable, "-m", "terminology", "serve", "--port", "0", "--store", store, "--log", "none"]
    began = time.perf_counter()
    with subprocess.Popen([*command, "--workers", str(workers)], stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = re.search(r":(\d+)/", process.stderr.readline())
            if found is None:
                raise RuntimeError(process.stderr.read())
            port = int(found[1])
            _until(lambda: _got(port, "/r4/metadata")[0] == 200)
            started = time.perf_counter() - began
            _until(lambda: _got(port, "/ready")[0] == 200)
            yield Served(psutil.Process(process.pid), port, started)
        finally:
            process.terminate()


def _until(condition: Callable[[], bool]) -> None:
    ending = time.monotonic() + START_SECONDS
    while time.monotonic() < ending:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if condition():
                return
        time.sleep(0.005)
    raise TimeoutError("the server does not answer")


def _got(port: int, path: str, body: Any = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    with contextlib.closing(connection):
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": "application/fhir+json"}
        connection.request("GET" if body is None else "POST", path, content, headers)
        response = connection.getresponse()
        return response.status, response.read()


def _measured(server: Served, work: str, paths: Sequence[str], folder: Path, seconds: int) -> Result:
    (folder / "paths").write_text("\n".join(paths))
    status, body = _got(server.port, paths[0])
    _asked(server.port, folder, 1)
    before = server.cpu()
    said = _asked(server.port, folder, seconds)
    cpu = server.cpu() - before
    count = re.search(r"(\d+) requests in ([\d.]+)s", said)
    slowest = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    if count is None or slowest is None:
        raise RuntimeError(said)
    number = int(count[1])
    failed = status != 200 or "Non-2xx" in said or "Socket errors" in said
    milliseconds = float(slowest[1]) * UNITS[slowest[2]]
    return Result(work, number / float(count[2]), cpu / number * 1e6, milliseconds, len(body), failed)


def _asked(port: int, folder: Path, seconds: int) -> str:
    """Return what wrk says."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-s", str(folder / "load.lua")]
    environment = {**os.environ, "PATHS": str(folder / "paths")}
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout


def _row(result: Result) -> str:
    note = "with errors" if result.failed else ""
    return f"| {result.work} | {result.rate:,.0f} | {result.micros:.0f} | {result.slowest:.1f} | {result.size:,} | {note} |"


def _batches(server: Served, paths: Sequence[str]) -> Iterator[tuple[str, float, float]]:
    """Yield form, seconds and CPU seconds of a batch of codes, the best of five."""
    codes = [path.rpartition("=")[2] for path in paths[:BATCH]]
    coded = [{"system": SYSTEM, "code": code} for code in codes]
    inner = [
        {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueCoding": coding}]} for coding in coded
    ]
    body = {"resourceType": "Parameters", "parameter": [{"name": "validation", "resource": one} for one in inner]}
    urls = [f"CodeSystem/$validate-code?url={SYSTEM}&code={code}" for code in codes]
    bundle = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in urls],
    }
    for form, path, content in (
        ("$batch-validate-code", "/r4/CodeSystem/$batch-validate-code", body),
        ("Bundle", "/r4", bundle),
    ):
        runs = []
        for _ in range(5):
            before, began = server.cpu(), time.perf_counter()
            status, _answer = _got(server.port, path, content)
            runs.append((time.perf_counter() - began, server.cpu() - before))
            if status != 200:
                raise RuntimeError(f"{form}: {status}")
        yield form, *min(runs)


if __name__ == "__main__":
    main()
