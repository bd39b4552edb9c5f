"""A server of files on this machine that keeps the rules of HTTP, and breaks them on demand."""

from __future__ import annotations

import contextlib
import hashlib
import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

from attrs import define, field


@define
class Answer:
    """How one request for a path is answered; by default as a good server does."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/zip"
    etag: str | None = '"one"'
    last_modified: float | None = 1_700_000_000.0
    ranges: bool = True
    """Whether it knows ranges."""
    if_range: bool = True
    """Whether it looks at If-Range before it answers with a range."""
    cut_after: int | None = None
    """The connection is closed after so many bytes of the body."""
    length: int | None = None
    """What Content-Length says, whatever the body has."""
    chunked: bool = False
    location: str | None = None
    headers: dict[str, str] = field(factory=dict)
    pause: float = 0.0
    """Seconds between pieces of the body."""
    piece: int = 4096

    @property
    def dated(self) -> str | None:
        """The date of the last change, as HTTP writes it."""
        return formatdate(self.last_modified, usegmt=True) if self.last_modified else None


@define
class Request:
    """A request that came."""

    path: str
    headers: dict[str, str]


@define
class FileServer:
    """Answers of paths, each a list of answers: the last one stays."""

    port: int = 0
    answers: dict[str, list[Answer]] = field(factory=dict)
    requests: list[Request] = field(factory=list)
    sent: dict[str, int] = field(factory=dict)
    """Bytes of bodies that were sent, by path."""

    def serve(self, path: str, *answers: Answer | bytes) -> str:
        """Say how a path is answered, first to last; return its URL."""
        self.answers[path] = [item if isinstance(item, Answer) else Answer(item) for item in answers]
        return f"http://127.0.0.1:{self.port}{path}"

    def next_answer(self, path: str) -> Answer:
        """Return the answer of the path that is due."""
        due = self.answers.get(path)
        if not due:
            return Answer(b"<html><title>Not here</title>", 404, "text/html", None, None)
        return due.pop(0) if len(due) > 1 else due[0]


def etag_of(body: bytes) -> str:
    """Return an entity tag that changes with the bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:16]}"'


class Handler(http.server.BaseHTTPRequestHandler):
    """Sends the answer that is due."""

    protocol_version = "HTTP/1.1"
    files: FileServer

    def do_GET(self) -> None:
        """Answer one request."""
        path = unquote(urlsplit(self.path).path)
        self.files.requests.append(Request(self.path, {name.lower(): value for name, value in self.headers.items()}))
        answer = self.files.next_answer(path)
        status, body, extra = self._selected(answer)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._send(path, answer, status, body, extra)

    def _selected(self, answer: Answer) -> tuple[int, bytes, dict[str, str]]:
        headers = self.headers
        if answer.status != 200:
            return answer.status, answer.body, {}
        matches = headers.get("If-None-Match")
        since = headers.get("If-Modified-Since")
        if (matches and matches == answer.etag) or (not matches and since and since == answer.dated):
            return 304, b"", {}
        wanted = headers.get("Range")
        if not wanted or not answer.ranges:
            return 200, answer.body, {}
        validator = headers.get("If-Range")
        if answer.if_range and validator and validator not in (answer.etag, answer.dated):
            return 200, answer.body, {}
        start, size = int(wanted.removeprefix("bytes=").rstrip("-")), len(answer.body)
        if start >= size:
            return 416, b"", {"Content-Range": f"bytes */{size}"}
        return 206, answer.body[start:], {"Content-Range": f"bytes {start}-{size - 1}/{size}"}

    def _send(self, path: str, answer: Answer, status: int, body: bytes, extra: dict[str, str]) -> None:
        self.send_response(status)
        fields: dict[str, Any] = {
            "Content-Type": answer.content_type,
            "ETag": answer.etag,
            "Last-Modified": answer.dated,
        }
        if answer.location:
            fields["Location"] = answer.location
        if answer.chunked:
            fields["Transfer-Encoding"] = "chunked"
        elif status != 304:
            fields["Content-Length"] = str(answer.length if answer.length is not None else len(body))
        for name, value in {**fields, **extra, **answer.headers}.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        left = len(body) if answer.cut_after is None else min(len(body), answer.cut_after)
        for start in range(0, left, answer.piece):
            piece = body[start : min(start + answer.piece, left)]
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if answer.chunked else piece)
            self.wfile.flush()
            self.files.sent[path] = self.files.sent.get(path, 0) + len(piece)
            if answer.pause:
                time.sleep(answer.pause)
        whole = left == len(body) and (answer.length is None or answer.length == len(body))
        if answer.chunked and whole:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection = not whole

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- the name of the base class
        """Say nothing."""


class QuietServer(http.server.ThreadingHTTPServer):
    """A server whose clients may leave when they like."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a connection that was reset."""


@contextlib.contextmanager
def file_server() -> Iterator[FileServer]:
    """Yield a server that runs in a thread, on a port of this machine that nobody else can reach."""
    files = FileServer()
    handler = type("BoundHandler", (Handler,), {"files": files})
    with QuietServer(("127.0.0.1", 0), handler) as server:
        files.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield files
        finally:
            server.shutdown()
            thread.join(5)


Script = Callable[[socket.socket, bytes], None]
"""What is done with a connection, and with the head of the request that came over it."""


@define
class RawServer:
    """A server that need not know HTTP: a script says what it does with each connection."""

    script: Script
    port: int = 0
    heads: list[bytes] = field(factory=list)
    """Of the requests, as they came."""

    def url(self, path: str = "/codes.zip", scheme: str = "http") -> str:
        """Return a URL of the server."""
        return f"{scheme}://127.0.0.1:{self.port}{path}"


def dripped(connection: socket.socket, data: bytes, pause: float = 0.05) -> None:
    """Send the bytes one by one."""
    for byte in data:
        connection.sendall(bytes([byte]))
        time.sleep(pause)


@contextlib.contextmanager
def raw_server(script: Script) -> Iterator[RawServer]:
    """Yield a server whose connections are in the hands of a script, each in a thread."""
    files = RawServer(script)

    def handle(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(20)
            head = b""
            while b"\r\n\r\n" not in head and (came := connection.recv(4096)):
                head += came
                if head[:1] == b"\x16":
                    # the greeting of TLS has no end of lines
                    break
            files.heads.append(head)
            script(connection, head)

    def accept(listening: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=handle, args=listening.accept()[:1], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        files.port = listening.getsockname()[1]
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        try:
            yield files
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
