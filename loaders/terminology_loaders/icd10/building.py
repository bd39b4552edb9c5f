"""Build a release of ICD-10 or ICD-10-GM from its parts, and prove that the parts agree."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from attrs import evolve, frozen

from terminology.drafts import Built, Part

from .findings import Finding, finding_table
from .mortality_days import contradictions, days_between
from .nodes import CATEGORY_LENGTH, Node, completed, in_document_order, kind_of, node_table, nodes_of, roman
from .placement import ABOVE, Lent, Place, outlined

if TYPE_CHECKING:
    import pyarrow as pa

FOUR_CHARACTERS: Final = 5
"""Of a code with its dot: WHO's text files go no further."""


@frozen
class Ingredients:
    """What a release is built from; at least one of the first two is there, or a list of titles."""

    claml: Part | None
    codes: Part | None
    blocks: Part | None = None
    chapters: Part | None = None
    titles: tuple[Part, ...] = ()
    """Lists of codes and titles in transition archives; the first makes the release where nothing else does."""
    lent_blocks: Lent | None = None
    lent_chapters: Lent | None = None
    mortality: Part | None = None
    former: datetime.date | None = None
    """Effective day of the release before."""
    effective: datetime.date | None = None
    german: bool = False

    @property
    def authority(self) -> Part:
        """The part that decides which codes there are: WHO's ClaML, the German codes file."""
        first, second = (self.codes, self.claml) if self.german else (self.claml, self.codes)
        return first or second or self.titles[0]

    @property
    def borrowed(self) -> tuple[Part, ...]:
        """Parts of other releases, and evidence on days."""
        lent = [one.part for one in (self.lent_blocks, self.lent_chapters) if one]
        return tuple({part.identity: part for part in (*lent, *([self.mortality] if self.mortality else []))}.values())


