"""A FHIR CodeSystem, R4 or R5, as JSON.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource CodeSystem; "Concept Properties",
    http://hl7.org/fhir/concept-properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import MOST_COLUMNS, Element, Faults, day_in

from .heading import Heading, short_name
from .rows import CodeList, codes_schema

if TYPE_CHECKING:
    import pyarrow as pa

RESOURCE: Final = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]+)"')
CONCEPT_PROPERTIES: Final = "http://hl7.org/fhir/concept-properties#"
ROLES: Final = frozenset({"status", "inactive", "notSelectable", "parent", "child"})
"""Properties that say something about the code's place or use, beside being properties."""
INACTIVE: Final = frozenset({"retired", "inactive"})
REASONS: Final[Mapping[str, str]] = {
    "not-present": "holds no concepts: they are published elsewhere",
    "example": "holds examples of the concepts only",
    "fragment": "holds a part of the concepts only: what it lacks would be taken for unknown",
    "supplement": "adds to another code system, and defines no codes",
}
VALUES: Final[Mapping[str, tuple[str, type | tuple[type, ...]]]] = {
    "valueCode": ("code", str),
    "valueString": ("string", str),
    "valueInteger": ("integer", int),
    "valueBoolean": ("boolean", bool),
    "valueDateTime": ("dateTime", str),
    "valueDecimal": ("decimal", (int, float)),
    "valueCoding": ("Coding", dict),
}
TYPES: Final = frozenset(kind for kind, _ in VALUES.values())
DETAILS: Final = ("publisher", "status", "description", "purpose", "hierarchyMeaning", "date", "copyrightLabel")


@frozen
class Designation:
    """A further name of a concept."""

    code: str
    value: str
    language: str | None
    use_system: str | None
    use_code: str | None
    use_display: str | None
    line: int


@frozen
class FhirCodeSystem:
    """What the resource holds."""

    codes: CodeList
    designations: list[Designation]

    def designation_table(self) -> pa.Table:
        """Return the designations as an Arrow table."""
        import pyarrow as pa

        names = ("code", "value", "language", "use_system", "use_code", "use_display")
        columns: dict[str, Any] = {
            name: pa.array([getattr(row, name) for row in self.designations], pa.string()) for name in names
        }
        return pa.table({**columns, "line": pa.array([row.line for row in self.designations], pa.int32())})


def resource_type(data: bytes) -> str | None:
    """Return the type of the FHIR resource that the bytes are, or None where they are none."""
    if not data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return None
    found = RESOURCE.search(data)
    return found[1].decode() if found else None


def read_code_system(resource: Element, system: str | None, file: str, faults: Faults) -> FhirCodeSystem:
    """Return the code system; faults are noted.

    Raises:
        ReleaseFormatError: The resource does not hold all concepts, or has no name to go by.
    """
    content = resource.get("content")
    if content != "complete":
        reason = REASONS.get(str(content), "does not say that it is complete")
        raise ReleaseFormatError(f"a CodeSystem with content {content!r} {reason}", file=file, line=resource.line)
    reader = _Reader(faults)
    reader.declarations(resource)
    reader.concepts(resource)
    reader.place_children()
    _check_count(resource, len(reader.codes), faults)
    if len(reader.declared) > MOST_COLUMNS:
        message = f"expected at most {MOST_COLUMNS:,} properties, got {len(reader.declared):,}"
        faults.add(message, line=resource.line, column="property")
        # a column of each would be empty for nearly all concepts
        reader.declared.clear()
    if not reader.codes:
        faults.add("expected at least one concept, got none", line=resource.line, column="concept")
    heading = _heading(resource, system, file)
    return FhirCodeSystem(
        CodeList(heading, reader.table(), reader.properties(), tuple(reader.warnings())), reader.designations
    )


def _check_count(resource: Element, found: int, faults: Faults) -> None:
    stated = resource.get("count")
    if stated is None:
        return
    if isinstance(stated, bool) or not isinstance(stated, int):
        faults.add(f"expected a whole number, got {_shown(stated)}", line=resource.line, column="count")
    elif stated != found:
        message = f"expected {stated} concepts, as count says, got {found}: is the file cut short?"
        faults.add(message, line=resource.line, column="count")


def _heading(resource: Element, system: str | None, file: str) -> Heading:
    url = _text(resource.get("url"))
    last = re.split(r"[/:#]", url)[-1] if url else None
    name = system or short_name(_text(resource.get("name")), _text(resource.get("id")), last)
    if name is None:
        message = "the CodeSystem has no name, id or url to go by: give --system"
        raise ReleaseFormatError(message, file=file, line=resource.line)
    period = resource.get("effectivePeriod")
    start = _text(period.get("start")) if isinstance(period, dict) else None
    sensitive = resource.get("caseSensitive")
    identifiers = [item for item in _items(resource.get("identifier")) if isinstance(item, dict)]
    oids = [value for item in identifiers if (value := _text(item.get("value")) or "").startswith("urn:oid:")]
    return Heading(
        system=name,
        title=_text(resource.get("title")) or _text(resource.get("name")) or name,
        uri=url or f"urn:terminology:{name}",
        oid=oids[0].removeprefix("urn:oid:") if oids else None,
        version=_text(resource.get("version")),
        effective=day_in(start or "") or day_in(_text(resource.get("date")) or ""),
        case_sensitive=sensitive if isinstance(sensitive, bool) else None,
        licence=_text(resource.get("copyright")),
        details={name: text for name in DETAILS if (text := _text(resource.get(name)))},
    )


