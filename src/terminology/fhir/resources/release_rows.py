"""The concepts of a release: what its table lists, each with its state on the first day of the release.

A release of dated rows (HCPCS) also lists codes that are no longer in force: these are ``inactive``, with the last day
on which they were. A release of any other system lists what is in force; what it no longer lists is unknown to it, and
is in the resources of earlier releases.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ... import schema
from ...canonicals import ABOVE, DESIGNATION_USE
from ...model import Status
from ...query import Edition
from ...wire import sent
from ..exchange import Resource
from .properties import ELEMENTS, Property, declared_properties, values_of

if TYPE_CHECKING:
    import pyarrow as pa

BATCH: Final = 4_096
"""Rows that are Python values at a time."""
NESTED: Final = 5_000
"""Concepts up to which they are nested; more are a flat list, in which each states its parent."""
ONE_DAY: Final = datetime.timedelta(days=1)
STATE_COLUMNS: Final = ("code", "status", "effective_from", "effective_to")


def most_nested() -> int:
    """Return how many concepts a CodeSystem has at most whose concepts are nested."""
    return NESTED


class ReleaseRows:
    """The rows of the release in force in an edition, and what is said beside them."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self.table: pa.Table = edition.table("published")

    @property
    def count(self) -> int:
        """How many concepts there are: nodes of the hierarchy that are no codes are none."""
        return int(self.table.num_rows) - self.nodes

    @cached_property
    def nodes(self) -> int:
        """How many rows are nodes of the hierarchy and no codes."""
        import pyarrow as pa
        import pyarrow.compute as pc

        kinds = pa.array(sorted(schema.NODE_KINDS), pa.string())
        return int(pc.sum(pc.is_in(self.table.column("kind"), value_set=kinds)).as_py() or 0)

    @cached_property
    def properties(self) -> tuple[Property, ...]:
        """The properties that concepts may have."""
        definition = self.edition.definition
        return declared_properties(
            definition.name,
            self.table.schema,
            dated=definition.dated,
            noted=self.noted,
            has_days=bool(self.days),
            has_nodes=self.nodes > 0,
        )

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Columns that are the release's own."""
        return tuple(schema.property_names(self.table.column_names))

    @cached_property
    def own(self) -> frozenset[str | None]:
        """Columns that are properties: what they say goes before what is computed under their names."""
        return frozenset(one.column for one in self.properties)

    @cached_property
    def noted(self) -> tuple[str, ...]:
        """Kinds of instructional notes, sorted."""
        table = self.beside("notes")
        return tuple(sorted(set(table.column("kind").to_pylist()))) if table else ()

    @cached_property
    def notes(self) -> Mapping[str, list[Resource]]:
        """Kind and text of the notes of each code, in their order."""
        found: dict[str, list[Resource]] = {}
        if (table := self.beside("notes")) is not None:
            for note in table.select(["code", "kind", "text"]).to_pylist():
                found.setdefault(note.pop("code"), []).append(note)
        return found

    @cached_property
    def days(self) -> Mapping[str, tuple[datetime.date | None, datetime.date | None]]:
        """First and last day of the codes that a publication beside the release dates."""
        table = self.beside("days")
        if table is None:
            return {}
        columns = (table.column(name).to_pylist() for name in ("code", "effective_from", "effective_to"))
        return {code: (first, last_day(end)) for code, first, end in zip(*columns, strict=True)}

    @cached_property
    def designations(self) -> Mapping[str, list[Resource]]:
        """Further names of each code."""
        found: dict[str, list[Resource]] = {}
        if (table := self.beside("designations")) is not None:
            for row in table.to_pylist():
                if made := _designation(row):
                    found.setdefault(row["code"], []).append(made)
        return found

    @cached_property
    def states(self) -> Mapping[str, tuple[str, datetime.date | None, datetime.date | None]]:
        """Status and days of what is in force, by code."""
        table = self.edition.table("concepts")
        codes, *others = (table.column(name).to_pylist() for name in STATE_COLUMNS)
        return dict(zip(codes, zip(*others, strict=True), strict=True))

    def beside(self, name: str) -> pa.Table | None:
        """Return a further table of the release; None where it has none of that name."""
        try:
            return self.edition.table(name)
        except KeyError:
            return None

    def elements(self) -> Iterator[Resource]:
        """Yield the concepts as elements of a CodeSystem, in document order, not nested.

        The hierarchy passes over nodes that are no codes; the first code below each has it as a property.
        """
        above: dict[str, str | None] = {}
        """Of each node the parent."""
        titles: dict[str | None, str] = {}
        told: list[str] = []
        for row in self._rows():
            if not self.nodes:
                yield self.element(row)
                continue
            titles[row["code"]] = row["title"]
            parent = row["parent"]
            if row["kind"] in schema.NODE_KINDS:
                above[row["code"]] = parent
                told.append(_node(row, titles.get(parent)))
                continue
            while parent in above:
                parent = above[parent]
            yield self.element({**row, "parent": parent}, told)
            told = []

    def _rows(self) -> Iterator[dict[str, Any]]:
        for batch in self.table.to_batches(max_chunksize=BATCH):
            yield from batch.to_pylist()

    def element(self, row: Mapping[str, Any], nodes: Sequence[str] = ()) -> Resource:
        """Return one row as a concept: its texts pass the licence door.

        Args:
            row: The row.
            nodes: Nodes of the hierarchy right above it that are no codes, with their titles.
        """
        code = row["code"]
        told = sent({**self._texts(row), "nodes": [{"title": one} for one in nodes]}, self.edition)
        made: Resource = {"code": code}
        if told["title"]:
            made["display"] = told["title"]
        if definition := told["properties"].get("definition"):
            made["definition"] = definition
        names = [_short(told["short_title"])] if told["short_title"] else []
        names += [one for one in told["designations"] if one.get("value")]
        if names:
            made["designation"] = names
        made["property"] = [*self._facts(row), *self._own(told["properties"])]
        made["property"] += [{"code": "prefix", "valueString": one["title"]} for one in told["nodes"] if one["title"]]
        made["property"] += [{"code": n["kind"], "valueString": n["text"]} for n in told["notes"] if n["text"]]
        return made

    def _texts(self, row: Mapping[str, Any]) -> dict[str, Any]:
        code = row["code"]
        return {
            "title": row["title"],
            "short_title": row["short_title"],
            "properties": {name: row[name] for name in self.columns if row[name] is not None},
            "designations": self.designations.get(code, ()),
            "notes": self.notes.get(code, ()),
        }

    def _own(self, values: Mapping[str, Any]) -> Iterator[Resource]:
        """Yield the properties that columns of the release are."""
        for one in self.properties:
            if one.column is not None and one.column in values and one.column not in ELEMENTS:
                yield from values_of(one.code, one.type, values[one.column])
        for other in values.get("other_parents", ()):
            yield {"code": "parent", "valueCode": other}

    def _facts(self, row: Mapping[str, Any]) -> Iterator[Resource]:
        """Yield the standard properties, without those that the release has a column of."""
        yield from (one for one in self._state(row) if one["code"] not in self.own)
        yield {"code": "kind", "valueString": row["kind"]}
        if row["derived"]:
            yield {"code": "derived", "valueBoolean": True}
        for name in ("changed", "reactivated"):
            if row[name] is not None:
                yield {"code": name, "valueDateTime": row[name].isoformat()}
        for name, day in zip(("statedFirstDay", "statedLastDay"), self.days.get(row["code"], ()), strict=False):
            if day is not None:
                yield {"code": name, "valueDateTime": day.isoformat()}

    def _state(self, row: Mapping[str, Any]) -> Iterator[Resource]:
        status, first, end = self._period(row)
        if row["parent"] is not None:
            yield {"code": "parent", "valueCode": row["parent"]}
        yield from state_properties(status, first, end, selectable=row["billable"])

    def _period(self, row: Mapping[str, Any]) -> tuple[Status, datetime.date | None, datetime.date | None]:
        """Return status, first day and end; a row that carries its own days keeps them."""
        found = self.states.get(row["code"])
        if found is None:
            concept = self.edition.lookup(row["code"])
            status = concept.status if concept else Status.UNKNOWN
            first, end = (concept.effective_from, concept.effective_to) if concept else (None, None)
        else:
            status, first, end = Status(found[0]), found[1], found[2]
        if self.edition.definition.dated:
            first, end = row["effective_from"] or first, row["effective_to"]
        return status, first, end


