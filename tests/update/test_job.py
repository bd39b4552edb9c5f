"""The update as a whole: what it publishes, what holds it back, and that a killed one is finished by the next."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

import terminology
from terminology.errors import StoreLockedError
from terminology.store import StoreFolder
from terminology.store.verify import verify
from terminology.update import Configuration, Ending, UpdateReport, update

from ..release_files import BACK_PAIN, CHOLERA, Row, order_addenda, order_file, zipped
from .server import Answer, FileServer, etag_of

OLD, NEW = "icd10cm_order_2021.txt", "icd10cm_order_2022.txt"
WRONG: Sequence[Row] = tuple(
    ("M5458", flag, title) if code == "M5459" else (code, flag, title) for code, flag, title in BACK_PAIN
)
"""What an addenda leads to that names another code than the order file."""


def archive(
    year: int, rows: Sequence[Row], before: Sequence[Row] | None = None, told: Sequence[Row] | None = None
) -> bytes:
    """Return the archive of a release: order file, and order addenda from the rows before."""
    members = {f"icd10cm_order_{year}.txt": order_file(rows)}
    if before:
        names = (f"icd10cm_order_{year - 1}.txt", f"icd10cm_order_{year}.txt")
        members[f"icd10cm_order_addenda_{year}.txt"] = order_addenda(before, told or rows, *names)
    return zipped(members)


def answer(body: bytes) -> Answer:
    """Return how a file is served."""
    return Answer(body, etag=etag_of(body))


@pytest.fixture
def site(server: FileServer) -> FileServer:
    """A publisher's site with the release of fiscal year 2021."""
    server.serve("/2021.zip", answer(archive(2021, CHOLERA)))
    return server


def configured(
    folder: Path, site: FileServer, names: Sequence[str] = ("2021.zip", "2022.zip"), more: str = ""
) -> Configuration:
    """Return a configuration that fetches archives which may not be out yet."""
    lines = ['store = "store"', 'downloads = "downloads"', 'reports = "reports"', more]
    lines += ["[http]", "retries = 0", "backoff_seconds = 0.01"]
    for name in names:
        lines += ["[[fetch]]", f'url = "http://127.0.0.1:{site.port}/{name}"', "required = false"]
    folder.mkdir(exist_ok=True)
    path = folder / "update.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Configuration.read(path)


def publish_2022(site: FileServer, told: Sequence[Row] | None = None) -> None:
    """Let fiscal year 2022 come out."""
    site.serve("/2022.zip", answer(archive(2022, BACK_PAIN, CHOLERA, told)))


def versions(folder: Path) -> list[str]:
    """Return the releases that are in force."""
    return [release.version for release in terminology.open(folder / "store")["icd10cm"].releases]


