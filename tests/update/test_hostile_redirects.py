"""Redirects that are no URLs, or lead to where they must not."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from attrs import evolve

from terminology.errors import FetchError, UnreachableError
from terminology.update import connections
from terminology.update.fetching import fetch
from terminology.update.hosts import is_meant, is_private_host, is_public, literal_address
from terminology.update.transport import Http

from .hostile_fetches import ARCHIVE, HEAD, error_of, source
from .server import Answer, FileServer, dripped, raw_server


@pytest.mark.parametrize(
    "location",
    [
        b"http://[::1/x",
        b"http://[",
        b"http://" + b"a" * 80 + b".org/codes.zip",
        b"http://a..b/codes.zip",
        b"http://\xff\xfe/codes.zip",
        "http://☃☃.org\udcff/".encode("utf-8", "surrogatepass"),
        b"http://example.org:99999/codes.zip",
        b"http://example.org:x/codes.zip",
        b"http://example.org:0/codes.zip",
        b"http://a\\@127.0.0.1/codes.zip",
        b"http://%31%32%37.0.0.1/codes.zip",
        b"http://*/codes.zip",
        b"http://\x01\x02/",
        b"/\x1b[31mcodes.zip",
        b"http://xn--\xc3\xa9/",
        "http://℀.org/".encode(),
        b"/" + b"x" * 9000,
        b"http://" + b".".join([b"a" * 60] * 6) + b"/",
        b"javascript:alert(1)",
        b"data:,x",
    ],
)
def test_a_redirect_that_is_no_url(tmp_path: Path, http: Http, location: bytes) -> None:
    """A redirect to what cannot be asked for is the error of this file, with a reason; the others are fetched."""

    def script(connection: socket.socket, head: bytes) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")

    with raw_server(script) as server:
        error = error_of(server.url(), tmp_path, http)

        assert "the server redirects to something that is no URL: " in str(error)
        assert (302, 1) == (error.status, len(server.heads))
        assert str(error).isprintable()


def test_a_redirect_to_nowhere(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A redirect that does not say to where is an error with that reason."""
    error = error_of(server.serve("/codes.zip", Answer(b"", 302)), tmp_path, http)

    assert "the server redirects, and does not say to where" in str(error)


@pytest.mark.parametrize(
    "location", ["/näw files/codes.zip", "http:///new", "//127.0.0.1:{port}/new", "http://joe:pw@127.0.0.1:{port}/new"]
)
def test_an_odd_redirect_is_followed(tmp_path: Path, http: Http, location: str) -> None:
    """Letters of any script, spaces and URLs without scheme are followed; a user that the server names is not."""

    def script(connection: socket.socket, head: bytes) -> None:
        if head.startswith(b"GET /codes.zip"):
            target = location.format(port=server.port).encode()
            connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target + b"\r\n\r\n")
        else:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(ARCHIVE) + ARCHIVE)

    with raw_server(script) as server:
        assert ARCHIVE == fetch(source(server.url()), tmp_path, http=http).path.read_bytes()
        assert b"authorization" not in server.heads[1].lower()


def test_the_body_of_a_redirect_is_not_read(tmp_path: Path, http: Http) -> None:
    """A redirect whose body has no end is followed without it."""

    def script(connection: socket.socket, head: bytes) -> None:
        if head.startswith(b"GET /codes.zip"):
            connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 999999999\r\n\r\n")
            dripped(connection, b"x" * 400)
        else:
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(ARCHIVE) + ARCHIVE)

    with raw_server(script) as server:
        fetched = fetch(source(server.url()), tmp_path, http=evolve(http, deadline_seconds=3, timeout_seconds=1))

        assert ARCHIVE == fetched.path.read_bytes()


