"""Servers that mean harm against the fetching of an update: each answer must cost its own file, in bounded time.

    python -m benchmarks.attack_servers              every answer, and the counts that must be nought
    python -m benchmarks.attack_servers redirect     those whose name has the word

Beside each bad file a good one is fetched. An answer counts as a traceback where an exception leaves `fetch_all`, or
an error is one that nobody foresaw; as over the deadline where it takes longer than that and a second; as astray where
a redirect reached a server that it must not reach; as lost where the good file was not fetched. All servers are on
127.0.0.1 and end with the run.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import socket
import struct
import sys
import tempfile
import threading
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from terminology.update.fetching import FetchReport, fetch_all
from terminology.update.sources import Source
from terminology.update.transport import Http

DEADLINE: Final = 0.5
GRACE: Final = 1.0
"""For what is not the server's doing: a busy machine, the checking of the bytes that came."""
LONGEST: Final = 20.0
"""No script sends for longer, and no answer is waited for longer."""
Script = Callable[[socket.socket, bytes, int], None]
"""What is done with a connection, after the head of its request, by a server at a port; the canary's port is next."""
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n"
END: Final = b"\r\n\r\n"


@frozen
class Row:
    """What became of one answer."""

    answer: str
    outcome: str
    seconds: float
    traceback: bool = False
    over_deadline: bool = False
    astray: bool = False
    lost: bool = False


@define
class Server:
    """A server of this machine whose connections are in the hands of a script."""

    script: Script | None = None
    port: int = 0
    canary: int = 0
    connections: int = 0
    lock: threading.Lock = field(factory=threading.Lock)

    def handle(self, connection: socket.socket) -> None:
        """Read the head of a request, and do as the script says."""
        with self.lock:
            self.connections += 1
        with connection, contextlib.suppress(OSError):
            connection.settimeout(LONGEST)
            head = connection.recv(65536)
            if self.script:
                self.script(connection, head, self.canary)


@contextlib.contextmanager
def listening(server: Server) -> Iterator[Server]:
    """Yield the server, which listens on a port of this machine."""

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=server.handle, args=listener.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        try:
            yield server
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def archive(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return buffer.getvalue()


GOOD: Final = archive({"order.txt": b"A00 Cholera\n" * 100})


def whole(body: bytes, head: bytes = OK) -> bytes:
    """Return an answer with its length."""
    return head + b"Content-Length: %d" % len(body) + END + body


def sends(*pieces: bytes) -> Script:
    """Return a script that sends something and ends the connection."""

    def script(connection: socket.socket, _head: bytes, _canary: int) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return script


def repeats(start: bytes, piece: bytes, pause: float = 0.0) -> Script:
    """Return a script that sends a piece again and again, perhaps with a pause."""

    def script(connection: socket.socket, _head: bytes, _canary: int) -> None:
        connection.sendall(start)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            connection.sendall(piece)
            time.sleep(pause)

    return script


def drips(start: bytes, rest: bytes) -> Script:
    """Return a script that sends the rest byte by byte, over and over."""

    def script(connection: socket.socket, _head: bytes, _canary: int) -> None:
        connection.sendall(start)
        until = time.monotonic() + LONGEST
        while time.monotonic() < until:
            for byte in rest:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)

    return script


def leads(location: bytes, status: bytes = b"302 Found") -> Script:
    """Return a script that redirects; CANARY in the location stands for the port of the canary."""

    def script(connection: socket.socket, _head: bytes, canary: int) -> None:
        target = location.replace(b"CANARY", b"%d" % canary)
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nLocation: " + target + b"\r\nContent-Length: 0" + END)

    return script


def silent(connection: socket.socket, _head: bytes, _canary: int) -> None:
    """Say nothing until the other side leaves."""
    connection.settimeout(LONGEST)
    connection.recv(1)


def resets(start: bytes) -> Script:
    """Return a script that sends something and resets the connection."""

    def script(connection: socket.socket, _head: bytes, _canary: int) -> None:
        connection.sendall(start)
        time.sleep(0.05)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def slow_redirects(connection: socket.socket, head: bytes, _canary: int) -> None:
    """Redirect on and on, each time after a while."""
    time.sleep(0.2)
    number = head.split(b" ", 2)[1].count(b"x") % 8 + 1
    connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /" + b"x" * number + END)


