"""Control-C, put off while a module written in C is imported: it is answered afterwards, and never lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from contextlib import suppress

import pytest

from terminology.reading.interrupts import interrupts_put_off

NUMBERS = [signal.SIGINT, signal.SIGTERM]
LOST = """
import abc, signal, sys
from terminology.reading import xml_root

class Once(abc.ABCMeta):
    register_of_abstract_classes = abc.ABCMeta.register

def register(cls, subclass):
    "Control-C, at the place where lxml loses it."
    if subclass.__module__.startswith("lxml") and not came:
        came.append(subclass)
        signal.raise_signal(signal.SIGINT)
    return Once.register_of_abstract_classes(cls, subclass)

came = []
abc.ABCMeta.register = register
try:
    xml_root(b"<a/>", "a.xml")
except KeyboardInterrupt:
    sys.exit(3 if came else 4)
"""


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interrupt_waits_for_the_end_of_the_block(number: signal.Signals) -> None:
    """What is begun is ended; then the handler is called that was there before, and it is there again."""
    steps = []
    before = signal.signal(number, lambda *_: steps.append("answered"))
    try:
        with interrupts_put_off():
            signal.raise_signal(number)
            steps.append("ended")
        assert steps == ["ended", "answered"]
        signal.raise_signal(number)
        assert steps == ["ended", "answered", "answered"]
    finally:
        signal.signal(number, before)


def test_an_interrupt_is_not_lost_where_lxml_loses_it() -> None:
    """The first document of a process is read while control-C is pressed."""
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (3, "")


def test_signals_that_nobody_answers_stay_ignored() -> None:
    """A program that is started in the background, or embeds this one, keeps its own ways."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_put_off():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_put_nothing_off() -> None:
    """Only the main thread may."""
    failed = []

    def block() -> None:
        with suppress(ZeroDivisionError), interrupts_put_off():
            failed.append(signal.getsignal(signal.SIGINT))
            raise ZeroDivisionError

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=block)
    thread.start()
    thread.join()
    assert failed == [before]