def state_properties(
    status: Status, first: datetime.date | None, end: datetime.date | None, *, selectable: bool = True
) -> Iterator[Resource]:
    """Yield the properties of a status with its period: what is not in force is inactive, what is a header not selectable.

    Args:
        status: Of the code.
        first: First day in force.
        end: The day after the last.
        selectable: Of a code that is not in force, whether it was, or will be, more than a header.

    >>> import datetime
    >>> [p["code"] for p in state_properties(Status.EXPIRED, datetime.date(2016, 1, 1), datetime.date(2018, 1, 1))]
    ['status', 'inactive', 'effectiveDate', 'terminationDate', 'billable']
    """
    if status.valid:
        yield {"code": "status", "valueCode": "active"}
    elif status is Status.EXPIRED:
        yield {"code": "status", "valueCode": "retired"}
    if not status.valid:
        yield {"code": "inactive", "valueBoolean": True}
    if status is Status.HEADER or not (status.valid or selectable):
        yield {"code": "notSelectable", "valueBoolean": True}
    yield from days_properties(status, first, end)


def days_properties(status: Status, first: datetime.date | None, end: datetime.date | None) -> Iterator[Resource]:
    """Yield the properties of a period: its days, and whether a code of the status may be submitted in it."""
    if first is not None:
        yield {"code": "effectiveDate", "valueDateTime": first.isoformat()}
    if end is not None:
        yield {"code": "terminationDate", "valueDateTime": _iso(last_day(end))}
    yield {"code": "billable", "valueBoolean": status.billable}


