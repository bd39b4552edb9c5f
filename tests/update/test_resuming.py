"""A fetch that was cut or killed is resumed from what came, if the server has the same file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError
from terminology.update import partial
from terminology.update.fetching import fetch
from terminology.update.transport import Http

from .fetches import ARCHIVE, LATER, archive, hidden, source
from .server import Answer, FileServer, etag_of

CHILD = """
import sys
from pathlib import Path
from terminology.update.fetching import fetch
from terminology.update.sources import Source
fetch(Source((sys.argv[1],), name="codes.zip", expect="zip"), Path(sys.argv[2]))
"""


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
    slow = Answer(body, etag=etag_of(body), pause=0.05, piece=65_536)
    url = server.serve("/codes.zip", slow)
    process = subprocess.Popen([sys.executable, "-c", CHILD, url, str(tmp_path)])
    until = time.monotonic() + 300
    while durable(tmp_path) < 2 * partial.DURABLE_BYTES and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    assert -signal.SIGKILL == process.wait(60)
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
