"""A FHIR CodeSystem, R4 or R5, as JSON.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource CodeSystem; "Concept Properties",
    http://hl7.org/fhir/concept-properties.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field, frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import Element, Faults, day_in

from .delimited import CodeList
from .heading import Heading, short_name
from .rows import Row

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
    reader.concepts(resource.get("concept"), None, resource.line)
    reader.place_children()
    stated = resource.get("count")
    if stated is not None and stated != len(reader.rows):
        message = f"expected {stated} concepts, as count says, got {len(reader.rows)}: is the file cut short?"
        faults.add(message, line=resource.line, column="count")
    if not reader.rows:
        faults.add("expected at least one concept, got none", line=resource.line, column="concept")
    heading = _heading(resource, system, file)
    return FhirCodeSystem(
        CodeList(heading, reader.finished(), reader.arrow_types(), tuple(reader.warnings())), reader.designations
    )


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
    rows: list[Row] = field(factory=list)
    further: dict[str, list[str]] = field(factory=dict)
    """Parents of a code beside the one that it stands under."""
    children: list[tuple[str, str, int]] = field(factory=list)
    values: dict[str, dict[str, list[Any]]] = field(factory=dict)
    """Of each code, the values of its properties."""
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

    def concepts(self, items: Any, parent: str | None, line: int) -> None:
        """Take in concepts, and those nested in them."""
        for item in _items(items):
            if not isinstance(item, Element):
                self.faults.add(f"expected a concept, got {item!r}", line=line, column="concept")
                continue
            code = _text(item.get("code")) or ""
            self._concept(item, code, parent)
            if "concept" in item:
                self.concepts(item["concept"], code, item.line)

    def _concept(self, item: Element, code: str, parent: str | None) -> None:
        title = _text(item.get("display"))
        if title is None:
            self.untitled += 1
            title = _text(item.get("definition")) or code or "?"
        values = self._properties(item, code)
        used = self._by_role(values)
        above = [parent] if parent is not None else []
        above += [other for other in used.get("parent", []) if other not in above]
        self.further[code] = above[1:]
        self.children += [(code, child, item.line) for child in used.get("child", [])]
        inactive = True in used.get("inactive", []) or not INACTIVE.isdisjoint(used.get("status", []))
        selectable = True not in used.get("notSelectable", [])
        if definition := _text(item.get("definition")):
            values["definition"] = [definition]
            self.declared.setdefault("definition", "string")
        self.values[code] = values
        self.rows.append(
            Row(
                code=code,
                title=title,
                parent=above[0] if above else None,
                billable=selectable and not inactive,
                kind="code" if selectable else "category",
                line=item.line,
            )
        )
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
            if not fits or self.declared[name] != kind:
                message = f"expected a value of type {self.declared[name]}, got {held[0]} {value!r} in concept {code}"
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
        """Put concepts under those that name them as children, where nothing else places them."""
        places = {row.code: number for number, row in enumerate(self.rows)}
        for parent, child, line in self.children:
            if child not in places:
                self.faults.add(f"child {child} of {parent} is not in the list", line=line, column="child")
                continue
            row = self.rows[places[child]]
            if row.parent is None:
                self.rows[places[child]] = evolve(row, parent=parent)
            elif parent != row.parent and parent not in self.further[child]:
                self.further[child].append(parent)

    def finished(self) -> list[Row]:
        """Return the rows with their properties."""
        single = {name for name in self.declared if name not in self._repeated()}
        made = []
        for row in self.rows:
            values = {name: given[0] if name in single else given for name, given in self.values[row.code].items()}
            if self.further[row.code]:
                values["other_parents"] = self.further[row.code]
            made.append(evolve(row, properties=self._with_days(values)))
        return made

    def _with_days(self, values: dict[str, Any]) -> dict[str, Any]:
        days = self._day_columns()
        return {name: _days(value) if name in days else value for name, value in values.items()}

    def _repeated(self) -> set[str]:
        return {name for values in self.values.values() for name, given in values.items() if len(given) > 1}

    def _day_columns(self) -> set[str]:
        """Return the properties of type dateTime that hold whole days only, none a year or a month."""
        names = {name for name, kind in self.declared.items() if kind == "dateTime"}
        given = [(name, text) for values in self.values.values() for name in names for text in values.get(name, ())]
        return names - {name for name, text in given if day_in(text) is None}

    def arrow_types(self) -> dict[str, pa.DataType]:
        """Return the type of each property's column: a list where a concept has several values."""
        import pyarrow as pa

        repeated, days = self._repeated(), self._day_columns()
        plain = {"integer": pa.int64(), "boolean": pa.bool_(), "decimal": pa.float64()}
        types = {
            name: pa.date32() if name in days else plain.get(kind, pa.string())
            for name, kind in self.declared.items()
            # the place in the tree says the same
            if self.roles.get(name, name) not in {"parent", "child"}
        }
        types = {name: pa.list_(kind) if name in repeated else kind for name, kind in types.items()}
        return {**types, "other_parents": pa.list_(pa.string())} if any(self.further.values()) else types

    def warnings(self) -> list[str]:
        """Return what was noticed and is no fault."""
        several = sum(bool(parents) for parents in self.further.values())
        found = []
        if self.untitled:
            found.append(f"{self.untitled} concepts have no display: their definition or code stands in as the title")
        if several:
            found.append(f"{several} concepts have several parents: the others are in the property other_parents")
        if self.undeclared:
            found.append(f"properties that are not declared: {', '.join(sorted(self.undeclared))}")
        return found


def _days(value: Any) -> Any:
    return [day_in(text) for text in value] if isinstance(value, list) else day_in(value)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _text(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _coding(value: Mapping[str, Any]) -> str:
    """Return a coding as ``system|code``."""
    system, code = _text(value.get("system")), _text(value.get("code")) or ""
    return f"{system}|{code}" if system else code
