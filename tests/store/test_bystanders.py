"""Nothing that is not the store's is ever deleted, whatever its name and wherever it lies."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import terminology
from terminology.errors import NotAStoreError, StoreDamagedError
from terminology.ingest import withdraw
from terminology.store.folder import MARKER

from ..release_files import BACK_PAIN, CHOLERA, order_file, written

HEX = hashlib.sha256(b"somebody's").hexdigest()
PLACES = (
    "thesis.bin",
    ".hidden.tmp",
    ".CURRENT.json.tmp",
    "compiled/thesis.bin",
    "compiled/.notes.tmp",
    f"compiled/{HEX[::-1]}.arrow",
    f"compiled/{HEX[::-1]}.parts",
    f"compiled/{HEX[::-1]}.pointer",
    "compiled/folder/x.txt",
    "parts/x.txt",
    "parts/icd10cm/x.txt",
    "parts/icd10cm/zips/x.zip",
    f"parts/icd10cm/{HEX}-order-1/rows.parquet",
    f"parts/icd10cm/.{HEX}-order-1.7.tmp/thesis.bin",
    "releases/x.txt",
    "releases/icd10cm/x.txt",
    "releases/icd10cm/2021/x.txt",
    "releases/icd10cm/2021/zips/x.txt",
    f"releases/icd10cm/2021/{HEX}/concepts.parquet",
    f"releases/icd10cm/2021/.{HEX}.7.tmp/thesis.bin",
    "releases/mine/1999/zips/x.txt",
    "crosswalks/x.txt",
    "crosswalks/gems/2018/zips/x.txt",
    f"crosswalks/gems/2018/{HEX}/mappings.parquet",
    ".77.tmp",
    "compiled/.88.tmp",
    f"incoming/2-{HEX[:16]}/thesis.bin",
    "incoming/x.txt",
    "incoming/mine/parts/a/b/rows.parquet",
    f"incoming/1-{HEX[:16]}/thesis.bin",
    f"incoming/1-{HEX[:16]}/parts/icd10cm/{HEX}-order-1/thesis.bin",
    "other/x.txt",
)
"""Names of files that people might put into each folder of a store, some of them of the store's own form."""


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write files below a folder; return it."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def loads(store: Path, folder: Path) -> None:
    """Load three releases one after the other: the last publication sweeps what the first one made."""
    for number, (year, rows) in enumerate(((2021, CHOLERA), (2022, BACK_PAIN), (2023, CHOLERA))):
        terminology.load(written(folder / str(number), {f"icd10cm_order_{year}.txt": order_file(rows)}), store=store)


def test_a_folder_that_is_no_store_is_left_as_it_is(tmp_path: Path) -> None:
    """A load into a folder with files of its user, of the names of a store's folders too, is rejected and deletes nothing."""
    files = {
        "releases/icd10cm/2021/zips/icd10cm_order_2021.txt": order_file(CHOLERA),
        "compiled/thesis.bin": b"years of work",
    }
    put(tmp_path, files)
    with pytest.raises(NotAStoreError, match=r"not a store and not empty.*'compiled', 'releases'.*empty folder"):
        terminology.load(tmp_path / "releases", store=tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in files} == files
    assert sorted(path.name for path in tmp_path.iterdir()) == ["compiled", "releases"]


