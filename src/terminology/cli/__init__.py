"""The command line: a layer over the façade. Packages that draw or load are imported by the commands that do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    try:
        from .application import main as answered
    except KeyboardInterrupt:
        # the commands are still being imported: nothing has begun
        sys.stderr.write("interrupted\n")
        sys.exit(130)
    answered(arguments)
