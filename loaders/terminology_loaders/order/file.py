"""The order file of ICD-10-CM and ICD-10-PCS, and the codes file beside it.

References:
    CMS and NCHS, "ICD-10-CM/PCS Order File Format" (`icd10OrderFiles.pdf`, published with the files).
    NCHS, "ICD-10-CM Codes File" (`icd10cmCodesFile.pdf`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology.reading import Faults, from_bytes, in_bytes, lines_of, may_be_slips

from .numbers import Numbering, numbering

if TYPE_CHECKING:
    import pyarrow as pa

ORDER_LINE: Final = re.compile(rb"\d{5} [0-9A-Z]{3,7} {0,4} [01] \S")
CODE: Final = re.compile(r"[0-9A-Z]{3,7}")
SHORTEST_LINE: Final = 78
CODE_COLUMN, FLAG_COLUMN, TITLE_COLUMN = 7, 15, 17
LOST_LETTER: Final = re.compile(r"[0-9](?:[0-9A-Z]{3,5} |[0-9A-Z]{2} +1)")
"""Code and flag of a line whose code has lost its first letter, for only codes of ICD-10-PCS begin with a digit: these have
seven characters, and its tables, of three, are never billable."""
# two titles of FY2016 begin with one blank, none with two
SOUND_LINE: Final = re.compile(
    r"(\d{5}) ([0-9A-Z]{3}(?:    |[0-9A-Z]   |[0-9A-Z]{2}  |[0-9A-Z]{3} |[0-9A-Z]{4})) ([01])"
    r" ((?!  ).{60}) ((?!  ).*\S.*)"
)


@frozen
class OrderRows:
    """The rows of an order file in the publisher's order; row ``i`` is line ``i + 1``, unless `places` says otherwise."""

    codes: list[str]
    """Without dot, as in the file."""
    billable: list[bool]
    short_titles: list[str]
    titles: list[str]
    places: tuple[list[int | None], list[int | None]] | None = None
    """Of rows from more than one file: of each, the number of its source among the release's, and its line there.

    Both are None of a row that is borrowed from another release.
    """

    @property
    def sources(self) -> Sequence[int | None]:
        """Of each row, which of the release's sources holds it; None of one that is borrowed."""
        return self.places[0] if self.places else [0] * len(self.codes)

    @property
    def lines(self) -> Sequence[int | None]:
        """Of each row, its line in that source."""
        return self.places[1] if self.places else list(range(1, len(self.codes) + 1))

    @property
    def billable_count(self) -> int:
        """The number of rows valid for submission."""
        return sum(self.billable)

    @property
    def billable_codes(self) -> list[str]:
        """The codes valid for submission, in the publisher's order."""
        return [code for code, flag in zip(self.codes, self.billable, strict=True) if flag]

    def facts(self) -> dict[str, Any]:
        """Return what identifies the rows among those of other order files, as facts of their part."""
        codes = self.billable_codes
        return {
            "codes": len(codes),
            "headers": len(self.codes) - len(codes),
            "digest": self.digest(),
            "billable_digest": code_digest(codes),
        }

    def values(self) -> dict[str, tuple[bool, str, str]]:
        """Return flag, short title and title by code."""
        values = zip(self.billable, self.short_titles, self.titles, strict=True)
        return dict(zip(self.codes, values, strict=True))

    def digest(self) -> str:
        """Return a digest of codes, flags and titles in their order."""
        words = zip(self.codes, self.billable, self.short_titles, self.titles, strict=True)
        return hashlib.sha256("\n".join(f"{c}\t{b:d}\t{s}\t{t}" for c, b, s, t in words).encode()).hexdigest()

    def to_table(self) -> pa.Table:
        """Return the rows as an Arrow table."""
        import pyarrow as pa

        made = pa.table(
            {
                "code": pa.array(self.codes, pa.string()),
                "billable": pa.array(self.billable, pa.bool_()),
                "short_title": pa.array(self.short_titles, pa.string()),
                "title": pa.array(self.titles, pa.string()),
            }
        )
        return made.append_column("line", pa.array(self.lines, pa.int32())) if self.places else made

    @classmethod
    def from_table(cls, table: pa.Table) -> OrderRows:
        """Return the rows that `to_table` wrote."""
        names = ("code", "billable", "short_title", "title")
        lines = table.column("line").to_pylist() if "line" in table.column_names else None
        rows = cls(*(table.column(name).to_pylist() for name in names))
        return evolve(rows, places=([0] * len(lines), lines)) if lines is not None else rows


def codes_facts(rows: pa.Table) -> dict[str, Any]:
    """Return what identifies a codes file, as facts of its part; its codes are those of an order file's `OrderRows.facts`."""
    return {"codes": rows.num_rows, "billable_digest": code_digest(rows.column("code").to_pylist())}


def code_digest(codes: list[str]) -> str:
    """Return a digest of a set of codes, whatever their order."""
    return hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()


