"""The lists of titles: long or short as text in fixed columns, or both in a workbook.

Nothing in a file says which half of ICD-9-CM it is of, and the same digits are codes of both: ``0010`` is
cholera (001.0) or a cancer drug's implantation (00.10). The column in which the titles begin distinguishes them.

References:
    CMS, `CMS32_DESC_LONG_DX.txt`, `CMS32_DESC_SHORT_DX.txt`, `CMS32_DESC_LONG_SG.txt`,
    `CMS32_DESC_SHORT_SG.txt`, and the two workbooks `CMS32_DESC_LONG_SHORT_*.xlsx`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from attrs import frozen

from terminology.reading import Faults, Sheet, lines_of

from ..order.file import ORDER_LINE
from .halves import HALVES, Half, half_in

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLED: Final = 40
SHORT: Final = 24
"""Most characters of a short title."""
MAPPING_LINE: Final = re.compile(r"\S{3,7} +\S{3,7} +[01]{3}\d\d\s*$")
LONG_HEADING: Final = "LONG DESCRIPTION"
SHORT_HEADING: Final = "SHORT DESCRIPTION"


@frozen
class Titles:
    """The rows of a file: codes without dot, titles, lines."""

    codes: list[str]
    long: list[str | None]
    short: list[str | None]
    lines: list[int]

    def to_table(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        import pyarrow as pa

        return pa.table(
            {
                "code": pa.array(self.codes, pa.string()),
                "title": pa.array(self.long, pa.string()),
                "short_title": pa.array(self.short, pa.string()),
                "line": pa.array(self.lines, pa.int32()),
            }
        )

    def digest(self) -> str:
        """Return a digest of codes and titles in their order."""
        words = zip(self.codes, self.long, self.short, strict=True)
        return hashlib.sha256("\n".join(f"{c}\t{t}\t{s}" for c, t, s in words).encode()).hexdigest()


def half_of_text(head: bytes, name: str) -> Half | None:
    """Return the half whose list of titles the bytes begin like, or None for any other file.

    Most lines decide; a name of CMS' own style decides where lines of both halves are mixed, so that the
    faulty ones can be named.
    """
    if b"\0" in head or ORDER_LINE.match(head):
        return None
    lines = [line.rstrip("\r") for line in head.decode("cp1252", "replace").split("\n")[:SAMPLED]]
    if len(head) >= 4096 and len(lines) < SAMPLED:  # noqa: PLR2004 -- the head ends inside a line
        lines.pop()
    lines = [line for line in lines if line.strip()]
    if not lines or any(MAPPING_LINE.fullmatch(line) for line in lines):
        return None
    fitting = {half.noun: sum(half.code_of(line) is not None for line in lines) for half in HALVES}
    if sum(fitting.values()) * 2 <= len(lines):
        return None
    named = half_in(name)
    if named is not None and fitting[named.noun]:
        return named
    return max(HALVES, key=lambda half: fitting[half.noun])


def text_titles(text: str, half: Half, file: str, name: str) -> Titles:
    """Return the rows of a text file.

    Raises:
        ReleaseFaults: Lines are shifted, of the other half, or repeat a code; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file, by_line=True)
    rows: dict[str, tuple[str, int]] = {}
    named = half_in(name)
    if named is not None and named is not half:
        faults.add(
            f"expected {named.noun}, as the file's name says, got lines of {half.noun}", line=1, column=1, of_file=True
        )
    number = 0
    for number, line in lines_of(text):
        code = half.code_of(line)
        if code is None:
            _note_misfit(line, number, half, faults)
        elif code in rows:
            faults.add(f"code {code} is on line {rows[code][1]} already", line=number, column=1)
        else:
            rows[code] = (line[half.width + 1 :].strip(), number)
    if number and not text.endswith("\n"):
        faults.add("expected the last line to end with a line break; the file is cut short", line=number, of_file=True)
    faults.raise_if_any()
    titles: list[str | None] = [title for title, _ in rows.values()]
    none: list[str | None] = [None] * len(rows)
    lines = [line for _, line in rows.values()]
    return (
        Titles(list(rows), none, titles, lines) if _is_short(name, titles) else Titles(list(rows), titles, none, lines)
    )


def _is_short(name: str, titles: Sequence[str | None]) -> bool:
    """Return whether the titles are the short ones: the file's name says so, else their lengths."""
    said = [word for word in ("LONG", "SHORT") if word in name.upper()]
    if len(said) == 1:
        return said == ["SHORT"]
    return all(len(title or "") <= SHORT for title in titles)


def _note_misfit(line: str, number: int, half: Half, faults: Faults) -> None:
    other = next((other for other in HALVES if other is not half and other.code_of(line) is not None), None)
    if other:
        message = (
            f"expected a code of {half.noun}, got one of {other.noun} (the title begins in column {other.width + 2})"
        )
        faults.add(f"{message}: {line[:12]!r}", line=number, column=half.width + 1)
        return
    place = half.width
    message = f"expected a code in columns 1-{place}, a blank and a title from column {place + 2}, got {line[:12]!r}"
    faults.add(message, line=number, column=1)


def half_of_sheet(sheet: Sheet) -> Half | None:
    """Return the half whose workbook of long and short titles this is, or None for any other file."""
    if not sheet.rows:
        return None
    headings = _headings(sheet.rows[0])
    return next((half for half in HALVES if half.heading in headings), None)


def sheet_titles(sheet: Sheet, half: Half, file: str) -> Titles:
    """Return the rows of a workbook.

    Raises:
        ReleaseFaults: Columns are missing, codes malformed or repeated, titles empty; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file, by_line=True)
    headings = _headings(sheet.rows[0])
    wanted = (half.heading, LONG_HEADING, SHORT_HEADING)
    for heading in wanted:
        if heading not in headings:
            faults.add(f"expected a column {heading}, got {', '.join(filter(None, headings))}", line=1, of_file=True)
    faults.raise_if_any()
    places = [headings.index(heading) for heading in wanted]
    rows: dict[str, tuple[str, str, int]] = {}
    for number, row in enumerate(sheet.rows[1:], 2):
        code, title, short = (row[place].strip() for place in places)
        if not (code or title or short):
            continue
        if not half.plain.fullmatch(code):
            message = f"expected a code of {half.noun} as text, its leading zeros kept, got {code!r}"
            faults.add(message, line=number, column=half.heading)
        elif code in rows:
            faults.add(f"code {code} is in row {rows[code][2]} already", line=number, column=half.heading)
        elif not title or not short:
            faults.add(f"code {code} has no title", line=number, column=SHORT_HEADING if title else LONG_HEADING)
        else:
            rows[code] = (title, short, number)
    if not rows:
        faults.add("expected at least one row, got none", line=2, of_file=True)
    faults.raise_if_any()
    return Titles(
        list(rows),
        [title for title, _, _ in rows.values()],
        [short for _, short, _ in rows.values()],
        [line for _, _, line in rows.values()],
    )


def _headings(row: Sequence[str]) -> list[str]:
    return [" ".join(cell.upper().split()) for cell in row]
