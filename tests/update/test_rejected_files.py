"""What comes and is not what it should be is rejected, and the former file stays."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError
from terminology.update import download
from terminology.update.fetching import fetch
from terminology.update.transport import Http

from .fetches import ARCHIVE, PAGE, source
from .server import Answer, FileServer


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
