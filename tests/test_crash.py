"""Loads that are killed, loads at the same time, and readers that are open meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.store import StoreFolder
from terminology.store.verify import verify

from .release_files import BACK_PAIN, CHOLERA, codes_file, order_addenda, order_file, tabular, written

FEW = (2, 4)
MANY = (20, 18)
"""Of the moments at which a load is killed: how many before the last, and how many of the last."""
STEPS = 'for name in ("fsync", "replace", "rename", "unlink", "rmdir"):'
CHILD = f"""
import os, signal, sys, time
import terminology
from terminology.ingest import load
step, done, waited = int(sys.argv[1]), 0, False

def sleep(seconds, real=time.sleep):
    # it sleeps only while another process holds the lock
    global waited
    if not waited:
        print("waiting", flush=True)
    waited = True
    real(seconds)

time.sleep = sleep

def counted(real):
    # odd numbers kill the process right before a step on the disk, even ones right after it
    def call(*args, **kwargs):
        global done
        done += 1
        if done == (step + 1) // 2 and step % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if done == (step + 1) // 2 and step % 2 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

{STEPS}
    setattr(os, name, counted(getattr(os, name)))
load(*sys.argv[3:], store=sys.argv[2])
print(done)
"""

HOLDER = """
import sys
from pathlib import Path
from terminology.store import StoreFolder
with StoreFolder(Path(sys.argv[1])).lock():
    print("held", flush=True)
    sys.stdin.read()
