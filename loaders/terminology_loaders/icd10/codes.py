"""The codes file of ICD-10 and ICD-10-GM, line by line: each code with its title, its flags and its place.

Three things can be odd, and are read all the same, with a warning:

- a field that touches neither which code it is nor whether it may be used: it is left empty (`D` for a kind of error);
- the level, which the code shows as well (`0` for A56.1 in ICD-10-GM 2008);
- a category that is not listed while one of its codes is (`W49.9` in ICD-10-GM until 2008): the code says its block.

Where more than one line in a hundred is odd, the file is not what its number of fields says, and is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from terminology.counts import counted
from terminology.reading import Faults, lines_of
from terminology.systems import SystemDefinition

from .layouts import ADMISSIONS, AGE, OLD_AGE, Layout, modern_age
from .metadata import CATEGORY, CHAPTER
from .nodes import CATEGORY_LENGTH, Node, kind_of, node_table

if TYPE_CHECKING:
    import pyarrow as pa

MARKED: Final = re.compile(r"([A-Z][0-9]{2}(?:\.[0-9A-Z]{1,2})?)(?:\.?-)?([*!]?)")
USAGES: Final = {"*": "aster", "!": "optional", "": None}
COMBINATIONS: Final = {"X": "explicit", "S": "subclassification"}
LEVELS: Final = frozenset("345")
NOTHING: Final = frozenset({"", "UNDEF"})
NEUTRAL: Final = frozenset({"9", "9999"})
BARRED: Final = "V"
RARE: Final = 100
"""One line in this many may be odd."""
Places = dict[str, tuple[str, str]]
"""Chapter and first category of the block, by category; by code where its category is not listed."""


def code_rows(text: str, faults: Faults, layout: Layout, definition: SystemDefinition) -> tuple[pa.Table, Places]:
    """Return the rows of a codes file as nodes without what is above a category, and where each belongs.

    Args:
        text: The file.
        faults: Takes the errors, and the lines that are read although they are odd.
        layout: Of the file.
        definition: Of the code system.

    Raises:
        ReleaseFaults: Fields are missing, hold what they must not, or contradict each other; all are named.
        ReleaseFormatError: The same, with one error.
    """
    reader = _CodeReader(faults, layout, definition)
    for number, line in lines_of(text):
        if line.strip():
            reader.row(number, line.split(";"))
    reader.finish()
    faults.raise_if_any()
    kept = {node.code for node in reader.nodes}
    places = {code: place for code, place in reader.places.items() if code in kept}
    return node_table(reader.nodes, german=bool(layout.admissions)), places


class _CodeReader:
    def __init__(self, faults: Faults, layout: Layout, definition: SystemDefinition) -> None:
        self.faults = faults
        self.layout = layout
        self.definition = definition
        self.nodes: list[Node] = []
        self.lines: dict[str, int] = {}
        self.terminal: dict[str, bool] = {}
        self.places: Places = {}
        self.alone: Places = {}
        """Places of codes of four characters; those whose category is not listed have no other."""
        self.odd: list[tuple[int, str, str, str, str]] = []
        """Line, field, what was expected, what is there, and what becomes of it."""

    def row(self, number: int, cells: Sequence[str]) -> None:
        if len(cells) != self.layout.fields:
            self._fault(number, f"expected {self.layout.fields} fields, got {len(cells)}", "field 1")
            return
        before = self.faults.count
        self._check_fields(number, cells)
        if self.faults.count == before:
            self._check_code(number, cells)
        properties = self._properties(number, cells) if self.faults.count == before else {}
        if self.faults.count == before:
            self._take(number, cells, properties)

    def _check_fields(self, number: int, cells: Sequence[str]) -> None:
        terminal, combination, chapter, block, _, code, _, title = cells[1:9]
        self._expect(number, "field 2 (place)", terminal, terminal in {"T", "N"}, "T or N")
        self._expect(number, "field 3 (kind)", combination, combination in COMBINATIONS, "X or S")
        self._expect(number, "field 4 (chapter)", chapter, bool(CHAPTER.fullmatch(chapter)), "a chapter 01 to 22")
        self._expect(number, "field 5 (block)", block, bool(CATEGORY.fullmatch(block)), "the first category of a block")
        self._expect(number, "field 9 (title)", title, bool(title.strip()), "a title")
        wanted = f"a code of {self.definition.title}"
        self._expect(number, "field 7 (code)", code, bool(self.definition.pattern.fullmatch(code)), wanted)

    def _check_code(self, number: int, cells: Sequence[str]) -> None:
        level, marked, code, plain = cells[0], *cells[5:8]
        bare, mark = code.replace(".", ""), MARKED.fullmatch(marked)
        if level != str(len(bare)):
            wanted = f"{len(bare)} for {code}" if level in LEVELS else "3, 4 or 5"
            self.odd.append((number, "field 1 (level)", wanted, level, "the code shows it"))
        self._expect(number, "field 8 (code without dot)", plain, plain == bare, bare)
        fits = mark is not None and mark[1] == code
        self._expect(number, "field 6 (code with marks)", marked, fits, f"{code} and marks")
        if code in self.lines:
            self._fault(number, f"code {code} is listed on line {self.lines[code]} already", "field 7 (code)")

    def _take(self, number: int, cells: Sequence[str], properties: dict[str, Any]) -> None:
        terminal, combination, chapter, block, marked, code, _, title = cells[1:9]
        mark = MARKED.fullmatch(marked)
        self.lines[code] = number
        self.terminal[code] = terminal == "T"
        if len(code) == CATEGORY_LENGTH:
            self.places[code] = (chapter, block)
        elif _parent_of(code) == code[:CATEGORY_LENGTH]:
            self.alone[code] = (chapter, block)
        properties["usage"] = USAGES[mark[2]] if mark else None
        properties["combination"] = COMBINATIONS[combination]
        barred = {properties.get("section_295"), properties.get("section_301")} == {BARRED}
        self.nodes.append(
            Node(
                code=code,
                title=title.strip(),
                kind=kind_of(code),
                parent=_parent_of(code),
                billable=terminal == "T" and not barred,
                short_title=self._short_title(cells),
                line=number,
                properties=properties,
            )
        )

    def _short_title(self, cells: Sequence[str]) -> str | None:
        """Return the title of the code's own level; None where the layout has none, or it is the whole title."""
        if self.layout.titles is None:
            return None
        short = cells[self.layout.titles + len(cells[7]) - CATEGORY_LENGTH].strip()
        return short if short and short != cells[8].strip() else None

    def finish(self) -> None:
        """Check what only all rows together can show; rows that have an error now are left out too."""
        if not self.lines and not self.faults:
            self.faults.add("expected at least one code, got none", line=1, of_file=True)
        self._place_without_category()
        divided = {node.parent for node in self.nodes if node.parent}
        for node in list(self.nodes):
            terminal = self.terminal[node.code]
            if terminal and node.code in divided:
                # what is below it has no place without it
                self._fault(node.line or 0, f"{node.code} is marked T, and is divided", "field 2 (place)", of_file=True)
            elif not terminal and node.code not in divided:
                self._fault(node.line or 0, f"{node.code} is marked N, and nothing is below it", "field 2 (place)")
                self.nodes.remove(node)
        tolerated = len(self.odd) * RARE <= len(self.nodes)
        for line, where, wanted, value, outcome in self.odd:
            if tolerated:
                self.faults.slip(f"expected {wanted}; {outcome}", value, line=line, column=where)
            else:
                self._fault(line, f"expected {wanted}, got {value!r}", where, of_file=True)

    def _place_without_category(self) -> None:
        """Give codes whose category is not listed a place of their own; where they are many, or longer, they are errors."""
        missing = {node.code for node in self.nodes if node.parent and node.parent not in self.lines}
        alone = [node.code for node in self.nodes if node.code in missing and node.code in self.alone]
        if alone and len(alone) * RARE <= len(self.nodes):
            self.places |= {code: self.alone[code] for code in alone}
            reason = (
                f"{counted(len(alone), 'code is', 'codes are')} listed without category, and placed below its block"
            )
            self.faults.slip(reason, ", ".join(alone), line=self.lines[alone[0]], column="field 7 (code)")
            missing -= set(alone)
        for node in self.nodes:
            if node.code in missing:
                message = f"{node.code} is below {node.parent}, which is missing"
                self._fault(node.line or 0, message, "field 7 (code)")
        left_out = {code for code in self.lines if any(code.startswith(above) for above in missing)}
        self.nodes = [node for node in self.nodes if node.code not in left_out] if missing else self.nodes

    def _properties(self, number: int, cells: Sequence[str]) -> dict[str, Any]:
        layout = self.layout
        found: dict[str, Any] = {}
        for name, place in layout.lists.items():
            value = cells[place].strip()
            prefix = f"{name[-1]}-" if name != "morbidity" else ""
            sound = value in NOTHING or bool(re.fullmatch(rf"{prefix}[0-9]{{3}}", value))
            wanted = f"an entry of the list like {prefix}001, or UNDEF"
            found[name] = self._value(number, name, place, value, wanted if not sound else None)
        for name, place in layout.admissions.items():
            value = found[name] = cells[place]
            self._expect(number, _field(place, name), value, value in ADMISSIONS, _either(ADMISSIONS))
        for name, (place, allowed) in layout.choices.items():
            value = cells[place]
            found[name] = self._value(number, name, place, value, None if value in allowed else _either(allowed))
        for name, place in layout.ages.items():
            found[name] = self._age(number, name, place, cells[place])
        for name, place in layout.flags.items():
            flag = self._value(number, name, place, cells[place], None if cells[place] in {"J", "N"} else "J or N")
            found[name] = None if flag is None else flag == "J"
        return found

    def _age(self, number: int, name: str, place: int, value: str) -> str | None:
        if self.layout.old_ages:
            sound, wanted = bool(OLD_AGE.fullmatch(value)), "999, 000 to 006, 011 to 013, 101 to 111 or 201 to 324"
            value = modern_age(value) if sound else value
        else:
            sound, wanted = bool(AGE.fullmatch(value)), "9999, t000 to t365 or j001 to j124"
        return self._value(number, name, place, value, None if sound else wanted)

    def _value(self, number: int, name: str, place: int, value: str, wanted: str | None) -> str | None:
        """Return the value, None where it says nothing or is not what is wanted; that is noted."""
        if wanted is not None:
            self.odd.append((number, _field(place, name), wanted, value, "left empty"))
        return None if wanted is not None or value in NOTHING or value in NEUTRAL else value

    def _expect(self, number: int, where: str, value: str, sound: bool, wanted: str) -> None:  # noqa: FBT001 -- private
        if not sound:
            self._fault(number, f"expected {wanted}, got {value!r}", where)

    def _fault(self, number: int, message: str, where: str, *, of_file: bool = False) -> None:
        self.faults.add(message, line=number, column=where, of_file=of_file)


def _field(place: int, name: str) -> str:
    return f"field {place + 1} ({name})"


def _either(allowed: frozenset[str]) -> str:
    return ", ".join(sorted(allowed)[:-1]) + f" or {max(allowed)}"


def _parent_of(code: str) -> str | None:
    """Return the code above by its characters, or None for a category.

    >>> _parent_of("E10.30"), _parent_of("E10.3"), _parent_of("E10")
    ('E10.3', 'E10', None)
    """
    return code[:-1].rstrip(".") if "." in code else None
