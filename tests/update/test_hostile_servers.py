"""Servers that never end, send what is no HTTP, or archives that unpack to too much."""

from __future__ import annotations

import gc
import io
import socket
import struct
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError, NotPublishedError, UnreachableError
from terminology.reading import Limits
from terminology.update import download, fetching
from terminology.update.contents import file_fault, is_page, title_of
from terminology.update.fetching import fetch, fetch_all
from terminology.update.sources import Source
from terminology.update.transport import Http

from .hostile_fetches import ARCHIVE, HEAD, error_of, source
from .server import Answer, FileServer, dripped, raw_server


def page(words: bytes = b"") -> bytes:
    """Return an answer of a page."""
    body = b"<html><title>Not here</title>" + words
    return b"HTTP/1.1 404 No\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def slow_redirects(connection: socket.socket, head: bytes) -> None:
    """Redirect on and on, each time after a while."""
    time.sleep(0.4)
    number = head.count(b"x") + 1
    target = b"/codes.zip" if number > 9 else b"/" + b"x" * number
    connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n")


def sent(start: bytes, dripping: bytes, pause: float = 0.05) -> Callable[[socket.socket, bytes], None]:
    """Return a script that sends something at once, and the rest byte by byte."""

    def script(connection: socket.socket, head: bytes) -> None:
        connection.sendall(start)
        dripped(connection, dripping, pause)

    return script


@pytest.mark.parametrize(
    ("script", "scheme", "words"),
    [
        (sent(b"", HEAD + b"X: " + b"x" * 200 + b"\r\nContent-Length: 3\r\n\r\nA00"), "http", "does not answer in 1 s"),
        (sent(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 8 + HEAD + b"\r\n"), "http", "does not answer in 1 s"),
        (sent(b"", b"HTTP/1.1 200 " + b"O" * 200), "http", "does not answer in 1 s"),
        (sent(b"\x16\x03\x03\x40\x00", b"\x02" * 200), "https", "does not answer in 1 s"),
        (lambda *_: time.sleep(8), "http", "does not answer in 1 s"),
        (slow_redirects, "http", "does not answer in 1 s"),
        (sent(HEAD + b"\r\n", b"A00 Cholera " * 20), "http", "takes longer than 1 s"),
        (sent(HEAD + b"Content-Length: 240\r\n\r\n", b"A00 Cholera " * 20), "http", "takes longer than 1 s"),
        (sent(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 200), "http", "takes longer than 1 s"),
        (sent(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nA\r\n0\r\n", b"X: y\r\n" * 40), "http", "takes longer"),
        (sent(page()[:-6], page()[-6:] * 40, 0.1), "http", "there is no such file"),
        (
            sent(b"HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n", b""),
            "http",
            "takes longer than 1 s",
        ),
    ],
)
def test_the_deadline_bounds_all(
    tmp_path: Path, script: Callable[[socket.socket, bytes], None], scheme: str, words: str
) -> None:
    """Whatever a server sends slowly, at the deadline its file is given up: nobody waits for the rest of it."""
    patient = Http(timeout_seconds=60, deadline_seconds=1, retries=3, backoff_seconds=0.01)
    with raw_server(script) as server, pytest.raises(FetchError, match=words):
        fetch(Source((server.url(scheme=scheme),), name="codes.txt"), tmp_path, http=patient)

    assert not (tmp_path / "codes.txt").exists()


def test_an_archive_that_unpacks_for_long(tmp_path: Path) -> None:
    """The reading of an archive that is small and unpacks to much can be ended in the middle of a member."""
    path = tmp_path / "codes.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", bytes(5_000_000))
    pieces = []

    def told() -> None:
        pieces.append(1)
        if len(pieces) == 3:
            raise FetchError("it takes too long", url="x")

    with pytest.raises(FetchError, match="it takes too long"):
        file_fault(path, "zip", Limits(), told)
    assert 3 == len(pieces)


def test_a_connection_that_is_kept(tmp_path: Path) -> None:
    """The deadline also bounds an answer over a connection that a server keeps open after it said to be busy."""
    asked: list[bytes] = []

    def script(connection: socket.socket, head: bytes) -> None:
        while head:
            asked.append(head)
            if len(asked) == 1:
                connection.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
                head = connection.recv(4096)
            else:
                dripped(connection, HEAD + b"Content-Length: 3\r\nX: " + b"x" * 150 + b"\r\n\r\nA00")
                return

    with raw_server(script) as server, pytest.raises(UnreachableError, match="does not answer in 1 s"):
        fetch(Source((server.url(),), name="codes.txt"), tmp_path, http=Http(timeout_seconds=60, deadline_seconds=1))

    assert 2 == len(asked)


def with_directory(entries: int, *, large: bool = False) -> bytes:
    """Return an archive whose directory names its member as often as said."""
    body = ARCHIVE
    start, end = body.index(b"PK\x01\x02"), body.index(b"PK\x05\x06")
    directory = body[start:end] * entries
    made = body[:start] + directory
    size, count = len(directory), min(entries, 0xFFFF)
    if large:
        at = len(made)
        made += struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, start)
        made += struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
        size = start = 0xFFFFFFFF
    return made + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, start, 0)


