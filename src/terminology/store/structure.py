"""What checksums cannot show of compiled files: that rows, texts and what refers to them fit together.

A file that was damaged before its checksum was taken, or written by a faulty program, has the right checksum and can
still lead out of a table. Each check names the first row that breaks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from .. import schema
from ..errors import StoreError
from ..model import Crosswalk, Release
from .compiling.ipc import layout_of
from .compiling.slots import slot_table
from .compiling.snapshot import ALWAYS
from .compiling.system import keys_of
from .compiling.trees import NONE
from .folder import StoreFolder
from .mapped import MappedTable
from .pointer import SEARCH, CompiledFile, MapEntry, SystemEntry

if TYPE_CHECKING:
    import pyarrow as pa

LARGEST_STATE: Final = max(schema.BILLABLE, schema.HEADER, schema.UNCOVERED, schema.NODE, schema.EXPIRED)
UNSAID: Final = 2
"""Largest value of ``approximate``."""
OPTIONAL: Final = frozenset({"short_title", "targets", "with_codes", "target_codes", "change", "detail"})
"""Columns that may hold nulls."""


@frozen
class Finding:
    """Something in the store that is damaged."""

    file: str
    """Path below the folder of the store."""
    message: str


def system_faults(folder: StoreFolder, entry: SystemEntry) -> Iterator[Finding]:
    """Yield what does not fit in the compiled files of a system, whose checksums are right.

    Raises:
        FileNotFoundError: A file is gone.
    """
    tables = Tables(folder, entry.files)
    yield from tables.faults()
    if not tables.are_sound:
        return
    releases = [item.release for item in entry.releases]
    found = list(tables.found("codes", _codes(tables["codes"], tables["periods"].num_rows)))
    yield from found
    if "slots" in entry.files and not found:
        yield from tables.found("slots", _slots(tables["slots"], tables["codes"]))
    if entry.is_searchable:
        for name, messages in search_faults(tables, tables["codes"].num_rows, tables["periods"].num_rows):
            yield from tables.found(name, messages)
    yield from tables.found("periods", _periods(tables["periods"], releases, tables["properties"].num_rows))
    for name in entry.files:
        if name.startswith("notes-"):
            yield from tables.found(name, _keys(tables[name]))
        elif name.startswith("tree-"):
            users = [item.release for item in entry.releases if f"tree-{item.tree}" == name]
            sources = min((len(release.sources) for release in users), default=1)
            yield from tables.found(name, _tree(tables[name], tables["codes"].num_rows, sources))


def map_faults(folder: StoreFolder, entry: MapEntry) -> Iterator[Finding]:
    """Yield what does not fit in the compiled files of a crosswalk, whose checksums are right.

    Raises:
        FileNotFoundError: A file is gone.
    """
    tables = Tables(folder, entry.files)
    yield from tables.faults()
    if not tables.are_sound:
        return
    crosswalks = [item.crosswalk for item in entry.crosswalks]
    rows = tables["mappings"]
    yield from tables.found("mappings", _mappings(rows, crosswalks))
    targets = tables["targets"]
    yield from tables.found("targets", _sorted(targets), _within(targets, "row", 0, rows.num_rows))


class Tables:
    """The compiled files of one system or crosswalk as tables, each with what is wrong with the file itself."""

    def __init__(self, folder: StoreFolder, files: Mapping[str, CompiledFile]) -> None:
        self._folder = folder
        self._files = files
        self._tables: dict[str, pa.Table] = {}

    @property
    def are_sound(self) -> bool:
        """Whether all files could be read."""
        return len(self._tables) == len(self._files)

    def __getitem__(self, name: str) -> pa.Table:
        return self._tables[name]

    def faults(self) -> Iterator[Finding]:
        """Yield what is wrong with each file; those without fault are among the tables then."""
        for name, file in self._files.items():
            message = self._read(name, file)
            if message:
                yield Finding(f"compiled/{file.name}", message)

    def found(self, name: str, *messages: Iterator[str]) -> Iterator[Finding]:
        """Yield messages as findings of a file."""
        for message in (message for each in messages for message in each):
            yield Finding(f"compiled/{self._files[name].name}", f"{name}: {message}")

    def _read(self, name: str, file: CompiledFile) -> str | None:
        import pyarrow as pa

        path = self._folder.compiled / file.name
        try:
            measured = layout_of(path)
            with pa.memory_map(str(path)) as source:
                whole = pa.ipc.open_file(source.read_buffer()).read_all()
            whole.validate(full=True)
            stated = {column: {**measured.get(column, {}), **layout} for column, layout in file.columns.items()}
            if stated != measured:
                return "its columns do not lie where the pointer says"
            if whole.num_rows != file.rows:
                return f"expected {file.rows:,} rows, got {whole.num_rows:,}"
            nulls = [column for column in whole.column_names if whole.column(column).null_count]
            if not OPTIONAL.issuperset(nulls):
                return f"column {nulls[0]} has rows without a value"
            self._tables[name] = MappedTable(self._folder.compiled, file).to_arrow()
        except FileNotFoundError:
            raise
        except (pa.ArrowException, StoreError, OSError) as error:
            return str(error)
        return None


@frozen
class Rows:
    """A column of integers, and what its values must lie between."""

    name: str
    values: Any

    def outside(self, least: Any, end: Any) -> Iterator[str]:
        """Yield the first row whose value is not in a half-open range; bounds are numbers, or one for each row."""
        import numpy as np

        wrong = np.flatnonzero((self.values < least) | (self.values >= end))
        if len(wrong):
            row = int(wrong[0])
            bounds = [int(np.broadcast_to(bound, self.values.shape)[row]) for bound in (least, end)]
            yield f"{self.name} of row {row} is {int(self.values[row])}, expected {bounds[0]} to below {bounds[1]}"


def _column(table: pa.Table, name: str) -> Any:
    return table.column(name).to_numpy().astype("int64")


def _within(table: pa.Table, name: str, least: Any, end: Any) -> Iterator[str]:
    return Rows(name, _column(table, name)).outside(least, end)


def _keys(table: pa.Table) -> Iterator[str]:
    """Yield where the keys are not those of the codes, or not in order."""
    import numpy as np

    keys = table.column("key").to_numpy()
    wrong = np.flatnonzero(keys != keys_of(table.column("code").combine_chunks()))
    if len(wrong):
        yield f"key of row {wrong[0]} is not that of its code"
    wrong = np.flatnonzero(keys[1:] < keys[:-1])
    if len(wrong):
        yield f"key of row {wrong[0] + 1} is out of order"


def _sorted(table: pa.Table, *, unique: bool = False) -> Iterator[str]:
    """Yield where the keys do not fit, and where codes are not in the order of their bytes."""
    import pyarrow.compute as pc

    yield from _keys(table)
    codes = table.column("code").combine_chunks()
    compare = pc.less if unique else pc.less_equal
    place = pc.index(compare(codes[:-1], codes[1:]), False).as_py() if len(codes) else -1
    if place >= 0:
        yield f"code of row {place + 1} is out of order"


def _codes(table: pa.Table, periods: int) -> Iterator[str]:
    import numpy as np

    yield from _sorted(table, unique=True)
    first = _column(table, "first")
    # every code has an interval row, and every row is of a code
    if len(first) and first[0]:
        yield f"first of row 0 is {first[0]}, expected 0"
    yield from Rows("first", first).outside(np.append(0, first[:-1] + 1)[: len(first)], periods)


def _slots(table: pa.Table, codes: pa.Table) -> Iterator[str]:
    import numpy as np

    expected = _column(slot_table(codes.column("key").to_pylist()), "row")
    if table.num_rows != len(expected):
        yield f"expected {len(expected):,} slots for {codes.num_rows:,} codes, got {table.num_rows:,}"
        return
    wrong = np.flatnonzero(_column(table, "row") != expected)
    if len(wrong):
        yield f"row {wrong[0]} is not that of the code whose slot it is"


def _periods(table: pa.Table, releases: Sequence[Release], properties: int) -> Iterator[str]:
    import numpy as np

    sources = np.array([len(release.sources) for release in releases])
    yield from _within(table, "state", 0, LARGEST_STATE + 1)
    yield from _within(table, "from_known", 0, 2)
    yield from _within(table, "derived", 0, 2)
    yield from _within(table, "properties", -1, properties)
    yield from _within(table, "known_from", 0, len(releases))
    yield from _within(table, "known_to", _column(table, "known_from") + 1, ALWAYS + 1)
    release = list(_within(table, "release", 0, len(releases)))
    yield from release or _within(table, "source", 0, sources[_column(table, "release")])


def _tree(table: pa.Table, codes: int, sources: int) -> Iterator[str]:
    import numpy as np

    if table.num_rows != codes:
        yield f"expected a row for each of {codes:,} codes, got {table.num_rows:,}"
        return
    pre, node, end, parent = (_column(table, name) for name in ("pre", "node", "end", "parent"))
    count = int(np.count_nonzero(node != NONE))
    places = np.arange(count)
    node, end, parent = node[:count], end[:count], parent[:count]
    yield from _within(table, "source", 0, sources)
    found = list(Rows("node", node).outside(0, codes))
    yield from found
    if found:
        return
    expected = np.full(codes, NONE)
    expected[node] = places
    wrong = np.flatnonzero(pre != expected)
    if len(wrong):
        yield f"pre of row {wrong[0]} is not the place of its code"
    yield from Rows("end", end).outside(places + 1, count + 1)
    below = np.flatnonzero(parent != NONE)
    found = list(Rows("parent", np.where(parent == NONE, 0, parent)).outside(0, np.maximum(places, 1)))
    yield from found
    if found:
        return
    # the places below a place fill its slice, without gap and without overlap
    filled = np.bincount(parent[below], weights=(end - places)[below], minlength=count)
    outer = end[parent[below]]
    wrong = np.union1d(below[end[below] > outer], np.flatnonzero(filled != end - places - 1))
    if len(wrong):
        yield f"the places below row {wrong[0]} do not fill it"
    elif (end - places)[parent == NONE].sum() != count:
        yield "the roots do not fill the tree"


LAST_LINE: Final = 1 << 32


def search_faults(tables: Tables, codes: int, periods: int) -> Iterator[tuple[str, Iterator[str]]]:
    """Yield the names of the files of a search index, each with where it leads out of another, or is out of order."""
    import numpy as np

    found = {name: tables[f"{SEARCH}{name}"] for name in ("words", "postings", "terms", "texts", "members", "titles")}
    words, postings, terms, texts, members, titles = found.values()
    sounds, suffixes = tables[f"{SEARCH}sounds"], tables[f"{SEARCH}suffixes"]
    yield f"{SEARCH}words", _starts(words, "postings", postings.num_rows)
    yield f"{SEARCH}postings", _within(postings, "term", 0, 2 * terms.num_rows)
    yield f"{SEARCH}terms", _starts(terms, "members", members.num_rows)
    yield f"{SEARCH}terms", _within(terms, "text", 0, texts.num_rows)
    # a parent, counted from 1, comes before: so the way up ends
    yield f"{SEARCH}terms", _within(terms, "parent", 0, np.arange(terms.num_rows) + 1)
    yield f"{SEARCH}members", _within(members, "code", 0, codes)
    yield f"{SEARCH}members", _within(members, "suffix", 0, suffixes.num_rows)
    yield f"{SEARCH}titles", _within(titles, "period", 0, periods)
    yield f"{SEARCH}lines", _within(tables[f"{SEARCH}lines"], "line", 0, LAST_LINE)
    yield f"{SEARCH}steps", _within(tables[f"{SEARCH}steps"], "to", 0, LAST_LINE)
    yield f"{SEARCH}sounds", _within(sounds, "word", 0, words.num_rows)
    yield f"{SEARCH}sounds", _ascending(sounds, "key")


def _starts(table: pa.Table, name: str, end: int) -> Iterator[str]:
    """Yield where a column does not give the beginnings, one after the other, of slices of a table with so many rows."""
    yield from _ascending(table, name)
    yield from _within(table, name, 0, end + 1)


def _ascending(table: pa.Table, name: str) -> Iterator[str]:
    import numpy as np

    values = _column(table, name)
    wrong = np.flatnonzero(values[1:] < values[:-1])
    if len(wrong):
        yield f"{name} of row {int(wrong[0]) + 1} is out of order"


def _mappings(table: pa.Table, crosswalks: Sequence[Crosswalk]) -> Iterator[str]:
    import numpy as np

    yield from _sorted(table)
    yield from _within(table, "approximate", 0, UNSAID + 1)
    found = list(_within(table, "publication", 0, len(crosswalks)))
    # a crosswalk without files names none
    sources = np.array([len(crosswalk.sources) or ALWAYS + 1 for crosswalk in crosswalks])
    yield from found or _within(table, "source", 0, sources[_column(table, "publication")])
