"""Render pages from the templates of this package, and the values that all pages are made of."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from attrs import frozen

from ..characters import escaped
from ..model import Release

LARGE: Final = 2_000
"""A section with more rows is folded up, so that the page stays usable."""


@frozen
class Tile:
    """A number at the top of a page: what is counted, in a colour, with a link to its section."""

    label: str
    number: int
    colour: str = ""
    """Name of a colour of the style sheet: added, deleted, to_header, to_billable, revised, moved, changed."""
    target: str = ""
    """Id of the section."""
    detail: str = ""
    """A part of the number, in words."""


@frozen
class Segment:
    """A part of a bar: from ``start`` on, ``length`` wide, in thousandths of the longest bar."""

    label: str
    number: int
    colour: str
    start: float
    length: float


@frozen
class Bar:
    """A row of a bar chart."""

    label: str
    title: str
    segments: tuple[Segment, ...]

    @property
    def total(self) -> int:
        """The sum of its parts."""
        return sum(segment.number for segment in self.segments)

    @property
    def description(self) -> str:
        """The bar in words."""
        return ", ".join(f"{segment.number:,} {segment.label}" for segment in self.segments)


@frozen
class Sources:
    """The files that a release was made of, under a heading."""

    heading: str
    release: Release


FULL: Final = 1_000
LEAST: Final = 4
"""Shortest part of a bar: one that can be seen."""


def bars(rows: Iterable[tuple[str, str, Mapping[str, int]]], labels: Mapping[str, str]) -> tuple[Bar, ...]:
    """Return a stacked bar for each row, the longest full.

    Args:
        rows: Label, title, and the numbers by the name of their colour.
        labels: What each number counts, by the name of its colour, in the order in which they are stacked.

    >>> [bar] = bars([("5", "Mental disorders", {"added": 3, "revised": 1})], {"added": "new", "revised": "retitled"})
    >>> bar.description, [(part.start, part.length) for part in bar.segments]
    ('3 new, 1 retitled', [(0, 750.0), (750.0, 250.0)])
    """
    listed = list(rows)
    longest = max((sum(numbers.values()) for _, _, numbers in listed), default=0) or 1
    made = []
    for label, title, numbers in listed:
        parts: list[Segment] = []
        start: float = 0
        for colour, words in labels.items():
            if number := numbers.get(colour, 0):
                length = max(FULL * number / longest, LEAST)
                parts.append(Segment(words, number, colour, start, length))
                start += length
        made.append(Bar(label, title, _fitted(parts)))
    return tuple(made)


def _fitted(parts: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the parts in the width that there is, where the shortest made the bar too long."""
    width = sum(part.length for part in parts)
    scale = min(FULL / width, 1) if width else 1
    if scale == 1:
        return tuple(parts)
    return tuple(Segment(p.label, p.number, p.colour, p.start * scale, p.length * scale) for p in parts)


@cache
def _environment(*packages: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package) for package in (*packages, "terminology.reports")]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sha256_source"] = sha256_source
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.globals["LARGE"] = LARGE
    return environment


def _legible(value: Any) -> Any:
    """Return a text with its hidden characters as escapes; markup, numbers and others as they are."""
    return escaped(value, keep="\n\t") if type(value) is str else value


def sha256_source(block: str) -> str:
    """Return by which name a Content-Security-Policy allows a script or style sheet that stands in the page.

    >>> sha256_source("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()}'"


def rendered(template: str, package: str | None = None, **values: Any) -> str:
    """Return a page: one HTML document, made of a template that extends ``base.html``.

    Every value is escaped, and its hidden characters are written out; a name that the template needs and nobody gives is an error.

    Args:
        template: File name of the template.
        package: Whose templates are looked at before those of this package; None for these alone.
        values: What it shows. All pages need ``heading``; `Tile`, `Bar` and `Sources` are drawn by ``macros.html``.
    """
    packages = () if package is None else (package,)
    text: str = _environment(*packages).get_template(template).render(**values)
    return text
