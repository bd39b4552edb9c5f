"""The alphabetic index in XML: terms, and the tables, prefixes and codes that they lead to.

References:
    CMS, "ICD-10-PCS Index" (`icd10pcs_index_YYYY.xml`).
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

ROOT: Final = re.compile(rb"<ICD10PCS\.index[\s>]")
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
    return ROOT.search(head) is not None


def read_index(data: bytes, file: str) -> Index:
    """Return the index.

    Raises:
        ReleaseFaults: Main terms without title, targets of an impossible shape; all are named.
        ReleaseFormatError: The same, with one fault; or the XML is not well formed.
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
