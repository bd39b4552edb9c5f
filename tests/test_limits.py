"""What a load may take is bounded as a whole; each limit is an option, and named where it is met."""

from __future__ import annotations

from pathlib import Path

import pytest

import terminology
from terminology.cli.application import run
from terminology.reading import Limits, limits_from

from .release_files import CHOLERA, order_file, written
from .test_bad_input_matrix import WITNESS


def files(folder: Path) -> Path:
    """Write a sound list, and after it in the order of reading two order files."""
    orders = {f"icd10cm_order_{year}.txt": order_file(CHOLERA) for year in (2021, 2022)}
    return written(folder / "files", {"a-witness.csv": WITNESS, **orders})


@pytest.mark.parametrize(
    ("limits", "name"),
    [(Limits(files=1), "files"), (Limits(total_bytes=len(WITNESS) + 1), "total_bytes")],
    ids=["files", "bytes"],
)
def test_a_budget_that_is_spent_ends_the_reading(tmp_path: Path, limits: Limits, name: str) -> None:
    """What was read before is loaded; the first file beyond the limit is named with the option, the rest is not read."""
    report = terminology.load(files(tmp_path), store=tmp_path / "store", limits=limits)
    assert [item.release.system for item in report.loaded] == ["witness"]
    (error,) = report.errors
    assert error.file == "icd10cm_order_2021.txt"
    assert f"--limit {name}=N" in error.message


def test_a_limit_can_be_raised(tmp_path: Path) -> None:
    """A file that is too large by one limit is loaded under another."""
    small, large = Limits(member_bytes=10), Limits(member_bytes=10_000)
    folder = files(tmp_path)
    assert not terminology.load(folder, store=tmp_path / "store", limits=small).loaded
    assert terminology.load(folder, store=tmp_path / "store", limits=large).ok


@pytest.mark.parametrize(
    "text", ["", "depth", "depth=", "depth=0", "depth=-1", "depth=x", "breadth=1", f"files={'9' * 16}"]
)
def test_a_limit_that_is_none_is_wrong_usage(tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt limit ends the command before anything is read or made."""
    with pytest.raises(ValueError, match="expected a"):
        limits_from((text,))
    assert run(["load", str(files(tmp_path)), "--limit", text, "--store", str(tmp_path / "store")]) == 2
    assert "--limit" in capsys.readouterr().err
    assert not (tmp_path / "store").exists()
