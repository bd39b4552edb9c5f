"""How compiled files are read: texts, integers and arrays over the same bytes, and what is damage."""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from terminology.errors import StoreDamagedError, StoreError
from terminology.store import StoreFolder
from terminology.store.compiling.ipc import write_compiled
from terminology.store.mapped import MappedTable, Texts, UnprovenTexts, column_checksum
from terminology.store.pointer import CompiledFile

from ..calls import called

TYPES = {
    "B": (pa.uint8(), [0, 255, 7]),
    "H": (pa.uint16(), [0, 2**16 - 1, 258]),
    "i": (pa.int32(), [-(2**31), 2**31 - 1, -2]),
    "I": (pa.uint32(), [0, 2**32 - 1, 66_051]),
    "Q": (pa.uint64(), [0, 2**64 - 1, 2**40 + 1]),
}
"""Of each type of integers its name in Arrow, with its least and its greatest."""
NAMES = ["oak", None, "", "Ölbaum", None, None, "日本", "elm", None, "ash", "fir"]
"""Texts for more than one byte of validity."""


def written(folder: Path, **columns: pa.Array) -> MappedTable:
    """Return columns that were compiled, mapped."""
    store = StoreFolder(folder)
    return MappedTable(store.compiled, write_compiled(store, pa.table(columns)))


def laid_out(folder: Path, data: bytes, rows: int, *, proven: bool = True, **columns: Any) -> MappedTable:
    """Return a table over these bytes: of each column its type and the buffers, with a checksum that fits or without."""
    layout: dict[str, Any] = {}
    for name, (kind, *buffers) in columns.items():
        layout[name] = {"type": kind, "buffers": buffers}
        if proven:
            layout[name]["crc32"] = column_checksum(data[at[0] : sum(at)] for at in buffers if at)
    file = CompiledFile("a" * 64, len(data), rows, layout)
    (folder / file.name).write_bytes(data)
    return MappedTable(folder, file)


def cause_of(table: MappedTable, ask: Callable[[], Any]) -> str:
    """Return what is said to be wrong with the file, between its name and what to do."""
    with pytest.raises(StoreDamagedError) as caught:
        ask()
    found = re.fullmatch(rf"{re.escape(str(table.path))} (.*?): run `terminology verify`.*", str(caught.value))
    assert found, str(caught.value)
    return found[1]


def cut(table: MappedTable, size: int = 1) -> None:
    """Cut the file of a table that is mapped."""
    os.chmod(table.path, 0o644)  # noqa: PTH101 -- the path of a table is text
    os.truncate(table.path, os.path.getsize(table.path) - size)  # noqa: PTH202 -- the same


# ---- texts


def test_texts_and_nulls(tmp_path: Path) -> None:
    """A text is as it was written, whatever its script, and empty is not None; a row is null where its bit says so."""
    texts = written(tmp_path, name=pa.array(NAMES)).texts("name")
    assert [texts[row] for row in range(11)] == NAMES
    assert len(texts) == texts.rows == 11


def test_texts_without_nulls(tmp_path: Path) -> None:
    """Where no row is null there are no bits to look at."""
    texts = written(tmp_path, name=pa.array(["oak", "", "elm"])).texts("name")
    assert [texts[row] for row in range(3)] == ["oak", "", "elm"]


@pytest.mark.parametrize("names", [[], [None, None], [""]])
def test_texts_without_a_byte(tmp_path: Path, names: list[str | None]) -> None:
    """A column without rows, or in which no row has a letter, has no data and can be read."""
    texts = written(tmp_path, name=pa.array(names, pa.string())).texts("name")
    assert len(texts) == len(names)
    assert [texts[row] for row in range(len(names))] == names


def resident(path: str) -> int:
    """Return how many bytes of a mapped file this process holds in memory."""
    maps = Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines()
    place = next(place for place, line in enumerate(maps) if line.endswith(path))
    return next(int(line.split()[1]) << 10 for line in maps[place:] if line.startswith("Rss:"))


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux says what is in memory")
def test_a_long_column_is_not_held_for_having_been_checked(tmp_path: Path) -> None:
    """It was read as a whole, and few of its rows are asked for; each of them is as it was written."""
    names = [f"{row:>06}" * 50 for row in range(60_000)]
    table = written(tmp_path, name=pa.array(names), place=pa.array(range(60_000), pa.uint32()))
    texts = table.texts("name")
    assert texts[59_999] == names[59_999]
    assert resident(table.path) < table.file.size // 2
    assert [texts[row] for row in range(60_000)] == names
    assert list(table.integers("place")) == list(range(60_000))
    assert table.to_arrow()["name"].to_pylist() == names