def test_a_dry_run_rejects_what_the_load_would(tmp_path: Path) -> None:
    """A dry run says too that the folder is no store."""
    written(tmp_path / "files", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    with pytest.raises(NotAStoreError):
        terminology.load(tmp_path / "files", store=tmp_path, dry_run=True)


def test_nothing_is_made_for_a_path_that_is_not_there(tmp_path: Path) -> None:
    """A misspelt path makes no store."""
    with pytest.raises(FileNotFoundError):
        terminology.load(tmp_path / "missing", store=tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_file_is_no_store(tmp_path: Path) -> None:
    """A file that is named as the store is left as it is."""
    (tmp_path / "store").write_text("mine")
    with pytest.raises(NotAStoreError, match="is a file"):
        terminology.load(written(tmp_path / "files", {"a.txt": b"a"}), store=tmp_path / "store")
    assert (tmp_path / "store").read_text() == "mine"


@pytest.mark.parametrize("name", ["lost+found", ".DS_Store", "lock"])
def test_what_systems_put_into_an_empty_folder_is_no_bystander(tmp_path: Path, name: str) -> None:
    """The root of a disk, and a folder that a desktop has looked into, can become a store."""
    store = tmp_path / "store"
    store.mkdir()
    (store / name).touch()
    loads(store, tmp_path / "files")
    assert (store / MARKER).is_file()


def test_a_store_without_a_marker_becomes_one_with_it(tmp_path: Path) -> None:
    """A store of a version that wrote no marker is known by its pointer, and marked by the next load."""
    store = tmp_path / "store"
    loads(store, tmp_path / "files")
    (store / MARKER).unlink()
    assert not terminology.load(tmp_path / "files" / "0", store=store).errors
    assert (store / MARKER).is_file()


def test_a_foreign_pointer_makes_no_store(tmp_path: Path) -> None:
    """A file that is called as the pointer is, and is none, does not make a folder a store."""
    store = put(tmp_path / "store", {"CURRENT.json": b"{}"})
    with pytest.raises(NotAStoreError):
        loads(store, tmp_path / "files")


def test_bystanders_stay_in_every_folder(tmp_path: Path) -> None:
    """Files that people put into a store, into any of its folders and under any name, outlive loads and their sweeping."""
    store = tmp_path / "store"
    terminology.load(written(tmp_path / "first", {"icd10cm_order_2020.txt": order_file(CHOLERA)}), store=store)
    put(store, dict.fromkeys(PLACES, b"somebody's own"))
    (store / "releases/icd10cm/empty").mkdir()
    loads(store, tmp_path / "files")
    gone = [name for name in PLACES if not (store / name).exists()]
    # half files of killed writers are the one thing that is deleted by name
    assert gone == []
    assert (store / "releases/icd10cm/empty").is_dir()


def test_a_copy_of_a_folder_of_the_store_stays(tmp_path: Path) -> None:
    """Folders of the store that somebody copied beside their own are not the store's."""
    store = tmp_path / "store"
    terminology.load(written(tmp_path / "first", {"icd10cm_order_2020.txt": order_file(CHOLERA)}), store=store)
    for name in ("parts/icd10cm", "releases/icd10cm", "releases/icd10cm/2020"):
        shutil.copytree(store / name, store / f"{name}-copy")
    before = {path for path in store.rglob("*-copy/**/*") if path.is_file()}
    loads(store, tmp_path / "files")
    assert before
    assert before <= set(store.rglob("*"))


@pytest.mark.parametrize("name", [MARKER, "CURRENT.json"])
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    """A pipe that is called as the marker or the pointer makes no store, and no load hangs at it."""
    store = tmp_path / "store"
    store.mkdir()
    os.mkfifo(store / name)
    with pytest.raises(NotAStoreError):
        loads(store, tmp_path / "files")


def test_a_store_behind_a_link_is_swept(tmp_path: Path) -> None:
    """A store may be named by a link to its folder, and what a killed load left there is swept."""
    store, link = tmp_path / "store", tmp_path / "link"
    loads(store, tmp_path / "files")
    (store / ".CURRENT.json.1.tmp").touch()
    link.symlink_to(store, target_is_directory=True)
    terminology.load(written(tmp_path / "late", {"icd10cm_order_2024.txt": order_file(CHOLERA)}), store=link)
    assert not (store / ".CURRENT.json.1.tmp").exists()


def test_a_bystander_in_a_folder_that_is_swept_stays(tmp_path: Path) -> None:
    """Of a release that no pointer names the store's own files go, and a user's file among them stays."""
    store = tmp_path / "store"
    first = written(tmp_path / "first", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    terminology.load(first, store=store)
    (release,) = (store / "releases/icd10cm/2021").iterdir()
    (release / "notes.txt").write_text("mine")
    (release / "notes.parquet").write_text("mine")
    withdraw("icd10cm", "2021", store=store)
    terminology.load(written(tmp_path / "second", {"icd10cm_order_2022.txt": order_file(BACK_PAIN)}), store=store)
    assert sorted(path.name for path in release.iterdir()) == ["notes.parquet", "notes.txt"]


def linked(store: Path, name: str, outside: Path) -> None:
    """Put a link to a folder outside of the store in place of a folder of it, with all that it holds moved there."""
    place = store / name
    outside.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        shutil.move(place, outside)
    else:
        outside.mkdir(parents=True)
        place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(outside, target_is_directory=True)


@pytest.mark.parametrize(
    "name", ["compiled", "parts", "releases", "crosswalks", "incoming", "releases/icd10cm", "parts/old"]
)
def test_links_are_never_followed(tmp_path: Path, name: str) -> None:
    """What lies behind a link in place of a folder of the store is never deleted."""
    store, outside = tmp_path / "store", tmp_path / "outside"
    terminology.load(written(tmp_path / "first", {"icd10cm_order_2020.txt": order_file(CHOLERA)}), store=store)
    linked(store, name, outside)
    put(outside, {"thesis.bin": b"mine", f"{HEX}.arrow": b"mine", f"a/{HEX}/concepts.parquet": b"mine"})
    before = {path for path in outside.rglob("*") if path.is_file()}
    loads(store, tmp_path / "files")
    assert before <= set(outside.rglob("*"))
    assert len(terminology.open(store)["icd10cm"].releases) == 4


@pytest.mark.parametrize("name", ["lock", MARKER])
def test_a_link_in_place_of_a_file_is_not_written_through(tmp_path: Path, name: str) -> None:
    """What a link in place of the lock or the marker leads to is not written to, and not made."""
    store, outside = tmp_path / "store", tmp_path / "outside.txt"
    store.mkdir()
    (store / name).symlink_to(outside)
    with pytest.raises(OSError, match=r"symbolic links|not a store"):
        loads(store, tmp_path / "files")
    assert not outside.exists()


def test_a_lost_pointer_costs_nothing_else(tmp_path: Path) -> None:
    """Where the pointer is lost, a load says so, and deletes nothing of what it named."""
    store = tmp_path / "store"
    loads(store, tmp_path / "files")
    before = {path for path in store.rglob("*") if path.is_file()}
    (store / "CURRENT.json").rename(tmp_path / "CURRENT.json")
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json is missing.*put it back"):
        terminology.load(written(tmp_path / "fourth", {"icd10cm_order_2024.txt": order_file(CHOLERA)}), store=store)
    assert before - {store / "CURRENT.json"} <= set(store.rglob("*"))


def modes(store: Path) -> set[int]:
    """Return who may do what with the files and folders of a store."""
    return {path.stat().st_mode & 0o777 for path in (store, *store.rglob("*"))}


def test_nothing_is_writable_for_everybody(tmp_path: Path) -> None:
    """Under a umask that forbids nothing, no file or folder of a store can be written by everybody."""
    before = os.umask(0)
    try:
        loads(tmp_path / "a/b/store", tmp_path / "files")
    finally:
        os.umask(before)
    assert not any(mode & 0o002 for mode in modes(tmp_path / "a"))


def test_the_umask_is_kept(tmp_path: Path) -> None:
    """Under a umask that keeps everybody else out, nobody else can read a store."""
    before = os.umask(0o077)
    try:
        loads(tmp_path / "store", tmp_path / "files")
    finally:
        os.umask(before)
    assert not any(mode & 0o077 for mode in modes(tmp_path / "store"))


def test_a_store_among_the_files_to_load_is_passed_over(tmp_path: Path) -> None:
    """A folder that holds release files and the store itself can be loaded: the store is no release file."""
    store = tmp_path / "files" / "store"
    loads(store, tmp_path / "files")
    report = terminology.load(tmp_path / "files", store=store)
    assert not [skip for skip in report.skipped if "store" in skip.path]
    assert report.ok