def overlapping() -> bytes:
    """Return an archive whose directory names one member a thousand times."""
    member = archive({"a.txt": bytes(1_000_000)})
    start = member.index(b"PK\x01\x02")
    end = member.index(b"PK\x05\x06")
    entry, count = member[start:end], 1000
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, start, 0)
    return member[:start] + entry * count + tail


def answers() -> dict[str, Script]:
    """Return the answers, by name."""
    redirects = {
        "an address that does not end": b"http://[::1/x",
        "an empty address": b"http://[]/x",
        "a label of 80 characters": b"http://" + b"a" * 80 + b".org/x",
        "an empty label": b"http://a..b/x",
        "a name of 600 characters": b"http://" + b".".join([b"a" * 60] * 10) + b"/x",
        "raw bytes as host": b"http://\xff\xfe\xfd/x",
        "a host that is no international name": b"http://xn--\xe2\x98\x83/x",
        "a compatibility character": "http://℀.org/x".encode(),
        "a port of 99999": b"http://127.0.0.1:99999/x",
        "a port that is a word": b"http://127.0.0.1:port/x",
        "a backslash in the host": b"http://127.0.0.1:CANARY\\@127.0.0.1/x",
        "control characters": b"/a\x01\x1b[31m",
        "a file": b"file:///etc/hostname",
        "a script": b"javascript:alert(1)",
        "a path of 60,000 characters": b"/" + b"x" * 60_000,
        "another port of this machine": b"http://127.0.0.1:CANARY/x",
        "localhost": b"http://localhost:CANARY/x",
        "a decimal address": b"http://2130706433:CANARY/x",
        "a hexadecimal address": b"http://0x7f000001:CANARY/x",
        "an octal address": b"http://0177.0.0.1:CANARY/x",
        "a short address": b"http://127.1:CANARY/x",
        "an address of nought": b"http://0:CANARY/x",
        "an address of IPv4 in IPv6": b"http://[::ffff:127.0.0.1]:CANARY/x",
        "digits in circles": "http://①②⑦.0.0.1:CANARY/x".encode(),
        "a user before another host": b"http://127.0.0.1@localhost:CANARY/x",
        "a whole network's loopback": b"http://127.0.0.2:CANARY/x",
        "itself": b"/codes.zip",
        "nothing": b"",
    }
    chunked = OK + b"Transfer-Encoding: chunked" + END
    bomb = gzip.compress(bytes(50_000_000))
    found: dict[str, Script] = {f"redirect to {name}": leads(location) for name, location in redirects.items()}
    found |= {
        "redirect without a location": sends(b"HTTP/1.1 302 Found\r\nContent-Length: 0" + END),
        "redirect whose body has no end": repeats(b"HTTP/1.1 302 Found\r\nLocation: /codes.zip" + END, b"x" * 65536),
        "redirects, slowly, without end": slow_redirects,
        "status: nothing at all": sends(b""),
        "status: random bytes": sends(bytes(range(256)) * 40),
        "status: a word": sends(b"HTTP/1.1 abc OK" + END),
        "status: 99999": sends(b"HTTP/1.1 99999 OK" + END),
        "status: another protocol": sends(b"SSH-2.0-OpenSSH_9.6\r\n"),
        "status: 70,000 characters": sends(b"HTTP/1.1 200 " + b"O" * 70_000 + END),
        "status: controls of a terminal": sends(b"HTTP/1.1 \x1b]0;x\x07 OK" + END),
        "status: 101": sends(b"HTTP/1.1 101 Switching" + END),
        "status: 100 without end": repeats(b"", b"HTTP/1.1 100 Continue" + END, 0.001),
        "status: 503, come back in a day": sends(whole(b"", b"HTTP/1.1 503 Busy\r\nRetry-After: 86400\r\n")),
        "status: 503, come back in 9…9": sends(
            whole(b"", b"HTTP/1.1 503 Busy\r\nRetry-After: " + b"9" * 5000 + b"\r\n")
        ),
        "status: 429, come back some day": sends(
            whole(b"", b"HTTP/1.1 429 Slow\r\nRetry-After: Foo, 99 Bar 99999\r\n")
        ),
        "status: 503 whose body has no end": repeats(b"HTTP/1.1 503 Busy" + END, b"x" * 65536),
        "headers without end": repeats(OK, b"X-Header: x\r\n", 0.0005),
        "headers: one of 200,000 characters": sends(OK + b"X: " + b"x" * 200_000 + END + GOOD),
        "headers: 100 of 60,000 characters": sends(OK, *[b"X: " + b"x" * 60_000 + b"\r\n"] * 100, b"\r\n", GOOD),
        "headers: no colon": sends(OK + b"what is this" + END + GOOD),
        "headers: 90 cookies": sends(OK + b"Set-Cookie: a=b; expires=" + b" 1" * 8000 + b"" + END, GOOD),
        "headers: raw bytes as entity tag": sends(whole(GOOD, OK + b'ETag: "\xff\x80\x01"\r\n')),
        "headers: controls in the content type": sends(
            whole(b"<html>", b"HTTP/1.1 200 OK\r\nContent-Type: \x1b[31m" + b"x" * 9000 + b"\r\n")
        ),
        "length: more than comes": sends(OK + b"Content-Length: 99999" + END + GOOD),
        "length: less than comes": sends(OK + b"Content-Length: 9" + END + GOOD),
        "length: two of them": sends(OK + b"Content-Length: 9\r\nContent-Length: 10" + END + GOOD),
        "length: below nought": sends(OK + b"Content-Length: -9" + END + GOOD),
        "length: 5,000 digits": sends(OK + b"Content-Length: " + b"9" * 5000 + END + GOOD),
        "length: a terabyte": sends(OK + b"Content-Length: 1099511627776" + END + GOOD),
        "chunks: no number": sends(chunked + b"zz\r\nPK\x03\x04\r\n"),
        "chunks: below nought": sends(chunked + b"-5\r\nPK\x03\x04\r\n"),
        "chunks: of 70,000 digits": sends(chunked + b"1" * 70_000),
        "chunks: no last one": sends(chunked + b"%x\r\n" % len(GOOD) + GOOD),
        "chunks: of one byte, slowly": drips(chunked, b"1\r\nP\r\n"),
        "chunks: trailers without end": repeats(chunked + b"4\r\nPK\x03\x04\r\n0\r\n", b"X: y\r\n", 0.001),
        "slow: headers": drips(OK + b"X: ", b"x"),
        "slow: the status": drips(b"HTTP/1.1 200 ", b"O"),
        "slow: the body, with length": drips(OK + b"Content-Length: 99999" + END, GOOD),
        "slow: the body, without length": drips(OK + b"\r\n", GOOD),
        "slow: an error page": drips(b"HTTP/1.1 404 No\r\nContent-Type: text/html" + END, b"<html>"),
        "slow: nothing ever": silent,
        "reset: at once": resets(b""),
        "reset: in the headers": resets(OK),
        "reset: in the body": resets(OK + b"Content-Length: 99999" + END + GOOD[:50]),
        "body: cut off": sends(whole(GOOD[:-30])),
        "body: a page": sends(whole(b"<html><title>Sign in</title>", OK)),
        "body: a page of comments": sends(whole(b"<!---->" * 9000 + b"x")),
        "body: a page of titles": sends(whole(b"<title" * 10_000, b"HTTP/1.1 500 No\r\n")),
        "body: controls in a title": sends(whole(b"<html><title>\x1b[2J\x07" + b"x" * 60_000 + b"</title>")),
        "body: without end": repeats(OK + b"\r\nPK\x03\x04", b"x" * 65536),
        "bomb: packed by gzip": sends(whole(bomb, OK + b"Content-Encoding: gzip\r\n")),
        "bomb: a page packed by gzip": sends(whole(bomb, b"HTTP/1.1 404 No\r\nContent-Encoding: gzip\r\n")),
        "bomb: a name of 60,000 characters": sends(whole(archive({"x" * 60_000: b"x"}).replace(b"x.", b"y."))),
        "bomb: one member a thousand times": sends(whole(overlapping())),
        "bomb: sizes that lie": sends(
            whole(archive({"a": bytes(9_000_000)}).replace(struct.pack("<L", 9_000_000), b"\xff" * 4))
        ),
        "archive: damaged bzip2": sends(whole(spoilt(zipfile.ZIP_BZIP2))),
        "archive: damaged lzma": sends(whole(spoilt(zipfile.ZIP_LZMA))),
        "archive: a name that is no text": sends(whole(archive({"ä.txt": b"x"}).replace("ä".encode(), b"\xff\xff"))),
        "archive: only its end": sends(whole(b"PK\x05\x06" + b"\xff" * 18)),
    }
    return found


