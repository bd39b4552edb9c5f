"""Invented CPT content, and whether any of it is in a text: the descriptors, and every fragment of four words."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from terminology.testing.cpt import MODIFIERS, InventedRelease, write_cpt_release

FRAGMENT = 4
YEARS = (2024, 2025)


def words_of(text: str) -> list[str]:
    """Return the words of a text, in lower case."""
    return re.findall(r"[^\W_]+", text.lower())


def fragments_of(text: str) -> set[tuple[str, ...]]:
    """Return the runs of four words of a text; of a shorter one the whole."""
    words = words_of(text)
    length = min(FRAGMENT, len(words))
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)} if length > 1 else set()


class Content:
    """What was written: the files, and what of it must not leave the process."""

    def __init__(self, folder: Path, codes: int = 80) -> None:
        self.folder = folder
        self.releases = [write_cpt_release(folder / str(year), year, codes) for year in YEARS]
        texts = [text for release in self.releases for text in _texts(release)]
        self.fragments = {fragment for text in texts for fragment in fragments_of(text)}

    @property
    def kept(self) -> str:
        """A code of both years whose title is as before."""
        former, newer = self.releases
        changed = {*newer.revised, *newer.added, *newer.deleted}
        return next(code for code in former.codes if code not in changed and code.isdigit())

    def found_in(self, text: str) -> set[tuple[str, ...]]:
        """Return the fragments that are in a text."""
        words = words_of(text)
        grams = {tuple(words[i : i + n]) for n in (2, 3, FRAGMENT) for i in range(len(words) - n + 1)}
        return grams & self.fragments


def _texts(release: InventedRelease) -> Iterable[str]:
    for one in release.codes.values():
        yield from (one.title, one.medium_title, one.short_title)
        yield f"Plain words for {one.title.lower()}"
        yield from (f"Clinician words {number} for {one.title.lower()}" for number in (1, 2))
    yield from (text for group in MODIFIERS.values() for _, text in group)
    yield "Invented services, all"


def shifted(text: str, places: int = 1) -> str:
    """Return a file of cells with the columns of every third row moved to the left, the first ones behind the last."""
    lines = text.split("\r\n")
    mark = "\t" if "\t" in text else "|"
    head = next((number for number, line in enumerate(lines) if mark in line), len(lines))
    for number in range(head, len(lines), 3):
        cells = lines[number].split(mark)
        lines[number] = mark.join([*cells[places:], *cells[:places]])
    return "\r\n".join(lines)


def table_of(codes: Iterable[str]) -> str:
    """Return a column of codes as CSV."""
    made = io.StringIO()
    csv.writer(made).writerows([["dx"], *([code] for code in codes)])
    return made.getvalue()
