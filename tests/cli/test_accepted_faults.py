"""A file with lines that cannot be read: rejected, or loaded without them where the operator accepts that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import terminology
from terminology.reading import Faults, tolerating

from ..release_files import BACK_PAIN, CHOLERA, codes_file, order_addenda, order_file, written, zipped
from .conftest import Ask

NAMES = ("icd10cm_order_2021.txt", "icd10cm_order_2022.txt")


def spoilt(data: bytes, *lines: int) -> bytes:
    """Return a file of which some lines, counted from 1, cannot be read."""
    rows = data.split(b"\r\n")
    for line in lines:
        rows[line - 1] = rows[line - 1][:14] + b"X" + rows[line - 1][15:]
    return b"\r\n".join(rows)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Return an archive whose order file has two lines that cannot be read, with addenda and codes file."""
    members = {
        NAMES[1]: spoilt(order_file(BACK_PAIN), 3, 9),
        "icd10cm_codes_2022.txt": codes_file(BACK_PAIN),
        "icd10cm_order_addenda_2022.txt": order_addenda(CHOLERA, BACK_PAIN, *NAMES),
    }
    written(tmp_path / "in", {"2022.zip": zipped(members)})
    return tmp_path / "in" / "2022.zip"


@pytest.mark.parametrize(("accepted", "loaded"), [(0, False), (1, False), (2, True), (7, True)])
def test_so_many_lines_are_accepted(faulty: Path, tmp_path: Path, accepted: int, *, loaded: bool) -> None:
    """A release is loaded without its faulty lines where they are no more than the operator accepts."""
    report = terminology.load(faulty, store=tmp_path / "store", accept_faults=accepted)
    assert loaded is (report.errors == ())
    assert ["2022"] * loaded == [item.release.version for item in report.loaded]


def test_the_release_keeps_the_list(faulty: Path, tmp_path: Path, ask: Ask) -> None:
    """The release says for ever what it lacks: in Python, in listings, in verify, and after a load without the option."""
    store = tmp_path / "store"
    found = ask("load --json --accept-faults 2", faulty, store=store)
    expected = [
        {
            "file": f"2022.zip!{NAMES[1]}",
            "line": line,
            "column": 15,
            "message": "expected '0' or '1', got 'X'",
            "text": spoilt(order_file(BACK_PAIN), line).split(b"\r\n")[line - 1][:60].decode().strip(),
        }
        for line in (3, 9)
    ]
    assert expected[0]["text"].startswith("00003 A001    X Cholera")
    assert (0, expected) == (found.code, found.json["loaded"][0]["faults"])
    again = ask("load --json", faulty, store=store)
    assert (0, True, expected) == (again.code, again.json["loaded"][0]["already"], again.json["loaded"][0]["faults"])
    (release,) = terminology.open(store)["icd10cm"].releases
    assert [fault.to_dict() for fault in release.faults] == expected
    assert ask("releases --json", store=store).json[0]["faults"] == expected
    assert [{"of": "icd10cm 2022", **fault} for fault in expected] == ask("verify --json", store=store).json["faults"]
    for command in ("releases", "verify"):
        assert f"accepted icd10cm 2022 is without this line: {release.faults[0]}" in ask(command, store=store).out
    assert terminology.open(store)["icd10cm"].latest.status("A00.0") == "billable"
    assert terminology.open(store)["icd10cm"].latest.status("A00.1") == "unknown"


def test_an_update_inside_the_year_is_loaded_without_its_line(tmp_path: Path) -> None:
    """An addenda leads back to October from the whole April file alone: one without a line is loaded, and derives nothing."""
    spring = [*BACK_PAIN, ("M546", True, "Pain in thoracic spine")]
    april = "icd10cm-order-April-1-2022.txt"
    members = {
        april: spoilt(order_file(spring), 3),
        "icd10cm_codes_2022.txt": codes_file(spring),
        "icd10cm_order_addenda_2022.txt": order_addenda(BACK_PAIN, spring, NAMES[1], april),
    }
    written(tmp_path / "in", {"2022.zip": zipped(members)})
    report = terminology.load(tmp_path / "in", store=tmp_path / "store", accept_faults=1)
    assert report.errors == ()
    (loaded,) = report.loaded
    assert ("2022-04", [3]) == (loaded.release.version, [fault.line for fault in loaded.release.faults])
    edition = terminology.open(tmp_path / "store")["icd10cm"].latest
    assert [2, 4, 6] == [edition[code].source.line for code in ("A00.0", "A00.9", "M54.5")]


