"""The "see" of an alphabetic index, followed to codes: once, when the index is compiled.

``Attack, heart — see Infarct, myocardium`` names a main term, and then terms below it, each by the beginning of what
the index prints: ``Infarct, infarction`` and ``myocardium, myocardial (acute) (with stenosis)``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from attrs import define, field

from .words import folded

if TYPE_CHECKING:
    import pyarrow as pa

BESIDE: Final = re.compile(r" ?\([^)]*\)")
"""What stands beside a term changes nothing, in a reference as in the index."""
PCS_COLUMN: Final = "relation"
"""A column that the table of an index of ICD-10-PCS alone has."""
ALPHABETIC: Final = "alphabetic"
"""The index that terms of the others refer to as well."""
SENT_AWAY: Final = "condition"
"""``Bronchi — see condition`` tells a coder to look up the condition; it refers to no term."""
FOLLOWED: Final = 4
"""Most references that are followed one after the other."""


@define
class Node:
    """A term of an index, with the terms below it by each of their names."""

    codes: list[str] = field(factory=list)
    reference: str | None = None
    below: dict[str, list[Node]] = field(factory=dict)
    _sorted: list[str] | None = None

    def named(self, part: str) -> list[Node]:
        """Return the terms below that a part of a reference names: exactly, else those whose name it begins."""
        exact = self.below.get(part)
        if exact:
            return exact
        if self._sorted is None or len(self._sorted) != len(self.below):
            self._sorted = sorted(self.below)
        low, high = bisect_left(self._sorted, part), bisect_left(self._sorted, f"{part}\U0010ffff")
        return [node for name in self._sorted[low:high] for node in self.below[name]]


class IndexTerm(NamedTuple):
    """A term of an index with the codes that it leads to, itself or by what it refers to."""

    which: str
    path: tuple[str, ...]
    codes: Sequence[tuple[str, str]]
    """Each with the heading of its column, if it stands in one."""
    beside: tuple[str, ...]
    """What may stand beside the term."""
    line: int | None = None
    file: str = ""
    """The file, where the table names it."""


class References:
    """The terms of one index as a tree, in which references are followed."""

    def __init__(self) -> None:
        self._root = Node()
        self._open: list[Node] = [self._root]

    def add(self, level: int, term: str, codes: Sequence[str], reference: str | None) -> Node:
        """Add the next term of the index, as deep below the one before as its level says."""
        node = Node(list(codes), reference)
        del self._open[level + 1 :]
        above = self._open[-1]
        for name in names_of(folded(term)):
            above.below.setdefault(name, []).append(node)
        self._open.append(node)
        return node

    def codes_of(self, reference: str, followed: int = FOLLOWED) -> list[str]:
        """Return the codes that a reference leads to, through other references; empty where it leads to none.

        >>> index = References()
        >>> _ = index.add(0, "Infarct, infarction", [], None)
        >>> _ = index.add(1, "myocardium, myocardial", ["I21.9"], None)
        >>> index.codes_of("Infarct, myocardium")
        ['I21.9']
        """
        if folded(reference) == SENT_AWAY:
            return []
        for node in self._led_to(BESIDE.sub("", folded(reference))):
            if node.codes:
                return node.codes
            if node.reference and followed:
                return self.codes_of(node.reference, followed - 1)
        return []

    def _led_to(self, reference: str) -> Iterator[Node]:
        """Yield the terms that a reference names, those that take in most of its parts first."""
        parts = [part for part in reference.split(", ") if not part.startswith("by ")]
        level, passed = [self._root], []
        place = 0
        while place < len(parts) and level:
            # what the index prints as one term may have commas of its own
            for end in range(len(parts), place, -1):
                found = [node for one in level for node in one.named(", ".join(parts[place:end]))]
                if found:
                    passed.append(found)
                    level, place = found, end
                    break
            else:
                break
        for nodes in reversed(passed):
            yield from nodes


def names_of(term: str) -> list[str]:
    """Return all that a term is called: ``infarct, infarction`` is either, ``complication(s)`` one or several.

    >>> names_of("infarct, infarction")
    ['infarct, infarction', 'infarct', 'infarction']
    """
    term = term.removesuffix(" -")
    names = dict.fromkeys([term, *term.split(", ")])
    if "(s)" not in term:
        return list(names)
    return list(dict.fromkeys(form for name in names for form in (name, *forms_of(name))))


def forms_of(name: str) -> tuple[str, ...]:
    """Return both forms of a name that may be of one or of several."""
    return (name.replace("(s)", ""), name.replace("(s)", "s")) if "(s)" in name else ()


class IndexRow(NamedTuple):
    """A row of the table of an index: a term, or the code in one of its columns."""

    which: str
    terms: Sequence[str]
    code: str | None
    category: str | None = None
    see: str | None = None
    see_also: str | None = None
    heading: str | None = None
    nonessential: Sequence[str] | None = None
    line: int | None = None
    file: str = ""

    @property
    def reference(self) -> str | None:
        """What the term refers to."""
        return self.see or self.see_also


def indexes_of(table: pa.Table) -> dict[str, str]:
    """Return which indexes the table of a release has, each with its file; empty where the table does not name it."""
    if PCS_COLUMN in table.column_names:
        return {ALPHABETIC: ""}
    chosen = table.select(["index", "file"]).group_by("index").aggregate([("file", "min")]).to_pydict()
    return dict(sorted(zip(chosen["index"], chosen["file_min"], strict=True)))


def terms_of_index(table: pa.Table) -> Iterator[IndexTerm]:
    """Yield the terms of the table of an index, their references followed."""
    found: list[tuple[IndexRow, list[tuple[str, str]]]] = []
    trees: dict[str, References] = {}
    for row in _rows(table):
        code = row.code or row.category
        codes = [(code, row.heading or "")] if code else []
        if row.heading is not None or (found and not row.reference and found[-1][0][:2] == row[:2]):
            # a cell of the term before, or a further target of it, as ICD-10-PCS has them
            found[-1][1].extend(codes)
            continue
        tree = trees.setdefault(row.which, References())
        tree.add(len(row.terms) - 1, row.terms[-1], [code] if code else [], row.reference)
        found.append((row, codes))
    for row, codes in found:
        if row.reference and not codes:
            own = [trees[name] for name in dict.fromkeys((row.which, ALPHABETIC)) if name in trees]
            led = next(filter(None, (tree.codes_of(row.reference) for tree in own)), [])
            codes += [(code, "") for code in led]
        yield IndexTerm(row.which, tuple(row.terms), codes, tuple(row.nonessential or ()), row.line, row.file)


def _rows(table: pa.Table) -> Iterator[IndexRow]:
    """Yield the rows in one form, that of ICD-10-CM; the other is that of ICD-10-PCS."""
    if PCS_COLUMN not in table.column_names:
        names = ("index", "terms", "code", "category", "see", "see_also", "heading", "nonessential", "line", "file")
        yield from map(IndexRow._make, zip(*(table.column(name).to_pylist() for name in names), strict=True))
        return
    before: list[str] = []
    columns = columns_of(table, PCS_COLUMN, "path", "target", "line")
    for relation, path, target, line in zip(*columns, strict=True):
        # "use" names the value of an axis, and leads to no code
        if relation == "use":
            continue
        # terms that lead nowhere themselves are not listed
        for end in range(1, len(path)):
            if before[:end] != path[:end]:
                yield IndexRow(ALPHABETIC, path[:end], None)
        yield IndexRow(ALPHABETIC, path, target, line=line)
        before = path


def columns_of(table: pa.Table, *names: str) -> Sequence[Any]:
    """Return columns as lists; of one that a table does not have a list of zeros."""
    held = table.column_names
    return [table.column(name).to_pylist() if name in held else [0] * table.num_rows for name in names]
