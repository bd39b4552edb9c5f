"""Servers that are busy, fail, redirect in circles, fall silent, or are not there."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError, NotPublishedError, UnreachableError
from terminology.update.fetching import fetch, fetch_all
from terminology.update.hosts import AstrayError, Redirects
from terminology.update.transport import Http

from .fetches import ARCHIVE, PAGE, source
from .server import Answer, FileServer


def test_a_server_that_is_busy_is_asked_again(server: FileServer, tmp_path: Path, http: Http) -> None:
    """After 503 the file is asked for again, as late as Retry-After says."""
    busy = Answer(b"busy", 503, headers={"Retry-After": "1"})
    url = server.serve("/codes.zip", busy, ARCHIVE)
    begun = time.monotonic()

    fetched = fetch(source(url), tmp_path, http=http)

    assert ARCHIVE == fetched.path.read_bytes()
    assert time.monotonic() - begun >= 1


def test_a_server_that_asks_for_too_long_a_wait(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that wants to be left alone for a day is a failure now, not a job that hangs."""
    url = server.serve("/codes.zip", Answer(b"", 429, headers={"Retry-After": "86400"}))

    with pytest.raises(FetchError, match=r"asks to come back in [\d,]{6} s") as raised:
        fetch(source(url), tmp_path, http=http)

    assert 429 == raised.value.status
    assert 1 == len(server.requests)


def test_a_server_that_keeps_failing(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that fails every time is asked as often as the configuration says, and named with its answer."""
    url = server.serve("/codes.zip", Answer(PAGE, 500, "text/html"))

    with pytest.raises(FetchError, match=r"the server failed 3 times \(status 500, .*title 'Sign in & go on'\)"):
        fetch(source(url), tmp_path, http=http)

    assert 3 == len(server.requests)


def test_a_server_that_refuses(server: FileServer, tmp_path: Path, http: Http) -> None:
    """403 is asked once, and is no sign that the file is not there."""
    url = server.serve("/codes.zip", Answer(b"", 403))

    with pytest.raises(FetchError, match=r"the server denies access \(status 403") as raised:
        fetch(source(url), tmp_path, http=http)

    assert not isinstance(raised.value, NotPublishedError)
    assert 1 == len(server.requests)


def test_a_server_that_is_not_there(tmp_path: Path, http: Http) -> None:
    """A server that cannot be reached is told with the reason, and without the password."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]

        with pytest.raises(FetchError) as raised:
            fetch(source(f"http://joe:secret@127.0.0.1:{port}/codes.zip?token=hidden"), tmp_path, http=http)

    assert f"http://127.0.0.1:{port}/codes.zip: the server cannot be reached: " in str(raised.value)
    assert "Connection refused" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_redirects_in_a_circle(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Redirects that lead nowhere end."""
    url = server.serve("/codes.zip", Answer(status=302, location="/codes.zip"))

    with pytest.raises(FetchError, match="redirects in a circle"):
        fetch(source(url), tmp_path, http=http)


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://example.org/codes.zip"])
def test_a_redirect_to_another_scheme(server: FileServer, tmp_path: Path, http: Http, target: str) -> None:
    """A redirect out of http and https is refused."""
    url = server.serve("/codes.zip", Answer(status=302, location=target))

    with pytest.raises(FetchError, match="something else than http or https"):
        fetch(source(url), tmp_path, http=http)


def test_a_redirect_out_of_https() -> None:
    """A redirect from https to http is refused before it is followed."""
    import requests

    response = requests.Response()
    response.status_code = 302
    response.url = "https://example.org/codes.zip"
    response.headers["Location"] = "http://example.org/codes.zip"

    with pytest.raises(AstrayError, match="from https to http"):
        Redirects("https://example.org/codes.zip").target(response)


def test_a_file_that_takes_too_long(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that sends a byte now and then is left in time, though it is never silent for long."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, pause=0.05, piece=10))

    with pytest.raises(FetchError, match="takes longer than 1 s"):
        fetch(source(url), tmp_path, http=evolve(http, deadline_seconds=1))

    assert server.sent["/codes.zip"] < len(ARCHIVE)


def test_a_server_that_falls_silent(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that is silent for longer than the timeout is left, and the file gone on with."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, pause=2, piece=30_000), ARCHIVE)

    fetched = fetch(source(url), tmp_path, http=evolve(http, timeout_seconds=0.3))

    assert (True, ARCHIVE) == (fetched.resumed, fetched.path.read_bytes())


def test_a_server_that_cannot_be_reached_is_given_up(
    server: FileServer, tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After two files for which a server cannot be reached its others are not tried; those of other servers are."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gone = f"http://localhost:{taken.getsockname()[1]}"
    pinned = tmp_path / "pinned.zip"
    pinned.write_bytes(ARCHIVE)
    names = [f"{number}.zip" for number in range(5)]
    sources = [source(f"{gone}/{name}", name=name) for name in names]
    sources.append(source(f"{gone}/pinned.zip", name="pinned.zip", sha256=hashlib.sha256(ARCHIVE).hexdigest()))
    report = fetch_all([*sources, source(server.serve("/codes.zip", ARCHIVE))], tmp_path, http=http)

    assert ["pinned.zip", "codes.zip"] == [item.source.label for item in report.fetched]
    assert names == [item.label for item, _ in report.errors]
    assert all(isinstance(error, UnreachableError) for _, error in report.errors)
    assert [False, False, True, True, True] == ["not tried" in str(error) for _, error in report.errors]


def test_no_name_can_be_looked_up(tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network only the first server is asked again, each other once; each wait is reported with its cause."""
    monkeypatch.setenv("NO_PROXY", "*")
    asked: list[str] = []

    def lookup(name: str, *_: object) -> list[object]:
        asked.append(name)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    hosts = ("one.example", "one.example", "two.example", "two.example", "three.example")
    sources = [source(f"https://{host}/{number}.zip", name=f"{number}.zip") for number, host in enumerate(hosts)]
    steps: list[tuple[str, str, int, int | None]] = []
    report = fetch_all(sources, tmp_path, http=http, progress=lambda *step: steps.append(step))

    assert ["one.example"] * 3 + ["two.example", "three.example"] == asked
    assert [False, True, False, True, False] == ["not tried" in str(error) for _, error in report.errors]
    waits = [(subject, attempt, tries) for stage, subject, attempt, tries in steps if stage == "retry"]
    assert [(2, 3), (3, 3)] == [(attempt, tries) for _, attempt, tries in waits]
    assert all(subject.startswith("0.zip: the server cannot be reached: the name") for subject, _, _ in waits)


def test_one_file_that_cannot_be_reached(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that answers again is not given up."""
    good = server.serve("/codes.zip", ARCHIVE)
    bad = server.serve("/bad.zip", Answer(b"", 500))
    sources = [source(bad, name=f"{number}.zip") for number in range(3)]

    assert ["codes.zip"] == [
        item.source.label for item in fetch_all([*sources, source(good)], tmp_path, http=http).fetched
    ]
