"""A job that is killed at any moment is finished by the next one, which ends in the same store."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import terminology
from terminology.errors import StoreLockedError
from terminology.store import StoreFolder
from terminology.store.verify import verify
from terminology.update import Configuration, Ending, filing, update

from ..release_files import BACK_PAIN, order_file
from .jobs import NEW, configured, latest, publish_2022, versions
from .server import FileServer

CHILD = """
import os, signal, sys
from terminology.update import Configuration, update
step, done = int(sys.argv[2]), 0

def counted(real):
    def call(*args, **kwargs):
        global done
        done += 1
        if step and done == (step + 1) // 2 and step % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        result = real(*args, **kwargs)
        if step and done == (step + 1) // 2 and step % 2 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call

for name in ("fsync", "replace", "rename", "unlink", "rmdir"):
    setattr(os, name, counted(getattr(os, name)))
update(Configuration.read(sys.argv[1]))
print(done)
"""


@contextlib.contextmanager
def killed_in(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> Iterator[None]:
    """Expect that a call of something ends what is done here."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            yield


def run(configuration: Configuration, step: int = 0) -> subprocess.CompletedProcess[str]:
    """Return an ended update in a process of its own, killed at a step on the disk."""
    command = [sys.executable, "-c", CHILD, str(configuration.path), str(step)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.slow
def test_killed_anywhere(tmp_path: Path, site: FileServer) -> None:
    """An update killed right before or after any step on the disk is finished by the next one, in the same store."""
    publish_2022(site)
    whole = configured(tmp_path / "whole", site)
    steps = 2 * int(run(whole).stdout)
    expected = StoreFolder(whole.store).pointer.read_bytes()
    places = sorted({2, 3, 4, *range(1, steps, max(1, steps // 10)), *range(steps - 7, steps + 1)})

    for place in places:
        configuration = configured(tmp_path / f"killed-{place}", site)
        assert -signal.SIGKILL == run(configuration, place).returncode
        pointer = StoreFolder(configuration.store).pointer
        assert not pointer.exists() or expected == pointer.read_bytes()
        outcome = (
            latest(configuration.path.parent)["outcome"] if (configuration.reports / "latest.json").exists() else ""
        )
        # before the first step nothing is said; what is said to be published is
        assert outcome in (("", "running") if place <= 2 or not pointer.exists() else ("running", "published"))
        report = update(configuration)
        assert report.ending in (Ending.PUBLISHED, Ending.UNCHANGED)
        assert expected == pointer.read_bytes()
        assert () == verify(StoreFolder(configuration.store))
        filed = [path for path in configuration.reports.iterdir() if path.is_dir()]
        assert all((path / "index.html").exists() for path in filed)


@pytest.mark.slow
def test_killed_anywhere_after_an_update(tmp_path: Path, site: FileServer) -> None:
    """A job that is killed never leaves the summary of the one before it, from its first step to its last."""
    publish_2022(site)
    whole = configured(tmp_path / "whole", site, ("2021.zip",))
    update(whole)
    steps = 2 * int(run(configured(tmp_path / "whole", site)).stdout)

    # it is written in two steps, and takes the place of the former one with the second
    killed = 0
    for place in sorted({*range(4, 8), *range(8, steps, max(1, steps // 5)), steps - 4, steps - 2}):
        folder = tmp_path / f"killed-{place}"
        first = update(configured(folder, site, ("2021.zip",)))
        if run(configured(folder, site), place).returncode == 0:
            # a step that fails, such as the removal of what is not there, has no after
            continue
        killed += 1
        summary = latest(folder)
        assert (summary["outcome"], summary["exit_code"]) == ("running", None) or "2022" in versions(folder)
        assert first.folder != summary.get("report")
    assert killed >= 7


def test_running(tmp_path: Path, site: FileServer) -> None:
    """From its start to its end the summary says that the job is running, since when, and as which process."""
    update(configured(tmp_path, site))
    publish_2022(site)
    seen = []
    report = update(configured(tmp_path, site), progress=lambda *_: seen.append(latest(tmp_path)))

    started = report.started.isoformat(timespec="seconds")
    expected = {"outcome": "running", "exit_code": None, "started": started, "pid": os.getpid()}
    assert [expected] * len(seen) == seen
    assert seen
    assert "published" == latest(tmp_path)["outcome"]


def test_recovered_and_killed_again(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of a killed job is filed by the next without being the latest: that one is running."""
    from terminology.update import filing, job

    def interrupted(*_: object, **__: object) -> Path:
        raise KeyboardInterrupt

    configuration = configured(tmp_path, site)
    monkeypatch.setattr(filing.Cabinet, "file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        update(configuration)
    monkeypatch.undo()
    seen = []
    monkeypatch.setattr(job, "fetch_all", lambda *_, **__: seen.append(latest(tmp_path)["outcome"]) or interrupted())
    with pytest.raises(KeyboardInterrupt):
        update(configuration)

    assert ["running"] == seen
    assert 1 == len([path for path in configuration.reports.iterdir() if path.is_dir()])
    assert ("failed", 130) == (latest(tmp_path)["outcome"], latest(tmp_path)["exit_code"])
    assert "killed after it published" in latest(tmp_path)["remarks"][0]


def test_summary_of_the_job_that_runs(tmp_path: Path, site: FileServer) -> None:
    """A second job that finds the first one running leaves the summary of that as it is."""
    configuration = configured(tmp_path, site)
    found = []

    def second(*_: object) -> None:
        if not found:
            with pytest.raises(StoreLockedError):
                update(configuration)
            found.append(latest(tmp_path)["outcome"])

    update(configuration, progress=second)

    assert ["running"] == found


def test_killed_after_publication(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of an update that was killed right after it published is filed by the next, which says so."""
    configuration = configured(tmp_path, site)
    with killed_in(monkeypatch, filing.Cabinet, "file"):
        update(configuration)
    report = update(configuration)

    assert Ending.UNCHANGED is report.ending
    assert "killed after it published" in report.remarks[0]
    [folder] = [path for path in configuration.reports.iterdir() if path.is_dir()]
    assert folder.name in report.remarks[0]


@pytest.mark.parametrize("mark", [b"", b"{", b"[]", b'{"name": "x"}', b"\xff"])
def test_half_a_mark(tmp_path: Path, site: FileServer, mark: bytes) -> None:
    """A mark that was cut while it was written, or is damaged, keeps no later update from running."""
    configuration = configured(tmp_path, site)
    pending = configuration.reports / ".pending"
    pending.mkdir(parents=True)
    (pending / ".publication.json").write_bytes(mark)

    assert Ending.PUBLISHED is update(configuration).ending
    assert not pending.exists()


def test_something_else_in_place_of_what_is_pending(tmp_path: Path, site: FileServer) -> None:
    """A file where the report that is being written belongs is removed."""
    configuration = configured(tmp_path, site)
    configuration.reports.mkdir()
    (configuration.reports / ".pending").write_text("x", encoding="utf-8")

    assert Ending.PUBLISHED is update(configuration).ending


def test_killed_before_the_report_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is the latest before it has its name, so that nothing published goes untold; and it is filed after."""
    cabinet = filing.Cabinet(tmp_path)
    cabinet.begin()
    cabinet.seal("report", {"outcome": "published"}, None)
    with killed_in(monkeypatch, os, "rename"):
        cabinet.file()
    assert "published" in (tmp_path / "latest.json").read_text(encoding="utf-8")
    assert tmp_path / "report" == cabinet.file()
    assert ["summary.json"] == [path.name for path in (tmp_path / "report").iterdir()]


def test_killed_and_followed_by_a_load(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of an update that was killed after it published is filed although something was loaded since."""
    configuration = configured(tmp_path, site)
    with killed_in(monkeypatch, filing.Cabinet, "file"):
        update(configuration)
    (tmp_path / NEW).write_bytes(order_file(BACK_PAIN))
    terminology.load(tmp_path / NEW, store=configuration.store)

    assert "killed after it published" in update(configuration).remarks[0]
