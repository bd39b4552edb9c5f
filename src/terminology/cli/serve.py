"""The command serve: the FHIR server, with pages for people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal

import click

from ..extras import require
from .options import store_option
from .printing import echo
from .sections import command

BASE_URL: Final = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")


@command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="Port; 0 for any that is free."
)
@click.option(
    "--workers", type=click.IntRange(1, 256), default=1, show_default=True, help="Processes that share the port."
)
@click.option(
    "--token-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with a token a line; a client must send one. So with $TERMINOLOGY_TOKENS.",
)
@click.option(
    "--cors",
    multiple=True,
    metavar="ORIGIN",
    help="Origin of web pages that may read answers; none for none.  [default: all]",
)
@click.option(
    "--base-url",
    default="",
    metavar="URL",
    callback=lambda _context, _parameter, value: checked_base_url(value),
    help="URL above /r4 and /r5 as clients see it, for links.  [default: as each client asked]",
)
@click.option(
    "--log",
    type=click.Choice(["json", "text", "none"]),
    default="json",
    show_default=True,
    help="Lines on standard error.",
)
@click.option(
    "--resources",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    metavar="PATH",
    help="JSON, package (.tgz) or folder with CodeSystems, ValueSets and ConceptMaps to be served too.",
)
@click.option(
    "--max-age",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="SECONDS",
    help="How long a client may reuse an answer without asking again.",
)
@click.option(
    "--reload",
    "reload_seconds",
    type=click.FloatRange(0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two looks whether a release was published.",
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds of work on one request."
)
@click.option(
    "--max-body", type=click.IntRange(1), default=16, show_default=True, metavar="MIB", help="Size of a request."
)
@store_option
def serve(
    *,
    host: str,
    port: int,
    workers: int,
    token_file: Path | None,
    cors: tuple[str, ...],
    base_url: str,
    log: Literal["json", "text", "none"],
    resources: tuple[Path, ...],
    max_age: int,
    reload_seconds: float,
    timeout: float,
    max_body: int,
    store: Path | None,
) -> int:
    """Serve FHIR at /r4 and /r5, and pages for people at /, until a signal says to end.

    The server only reads. A release that is loaded while it runs is answered from within seconds. GET /health says that it
    lives, /ready that it answers, /metrics what it counts.

    Example: terminology serve --port 8080
    """
    require("server", "terminology serve")
    from ..server.access import read_tokens
    from ..server.running import serve as run
    from ..server.settings import Limits, Settings

    settings = Settings(
        store=None if store is None else str(store),
        resources=resources,
        tokens=read_tokens(token_file),
        origins=tuple(origin for origin in cors if origin != "none") if cors else ("*",),
        base_url=base_url,
        log=log,
        max_age=max_age,
        reload_seconds=reload_seconds,
        limits=Limits(seconds=timeout, body_bytes=max_body << 20),
    )
    return run(settings, host, port, workers, say=lambda line: echo(line, err=True))


def checked_base_url(url: str) -> str:
    """Return a base URL, which may be empty.

    Raises:
        BadParameter: It is no URL of a server.

    >>> checked_base_url("https://tx.example.org")
    'https://tx.example.org'
    """
    if url and not BASE_URL.fullmatch(url):
        raise click.BadParameter("expected a URL such as https://tx.example.org, without parameters")
    return url
