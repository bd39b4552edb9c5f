"""Find codes in compiled files: in which row a code stands, and which code stands in a row.

A code is found by its key, the number that its first eight bytes make; hardly any code has more. Keys are in order, so
they can be searched; but a search among 98,000 reads 17 of them. So the codes of a system have a table of slots
beside them, made by `compiling.slots`. The slot of a key is ``key % slots``, and holds the row of the code plus one.
Where the slot is taken by another key, it is the one before it, and so on. An empty slot, 0, says that there is no
such code. Seven slots, with the keys 3, 8 and 15 in rows 0, 1 and 2::

    slot      0    1    2    3    4    5    6
    row + 1   3    2    0    1    0    0    0       8 % 7 is 1, and so is 15 % 7, which takes slot 0

The slot before slot 0 is the last one: -1, as Python counts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from .damage import damaged
from .lazy import Lazy
from .mapped import MappedTable

KEY_BYTES = 8
REMEMBERED = 65_536


def key_of(code: str) -> int:
    """Return the number under which a code is sorted: its first eight bytes, big-endian.

    >>> key_of("A00") < key_of("A00.0") < key_of("A01")
    True
    """
    return int.from_bytes(code.encode("utf-8", "surrogatepass")[:KEY_BYTES].ljust(KEY_BYTES, b"\0"), "big")


class CodeColumn(Lazy):
    """Codes in order of their bytes, found by binary search over their keys. A code may stand in several rows."""

    __slots__ = ("_names", "_rows", "codes", "count", "keys", "table")

    def __init__(self, table: MappedTable) -> None:
        self.table = table
        self.codes = table.texts("code")
        self.count = table.rows
        self._names: dict[int, str] = {}
        self._rows: dict[str, int] = {}
        self.keys = table.integers("key")

    def find(self, code: str) -> int:
        """Return the (first) row of a code, or -1; the rows of the last codes asked for are remembered."""
        row = self._rows.get(code)
        if row is None:
            row = self.search(code)
            if row >= 0:
                if len(self._rows) >= REMEMBERED:
                    self._rows.clear()
                self._rows[code] = row
        return row

    def search(self, code: str) -> int:
        """Return the (first) row of a code, or -1; for who remembers what follows from it."""
        key, keys = key_of(code), self.keys
        row = bisect_left(keys, key)
        if row >= self.count or keys[row] != key:
            return -1
        # up to seven bytes are their key, if none of them is the padding
        if "\0" in code or len(code.encode("utf-8", "surrogatepass")) >= KEY_BYTES:
            return self._row_among(code, row)
        return row

    def _row_among(self, code: str, first: int) -> int:
        """Return the row of a code among those that share the key of the first; there may be thousands."""
        codes = self.codes
        if codes[first] == code:
            return first
        # keys are read faster than codes
        end = bisect_right(self.keys, self.keys[first], first)
        row = bisect_left(codes, code, first, end)
        return row if row < end and codes[row] == code else -1

    def require_size(self) -> None:
        """Return if what is searched still has the size with which it was opened; to be asked before "there is none" is said.

        Raises:
            StoreDamagedError: A file was cut short: what is behind its end reads as zeros.
        """
        self.table.require_size()

    def name(self, row: int) -> str:
        """Return the code in a row; the last ones asked for are remembered."""
        names = self._names
        try:
            return names[row]
        except KeyError:
            if len(names) >= REMEMBERED:
                names.clear()
            names[row] = name = str(self.codes[row])
            return name


class SlottedCodes(CodeColumn):
    """Codes that stand in one row each, found through a table of slots."""

    __slots__ = ("_size", "_slots", "_table")

    def __init__(self, table: MappedTable, slots: MappedTable) -> None:
        super().__init__(table)
        self._table = slots
        self._slots = slots.integers("row")
        self._size = slots.rows
        if not self._size:
            raise damaged(slots.path, "is damaged: it has no slots")

    def require_size(self) -> None:
        """As of any column of codes; the slots are searched too."""
        super().require_size()
        self._table.require_size()

    def search(self, code: str) -> int:
        """Return the row of a code, or -1."""
        # `key_of`, without the call: this is most of what a first question costs
        encoded = code.encode("utf-8", "surrogatepass")
        length = len(encoded)
        key = int.from_bytes(encoded.ljust(KEY_BYTES, b"\0") if length <= KEY_BYTES else encoded[:KEY_BYTES], "big")
        keys, slots = self.keys, self._slots
        slot = key % self._size
        row = slots[slot] - 1
        while row >= 0 and keys[row] != key:
            slot -= 1
            row = slots[slot] - 1
        if row >= 0 and (length >= KEY_BYTES or "\0" in code):
            return self._row_among(code, row)
        return row