@pytest.mark.parametrize("large", [False, True])
def test_a_directory_of_many_members(tmp_path: Path, *, large: bool) -> None:
    """An archive whose directory would fill the memory is refused before the directory is read."""
    path = tmp_path / "codes.zip"
    path.write_bytes(with_directory(400_000, large=large))

    assert "(a zip bomb?)" in str(file_fault(path, "zip", Limits()))


@pytest.mark.parametrize(
    "tail", [b"PK\x05\x06", b"PK\x06\x07" + b"\xff" * 16 + b"PK\x05\x06" + bytes(18), bytes(10), b""]
)
def test_a_directory_that_is_none(tmp_path: Path, tail: bytes) -> None:
    """Whatever the end of an archive says, it is damaged, and no other error."""
    path = tmp_path / "codes.zip"
    path.write_bytes(b"PK\x03\x04" + tail)

    assert str(file_fault(path, "zip", Limits())).startswith("expected a zip archive, got")


def test_a_server_that_never_answers_is_given_up(tmp_path: Path) -> None:
    """A server that lets every deadline pass without an answer is asked for two files, not for all of them."""
    patient = Http(timeout_seconds=60, deadline_seconds=0.3, retries=0)
    with raw_server(sent(b"", HEAD + b"x" * 100)) as server:
        sources = [source(server.url(f"/{number}.zip"), f"{number}.zip") for number in range(6)]
        report = fetch_all(sources, tmp_path, http=patient)

        assert 6 == len(report.errors)
        assert 2 == len(server.heads)


