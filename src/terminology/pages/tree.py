"""The hierarchy: a code system from its roots down to the codes that may be submitted, link by link."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from attrs import frozen

from ..errors import UnknownCodeError
from ..model import Concept
from ..periods import coverage_end
from ..query import Edition
from ..query.below import BillableBelow
from ..schema import UNCOUNTED_KINDS
from ..wire import sent
from .asked import Asked, absent
from .page import Page, shown
from .parts import part_of, start_of

SIZE: Final = 36
"""Rows of a page; with more it would be larger than 15 kB."""
PCS: Final = "icd10pcs"


@frozen
class Branch:
    """A node of the hierarchy, as its line shows it."""

    node: Concept
    link: str
    """To its own place in the hierarchy where it has something below it, else to its card."""
    billable: int
    """Codes below it that are billable."""

    @property
    def described(self) -> str:
        """What describes it: its card, or the builder of codes that begin so."""
        return "Builder" if _is_beginning(self.node) else "Card"

    @property
    def words(self) -> str | None:
        """What it is, where it is no code; None of a code, which has a status."""
        is_code = self.node.kind not in UNCOUNTED_KINDS
        return None if is_code else f"{self.node.kind}, not billable"


def trees_page(asked: Asked) -> Page:
    """Return the choice of a code system."""
    systems = [
        (asked.link("tree", name), edition.definition.title, edition)
        for name in asked.store.systems
        for edition in [asked.edition(name)]
    ]
    return shown("trees.html", asked, heading="Hierarchies", systems=systems)


def roots_page(asked: Asked, system: str) -> Page:
    """Return the roots of a code system."""
    edition = asked.edition(system)
    title = edition.definition.title
    codes = edition.roots() if edition.is_covered else ()
    values = {"heading": f"{title}: hierarchy", "node": None, "above": (), "is_list": False}
    request = f"CodeSystem?{urlencode({'url': edition.definition.uri})}"
    return _listed(asked, edition, codes, ("tree", system), request=request, **values)


def tree_page(asked: Asked, system: str, code: str) -> Page:
    """Return a node of the hierarchy of a code system: what is above it, and what is below."""
    edition = asked.edition(system)
    node = _node(edition, code)
    own = node.code if node else code
    place = ("tree", system, own)
    values: dict[str, Any] = {
        "heading": f"{own} {node.title}".strip() if node else f"{own} of {edition.definition.title}",
        "above": (),
        "is_list": asked.is_set("billable"),
        "node": None if node is None else Branch(node, _card(asked, node), 0),
        "request": request_of(edition, own),
    }
    try:
        above = edition.ancestors(own) if node else ()
    except UnknownCodeError:
        # it expired, is yet to come, or is no node: it has no place in the hierarchy of the day
        return _listed(asked, edition, (), place, **values)
    if node is None:
        return _listed(asked, edition, (), place, **values)
    below = BillableBelow(edition)
    values["node"] = Branch(node, _card(asked, node), below.count(own))
    values["above"] = [_branch(asked, edition, other, below) for other in reversed(above)]
    codes = _Billable(below, own) if values["is_list"] else edition.children(own)
    return _listed(asked, edition, codes, place, **values)


class _Billable(Sequence[str]):
    """The billable codes below one, of which only those that are shown are read."""

    def __init__(self, below: BillableBelow, code: str) -> None:
        self._below = below
        self._code = code

    def __len__(self) -> int:
        return self._below.count(self._code)

    def __getitem__(self, places: Any) -> Any:
        return self._below.codes(self._code, places.start, places.stop - places.start)


def _listed(asked: Asked, edition: Edition, codes: Sequence[str], place: tuple[str, ...], **values: Any) -> Page:
    """Return the page of a node with a part of the codes below it."""
    address = partial(_address, asked, place, listed=values["is_list"])
    part = part_of(codes, start_of(asked), SIZE, address)
    below = BillableBelow(edition) if codes else None
    given: dict[str, Any] = {
        "edition": edition,
        "title": edition.definition.title,
        "place": place,
        "part": part,
        "branches": [_branch(asked, edition, code, below) for code in part.rows if below],
        "warnings": asked.warnings(edition),
        "permanent": asked.permanent(edition, *place),
        "nearest": None if edition.is_covered and len(edition) else _nearest(asked, edition, place),
    }
    return shown("tree.html", asked, **given, **values)


def _nearest(asked: Asked, edition: Edition, place: tuple[str, ...]) -> tuple[datetime.date, str] | None:
    """Return the last day before that of service, else the first after it, on which codes are in force; with its address."""
    system = asked.system(edition.system)
    definition = system.definition
    ends = [end for one in system.releases if (end := coverage_end(definition.calendar, one.effective))]
    if definition.retired:
        ends.append(datetime.date.fromisoformat(definition.retired))
    days = [end - datetime.timedelta(days=1) for end in ends]
    before = max((day for day in days if day < edition.date), default=None)
    nearest = system.on(before or system.releases[0].effective)
    return (nearest.date, asked.permanent(nearest, *place)) if nearest.is_covered else None


def _address(asked: Asked, place: tuple[str, ...], start: int, *, listed: bool) -> str:
    return asked.link(*place, billable=listed, start=start)


def _node(edition: Edition, code: str) -> Concept | None:
    """Return what has a code in the hierarchy, as it may be shown; None where no release covers the day.

    Raises:
        AskedError: The code system has nothing with this code.
    """
    if not edition.is_covered:
        return None
    try:
        return sent(edition.node(code), edition)
    except UnknownCodeError:
        raise absent(f"{edition.definition.title} has no code {code!r}") from None


def _branch(asked: Asked, edition: Edition, code: str, below: BillableBelow) -> Branch:
    node = sent(edition.node(code), edition)
    link = _card(asked, node) if below.is_leaf(code) else asked.link("tree", node.system, node.code)
    return Branch(node, link, below.count(code))


def _card(asked: Asked, node: Concept) -> str:
    """Return where a node is described: its card, or the builder where it is the beginning of codes only."""
    return asked.link("pcs", node.code) if _is_beginning(node) else asked.card(node.system, node.code)


def _is_beginning(node: Concept) -> bool:
    return node.system == PCS and node.kind in UNCOUNTED_KINDS


def request_of(edition: Edition, code: str) -> str:
    """Return the FHIR request for a node with its children; of what is no code in FHIR, for the codes that begin so."""
    if edition.is_covered and edition.lookup(code) is None:
        asked = {"url": f"{edition.definition.uri}?fhir_vs", "filter": code, "date": edition.date, "count": SIZE}
        return f"ValueSet/$expand?{urlencode(asked)}"
    given = {"system": edition.definition.uri, "code": code, "date": edition.date, "property": "child"}
    return f"CodeSystem/$lookup?{urlencode(given)}"
