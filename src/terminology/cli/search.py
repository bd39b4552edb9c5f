"""The command ``search``: from words, or a code as typed, to codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ..characters import escaped
from ..query import Edition
from ..wire import sent
from .drawing import column_width
from .options import edition_of, note_withheld, on_a_date, system_argument
from .output import say, styled
from .printing import style
from .running import FINE, NO
from .sections import command

if TYPE_CHECKING:
    from ..model import Hit

EVERY: Final = "all"


@command()
@system_argument
@click.argument("text")
@click.option("--limit", default=10, show_default=True, type=click.IntRange(min=1), help="Most codes.")
@click.option("--headers", is_flag=True, help="Find headers as well.")
@click.option("--expired", is_flag=True, help="Find codes that are not in force on the day as well.")
@click.option(
    "--synonyms",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A file of synonyms, beside those in the store; may be given several times.",
)
@on_a_date
def search(
    *,
    system: str,
    text: str,
    limit: int,
    headers: bool,
    expired: bool,
    synonyms: Sequence[Path],
    on: str | None,
    known: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Find codes by words.

    TEXT is words in any order, the last one perhaps unfinished, or a code or its beginning. Titles, inclusion terms, the publisher's index and synonyms are searched. SYSTEM may be several names with commas between them, or all. Exit code 1 where nothing is found.

    Example: terminology search icd10cm "low back pain" --on 2021-10-01
    """
    if not any(map(str.isalnum, text)):
        raise click.UsageError("TEXT has no word to look for")
    editions = [edition_of(store, name, on=on, known=known) for name in _names(store, system)]
    found: list[tuple[Hit, Edition]] = []
    for edition in editions:
        hits = edition.search(text, limit, headers=headers, expired=expired, outgoing=True, synonyms=synonyms)
        found += [(sent(hit, edition), edition) for hit in hits]
    found = sorted(found, key=lambda pair: -pair[0].score)[:limit]
    if not as_json:
        for edition in editions:
            note_withheld(edition)
    say([hit.to_dict() for hit, _ in found], lambda: _lines(found, several=len(editions) > 1), as_json=as_json)
    return FINE if found else NO


def _names(store: Path | None, system: str) -> list[str]:
    from .options import open_store

    if system == EVERY:
        return list(open_store(store).systems)
    return [name.strip() for name in system.split(",") if name.strip()]


def _lines(found: Sequence[tuple[Hit, Edition]], *, several: bool) -> Iterator[str]:
    """Yield a line a code, with what matched below it where that is not its title; then which terms are borrowed."""
    if not found:
        yield "nothing found: fewer words, or other ones, may find more"
        return
    names = [escaped(f"{hit.system} {hit.code}" if several else hit.code) for hit, _ in found]
    width = column_width(names)
    for name, (hit, _) in zip(names, found, strict=True):
        yield f"{style(name, bold=True)}{' ' * (width - len(name))}  {styled(hit.status)}  {hit.title}"
        if how := _how(hit):
            yield style(f"{' ' * width}  {how}", dim=True)
    for edition in dict.fromkeys(edition for _, edition in found):
        for version in sorted({hit.borrowed for hit, of in found if of is edition and hit.borrowed}):
            why = f"{edition.release.version} came without them" if edition.release else "no release covers the day"
            yield f"{edition.system}: some terms are those of release {version}, because {why}"


def _how(hit: Hit) -> str:
    """Return what matched, where that is something else than the code and its title."""
    parts = [f"{hit.matched}: {hit.term}"] if hit.term and hit.term != hit.title else []
    return "; ".join([*parts, *hit.via])
