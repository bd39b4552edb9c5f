"""How a command line is run: its exit code, and what is printed where something goes wrong."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from typing import Any, Final, NoReturn

import click

from ..errors import ReleaseFaults, error_values, exit_code_of
from .printing import echo, echo_json, style

FINE: Final = 0
NO: Final = 1
"""The answer is "no", a check failed, or something is left to decide."""
BAD_INPUT: Final = 2
"""Wrong usage, bad input, or files that cannot be read or written."""
DAMAGED: Final = 3
"""The store is damaged."""
INTERNAL: Final = 70
"""An error in the program itself; ``EX_SOFTWARE`` of ``sysexits.h``."""
INTERRUPTED: Final = 130
"""Ended by control-C, by the convention of shells."""
FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
"""Numbers of the errors of a disk that is full, or of which a user has no more."""
VARIABLE: Final = "TERMINOLOGY_TRACEBACK"
"""Set to anything but nothing or 0, the traceback of an internal error is shown."""


def run(program: click.Command, arguments: Sequence[str]) -> int:
    """Return the exit code of a command line, after it was answered or rejected. It raises nothing."""
    try:
        # a command returns its exit code
        code = int(program.main(list(arguments), prog_name="terminology", standalone_mode=False) or FINE)
        # a disk that is full, or a reader that is gone, is met here, and not when Python ends: its exit code would be another
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):
        # no command ends the process; click does, with 1, where the reader of a pipe has seen enough: that is no "no"
        return FINE
    except BaseException as error:  # noqa: BLE001 -- a traceback and exit code 1 would say "no"
        return report_error(error, as_json="--json" in arguments)
    return code


@contextlib.contextmanager
def ended_in_order() -> Iterator[None]:
    """Let the signal by which the system ends a process end this one as control-C does, with all that is left to write."""
    if threading.current_thread() is not threading.main_thread():
        # only the main thread takes signals
        yield
        return

    def interrupt(*_: object) -> NoReturn:
        raise KeyboardInterrupt("ended by the signal SIGTERM")

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        # of a program that embeds this one the former handler may be none of Python's
        signal.signal(signal.SIGTERM, before or signal.SIG_DFL)


def exit_code(error: BaseException) -> int:
    """Return the exit code by which a command ends with this error.

    >>> exit_code(click.UsageError("no such option")), exit_code(TypeError("unexpected"))
    (2, 70)
    """
    if isinstance(error, click.Abort):
        return INTERRUPTED
    return BAD_INPUT if isinstance(error, click.ClickException) else exit_code_of(error)


def report_error(error: BaseException, *, as_json: bool) -> int:
    """Print an error on standard error; return the exit code by which the program ends."""
    code = exit_code(error)
    # where nothing can be printed any more, the exit code still says what happened
    with contextlib.suppress(OSError):
        if code == INTERRUPTED:
            if sys.stderr.isatty():
                # the terminal shows ^C at the beginning of this line
                echo(err=True)
            echo("interrupted", err=True)
        elif as_json:
            echo_json({"error": values_of(error)}, err=True)
        else:
            _print(error, values_of(error))
    return code


def values_of(error: BaseException) -> dict[str, Any]:
    """Return an error as plain JSON values, with all errors of a file that has several.

    The type of an unexpected one is ``InternalError``; its traceback is with it where it is asked for.
    """
    values = error_values(error)
    if exit_code(error) == INTERNAL:
        return {**_internal(error), **({"traceback": "".join(traceback.format_exception(error))} if _traced() else {})}
    if isinstance(error, click.ClickException):
        return {**values, "message": error.format_message()}
    if isinstance(error, ReleaseFaults):
        return {**values, "faults": [error_values(fault) for fault in error.exceptions]}
    return values


def _internal(error: BaseException) -> dict[str, Any]:
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    see = "" if _traced() else f" (set {VARIABLE}=1 to see it)"
    message = f"{what}; this is an error in the program: report it with the command and the traceback{see}"
    return {"type": "InternalError", "message": message, "file": None, "line": None, "column": None}


def _traced() -> bool:
    return os.environ.get(VARIABLE, "") not in ("", "0")


def _print(error: BaseException, values: dict[str, Any]) -> None:
    place = _place(values)
    kind = "internal error:" if values["type"] == "InternalError" else "error:"
    text = f"{place}: {values['message']}" if place else values["message"]
    echo(f"{style(kind, fg='red')} {text}{_hint(error)}", err=True)
    for fault in values.get("faults", ()):
        echo(f"  {_place(fault)}: {fault['message']}", err=True)
    for line in values.get("traceback", "").splitlines():
        echo(line, err=True)


def _place(values: dict[str, Any]) -> str:
    return ":".join(str(values[name]) for name in ("file", "line", "column") if values[name] is not None)


def _hint(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno in FULL:
        return ": free space there and repeat the command"
    context = getattr(error, "ctx", None) if isinstance(error, click.ClickException) else None
    return f" (see {context.command_path} --help)" if context else ""
