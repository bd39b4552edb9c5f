"""Chapters and blocks above the codes of text files: the release's own, or those of the nearest release that has them.

A release that came without its file of blocks did not lose them. What it borrows is marked as derived, and only what
has categories of this release below it is taken. A category goes to the block that its row names, by the first category:

    4;T;X;01;A00;A00.0 …    the block from A00; of nested ones (ClaML) the innermost that holds A00
    4;T;X;01;A05;A05.0 …    no borrowed block begins with A05: the innermost whose span holds it, A00-A09

Blocks of ICD-10-GM 2004 and 2005 came without their ends. The end is that of the nearest release which has it, if no
block of this release begins before it, and else the last category that the codes file puts into the block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import evolve, field, frozen

from terminology.drafts import Part
from terminology.reading import Faults

from .nodes import CATEGORY_LENGTH, Node, nodes_of, roman

ABOVE: Final = frozenset({"chapter", "block"})
SHOWN: Final = 5


@frozen
class Lent:
    """A part of another release, and that release."""

    part: Part
    version: str


@frozen
class Place:
    """Where the codes file puts a category, or a code whose category it does not list."""

    code: str
    chapter: str | None = None
    """Roman."""
    block: str | None = None
    """Its first category."""
    line: int | None = None

    @property
    def category(self) -> str:
        """The category of the code."""
        return self.code[:CATEGORY_LENGTH]


@frozen
class Outline:
    """Chapters and blocks, and the parent of each place."""

    nodes: tuple[Node, ...]
    parents: Mapping[str, str] = field(factory=dict)
    warnings: tuple[str, ...] = ()


def outlined(
    places: Sequence[Place],
    file: str,
    *,
    chapters: Part | None,
    blocks: Part | None,
    lent_chapters: Lent | None,
    lent_blocks: Lent | None,
) -> Outline:
    """Return chapters and blocks with the parents of all places; a parent is left out where nothing tells it.

    Args:
        places: In the order of the file.
        file: Label of the codes file.
        chapters: The release's own file of chapters.
        blocks: Its own file of blocks.
        lent_chapters: A part of the nearest release that has chapters, for a release without.
        lent_blocks: The same for blocks, and for the ends of blocks.

    Raises:
        ReleaseFaults: Categories name blocks or chapters that are not there, or are outside of their block.
        ReleaseFormatError: The same, with one error.
    """
    above, within = _chapters(chapters, lent_chapters), _blocks(places, blocks, lent_blocks)
    numbers = {node.code for node in above}
    faults = Faults(file)
    if chapters:
        _check_chapters(places, numbers, faults)
    if blocks:
        _check_blocks(blocks, chapters)
        parents = _own_parents(places, within, faults)
    else:
        parents = _borrowed_parents(places, within, numbers)
    faults.raise_if_any()
    used = _used([*above, *within], parents)
    kept = [node for node in above if chapters or node.code in used]
    inside = [node for node in within if blocks or node.code in used]
    said = (
        None if blocks else _strangers(file, places, within, lent_blocks),
        _said(file, "block", blocks, lent_blocks, sum(node.derived for node in inside)),
        _said(file, "chapter", chapters, lent_chapters, sum(node.derived for node in kept)),
    )
    return Outline((*kept, *inside), parents, tuple(warning for warning in said if warning))


def _said(file: str, kind: str, own: Part | None, lent: Lent | None, count: int) -> str | None:
    if own is None and lent is None:
        return f"{file}: the file of {kind}s is not loaded, the hierarchy is without them"
    if own is None and lent is not None:
        return f"{file}: the file of {kind}s is not loaded; {count} {kind}s are those of {lent.version}, marked derived"
    if count and lent is not None:
        return (
            f"{file}: the file of {kind}s has no ends; those of {count} {kind}s are of {lent.version}, marked derived"
        )
    return (
        f"{file}: the file of {kind}s has no ends; those of {count} {kind}s are their last categories"
        if count
        else None
    )


def _strangers(file: str, places: Iterable[Place], within: Sequence[Node], lent: Lent | None) -> str | None:
    """Return a warning on the categories whose rows name a block that is not among those of another release."""
    firsts = {_span(node.code)[0] for node in within}
    strange = [place for place in places if place.block and place.block not in firsts]
    if not (strange and lent):
        return None
    blocks = ", ".join(sorted({str(place.block) for place in strange}))
    codes = ", ".join(place.code for place in strange[:SHOWN])
    more = " …" if len(strange) > SHOWN else ""
    return f"{file}: {lent.version} has no block from {blocks}, where {codes}{more} belong: placed by their spans"


def _chapters(own: Part | None, lent: Lent | None) -> list[Node]:
    part = own or (lent.part if lent else None)
    if part is None:
        return []
    if part.kind == "claml":
        return [_bare(node) for node in nodes_of(part.tables["concepts"]) if node.kind == "chapter"]
    rows = part.tables["rows"].to_pylist()
    return [Node(roman(int(row["number"])), row["title"], "chapter", None, derived=own is None) for row in rows]


def _bare(node: Node) -> Node:
    """Return a node of another release as it may be lent: without notes on coding, and without its line."""
    return evolve(node, line=None, properties={}, derived=True)


def _blocks(places: Sequence[Place], own: Part | None, lent: Lent | None) -> list[Node]:
    if own is None:
        return _lent_blocks(lent)
    models = {_span(node.code)[0]: _span(node.code)[1] for node in _lent_blocks(lent)}
    rows = own.tables["rows"].to_pylist()
    firsts = sorted(row["first"] for row in rows)
    made = []
    for row in rows:
        first, last = row["first"], row["last"]
        inside = [place for place in places if place.block == first]
        if last is None:
            following = next((other for other in firsts if other > first), "Z99~")
            seen = max((place.category for place in inside), default=first)
            model = models.get(first, "")
            last = model if seen <= model < following else seen
        chapter = roman(int(row["chapter"])) if row["chapter"] else next((p.chapter for p in inside if p.chapter), None)
        made.append(Node(f"{first}-{last}", row["title"], "block", chapter, derived=row["last"] is None))
    return made


def _lent_blocks(lent: Lent | None) -> list[Node]:
    if lent is None:
        return []
    if lent.part.kind == "claml":
        return [_bare(node) for node in nodes_of(lent.part.tables["concepts"]) if node.kind == "block"]
    return [
        Node(f"{row['first']}-{row['last']}", row["title"], "block", roman(int(row["chapter"])), derived=True)
        for row in lent.part.tables["rows"].to_pylist()
    ]


def _span(code: str) -> tuple[str, str]:
    first, _, last = code.partition("-")
    return first, last


def _check_blocks(blocks: Part, chapters: Part | None) -> None:
    known = set(chapters.tables["rows"].column("number").to_pylist()) if chapters else None
    faults = Faults(blocks.origin.label)
    for row in blocks.tables["rows"].to_pylist():
        if known is not None and row["chapter"] is not None and row["chapter"] not in known:
            name = row["first"] if row["last"] is None else f"{row['first']}-{row['last']}"
            faults.add(f"{name} is in chapter {row['chapter']}, which is not listed", line=row["line"])
    faults.raise_if_any()


def _check_chapters(places: Iterable[Place], chapters: set[str], faults: Faults) -> None:
    for place in places:
        if place.chapter is not None and place.chapter not in chapters:
            message = f"{place.code} is in chapter {_number(place.chapter)}, which is not listed"
            faults.add(message, line=place.line, column="field 4")


def _own_parents(places: Iterable[Place], blocks: Sequence[Node], faults: Faults) -> dict[str, str]:
    """Return the block of each place; a place that its block contradicts is an error."""
    by_first = {_span(node.code)[0]: node for node in blocks}
    parents = {}
    for place in places:
        code, line = place.code, place.line
        block = by_first.get(place.block or "")
        if block is None:
            faults.add(f"{code} is in a block from {place.block}, which is not listed", line=line, column="field 5")
            continue
        if block.parent is not None and block.parent != place.chapter:
            chapters = f"in chapter {_number(place.chapter)}, its block {block.code} in {_number(block.parent)}"
            faults.add(f"{code} is {chapters}", line=line, column="field 4")
        if not _span(block.code)[0] <= place.category <= _span(block.code)[1]:
            faults.add(f"{code} is outside of its block {block.code}", line=line, column="field 5")
        parents[code] = block.code
    return parents


def _number(chapter: str | None) -> str:
    """Return a Roman number as the text files write it."""
    return next((f"{number:02d}" for number in range(1, 100) if roman(number) == chapter), str(chapter))


def _borrowed_parents(places: Iterable[Place], blocks: Sequence[Node], chapters: set[str]) -> dict[str, str]:
    """Return the parent of each place among the blocks of another release; its chapter where no block holds it."""
    chapter_of = _chapters_above(blocks)
    # the innermost of nested spans begins last, and ends first
    spans = sorted(((*_span(node.code), node.code) for node in blocks), key=lambda span: span[1])
    spans.sort(key=lambda span: span[0], reverse=True)
    parents: dict[str, str] = {}
    before: str | None = None
    for place in places:
        holding = [
            (first, code)
            for first, last, code in spans
            if first <= place.category <= last and chapter_of[code] in (place.chapter or chapter_of[code], None)
        ]
        named = [code for first, code in holding if first == place.block]
        found = next(iter(named or [code for _, code in holding]), None)
        chapter = chapter_of[found] if found else place.chapter or before
        if parent := found or (chapter if chapter in chapters else None):
            parents[place.code] = parent
        before = chapter or before
    return parents


def _chapters_above(blocks: Sequence[Node]) -> dict[str, str | None]:
    """Return the chapter of each block, also of one that is inside of another."""
    parent_of: dict[str, str | None] = {node.code: node.parent for node in blocks}
    found = {}
    for code, parent in parent_of.items():
        above = parent
        while above in parent_of:
            above = parent_of[above]
        found[code] = above
    return found


def _used(nodes: Sequence[Node], parents: Mapping[str, str]) -> set[str]:
    """Return the nodes that have a place below them."""
    parent_of = {node.code: node.parent for node in nodes}
    used = set()
    for start in set(parents.values()):
        above: str | None = start
        while above is not None and above not in used:
            used.add(above)
            above = parent_of.get(above)
    return used
