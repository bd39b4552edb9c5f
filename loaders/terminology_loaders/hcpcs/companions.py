"""Files that CMS publishes beside a HCPCS release and that hold no release: known by their content, skipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from terminology.drafts import Skipped

HEAD: Final = 4096
SHOWN_ROWS: Final = 40

CORRECTIONS: Final = Skipped("HCPCS corrections list: a human-reviewed overlay, not a release")
TRANSACTIONS: Final = Skipped("HCPCS transaction report: says what changed, the release itself says what is")
UNCLASSIFIED: Final = Skipped("HCPCS list of codes for services not otherwise classified: an excerpt, not a release")
NOTES: Final = Skipped("HCPCS processing notes: prose that numbered fields of the codes refer to, not a release")
LAYOUT: Final = Skipped("HCPCS record layout: documentation, not a release")
READ_ME: Final = Skipped("HCPCS read-me: documentation, not a release")
DISCLAIMER: Final = Skipped("HCPCS disclaimer without a single record: is the file cut short?")

MARKS: Final[tuple[tuple[re.Pattern[str], Skipped], ...]] = (
    (re.compile(r"\A\s*PROCESSING NOTES\s*_{20}"), NOTES),
    (re.compile(r"\A\s*CMS RIF REPORT[\s\S]*HCPCS Contractor Record"), LAYOUT),
    (re.compile(r"\A\s*\d{4} (ALPHA-?NUMERIC )?HCPCS CORRECTIONS"), CORRECTIONS),
    (re.compile(r"(?i)\A\s*HCPCS/MOD(IFIER)? CODE\s+ACTION\s"), CORRECTIONS),
    (re.compile(r"\A\s*Update Information[\s\S]*correction documents"), CORRECTIONS),
    (re.compile(r"(?im)^[^\S\n]*HCPCS?(/MOD(IFIER)?( CODE)?)?\s*(TYPE OF CHANGE|ACTION CD)\b"), TRANSACTIONS),
    (re.compile(r"\A\s*NOC CODES - HCPCS"), UNCLASSIFIED),
    (re.compile(r"\A[\s\S]{0,400}HEALTH CARE PROCEDURE CODING SYSTEM \(HCPCS\)"), READ_ME),
    (re.compile(r"\A\**\s*Disclaimers\b[\s\S]*HCPCS"), DISCLAIMER),
    (re.compile(r"\ANote regarding coverage and payment indicators[\s\S]*HCPCS"), DISCLAIMER),
)
"""How each begins; the first that fits decides. A transaction report may have a disclaimer before its header."""


def companion_text(head: bytes) -> Skipped | None:
    """Return why the text file is skipped, or None if it is no companion of a HCPCS release.

    >>> companion_text(b"         2018 HCPCS CORRECTIONS").reason
    'HCPCS corrections list: a human-reviewed overlay, not a release'
    """
    return _known(head[:HEAD].decode("cp1252", "replace"))


def companion_sheet(rows: Sequence[Sequence[str]]) -> Skipped | None:
    """Return why the workbook is skipped, or None if it is no companion of a HCPCS release."""
    lines = (" ".join(cell.strip() for cell in row if cell.strip()) for row in rows[:SHOWN_ROWS])
    return _known("\n".join(lines))


def _known(text: str) -> Skipped | None:
    return next((skipped for mark, skipped in MARKS if mark.search(text)), None)
