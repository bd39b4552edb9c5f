"""A ClaML file of ICD-10 or ICD-10-GM as tables: concepts with expanded codes, notes, other languages, metas.

References:
    WHO, ICD-10 in ClaML (2.0), "Meta" `MortL1Code` to `MortL4Code`, `MortBCode`, `usage`.
    BfArM, ICD-10-GM in ClaML, read-me: "Meta" `Para295`, `Para301`, `SexCode`, `AgeLow` and others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology import schema
from terminology.systems import SystemDefinition

from ..claml import PREFERRED, PREFERRED_LONG, ClamlClass, Document, Expanded, Expansion, Rubric, expand
from .nodes import Node, in_document_order, kind_of, node_table

if TYPE_CHECKING:
    import pyarrow as pa

META_COLUMNS: Final[Mapping[str, str]] = {
    "MortL1Code": "mortality_1",
    "MortL2Code": "mortality_2",
    "MortL3Code": "mortality_3",
    "MortL4Code": "mortality_4",
    "MortBCode": "morbidity",
    "Para295": "section_295",
    "Para301": "section_301",
    "SexCode": "sex",
    "SexReject": "sex_error",
    "AgeLow": "age_low",
    "AgeLowDiff": "age_low",
    "AgeHigh": "age_high",
    "AgeHighDiff": "age_high",
    "AgeReject": "age_error",
}
META_FLAGS: Final[Mapping[str, str]] = {
    "RareDisease": "rare",
    "Content": "content",
    "Infectious": "notifiable",
    "EBMLabor": "laboratory_exemption",
}
NOTHING: Final = frozenset({"UNDEF", "9", "999", "9999", ""})
"""What the publishers write where a column says nothing."""
BARRED_FROM_USE: Final = "V"
"""Of sections 295 and 301: not admitted for coding."""
ADMITTED: Final = {"aster": "O", "optional": "Z"}
"""What sections 295 and 301 admit a code as, by its usage; otherwise as P, a primary code."""


@frozen
class ClamlTables:
    """What a ClaML file comes to."""

    concepts: pa.Table
    notes: pa.Table
    designations: pa.Table
    metadata: pa.Table
    warnings: tuple[str, ...]


def claml_tables(document: Document, definition: SystemDefinition, file: str) -> ClamlTables:
    """Return the tables of a document."""
    german = definition.name == "icd10gm"
    document = officially_coded(document, definition)
    expansion = expand(document)
    spoken = _Speaker(document)
    nodes = list(in_document_order(_nodes(document, expansion, spoken, german=german)))
    warnings = (*document.warnings, *(f"{file}: {text}" for text in expansion.warnings))
    sources = list(_sources(document, expansion, nodes))
    return ClamlTables(
        node_table(nodes, german=german),
        _note_table(spoken, sources),
        _designation_table(spoken, sources),
        _metadata_table(sources),
        warnings,
    )


def officially_coded(document: Document, definition: SystemDefinition) -> Document:
    """Return the document with codes in official form: with the dot, blocks with a dash."""

    def official(code: str, kind: str) -> str:
        if kind == "block":
            return code if "-" in code else f"{code}-{code}"
        return (definition.official(code) or code) if kind == "category" else code

    names = {code: official(code, node.kind) for code, node in document.classes.items()}
    if all(code == name for code, name in names.items()):
        return document

    def renamed(node: ClamlClass) -> ClamlClass:
        parent = names.get(node.parent, node.parent) if node.parent else None
        children = tuple(names.get(child, child) for child in node.children)
        return evolve(node, code=names[node.code], parent=parent, children=children)

    return evolve(document, classes={names[code]: renamed(node) for code, node in document.classes.items()})


@frozen
class _Speaker:
    """Texts of classes in the language of the file."""

    document: Document

    def title(self, node: ClamlClass) -> str:
        found = node.text(PREFERRED_LONG, self.document.language) or node.text(PREFERRED, self.document.language)
        return found.plain.replace("\n", " ") if found else ""

    def short(self, node: ClamlClass) -> str:
        found = node.text(PREFERRED, self.document.language)
        return found.plain.replace("\n", " ") if found else ""

    def long(self, node: ClamlClass) -> str | None:
        found = node.text(PREFERRED_LONG, self.document.language)
        return found.plain.replace("\n", " ") if found else None

    def own(self, rubric: Rubric) -> bool:
        return rubric.language in (None, self.document.language)


def _nodes(document: Document, expansion: Expansion, spoken: _Speaker, *, german: bool) -> Iterator[Node]:
    """Yield a node for each class and each expanded code; below a class those written out come first."""
    # a subdivision may be named and left out, in excerpts and in ICD-10-GM
    divided = {*document.below, *(code for code, node in document.classes.items() if node.children)}
    divided |= {code for code, group in expansion.codes.items() if german or not _optional(group)}
    # siblings keep the order in which their parent lists them
    order = {child: number for number, child in enumerate(c for group in document.below.values() for c in group)}
    for node in sorted(document.classes.values(), key=lambda n: order.get(n.code, -1)):
        category = node.kind == "category"
        properties = _properties(document, [node], german=german)
        short, title = spoken.short(node), spoken.title(node)
        yield Node(
            code=node.code,
            title=title,
            kind=kind_of(node.code) if category else node.kind,
            parent=document.above(node.code),
            billable=category and node.code not in divided and not _barred(properties, german=german),
            short_title=short if short != title else None,
            line=node.line,
            properties={
                **properties,
                "preferred_long": spoken.long(node),
                "combination": "explicit" if category else None,
            },
        )
    for made in expansion:
        yield _expanded_node(document, spoken, made, divided, german=german)


def _optional(group: Iterable[Expanded]) -> bool:
    return all(made.optional for made in group)


def _expanded_node(document: Document, spoken: _Speaker, made: Expanded, divided: set[str], *, german: bool) -> Node:
    base = document.classes[made.base]
    labels = [spoken.short(value) for value in made.values]
    properties = _properties(document, [base, *made.values], german=german)
    if german and made.code not in divided:
        # a header is barred because it is divided; the code of its last division is admitted
        for section in ("section_295", "section_301"):
            own = any(name == _meta_of(section) for value in made.values for name, _ in value.metas)
            if not own and properties.get(section) == BARRED_FROM_USE:
                properties[section] = ADMITTED.get(properties.get("usage", ""), "P")
    return Node(
        code=made.code,
        title=": ".join([spoken.title(base), *labels]),
        kind=kind_of(made.code),
        parent=made.parent,
        billable=made.code not in divided and not _barred(properties, german=german),
        short_title=labels[-1],
        line=made.values[-1].line,
        properties={**properties, "modifiers": list(made.modifiers), "combination": "subclassification"},
    )


def _meta_of(column: str) -> str:
    return next(name for name, own in META_COLUMNS.items() if own == column)


def _barred(properties: Mapping[str, Any], *, german: bool) -> bool:
    """Return whether neither section of the social code admits the code."""
    return german and {properties.get("section_295"), properties.get("section_301")} == {BARRED_FROM_USE}


def _properties(document: Document, sources: list[ClamlClass], *, german: bool) -> dict[str, Any]:
    """Return the properties that the elements of a code give; a later element overrides an earlier one."""
    found: dict[str, Any] = {}
    for source in sources:
        for name, value in source.metas:
            if name in META_COLUMNS and (german or not META_COLUMNS[name].startswith(("section", "sex", "age"))):
                found[META_COLUMNS[name]] = None if value in NOTHING else value
            elif name in META_FLAGS and german:
                found[META_FLAGS[name]] = {"J": True, "N": False}.get(value)
        if source.usage:
            found["usage"] = source.usage
    rubrics = [rubric for source in sources for rubric in source.rubrics if rubric.kind != "exclusion"]
    if found.get("usage"):
        found["partners"] = list(dict.fromkeys(code for rubric in rubrics for code in rubric.label.partners))
    if len(document.languages) > 1:
        found["languages"] = sorted({r.language for r in sources[-1].rubrics if r.kind == PREFERRED and r.language})
    return found


def _sources(
    document: Document, expansion: Expansion, nodes: Iterable[Node]
) -> Iterator[tuple[str, tuple[ClamlClass, ...]]]:
    """Yield each code with the elements whose texts are its own."""
    made = {expanded.code: expanded for expanded in expansion}
    for node in nodes:
        expanded = made.get(node.code)
        yield node.code, (document.classes[node.code],) if expanded is None else (expanded.values[-1],)


Sources = list[tuple[str, tuple[ClamlClass, ...]]]


def _note_table(spoken: _Speaker, sources: Sources) -> pa.Table:
    import pyarrow as pa

    rows = [
        (code, rubric.kind, rubric.label.text, list(rubric.label.targets), rubric.line)
        for code, elements in sources
        for element in elements
        for rubric in element.rubrics
        if rubric.kind not in {PREFERRED, PREFERRED_LONG} and spoken.own(rubric)
    ]
    names = schema.notes().names
    return pa.table({name: [row[i] for row in rows] for i, name in enumerate(names)}, schema=schema.notes())


def _designation_table(spoken: _Speaker, sources: Sources) -> pa.Table:
    """Return all texts in other languages than the file's first."""
    import pyarrow as pa

    rows = [
        (code, rubric.language, rubric.kind, rubric.label.text, rubric.line)
        for code, elements in sources
        for element in elements
        for rubric in element.rubrics
        if not spoken.own(rubric)
    ]
    texts = ("code", "language", "kind", "text")
    columns = {name: pa.array([row[i] for row in rows], pa.string()) for i, name in enumerate(texts)}
    return pa.table({**columns, "line": pa.array([row[4] for row in rows], pa.int32())})


def _metadata_table(sources: Sources) -> pa.Table:
    """Return every ``Meta`` as written."""
    import pyarrow as pa

    rows = [(code, *meta) for code, elements in sources for element in elements for meta in element.metas]
    return pa.table(
        {n: pa.array([row[i] for row in rows], pa.string()) for i, n in enumerate(("code", "name", "value"))}
    )
