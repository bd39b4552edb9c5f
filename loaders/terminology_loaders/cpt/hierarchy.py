"""The nodes above the codes: of CPT Link, a graph read as a tree; where it is not loaded, categories and number ranges.

The ranges are public knowledge; the words are ours. Resequenced codes are placed by their number. In CPT Link the names
of their types say which property holds the code, and which relationship leads to the parent; a graph in which neither
is found is rejected: nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from terminology.counts import counted
from terminology.drafts import Part
from terminology.errors import ReleaseFormatError

from .layout import CODE, category_of

MODIFIERS: Final = "modifiers"

CATEGORY_I: Final = "category i"

NODES: Final = {
    CATEGORY_I: "Category I: services and procedures",
    "laboratory analyses": "Proprietary laboratory analyses (PLA)",
    "multianalyte assays": "Multianalyte assays with algorithmic analyses (MAAA), administrative codes",
    "immunization administration": "Administrative codes of immunization",
    "category ii": "Category II: measurement of performance",
    "category iii": "Category III: emerging technology, temporary codes",
    MODIFIERS: "Modifiers: two characters that qualify a code",
}
"""Roots in their order, with titles."""

ROOT_OF: Final = {
    "I": CATEGORY_I,
    "PLA": "laboratory analyses",
    "MAAA": "multianalyte assays",
    "administration": "immunization administration",
    "II": "category ii",
    "III": "category iii",
}

RANGES: Final = (
    ("99202", "99499", "Evaluation and management"),
    ("00100", "01999", "Anesthesia"),
    ("99100", "99140", "Anesthesia, qualifying circumstances"),
    ("10004", "69990", "Surgery"),
    ("70010", "79999", "Radiology"),
    ("80047", "89398", "Pathology and laboratory"),
    ("90281", "99199", "Medicine"),
    ("99500", "99607", "Medicine, further codes"),
)
"""In the order in which they are shown; a range inside another one takes its codes."""


@frozen
class Section:
    """A node of the hierarchy."""

    code: str
    title: str
    kind: str
    parent: str | None

    def row(self, *, derived: bool) -> dict[str, Any]:
        """Return the node as a row of ``concepts``."""
        values = {"code": self.code, "title": self.title, "kind": self.kind, "parent": self.parent}
        return {**values, "billable": False, "derived": derived}


def section_of(code: str) -> str:
    """Return the node above a code by its category and number.

    >>> section_of("99120"), section_of("99999"), section_of("9999T")
    ('99100-99140', 'category i', 'category iii')
    """
    if category_of(code) != "I":
        return ROOT_OF[category_of(code)]
    holding = [(first, last) for first, last, _ in RANGES if first <= code <= last]
    if not holding:
        return CATEGORY_I
    first, last = min(holding, key=lambda bounds: int(bounds[1]) - int(bounds[0]))
    return f"{first}-{last}"


def sections() -> list[Section]:
    """Return all nodes in document order, parents before children."""
    made = []
    for code, title in NODES.items():
        made.append(Section(code, title, "group", None))
        if code == CATEGORY_I:
            made += [
                Section(f"{first}-{last}", f"{title} {first}–{last}", "section", CATEGORY_I)  # noqa: RUF001 -- a range
                for first, last, title in RANGES
            ]
    return made


CODE_TYPE: Final = re.compile(r"(cpt )?code", re.IGNORECASE)

TITLE_TYPE: Final = re.compile(r"((long|preferred|full|cpt) )*(descriptor|term|name|title|heading)", re.IGNORECASE)

PARENT_TYPE: Final = re.compile(r"(has[ _-]?parent|is[ _-]?a|parent|child[ _-]?of)", re.IGNORECASE)

CHILD_TYPE: Final = re.compile(r"(has[ _-]?child|child|parent[ _-]?of)", re.IGNORECASE)


@frozen
class Hierarchy:
    """The tree above the codes."""

    nodes: tuple[Section, ...]
    parent_of: Mapping[str, str]
    """Of each code."""
    warnings: tuple[str, ...] = ()


def hierarchy_of(properties: Part, relationships: Part, types: Part, codes: Sequence[str]) -> Hierarchy:
    """Return the tree above the codes; concepts above no code are left out.

    Raises:
        ReleaseFormatError: No type names codes or parents, or the graph has a cycle.
    """
    names = dict(zip(*(types.tables["rows"].column(name).to_pylist() for name in ("type", "title")), strict=True))
    concept_of, titles = _concepts(properties, names, types)
    above = _parents(relationships, names, types)
    wanted = set(codes)
    code_of = {concept: code for code, concept in concept_of.items() if code in wanted}
    paths = [_path(concept, above, relationships) for concept in code_of]
    several = sum(len(above.get(concept, ())) > 1 for path in paths for concept in path[:1])
    nodes: dict[str, Section] = {}
    parent_of: dict[str, str] = {}
    for path in sorted(paths, key=lambda path: [code_of.get(path[0], "")]):
        upper = [concept for concept in path[1:] if concept not in code_of]
        for position in range(len(upper) - 1, -1, -1):
            concept = upper[position]
            parent = f"concept-{upper[position + 1]}" if position + 1 < len(upper) else None
            code = f"concept-{concept}"
            nodes.setdefault(code, Section(code, titles.get(concept) or f"Concept {concept}", "section", parent))
        if upper:
            parent_of[code_of[path[0]]] = f"concept-{upper[0]}"
    label = relationships.origin.label
    warnings = []
    if missing := [code for code in codes if code not in parent_of]:
        warnings.append(
            f"{label}: {counted(len(missing), 'code is', 'codes are')} not in the hierarchy, placed by number: {_listed(missing)}"
        )
    if several:
        warnings.append(f"{label}: {several} codes have several parents, the first counts")
    return Hierarchy(tuple(nodes.values()), parent_of, tuple(warnings))


def _concepts(properties: Part, names: Mapping[str, str], types: Part) -> tuple[dict[str, str], dict[str, str]]:
    """Return the concept of each code, and the title of each concept."""
    concept_of: dict[str, str] = {}
    titles: dict[str, str] = {}
    known = False
    for row in properties.tables["rows"].to_pylist():
        name = names.get(row["type"], row["type"]) or ""
        value = row["value"] or ""
        if row["code"]:
            known = True
            if CODE.fullmatch(row["code"]):
                concept_of.setdefault(row["code"], row["concept"])
        if CODE_TYPE.fullmatch(name):
            known = True
            if CODE.fullmatch(value):
                concept_of.setdefault(value, row["concept"])
        elif TITLE_TYPE.fullmatch(name):
            titles.setdefault(row["concept"], value)
    if not known:
        raise ReleaseFormatError(
            f"expected a column of codes, or a property type named Code in {types.origin.name}, got neither",
            file=properties.origin.label,
        )
    return concept_of, titles


def _parents(relationships: Part, names: Mapping[str, str], types: Part) -> dict[str, list[str]]:
    above: dict[str, list[str]] = {}
    for row in relationships.tables["rows"].to_pylist():
        name = names.get(row["type"], row["type"]) or ""
        if PARENT_TYPE.fullmatch(name):
            above.setdefault(row["concept"], []).append(row["target"])
        elif CHILD_TYPE.fullmatch(name):
            above.setdefault(row["target"], []).append(row["concept"])
    if not above:
        raise ReleaseFormatError(
            f"expected a relationship type that names the parent (Has Parent, Is A) in {types.origin.name}, got none",
            file=relationships.origin.label,
        )
    return above


def _path(concept: str, above: Mapping[str, Sequence[str]], relationships: Part) -> list[str]:
    path = [concept]
    while parents := above.get(path[-1]):
        if parents[0] in path:
            cycle = " < ".join([*path, parents[0]])
            raise ReleaseFormatError(f"the hierarchy has a cycle: {cycle}", file=relationships.origin.label)
        path.append(parents[0])
    return path


def _listed(codes: Sequence[str], shown: int = 5) -> str:
    return ", ".join(codes[:shown]) + (" …" if len(codes) > shown else "")
