"""The command ``guidelines``: what the official guidelines say on a day, and on which page."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from ..counts import counted
from ..model.sections import Section, section_range
from ..query.guidelines import Guidelines, GuidelineSections
from .options import on_a_date, open_store, system_argument
from .output import say
from .printing import style
from .running import FINE, NO
from .sections import command

WIDTH: Final = 80
"""Most columns of a line: wider text is hard to read."""
OUTLINE: Final = 3
"""Levels of the outline of the whole document: down to the chapters."""


@command()
@system_argument
@click.argument("number", required=False)
@click.option(
    "--code", metavar="CODE", help="Show which sections state this code, or a range that has it, in their title."
)
@click.option("--search", "words", metavar="WORDS", help="Show which sections have these words.")
@click.option(
    "--limit", default=10, show_default=True, type=click.IntRange(min=1), help="Most sections that words find."
)
@on_a_date
def guidelines(
    *,
    system: str,
    number: str | None,
    code: str | None,
    words: str | None,
    limit: int,
    on: str | None,
    known: str | None,
    store: Path | None,
    as_json: bool,
) -> int:
    """Show a section of the official coding guidelines.

    SYSTEM is the code system that they are for. NUMBER is that of a section, like I.C.9.a; a range, like I.C.9.a-c, lists what is in it; without it the outline is shown. Exit code 1 where there is no such section, or nothing is found.

    Example: terminology guidelines icd10cm I.C.13.a --on 2022-03-01
    """
    if sum(one is not None for one in (number, code, words)) > 1:
        raise click.UsageError("NUMBER, --code and --search exclude each other")
    if known and not on:
        raise click.UsageError("--known says up to which version a day is seen: it needs --on")
    document = open_store(store).guidelines(system)
    sections = document.on(on, known) if on else document.latest
    if number is not None:
        return _one(sections, number, as_json=as_json)
    if code is not None or words is not None:
        found = sections.search(words or "", limit) if code is None else sections.for_code(code)
        say([one.to_dict() for one in found], lambda: _list(document, sections, found), as_json=as_json)
        return FINE if found else NO
    shown = [one for one in sections if one.level <= OUTLINE]
    say([one.to_dict() for one in sections], lambda: _outline(document, sections, shown), as_json=as_json)
    return FINE


def _one(sections: GuidelineSections, number: str, *, as_json: bool) -> int:
    first, last = section_range(number)
    if first != last:
        found = sections.below(number)
        say([one.to_dict() for one in found], lambda: _lines(found), as_json=as_json)
        return FINE
    section, below = sections.section(number), sections.below(number)
    values = {
        **section.to_dict(),
        "below": [{"number": one.number, "title": one.title, "page": one.page} for one in below],
    }
    say(values, lambda: _card(sections, section, below), as_json=as_json)
    return FINE


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDTH)


def _folded(text: str, indent: str = "", further: str | None = None) -> Iterator[str]:
    further = indent if further is None else further
    yield from textwrap.wrap(
        text, _width(), initial_indent=indent, subsequent_indent=further, break_on_hyphens=False, break_long_words=False
    )


def _card(sections: GuidelineSections, section: Section, below: Sequence[Section]) -> Iterator[str]:
    """Yield the lines of a section: number and title, what they rest on, the text, and what is below."""
    first, *rest = _folded(f"{section.number}  {section.title}", further="  ")
    # a style around the number only, as it is not wrapped
    yield f"{style(section.number, bold=True)}{first.removeprefix(section.number)}"
    yield from rest
    yield from (style(line, dim=True) for line in _folded(_basis(sections, section)))
    for paragraph in section.text.split("\n") if section.text else ():
        yield ""
        yield from _folded(paragraph)
    if below:
        yield ""
        yield style("Below", bold=True)
        yield from _lines(below, above=section.level)


def _basis(sections: GuidelineSections, section: Section) -> str:
    return f"page {section.page} of {section.source.file}; version {section.version}, from {sections.release.effective}"


def _lines(found: Sequence[Section], above: int = 0) -> Iterator[str]:
    """Yield a line a section, indented by its level: number, title and page."""
    top = above or min((one.level for one in found), default=1) - 1
    for one in found:
        indent = "  " * (one.level - top)
        yield from _folded(f"{one.number}  {one.title}, page {one.page}", indent, f"{indent}    ")


def _outline(document: Guidelines, sections: GuidelineSections, shown: Sequence[Section]) -> Iterator[str]:
    yield from _folded(f"{document.title}, version {sections.version}, from {sections.release.effective}")
    yield from _lines(shown)
    yield ""
    yield from _folded(
        f"{counted(len(sections), 'section')} in all; a number, like {shown[-1].number}, shows its text and what is below it"
    )


def _list(document: Guidelines, sections: GuidelineSections, found: Sequence[Section]) -> Iterator[str]:
    if not found:
        yield "no section is found"
        return
    yield from _folded(f"{document.title}, version {sections.version}, from {sections.release.effective}")
    for one in found:
        yield from _folded(f"{one.number}  {one.title}, page {one.page}", "  ", "      ")
