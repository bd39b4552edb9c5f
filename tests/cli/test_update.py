"""The command update, from a configuration whose files lie on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from terminology.samples import sample_releases

from .conftest import Ask


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    """A configuration that takes the sample releases of ICD-10-CM."""
    path = tmp_path / "update.toml"
    files = json.dumps(str(sample_releases() / "icd10cm"))
    path.write_text(f'store = "configured"\n[[fetch]]\npath = {files}\n', encoding="utf-8")
    return path


def test_update_in_words(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """The text names what is new, what was proved and what changed, and how it ended."""
    found = ask("update", configuration, store=tmp_path / "store")
    assert 0 == found.code
    lines = found.out.splitlines()
    assert "new release icd10cm 2021, effective 2020-10-01, 69 codes" in lines
    assert "addenda of icd10cm 2022: agrees" in lines
    assert "icd10cm 2021 to 2022: 4 added, 1 now header, 2 description changed" in lines
    assert lines[-1].startswith("published: the store is at generation 1, report ")
    assert (tmp_path / "store" / "CURRENT.json").exists()
    assert not (tmp_path / "configured").exists()


def test_update_in_json(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """With --json the summary is printed that monitors read, the same that lies in the folder of reports."""
    found = ask("update", configuration, "--json", store=tmp_path / "store")
    latest = json.loads((tmp_path / "reports" / "latest.json").read_text(encoding="utf-8"))
    assert ("published", 0, latest["load"]) == (found.json["outcome"], found.json["exit_code"], found.json["load"])
    again = ask("update", configuration, "--json", store=tmp_path / "store")
    assert ("unchanged", 1, None) == (again.json["outcome"], again.json["generation"], again.json["report"])


def test_dry_run(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """A dry run says so, and makes no store."""
    found = ask("update", configuration, "--dry-run", store=tmp_path / "store")
    assert found.out.splitlines()[-1].startswith("dry run: the store is at generation none")
    assert not (tmp_path / "store").exists()


def test_faulty_configuration(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """A configuration with faults is refused with the line and key of each."""
    configuration.write_text('[[fetch]]\npth = "x"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    assert 2 == found.code
    assert "update.toml:2" in found.err
    assert "did you mean 'path'?" in found.err


def test_faults_are_counted_at_the_end(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """An update that could not have its files does not end with a line that sounds as if all were well."""
    configuration.write_text('[[fetch]]\npath = "gone.txt"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    assert 2 == found.code
    gone = f"{tmp_path / 'gone.txt'}: there is no such file or folder"
    assert [f"not fetched {gone}", "unchanged, with 1 error: the store is at generation none"] == found.out.splitlines()


def test_a_gap_is_told(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """A gap that does not block the publication is reported; it does not agree with anything."""
    folder = tmp_path / "files"
    folder.mkdir()
    for name in ("icd10cm_order_2021.txt", "icd10cm-order-April-1-2022.txt"):
        shutil.copy(sample_releases() / "icd10cm" / name, folder)
    configuration.write_text('[[fetch]]\npath = "files"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    [gap] = [line for line in found.out.splitlines() if line.startswith("gap of ")]
    assert gap == "gap of icd10cm 2022-04: reported (after 2021: no release of 2022 is loaded)"


def test_a_release_that_changed_is_not_new(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """A release that was there before, and becomes another by the files that come, is said to have changed."""
    folder = sample_releases() / "icd10cm"
    for name in ("icd10cm_order_2022.txt", "icd10cm_order_addenda_2022.txt"):
        path = json.dumps(str(folder / name))
        configuration.write_text(f"[[fetch]]\npath = {path}\n", encoding="utf-8")
        found = ask("update", configuration, store=tmp_path / "store")
    assert "changed release icd10cm 2022, effective 2021-10-01, 73 codes" in found.out.splitlines()
    overview = next(path for path in sorted((tmp_path / "reports").glob("*/index.html"))[::-1])
    assert "in the store before, and changed by other files" in overview.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_update_that_is_ended(configuration: Path, tmp_path: Path, number: signal.Signals) -> None:
    """Ended while it waits for a server, by control-C or by the system, the summary for monitors says no longer that it is running."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{silent.getsockname()[1]}/codes.zip"
        configuration.write_text(
            f'store = "store"\n[http]\nbackoff_seconds = 60\n[[fetch]]\nurl = "{gone}"\n', encoding="utf-8"
        )
        command = [sys.executable, "-m", "terminology", "update", str(configuration)]
        with subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
            # tests that were started in the background of a shell ignore it, and so would their children
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 -- no threads here
        ) as running:
            assert running.stderr is not None
            assert running.stderr.readline().startswith("retry codes.zip: the server cannot be reached: ")
            running.send_signal(number)
            said = running.stderr.read()
    latest = json.loads((tmp_path / "reports" / "latest.json").read_text(encoding="utf-8"))
    assert (130, "interrupted") == (running.returncode, said.strip())
    assert ("failed", 130, "KeyboardInterrupt") == (latest["outcome"], latest["exit_code"], latest["error"]["type"])


def test_no_configuration(ask: Ask, tmp_path: Path) -> None:
    """A configuration that is not there is named, without the numbers of the operating system."""
    found = ask("update", tmp_path / "gone.toml", store=tmp_path / "store")
    assert (2, f"error: {tmp_path / 'gone.toml'}: No such file or directory\n") == (found.code, found.err)


def test_a_configuration_to_begin_with(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--init` writes a sound configuration with comments, under any name, and replaces no file."""
    from terminology.update import Configuration

    monkeypatch.chdir(tmp_path)
    for words, path in (([], "update.toml"), (["codes.toml"], "codes.toml")):
        found = ask("update --init", *words, store=None)
        assert (found.code, found.out.splitlines()[-1].endswith(f"terminology update {path}")) == (0, True)
        assert Configuration.read(tmp_path / path).entries
        assert "# Copy this file" in (tmp_path / path).read_text(encoding="utf-8")
    (tmp_path / "codes.toml").write_text("mine", encoding="utf-8")
    found = ask("update --init codes.toml", store=None)
    assert (found.code, found.out) == (2, "")
    assert "codes.toml exists, and is left as it is: name another file for --init" in found.err
    assert (tmp_path / "codes.toml").read_text(encoding="utf-8") == "mine"


def test_without_a_configuration(ask: Ask) -> None:
    """Where none is named, the message says how to write one."""
    found = ask("update", store=None)
    assert (found.code, "terminology update --init writes update.toml to begin with" in found.err) == (2, True)


def test_a_rejection_for_lines_names_the_key(ask: Ask, configuration: Path, tmp_path: Path) -> None:
    """Where a file is rejected for a line that can be left out, the report names the key of the configuration."""
    rows = (sample_releases() / "icd10cm" / "icd10cm_order_2021.txt").read_bytes().split(b"\r\n")
    rows[2] = rows[2][:14] + b"X" + rows[2][15:]
    (tmp_path / "icd10cm_order_2021.txt").write_bytes(b"\r\n".join(rows))
    configuration.write_text('[[fetch]]\npath = "icd10cm_order_2021.txt"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    assert found.code == 2
    advice = "  to load icd10cm_order_2021.txt without this line: accept_faults = 1 in the configuration"
    assert advice in found.out.splitlines()
