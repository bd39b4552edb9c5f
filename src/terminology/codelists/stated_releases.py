"""Which release a version string of a value set means: as publishers, FHIR servers and the VSAC write them.

References:
    HL7 FHIR R4 (4.0.1), ``ValueSet.compose.include.version``; NLM Value Set Authority Center, code system versions.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from ..errors import InvalidDateError
from ..periods import day_from, effective_of, version_label, year_start
from ..systems import SystemDefinition

FISCAL_YEAR: Final = re.compile(r"\bFY\s*[-_]?\s*((?:20)?\d{2})\b", re.IGNORECASE)
YEAR: Final = re.compile(r"(?:19|20)\d{2}")
MONTH: Final = re.compile(r"((?:19|20)\d{2})-?(0[1-9]|1[0-2])")
CORRECTED: Final = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])\.\d{1,2}")
DAY: Final = re.compile(r"((?:19|20)\d{2})-?(\d{2})-?(\d{2})(?:T.*)?")
ICD9_VERSION: Final = re.compile(r"v?(\d{2})", re.IGNORECASE)
ICD9_FIRST: Final = 1983
"""Version 32 of ICD-9-CM is that of fiscal year 2015."""
SHOWN: Final = 3


@frozen
class StatedRelease:
    """A release as somebody named it: by its version, or by a day on which it is in force."""

    version: str | None = None
    on: datetime.date | None = None
    effective: datetime.date | None = None
    """By which the newest of several is found."""

    @property
    def label(self) -> str:
        """What people call it."""
        return self.version or str(self.on)


def stated_release(text: str, definition: SystemDefinition | None) -> StatedRelease | None:
    """Return the release that a version string means, or None where that is not certain.

    Of a system that is not built in, every string is the name of a release.

    >>> from terminology.systems import SYSTEMS
    >>> cm = SYSTEMS["icd10cm"]
    >>> [stated_release(text, cm).label for text in ("2024", "FY2024", "http://hl7.org/fhir/sid/icd-10-cm|2024")]
    ['2024', '2024', '2024']
    >>> stated_release("20240401", cm).label, stated_release("2023-10", cm).label, stated_release("5.1.0", cm)
    ('2024-04-01', '2024', None)
    >>> stated_release("2015", SYSTEMS["icd9cm"]).label, stated_release("2024", SYSTEMS["hcpcs"]).label
    ('32', '2024-01-01')
    """
    text = text.rpartition("|")[2].strip()
    if definition is None:
        return StatedRelease(text) if text else None
    if found := FISCAL_YEAR.search(text):
        return _of_year(int(f"20{found[1][-2:]}"), definition)
    if YEAR.fullmatch(text):
        return _of_year(int(text), definition)
    if definition.retired and (found := ICD9_VERSION.fullmatch(text)):
        return _of_year(int(found[1]) + ICD9_FIRST, definition)
    if CORRECTED.fullmatch(text):
        return StatedRelease(text, effective=effective_of(definition.calendar, text))
    if found := MONTH.fullmatch(text):
        first = datetime.date(int(found[1]), int(found[2]), 1)
        return StatedRelease(version_label(definition.calendar, first), effective=first)
    if found := DAY.fullmatch(text):
        try:
            day = day_from("-".join(found.groups()))
        except InvalidDateError:
            return None
        return StatedRelease(on=day, effective=day)
    return None


def _of_year(year: int, definition: SystemDefinition) -> StatedRelease:
    first = year_start(definition.calendar, year)
    if definition.calendar == "quarter":
        # the year alone is no label: its first day is in force from the annual file
        return StatedRelease(on=first, effective=first)
    return StatedRelease(str(year - ICD9_FIRST if definition.retired else year), effective=first)


def newest_release(
    stated: Mapping[str, Sequence[str]], definition: SystemDefinition | None
) -> tuple[StatedRelease | None, list[str]]:
    """Return the newest of the releases that parts of a document were written for, and warnings about the others.

    Args:
        stated: Version strings, each with the parts that state it.
        definition: Of their code system, where it is built in.

    >>> from terminology.systems import SYSTEMS
    >>> found, warnings = newest_release({"2023": ["include[1]"], "FY2024": ["include[2]"]}, SYSTEMS["icd10cm"])
    >>> found.label, warnings
    ('2024', ['include[1] is of version 2023: the whole list is read as one of 2024, the newest version that it states'])
    """
    meant = {text: stated_release(text, definition) for text in stated}
    certain = {text: release for text, release in meant.items() if release}
    system = definition.title if definition else "the code system"
    warnings = [
        f"{_parts(stated[text])} of version {text!r}, which is no certain name of a release of {system}:"
        " name the release with --from or --version"
        for text in stated
        if text not in certain
    ]
    if not certain:
        return None, warnings
    newest = max(certain.values(), key=lambda release: (release.effective or datetime.date.min, release.label))
    warnings += [
        f"{_parts(stated[text])} of version {text}: the whole list is read as one of {newest.label},"
        " the newest version that it states"
        for text, release in certain.items()
        if release != newest
    ]
    return newest, warnings


def _parts(parts: Sequence[str]) -> str:
    more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
    return f"{', '.join(parts[:SHOWN])}{more} {'is' if len(parts) == 1 else 'are'}"
