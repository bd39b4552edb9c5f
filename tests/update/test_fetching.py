"""A file is fetched whole, and not twice; of several URLs the first that has it; local paths."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError, NotPublishedError
from terminology.update.fetching import fetch, fetch_all
from terminology.update.sources import Source
from terminology.update.transport import Http

from .fetches import ARCHIVE, LATER, PAGE, hidden, source
from .server import Answer, FileServer


def test_a_file_is_fetched_whole(server: FileServer, tmp_path: Path, http: Http) -> None:
    """What is fetched has the bytes, the checksum and the validators of the server's file; nothing is left beside it."""
    url = server.serve("/codes.zip", ARCHIVE)

    fetched = fetch(source(url), tmp_path, http=http)

    assert ARCHIVE == (tmp_path / "codes.zip").read_bytes()
    assert tmp_path / "codes.zip" == fetched.path
    assert (hashlib.sha256(ARCHIVE).hexdigest(), len(ARCHIVE), url) == (fetched.sha256, fetched.size, fetched.url)
    assert ('"one"', False, False) == (fetched.etag, fetched.resumed, fetched.unchanged)
    assert [".codes.zip.json"] == hidden(tmp_path)


def test_progress_is_told(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Progress names the stage, the file, the bytes that are there and the bytes in all; the last has all of them."""
    url = server.serve("/codes.zip", ARCHIVE)
    told: list[tuple[str, str, int, int | None]] = []

    fetch(source(url), tmp_path, http=http, progress=lambda *words: told.append(words))

    assert ("fetch", "codes.zip", len(ARCHIVE), len(ARCHIVE)) == told[-1]
    assert sorted(done for *_, done, _ in told) == [done for *_, done, _ in told]


def test_a_name_may_have_folders(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A file is kept under its name, in a folder below if the name says so."""
    url = server.serve("/codes.zip", ARCHIVE)

    fetched = fetch(source(url, name="2026/hcpcs/codes.zip"), tmp_path, http=http)

    assert tmp_path / "2026" / "hcpcs" / "codes.zip" == fetched.path
    assert ARCHIVE == fetched.path.read_bytes()


def test_a_body_without_length_is_fetched(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A body that comes in chunks, without Content-Length, is fetched whole."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, chunked=True))

    assert len(ARCHIVE) == fetch(source(url), tmp_path, http=http).size


def test_a_redirect_is_followed(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A redirect is followed, and what came is known by the URL that was asked for."""
    server.serve("/new.zip", ARCHIVE)
    url = server.serve("/codes.zip", Answer(status=302, location="/new.zip"))

    fetched = fetch(source(url), tmp_path, http=http)

    assert (url, ARCHIVE) == (fetched.url, fetched.path.read_bytes())


def test_an_unchanged_file_is_not_fetched_again(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A second fetch asks with the entity tag, gets no body, and says that the file is unchanged."""
    url = server.serve("/codes.zip", ARCHIVE)
    first = fetch(source(url), tmp_path, http=http)

    again = fetch(source(url), tmp_path, http=http)

    assert evolve(first, unchanged=True) == again
    assert '"one"' == server.requests[1].headers["if-none-match"]
    assert len(ARCHIVE) == server.sent["/codes.zip"]


def test_the_date_is_asked_with_where_there_is_no_tag(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Without an entity tag the date of the last change tells that a file is unchanged."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, etag=None))
    fetch(source(url), tmp_path, http=http)

    assert fetch(source(url), tmp_path, http=http).unchanged
    assert len(ARCHIVE) == server.sent["/codes.zip"]


def test_the_same_bytes_again_are_unchanged(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that tells nothing sends the file again; the same bytes are called unchanged."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, etag=None, last_modified=None))
    assert not fetch(source(url), tmp_path, http=http).unchanged

    assert fetch(source(url), tmp_path, http=http).unchanged
    assert 2 * len(ARCHIVE) == server.sent["/codes.zip"]


def test_a_changed_file_takes_the_place(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A file that the publisher replaced is fetched, and takes the place of the former one."""
    url = server.serve("/codes.zip", ARCHIVE, Answer(LATER, etag='"two"'))
    fetch(source(url), tmp_path, http=http)

    fetched = fetch(source(url), tmp_path, http=http)

    assert (False, LATER) == (fetched.unchanged, fetched.path.read_bytes())


def test_a_file_that_was_tampered_with_is_fetched_again(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A file that is not what was fetched is not taken for it, whatever its record says."""
    url = server.serve("/codes.zip", ARCHIVE)
    fetch(source(url), tmp_path, http=http)
    (tmp_path / "codes.zip").write_bytes(ARCHIVE[:-1] + b"!")

    fetched = fetch(source(url), tmp_path, http=http)

    assert (False, ARCHIVE) == (fetched.unchanged, fetched.path.read_bytes())


def test_the_record_of_another_url_is_nothing(server: FileServer, tmp_path: Path, http: Http) -> None:
    """The entity tag of one URL is never sent to another, though the name is the same."""
    fetch(source(server.serve("/old.zip", ARCHIVE)), tmp_path, http=http)

    fetched = fetch(source(server.serve("/new.zip", Answer(LATER))), tmp_path, http=http)

    assert LATER == fetched.path.read_bytes()


def test_a_pinned_file_that_is_here_asks_nobody(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A file with the checksum that it shall have stays without a request."""
    url = server.serve("/codes.zip", ARCHIVE)
    (tmp_path / "codes.zip").write_bytes(ARCHIVE)

    fetched = fetch(source(url, sha256=hashlib.sha256(ARCHIVE).hexdigest()), tmp_path, http=http)

    assert fetched.unchanged
    assert [] == server.requests


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"url": 1}', b"null", b"\xff"])
def test_a_damaged_record_is_no_record(server: FileServer, tmp_path: Path, http: Http, damage: bytes) -> None:
    """Records are a convenience: a damaged one costs a download, and nothing else."""
    url = server.serve("/codes.zip", ARCHIVE)
    fetch(source(url), tmp_path, http=http)
    (tmp_path / ".codes.zip.json").write_bytes(damage)
    (tmp_path / ".codes.zip.part.json").write_bytes(damage)
    (tmp_path / ".codes.zip.part").write_bytes(ARCHIVE[:100])

    assert ARCHIVE == fetch(source(url), tmp_path, http=http).path.read_bytes()
    assert 2 * len(ARCHIVE) == server.sent["/codes.zip"]


def test_a_file_that_is_not_there(server: FileServer, tmp_path: Path, http: Http) -> None:
    """404 says that the file is not there; what is not required is pending then, and what is required an error."""
    url = server.serve("/other.zip", ARCHIVE).replace("other", "missing")
    there = server.serve("/codes.zip", ARCHIVE)
    sources = [
        source(url, required=False, name="later.zip"),
        source(there),
        source(url, name="needed.zip"),
    ]

    report = fetch_all(sources, tmp_path, http=http)

    assert [sources[1]] == [item.source for item in report.fetched]
    assert [sources[0]] == [item for item, _ in report.pending]
    assert [sources[2]] == [item for item, _ in report.errors]
    assert not report.ok
    assert 404 == report.to_dict()["errors"][0]["status"]
    assert "title 'Not here'" in report.to_dict()["pending"][0]["message"]
    assert json.dumps(report.to_dict())


def test_a_failure_is_never_pending(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A page in place of a file that is not required is an error all the same: something is wrong."""
    url = server.serve("/codes.zip", Answer(PAGE, content_type="text/html"))

    report = fetch_all([source(url, required=False)], tmp_path, http=http)

    assert (0, 1) == (len(report.pending), len(report.errors))


def test_the_first_url_that_has_the_file(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Of several URLs the first that has a file is taken; where none has, the first is named."""
    url = server.serve("/files.zip", ARCHIVE)
    missing = url.replace("files", "file")

    assert url == fetch(source(missing, url), tmp_path, http=http).url
    with pytest.raises(NotPublishedError, match="gone"):
        fetch(source(missing.replace("file", "gone"), missing), tmp_path, http=http)


def test_a_local_file_stays_where_it_is(tmp_path: Path) -> None:
    """A path is not copied; it is checked as a download is."""
    path = tmp_path / "order.zip"
    path.write_bytes(ARCHIVE)
    local = Source(path=path, expect="zip", sha256=hashlib.sha256(ARCHIVE).hexdigest())

    fetched = fetch(local, tmp_path / "downloads")

    assert (path, len(ARCHIVE), None) == (fetched.path, fetched.size, fetched.url)
    assert not (tmp_path / "downloads").exists()
    with pytest.raises(FetchError, match="expected SHA-256"):
        fetch(evolve(local, sha256="0" * 64), tmp_path)


def test_a_local_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    """A folder has no checksum; one that is not there is not published."""
    assert (tmp_path, None) == (
        fetch(Source(path=tmp_path), tmp_path).path,
        fetch(Source(path=tmp_path), tmp_path).sha256,
    )
    with pytest.raises(NotPublishedError):
        fetch(Source(path=tmp_path / "nowhere"), tmp_path)


def test_two_fetches_at_the_same_time(server: FileServer, tmp_path: Path, http: Http) -> None:
    """The second fetch waits for the first and finds the file unchanged; it gives up when it waits too long."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, pause=0.03))
    first = threading.Thread(target=fetch, args=(source(url), tmp_path), kwargs={"http": http})
    first.start()
    while not server.sent.get("/codes.zip"):
        time.sleep(0.005)

    with pytest.raises(FetchError, match="another process is fetching"):
        fetch(source(url), tmp_path, http=http, lock_seconds=0.05)
    second = fetch(source(url), tmp_path, http=http)

    first.join()
    assert second.unchanged
    assert len(ARCHIVE) == server.sent["/codes.zip"]


def test_a_proxy_of_the_environment_is_used(
    server: FileServer, tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that the environment names is asked in place of the server; a dead one is named as such."""
    server.serve("/codes.zip", ARCHIVE)
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")

    assert ARCHIVE == fetch(source("http://publisher.invalid/codes.zip"), tmp_path, http=http).path.read_bytes()

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(FetchError, match=r"the proxy cannot be reached: .*Connection refused"):
        fetch(source("http://publisher.invalid/other.zip", name="other.zip"), tmp_path, http=http)


def test_a_pipe_in_place_of_a_file(tmp_path: Path) -> None:
    """A path that is neither file nor folder is refused; a pipe would be waited for without end."""
    os.mkfifo(tmp_path / "codes.zip")

    with pytest.raises(FetchError, match="expected a file or a folder, got neither"):
        fetch(Source(path=tmp_path / "codes.zip"), tmp_path)
