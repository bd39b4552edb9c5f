"""The contractor record of HCPCS Level II: 320 characters in the text, 48 columns in the sheet; one code after another.

References:
    CMS, "HCPCS Contractor Record" (`HCPC2025_recordlayout.txt`, published with the files).
"""

from __future__ import annotations

import re
from typing import Final

from attrs import define, field, frozen

from terminology.reading import Faults

RECORD_LENGTH: Final = 320

DETAIL_END: Final = 293
"""The last column of a first line that holds a field; blanks follow."""

DESCRIPTION_END: Final = 91
"""The last column of a continuation line that holds a field."""

SEQUENCE_STEP: Final = 100

FIRST_LINES: Final = {"3": "code", "7": "modifier"}
"""Record identification of a first line, and what it is the first line of."""

CONTINUATIONS: Final = {"4": "3", "8": "7"}
"""Record identification of a continuation, and that of its first line."""

ACTIONS: Final = frozenset("ABCDFNPRST")
"""What was done to a code; a blank action occurs too."""


@frozen
class Cell:
    """One field of the record: what the sheet calls it, and its place in the text (1-based)."""

    heading: str
    start: int
    width: int
    span: slice = field(init=False, repr=False, eq=False)

    @span.default
    def _span(self) -> slice:
        return slice(self.start - 1, self.start - 1 + self.width)


def _repeated(heading: str, start: int, width: int, times: int) -> list[Cell]:
    return [Cell(f"{heading}{number + 1}", start + number * width, width) for number in range(times)]


CELLS: Final[tuple[Cell, ...]] = (
    Cell("HCPC", 1, 5),
    Cell("SEQNUM", 6, 5),
    Cell("RECID", 11, 1),
    Cell("LONG DESCRIPTION", 12, 80),
    Cell("SHORT DESCRIPTION", 92, 28),
    *_repeated("PRICE", 120, 2, 4),
    Cell("MULT_PI", 128, 1),
    *_repeated("CIM", 129, 6, 3),
    *_repeated("MCM", 147, 8, 3),
    Cell("STATUTE", 171, 10),
    *_repeated("LABCERT", 181, 3, 8),
    *_repeated("XREF", 205, 5, 5),
    Cell("COV", 230, 1),
    Cell("ASC_GRP", 231, 2),
    Cell("ASC_DT", 233, 8),
    Cell("OPPS", 241, 3),
    Cell("OPPS_PI", 244, 1),
    Cell("OPPS_DT", 245, 8),
    Cell("PROCNOTE", 253, 4),
    Cell("BETOS", 257, 3),
    *_repeated("TOS", 261, 1, 5),
    Cell("ANEST_BU", 266, 3),
    Cell("ADD DT", 269, 8),
    Cell("ACT EFF DT", 277, 8),
    Cell("TERM DT", 285, 8),
    Cell("ACTION CD", 293, 1),
)
"""All 48 fields in the order of the sheet."""

HEADINGS: Final = tuple(cell.heading for cell in CELLS)

STARTS: Final = {cell.heading: cell.start for cell in CELLS}

FILLERS: Final = (slice(259, 260), slice(DETAIL_END, RECORD_LENGTH))
"""What is blank on every first line."""

CODE_SHAPES: Final = {"3": re.compile(r"[A-Z][0-9]{4}"), "7": re.compile(r" {3}[A-Z][A-Z0-9]")}
"""Shape of the five columns of the code, by record identification of the first line."""

USUAL_VALUES: Final = {
    "PRICE1": re.compile(r"([0-9]{2})?"),
    "MULT_PI": re.compile(r"[9A-G]?"),
    "COV": re.compile(r"[CDIMS]?"),
    "ASC_GRP": re.compile(r"(YY)?"),
    "OPPS_PI": re.compile(r"[0-9]?"),
}
"""Values that the record layout knows; another one is reported, and kept."""

REPORTED: Final = 20

DESCRIPTION: Final = 3
"""Place of the long description among the values of a record."""


@define
class Record:
    """One code or modifier: the 48 fields in the order of the sheet, blanks around them gone."""

    line: int
    """1-based line of the first record line, or row of the sheet."""
    values: list[str]
    """The code keeps its five columns: a modifier has three blanks before it."""


@define
class Findings:
    """The errors of one file, for which it is rejected, and its warnings, which are kept with it."""

    file: str
    sheet: bool
    faults: Faults
    _warnings: list[tuple[int, str]] = field(factory=list)

    def place(self, heading: str) -> int | str:
        """Return how a reader finds the field: its column in the text, its heading in the sheet."""
        return heading if self.sheet else STARTS[heading]

    def fault(self, message: str, line: int, heading: str) -> None:
        """Note an error in a field."""
        self.faults.add(message, line=line, column=self.place(heading))

    def warn(self, message: str, line: int, heading: str) -> None:
        """Note something for which the file is not rejected."""
        self._warnings.append((line, f"{self.file}:{line}: column {self.place(heading)}: {message}"))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings by line; of very many the first, and how many more there are."""
        more = len(self._warnings) - REPORTED
        further = (f"{self.file}: {more} further warnings",) if more > 0 else ()
        texts = [text for _, text in sorted(self._warnings, key=lambda warning: warning[0])]
        return (*texts[:REPORTED], *further)
