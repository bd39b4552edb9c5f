"""The "metadata" text files of ICD-10 and ICD-10-GM: codes, blocks and chapters, with semicolons between fields.

Both are made by one institute (DIMDI, now BfArM, made WHO's as well) and begin alike; ICD-10-GM has further fields
for what German law says of each code.

References:
    WHO, "ICD-10 Meta Data", read-me: `CODES.TXT`, `BLOCKS.TXT`, `CHAPTERS.TXT`. Its list of fields ends too early:
    the files of 2016 hold the titles of three, four and five characters in fields 10 to 12, and the tabulation
    lists in the order morbidity, mortality 4, 3, 2, 1.
    BfArM (formerly DIMDI), `icd10gm2016syst_metadaten_liesmich.txt`: the 30 fields of `kodes.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.reading import Faults, lines_of
from terminology.systems import SystemDefinition

from .nodes import Node, kind_of, node_table

if TYPE_CHECKING:
    import pyarrow as pa

CODES_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[345];[TN];[XS];[0-9]{2};[A-Z][0-9]{2};")
BLOCKS_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[A-Z][0-9]{2};[A-Z][0-9]{2};[0-9]{2};[^;\r\n]+\r?\n")
CHAPTERS_LINE: Final = re.compile(rb"(?:\xef\xbb\xbf)?[0-9]{2};[^;\r\n]+\r?\n")
CATEGORY: Final = re.compile(r"[A-Z][0-9]{2}")
CHAPTER: Final = re.compile(r"0[1-9]|1[0-9]|2[0-2]")
MARKED: Final = re.compile(r"([A-Z][0-9]{2}(?:\.[0-9A-Z]{1,2})?)(?:\.?-)?([*!]?)")
USAGES: Final = {"*": "aster", "!": "optional", "": None}
COMBINATIONS: Final = {"X": "explicit", "S": "subclassification"}
NOTHING: Final = frozenset({"", "UNDEF"})
WHO_FIELDS: Final = 17
GM_FIELDS: Final = 30

TITLES: Final = slice(9, 12)
WHO_LISTS: Final = ("morbidity", "mortality_4", "mortality_3", "mortality_2", "mortality_1")
GM_LISTS: Final = ("mortality_1", "mortality_2", "mortality_3", "mortality_4", "morbidity")


@frozen
class Layout:
    """What distinguishes the two publishers' codes files."""

    fields: int
    lists: tuple[str, ...]
    first_list: int
    """Position of the first tabulation list, from 0."""
    german: bool


WHO: Final = Layout(WHO_FIELDS, WHO_LISTS, 12, german=False)
GM: Final = Layout(GM_FIELDS, GM_LISTS, 14, german=True)

GM_CHOICES: Final[Mapping[int, tuple[str, frozenset[str]]]] = {
    12: ("section_295", frozenset("POZV")),
    13: ("section_301", frozenset("POZV")),
    19: ("sex", frozenset("9MW")),
    20: ("sex_error", frozenset("9KM")),
    25: ("age_error", frozenset("9KM")),
}
"""Position from 0, column and allowed values."""
GM_AGES: Final = {22: "age_low", 24: "age_high"}
AGE: Final = re.compile(r"9999|[tj][0-9]{3}")
GM_FLAGS: Final = {26: "rare", 27: "content", 28: "notifiable", 29: "laboratory_exemption"}


def is_codes(head: bytes) -> bool:
    """Return whether the bytes begin like a codes file of either publisher."""
    return CODES_LINE.match(head) is not None


def is_german(head: bytes) -> bool:
    """Return whether a codes file has the fields of ICD-10-GM."""
    return head.split(b"\n", 1)[0].count(b";") >= WHO_FIELDS


def is_blocks(head: bytes) -> bool:
    """Return whether the bytes begin like a blocks file."""
    return BLOCKS_LINE.match(head) is not None


def is_chapters(head: bytes) -> bool:
    """Return whether the bytes begin like a chapters file."""
    return CHAPTERS_LINE.match(head) is not None


