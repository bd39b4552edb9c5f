"""How a code is found in its row: by binary search over keys, and through a table of slots."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pytest

from terminology.errors import StoreDamagedError
from terminology.store import StoreFolder, codes
from terminology.store.codes import CodeColumn, SlottedCodes, key_of
from terminology.store.compiling.ipc import write_compiled
from terminology.store.compiling.slots import slot_table
from terminology.store.compiling.system import keys_of
from terminology.store.mapped import MappedTable, Texts

BOTH = pytest.mark.parametrize("kind", [CodeColumn, SlottedCodes])
LISTED = ["A00", "A00.0", "A00.123", "A00.1234", "A00.12345", "A00.123x", "A00.123xy", "B", "ä", "日本", "日本語"]
"""Codes of up to seven bytes, of eight and of more, in order; some begin with the same eight."""


class Counted(list[str]):
    """Texts that count how often one is read."""

    read = 0

    def __getitem__(self, row: Any) -> Any:
        self.read += 1
        return super().__getitem__(row)


@contextlib.contextmanager
def columns_of(listed: Sequence[str]) -> Iterator[tuple[CodeColumn, SlottedCodes]]:
    """Yield codes in compiled files, to be searched and with slots."""
    array = pa.array(listed, pa.string())
    keys = keys_of(array)
    with tempfile.TemporaryDirectory() as folder:
        store = StoreFolder(Path(folder))
        table = MappedTable(store.compiled, write_compiled(store, pa.table({"code": array, "key": keys})))
        slots = MappedTable(store.compiled, write_compiled(store, slot_table(keys.tolist())))
        yield CodeColumn(table), SlottedCodes(table, slots)


@contextlib.contextmanager
def column_of(kind: type[CodeColumn], listed: Sequence[str]) -> Iterator[CodeColumn]:
    """Yield codes in compiled files, found in one of the two ways."""
    with columns_of(listed) as columns:
        yield next(column for column in columns if type(column) is kind)


@BOTH
def test_each_code_is_found_in_its_row(kind: type[CodeColumn]) -> None:
    """Codes shorter than a key, as long and longer, of any script, are found, the first and the last too."""
    with column_of(kind, LISTED) as column:
        assert column.count == column.table.rows == len(LISTED)
        assert list(range(len(LISTED))) == [column.find(code) for code in LISTED]


@BOTH
@pytest.mark.parametrize(
    "code", ["", "A0", "A00.1", "A00.1233", "A00.12340", "A00.12346", "A00.123z", "C", "語", "日本人", "日本語0"]
)
def test_what_is_no_code_is_not_found(kind: type[CodeColumn], code: str) -> None:
    """A text before, between or behind the codes has no row, even where it begins with the eight bytes of a code."""
    with column_of(kind, LISTED) as column:
        assert column.find(code) == -1


@BOTH
@pytest.mark.parametrize("code", ["A00\0", "A00\0\0\0\0\0", "A00.123\0", "\0", "日本\0"])
def test_a_text_with_the_padding_is_no_code(kind: type[CodeColumn], code: str) -> None:
    """A key is padded with zero bytes; a code with such bytes behind it has the same key, and is not that code."""
    with column_of(kind, LISTED) as column:
        assert column.find(code) == -1


@BOTH
@pytest.mark.parametrize("code", ["\ud800", "A00.123\ud800"])
def test_a_text_that_has_no_utf8_is_no_code(kind: type[CodeColumn], code: str) -> None:
    """Half a surrogate pair, which Python's texts may hold, is not found, and raises nothing."""
    with column_of(kind, LISTED) as column:
        assert column.find(code) == -1


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("", 0),
        ("A", 0x4100_0000_0000_0000),
        ("A00.123", 0x4130_302E_3132_3300),
        ("A00.1234", 0x4130_302E_3132_3334),
        ("A00.12345", 0x4130_302E_3132_3334),
        ("ä", 0xC3A4_0000_0000_0000),
        ("\ud800", 0xEDA0_8000_0000_0000),
    ],
)
def test_the_key_of_a_code(code: str, key: int) -> None:
    """It is the first eight bytes of UTF-8, the first of them the highest, with zeros where there are fewer."""
    assert key_of(code) == key


