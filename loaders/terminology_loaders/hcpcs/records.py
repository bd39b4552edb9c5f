"""Records as both publications hold them: fields as text, with the long description put together."""

from __future__ import annotations

from typing import Final

from attrs import define, field

from terminology.reading import Faults

from .layout import CONTINUATIONS, SEQUENCE_STEP, STARTS

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
    """What was noticed in one file: faults that refuse it, and warnings that travel with it."""

    file: str
    sheet: bool
    faults: Faults
    _warnings: list[tuple[int, str]] = field(factory=list)

    def place(self, heading: str) -> int | str:
        """Return how people find the field: its column in the text, its heading in the sheet."""
        return heading if self.sheet else STARTS[heading]

    def fault(self, message: str, line: int, heading: str) -> None:
        """Note a fault in a field."""
        self.faults.add(message, line=line, column=self.place(heading))

    def warn(self, message: str, line: int, heading: str) -> None:
        """Note something that does not refuse the file."""
        self._warnings.append((line, f"{self.file}:{line}: column {self.place(heading)}: {message}"))

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings by line; of very many the first, and how many more there are."""
        more = len(self._warnings) - REPORTED
        further = (f"{self.file}: {more} further warnings",) if more > 0 else ()
        told = [text for _, text in sorted(self._warnings, key=lambda warning: warning[0])]
        return (*told[:REPORTED], *further)


@define
class Collector:
    """Puts first lines and their continuations together, and notes where the sequence is broken."""

    findings: Findings
    records: list[Record] = field(factory=list)
    _parts: list[str] = field(factory=list)
    _cell: str | None = None
    """The five columns of the code whose lines are being read, None before the first."""
    _identification: str = ""
    _sequence: int = 0

    def first(self, line: int, cell: str, identification: str, sequence: str, values: list[str] | None) -> None:
        """Take a first line; values are None where the line is known to be faulty."""
        self._close()
        self._cell, self._identification, self._sequence = cell, identification, int(sequence)
        if self._sequence != SEQUENCE_STEP:
            expected = f"{SEQUENCE_STEP:05}"
            self.findings.fault(f"expected sequence number {expected}, got {sequence}", line, "SEQNUM")
        if values is not None:
            self.records.append(Record(line, values))
            self._parts = [values[DESCRIPTION]]

    def continued(self, line: int, cell: str, identification: str, sequence: str, part: str) -> bool:
        """Take a continuation line; return whether there is a first line that it continues."""
        if cell != self._cell or CONTINUATIONS[identification] != self._identification:
            self.findings.fault(
                f"expected a first line (record identification 3 or 7) of {cell.strip()} right before its "
                f"continuation, got {'none' if self._cell is None else 'one of ' + self._cell.strip()}",
                line,
                "RECID",
            )
            return False
        expected = self._sequence + SEQUENCE_STEP
        if int(sequence) != expected:
            self.findings.fault(f"expected sequence number {expected:05}, got {sequence}", line, "SEQNUM")
        self._sequence = int(sequence)
        if self._parts:
            self._parts.append(part)
        return True

    def collected(self) -> list[Record]:
        """Return all records."""
        self._close()
        return self.records

    def _close(self) -> None:
        if self._parts:
            # runs of blanks cannot be told from the padding between two lines, so each counts as one blank
            self.records[-1].values[DESCRIPTION] = " ".join(" ".join(self._parts).split())
        self._parts = []
