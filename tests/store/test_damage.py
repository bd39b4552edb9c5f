"""Files of a store that are missing, cut, something else, or wrong though every checksum fits."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import terminology
from terminology.errors import StoreDamagedError, StoreNotFoundError
from terminology.store import StoreFolder
from terminology.store.archive import StoredTables, read_manifest, read_parts_list
from terminology.store.compiling.ipc import write_compiled
from terminology.store.mapped import MappedTable
from terminology.store.verify import verify

from ..calls import called
from .asked import answers, forged, overwritten, pointer_values, published, published_twice


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two releases and two crosswalks."""
    return published_twice(tmp_path_factory.mktemp("damage"))


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the store, to be damaged."""
    return Path(shutil.copytree(loaded, tmp_path / "store"))


def file_of(values: Any, where: str) -> Any:
    """Return the entry of a compiled file in the values of a pointer."""
    if where in ("mappings", "targets"):
        return next(entry for entry in values["maps"] if entry["crosswalks"][0]["name"] == "own_map")["files"][where]
    files = values["systems"]["icd10cm"]["files"]
    return files[next(name for name in files if name == where or name.startswith(f"{where}-"))]


def put(column: str, row: int, kind: str, value: int, buffer: int = 1) -> Callable[[bytearray, Any], None]:
    """Return a change of one number in a buffer of a column; negative rows count from its end."""

    def change(data: bytearray, columns: Any) -> None:
        start, size = columns[column]["buffers"][buffer]
        width = struct.calcsize(kind)
        struct.pack_into(f"<{kind}", data, start + (row if row >= 0 else size // width + row) * width, value)

    return change


def cleared(column: str) -> Callable[[bytearray, Any], None]:
    """Return a change of all numbers of a column to 0."""

    def change(data: bytearray, columns: Any) -> None:
        start, size = columns[column]["buffers"][1]
        data[start : start + size] = bytes(size)

    return change


FORGERIES = {
    "a text beyond its column": ("periods", put("title", 3, "i", 10**6)),
    "a text that ends before it begins": ("periods", put("title", 3, "i", 0)),
    "a text before its column": ("codes", put("code", 2, "i", -4)),
    "all texts beyond the column": ("properties", put("text", 0, "i", 10**6)),
    "a key of another code": ("codes", put("key", 1, "Q", 5)),
    "a slot beyond the codes": ("slots", put("row", 3, "I", 10**6)),
    "codes without slots": ("slots", cleared("row")),
    "a slot without a code": ("slots", put("row", -1, "I", 1)),
    "a code without rows": ("codes", put("first", 1, "I", 0)),
    "rows beyond the last": ("codes", put("first", 2, "I", 10**6)),
    "a state that is none": ("periods", put("state", 1, "B", 9)),
    "properties beyond the last": ("periods", put("properties", 0, "i", 99)),
    "a release beyond the newest": ("periods", put("release", 2, "H", 7)),
    "a file beyond the sources": ("periods", put("source", 2, "B", 77)),
    "knowledge that ends before it begins": ("periods", put("known_to", 0, "H", 0)),
    "a node that is no code": ("tree", put("node", 0, "I", 10**6)),
    "a node in two places": ("tree", put("node", 1, "I", 0)),
    "a place beyond the tree": ("tree", put("pre", 0, "I", 10**6)),
    "a subtree without end": ("tree", put("end", 0, "I", 0)),
    "a subtree beyond the tree": ("tree", put("end", 1, "I", 10**6)),
    "a parent behind its child": ("tree", put("parent", 1, "I", 4)),
    "a parent elsewhere": ("tree", put("parent", 3, "I", 0)),
    "a line of a file beyond the sources": ("tree", put("source", 1, "B", 200)),
    "notes out of order": ("notes", put("key", 0, "Q", 2**64 - 1)),
    "a version beyond the last": ("mappings", put("publication", 0, "H", 3)),
    "a doubt that is none": ("mappings", put("approximate", 0, "B", 3)),
    "a row beyond the last": ("targets", put("row", 0, "I", 3)),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_references_that_lead_nowhere(store: Path, what: str) -> None:
    """A compiled file with checksums that fit, in which something leads out of a table, is found and is not opened."""
    where, change = FORGERIES[what]
    values = pointer_values(store)
    name = forged(store, file_of(values, where), change)
    published(store, values)
    assert {f"compiled/{name}"} == {finding.file for finding in verify(StoreFolder(store))}
    with pytest.raises(StoreDamagedError, match=f"{name}.*new store"):
        terminology.open(store, verify=True)


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "rows": lambda file: file.update(rows=file["rows"] - 1),
    "more rows": lambda file: file.update(rows=file["rows"] + 10**6),
    "place": lambda file: file["columns"]["title"]["buffers"][2].__setitem__(0, 8),
    "beyond the end": lambda file: file["columns"]["title"]["buffers"][2].__setitem__(0, 10**9),
    "before the beginning": lambda file: file["columns"]["title"]["buffers"][2].__setitem__(0, -8),
    "no data": lambda file: file["columns"]["state"]["buffers"].__setitem__(1, None),
    "no column": lambda file: file["columns"].pop("title"),
    "a type that is none": lambda file: file["columns"]["title"].update(type="Z"),
    "one buffer": lambda file: file["columns"]["title"]["buffers"].pop(),
    "checksum": lambda file: file["columns"]["title"].update(crc32=1),
}


@pytest.mark.parametrize("what", LAYOUTS)
def test_layouts_that_do_not_fit(store: Path, what: str) -> None:
    """A layout in the pointer that is not that of the file is found, and what lies outside the file is not read."""
    values = pointer_values(store)
    file = file_of(values, "periods")
    LAYOUTS[what](file)
    published(store, values)
    assert f"compiled/{file['sha256']}.arrow" in {finding.file for finding in verify(StoreFolder(store))}
    with pytest.raises(StoreDamagedError, match=file["sha256"]):
        terminology.open(store, verify=True)
    if what != "rows":
        found = answers(store)
        assert isinstance(found["lookup"], StoreDamagedError)
        assert isinstance(found["concepts"], StoreDamagedError)


@pytest.mark.parametrize("values", [{}, {"format": 3}, [], 3, None])
def test_a_pointer_of_another_shape(store: Path, values: Any) -> None:
    """A pointer with a checksum that fits, and anything else in it, is damaged; what to do is said."""
    published(store, values)
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json.*new store"):
        terminology.open(store)
    assert [finding.file for finding in verify(StoreFolder(store))] == ["CURRENT.json"]


def test_a_record_of_another_shape(store: Path) -> None:
    """What is said of the files of a release is read when it is asked for, and damage is reported then; `verify` asks."""
    values = pointer_values(store)
    values["systems"]["icd10cm"]["releases"][-1]["sources"] = [{"file": 3}]
    published(store, values)
    edition = terminology.open(store)["icd10cm"].latest
    assert edition.status("M54.50").valid
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json.*new store"):
        _ = edition.release
    assert [finding.file for finding in verify(StoreFolder(store))] == ["CURRENT.json"]
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json.*new store"):
        terminology.open(store, verify=True)


@pytest.mark.parametrize("drop", ["codes", "properties", "tree-0"])
def test_a_pointer_without_a_file(store: Path, drop: str) -> None:
    """A pointer that names no file of codes, properties or a tree in use is damaged."""
    values = pointer_values(store)
    del values["systems"]["icd10cm"]["files"][drop]
    published(store, values)
    with pytest.raises(StoreDamagedError, match=drop):
        terminology.open(store)


# ---- files that are no longer there, or no files


def emptied(path: Path) -> None:
    """Leave nothing in a file."""
    overwritten(path, b"")


def replaced_by_folder(path: Path) -> None:
    """Put a folder in place of a file."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [Path.unlink, emptied, replaced_by_folder])
