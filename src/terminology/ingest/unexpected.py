"""A reader that fails with an unexpected exception: its file is rejected, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..errors import ReleaseFaults, ReleaseFormatError

MESSAGE_CHARACTERS = 300


@contextlib.contextmanager
def guarded(file: str, who: str, *passing: type[Exception]) -> Iterator[None]:
    """Turn an unexpected exception into an error of a file.

    Args:
        file: Label of the file.
        who: What fails, for the message.
        passing: Exceptions that concern more than the file: they are raised as they are.

    Raises:
        ReleaseFormatError: The exception is neither an error of the file already nor among ``passing``.

    >>> with guarded("codes.csv", "the loader of colours"):
    ...     1 / 0
    Traceback (most recent call last):
    ...
    terminology.errors.ReleaseFormatError: codes.csv: the loader of colours failed with ZeroDivisionError: division by \
zero. The file is not loaded; please report this with the file
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (ReleaseFormatError, ReleaseFaults, *passing)):
            raise
        raise unforeseen(error, file, who) from error


def unforeseen(error: Exception, file: str, who: str) -> ReleaseFormatError:
    """Return the error of a file whose reader failed with an unexpected exception."""
    words = f"{type(error).__name__}: {error}"[:MESSAGE_CHARACTERS].rstrip(": ")
    return ReleaseFormatError(
        f"{who} failed with {words}. The file is not loaded; please report this with the file", file=file
    )
