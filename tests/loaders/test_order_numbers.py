"""Order numbers of ICD-10-CM and ICD-10-PCS: each line that is missing, copied, moved or misnumbered is one error."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import terminology
from terminology import ReleaseFormatError
from terminology.errors import ReleaseFaults
from terminology_loaders.order.file import order_rows
from terminology_loaders.order.numbers import numbering

from ..release_files import codes_file, order_file, order_line, order_lines, text, written

ROWS = [(f"A{number:02}", True, f"Condition {number}") for number in range(1, 21)]
PCS_ROWS = [(f"0016{number:03}", True, f"Bypass {number}") for number in range(1, 21)]
LINES = order_lines(ROWS)
Found = list[tuple[int | None, str]]


def faults_of(lines: Collection[str]) -> Found:
    """Return line and message of each error of an order file; each is at the order number, or has its own column."""
    try:
        order_rows("".join(f"{line}\n" for line in lines), "order.txt")
    except ReleaseFormatError as error:
        return [(error.line, error.message)]
    except ReleaseFaults as group:
        return [(error.line, error.message) for error in group.exceptions]
    return []


def without(*lines: int) -> list[str]:
    """Return the lines of the file without some, counted from 1."""
    return [line for number, line in enumerate(LINES, 1) if number not in lines]


def renumbered(line: int, number: str) -> list[str]:
    """Return the lines of the file, one with another order number."""
    return [*LINES[: line - 1], number + LINES[line - 1][5:], *LINES[line:]]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (without(5), [(5, "expected order number 00005, got '00006': 1 line is missing")]),
        (without(1), [(1, "expected order number 00001, got '00002': 1 line is missing")]),
        (without(5, 6, 7), [(5, "expected order number 00005, got '00008': 3 lines are missing")]),
        (
            without(2, 9, 10, 15),
            [
                (2, "expected order number 00002, got '00003': 1 line is missing"),
                (8, "expected order number 00009, got '00011': 2 lines are missing"),
                (12, "expected order number 00015, got '00016': 1 line is missing"),
            ],
        ),
        (without(19), [(19, "expected order number 00019, got '00020': 1 line is missing, or the number is wrong")]),
        (without(20), []),
    ],
    ids=["one line", "the first line", "three lines", "three gaps", "before the last line", "the last line"],
)
def test_missing_lines(lines: list[str], expected: Found) -> None:
    """A gap is one error at the line after it, with the number of missing lines; what follows is read from there."""
    assert faults_of(lines) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            [*LINES[:4], LINES[3], *LINES[4:]],
            (5, "expected order number 00005, got '00004': line 4 has this number too"),
        ),
        (
            [*LINES[:9], LINES[3], *LINES[9:]],
            (10, "expected order number 00010, got '00004': line 4 has this number too"),
        ),
        (
            [*LINES[:3], LINES[9], *LINES[3:]],
            (4, "expected order number 00004, got '00010': line 11 has this number too"),
        ),
        ([*LINES, LINES[-1]], (21, "expected order number 00021, got '00020': line 20 has this number too")),
        ([*LINES[:3], order_line(0, "B00", "1", "B"), *LINES[3:]], (4, "expected order number 00004, got '00000'")),
        ([*LINES[:4], "", *LINES[4:]], (5, "expected at least 78 characters, got 0")),
    ],
    ids=["after itself", "later", "earlier", "at the end", "another line", "empty"],
)
def test_a_line_too_many(lines: list[str], expected: tuple[int, str]) -> None:
    """A copied or foreign line is one error, and shifts nothing after it."""
    assert faults_of(lines) == [expected]


def test_two_swapped_lines() -> None:
    """Of two lines in each other's place the first is the error."""
    lines = [*LINES[:3], LINES[4], LINES[3], *LINES[5:]]
    assert faults_of(lines) == [(4, "expected order number 00004, got '00005'")]


def test_a_line_far_from_its_place() -> None:
    """A line that was moved far is one error where it stands; the place that it left is no gap."""
    assert faults_of([*without(4)[:12], LINES[3], *LINES[13:]]) == [(13, "expected order number 00014, got '00004'")]


@pytest.mark.parametrize(
    ("line", "number", "more"),
    [
        (4, "0000X", ""),
        (4, "00044", ""),
        (4, "00003", ": line 3 has this number too"),
        (4, "00005", ": line 5 has this number too"),
        (1, "00007", ": line 7 has this number too"),
        (20, "00002", ": line 2 has this number too"),
        (19, "00099", ""),
    ],
)
def test_one_garbled_number(line: int, number: str, more: str) -> None:
    """A garbled number is one error, whatever it is, and the numbers after it are expected as before."""
    assert faults_of(renumbered(line, number)) == [(line, f"expected order number {line:05}, got {number!r}{more}")]


def test_two_garbled_numbers_that_name_each_other() -> None:
    """Two garbled numbers are two errors, though one of them is the number that the other line lacks."""
    lines = renumbered(4, "00007")
    lines[6] = "00009" + lines[6][5:]
    assert [line for line, _ in faults_of(lines)] == [4, 7]


def test_a_copy_after_a_garbled_number() -> None:
    """After a garbled number the second of two equal lines is the copy."""
    copied = "expected order number 00007, got '00006': line 6 has this number too"
    for garbled in ("0000X", "00006"):
        lines = renumbered(5, garbled)
        first, second = faults_of([*lines[:6], *lines[5:]])
        assert (first[0], second) == (5, (7, copied))