def test_a_redirect_to_another_host(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A redirect to another host is refused, and the reason says which key of the configuration lets it be."""
    url = server.serve("/codes.zip", Answer(status=302, location="http://files.example.org/new.zip?key=secret"))

    with pytest.raises(
        FetchError, match=r"another host, http://files\.example\.org/new\.zip; .*redirect_hosts"
    ) as told:
        fetch(source(url), tmp_path, http=http)

    assert "secret" not in str(told.value)


@pytest.mark.parametrize("host", ["files.example.org", "a.files.example.com"])
def test_a_listed_host_that_is_private(
    server: FileServer, tmp_path: Path, http: Http, names: dict[str, list[str]], host: str
) -> None:
    """A host that the configuration lists is reached at a private address only where the configuration says so."""
    names[host] = ["127.0.0.1"]
    server.serve("/new.zip", ARCHIVE)
    url = server.serve("/codes.zip", Answer(status=302, location=f"http://{host}:{server.port}/new.zip"))
    listed = evolve(http, redirect_hosts=("files.example.org", "*.example.com"))

    with pytest.raises(FetchError, match=r"127\.0\.0\.1, an address that is not public.*private_addresses"):
        fetch(source(url), tmp_path, http=listed)
    fetched = fetch(source(url), tmp_path, http=evolve(listed, private_addresses=True))

    assert ARCHIVE == fetched.path.read_bytes()


@pytest.mark.parametrize(("host", "other"), [("example.net", "www.example.net"), ("www.example.net", "example.net")])
def test_a_site_under_both_of_its_names(
    server: FileServer, tmp_path: Path, http: Http, names: dict[str, list[str]], *, host: str, other: str
) -> None:
    """A redirect that adds or removes ``www.`` needs no word in the configuration; an address that is private does."""
    names[host] = names[other] = ["127.0.0.1"]
    server.serve("/new.zip", ARCHIVE)
    server.serve("/codes.zip", Answer(status=302, location=f"http://{other}:{server.port}/new.zip"))
    url = f"http://{host}:{server.port}/codes.zip"

    with pytest.raises(FetchError, match="an address that is not public"):
        fetch(source(url), tmp_path, http=http)
    assert fetch(source(url), tmp_path, http=evolve(http, private_addresses=True)).size


def test_a_name_that_changes_its_address(
    server: FileServer, tmp_path: Path, http: Http, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was looked at is the one that is connected to: the name is not looked up again."""
    # nobody listens at the first address, which is taken for a public one here
    monkeypatch.setattr(connections, "is_public", lambda address: address == "127.0.0.3")
    names["files.example.org"] = ["127.0.0.3", "127.0.0.1"]
    url = server.serve("/codes.zip", Answer(status=302, location=f"http://files.example.org:{server.port}/new.zip"))
    server.serve("/new.zip", ARCHIVE)

    with pytest.raises(UnreachableError):
        fetch(source(url), tmp_path, http=evolve(http, redirect_hosts=("files.example.org",), retries=0))

    assert ["/codes.zip"] == [request.path for request in server.requests]
    assert ["127.0.0.1"] == names["files.example.org"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.2", "2130706434", "0x7f000002", "0177.0.0.2", "127.2", "[::ffff:127.0.0.2]", "[::1]", "localhost", "0"],
)
def test_another_private_host(server: FileServer, tmp_path: Path, http: Http, host: str) -> None:
    """However a private address is spelt, a redirect does not lead there, even to a host that is listed."""
    url = server.serve("/codes.zip", Answer(status=302, location=f"http://{host}:{server.port}/new.zip"))
    server.serve("/new.zip", ARCHIVE)

    with pytest.raises(FetchError, match="an address that is not public"):
        fetch(source(url), tmp_path, http=evolve(http, redirect_hosts=("*",)))

    assert ["/codes.zip"] == [request.path for request in server.requests]


def test_another_port_of_a_private_host(server: FileServer, tmp_path: Path, http: Http) -> None:
    """A mirror of one's own may redirect on itself, and not to another service beside it."""
    url = server.serve("/codes.zip", Answer(status=302, location="http://127.0.0.1:1/new.zip"))

    with pytest.raises(FetchError, match="an address that is not public"):
        fetch(source(url), tmp_path, http=http)


def test_a_proxy_does_not_lead_to_private_addresses(
    server: FileServer, tmp_path: Path, http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy, which may itself be private, addresses that a redirect spells out are looked at all the same."""
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{server.port}")
    server.serve("/codes.zip", Answer(status=302, location="http://169.254.169.254/latest"))

    with pytest.raises(FetchError, match="an address that is not public"):
        fetch(source("http://publisher.invalid/codes.zip"), tmp_path, http=evolve(http, redirect_hosts=("*",)))


def test_passwords_stay_with_their_host(
    server: FileServer, tmp_path: Path, http: Http, names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user and password of a URL go to its host again after a redirect; to another goes nothing, nor of .netrc."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ann password hidden\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    names["files.example.org"] = ["127.0.0.1"]
    away = Answer(status=302, location=f"http://files.example.org:{server.port}/new.zip")
    url = server.serve("/codes.zip", Answer(status=302, location="/again.zip"))
    server.serve("/again.zip", away)
    server.serve("/new.zip", ARCHIVE)
    open_to_all = evolve(http, redirect_hosts=("files.example.org",), private_addresses=True)

    fetch(source(url.replace("//", "//joe:secret@")), tmp_path, http=open_to_all)

    assert [True, True, False] == ["authorization" in request.headers for request in server.requests]


def test_what_is_public() -> None:
    """Addresses that are not of the public internet are known as such, also inside of those of IPv6."""
    private = (
        "10.0.0.1 172.16.0.1 192.168.1.1 127.0.0.1 169.254.169.254 0.0.0.0 100.64.0.1 192.0.2.1 198.18.0.1 224.0.0.1 "
        "240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0 fc00::1 fec0::1 ff02::1 2001:db8::1 ::ffff:10.0.0.1 "
        "::127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: 2001:0:1::"
    )
    public = "1.1.1.1 192.0.66.2 2606:4700:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101"

    assert [] == [address for address in private.split() if is_public(address)]
    assert [] == [address for address in public.split() if not is_public(address)]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7F.0.0.1", "0177.0.0.01", "127.0.0.1."])
def test_spellings_of_an_address(host: str) -> None:
    """Every spelling that systems read is the same address."""
    assert "127.0.0.1" == literal_address(host.rstrip("."))
    assert is_private_host(host)


@pytest.mark.parametrize(
    ("host", "meant"), [("www.cms.gov", True), ("cms.gov", False), ("www.cms.gov.evil.org", False)]
)
def test_patterns_of_hosts(host: str, *, meant: bool) -> None:
    """A pattern means the names below, not the name itself, and not names that it is part of."""
    assert meant is is_meant(host, "*.CMS.gov")