@pytest.mark.parametrize(
    "pattern",
    ["compiled/*.arrow", "compiled/*.parts", "releases/*/*/*/*.parquet", "releases/*/*/*/manifest.json", "parts/*/*/*"],
)
def test_files_that_are_gone(store: Path, pattern: str, harm: Callable[[Path], None]) -> None:
    """A file that is missing, empty or a folder is damage that names it, and never another answer."""
    right = answers(store)
    in_force = {file["sha256"] for file in pointer_values(store)["systems"]["icd10cm"]["files"].values()}
    in_force |= {pointer_values(store)["parts"]}
    for path in sorted(store.glob(pattern))[:3]:
        if path.suffix in (".arrow", ".parts") and path.stem not in in_force:
            continue
        kept = path.read_bytes()
        harm(path)
        found = answers(store)
        errors = [answer for answer in found.values() if isinstance(answer, StoreDamagedError)]
        assert [name for name, answer in found.items() if answer != right.get(name) and answer not in errors] == []
        assert all(str(path) in str(error) and "new store" in str(error) for error in errors)
        assert str(path.relative_to(store)) in {finding.file for finding in verify(StoreFolder(store))}
        if path.is_dir():
            path.rmdir()
        path.unlink(missing_ok=True)
        path.write_bytes(kept)


