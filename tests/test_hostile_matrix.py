"""Every loader and crosswalk reader against every kind of hostile file: it costs itself, and nothing else.

What each takes of memory and time is measured by `benchmarks.attacks`, not here.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import terminology
from terminology.reading import Limits, ReadableFile
from terminology.registry import crosswalk_readers, loaders

from .hostile import HOSTILE, NEVER_TAKEN, nested_bomb
from .release_files import written
from .test_bad_input_matrix import INSTALLED, READERS, WITNESS, samples, with_the_slow


def one_of_each_format(reader: str) -> list[str]:
    """Return the names of the samples of a reader, one of each format: what the others say makes no difference."""
    return list({sample.suffix: name for name, sample in samples(reader).items()}.values())


CASES = [(reader, file, kind) for reader in INSTALLED for file in one_of_each_format(reader) for kind in HOSTILE]
UNFORESEEN = "please report this"


@pytest.mark.parametrize(("reader", "file", "kind"), with_the_slow(CASES, 8))
def test_a_hostile_file_costs_itself_alone(tmp_path: Path, reader: str, file: str, kind: str) -> None:
    """A hostile file ends no load: it is rejected by a rule, or skipped, or read; what lies beside it is loaded."""
    made = HOSTILE[kind](samples(reader)[file])
    if made is None:
        pytest.skip("its format has nothing of the kind")
    name, data = made
    files = written(tmp_path / "files", {name: data, "witness.csv": WITNESS})
    report = terminology.load(files, store=tmp_path / "store")
    loaded = {item.release.system for item in report.loaded}
    assert "witness" in loaded
    assert not [str(error)[:300] for error in report.errors if error.file.split("!")[0] != name]
    assert not [str(error)[:300] for error in report.errors if UNFORESEEN in error.message]
    if kind in NEVER_TAKEN:
        assert loaded == {"witness"}
        assert not report.crosswalks
    opened = terminology.open(tmp_path / "store")
    assert opened["witness"].latest.is_billable("W1")
    assert {*opened.systems, *opened.groupings, *opened.documents} == loaded


@pytest.mark.parametrize("part", [100, pytest.param(1, marks=pytest.mark.slow)])
def test_archives_in_an_archive_share_its_bound(tmp_path: Path, part: int) -> None:
    """Archives each of which is within the bounds are rejected as soon as all together unpack to more than one may."""
    name, data = nested_bomb(samples("gems")["2018_I9gem.txt"], part)
    files = written(tmp_path / "files", {name: data, "witness.csv": WITNESS})
    report = terminology.load(
        files, store=tmp_path / "store", limits=Limits(archive_bytes=Limits().archive_bytes // part)
    )
    assert [item.release.system for item in report.loaded] == ["witness"]
    assert {error.file for error in report.errors} == {f"{name}!6.zip"}
    assert all("archive_bytes" in error.message for error in report.errors)


def test_a_parquet_file_of_packed_rows_is_bounded(tmp_path: Path) -> None:
    """A small file of many million equal rows is rejected by their number."""
    column = pa.repeat(pa.scalar("A"), 14_000_000)
    pq.write_table(pa.table({"code": column, "title": column}), tmp_path / "packed.parquet")
    report = terminology.load(tmp_path / "packed.parquet", store=tmp_path / "store")
    (error,) = report.errors
    assert "memory_bytes" in error.message


def test_a_faulty_file_of_one_system_costs_no_other(tmp_path: Path) -> None:
    """A faulty list leaves the release of another system alone that lies beside it and is of the same year."""
    name, sample = next((n, s) for n, s in samples("hcpcs").items() if n.endswith(".txt"))
    year = "".join(filter(str.isdigit, name))[:4]
    files = written(tmp_path / "files", {name: sample.data, f"colours_{year}.csv": b"#system: colours\ncode\nR\n"})
    report = terminology.load(files, store=tmp_path / "store")
    assert {item.release.system for item in report.loaded} == {"hcpcs"}
    assert {error.file for error in report.errors} == {f"colours_{year}.csv"}


@pytest.mark.parametrize(
    ("python", "expected"), [("/does/not/exist", "cannot be started"), (shutil.which("false"), "cannot work")]
)
def test_a_reader_that_cannot_work_is_not_the_fault_of_the_file(
    tmp_path: Path, python: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the second Python does not run, the file is not called damaged."""
    monkeypatch.setattr(sys, "executable", python)
    name, data = HOSTILE["far_cell"](samples("gems")["2018_I9gem.txt"]) or ("", b"")
    report = terminology.load(written(tmp_path / "files", {name: data}), store=tmp_path / "store")
    (error,) = report.errors
    assert expected in error.message


EXCEPTIONS = (
    OverflowError("int too big to convert"),
    RecursionError("maximum recursion depth exceeded"),
    MemoryError(),
    UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    KeyError("code"),
    AssertionError(),
    StopIteration(),
    OSError(5, "Input/output error"),
)


@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("reader", INSTALLED)
def test_a_reader_that_fails_costs_its_file_alone(
    tmp_path: Path, reader: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever exception a reader fails with is an error of the file, with its name; what lies beside it is loaded."""
    found = crosswalk_readers()[reader] if reader in READERS else loaders()[reader]
    real = type(found).read

    def read(self: object, file: ReadableFile) -> object:
        if file.name == "bad.txt":
            raise error
        return real(self, file)  # type: ignore[arg-type]

    monkeypatch.setattr(type(found), "read", read)
    files = written(tmp_path / "files", {"bad.txt": b"bad", "witness.csv": WITNESS})
    report = terminology.load(files, store=tmp_path / "store")
    assert [item.release.system for item in report.loaded] == ["witness"]
    (fault,) = report.errors
    assert fault.file == "bad.txt"
    assert type(error).__name__ in fault.message
    assert UNFORESEEN in fault.message


@pytest.mark.parametrize("method", ["read", "assemble"])
def test_a_plan_that_fails_costs_the_file_that_it_fails_by(
    tmp_path: Path, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the planning or the building of releases fails over a new file, the store keeps what it held."""
    loader = type(loaders()["generic"])
    store = tmp_path / "store"
    terminology.load(written(tmp_path / "files", {"witness.csv": WITNESS}), store=store)
    real = getattr(loader, method)

    def failing(self: object, given: object) -> object:
        names = [given.name] if isinstance(given, ReadableFile) else [part.origin.name for part in given]  # type: ignore[attr-defined]
        if "late.csv" in names:
            raise KeyError("code")
        return real(self, given)

    monkeypatch.setattr(loader, method, failing)
    late = WITNESS.replace(b"2001", b"2002")
    report = terminology.load(written(tmp_path / "late", {"late.csv": late}), store=store)
    assert [error.file for error in report.errors] == ["late.csv"]
    assert [release.version for release in terminology.open(store)["witness"].releases] == ["2001"]
