"""Standard input and output in place of files, control-C, and terminals without colours."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from terminology.samples import sample_folders

from .conftest import Ask
from .test_process import on_a_terminal

LIST = "system: icd10cm\nrelease: 2021\n\nM54.5\nM54.9\n"
CLAIMS = "dx,day\nM54.5,2021-10-02\nE11.9,2021-10-02\n"
READING = {
    "codelist resolve - --json": LIST,
    "codelist migrate - --to 2022 --json": LIST,
    "impact - --from 2021 --to 2022 --json --system icd10cm": CLAIMS,
    "columns validate - - --system icd10cm": CLAIMS,
    "columns profile - --system icd10cm": CLAIMS,
    "groupings poa_exempt --diff FY2021 FY2022 --among -": "dx\nZ28.3\n",
    "status icd10cm -": "M54.5\n",
}
WRITING = {
    "codelist resolve {list} --csv -": "code",
    "codelist resolve {list} --html -": "<!",
    "codelist migrate {list} --to 2022 --output -": "system",
    "codelist migrate {list} --to 2022 --csv -": "line",
    "diff icd10cm 2021 2022 --csv -": "difference",
    "diff icd10cm 2021 2022 --html -": "<!",
    "impact {claims} --from 2021 --to 2022 --system icd10cm --rows -": "table",
    "impact {claims} --from 2021 --to 2022 --system icd10cm --csv -": "source",
    "export coverage -": '"system"',
    "columns profile {claims} - --system icd10cm": '"system"',
    "columns profile {claims} --system icd10cm --html -": "<!",
}


@pytest.mark.parametrize("line", READING)
def test_a_minus_is_standard_input(ask: Ask, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """Where codes or rows are read, they may come by standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(READING[line].encode())))
    found = ask(line)
    assert found.code in (0, 1), found.err
    assert found.out


@pytest.mark.parametrize("form", ["", " --json"])
@pytest.mark.parametrize("line", WRITING)
def test_a_minus_is_standard_output(ask: Ask, tmp_path: Path, line: str, form: str) -> None:
    """The file is alone there: it is that which a named file gets, and what else is said is on standard error."""
    (tmp_path / "pain.txt").write_text(LIST, encoding="utf-8")
    (tmp_path / "claims.csv").write_text(CLAIMS, encoding="utf-8")
    places = {"list": tmp_path / "pain.txt", "claims": tmp_path / "claims.csv"}
    found = ask(line.format(**places) + form)
    assert found.code in (0, 1), found.err
    assert found.out.lstrip("# ").startswith(WRITING[line]), found.out[:100]
    assert "written" in found.err or form == " --json"
    ending = ".html" if "--html" in line else ".csv"
    named = line.format(**places).split()
    named[max(place for place, word in enumerate(named) if word == "-")] = str(tmp_path / f"made{ending}")
    if "--output" not in line:
        ask(" ".join(named))
        assert (tmp_path / f"made{ending}").read_bytes().decode() == found.out


def test_two_files_are_not_one_output(ask: Ask) -> None:
    """Two files by standard output would be mixed: that is wrong usage."""
    found = ask("diff icd10cm 2021 2022 --csv - --html -")
    assert (found.code, found.out) == (2, "")


def interrupted(line: list[str], place: Path, begun: str) -> subprocess.CompletedProcess[str]:
    """Return how a command ended that gets control-C after it began: when its folder holds a file of a name."""
    command = [sys.executable, "-m", "terminology", *line]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=place) as process:
        end = time.monotonic() + 60
        while not any(begun in path.name for path in place.rglob("*")) and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_control_c_while_loading(tmp_path: Path) -> None:
    """Exit code 130, one line, and a store of which nothing is in force."""
    found = interrupted(["load", *map(str, sample_folders()), "--store", "store"], tmp_path, "STORE")
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "interrupted\n")
    assert not (tmp_path / "store" / "CURRENT.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
def test_control_c_while_writing(tmp_path: Path, sample_store: Path) -> None:
    """Exit code 130, one line, and the file that would have been replaced is as it was."""
    (tmp_path / "claims.csv").write_text("dx,day\n" + "M54.5,2021-10-02\n" * 3_000_000, encoding="utf-8")
    (tmp_path / "out.csv").write_text("before", encoding="utf-8")
    line = ["columns", "validate", "claims.csv", "out.csv", "--system", "icd10cm", "--on-column", "day"]
    found = interrupted([*line, "--store", str(sample_store)], tmp_path, ".out.csv")
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "interrupted\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.csv", "out.csv"]
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "before"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["diff icd10cm 2021 2022 --csv -", "export intervals - --system icd10cm"])
def test_a_file_for_a_reader_that_has_seen_enough(sample_store: Path, line: str, unbuffered: str) -> None:
    """A closed pipe ends the program without an error, also where a file is written to it: at once, or at the end."""
    command = [sys.executable, "-m", "terminology", *line.split(), "--store", str(sample_store)]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, check=False, env=environment)
    os.close(write)
    assert (done.returncode, "rror" in done.stderr) == (0, False)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that takes nothing")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("line", ["diff icd10cm 2021 2022 --csv -", "status icd10cm M54.50"])
def test_a_disk_that_is_full(sample_store: Path, line: str, unbuffered: str) -> None:
    """It is bad input as for a file with a name, also where all is written at the end."""
    command = [sys.executable, "-m", "terminology", *line.split(), "--store", str(sample_store)]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, env=environment)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_without_colours(sample_store: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """`NO_COLOR` and a dumb terminal get the same text without styles."""
    for line in ("status icd10cm M54.5", "releases"):
        coloured = on_a_terminal(line, sample_store)
        with monkeypatch.context() as changed:
            changed.setenv(name, value)
            plain = on_a_terminal(
                line, sample_store, term=os.environ.get("TERM", "xterm") if name == "TERM" else "xterm"
            )
        assert "\x1b" in coloured
        assert "\x1b" not in plain
        assert len(plain.splitlines()) == len(coloured.splitlines())


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_title_is_continued_below_itself(sample_store: Path) -> None:
    """A line in columns that is too wide for a terminal goes on in its last column."""
    shown = on_a_terminal("children icd10cm M54.5 --on 2021-10-01", sample_store, 40).splitlines()
    assert f"{'':18}unspecified" in shown