@pytest.mark.parametrize("harm", [emptied, replaced_by_folder])
def test_a_pointer_that_is_none(store: Path, harm: Callable[[Path], None]) -> None:
    """An empty pointer, or a folder in its place, is damage; where there is none at all, there is no store."""
    harm(store / "CURRENT.json")
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json"):
        terminology.open(store)
    assert [finding.file for finding in verify(StoreFolder(store))] == ["CURRENT.json"]


def test_a_file_in_place_of_a_store(tmp_path: Path) -> None:
    """A path that is a file holds no store."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreNotFoundError, match="no store in"):
        terminology.open(tmp_path / "file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read anything")
@pytest.mark.parametrize("pattern", ["CURRENT.json", "compiled/*.arrow"])
def test_files_that_may_not_be_read(store: Path, pattern: str) -> None:
    """A file that may not be read is no damage; the error names it."""
    for path in store.glob(pattern):
        path.chmod(0)
    with pytest.raises(PermissionError) as caught:
        terminology.open(store)
    assert str(store) in str(caught.value.filename)


def test_an_archive_that_was_left_out(store: Path) -> None:
    """Where the archive is not there, its tables are missing, which is not the same as a release without such a table."""
    edition = terminology.open(store)["icd10cm"].latest
    with pytest.raises(KeyError, match="axes"):
        edition.table("axes")
    shutil.rmtree(store / "releases")
    with pytest.raises(StoreDamagedError, match="is missing"):
        edition.table("axes")


def test_a_table_that_is_no_parquet(store: Path) -> None:
    """What is no Parquet though its checksum fits is damage."""
    path = min(store.glob("parts/*/*/*.parquet"))
    tables = StoredTables(path.parent)
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    tables._digests = {path.name: digest}
    emptied(path)
    with pytest.raises(StoreDamagedError, match=f"{path.name}.*no Parquet"):
        tables[path.stem]


@pytest.mark.parametrize("pattern", ["releases/*/*/*", "crosswalks/*/*/*"])
def test_a_manifest_of_another_shape(store: Path, pattern: str) -> None:
    """A manifest without a checksum, as they were written once, that lacks a value or has another in its place is damage."""
    folder = min(store.glob(pattern))
    sound = json.loads((folder / "manifest.json").read_bytes())
    del sound["checksum"]
    for key in set(sound) - {"digest", "borrowed"}:
        for changed in ({name: value for name, value in sound.items() if name != key}, {**sound, key: 3}):
            overwritten(folder / "manifest.json", json.dumps(changed).encode())
            if changed.get(key) == 3 and key not in ("effective", "sources", "tables", "gaps", "warnings"):
                continue
            with pytest.raises(StoreDamagedError, match=r"manifest\.json"):
                read_manifest(folder)


def test_a_list_of_parts_of_another_shape(tmp_path: Path) -> None:
    """A list of parts with a checksum that fits, and anything else in it, is damaged."""
    folder = StoreFolder(tmp_path)
    folder.compiled.mkdir()
    digest = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
    (folder.compiled / f"{digest}.parts").write_bytes(b"[]")
    with pytest.raises(StoreDamagedError, match=f"{digest}.parts"):
        read_parts_list(folder, digest)


# ---- while the store is open


def cut(store: Path, where: str, size: int = 1) -> None:
    """Cut a file that is mapped; a file of this size ends within its last page, so nothing is lost but the bytes."""
    path = store / "compiled" / f"{file_of(pointer_values(store), where)['sha256']}.arrow"
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size - size)


def test_cut_while_it_is_open(store: Path) -> None:
    """Of a file that was cut since it was opened, "unknown" is not said, and no column is read any more."""
    opened = terminology.open(store)
    system = opened["icd10cm"]
    edition = system.latest
    assert str(edition.status("M54.50")) == "billable"
    assert edition.table().num_rows > 10
    cut(store, "codes")
    for ask in (edition.status, edition.lookup, edition.check, system.history, edition.parent):
        with pytest.raises(StoreDamagedError, match="when it was opened"):
            ask("Z99.9")
    cut(store, "tree")
    with pytest.raises(StoreDamagedError, match="when it was opened"):
        [system.release(release.version).parent("A00.0") for release in system.releases]
    cut(store, "periods")
    with pytest.raises(StoreDamagedError, match="when it was opened"):
        edition.table()
    cut(store, "mappings")
    with pytest.raises(StoreDamagedError, match="when it was opened"):
        opened.translate("back ache", source="complaints", target="icd10cm")


def test_periods_cut_while_they_are_open(store: Path) -> None:
    """Where no interval row holds, the file of the rows is looked at before a code is said to be expired."""
    edition = terminology.open(store)["icd10cm"].on("2020-10-01")
    assert str(edition.status("A00.0")) == "billable"
    cut(store, "periods")
    with pytest.raises(StoreDamagedError, match="when it was opened"):
        edition.status("M54.50")


@pytest.mark.parametrize("where", ["slots", "codes"])
@pytest.mark.parametrize("kept", [0.2, 0.6])
def test_codes_cut_while_they_are_open(store: Path, where: str, kept: float) -> None:
    """No code has another status, whichever part of the file reads as zeros now."""
    codes = terminology.open(store)["icd10cm"].latest.table()["code"].to_pylist()
    sound = terminology.open(store)["icd10cm"].latest
    opened = terminology.open(store)["icd10cm"].latest
    opened.status("M54.50")
    size = (store / "compiled" / f"{file_of(pointer_values(store), where)['sha256']}.arrow").stat().st_size
    expected = {code: sound.status(code) for code in codes}
    cut(store, where, size - int(size * kept))
    for code in codes:
        with contextlib.suppress(StoreDamagedError):
            assert expected[code] == opened.status(code)
            assert opened.check(code).status == expected[code]


def test_hits_do_not_look_at_the_file(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is found is answered without a look at the size of the file."""
    edition = terminology.open(store)["icd10cm"].latest
    edition.lookup("M54.50")
    asked: list[MappedTable] = []

    def counted(table: MappedTable) -> None:
        asked.append(table)

    monkeypatch.setattr(MappedTable, "require_size", counted)
    assert edition.lookup("A00.0") is not None
    assert str(edition.status("A00")) == "header"
    assert asked == []
    edition.status("Z99.9")
    assert len(asked) == 2, "codes and slots"


