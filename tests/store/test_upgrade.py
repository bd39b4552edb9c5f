"""A store that an earlier version wrote answers as it did, or says what to run; upgraded, it answers as a fresh one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.errors import StoreDamagedError, StoreError, StoreFormatError
from terminology.ingest import described, rollback, upgrade
from terminology.store import StoreFolder
from terminology.store.verify import verify

from .earlier import all_answers, earlier_store, files_of, fresh_store, translations

KILLED = """
import os, signal, sys
from terminology.ingest import upgrade
step, done = int(sys.argv[2]), 0

def counted(real):
    def call(*args, **kwargs):
        global done
        done += 1
        if done == step:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call

for name in ("fsync", "replace", "rename", "unlink"):
    setattr(os, name, counted(getattr(os, name)))
upgrade(sys.argv[1])
print(done)
"""


@pytest.fixture(scope="module", params=[2, 3])
def number(request: pytest.FixtureRequest) -> Any:
    """The format of the earlier store."""
    return request.param


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, number: int) -> Path:
    """A store of the same samples, by this version."""
    return fresh_store(tmp_path_factory.mktemp("fresh"), number)


@pytest.fixture
def earlier(tmp_path: Path, number: int) -> Path:
    """The earlier store, to be upgraded."""
    return earlier_store(tmp_path, number)


def test_an_upgraded_store_answers_as_a_fresh_one(earlier: Path, fresh: Path) -> None:
    """Every code on every day: status, reason, concept, place and notes; and the store is sound."""
    report = upgrade(earlier)
    assert report.is_needed
    assert set(report.systems) == set(terminology.open(earlier).systems)
    assert all_answers(earlier) == all_answers(fresh)
    assert verify(StoreFolder(earlier)) == ()


def test_what_is_upgraded_is_not_upgraded_again(earlier: Path) -> None:
    """The second upgrade finds nothing to do, and publishes nothing."""
    upgrade(earlier)
    before = files_of(earlier)
    assert not upgrade(earlier).is_needed
    assert files_of(earlier) == before


def test_a_dry_run_leaves_the_store_as_it_is(earlier: Path) -> None:
    """Not a byte of it changes, and the report is that of the upgrade."""
    before = files_of(earlier)
    foretold = upgrade(earlier, dry_run=True)
    assert files_of(earlier) == before
    assert foretold == upgrade(earlier)


def test_files_that_a_later_loader_reads_otherwise_are_named(earlier: Path) -> None:
    """With the releases that are made of them; those of a loader that did not change are not."""
    found = {(one.of, one.file): one.versions for one in upgrade(earlier).load_again}
    assert found[("hcpcs", "HCPC2018_CONTR_ANWEB.txt")] == ("2018-01",)
    assert found[("icd10cm", "icd10cm_order_2021.txt")] == ("2021",)
    assert not [file for of, file in found if of in ("icd9cm", "icd9pcs")]
    assert {(one.of, one.file): one.versions for one in described(earlier).load_again} == found


def test_loaded_again_nothing_is_left(earlier: Path, fresh: Path, number: int) -> None:
    """The files that were named are taken together, and none is named afterwards."""
    upgrade(earlier)
    assert terminology.load(*_samples(number), store=earlier).ok
    assert upgrade(earlier).load_again == ()
    assert all_answers(earlier) == all_answers(fresh)


def _samples(number: int) -> list[Path]:
    from terminology.samples import sample_releases

    from .earlier import SAMPLES

    return [sample_releases() / name for name in SAMPLES[number]]


@pytest.mark.parametrize(
    "share", [0.97, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.01, 0.4, 0.8, 0.99))]
)
def test_a_killed_upgrade_leaves_the_store_as_it_was(earlier: Path, number: int, share: float, tmp_path: Path) -> None:
    """Killed before any step on the disk; it answers as before, or as after, and the next upgrade ends the work."""
    steps = int(killed(Path(shutil.copytree(earlier, tmp_path / "other")), 0).stdout)
    pointer = (earlier / "CURRENT.json").read_bytes()
    assert killed(earlier, max(1, round(share * steps))).returncode == -9
    if (earlier / "CURRENT.json").read_bytes() == pointer:
        # all that the former state needs is there
        assert described(earlier).format == number
        assert verify(StoreFolder(earlier)) == () if number == 3 else True
    upgrade(earlier)
    assert verify(StoreFolder(earlier)) == ()
    assert terminology.open(earlier)["icd10cm"].on("2021-10-01").status("M54.5").name == "HEADER"
    left = {name for name in files_of(earlier) if ".tmp" in name}
    assert left == set()


def killed(store: Path, step: int) -> subprocess.CompletedProcess[str]:
    """Upgrade a store in a process of its own that is killed at a step on the disk; at none if the step is 0."""
    return subprocess.run(
        [sys.executable, "-c", KILLED, str(store), str(step)], capture_output=True, text=True, check=False, timeout=600
    )


class TestOfFormatTwo:
    """Where the number of the format differs."""

    def test_it_says_what_to_run(self, tmp_path: Path) -> None:
        """Both formats, and the command with the folder."""
        store = earlier_store(tmp_path, 2)
        expected = rf"CURRENT\.json has store format 2, and terminology-server \S+ reads format 3: run terminology store upgrade --store {store}$"
        with pytest.raises(StoreFormatError, match=expected):
            terminology.open(store)

    def test_there_is_no_way_back(self, tmp_path: Path) -> None:
        """The state before could not be read: it is not kept, and a rollback says that nothing was published before."""
        store = earlier_store(tmp_path, 2)
        upgrade(store)
        with pytest.raises(StoreError, match="nothing was published"):
            rollback(store)


class TestOfFormatThree:
    """Where the number is the same, and the compiled files have what they had then."""

    def test_it_answers_as_it_is(self, tmp_path: Path) -> None:
        """Without an upgrade, in everything."""
        assert all_answers(earlier_store(tmp_path, 3)) == all_answers(fresh_store(tmp_path, 3))

    def test_translations_stay(self, tmp_path: Path) -> None:
        """By every crosswalk that it holds."""
        store = earlier_store(tmp_path, 3)
        before = translations(store)
        upgrade(store)
        assert translations(store) == before
        assert len(before) > 100

    def test_rollback_undoes_it(self, tmp_path: Path) -> None:
        """What was in force before is in force again, byte for byte but for the pointer."""
        store = earlier_store(tmp_path, 3)
        before = files_of(store)
        upgrade(store)
        rollback(store)
        after = files_of(store)
        assert {name for name in before if after.get(name) != before[name]} == {"CURRENT.json"}
        assert described(store).generation == 3

    def test_a_damaged_archive_stops_it(self, tmp_path: Path) -> None:
        """The table is named, and the store stays in force as it was."""
        store = earlier_store(tmp_path, 3)
        table = next((store / "releases" / "hcpcs").rglob("concepts.parquet"))
        table.write_bytes(b"x" + table.read_bytes()[1:])
        pointer = (store / "CURRENT.json").read_bytes()
        with pytest.raises(StoreDamagedError, match=r"concepts\.parquet is damaged"):
            upgrade(store)
        assert (store / "CURRENT.json").read_bytes() == pointer
        assert terminology.open(store)["icd10cm"].latest.status("M54.50").valid
