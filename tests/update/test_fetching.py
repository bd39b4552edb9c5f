"""Fetching files: whole or not at all, gone on with, not fetched twice, and every failure named."""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError, NotPublishedError, UnreachableError
from terminology.update import download, partial
from terminology.update.fetching import fetch, fetch_all
from terminology.update.hosts import AstrayError, Redirects
from terminology.update.sources import Source
from terminology.update.transport import Http

from .server import Answer, FileServer, etag_of

PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in &amp; go on</title></head><body>no file</body></html>"
CHILD = """
import sys
from pathlib import Path
from terminology.update.fetching import fetch
from terminology.update.sources import Source
fetch(Source((sys.argv[1],), name="codes.zip", expect="zip"), Path(sys.argv[2]))
"""


def archive(size: int = 60_000, seed: int = 1) -> bytes:
    """Return a zip archive of about the size; the same bytes for the same seed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr(zipfile.ZipInfo("order.txt"), random.Random(seed).randbytes(size))  # noqa: S311 -- no secret
    return buffer.getvalue()


ARCHIVE = archive()
LATER = archive(seed=2)


def source(*urls: str, **said: object) -> Source:
    """A file to fetch that is a zip archive, unless said otherwise."""
    return Source(urls, **{"name": "codes.zip", "expect": "zip", **said})


def hidden(folder: Path) -> list[str]:
    """Return what lies in a folder beside the lock, hidden."""
    return sorted(path.name for path in folder.glob(".*") if path.name != ".lock")


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every few bytes durable."""
    monkeypatch.setattr(download, "DURABLE_BYTES", 4096)


# whole


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


# not fetched twice


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


# gone on with


def test_a_cut_connection_is_gone_on_with(server: FileServer, tmp_path: Path, http: Http) -> None:
    """After a cut the rest is asked for with Range and If-Range, and no byte comes twice."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, cut_after=30_000), ARCHIVE)

    fetched = fetch(source(url), tmp_path, http=http)

    assert (True, ARCHIVE) == (fetched.resumed, fetched.path.read_bytes())
    assert "bytes=30000-" == server.requests[1].headers["range"]
    assert '"one"' == server.requests[1].headers["if-range"]
    assert len(ARCHIVE) == server.sent["/codes.zip"]


def test_the_next_run_goes_on(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A fetch that was given up leaves its part and nothing under the final name; the next run goes on with it."""
    cut = Answer(ARCHIVE, cut_after=10_000)
    url = server.serve("/codes.zip", cut)
    with pytest.raises(FetchError, match=r"cut.*given up after 3 tries"):
        fetch(source(url), tmp_path, http=http)
    assert not (tmp_path / "codes.zip").exists()
    assert 30_000 == (tmp_path / ".codes.zip.part").stat().st_size

    server.serve("/codes.zip", ARCHIVE)
    fetched = fetch(source(url), tmp_path, http=http)

    assert (True, ARCHIVE) == (fetched.resumed, fetched.path.read_bytes())
    assert [".codes.zip.json"] == hidden(tmp_path)