def contents(folder: Path) -> Mapping[str, str]:
    """Return the files of a store with their checksums."""
    files = [path for path in (folder / "store").rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def latest_in(reports: Path) -> dict[str, Any]:
    """Return the summary for monitors in a folder of reports."""
    return dict(json.loads((reports / "latest.json").read_text(encoding="utf-8")))


def latest(folder: Path) -> dict[str, Any]:
    """Return the summary for monitors."""
    return latest_in(folder / "reports")


def fresh(report: UpdateReport) -> list[str]:
    """Return the versions that an update brought."""
    return [item.release.version for item in report.loaded.loaded if not item.already] if report.loaded else []


def test_publishes(tmp_path: Path, site: FileServer) -> None:
    """What comes out is fetched, loaded and published; what is not out yet is pending, and no error."""
    report = update(configured(tmp_path, site))

    assert (Ending.PUBLISHED, 0, ["2021"]) == (report.ending, report.exit_code, fresh(report))
    assert ["2022.zip"] == [source.label for source, _ in report.fetched.pending]
    assert ["2021"] == versions(tmp_path)


def test_next_release(tmp_path: Path, site: FileServer) -> None:
    """The next release is compared with the one before and with its addenda, and reported before it is published."""
    update(configured(tmp_path, site))
    publish_2022(site)
    report = update(configured(tmp_path, site))

    assert (["2022"], 2) == (fresh(report), report.generation)
    assert [("addenda", True, ())] == [(check.what, check.passed, check.remarks) for check in report.checks]
    counts = {name: count for name, count in report.comparisons[0].counts.items() if count}
    assert {"added": 3, "to_header": 1} == counts
    folder = tmp_path / "reports" / str(report.folder)
    assert {"index.html", "summary.json", *report.comparisons[0].files} <= {path.name for path in folder.iterdir()}
    assert "M54.51" in (folder / report.comparisons[0].files[0]).read_text(encoding="utf-8")


def test_summary(tmp_path: Path, site: FileServer) -> None:
    """The summary for monitors is the report as JSON, and lies under one name."""
    report = update(configured(tmp_path, site))

    assert json.loads(json.dumps(report.to_json()))["outcome"] == latest(tmp_path)["outcome"] == "published"
    assert {"fetch", "load", "compare", "impact", "report", "publish"} >= latest(tmp_path)["seconds"].keys()
    assert latest(tmp_path)["load"]["loaded"][0]["version"] == "2021"


def test_nothing_new(tmp_path: Path, site: FileServer) -> None:
    """A second run changes nothing: not the store, and no report but the summary."""
    update(configured(tmp_path, site))
    before = contents(tmp_path)
    reports = sorted((tmp_path / "reports").iterdir())
    report = update(configured(tmp_path, site))

    assert (Ending.UNCHANGED, 0, 1) == (report.ending, report.exit_code, report.generation)
    assert before == contents(tmp_path)
    assert reports == sorted((tmp_path / "reports").iterdir())
    assert "unchanged" == latest(tmp_path)["outcome"]


def test_dry_run(tmp_path: Path, site: FileServer) -> None:
    """A dry run reports all and leaves every file of the store as it is; what it found can be published afterwards."""
    update(configured(tmp_path, site))
    publish_2022(site)
    before = contents(tmp_path)
    report = update(configured(tmp_path, site), dry_run=True)

    assert (Ending.DRY_RUN, ["2022"], 1) == (report.ending, fresh(report), report.generation)
    assert before == contents(tmp_path)
    assert (tmp_path / "reports" / str(report.folder) / "index.html").exists()
    assert Ending.PUBLISHED is update(configured(tmp_path, site)).ending


def test_dry_run_without_a_store(tmp_path: Path, site: FileServer) -> None:
    """A dry run where there is no store yet makes none."""
    report = update(configured(tmp_path, site), dry_run=True)

    assert ["2021"] == fresh(report)
    assert not (tmp_path / "store").exists()


def test_code_lists(tmp_path: Path, site: FileServer) -> None:
    """What the update does to a list of codes is told and reported; a list that cannot be read needs a human."""
    for name, text in (("pain.txt", "M54.5\nA00.*\n"), ("broken.txt", "M54.5\nis-a\n")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    lists = [f'[[codelists]]\npath = "{name}"\nsystem = "icd10cm"' for name in ("pain.txt", "broken.txt")]
    update(configured(tmp_path, site, more="\n".join(lists)))
    publish_2022(site)
    report = update(configured(tmp_path, site, more="\n".join(lists)))

    pain, broken = report.impacts
    assert ("2021", "2022", True, 1) == (pain.before, pain.after, pain.needs_review, pain.counts["to_header"])
    folder = tmp_path / "reports" / str(report.folder)
    assert all((folder / name).exists() for name in pain.files)
    assert "M54.50" in next((folder / name).read_text(encoding="utf-8") for name in pain.files if name.endswith(".txt"))
    assert broken.needs_review
    assert "broken.txt:2" in str(broken.problem)


def test_addenda_hold_back(tmp_path: Path, site: FileServer) -> None:
    """A release that is not what its addenda says is reported and not published."""
    update(configured(tmp_path, site))
    publish_2022(site, told=WRONG)
    before = contents(tmp_path)
    report = update(configured(tmp_path, site))

    assert (Ending.HELD_BACK, 1) == (report.ending, report.exit_code)
    assert any("M54.58" in remark for check in report.checks for remark in check.remarks)
    assert before == contents(tmp_path)
    assert ["2021"] == versions(tmp_path)


def test_tolerated_differences(tmp_path: Path, site: FileServer) -> None:
    """Differences that the configuration knows of do not hold a release back."""
    update(configured(tmp_path, site))
    publish_2022(site, told=WRONG)
    known = (
        '[[verify.tolerated]]\nsystem = "icd10cm"\nversion = "2022"\ncodes = ["M54.58", "M54.59"]\nreason = "a slip"'
    )

    assert Ending.PUBLISHED is update(configured(tmp_path, site, more=known)).ending


@pytest.mark.parametrize(
    ("gaps", "ending"), [("warn", Ending.PUBLISHED), ("fail", Ending.HELD_BACK), ("ignore", Ending.PUBLISHED)]
)
def test_gaps(tmp_path: Path, site: FileServer, gaps: str, ending: Ending) -> None:
    """A release after one that is missing is told, held back, or taken, as the configuration says."""
    update(configured(tmp_path, site))
    site.serve("/2023.zip", answer(archive(2023, BACK_PAIN)))
    more = f'[verify]\ngaps = "{gaps}"'
    report = update(configured(tmp_path, site, ("2021.zip", "2023.zip"), more))

    assert ending is report.ending
    assert (gaps != "ignore") == any(check.what == "gap" for check in report.checks)


def test_publication_switched_off(tmp_path: Path, site: FileServer) -> None:
    """With publishing switched off everything is done but that."""
    report = update(configured(tmp_path, site, more="[publish]\nenabled = false"))

    assert (Ending.HELD_BACK, 0, ["2021"]) == (report.ending, report.exit_code, fresh(report))
    assert not StoreFolder(tmp_path / "store").pointer.exists()


def test_page_in_place_of_an_archive(tmp_path: Path, site: FileServer) -> None:
    """An error page that a server sends for an archive is an error; what else is new is published."""
    site.serve("/2022.zip", Answer(b"<html><title>Sorry</title><p>moved</p>", content_type="text/html"))
    report = update(configured(tmp_path, site))

    assert (Ending.PUBLISHED, 2, ["2021"]) == (report.ending, report.exit_code, fresh(report))
    assert "Sorry" in str(report.fetched.errors[0][1])


@pytest.mark.parametrize("fault", ["page", "damaged"])
def test_nothing_incomplete(tmp_path: Path, site: FileServer, fault: str) -> None:
    """Where the configuration wants all or nothing, a file that cannot be had or read holds all back."""
    damaged = zipped({NEW: order_file(BACK_PAIN)[:300] + b"\x00garbage"})
    bad = Answer(b"<html>no</html>", content_type="text/html") if fault == "page" else answer(damaged)
    site.serve("/2022.zip", bad)
    report = update(configured(tmp_path, site, more='[publish]\nincomplete = "keep"'))

    assert (Ending.FAILED, 2) == (report.ending, report.exit_code)
    assert not StoreFolder(tmp_path / "store").pointer.exists()


def test_one_job_at_a_time(tmp_path: Path, site: FileServer) -> None:
    """A second job does not wait for the first; it fails."""
    configuration = configured(tmp_path, site)
    configuration.reports.mkdir()
    with StoreFolder(configuration.reports).lock(), pytest.raises(StoreLockedError, match="another update is running"):
        update(configuration)


def test_readers_see_nothing_before(tmp_path: Path, site: FileServer) -> None:
    """Until it publishes, whoever opens the store sees the releases of before."""
    update(configured(tmp_path, site))
    publish_2022(site)
    seen = []
    update(configured(tmp_path, site), progress=lambda *_: seen.append(versions(tmp_path)))

    assert [["2021"]] == [list(each) for each in {tuple(each) for each in seen}]
    assert ["2021", "2022"] == versions(tmp_path)


def test_failure_is_noted(tmp_path: Path, site: FileServer) -> None:
    """A job that fails in itself leaves a summary that says why."""
    update(configured(tmp_path, site))
    pointer = StoreFolder(tmp_path / "store").pointer
    pointer.write_bytes(pointer.read_bytes()[:-5])
    publish_2022(site)

    with pytest.raises(terminology.StoreDamagedError):
        update(configured(tmp_path, site))
    assert ("failed", "StoreDamagedError") == (latest(tmp_path)["outcome"], latest(tmp_path)["error"]["type"])


# ---- killed

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


def run(configuration: Configuration, step: int = 0) -> subprocess.CompletedProcess[str]:
    """Return an ended update in a process of its own, killed at a step on the disk."""
    command = [sys.executable, "-c", CHILD, str(configuration.path), str(step)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


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


@pytest.mark.parametrize(
    ("error", "code"), [(OSError(28, "full"), 2), (terminology.StoreDamagedError("cut"), 3), (SystemExit(1), 130)]
)
def test_exit_code_of_a_failure(
    tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    """The summary of a job that failed has the exit code that the command ends with."""
    from terminology.update import job

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(job, "new_releases", broken)
    with pytest.raises(type(error)):
        update(configured(tmp_path, site))

    assert ("failed", code) == (latest(tmp_path)["outcome"], latest(tmp_path)["exit_code"])


def test_summaries_are_json(tmp_path: Path) -> None:
    """A number that JSON does not know is no summary; a file name that is no text is written with escapes."""
    from terminology.update import filing

    cabinet = filing.Cabinet(tmp_path)
    with pytest.raises(ValueError, match="JSON"):
        cabinet.note({"seconds": float("nan")})
    cabinet.note({"file": "caf\udce9.zip"})

    assert "caf\udce9.zip" == latest_in(tmp_path)["file"]


def test_a_server_that_means_harm(tmp_path: Path, site: FileServer) -> None:
    """A malformed redirect is the error of one file; what else is new is published, and the report written."""
    site.serve("/2022.zip", Answer(b"", 302, location="http://[::1/x"))
    report = update(configured(tmp_path, site))

    assert (Ending.PUBLISHED, 2, ["2021"]) == (report.ending, report.exit_code, fresh(report))
    assert "no URL" in latest(tmp_path)["fetch"]["errors"][0]["message"]


def test_killed_after_publication(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of an update that was killed right after it published is filed by the next, which says so."""
    from terminology.update import filing

    def interrupted(_: filing.Cabinet) -> Path:
        raise KeyboardInterrupt

    configuration = configured(tmp_path, site)
    monkeypatch.setattr(filing.Cabinet, "file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        update(configuration)
    monkeypatch.undo()
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
    from terminology.update import filing

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    cabinet = filing.Cabinet(tmp_path)
    cabinet.begin()
    cabinet.seal("report", {"outcome": "published"}, None)
    monkeypatch.setattr(filing.os, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cabinet.file()
    assert "published" in (tmp_path / "latest.json").read_text(encoding="utf-8")
    monkeypatch.undo()
    assert tmp_path / "report" == cabinet.file()
    assert ["summary.json"] == [path.name for path in (tmp_path / "report").iterdir()]


def test_killed_and_followed_by_a_load(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report of an update that was killed after it published is filed although something was loaded since."""
    from terminology.update import filing

    def interrupted(_: filing.Cabinet) -> Path:
        raise KeyboardInterrupt

    configuration = configured(tmp_path, site)
    monkeypatch.setattr(filing.Cabinet, "file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        update(configuration)
    monkeypatch.undo()
    (tmp_path / NEW).write_bytes(order_file(BACK_PAIN))
    terminology.load(tmp_path / NEW, store=configuration.store)

    assert "killed after it published" in update(configuration).remarks[0]


def test_two_reports_of_one_second(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second report of the same second, or after the clock was set back, takes another name; the first stays."""
    from terminology.update import job

    monkeypatch.setattr(job, "folder_name", lambda *_, **__: "2024-01-01T000000Z")
    configuration = configured(tmp_path, site, more="[publish]\nenabled = false")
    names = [update(configuration).folder for _ in range(2)]

    assert ["2024-01-01T000000Z", "2024-01-01T000000Z-2"] == names
    assert all((configuration.reports / str(name) / "index.html").exists() for name in names)
    assert names[1] == latest(tmp_path)["report"]


@pytest.mark.parametrize(
    ("name", "place"), [("reports", "store"), ("reports", "store/compiled"), ("downloads", "store/parts/x")]
)
def test_folders_among_the_files_of_the_store(tmp_path: Path, site: FileServer, name: str, place: str) -> None:
    """Reports and downloads among the files of the store, where they would be swept, are refused at once."""
    configuration = evolve(configured(tmp_path, site), **{name: tmp_path / place})

    with pytest.raises(terminology.ReleaseFormatError, match=f"expected a folder of {name} apart"):
        update(configuration)
    assert not configuration.store.exists()


def test_lists_of_one_name(tmp_path: Path, site: FileServer) -> None:
    """Two lists of the same name have pages of their own, and a long name is cut."""
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pain.txt").write_text("M54.5\n", encoding="utf-8")
    long = "x" * 300
    tables = [f'path = "{folder}/pain.txt"\nname = "{name}"' for folder in "ab" for name in ("pain", "PAIN", long)]
    more = "\n".join(f'[[codelists]]\nsystem = "icd10cm"\n{table}' for table in tables)
    update(configured(tmp_path, site, more=more))
    publish_2022(site)
    report = update(configured(tmp_path, site, more=more))

    files = [name for impact in report.impacts for name in impact.files]
    assert 6 * 4 == len({name.casefold() for name in files})
    assert all((tmp_path / "reports" / str(report.folder) / name).exists() for name in files)


def test_list_of_a_system_that_is_not_there(tmp_path: Path, site: FileServer) -> None:
    """A code list whose system is misspelt needs a human; it does not go by unsaid."""
    (tmp_path / "pain.txt").write_text("M54.5\n", encoding="utf-8")
    report = update(configured(tmp_path, site, more='[[codelists]]\npath = "pain.txt"\nsystem = "icd10cn"'))

    [impact] = report.impacts
    assert (True, "the store holds no code system 'icd10cn'") == (impact.needs_review, impact.problem)


def test_file_that_is_of_no_use(tmp_path: Path, site: FileServer) -> None:
    """A file in which no loader finds anything is told."""
    site.serve("/2022.zip", answer(zipped({"readme.txt": b"nothing to see\r\n"})))

    [remark] = update(configured(tmp_path, site)).remarks
    assert "nothing in 2022.zip was of use: no loader recognises its content" == remark


def test_fault_of_the_program_is_noted(tmp_path: Path, site: FileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends the job, no monitor reads the summary of the run before as that of this one."""
    from terminology.update import job

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(job, "new_releases", broken)
    with pytest.raises(ZeroDivisionError):
        update(configured(tmp_path, site))
    assert ("failed", "ZeroDivisionError") == (latest(tmp_path)["outcome"], latest(tmp_path)["error"]["type"])
