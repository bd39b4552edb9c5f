"""Fetch files: resumed after a cut, not fetched again while unchanged, under their final name only when whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import define, evolve, field, frozen

from ..errors import FetchError, NotPublishedError, UnreachableError, error_values
from ..reading import Limits
from ..store.folder import make_folder, sha256_of
from .connections import Deadline
from .contents import checksum_fault, file_fault
from .download import Download, Fetched, Progress
from .partial import Landing, sole_fetcher
from .sources import Source
from .transport import Http
from .urls import printable, shown, without_secrets

TRIED_FILES: Final = 2
"""After how many files in a row for which it could not be reached a server is given up."""

__all__ = ["FetchReport", "Fetched", "Progress", "fetch", "fetch_all"]


@frozen
class FetchReport:
    """The sources that were fetched, are pending, or failed, each in their order."""

    fetched: tuple[Fetched, ...] = ()
    pending: tuple[tuple[Source, NotPublishedError], ...] = ()
    """Files that are not required, and not there."""
    errors: tuple[tuple[Source, FetchError], ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every file that is required is here."""
        return not self.errors

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""

        def failures(pairs: tuple[tuple[Source, Any], ...]) -> list[dict[str, Any]]:
            return [
                {**error_values(error), "file": source.label, "url": error.url, "status": error.status}
                for source, error in pairs
            ]

        return {
            "fetched": [item.to_dict() for item in self.fetched],
            "pending": failures(self.pending),
            "errors": failures(self.errors),
        }