def is_order_file(head: bytes) -> bool:
    """Return whether the bytes begin like an order file, with or without a byte order mark.

    >>> is_order_file(b"00001 A00     0 Cholera")
    True
    """
    start = head.removeprefix(b"\xef\xbb\xbf")
    if ORDER_LINE.match(start):
        return True
    # a file with errors in its first line is still an order file if most of its other lines are
    lines = start.split(b"\n")[1:21]
    return sum(ORDER_LINE.match(line) is not None for line in lines) > len(lines) // 2


PCS_LINE: Final = re.compile(rb"\d{5} (?:[0-9A-HJ-NP-Z]{3}     0|[0-9A-HJ-NP-Z]{7} 1) ")
PCS_NAME: Final = re.compile(r"pcs", re.IGNORECASE)
CM_NAME: Final = re.compile(r"icd-?10-?cm", re.IGNORECASE)


def is_pcs_order_file(head: bytes, name: str) -> bool:
    """Return whether the bytes begin like an order file of ICD-10-PCS: tables of three characters, codes of seven.

    A name that says which of the two code systems it is of decides.

    >>> is_pcs_order_file(b"00001 001     0 Central\\n00002 0016070 1 Bypass\\n", "order.txt")
    True
    """
    if not is_order_file(head) or CM_NAME.search(name):
        return False
    if PCS_NAME.search(name):
        return True
    lines = [line for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n")[:-1] if ORDER_LINE.match(line)]
    return bool(lines) and all(PCS_LINE.match(line) for line in lines)


def order_rows(text: str, file: str) -> tuple[OrderRows, tuple[str, ...]]:
    """Return the rows of an order file; and a warning for each line that is read in spite of its form (see `odd_line`).

    Raises:
        ReleaseFaults: Lines are short, shifted, out of sequence, missing or repeat a code; all are named.
        ReleaseFormatError: The same, with one error.
    """
    faults = Faults(file, by_line=True)
    rows = OrderRows([], [], [], [])
    odd_lines: list[tuple[int, str]] = []
    first_lines: dict[str, int] = {}
    order = numbering([_number_of(line) for _, line in lines_of(text)])
    number = 0
    for number, line in lines_of(text):
        if number in order.gaps:
            order.note_gap(number, _number_of(line), faults)
        sound = SOUND_LINE.fullmatch(line)
        fields = sound.groups() if sound else None
        if fields is None and (odd := odd_line(line)):
            fields, reason, column = odd
            faults.slip(reason, line, line=number, column=column)
            odd_lines.append((number, line))
        if fields is None or number in order.misplaced:
            _note_faults(number, line, order, faults)
            continue
        code = fields[1].rstrip()
        if code in first_lines:
            faults.add(f"code {code} is on line {first_lines[code]} already", line=number, column=7)
            continue
        first_lines[code] = number
        rows.codes.append(code)
        rows.billable.append(fields[2] == "1")
        rows.short_titles.append(fields[3].strip())
        rows.titles.append(fields[4].strip())
    _note_end(text, number, faults)
    if not may_be_slips(len(odd_lines), number):
        for place, line in odd_lines:
            _note_faults(place, line, order, faults)
    faults.raise_if_any()
    if faults:
        # lines were left out, so that a row's place no longer tells its line
        rows = evolve(rows, places=([0] * len(first_lines), [*first_lines.values()]))
    return rows, faults.warnings


def odd_line(line: str) -> tuple[tuple[str, ...], str, int] | None:
    """Return the fields of a line of another form, what is odd in it, and in which column; None where there is doubt.

    Each oddity is mended by itself, and the line must then be sound to its last column: a line with two of them is a
    fault. ``L705`` of fiscal year 2013 has ``excoriée`` in its short title, so that its columns are right in bytes only.

    >>> odd_line("`00001 A00     0 Cholera" + " " * 54 + "Cholera")[1:]
    ('a stray character, left out', 1)
    """
    if not line.isascii() and (found := SOUND_LINE.fullmatch(in_bytes(line))):
        return tuple(map(from_bytes, found.groups())), "columns are counted in bytes", TITLE_COLUMN
    for mended, reason, column in _mended(line):
        found = SOUND_LINE.fullmatch(mended)
        if found and not LOST_LETTER.match(f"{found[2]} {found[3]}"):
            return found.groups(), reason, column
    return None


def _mended(line: str) -> Iterator[tuple[str, str, int]]:
    """Yield a line without one oddity that it may have, with what that is and its column."""
    for place, character in enumerate(line[:CODE_COLUMN]):
        if not character.isalnum():
            yield line[:place] + line[place + 1 :], "a stray character, left out", place + 1
    yield line[: FLAG_COLUMN - 1].upper() + line[FLAG_COLUMN - 1 :], "a code in small letters", CODE_COLUMN
    # padding lacks a blank where the code ends, or the short title
    for place in (line.find(" ", CODE_COLUMN), line.rstrip().rfind("  ")):
        if place > 0:
            yield f"{line[:place]} {line[place:]}", "one blank of padding is missing", place + 1


def _note_end(text: str, lines: int, faults: Faults) -> None:
    if not lines:
        faults.add("expected at least one row, got an empty file", line=1, of_file=True)
    elif not text.endswith("\n"):
        faults.add("expected the last line to end with a line break; the file is cut short", line=lines, of_file=True)


def _number_of(line: str) -> int | None:
    """Return the order number of a line, None where it has none that can be read."""
    number = line[: CODE_COLUMN - 2]
    if not (number.isascii() and number.isdigit()):
        odd = odd_line(line)
        number = odd[0][0] if odd else ""
    return int(number) if number else None


def _note_faults(number: int, line: str, order: Numbering, faults: Faults) -> None:
    """Note each error of a line with its column; one at least, for the line is left out."""
    before = faults.count
    code = line[6:13].rstrip(" ")
    if len(line) < SHORTEST_LINE:
        faults.add(f"expected at least {SHORTEST_LINE} characters, got {len(line)}", line=number, column=len(line) + 1)
        return
    order.note_number(number, _number_of(line), line[:5], faults)
    if not CODE.fullmatch(code):
        faults.add(f"expected a code of 3 to 7 letters and digits, got {line[6:13]!r}", line=number, column=7)
    if line[14] not in "01":
        faults.add(f"expected '0' or '1', got {line[14]!r}", line=number, column=15)
    for column in (6, 14, 16, 77):
        if line[column - 1] != " ":
            faults.add(f"expected a blank, got {line[column - 1]!r}", line=number, column=column)
    for column, name in ((17, "short"), (78, "long")):
        if not line[column - 1 : column + 1].strip(" "):
            faults.add(f"expected the {name} title, got blanks", line=number, column=column)
    if faults.count == before:
        faults.add(f"expected the columns of an order file, got {line[:20]!r}", line=number, column=1)


MAPPING_LINE: Final = re.compile(
    r"[0-9A-Z]{3,7} +[0-9A-Za-z]{3,7} +[01]{3}[0-9]{2}|[0-9A-Z]{3,7} +[1-9](?: +(?:[0-9EV][0-9]{2,4}|NO(?:DX|I9)))+"
)
CODES_LINE: Final = re.compile(r"[0-9A-Z]{3}[0-9A-Z ]{4} \S")


def is_codes_file(head: bytes) -> bool:
    """Return whether the bytes begin like a codes file of ICD-10-CM: code in seven columns, a blank, the title.

    >>> is_codes_file(b"A000    Cholera due to Vibrio cholerae 01, biovar cholerae\\r\\n")
    True
    """
    lines = head.decode("cp1252", "replace").removeprefix("\ufeff").splitlines()[:20]
    sound = sum(1 for line in lines if _is_codes_line(line) and line[0].isalpha())
    # maps have a code and flags, or a number and codes, where a codes file has words
    return bool(lines) and sound > len(lines) // 2 and not any(map(is_mapping_line, lines))


def is_mapping_line(line: str) -> bool:
    """Return whether a line is of a map: a General Equivalence Mapping (source, target, five flags), or a Reimbursement Mapping.

    >>> is_mapping_line("A021    0031  10111"), is_mapping_line("A021    2 0031  99591")
    (True, True)
    """
    return MAPPING_LINE.fullmatch(line.rstrip()) is not None


def code_rows(text: str, file: str) -> tuple[pa.Table, tuple[str, ...]]:
    """Return a codes file as a table of code (without dot), title and line; and warnings of lines of another form.

    Raises:
        ReleaseFaults: Lines are short, shifted or repeat a code; all are named.
        ReleaseFormatError: The same, with one error.
    """
    import pyarrow as pa

    faults = Faults(file, by_line=True)
    titles: dict[str, tuple[str, int]] = {}
    odd_lines: list[tuple[int, str]] = []
    number = 0
    for number, line in lines_of(text):
        sound = line
        if not _is_codes_line(line) and (mended := next(filter(_is_codes_line, _mended_codes(line)), None)):
            faults.slip("a stray character or small letters in the code", line, line=number, column=1)
            odd_lines.append((number, line))
            sound = mended
        code = sound[:7].rstrip()
        if not _is_codes_line(sound):
            _note_codes_fault(number, line, faults)
        elif code in titles:
            faults.add(f"code {code} is in the file already", line=number, column=1)
        else:
            titles[code] = (sound[8:].rstrip(), number)
    _note_end(text, number, faults)
    if not may_be_slips(len(odd_lines), number):
        for place, line in odd_lines:
            _note_codes_fault(place, line, faults)
    faults.raise_if_any()
    columns = {"title": [title for title, _ in titles.values()], "line": [line for _, line in titles.values()]}
    return pa.table({"code": list(titles), **columns}), faults.warnings


def _note_codes_fault(number: int, line: str, faults: Faults) -> None:
    faults.add(f"expected a code in columns 1-7, a blank and a title, got {line[:12]!r}", line=number, column=1)


def _is_codes_line(line: str) -> bool:
    return CODES_LINE.match(line) is not None and " " not in line[:7].rstrip()


def _mended_codes(line: str) -> Iterator[str]:
    """Yield a line of a codes file without one oddity that it may have."""
    if line and not line[0].isalnum():
        yield line[1:]
    yield line[:7].upper() + line[7:]
