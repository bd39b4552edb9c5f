"""The usual mistakes: what went wrong, where, and what to do, in the words that a person reads."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.samples import sample_releases

from .conftest import Ask

PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body>Not found</body></html>"

LINES: dict[str, tuple[str, int, str, str, str]] = {
    # mistake: command line, exit code; then cause, place and fix, each of which the message must have
    "a system misspelt": ("status icd10cmm E11.9", 2, "no code system", "'icd10cmm'", "did you mean 'icd10cm'?"),
    "a system with other signs": (
        "status icd10-cm E11.9",
        2,
        "no code system",
        "'icd10-cm'",
        "did you mean 'icd10cm'?",
    ),
    "a release as the day of a command that has --version": (
        "lookup icd10cm E11.9 --on 2022",
        2,
        "got '2022': that is a release of icd10cm",
        "--on",
        "did you mean --version 2022?",
    ),
    "two systems are near": ("lookup icd10mc E11.9", 2, "no code", "'icd10mc'", "'icd10cm' or 'icd10gm'?"),
    "a system that only crosswalks have": ("status icd11 1A00", 2, "no code system", "'icd11'", "--system icd11"),
    "a release that is not loaded": (
        "lookup icd10cm E11.9 --version 1999",
        2,
        "no release '1999'",
        "of icd10cm",
        "(loaded: 2021, 2022, 2022-04)",
    ),
    "a day after the newest release": (
        "children icd10cm E11 --on 2030-01-01",
        1,
        "covers 2030-01-01",
        "of ICD-10-CM",
        "load FY2030",
    ),
    "a day before the first release": (
        "children icd10cm E11 --on 2019-01-01",
        1,
        "the oldest release, 2021, begins 2020-10-01",
        "ICD-10-CM",
        "load FY2019",
    ),
    "a date that is none": ("status icd10cm E11.9 --on 2021-13-01", 2, "got '2021-13-01'", "--on", "like 2024-03-01"),
    "a date of another form": ("lookup hcpcs J1815 --on 03/01/2018", 2, "'03/01/2018'", "--on", "like 2024-03-01"),
    "a release in place of a day": (
        "children icd10cm E11 --on 2022",
        2,
        "that is a release of icd10cm",
        "--on",
        "effective 2021-10-01",
    ),
    "a date to translate on": (
        "translate 250.00 --source icd9cm --target icd10cm --on soon",
        2,
        "got 'soon'",
        "--on",
        "like 2024-03-01",
    ),
    "a code of another system": ("children icd10cm J1815", 1, "J1815 is not", "in ICD-10-CM", "on 2022-04-01 (release"),
    "a code that is in no release": (
        "children icd10cm M54.99 --on 2022-03-01",
        1,
        "M54.99 is not",
        "in ICD-10-CM",
        "on 2022-03-01 (release 2022)",
    ),
    "a code that is not in force": (
        "subsumes icd10cm M54 Z99.9",
        1,
        "Z99.9 is not",
        "in ICD-10-CM",
        "(release 2022-04)",
    ),
    "what is known without a day": (
        "lookup icd10cm E11.9 --known 2022",
        2,
        "says up to which",
        "--known",
        "needs --on",
    ),
    "what is known is no release": (
        "status icd10cm E11.9 --on 2022-01-01 --known x",
        2,
        "neither a release",
        "of icd10cm",
        "(loaded: 2021",
    ),
    "a day and a version": (
        "lookup icd10cm E11.9 --on 2022-01-01 --version 2022",
        2,
        "exclude each other",
        "--version",
        "lookup --help",
    ),
    "an option misspelt": ("status icd10cm E11.9 --onn 2022-01-01", 2, "No such option", "'--onn'", "'--on'"),
    "a command misspelt": ("statsu icd10cm E11.9", 2, "No such command", "'statsu'", "'status'"),
    "a code is missing": ("status icd10cm", 2, "Missing argument", "'CODE...'", "status --help"),
    "migrate from another system": (
        "migrate icd10cm 250.00 --from icd9cm --to 2022",
        2,
        "icd9cm is a code system, not a release",
        "of icd10cm",
        "use translate, as in translate 250.00 --source icd9cm --target icd10cm",
    ),
    "migrate to another system": (
        "migrate icd10cm E11.9 --from 2022 --to icd9cm",
        2,
        "is a code system",
        "icd9cm",
        "as in translate E11.9 --source icd10cm --target icd9cm",
    ),
    "migrate to a release that is not loaded": (
        "migrate icd10cm M54.5 --from 2021 --to 2029",
        2,
        "no release '2029'",
        "of icd10cm",
        "loaded: 2021",
    ),
    "a crosswalk misspelt": (
        "translate 250.00 --source icd9cm --target icd10cm --crosswalk gem",
        2,
        "no crosswalk 'gem'",
        "from icd9cm to icd10cm",
        "did you mean 'gems'?",
    ),
    "a version of a crosswalk": (
        "withdraw gems 2017",
        2,
        "holds no crosswalk gems 2017",
        "the store",
        "(loaded: 2018)",
    ),
    "withdraw a crosswalk misspelt": ("withdraw gem 2018", 2, "no crosswalk", "'gem'", "did you mean 'gems'?"),
    "withdraw a release that is not loaded": (
        "withdraw icd10cm 2019",
        2,
        "no release '2019'",
        "of icd10cm",
        "loaded: 2021",
    ),
    "a system in place of a release": (
        "diff icd10cm icd9cm 2022",
        2,
        "no release 'icd9cm'",
        "of icd10cm",
        "loaded: 2021",
    ),
    "one release to compare": ("diff icd10cm 2021", 2, "Missing argument", "'B'", "diff --help"),
    "an axis that is none": ("pcs build 0FX", 1, "no table begins with 0FX", "after 0F", "only B (Excision), T"),
    "a value that no row has": ("pcs build 0FT4Z", 1, "no row of table 0FT", "after 0FT4", "only 0 (Open)"),
    "a letter that no code has": ("pcs build 0FTI", 1, "cannot be a code", "'0FTI'", "without I and O"),
    "an empty text": ("index icd10cm --limit 3 -", 2, "no word to look for", "TEXT", "index --help"),
    "a system without an index": ("index hcpcs chair", 2, "came with an index", "of hcpcs", "load the XML files"),
    "an update without configuration": ("update", 2, "Missing argument", "CONFIG.toml", "update --init"),
}
"""With the samples loaded."""


@pytest.mark.parametrize("mistake", LINES)
def test_a_mistake_on_the_command_line(ask: Ask, mistake: str) -> None:
    """The message of each usual mistake names cause, place and fix, on standard error, with the exit code for it."""
    line, code, *parts = LINES[mistake]
    found = ask(line, store=None) if line == "update" else ask(line)
    assert (found.code, found.out) == (code, "")
    assert [part for part in parts if part not in found.err] == []


ANSWERS: dict[str, tuple[str, int, str, str, str]] = {
    "no crosswalk between two systems": (
        "translate 250.00 --source icd9cm --target hcpcs",
        1,
        "no loaded crosswalk leads",
        "from icd9cm to hcpcs",
        " and icd10cm",
    ),
    "a code of the wrong system to translate": (
        "translate E11.9 --source icd9cm --target icd10cm",
        1,
        "cannot be a code",
        "'E11.9'",
        "of icd9cm",
    ),
    "one release, compared with itself": (
        "diff icd10cm 2021 2021",
        0,
        "both are release 2021",
        "ICD-10-CM",
        "name two",
    ),
    "two releases in reverse": (
        "diff icd10cm 2022 2021",
        0,
        "2022 is later than 2021",
        "from 2022 to 2021",
        "goes back in time",
    ),
}
"""Mistakes that are answered: the answer says what is odd."""


@pytest.mark.parametrize("mistake", ANSWERS)
def test_a_mistake_that_is_answered(ask: Ask, mistake: str) -> None:
    """Where a mistake has an answer, this names cause, place and fix too."""
    line, code, *parts = ANSWERS[mistake]
    found = ask(line)
    assert found.code == code
    assert [part for part in parts if part not in f"{found.out}{found.err}"] == []


def locked() -> bytes:
    """Return an archive whose member needs a password, as its flags say."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("icd10cm_order_2022.txt", "00001 A00")
    written = bytearray(data.getvalue())
    written[6] |= 1
    written[written.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(written)


def test_a_list_without_the_columns_of_one(ask: Ask, tmp_path: Path) -> None:
    """Where a named list of codes is none, the file, the cause and the columns that are expected are named."""
    (tmp_path / "own.csv").write_text("place,name\nA1,Ward\n", encoding="utf-8")
    found = ask("load --system mycodes --version 1", tmp_path / "own.csv", store=tmp_path / "store")
    assert found.code == 2
    assert "own.csv is no list of codes (no loader recognises its content): expected delimited text" in found.err
    assert "with the columns code and title, and --effective for its first day" in found.err


FILES: dict[str, tuple[str, bytes, str, str, str]] = {
    "a web page saved as zip": ("codes.zip", PAGE, "got an HTML page", "codes.zip:1", "server's error page saved"),
    "a web page saved as csv": ("codes.csv", PAGE, "got an HTML page", "codes.csv:1", "server's error page saved"),
    "an archive with a password": (
        "codes.zip",
        locked(),
        "has a password",
        "codes.zip!icd10cm_order_2022.txt",
        "unpack it",
    ),
    "an archive that is cut": ("codes.zip", locked()[:60], "cut off zip archive", "codes.zip", "download it again"),
    "the first bytes of an archive": ("codes.zip", b"PK", "cut off after 2 bytes", "codes.zip", "download it again"),
    "a lock file of a workbook": (
        "~$codes.xlsx",
        b"\x05me" + bytes(160),
        "lock file",
        "the file is",
        "load the workbook",
    ),
    "a letter": (
        "letter.txt",
        b"Dear coder,\n",
        "the file is not recognised",
        "letter.txt",
        "files as publishers give",
    ),
}


@pytest.mark.parametrize("mistake", FILES)
def test_a_file_that_is_none_of_a_publisher(ask: Ask, tmp_path: Path, mistake: str) -> None:
    """A file that cannot be loaded is named with the reason and what would be loaded, and the exit code is 2."""
    name, data, *parts = FILES[mistake]
    (tmp_path / name).write_bytes(data)
    found = ask("load --verbose", tmp_path / name, store=tmp_path / "store")
    assert found.code == 2
    assert [part for part in parts if part not in f"{found.out}{found.err}"] == []


PLACES: dict[str, tuple[str, str, str, str, str]] = {
    # what is asked of which path, and the three parts
    "a folder that is missing": ("releases --store", "gone", "no store", "gone", "load releases first"),
    "a folder that is empty": ("releases --store", "empty", "no store", "empty", "load releases first"),
    "a file in place of a store": ("releases --store", "letter.txt", "is a file", "--store", "releases --help"),
    "a path that is missing": ("load --store new", "gone", "no such file or folder", "gone", "error:"),
    "a folder of other files": (
        "load SAMPLES --store",
        "other",
        "not a store and not empty",
        "other",
        "an empty folder",
    ),
    "a configuration that is missing": ("update", "gone", "No such file", "gone", "error:"),
    "a configuration to be written again": ("update --init", "letter.txt", "exists", "letter.txt", "name another file"),
    "a configuration with a typo": ("update", "typo.toml", "no such key", "typo.toml:2", "did you mean 'url'?"),
    "a configuration that is no TOML": ("update", "letter.txt", "no TOML", "letter.txt:1", "error:"),
    "a report into a missing folder": (
        "diff icd10cm 2021 2022 --html",
        "gone/report.html",
        "does not exist",
        "'--html'",
        "make it first",
    ),
}


@pytest.mark.parametrize("mistake", PLACES)
def test_a_path_that_is_wrong(ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: str) -> None:
    """A path that does not lead to what is wanted is named with what it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_bytes(b"Dear coder,\n")
    (tmp_path / "letter.txt").write_bytes(b"Dear coder,\n")
    (tmp_path / "typo.toml").write_text('[[fetch]]\nulr = "https://example.org/x.zip"\n', encoding="utf-8")
    line, path, *parts = PLACES[mistake]
    line = line.replace("SAMPLES", str(sample_releases() / "icd10cm"))
    found = ask(line, path) if line.startswith("diff") else ask(line, path, store=None)
    assert (found.code, found.out) == (2, "")
    assert [part for part in parts if part not in found.err] == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read(ask: Ask, tmp_path: Path) -> None:
    """A file without permission is named with that reason."""
    path = tmp_path / "icd10cm_order_2022.txt"
    path.touch(mode=0o000)
    found = ask("load", path, store=tmp_path / "store")
    assert (found.code, "icd10cm_order_2022.txt" in found.out) == (2, True)
    assert "Permission denied" in found.out


Store = terminology.Terminology
CALLS: dict[str, tuple[Callable[[Store], Any], type[Exception], str, str, str]] = {
    "a code system is asked for a status": (
        lambda store: store["icd10cm"].status("E11.9"),
        AttributeError,
        "has no 'status'",
        "a code system",
        "store['icd10cm'].on(day).status",
    ),
    "a store is asked for a status": (
        lambda store: store.status("E11.9"),  # type: ignore[attr-defined]
        AttributeError,
        "has no 'status'",
        "a store",
        "store[system].on(day).status",
    ),
    "a system as an attribute": (
        lambda store: store.icd10cm,  # type: ignore[attr-defined]
        AttributeError,
        "is an item",
        "a code system",
        "store['icd10cm']",
    ),
    "a year in place of a day": (
        lambda store: store["icd10cm"].on("2022"),
        terminology.InvalidDateError,
        "got '2022'",
        "a release of icd10cm",
        "effective 2021-10-01",
    ),
    "no day": (lambda store: store["icd10cm"].on(None), terminology.InvalidDateError, "got None", "date", "like 2024"),  # type: ignore[arg-type]
    "a release that is not loaded": (
        lambda store: store["icd10cm"].migrate("M54.5", 2021, 2029),
        terminology.UnknownReleaseError,
        "no release '2029'",
        "of icd10cm",
        "loaded: 2021",
    ),
    "a code that is not in force": (
        lambda store: store["icd10cm"].latest.parent("E11.99"),
        terminology.UnknownCodeError,
        "E11.99 is not",
        "in ICD-10-CM",
        "on 2022-04-01",
    ),
    "a file in place of a store": (
        lambda _: terminology.open(Path(__file__)),
        terminology.StoreNotFoundError,
        "is a file",
        "test_messages.py",
        "name a folder that terminology load",
    ),
    "a folder that is missing": (
        lambda _: terminology.open(Path(__file__).parent / "gone"),
        terminology.StoreNotFoundError,
        "no store",
        "gone",
        "load releases first",
    ),
}


@pytest.mark.parametrize("mistake", CALLS)
def test_a_mistake_in_python(sample_store: Path, mistake: str) -> None:
    """The exception of each usual mistake in Python names cause, place and fix."""
    call, kind, *parts = CALLS[mistake]
    with pytest.raises(kind) as caught:
        call(terminology.open(sample_store))
    assert [part for part in parts if part not in str(caught.value)] == []


def test_releases_are_named_by_numbers(sample_store: Path) -> None:
    """A number that is the label of a release names it."""
    moved = terminology.open(sample_store)["icd10cm"].migrate("M54.5", 2021, 2022)
    assert [alternative.codes for alternative in moved.alternatives] == [("M54.50",), ("M54.51",), ("M54.59",)]
