"""Tables and progress on a terminal, wide and narrow."""

from __future__ import annotations

import re
import sys

import pytest

from terminology.cli.drawing import measured_progress, print_table

HEADER = ["system", "version", "effective", "concepts", "files", "note"]
ROWS = [
    ["icd10cm", "2022-04.1", "2022-04-01", 95_528, 12, "derived, 3 lines without a title, 2 warnings"],
    ["hcpcs", "2018-01", "2018-01-01", 6_559, 1, ""],
]
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int, *spare: str) -> list[str]:
    """Return the lines of the table on a terminal of this width."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    print_table(HEADER, ROWS, spare=spare)
    return [line.rstrip() for line in STYLES.sub("", capsys.readouterr().out).splitlines()]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_no_column_is_squeezed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    """Codes, versions, days and numbers are whole at every width, and no line is longer than the terminal."""
    lines = drawn(capsys, monkeypatch, width, "files", "concepts")
    assert max(map(len, lines)) <= width
    words = " ".join(lines).split()
    assert {"icd10cm", "2022-04.1", "2022-04-01", "hcpcs", "derived,", "warnings"} <= {*words}
    assert "…" not in "".join(lines)


def test_what_has_no_room_is_left_out_in_order(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A narrow terminal is not shown the columns that can be spared, and is told which; a wide one has them all."""
    narrow = drawn(capsys, monkeypatch, 62, "files", "concepts")
    assert narrow[0].split() == ["system", "version", "effective", "concepts", "note"]
    assert narrow[-1] == "(no room for: files; --json has all)"
    wide = drawn(capsys, monkeypatch, 120, "files", "concepts")
    assert (wide[0].split(), len(wide)) == (HEADER, 4)


def test_where_no_column_can_be_spared(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the needed columns have no room, each row is a block of lines with the name of each cell."""
    lines = drawn(capsys, monkeypatch, 40, "files")
    assert lines[:3] == ["system icd10cm", "  version: 2022-04.1", "  effective: 2022-04-01"]
    assert "  files: 1" in lines


def test_a_pipe_has_every_column_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no terminal has no width: nothing is cut, wrapped or left out."""
    monkeypatch.setenv("COLUMNS", "20")
    print_table(HEADER, ROWS, spare=("files",))
    first, row, _ = capsys.readouterr().out.splitlines()
    assert (first.split(), row.endswith(ROWS[0][-1])) == (HEADER, True)


@pytest.mark.parametrize("width", [60, 80])
def test_the_bar_keeps_its_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """A long name of a file takes what room is left, and none of the bar's."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with measured_progress(counted=True) as step:
        step("read", "archive.zip!" + "a-long-folder/" * 20 + "member.txt", 7, None)
    shown = STYLES.sub("", capsys.readouterr().err)
    [last, *_] = [line for line in shown.splitlines() if "archive" in line][::-1]
    assert last.count("━") == 20