OFFSETS = struct.Struct("<3i")


@pytest.mark.parametrize("offsets", [(0, 1, 3), (0, 0, 0), (3, 3, 3), (1, 2, 2)])
def test_texts_that_lie_within_their_column(tmp_path: Path, offsets: tuple[int, int, int]) -> None:
    """They may begin and end anywhere in it, and there need be none."""
    table = laid_out(tmp_path, OFFSETS.pack(*offsets) + b"abc", 2, name=("utf8", None, [0, 12], [12, 3]))
    texts = table.texts("name")
    assert [texts[row] for row in range(2)] == ["abc"[offsets[row] : offsets[row + 1]] for row in range(2)]


@pytest.mark.parametrize("offsets", [(-1, 1, 3), (0, 1, 4), (3, 3, 2)])
@pytest.mark.parametrize("proven", [True, False])
def test_texts_that_lie_outside_their_column(tmp_path: Path, offsets: tuple[int, int, int], *, proven: bool) -> None:
    """Texts that begin before it, end behind it, or end before they begin, are damage that names the column."""
    table = laid_out(
        tmp_path, OFFSETS.pack(*offsets) + b"abc???", 2, proven=proven, name=("utf8", None, [0, 12], [12, 3])
    )
    texts = table.texts("name")
    assert cause_of(table, lambda: texts[0]) == "is damaged: texts of column name lie outside it"


def test_bytes_behind_the_last_offset_are_no_offsets(tmp_path: Path) -> None:
    """Buffers are padded: what is behind the offset of the last row belongs to none."""
    data = OFFSETS.pack(0, 1, 3) + b"\xff" * 20 + b"abc"
    texts = laid_out(tmp_path, data, 2, name=("utf8", None, [0, 13], [32, 3])).texts("name")
    assert [texts[row] for row in range(2)] == ["a", "bc"]


def test_texts_without_offsets(tmp_path: Path) -> None:
    """Without rows there need be no buffer at all, and no text lies outside."""
    table = laid_out(tmp_path, b"abc", 0, name=("utf8", None, None, None))
    assert len(table.texts("name")) == 0
    assert table.to_arrow().to_pydict() == {"name": []}


# ---- texts of files without checksums of their columns


def test_texts_without_a_checksum(tmp_path: Path) -> None:
    """They read as others do."""
    data = struct.pack("<4i", 0, 3, 3, 6) + "oaké ".encode()
    table = laid_out(tmp_path, data + b"\5", 3, proven=False, name=("utf8", [22, 1], [0, 16], [16, 6]))
    texts = table.texts("name")
    assert [texts[row] for row in range(3)] == ["oak", None, "é "]


@pytest.mark.parametrize(
    ("middle", "row"),
    [(-1, 0), (-1, 1), (4, 0), (4, 1)],
)
def test_a_text_that_lies_outside_its_column(tmp_path: Path, middle: int, row: int) -> None:
    """Each text without a checksum is looked at before it is read, and the message names the row."""
    data = OFFSETS.pack(0, middle, 3) + b"abc???"
    table = laid_out(tmp_path, data, 2, proven=False, name=("utf8", None, [0, 12], [12, 3]))
    texts = table.texts("name")
    assert cause_of(table, lambda: texts[row]) == f"is damaged: the text of row {row} lies outside its column"


@pytest.mark.parametrize(("middle", "found"), [(0, ["", "abc"]), (3, ["abc", ""])])
def test_a_text_may_reach_from_end_to_end(tmp_path: Path, middle: int, found: list[str]) -> None:
    """A text that takes the whole column, and an empty one at either end, lie within it."""
    data = OFFSETS.pack(0, middle, 3) + b"abc"
    texts = laid_out(tmp_path, data, 2, proven=False, name=("utf8", None, [0, 12], [12, 3])).texts("name")
    assert [texts[row] for row in range(2)] == found


