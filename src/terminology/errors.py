"""Every exception of the library. Imports nothing of it.

All derive from `TerminologyError`; each also derives from the builtin that a caller would expect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

LONGEST_WORD: Final = 80
"""Characters up to which a word is compared with those that are known."""


class TerminologyError(Exception):
    """Something in the library's own domain went wrong; the base of all its exceptions."""


def _made_again(kind: type[BaseException], message: str) -> BaseException:
    error = kind.__new__(kind, message)
    error.args = (message,)
    return error


class _PlacedError(TerminologyError):
    """What is made with the place of an error; as any other it can be copied, and handed from one process to another."""

    def __reduce__(self) -> tuple[Any, ...]:
        # by default it would be made with the message alone
        return _made_again, (type(self), *self.args), self.__dict__


class _UnknownKeyError(TerminologyError, KeyError):
    """What a mapping does not hold; says its message, where `KeyError` shows the repr of it."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class UnknownSystemError(_UnknownKeyError):
    """The store holds no code system of this name, URI, OID or alias."""


class UnknownReleaseError(TerminologyError, LookupError):
    """The code system has no release of this version or date in the store."""


class UnknownCrosswalkError(TerminologyError, LookupError):
    """The store has no crosswalk of this name, or no such version of it, between the two systems."""


class UnknownGroupingError(_UnknownKeyError):
    """The store holds no grouping of this name."""


class NoVersionError(TerminologyError, LookupError):
    """No loaded version of a grouping, or of guidelines, covers the day; the message names the nearest one."""


class UnknownCodeError(_UnknownKeyError):
    """The code is not in force in the edition that was asked."""


class TablesUnknownError(TerminologyError, LookupError):
    """The release in force came without the tables that say how its codes are built (ICD-10-PCS)."""


class UnknownTableError(_UnknownKeyError):
    """A release, or a crosswalk, has no table of this name; the message names those that it has."""


class InvalidDateError(TerminologyError, ValueError):
    """A date is neither an ISO string, a `datetime.date` nor a `datetime.datetime`."""


class StoreError(TerminologyError):
    """The store cannot be read or written."""


class StoreNotFoundError(StoreError, FileNotFoundError):
    """There is no store in this folder, or nothing was ever loaded into it."""


class NotAStoreError(StoreError, FileExistsError):
    """The folder that was named for a store holds other files and no store: it is left as it is."""


class StoreDamagedError(StoreError):
    """A file of the store is missing, cut short, or not what was written; the message names it and what to do."""


class StoreFormatError(StoreError):
    """The store was written in another format than this version of the program reads; the message says what to run."""


class StoreLockedError(StoreError, TimeoutError):
    """Another process kept writing to the store for longer than the wait allowed."""


class UnsupportedPlatformError(StoreError, OSError):
    """The operation needs something that this operating system does not offer."""


class ReleaseFormatError(_PlacedError, ValueError):
    """A release file is not what its format says, at a place that is named.

    Args:
        message: What was expected, and what was found instead.
        file: The file as people know it: ``archive.zip!member.txt``.
        line: 1-based line, row of a sheet, or None where the file has none.
        column: 1-based column, or name of a field, or None.
    """

    is_of_companion = False
    """Whether the rest of its release is loaded without the file."""
    acceptable_lines = 0
    """How many lines of the file have errors, where it can be loaded without these if the operator accepts that."""
    missing_lines = 0
    """How many lines are missing before the one that is named, which can be read itself; 0 where it cannot."""
    archive_sha256: str | None = None
    """Of a file that could not be opened: checksum of the archive that it is in."""

    def __init__(
        self,
        message: str,
        *,
        file: str,
        line: int | None = None,
        column: int | str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        if self.column is not None:
            place = f"{place}: column {self.column}"
        return f"{place}: {self.message}"


class ReleaseFaults(ExceptionGroup[ReleaseFormatError], TerminologyError):
    """All faults of one release file, found in one reading."""

    is_of_companion = False
    """Whether the rest of its release is loaded without the file."""

    def derive(self, excs: Sequence[ReleaseFormatError]) -> ReleaseFaults:  # type: ignore[override]
        """Return a group of the same kind, as `ExceptionGroup.split` needs it."""
        return ReleaseFaults(self.message, excs)


class MissingExtraError(TerminologyError, ImportError):
    """What was asked for needs an extra that is not installed; the message has the line that installs it."""


class FetchError(_PlacedError, OSError):
    """A file of a publisher could not be had, or what came is not the file.

    Args:
        reason: What was expected, and what happened instead.
        url: Where it was asked for, without user, password and query; or the local path.
        status: The HTTP status, or None where there was no answer.
    """

    def __init__(self, reason: str, *, url: str, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.message = f"{url}: {reason}"
        self.url = url
        self.status = status

    def __str__(self) -> str:
        return self.message


class UnreachableError(FetchError):
    """The server, or the proxy before it, does not answer."""

    is_of_name = False
    """Whether its name could not even be looked up, as where there is no network."""


class NotPublishedError(FetchError, FileNotFoundError):
    """There is no file at this place: not yet, no longer, or under another name."""


def error_values(error: BaseException) -> dict[str, Any]:
    """Return an error as plain JSON values: type, message, and the place in a file where it has one."""
    place = {name: getattr(error, name, None) for name in ("file", "line", "column")}
    # errors of others may have attributes of these names that are anything
    place = {name: value if isinstance(value, str | int) else None for name, value in place.items()}
    message = getattr(error, "message", None)
    message = message if message and isinstance(message, str) else str(error)
    if type(error).__module__ == "builtins" and isinstance(error, OSError) and error.filename and error.strerror:
        # without the number that Python puts before
        message = f"{error.filename}: {error.strerror}"
    return {"type": type(error).__name__, "message": message, **place}


def exit_code_of(error: BaseException) -> int:
    """Return the code by which a program ends with this error.

    1 the answer is no: a code is not in force; 2 something that the library knows, or a file that cannot be read or
    written; 3 the store is damaged; 70 an error in the program, ``EX_SOFTWARE`` of ``sysexits.h``; 130 interrupted.

    >>> [exit_code_of(error) for error in (UnknownCodeError("no"), OSError("full"), StoreDamagedError("cut"))]
    [1, 2, 3]
    >>> exit_code_of(ZeroDivisionError()), exit_code_of(KeyboardInterrupt())
    (70, 130)
    """
    match error:
        case StoreDamagedError():
            return 3
        case UnknownCodeError():
            return 1
        case TerminologyError() | OSError():
            return 2
        case KeyboardInterrupt() | SystemExit():
            return 130
    return 70


def suggestion(word: str, words: Iterable[str]) -> str:
    """Return the known words that are nearest to a misspelt one, as the end of a message; nothing where none is near.

    >>> suggestion("sha265", ("url", "sha256")), suggestion("icd10mc", ("icd10cm", "icd10gm", "hcpcs"))
    ("; did you mean 'sha256'?", "; did you mean 'icd10cm' or 'icd10gm'?")
    """
    from difflib import SequenceMatcher, get_close_matches

    near = get_close_matches(word, [*words], 3) if len(word) <= LONGEST_WORD else []
    likeness = {known: SequenceMatcher(None, known, word).ratio() for known in near}
    best = sorted(repr(known) for known, ratio in likeness.items() if ratio == max(likeness.values()))
    return f"; did you mean {' or '.join(best)}?" if best else ""
