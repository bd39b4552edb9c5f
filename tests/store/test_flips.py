"""One changed byte in any file of a store: the right answer or `StoreDamagedError`, and `verify` finds it."""

from __future__ import annotations

import itertools
import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.errors import StoreDamagedError
from terminology.query import engine_of
from terminology.store import StoreFolder, read_catalog
from terminology.store.archive import MANIFEST, read_manifest
from terminology.store.verify import verify

from .asked import answers, flipped, overwritten, pointer_values, published, published_twice

SOME = 10
"""Of the regions of a file every tenth is changed, and all of them in the slow test."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that is damaged for a while by each test, and mended."""
    return published_twice(tmp_path_factory.mktemp("flips"))


@pytest.fixture(scope="module")
def right(store: Path) -> dict[str, Any]:
    """The answers of the sound store."""
    found = answers(store)
    assert not [name for name, answer in found.items() if isinstance(answer, StoreDamagedError)]
    assert len(found) > 30
    return found


def compiled_files(store: Path) -> dict[str, Any]:
    """Return the entries of all compiled files in force, by what they are."""
    values = pointer_values(store)
    found = {f"{name} {key}": file for name, entry in values["systems"].items() for key, file in entry["files"].items()}
    for entry in values["maps"]:
        found |= {f"{entry['crosswalks'][0]['name']} {key}": file for key, file in entry["files"].items()}
    return found


