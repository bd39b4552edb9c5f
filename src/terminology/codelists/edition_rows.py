"""The rows in force of an edition, in document order, indexed for choosing ranges and patterns of them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .. import schema

if TYPE_CHECKING:
    import pyarrow as pa

    from ..query import Edition

_ROWS: WeakKeyDictionary[Edition, EditionRows] = WeakKeyDictionary()
"""Of each edition that was asked, as long as somebody holds it."""


class EditionRows:
    """The rows in force of an edition. Rows that are no codes (chapters, sections, groups, prefixes) keep their place."""

    def __init__(self, edition: Edition) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        self.table: pa.Table = edition.table("concepts").select(
            ["code", "title", "billable", "kind", "status", "parent"]
        )
        self.codes: list[str] = self.table.column("code").to_pylist()
        self.places = {code: place for place, code in enumerate(self.codes)}
        uncounted = pc.is_in(self.table.column("kind"), pa.array(sorted(schema.UNCOUNTED_KINDS)))
        nodes = pc.or_(uncounted, pc.equal(self.table.column("status"), "unknown"))
        self.is_code: Any = ~np.asarray(nodes)
        parents = set(self.table.column("parent").unique().to_pylist())
        self.is_flat = not any(self.is_code[self.places[code]] for code in parents if code in self.places)
        """Whether no code is below another."""
        self.billable: Any = np.asarray(self.table.column("billable"))

    def __len__(self) -> int:
        return len(self.codes)

    def place(self, edition: Edition, code: str) -> int:
        """Return the place of a code in any accepted form, or -1."""
        found = self.places.get(code)
        if found is None:
            official = edition.definition.official(code)
            found = self.places.get(official) if official else None
        return -1 if found is None else found

    def stretch(self, edition: Edition, place: int) -> tuple[int, int]:
        """Return where the code at a place and everything below it begins and ends."""
        # rows are in the order of the tree, and nothing else is between a code and its last descendant
        return place, place + 1 + len(edition.descendants(self.codes[place]))

    @cached_property
    def _sorted(self) -> tuple[list[str], list[int]]:
        order = sorted(range(len(self.codes)), key=self.codes.__getitem__)
        return [self.codes[place] for place in order], order

    def fitting(self, pattern: str) -> list[int]:
        """Return the places of what fits a pattern as a whole; ``*`` is any text, ``?`` one character."""
        parts = re.split(r"([*?])", pattern)
        expression = re.compile("".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts), re.DOTALL)
        names, order = self._sorted
        first = bisect_left(names, parts[0])
        last = bisect_right(names, parts[0] + chr(0x10FFFF)) if parts[0] else len(names)
        return [order[n] for n in range(first, last) if expression.fullmatch(names[n])]

    @cached_property
    def _numbered(self) -> dict[str, list[str]]:
        """The codes of each form, sorted; empty where codes are below codes."""
        found: dict[str, list[str]] = {}
        if not self.is_flat:
            return found
        for place, code in enumerate(self.codes):
            if self.is_code[place]:
                found.setdefault(form_of(code), []).append(code)
        return {form: sorted(codes) for form, codes in found.items()}

    def between(self, first: str, last: str) -> list[int] | None:
        """Return the places of the codes from one to another by their number; None where codes are not so ordered.

        Codes of a system without codes below codes (HCPCS, CPT) are numbers of one form: the place of one is known
        though it is not in force.
        """
        codes = self._numbered.get(form_of(first)) if form_of(first) == form_of(last) else None
        if codes is None:
            return None
        return sorted(self.places[code] for code in codes[bisect_left(codes, first) : bisect_right(codes, last)])

    def chosen(self, mask: Any) -> Iterator[str]:
        """Yield the codes that a mask selects, in document order."""
        import numpy as np

        codes = self.codes
        return (codes[place] for place in np.flatnonzero(mask & self.is_code).tolist())


def form_of(code: str) -> str:
    """Return the form of a code: its digits and letters by their kind; a letter after a digit is a series of its own.

    >>> form_of("J1815"), form_of("LT"), form_of("9991U")
    ('A9999', 'AA', '9999U')
    """
    return re.sub(r"(?<!9)[^\W\d_]", "A", re.sub(r"\d", "9", code))


def rows_of(edition: Edition) -> EditionRows:
    """Return the rows of an edition; they are indexed once."""
    found = _ROWS.get(edition)
    if found is None:
        found = _ROWS[edition] = EditionRows(edition)
    return found
