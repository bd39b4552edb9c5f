"""Text of rubrics: labels with references, terms, fragments, paragraphs, lists and tables.

References:
    ISO 13120, "Syntax to represent the content of healthcare classification systems -- Classification Markup
    Language (ClaML)"; versions 2.0 and 3.0 of its DTD, `Label` and what it may hold.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from attrs import define, field, frozen

if TYPE_CHECKING:
    from lxml.etree import _Element

LINE_BREAKING: Final = frozenset({"Para", "ListItem", "Row", "TR"})
CELLS: Final = frozenset({"Cell", "TD", "TH"})
CODE_LIKE: Final = re.compile(
    r"[A-Z][0-9]{2}(?:\.(?:[0-9A-Z]{1,3}|-))?-?(?:[*+†!])?(?:-[A-Z][0-9]{2}(?:\.(?:[0-9A-Z]{1,3}|-))?)?|[IVX]+"
)
USAGE_MARKS: Final = {"aster": "*", "dagger": "+", "optional": "!"}
"""Marks of the usage kinds where a file names none."""


@frozen
class LabelText:
    """A label as plain text."""

    text: str
    plain: str
    """Without references: what a title is."""
    targets: tuple[str, ...] = ()
    """Codes that the references name, as written."""
    partners: tuple[str, ...] = ()
    """Those of them that have a usage: the other half of a dagger and asterisk pair."""


def local(element: _Element) -> str:
    """Return the element's name without its namespace; empty for what is no element."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def label_text(label: _Element, marks: Mapping[str, str] = USAGE_MARKS) -> LabelText:
    """Return the label as plain text; fragments join with blanks, paragraphs and items are lines."""
    reader = _Reader(marks)
    reader.walk(label, referring=True)
    plain = _Reader(marks)
    plain.walk(label, referring=False)
    return LabelText(
        _settled(reader.pieces),
        _settled(plain.pieces),
        tuple(dict.fromkeys(reader.targets)),
        tuple(dict.fromkeys(reader.partners)),
    )


def _settled(pieces: list[str]) -> str:
    lines = "".join(pieces).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


@define
class _Reader:
    marks: Mapping[str, str]
    pieces: list[str] = field(factory=list)
    targets: list[str] = field(factory=list)
    partners: list[str] = field(factory=list)

    def walk(self, element: _Element, *, referring: bool) -> None:
        self._say(element.text)
        for child in element:
            name = local(child)
            if name == "Reference":
                if referring:
                    self._refer(child)
            elif name:
                self._open(child, name)
                self.walk(child, referring=referring)
                self._close(child, name, referring=referring)
            self._say(child.tail)

    def _say(self, text: str | None) -> None:
        # line ends of the file are layout, those of paragraphs are ours
        self.pieces.append((text or "").replace("\n", " "))

    def _open(self, element: _Element, name: str) -> None:
        if name in LINE_BREAKING:
            self.pieces.append("\n")
        if name in {"Fragment", *CELLS} or (name == "Term" and element.get("class") == "tab"):
            self.pieces.append(" ")
        if name == "ListItem":
            self.pieces.append("- ")

    def _close(self, element: _Element, name: str, *, referring: bool) -> None:
        usage = element.get("usage")
        if referring and name == "Fragment" and usage:
            self.pieces.append(self.marks.get(usage, ""))
        if name in LINE_BREAKING:
            self.pieces.append("\n")
        if name in CELLS:
            self.pieces.append(" |")

    def _refer(self, element: _Element) -> None:
        written = " ".join("".join(element.itertext()).split())
        usage = element.get("usage")
        code = element.get("code") or ""
        # the attribute holds one code where the text has a range or a dash; of a link it holds what the text does not
        target = written.rstrip("*+†!") if CODE_LIKE.fullmatch(written) or not code else code
        if target:
            self.targets.append(target)
            if usage:
                self.partners.append(target)
        mark = self.marks.get(usage, "") if usage else ""
        shown = written if mark and written.endswith(mark) else written + mark
        self.pieces.append(f" ({shown})" if element.get("class") == "in brackets" else f" {shown}")
