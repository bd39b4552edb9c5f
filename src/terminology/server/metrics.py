"""Counters of the requests, in the text form that Prometheus reads.

Every process of a server has a row of numbers. With several processes the rows lie in one file that all of them map, so
that whichever is asked reports all. A row is written by one process alone, so nothing is locked. A process that ends
leaves its row; the one that is started in its place counts on in it, so that no counter ever falls.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from .interactions import NAMES

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds: the upper bounds of the buckets of durations."""
CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")
EVENTS: Final = ("reloads", "reload_failures", "overloaded", "overtime", "unauthorized", "worker_ends")
SECONDS: Final = len(CLASSES)
BUCKETS: Final = SECONDS + 1
WIDTH: Final = BUCKETS + len(BOUNDS) + 1
"""Numbers of one interaction: responses by class, seconds in all, durations by bucket."""
ROW: Final = len(NAMES) * WIDTH + len(EVENTS)
HELP: Final = {
    "terminology_requests_total": "Requests that were answered, by interaction and class of status.",
    "terminology_request_seconds": "Time from the request to its answer, by interaction.",
    "terminology_events_total": "What happened beside requests.",
}


class Metrics:
    """The counters of this process, and those of all processes of the server."""

    def __init__(self, file: Path | None = None, row: int = 0) -> None:
        if file is None:
            held: mmap.mmap | bytearray = bytearray(8 * ROW)
        else:
            with file.open("r+b") as handle:
                held = mmap.mmap(handle.fileno(), 0)
        self._all: memoryview[float] = memoryview(held).cast("d")
        self._own = self._all[row * ROW : (row + 1) * ROW]

    def record(self, number: int, status: int, seconds: float) -> None:
        """Count an answer to the interaction of this number."""
        own, start = self._own, number * WIDTH
        own[start + status // 100 - 2] += 1
        own[start + SECONDS] += seconds
        own[start + BUCKETS + bisect_left(BOUNDS, seconds)] += 1

    def happened(self, event: str) -> None:
        """Count one of `EVENTS`."""
        self._own[len(NAMES) * WIDTH + EVENTS.index(event)] += 1

    def text(self, gauges: Mapping[str, tuple[str, float]], systems: Sequence[tuple[str, str]] = ()) -> str:
        """Return the page that Prometheus reads.

        Args:
            gauges: Help and value of further numbers, by name.
            systems: Short names and newest versions of the code systems.
        """
        lines = [*_head("terminology_requests_total", "counter"), *self._requests()]
        lines += [*_head("terminology_request_seconds", "histogram"), *self._durations()]
        lines += [*_head("terminology_events_total", "counter"), *self._events()]
        for name, (meaning, value) in gauges.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        lines += [
            "# HELP terminology_release_info The newest release of each code system.",
            "# TYPE terminology_release_info gauge",
        ]
        lines += [
            f'terminology_release_info{{system="{_escaped(one)}",version="{_escaped(v)}"}} 1' for one, v in systems
        ]
        return "\n".join([*lines, ""])

    def _sum(self, place: int) -> float:
        return sum(self._all[place::ROW])

    def _requests(self) -> Iterator[str]:
        for number, name in enumerate(NAMES):
            for place, status in enumerate(CLASSES):
                if count := self._sum(number * WIDTH + place):
                    yield f'terminology_requests_total{{interaction="{name}",status="{status}"}} {count:.0f}'

    def _durations(self) -> Iterator[str]:
        for number, name in enumerate(NAMES):
            start, total = number * WIDTH + BUCKETS, 0.0
            counts = [self._sum(start + place) for place in range(len(BOUNDS) + 1)]
            if not any(counts):
                continue
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                total += count
                yield f'terminology_request_seconds_bucket{{interaction="{name}",le="{bound}"}} {total:.0f}'
            yield f'terminology_request_seconds_sum{{interaction="{name}"}} {self._sum(start - 1):.6f}'
            yield f'terminology_request_seconds_count{{interaction="{name}"}} {total:.0f}'

    def _events(self) -> Iterator[str]:
        for place, event in enumerate(EVENTS):
            yield f'terminology_events_total{{event="{event}"}} {self._sum(len(NAMES) * WIDTH + place):.0f}'


def make_counts(file: Path, rows: int) -> None:
    """Write the file of the counters of several processes, all zero."""
    file.write_bytes(bytes(8 * ROW * rows))
    file.chmod(0o600)


def _head(name: str, kind: str) -> list[str]:
    return [f"# HELP {name} {HELP[name]}", f"# TYPE {name} {kind}"]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
