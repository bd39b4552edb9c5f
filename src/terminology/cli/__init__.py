"""The command line: a layer over the façade. Packages that draw or load are imported by the commands that do."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the process with its exit code."""
    try:
        from .application import main as answered
    except KeyboardInterrupt:
        # the commands are still being imported, and what prints with them: nothing has begun
        with suppress(OSError, AttributeError):
            os.write(sys.stderr.fileno(), b"interrupted\n")
        sys.exit(130)
    answered(arguments)
