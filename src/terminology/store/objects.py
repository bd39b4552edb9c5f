"""The objects of a store in an object store: the only module that knows obstore, and what its errors mean.

Credentials, region and endpoint come from the environment, as obstore reads them (``AWS_ACCESS_KEY_ID``,
``AWS_REGION``, ``AWS_ENDPOINT_URL`` …).
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from ..errors import FetchError, StoreError, StoreNotFoundError, UnreachableError
from ..extras import require

CLIENT_OPTIONS: Final = {"timeout": "15m", "connect_timeout": "10s"}
"""A request of obstore ends after 30 seconds by default, body included: too few for 80 MB on a slow line."""
CLIENT_NAMES: Final = (
    *("allow_http", "allow_invalid_certificates", "connect_timeout", "proxy_ca_certificate", "proxy_excludes"),
    *("proxy_url", "timeout"),
)
"""Options that obstore reads from the environment only where none is given to it."""
PREFIXES: Final = {"s3": "AWS", "gs": "GOOGLE", "az": "AZURE"}
"""How the variables of the environment begin, by scheme."""
RETRIES: Final = 5
RETRY_SECONDS: Final = 60
CHUNK: Final = 4 << 20
"""Bytes of one piece of a download."""
STATUS: Final = re.compile(r"non-2xx status code: (\d{3})")
NO_BUCKET: Final = ("NoSuchBucket", "ContainerNotFound")
USERS: Final[list[int]] = []
"""Number of the process that was the first to use obstore. One that is forked from it has its memory and not its
threads, and would wait for them without end."""
METADATA: Final = ("169.254.169.254", "metadata.google.internal")
"""Where credentials are asked for when the environment has none."""


class Entity(NamedTuple):
    """Which bytes an object had: what a conditional write compares."""

    e_tag: str | None
    version: str | None


class Listed(NamedTuple):
    """An object as a listing has it."""

    size: int
    modified: datetime.datetime


class LostRaceError(StoreError):
    """A conditional write was rejected: another process has written the object."""


class Objects:
    """The objects below a URL, by name. Each operation is retried for a minute at most.

    Every operation raises:
        UnreachableError: The server does not answer.
        FetchError: Access is denied, or the request fails in another way.
        StoreNotFoundError: There is no such bucket.
        StoreError: The process was forked from one that has used an object store.

    Raises:
        MissingExtraError: obstore is not installed.
        StoreError: The URL names no place, or the environment lacks what is needed to ask for it.
    """

    def __init__(self, url: str) -> None:
        require("s3", url)
        from obstore.store import from_url

        self.url = url
        scheme = url.partition(":")[0]
        # the server compares what it was sent with the checksum
        config: Any = {"checksum_algorithm": "sha256"} if scheme == "s3" else None
        retries: Any = {"max_retries": RETRIES, "retry_timeout": datetime.timedelta(seconds=RETRY_SECONDS)}
        try:
            self._store = from_url(
                url, config=config, client_options=_client_options(PREFIXES[scheme]), retry_config=retries
            )
        except Exception as error:  # noqa: BLE001 -- obstore has no type for it
            raise StoreError(f"{url} cannot be asked for: {_first_line(error)}") from None

    def place(self, name: str) -> str:
        """Return the URL of an object."""
        return f"{self.url}/{name}"

    def read(self, name: str) -> tuple[bytes, Entity] | None:
        """Return the bytes of a small object, and which they are; None where there is none."""
        import obstore

        with self._errors(name):
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
            return bytes(found.bytes()), Entity(found.meta.get("e_tag"), found.meta.get("version"))

    def pieces(self, name: str) -> Iterator[Any]:
        """Yield the bytes of an object in pieces, as buffers.

        Raises:
            FileNotFoundError: There is none of this name.
        """
        import obstore

        with self._errors(name):
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                raise FileNotFoundError(2, "no such object", self.place(name)) from None
            yield from found.stream(min_chunk_size=CHUNK)

    def listed(self) -> dict[str, Listed]:
        """Return all objects below the URL, by name."""
        import obstore

        with self._errors(""):
            return {
                item["path"]: Listed(item["size"], item["last_modified"])
                for batch in obstore.list(self._store)
                for item in batch
            }

    def write(self, name: str, data: Any) -> None:
        """Write an object, in one step: readers see the former bytes or these."""
        import obstore

        with self._errors(name):
            obstore.put(self._store, name, data, use_multipart=False)

    def replace(self, name: str, data: bytes, former: Entity | None) -> None:
        """Write an object if it still is what it was: not there, or these former bytes.

        Raises:
            LostRaceError: It is not; nothing was written.
        """
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        condition = {key: value for key, value in former._asdict().items() if value is not None} if former else None
        mode: Any = condition or "create"
        with self._errors(name):
            try:
                obstore.put(self._store, name, data, mode=mode, use_multipart=False)
            except (AlreadyExistsError, PreconditionError):
                raise LostRaceError(f"{self.place(name)} was written by another process") from None

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects."""
        import obstore

        if found := list(names):
            with self._errors(""):
                obstore.delete(self._store, found)

    @contextlib.contextmanager
    def _errors(self, name: str) -> Iterator[None]:
        """Raise what obstore raises as an error of this library, with the URL."""
        from obstore.exceptions import BaseError

        if not USERS:
            USERS.append(os.getpid())
        if os.getpid() != USERS[0]:
            raise StoreError(
                f"{self.url} cannot be asked for by a process that was forked from one that has used an object store: "
                "start processes with spawn or forkserver, or hand on the open store by the fork"
            )
        try:
            yield
        except FileNotFoundError as error:
            if error.filename is not None:
                raise
            raise StoreNotFoundError(f"there is no bucket for {self.url}: {_first_line(error)}") from None
        except (BaseError, PermissionError) as error:
            raise _said(error, self.place(name) if name else self.url) from None


def _client_options(prefix: str) -> Any:
    found = {name: os.environ.get(f"{prefix}_{name.upper()}") for name in CLIENT_NAMES}
    return {**CLIENT_OPTIONS, **{name: value for name, value in found.items() if value}}


def _said(error: Exception, url: str) -> Exception:
    """Return the error of this library that says what an error of obstore means."""
    text, kind = str(error), type(error).__name__
    found = STATUS.search(text)
    status = int(found[1]) if found else None
    if any(name in text for name in METADATA):
        return FetchError("no credentials are set (AWS_ACCESS_KEY_ID and the like)", url=url)
    if any(name in text for name in NO_BUCKET):
        return StoreNotFoundError(f"there is no bucket for {url}")
    if isinstance(error, PermissionError) or kind in ("PermissionDeniedError", "UnauthenticatedError"):
        return FetchError(
            "access is denied: check the credentials, and what they may do with this bucket", url=url, status=status
        )
    if kind == "GenericError" and status is None:
        fix = "; an endpoint without TLS needs AWS_ALLOW_HTTP=true" if "builder error" in text else ""
        return UnreachableError(f"the object store does not answer: {_first_line(error)}{fix}", url=url)
    return FetchError(_first_line(error), url=url, status=status)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__).strip()