def places(file: dict[str, Any]) -> Iterator[int]:
    """Yield a place in each region of a compiled file: magic, metadata, each buffer of each column, footer, magic."""
    yield from (0, 9, 40, 200)
    for layout in file["columns"].values():
        for start, size in filter(None, layout["buffers"]):
            yield from {start, start + size // 2}
    yield from (file["size"] - 120, file["size"] - 12, file["size"] - 1)


def changed(right: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return the questions that were answered otherwise than by the sound store."""
    return [
        name for name, answer in found.items() if not isinstance(answer, StoreDamagedError) and answer != right[name]
    ]


@pytest.mark.parametrize("step", [SOME, pytest.param(1, marks=pytest.mark.slow)])
def test_compiled_files(store: Path, right: dict[str, Any], step: int) -> None:
    """No flip in any region of a compiled file changes an answer or raises anything else, and each is found."""
    tried = 0
    for number, (what, file) in enumerate(compiled_files(store).items()):
        path = store / "compiled" / f"{file['sha256']}.arrow"
        for place in itertools.islice(places(file), number % step, None, step):
            with flipped(path, place, 0x81):
                assert changed(right, answers(store)) == [], (what, place)
                assert [finding.file for finding in verify(StoreFolder(store))] == [f"compiled/{path.name}"], (
                    what,
                    place,
                )
            tried += 1
    assert tried > 200 / step


@pytest.mark.parametrize(
    "pattern",
    [
        "CURRENT.json",
        "compiled/*.parts",
        "compiled/*.pointer",
        "parts/*/*/manifest.json",
        "releases/*/*/*/manifest.json",
        "crosswalks/*/*/*/manifest.json",
        "parts/*/*/*.parquet",
        "releases/*/*/*/*.parquet",
        "crosswalks/*/*/*/*.parquet",
    ],
)
@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_other_files(store: Path, right: dict[str, Any], pattern: str, step: int) -> None:
    """No flip in any other file changes an answer or raises anything else, and each is found."""
    for number, path in enumerate(sorted(store.glob(pattern))):
        size = path.stat().st_size
        for place in (0, 5, size // 3, size // 2, size - 6, size - 1)[number % step :: step]:
            with flipped(path, place):
                assert changed(right, answers(store)) == [], (path, place)
                assert verify(StoreFolder(store)) != (), (path, place)


@pytest.mark.parametrize("pattern", ["releases/*/2022/*", "parts/*/*", "crosswalks/*/*/*"])
def test_every_byte_of_a_manifest(store: Path, pattern: str) -> None:
    """Whichever byte of a manifest changes, it is not read; but for the name of the checksum, where `verify` says so."""
    folder = min(store.glob(pattern))
    path = folder / MANIFEST
    sound = path.read_bytes()
    named = range(sound.index(b'"checksum"') + 1, sound.index(b'"checksum"') + 9)
    for place in range(len(sound)):
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << place % 5]) + sound[place + 1 :])
        if place in named:
            assert str(path.relative_to(store)) in {finding.file for finding in verify(StoreFolder(store))}
        else:
            with pytest.raises(StoreDamagedError, match=MANIFEST):
                read_manifest(folder)
    path.write_bytes(sound)
    assert verify(StoreFolder(store)) == ()


def test_errors_name_the_file_and_what_to_do(store: Path) -> None:
    """What is said of a damaged column names the file, the column and what to do."""
    file = compiled_files(store)["icd10cm periods"]
    path = store / "compiled" / f"{file['sha256']}.arrow"
    start = file["columns"]["title"]["buffers"][2][0]
    with flipped(path, start):
        edition = terminology.open(store)["icd10cm"].latest
        assert str(edition.status("M54.50")) == "billable"
        with pytest.raises(StoreDamagedError, match=r"column title") as caught:
            edition.lookup("M54.50")
    assert all(text in str(caught.value) for text in (str(path), f"terminology verify --store {store}", "rollback"))


def without_checksums(store: Path) -> Iterator[None]:
    """Make the store one that was written before there were checksums of columns and manifests, for a while."""
    sound = {path: path.read_bytes() for path in [store / "CURRENT.json", *store.rglob(MANIFEST)]}
    values = pointer_values(store)
    for entry in [*values["systems"].values(), *values["maps"]]:
        for file in entry["files"].values():
            for layout in file["columns"].values():
                del layout["crc32"]
    published(store, values)
    for path in store.rglob(MANIFEST):
        manifest = json.loads(path.read_bytes())
        del manifest["checksum"]
        path.write_text(json.dumps(manifest, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    yield
    for path, data in sound.items():
        path.write_bytes(data)


@pytest.fixture
def former_store(store: Path) -> Iterator[Path]:
    """A store without checksums of columns and manifests."""
    for _ in without_checksums(store):
        yield store


def test_a_store_of_former_times(former_store: Path, right: dict[str, Any]) -> None:
    """A store that was written before there were checksums of columns and manifests answers alike, and is sound."""
    assert answers(former_store) == right
    assert verify(StoreFolder(former_store)) == ()
    assert terminology.open(former_store, verify=True).generation == 2


def test_texts_of_former_times(former_store: Path, right: dict[str, Any]) -> None:
    """Without checksums a text that leads out of its column, or is no UTF-8, is damage, in rows and in whole tables."""
    file = compiled_files(former_store)["icd10cm periods"]
    path = former_store / "compiled" / f"{file['sha256']}.arrow"
    _, (offsets, _), (data, _) = file["columns"]["title"]["buffers"]
    system = engine_of(terminology.open(former_store)["icd10cm"].latest).system
    place = offsets + 4 * system.periods.first[system.row_of("A00.0")]
    (begin,) = struct.unpack_from("<i", path.read_bytes(), place)
    for byte, bits in [(place + 3, 0x40), (place + 3, 0x80), (place + 7, 0x40), (data + begin, 0x80)]:
        with flipped(path, byte, bits):
            found = answers(former_store)
            assert isinstance(found["lookup"], StoreDamagedError)
            assert isinstance(found["concepts"], StoreDamagedError)
            assert changed(right, found) == []
            with pytest.raises(StoreDamagedError, match=path.name):
                terminology.open(former_store, verify=True)


def test_the_last_text_of_former_times(former_store: Path, right: dict[str, Any]) -> None:
    """Without checksums a column whose last text ends beyond it is damage, in rows and in whole tables."""
    files = compiled_files(former_store)
    for what, name in (("icd10cm periods", "title"), ("icd10cm codes", "code")):
        path = former_store / "compiled" / f"{files[what]['sha256']}.arrow"
        with flipped(path, files[what]["columns"][name]["buffers"][1][0] + 4 * files[what]["rows"] + 1, 0x80):
            found = answers(former_store)
            assert isinstance(found["concepts"], StoreDamagedError)
            assert changed(right, found) == []


def test_a_borrowed_file_that_is_changed_is_found(store: Path) -> None:
    """What a manifest says of borrowed files, which the pointer does not repeat, is compared too."""
    path = next(path for path in store.glob("releases/*/*/*/manifest.json") if b'"borrowed": []' in path.read_bytes())
    sound = path.read_bytes()
    overwritten(path, sound.replace(b'"borrowed": []', b'"borrowed": [1]'))
    assert [finding.file for finding in verify(StoreFolder(store))] == [str(path.relative_to(store))]
    overwritten(path, sound)
    assert read_catalog(StoreFolder(store)).generation == 2
