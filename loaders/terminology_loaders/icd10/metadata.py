"""The "metadata" text files of ICD-10 and ICD-10-GM: which file is which, and the rows of blocks and chapters.

All have semicolons between fields. One institute (DIMDI, now BfArM) made WHO's files too, and they begin alike;
ICD-10-GM has further fields for what German law says of each code.

References:
    WHO, "ICD-10 Meta Data", read-me: `CODES.TXT`, `BLOCKS.TXT`, `CHAPTERS.TXT`.
    BfArM (formerly DIMDI), ICD-10-GM, `liesmich.txt`: `KAPITEL.TXT`; `GRUPPEN.TXT` with first category and title in
    2004, with the chapter between them in 2005, with the last category too from 2006 or 2007 on.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from attrs import frozen

from terminology.reading import Faults, lines_of

from .layouts import LEAST_GERMAN

CODES_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[345];[TN];[XS];[0-9]{2};[A-Z][0-9]{2};")
BLOCKS_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[A-Z][0-9]{2};(?:[A-Z][0-9]{2};)?(?:[0-9]{2};)?[^;\r\n]+\r?\n")
CHAPTERS_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[0-9]{2};[^;\r\n]+\r?\n")
CATEGORY: Final = re.compile(r"[A-Z][0-9]{2}")
CHAPTER: Final = re.compile(r"0[1-9]|1[0-9]|2[0-2]")
BLOCK_FIELDS: Final = {
    2: "first category, title",
    3: "first category, chapter, title",
    4: "first and last category, chapter, title",
}


def is_codes(head: bytes) -> bool:
    """Return whether the bytes begin like a codes file of either publisher."""
    return CODES_LINE.match(head) is not None


def is_german(head: bytes) -> bool:
    """Return whether a codes file has the fields of ICD-10-GM."""
    return head.split(b"\n", 1)[0].count(b";") + 1 >= LEAST_GERMAN


def is_blocks(head: bytes) -> bool:
    """Return whether the bytes begin like a blocks file."""
    return BLOCKS_LINE.match(head) is not None


def is_chapters(head: bytes) -> bool:
    """Return whether the bytes begin like a chapters file."""
    return CHAPTERS_LINE.match(head) is not None


@frozen
class Block:
    """A row of a blocks file."""

    first: str
    last: str | None
    """None in the layouts that leave it out."""
    chapter: str | None
    """None in the layout that leaves it out."""
    title: str
    line: int


def block_rows(text: str, file: str, *, german: bool) -> list[Block]:
    """Return the blocks, in the order of the file; all have the fields that most lines have.

    Args:
        text: The file.
        file: Its label.
        german: Whether it may be one of the shorter layouts of ICD-10-GM.

    Raises:
        ReleaseFaults: Rows are no blocks, are repeated, or end before they begin; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file)
    blocks: dict[str, Block] = {}
    lines = [(number, [cell.strip() for cell in line.split(";")]) for number, line in lines_of(text) if line.strip()]
    widths = Counter(len(cells) for _, cells in lines)
    width = widths.most_common(1)[0][0] if german and widths else max(BLOCK_FIELDS)
    width = width if width in BLOCK_FIELDS else max(BLOCK_FIELDS)
    for number, cells in lines:
        if len(cells) != width or not all(cells):
            got = ";".join(cells)
            faults.add(f"expected {width} fields ({BLOCK_FIELDS[width]}), got {got!r}", line=number)
            continue
        block = _block(cells, number)
        first, last = block.first, block.last or block.first
        if not (CATEGORY.fullmatch(first) and CATEGORY.fullmatch(last) and first <= last):
            faults.add(f"expected a block's first and last category, got {first!r}, {last!r}", line=number, column=1)
        elif block.chapter is not None and not CHAPTER.fullmatch(block.chapter):
            place = f"field {width - 1} (chapter)"
            faults.add(f"expected a chapter 01 to 22, got {block.chapter!r}", line=number, column=place)
        elif first in blocks:
            faults.add(f"a block from {first} is on line {blocks[first].line} already", line=number, column=1)
        else:
            blocks[first] = block
    faults.raise_if_any()
    return list(blocks.values())


def _block(cells: list[str], number: int) -> Block:
    first, *between, title = cells
    last, chapter = (None, *between) if len(between) == 1 else between or (None, None)
    return Block(first, last, chapter, title, number)


def chapter_rows(text: str, file: str) -> list[tuple[str, str, int]]:
    """Return number, title and line of each chapter.

    Raises:
        ReleaseFaults: Rows are no chapters, or are repeated; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file)
    chapters: dict[str, tuple[str, str, int]] = {}
    for number, line in lines_of(text):
        if not line.strip():
            continue
        chapter, parted, title = line.partition(";")
        if not (CHAPTER.fullmatch(chapter) and parted and title.strip()):
            faults.add(f"expected a chapter 01 to 22 and its title, got {line!r}", line=number)
        elif chapter in chapters:
            faults.add(f"chapter {chapter} is on line {chapters[chapter][2]} already", line=number)
        else:
            chapters[chapter] = (chapter, title.strip(), number)
    faults.raise_if_any()
    return list(chapters.values())
