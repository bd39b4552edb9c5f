"""The exit codes of the program."""

from __future__ import annotations

from typing import Final

import click

from ..errors import StoreDamagedError, TerminologyError, UnknownCodeError

FINE: Final = 0
NO: Final = 1
"""The answer is "no", a check failed, or something is left to decide."""
BAD_INPUT: Final = 2
"""Wrong usage, bad input, or files that cannot be read or written."""
DAMAGED: Final = 3
"""The store is damaged."""
INTERNAL: Final = 70
"""A fault of the program itself; ``EX_SOFTWARE`` of ``sysexits.h``."""
INTERRUPTED: Final = 130
"""Ended by control-C, as shells have it."""


def exit_code(error: BaseException) -> int:
    """Return the exit code by which a command ends with this error.

    >>> exit_code(UnknownCodeError("no")), exit_code(StoreDamagedError("cut")), exit_code(FileNotFoundError("gone"))
    (1, 3, 2)
    >>> exit_code(KeyboardInterrupt()), exit_code(TypeError("unexpected"))
    (130, 70)
    """
    match error:
        case StoreDamagedError():
            return DAMAGED
        case UnknownCodeError():
            return NO
        case TerminologyError() | OSError() | click.ClickException():
            return BAD_INPUT
        case KeyboardInterrupt() | click.Abort():
            return INTERRUPTED
    return INTERNAL
