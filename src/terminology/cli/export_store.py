"""The command export store: a published store, pushed into an object store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..counts import counted
from .drawing import measured_progress
from .options import on_a_store
from .output import say
from .running import FINE
from .sections import command

if TYPE_CHECKING:
    from ..store.push import PushReport


@command(name="store")
@click.argument("url")
@click.option("--force", is_flag=True, help="Replace a state of the same or a later generation too.")
@click.option("--prune", is_flag=True, help="Delete objects that no pointer has named for 12 hours.")
@on_a_store
def export_store(*, url: str, force: bool, prune: bool, store: Path | None, as_json: bool) -> int:
    """Push the store into an object store, for readers to open by its URL.

    URL is like s3://BUCKET/PREFIX; credentials and endpoint come from the environment. Written is what is not there yet, and last the pointer, so readers see the former state or the new one. The objects hold all texts: the bucket must be as private as your licences ask.

    Example: terminology export store s3://hospital-codes/published
    """
    from ..store.push import push

    with measured_progress() as step:
        report = push(url, store=store, force=force, prune=prune, progress=step)
    say(report.to_dict(), lambda: _lines(report), as_json=as_json)
    return FINE


def _lines(report: PushReport) -> Iterator[str]:
    if report.is_new:
        before = "" if report.replaced is None else f", in place of generation {report.replaced}"
        yield f"{report.url}: generation {report.generation} is in force{before}"
    else:
        yield f"{report.url}: generation {report.generation} was in force already"
    size = f" ({report.uploaded_bytes:,} bytes)" if report.uploaded else ""
    yield f"{counted(report.uploaded, 'object')} uploaded{size}, {report.present:,} already there"
    if report.deleted:
        yield f"{counted(report.deleted, 'object')} deleted that no pointer names"
    yield f"to read it: terminology releases --store {report.url}"
