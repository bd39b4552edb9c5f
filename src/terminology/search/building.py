"""Make the search index of a code system: plain columns of numbers, written beside its other compiled files.

Eleven tables, all in the form that `store.mapped` reads::

    search-words     every word with its weight and the place of its first posting
    search-postings  the terms that have each word, word by word: twice their number, and one where it is beside the term
    search-terms     kind, weight, releases and first member of each term
    search-texts     terms of notes and of indexes as they are printed, each text once
    search-members   the codes that each term leads to, each with its suffix
    search-titles    of the members of titles, which come first, an interval row that has the title
    search-suffixes  the texts of suffixes, and which of them the members of each class of terms have
    search-releases  which releases came with terms of each kind: with notes, with which of the indexes
    search-lines     the line of each term of notes and of indexes, in the file of the first release that has it
    search-steps     how lines moved from one release to the next
    search-sounds    what is left of the sounds of words without one letter: where typos are looked up
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from ..store.compiling import ReleaseTables
from ..store.compiling.ipc import write_compiled
from ..store.folder import StoreFolder
from ..store.mapped import MappedTable
from ..store.pointer import CompiledFile, SystemEntry
from .entries import HEADING, OWN_SHORT_TITLES, TERM_SCALE, TITLES, WEIGHT_SCALE, Entries
from .lines import line_tables
from .words import PLAIN_WEIGHT, PLAIN_WORDS, SHORTEST_SOUND, deletions, sound_of

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST: Final = 0xFFFF


def with_search_index(store: StoreFolder, entry: SystemEntry, releases: Sequence[ReleaseTables]) -> SystemEntry:
    """Return the code system with the files of its search index, which are written, and nothing points to them yet.

    Args:
        store: Where the files go.
        entry: The compiled system, without a search index.
        releases: Those of the entry, in the same order.
    """
    tables = search_tables(store, entry, releases)
    files = {f"search-{name}": write_compiled(store, table) for name, table in tables.items()}
    return entry._replace(files={**entry.files, **files})


def search_tables(store: StoreFolder, entry: SystemEntry, releases: Sequence[ReleaseTables]) -> dict[str, pa.Table]:
    """Return the tables of the search index of a compiled system."""
    with _collector_paused():
        return _tables(entries_of(store, entry, releases))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Look for no reference cycles: none are made here, and to look among a million new objects doubles the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def entries_of(store: StoreFolder, entry: SystemEntry, releases: Sequence[ReleaseTables]) -> Entries:
    """Return all that is searched of a compiled system."""
    import numpy as np

    codes, periods = (_mapped(store, entry.files[name]).to_arrow() for name in ("codes", "periods"))
    names = codes.column("code").to_pylist()
    rows = {code: row for row, code in enumerate(names)}
    owners = np.searchsorted(codes.column("first").to_numpy(), np.arange(periods.num_rows), side="right") - 1
    found = Entries(len(releases))
    short = entry.definition.name in OWN_SHORT_TITLES
    found.add_titles(periods, owners.tolist(), _parents(store, entry, len(names)), short=short)
    found.add_inclusions(_held(releases, "notes"), rows)
    found.add_index(_held(releases, "index"), rows)
    return found


def _mapped(store: StoreFolder, file: CompiledFile) -> MappedTable:
    return MappedTable(store.compiled, file)


def _held(releases: Sequence[ReleaseTables], name: str) -> list[tuple[int, Any]]:
    """Return a table of the releases that have it, each with the number of its release."""
    return [(number, item.tables[name]) for number, item in enumerate(releases) if name in item.tables]


def _parents(store: StoreFolder, entry: SystemEntry, count: int) -> list[int]:
    """Return the row of the parent of each code in the newest tree that has the code; -1 where there is none."""
    import numpy as np

    found = np.full(count, -1, dtype=np.int64)
    for tree in dict.fromkeys(item.tree for item in entry.releases):
        table = _mapped(store, entry.files[f"tree-{tree}"])
        node, parent = (np.asarray(table.integers(name)).astype(np.int64) for name in ("node", "parent"))
        held = node < count
        above = parent[held]
        found[node[held]] = np.where(above < count, node[np.where(above < count, above, 0)], -1)
    result: list[int] = found.tolist()
    return result


# ---- columns


def _tables(entries: Entries) -> dict[str, pa.Table]:
    import numpy as np
    import pyarrow as pa

    terms = entries.terms
    vocabulary = sorted({word for term in terms for words in (term.words, term.also, term.extra) for word in words})
    numbers = {word: number for number, word in enumerate(vocabulary)}
    held = [
        {
            **dict.fromkeys(map(numbers.__getitem__, term.extra), 1),
            **dict.fromkeys(map(numbers.__getitem__, (*term.words, *term.also)), 0),
        }
        for term in terms
    ]
    lengths = np.fromiter(map(len, held), dtype=np.int64, count=len(held))
    words = np.fromiter((word for one in held for word in one), dtype=np.int64, count=int(lengths.sum()))
    beside = np.fromiter((flag for one in held for flag in one.values()), dtype=np.int64, count=len(words))
    order = np.argsort(words, kind="stable")
    frequency = np.bincount(words, minlength=len(vocabulary))
    # a chapter makes no word less rare
    in_term = ~np.repeat([term.kind == HEADING for term in terms], lengths)
    rarity = np.bincount(words[in_term], minlength=len(vocabulary))
    weights = np.log(1 + sum(term.kind != HEADING for term in terms) / np.maximum(rarity, 1))
    postings = (2 * np.repeat(np.arange(len(terms)), lengths) + beside)[order]
    classes = _Classes(entries)
    members = [member for term in terms for member in term.members]
    titles = [member[2] for term in terms if term.kind in TITLES for member in term.members]
    lines, steps = line_tables(entries.lines, sum(term.kind in TITLES for term in terms), len(terms))
    texts = {text: place for place, text in enumerate(dict.fromkeys(["", *(term.text for term in terms)]))}
    return {
        "words": _word_table(vocabulary, frequency, weights),
        "postings": pa.table({"term": narrow(postings)}),
        "terms": pa.table(
            {
                "kind": narrow([term.kind for term in terms]),
                "weight": narrow(_term_weights(terms, numbers, weights)),
                "first": narrow([term.first for term in terms]),
                "end": narrow([term.end for term in terms]),
                "class": narrow([classes.of(term.members) for term in terms]),
                "members": narrow(np.cumsum([0, *(len(term.members) for term in terms)])[:-1]),
                # one more, so that 0 is none
                "parent": narrow([term.parent + 1 for term in terms]),
                "text": narrow([texts[term.text] for term in terms]),
            }
        ),
        "texts": pa.table({"text": pa.array(texts, pa.string())}),
        "members": pa.table(
            {
                "code": narrow([member[0] for member in members]),
                "suffix": narrow([member[1] for member in members]),
            }
        ),
        "titles": pa.table({"period": narrow(titles)}),
        "suffixes": classes.table(),
        "sounds": _sound_table(vocabulary),
        "lines": pa.table({name: narrow(column) for name, column in lines.items()}),
        "steps": pa.table({name: narrow(column) for name, column in steps.items()}),
        "releases": pa.table(
            {
                "kind": narrow([kind for kind, _, _ in entries.releases]),
                "release": narrow([number for _, number, _ in entries.releases]),
                "file": pa.array([file for _, _, file in entries.releases], pa.string()),
            }
        ),
    }


def _word_table(vocabulary: Sequence[str], frequency: Any, weights: Any) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    return pa.table(
        {
            "word": pa.array(vocabulary, pa.string()),
            "weight": narrow(np.rint(weights * WEIGHT_SCALE)),
            "postings": narrow(np.cumsum([0, *frequency])[:-1]),
        }
    )


def _term_weights(terms: Iterable[Any], numbers: Mapping[str, int], weights: Any) -> list[int]:
    """Return what all words of each term weigh together: what a question would have to name to name all of it."""
    factors = weights.tolist()
    for word in PLAIN_WORDS & numbers.keys():
        factors[numbers[word]] *= PLAIN_WEIGHT
    return [min(LARGEST, round(TERM_SCALE * sum(factors[numbers[w]] for w in set(term.words)))) for term in terms]


class _Classes:
    """Terms whose members have the same suffixes are of one class; class 0 has none."""

    def __init__(self, entries: Entries) -> None:
        self._texts = list(entries.suffixes)
        self._numbers: dict[tuple[int, ...], int] = {(): 0}

    def of(self, members: Sequence[tuple[int, int, int]]) -> int:
        """Return the number of the class of a term with these members."""
        suffixes = tuple(sorted({suffix for _, suffix, _ in members if suffix}))
        return self._numbers.setdefault(suffixes, min(len(self._numbers), LARGEST))

    def table(self) -> pa.Table:
        """Return a row for each suffix: its text, and the classes that have it, as numbers with blanks between."""
        import pyarrow as pa

        held: dict[int, list[str]] = {}
        for suffixes, number in self._numbers.items():
            for suffix in suffixes:
                held.setdefault(suffix, []).append(str(number))
        classes = [" ".join(held.get(suffix, ())) for suffix in range(len(self._texts))]
        return pa.table({"text": pa.array(self._texts, pa.string()), "classes": pa.array(classes, pa.string())})


def _sound_table(vocabulary: Sequence[str]) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    keys: list[int] = []
    words: list[int] = []
    for number, word in enumerate(vocabulary):
        if word.isalpha() and len(word) >= SHORTEST_SOUND:
            found = {crc32(left.encode()) for left in deletions(sound_of(word))}
            keys += found
            words += [number] * len(found)
    key = np.array(keys, dtype=np.uint32)
    order = np.lexsort((np.array(words, dtype=np.uint32), key))
    return pa.table({"key": key[order], "word": narrow(np.array(words, dtype=np.uint32)[order])})


def narrow(values: Any) -> pa.Array:
    """Return whole numbers as an array of the narrowest type that holds the largest."""
    import numpy as np
    import pyarrow as pa

    numbers = np.asarray(values, dtype=np.int64)
    largest = int(numbers.max()) if len(numbers) else 0
    kind = next(kind for kind in (pa.uint8(), pa.uint16(), pa.uint32()) if largest < 1 << kind.bit_width)
    return pa.array(numbers, kind)


class MemoryTable:
    """A table that is not written, read as `store.mapped` reads those that are."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.rows: int = table.num_rows

    def integers(self, name: str) -> memoryview:
        """Return an integer column."""
        return memoryview(self._table.column(name).to_numpy())

    def texts(self, name: str) -> list[str]:
        """Return a text column."""
        found: list[str] = self._table.column(name).to_pylist()
        return found