def test_a_file_that_changed_meanwhile_is_begun_anew(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Where the entity tag is another after the cut, the former bytes are thrown away."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, cut_after=30_000), Answer(LATER, etag='"two"'))

    fetched = fetch(source(url), tmp_path, http=http)

    assert (False, LATER, '"two"') == (fetched.resumed, fetched.path.read_bytes(), fetched.etag)


def test_a_server_that_does_not_look_at_if_range(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A range of another file is not appended, even if the server sends it: its entity tag gives it away."""
    # text has no checksums in it that would show what was patched together
    later = Answer(b"later" * 10_000, etag='"two"', if_range=False)
    url = server.serve("/codes.txt", Answer(b"first" * 10_000, cut_after=30_000), later)

    fetched = fetch(source(url, expect="txt"), tmp_path, http=http)

    assert (False, b"later" * 10_000) == (fetched.resumed, fetched.path.read_bytes())


@pytest.mark.parametrize("span", ["bytes 0-49999/50000", "bytes 30000-49999/60000", "lines 30000-49999/50000", ""])
def test_a_range_that_was_not_asked_for(server: FileServer, tmp_path: Path, http: Http, span: str) -> None:
    """An answer that is another part of the file, or a part of a longer one, is not appended."""
    body = b"first" * 10_000
    wrong = Answer(body, headers={"Content-Range": span})
    url = server.serve("/codes.txt", Answer(body, cut_after=30_000), wrong, body)

    fetched = fetch(source(url, expect="txt"), tmp_path, http=http)

    assert (False, body) == (fetched.resumed, fetched.path.read_bytes())


def test_a_server_that_lies_about_its_tag(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Bytes of two files under one entity tag do not fit together; then all is fetched anew."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, cut_after=30_000), Answer(LATER), Answer(LATER))

    fetched = fetch(source(url), tmp_path, http=http)

    assert (False, LATER) == (fetched.resumed, fetched.path.read_bytes())


def test_a_server_without_ranges(server: FileServer, tmp_path: Path, http: Http) -> None:
    """Where the server knows no ranges the file is fetched anew after a cut."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, cut_after=30_000), Answer(ARCHIVE, ranges=False))

    fetched = fetch(source(url), tmp_path, http=http)

    assert (False, ARCHIVE) == (fetched.resumed, fetched.path.read_bytes())
    assert 30_000 + len(ARCHIVE) == server.sent["/codes.zip"]


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_nothing_certain_nothing_resumed(server: FileServer, tmp_path: Path, http: Http, etag: str | None) -> None:
    """Without a strong entity tag and a date nothing says that the file is the same, so it is begun anew."""
    bare = Answer(ARCHIVE, etag=etag, last_modified=None)
    url = server.serve("/codes.zip", evolve(bare, cut_after=30_000), bare)

    fetched = fetch(source(url), tmp_path, http=http)

    assert (False, ARCHIVE) == (fetched.resumed, fetched.path.read_bytes())
    assert "range" not in server.requests[1].headers


def test_the_part_of_another_url_is_begun_anew(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A part that belongs to another URL is never gone on with."""
    with pytest.raises(FetchError):
        fetch(source(server.serve("/old.zip", Answer(LATER, cut_after=20_000))), tmp_path, http=http)

    fetched = fetch(source(server.serve("/new.zip", ARCHIVE)), tmp_path, http=http)

    assert ARCHIVE == fetched.path.read_bytes()
    assert ["/new.zip"] == [request.path for request in server.requests if request.path == "/new.zip"]
    assert "range" not in server.requests[-1].headers


@pytest.mark.parametrize(("size", "resumed"), [(0, False), (100, False), (10_000_000, True)])
def test_a_part_that_does_not_fit_its_record(
    server: FileServer, tmp_path: Path, http: Http, *, size: int, resumed: bool
) -> None:
    """A part shorter than its record is begun anew; what is longer, and so not certain, is cut off."""
    body = b"first" * 10_000
    with pytest.raises(FetchError):
        fetch(source(server.serve("/codes.txt", Answer(body, cut_after=10_000)), expect="txt"), tmp_path, http=http)
    os.truncate(tmp_path / ".codes.zip.part", size)
    url = server.serve("/codes.txt", body)

    fetched = fetch(source(url, expect="txt"), tmp_path, http=http)

    assert (resumed, body) == (fetched.resumed, fetched.path.read_bytes())


def test_a_part_without_record_is_begun_anew(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A part that nothing is known of is not taken for ours."""
    (tmp_path / ".codes.zip.part").write_bytes(ARCHIVE[:5000])
    url = server.serve("/codes.zip", ARCHIVE)

    assert ARCHIVE == fetch(source(url), tmp_path, http=http).path.read_bytes()
    assert "range" not in server.requests[0].headers


def test_a_killed_process_is_gone_on_with(server: FileServer, tmp_path: Path, http: Http) -> None:
    """After SIGKILL there is nothing under the final name, and the next run goes on from what was durable."""
    body = archive(6_000_000)
    slow = Answer(body, etag=etag_of(body), pause=0.02, piece=65_536)
    url = server.serve("/codes.zip", slow)
    process = subprocess.Popen([sys.executable, "-c", CHILD, url, str(tmp_path)])
    until = time.monotonic() + 30
    while durable(tmp_path) < 2 * partial.DURABLE_BYTES and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert -signal.SIGKILL == process.wait(10)
    certain = durable(tmp_path)
    assert certain >= 2 * partial.DURABLE_BYTES
    assert not (tmp_path / "codes.zip").exists()

    server.serve("/codes.zip", evolve(slow, pause=0))
    fetched = fetch(source(url), tmp_path, http=http)

    assert (True, body) == (fetched.resumed, fetched.path.read_bytes())
    assert f"bytes={certain}-" == server.requests[-1].headers["range"]


def durable(folder: Path) -> int:
    """Return how many bytes of the part are durable."""
    try:
        return json.loads((folder / ".codes.zip.part.json").read_bytes())["durable"]
    except FileNotFoundError:
        return 0


class Stopped(BaseException):
    """As if the process ended."""


def stopping(patched: pytest.MonkeyPatch, moment: int) -> list[str]:
    """End everything at a step on the disk and after it; return the steps as they are taken."""
    done: list[str] = []

    def counted(name, real):
        def call(*args, **kwargs):
            done.append(name)
            if len(done) >= moment:
                raise Stopped
            return real(*args, **kwargs)

        return call

    for name in ("fsync", "replace", "unlink"):
        patched.setattr(os, name, counted(name, getattr(os, name)))
    return done


def test_killed_at_any_step_on_the_disk(server: FileServer, tmp_path: Path, http: Http, small_steps: None) -> None:
    """A fetch that ends at any step on the disk leaves the former file or the new one, and the next run is whole."""
    steps = 0
    for moment in range(1, 200):
        folder = tmp_path / str(moment)
        url = server.serve("/codes.zip", ARCHIVE)
        fetch(source(url), folder, http=http)
        server.serve("/codes.zip", Answer(LATER, etag='"two"', piece=20_000))
        with pytest.MonkeyPatch.context() as patched:
            done = stopping(patched, moment)
            try:
                fetch(source(url), folder, http=http)
            except Stopped:
                assert (folder / "codes.zip").read_bytes() in (ARCHIVE, LATER)
            else:
                steps = len(done)
        assert LATER == fetch(source(url), folder, http=http).path.read_bytes()
        assert [".codes.zip.json"] == hidden(folder)
        if steps:
            break
    assert steps > 10


# what is refused


def test_a_truncated_body_is_no_file(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A body that is shorter than Content-Length says never gets the final name."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, length=len(ARCHIVE) + 1000, ranges=False))

    with pytest.raises(FetchError, match="cut"):
        fetch(source(url), tmp_path, http=http)

    assert not (tmp_path / "codes.zip").exists()


def test_a_short_archive_is_damaged(server: FileServer, tmp_path: Path, http: Http) -> None:
    """An archive that ends too early is damaged, even if the length that the server says is right."""
    url = server.serve("/codes.zip", ARCHIVE[:-100])

    with pytest.raises(FetchError, match="a damaged one"):
        fetch(source(url), tmp_path, http=http)

    assert [] == [path.name for path in tmp_path.iterdir() if path.name != ".lock"]


def test_a_wrong_byte_in_an_archive_is_found(server: FileServer, tmp_path: Path, http: Http) -> None:
    """An archive one of whose members does not have its checksum is damaged."""
    body = bytearray(ARCHIVE)
    body[2000] ^= 1
    url = server.serve("/codes.zip", bytes(body))

    with pytest.raises(FetchError, match=r"'order\.txt' is not what its checksum says"):
        fetch(source(url), tmp_path, http=http)


def test_a_wrong_checksum_is_refused(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A file with another SHA-256 than the configuration names never gets the final name, and leaves nothing."""
    url = server.serve("/codes.zip", ARCHIVE)
    digest = "0" * 64

    with pytest.raises(FetchError, match=f"expected SHA-256 {digest}, got {hashlib.sha256(ARCHIVE).hexdigest()}"):
        fetch(source(url, sha256=digest), tmp_path, http=http)

    assert [] == [path.name for path in tmp_path.iterdir() if path.name != ".lock"]


def test_the_former_file_stays_when_the_new_one_is_refused(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A page in place of the new file leaves the former file as it was."""
    url = server.serve("/codes.zip", ARCHIVE, Answer(PAGE, content_type="text/html", etag='"two"'))
    fetch(source(url), tmp_path, http=http)

    with pytest.raises(FetchError, match="a web page"):
        fetch(source(url), tmp_path, http=http)

    assert ARCHIVE == (tmp_path / "codes.zip").read_bytes()


def test_a_page_in_place_of_an_archive(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A web page in place of the file is an error with URL, status, content type and the title of the page."""
    url = server.serve("/codes.zip", Answer(PAGE, content_type="text/html; charset=UTF-8"))

    with pytest.raises(FetchError) as raised:
        fetch(source(url), tmp_path, http=http)

    assert (
        f"{url}: expected a zip archive, got a web page "
        "(status 200, content type text/html; charset=UTF-8, title 'Sign in & go on')"
    ) == str(raised.value)
    assert (url, 200) == (raised.value.url, raised.value.status)
    assert not (tmp_path / "codes.zip").exists()


def test_a_redirect_to_a_page_is_named(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A redirect to a page to sign in is told with where it led, without its query."""
    server.serve("/login", Answer(PAGE, content_type="text/html"))
    url = server.serve("/codes.zip", Answer(status=302, location="/login?session=secret"))

    with pytest.raises(FetchError, match=r"redirected to http://127\.0\.0\.1:\d+/login\)$"):
        fetch(source(url), tmp_path, http=http)


@pytest.mark.parametrize(
    ("expect", "body", "media", "words"),
    [
        ("zip", b"%PDF-1.7 long enough", "application/zip", "begins with b'%PDF-1.7'"),
        ("zip", b"", "application/zip", "got nothing"),
        ("xlsx", ARCHIVE, "application/zip", r"got an archive with 'order\.txt'"),
        ("xlsx", b"code,title\n", "text/csv", "expected an Excel workbook"),
        ("txt", PAGE, "text/plain", "expected a text file, got a web page"),
        ("txt", b"00001 A00", "text/html", "got what the server calls a web page"),
        ("txt", ARCHIVE, "text/plain", r"begins with b'PK\\x03"),
        ("csv", b"a,b\0c", "text/csv", "expected a text file"),
        ("xml", b"00001 A00", "text/xml", "expected an XML file"),
        ("xml", b"<?xml version='1.0'?>\n<html>", "text/xml", "got a web page"),
        ("json", b"<a/>", "application/json", "expected a JSON file"),
        (None, b"\xef\xbb\xbf\n <!-- x --><HTML>", "", "expected a file, got a web page"),
    ],
)
def test_what_is_not_what_it_should_be(
    server: FileServer, tmp_path: Path, http: Http, *, expect: str | None, body: bytes, media: str, words: str
) -> None:
    """Bytes that are no file of the kind are refused, and leave nothing behind."""
    url = server.serve("/file", Answer(body, content_type=media))

    with pytest.raises(FetchError, match=words):
        fetch(source(url, name="file", expect=expect), tmp_path, http=http)

    assert [] == [path.name for path in tmp_path.iterdir() if path.name != ".lock"]


@pytest.mark.parametrize(
    ("expect", "body", "media"),
    [
        ("zip", ARCHIVE, "text/html"),
        ("txt", b"00001 A00     0 Cholera", "application/octet-stream"),
        ("txt", "code".encode("utf-16"), "text/plain"),
        ("xml", "<?xml version='1.0'?><ICD10CM.tabular/>".encode("utf-16"), "text/plain"),
        ("xml", b"\xef\xbb\xbf\r\n<ICD10CM.index/>", "text/plain"),
        ("json", b' {"a": 1}', "text/plain"),
        ("xls", bytes.fromhex("d0cf11e0a1b11ae1") + b"rest", ""),
        (None, b"%PDF-1.7", "application/pdf"),
    ],
)
def test_what_is_what_it_should_be(
    server: FileServer, tmp_path: Path, http: Http, *, expect: str | None, body: bytes, media: str
) -> None:
    """The bytes decide, not what the server calls them."""
    url = server.serve("/file", Answer(body, content_type=media))

    assert body == fetch(source(url, name="file", expect=expect), tmp_path, http=http).path.read_bytes()


@pytest.mark.parametrize("said", [True, False])
def test_a_file_has_a_bound(server: FileServer, tmp_path: Path, http: Http, *, said: bool) -> None:
    """A file that is larger than the bound is refused, before it comes if the server says its size."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, chunked=not said))

    with pytest.raises(
        FetchError, match=r"it has [\d,]+ bytes, more than 30,000" if said else "it has more than 30,000"
    ):
        fetch(source(url), tmp_path, http=evolve(http, maximum_bytes=30_000))

    assert [] == [path.name for path in tmp_path.iterdir() if path.name != ".lock"]


def test_a_file_that_the_disk_has_no_room_for(
    server: FileServer, tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file larger than what is free on the disk is not begun."""
    usage = download.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    url = server.serve("/codes.zip", ARCHIVE)

    with pytest.raises(FetchError, match="1,000 are free on the disk"):
        fetch(source(url), tmp_path, http=http)


def test_a_disk_that_fails_is_told(
    server: FileServer, tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of the disk is the error of this file, with its reason."""

    def full(_stream):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "make_durable", full)
    url = server.serve("/codes.zip", ARCHIVE)

    with pytest.raises(FetchError, match="cannot be written: No space left on device"):
        fetch(source(url), tmp_path, http=http)


def test_an_encoding_that_was_not_asked_for(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A body that is compressed on the way is refused: its lengths and ranges speak of other bytes."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, headers={"Content-Encoding": "gzip"}))

    with pytest.raises(FetchError, match=r"encoded \(gzip\)"):
        fetch(source(url), tmp_path, http=http)


# servers that fail


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

    with pytest.raises(FetchError, match=r"the server refuses \(status 403") as raised:
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
    begun = time.monotonic()

    with pytest.raises(FetchError, match="takes longer than 1 s"):
        fetch(source(url), tmp_path, http=evolve(http, deadline_seconds=1))

    assert time.monotonic() - begun < 5


def test_a_server_that_falls_silent(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that is silent for longer than the timeout is left, and the file gone on with."""
    url = server.serve("/codes.zip", Answer(ARCHIVE, pause=2, piece=30_000), ARCHIVE)

    fetched = fetch(source(url), tmp_path, http=evolve(http, timeout_seconds=0.3))

    assert (True, ARCHIVE) == (fetched.resumed, fetched.path.read_bytes())


# what is not there


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
    assert 404 == report.to_json()["errors"][0]["status"]
    assert "title 'Not here'" in report.to_json()["pending"][0]["message"]
    assert json.dumps(report.to_json())


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


# local paths, and other processes


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


# servers that are not there


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


def test_one_file_that_cannot_be_reached(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A server that answers again is not given up."""
    good = server.serve("/codes.zip", ARCHIVE)
    bad = server.serve("/bad.zip", Answer(b"", 500))
    sources = [source(bad, name=f"{number}.zip") for number in range(3)]

    assert ["codes.zip"] == [
        item.source.label for item in fetch_all([*sources, source(good)], tmp_path, http=http).fetched
    ]


def test_a_pipe_in_place_of_a_file(tmp_path: Path) -> None:
    """A path that is neither file nor folder is refused; a pipe would be waited for without end."""
    os.mkfifo(tmp_path / "codes.zip")

    with pytest.raises(FetchError, match="expected a file or a folder, got neither"):
        fetch(Source(path=tmp_path / "codes.zip"), tmp_path)