def test_compiled_files_are_read_only(store: Path) -> None:
    """Nobody may write to a compiled file, and only those may read it whom the umask lets."""
    modes = {path.stat().st_mode & 0o777 for path in store.glob("compiled/*.arrow")}
    umask = os.umask(0)
    os.umask(umask)
    assert modes == {0o444 & ~umask}


def test_a_damaged_file_is_written_anew(tmp_path: Path) -> None:
    """Who compiles what was compiled before replaces a file that is not what its name says."""
    folder = StoreFolder(tmp_path)
    table = pa.table({"code": ["A", "B"]})
    file = write_compiled(folder, table)
    path = folder.compiled / file.name
    sound = path.read_bytes()
    overwritten(path, sound[:-20] + bytes(20))
    assert write_compiled(folder, table) == file
    assert path.read_bytes() == sound


# ---- what is read, and when


def test_a_column_is_read_once_and_only_when_it_is_needed(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening reads no column; a status reads codes, days and states; the second answer reads nothing."""
    read = called(monkeypatch, MappedTable, "_checked_buffers")
    edition = terminology.open(store)["icd10cm"].latest
    assert read == []
    edition.status("M54.50")
    needed = ["effective_from", "effective_to", "first", "key", "known_from", "known_to", "row", "state"]
    assert sorted(read) == needed
    edition.status("A00.0")
    assert sorted(read) == needed
    edition.lookup("A00.0")
    # of codes and of the tree, both have a column that is called so
    assert sorted(name for name in set(read) if read.count(name) > 1) in ([], ["line", "source"])


def test_verification_at_opening(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With ``verify`` or the environment's word every compiled file is checked; ``verify=False`` overrules that."""
    path = store / "compiled" / f"{file_of(pointer_values(store), 'notes')['sha256']}.arrow"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    overwritten(path, bytes(data))
    terminology.open(store)
    with pytest.raises(StoreDamagedError, match=f"{path.name}.*terminology verify"):
        terminology.open(store, verify=True)
    for value in ("", "0"):
        monkeypatch.setenv("TERMINOLOGY_VERIFY", value)
        terminology.open(store)
    monkeypatch.setenv("TERMINOLOGY_VERIFY", "1")
    with pytest.raises(StoreDamagedError, match=path.name):
        terminology.open(store)
    terminology.open(store, verify=False)