def spoilt(method: int) -> bytes:
    """Return an archive whose compressed bytes are damaged."""
    body = bytearray(archive({"order.txt": b"A00 Cholera\n" * 5000}, method))
    body[60:75] = bytes(15)
    return bytes(body)


def measured(name: str, script: Script, folder: Path) -> Row:
    """Return what became of one answer, beside a good file of another server."""
    http = Http(
        timeout_seconds=30,
        deadline_seconds=DEADLINE,
        retries=1,
        backoff_seconds=0.01,
        longest_wait_seconds=5,
        maximum_bytes=20_000_000,
    )
    with (
        listening(Server(sends(whole(GOOD)))) as canary,
        listening(Server(sends(whole(GOOD)))) as good,
        listening(Server(script, canary=canary.port)) as bad,
    ):
        sources = [
            Source((f"http://127.0.0.1:{server.port}/codes.zip",), name=file, expect="zip")
            for server, file in ((bad, "bad.zip"), (good, "good.zip"))
        ]
        made: list[FetchReport | str] = []

        def work() -> None:
            try:
                made.append(fetch_all(sources, folder, http=http))
            except BaseException as error:  # noqa: BLE001 -- to find it is what this is for
                made.append(traceback.format_exception_only(error)[-1].strip())

        begun = time.monotonic()
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(LONGEST)
        seconds = time.monotonic() - begun
        astray = canary.connections > 0
    over = seconds > DEADLINE + GRACE
    if not made or isinstance(made[0], str):
        outcome = f"TRACEBACK {made[0]}" if made else "NO END"
        return Row(name, outcome, seconds, bool(made), over, astray, lost=True)
    report = made[0]
    reasons = {source.name: error.reason for source, error in (*report.errors, *report.pending)}
    outcome = reasons.get("bad.zip", "fetched")
    unforeseen = outcome.startswith("unexpected error") or not outcome.isprintable()
    return Row(name, outcome, seconds, unforeseen, over, astray, "good.zip" in reasons)