def fetch_all(
    sources: Iterable[Source],
    folder: Path,
    *,
    http: Http | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> FetchReport:
    """Return the sources that were fetched, are pending, or failed; the failure of one does not keep the others from being fetched.

    A file that is not there is an error where it is required, and pending where it is not. Where a server could not
    be reached, with all patience, its next file is tried once, and if that fails too, no further file of it. Where not
    even its name could be looked up, there is probably no network: no further file of it is tried, and other servers
    once each, until one answers.

    Args:
        sources: As `Configuration.sources` gives them.
        folder: The folder of downloads; it is made.
        http: How patient to be with servers.
        limits: How much an archive may unpack to, as for a load.
        progress: Called as the bytes come.
    """
    fetched: list[Fetched] = []
    pending: list[tuple[Source, NotPublishedError]] = []
    errors: list[tuple[Source, FetchError]] = []
    patience = _Patience(http or Http())
    for source in sources:
        host = _host(source)
        if progress:
            progress("fetch", source.label, 0, None)
        try:
            allowed = patience.for_host(host)
            if allowed is None:
                fetched.append(_untried(source, folder))
                continue
            fetched.append(fetch(source, folder, http=allowed, limits=limits, progress=progress))
            patience.note(host, None)
        except FetchError as error:
            if isinstance(error, NotPublishedError) and not source.required:
                pending.append((source, error))
            else:
                errors.append((source, error))
            patience.note(host, error)
    return FetchReport(tuple(fetched), tuple(pending), tuple(errors))


@define
class _Patience:
    """How patient to be with each server, by how it and the others have answered so far."""

    http: Http
    silent: Counter[str | None] = field(factory=Counter)
    """For how many files in a row each could not be reached."""
    is_offline: bool = False
    """Whether a name could not be looked up, and no server has answered since."""

    def for_host(self, host: str | None) -> Http | None:
        """Return it; None where the server is given up."""
        if self.silent[host] >= TRIED_FILES:
            return None
        return evolve(self.http, retries=0) if self.silent[host] or self.is_offline else self.http

    def note(self, host: str | None, error: FetchError | None) -> None:
        """Take in how the try for a file ended."""
        if isinstance(error, UnreachableError):
            self.silent[host] = TRIED_FILES if error.is_of_name else self.silent[host] + 1
            self.is_offline = self.is_offline or error.is_of_name
            return
        self.silent[host] = 0
        if host is not None and (error is None or error.status is not None):
            self.is_offline = False


def _host(source: Source) -> str | None:
    """Return the name of the server that a file is asked of first; None where there is none."""
    try:
        return urlsplit(source.urls[0]).hostname if source.urls else None
    except ValueError:
        return None


def _untried(source: Source, folder: Path) -> Fetched:
    """Return a file for which no server need be asked.

    Raises:
        UnreachableError: It is not here.
    """
    if here := _pinned(source, Landing(folder / source.name)):
        return here
    reason = "not tried, because the server could not be reached for the files before"
    raise UnreachableError(reason, url=shown(source.urls[0]))


def fetch(
    source: Source,
    folder: Path,
    *,
    http: Http | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    lock_seconds: float = 600.0,
) -> Fetched:
    """Return the file, which is whole, checked and durable under its name in the folder.

    Bytes stream to a hidden part next to the final name. If the connection is cut or the process killed, the
    next try resumes from what came, provided that the server says the file is still the same. A file that is
    here is asked for with its entity tag and date, and stays if the server says it is unchanged; with the right
    ``sha256`` it stays without asking. Of several URLs the first that has a file is taken. A local path
    stays where it is.

    Args:
        source: What to fetch.
        folder: The folder of downloads; it is made.
        http: How patient to be with servers.
        limits: How much an archive may unpack to, as for a load.
        progress: Called as the bytes come.
        lock_seconds: How long to wait for another process that fetches into the folder.

    Raises:
        NotPublishedError: There is no such file (404, 410; or no such path).
        FetchError: The server cannot be reached, or fails; what came is too large, is cut, has another
            checksum, or is not what is expected, such as a web page; or anything else went wrong with it. The
            final name holds what it held before.

    >>> from terminology.update.sources import Source
    >>> pointer = sample_store / "CURRENT.json"
    >>> fetch(Source(path=pointer), Path("downloads")).path == pointer
    True
    """
    quiet: Progress = lambda _stage, _label, _done, _total: None  # noqa: E731 -- shorter than a function
    bounds = limits or Limits()
    where = shown(source.urls[0]) if source.urls else str(source.path)
    try:
        if source.path is not None:
            return _local(source, source.path, bounds)
        return _asked(source, folder, http or Http(), bounds, progress or quiet, lock_seconds=lock_seconds)
    except FetchError:
        raise
    except OSError as error:
        raise FetchError(f"cannot be written: {error.strerror or error}", url=where) from error
    except Exception as error:
        # an error in this program, or in a library, is the failure of one file, not of the job
        said = printable(without_secrets(f"{type(error).__name__}: {error}", source.urls))
        raise FetchError(f"unexpected error, {said}", url=where) from error


def _asked(
    source: Source, folder: Path, http: Http, limits: Limits, progress: Progress, *, lock_seconds: float
) -> Fetched:
    """Return the file from the first of its URLs that has it."""
    landing = Landing(folder / source.name)
    absent: list[NotPublishedError] = []
    with sole_fetcher(folder, shown(source.urls[0]), lock_seconds), Deadline(http.deadline_seconds) as deadline:
        if here := _pinned(source, landing):
            return here
        make_folder(landing.path.parent)
        for url in source.urls:
            try:
                return Download(source, url, landing, http, limits, deadline, progress).run()
            except NotPublishedError as error:
                absent.append(error)
    raise absent[0]


def _local(source: Source, path: Path, limits: Limits) -> Fetched:
    if not path.exists():
        raise NotPublishedError("there is no such file or folder", url=str(path))
    try:
        if path.is_dir():
            return Fetched(source, path, None, 0, None)
        if not path.is_file():
            # a pipe or a device may never end
            raise FetchError("expected a file or a folder, got neither", url=str(path))
        digest = sha256_of(path)
        fault = file_fault(path, source.expect, limits) or checksum_fault(digest, source.sha256)
        if fault:
            raise FetchError(fault, url=str(path))
        return Fetched(source, path, digest, path.stat().st_size, None)
    except FetchError:
        raise
    except OSError as error:
        raise FetchError(f"cannot be read: {error.strerror or error}", url=str(path)) from error


def _pinned(source: Source, landing: Landing) -> Fetched | None:
    """Return the file that is here with the checksum that it shall have: no server need be asked."""
    if source.sha256 is None or not landing.path.is_file() or sha256_of(landing.path) != source.sha256:
        return None
    landing.discard()
    size = landing.path.stat().st_size
    return Fetched(source, landing.path, source.sha256, size, shown(source.urls[0]), unchanged=True)
