"""Files that commands write: checked before the work, and named where the disk is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from terminology.samples import sample_releases

from .conftest import Ask

OPTIONS = [
    "diff icd10cm 2021 2022 --csv",
    "diff icd10cm 2021 2022 --html",
    "codelist migrate LIST --output",
    "impact LIST --from 2021 --rows",
]


@pytest.mark.parametrize("line", OPTIONS)
def test_a_folder_that_is_missing(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    """A file in a folder that is not there is rejected before the store is opened, with the option and the folder."""

    def opened(*_: object) -> None:
        raise AssertionError("the work began")

    for module in ("diff", "codelist", "impact"):
        monkeypatch.setattr(f"terminology.cli.{module}.open_store", opened)
    (tmp_path / "file").touch()
    for folder, what in (("gone", "does not exist"), ("file", "is a file")):
        found = ask(line, tmp_path / folder / "report")
        option = line.rsplit(" ", 1)[1]
        assert (found.code, found.out) == (2, "")
        assert f"'{option}': the folder {tmp_path / folder} {what}" in found.err


@pytest.mark.parametrize("option", ["--rows", "--csv"])
def test_a_file_that_is_read_is_not_overwritten(ask: Ask, tmp_path: Path, option: str) -> None:
    """A report does not replace the table that it is about, by whatever way the table is named."""
    table = tmp_path / "claims.csv"
    table.write_text("dx\nM54.5\n", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    for again in (table, tmp_path / "folder" / ".." / "claims.csv"):
        found = ask("impact --system icd10cm --from 2021 --to 2022", table, option, again)
        assert (found.code, found.out) == (2, "")
        assert f"{again} is read, and would be overwritten: name another file to write" in found.err
    assert table.read_text(encoding="utf-8") == "dx\nM54.5\n"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_names_the_file(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: int) -> None:
    """The system says only that there is no space; the message has the file, and what to do."""

    def full(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", full)
    reason = os.strerror(number)
    found = ask("diff icd10cm 2021 2022 --csv", tmp_path / "report.csv")
    message = f"error: {tmp_path / 'report.csv'}: {reason}: free space there and repeat the command\n"
    assert (found.code, found.err) == (2, message)
    found = ask("load --json", sample_releases() / "icd10cm", store=tmp_path / "store")
    assert found.code == 2
    assert found.error["message"].startswith(f"{tmp_path / 'store'}/")
    assert found.error["message"].endswith(f": {reason}")
