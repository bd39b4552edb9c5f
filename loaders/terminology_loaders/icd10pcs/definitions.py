"""The definitions in XML: what the words of each axis mean, and which devices stand for a more general one.

References:
    CMS, "ICD-10-PCS Definitions" (`icd10pcs_definitions_YYYY.xml`), with the device aggregation table at its end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.reading import Faults, xml_root

if TYPE_CHECKING:
    import pyarrow as pa
    from lxml.etree import _Element

ROOT: Final = re.compile(rb"<ICD10PCS\.definitions[\s>]")


@frozen
class Definitions:
    """Everything that the loader takes from the XML."""

    version: str
    sections: tuple[tuple[str, str], ...]
    terms: tuple[tuple[Any, ...], ...]
    aggregates: tuple[tuple[Any, ...], ...]

    def section_table(self) -> pa.Table:
        """Return the sections with their titles."""
        import pyarrow as pa

        return pa.table(
            {
                "section": pa.array([code for code, _ in self.sections], pa.string()),
                "title": pa.array([title for _, title in self.sections], pa.string()),
            }
        )

    def term_table(self) -> pa.Table:
        """Return one row for each entry of an axis: its terms, definition, explanation, what it includes."""
        import pyarrow as pa

        texts = pa.list_(pa.string())
        return _arrow(
            self.terms,
            pa.schema(
                [
                    ("section", pa.string()),
                    ("position", pa.int8()),
                    ("axis", pa.string()),
                    ("terms", texts),
                    ("definition", pa.string()),
                    ("explanation", pa.string()),
                    ("includes", texts),
                    ("line", pa.int32()),
                ]
            ),
        )

    def aggregate_table(self) -> pa.Table:
        """Return one row for each specific device: where it is used, and the general value that it belongs to."""
        import pyarrow as pa

        return _arrow(
            self.aggregates,
            pa.schema(
                [
                    ("device", pa.string()),
                    ("operation", pa.string()),
                    ("body_systems", pa.list_(pa.string())),
                    ("parent_value", pa.string()),
                    ("parent", pa.string()),
                    ("line", pa.int32()),
                ]
            ),
        )


def _arrow(rows: tuple[tuple[Any, ...], ...], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    columns: list[Any] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in schema]
    return pa.table(dict(zip(schema.names, columns, strict=True)), schema=schema)


def is_definitions(head: bytes) -> bool:
    """Return whether the bytes begin like the definitions.

    >>> is_definitions(b"<ICD10PCS.definitions><version>2022</version>")
    True
    """
    return ROOT.search(head) is not None


def read_definitions(data: bytes, file: str) -> Definitions:
    """Return the definitions.

    Raises:
        ReleaseFaults: Sections without code or title, entries without a term, aggregates without parent; all are named.
        ReleaseFormatError: The same, with one fault; or the XML is not well formed.
    """
    root = xml_root(data, file)
    faults = Faults(file)
    sections: list[tuple[str, str]] = []
    terms: list[tuple[Any, ...]] = []
    for section in root.iterfind("section"):
        code, title = section.get("code") or "", _text(section, "title")
        if not code or not title:
            faults.add("expected a section with a code and a title", line=section.sourceline)
            continue
        sections.append((code, title))
        for axis in section.iterfind("axis"):
            terms += _terms(code, axis, faults)
    aggregates = [_aggregate(element, faults) for element in root.iterfind("deviceAggregation/aggregate")]
    if not sections and not faults:
        faults.add("expected at least one section, got none", line=root.sourceline)
    faults.raise_if_any()
    return Definitions(_text(root, "version") or "", tuple(sections), tuple(terms), tuple(aggregates))


def _terms(section: str, axis: _Element, faults: Faults) -> list[tuple[Any, ...]]:
    position = axis.get("pos") or ""
    if position not in "1234567" or len(position) != 1:
        faults.add(f"expected an axis with a position from 1 to 7, got {position!r}", line=axis.sourceline)
        return []
    made = []
    for entry in axis.iterfind("terms"):
        titles = _texts(entry, "title")
        if not titles:
            faults.add("expected an entry with at least one title, got none", line=entry.sourceline)
        words = (titles, _text(entry, "definition"), _text(entry, "explanation"), _texts(entry, "includes"))
        made.append((section, int(position), _text(axis, "title"), *words, entry.sourceline))
    return made


def _aggregate(element: _Element, faults: Faults) -> tuple[Any, ...]:
    device, parent = _text(element, "device"), element.find("parent")
    value = parent.get("value") if parent is not None else None
    if not device or not value:
        faults.add("expected an aggregate with a device and the value of its parent", line=element.sourceline)
    systems = _texts(element, "bodySys")
    return device, _text(element, "operation"), systems, value, _text(element, "parent"), element.sourceline


def _text(element: _Element, name: str) -> str | None:
    return (element.findtext(name) or "").strip() or None


def _texts(element: _Element, name: str) -> list[str]:
    found = ((child.text or "").strip() for child in element.iterfind(name))
    return [text for text in found if text]