@define
class _Reader:
    faults: Faults
    declared: dict[str, str] = field(factory=dict)
    """Types of the properties, by their codes."""
    roles: dict[str, str] = field(factory=dict)
    codes: list[str] = field(factory=list)
    titles: list[str] = field(factory=list)
    parents: list[str | None] = field(factory=list)
    billable: list[bool] = field(factory=list)
    kinds: list[str] = field(factory=list)
    lines: list[int] = field(factory=list)
    further: dict[int, dict[str, None]] = field(factory=dict)
    """By row: parents of a code beside the one that it stands under."""
    children: list[tuple[int, str, int]] = field(factory=list)
    """Row of the parent, child, line."""
    values: dict[str, dict[int, list[Any]]] = field(factory=dict)
    """Of each property, its values by row."""
    definitions: dict[int, list[Any]] = field(factory=dict)
    designations: list[Designation] = field(factory=list)
    undeclared: set[str] = field(factory=set)
    untitled: int = 0

    def declarations(self, resource: Element) -> None:
        """Take in which properties the concepts have, and of which types."""
        for item in _items(resource.get("property")):
            code, kind = (_text(item.get(name)) if isinstance(item, dict) else None for name in ("code", "type"))
            if not code or kind not in TYPES:
                message = f"expected a property with code and type ({', '.join(sorted(TYPES))}), got {code!r}, {kind!r}"
                self.faults.add(message, line=getattr(item, "line", resource.line), column="property")
                continue
            self.declared[code] = kind
            uri = _text(item.get("uri")) or ""
            role = uri.removeprefix(CONCEPT_PROPERTIES) if uri.startswith(CONCEPT_PROPERTIES) else code
            if role in ROLES:
                self.roles[code] = role

    def concepts(self, resource: Element) -> None:
        """Take in the concepts, and those nested in them, in the order of the file."""
        waiting: list[tuple[Iterator[Any], str | None, int]] = [
            (iter(_items(resource.get("concept"))), None, resource.line)
        ]
        while waiting:
            items, parent, line = waiting[-1]
            item = next(items, waiting)
            if item is waiting:
                waiting.pop()
            elif not isinstance(item, Element):
                self.faults.add(f"expected a concept, got {_shown(item)}", line=line, column="concept")
            else:
                code = _text(item.get("code")) or ""
                self._concept(item, code, parent)
                if "concept" in item:
                    waiting.append((iter(_items(item["concept"])), code, item.line))

    def _concept(self, item: Element, code: str, parent: str | None) -> None:
        row = len(self.codes)
        definition = _text(item.get("definition"))
        title = _text(item.get("display"))
        if title is None:
            self.untitled += 1
            title = definition or code or "?"
        values = self._properties(item, code)
        used = self._by_role(values)
        above = dict.fromkeys([*([] if parent is None else [parent]), *used.get("parent", [])])
        first = next(iter(above), None)
        if len(above) > 1:
            self.further[row] = {other: None for other in above if other != first}
        self.children += [(row, child, item.line) for child in used.get("child", [])]
        inactive = True in used.get("inactive", []) or not INACTIVE.isdisjoint(used.get("status", []))
        selectable = True not in used.get("notSelectable", [])
        for name, given in values.items():
            self.values.setdefault(name, {})[row] = given
        if definition:
            self.definitions[row] = [definition]
        self.codes.append(code)
        self.titles.append(title)
        self.parents.append(first)
        self.billable.append(selectable and not inactive)
        self.kinds.append("code" if selectable else "category")
        self.lines.append(item.line)
        for designation in _items(item.get("designation")):
            self._designation(designation, code, item.line)

    def _by_role(self, values: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """Return the values of the properties that say something about place or use."""
        found: dict[str, list[Any]] = {}
        for name, given in values.items():
            role = self.roles.get(name, name)
            if role in ROLES:
                found.setdefault(role, []).extend(given)
        return found

    def _properties(self, item: Element, code: str) -> dict[str, list[Any]]:
        values: dict[str, list[Any]] = {}
        for given in _items(item.get("property")):
            line = getattr(given, "line", item.line)
            name = _text(given.get("code")) if isinstance(given, dict) else None
            held = [key for key in VALUES if isinstance(given, dict) and key in given]
            if not name or len(held) != 1:
                message = f"expected a property with code and one value, got {name!r} with {', '.join(held) or 'none'}"
                self.faults.add(f"{message} in concept {code}", line=line, column="property")
                continue
            kind, python = VALUES[held[0]]
            value = given[held[0]]
            if name not in self.declared:
                self.undeclared.add(name)
                self.declared[name] = kind
            fits = isinstance(value, python) and (kind == "boolean" or not isinstance(value, bool))
            if kind == "integer" and fits:
                fits = -(2**63) <= value < 2**63
            if not fits or self.declared[name] != kind:
                wanted = f"{self.declared[name]}{' (at most 64 bits)' * (kind == 'integer')}"
                message = f"expected a value of type {wanted}, got {held[0]} {_shown(value)} in concept {code}"
                self.faults.add(message, line=line, column=name)
                continue
            values.setdefault(name, []).append(_coding(value) if kind == "Coding" else value)
        return values

    def _designation(self, item: Any, code: str, line: int) -> None:
        value = _text(item.get("value")) if isinstance(item, dict) else None
        if value is None:
            message = f"expected a designation with a value in concept {code}"
            self.faults.add(message, line=getattr(item, "line", line), column="designation")
            return
        use = item.get("use")
        use = use if isinstance(use, dict) else {}
        self.designations.append(
            Designation(
                code,
                value,
                _text(item.get("language")),
                _text(use.get("system")),
                _text(use.get("code")),
                _text(use.get("display")),
                item.line,
            )
        )

    def place_children(self) -> None:
        """Take in the parents that name their children, for those that name no parent."""
        places = {code: row for row, code in enumerate(self.codes)}
        for above, child, line in self.children:
            parent, row = self.codes[above], places.get(child)
            if row is None:
                self.faults.add(f"child {child} of {parent} is not in the list", line=line, column="child")
            elif self.parents[row] is None:
                self.parents[row] = parent
            elif parent != self.parents[row]:
                self.further.setdefault(row, {})[parent] = None

    def table(self) -> pa.Table:
        """Return the standard columns."""
        import pyarrow as pa

        count = len(self.codes)
        columns = {
            "code": self.codes,
            "title": self.titles,
            "short_title": pa.nulls(count, pa.string()),
            "billable": self.billable,
            "kind": self.kinds,
            "parent": self.parents,
            "line": self.lines,
            **{name: pa.nulls(count, pa.date32()) for name in ("effective_from", "effective_to")},
        }
        return pa.table(columns, schema=codes_schema())

    def properties(self) -> dict[str, pa.ChunkedArray]:
        """Return the columns of the properties: lists where a concept has several values."""
        import pyarrow as pa

        made = {}
        for name, kind in self._kept_types().items():
            # the place in the tree says the same
            if self.roles.get(name, name) not in {"parent", "child"}:
                made[name] = self._column(self.values.get(name, {}), kind)
        if self.definitions:
            made["definition"] = self._column(self.definitions, "string")
        if self.further:
            parents: list[list[str] | None] = [None] * len(self.codes)
            for row, others in self.further.items():
                parents[row] = list(others)
            made["other_parents"] = pa.chunked_array([parents], pa.list_(pa.string()))
        return made

    def _kept_types(self) -> dict[str, str]:
        """Return the types of the properties by name.

        One that is named as a column made of something else goes by another name.
        """
        made = {"definition": bool(self.definitions), "other_parents": bool(self.further)}
        return {name: kind for name, kind in self.declared.items() if not made.get(name)}

    def _column(self, values: Mapping[int, list[Any]], kind: str) -> pa.ChunkedArray:
        """Return a column of all rows, those without a value null."""
        import pyarrow as pa

        plain = {"integer": pa.int64(), "boolean": pa.bool_(), "decimal": pa.float64()}.get(kind, pa.string())
        read: Callable[[Any], Any] = float if kind == "decimal" else _same
        if kind == "dateTime" and all(day_in(text) is not None for given in values.values() for text in given):
            # whole days only, none a year or a month
            plain, read = pa.date32(), day_in
        repeated = any(len(given) > 1 for given in values.values())
        column: list[Any] = [None] * len(self.codes)
        for row, given in values.items():
            column[row] = [read(value) for value in given] if repeated else read(given[0])
        return pa.chunked_array([column], pa.list_(plain) if repeated else plain)

    def warnings(self) -> list[str]:
        """Return what was noticed and is no fault."""
        several = len(self.further)
        found = []
        if self.untitled:
            found.append(f"{self.untitled} concepts have no display: their definition or code stands in as the title")
        if several:
            found.append(f"{several} concepts have several parents: the others are in the property other_parents")
        if self.undeclared:
            found.append(f"properties that are not declared: {', '.join(sorted(self.undeclared))}")
        return found


def _same(value: Any) -> Any:
    return value


def _shown(value: Any) -> str:
    """Return a value as a message shows it: objects and lists by what they are."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return f"{value!r:.80}"


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _coding(value: Mapping[str, Any]) -> str:
    """Return a coding as ``system|code``."""
    system, code = _text(value.get("system")), _text(value.get("code")) or ""
    return f"{system}|{code}" if system else code
