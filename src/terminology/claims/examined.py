"""A claim while it is examined: what is known of its codes on its day, what is found, and what cannot be checked."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Final

from attrs import define, field

from ..model import Source
from ..query import Edition, Terminology
from ..systems import in_use
from .claim import Claim, Diagnosis, Kind, Line
from .code_facts import CodeFacts, Stretch, SystemFacts
from .findings import Finding, Unchecked
from .lists import KeptLists

OF_SERVICES: Final = 5
"""Characters of the codes of HCPCS and CPT."""
OF_HOSPITALS: Final = 7
"""Characters of the codes of ICD-10-PCS."""
NOT_LOADED: Final = "no release of it is loaded"
NO_RELEASE: Final = "no release covers"
NO_VERSION: Final = "no version with such a list covers"
MOST_SENTENCES: Final = 50_000
MOST_UNCHECKED: Final = 1_000
FURTHER: Final = ("something else", "too much of it to be listed")
Sentence = tuple[str, str, Source | None]
"""A rule, what it says of a code on a day, and where that is from."""


@define
class _Tally:
    first: datetime.date | None
    last: datetime.date | None
    claims: int = 0

    def add(self, day: datetime.date | None) -> None:
        self.claims += 1
        if day is not None:
            self.first = day if self.first is None else min(self.first, day)
            self.last = day if self.last is None else max(self.last, day)


@define(eq=False)
class UncheckedTally:
    """What was not checked in a run, with the days and claims that it concerns."""

    _found: dict[tuple[str, str], _Tally] = field(factory=dict)
    _of_claim: set[tuple[str, str]] = field(factory=set)

    def begin(self) -> None:
        """Begin with another claim: each counts once."""
        if self._of_claim:
            self._of_claim = set()

    def add(self, what: str, reason: str, day: datetime.date | None) -> None:
        """Add that something was not checked on the claim."""
        key = (what, reason)
        if len(self._found) >= MOST_UNCHECKED and key not in self._found:
            key = FURTHER
        if key in self._of_claim:
            return
        self._of_claim.add(key)
        self._found.setdefault(key, _Tally(day, day)).add(day)

    def values(self) -> tuple[Unchecked, ...]:
        """Return all of it, what concerns the most claims first."""
        made = (Unchecked(*key, tally.first, tally.last, tally.claims) for key, tally in self._found.items())
        return tuple(sorted(made, key=lambda one: (-one.claims, one.what, one.reason)))


@define(eq=False)
class Systems:
    """The code systems of a store as rules ask them."""

    store: Terminology
    lists: KeptLists
    unchecked: UncheckedTally = field(factory=UncheckedTally)
    _facts: dict[str, SystemFacts | None] = field(factory=dict)
    _sentences: dict[tuple[str, datetime.date, str], Sentence] = field(factory=dict)

    def stretch(self, system: str, day: datetime.date) -> Stretch | None:
        """Return the stretch of a day; None where no release of the system is loaded."""
        if system not in self._facts:
            found = self.store.get(system)
            self._facts[system] = SystemFacts(found) if found is not None else None
        facts = self._facts[system]
        return facts.on(day) if facts is not None else None

    def sentence(
        self, system: str, day: datetime.date, text: str, make: Callable[[Edition, str], Sentence]
    ) -> Sentence:
        """Return what is said of a text on a day, made once by a function of the edition and the text."""
        key = (system, day, text)
        found = self._sentences.get(key)
        if found is None:
            if len(self._sentences) >= MOST_SENTENCES:
                self._sentences.clear()
            found = self._sentences[key] = make(self.store[system].on(day), text)
        return found

    def releases(self) -> dict[str, set[str]]:
        """Return the versions that were asked, by system."""
        asked = {name: facts.versions for name, facts in self._facts.items() if facts is not None}
        return {name: versions for name, versions in asked.items() if versions}

    def trim(self) -> None:
        """Forget facts where they are too many."""
        for facts in self._facts.values():
            if facts is not None:
                facts.trim()


@define(eq=False)
class Examined:
    """A claim with the facts of its diagnoses. Rules ask it, and add what they find."""

    claim: Claim
    day: datetime.date
    systems: Systems
    found: list[Finding]
    diagnoses: list[tuple[Diagnosis, CodeFacts]] = field(init=False)
    """Those on the claim, in their order; empty where nothing covers the day."""
    stretch: Stretch | None = field(init=False)
    lines: list[tuple[Line, str, datetime.date]] = field(init=False)
    """The procedures with their code system and the day that governs each."""

    def __attrs_post_init__(self) -> None:
        self.diagnoses = []
        self.stretch = None
        self.lines = list(self._coded()) if self.claim.procedures else []
        if not self.claim.diagnoses:
            return
        name = in_use("icd10cm", self.day)
        stretch = self.systems.stretch(name, self.day)
        if stretch is None or not stretch.is_covered:
            self.unchecked(f"diagnoses ({name})", NOT_LOADED if stretch is None else NO_RELEASE)
            return
        self.stretch = stretch
        of = stretch.of
        self.diagnoses = [(diagnosis, of(diagnosis.code)) for diagnosis in self.claim.diagnoses]

    @property
    def is_inpatient(self) -> bool:
        """Whether the claim is one of an inpatient."""
        return self.claim.kind is Kind.INPATIENT

    @property
    def principal(self) -> tuple[Diagnosis, CodeFacts] | None:
        """The principal, or first-listed, diagnosis; None where there is none."""
        return self.diagnoses[0] if self.diagnoses else None

    def _coded(self) -> Iterator[tuple[Line, str, datetime.date]]:
        for line in self.claim.procedures:
            name = line.system or system_of(line.code, self.day, is_inpatient=self.is_inpatient)
            # codes of hospital procedures follow the discharge; services have days of their own
            is_of_stay = name in ("icd10pcs", "icd9pcs")
            yield line, name, self.day if is_of_stay or line.date is None else line.date

    def unchecked(self, what: str, reason: str, day: datetime.date | None = None) -> None:
        """Note that something could not be checked."""
        self.systems.unchecked.add(what, reason, day or self.day)

    def add(
        self, rule: str, codes: tuple[str, ...], message: str, source: Source | None, *of: Diagnosis | Line
    ) -> None:
        """Add a finding, with the lines of the file that it is about."""
        lines = dict.fromkeys(item.line for item in of if item.line is not None)
        if not lines and self.claim.line is not None:
            lines = {self.claim.line: None}
        self.found.append(Finding(rule, codes, message, source, tuple(lines)))


def system_of(code: str, day: datetime.date, *, is_inpatient: bool = False) -> str:
    """Return the code system that a procedure has by its form.

    >>> [system_of(code, datetime.date(2015, 10, 1)) for code in ("0FT44ZZ", "J1815", "99213", "0001U", "LT")]
    ['icd10pcs', 'hcpcs', 'cpt', 'cpt', 'hcpcs']
    """
    bare = code.strip().upper().replace(".", "")
    if len(bare) == OF_SERVICES and bare[1:].isdigit() and bare[0].isalpha():
        return "hcpcs"
    if len(bare) == OF_SERVICES and bare[:4].isdigit():
        return "cpt"
    if is_inpatient or len(bare) == OF_HOSPITALS:
        return in_use("icd10pcs", day)
    return "hcpcs"
