"""What goes wrong: one clear line on standard error, the exit code, and the object in JSON."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from terminology.samples import sample_releases

from .conftest import Ask

CASES = {
    "a code system that is not loaded": ("status nope E11.9", 2, "UnknownSystemError"),
    "a day that is none": ("status icd10cm E11.9 --on 2021-13-01", 2, "InvalidDateError"),
    "a release that is not loaded": ("lookup icd10cm E11.9 --version 1999", 2, "UnknownReleaseError"),
    "a knowledge that is none": ("lookup icd10cm E11.9 --on 2022-01-01 --known x", 2, "UnknownReleaseError"),
    "a code that is not in force": ("parent icd10cm Q99.9", 1, "UnknownCodeError"),
    "a path that is missing": ("load /does/not/exist", 2, "FileNotFoundError"),
    "a loader that is not installed": ("load /dev/null --system nope", 2, "UnknownSystemError"),
    "an argument too few": ("lookup icd10cm", 2, "MissingParameter"),
    "an option that is none": ("lookup icd10cm E11.9 --nope", 2, "NoSuchOption"),
    "a command that is none": ("nope", 2, "UsageError"),
    "a day and a version": ("lookup icd10cm E11.9 --on 2022-01-01 --version 2022", 2, "UsageError"),
    "a knowledge without a day": ("lookup icd10cm E11.9 --known 2022", 2, "UsageError"),
}


@pytest.mark.parametrize("case", CASES)
def test_an_error_in_json(ask: Ask, case: str) -> None:
    """With `--json` the error is an object on standard error, and nothing is on standard output."""
    line, code, kind = CASES[case]
    found = ask(f"{line} --json")
    assert (found.code, found.out) == (code, "")
    assert found.error.keys() == {"type", "message", "file", "line", "column"}
    assert found.error["message"]
    if kind != "UsageError":
        assert found.error["type"] == kind


@pytest.mark.parametrize("case", CASES)
def test_an_error_in_words(ask: Ask, case: str) -> None:
    """Without `--json` the error is one line, without a traceback and without colour codes."""
    line, code, _ = CASES[case]
    found = ask(line)
    assert (found.code, found.out, len(found.err.splitlines())) == (code, "", 1)
    assert found.err.startswith("error: ")


def test_a_version_that_is_none(ask: Ask, tmp_path: Path) -> None:
    """A version label that names no release is bad input, not a traceback."""
    found = ask("load --version foo --json", sample_releases() / "icd10cm", store=tmp_path / "store")
    text = found.out + found.err
    assert (found.code, "got 'foo'" in text) == (2, True)


def test_a_store_that_is_not_there(ask: Ask, tmp_path: Path) -> None:
    """Asking where nothing was loaded says how to load, and is bad input."""
    place = tmp_path / "none"
    found = ask("releases", store=place)
    message = f"error: no store in {place}: load releases first (terminology load PATH --store {place})\n"
    assert (found.code, found.err) == (2, message)


def test_a_store_that_is_a_file(ask: Ask, tmp_path: Path) -> None:
    """A file in place of the store's folder is wrong usage."""
    (tmp_path / "file").touch()
    assert ask("releases", store=tmp_path / "file").code == 2


def test_a_pointer_that_is_damaged(ask: Ask, tmp_path: Path) -> None:
    """A damaged pointer is a damaged store: exit code 3."""
    (tmp_path / "CURRENT.json").write_text("nonsense")
    found = ask("releases --json", store=tmp_path)
    assert (found.code, found.error["type"]) == (3, "StoreDamagedError")


def test_no_command_shows_help(ask: Ask) -> None:
    """Without a command the program shows what there is, as wrong usage."""
    found = ask("", store=None)
    assert (found.code, found.out) == (2, "")
    assert "terminology demo" in found.err


def test_help_is_fine(ask: Ask) -> None:
    """Asking for help is no error."""
    found = ask("lookup --help", store=None)
    assert (found.code, found.err) == (0, "")
    assert "--known" in found.out


def test_version(ask: Ask) -> None:
    """The program knows its own version."""
    found = ask("--version", store=None)
    assert (found.code, found.out.split()[0]) == (0, "terminology")


class Panic(BaseException):
    """What an extension module may raise, which is no `Exception`."""


