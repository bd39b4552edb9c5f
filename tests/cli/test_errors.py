"""What goes wrong: one clear line on standard error, the exit code, and the object in JSON."""

from __future__ import annotations

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