@pytest.mark.parametrize("name", [NAMES[1], "icd10cm-order-2022-corrected.txt"])
def test_the_corrected_file_takes_the_place(tmp_path: Path, ask: Ask, name: str) -> None:
    """When the corrected file comes, under its name or another, the release is made of it; also after a withdrawal."""
    store = tmp_path / "store"
    first = written(tmp_path / "first", {NAMES[1]: spoilt(order_file(BACK_PAIN), 3, 9)})
    second = written(tmp_path / "second", {name: order_file(BACK_PAIN)})
    assert ask("load --accept-faults 2", first, store=store).code == 0
    found = ask("load --json", second, store=store)
    assert (0, ["2022"]) == (found.code, [item["version"] for item in found.json["loaded"]])
    (release,) = terminology.open(store)["icd10cm"].releases
    assert ((), [name]) == (release.faults, [source.file for source in release.sources])
    assert terminology.open(store)["icd10cm"].latest.status("A00.1") == "billable"


def test_a_question_says_that_lines_are_missing(faulty: Path, tmp_path: Path, ask: Ask) -> None:
    """An answer from a release that lacks lines says so on standard error."""
    store = tmp_path / "store"
    ask("load --accept-faults 2", faulty, store=store)
    found = ask("status icd10cm A00.1 --on 2022-01-01", store=store)
    assert "note: icd10cm 2022 lacks 2 lines that could not be read" in found.err


def test_a_release_without_faults_says_nothing_of_them(tmp_path: Path, ask: Ask) -> None:
    """Where no line was left out, JSON has no key for it."""
    written(tmp_path / "in", {NAMES[0]: order_file(CHOLERA)})
    found = ask("load --json --accept-faults 5", tmp_path / "in", store=tmp_path / "store")
    assert "faults" not in found.json["loaded"][0]
    assert "faults" not in ask("verify --json", store=tmp_path / "store").json


def test_a_file_that_was_cut_is_not_accepted(tmp_path: Path) -> None:
    """However many lines are accepted, a file that ends in the middle of one is rejected."""
    written(tmp_path / "in", {NAMES[0]: spoilt(order_file(CHOLERA), 2)[:-9]})
    report = terminology.load(tmp_path / "in", store=tmp_path / "store", accept_faults=100)
    assert any("cut short" in str(error) for error in report.errors)
    assert report.loaded == ()


def test_an_update_accepts_and_reports(faulty: Path, tmp_path: Path, ask: Ask) -> None:
    """The configuration of an update accepts lines, and the update reports each release that lacks some."""
    configuration = tmp_path / "update.toml"
    configuration.write_text(f'accept_faults = 2\n[[fetch]]\npath = "{faulty}"\n', encoding="utf-8")
    found = ask("update", configuration, store=tmp_path / "store")
    assert found.code == 0
    assert "lines left out of icd10cm 2022: reported (2022.zip!icd10cm_order_2022.txt:3" in found.out
    (page,) = (tmp_path / "reports").rglob("index.html")
    assert "icd10cm_order_2022.txt:3" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("by_line", "options"), [(False, {"line": 1}), (True, {}), (True, {"line": 1, "of_file": True})]
)
def test_what_is_never_accepted(by_line: bool, options: dict[str, Any]) -> None:  # noqa: FBT001
    """Errors of a file as a whole, and those of readers that leave no line out, are raised whatever is accepted."""
    with tolerating(1000):
        faults = Faults("order.txt", by_line=by_line)
        faults.add("expected something else", **options)
        with pytest.raises(terminology.ReleaseFormatError):
            faults.raise_if_any()


def test_lines_are_counted_over_a_whole_file() -> None:
    """A reader that looks at a file twice accepts no more lines than one that looks once; two errors are one line."""
    with tolerating(1) as tolerance:
        for _ in range(2):
            faults = Faults("order.txt", by_line=True)
            faults.add("expected a flag", line=3)
            faults.add("expected a code", line=3)
            faults.raise_if_any()
        other = Faults("order.txt", by_line=True)
        other.add("expected a flag", line=4)
        with pytest.raises(terminology.ReleaseFormatError):
            other.raise_if_any()
    assert {error.line for error in tolerance.accepted} == {3}
