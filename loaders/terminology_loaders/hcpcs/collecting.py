"""First lines and their continuations become records, whatever the sequence numbers say about their order.

Continuations are read in the order of the file. Their numbers only show whether lines are missing. One that falls, as in
2013, says that lines were counted anew: none is missing. One that jumps says that a line may be. Where many are out of
sequence, the numbers of the file say nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import define, field, frozen

from .records import CONTINUATIONS, DESCRIPTION, SEQUENCE_STEP, Findings, Record

MANY: Final = 10
"""So many lines out of sequence are a habit of the file."""
NAMED: Final = 3


@define
class _Lines:
    """The lines of one code, as far as they are read."""

    identification: str
    """That of its first line."""
    record: Record | None
    """None where the first line is known to be faulty."""
    number: int
    """Sequence number of the last line."""
    parts: list[str]
    """Texts of its lines."""
    seen: set[tuple[int, str]] = field(factory=set)
    """Numbers and texts of its continuations."""

    def close(self) -> None:
        if self.record:
            # runs of blanks cannot be distinguished from the padding between two lines, so each counts as one blank
            self.record.values[DESCRIPTION] = " ".join(" ".join(self.parts).split())


@frozen(eq=False)
class _OutOfSequence:
    """A line whose sequence number is not the next one."""

    line: int
    code: str
    expected: int
    number: int
    lines: _Lines
    place: int
    """Of its text among those of the lines: 0 of a first line."""
    is_repeated: bool = False
    """Whether a line of the code had the same number and text before."""


@define
class Collector:
    """Puts first lines and their continuations together, and notes where the sequence is broken."""

    findings: Findings
    records: list[Record] = field(factory=list)
    _codes: dict[str, _Lines] = field(factory=dict)
    """By the five columns of the code."""
    _cell: str | None = None
    """The code whose lines are being read, None before the first."""
    _odd: list[_OutOfSequence] = field(factory=list)

    def first(self, line: int, cell: str, identification: str, sequence: str, values: list[str] | None) -> None:
        """Take a first line; values are None where the line is known to be faulty."""
        self._cell = cell
        number = int(sequence)
        record = Record(line, values) if values is not None else None
        if record:
            self.records.append(record)
        if former := self._codes.get(cell):
            former.close()
        found = self._codes[cell] = _Lines(identification, record, number, [values[DESCRIPTION]] if values else [""])
        if number != SEQUENCE_STEP:
            self._odd.append(_OutOfSequence(line, cell.strip(), SEQUENCE_STEP, number, found, 0))

    def continued(self, line: int, cell: str, identification: str, sequence: str, part: str) -> bool:
        """Take a continuation line; return whether there is a first line that it continues."""
        found, number = self._codes.get(cell), int(sequence)
        if found is None or CONTINUATIONS[identification] != found.identification or not self._follows(cell, number):
            self.findings.fault(
                f"expected a first line (record identification 3 or 7) of {cell.strip()} right before its "
                f"continuation, got {'none' if self._cell is None else 'one of ' + self._cell.strip()}",
                line,
                "RECID",
            )
            return False
        if cell != self._cell:
            reason = f"a continuation apart from the other lines of {cell.strip()}, whose next one it is by its number"
            self.findings.faults.slip(reason, part.rstrip(), line=line, column=self.findings.place("RECID"))
        expected, text = found.number + SEQUENCE_STEP, part.strip()
        if number != expected:
            is_repeated = (number, text) in found.seen
            place = len(found.parts)
            self._odd.append(_OutOfSequence(line, cell.strip(), expected, number, found, place, is_repeated))
        found.number = number
        found.seen.add((number, text))
        found.parts.append(part)
        return True

    def _follows(self, cell: str, number: int) -> bool:
        """Return whether a continuation is right behind the lines of its code, or elsewhere with the next number."""
        return cell == self._cell or number == self._codes[cell].number + SEQUENCE_STEP

    def collected(self) -> list[Record]:
        """Return all records; without the texts of continuations that are errors."""
        for one in _refused(self._odd, self.findings):
            if one.place:
                one.lines.parts[one.place] = ""
        for found in self._codes.values():
            found.close()
        return self.records


def _refused(found: Sequence[_OutOfSequence], findings: Findings) -> list[_OutOfSequence]:
    """Note the lines that are out of sequence, a few one by one, many as a habit of the file; return those that are errors.

    A line that is repeated is an error always.
    """
    is_habit, refused = len(found) >= MANY, []
    for one in found:
        if one.is_repeated or (one.number > one.expected and not is_habit):
            refused.append(one)
            message = f"expected sequence number {one.expected:05}, got {one.number:05}"
            findings.fault(message, one.line, "SEQNUM")
        elif not is_habit:
            reason = f"sequence number {one.number:05} where {one.expected:05} is next, read in the order of the file"
            findings.faults.slip(reason, one.code, line=one.line, column=findings.place("SEQNUM"))
    if is_habit:
        places = ", ".join(f"{one.code} on line {one.line}" for one in found[:NAMED])
        message = f"{len(found)} lines are out of sequence ({places} …), read in the order of the file"
        findings.warn(message, found[0].line, "SEQNUM")
    return refused
