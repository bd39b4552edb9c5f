"""How servers are asked: sessions, retries, redirects; and what their failures are called."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from attrs import frozen

from ..errors import FetchError, UnreachableError
from .sources import shown

if TYPE_CHECKING:
    import requests

PASSING: Final = (429, 500, 502, 503, 504)
"""Answers that may be another the next time."""
REDIRECTS: Final = 10
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

    def wait_before(self, attempt: int) -> float:
        """Return how long to wait before a try again, the first of which is number 1.

        >>> [Http().wait_before(attempt) for attempt in (1, 2, 3, 12)]
        [2.0, 4.0, 8.0, 300.0]
        """
        return float(min(self.backoff_seconds * 2 ** (attempt - 1), self.longest_wait_seconds))


def session_for(http: Http) -> requests.Session:
    """Return a session that tries again where that may help, and speaks http and https only.

    Proxies are taken from the environment (``HTTPS_PROXY``, ``NO_PROXY``), as requests does.
    """
    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    class Patience(Retry):
        """Waits as long as the server asks for, within bounds."""

        def get_backoff_time(self) -> float:
            return min(super().get_backoff_time(), http.longest_wait_seconds)

        def get_retry_after(self, response: Any) -> float | None:
            seconds = super().get_retry_after(response)
            if seconds is not None and seconds > http.longest_wait_seconds:
                reason = f"the server is not ready (status {response.status}) and asks to come back in {seconds:,.0f} s"
                raise Unready(reason, response.status)
            return seconds

    class Session(requests.Session):
        """Never follows a redirect from https to http."""

        def get_redirect_target(self, resp: requests.Response) -> str | None:
            target = super().get_redirect_target(resp)
            if target and urlsplit(resp.url).scheme == "https" and urlsplit(target).scheme == "http":
                raise Unready(f"the server leads from https to http: {shown(target)}", resp.status_code)
            return target

    session = Session()
    session.adapters.clear()
    retry = Patience(
        total=http.retries,
        backoff_factor=http.backoff_seconds,
        status_forcelist=PASSING,
        allowed_methods={"GET"},
        raise_on_status=False,
        respect_retry_after_header=True,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    session.max_redirects = REDIRECTS
    # bytes as they lie on the server: lengths and ranges speak of nothing else
    session.headers.update({"User-Agent": http.user_agent, "Accept": "*/*", "Accept-Encoding": "identity"})
    return session


class Unready(Exception):
    """An answer that ends the asking, raised from within requests."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


@contextlib.contextmanager
def failures_named(url: str) -> Iterator[None]:
    """Turn every failure of requests into a `FetchError`; secrets of the URL are in none of them.

    Raises:
        UnreachableError: The server could not be reached.
        FetchError: It led astray.
    """
    import requests

    try:
        yield
    except Unready as error:
        raise FetchError(error.reason, url=shown(url), status=error.status) from None
    except requests.TooManyRedirects:
        raise FetchError(f"the server redirects in a circle, or more than {REDIRECTS} times", url=shown(url)) from None
    except requests.RequestException as error:
        kind = UnreachableError if isinstance(error, requests.ConnectionError | requests.Timeout) else FetchError
        raise kind(_reason(error), url=shown(url)) from None


def _reason(error: requests.RequestException) -> str:
    import requests

    kinds = (
        (requests.exceptions.ProxyError, "the proxy cannot be reached"),
        (requests.exceptions.SSLError, "the certificate or the encryption of the server is refused"),
        (requests.ConnectTimeout, "the server does not answer"),
        (requests.ReadTimeout, "the server does not answer in time"),
        (requests.exceptions.InvalidSchema, "the server redirects to something else than http or https"),
        (requests.exceptions.InvalidURL, "the server redirects to something that is no URL"),
    )
    words = next((words for kind, words in kinds if isinstance(error, kind)), "the server cannot be reached")
    if isinstance(error, (requests.exceptions.InvalidSchema, requests.exceptions.InvalidURL)):
        return words
    return f"{words}: {innermost(error)}"


def innermost(error: BaseException) -> str:
    """Return the message at the bottom of what requests and urllib3 wrap; the wrappings may quote the URL."""
    while True:
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in error.args if isinstance(arg, BaseException)), None)
        if inner is None:
            return REPRESENTATION.sub("", str(error)) or type(error).__name__
        error = inner
