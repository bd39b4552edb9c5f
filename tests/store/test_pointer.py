"""The pointer of a store, and what is said when something of it is damaged or missing."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.errors import StoreDamagedError, StoreError, StoreNotFoundError
from terminology.store import StoreFolder, read_catalog
from terminology.store.pointer import catalog_bytes, catalog_from

from ..release_files import BACK_PAIN, CHOLERA, order_file, tabular, written


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of two small releases."""
    folder = tmp_path_factory.mktemp("pointer")
    files = {
        "icd10cm_order_2021.txt": order_file(CHOLERA),
        "icd10cm_order_2022.txt": order_file(BACK_PAIN),
        "icd10cm_tabular_2022.xml": tabular(2022, BACK_PAIN),
    }
    terminology.load(written(folder / "files", files), store=folder / "store")
    return folder / "store"


@pytest.fixture
def store(loaded: Path, tmp_path: Path) -> Path:
    """A copy of the store, to be damaged."""
    return Path(shutil.copytree(loaded, tmp_path / "store"))


def test_pointer_comes_back(store: Path) -> None:
    """What is written as a pointer reads the same, byte for byte when it is written again."""
    data = (store / "CURRENT.json").read_bytes()
    assert data == catalog_bytes(catalog_from(data, "CURRENT.json"))


def test_nothing_there(tmp_path: Path) -> None:
    """A folder without a store says so, and how to make one."""
    with pytest.raises(StoreNotFoundError, match="load releases first"):
        terminology.open(tmp_path)


@pytest.mark.parametrize("place", [0, 30, 64, 65, 200, -1])
def test_changed_byte(store: Path, place: int) -> None:
    """A pointer of which any byte changed is damaged."""
    data = bytearray((store / "CURRENT.json").read_bytes())
    data[place] ^= 1
    (store / "CURRENT.json").write_bytes(data)
    with pytest.raises(StoreDamagedError, match=r"CURRENT\.json is damaged"):
        terminology.open(store)


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_cut_pointer(store: Path, share: float) -> None:
    """A pointer that is cut short is damaged."""
    data = (store / "CURRENT.json").read_bytes()
    (store / "CURRENT.json").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(StoreDamagedError):
        terminology.open(store)


def rewritten(store: Path, **changes: Any) -> None:
    """Write the pointer with other values, and a checksum that fits."""
    values = json.loads((store / "CURRENT.json").read_bytes().partition(b"\n")[2])
    body = json.dumps({**values, **changes}).encode()
    (store / "CURRENT.json").write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def test_later_format(store: Path) -> None:
    """A pointer of a later format is refused, with both numbers."""
    rewritten(store, format=999)
    with pytest.raises(StoreError, match=r"has store format 999, .* reads format 3: install a later version"):
        terminology.open(store)


def test_missing_file(store: Path) -> None:
    """A compiled file that is gone is named, and so is what to do."""
    catalog = read_catalog(StoreFolder(store))
    gone = store / "compiled" / catalog.systems["icd10cm"].files["codes"].name
    gone.unlink()
    with pytest.raises(StoreDamagedError, match=f"{gone.name}.*terminology verify"):
        terminology.open(store)


def test_missing_archive(store: Path) -> None:
    """Point questions need the compiled files only: the archive may be left out of a copy for readers."""
    shutil.rmtree(store / "releases")
    shutil.rmtree(store / "parts")
    edition = terminology.open(store)["icd10cm"].on("2022-01-01")
    assert str(edition.status("M54.50")) == "billable"
    assert edition.ancestors("M54.50") == ("M54.5", "M54", "M50-M54", "13")
    assert edition.table("concepts").num_rows == 13


def test_read_only_folder(store: Path) -> None:
    """Reading leaves no trace in the folder of the store."""
    before = sorted(path for path in store.rglob("*"))
    cm = terminology.open(store)["icd10cm"]
    assert cm.latest.lookup("M54.50") is not None
    assert cm.latest.table("published").num_rows == 13
    assert before == sorted(path for path in store.rglob("*"))


def test_pointer_names_every_source(loaded: Path) -> None:
    """The pointer says of every release which files it was made of, with the checksums of their bytes."""
    releases = terminology.open(loaded)["icd10cm"].releases
    files = loaded.parent / "files"
    for release in releases:
        for source in release.sources:
            assert hashlib.sha256((files / source.file).read_bytes()).hexdigest() == source.sha256
            assert (files / source.file).stat().st_size == source.size
