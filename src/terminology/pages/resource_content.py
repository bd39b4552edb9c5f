"""What a FHIR resource holds, a page of it: concepts of a code system, codes of a value set, rows of a map.

A resource of the store may have a hundred thousand rows. Its page is therefore read from the store, and not out of the
whole resource; one that is served beside the store is small, and read as it is.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from attrs import frozen

from ..fhir.of_store import OfStore
from ..fhir.published_maps import PublishedMap, published_maps
from ..fhir.resources import resource_id
from ..model import Crosswalk
from ..periods import day_from
from ..query import CodeSystem, Edition
from ..schema import SUCCESSIONS
from ..wire import sent
from .asked import Asked, AskedError
from .kept import Lately

SIZE: Final = 50
"""Rows of a page."""
NEAR: Final = 1_000
"""Codes up to which those before a page are counted anew for each."""
_COLUMNS: Final = OfStore(lambda _: Lately[Any](8))
"""All codes of the releases whose pages were asked for last: a megabyte each."""
_TABLES: Final = OfStore(lambda _: Lately[Any](4))
"""Rows of the maps whose pages were asked for last."""
MAPPED: Final = ("source_code", "with_codes", "target_codes", "effective", "relationship", "approximate")
"""Columns of a map that are shown: facts."""
Ask = Callable[..., dict[str, Any]]
"""Asks the FHIR service for what is at a path."""


@frozen
class Row:
    """A code, with its title; in a map with what it becomes."""

    code: str
    link: str | None
    text: str = ""
    """Title, or what a map says of the way."""
    targets: tuple[tuple[str, str | None], ...] = ()
    """Codes that it becomes, used together, each with the address of its card."""


@frozen
class Content:
    """A page of the content of a resource."""

    rows: Sequence[Row]
    total: int
    problem: str = ""
    """Why it cannot be shown."""
    system: str = ""
    """Short name of the code system of the store whose codes these are."""
    day: str = ""
    size: int = SIZE


def content_of(asked: Asked, head: Mapping[str, Any], start: int, ask: Ask) -> Content:
    """Return a page of the content of a resource.

    Args:
        asked: What was asked for.
        head: The resource without its content.
        start: Number of the first row.
        ask: Asks the FHIR service, where the store does not have it.
    """
    kind = head["resourceType"]
    if kind == "ConceptMap":
        found = published_maps(asked.store).with_id(str(head["id"]))
        return _published(asked, found, start) if found else _given_map(asked, head, start, ask)
    edition = _edition(asked, head)
    if edition is not None:
        return _release(asked, edition, start)
    return _given_system(head, start, ask) if kind == "CodeSystem" else _expansion(asked, head, start, ask)


# ---- of the store


def _edition(asked: Asked, head: Mapping[str, Any]) -> Edition | None:
    """Return the release of the store that a resource is, or all of whose codes it has; None where it is another."""
    system: CodeSystem | None = asked.store.get(str(head.get("url", "")).removesuffix("?fhir_vs"))
    version = str(head.get("version", ""))
    if system is None or head["id"] not in (
        resource_id(system.name, version),
        f"{resource_id(system.name, version)}-vs",
    ):
        return None
    is_there = any(release.version == version for release in system.releases)
    return system.release(version) if is_there else None


def _release(asked: Asked, edition: Edition, start: int) -> Content:
    day = edition.date.isoformat()
    rows = []
    for code in _codes(asked, edition, start):
        concept = sent(edition[code], edition)
        rows.append(Row(code, asked.link("code", edition.system, code, date=day), concept.title))
    # of a system whose rows have days of their own some are not in force on the first day of a release
    is_whole = edition.release is not None and not edition.definition.dated
    total = edition.release.concepts if is_whole and edition.release else len(edition)
    return Content(rows, total, system=edition.system, day=day)


def _codes(asked: Asked, edition: Edition, start: int) -> list[str]:
    """Return the codes of a page; far down by a column of all of them, which takes half a second to make."""
    if start < NEAR:
        return list(islice(edition, start, start + SIZE))
    import pyarrow as pa

    key = edition.system, edition.date, edition.release
    column = _COLUMNS.of(asked.store).of(key, lambda: pa.array(list(edition), pa.string()))
    codes: list[str] = column.slice(start, SIZE).to_pylist()
    return codes


def _published(asked: Asked, published: PublishedMap, start: int) -> Content:
    """Return rows of a crosswalk: codes, and what is said of the way in words of ours, so facts alone."""
    rows: list[Row] = []
    total = 0
    for crosswalk in published.crosswalks:
        table = _TABLES.of(asked.store).of(crosswalk, lambda one=crosswalk: _leading(asked, one))  # type: ignore[misc]
        first = max(start - total, 0)
        total += table.num_rows
        part = table.slice(min(first, table.num_rows), SIZE - len(rows))
        rows += [_mapping(asked, crosswalk, row) for row in part.to_pylist()]
    return Content(rows, total)


def _leading(asked: Asked, crosswalk: Crosswalk) -> Any:
    """Return the rows of a crosswalk that lead from a code, to others or expressly to none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = asked.store.table(crosswalk)
    change = table.column("change")
    leads = pc.or_(pc.is_null(change), pc.is_in(change, pa.array(sorted(SUCCESSIONS), change.type)))
    return table.select(MAPPED).filter(pc.and_(pc.is_valid(table.column("source_code")), leads))


