"""Claims out of X12 837, institutional and professional, versions 4010 and 5010. It needs the extra `x12`.

pyx12 splits the interchanges into segments, each with the delimiters that its header declares. What the segments say is
read here: a claim is a CLM with what follows it up to the next one. A line of a finding is the number of the segment.

References:
    ASC X12N 005010X222A1 (837 professional), 005010X223A2 (837 institutional).
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attrs import define, field

from ..columns.compression import opened_bytes
from ..errors import ReleaseFormatError
from ..extras import require
from ..reading import calendar_day
from .claim import LONGEST_ID, MOST, Claim, Diagnosis, Kind, Line, cut, sex_of
from .table_claims import BadRow
from .x12_segments import Segments

PRINCIPAL: Final = frozenset({"ABK", "BK"})
OTHER: Final = frozenset({"ABF", "BF", "ABN", "BN"})
"""Other diagnoses, and external causes, which an institutional claim has apart."""
PROCEDURES: Final = {"BBR": "icd10pcs", "BBQ": "icd10pcs", "BR": "icd9pcs", "BQ": "icd9pcs"}
INPATIENT: Final = frozenset({"11", "12", "18", "21", "22", "28", "41", "65", "66", "86"})
"""Types of bill, without frequency, that are those of inpatients."""
STILL_THERE: Final = "30"
"""Status of a patient who was not discharged."""
INSTITUTIONAL: Final = frozenset({"005010X223", "004010X096"})
DAY: Final = 8
HC: Final = frozenset({"HC", "HP"})


@define
class _Open:
    """A claim whose segments are being read."""

    id: str
    line: int
    kind: Kind
    sex: str | None = None
    birth_date: datetime.date | None = None
    admission_date: datetime.date | None = None
    begin: datetime.date | None = None
    end: datetime.date | None = None
    is_still_there: bool = False
    principal: list[Diagnosis] = field(factory=list)
    others: list[Diagnosis] = field(factory=list)
    procedures: list[Line] = field(factory=list)
    faults: list[str] = field(factory=list)

    def made(self) -> Claim:
        """Return the claim."""
        is_inpatient = self.kind is Kind.INPATIENT
        first = self.begin or min((line.date for line in self.procedures if line.date), default=None)
        return Claim(
            self.id,
            self.kind,
            (*self.principal, *self.others),
            tuple(self.procedures),
            admission_date=self.admission_date,
            discharge_date=self.end if is_inpatient and not self.is_still_there else None,
            service_date=None if is_inpatient else first,
            sex=self.sex,
            birth_date=self.birth_date,
            line=self.line,
        )


def x12_claims(path: Path, *, kind: str | None = None) -> Iterator[Claim | BadRow]:
    """Yield the claims of X12 interchanges, one behind the other, and those that cannot be read.

    Args:
        path: The file, also compressed.
        kind: Of all claims; by default the type of bill says it.

    Raises:
        OSError: The file cannot be read.
        ReleaseFormatError: It is no interchange, or of another version.
        MissingExtraError: The extra is not installed.
    """
    require("x12", "an interchange of X12")
    from pyx12.errors import EngineError, X12Error

    with opened_bytes(path) as stream, io.TextIOWrapper(io.BufferedReader(stream), "latin-1", newline="") as texts:
        try:
            # the envelope is not judged: its counts and names may be wrong, and the claims in it right
            segments = Segments(texts)
            reading = _Reading(path.name, Kind(kind) if kind else None)
            yield from reading.claims(segments)
            if segments.unread and reading.is_closed:
                said = f"{segments.unread}; put each interchange in a file of its own"
                yield BadRow(path.name, reading.segments, None, said)
        except (X12Error, EngineError, IndexError, ValueError) as error:
            raise ReleaseFormatError(f"expected an interchange of X12: {error}", file=path.name) from None


class _Reading:
    """The segments of a file on their way to claims."""

    def __init__(self, file: str, kind: Kind | None) -> None:
        self.file, self.asked = file, kind
        self.is_institutional = False
        self.sex: str | None = None
        self.birth_date: datetime.date | None = None
        self.open: _Open | None = None
        self.segments = 0
        """Those that were read."""
        self.is_closed = False
        """Whether the last one of them ends an interchange."""

    def claims(self, segments: Any) -> Iterator[Claim | BadRow]:
        number, name = 0, ""
        for number, segment in enumerate(segments, 1):
            before, name = name, segment.get_seg_id()
            if name in ("HL", "CLM", "SE", "GE", "IEA", "ISA"):
                yield from self._closed()
            match name:
                case "ISA":
                    yield from self._next(number, before)
                case "ST" | "GS":
                    version = segment.get_value("ST03" if name == "ST" else "GS08") or ""
                    self.is_institutional = version[:10] in INSTITUTIONAL if version else self.is_institutional
                case "HL" | "DMG":
                    self._of_patient(segment, name)
                case "CLM":
                    self.open = self._begun(number, segment)
                case _ if self.open is not None:
                    self._add(self.open, number, segment, name)
        yield from self._closed()
        self.segments, self.is_closed = number, name == "IEA"
        if not self.is_closed:
            yield self._not_closed(number, name)

    def _next(self, number: int, before: str) -> Iterator[BadRow]:
        """Begin with another interchange, whatever the one before said; yield that this one was not closed."""
        self.is_institutional, self.sex, self.birth_date = False, None, None
        if before not in ("", "IEA"):
            yield self._not_closed(number - 1, before)

    def _of_patient(self, segment: Any, name: str) -> None:
        if name == "DMG":
            self.birth_date = _day(segment.get_value("DMG02"))
            self.sex = sex_of(segment.get_value("DMG03") or "")
        elif segment.get_value("HL03") == "22":
            self.sex = self.birth_date = None

    def _not_closed(self, number: int, name: str) -> BadRow:
        said = f"the interchange ends with {name!r}, and not with IEA: is the file whole?"
        return BadRow(self.file, number, None, said)

    def _closed(self) -> Iterator[Claim | BadRow]:
        found, self.open = self.open, None
        if found is None:
            return
        if found.faults:
            yield from (BadRow(self.file, found.line, None, f"claim {found.id}: {said}") for said in found.faults)
            return
        yield found.made()

    def _begun(self, number: int, segment: Any) -> _Open:
        kind = self.asked
        if kind is None:
            place, qualifier = segment.get_value("CLM05-1") or "", segment.get_value("CLM05-2")
            is_bill = qualifier == "A" or self.is_institutional
            kind = (Kind.INPATIENT if place in INPATIENT else Kind.OUTPATIENT) if is_bill else Kind.PROFESSIONAL
        return _Open(cut(segment.get_value("CLM01") or "", LONGEST_ID), number, kind, self.sex, self.birth_date)

    def _add(self, claim: _Open, number: int, segment: Any, name: str) -> None:
        if max(len(claim.others), len(claim.procedures)) > MOST:
            claim.faults = [f"it has more than {MOST:,} codes"]
            return
        match name:
            case "CL1":
                claim.is_still_there = segment.get_value("CL103") == STILL_THERE
            case "HI":
                self._add_codes(claim, number, segment)
            case "DTP":
                self._add_days(claim, segment)
            case "SV1" | "SV2":
                at = "SV101" if name == "SV1" else "SV202"
                if segment.get_value(f"{at}-1") in HC and (code := segment.get_value(f"{at}-2")):
                    values = (segment.get_value(f"{at}-{place}") for place in range(3, 7))
                    modifiers = tuple(cut(value) for value in values if value)
                    claim.procedures.append(Line(code, None, modifiers, line=number))

    def _add_codes(self, claim: _Open, number: int, segment: Any) -> None:
        for place in range(1, len(segment) + 1):
            at = f"HI{place:02}"
            qualifier, code = segment.get_value(f"{at}-1"), segment.get_value(f"{at}-2")
            if not code:
                continue
            if qualifier in PRINCIPAL or qualifier in OTHER:
                poa = (segment.get_value(f"{at}-9") or "") if claim.kind is Kind.INPATIENT else None
                is_principal = qualifier in PRINCIPAL and not claim.principal
                listed = claim.principal if is_principal else claim.others
                listed.append(Diagnosis(code, poa, number))
            elif qualifier in PROCEDURES:
                day = _day(segment.get_value(f"{at}-4"))
                claim.procedures.append(Line(code, day, (), PROCEDURES[qualifier], number))

    def _add_days(self, claim: _Open, segment: Any) -> None:
        what, text = segment.get_value("DTP01"), segment.get_value("DTP03") or ""
        begin, _, end = text.partition("-")
        days = [_day(begin), _day(end or begin)]
        if what in ("434", "435", "472") and None in days:
            claim.faults.append(f"expected a day like 20240301 in DTP {what}, got {text!r}")
            return
        if what == "434":
            claim.begin, claim.end = days
        elif what == "435":
            claim.admission_date = days[0]
        elif what == "472" and claim.procedures:
            from attrs import evolve

            # it follows the service that it is of
            claim.procedures[-1] = evolve(claim.procedures[-1], date=days[0])


def _day(text: str | None) -> datetime.date | None:
    """Return the day that a text of eight or more digits begins with; None where it is none."""
    if not text or not text[:DAY].isdigit() or len(text) < DAY:
        return None
    return calendar_day(int(text[:4]), int(text[4:6]), int(text[6:8]))