def test_a_text_that_is_no_utf8(tmp_path: Path) -> None:
    """It is damage with the row and the reason; the texts beside it can be read."""
    data = OFFSETS.pack(0, 1, 3) + b"a\xffz"
    table = laid_out(tmp_path, data, 2, proven=False, name=("utf8", None, [0, 12], [12, 3]))
    texts = table.texts("name")
    assert texts[0] == "a"
    assert cause_of(table, lambda: texts[1]) == "is damaged: the text of row 1 is no UTF-8 (invalid start byte)"


def test_what_has_a_checksum_needs_no_look_at_each_text(tmp_path: Path) -> None:
    """The column says how its texts are read; both kinds are made unread."""
    data = OFFSETS.pack(0, 1, 3) + b"abc"
    for proven, kind in ((True, Texts), (False, UnprovenTexts)):
        texts = laid_out(tmp_path, data, 2, proven=proven, name=("utf8", None, [0, 12], [12, 3])).texts("name")
        assert texts[0] == "a"
        assert type(texts) is kind


# ---- integers


@pytest.mark.parametrize("kind", TYPES)
def test_integers(tmp_path: Path, kind: str) -> None:
    """Each type reads as it was written, from its least to its greatest, without the padding."""
    arrow, values = TYPES[kind]
    column = written(tmp_path, number=pa.array(values, arrow)).integers("number")
    assert list(column) == values
    assert column.format == kind


def test_no_integers(tmp_path: Path) -> None:
    """A column without rows is empty, and of its type."""
    column = written(tmp_path, number=pa.array([], pa.uint16())).integers("number")
    assert (list(column), column.format) == ([], "H")


# ---- files


def test_a_mapped_file(tmp_path: Path) -> None:
    """It knows its path, its file and its rows; its checksum is that of its bytes, which is its name."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"name": ["oak"]}))
    table = MappedTable(store.compiled, file)
    assert (str(store.compiled / file.name), file, 1) == (table.path, table.file, table.rows)
    assert table.sha256() == file.sha256 == hashlib.sha256((store.compiled / file.name).read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("size", "expected", "cause"),
    [
        (1_233, 1_234, "has 1,233 bytes, expected 1,234"),
        (1_235, 1_234, "has 1,235 bytes, expected 1,234"),
        (0, 0, "has 0 bytes, expected 0"),
    ],
)
def test_a_file_of_another_size_is_damaged(tmp_path: Path, size: int, expected: int, cause: str) -> None:
    """A compiled file of another size than the pointer says, or an empty one, is damaged, with both sizes."""
    file = CompiledFile("a" * 64, expected, 1, {})
    (tmp_path / file.name).write_bytes(bytes(size))
    with pytest.raises(StoreDamagedError, match=f"^{re.escape(str(tmp_path / file.name))} {cause}: run"):
        MappedTable(tmp_path, file)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """A folder in place of a compiled file is damage."""
    file = CompiledFile("a" * 64, 1, 1, {})
    (tmp_path / file.name).mkdir()
    with pytest.raises(
        StoreDamagedError, match=f"^{re.escape(str(tmp_path / file.name))} is a folder, and no file: run"
    ):
        MappedTable(tmp_path, file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It was swept, or it is lost: whoever opens the store decides."""
    with pytest.raises(FileNotFoundError):
        MappedTable(tmp_path, CompiledFile("a" * 64, 1, 1, {}))


ASKED: dict[str, Callable[[MappedTable], Any]] = {
    "size": MappedTable.require_size,
    "checksum": MappedTable.sha256,
    "integers": lambda table: table.integers("number"),
    "texts": lambda table: table.texts("name")[0],
    "arrow": MappedTable.to_arrow,
    "no arrow": lambda table: table.to_arrow([]),
}


@pytest.mark.parametrize("what", ASKED)
def test_a_file_that_was_cut_since_it_was_opened(tmp_path: Path, what: str) -> None:
    """It is read no more: the message has both sizes."""
    table = written(tmp_path, name=pa.array(["oak"]), number=pa.array(range(500), pa.int32()).slice(0, 1))
    size = table.file.size
    assert 1_000 > size
    cut(table)
    assert cause_of(table, lambda: ASKED[what](table)) == f"has {size - 1:,} bytes, and had {size:,} when it was opened"


