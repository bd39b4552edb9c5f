"""How a worker finds the store that a task names: in its folder, as it was, or in an archive. No Spark is needed for that."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology import StoreError, Terminology
from terminology.samples import sample_folders
from terminology.spark import shared as module
from terminology.spark.shared import SharedStore, unpacked, write_archive


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a cache folder of its own, and a process that has opened nothing."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(module, "_OPENED", {})


def loaded(path: Path, *names: str) -> Path:
    """Load the samples of some systems into a store."""
    report = terminology.load(*(folder for folder in sample_folders() if folder.name in names), store=path)
    assert report.ok
    return path


def test_a_store_is_opened_once_in_a_process(store: Terminology) -> None:
    """Where its folder has what the digest says, it is opened there."""
    shared = SharedStore.of(store)
    opened = shared.opened()
    assert opened is shared.opened() is SharedStore.of(store.path).opened()
    assert store.path.resolve() == opened.path
    assert "header" == str(opened["icd10cm"].on("2021-10-01").status("M54.5"))


def test_licences_are_those_of_the_driver(sample_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker's environment declares does not count."""
    shared = SharedStore.of(terminology.open(sample_store, licences=()))
    monkeypatch.setenv("TERMINOLOGY_LICENCES", "cpt,icd10gm")
    assert frozenset() == shared.opened().licences
    assert {"cpt", "icd10gm"} == SharedStore.of(sample_store).opened().licences


def test_tasks_read_what_the_job_began_with(tmp_path: Path) -> None:
    """A store that is published anew still has the pointer before; one publication later a task says that it is gone."""
    path = loaded(tmp_path / "store", "icd10cm")
    shared = SharedStore.of(path)
    loaded(path, "hcpcs")
    assert ("icd10cm",) == shared.opened().systems
    assert ("hcpcs", "icd10cm") == SharedStore.of(path).opened().systems
    module._OPENED.clear()
    loaded(path, "icd9cm")
    with pytest.raises(
        StoreError, match=r"no store with the digest .* at .*: put it in a folder that all machines share"
    ):
        shared.opened()


def test_an_archive_has_what_answers_need_and_no_parsed_files(store: Terminology, tmp_path: Path) -> None:
    """Its answers are those of the store; parts and releases stay at home."""
    shared = SharedStore.of(store)
    write_archive(shared, tmp_path / "store.zip")
    folder = unpacked(tmp_path / "store.zip", shared.digest)
    assert {"CURRENT.json", "STORE", "compiled"} == {path.name for path in folder.iterdir()}
    assert folder == unpacked(tmp_path / "absent.zip", shared.digest), "it is unpacked once"
    found = evolve(shared, location=str(folder)).opened()
    assert store.systems == found.systems
    for system in store.systems:
        edition = store[system].latest
        assert [edition.status(code) for code in edition] == [found[system].latest.status(code) for code in edition]
    assert store.translate("A02.1", source="icd9cm", target="icd10cm").codes == (
        found.translate("A02.1", source="icd9cm", target="icd10cm").codes
    )


UNPACK = """
import pathlib, sys
from terminology.spark.shared import unpacked
print(unpacked(pathlib.Path(sys.argv[1]), sys.argv[2]))
"""


def test_workers_that_unpack_at_once_have_one_whole_folder(store: Terminology, tmp_path: Path) -> None:
    """Eight processes; the first that is done gives the folder its name, and nothing half is left."""
    shared = SharedStore.of(store)
    write_archive(shared, tmp_path / "store.zip")
    command = [sys.executable, "-c", UNPACK, str(tmp_path / "store.zip"), shared.digest]
    environment = {**os.environ, "TMPDIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(8)]
    found = {worker.communicate(timeout=60)[0].strip() for worker in workers}
    assert [0] * 8 == [worker.returncode for worker in workers]
    [folder] = map(Path, found)
    assert [shared.digest] == [path.name for path in folder.parent.iterdir()]


def test_a_damaged_archive_leaves_no_folder(store: Terminology, tmp_path: Path) -> None:
    """Half an archive is an error, and the next worker tries again."""
    shared = SharedStore.of(store)
    write_archive(shared, tmp_path / "store.zip")
    data = bytearray((tmp_path / "store.zip").read_bytes())
    data[len(data) // 2] ^= 0xFF
    (tmp_path / "damaged.zip").write_bytes(data)
    with pytest.raises(Exception, match=r"CRC|zlib|decompress"):
        unpacked(tmp_path / "damaged.zip", shared.digest)
    assert not (module.cache_folder() / shared.digest).exists()
    assert unpacked(tmp_path / "store.zip", shared.digest).exists()


def test_a_publication_that_is_gone_is_not_shipped(tmp_path: Path) -> None:
    """Of another publication in the same folder no archive is made."""
    path = loaded(tmp_path / "store", "icd10cm")
    with pytest.raises(StoreError, match="was published anew while it was shipped"):
        write_archive(evolve(SharedStore.of(path), digest="0" * 64), tmp_path / "store.zip")
    assert not (tmp_path / "store.zip").exists()
