"""Which hosts an update asks: patterns of their names, public addresses, and where redirects may lead.

Redirects are followed one by one, to where the configuration lets them lead, and never with a password elsewhere.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urldefrag, urljoin, urlsplit, urlunsplit

from attrs import frozen

from .urls import LONGEST_URL, InvalidURLError, host_of, port_of, printable, shown, usable

if TYPE_CHECKING:
    import requests

PATTERN: Final = re.compile(r"\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|[0-9a-f:]+")
TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""The addresses by which networks of IPv6 only reach those of IPv4 (NAT64)."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
FOLLOWED: Final = (301, 302, 303, 307, 308)
LIMIT: Final = 10
WEB_PORTS: Final = (80, 443)
ASTRAY: Final = "the server redirects to something that is no URL"
PRIVATE: Final = (
    "an address that is not public; if that is right, set private_addresses = true in [http] of the configuration"
)


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet.

    Private, loopback, link-local, shared, reserved, multicast and unspecified addresses do not, nor do those of IPv6
    that contain such an address of IPv4.

    >>> [is_public(text) for text in ("192.0.66.2", "10.1.2.3", "::ffff:127.0.0.1", "169.254.169.254", "fe80::1%eth0")]
    [True, False, False, False, False]
    """
    found: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in TRANSLATED:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def literal_address(host: str) -> str | None:
    """Return the address that a host spells, in any of the ways that systems read; None for a name.

    >>> [literal_address(host) for host in ("127.0.0.1", "2130706433", "0x7f.1", "017700000001", "::1", "cms.gov")]
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', None]
    """
    try:
        return str(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def is_private_host(host: str) -> bool:
    """Return whether a host is known to be private before its name is looked up.

    >>> is_private_host("2130706433"), is_private_host("LOCALHOST."), is_private_host("www.cms.gov")
    (True, True, False)
    """
    name = host.lower().rstrip(".")
    address = literal_address(name)
    if address is not None:
        return not is_public(address)
    return name == "localhost" or name.endswith(".localhost")


def pattern_fault(pattern: str) -> str | None:
    """Return why a text names no host or hosts; None if it does.

    >>> pattern_fault("*.cms.gov"), pattern_fault("https://cms.gov/")
    (None, "expected the name of a host, such as 'www.cms.gov' or '*.cms.gov', got 'https://cms.gov/'")
    """
    if PATTERN.fullmatch(pattern.lower()) and ".." not in pattern:
        return None
    return f"expected the name of a host, such as 'www.cms.gov' or '*.cms.gov', got {printable(repr(pattern))}"


def is_meant(host: str, pattern: str) -> bool:
    """Return whether a pattern means a host: the same name, or with ``*.`` before it every name below.

    >>> [is_meant(host, "*.cms.gov") for host in ("data.cms.gov", "a.b.cms.gov", "cms.gov", "evilcms.gov")]
    [True, True, False, False]
    """
    pattern = pattern.lower()
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return pattern in ("*", host)


def are_siblings(host: str, other: str) -> bool:
    """Return whether two hosts are the same, or differ in a ``www.`` only: one site under both of its names.

    >>> are_siblings("cms.gov", "www.cms.gov"), are_siblings("cms.gov", "data.cms.gov")
    (True, False)
    """
    return host.removeprefix("www.") == other.removeprefix("www.")


class AstrayError(Exception):
    """An answer after which the file is not asked for any further."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@frozen
class Redirects:
    """Where the redirects of one URL may lead."""

    url: str
    """As the configuration has it, made usable."""
    hosts: tuple[str, ...] = ()
    """Names and patterns of further hosts."""
    private_addresses: bool = False
    """Whether they may lead to addresses that are not public."""

    def is_own(self, host: str, port: int) -> bool:
        """Return whether this is the server that the configuration names, over http or https."""
        own = port_of(self.url)
        return host.rstrip(".") == host_of(self.url) and (port == own or {own, port} <= set(WEB_PORTS))

    def may_be_private(self, host: str, port: int) -> bool:
        """Return whether the address of a server need not be public: the operator wrote it, or lets all be."""
        return self.private_addresses or self.is_own(host, port)

    def target(self, response: requests.Response) -> str | None:
        """Return where an answer leads, as a usable URL without user and password; None where it is no redirect.

        Raises:
            AstrayError: It leads nowhere, or to where it must not.
        """
        if response.status_code not in FOLLOWED:
            return None
        location = response.headers.get("Location")
        if location is None:
            raise AstrayError("the server redirects, and does not say to where", response.status_code)
        try:
            target = usable(_absolute(location, response.url))
        except InvalidURLError as error:
            raise AstrayError(f"{ASTRAY}: {error}", response.status_code) from None
        if fault := self._fault(target, response.url):
            raise AstrayError(fault, response.status_code)
        return target

    def _fault(self, target: str, before: str) -> str | None:
        """Return why a redirect is not followed; None if it is."""
        host = host_of(target)
        if urlsplit(before).scheme == "https" and urlsplit(target).scheme == "http":
            return f"the server redirects from https to http: {shown(target)}"
        listed = are_siblings(host, host_of(self.url)) or any(is_meant(host, pattern) for pattern in self.hosts)
        if not listed:
            return (
                f"the server redirects to another host, {shown(target)}; if that is right, "
                f"add {printable(host)!r} to redirect_hosts in [http] of the configuration"
            )
        if is_private_host(host) and not self.may_be_private(host, port_of(target)):
            return f"the server redirects to {shown(target)}, {PRIVATE}"
        return None

    def carries_credentials(self, target: str) -> bool:
        """Return whether user and password of the URL may be sent to a target: the same server, never in the open."""
        same = self.is_own(host_of(target), port_of(target))
        return same and not (urlsplit(self.url).scheme == "https" and urlsplit(target).scheme == "http")


def _absolute(location: str, base: str) -> str:
    """Return the URL that a header ``Location`` means, without fragment, user and password.

    Raises:
        InvalidURLError: It means none.
    """
    if len(location) > LONGEST_URL:
        raise InvalidURLError(f"it has {len(location):,} characters, more than {LONGEST_URL:,}")
    # headers are bytes; most servers write UTF-8
    sent = location.strip().encode("latin-1", "replace")
    try:
        text = sent.decode("utf-8")
    except UnicodeDecodeError:
        text = "".join(chr(byte) if byte < 0x80 else quote(bytes([byte])) for byte in sent)  # noqa: PLR2004 -- ASCII
    try:
        parts = urlsplit(urldefrag(urljoin(base, text)).url)
    except ValueError as error:
        raise InvalidURLError(printable(str(error)) if "IPv6" in str(error) else "it cannot be parsed") from None
    if "\\" in parts.netloc:
        raise InvalidURLError("its host is no name of a server")
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
