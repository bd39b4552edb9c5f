"""The command ``index``: from words to codes, by the publisher's own index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ..query import Edition
from ..wire import sent
from .options import edition_of, on_a_date, system_argument
from .output import say
from .printing import style
from .running import FINE, NO
from .sections import command

if TYPE_CHECKING:
    from ..index import IndexEntry

ALPHABETIC: Final = "alphabetic"
"""The index that most terms are in; the others are of external causes, neoplasms and drugs."""


@command()
@system_argument
@click.argument("text")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), help="Most entries.")
@on_a_date
def index(
    *, system: str, text: str, limit: int, on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Find codes by the publisher's index.

    All words of TEXT must begin words of an entry. What an entry refers to with "see" is shown below it. Where the release came without an index the nearest one's is taken, and the answer says so.

    Example: terminology index icd10cm "low back pain"
    """
    from ..index import entries

    edition = edition_of(store, system, on=on, known=known)
    if not any(map(str.isalnum, text)):
        raise click.UsageError("TEXT has no word to look for")
    found = sent(entries(edition, text, limit=limit), edition)
    say([entry.to_dict() for entry in found], lambda: _lines(edition, found), as_json=as_json)
    return FINE if found else NO


def _lines(edition: Edition, found: Iterable[IndexEntry]) -> Iterator[str]:
    from ..index import volumes

    listed = list(found)
    if not listed:
        yield "no entry of the index holds all of these words"
    for entry in listed:
        indent = "  " if entry.via else ""
        yield f"{indent}{_term(entry)}{_target(edition, entry)}"
        for cell in entry.cells:
            yield f"{indent}  {cell.heading}: {_code(edition, cell.code, complete=cell.complete)}"
    for version in sorted({entry.version or "" for entry in listed if entry.borrowed}):
        names = ", ".join(sorted({entry.index for entry in listed if entry.borrowed and entry.version == version}))
        why = f"{edition.release.version} came without this index" if edition.release else "no release covers the day"
        yield f"{why} ({names}): the entries are those of release {version}"
    searched = [volume.which for volume in volumes(edition)]
    if ALPHABETIC not in searched:
        yield f"the alphabetic index is not loaded; searched: {', '.join(searched)}"


def _term(entry: IndexEntry) -> str:
    words = [*entry.path[:-1], style(entry.path[-1], bold=True)]
    extra = "".join(f" ({modifier})" for modifier in entry.nonessential)
    return " › ".join(words) + extra  # noqa: RUF001 -- an arrow from term to term


def _target(edition: Edition, entry: IndexEntry) -> str:
    found = []
    if entry.code:
        found.append(_code(edition, entry.code, complete=entry.complete))
    if entry.manifestation:
        found.append(f"with {_code(edition, entry.manifestation, complete=True)}")
    if entry.category:
        found.append(f"see {entry.category}")
    if entry.see:
        found.append(f"see {entry.see}")
    if entry.use:
        found.append(f"use {entry.use}")
    if entry.see_also:
        found.append(f"see also {entry.see_also}")
    return f"  {'; '.join(found)}" if found else ""


def _code(edition: Edition, code: str, *, complete: bool) -> str:
    """Return a code with its status, or the beginning of one as the index prints it."""
    if not complete:
        return f"{code}-"
    return f"{code} {edition.status(code)}"