FAULTS = {
    "a type": (TypeError("no text"), "TypeError: no text"),
    "memory": (MemoryError(), "MemoryError"),
    "recursion": (RecursionError("too deep"), "RecursionError: too deep"),
    "lines": (ValueError("one\n\x1b[2Jtwo"), "ValueError: one\\n\\x1b[2Jtwo"),
    "a panic": (Panic("index out of bounds"), "Panic: index out of bounds"),
    "several": (ExceptionGroup("both", [KeyError("a"), KeyError("b")]), "ExceptionGroup: both (2 sub-exceptions)"),
}
SEE = "this is an error in the program: report it with the command and the traceback"


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make every question about a store raise the error."""

    def open_store(*_: object) -> None:
        raise error

    monkeypatch.delenv("TERMINOLOGY_TRACEBACK", raising=False)
    monkeypatch.setattr("terminology.cli.options.open_store", open_store)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_program(ask: Ask, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """An exception that nobody expected is one line that says so, with an exit code that no answer has."""
    error, what = FAULTS[fault]
    failing(monkeypatch, error)
    found = ask("status icd10cm E11.9")
    line = f"internal error: {what}; {SEE} (set TERMINOLOGY_TRACEBACK=1 to see it)\n"
    assert (70, "", line) == (found.code, found.out, found.err)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_program_in_json(ask: Ask, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """In JSON it has the form of every other error, and a type of its own."""
    error, _ = FAULTS[fault]
    failing(monkeypatch, error)
    found = ask("status icd10cm E11.9 --json")
    assert (70, "", "InternalError") == (found.code, found.out, found.error["type"])
    assert found.error.keys() == {"type", "message", "file", "line", "column"}
    assert found.error["message"].startswith(f"{type(error).__name__}")


def test_the_traceback_is_there_when_asked_for(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment variable adds the traceback, in JSON too, and nothing of it is obeyed by a terminal."""
    failing(monkeypatch, ValueError("x\x1b[2J"))
    monkeypatch.setenv("TERMINOLOGY_TRACEBACK", "1")
    found = ask("status icd10cm E11.9")
    assert (70, f"internal error: ValueError: x\\x1b[2J; {SEE}") == (found.code, found.err.splitlines()[0])
    assert ("Traceback (most recent call last):", "\x1b" in found.err) == (found.err.splitlines()[1], False)
    assert "in open_store" in found.err
    in_json = ask("status icd10cm E11.9 --json")
    assert "in open_store" in in_json.error["traceback"]
    assert in_json.error["message"].endswith("the traceback")


def test_attributes_of_errors_of_others(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error whose attributes are no texts is printed all the same."""
    error = OSError("odd")
    error.file, error.line, error.message = object(), print, ["x"]  # type: ignore[attr-defined]
    failing(monkeypatch, error)
    found = ask("status icd10cm E11.9 --json")
    assert (2, "odd", None) == (found.code, found.error["message"], found.error["file"])


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_control_c(ask: Ask, monkeypatch: pytest.MonkeyPatch, more: list[str]) -> None:
    """Control-C ends with the code that shells have for it."""
    failing(monkeypatch, KeyboardInterrupt())
    found = ask("status icd10cm E11.9", *more)
    assert (130, "interrupted") == (found.code, found.err.strip())


def test_the_process_ends_with_the_code(sample_store: Path) -> None:
    """The process ends with 70, its standard output is empty, and there is no traceback."""
    script = (
        "import terminology.cli.options as options, terminology.cli as cli\n"
        "options.open_store = lambda store: 1 / 0\n"
        "cli.main(['status', 'icd10cm', 'E11.9', '--json'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (70, "") == (done.returncode, done.stdout)
    assert "ZeroDivisionError" in json.loads(done.stderr)["error"]["message"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that takes nothing")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_an_error_that_cannot_be_printed(sample_store: Path, more: list[str]) -> None:
    """Where standard error takes nothing the exit code is that of the error all the same."""
    command = [sys.executable, "-m", "terminology", "status", "nope", "E11.9", "--store", str(sample_store), *more]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, check=False)
    assert (2, b"") == (done.returncode, done.stdout)


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "\u202egpj", "\udcff"])
def test_names_of_files_in_errors(ask: Ask, sample_store: Path, tmp_path: Path, name: str) -> None:
    """A path that is missing is named in one line, and whole in JSON."""
    path = tmp_path / name
    for words in (["load", path], ["codelist", "resolve", path], ["update", path], ["releases", "--store", path]):
        store = None if "--store" in words else sample_store
        found = ask("", *words, store=store)
        assert (2, 1) == (found.code, len(found.err.splitlines()))
        assert found.err.rstrip("\n").isprintable()
        in_json = ask("", *words, "--json", store=store).error
        # click writes a replacement for bytes that are no text
        assert name in f"{in_json['file']} {in_json['message']}" or name == "\udcff"
