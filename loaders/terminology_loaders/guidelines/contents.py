"""The table of contents: the sections that the publisher lists, in its order, with number, title and page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from .document import RUNNING, Line
from .numbering import NUMBER, Outline, Step, marked

PAGE: Final = re.compile(r"(?<=[ .…])\d{1,4}\Z")
DOTS: Final = " .…"
"""Between a title and its page."""
SHORT_LEADER: Final = re.compile(r"(?P<text>.*\S)(?:\s\.{1,2}|\.\.)\s*(?P<page>\d{1,4})")
"""Of a title that fills its line."""
FULL: Final = re.compile(r"(?P<text>.*\S)\s(?P<page>\d{1,4})")
ONLY_PAGE: Final = re.compile(r"\d{1,4}")
FIRST_PAGES: Final = 25
"""A table of contents begins on one of them."""
FEWEST: Final = 3
"""Entries of one."""
MOST_LINES: Final = 30
"""Of an entry: what is further above a page is none of it."""


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
    unnumbered: tuple[tuple[int, str], ...] = ()
    """Page and text of the entries that begin with no number; without that of the document itself."""


def plain(text: str) -> str:
    """Return the letters and digits of a text, by which titles are compared.

    >>> plain("Chapter 5: Mental … disorders (F01 - F99)") == plain("chapter 5 Mental disorders (F01-F99)")
    True
    """
    return "".join(filter(str.isalnum, text)).casefold()


def led(text: str) -> tuple[str, str] | None:
    """Return title and page of a line that has dots between them; None of any other.

    >>> led("B. General matters ........ 12"), led("see page 12")
    (('B. General matters', '12'), None)
    """
    page = PAGE.search(text)
    if page is None:
        return None
    title = text[: page.start()].rstrip(DOTS)
    dots = text[len(title) : page.start()]
    return (title, page[0]) if "..." in dots or "…" in dots else None


def contents_of(lines: Sequence[Line]) -> Contents | None:
    """Return the table of contents; None where there is none."""
    places = [place for place, line in enumerate(lines) if led(line.text)]
    if len(places) < FEWEST or lines[places[0]].page > FIRST_PAGES:
        return None
    start = places[0]
    # an entry may begin a line above its page
    while start and lines[start - 1].page == lines[start].page and not led(lines[start - 1].text):
        start -= 1
    end = places[-1] + 1
    listed, unnumbered = _listed(lines[start:end])
    return Contents(tuple(listed), tuple(lines[:start]), tuple(lines[end:]), tuple(unnumbered))


def _listed(lines: Sequence[Line]) -> tuple[list[Listed], list[tuple[int, str]]]:
    """Return the entries with numbers, and those without."""
    outline = Outline()
    found: list[Listed] = []
    unnumbered: list[tuple[int, str]] = []
    held: list[Line] = []
    for line in lines:
        leader = led(line.text) or _led_shortly(line.text)
        if held and (full := _without_leader(outline, held, line)):
            found.append(full)
            held = []
        if leader is None and not ONLY_PAGE.fullmatch(line.text):
            # an entry without a page, as a heading of the table, ends where the next one begins
            held = [line] if held and _begins_anew(held, line) else [*held, line][-MOST_LINES:]
            continue
        last, page = leader or ("", line.text)
        text = joined_lines([*(one.text for one in held), last])
        mark = marked(text)
        if mark is not None:
            step = chosen(outline, mark.steps)
            found.append(Listed(outline.number(step), mark.rest, int(page), held[0] if held else line))
            outline.enter(step)
        elif text and not RUNNING.fullmatch(text):
            unnumbered.append((line.page, text))
        held = []
    return found, unnumbered


def _led_shortly(text: str) -> tuple[str, str] | None:
    found = SHORT_LEADER.fullmatch(text)
    return (found["text"], found["page"]) if found else None


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
