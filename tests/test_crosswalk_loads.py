"""Crosswalks of a load: none is lost because its reader is not there, and none harms the releases beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

import terminology
from terminology.drafts import CrosswalkReader
from terminology.ingest import rollback, withdraw_crosswalk
from terminology.registry import crosswalk_readers, loaders
from terminology.samples import sample_releases
from terminology.store import StoreFolder, read_catalog
from terminology.store.verify import verify
from terminology_crosswalks.gems import GemReader
from terminology_crosswalks.icd10cm_conversion import Icd10cmConversionReader
from terminology_loaders.icd10cm import Icd10cmLoader

from .release_files import BACK_PAIN, CHOLERA, order_file, written, zipped

SAMPLES = sample_releases()
GEMS = SAMPLES / "crosswalks" / "gems"
FORWARD, BACKWARD = GEMS / "2018_I9gem.txt", GEMS / "2018_I10gem.txt"
CONVERSION = SAMPLES / "crosswalks" / "icd10cm_conversion"


class LaterGems(GemReader):
    """The reader as a later version of it would be."""

    format_number = GemReader.format_number + 1


class LaterConversion(Icd10cmConversionReader):
    """The reader as a later version of it would be."""

    format_number = Icd10cmConversionReader.format_number + 1


class LaterIcd10cm(Icd10cmLoader):
    """The loader as a later version of it would be."""

    format_number = Icd10cmLoader.format_number + 1


def readers(**others: CrosswalkReader | None) -> Mapping[str, CrosswalkReader]:
    """Return the installed readers, with others in their place, or without one."""
    chosen = {**crosswalk_readers(), **others}
    return {name: reader for name, reader in chosen.items() if reader}


def crosswalks(store: Path) -> list[str]:
    """Return the crosswalks that are in force."""
    return [f"{one.name} {one.source_system}" for one in terminology.open(store).crosswalks]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store with the forward GEM and a conversion table, and the releases that they are of."""
    folder = tmp_path / "store"
    terminology.load(SAMPLES / "icd10cm", SAMPLES / "icd9cm", FORWARD, CONVERSION, store=folder)
    assert {"gems icd9cm", "icd10cm_conversion icd10cm"} <= {*crosswalks(folder)}
    return folder


def test_reader_that_is_not_installed(store: Path) -> None:
    """Crosswalks whose reader is not there are kept as they are, whatever else is loaded."""
    before = crosswalks(store)
    terminology.load(SAMPLES / "hcpcs", store=store, crosswalks=readers(gems=None))
    terminology.load(SAMPLES / "cpt", store=store, loaders=loaders())
    assert {*before} <= {*crosswalks(store)}
    assert () == verify(StoreFolder(store))


def test_new_file_of_an_outdated_reader(store: Path) -> None:
    """A crosswalk file that would need others read again is refused with their names; the releases are taken."""
    before = crosswalks(store)
    report = terminology.load(SAMPLES / "hcpcs", BACKWARD, store=store, crosswalks=readers(gems=LaterGems()))
    assert [BACKWARD.name] == [error.file for error in report.errors]
    assert FORWARD.name in str(report.errors[0])
    assert {"2018-01", "2019-01"} == {item.release.version for item in report.loaded}
    assert {*before} <= {*crosswalks(store)}
    report = terminology.load(GEMS, store=store, crosswalks=readers(gems=LaterGems()))
    assert () == report.errors
    assert {"gems icd9cm", "gems icd10cm"} <= {*crosswalks(store)}


def test_outdated_parts_of_a_loader(store: Path) -> None:
    """Crosswalks are not made anew of parts that another version of a loader has read; they stay."""
    assert Icd10cmConversionReader.parts_of, "it is made of parts of a loader"
    before = [entry for entry in read_catalog(StoreFolder(store)).maps if entry.key[0] == "icd10cm_conversion"]
    later = {**loaders(), "icd10cm": LaterIcd10cm()}
    chosen = readers(icd10cm_conversion=LaterConversion())
    for system in (None, "hcpcs"):
        terminology.load(SAMPLES / "hcpcs", store=store, system=system, loaders=later, crosswalks=chosen)
        after = [entry for entry in read_catalog(StoreFolder(store)).maps if entry.key[0] == "icd10cm_conversion"]
        assert before == after


