"""The concepts of a FHIR CodeSystem as columns: codes, titles, places in the hierarchy, properties, designations.

References:
    HL7 FHIR R4 (4.0.1) and R5 (5.0.0), resource CodeSystem; "Concept Properties",
    http://hl7.org/fhir/concept-properties.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field, frozen

from terminology.reading import Element, Faults, day_in

from .rows import codes_schema

if TYPE_CHECKING:
    import pyarrow as pa

CONCEPT_PROPERTIES: Final = "http://hl7.org/fhir/concept-properties#"


ROLES: Final = frozenset({"status", "inactive", "notSelectable", "parent", "child"})
"""Properties that say something about the code's place or use, beside being properties."""


INACTIVE: Final = frozenset({"retired", "inactive"})


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


@define
class ConceptReader:
    """Takes in the declared properties, then the concepts; errors are noted, and the columns must not be used then."""

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
    """By row: parents of a code beside the one that it is placed under."""
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
        for item in items_of(resource.get("property")):
            code, kind = (text_of(item.get(name)) if isinstance(item, dict) else None for name in ("code", "type"))
            if not code or kind not in TYPES:
                message = f"expected a property with code and type ({', '.join(sorted(TYPES))}), got {code!r}, {kind!r}"
                self.faults.add(message, line=getattr(item, "line", resource.line), column="property")
                continue
            self.declared[code] = kind
            uri = text_of(item.get("uri")) or ""
            role = uri.removeprefix(CONCEPT_PROPERTIES) if uri.startswith(CONCEPT_PROPERTIES) else code
            if role in ROLES:
                self.roles[code] = role

    def concepts(self, resource: Element) -> None:
        """Take in the concepts, and those nested in them, in the order of the file."""
        waiting: list[tuple[Iterator[Any], str | None, int]] = [
            (iter(items_of(resource.get("concept"))), None, resource.line)
        ]
        while waiting:
            items, parent, line = waiting[-1]
            item = next(items, waiting)
            if item is waiting:
                waiting.pop()
            elif not isinstance(item, Element):
                self.faults.add(f"expected a concept, got {shown(item)}", line=line, column="concept")
            else:
                code = text_of(item.get("code")) or ""
                self._concept(item, code, parent)
                if "concept" in item:
                    waiting.append((iter(items_of(item["concept"])), code, item.line))

    def _concept(self, item: Element, code: str, parent: str | None) -> None:
        row = len(self.codes)
        definition = text_of(item.get("definition"))
        title = text_of(item.get("display"))
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
        for designation in items_of(item.get("designation")):
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
        for given in items_of(item.get("property")):
            line = getattr(given, "line", item.line)
            name = text_of(given.get("code")) if isinstance(given, dict) else None
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
                message = f"expected a value of type {wanted}, got {held[0]} {shown(value)} in concept {code}"
                self.faults.add(message, line=line, column=name)
                continue
            values.setdefault(name, []).append(_coding(value) if kind == "Coding" else value)
        return values

    def _designation(self, item: Any, code: str, line: int) -> None:
        value = text_of(item.get("value")) if isinstance(item, dict) else None
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
                text_of(item.get("language")),
                text_of(use.get("system")),
                text_of(use.get("code")),
                text_of(use.get("display")),
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

        One that is named as a column made of something else gets another name.
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
        """Return the warnings."""
        several = len(self.further)
        found = []
        if self.untitled:
            found.append(f"{self.untitled} concepts have no display: their definition or code is used as the title")
        if several:
            found.append(f"{several} concepts have several parents: the others are in the property other_parents")
        if self.undeclared:
            found.append(f"properties that are not declared: {', '.join(sorted(self.undeclared))}")
        return found


def _same(value: Any) -> Any:
    return value


def shown(value: Any) -> str:
    """Return a value as a message shows it: objects and lists by what they are."""
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return f"{value!r:.80}"


def items_of(value: Any) -> list[Any]:
    """Return the items of what may be a list, one item, or missing."""
    return value if isinstance(value, list) else [] if value is None else [value]


def text_of(value: Any) -> str | None:
    """Return a text without blanks around it; None where it is empty or no text."""
    return value.strip() or None if isinstance(value, str) else None


def _coding(value: Mapping[str, Any]) -> str:
    """Return a coding as ``system|code``."""
    system, code = text_of(value.get("system")), text_of(value.get("code")) or ""
    return f"{system}|{code}" if system else code
