"""Exported folders: put in place in one step, and nothing of anybody else is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from terminology import TerminologyError
from terminology.exports import dbt_project, omop
from terminology.exports.folders import LABEL, earlier_export, written_folder

from .oracle import custom_store


def contents(folder: Path) -> dict[str, str]:
    """Return the text of every file of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, files: dict[str, str], kind: str = "kind") -> None:
    """Write an export."""
    with written_folder(folder, kind, {}) as made:
        for name, text in files.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            (made / name).write_text(text)


def test_an_export_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    """Its files are gone where the new one has none of their name; those of others stay, but not where a new one has the name."""
    folder = tmp_path / "made" / "out"
    write(folder, {"one.csv": "1", "old/two.csv": "2"})
    (folder / "old" / "mine.sql").write_text("mine")
    (folder / "new.csv").write_text("mine too")
    write(folder, {"one.csv": "3", "new.csv": "4"})
    found = contents(folder)
    label = json.loads(found.pop(LABEL))
    assert found == {"one.csv": "3", "new.csv": "4", "old/mine.sql": "mine"}
    assert label == {"export": "kind", "files": ["new.csv", "one.csv", LABEL]}
    assert [path.name for path in folder.parent.iterdir()] == ["out"], "nothing is left beside it"


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path: Path) -> None:
    """As it was, and nothing beside it."""
    folder = tmp_path / "out"
    write(folder, {"one.csv": "1"})
    before = contents(folder)
    with pytest.raises(ValueError, match="null"):
        write(folder, {"one.csv": "2", "/no such folder/\0": "3"})
    assert contents(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "files", [{"mine.txt": "x"}, {LABEL: "no json"}, {LABEL: "[]"}, {LABEL: '{"export": "other"}'}], ids=str
)
def test_what_is_no_earlier_export_is_left_as_it_is(tmp_path: Path, files: dict[str, str]) -> None:
    """A folder of other files, with a label that is none, or with that of another kind."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(TerminologyError, match="it is left as it is; name another folder"):
        write(tmp_path, {"one.csv": "1"})
    assert contents(tmp_path) == files


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    """It is nobody's."""
    (tmp_path / "out").mkdir()
    write(tmp_path / "out", {"one.csv": "1"})
    assert earlier_export(tmp_path / "out", "kind") is not None
    assert earlier_export(tmp_path / "nowhere", "kind") is None


def test_a_failing_export_leaves_no_half(sample_store: Path, tmp_path: Path) -> None:
    """Of a file of concepts that is none, the error names what is expected; nothing is written."""
    (tmp_path / "CONCEPT.csv").write_text("a,b\n1,2\n")
    with pytest.raises(TerminologyError, match=r"CONCEPT.csv: expected the columns of OMOP's CONCEPT between tabs"):
        omop(sample_store, tmp_path / "out", concepts=tmp_path)
    assert not (tmp_path / "out").exists()


def test_what_is_written_is_returned(sample_store: Path, tmp_path: Path) -> None:
    """The folder and the rows of each file, which a second export of the same store has again."""
    first = dbt_project(sample_store, tmp_path / "one")
    second = dbt_project(sample_store, str(tmp_path / "two"))
    assert first.rows == second.rows
    assert contents(first.folder) == contents(second.folder)
    for name, count in first.rows.items():
        assert len((first.folder / name).read_text().splitlines()) == count + 1


def test_two_seeds_of_one_name_are_an_error(tmp_path: Path) -> None:
    """A custom system that is called as the seed of covered days is; nothing is written."""
    store = custom_store(tmp_path, "coverage")
    with pytest.raises(TerminologyError, match="two seeds would be called terminology_coverage"):
        dbt_project(store, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert omop(store, tmp_path / "out").rows["CONCEPT.csv"] > 2


def test_what_a_killed_export_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """The half folder of a process that is no more goes; one of another name, and one of a running process, stay."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = {f".out.{ended.pid}.tmp": False, f".other.{ended.pid}.tmp": True, f".out.{os.getppid()}.tmp": True}
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "half.csv").write_text("1")
    write(tmp_path / "out", {"one.csv": "1"})
    assert names == {name: (tmp_path / name).exists() for name in names}
