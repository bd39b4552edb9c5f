"""A claim: who, when, which diagnoses in which order, which procedures. And its documented form in JSON."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, ClassVar, Final

from attrs import field, frozen

from ..errors import InvalidDateError, ReleaseFormatError
from ..model import Value
from ..periods import day_from
from .unread import unread_keys


class Kind(StrEnum):
    """What kind of claim it is: which date governs its codes, and which rules apply."""

    INPATIENT = "inpatient"
    """Governed by the day of discharge."""
    OUTPATIENT = "outpatient"
    """Of a hospital, governed by the day of service."""
    PROFESSIONAL = "professional"
    """Of a physician or a supplier, governed by the day of service."""


SEXES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("f", "female", "2", "woman"), "F"),
    **dict.fromkeys(("m", "male", "1", "man"), "M"),
}
"""How sex is written, by the letter that it becomes; 1 and 2 as on the forms of Medicare. Any other word is unknown."""
OLDEST: Final = 130
LONGEST: Final = 64
"""Characters of a text in the place of a code; what is longer is no code, and is cut."""
LONGEST_ID: Final = 200
MOST: Final = 1_000
"""Diagnoses, and procedures, of one claim: more are several claims under one id."""


def cut(text: str, longest: int = LONGEST) -> str:
    """Return a text that is no longer than what can be shown.

    >>> cut("E11.9"), len(cut("x" * 1_000))
    ('E11.9', 64)
    """
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


@frozen
class Diagnosis(Value):
    """A diagnosis as the claim has it, at its place in the order; the first is the principal, or first-listed, one."""

    SHAPE: ClassVar = "code poa"

    code: str = field(converter=cut)
    """As written."""
    poa: str | None = None
    """Present on admission: Y, N, U, W, 1 or nothing; None where nothing is said of it.

    On a claim that says it of any diagnosis, nothing said is nothing given."""
    line: int | None = None
    """Line, or row, of the file that holds it."""


@frozen
class Line(Value):
    """A procedure or service as the claim has it."""

    SHAPE: ClassVar = "code date modifiers system"

    code: str = field(converter=cut)
    """As the claim has it."""
    date: datetime.date | None = None
    """Day of the service; None where the claim has one day for all."""
    modifiers: tuple[str, ...] = ()
    """Two characters each; empty where there are none."""
    system: str | None = None
    """Short name of its code system; None where its form says it."""
    line: int | None = None
    """Line, or row, of the file that it is on; None where the claim is from no file."""


@frozen
class Claim(Value):
    """A claim, as far as its codes can be judged.

    >>> claim = Claim.from_dict({"id": "1", "discharge_date": "2022-03-01", "diagnoses": ["E11.9", "I10"]})
    >>> claim.kind, claim.day, [diagnosis.code for diagnosis in claim.diagnoses]
    (<Kind.INPATIENT: 'inpatient'>, datetime.date(2022, 3, 1), ['E11.9', 'I10'])
    """

    SHAPE: ClassVar = "id kind sex age birth_date admission_date discharge_date service_date diagnoses procedures"

    id: str
    """By which findings name it."""
    kind: Kind = Kind.PROFESSIONAL
    """Which day governs its codes, and which rules apply."""
    diagnoses: tuple[Diagnosis, ...] = ()
    """In their order, the principal or first-listed one first."""
    procedures: tuple[Line, ...] = ()
    """Procedures and services, in their order."""
    admission_date: datetime.date | None = None
    """None where it is not known."""
    discharge_date: datetime.date | None = None
    """None where it is not known, or the patient still is there."""
    service_date: datetime.date | None = None
    """First day of service; None where it is not known."""
    sex: str | None = None
    """F or M; None where it is not known."""
    age: int | None = None
    """In years, as the claim says it."""
    birth_date: datetime.date | None = None
    """Of the patient; None where it is not known."""
    line: int | None = None
    """Line, or row, of the file on which the claim begins."""
    unread: tuple[tuple[str, str], ...] = field(default=(), eq=False, repr=False)
    """What its file or object has besides, and is not read, each with the reason."""

    @property
    def day(self) -> datetime.date | None:
        """The day that governs the codes: of inpatients that of discharge, else that of service; None where there is none."""
        if self.kind is Kind.INPATIENT:
            return self.discharge_date
        return self.service_date or self.discharge_date or self.admission_date

    @property
    def years(self) -> int | None:
        """The age in whole years on the day of admission, or of service; None where it is not known."""
        if self.age is not None:
            return self.age
        day = self.admission_date or self.service_date or self.discharge_date
        if self.birth_date is None or day is None or day < self.birth_date:
            return None
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (not had_birthday)

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], *, kind: str | None = None, file: str = "claim", line: int | None = None
    ) -> Claim:
        """Return the claim of a JSON object.

        Args:
            values: The object; ``id`` and ``diagnoses`` are needed, all other keys may be absent. Keys that are not
                read are in ``unread``.
            kind: Of claims that do not say theirs; by default those with a day of discharge are inpatient,
                all others professional.
            file: Name of the file, for errors.
            line: Of the file.

        Raises:
            ReleaseFormatError: It is no claim; all faults are named at once.
        """
        return _Reading(values, file, line).claim(kind)


class _Reading:
    """One object that is read as a claim, and its faults."""

    def __init__(self, values: Any, file: str, line: int | None) -> None:
        self.values = values
        self.file, self.line = file, line
        self.faults: list[str] = []

    def claim(self, kind: str | None) -> Claim:
        if not isinstance(self.values, Mapping):
            raise self._error(f"expected an object with id and diagnoses, got {_shown(self.values)}")
        found = self.values
        days = {name: self._day(name, found.get(name)) for name in ("admission_date", "discharge_date", "service_date")}
        made = Claim(
            id=self._id(found.get("id")),
            kind=self._kind(found.get("kind") or kind, is_discharged=days["discharge_date"] is not None),
            diagnoses=tuple(self._diagnosis(item) for item in self._items("diagnoses")),
            procedures=tuple(self._procedure(item) for item in self._items("procedures")),
            sex=sex_of(found.get("sex")),
            age=self._age(found.get("age")),
            birth_date=self._day("birth_date", found.get("birth_date")),
            line=self.line,
            unread=unread_keys(found),
            **days,
        )
        if self.faults:
            raise self._error("; ".join(self.faults))
        return made

    def _error(self, message: str) -> ReleaseFormatError:
        return ReleaseFormatError(message, file=self.file, line=self.line)

    def _id(self, value: Any) -> str:
        if isinstance(value, str | int) and str(value).strip():
            return cut(str(value).strip(), LONGEST_ID)
        self.faults.append(f"id: expected a text, got {_shown(value)}")
        return ""

    def _kind(self, value: Any, *, is_discharged: bool) -> Kind:
        if value is None:
            return Kind.INPATIENT if is_discharged else Kind.PROFESSIONAL
        try:
            return Kind(str(value).strip().lower())
        except ValueError:
            self.faults.append(f"kind: expected {' or '.join(Kind)}, got {_shown(value)}")
            return Kind.PROFESSIONAL

    def _items(self, name: str) -> Sequence[Any]:
        value = self.values.get(name)
        if value is None and name == "procedures":
            return ()
        if isinstance(value, list | tuple):
            if len(value) > MOST:
                self.faults.append(f"{name}: expected at most {MOST:,} of one claim, got {len(value):,}")
            return value[:MOST]
        self.faults.append(f"{name}: expected a list, got {_shown(value)}")
        return ()

    def _diagnosis(self, item: Any) -> Diagnosis:
        if isinstance(item, str):
            return Diagnosis(item, None, self.line)
        if isinstance(item, Mapping) and isinstance(item.get("code"), str):
            poa = item.get("poa")
            return Diagnosis(item["code"], None if poa is None else str(poa), self.line)
        self.faults.append(f"diagnoses: expected a code or an object with one, got {_shown(item)}")
        return Diagnosis("")

    def _procedure(self, item: Any) -> Line:
        if isinstance(item, str):
            return Line(item, line=self.line)
        if isinstance(item, Mapping) and isinstance(item.get("code"), str):
            modifiers = item.get("modifiers") or ()
            if isinstance(modifiers, list | tuple) and all(isinstance(modifier, str) for modifier in modifiers):
                day = self._day("procedures: date", item.get("date"))
                return Line(item["code"], day, tuple(map(cut, modifiers)), item.get("system"), self.line)
            self.faults.append(f"procedures: expected modifiers as a list of texts, got {_shown(modifiers)}")
        else:
            self.faults.append(f"procedures: expected a code or an object with one, got {_shown(item)}")
        return Line("")

    def _day(self, name: str, value: Any) -> datetime.date | None:
        if value is None or value == "":
            return None
        try:
            return day_from(value)
        except InvalidDateError:
            self.faults.append(f"{name}: expected a day like 2024-03-01, got {_shown(value)}")
            return None

    def _age(self, value: Any) -> int | None:
        if value is None or value == "":
            return None
        found = age_of(value)
        if found is None:
            self.faults.append(f"age: expected whole years from 0 to {OLDEST}, got {_shown(value)}")
        return found


def sex_of(value: Any) -> str | None:
    """Return the sex that a text or number says, F or M; None for anything else, which is not known.

    >>> sex_of("Female"), sex_of(1), sex_of("U")
    ('F', 'M', None)
    """
    return SEXES.get(str(value).strip().lower()) if isinstance(value, str | int) else None


def age_of(value: Any) -> int | None:
    """Return an age in whole years; None for what is none.

    >>> age_of("34"), age_of(0), age_of("old"), age_of(True)
    (34, 0, None, None)
    """
    try:
        years = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1
    except ValueError:
        return None
    return int(years) if 0 <= years <= OLDEST else None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 -- what a message can hold
