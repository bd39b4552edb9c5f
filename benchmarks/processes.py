"""Run Python in a process of its own: its time as seen from outside, and its peak of resident memory.

The benchmarks' own process imports the standard library only, and every measurement starts fresh: nothing
that one engine loaded can help or burden the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PEAK = """
def _peak_mib():
    try:
        # of this program alone; ru_maxrss would count what the parent held when it forked
        for line in open("/proc/self/status", encoding="ascii"):
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    import resource, sys
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 1024)
print("peak-mib", _peak_mib())
"""
"""Printed last by a child; works on Linux and macOS."""


WATCHED_EACH = 0.02
"""Seconds."""


@dataclass(frozen=True)
class Run:
    """What one process took."""

    seconds: float
    mib: float
    cpu: float = 0.0
    """Seconds of all cores together, where they were counted."""


def run_code(code: str, *arguments: str) -> Run:
    """Return time and peak memory of a fresh Python that runs the code."""
    command = [sys.executable, "-c", code + PEAK, *arguments]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=_environment())
    seconds = time.perf_counter() - start
    return Run(seconds, float(done.stdout.rsplit("peak-mib", 1)[1]))


def run_command(command: Sequence[str]) -> float:
    """Return the seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
    return time.perf_counter() - start


def run_watched(command: Sequence[str]) -> Run:
    """Return the times of a command, and its peak of resident memory, which is looked at while it runs (Linux only)."""
    before = _children()
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_environment()) as process:
        status, mib = Path(f"/proc/{process.pid}/status"), 0.0
        while process.poll() is None:
            with contextlib.suppress(OSError):
                lines = status.read_text(encoding="ascii").splitlines()
                mib = max([mib, *(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))])
            time.sleep(WATCHED_EACH)
        seconds = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Run(seconds, mib, _children() - before)


def _children() -> float:
    """Return the seconds of all cores that processes which ended took."""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_module(module: str, *arguments: str) -> Any:
    """Return the JSON that a module of the benchmarks prints on its last line, run in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    root = Path(__file__).parent.parent
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=_environment(), cwd=root)
    return json.loads(done.stdout.strip().splitlines()[-1])


def _environment() -> Mapping[str, str]:
    # no debugging or profiling switch of the shell may slow one side down
    kept = {name: value for name, value in os.environ.items() if name == "PYTHONPATH" or not name.startswith("PYTHON")}
    return {**kept, "PYTHONHASHSEED": "0", "PYTHONWARNINGS": "ignore"}


def median_run(runs: Sequence[Run]) -> Run:
    """Return the medians of time and peak, each by itself."""
    columns = ((run.seconds, run.mib, run.cpu) for run in runs)
    return Run(*map(statistics.median, zip(*columns, strict=True)))
