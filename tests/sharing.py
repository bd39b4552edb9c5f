"""What the workers of one run of the tests share: it is made once, by whichever needs it first, while the others wait."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import terminology
from terminology import LoadReport, Terminology


def shared_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a folder of this run that all its workers share."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    return folder


@contextmanager
def once(folder: Path, name: str) -> Iterator[bool]:
    """Yield whether something in a folder is yet to be made; of several workers one makes it, and the others wait."""
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder / f"{name}.made"
        yield not made.exists()
        made.touch()


def shared_store(
    factory: pytest.TempPathFactory, name: str, load: Callable[[Path], LoadReport]
) -> tuple[Terminology, LoadReport]:
    """Return a store that one worker loads into a folder, and the report of the load. To be read only."""
    folder = shared_folder(factory, "stores")
    report = folder / f"{name}.report"
    with once(folder, name) as fresh:
        if fresh:
            report.write_bytes(pickle.dumps(load(folder / name)))
    # of our own, written a line above
    return terminology.open(folder / name), pickle.loads(report.read_bytes())  # noqa: S301
