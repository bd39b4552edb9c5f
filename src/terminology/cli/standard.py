"""Standard input and standard output in place of files: a minus."""

from __future__ import annotations

import contextlib
import functools
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO, Final, TextIO

STANDARD: Final = Path("-")
"""Standard input, or standard output."""
_real: ContextVar[TextIO | None] = ContextVar("standard output", default=None)
"""Standard output, while what is printed goes to standard error."""


def reading(*names: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a decorator of a command whose options of these names may be standard input.

    What comes by it is kept in a file meanwhile: what it holds is seen before it is answered.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def with_input(**options: Any) -> int:
            if not any(_is_standard(options[name]) for name in names):
                return command(**options)
            with tempfile.TemporaryDirectory() as folder:
                kept = Path(folder, "standard input")
                with kept.open("wb") as stream:
                    shutil.copyfileobj(sys.stdin.buffer, stream)
                return command(**{**options, **{name: _replaced(options[name], kept) for name in names}})

        return with_input

    return decorated


def _is_standard(value: Any) -> bool:
    return STANDARD in value if isinstance(value, tuple) else value == STANDARD


def _replaced(value: Any, kept: Path) -> Any:
    if isinstance(value, tuple):
        return tuple(_replaced(one, kept) for one in value)
    return kept if value == STANDARD else value


def writing(name: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Return a decorator of a command whose option of this name may be standard output.

    It has the file alone then: what else the command prints goes to standard error.
    """

    def decorated(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def with_output(**options: Any) -> int:
            if options[name] != STANDARD or _real.get() is not None:
                return command(**options)
            before = _real.set(sys.stdout)
            try:
                with contextlib.redirect_stdout(sys.stderr):
                    return command(**options)
            finally:
                _real.reset(before)

        return with_output

    return decorated


def standard_output() -> BinaryIO:
    """Return standard output for the bytes of a file."""
    return (_real.get() or sys.stdout).buffer
