"""Render pages from templates, in one frame: fonts, colours and tables of all, and the foot of reports."""

from __future__ import annotations

import base64
import datetime
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any, Final

from attrs import frozen

from ..characters import escaped
from ..counts import counted
from ..model import SourceFile
from .parts import ListSources, Sources

PACKAGE: Final = "terminology.layout"
DISTRIBUTION: Final = "terminology-server"
LARGE: Final = 2_000
"""A section with more rows is folded up, so that the page stays usable."""
DIGITS: Final = 12
"""Of a checksum in the foot; the whole one is in the table of sources."""
FILES: Final = 3
"""Of a release that are named in the foot."""


@frozen
class Foot:
    """What the foot of a report says: when and with what it was made, of which releases."""

    day: datetime.date
    tool: str
    """Version of this library."""
    releases: tuple[str, ...]
    """Each release with its first files, and the beginnings of their checksums."""
    lists: tuple[str, ...] = ()
    """Each version of a list, likewise."""


@cache
def _tool() -> str:
    return version(DISTRIBUTION)


def foot_of(sources: Sequence[Sources], lists: Sequence[ListSources] = ()) -> Foot:
    """Return the foot of a report that is made now, in UTC.

    Args:
        sources: Of the report, each with a release.
        lists: Those that it rests on, each with a version.
    """
    day = datetime.datetime.now(datetime.UTC).date()
    releases = [one.release for one in sources]
    versions = [one.version for one in lists]
    return Foot(
        day,
        _tool(),
        tuple(dict.fromkeys(_named(f"{one.system} {one.version}", one.sources) for one in releases)),
        tuple(dict.fromkeys(_named(f"{one.grouping} {one.version}", one.sources) for one in versions)),
    )


def _named(whole: str, sources: Sequence[SourceFile]) -> str:
    """Return a release or list with its files: *icd10cm 2022: icd10cm_order_2022.txt 4f1c09a7d2be and 2 more*.

    A file that came in several archives is named once.
    """
    files = {source.sha256: source.file.rpartition("!")[2] for source in sources}
    shown = [f"{name} {digest[:DIGITS]}" for digest, name in list(files.items())[:FILES]]
    more = len(files) - len(shown)
    return f"{whole}: {', '.join(shown)}{f' and {more} more' if more else ''}"


@cache
def _environment(*packages: str) -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(package) for package in (*packages, PACKAGE)]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["sha256_source"] = sha256_source
    environment.filters["number"] = lambda number: f"{number:,}"
    environment.filters["counted"] = counted
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


def rendered(
    template: str,
    *packages: str,
    sources: Sequence[Sources] = (),
    dated_lists: Sequence[ListSources] = (),
    **values: Any,
) -> str:
    """Return a page: one HTML document, made of a template that extends ``base.html``.

    Every value is escaped, and its hidden characters are written out; a name that the template needs and nobody gives is an error.

    Args:
        template: File name of the template.
        packages: Whose templates are looked at before those of this room, in this order.
        sources: The releases that it is made of; its foot names them.
        dated_lists: The versions of lists that it rests on; its foot names them too.
        values: What it shows. All pages need ``heading``; `Tile`, `Bar` and `Sources` are drawn by ``macros.html``.
    """
    found = _environment(*packages).get_template(template)
    text: str = found.render(sources=sources, dated_lists=dated_lists, foot=foot_of(sources, dated_lists), **values)
    return text