def test_a_fault_of_the_program(tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw is the error of one file, by its type, without the secrets of the URL."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("at http://joe:s3cret@example.org/codes.zip?key=t0ken, s3cret and t0ken\x1b[0m")

    monkeypatch.setattr(download, "answer_of", broken)
    error = error_of("http://joe:s3cret@example.org/codes.zip?key=t0ken", tmp_path, http)

    assert "unexpected error, ZeroDivisionError: at" in str(error)
    assert not any(word in str(error) for word in ("s3cret", "t0ken", "\x1b"))


@pytest.mark.parametrize("url", ["http://[::1/x", "http://" + "a" * 80 + "/x", "", "http://a\x00b/", "x"])
def test_a_source_without_a_url(tmp_path: Path, http: Http, url: str) -> None:
    """A file to fetch whose URL is none, as a program may build it, is an error of that file."""
    assert "this is no URL" in str(error_of(url, tmp_path, http))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\xff\xff\xff\xff",
        b"HTTP/9.9 abc\r\n\r\n",
        b"HTTP/1.1 99999 X\r\n\r\n",
        b"HTTP/1.1 \x1b[31m\r\n\r\n",
        b"HTTP/1.1 200 " + b"O" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: y\r\n" * 200 + b"\r\n",
        HEAD + b"Content-Length: 3, 4\r\n\r\nA00",
        HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nPK\x03\x04",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nPK\x03\x04",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 70_000,
        b"HTTP/1.1 429 Busy\r\nContent-Length: 0\r\nRetry-After: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: Mon, 99 Foo 99999999999999 99:99:99 GMT\r\n\r\n",
        HEAD + b"Content-Encoding: \x1b[31m" + b"x" * 9000 + b"\r\nContent-Length: 4\r\n\r\nPK\x03\x04",
        HEAD + b"Content-Type: \x1b]0;title\x07" + b"x" * 9000 + b"\r\nContent-Length: 5\r\n\r\n<html",
        b"HTTP/1.1 404 No\r\nContent-Type: a\x9b31m" + b"b" * 9000 + b"\r\nContent-Length: 5\r\n\r\n<html",
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_answer_that_is_none(tmp_path: Path, http: Http, answer: bytes) -> None:
    """Whatever a server sends in place of an answer is the error of its file, in one line and not too long."""
    with raw_server(lambda connection, _: connection.sendall(answer)) as server:
        error = error_of(server.url(), tmp_path, evolve(http, deadline_seconds=5, retries=1))
    # urllib3 leaves the connection of two lengths that differ to the collector of garbage
    gc.collect()

    assert str(error).isprintable()
    assert len(str(error)) < 1000
    assert "unexpected error" not in str(error)


@pytest.mark.parametrize("etag", [b'"a\xe9\xff"', b'"' + b"x" * 5000 + b'"', b"\x01"])
def test_a_tag_that_cannot_be_sent_back(tmp_path: Path, http: Http, etag: bytes) -> None:
    """An entity tag that is none is forgotten; the next run is not the worse for it."""
    answer = HEAD + b"ETag: " + etag + b"\r\nContent-Length: %d\r\n\r\n" % len(ARCHIVE) + ARCHIVE
    with raw_server(lambda connection, _: connection.sendall(answer)) as server:
        for _ in range(2):
            fetched = fetch(source(server.url()), tmp_path, http=http)

            assert (None, ARCHIVE) == (fetched.etag, fetched.path.read_bytes())


@pytest.mark.parametrize(
    "body", [b"<!---->" * 580 + b"x", b"<?xml>" * 680, b"<!--" * 1000, b"<!-- " * 800 + b"--><html>"]
)
def test_comments_without_end(server: FileServer, tmp_path: Path, http: Http, body: bytes) -> None:
    """A page of many comments is looked through once, not in all the ways that they could be put together."""
    error = error_of(server.serve("/codes.zip", Answer(body)), tmp_path, http)

    assert "expected a zip archive, got" in str(error)


def test_pages_are_looked_through_once() -> None:
    """Pages with many beginnings of a title, and none of them whole, have no title; one between comments has."""
    assert is_page(b"<!-- a --> <?xml version='1.0'?> <!---->\n<HTML>")
    assert not is_page(b"<!-- <html>")
    assert title_of(b"<title" * 10_000) is None
    assert title_of(b"<title>" * 9_000) is None
    assert "a b" == title_of(b"<html><TITLE lang='en'>a\x1b\n b</TITLE><title>c</title>")


def test_an_error_page_that_unpacks(server: FileServer, tmp_path: Path, http: Http) -> None:
    """The page that explains a failure is not unpacked, however small it came."""
    import gzip

    packed = gzip.compress(b"<html><title>x</title>" + bytes(50_000_000))
    url = server.serve("/codes.zip", Answer(packed, 404, "text/html", headers={"Content-Encoding": "gzip"}))

    with pytest.raises(NotPublishedError, match="no such file") as raised:
        fetch(source(url), tmp_path, http=http)

    assert "title" not in str(raised.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_damage_in_any_compression(server: FileServer, tmp_path: Path, http: Http, method: int) -> None:
    """An archive whose compressed bytes are damaged is named as damaged, whatever it was compressed with."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as zipped:
        zipped.writestr("order.txt", b"A00 Cholera\n" * 1000)
    body = bytearray(buffer.getvalue())
    body[60:75] = bytes(15)

    assert "a damaged one" in str(error_of(server.serve("/codes.zip", bytes(body)), tmp_path, http))


def test_one_failure_is_one_failure(
    server: FileServer, tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in the very fetching of one file, even of memory, leaves the others."""
    real = fetching.Download

    def failing(which: Source, *args: object) -> download.Download:
        if which.name == "1.zip":
            raise MemoryError
        return real(which, *args)

    monkeypatch.setattr(fetching, "Download", failing)
    url = server.serve("/codes.zip", ARCHIVE)
    report = fetch_all([source(url, f"{number}.zip") for number in range(3)], tmp_path, http=http)

    assert (["0.zip", "2.zip"], ["1.zip"]) == (
        [item.source.name for item in report.fetched],
        [item.name for item, _ in report.errors],
    )
