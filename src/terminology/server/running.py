"""A server as processes: one, or several that share a socket.

Several processes are forked from one that has opened nothing: each opens the store by itself, and the pages of the
mapped files are the same memory. One that dies is replaced; one that cannot begin ends all, with its exit code. A
signal to end reaches all; each stops to accept, finishes what it has begun, and ends.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from attrs import evolve

from ..errors import TerminologyError, UnsupportedPlatformError, exit_code_of
from .access_log import LogHandler, ServerLog
from .app import Application, Ready
from .metrics import Metrics, make_counts
from .protocol import bounded
from .publication import MakeService, make_service
from .settings import Settings

BACKLOG: Final = 2_048
FILES: Final = 65_536
KEEP_ALIVE_SECONDS: Final = 75
"""Longer than proxies keep a connection (nginx: 60), so that none sends a request into one that is closing."""
SOONEST_SECONDS: Final = 2.0
"""A process that ended earlier than this after its start is replaced only after a pause."""
NOTICE_SECONDS: Final = 2
OBJECTS: Final = 50_000
"""How many come to be, less those that go, until the youngest are looked through for circles."""
LOGGERS: Final = ("uvicorn.error", "terminology")
ENDING: Final = (signal.SIGTERM, signal.SIGINT)
Say = Callable[[str], None]


def serve(
    settings: Settings,
    host: str,
    port: int,
    workers: int = 1,
    *,
    say: Say = lambda _line: None,
    make: MakeService = make_service,
) -> int:
    """Serve until a signal says to end; return the exit code.

    Args:
        settings: What the operator decides.
        host: Address to listen at.
        port: Port to listen at; 0 for any that is free.
        workers: Processes.
        say: Called with the line that says where the server listens, as soon as it answers there.
        make: Makes the service over a store.

    Raises:
        TerminologyError: There is no store, or it is damaged.
        UnsupportedPlatformError: Several processes are asked for where none can be forked.
        OSError: The address cannot be listened at.
    """
    if workers > 1 and not hasattr(os, "fork"):
        raise UnsupportedPlatformError("several workers need a system that forks processes: use --workers 1")
    _allow_files()
    with _listening(host, port) as listener:
        address, number = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        line = f"serving FHIR at http://{shown}:{number}/r4 and /r5, pages at http://{shown}:{number}/"
        if workers == 1:
            return work(settings, listener, make, ready=lambda: say(line))
        with tempfile.TemporaryDirectory(prefix="terminology-") as folder:
            counts = Path(folder) / "counts"
            make_counts(counts, workers)
            ready = _once(Path(folder) / "ready", lambda: say(line))
            return _Workers(evolve(settings, counts=counts), listener, make, workers, ready).run()


def _once(mark: Path, act: Ready) -> Ready:
    """Return what acts the first time that it is called, in whichever process: the mark can be made once."""

    def first() -> None:
        with contextlib.suppress(OSError):
            mark.touch(exist_ok=False)
            act()

    return first


def work(
    settings: Settings,
    listener: socket.socket,
    make: MakeService,
    *,
    row: int = 0,
    parent: int | None = None,
    ready: Ready = lambda: None,
) -> int:
    """Serve in this process; return the exit code.

    Args:
        settings: What the operator decides.
        listener: The socket that is listened at.
        make: Makes the service over a store.
        row: Of the counters of this process.
        parent: The process that began this one, which ends with it; None where there is none.
        ready: Called when requests are answered.
    """
    import uvicorn

    async def notice() -> None:
        # nobody would ever end a process whose parent was killed
        server.should_exit = server.should_exit or os.getppid() != parent

    application = Application(settings, make, row, ready)
    application.open()
    for name in LOGGERS:
        logging.getLogger(name).handlers = [LogHandler(application.state.log)]
        logging.getLogger(name).propagate = False
    # the objects that live as long as the process are not walked again and again
    gc.collect()
    gc.freeze()
    # an answer has some thousands of objects, none of which is in a circle
    gc.set_threshold(OBJECTS)
    config = uvicorn.Config(
        application,
        http=bounded(settings.limits),
        loop="uvloop",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # from this machine alone, or those of $FORWARDED_ALLOW_IPS
        proxy_headers=True,
        server_header=False,
        backlog=BACKLOG,
        limit_concurrency=settings.limits.connections,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.drain_seconds,
        callback_notify=notice if parent is not None else None,
        timeout_notify=NOTICE_SECONDS,
    )
    server = uvicorn.Server(config)

    received: list[int] = []

    def end(number: int, _frame: object) -> None:
        server.should_exit = True
        received.append(number)

    # uvicorn has handlers of its own while it runs, and raises the signal again that ended it; these are for before and after
    for number in ENDING:
        signal.signal(number, end)
    server.run([listener])
    if received and parent is None:
        application.state.log.said("info", _end_of(received[0]))
    application.state.log.flush()
    if application.state.threads.under_way:
        # Python would wait for work that was given up, however long it takes
        sys.stderr.flush()
        os._exit(0)
    return 0


def _end_of(number: int) -> str:
    return f"the server has ended, as {signal.Signals(number).name} told it"


class _Workers:
    """The processes of a server, seen from the one that began them."""

    def __init__(
        self, settings: Settings, listener: socket.socket, make: MakeService, number: int, ready: Ready
    ) -> None:
        self._settings = settings
        self._listener = listener
        self._make = make
        self._number = number
        self._ready = ready
        self._rows: dict[int, tuple[int, float]] = {}
        """Row of the counters, and start, of each process by its id."""
        self._is_ending = False
        self._signal: int | None = None
        """That the server was ended by."""
        self._log = ServerLog(settings.log)

    def run(self) -> int:
        """Begin the processes, replace those that die, and return the exit code when all have ended."""
        for number in ENDING:
            signal.signal(number, self._end)
        gc.collect()
        gc.freeze()
        for row in range(self._number):
            self._begin(row)
        code = 0
        while self._rows:
            try:
                pid, status = os.wait()
            except ChildProcessError:
                break
            row, began = self._rows.pop(pid, (0, 0.0))
            ended = os.waitstatus_to_exitcode(status)
            if self._is_ending:
                continue
            if ended > 0:
                # it could not begin, and the next one could not either
                code = ended
                self._end()
                continue
            self._lost(pid, row, ended)
            if time.monotonic() - began < SOONEST_SECONDS:
                time.sleep(SOONEST_SECONDS)
            if not self._is_ending:
                self._begin(row)
        if self._signal is not None:
            self._log.said("info", _end_of(self._signal))
        return code

    def _lost(self, pid: int, row: int, ended: int) -> None:
        """Write that a process has ended unasked, and count it in the row that it leaves to the next one."""
        how = signal.Signals(-ended).name if ended else "without an error"
        self._log.said("error", f"worker {pid} ended unasked ({how}), another one takes its place")
        Metrics(self._settings.counts, row).happened("worker_ends")

    def _begin(self, row: int) -> None:
        parent = os.getpid()
        # a signal that comes meanwhile waits, until both know what to do with it
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        pid = os.fork()
        if pid == 0:
            os._exit(self._child(row, parent))
        self._rows[pid] = row, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def _child(self, row: int, parent: int) -> int:
        for number in ENDING:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        try:
            return work(self._settings, self._listener, self._make, row=row, parent=parent, ready=self._ready)
        except (TerminologyError, OSError) as error:
            with contextlib.suppress(OSError):
                sys.stderr.write(f"error: {error}\n")
                sys.stderr.flush()
            return exit_code_of(error)

    def _end(self, number: int | None = None, _frame: object = None) -> None:
        self._is_ending = True
        self._signal = number
        for pid in self._rows:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _allow_files() -> None:
    """Raise the number of open files to what the system allows: each connection is one."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        allowed, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, wanted), most))


@contextlib.contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise OSError(error.errno, f"cannot listen at {host}:{port}: {error.strerror}") from None
        listener.listen(BACKLOG)
        listener.set_inheritable(True)
        yield listener
