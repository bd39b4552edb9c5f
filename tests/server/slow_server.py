"""A server over a service that is slow with value sets: ``python slow_server.py STORE WORKERS [SECONDS]``."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from terminology import Terminology
from terminology.fhir import Request, Resource, Response
from terminology.server.running import serve
from terminology.server.settings import Limits, Settings


class Slow:
    """Answers; value sets after a while."""

    seconds = 1.0

    def __init__(self, _store: Terminology, _resources: Sequence[Resource]) -> None:
        pass

    def answer(self, request: Request) -> Response:
        """Return an answer."""
        if request.path.startswith("ValueSet"):
            time.sleep(self.seconds)
        return Response({"resourceType": "Parameters", "text": "x" * (20_000_000 if request.path == "metadata" else 1)})


def said(line: str) -> None:
    """Write a line at once."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    Slow.seconds = float((*sys.argv, "1.0")[3])
    limits = Limits(patience=1.0, stall=0.5, header_bytes=8_000, header_count=50, held_bytes=40 << 20)
    settings = Settings(store=sys.argv[1], limits=limits, reload_seconds=0.2, drain_seconds=3)
    sys.exit(serve(settings, "127.0.0.1", 0, int(sys.argv[2]), say=said, make=Slow))
