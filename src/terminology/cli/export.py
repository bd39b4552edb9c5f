"""The group export: what a store holds, written for other programs and for other machines."""

from __future__ import annotations

import click

from .export_store import export_store


@click.group()
def export() -> None:
    """Write what a store holds for other programs and other machines."""


export.add_command(export_store)
