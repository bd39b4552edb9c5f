"""The concepts of a copy as the tables of a release.

A property whose URI begins with ``urn:terminology:property:`` is a column that the release had where it came from. Of
resources that others wrote, other properties are kept under their codes, and what these resources do not say is derived:
a code without codes below it is billable, unless a property says which are.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from terminology import schema
from terminology.canonicals import DESIGNATION_USE, LIST, NOTE, PAIRS, PER_RELEASE, PIECES, PREFIX, PROPERTY, column_of
from terminology.reading import Element, Faults, day_in
from terminology.systems import SystemDefinition

from ..generic.fhir_concepts import ConceptReader, Designation
from ..generic.rows import document_order, places_of, property_names

if TYPE_CHECKING:
    import pyarrow as pa

FIXED: Final = frozenset(
    {
        *("effectiveDate", "terminationDate", "billable", "kind", "derived"),
        *("changed", "reactivated", "statedFirstDay", "statedLastDay"),
    }
)
"""Properties of ours that no column of properties is made of."""
PLACES: Final = frozenset({"parent", "child"})
REFERENCE: Final = re.compile(
    r"(?<![0-9A-Za-z])[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?(?:\.?-)?(?:-[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?-?)?"
    r"(?![0-9A-Za-z])"
)
ONE_DAY: Final = datetime.timedelta(days=1)
WITHHELD: Final = "has no display: texts that were withheld cannot be loaded; export them with the licence declared"


@define
class Copy:
    """The concepts of a resource, and what is made of them."""

    reader: ConceptReader
    resource: Element
    definition: SystemDefinition
    is_ours: bool = field(kw_only=True)
    """Whether this library wrote the resource."""
    warnings: list[str] = field(factory=list)

    @cached_property
    def uris(self) -> dict[str, str]:
        """URIs of the declared properties, by code."""
        items = [one for one in self.resource.items_of("property") if isinstance(one, Element)]
        return {code: one.text("uri") or "" for one in items if (code := one.text("code"))}

    @cached_property
    def ours(self) -> dict[str, str]:
        """Codes of the fixed properties of ours, by the names that they have in their URIs."""
        ends = ((uri.removeprefix(PROPERTY), code) for code, uri in self.uris.items() if uri.startswith(PROPERTY))
        return {end: code for end, code in ends if end in FIXED}

    @property
    def node_property(self) -> str | None:
        """Code of the property that states nodes of the hierarchy which are no codes; None where there is none."""
        return next((code for code, uri in self.uris.items() if uri == PREFIX), None) if self.is_ours else None

    @cached_property
    def noted(self) -> dict[str, str]:
        """Kinds of notes, by code of the property."""
        start = f"{PROPERTY}{NOTE}:"
        return {code: uri.removeprefix(start) for code, uri in self.uris.items() if uri.startswith(start)}

    def check(self, faults: Faults) -> None:
        """Note codes that are none, that are there twice, without title, or below what is not there."""
        seen: dict[str, int] = {}
        for row, code in enumerate(self.reader.codes):
            line = self.reader.lines[row]
            if self.definition.official(code) != code:
                faults.add(f"expected a code of {self.definition.title}, got {code!r}", line=line, column="code")
            elif code in seen:
                faults.add(f"code {code} is on line {seen[code]} already", line=line, column="code")
            seen.setdefault(code, line)
            if self.is_ours and row in self.untitled:
                faults.add(f"{code} {WITHHELD}", line=line, column="display")
        for row, parent in enumerate(self.reader.parents):
            if parent is not None and parent not in seen:
                message = f"parent {parent} of {self.reader.codes[row]} is not in the list"
                faults.add(message, line=self.reader.lines[row], column="parent")
        self._check_cycles(faults)

    @cached_property
    def untitled(self) -> frozenset[int]:
        """Rows without a display."""
        rows = (row for row, code in enumerate(self.reader.codes) if self.reader.titles[row] == code)
        return frozenset(rows) if self.reader.untitled else frozenset()

    def _check_cycles(self, faults: Faults) -> None:
        above = dict(zip(self.reader.codes, self.reader.parents, strict=True))
        sound: set[str | None] = {None}
        for start in above:
            path: dict[str, None] = {}
            code: str | None = start
            while code is not None and code not in sound:
                if code in path:
                    line = self.reader.lines[self.reader.codes.index(code)]
                    faults.add(f"the hierarchy has a cycle through {code}", line=line, column="parent")
                    break
                path[code] = None
                code = above.get(code)
            sound |= set(path)

    def values(self, name: str) -> dict[int, list[Any]]:
        """Return the values of a fixed property of ours by row."""
        return self.reader.values.get(self.ours.get(name, ""), {})

    def tables(self) -> dict[str, pa.Table]:
        """Return the tables of the release."""
        beside = {"notes": self.notes(), "days": self.days(), "designations": self.designations()}
        return {"concepts": self.concepts(), **{name: table for name, table in beside.items() if table is not None}}

    # ---- concepts

    def concepts(self) -> pa.Table:
        """Return the concepts, parents before their children, with the columns of their properties."""
        import pyarrow as pa

        reader, count = self.reader, len(self.reader.codes)
        short, _ = self._names
        columns: dict[str, Any] = {
            "code": reader.codes,
            "title": reader.titles,
            "short_title": [short.get(code) for code in reader.codes],
            "billable": self.billable,
            "kind": self._kinds(),
            "parent": reader.parents,
            "derived": self._column("derived", default=False),
            "line": reader.lines,
            **dict.fromkeys(schema.DAY_COLUMNS, [None] * count),
        }
        if self.definition.dated:
            columns |= {
                "effective_from": self._days("effectiveDate"),
                "effective_to": [day and day + ONE_DAY for day in self._days("terminationDate")],
                "changed": self._days("changed"),
                "reactivated": self._days("reactivated"),
            }
        table = pa.table(columns, schema=schema.concepts())
        for item, column in self._properties():
            table = table.append_column(item, column)
        order = document_order(places_of(table.column("parent"), table.column("code").combine_chunks()))
        return table if order is None else table.take(pa.array(order))

    def comparable(self, table: pa.Table) -> pa.Table:
        """Return the columns by which two copies are compared; pairs of texts are left out."""
        import pyarrow as pa

        pairs = [item.name for item in table.schema if pa.types.is_list(item.type) and pa.types.is_struct(item.type.value_type)]  # fmt: skip
        return table.drop_columns(pairs) if pairs else table

    @cached_property
    def billable(self) -> list[bool]:
        """Whether each code may be submitted."""
        if "billable" in self.ours:
            # of a code that is no longer in force: whether it was billable while it was
            lived = frozenset() if "inactive" in self._brought else self._role("inactive")
            header = self._role("notSelectable")
            stated = self._column("billable", default=False)
            return [now or (row in lived and row not in header) for row, now in enumerate(stated)]
        if "notSelectable" not in self.reader.roles.values():
            said = "does not say which codes are billable: those without codes below them are taken as billable"
            self.warnings.append(said)
            above = set(self.reader.parents)
            pattern = self.definition.pattern
            return [
                billable and code not in above and bool(pattern.fullmatch(code))
                for code, billable in zip(self.reader.codes, self.reader.billable, strict=True)
            ]
        return self.reader.billable

    def _role(self, name: str) -> frozenset[int]:
        """Return the rows of which a standard property is true."""
        codes = {code for code, role in self.reader.roles.items() if role == name}
        held = (self.reader.values.get(code, {}) for code in codes)
        return frozenset(row for rows in held for row, given in rows.items() if True in given)

    def _kinds(self) -> list[str]:
        if "kind" in self.ours:
            return self._column("kind", default="code")
        pattern = self.definition.pattern

        def kind(code: str, billable: bool) -> str:  # noqa: FBT001 -- of a row
            if pattern.fullmatch(code):
                return "code" if billable else "category"
            return "section" if "-" in code else "chapter"

        return [kind(code, billable) for code, billable in zip(self.reader.codes, self.billable, strict=True)]

    def _column(self, name: str, *, default: Any) -> list[Any]:
        held = self.values(name)
        return [held[row][0] if row in held else default for row in range(len(self.reader.codes))]

    def _days(self, name: str) -> list[datetime.date | None]:
        return [day_in(text) if text else None for text in self._column(name, default=None)]

    def _properties(self) -> Iterator[tuple[Any, Any]]:
        """Yield field and column of each property."""
        import pyarrow as pa

        named = {code: self._named(code) for code in self.reader.declared if self._is_column(code)}
        foreign = property_names(code for code, found in named.items() if found is None)
        for code, found in named.items():
            name, flags = found or (foreign[code], frozenset[str]())
            column = self._values(code, flags)
            metadata = {"per_release": "true"} if PER_RELEASE in flags else None
            yield pa.field(name, column.type, metadata=metadata), column
        for name, held in (("definition", self.reader.definitions), ("other_parents", self._other_parents())):
            if held:
                kind = pa.string() if name == "definition" else pa.list_(pa.string())
                rows = range(len(self.reader.codes))
                plain = {row: value[0] if name == "definition" else value for row, value in held.items()}
                yield pa.field(name, kind), pa.array([plain.get(row) for row in rows], kind)

    def _other_parents(self) -> dict[int, list[str]]:
        return {row: list(others) for row, others in self.reader.further.items()}

    def _is_column(self, code: str) -> bool:
        """Return whether a property becomes a column: not one that says what standard columns say."""
        uri = self.uris.get(code, "")
        if (
            code in self.noted
            or uri == PREFIX
            or uri.removeprefix(PROPERTY) in FIXED
            or self.reader.roles.get(code, code) in PLACES
        ):
            return False
        if not self.is_ours:
            return True
        # what a store writes of itself has these as columns only where a list of codes brought them
        stated = self.reader.roles.get(code, code) in {"status", "inactive", "notSelectable"}
        return not stated or (code in self._brought)

    @cached_property
    def _brought(self) -> frozenset[str]:
        """Standard properties that the resource says are columns of its own."""
        items = [one for one in self.resource.items_of("property") if isinstance(one, Element)]
        marked = (one.text("code") for one in items if (one.text("description") or "").endswith("as published"))
        return frozenset(filter(None, marked))

    def _named(self, code: str) -> tuple[str, frozenset[str]] | None:
        """Return the column that a property was, and what it holds; None for a property of others."""
        if code in self._brought and code in self.reader.roles:
            return code, frozenset()
        return column_of(self.uris.get(code, ""), self.definition.name)

    def _values(self, code: str, flags: frozenset[str]) -> Any:
        import pyarrow as pa

        held, kind = self.reader.values.get(code, {}), self.reader.declared[code]
        plain = {"integer": pa.int64(), "boolean": pa.bool_(), "decimal": pa.float64()}.get(kind, pa.string())
        read: Any = float if kind == "decimal" else _same
        days = (day_in(text) for given in held.values() for text in given) if kind == "dateTime" else ()
        if kind == "dateTime" and all(days):
            plain, read = pa.date32(), day_in
        if PAIRS in flags:
            plain, read = pa.struct([pa.field(name, pa.string()) for name in PIECES]), _pair
        several = LIST in flags or any(len(given) > 1 for given in held.values())
        column: list[Any] = [None] * len(self.reader.codes)
        for row, given in held.items():
            column[row] = [read(value) for value in given] if several else read(given[0])
        return pa.array(column, pa.list_(plain) if several else plain)

    # ---- beside them

    def notes(self) -> pa.Table | None:
        """Return the instructional notes; None where no property is one."""
        import pyarrow as pa

        if not self.noted:
            return None
        rows = []
        for element in elements_of(self.resource):
            for given in element.items_of("property"):
                kind, text = self.noted.get(given.text("code") or ""), given.text("valueString")
                if kind and text:
                    aims = REFERENCE.findall(" ".join(re.findall(r"\(([^()]*)\)", text)))
                    note = {"code": element.text("code"), "kind": kind, "text": text, "targets": aims}
                    rows.append({**note, "line": given.line})
        return pa.Table.from_pylist(rows, schema=schema.notes())

    def days(self) -> pa.Table | None:
        """Return the days by which a publication dates single codes; None where there are none."""
        import pyarrow as pa

        first, last = self.values("statedFirstDay"), self.values("statedLastDay")
        rows = [
            {
                "code": self.reader.codes[row],
                "effective_from": day_in(first[row][0]) if row in first else None,
                "effective_to": (day_in(last[row][0]) or datetime.date.max) + ONE_DAY if row in last else None,
            }
            for row in sorted({*first, *last})
        ]
        return pa.Table.from_pylist(rows, schema=schema.days()) if rows else None

    @cached_property
    def _names(self) -> tuple[dict[str, str], Sequence[Designation]]:
        """Short titles by code, and the other designations."""
        short = {one.code: one.value for one in self.reader.designations if _is_short(one)}
        return short, [one for one in self.reader.designations if not _is_short(one)]

    def designations(self) -> pa.Table | None:
        """Return further names, without short titles; None where there are none."""
        import pyarrow as pa

        _, others = self._names
        if not others:
            return None
        names = ("code", "value", "language", "use_system", "use_code", "use_display")
        columns: dict[str, Any] = {
            name: pa.array([getattr(one, name) for one in others], pa.string()) for name in names
        }
        return pa.table({**columns, "line": pa.array([one.line for one in others], pa.int32())})


def elements_of(resource: Element) -> Iterator[Element]:
    """Yield the concepts of a sound resource, and those nested in them, in the order of the file."""
    waiting = [iter(resource.items_of("concept"))]
    while waiting:
        element = next(waiting[-1], None)
        if element is None:
            waiting.pop()
            continue
        yield element
        waiting.append(iter(element.items_of("concept")))


def _is_short(one: Designation) -> bool:
    return (one.use_system, one.use_code) == (DESIGNATION_USE, "short")


def _pair(text: str) -> dict[str, str]:
    first, _, second = text.partition(": ")
    return dict(zip(PIECES, (first, second), strict=True))


def _same(value: Any) -> Any:
    return value
