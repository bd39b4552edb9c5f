"""The download of one file from one URL: asked for, resumed, checked, and given its name."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from ..errors import FetchError, NotPublishedError, UnreachableError
from ..reading import Limits
from ..store.folder import naming, opened_for_writing, sha256_of
from .connections import Deadline
from .contents import HEAD, checksum_fault, file_fault, head_fault, is_page, title_of
from .hosts import Redirects
from .partial import DURABLE_BYTES, Landing, Record, digest_of, make_durable, validator_in
from .sources import Source
from .transport import (
    PASSING,
    Http,
    answer_of,
    conditions,
    continues,
    failures_named,
    innermost,
    page_of,
    retry_after,
    session_for,
)
from .urls import InvalidURLError, printable, shown, usable

if TYPE_CHECKING:
    import requests

Progress = Callable[[str, str, int, int | None], None]
"""Called with the stage (fetch), the name of the file, bytes that are there, and bytes in all if that is known."""

RETRY: Final = "retry"
"""The stage by which progress is called before a wait: with the file and why, the number of the next try, and of all tries."""

OK: Final = 200
PARTIAL: Final = 206
UNCHANGED: Final = 304
NO_SUCH_RANGE: Final = 416
ABSENT: Final = (404, 410)
CHUNK: Final = 2**16
LONGEST_WORD: Final = 100
"""How much of a header is quoted."""
LONGEST_NUMBER: Final = 15
"""Of digits; no file has more bytes."""


@frozen
class Fetched:
    """A file that is here, whole and checked."""

    source: Source
    path: Path
    sha256: str | None
    """None for a folder."""
    size: int
    url: str | None
    """Where it came from, without secrets; None for a local path."""
    resumed: bool = False
    """Whether an earlier, cut fetch was resumed."""
    unchanged: bool = False
    """Whether the same bytes were here already."""
    etag: str | None = None
    last_modified: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        names = ("sha256", "size", "url", "resumed", "unchanged", "etag", "last_modified")
        return {"file": self.source.label, "path": str(self.path), **{name: getattr(self, name) for name in names}}


class Cut(Exception):
    """A failure that may pass: the connection ended before the file did, or the server is busy."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait
        """How many seconds the server asks to wait."""


