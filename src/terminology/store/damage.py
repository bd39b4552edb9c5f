"""The message about a damaged file of the store: which file, what is wrong, and what to do."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..errors import StoreDamagedError
from .folder import CACHE_TAG, POINTER, url_of

if TYPE_CHECKING:
    from pathlib import Path

REMEDY = "put the file back from a copy, go back with `terminology rollback`, or load the releases into a new store"
POINTER_REMEDY = (
    "put it back from a copy (the file compiled/*.pointer is a copy of the pointer before it), "
    "or load the releases into a new store"
)
OBJECT_REMEDY = "delete the object and push the store again with `terminology export store`"
CACHE_REMEDY = "it is a copy of an object: delete it, and open the store again, which downloads it"
MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""Exceptions that well-formed JSON of another shape raises."""


def damaged(path: str | os.PathLike[str], cause: str) -> StoreDamagedError:
    """Return the error that names a damaged file, the cause, and what to do next."""
    from pathlib import Path

    if url := url_of(path):
        return StoreDamagedError(f"{url} {cause}: {OBJECT_REMEDY}")
    path = Path(path)
    if any((parent / CACHE_TAG).exists() for parent in path.parents):
        return StoreDamagedError(f"{path} {cause}: {CACHE_REMEDY}")
    if path.name == POINTER:
        return StoreDamagedError(f"{path} {cause}: {POINTER_REMEDY}")
    store = next((parent for parent in path.parents if (parent / POINTER).exists()), None)
    place = f" --store {store}" if store else ""
    return StoreDamagedError(
        f"{path} {cause}: run `terminology verify{place}` to see all that is damaged, then {REMEDY}"
    )


@contextlib.contextmanager
def shape_of(path: str | os.PathLike[str]) -> Iterator[None]:
    """Report values of another shape than the store writes as damage of the file that holds them.

    Raises:
        StoreDamagedError: The values are not what is expected there.
    """
    try:
        yield
    except MISSHAPEN as error:
        raise damaged(path, f"is damaged: {type(error).__name__} {error}") from None


def bytes_of(path: Path) -> bytes:
    """Return the bytes of a file of the store.

    Raises:
        StoreDamagedError: It is missing, or there is a folder in its place.
        PermissionError: It may not be read.
    """
    try:
        if path.is_fifo():
            raise damaged(path, "is a pipe, and no file")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise damaged(path, "is missing") from None
    except IsADirectoryError:
        raise damaged(path, "is a folder, and no file") from None