def measure(word: str = "") -> list[Row]:
    """Return what became of each answer whose name has the word."""
    with tempfile.TemporaryDirectory(prefix="terminology-attacks-") as temporary:
        return [
            measured(name, script, Path(temporary) / str(number))
            for number, (name, script) in enumerate(answers().items())
            if word in name
        ]


def lines(rows: list[Row]) -> Iterator[str]:
    """Yield the table of the answers, and the counts at its end."""
    yield "answer | outcome | seconds"
    for row in rows:
        marks = [name for name in ("traceback", "over_deadline", "astray", "lost") if getattr(row, name)]
        yield f"{row.answer} | {row.outcome[:110]}{' <- ' + ', '.join(marks) if marks else ''} | {row.seconds:.2f}"
    yield (
        f"{len(rows)} answers: {sum(row.traceback for row in rows)} tracebacks, "
        f"{sum(row.over_deadline for row in rows)} over the deadline of {DEADLINE:g} s, "
        f"{sum(row.astray for row in rows)} astray, {sum(row.lost for row in rows)} with a good file lost"
    )


def main() -> int:
    """Print the table; return 1 where a count that must be nought is not."""
    rows = measure(" ".join(sys.argv[1:]))
    print("\n".join(lines(rows)))
    return int(any(row.traceback or row.over_deadline or row.astray or row.lost for row in rows))


if __name__ == "__main__":
    sys.exit(main())