def test_other_errors_are_told_with_the_gaps() -> None:
    """An error of another kind after a gap is named at its own line and column, and so is one at the gap itself."""
    lines = without(3)
    lines[2] = lines[2][:14] + "X" + lines[2][15:]
    lines[8] = lines[8][:14] + "Y" + lines[8][15:]
    assert faults_of(lines) == [
        (3, "expected order number 00003, got '00004': 1 line is missing"),
        (3, "expected '0' or '1', got 'X'"),
        (9, "expected '0' or '1', got 'Y'"),
    ]


@given(st.sets(st.integers(1, 20), max_size=18))
def test_lines_removed_at_random(removed: set[int]) -> None:
    """Each stretch of removed lines is just one error, at the line after it."""
    kept = [number for number in range(1, 21) if number not in removed]
    gaps = [place for place, (before, after) in enumerate(zip([0, *kept], kept, strict=False), 1) if after > before + 1]
    assert [line for line, _ in faults_of(without(*removed))] == gaps


@given(st.lists(st.none() | st.integers(0, 12), max_size=12))
def test_any_numbers_are_accounted_for(numbers: list[int | None]) -> None:
    """Whatever the numbers are, those in their place rise, and each number between them is a line's or missing."""
    found = numbering(numbers)
    in_place = [number for line, number in enumerate(numbers, 1) if line not in found.misplaced]
    assert all(number is not None for number in in_place)
    assert in_place == sorted(set(in_place))
    last = in_place[-1] if in_place else 0
    assert last <= len(numbers) + sum(found.gaps.values())
    assert not found.gaps.keys() & found.misplaced.keys()


@given(st.integers(1, 20), st.integers(0, 99_999))
def test_any_garbled_number(line: int, number: int) -> None:
    """One number in place of another is one error at its line."""
    expected = [] if number == line else [line]
    assert [place for place, _ in faults_of(renumbered(line, f"{number:05}"))] == expected


@given(st.integers(0, 18), st.integers(0, 18))
def test_any_moved_line(taken: int, put: int) -> None:
    """One line in the place of another is one error."""
    lines = list(LINES)
    lines.insert(put, lines.pop(taken))
    assert len(faults_of(lines)) == (taken != put)


@pytest.mark.parametrize(
    ("rows", "name"), [(ROWS, "icd10cm_order_2022.txt"), (PCS_ROWS, "icd10pcs_order_2022.txt")], ids=["cm", "pcs"]
)
def test_nothing_of_a_file_with_a_gap_is_committed(
    rows: list[tuple[str, bool, str]], name: str, tmp_path: Path
) -> None:
    """A file of either code system that lacks lines is rejected with file, line and column, and makes no release."""
    lines = order_lines(rows)
    report = terminology.load(
        written(tmp_path / "in", {name: text([*lines[:4], *lines[6:]])}), store=tmp_path / "store"
    )
    assert [str(error) for error in report.errors] == [
        f"{name}:5: column 1: expected order number 00005, got '00007': 2 lines are missing"
    ]
    assert not report.loaded


@pytest.mark.parametrize(("accepted", "is_loaded"), [(2, False), (3, True)])
def test_missing_lines_are_accepted_by_their_number(accepted: int, is_loaded: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """A file that lacks two lines and has a faulty one is loaded where three lines are accepted; the others are all read."""
    lines = [*LINES[:4], *LINES[6:]]
    lines[4] = lines[4][:14] + "X" + lines[4][15:]
    folder = written(tmp_path / "in", {"icd10cm_order_2022.txt": text(lines)})
    report = terminology.load(folder, store=tmp_path / "store", accept_faults=accepted)
    assert {error.acceptable_lines for error in report.errors} == (set() if is_loaded else {3})
    assert [item.release.concepts for item in report.loaded] == ([17] if is_loaded else [])


def test_a_store_keeps_how_many_lines_are_missing(tmp_path: Path) -> None:
    """The release says what it lacks, with the number, and quotes no line for it; a codes file that has these lines fits."""
    name = "icd10cm_order_2022.txt"
    files = {name: text([*LINES[:4], *LINES[6:]]), "icd10cm_codes_2022.txt": codes_file(ROWS)}
    report = terminology.load(written(tmp_path / "in", files), store=tmp_path / "store", accept_faults=2)
    assert not report.errors
    (release,) = terminology.open(tmp_path / "store")["icd10cm"].releases
    message = "expected order number 00005, got '00007': 2 lines are missing"
    assert [fault.to_dict() for fault in release.faults] == [
        {"file": name, "line": 5, "column": 1, "message": message, "text": None, "missing_lines": 2}
    ]


def test_the_whole_file_takes_the_place_of_one_with_a_gap(tmp_path: Path) -> None:
    """When the whole file comes later, it answers in place of the one that lacks lines."""
    short = written(tmp_path / "a", {"icd10cm_order_2022.txt": text(without(5, 6))})
    terminology.load(short, store=tmp_path / "store", accept_faults=2)
    whole = written(tmp_path / "b", {"ICD10CM-ORDER-2022.txt": order_file(ROWS)})
    assert terminology.load(whole, store=tmp_path / "store").ok
    (release,) = terminology.open(tmp_path / "store")["icd10cm"].releases
    assert (release.concepts, release.faults) == (20, ())
