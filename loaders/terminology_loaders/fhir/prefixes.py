"""Nodes of the hierarchy that are no codes: a copy states each at the first code below it, and here they become rows again.

A prefix of ICD-10-PCS stands above all codes that begin with it, so the code itself says which prefixes are above it:

    001601 0  with the property prefix "0016 …: Cerebral Ventricle"     ->     001 > 0016 > 0016070
"""

from __future__ import annotations

from typing import Any, Final

from terminology.canonicals import ABOVE
from terminology.schema import NODE_KINDS

from ..generic.fhir_concepts import ConceptReader

(KIND,) = NODE_KINDS
STATED: Final = {"kind": KIND, "derived": True}
"""Fixed properties of every such node."""


def place_nodes(reader: ConceptReader, prefix: str | None, fixed: dict[str, str]) -> None:
    """Add the nodes that concepts state to the rows of a reader, each before the first code below it.

    Args:
        reader: The concepts as they were read; it is changed.
        prefix: Code of the property that states nodes; None where there is none.
        fixed: Codes of fixed properties of ours, by name.
    """
    stated = reader.values.pop(prefix, {}) if prefix else {}
    if not stated:
        return
    made = _Rows(reader, fixed)
    for row in range(len(reader.codes)):
        for text in stated.get(row, ()):
            code, _, title = str(text).partition(" ")
            made.add_node(code, title, row)
        made.add(row)
    made.settle()


class _Rows:
    def __init__(self, reader: ConceptReader, fixed: dict[str, str]) -> None:
        self.reader = reader
        self.fixed = fixed
        self.places: list[int] = []
        """Of each new row the old one, of a node that of its first code."""
        self.nodes: dict[str, int] = {}
        """New rows of nodes, by code."""
        self.titles: dict[str | None, str] = {}
        self.codes: list[str] = []
        self.parents: list[str | None] = []

    def add(self, row: int) -> None:
        code = self.reader.codes[row]
        self.titles[code] = self.reader.titles[row]
        self._append(code, self._above(code, self.reader.parents[row]), row)

    def add_node(self, code: str, title: str, row: int) -> None:
        parent = self._above(code, self.reader.parents[row])
        whole = title.replace(ABOVE, self.titles.get(parent, ""), 1) if title.startswith(ABOVE) else title
        self.titles[code] = whole
        self.nodes[code] = len(self.codes)
        self._append(code, parent, row)

    def _append(self, code: str, parent: str | None, row: int) -> None:
        self.codes.append(code)
        self.parents.append(parent)
        self.places.append(row)

    def _above(self, code: str, parent: str | None) -> str | None:
        """Return the longest node that a code begins with, if it is below the stated parent; else that."""
        start = len(parent) if parent and code.startswith(parent) else 0
        return next((code[:end] for end in range(len(code) - 1, start, -1) if code[:end] in self.nodes), parent)

    def settle(self) -> None:
        """Put the rows in place of those of the reader."""
        reader, nodes = self.reader, frozenset(self.nodes.values())
        moved = {was: now for now, was in enumerate(self.places) if now not in nodes}

        def of_rows(values: list[Any]) -> list[Any]:
            return [values[row] for row in self.places]

        reader.titles = [self.titles[code] if now in nodes else reader.titles[was] for now, (code, was) in enumerate(zip(self.codes, self.places, strict=True))]  # fmt: skip
        reader.lines, reader.kinds = of_rows(reader.lines), of_rows(reader.kinds)
        reader.billable = [now not in nodes and reader.billable[was] for now, was in enumerate(self.places)]
        reader.codes, reader.parents = self.codes, self.parents
        for name, held in reader.values.items():
            reader.values[name] = {moved[row]: given for row, given in held.items()}
        for name, value in STATED.items():
            held = reader.values.setdefault(self.fixed.get(name, name), {})
            held.update({row: [value] for row in nodes})
        reader.further = {moved[row]: others for row, others in reader.further.items()}
        reader.definitions = {moved[row]: given for row, given in reader.definitions.items()}
