"""How servers are asked, one answer at a time; what their answers say, and what their failures are called."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator, Mapping
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from typing import TYPE_CHECKING, Final

from attrs import frozen

from ..errors import FetchError, UnreachableError
from .connections import Deadline, adapter_for
from .contents import PAGE_BYTES
from .hosts import LIMIT, AstrayError, Redirects
from .partial import Record
from .urls import printable, shown, without_secrets

if TYPE_CHECKING:
    import requests

PASSING: Final = (429, 500, 502, 503, 504)
"""Answers that may differ the next time."""
LONGEST_LINE: Final = 100
REPRESENTATION: Final = re.compile(r"^(?:<[^>]*>|\w+\([^)]*\)): ")
"""What urllib3 puts before its messages: the connection as an object."""


@frozen
class Http:
    """How patient an update is with servers, and how much it takes from them."""

    timeout_seconds: float = 60.0
    """How long a server may be silent."""
    deadline_seconds: float = 3600.0
    """How long one file may take in all."""
    retries: int = 5
    """How often a file is tried again after a failure that may pass."""
    backoff_seconds: float = 2.0
    """How long the first wait between two tries is; each further one is twice as long."""
    longest_wait_seconds: float = 300.0
    """No wait is longer; a server that asks for more (``Retry-After``) is a failure."""
    user_agent: str = "terminology-server (unattended update)"
    maximum_bytes: int = 2 * 2**30
    """How large one file may be."""
    redirect_hosts: tuple[str, ...] = ()
    """Hosts that redirects may lead to besides the one that was asked; ``*.example.org`` is every name below."""
    private_addresses: bool = False
    """Whether redirects may lead to addresses that are not public."""

    def wait_before(self, attempt: int) -> float:
        """Return how long to wait before a try again, the first of which is number 1.

        >>> [Http().wait_before(attempt) for attempt in (1, 2, 3, 12)]
        [2.0, 4.0, 8.0, 300.0]
        """
        return float(min(self.backoff_seconds * 2 ** min(attempt - 1, 60), self.longest_wait_seconds))


def session_for(http: Http, redirects: Redirects, deadline: Deadline) -> requests.Session:
    """Return a session that speaks http and https only, asks once, and follows no redirect.

    Proxies are taken from the environment (``HTTPS_PROXY``, ``NO_PROXY``), as requests does.
    """
    import requests

    class Session(requests.Session):
        """Follows no redirects: requests would read their bodies whole, however long they are."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:
            del resp
            return None

    session = Session()
    session.adapters.clear()
    adapter = adapter_for(redirects, deadline)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    # bytes as they are on the server: lengths and ranges count them
    session.headers.update({"User-Agent": http.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"})
    return session


def answer_of(
    session: requests.Session, redirects: Redirects, deadline: Deadline, http: Http, headers: Mapping[str, str]
) -> requests.Response:
    """Return the answer to a question for a file, at the end of all redirects; its body is yet to be read.

    Raises:
        AstrayError: A redirect must not be followed, or there are too many.
        requests.RequestException: The server does not answer, or not until the deadline.
    """
    import requests

    url = redirects.url
    history: list[requests.Response] = []
    while len(history) <= LIMIT:
        trusted = not history or redirects.carries_credentials(url)
        response = session.get(
            url,
            headers=dict(headers),
            auth=_credentials(redirects.url) if trusted else _anonymous,
            stream=True,
            timeout=deadline.within(http.timeout_seconds),
            allow_redirects=False,
        )
        try:
            if deadline.passed:
                # a connection that was shut in the middle of the headers looks like their end
                raise requests.Timeout
            target = redirects.target(response)
        except (AstrayError, requests.Timeout):
            response.close()
            raise
        if target is None:
            response.history = history
            return response
        response.close()
        history.append(response)
        url = target
    raise AstrayError(f"the server redirects in a circle, or more than {LIMIT} times")


def _credentials(url: str) -> tuple[str, str] | None:
    """Return user and password of a URL; None where it has none: then the file ``.netrc`` may have them."""
    import requests

    user, password = requests.utils.get_auth_from_url(url)
    return (user, password) if user or password else None


def _anonymous(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the question as it is: no password of the URL, and none of ``.netrc``, goes to another host."""
    return request


def conditions(known: Record | None, part: Record | None) -> dict[str, str]:
    """Return the headers that ask for less than the whole file."""
    if part is not None and part.validator is not None:
        return {"Range": f"bytes={part.durable}-", "If-Range": part.validator}
    if known is None:
        return {}
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value is not None}


def continues(response: requests.Response, part: Record) -> bool:
    """Return whether a partial answer continues the file that the part is of."""
    unit, _, numbers = response.headers.get("Content-Range", "").partition(" ")
    span, _, total = numbers.partition("/")
    same = (
        response.headers.get("ETag", part.etag) == part.etag
        and response.headers.get("Last-Modified", part.last_modified) == part.last_modified
    )
    sized = part.total is None or total in ("*", str(part.total))
    return unit == "bytes" and span.startswith(f"{part.durable}-") and sized and same


def page_of(response: requests.Response, seconds: float) -> bytes:
    """Return the beginning of the page that explains a failure, as far as it comes in time and can be read."""
    import urllib3

    page, until = b"", time.monotonic() + seconds
    # as it comes: a page that unpacks to another size is not worth the memory
    read = getattr(response.raw, "read1", response.raw.read)
    try:
        while len(page) < PAGE_BYTES and time.monotonic() < until and (chunk := read(PAGE_BYTES - len(page))):
            page += chunk
    except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError):
        pass
    return page


def retry_after(response: requests.Response) -> float | None:
    """Return in how many seconds a server asks to be asked again; None where it does not, or it cannot be read."""
    from urllib3.exceptions import HTTPError
    from urllib3.util import Retry

    try:
        return float(Retry().parse_retry_after(response.headers["Retry-After"]))
    except (KeyError, HTTPError, ValueError, TypeError, OverflowError):
        return None


@contextlib.contextmanager
def failures_named(url: str, deadline: Deadline) -> Iterator[None]:
    """Turn every failure of requests into a `FetchError`; secrets of the URL are in none of them.

    Raises:
        UnreachableError: The server could not be reached, or did not answer until the deadline.
        FetchError: It redirects to where it must not, or its answer is not HTTP.
    """
    import requests
    import urllib3

    try:
        yield
    except AstrayError as error:
        raise FetchError(printable(error.reason), url=shown(url), status=error.status) from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException) as error:
        if deadline.passed:
            reason = f"the server does not answer in {deadline.seconds:,g} s"
            raise UnreachableError(reason, url=shown(url)) from None
        passing = (requests.ConnectionError, requests.Timeout)
        kind = UnreachableError if isinstance(error, passing) else FetchError
        failure = kind(without_secrets(_reason(error), [url]), url=shown(url))
        if isinstance(failure, UnreachableError):
            # the lookup of a name fails with an error of its own, which `connections` names as the cause
            failure.is_of_name = isinstance(_innermost(error).__cause__, socket.gaierror)
        raise failure from None


def _reason(error: Exception) -> str:
    import requests

    kinds = (
        (requests.exceptions.ProxyError, "the proxy cannot be reached"),
        (requests.exceptions.InvalidProxyURL, "the address of the proxy in the environment is no URL"),
        (requests.exceptions.SSLError, "the certificate or the encryption of the server is rejected"),
        (requests.ConnectTimeout, "the server does not answer"),
        (requests.ReadTimeout, "the server does not answer in time"),
        (requests.ConnectionError, "the server cannot be reached"),
    )
    words = next((words for kind, words in kinds if isinstance(error, kind)), "the answer of the server is invalid")
    return printable(f"{words}: {innermost(error)}")


def innermost(error: BaseException) -> str:
    """Return the message at the bottom of what requests and urllib3 wrap; the wrappings may quote the URL."""
    error = _innermost(error)
    if _is_no_http(error):
        return f"its answer is no HTTP, it begins with {printable(str(error), LONGEST_LINE)}"
    return printable(REPRESENTATION.sub("", str(error)) or type(error).__name__)


def _innermost(error: BaseException) -> BaseException:
    while not _is_no_http(error):
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        if inner is None:
            break
        error = inner
    return error


def _is_no_http(error: BaseException) -> bool:
    return isinstance(error, BadStatusLine) and not isinstance(error, RemoteDisconnected)
