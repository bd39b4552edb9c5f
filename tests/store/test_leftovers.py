"""What ended processes left beside a file that they were writing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminology.store.leftovers import remove_leftovers, temporary_of


@pytest.fixture
def ended() -> int:
    """Return the number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_ended_processes_left_is_removed(tmp_path: Path, ended: int) -> None:
    """Files and folders of the name alone, whatever signs are in it."""
    path = tmp_path / "a+b [1].csv"
    (tmp_path / f".{path.name}.{ended}.tmp").write_text("half")
    (tmp_path / f".{path.name}.99999999.tmp").mkdir()
    others = (
        f".aab [1].csv.{ended}.tmp",
        f".{path.name}.x.tmp",
        f"{path.name}.{ended}.tmp",
        f".x{path.name}.{ended}.tmp",
    )
    for name in (*others, path.name):
        (tmp_path / name).write_text("kept")
    assert remove_leftovers(path) == (f".{path.name}.{ended}.tmp", f".{path.name}.99999999.tmp")
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([*others, path.name])


def test_what_a_running_process_writes_stays(tmp_path: Path) -> None:
    """Its own file, that of its parent, and that of one that belongs to somebody else."""
    path = tmp_path / "out.csv"
    running = [temporary_of(path), *(tmp_path / f".out.csv.{process}.tmp" for process in (os.getppid(), 1))]
    for one in running:
        one.write_text("half")
    assert remove_leftovers(path) == ()
    assert all(one.exists() for one in running)


def test_a_folder_that_is_not_there_has_no_leftovers(tmp_path: Path) -> None:
    """To look is no error."""
    assert remove_leftovers(tmp_path / "none" / "out.csv") == ()
