"""Which addresses are public, and which names of hosts a pattern means."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Final

from .urls import printable

PATTERN: Final = re.compile(r"\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?|[0-9a-f:]+")
TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""Where networks that speak IPv6 only put the addresses of IPv4 (NAT64)."""
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Return whether an address belongs to the public internet.

    Private, loopback, link-local, shared, reserved, multicast and unspecified addresses do not, nor do those of IPv6
    that stand for such an address of IPv4.

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