"""
PATIENCE = 600
"""Seconds for a load of a few rows: an end for one that hangs, however slow the machine."""


def child(step: int, store: Path, *paths: Path) -> subprocess.Popen[str]:
    """Start a load in a process of its own, to be killed at a step on the disk; at none if the step is 0."""
    arguments = [sys.executable, "-c", CHILD, str(step), str(store), *map(str, paths)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def finished(step: int, store: Path, *paths: Path) -> int:
    """Run a load to its end; return how many steps on the disk it took."""
    process = child(step, store, *paths)
    printed, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return int(printed)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """What three loads bring: a release, a late codes file of it, then a second release with addenda and tabular list."""
    folder = tmp_path_factory.mktemp("files")
    addenda = order_addenda(CHOLERA, BACK_PAIN, "icd10cm_order_2021.txt", "icd10cm_order_2022.txt")
    first = written(folder / "first", {"icd10cm_order_2021.txt": order_file(CHOLERA)})
    late = written(folder / "late", {"icd10cm_codes_2021.txt": codes_file(CHOLERA)})
    second = written(
        folder / "second",
        {
            "icd10cm_order_2022.txt": order_file(BACK_PAIN),
            "icd10cm_order_addenda_2022.txt": addenda,
            "icd10cm_tabular_2022.xml": tabular(2022, BACK_PAIN),
        },
    )
    return first, second, late


@pytest.fixture(scope="module")
def states(files: Sequence[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, Any, int]:
    """A store after two loads, what it says then and after the third, and the steps of the third; it sweeps the first."""
    store = tmp_path_factory.mktemp("states") / "store"
    terminology.load(files[0], store=store)
    terminology.load(files[2], store=store)
    whole = store.with_name("whole")
    shutil.copytree(store, whole)
    steps = finished(0, whole, files[1])
    return store, said(store), said(whole), steps


def said(path: Path) -> Any:
    """Return releases and answers of a store."""
    store = terminology.open(path)
    days = ("2020-10-01", "2021-09-30", "2021-10-01", "2022-09-30", "2023-01-01")
    codes = ("M54.5", "M54.50", "A00", "A00.0", "13", "Z99")
    cm = store["icd10cm"]
    answers = {
        f"{day} {code}": (str(cm.on(day).status(code)), cm.on(day).lookup(code)) for day in days for code in codes
    }
    tables = [cm.release(release.version).table("concepts").to_pylist() for release in cm.releases]
    return cm.releases, answers, tables


def leftovers(store: Path) -> list[str]:
    """Return the temporary files of a store."""
    return sorted(str(path.relative_to(store)) for path in store.rglob("*.tmp"))


def check_after_kill(store: Path, states: tuple[Path, Any, Any, int], files: Sequence[Path]) -> str:
    """Check that the store is as before or as after, and whole again after the next load; return which it was."""
    _, before, after, _ = states
    found = said(store)
    assert found in (before, after)
    assert verify(StoreFolder(store)) == ()
    report = terminology.load(files[1], store=store)
    assert report.errors == ()
    assert said(store) == after
    assert verify(StoreFolder(store)) == ()
    assert leftovers(store) == []
    return "before" if found == before else "after"


def test_the_two_states_differ(states: tuple[Path, Any, Any, int]) -> None:
    """The store before and after differ in releases and answers, and a load takes enough steps to be killed at."""
    _, before, after, steps = states
    assert [len(releases) for releases, *_ in (before, after)] == [1, 2]
    assert before[1] != after[1]
    assert steps > 20


@pytest.mark.parametrize("kills", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["few", "many"])
def test_killed_at_steps(
    states: tuple[Path, Any, Any, int], files: Sequence[Path], tmp_path: Path, kills: tuple[int, int]
) -> None:
    """A load killed right before or after a step on the disk leaves the store as before or as after, never else."""
    store, *_, steps = states
    before, last = kills
    # the last steps, with the publication among them, always; of those before them some
    moments = list(range(2 * steps - last + 1, 2 * steps + 1))
    earlier = random.Random(7).sample(range(1, moments[0]), before)  # noqa: S311 -- no secret
    moments = sorted({*earlier, *moments})
    outcomes = []
    for step in moments:
        copy = tmp_path / str(step)
        shutil.copytree(store, copy)
        process = child(step, copy, files[1])
        process.communicate(timeout=PATIENCE)
        assert process.returncode == -signal.SIGKILL, step
        outcomes.append(check_after_kill(copy, states, files))
    assert outcomes == sorted(outcomes, reverse=True), "once it was published, it stays published"
    assert set(outcomes) == {"before", "after"}


@pytest.mark.slow
def test_killed_at_random_moments(states: tuple[Path, Any, Any, int], files: Sequence[Path], tmp_path: Path) -> None:
    """A load killed at any moment leaves the store as before or as after."""
    store = states[0]
    shutil.copytree(store, tmp_path / "timed")
    begun = time.monotonic()
    finished(0, tmp_path / "timed", files[1])
    duration = time.monotonic() - begun
    chance = random.Random(11)  # noqa: S311 -- no secret
    for number in range(12):
        copy = tmp_path / str(number)
        shutil.copytree(store, copy)
        process = child(0, copy, files[1])
        time.sleep(duration * chance.uniform(0.3, 1))
        process.kill()
        process.communicate(timeout=PATIENCE)
        check_after_kill(copy, states, files)


def test_killed_first_load(files: Sequence[Path], tmp_path: Path) -> None:
    """A first load that is killed leaves no store, or the whole one; the next load makes it whole and clean."""
    steps = finished(0, tmp_path / "whole", files[0])
    outcomes = []
    for step in (1, steps, 2 * steps - 3, 2 * steps):
        store = tmp_path / str(step)
        process = child(step, store, files[0])
        process.communicate(timeout=PATIENCE)
        try:
            outcomes.append(said(store) == said(tmp_path / "whole"))
        except terminology.StoreNotFoundError:
            outcomes.append(None)
        terminology.load(files[0], store=store)
        assert said(store) == said(tmp_path / "whole")
        assert leftovers(store) == []
    assert outcomes[0] is None
    assert False not in outcomes


def test_two_loads_at_once(files: Sequence[Path], tmp_path: Path) -> None:
    """Two loads at the same time wait for each other: both succeed, and the store holds what both brought."""
    for number in range(2):
        both = [child(0, tmp_path / str(number), folder) for folder in files[:2]]
        for process in both:
            process.communicate(timeout=PATIENCE)
        assert [process.returncode for process in both] == [0, 0]
        versions = [release.version for release in terminology.open(tmp_path / str(number))["icd10cm"].releases]
        assert versions == ["2021", "2022"]


def test_a_lock_that_is_held(files: Sequence[Path], tmp_path: Path) -> None:
    """A load waits while another process holds the lock, and goes on when it is released by the death of that process."""
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            HOLDER,
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    waiting = child(0, tmp_path, files[0])
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "waiting\n"
    assert waiting.poll() is None
    assert not (tmp_path / "CURRENT.json").exists()
    holder.kill()
    holder.communicate()
    waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0


def test_an_open_reader(files: Sequence[Path], tmp_path: Path) -> None:
    """A reader that is open during loads keeps its answers, also after what it reads was swept; a new one sees the new."""
    terminology.load(files[0], store=tmp_path)
    reader = terminology.open(tmp_path)
    before = said(tmp_path)
    cm = reader["icd10cm"]
    terminology.load(files[1], store=tmp_path)
    # two more publications: what the reader has open is named by no pointer any more
    third = written(tmp_path.with_name("third"), {"icd10cm_order_2023.txt": order_file(CHOLERA)})
    terminology.load(third, store=tmp_path)
    assert [release.version for release in cm.releases] == ["2021"]
    answers = {key: (str(cm.on(key[:10]).status(key[11:])), cm.on(key[:10]).lookup(key[11:])) for key in before[1]}
    assert before[1] == answers
    assert [release.version for release in terminology.open(tmp_path)["icd10cm"].releases] == ["2021", "2022", "2023"]


def test_sweep_keeps_the_way_back(files: Sequence[Path], tmp_path: Path) -> None:
    """What neither the pointer nor the one before it names is removed; both stay readable."""
    terminology.load(files[0], store=tmp_path)
    first = json.loads((tmp_path / "CURRENT.json").read_bytes().partition(b"\n")[2])
    terminology.load(files[1], store=tmp_path)
    second = json.loads((tmp_path / "CURRENT.json").read_bytes().partition(b"\n")[2])
    held = {path.name for path in (tmp_path / "compiled").iterdir()}
    named = {
        f"{file['sha256']}.arrow"
        for values in (first, second)
        for entry in (values["systems"]["icd10cm"], *values["maps"])
        for file in entry["files"].values()
    }
    named |= {f"{values['parts']}.parts" for values in (first, second)} | {f"{second['previous']}.pointer"}
    assert named == held


def test_stray_files_are_swept(files: Sequence[Path], tmp_path: Path) -> None:
    """What a killed load left behind goes with the next load that publishes."""
    terminology.load(files[0], store=tmp_path)
    digest = hashlib.sha256(b"half").hexdigest()
    strays = [
        tmp_path / name
        for name in (
            f"compiled/.{digest}.parts.1.tmp",
            "compiled/.compiled.1.tmp",
            ".CURRENT.json.1.tmp",
            f"compiled/{digest}.arrow",
            f"releases/icd10cm/2021/.{digest}.1.tmp/concepts.parquet",
            f"parts/icd10cm/.{digest}-order-1.1.tmp/rows.parquet",
            f"incoming/1-{digest[:16]}/parts/icd10cm/.{digest}-order-1.1.tmp/rows.parquet",
        )
    ]
    for stray in strays:
        stray.parent.mkdir(parents=True, exist_ok=True)
        stray.write_bytes(b"half")
    # which its load had locked while it lived
    (tmp_path / f"incoming/1-{digest[:16]}/lock").touch()
    terminology.load(files[1], store=tmp_path)
    assert leftovers(tmp_path) == []
    assert not any(stray.exists() for stray in strays)


def test_durable_before_it_is_named(files: Sequence[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is synced before it takes its name, and the pointer takes its name last."""
    synced: set[int] = set()
    named: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(handle: int) -> None:
        synced.add(os.fstat(handle).st_ino)
        real_fsync(handle)

    def replace(source: Path, target: Path) -> None:
        assert Path(source).stat().st_ino in synced, f"{source} is named before it is durable"
        named.append(Path(target).name)
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    terminology.load(files[0], store=tmp_path)
    assert named[-1] == "CURRENT.json"
    assert named.count("CURRENT.json") == 1
