"""URLs: which can be asked for, and how they, and what servers say, may be printed: without secrets, in one line."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote, urlsplit

LONGEST_URL: Final = 8192
LONGEST_SHOWN: Final = 500
SCHEMES: Final = ("http", "https")
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_-])?\.?")
SHORTEST_SECRET: Final = 3
"""Shorter texts are in every message by chance."""


class InvalidURLError(ValueError):
    """Nothing can be asked for at a URL; the message says why, without quoting it."""


def shown(url: str) -> str:
    """Return the URL as it may be printed: without user, password and query, which may be secrets; in one line.

    >>> shown("https://joe:secret@example.org/a.zip?token=1")
    'https://example.org/a.zip'
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "a URL that cannot be read"
    # without a host, what is before an at sign is a user all the same
    path = parts.path if host else parts.path.rpartition("@")[2]
    return printable(f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}{path}")


def name_in(url: str) -> str:
    """Return the file name that a URL ends in, decoded; empty where it ends in a slash.

    >>> name_in("https://ftp.cdc.gov/ICD10CM/2026/icd10cm-Code%20Descriptions-2026.zip")
    'icd10cm-Code Descriptions-2026.zip'
    """
    return unquote(urlsplit(url).path.rpartition("/")[2])


def printable(text: str, longest: int = LONGEST_SHOWN) -> str:
    r"""Return a text of a server as it may be printed in a report or a terminal: control characters escaped, not too long.

    >>> printable("a\x1b[31m\u202e"), printable("abcdef", 4)
    ('a\\x1b[31m\\u202e', 'abcd…')
    """
    escaped = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[: longest + 1])
    return escaped if len(escaped) <= longest else f"{escaped[:longest]}…"


def without_secrets(text: str, urls: Iterable[str]) -> str:
    """Return a text in which users, passwords and queries of the URLs are replaced by an ellipsis.

    >>> without_secrets("cannot parse 'joe:s3cret@example.org'", ["https://joe:s3cret@example.org/"])
    "cannot parse '…@example.org'"
    """
    for url in urls:
        rest = url.partition("://")[2]
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        user = authority.rpartition("@")[0]
        query = rest.partition("?")[2]
        values = [pair.partition("=")[2] for pair in query.split("&")]
        secrets = {url if user or query else "", user, user.partition(":")[2], query, *values}
        for secret in sorted({form for each in secrets for form in (each, quote(each), unquote(each))}, key=len)[::-1]:
            if len(secret) >= SHORTEST_SECRET:
                text = text.replace(secret, "…")
    return text


def usable(url: str) -> str:
    """Return the URL as it is asked for: the host in ASCII, the path quoted; user and password stay in it.

    Raises:
        InvalidURLError: No server can be asked for it.

    >>> usable("http://EXAMPLE.org/Code Descriptions.zip")
    'http://example.org/Code%20Descriptions.zip'
    """
    import requests

    if len(url) > LONGEST_URL:
        raise InvalidURLError(f"it has {len(url):,} characters, more than {LONGEST_URL:,}")
    if CONTROL.search(url):
        raise InvalidURLError("it has control characters")
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError as error:
        known = str(error) if str(error) == "Invalid IPv6 URL" else "its host is no name of a server"
        raise InvalidURLError(known) from None
    if scheme not in SCHEMES:
        raise InvalidURLError("it is something else than http or https")
    request = requests.PreparedRequest()
    try:
        # what requests makes of it is what is asked for, so that is what is looked at
        request.prepare_url(url, {})
        prepared = str(request.url)
        host = urlsplit(prepared).hostname or ""
        user_fault = _user_fault(prepared)
    except (ValueError, requests.RequestException):
        raise InvalidURLError(_reason(url)) from None
    if not _is_host(host) or not _are_agreed(url, host):
        raise InvalidURLError("its host is no name of a server")
    # requests leaves a port of nought out
    if not _has_port(url):
        raise InvalidURLError(_reason(url))
    if user_fault:
        raise InvalidURLError(user_fault)
    return prepared


def host_of(url: str) -> str:
    """Return the host of a usable URL, in small letters, without a dot at its end."""
    return (urlsplit(url).hostname or "").rstrip(".")


def port_of(url: str) -> int:
    """Return the port of a usable URL, also where it does not say one."""
    parts = urlsplit(url)
    return parts.port or (443 if parts.scheme == "https" else 80)


def _has_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _reason(url: str) -> str:
    return "its host is no name of a server" if _has_port(url) else "its port is no number from 1 to 65535"


def _are_agreed(url: str, host: str) -> bool:
    """Return whether a URL is read in one way only: readers do not agree on the host of ``http://a\\@b/``."""
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0]
    said = urlsplit(url).hostname or ""
    return "\\" not in authority and (said == host or not said.isascii())


def _is_host(host: str) -> bool:
    if ":" in host:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return False
        return True
    try:
        # as the socket does: labels of up to 63 characters, none of them empty
        host.encode("idna")
    except UnicodeError:
        return False
    return len(host) <= 253 and HOST.fullmatch(host) is not None  # noqa: PLR2004 -- of the domain name system


def _user_fault(url: str) -> str | None:
    import requests

    try:
        for text in requests.utils.get_auth_from_url(url):
            text.encode("latin-1")
    except UnicodeEncodeError:
        return "its user and password have characters beyond Latin-1"
    return None
