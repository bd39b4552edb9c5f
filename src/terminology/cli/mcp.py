"""The command mcp: an assistant asks, by the Model Context Protocol."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

import click

from ..errors import TerminologyError
from .options import store_option
from .running import FINE

NEEDED: Final = ("mcp", "mcp_types")
"""The second one came with version 2 of the SDK."""


@click.command()
@store_option
def mcp(*, store: Path | None) -> int:
    """Answer an assistant, by the Model Context Protocol over standard input and output.

    The tools are explain, search, lookup, translate, migrate and validate_list. An MCP client starts this command and ends it; the log is on standard error. A release that is loaded while it runs is answered from with the next question.

    \b
    Example: terminology mcp --store /srv/terminology
    """
    require_mcp()
    from ..mcp.running import run

    run(store)
    return FINE


def require_mcp() -> None:
    """Check that the SDK of the protocol is installed.

    Raises:
        TerminologyError: It is not.
    """
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        raise TerminologyError(
            "terminology mcp needs the SDK mcp, 2.3 or later, which is not installed: pip install 'terminology-server[mcp]'"
        )