def last_day(end: datetime.date | None) -> datetime.date | None:
    """Return the last day of a period that ends before a day; None of one that is open."""
    return end - ONE_DAY if end is not None else None


def _iso(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def _node(row: Mapping[str, Any], above: str | None) -> str:
    title = str(row["title"])
    shown = f"{ABOVE}{title[len(above) :]}" if above and title.startswith(above) else title
    return f"{row['code']} {shown}"


def _short(text: str) -> Resource:
    return {"use": {"system": DESIGNATION_USE, "code": "short"}, "value": text}


def _designation(row: Mapping[str, Any]) -> Resource | None:
    """Return a row of the table ``designations``, of any loader, as a designation."""
    text = row.get("value") or row.get("text")
    if not text:
        return None
    made: Resource = {"language": row["language"]} if row.get("language") else {}
    code = row.get("use_code") or row.get("kind")
    if code:
        system = row.get("use_system") if row.get("use_code") else DESIGNATION_USE
        use = {"system": system, "code": code, "display": row.get("use_display")}
        made["use"] = {name: value for name, value in use.items() if value}
    return {**made, "value": text}


def concepts(edition: Edition) -> Iterator[Resource]:
    """Yield the concepts of the release in force in an edition, in document order, each with the one above as a property.

    >>> next(concepts(store["icd10cm"].release("2022")))["code"]
    '1'
    """
    yield from ReleaseRows(edition).elements()


def nested(elements: Iterable[Resource]) -> list[Resource]:
    """Return concepts below the ones that they name as their first parent; their order is kept."""
    found = {element["code"]: element for element in elements}
    roots = []
    for element in found.values():
        above = next((one["valueCode"] for one in element["property"] if one["code"] == "parent"), None)
        if above in found:
            found[above].setdefault("concept", []).append(element)
        else:
            roots.append(element)
    return roots


def json_pieces(head: Resource, elements: Iterable[Resource]) -> Iterator[str]:
    """Yield a CodeSystem as JSON text, concept by concept: a large one never stands in memory whole."""
    opening = json.dumps({**head, "concept": []}, ensure_ascii=False, separators=(",", ":"))
    yield opening.removesuffix("]}")
    for number, element in enumerate(elements):
        yield f"{',' if number else ''}\n{json.dumps(element, ensure_ascii=False, separators=(',', ':'))}"
    yield "]}\n"
