"""What is published at a place: a mark that differs where something else is, cheap enough to look at often."""

from __future__ import annotations

import os

from .folder import StoreFolder, url_of
from .pointer import pointer_digest


def mark_of(place: str | os.PathLike[str]) -> object:
    """Return what differs where the pointer was replaced: cheap for a folder, a small download of an object store.

    It is None where nothing was ever published in a folder; whoever opens it is told.

    Raises:
        TerminologyError: The object store cannot be reached.
        OSError: The pointer cannot be looked at.

    >>> mark_of(sample_store) == mark_of(sample_store), mark_of(sample_store / "nowhere")
    (True, None)
    """
    if url_of(place) is not None:
        return digest_at(place)
    try:
        state = os.stat(StoreFolder(place).pointer)  # noqa: PTH116 -- the call is what is cheap
    except FileNotFoundError:
        return None
    return state.st_mtime_ns, state.st_ino, state.st_size


def digest_at(place: str | os.PathLike[str]) -> str:
    """Return the digest of the pointer at a place; nothing where a folder has none.

    Raises:
        TerminologyError: The object store cannot be reached, or has no store.

    >>> digest_at(sample_store / "nowhere")
    ''
    """
    url = url_of(place)
    if url is None:
        try:
            return pointer_digest(StoreFolder(place))
        except FileNotFoundError:
            # what is wrong is said by the opening
            return ""
    from .cache import CachedFolder

    return pointer_digest(CachedFolder(url))
