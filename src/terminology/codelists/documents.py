"""A code list as JSON: a list of entries, an object with them, or a FHIR resource. Every value knows its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from attrs import evolve

from ..errors import ReleaseFormatError
from ..reading import Element, Faults, PlacedText, json_document
from ..systems import SystemDefinition
from .damaged import RowFaults, add_damaged
from .entries import Entry, remark
from .fhir import read_resource
from .plain import HEAD, Head, definition_of, entries_from, head_from

KEYS: Final = (*HEAD, "entries", "excluding", "comments")


def read_document(
    text: str, file: str, faults: RowFaults, system: str | None = None
) -> tuple[Head, list[Entry], str, tuple[str, ...]]:
    """Return head, entries, form (json or fhir) and warnings; errors are noted.

    Raises:
        ReleaseFormatError: The text is no JSON.
    """
    if text.lstrip()[:1] == "<":
        said = "expected JSON, got XML or HTML: save the value set as JSON (of a FHIR server: _format=json)"
        raise ReleaseFormatError(said, file=file, line=1)
    found = json_document(text, file, with_places=True)
    if isinstance(found, Element) and "resourceType" in found:
        return read_resource(found, faults, system)
    head, entries = _read_list(found, faults, system)
    return head, entries, "json", ()


def _read_list(found: Any, faults: Faults, system: str | None) -> tuple[Head, list[Entry]]:
    if isinstance(found, list):
        found = Element({"entries": found}, line=1, column=1)
    if not isinstance(found, Element):
        said = f'expected a list of entries, or an object with entries, got {found!r}: write it as in ["E11.9"]'
        faults.add(said, line=1, column=1)
        return Head(), []
    for key in found:
        if key not in KEYS:
            faults.add(f"expected one of {', '.join(KEYS)}, got {key!r}: leave it out", line=found.line, column=key)
    head = head_from(_head_values(found, faults), faults)
    definition = definition_of(system or head.system)
    entries: list[Entry] = []
    for key in ("entries", "excluding"):
        items = found.get(key, [])
        if not isinstance(items, list):
            faults.add(f"expected a list for {key}, got {items!r}: put brackets around it", line=found.line, column=key)
            continue
        for number, item in enumerate(items, 1):
            read = _entries(item, f"{key}[{number}]", found.line, faults, definition)
            entries += [evolve(entry, excluding=entry.excluding or key == "excluding") for entry in read]
    return head, entries


def _head_values(found: Element, faults: Faults) -> dict[str, tuple[str, int]]:
    values: dict[str, tuple[str, int]] = {}
    for key in HEAD:
        value = found.get(key)
        if isinstance(value, PlacedText) and value.strip():
            values[key] = (str(value).strip(), value.line)
        elif value is not None:
            faults.add(
                f"expected a text for {key}, got {value!r}: put it in quotation marks", line=found.line, column=key
            )
    return values


def _entries(item: Any, place: str, line: int, faults: Faults, definition: SystemDefinition | None) -> Iterator[Entry]:
    written, remarks = item, Element()
    if isinstance(item, Element):
        remarks, written = item, item.get("entry", item.get("code"))
    if not isinstance(written, PlacedText):
        said = f"expected an entry as text, got {item!r}: put the code in quotation marks"
        add_damaged(faults, str(item), said, line=getattr(item, "line", line), column=place)
        return
    label, comment = (_remark(remarks.get(name)) for name in ("label", "comment"))
    for entry in entries_from(str(written), written.line, faults, definition, written.column):
        yield evolve(entry, label=label or entry.label, comment=comment or entry.comment, column=written.column)


def _remark(value: Any) -> str | None:
    return remark(value) if isinstance(value, str) else None
