"""An S3 server of one bucket in memory, for readers and writers that are another process; as much as obstore asks for."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

NEVER = "2022-03-01T09:00:00.000Z"


class Bucket(BaseHTTPRequestHandler):
    """Requests of path style: /BUCKET/KEY."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]

    def do_GET(self) -> None:
        """Answer an object, or the list of them."""
        address = urlsplit(self.path)
        key = self._key()
        if not key:
            return self._answer(200, self._listing(parse_qs(address.query).get("prefix", [""])[0]))
        data = self.objects.get(key)
        return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>") if data is None else self._answer(200, data)

    def do_HEAD(self) -> None:
        """Answer what an object is."""
        self.do_GET()

    def do_PUT(self) -> None:
        """Keep an object, unless it is there and must not be."""
        data, key = self.rfile.read(int(self.headers["Content-Length"])), self._key()
        if self.headers.get("If-None-Match") == "*" and key in self.objects:
            return self._answer(412, b"<Error><Code>PreconditionFailed</Code></Error>")
        self.objects[key] = data
        return self._answer(200, b"", tag_of=data)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/").partition("/")[2]

    def _listing(self, prefix: str) -> bytes:
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{NEVER}</LastModified><ETag>{tag(data)}</ETag>"
            f"<Size>{len(data)}</Size></Contents>"
            for key, data in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()

    def _answer(self, status: int, body: bytes, *, tag_of: bytes | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", tag(body if tag_of is None else tag_of))
        self.send_header("Last-Modified", "Tue, 01 Mar 2022 09:00:00 GMT")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def tag(data: bytes) -> str:
    """Return the entity tag of an object."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


@contextmanager
def bucket_server() -> Iterator[dict[str, str]]:
    """Serve an empty bucket; the value is the variables of the environment of those that ask it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Bucket,), {"objects": {}}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        "AWS_ACCESS_KEY_ID": "reader",
        "AWS_SECRET_ACCESS_KEY": "invented",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ALLOW_HTTP": "true",
        "NO_PROXY": "127.0.0.1",
    }
    server.shutdown()
    server.server_close()
