"""What questions for a file ask, and what can be taken from the headers and pages of the answers."""

from __future__ import annotations

import time
from http.client import HTTPException
from typing import TYPE_CHECKING

from .contents import PAGE_BYTES
from .partial import Record

if TYPE_CHECKING:
    import requests


def conditions(known: Record | None, part: Record | None) -> dict[str, str]:
    """Return the headers that ask for less than the whole file."""
    if part is not None and part.validator is not None:
        return {"Range": f"bytes={part.durable}-", "If-Range": part.validator}
    if known is None:
        return {}
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in headers.items() if value is not None}


def continues(response: requests.Response, part: Record) -> bool:
    """Return whether a partial answer goes on with the file that the part is of."""
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