def test_withdrawal_without_the_reader(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crosswalk is not withdrawn where what would be left of it cannot be put together."""
    from importlib import import_module

    terminology.load(GEMS, store=store)
    before = crosswalks(store)
    module = import_module("terminology.ingest.reversal")
    monkeypatch.setattr(module, "crosswalk_readers", lambda: readers(gems=None))
    with pytest.raises(terminology.StoreError, match="no installed reader"):
        withdraw_crosswalk("gems", "2018", store=store)
    assert before == crosswalks(store)


@pytest.mark.parametrize("packed", [False, True])
def test_faulty_crosswalk_beside_a_release(tmp_path: Path, packed: bool) -> None:  # noqa: FBT001 -- a parameter
    """A faulty crosswalk file is refused with its place; the release that it came with is taken."""
    faulty = FORWARD.read_bytes().replace(b"\n", b"\nXX bad\n", 1)
    files = {"icd10cm_order_2018.txt": order_file(CHOLERA), "2018_I9gem.txt": faulty}
    path = tmp_path / "2018.zip" if packed else written(tmp_path / "2018", files)
    if packed:
        path.write_bytes(zipped(files))
    report = terminology.load(path, store=tmp_path / "store")
    assert ["2018"] == [item.release.version for item in report.loaded]
    assert [2] == [error.line for error in report.errors]


def test_state_before_that_is_damaged(tmp_path: Path) -> None:
    """A list of parts that only the way back needs is missed by verify and by rollback, not by the next load."""
    folder = written(tmp_path / "in", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    store = tmp_path / "store"
    terminology.load(folder, store=store)
    former = read_catalog(StoreFolder(store)).parts
    written(folder, {"icd10cm_order_2022.txt": order_file(BACK_PAIN)})
    terminology.load(folder, store=store)
    assert () == verify(StoreFolder(store))
    (store / "compiled" / f"{former}.parts").unlink()
    assert [f"compiled/{former}.parts"] == [finding.file for finding in verify(StoreFolder(store))]
    with pytest.raises(terminology.StoreDamagedError, match="is missing"):
        rollback(store)
    report = terminology.load(folder, store=store)
    assert [True, True] == [item.already for item in report.loaded]


def test_version_that_leads_out_of_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that a third party's loader gives is never taken for a path."""
    from attrs import evolve

    class Astray(Icd10cmLoader):
        """Gives each release a version that is a path."""

        def assemble(self, parts):  # type: ignore[no-untyped-def]
            made = super().assemble(parts)
            return evolve(made, drafts=tuple(evolve(draft, version="../../../astray") for draft in made.drafts))

    folder = written(tmp_path / "in", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    report = terminology.load(folder, store=tmp_path / "a" / "store", loaders={"icd10cm": Astray()})
    assert ["expected a version of letters, digits, dots and dashes, got '../../../astray'"] == [
        error.message for error in report.errors
    ]
    assert [] == list(tmp_path.rglob("astray"))


def test_withdrawal_of_one_version_of_outdated_files(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version is not withdrawn where the others would have to be put together by another version of the reader."""
    from importlib import import_module

    earlier = written(tmp_path / "in", {"2017_I9gem.txt": FORWARD.read_bytes()})
    terminology.load(earlier, store=store)
    before = read_catalog(StoreFolder(store))
    module = import_module("terminology.ingest.reversal")
    monkeypatch.setattr(module, "crosswalk_readers", lambda: readers(gems=LaterGems()))
    with pytest.raises(terminology.StoreError, match=r"read by another version of its reader.*2017_I9gem.txt"):
        withdraw_crosswalk("gems", "2018", store=store)
    assert before == read_catalog(StoreFolder(store))
