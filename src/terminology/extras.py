"""The extras of the distribution: which packages each one needs, and the line that installs it.

Whatever imports a package of an extra asks `require` first, so that a missing one is said in one way everywhere.
"""

from __future__ import annotations

import importlib.util
from typing import Final

from .errors import MissingExtraError

DISTRIBUTION: Final = "terminology-server"
PACKAGES: Final = {
    "duckdb": {"duckdb": "DuckDB"},
    "guidelines": {"pypdf": "pypdf"},
    # the second module came with version 2 of the SDK
    "mcp": {"mcp": "the SDK mcp, 2.3 or later", "mcp_types": "the SDK mcp, 2.3 or later"},
    "s3": {"obstore": "obstore"},
    "server": {"uvicorn": "uvicorn", "httptools": "httptools", "orjson": "orjson", "starlette": "starlette"},
    # asked for by PySpark itself, which does not bring it
    "spark": {"pyspark": "PySpark", "pandas": "pandas"},
    "x12": {"pyx12": "pyx12"},
}
"""For each extra the modules that it cannot do without, and what messages call them."""


def install_line(extra: str) -> str:
    """Return the line that installs an extra.

    >>> install_line("server")
    "pip install 'terminology-server[server]'"
    """
    return f"pip install '{DISTRIBUTION}[{extra}]'"


def missing(extra: str) -> tuple[str, ...]:
    """Return what an extra needs and what is not installed; empty where it can be used. Nothing is imported.

    Raises:
        KeyError: There is no extra of this name.
    """
    packages = PACKAGES[extra]
    return tuple(dict.fromkeys(name for module, name in packages.items() if importlib.util.find_spec(module) is None))


def require(extra: str, what: str) -> None:
    """Check that an extra is installed.

    Args:
        extra: Its name.
        what: What needs it, as the message says it: ``terminology serve``.

    Raises:
        MissingExtraError: It is not; the message has the line that installs it.
        KeyError: There is no extra of this name.
    """
    if names := missing(extra):
        verb = "is" if len(names) == 1 else "are"
        raise MissingExtraError(f"{what} needs {', '.join(names)}, which {verb} not installed: {install_line(extra)}")
