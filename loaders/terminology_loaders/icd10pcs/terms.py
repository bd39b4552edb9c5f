"""The terms of ICD-10-PCS in XML: definitions of the words of each axis, and the alphabetic index.

The definitions also say which devices belong to a more general one; the index leads to tables, prefixes and codes.

References:
    CMS, "ICD-10-PCS Definitions" (`icd10pcs_definitions_YYYY.xml`), with the device aggregation table at its end;
    "ICD-10-PCS Index" (`icd10pcs_index_YYYY.xml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.reading import Faults, xml_root

if TYPE_CHECKING:
    import pyarrow as pa
    from lxml.etree import _Element


DEFINITIONS_ROOT: Final = re.compile(rb"<ICD10PCS\.definitions[\s>]")


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
    return DEFINITIONS_ROOT.search(head) is not None


def read_definitions(data: bytes, file: str) -> Definitions:
    """Return the definitions.

    Raises:
        ReleaseFaults: Sections without code or title, entries without a term, aggregates without parent; all are named.
        ReleaseFormatError: The same, with one error; or the XML is not well formed.
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


INDEX_ROOT: Final = re.compile(rb"<ICD10PCS\.index[\s>]")

LENGTHS: Final = {"tab": (3, 3), "codes": (4, 6), "code": (7, 7)}
"""Length of what an element leads to: a table, a prefix, a code."""

TARGET: Final = re.compile(r"[0-9A-HJ-NP-Z]+")


@frozen
class Index:
    """All entries of the index: path of terms, relation, text, target, line."""

    version: str
    entries: tuple[tuple[tuple[str, ...], str, str | None, str | None, int], ...]

    def to_table(self) -> pa.Table:
        """Return one row for each entry.

        ``relation`` is see, use (both with a text) or code; ``target`` is a table, prefix or code, or null.
        """
        import pyarrow as pa

        kinds = (pa.list_(pa.string()), pa.string(), pa.string(), pa.string(), pa.int32())
        names = ("path", "relation", "text", "target", "line")
        columns: list[Any] = [list(column) for column in zip(*self.entries, strict=True)] or [[] for _ in names]
        return pa.table({name: pa.array(c, kind) for name, c, kind in zip(names, columns, kinds, strict=True)})


def is_index(head: bytes) -> bool:
    """Return whether the bytes begin like the index.

    >>> is_index(b"<ICD10PCS.index><version>2022</version>")
    True
    """
    return INDEX_ROOT.search(head) is not None


def read_index(data: bytes, file: str) -> Index:
    """Return the index.

    Raises:
        ReleaseFaults: Main terms without title, targets of an impossible shape; all are named.
        ReleaseFormatError: The same, with one error; or the XML is not well formed.
    """
    root = xml_root(data, file)
    faults = Faults(file)
    entries = [entry for term in root.iterfind("letter/mainTerm") for entry in _entries(term, (), faults)]
    if not entries and not faults:
        faults.add("expected at least one mainTerm, got none", line=root.sourceline)
    faults.raise_if_any()
    return Index((root.findtext("version") or "").strip(), tuple(entries))


def _entries(
    term: _Element, above: tuple[str, ...], faults: Faults
) -> Iterator[tuple[tuple[str, ...], str, str | None, str | None, int]]:
    title = (term.findtext("title") or "").strip()
    if not title and not above:
        faults.add("expected a mainTerm with a title", line=term.sourceline)
    # a term without title continues the one above it
    path = (*above, title) if title else above
    for child in term:
        line = child.sourceline or 0
        if child.tag in LENGTHS:
            yield path, "code", None, _target(child, faults), line
        elif child.tag in ("see", "use"):
            inside = next((inner for inner in child if inner.tag in LENGTHS), None)
            target = _target(inside, faults) if inside is not None else None
            yield path, str(child.tag), (child.text or "").strip() or None, target, line
        elif child.tag == "term":
            yield from _entries(child, path, faults)


def _target(element: _Element, faults: Faults) -> str | None:
    text = (element.text or "").strip()
    shortest, longest = LENGTHS[str(element.tag)]
    if not TARGET.fullmatch(text) or not shortest <= len(text) <= longest:
        many = f"{shortest} to {longest}" if shortest < longest else f"{shortest}"
        faults.add(f"expected {many} digits and letters in {element.tag}, got {text!r}", line=element.sourceline)
        return None
    return text
