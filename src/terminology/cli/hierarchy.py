"""Commands about the hierarchy: parent, children, siblings, ancestors, descendants, subsumes, common-ancestor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from ..characters import escaped
from ..model import Concept
from ..query import Edition
from ..wire import place_values, sent
from .drawing import column_width, indented
from .options import edition_of, note_withheld, on_a_date, system_argument
from .output import say, styled
from .running import FINE
from .sections import command


@command()
@system_argument
@click.argument("code")
@on_a_date
def parent(*, system: str, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show the code above; nothing for a root.

    Example: terminology parent icd10cm M54.50 --on 2021-10-01
    """
    edition = edition_of(store, system, on=on, known=known)
    above = edition.parent(code)
    return _answer(edition, [] if above is None else [above], as_json=as_json)


@command()
@system_argument
@click.argument("code")
@on_a_date
def children(*, system: str, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show the codes right below.

    Example: terminology children icd10cm M54.5 --on 2021-10-01
    """
    edition = edition_of(store, system, on=on, known=known)
    return _answer(edition, edition.children(code), as_json=as_json)


@command()
@system_argument
@click.argument("code")
@on_a_date
def siblings(*, system: str, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show the other codes right below the same code; for a root the other roots.

    Example: terminology siblings icd10cm M54.51 --on 2021-10-01
    """
    edition = edition_of(store, system, on=on, known=known)
    return _answer(edition, edition.siblings(code), as_json=as_json)


@command()
@system_argument
@click.argument("code")
@on_a_date
def ancestors(*, system: str, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show all codes above, nearest first.

    Example: terminology ancestors icd10cm M54.50 --on 2021-10-01
    """
    edition = edition_of(store, system, on=on, known=known)
    return _answer(edition, edition.ancestors(code), as_json=as_json)


@command()
@system_argument
@click.argument("code")
@on_a_date
def descendants(*, system: str, code: str, on: str | None, known: str | None, store: Path | None, as_json: bool) -> int:
    """Show all codes below as a tree.

    Example: terminology descendants icd10cm M54 --on 2022-03-01
    """
    edition = edition_of(store, system, on=on, known=known)
    return _answer(edition, edition.descendants(code), as_json=as_json, top=edition.node(code).code)


@command()
@system_argument
@click.argument("a")
@click.argument("b")
@on_a_date
def subsumes(
    *, system: str, a: str, b: str, on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Say whether one code is above another.

    The answer is one of equivalent, subsumes (A is above B), subsumed-by and not-subsumed.

    Example: terminology subsumes icd10cm M54 M54.50 --on 2021-10-01
    """
    edition = edition_of(store, system, on=on, known=known)
    outcome = edition.subsumes(a, b)
    first, second = edition.node(a).code, edition.node(b).code
    sentence = {
        "equivalent": f"{first} and {second} are one code",
        "subsumes": f"{first} is above {second}",
        "subsumed-by": f"{first} is below {second}",
        "not-subsumed": f"neither of {first} and {second} is above the other",
    }[outcome]
    say({"outcome": outcome}, lambda: [f"{outcome}  ({sentence})"], as_json=as_json)
    return FINE


@command(name="common-ancestor")
@system_argument
@click.argument("codes", metavar="CODE...", nargs=-1, required=True)
@on_a_date
def common_ancestor(
    *, system: str, codes: tuple[str, ...], on: str | None, known: str | None, store: Path | None, as_json: bool
) -> int:
    """Show the lowest code that is above all codes, or is one of them; nothing where they have no root in common.

    Example: terminology common-ancestor icd10cm M54.50 M54.2 --on 2022-03-01
    """
    edition = edition_of(store, system, on=on, known=known)
    found = edition.common_ancestor(*codes)
    return _answer(edition, [] if found is None else [found], as_json=as_json)


def _answer(edition: Edition, codes: Iterable[str], *, as_json: bool, top: str | None = None) -> int:
    """Print the codes; with ``top``, indented by their depth below it."""
    concepts = [sent(edition.node(code), edition) for code in codes]
    if not as_json:
        note_withheld(edition)
    say(place_values(concepts), lambda: _lines(concepts, top), as_json=as_json)
    return FINE


def _lines(concepts: list[Concept], top: str | None) -> Iterator[str]:
    """Yield a line a concept: code, status, title, in columns."""
    depths: dict[str | None, int] = {top: -1}
    for concept in concepts:
        depths[concept.code] = 0 if top is None else depths.get(concept.parent, -1) + 1
    codes = [indented(escaped(concept.code), depths[concept.code]) for concept in concepts]
    width = column_width(codes)
    for code, concept in zip(codes, concepts, strict=True):
        padding = " " * (len("billable") - len(concept.status))
        yield f"{code:<{width}}  {styled(concept.status)}{padding}  {concept.title}".rstrip()
