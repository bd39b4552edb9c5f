"""Build a release of ICD-10 or ICD-10-GM from its parts, and prove that the parts agree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology.drafts import Built, Part
from terminology.reading import Faults

from .nodes import Node, completed, in_document_order, node_table, nodes_of, roman

if TYPE_CHECKING:
    import pyarrow as pa

ABOVE: Final = frozenset({"chapter", "block"})
SHOWN: Final = 5
FOUR_CHARACTERS: Final = 5
"""Of a code with its dot: WHO's text files go no further."""


@frozen
class Ingredients:
    """What a release is built from; at least one of the first two is there."""

    claml: Part | None
    codes: Part | None
    blocks: Part | None = None
    chapters: Part | None = None
    titles: Part | None = None
    german: bool = False

    @property
    def authority(self) -> Part:
        """The part that decides which codes there are: WHO's ClaML, the German codes file."""
        first, second = (self.codes, self.claml) if self.german else (self.claml, self.codes)
        return first or second  # type: ignore[return-value]


def built(parts: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFaults: Codes, blocks and chapters, or two lists of the same codes, contradict each other.
        ReleaseFormatError: The same, with one error.
    """
    tables: dict[str, pa.Table] = {}
    warnings: list[str] = []
    listed = nodes_of(parts.claml.tables["concepts"]) if parts.claml else []
    in_text: list[Node] = []
    if parts.codes:
        in_text = list(text_nodes(parts.codes, parts.blocks, parts.chapters))
        warnings += missing_files(parts)
    nodes = in_text or listed
    if listed and in_text:
        nodes = list(joined(listed, in_text, german=parts.german))
        tables["differences"], warnings = differences(parts, listed, in_text)
    if parts.titles and parts.codes:
        check_titles(parts.titles, parts.codes, in_text)
    if parts.claml:
        kept = {node.code for node in nodes}
        tables |= {name: parts.claml.tables[name] for name in ("designations", "metadata")}
        tables["notes"] = _of_codes(parts.claml.tables["notes"], kept)
    tables["concepts"] = node_table(in_document_order(nodes), german=parts.german)
    return Built(tables, tuple(warnings))


def _of_codes(table: pa.Table, codes: set[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return table.filter(pc.is_in(table.column("code"), value_set=pa.array(sorted(codes), pa.string())))


def missing_files(parts: Ingredients) -> list[str]:
    """Return a warning for each companion of a codes file that is not there."""
    if parts.codes is None or parts.claml is not None:
        return []
    label = parts.codes.origin.label
    absent = [name for name, part in (("blocks", parts.blocks), ("chapters", parts.chapters)) if part is None]
    return [f"{label}: the file of {name} is not loaded, the hierarchy is without them" for name in absent]


def text_nodes(codes: Part, blocks: Part | None, chapters: Part | None) -> Iterable[Node]:
    """Return the nodes of the text files: chapters, blocks and codes.

    Raises:
        ReleaseFaults: Categories name blocks or chapters that are not there, or are outside of their block.
        ReleaseFormatError: The same, with one error.
    """
    nodes = nodes_of(codes.tables["concepts"])
    chapter_rows = chapters.tables["rows"].to_pylist() if chapters else []
    block_rows = blocks.tables["rows"].to_pylist() if blocks else []
    known = {row["number"] for row in chapter_rows}
    made = [Node(roman(int(row["number"])), row["title"], "chapter", None, line=None) for row in chapter_rows]
    if blocks:
        _check_blocks(blocks, block_rows, known if chapters else None)
    for row in block_rows:
        above = roman(int(row["chapter"])) if row["chapter"] in known else None
        made.append(Node(row["code"], row["title"], "block", above, line=None))
    parents = _parents_of_categories(codes, {row["code"][:3]: row for row in block_rows}, known)
    made += [evolve(node, parent=parents[node.code]) if node.code in parents else node for node in nodes]
    return made


def _check_blocks(blocks: Part, rows: list[dict[str, Any]], chapters: set[str] | None) -> None:
    faults = Faults(blocks.origin.label)
    for row in rows:
        if chapters is not None and row["chapter"] not in chapters:
            faults.add(f"{row['code']} is in chapter {row['chapter']}, which is not listed", line=row["line"])
    faults.raise_if_any()


def _parents_of_categories(codes: Part, blocks: dict[str, dict[str, Any]], chapters: set[str]) -> dict[str, str]:
    """Return the block (without blocks: the chapter) of each category, where it is known."""
    faults = Faults(codes.origin.label)
    parents = {}
    for place in codes.tables["places"].to_pylist():
        category, chapter, first, line = place["code"], place["chapter"], place["block"], place["line"]
        row = blocks.get(first)
        if chapters and chapter not in chapters:
            faults.add(f"{category} is in chapter {chapter}, which is not listed", line=line, column="field 4")
        if row is None:
            if blocks:
                faults.add(f"{category} is in a block from {first}, which is not listed", line=line, column="field 5")
            elif chapter in chapters:
                parents[category] = roman(int(chapter))
            continue
        _, _, last = row["code"].partition("-")
        if row["chapter"] != chapter:
            message = f"{category} is in chapter {chapter}, its block {row['code']} in {row['chapter']}"
            faults.add(message, line=line, column="field 4")
        if not first <= category <= last:
            faults.add(f"{category} is outside of its block {row['code']}", line=line, column="field 5")
        parents[category] = row["code"]
    faults.raise_if_any()
    return parents


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


def differences(parts: Ingredients, listed: Iterable[Node], in_text: Iterable[Node]) -> tuple[pa.Table, list[str]]:
    """Return every code on which ClaML and text files disagree, and a warning for each kind of disagreement."""
    import pyarrow as pa

    first = {node.code: node for node in listed if node.kind not in ABOVE}
    second = {node.code: node for node in in_text if node.kind not in ABOVE}
    comparable = first if parts.german else {code: n for code, n in first.items() if _is_in_text(code, second)}
    both = [code for code in comparable if code in second]
    found = [
        ("not in text files", [code for code in comparable if code not in second]),
        ("not in ClaML", [code for code in second if code not in first]),
        ("other flag", [code for code in both if first[code].billable != second[code].billable]),
        ("other title", [code for code in both if first[code].title != second[code].title]),
    ]
    rows = [(name, code) for name, codes in found for code in sorted(codes)]
    table = pa.table(
        {
            "check": pa.array([name for name, _ in rows], pa.string()),
            "code": pa.array([c for _, c in rows], pa.string()),
        }
    )
    label = parts.claml.origin.label if parts.claml else ""
    warnings = [f"{label}: {len(codes)} codes: {name}: {_some(sorted(codes))}" for name, codes in found if codes]
    return table, warnings


def _is_in_text(code: str, in_text: dict[str, Node]) -> bool:
    """Return whether WHO's text files, of four characters at most, could list the code.

    They leave out the optional place of occurrence, a subdivision of what they call terminal.
    """
    return len(code) <= FOUR_CHARACTERS and not (code[:3] in in_text and in_text[code[:3]].billable and "." in code)


def check_titles(titles: Part, codes: Part, in_text: Iterable[Node]) -> None:
    """Check that a transition's list of codes and titles holds what the codes file holds.

    Raises:
        ReleaseFaults: It holds other codes or titles: files of two releases, or one cut short.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(titles.origin.label)
    expected = {node.code: node.title for node in in_text if node.kind not in ABOVE}
    rows = titles.tables["rows"].to_pylist()
    for row in rows:
        if row["code"] not in expected:
            faults.add(f"expected a code of {codes.origin.label}, got {row['code']}", line=row["line"], column=1)
        elif row["title"] != expected[row["code"]]:
            message = f"expected the title that {codes.origin.label} gives {row['code']}, got {row['title']!r}"
            faults.add(message, line=row["line"], column=2)
    missing = sorted(expected.keys() - {row["code"] for row in rows})
    if missing:
        message = f"expected all {len(expected):,} codes of {codes.origin.label}, {len(missing):,} are missing"
        faults.add(f"{message}: {_some(missing)}", line=len(rows) + 1)
    faults.raise_if_any()


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")
