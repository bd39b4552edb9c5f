"""The shapes of codes: regular expressions, those that come with a file matched in linear time and bounded memory."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .errors import TerminologyError

if TYPE_CHECKING:
    import re2

LONGEST_CODE: Final = 512
"""No code of any system is longer; what is longer matches no shape."""
LONGEST_SHAPE: Final = 1_000
"""Characters that a shape from a file may have."""
MEMORY: Final = 2**18
"""Bytes that matching one shape from a file may take."""
MALFORMED: Final = "a regular expression that RE2 can match (no look-around, no backreference, few repetitions)"
MISREAD: Final = r"(?<!\\)\{(?:,[0-9]*|[0-9]{9,}(?:,[0-9]*)?|[0-9]{1,8},[0-9]{9,})\}"
"""Repetitions that RE2 takes for plain text, where other engines count, or give up."""


class Shape:
    """A regular expression that whole texts are held against; compiled when it is first used."""

    __slots__ = ("_is_ours", "fullmatch", "text")

    fullmatch: Callable[[str], object]
    """Returns None where the text is of another shape."""

    def __init__(self, text: str, *, is_ours: bool) -> None:
        self.text = text
        self._is_ours = is_ours
        self.fullmatch = self._first_match

    def _first_match(self, text: str) -> object:
        """Compile, and return the first match.

        Raises:
            TerminologyError: The shape came with a file, and cannot be matched in linear time.
        """
        if self._is_ours:
            self.fullmatch = re.compile(self.text).fullmatch
        else:
            try:
                self.fullmatch = linear_match(self.text)
            except ValueError as error:
                raise TerminologyError(
                    f"a code system states the shape {self.text!r}, expected {error}: load its files with another"
                ) from None
        return self.fullmatch(text)


def linear_match(shape: str) -> Callable[[str], object]:
    """Return what matches whole texts of a shape in time linear in their length; None is its answer on a miss.

    Raises:
        ValueError: The shape is none that can be matched so; the message says what was expected.

    >>> match = linear_match("([A-Z]+)*[0-9]")
    >>> bool(match("A" * 500 + "1")), bool(match("A" * 500))
    (True, False)
    """
    if len(shape) > LONGEST_SHAPE:
        raise ValueError(f"a regular expression of at most {LONGEST_SHAPE:,} characters")
    if found := re.search(MISREAD, shape):
        raise ValueError(f"{MALFORMED}: {found[0]} is no repetition, write {{0,N}} with N up to 1000")
    compiled = _compiled(shape)

    def fullmatch(text: str) -> object:
        try:
            return compiled.fullmatch(text)
        except UnicodeEncodeError:
            # half a character is no code
            return None

    return fullmatch


def _compiled(shape: str) -> re2._Regexp:
    import re2

    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    try:
        return re2.compile(shape, options)
    except UnicodeEncodeError:
        raise ValueError(MALFORMED) from None
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"{MALFORMED}: {reason}") from None