def test_slots_of_keys_that_codes_share() -> None:
    """The first of the codes that share a key has the slot."""
    assert sorted(filter(None, slot_table([5, 5, 5, 9]).column("row").to_pylist())) == [1, 4]


def test_a_key_whose_slot_is_taken_is_found_before_it() -> None:
    """Many keys for one slot are each found, also where the slots before it begin again from the last one."""
    listed = sorted(f"{number * number % 99_991:05}" for number in range(500))
    with column_of(SlottedCodes, listed) as column:
        slots = column._slots  # type: ignore[attr-defined]
        row_in_first_slot = [slots[key_of(code) % len(slots)] - 1 for code in listed]
        assert sum(row != found for row, found in enumerate(row_in_first_slot)) > 50
        assert list(range(len(listed))) == [column.find(code) for code in listed]


def test_a_text_that_meets_the_first_row_is_not_its_code() -> None:
    """A text whose slot is that of the code in row 0 is not found, as the key of that row is another."""
    listed = ["A", "B", "C"]
    with column_of(SlottedCodes, listed) as column:
        size = len(column._slots)  # type: ignore[attr-defined]
        alike = [chr(100 + n) for n in range(100) if (key_of(chr(100 + n)) - key_of("A")) % size == 0]
        assert alike
        assert {column.find(code) for code in alike} == {-1}


@BOTH
def test_there_is_a_slot_to_end_at(kind: type[CodeColumn]) -> None:
    """Without codes there is still a slot, and it is empty: what is asked for is not there."""
    with column_of(kind, []) as column:
        assert column.find("A00") == -1


@BOTH
def test_codes_that_share_their_key_are_not_read_one_by_one(kind: type[CodeColumn]) -> None:
    """A code among thousands that begin alike is found by reading a few of them."""
    listed = [f"complaint-{number:05}" for number in range(5_000)]
    with column_of(kind, listed) as column:
        counted = Counted(listed)
        column.codes = cast("Texts", counted)
        assert [column.find("complaint-04321"), column.find("complaint-04321x")] == [4321, -1]
        assert counted.read < 50


@BOTH
def test_the_first_of_the_codes_that_share_a_key_is_read_alone(kind: type[CodeColumn]) -> None:
    """Where the code of the row that the key leads to is the one asked for, no other is read."""
    with column_of(kind, LISTED) as column:
        counted = Counted(LISTED)
        column.codes = cast("Texts", counted)
        assert column.find("A00.1234") == 3
        assert counted.read == 1


@BOTH
def test_codes_of_other_keys_are_not_read(kind: type[CodeColumn]) -> None:
    """A text longer than its key, which one code shares, is missed by reading that one, not by a search among all."""
    listed = [f"{number:08}-1" for number in range(5_000)]
    with column_of(kind, listed) as column:
        counted = Counted(listed)
        column.codes = cast("Texts", counted)
        assert [column.find(code) for code in ("00004321-0", "00004321-2")] == [-1, -1]
        assert counted.read <= 6


@BOTH
def test_short_codes_are_found_without_reading_a_code(kind: type[CodeColumn]) -> None:
    """A key of up to seven bytes is the code, so no text is read."""
    listed = ["A00", "A00.0", "A00.11", "A00.123"]
    with column_of(kind, listed) as column:
        counted = Counted(listed)
        column.codes = cast("Texts", counted)
        assert [column.find(code) for code in ("A00.11", "A00", "A00.123", "A00.2")] == [2, 0, 3, -1]
        assert counted.read == 0


# ---- codes in several rows, as in the two tables of a map


@pytest.mark.parametrize("code", ["A00", "complaint"])
def test_a_code_in_several_rows_is_found_in_the_first(code: str) -> None:
    """The rows of a code follow each other, and the first of them is its row, whether the code is short or long."""
    listed = sorted(["A", code, code, code, "complaint-2", "d"])
    with column_of(CodeColumn, listed) as column:
        assert [column.find(code), column.find(code)] == [listed.index(code)] * 2


# ---- what is remembered