def _mapping(asked: Asked, crosswalk: Crosswalk, row: Mapping[str, Any]) -> Row:
    day = row["effective"] or crosswalk.effective
    sources, targets = [row["source_code"], *row["with_codes"]], row["target_codes"] or []
    said = [row["relationship"].replace("-", " ") if targets else "nothing to map to"]
    said += ["approximate"] if row["approximate"] else []
    said += [f"from {row['effective']} on"] if row["effective"] else []
    return Row(
        " + ".join(sources),
        _card(asked, crosswalk.source_system, sources[0], day) if len(sources) == 1 else None,
        ", ".join(said),
        tuple((code, _card(asked, crosswalk.target_system, code, day)) for code in targets),
    )


def _card(asked: Asked, name: str, code: str, day: datetime.date | None = None) -> str | None:
    """Return the address of the card of a code; None where no loaded release knows it.

    Args:
        asked: The page that leads there.
        name: Of the code system, in any form.
        code: As a resource has it.
        day: Of the card, for a retired system at most its last one; None for that of the page.
    """
    system = asked.store.get(name)
    if system is None or not code:
        return None
    if day is None:
        return asked.card(system.name, code) if asked.edition(system.name).lookup(code) else None
    retired = system.definition.retired
    last = day_from(retired) - datetime.timedelta(days=1) if retired else day
    shown = min(day, last)
    return asked.link("code", system.name, code, date=shown.isoformat()) if system.on(shown).lookup(code) else None


# ---- beside the store


def _given_system(head: Mapping[str, Any], start: int, ask: Ask) -> Content:
    whole = ask(f"CodeSystem/{head['id']}", _summary="false")
    concepts = list(_concepts(whole.get("concept")))
    return Content([Row(code, None, text) for code, text in concepts[start : start + SIZE]], len(concepts))


def _concepts(concepts: Any) -> Iterator[tuple[str, str]]:
    """Yield codes and displays of concepts and of those below them."""
    for one in concepts if isinstance(concepts, list) else ():
        if isinstance(one, dict):
            yield str(one.get("code", "")), str(one.get("display", ""))
            yield from _concepts(one.get("concept"))


def _expansion(asked: Asked, head: Mapping[str, Any], start: int, ask: Ask) -> Content:
    try:
        expanded = ask(f"ValueSet/{head['id']}/$expand", count=str(SIZE), offset=str(start))
    except AskedError as error:
        return Content((), 0, problem=str(error))
    expansion = expanded.get("expansion", {})
    rows = [_expanded(asked, one) for one in expansion.get("contains", ())]
    return Content(rows, int(expansion.get("total", start + len(rows))))


def _expanded(asked: Asked, one: Mapping[str, Any]) -> Row:
    code = str(one.get("code", ""))
    return Row(code, _card(asked, one.get("system", ""), code), str(one.get("display", "")))


def _given_map(asked: Asked, head: Mapping[str, Any], start: int, ask: Ask) -> Content:
    whole = ask(f"ConceptMap/{head['id']}", _summary="false")
    mapped = [one for group in whole.get("group", ()) for one in _mapped(group)]
    rows = []
    for source, code, said, target, becomes in mapped[start : start + SIZE]:
        ends = ((becomes, _card(asked, target, becomes)),) if becomes else ()
        rows.append(Row(code, _card(asked, source, code), said, ends))
    return Content(rows, len(mapped))


def _mapped(group: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield what a group of a map says: system and code, how it is mapped, and system and code that it becomes."""
    source, target = (str(group.get(side, "")).partition("|")[0] for side in ("source", "target"))
    for element in group.get("element", ()):
        code = str(element.get("code", ""))
        for one in element.get("target", ()):
            said = str(one.get("relationship", "")).replace("-", " ")
            yield source, code, said, target, str(one.get("code", ""))
        if not element.get("target"):
            yield source, code, "nothing to map to", target, ""
