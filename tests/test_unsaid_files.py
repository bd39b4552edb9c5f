"""Files that make no release are never passed over in silence: each is refused, or skipped with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology

from .release_files import BACK_PAIN, CHOLERA, order_addenda, order_file, written

ORDER = "icd10cm_order_2022.txt"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_a_release_file_in_utf_16(tmp_path: Path, encoding: str) -> None:
    """A file that a loader would know, were it in UTF-8, is refused for its encoding rather than left alone."""
    data = b"#system: trees\n#version: 2020\ncode,title\nA,Oak\n".decode().encode(encoding)
    report = terminology.load(written(tmp_path / "files", {"trees.csv": data}), store=tmp_path / "store")
    ((file, line),) = {(error.file, error.line) for error in report.errors}
    assert ("trees.csv", 1) == (file, line)


def test_a_letter_in_utf_16(tmp_path: Path) -> None:
    """A text in UTF-16 that no loader would know is a stranger's in UTF-8 too."""
    files = {"README.txt": "Dear reader,\n".encode("utf-16")}
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store")
    assert report.ok
    assert ["no loader recognises its content"] == [skip.reason for skip in report.skipped]


def test_addenda_that_nothing_needs(tmp_path: Path) -> None:
    """Addenda without their summary, which no release takes in, are listed as skipped."""
    addenda = order_addenda(CHOLERA, BACK_PAIN, "icd10cm_order_2021.txt", ORDER).split(b"\r\n\r\n")[0] + b"\r\n"
    files = {ORDER: order_file(BACK_PAIN), "addenda.txt": addenda}
    report = terminology.load(written(tmp_path / "files", files), store=tmp_path / "store")
    assert ["addenda.txt"] == [skip.path for skip in report.skipped]
