"""The update as a whole: what it publishes, blocks, reports and leaves as it is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attrs import evolve

import terminology
from terminology.errors import StoreLockedError
from terminology.store import StoreFolder
from terminology.update import Ending, update

from ..release_files import BACK_PAIN, order_file, zipped
from .jobs import NEW, WRONG, answer, archive, configured, contents, fresh, latest, latest_in, publish_2022, versions
from .server import Answer, FileServer


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

    assert json.loads(json.dumps(report.to_dict()))["outcome"] == latest(tmp_path)["outcome"] == "published"
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
    for name, text in (("pain.txt", "M54.5\nA00.*\n"), ("broken.txt", "is-a\n")):
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
    assert "broken.txt:1" in str(broken.problem)
    assert (Ending.PUBLISHED, 2) == (report.ending, report.exit_code)


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


def test_a_gap_after_a_new_release(tmp_path: Path, site: FileServer) -> None:
    """An older release that leaves a gap to the next one is held back as a newer one would be."""
    site.serve("/2023.zip", answer(archive(2023, BACK_PAIN)))
    update(configured(tmp_path, site, ("2023.zip",)))
    report = update(configured(tmp_path, site, ("2021.zip", "2023.zip"), '[verify]\ngaps = "fail"'))

    assert (Ending.HELD_BACK, 1) == (report.ending, report.exit_code)
    assert [("2023", "gap", False)] == [(check.version, check.what, check.passed) for check in report.checks]


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


def test_an_archive_beyond_the_limit(tmp_path: Path, site: FileServer) -> None:
    """What an archive may unpack to is bounded when it is fetched as when it is loaded, by the table [limits]."""
    report = update(configured(tmp_path, site, ("2021.zip",), "[limits]\narchive_bytes = 100"))

    [(_, error)] = report.fetched.errors
    assert (Ending.UNCHANGED, 2) == (report.ending, report.exit_code)
    assert "more than 100 (a zip bomb?); where that is right, raise archive_bytes in [limits]" in str(error)

    assert (
        Ending.PUBLISHED is update(configured(tmp_path, site, ("2021.zip",), "[limits]\narchive_bytes = 10000")).ending
    )


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


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(28, "full"), 2),
        (terminology.StoreDamagedError("cut"), 3),
        (ValueError("odd"), 70),
        (SystemExit(1), 130),
    ],
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
    assert report.exit_code == 2


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
