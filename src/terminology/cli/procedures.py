"""Commands about ICD-10-PCS by its axes: build and explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import click

from ..characters import escaped
from ..model import Status
from ..procedures import Axis
from ..wire import axes_values, build_values, sent
from .drawing import column_width
from .options import edition_of, on_a_date
from .output import say, styled
from .printing import style
from .running import FINE, NO
from .sections import SectionedGroup

SYSTEM: Final = "icd10pcs"


@click.group(cls=SectionedGroup)
def pcs() -> None:
    """Build ICD-10-PCS codes axis by axis, and explain them."""


@pcs.command()
@click.argument("prefix", default="")
@on_a_date
def build(*, prefix: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show what may follow a beginning of a code; without PREFIX, the sections.

    Example: terminology pcs build 0FT
    """
    from ..procedures import allowed, axes, next_title

    edition = edition_of(store, SYSTEM, on=on, known=known)
    text = prefix.strip().upper()
    so_far = sent(axes(edition, text), edition) if text else ()
    choices, title = allowed(edition, text), next_title(edition, text)
    values = build_values(text, so_far, title, choices)

    def lines() -> Iterator[str]:
        yield from axis_lines(so_far)
        if title is None:
            yield f"{text} is a whole code."
            return
        yield style(f"{len(text) + 1}  {title}", bold=True)
        yield from (f"   {value}  {label}" for value, label in choices)

    say(values, lines, as_json=as_json)
    return FINE


@pcs.command()
@click.argument("code")
@on_a_date
def explain(*, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show the axes of a code, or say why it is invalid.

    Exit code 1 where the code is not valid on the day.

    Example: terminology pcs explain 0FT44ZZ
    """
    from ..errors import UnknownCodeError
    from ..procedures import axes, explanation

    edition = edition_of(store, SYSTEM, on=on, known=known)
    status = edition.status(code)
    why = explanation(edition, code)
    try:
        parts = axes(edition, code)
    except UnknownCodeError:
        parts = ()
    parts, concept = sent((parts, edition.lookup(code)), edition)
    values = axes_values(code, concept, status, parts, why)

    def lines() -> Iterator[str]:
        title = f"  {values['title']}" if values["title"] else ""
        yield f"{style(str(values['code']), bold=True)}  {styled(Status(status))}{title}"
        yield from axis_lines(parts)
        yield why

    say(values, lines, as_json=as_json)
    return FINE if status.valid else NO


def axis_lines(parts: Iterable[Axis]) -> Iterator[str]:
    """Yield one line an axis: position, value, title, meaning."""
    listed = list(parts)
    width = column_width(axis.title for axis in listed)
    for axis in listed:
        yield f"{axis.position}  {axis.value}  {escaped(axis.title):<{width}}  {axis.label}"
