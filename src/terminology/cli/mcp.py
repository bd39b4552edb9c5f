"""The command mcp: an assistant asks, by the Model Context Protocol."""

from __future__ import annotations

from pathlib import Path

from ..extras import require
from .options import store_option
from .running import FINE
from .sections import command


@command()
@store_option
def mcp(*, store: Path | None) -> int:
    """Answer an assistant, by the Model Context Protocol over standard input and output.

    The tools are explain, search, lookup, translate, migrate and validate_list. An MCP client starts this command and ends it; the log is on standard error. A release that is loaded while it runs is answered from with the next question.

    Example: terminology mcp --store my-codes
    """
    require("mcp", "terminology mcp")
    from ..mcp.running import run

    run(store)
    return FINE
