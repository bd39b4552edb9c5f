"""The table of contents: the sections that the publisher lists, in its order, with number, title and page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from .document import Line
from .numbering import NUMBER, Outline, Step, marked

LEADER: Final = re.compile(r"(?P<text>.*?)[\s.…]*(?:\.{3}|…)[\s.…]*(?P<page>\d{1,4})")
SHORT_LEADER: Final = re.compile(r"(?P<text>.*\S)(?:\s\.{1,2}|\.\.)\s*(?P<page>\d{1,4})")
"""Of a title that fills its line."""
FULL: Final = re.compile(r"(?P<text>.*\S)\s(?P<page>\d{1,4})")
ONLY_PAGE: Final = re.compile(r"\d{1,4}")
FIRST_PAGES: Final = 25
"""A table of contents begins on one of them."""
FEWEST: Final = 3
"""Entries of one."""


@frozen
class Listed:
    """A section as the table of contents has it."""

    number: str
    title: str
    page: int
    line: Line


@frozen
class Contents:
    """The table of contents, and the lines around it."""

    listed: tuple[Listed, ...]
    before: tuple[Line, ...]
    after: tuple[Line, ...]


def plain(text: str) -> str:
    """Return the letters and digits of a text, by which titles are compared.

    >>> plain("Chapter 5: Mental … disorders (F01 - F99)") == plain("chapter 5 Mental disorders (F01-F99)")
    True
    """
    return "".join(filter(str.isalnum, text)).casefold()


def contents_of(lines: Sequence[Line]) -> Contents | None:
    """Return the table of contents; None where there is none."""
    places = [place for place, line in enumerate(lines) if LEADER.fullmatch(line.text)]
    if len(places) < FEWEST or lines[places[0]].page > FIRST_PAGES:
        return None
    start = places[0]
    # an entry may begin a line above its page
    while start and lines[start - 1].page == lines[start].page and not LEADER.fullmatch(lines[start - 1].text):
        start -= 1
    return Contents(tuple(_listed(lines[start : places[-1] + 1])), tuple(lines[:start]), tuple(lines[places[-1] + 1 :]))


def _listed(lines: Sequence[Line]) -> list[Listed]:
    outline = Outline()
    found: list[Listed] = []
    held: list[Line] = []
    for line in lines:
        leader = LEADER.fullmatch(line.text) or SHORT_LEADER.fullmatch(line.text)
        if held and (full := _without_leader(outline, held, line)):
            found.append(full)
            held = []
        if leader is None and not ONLY_PAGE.fullmatch(line.text):
            # an entry without a page, as a heading of the table, ends where the next one begins
            held = [line] if held and _begins_anew(held, line) else [*held, line]
            continue
        last, page = (leader["text"], leader["page"]) if leader else ("", line.text)
        text = joined_lines([*(one.text for one in held), last])
        mark = marked(text)
        if mark is not None:
            step = chosen(outline, mark.steps)
            found.append(Listed(outline.number(step), mark.rest, int(page), held[0] if held else line))
            outline.enter(step)
        held = []
    return found


def _without_leader(outline: Outline, held: Sequence[Line], line: Line) -> Listed | None:
    """Return an entry whose title leaves no room for dots before the page, where the next line begins the next entry."""
    entry = FULL.fullmatch(joined_lines([one.text for one in held]))
    mark, after = marked(entry["text"]) if entry else None, marked(line.text)
    if entry is None or mark is None or after is None:
        return None
    step = chosen(outline, mark.steps)
    if not any(Outline([*outline.above(step), step]).continues(one) for one in after.steps):
        return None
    number = outline.number(step)
    outline.enter(step)
    return Listed(number, mark.rest, int(entry["page"]), held[0])


def _begins_anew(held: Sequence[Line], line: Line) -> bool:
    """Return whether a line with a number is an entry of its own, and what is held was none."""
    return marked(line.text) is not None and marked(held[0].text) is None


def chosen(outline: Outline, steps: Sequence[Step]) -> Step:
    """Return which of the levels that a number can be of continues the outline; else the first."""
    return next((step for step in steps if outline.continues(step)), steps[0])


def joined_lines(texts: Sequence[str]) -> str:
    """Return the lines of a heading as one, without a blank after a hyphen.

    >>> joined_lines(["abnormalities (Q00-", "Q99)"])
    'abnormalities (Q00-Q99)'
    """
    made = ""
    for text in texts:
        made = f"{made}{text}" if made.endswith(("-", "/")) else f"{made} {text}"
    return " ".join(made.split())


def is_in_contents(step: Step) -> bool:
    """Return whether sections of a level are those that tables of contents list."""
    return step.level <= NUMBER + 1