def test_a_large_file_that_was_cut(tmp_path: Path) -> None:
    """Its sizes are written in thousands."""
    table = laid_out(tmp_path, bytes(3_000), 1)
    cut(table, 5)
    assert cause_of(table, table.require_size) == "has 2,995 bytes, and had 3,000 when it was opened"


# ---- buffers


def test_a_column_is_checked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buffers, integers and texts are the same objects when they are asked for again, and the bytes are read once."""
    read = called(monkeypatch, MappedTable, "_checked_buffers")
    table = written(tmp_path, name=pa.array(["oak"]), number=pa.array([1], pa.int32()))
    texts = table.texts("name")
    assert read == []
    assert texts[0] == "oak"
    assert table.texts("name") is texts
    assert table.integers("number") is table.integers("number")
    assert table.buffers("number") is table.buffers("number")
    table.to_arrow()
    assert read == ["name", "number"]


def test_the_buffers_of_a_column(tmp_path: Path) -> None:
    """Validity, offsets and data of texts, validity and data of integers; None for what is not there."""
    data = OFFSETS.pack(0, 1, 3) + b"abc" + b"\1" + struct.pack("<2H", 3, 4)
    columns = {"name": ("utf8", [15, 1], [0, 12], [12, 3]), "number": ("H", None, [16, 4])}
    table = laid_out(tmp_path, data, 2, **columns)
    assert table.buffers("name") == [b"\1", OFFSETS.pack(0, 1, 3), b"abc"]
    assert table.buffers("number") == [None, struct.pack("<2H", 3, 4)]


def test_a_buffer_may_end_with_the_file(tmp_path: Path) -> None:
    """A buffer that reaches from the first byte of the file to the last lies within it."""
    assert list(laid_out(tmp_path, bytes(range(4)), 4, number=("B", None, [0, 4])).integers("number")) == [0, 1, 2, 3]


NINE_TEXTS = struct.pack("<10i", *range(10))
OUTSIDE = "is damaged: buffers of column it lie outside the file or are too short"
LACKING = "is damaged: column it lacks a buffer"
LAYOUTS: dict[str, tuple[int, tuple[Any, ...], str]] = {
    "before the file": (4, ("B", None, [-1, 4]), OUTSIDE),
    "a byte beyond the file": (4, ("B", None, [97, 4]), OUTSIDE),
    "a byte too short": (4, ("B", None, [0, 3]), OUTSIDE),
    "a byte too short for 16 bits": (4, ("H", None, [0, 7]), OUTSIDE),
    "a byte too short for 32 bits": (4, ("I", None, [0, 15]), OUTSIDE),
    "a byte too short for a sign": (4, ("i", None, [0, 15]), OUTSIDE),
    "a byte too short for 64 bits": (4, ("Q", None, [0, 31]), OUTSIDE),
    "validity of eight rows": (9, ("B", [0, 1], [0, 9]), OUTSIDE),
    "validity of eight texts": (9, ("utf8", [0, 1], [0, 40], [40, 9]), OUTSIDE),
    "an offset too few": (9, ("utf8", None, [0, 39], [40, 9]), OUTSIDE),
    "no data": (4, ("B", None, None), LACKING),
    "no data beside validity": (4, ("B", [0, 1], None), LACKING),
    "no offsets": (9, ("utf8", None, None, [40, 9]), LACKING),
    "no buffers": (1, ("B",), LACKING),
    "one buffer": (1, ("B", [0, 1]), "is damaged: ValueError zip() argument 2 is longer than argument 1"),
    "three buffers": (
        1,
        ("B", None, [0, 1], [0, 1]),
        "is damaged: ValueError zip() argument 2 is shorter than argument 1",
    ),
    "a type that is none": (1, ("Z", None, [0, 1]), "is damaged: KeyError 'Z'"),
}


@pytest.mark.parametrize("what", LAYOUTS)
def test_a_layout_that_does_not_fit_the_file(tmp_path: Path, what: str) -> None:
    """Buffers beyond the file, too short for the rows, or not there are damage, though a checksum fits."""
    rows, column, cause = LAYOUTS[what]
    table = laid_out(tmp_path, NINE_TEXTS + bytes(60), rows, it=column)
    assert cause_of(table, lambda: table.buffers("it")) == cause


SOUND: dict[str, tuple[int, tuple[Any, ...]]] = {
    "validity of eight rows": (8, ("B", [0, 1], [0, 8])),
    "validity of nine rows": (9, ("B", [0, 2], [0, 9])),
    "offsets of nine rows": (9, ("utf8", [0, 2], [0, 40], [40, 0])),
    "16 bits": (4, ("H", None, [0, 8])),
    "32 bits": (4, ("I", None, [0, 16])),
    "a sign": (4, ("i", None, [0, 16])),
    "64 bits": (4, ("Q", None, [0, 32])),
    "no rows": (0, ("Q", None, None)),
    "no rows and no buffers": (0, ("utf8",)),
    "no rows and an empty buffer": (0, ("utf8", None, [0, 0], None)),
}


@pytest.mark.parametrize("what", SOUND)
def test_a_layout_that_just_fits(tmp_path: Path, what: str) -> None:
    """A buffer with as many bytes as the rows need, and none where there are no rows, are enough."""
    rows, column = SOUND[what]
    table = laid_out(tmp_path, NINE_TEXTS + bytes(60), rows, it=column)
    assert len(table.buffers("it")) == (3 if column[0] == "utf8" else 2)


@pytest.mark.parametrize("expected", [0, 0xABC])
def test_bytes_that_are_not_those_that_were_written(tmp_path: Path, expected: int) -> None:
    """A column whose checksum does not fit is damage that names the checksum, also where that is 0."""
    (tmp_path / f"{'a' * 64}.arrow").write_bytes(b"abcd")
    layout = {"it": {"type": "B", "buffers": [None, [0, 4]], "crc32": expected}}
    table = MappedTable(tmp_path, CompiledFile("a" * 64, 4, 4, layout))
    cause = f"is damaged: column it does not have the checksum {expected:08x}"
    assert cause_of(table, lambda: table.integers("it")) == cause
    assert cause_of(table, table.to_arrow) == cause


@pytest.mark.parametrize("ask", [MappedTable.integers, MappedTable.buffers, lambda table, name: table.texts(name)[0]])
def test_a_column_that_is_not_there(tmp_path: Path, ask: Callable[[MappedTable, str], Any]) -> None:
    """It is damage, said when it is read."""
    table = laid_out(tmp_path, b"abc", 1)
    assert cause_of(table, lambda: ask(table, "state")) == "is damaged: it has no column state"


def test_the_checksum_of_a_column() -> None:
    """It is the CRC-32 of all its bytes, and 0 where there are none."""
    assert column_checksum([b"1234", None, b"56789"]) == 0xCBF43926
    assert column_checksum([None]) == 0


# ---- as arrays


def test_arrays_over_the_same_bytes(tmp_path: Path) -> None:
    """Every type comes as it was written, with its nulls, in the order in which it was written."""
    columns = {kind: pa.array([*values, 0], arrow) for kind, (arrow, values) in TYPES.items()}
    columns["name"] = pa.array(["oak", None, "", "日本"])
    columns["nothing"] = pa.array([None] * 4, pa.string())
    assert written(tmp_path, **columns).to_arrow().equals(pa.table(columns))


def test_some_arrays(tmp_path: Path) -> None:
    """The columns that are asked for come, in that order, and none where none is."""
    table = written(tmp_path, **{name: pa.array([name]) for name in ("a", "b", "c")})
    assert table.to_arrow(["c", "a"]).to_pydict() == {"c": ["c"], "a": ["a"]}
    assert table.to_arrow([]).num_columns == 0


def test_arrays_without_rows(tmp_path: Path) -> None:
    """They are empty, and of their types."""
    columns = {kind: pa.array([], arrow) for kind, (arrow, _) in TYPES.items()} | {"name": pa.array([], pa.string())}
    assert written(tmp_path, **columns).to_arrow().equals(pa.table(columns))


def test_an_array_of_texts_without_a_byte(tmp_path: Path) -> None:
    """Texts that are all empty have no data, and come as empty texts."""
    found = written(tmp_path, name=pa.array(["", ""])).to_arrow()
    found.validate(full=True)
    assert found.to_pydict() == {"name": ["", ""]}


def test_an_array_without_a_checksum(tmp_path: Path) -> None:
    """It is looked at as a whole: what is sound comes, and what is no UTF-8 is damage with the reason."""
    sound = laid_out(tmp_path, OFFSETS.pack(0, 1, 3) + b"abc", 2, proven=False, name=("utf8", None, [0, 12], [12, 3]))
    assert sound.to_arrow().to_pydict() == {"name": ["a", "bc"]}
    table = laid_out(
        tmp_path, OFFSETS.pack(0, 1, 3) + b"a\xffz", 2, proven=False, name=("utf8", None, [0, 12], [12, 3])
    )
    cause = cause_of(table, table.to_arrow)
    assert cause.startswith("is damaged: column name: Invalid")
    assert "UTF8" in cause


def test_an_array_with_a_checksum_is_not_looked_at_again(tmp_path: Path) -> None:
    """The bytes are those that were written, so no text of it is read until it is asked for."""
    data = OFFSETS.pack(0, 1, 3) + b"a\xffz"
    found = laid_out(tmp_path, data, 2, name=("utf8", None, [0, 12], [12, 3])).to_arrow()
    assert found.column("name")[0].as_py() == "a"


# ---- as compiled


def test_chunks_become_one(tmp_path: Path) -> None:
    """A column in several chunks is compiled as one."""
    chunked = pa.table({"text": pa.chunked_array([["a", None], ["ö"]])})
    store = StoreFolder(tmp_path)
    texts = MappedTable(store.compiled, write_compiled(store, chunked)).texts("text")
    assert ["a", None, "ö"] == [texts[row] for row in range(3)]


def test_slices_are_cut(tmp_path: Path) -> None:
    """A slice of a larger table is compiled as it reads, with validity bits that do not begin on a byte."""
    table = pa.table({"text": pa.array(["a", None, "ö", "", None, "z"]), "number": pa.array(range(6), pa.uint32())})
    store = StoreFolder(tmp_path)
    mapped = MappedTable(store.compiled, write_compiled(store, table.slice(1, 4)))
    texts = mapped.texts("text")
    assert [None, "ö", "", None] == [texts[row] for row in range(4)]
    assert list(mapped.integers("number")) == [1, 2, 3, 4]


@pytest.mark.parametrize("column", [pa.array([1.5]), pa.array(["a"]).dictionary_encode(), pa.array([[1]])])
def test_other_types_are_refused(tmp_path: Path, column: pa.Array) -> None:
    """A type that the mapped reader does not know is refused when it is written, not when it is read."""
    with pytest.raises(StoreError, match="cannot be compiled"):
        write_compiled(StoreFolder(tmp_path), pa.table({"other": column}))


def test_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    """A compiled file of another size than the pointer says is damaged, with both sizes."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"text": ["a"]}))
    path = store.compiled / file.name
    data = path.read_bytes()[:-1]
    path.unlink()
    path.write_bytes(data)
    with pytest.raises(StoreDamagedError, match=f"{file.size - 1:,} bytes, expected {file.size:,}"):
        MappedTable(store.compiled, file)


def test_the_layout_survives_json(tmp_path: Path) -> None:
    """The layout of buffers can be kept as JSON, and then reads the same."""
    store = StoreFolder(tmp_path)
    file = write_compiled(store, pa.table({"text": ["a", None]}))
    columns = json.loads(json.dumps(dict(file.columns)))
    texts = MappedTable(store.compiled, CompiledFile(file.sha256, file.size, file.rows, columns)).texts("text")
    assert ["a", None] == [texts[0], texts[1]]


def test_a_size_that_was_just_checked_is_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is when the time is over, and whenever the size itself is required."""
    seconds = iter([100.0, 100.04, 100.06])
    monkeypatch.setattr("terminology.store.mapped.monotonic", lambda: next(seconds))
    table = written(tmp_path, name=pa.array(["oak"]))
    table.require_recent_size()
    cut(table)
    table.require_recent_size()
    assert "when it was opened" in cause_of(table, table.require_size)
    assert "when it was opened" in cause_of(table, table.require_recent_size)