def built(parts: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFaults: Codes, blocks and chapters, or two lists of the same codes, contradict each other.
        ReleaseFormatError: The same, with one error.
    """
    tables: dict[str, pa.Table] = {}
    warnings: list[str] = []
    found: list[Finding] = []
    listed = nodes_of(parts.claml.tables["concepts"]) if parts.claml else []
    in_text: list[Node] = []
    if parts.codes or not parts.claml:
        in_text, said = text_nodes(parts)
        warnings += said if parts.claml is None else ()
    nodes = in_text or listed
    if listed and in_text:
        nodes = list(joined(listed, in_text, german=parts.german))
        found += differences(parts, listed, in_text)
    for titles in parts.titles:
        if titles is not parts.authority:
            found += title_differences(titles, parts.authority, nodes)
    if parts.claml:
        kept = {node.code for node in nodes}
        tables |= {name: parts.claml.tables[name] for name in ("designations", "metadata")}
        tables["notes"] = _of_codes(parts.claml.tables["notes"], kept)
    if parts.mortality and parts.effective:
        billable = {node.code: node.billable for node in nodes}
        found += contradictions(parts.mortality, parts.effective.year, billable)
        days = days_between(parts.mortality, parts.former, parts.effective, set(billable))
        tables |= {"days": days} if days is not None else {}
    if (listed and in_text) or found:
        tables["differences"] = finding_table(found)
    tables["concepts"] = node_table(in_document_order(nodes), german=parts.german)
    return Built(tables, (*warnings, *(finding.warning for finding in found if finding.codes)))


def _of_codes(table: pa.Table, codes: set[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table.column("code"), value_set=pa.array(sorted(codes), pa.string())))


def text_nodes(parts: Ingredients) -> tuple[list[Node], tuple[str, ...]]:
    """Return the nodes of the text files, chapters, blocks and codes; and warnings.

    Raises:
        ReleaseFaults: Categories name blocks or chapters that are not there, or are outside of their block.
        ReleaseFormatError: The same, with one error.
    """
    warnings: tuple[str, ...] = ()
    if parts.codes:
        nodes = nodes_of(parts.codes.tables["concepts"])
        rows = parts.codes.tables["places"].to_pylist()
        places = [Place(row["code"], roman(int(row["chapter"])), row["block"], row["line"]) for row in rows]
    else:
        nodes, warnings = nodes_of_titles(parts.authority)
        places = [Place(node.code, line=node.line) for node in nodes if node.parent is None]
    label = parts.authority.origin.label
    outline = outlined(
        places,
        label,
        chapters=parts.chapters,
        blocks=parts.blocks,
        lent_chapters=parts.lent_chapters,
        lent_blocks=parts.lent_blocks,
    )
    placed = [evolve(node, parent=outline.parents.get(node.code, node.parent)) for node in nodes]
    return [*outline.nodes, *placed], (*warnings, *outline.warnings)


def nodes_of_titles(titles: Part) -> tuple[list[Node], tuple[str, ...]]:
    """Return the codes of a list of titles as nodes, and a warning: what nothing is below is taken for billable.

    In the nine years of which both were seen, exactly these codes have the publisher's mark `T`.
    """
    rows = titles.tables["rows"].to_pylist()
    codes = {row["code"] for row in rows}
    parents = {code: next((up for up in _shorter(code) if up in codes), None) for code in codes}
    divided = set(parents.values())
    nodes = [
        Node(code, row["title"], kind_of(code), parents[code], code not in divided, line=row["line"])
        for row in rows
        for code in (row["code"],)
    ]
    return nodes, (
        f"{titles.origin.label}: no codes file of the year is loaded; codes without a division are billable",
    )


def _shorter(code: str) -> Iterable[str]:
    """Yield the codes that may be above a code, nearest first."""
    while len(code) > CATEGORY_LENGTH:
        code = code[:-1].rstrip(".")
        yield code


def joined(listed: Iterable[Node], in_text: Iterable[Node], *, german: bool) -> Iterable[Node]:
    """Yield the nodes of a release that has ClaML and text files.

    WHO's text files leave out what its ClaML holds (five characters, nested blocks): there the ClaML decides on
    the codes. The German codes file lists every code with its flags: there it decides, and the ClaML on what
    is above a category.
    """
    by_code, flagged = {node.code: node for node in listed}, {node.code: node for node in in_text}
    if not german:
        yield from (completed(node, flagged.get(node.code)) for node in by_code.values())
        return
    yield from (node for node in by_code.values() if node.kind in ABOVE)
    for node in flagged.values():
        if node.kind in ABOVE:
            continue
        other = by_code.get(node.code)
        above = other.parent if other and node.kind == "category" else node.parent
        yield evolve(completed(node, other), parent=above)


def differences(parts: Ingredients, listed: Iterable[Node], in_text: Iterable[Node]) -> list[Finding]:
    """Return the codes on which ClaML and text files disagree, by kind of disagreement."""
    first = {node.code: node for node in listed if node.kind not in ABOVE}
    second = {node.code: node for node in in_text if node.kind not in ABOVE}
    comparable = first if parts.german else {code: n for code, n in first.items() if _is_in_text(code, second)}
    both = [code for code in comparable if code in second]
    label = parts.claml.origin.label if parts.claml else ""
    return [
        Finding(label, name, tuple(sorted(codes)))
        for name, codes in (
            ("not in text files", [code for code in comparable if code not in second]),
            ("not in ClaML", [code for code in second if code not in first]),
            ("other flag", [code for code in both if first[code].billable != second[code].billable]),
            ("other title", [code for code in both if first[code].title != second[code].title]),
        )
    ]


def _is_in_text(code: str, in_text: dict[str, Node]) -> bool:
    """Return whether WHO's text files, of four characters at most, could list the code.

    They leave out the optional place of occurrence, a subdivision of what they call terminal.
    """
    return len(code) <= FOUR_CHARACTERS and not (code[:3] in in_text and in_text[code[:3]].billable and "." in code)


def title_differences(titles: Part, authority: Part, nodes: Iterable[Node]) -> list[Finding]:
    """Return where a transition's list of codes and titles says otherwise than the authority; no error.

    The list belongs to the transition: in 2008 one archive has 318 titles that are those of 2009.
    """
    own = {node.code: node.title for node in nodes if node.kind not in ABOVE}
    said = {row["code"]: row["title"] for row in titles.tables["rows"].to_pylist()}
    name = authority.origin.label
    return [
        Finding(titles.origin.label, f"{what} {name}", tuple(sorted(codes)))
        for what, codes in (
            ("not in", said.keys() - own.keys()),
            ("only in", own.keys() - said.keys()),
            ("titles other than in", [code for code in said.keys() & own.keys() if said[code] != own[code]]),
        )
    ]
