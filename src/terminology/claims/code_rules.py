"""Rules about single codes: invalid, not billable, not in force, damaged; procedures that no table builds."""

from __future__ import annotations

import datetime
from typing import Final

from ..errors import TablesUnknownError
from ..model import Explanation, Source, Status
from ..procedures import LENGTH, explanation
from ..query import Edition
from .claim import Diagnosis, Line
from .code_facts import CodeFacts
from .examined import NO_RELEASE, NOT_LOADED, Examined, Sentence

DAMAGES: Final = frozenset(
    {"placeholder_missing", "placeholder_surplus", "seventh_character_missing", "seventh_character_surplus"}
)
RULES: Final = {Status.HEADER: "not_billable", Status.EXPIRED: "not_in_force", Status.FUTURE: "not_in_force"}
"""By what a code is on its day; every other status is that of no code."""
SHOWN: Final = 4
OF_MODIFIERS: Final = 2
"""Characters of a modifier; no code is so short."""
WHOLE: Final = 7
"""Characters of a code with its 7th character."""


def check_diagnoses(examined: Examined) -> None:
    """Find the diagnoses that may not be submitted on the day."""
    for diagnosis, facts in examined.diagnoses:
        if not facts.is_billable and examined.stretch is not None:
            _judge(examined, examined.stretch.edition.system, diagnosis, facts, examined.day)


def check_procedures(examined: Examined) -> None:
    """Find the procedures that may not be submitted on their day."""
    for line, name, day in examined.lines:
        stretch = examined.systems.stretch(name, day)
        if stretch is None:
            examined.unchecked(f"procedures ({name})", NOT_LOADED)
            continue
        facts = stretch.of(line.code)
        if facts.status is Status.UNCOVERED:
            # a code of HCPCS may have a row that covers a day which no release does
            examined.unchecked(f"procedures ({name})", NO_RELEASE, day)
        elif facts.is_billable:
            if len(facts.code) == OF_MODIFIERS:
                said = f"{facts.code} is a modifier, and stands in the place of a code"
                examined.add("modifier_misplaced", (facts.code,), said, facts.source, line)
        elif name == "icd10pcs" and facts.status is Status.UNKNOWN:
            _judge_built(examined, line, facts, day)
        else:
            _judge(examined, name, line, facts, day)


def _judge(examined: Examined, system: str, item: Diagnosis | Line, facts: CodeFacts, day: datetime.date) -> None:
    rule, message, source = examined.systems.sentence(system, day, facts.text, _judged)
    examined.add(rule, (facts.code,), message, source or facts.source, item)


def _judged(edition: Edition, text: str) -> Sentence:
    """Return which rule a code breaks, and the sentence about it."""
    found = edition.explain(text)
    rule = RULES.get(found.status, "invalid_code")
    is_damaged = bool(found.rules) and set(found.rules) <= DAMAGES
    is_cut = found.status is Status.HEADER and all(len(one.code) > WHOLE for one in found.instead)
    if is_damaged or (is_cut and found.instead):
        rule = "seventh_character"
    return rule, f"{found.reason}{_instead(found)}", found.source


def _instead(found: Explanation) -> str:
    codes = list(dict.fromkeys(option.code for option in found.instead)) or list(found.suggestions)
    if not codes:
        return ""
    more = f" and {len(codes) - SHOWN:,} more" if len(codes) > SHOWN else ""
    return f"; to use instead: {', '.join(codes[:SHOWN])}{more}"


def _judge_built(examined: Examined, line: Line, facts: CodeFacts, day: datetime.date) -> None:
    """Say of a text that is no code of ICD-10-PCS why no table builds it, where the tables are known."""
    if len(facts.compact) == LENGTH:
        try:
            rule, message, source = examined.systems.sentence("icd10pcs", day, facts.text, _unbuilt)
        except TablesUnknownError:
            examined.unchecked("why a procedure is no code", "the release came without tables of ICD-10-PCS on", day)
        else:
            examined.add(rule, (facts.code,), message, source, line)
            return
    _judge(examined, "icd10pcs", line, facts, day)


def _unbuilt(edition: Edition, text: str) -> Sentence:
    """Return why no table builds a code; where one does, that the release does not have it.

    Raises:
        TablesUnknownError: The release came without its tables.
    """
    said = explanation(edition, text)
    if said.startswith("row "):
        return _judged(edition, text)
    return "pcs_not_built", f"{text.strip().upper()}: {said}", _tables_file(edition)


def _tables_file(edition: Edition) -> Source | None:
    """Return the file with the tables of a release."""
    release = edition.release
    files = [file for file in release.sources if file.role == "tables"] if release else []
    if release is None or not files:
        return None
    return Source(edition.system, release.version, files[0].file, files[0].sha256)