def code_rows(text: str, file: str, layout: Layout, definition: SystemDefinition) -> tuple[pa.Table, dict[str, Any]]:
    """Return the rows of a codes file as nodes without what is above a category, and where each belongs.

    Raises:
        ReleaseFaults: Fields are missing, hold what they must not, or contradict each other; all are named.
        ReleaseFormatError: The same, with one error.
    """
    reader = _CodeReader(Faults(file), layout, definition)
    for number, line in lines_of(text):
        if line.strip():
            reader.row(number, line.split(";"))
    reader.finish()
    reader.faults.raise_if_any()
    table = node_table(reader.nodes, german=layout.german)
    return table, reader.places


class _CodeReader:
    def __init__(self, faults: Faults, layout: Layout, definition: SystemDefinition) -> None:
        self.faults = faults
        self.layout = layout
        self.definition = definition
        self.nodes: list[Node] = []
        self.lines: dict[str, int] = {}
        self.terminal: dict[str, bool] = {}
        self.places: dict[str, tuple[str, str]] = {}
        """Chapter and first category of the block, by category."""

    def row(self, number: int, cells: Sequence[str]) -> None:
        if len(cells) != self.layout.fields:
            self._fault(number, f"expected {self.layout.fields} fields, got {len(cells)}", "field 1")
            return
        level, terminal, combination, chapter, block = cells[:5]
        marked, code, plain, title = cells[5:9]
        before = self.faults.count
        self._expect(number, "field 1 (level)", level, level in {"3", "4", "5"}, "3, 4 or 5")
        self._expect(number, "field 2 (place)", terminal, terminal in {"T", "N"}, "T or N")
        self._expect(number, "field 3 (kind)", combination, combination in COMBINATIONS, "X or S")
        self._expect(number, "field 4 (chapter)", chapter, bool(CHAPTER.fullmatch(chapter)), "a chapter 01 to 22")
        self._expect(number, "field 5 (block)", block, bool(CATEGORY.fullmatch(block)), "the first category of a block")
        self._expect(number, "field 9 (title)", title, bool(title.strip()), "a title")
        mark = MARKED.fullmatch(marked)
        wanted = f"a code of {self.definition.title}"
        self._expect(number, "field 7 (code)", code, bool(self.definition.pattern.fullmatch(code)), wanted)
        if self.faults.count > before:
            return
        bare = code.replace(".", "")
        self._expect(number, "field 1 (level)", level, len(bare) == int(level), f"{len(bare)} for {code}")
        self._expect(number, "field 8 (code without dot)", plain, plain == bare, bare)
        self._expect(
            number, "field 6 (code with marks)", marked, mark is not None and mark[1] == code, f"{code} and marks"
        )
        if code in self.lines:
            self._fault(number, f"code {code} is listed on line {self.lines[code]} already", "field 7 (code)")
        properties = self._properties(number, cells)
        if self.faults.count > before:
            return
        self.lines[code] = number
        self.terminal[code] = terminal == "T"
        if len(code) == len("A00"):
            self.places[code] = (chapter, block)
        properties["usage"] = USAGES[mark[2]] if mark else None
        properties["combination"] = COMBINATIONS[combination]
        short = cells[TITLES][int(level) - 3].strip()
        barred = {properties.get("section_295"), properties.get("section_301")} == {"V"}
        self.nodes.append(
            Node(
                code=code,
                title=title.strip(),
                kind=kind_of(code),
                parent=_parent_of(code),
                billable=terminal == "T" and not barred,
                short_title=short if short and short != title.strip() else None,
                line=number,
                properties=properties,
            )
        )

    def finish(self) -> None:
        """Check what only all rows together can show."""
        divided = set()
        if not self.lines and not self.faults:
            self.faults.add("expected at least one code, got none", line=1)
        for node in self.nodes:
            if node.parent is None:
                continue
            divided.add(node.parent)
            if node.parent not in self.lines:
                self._fault(node.line or 0, f"{node.code} is below {node.parent}, which is missing", "field 7 (code)")
        for code, terminal in self.terminal.items():
            if terminal == (code in divided):
                what = "T, and is divided" if terminal else "N, and nothing is below it"
                self._fault(self.lines[code], f"{code} is marked {what}", "field 2 (place)")

    def _properties(self, number: int, cells: Sequence[str]) -> dict[str, Any]:
        layout = self.layout
        found: dict[str, Any] = {}
        for offset, name in enumerate(layout.lists):
            value = cells[layout.first_list + offset].strip()
            prefix = f"{name[-1]}-" if name != "morbidity" else ""
            sound = value in NOTHING or bool(re.fullmatch(rf"{prefix}[0-9]{{3}}", value))
            where = f"field {layout.first_list + offset + 1} ({name})"
            self._expect(number, where, value, sound, f"an entry of the list like {prefix}001, or UNDEF")
            found[name] = None if value in NOTHING else value
        if layout.german:
            found |= self._german(number, cells)
        return found

    def _german(self, number: int, cells: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for position, (name, allowed) in GM_CHOICES.items():
            value = cells[position]
            self._expect(number, f"field {position + 1} ({name})", value, value in allowed, _either(allowed))
            found[name] = None if value == "9" else value
        for position, name in GM_AGES.items():
            value = cells[position]
            where = f"field {position + 1} ({name})"
            self._expect(number, where, value, bool(AGE.fullmatch(value)), "9999, t000 to t365 or j001 to j124")
            found[name] = None if value == "9999" else value
        for position, name in GM_FLAGS.items():
            value = cells[position]
            self._expect(number, f"field {position + 1} ({name})", value, value in {"J", "N"}, "J or N")
            found[name] = value == "J"
        return found

    def _expect(self, number: int, where: str, value: str, sound: bool, wanted: str) -> None:  # noqa: FBT001 -- private
        if not sound:
            self._fault(number, f"expected {wanted}, got {value!r}", where)

    def _fault(self, number: int, message: str, where: str) -> None:
        self.faults.add(message, line=number, column=where)


def _either(allowed: frozenset[str]) -> str:
    return ", ".join(sorted(allowed)[:-1]) + f" or {max(allowed)}"


def _parent_of(code: str) -> str | None:
    """Return the code above by its characters, or None for a category.

    >>> _parent_of("E10.30"), _parent_of("E10.3"), _parent_of("E10")
    ('E10.3', 'E10', None)
    """
    return code[:-1].rstrip(".") if "." in code else None


@frozen
class Block:
    """A row of a blocks file."""

    code: str
    chapter: str
    title: str
    line: int


def block_rows(text: str, file: str) -> list[Block]:
    """Return the blocks, in the order of the file.

    Raises:
        ReleaseFaults: Rows are no blocks, are repeated, or end before they begin; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file)
    blocks: dict[str, Block] = {}
    for number, line in lines_of(text):
        cells = [cell.strip() for cell in line.split(";")]
        if not line.strip():
            continue
        if len(cells) != 4 or not all(cells):  # noqa: PLR2004 -- first, last, chapter, title
            faults.add(f"expected 4 fields (first and last category, chapter, title), got {line!r}", line=number)
            continue
        first, last, chapter, title = cells
        if not (CATEGORY.fullmatch(first) and CATEGORY.fullmatch(last) and first <= last):
            faults.add(f"expected a block's first and last category, got {first!r}, {last!r}", line=number, column=1)
        elif not CHAPTER.fullmatch(chapter):
            faults.add(f"expected a chapter 01 to 22, got {chapter!r}", line=number, column="field 3 (chapter)")
        elif first in blocks:
            faults.add(f"a block from {first} is on line {blocks[first].line} already", line=number, column=1)
        else:
            blocks[first] = Block(f"{first}-{last}", chapter, title, number)
    faults.raise_if_any()
    return list(blocks.values())


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
