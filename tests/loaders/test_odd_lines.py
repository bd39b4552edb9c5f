"""Lines of order files in another form than the layout: read where they can mean one thing only, with a warning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from terminology.errors import ReleaseFaults, ReleaseFormatError
from terminology_loaders.order.file import order_rows

from ..release_files import BACK_PAIN, order_lines, text

LINES = order_lines(BACK_PAIN)
"""The third is ``00003 A001    1 Cholera due to …``."""


def rows_with(line: bytes) -> tuple[tuple[tuple[str, bool, str, str], ...], tuple[str, ...]]:
    """Return the rows and warnings of an order file whose third line is another one."""
    data = text(LINES[:2]) + line + b"\r\n" + text(LINES[3:])
    rows, warnings = order_rows(data.decode(), "order.txt")
    return tuple(zip(rows.codes, rows.billable, rows.short_titles, rows.titles, strict=True)), warnings


SOUND = rows_with(LINES[2].encode())[0]


@pytest.mark.parametrize(
    ("spoil", "reason", "column"),
    [
        (lambda line: "`" + line, "a stray character, left out", 1),
        (lambda line: line[:6] + "`" + line[6:], "a stray character, left out", 7),
        (lambda line: line.replace("A001", "a001"), "a code in small letters", 7),
        (lambda line: line[:12] + line[13:], "one blank of padding is missing", 11),
        (lambda line: line.replace("  Cholera", " Cholera", 1), "one blank of padding is missing", 75),
    ],
)
def test_a_line_with_one_oddity_is_read(spoil: Callable[[str], str], reason: str, column: int) -> None:
    """A stray character, small letters, or a missing blank cost nothing; the warning names the place and quotes it."""
    odd = spoil(LINES[2])
    assert odd != LINES[2]
    rows, warnings = rows_with(odd.encode())
    assert rows == SOUND
    (warning,) = warnings
    assert warning.startswith(f"order.txt:3: column {column}: {reason}: ")
    assert odd[:40] in warning


def test_columns_are_counted_in_bytes() -> None:
    """Where a short title has a letter of two bytes, the columns behind it are those of the bytes."""
    short = "Acné excoriée".encode()
    line = b"00003 A001    1 " + short + b" " * (60 - len(short)) + b" " + "Acné excoriée des jeunes filles".encode()
    rows, warnings = rows_with(line)
    assert rows[2] == ("A001", True, "Acné excoriée", "Acné excoriée des jeunes filles")
    assert "columns are counted in bytes" in warnings[0]


@pytest.mark.parametrize(("odd", "expected"), [(3, None), (4, {1, 2, 3, 4})])
def test_many_odd_lines_are_another_layout(odd: int, expected: set[int] | None) -> None:
    """Three odd lines of a small file are slips; of more each is named as an error."""
    data = text(["`" + line for line in LINES[:odd]] + LINES[odd:])
    if expected is None:
        assert len(order_rows(data.decode(), "order.txt")[1]) == odd
        return
    with pytest.raises(ReleaseFaults) as found:
        order_rows(data.decode(), "order.txt")
    assert expected == {error.line for error in found.value.exceptions}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: "``" + line,
        lambda line: line[:13] + " " + line[13:],
        lambda line: "`" + line.replace("A001", "a001"),
        lambda line: line[:11] + line[13:],
        # the first letter of the code is lost, and no blank of its padding
        lambda line: line[:6] + line[7:],
    ],
)
def test_a_line_with_two_oddities_is_a_fault(spoil: Callable[[str], str]) -> None:
    """Two stray characters, two missing blanks, or two kinds of oddity leave doubt."""
    with pytest.raises((ReleaseFaults, ReleaseFormatError), match=r"order\.txt"):
        rows_with(spoil(LINES[2]).encode())


@pytest.mark.parametrize("blank", ["\t", "\u00a0"])
@pytest.mark.parametrize("place", [10, 12, 77])
def test_no_line_is_left_out_without_an_error(blank: str, place: int) -> None:
    """Another kind of blank in the padding of a code, or in place of the long title, is an error and not a lost line."""
    line = LINES[2][:place] + blank + LINES[2][place + 1 :] if place < 77 else LINES[2][:77] + " "
    with pytest.raises((ReleaseFaults, ReleaseFormatError), match=r"order\.txt:3: column"):
        rows_with(line.encode())