def test_the_code_of_a_row_is_read_once() -> None:
    """The code in a row is the text that was compiled; the second time it is not read."""
    with column_of(CodeColumn, LISTED) as column:
        counted = Counted(LISTED)
        column.codes = cast("Texts", counted)
        assert [column.name(row) for row in (0, 9, 0, 9)] == ["A00", "日本", "A00", "日本"]
        assert counted.read == 2


def test_so_many_codes_of_rows_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are allowed are remembered; with the next one the memory begins anew."""
    monkeypatch.setattr(codes, "REMEMBERED", 3)
    with column_of(CodeColumn, LISTED) as column:
        assert [column.name(row) for row in range(3)] == LISTED[:3]
        assert column._names == dict(enumerate(LISTED[:3]))
        assert column.name(3) == LISTED[3]
        assert column._names == {3: LISTED[3]}


@BOTH
def test_a_row_that_was_found_is_remembered_and_a_miss_is_not(kind: type[CodeColumn]) -> None:
    """The second time a code is found nothing is read; texts that are no codes fill no memory."""
    with column_of(kind, LISTED) as column:
        assert [column.find(code) for code in ("A00.12345", "A00.12346", "A00", "Z")] == [4, -1, 0, -1]
        assert column._rows == {"A00.12345": 4, "A00": 0}
        counted = Counted(LISTED)
        column.codes = cast("Texts", counted)
        column.keys = memoryview(bytes(8 * len(LISTED))).cast("Q")
        assert [column.find(code) for code in ("A00.12345", "A00")] == [4, 0]
        assert counted.read == 0


@BOTH
def test_so_many_rows_are_remembered(kind: type[CodeColumn], monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are allowed are remembered; with the next one the memory begins anew."""
    monkeypatch.setattr(codes, "REMEMBERED", 3)
    with column_of(kind, LISTED) as column:
        assert [column.find(code) for code in LISTED[:3]] == [0, 1, 2]
        assert column._rows == {code: row for row, code in enumerate(LISTED[:3])}
        assert column.find(LISTED[3]) == 3
        assert column._rows == {LISTED[3]: 3}


@BOTH
def test_a_search_is_not_remembered(kind: type[CodeColumn]) -> None:
    """It finds the same rows, for who remembers what follows from them."""
    with column_of(kind, LISTED) as column:
        assert [column.search(code) for code in (*LISTED, "Z")] == [*range(len(LISTED)), -1]
        assert column._rows == {}


# ---- files at fault


def mapped(folder: Path, columns: dict[str, pa.Array]) -> MappedTable:
    """Return a compiled file of these columns, opened."""
    store = StoreFolder(folder)
    return MappedTable(store.compiled, write_compiled(store, pa.table(columns)))


def codes_and_slots(folder: Path) -> tuple[MappedTable, MappedTable]:
    """Return the files of one code."""
    array = pa.array(["A00"], pa.string())
    keys = keys_of(array)
    return mapped(folder, {"code": array, "key": keys}), mapped(folder, {"row": slot_table(keys.tolist())["row"]})


def test_a_table_without_slots_is_damage(tmp_path: Path) -> None:
    """No code can be searched in it, and the error names the file."""
    listed, _ = codes_and_slots(tmp_path)
    empty = mapped(tmp_path, {"row": pa.array([], pa.uint32())})
    with pytest.raises(StoreDamagedError, match=rf"{Path(empty.path).name} is damaged: it has no slots"):
        SlottedCodes(listed, empty)


def test_both_files_are_looked_at_before_a_code_is_said_to_be_missing(tmp_path: Path) -> None:
    """A file that was cut since it was opened reads as zeros: in the slots, too, that looks like no code."""
    listed, slots = codes_and_slots(tmp_path)
    column = SlottedCodes(listed, slots)
    column.require_size()
    for table in (slots, listed):
        Path(table.path).chmod(0o644)
        with Path(table.path).open("r+b") as file:
            file.truncate(table.file.size - 1)
        with pytest.raises(StoreDamagedError, match=rf"{Path(table.path).name} has .* when it was opened"):
            column.require_size()
        with Path(table.path).open("r+b") as file:
            file.truncate(table.file.size)
    column.require_size()
