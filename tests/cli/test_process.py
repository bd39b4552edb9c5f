"""The program as a process: what it imports, and how it behaves on pipes and terminals."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"pyarrow", "numpy", "lxml", "networkx", "rich", "python_calamine", "terminology.ingest", "importlib.metadata"}
COMMANDS = {
    "lookup": "lookup icd10cm M54.5 --on 2022-03-01",
    "lookup in json": "lookup icd10cm M54.5 --on 2022-03-01 --json",
    "status": "status icd10cm M54.5 W21.89A",
    "history": "history icd10cm M54.5",
    "descendants": "descendants icd10cm 13",
    "releases": "releases",
    "error": "status nope E11",
}


def imported(line: str, store: Path) -> set[str]:
    """Return which modules a process of its own imports for a command."""
    command = [sys.executable, "-X", "importtime", "-m", "terminology", *line.split(), "--store", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


@pytest.mark.parametrize("command", COMMANDS)
def test_questions_import_nothing_heavy(sample_store: Path, command: str) -> None:
    """A question on the command line loads click, and none of the packages that load, tabulate or draw."""
    found = imported(COMMANDS[command], sample_store)
    assert "terminology.cli.codes" in found
    assert HEAVY & found == set()


def test_the_script_is_installed(sample_store: Path) -> None:
    """The installed script answers, and passes its exit code on."""
    script = Path(sys.executable).with_name("terminology")
    done = subprocess.run(
        [script, "status", "icd10cm", "M54.5", "--on", "2021-10-01", "--store", sample_store],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    said = "M54.5  header on 2021-10-01 (release 2022) — not valid for submission\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, said, "")


def test_the_store_may_be_named_by_the_environment(sample_store: Path) -> None:
    """`TERMINOLOGY_STORE` names the store where no option does."""
    done = subprocess.run(
        [sys.executable, "-m", "terminology", "status", "icd10cm", "E11.9"],
        env={**os.environ, "TERMINOLOGY_STORE": str(sample_store)},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()) == (0, b"E11.9  billable on 2022-04-01 (release 2022-04)".split())


@pytest.mark.parametrize("line", ["descendants icd10cm 13", "status icd10cm M54.5", "releases --json"])
def test_a_reader_that_has_seen_enough(sample_store: Path, line: str) -> None:
    """A closed pipe ends the program without a traceback, and is neither a "no" nor an error."""
    command = [sys.executable, "-m", "terminology", *line.split(), "--store", str(sample_store)]
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="the shell of POSIX closes it")
@pytest.mark.parametrize("line", ["releases", "releases --json", "descendants icd10cm 13"])
def test_a_process_without_standard_output(sample_store: Path, line: str) -> None:
    """A process that was started with its standard output closed (``>&-``) ends as any other."""
    command = f"exec {sys.executable} -m terminology {line} --store {sample_store} >&-"
    done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_narrow_encoding(sample_store: Path) -> None:
    """A terminal that cannot say a character gets a question mark, and no traceback."""
    command = [sys.executable, "-m", "terminology", "status", "icd10cm", "W21.89A", "--store", str(sample_store)]
    narrow = {**os.environ, "PYTHONIOENCODING": "iso-8859-1"}
    why = "W21.89A is not in ICD-10-CM on 2022-04-01 (release 2022-04)"
    said = f"W21.89A  unknown ? {why}; did you mean W21.89XA?\n"
    done = subprocess.run(command, env=narrow, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, said.encode())


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_terminal_gets_colours(sample_store: Path) -> None:
    """On a terminal statuses have colours and tables are drawn."""
    assert "\x1b[33mheader\x1b[0m" in on_a_terminal("status icd10cm M54.5", sample_store)
    assert "─" in on_a_terminal("releases", sample_store)


def on_a_terminal(line: str, store: Path, columns: int = 120, term: str = "xterm-256color") -> str:
    """Return what a command prints on a terminal of its own."""
    import pty

    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "terminology", *line.split(), "--store", str(store)]
    environment = {**os.environ, "TERM": term, "COLUMNS": str(columns)}
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment) as process:
        os.close(terminal)
        shown = b""
        # the end of a terminal is an error on Linux, and empty on macOS
        try:
            while data := os.read(controller, 65536):
                shown += data
        except OSError:
            pass
        process.wait()
    os.close(controller)
    return shown.decode()
