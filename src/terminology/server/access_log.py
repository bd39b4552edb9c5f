"""What the server writes on standard error: a line for each answer, and a line for what went wrong.

A line says which interaction was asked of which code system, and how it ended. It holds no code, no text that was
searched for and no address of a client: such a log may be kept, and shown to those who run the server.
Lines are written together, some times a second: a system call for each would cost as much as a tenth of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

import orjson

from .settings import Log

FLUSH_SECONDS: Final = 0.2
FLUSH_LINES: Final = 500


class ServerLog:
    """Writes lines in JSON, in text, or those of errors only."""

    def __init__(self, form: Log, write: Callable[[bytes], object] | None = None) -> None:
        self.is_silent = form == "none"
        self._form = form
        self._write = write or _to_stderr
        self._lines: list[bytes] = []
        self._timer: asyncio.TimerHandle | None = None

    def answered(self, **values: Any) -> None:
        """Write that a request was answered."""
        if not self.is_silent:
            self._add({"time": _now(), "event": "request", **values})

    def said(self, level: str, message: str, **values: Any) -> None:
        """Write what happened: ``info`` or ``error``; at once, and errors also where the log is silent."""
        if level == "error" or not self.is_silent:
            self._add({"time": _now(), "event": level, "message": message, **values})
            self.flush()

    def flush(self) -> None:
        """Write the lines that are waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if lines:
            # where nobody reads the log any more, requests are answered nevertheless
            with contextlib.suppress(OSError, ValueError):
                self._write(b"".join(lines))

    def _add(self, values: dict[str, Any]) -> None:
        self._lines.append(orjson.dumps(values) + b"\n" if self._form == "json" else _text(values))
        if len(self._lines) >= FLUSH_LINES:
            self.flush()
        elif self._timer is None:
            with contextlib.suppress(RuntimeError):
                # outside of a loop the line waits for the next flush
                self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)


class LogHandler(logging.Handler):
    """Hands what uvicorn says to the log of the server."""

    def __init__(self, log: ServerLog) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record."""
        text = record.getMessage().strip()
        trace = logging.Formatter().formatException(record.exc_info) if record.exc_info else None
        level = "error" if record.levelno >= logging.ERROR else "info"
        self._log.said(level, text, **({"traceback": trace} if trace else {}))


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")


def _text(values: dict[str, Any]) -> bytes:
    """Return the values without their names, on one line; only that of an error may have several."""
    shown = [str(value) for name, value in values.items() if value is not None and name not in ("event", "traceback")]
    line = " ".join(shown).replace("\n", " ")
    return f"{line}\n{values.get('traceback') or ''}".rstrip("\n").encode("utf-8", "backslashreplace") + b"\n"


def _to_stderr(data: bytes) -> None:
    sys.stderr.buffer.write(data)
    sys.stderr.buffer.flush()
