"""What the file of a grouping is read into: categories, and which codes are in them.

A file may state one of the two only: the labels of HCCs are in another file than the codes. So a part has the table
``categories`` or ``members`` or both, and `assembly` makes a version of all parts that belong to it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from terminology import schema
from terminology.drafts import Part
from terminology.groupings import GROUPINGS, role_of_table
from terminology.reading import Faults, ReadableFile
from terminology.systems import SYSTEMS, SystemDefinition

if TYPE_CHECKING:
    import pyarrow as pa

CATEGORIES: Final = "categories"
PROCEDURES: Final = "icd10pcs"
PROCEDURE_LENGTH: Final = 7
"""What has fewer characters is the beginning of codes, and none itself."""
STANDARD: Final = ("code", "title", "parent", "line")
"""Columns of the table ``categories``; further ones are properties of categories."""


@frozen
class Category:
    """One category, as a file states it."""

    code: str
    title: str | None = None
    """None where the file has no title for it."""
    parent: str | None = None
    line: int | None = None
    properties: Mapping[str, Any] = field(factory=dict, hash=False)


@frozen
class Member:
    """That a code is in a category; or what else is said of it (`terminology.schema.members`)."""

    system: str
    code: str
    """In official form."""
    category: str | None
    role: str | None = None
    matter: str = schema.MEMBER
    detail: Mapping[str, Any] | None = None
    line: int | None = None


@frozen
class Version:
    """What a file says of the version that it is of."""

    label: str | None
    """As published; None where nothing states it."""
    effective: str | None
    """First day, ISO; None where nothing states it."""
    basis: str | None = None
    """What states that day, in words: the fiscal year of the title row, the payment year of the file's name."""
    presumes: str | None = None
    """The release of the code set that the table was made for."""
    identifier: str | None = None
    """What the file calls itself inside, or by its published name."""


def grouping_part(
    file: ReadableFile,
    grouping: str,
    kind: str,
    version: Version,
    *,
    categories: Iterable[Category] = (),
    members: Iterable[Member] = (),
    facts: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> Part:
    """Return what a file says of one grouping as a part.

    Args:
        file: The file.
        grouping: Short name.
        kind: What the file is to the grouping: ``table``, ``labels``, ``hierarchies``, ``edits``.
        version: What it says of its version.
        categories: In the publisher's order, parents before children.
        members: In the order of the file.
        facts: What else identifies the part, for the family's own planning.
        warnings: What was noticed, without the name of the file.
    """
    listed, placed = list(categories), list(members)
    tables: dict[str, pa.Table] = {}
    if listed:
        tables[CATEGORIES] = category_table(listed)
    if placed:
        tables[schema.MEMBERS] = member_table(placed)
    known = {
        "version": version.label,
        "effective": version.effective,
        "basis": version.basis,
        "presumes": version.presumes,
        "identifier": version.identifier,
        "categories": len(listed),
        "members": len(placed),
        "digest": digest_of(listed, placed),
    }
    noticed = tuple(f"{file.label}: {text}" for text in warnings)
    role = role_of_table(f"{grouping} {kind}", {one.system for one in placed})
    return Part(role, file.origin, {**known, **(facts or {})}, tables, noticed, definition=GROUPINGS[grouping])


def category_table(categories: Sequence[Category]) -> pa.Table:
    """Return categories as a table: the standard columns, and one for each property."""
    import pyarrow as pa

    layout = pa.schema([("code", pa.string()), ("title", pa.string()), ("parent", pa.string()), ("line", pa.int32())])
    table = pa.table({name: [getattr(one, name) for one in categories] for name in STANDARD}, schema=layout)
    for name in dict.fromkeys(name for one in categories for name in one.properties):
        table = table.append_column(name, pa.array([one.properties.get(name) for one in categories]))
    return table


def member_table(members: Sequence[Member]) -> pa.Table:
    """Return members in the columns of `terminology.schema.members`, their file the first source."""
    import pyarrow as pa

    layout = schema.members()
    columns: dict[str, list[Any]] = {
        name: [getattr(one, name) for one in members] for name in layout.names if name not in ("detail", "source")
    }
    columns["detail"] = [_json(one.detail) for one in members]
    columns["source"] = [0] * len(members)
    return pa.table({name: columns[name] for name in layout.names}, schema=layout)


def _json(detail: Mapping[str, Any] | None) -> str | None:
    return json.dumps(detail, ensure_ascii=False, separators=(",", ":")) if detail else None


def digest_of(categories: Sequence[Category], members: Sequence[Member]) -> str:
    """Return a digest of what a file says, wherever in it."""
    import hashlib

    said = [(one.code, one.title, one.parent, sorted(one.properties.items(), key=str)) for one in categories]
    placed = [(one.system, one.code, one.category, one.role, one.matter, _json(one.detail)) for one in members]
    return hashlib.sha256(repr((said, sorted(placed, key=str))).encode()).hexdigest()


class Codes:
    """Takes texts of a column of codes into official form; what cannot be a code is an error with its place."""

    def __init__(self, system: str, faults: Faults, column: int | str) -> None:
        self.definition: SystemDefinition = SYSTEMS[system]
        self._faults = faults
        self._column = column
        self._known: dict[str, str | None] = {}

    def official(self, text: str, line: int) -> str | None:
        """Return the code in official form; None where it cannot be one, which is noted as an error."""
        if text not in self._known:
            official = self.definition.official(text)
            is_part = self.definition.name == PROCEDURES and len(official or "") < PROCEDURE_LENGTH
            self._known[text] = None if is_part else official
        found = self._known[text]
        if found is None:
            self._faults.add(
                f"expected a code of {self.definition.title}, got {text!r}", line=line, column=self._column
            )
        return found
