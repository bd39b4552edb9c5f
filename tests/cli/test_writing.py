"""Files that commands write: checked before the work, and named where the disk is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from terminology.samples import sample_releases

from .conftest import Ask

OPTIONS = ["diff icd10cm 2021 2022 --csv", "diff icd10cm 2021 2022 --html", "codelist migrate LIST --output"]


@pytest.mark.parametrize("line", OPTIONS)
def test_a_folder_that_is_missing(ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str) -> None:
    """A file in a folder that is not there is rejected before the store is opened, with the option and the folder."""

    def opened(*_: object) -> None:
        raise AssertionError("the work began")

    for module in ("diff", "codelist"):
        monkeypatch.setattr(f"terminology.cli.{module}.open_store", opened)
    (tmp_path / "file").touch()
    for folder, what in (("gone", "does not exist"), ("file", "is a file")):
        found = ask(line, tmp_path / folder / "report")
        option = line.rsplit(" ", 1)[1]
        assert (found.code, found.out) == (2, "")
        assert f"'{option}': the folder {tmp_path / folder} {what}" in found.err


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
