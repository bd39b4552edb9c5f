"""Rules about modifiers of HCPCS and CPT: unknown, not in force on the day of the service, in a wrong place."""

from __future__ import annotations

import datetime
import re
from typing import Final

from ..model import Status
from ..query import Edition
from .claim import Line
from .examined import NO_RELEASE, NOT_LOADED, Examined, Sentence

AMBULANCE: Final = re.compile(r"A0[0-9]{3}")
PLACES: Final = re.compile(r"[DEGHIJNPRSX]{2}")
"""Origin and destination of an ambulance: two letters that each have a meaning; no file lists the pairs."""
OF_CPT: Final = re.compile(r"[0-9]{2}|P[1-6]|[1-8]P")
"""Forms of modifiers that only CPT has."""
FORM: Final = re.compile(r"[0-9A-Z]{2}")
HOSPITAL: Final = frozenset({"icd10pcs", "icd9pcs"})


def check_modifiers(examined: Examined) -> None:
    """Find modifiers that are none, are not in force on the day, or stand where none can."""
    for line, system, day in examined.lines:
        for written in line.modifiers:
            modifier = written.strip().upper()
            if not modifier:
                continue
            if system in HOSPITAL:
                message = (
                    f"{line.code} is a procedure of a hospital's inpatient, and takes no modifier; it has {modifier}"
                )
                examined.add("modifier_misplaced", (line.code, modifier), message, None, line)
            elif not FORM.fullmatch(modifier):
                message = f"{written!r} stands in the place of a modifier, which has two characters"
                examined.add("modifier_misplaced", (line.code, modifier), message, None, line)
            elif not (AMBULANCE.fullmatch(line.code.strip().upper()) and PLACES.fullmatch(modifier)):
                _check(examined, line, modifier, day)


def _check(examined: Examined, line: Line, modifier: str, day: datetime.date) -> None:
    """Check a modifier in each system that may have it."""
    expired = None
    is_open = False
    for system in ("hcpcs", "cpt"):
        stretch = examined.systems.stretch(system, day)
        if stretch is None:
            is_open = is_open or system == "hcpcs" or OF_CPT.fullmatch(modifier) is not None
            if is_open:
                examined.unchecked(f"modifiers of {system.upper()}", NOT_LOADED)
            continue
        facts = stretch.of(modifier)
        if facts.is_billable:
            return
        if facts.status is Status.UNCOVERED or (not stretch.is_covered and facts.status is not Status.EXPIRED):
            is_open = True
            examined.unchecked(f"modifiers of {system.upper()}", NO_RELEASE)
        elif facts.status in (Status.EXPIRED, Status.FUTURE):
            expired = system, facts
    if expired is not None:
        system, facts = expired
        rule, message, source = examined.systems.sentence(system, day, modifier, _ended)
        examined.add(rule, (line.code, modifier), message, source or facts.source, line)
    elif not is_open:
        message = f"{modifier} is no modifier of HCPCS or CPT on {day}"
        examined.add("modifier_unknown", (line.code, modifier), message, None, line)


def _ended(edition: Edition, modifier: str) -> Sentence:
    found = edition.check(modifier)
    return "modifier_not_in_force", f"modifier {found.reason}", found.source
