"""The tabular list in XML: chapters, sections, hierarchy, notes and seventh characters.

References:
    NCHS, `icd10cm_tabular.xsd` (2011-02-07), published with the full XML of each year.
    NCHS, the introduction of the tabular list itself, on what each kind of note means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from terminology import schema
from terminology.reading import Faults, xml_root

if TYPE_CHECKING:
    import pyarrow as pa
    from lxml.etree import _Element

NOTE_KINDS: Final = frozenset(
    {
        "notes",
        "includes",
        "inclusionTerm",
        "excludes1",
        "excludes2",
        "codeFirst",
        "useAdditionalCode",
        "codeAlso",
        "sevenChrNote",
    }
)
ROOT: Final = re.compile(rb"<ICD10CM\.tabular[\s>]")
SPAN: Final = re.compile(r"\(([A-Z][0-9A-Z]{2})(?:-([A-Z][0-9A-Z]{2}))?\)\s*$")
BARRED: Final = re.compile(r"S06[0-9A-Z]{2}[78][DS]")
"""Codes, without dot, that the structure of the list allows and a note at S06 bars in words, from fiscal year 2018 on."""
CODE_REFERENCE: Final = re.compile(
    r"(?<![0-9A-Za-z])[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?(?:\.?-)?(?:-[A-Z][0-9][0-9A-Z](?:\.[0-9A-Z]{1,4})?-?)?"
    r"(?![0-9A-Za-z])"
)


@frozen
class Node:
    """A chapter, section or ``diag`` of the tabular list, in document order."""

    code: str
    kind: str
    parent: str | None
    title: str
    line: int
    span: str | None = None
    placeholder: bool = False
    seventh_characters: tuple[tuple[str, str], ...] = ()


@frozen
class NoteRow:
    """A note as the list has it."""

    code: str
    kind: str
    text: str
    line: int


@frozen
class TabularList:
    """Everything that the loader takes from the XML."""

    version: str
    nodes: list[Node] = field(factory=list)
    notes: list[NoteRow] = field(factory=list)

    def node_table(self) -> pa.Table:
        """Return the nodes as an Arrow table."""
        import pyarrow as pa

        pairs = pa.list_(pa.struct([("character", pa.string()), ("meaning", pa.string())]))
        sevenths = [[{"character": c, "meaning": m} for c, m in node.seventh_characters] or None for node in self.nodes]
        return pa.table(
            {
                "code": pa.array([node.code for node in self.nodes], pa.string()),
                "kind": pa.array([node.kind for node in self.nodes], pa.string()),
                "parent": pa.array([node.parent for node in self.nodes], pa.string()),
                "title": pa.array([node.title for node in self.nodes], pa.string()),
                "line": pa.array([node.line for node in self.nodes], pa.int32()),
                "span": pa.array([node.span for node in self.nodes], pa.string()),
                "placeholder": pa.array([node.placeholder or None for node in self.nodes], pa.bool_()),
                "seventh_characters": pa.array(sevenths, pairs),
            }
        )

    def note_table(self) -> pa.Table:
        """Return the notes in the columns of `terminology.schema.notes`."""
        import pyarrow as pa

        columns: dict[str, list[Any]] = {
            "code": [note.code for note in self.notes],
            "kind": [note.kind for note in self.notes],
            "text": [note.text for note in self.notes],
            "targets": [targets_of(note.text) for note in self.notes],
            "line": [note.line for note in self.notes],
        }
        return pa.table(columns, schema=schema.notes())


def targets_of(text: str) -> list[str]:
    """Return the codes and ranges that a note names in brackets, as written; empty where it names none.

    >>> targets_of("ventilator associated pneumonia (J95.851)"), targets_of("sequelae (T36-T50, T90.-)")
    (['J95.851'], ['T36-T50', 'T90.-'])
    """
    inside = " ".join(re.findall(r"\(([^()]*)\)", text))
    return CODE_REFERENCE.findall(inside)


def is_tabular(head: bytes) -> bool:
    """Return whether the bytes begin like a tabular list."""
    return ROOT.search(head) is not None


def read_tabular(data: bytes, file: str) -> TabularList:
    """Return the tabular list.

    Raises:
        ReleaseFaults: Nodes lack a name or title, or a code is defined twice; all are named.
        ReleaseFormatError: The same, with one error, or the XML is not well formed.
    """
    root = xml_root(data, file)
    reader = _Reader(Faults(file))
    reader.faults_if_empty(root)
    for chapter in root.iterchildren("chapter"):
        reader.chapter(chapter)
    reader.faults.raise_if_any()
    return TabularList((root.findtext("version") or "").strip(), reader.nodes, reader.notes)


class _Reader:
    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.nodes: list[Node] = []
        self.notes: list[NoteRow] = []
        self.lines: dict[str, int] = {}

    def faults_if_empty(self, root: _Element) -> None:
        if root.tag != "ICD10CM.tabular":
            self.faults.add(f"expected the root ICD10CM.tabular, got {root.tag}", line=root.sourceline)
        elif root.find("chapter") is None:
            self.faults.add("expected at least one chapter, got none", line=root.sourceline)

    def chapter(self, element: _Element) -> None:
        code = (element.findtext("name") or "").strip()
        title = _words(element.find("desc"))
        node = Node(code, "chapter", None, title, element.sourceline or 0, _span(title))
        if not self._add(node, element.iterchildren()):
            return
        for section in element.iterchildren("section"):
            self.section(section, code)

    def section(self, element: _Element, chapter: str) -> None:
        first, _, last = (element.get("id") or "").strip().partition("-")
        code = f"{first}-{last or first}" if first else ""
        title = _words(element.find("desc"))
        node = Node(code, "section", chapter, title, element.sourceline or 0, code)
        if not self._add(node, element.iterchildren()):
            return
        for diag in element.iterchildren("diag"):
            self.diag(diag, code)

    def diag(self, element: _Element, parent: str) -> None:
        code = title = ""
        sevenths: tuple[tuple[str, str], ...] = ()
        children, notes = [], []
        for child in element.iterchildren():
            tag = child.tag
            if tag == "name":
                code = (child.text or "").strip()
            elif tag == "desc":
                title = _words(child)
            elif tag == "diag":
                children.append(child)
            elif tag == "sevenChrDef":
                sevenths = tuple((e.get("char", ""), _words(e)) for e in child.iterchildren("extension"))
            else:
                notes.append(child)
        kind = "category" if len(code) == 3 else "code"  # noqa: PLR2004 -- a category has three characters
        placeholder = element.get("placeholder") == "true"
        node = Node(code, kind, parent, title, element.sourceline or 0, None, placeholder, sevenths)
        if self._add(node, notes):
            for child in children:
                self.diag(child, code)

    def _add(self, node: Node, notes: Iterable[_Element]) -> bool:
        """Take in a node with those of the elements that are notes; return whether it is sound."""
        code, line = node.code, node.line
        if not code or not node.title:
            message = f"expected a {node.kind} with name and title, got {code!r}, {node.title!r}"
            self.faults.add(message, line=line)
            return False
        if code in self.lines:
            self.faults.add(f"{code} is defined on line {self.lines[code]} already", line=line)
            return False
        self.lines[code] = line
        self.nodes.append(node)
        for child in notes:
            if child.tag in NOTE_KINDS:
                self._note(code, child)
            elif child.tag == "visualImpairment":
                self.notes.append(NoteRow(code, "visualImpairment", _words(child), child.sourceline or 0))
        return True

    def _note(self, code: str, element: _Element) -> None:
        for note in element.iterchildren("note"):
            text = _words(note)
            # the publisher's files hold a few empty notes (R11.16 in FY2026)
            if text:
                self.notes.append(NoteRow(code, str(element.tag), text, note.sourceline or 0))


def _words(element: _Element | None) -> str:
    if element is None:
        return ""
    text = element.text if len(element) == 0 else " ".join(element.itertext())
    return " ".join((text or "").split())


def _span(title: str) -> str | None:
    match = SPAN.search(title)
    return f"{match[1]}-{match[2] or match[1]}" if match else None


def expanded(nodes: Iterator[tuple[str, str | None, str, tuple[tuple[str, str], ...]]]) -> dict[str, str]:
    """Return the billable codes that the tabular list means, with their titles, without dots.

    The nearest definition of seventh characters applies to the leaves below it; a leaf is padded with X to
    six characters before its seventh.

    Args:
        nodes: Of each ``diag`` in document order: code, parent, title, its own seventh characters.
    """
    rows = list(nodes)
    parents = {parent for _, parent, _, _ in rows}
    sevenths: dict[str, tuple[tuple[str, str], ...]] = {}
    codes: dict[str, str] = {}
    for code, parent, title, own in rows:
        applying = own or sevenths.get(parent or "", ())
        sevenths[code] = applying
        if code in parents:
            continue
        plain = code.replace(".", "")
        if applying and len(plain) < 7:  # noqa: PLR2004 -- the seventh character is there already
            codes.update({f"{plain:X<6}{c}": f"{title}, {meaning}" for c, meaning in applying})
        else:
            codes[plain] = title
    return codes