@frozen
class Download:
    """The fetching of one file from one URL."""

    source: Source
    url: str
    landing: Landing
    http: Http
    limits: Limits
    deadline: Deadline
    progress: Progress

    def run(self) -> Fetched:
        """Return the file, tried as often as it may help."""
        known = self.landing.whole(self.url)
        try:
            redirects = Redirects(usable(self.url), self.http.redirect_hosts, self.http.private_addresses)
        except InvalidURLError as error:
            raise self._failure(f"this is no URL: {error}") from None
        for attempt in range(self.http.retries + 1):
            try:
                # each with connections of its own: the deadline watches those that are made, not those that are kept
                with session_for(self.http, redirects, self.deadline) as session:
                    return self._tried(session, redirects, known, last=attempt == self.http.retries)
            except (Cut, UnreachableError) as error:
                failure = error
            finally:
                self.deadline.forget()
            if attempt < self.http.retries:
                self._wait(attempt + 1, failure)
        if isinstance(failure, UnreachableError):
            raise failure
        raise self._failure(f"{failure}; given up after {self.http.retries + 1} tries")

    def _tried(self, session: requests.Session, redirects: Redirects, known: Record | None, *, last: bool) -> Fetched:
        part = self.landing.begun(self.url)
        with failures_named(self.url, self.deadline):
            response = answer_of(session, redirects, self.deadline, self.http, conditions(known, part))
        with response:
            if response.status_code == UNCHANGED and known is not None:
                return self._unchanged(known, response)
            if response.status_code in PASSING and not last:
                raise Cut(f"the server is not ready (status {response.status_code})", self._retry_after(response))
            start = self._start(response, part)
            record = self._receive(response, start)
        return self._land(record, known, resumed=start > 0)

    def _wait(self, attempt: int, failure: Exception) -> None:
        """Wait before a try again, as long as the server asks, within bounds."""
        wait = getattr(failure, "wait", None)
        wait = self.http.wait_before(attempt) if wait is None else wait
        if self.deadline.passed and isinstance(failure, UnreachableError):
            raise failure
        if wait >= self.deadline.left:
            reason = getattr(failure, "reason", str(failure))
            kind = UnreachableError if isinstance(failure, UnreachableError) else FetchError
            raise kind(f"{reason}; it takes longer than {self.deadline.seconds:,g} s", url=shown(self.url)) from None
        why = printable(getattr(failure, "reason", str(failure)))
        self.progress(
            RETRY, f"{self.source.label}: {why}; next try in {wait:,.0f} s", attempt + 1, self.http.retries + 1
        )
        time.sleep(wait)

    def _retry_after(self, response: requests.Response) -> float | None:
        """Return the seconds that a server asks to wait; None where it does not say so.

        Raises:
            FetchError: They are more than a job waits.
        """
        seconds = retry_after(response)
        if seconds is not None and seconds > self.http.longest_wait_seconds:
            status = response.status_code
            reason = f"the server is not ready (status {status}) and asks to come back in {seconds:,.0f} s"
            raise self._failure(reason, response)
        return seconds

    def _start(self, response: requests.Response, part: Record | None) -> int:
        """Return from which byte on the answer brings the file."""
        status = response.status_code
        if status == PARTIAL and part is not None and continues(response, part):
            return part.durable
        if status in (PARTIAL, NO_SUCH_RANGE) and part is not None:
            # the server has another file now, or forgot its promise: what came is worth nothing
            self.landing.discard()
            raise Cut("the server did not resume where the connection was cut")
        self._check_status(response)
        self.landing.discard()
        return 0

    def _check_status(self, response: requests.Response) -> None:
        status = response.status_code
        if status == OK:
            encoding = response.headers.get("Content-Encoding", "identity").lower()
            if encoding != "identity":
                said = printable(encoding, LONGEST_WORD)
                raise self._failure(f"the server sends the file encoded ({said}), which was not asked for", response)
            return
        kind = NotPublishedError if status in ABSENT else FetchError
        words = {
            401: "the server asks for a user and password",
            403: "the server denies access",
            407: "the proxy asks for a user and password",
        }
        reason = words.get(status) or ("there is no such file" if status in ABSENT else "the server failed")
        if status in PASSING:
            reason = f"{reason} {self.http.retries + 1} times"
        page = page_of(response, self.http.timeout_seconds)
        raise kind(f"{reason} ({self._answer(response, page)})", url=shown(self.url), status=status)

    def _receive(self, response: requests.Response, start: int) -> Record:
        """Return the record of the part, which is whole now."""
        total = self._total(response, start)
        record = Record(
            digest_of(self.url),
            validator_in(response.headers.get("ETag")),
            validator_in(response.headers.get("Last-Modified")),
            total,
            start,
        )
        if not start:
            self.landing.note(record)
        with opened_for_writing(self.landing.part, truncate=not start) as stream:
            stream.seek(start)
            done = start
            try:
                for chunk in self._chunks(response):
                    if not done:
                        self._check_head(chunk, response)
                    done += len(chunk)
                    self._check_bounds(done)
                    with naming(self.landing.part):
                        stream.write(chunk)
                    if done - record.durable >= DURABLE_BYTES:
                        record = self._noted(stream, record, done)
                    self.progress("fetch", self.source.label, done, total)
            finally:
                # also when the connection is cut: then this is where the next try begins; not when it was discarded
                if self.landing.part_record.exists():
                    record = self._noted(stream, record, done)
        # a connection that was shut at the deadline looks like a file that ended
        self._check_deadline()
        if total is not None and done != total:
            raise Cut(f"expected {total:,} bytes, got {done:,}")
        return record

    def _noted(self, stream: IO[bytes], record: Record, done: int) -> Record:
        make_durable(stream)
        record = evolve(record, durable=done)
        self.landing.note(record)
        return record

    def _total(self, response: requests.Response, start: int) -> int | None:
        """Return the size of the whole file, if the server says it, and it can be taken."""
        length = response.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()):
            return None
        if len(length) > LONGEST_NUMBER:
            raise self._failure(f"it has more than {self.http.maximum_bytes:,} bytes", response)
        total = start + int(length)
        if total > self.http.maximum_bytes:
            raise self._failure(f"it has {total:,} bytes, more than {self.http.maximum_bytes:,}", response)
        free = shutil.disk_usage(self.landing.path.parent).free
        if total - start > free:
            raise self._failure(f"it has {total:,} bytes, and {free:,} are free on the disk", response)
        return total

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        """Yield the bytes as they come, the first of them enough to recognise the file."""
        import urllib3

        head = b""
        # what came already is better than the full amount: versions of urllib3 before 2 wait for the latter
        read = getattr(response.raw, "read1", response.raw.read)
        try:
            while chunk := read(CHUNK):
                # a server that sends a byte now and then must not be waited for without end
                self._check_deadline()
                if len(head) >= HEAD:
                    yield chunk
                    continue
                head += chunk
                if len(head) >= HEAD:
                    yield head
        except FetchError:
            raise
        except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
            self._check_deadline()
            raise Cut(f"the connection was cut: {innermost(error)}") from None
        if 0 < len(head) < HEAD:
            yield head

    def _check_head(self, chunk: bytes, response: requests.Response) -> None:
        fault = head_fault(chunk[:HEAD], self.source.expect, response.headers.get("Content-Type", ""))
        if fault:
            self.landing.discard()
            raise self._failure(f"{fault} ({self._answer(response, chunk)})", response)

    def _check_bounds(self, done: int) -> None:
        if done > self.http.maximum_bytes:
            self.landing.discard()
            raise self._failure(f"it has more than {self.http.maximum_bytes:,} bytes")

    def _check_deadline(self) -> None:
        if self.deadline.passed:
            raise self._failure(f"it takes longer than {self.deadline.seconds:,g} s; the next run resumes it")

    def _land(self, record: Record, known: Record | None, *, resumed: bool) -> Fetched:
        digest = sha256_of(self.landing.part)
        fault = checksum_fault(digest, self.source.sha256) or file_fault(
            self.landing.part, self.source.expect, self.limits, self._check_deadline
        )
        if fault:
            self.landing.discard()
            if resumed:
                raise Cut(f"the resumed file is not whole: {fault}")
            raise self._failure(fault)
        record = evolve(record, sha256=digest, total=record.durable)
        unchanged = known is not None and known.sha256 == digest
        if unchanged:
            self.landing.keep(record)
        else:
            self.landing.land(record)
        return self._fetched(record, resumed=resumed, unchanged=unchanged)

    def _unchanged(self, known: Record, response: requests.Response) -> Fetched:
        # an answer may bring new validators for the same bytes
        headers = response.headers
        record = evolve(
            known,
            etag=validator_in(headers.get("ETag", known.etag)),
            last_modified=validator_in(headers.get("Last-Modified", known.last_modified)),
        )
        fault = checksum_fault(known.sha256 or "", self.source.sha256)
        if fault:
            raise self._failure(f"the file is unchanged, but {fault}", response)
        self.landing.keep(record)
        return self._fetched(record, unchanged=True)

    def _fetched(self, record: Record, *, resumed: bool = False, unchanged: bool = False) -> Fetched:
        return Fetched(
            self.source,
            self.landing.path,
            record.sha256,
            record.durable,
            shown(self.url),
            resumed,
            unchanged,
            record.etag,
            record.last_modified,
        )

    def _failure(self, reason: str, response: requests.Response | None = None) -> FetchError:
        return FetchError(
            printable(reason), url=shown(self.url), status=response.status_code if response is not None else None
        )

    def _answer(self, response: requests.Response, page: bytes) -> str:
        """Return a description of an answer that is not the file."""
        words = [f"status {response.status_code}"]
        if media := response.headers.get("Content-Type"):
            words.append(f"content type {printable(media, LONGEST_WORD)}")
        if is_page(page) and (title := title_of(page)):
            words.append(f"title {title!r}")
        if response.history:
            words.append(f"redirected to {shown(response.url)}")
        return ", ".join(words)
