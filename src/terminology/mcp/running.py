"""A process that answers over standard input and output."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import Final, NoReturn

from ..errors import exit_code_of

FORM: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def run(place: str | os.PathLike[str] | None = None) -> None:
    """Answer until standard input ends. Nothing but the protocol goes to standard output, the log to standard error.

    Args:
        place: Folder or URL of the store; by default that of `terminology.open`.

    Raises:
        TerminologyError: There is no store, or it is damaged, or cannot be reached.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format=FORM)
    logging.getLogger("terminology").setLevel(logging.INFO)
    # a store that cannot be opened is said before the slow import
    from .service import Service

    service = Service(place)
    import anyio

    from .protocol import serve

    _end_by_signal()
    anyio.run(serve, service)


def _end_by_signal() -> None:
    """Let a signal end the process at once: a thread waits for a line of input, and an orderly end would wait for it.

    Nothing is lost: the server writes no file.
    """
    if threading.current_thread() is not threading.main_thread():
        # only the main thread takes signals
        return

    def end(*_: object) -> NoReturn:
        os._exit(exit_code_of(KeyboardInterrupt()))

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
