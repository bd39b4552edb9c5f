"""What the prose beside a deleted code names instead: "To report, see 99990, 99991"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import frozen

CODE: Final = r"[0-9]{4}[0-9AFMTU]"
LEAD: Final = re.compile(r"(?i)\b(?:use|see(?:\s+also)?|refer\s+to|report(?:ed)?\s+(?:with|by|using))\b")
STOP: Final = re.compile(
    r"(?i)\b(?:do\s+not|not\s+to\s+be|in\s+conjunction|in\s+addition|deleted|instead\s+of|except)\b|\)"
)
PLACES: Final = re.compile(rf"(?P<first>\b{CODE}\b)(?:\s*(?:-|\u2013|through)\s*(?P<last>{CODE}\b))?")
SENTENCE: Final = re.compile(r"[.;]\s+(?=[A-Z(])")


@frozen
class Instruction:
    """The codes that an instruction names, any of which is reported instead; and how well it was understood."""

    codes: tuple[str, ...]
    status: str
    """``parsed``, ``partial`` where it names further codes in another sense, ``unparsed`` where none was found."""


def instruction_of(text: str, deleted: str, known: Sequence[str]) -> Instruction:
    """Return the codes that are reported instead of a deleted one.

    Codes count after "use", "see" and the like, up to a word that turns the sense ("do not report"). Ranges stand
    for the codes of the release that lie between.

    Args:
        text: The prose.
        deleted: The code that it speaks of, which is never its own replacement.
        known: The codes of the release.

    >>> instruction_of("99993 has been deleted. To report, see 99994, 99995", "99993", ())
    Instruction(codes=('99994', '99995'), status='parsed')
    >>> instruction_of("99993 has been deleted", "99993", ())
    Instruction(codes=(), status='unparsed')
    """
    found: dict[str, None] = {}
    for sentence in SENTENCE.split(text):
        lead = LEAD.search(sentence)
        if lead:
            said = STOP.split(sentence[lead.end() :], maxsplit=1)[0]
            found |= dict.fromkeys(code for place in PLACES.finditer(said) for code in _codes_of(place, known))
    found.pop(deleted, None)
    if not found:
        return Instruction((), "unparsed")
    named = {code for place in PLACES.finditer(text) for code in _codes_of(place, known)} - {deleted}
    return Instruction(tuple(found), "parsed" if named == set(found) else "partial")


def _codes_of(place: re.Match[str], known: Sequence[str]) -> list[str]:
    """Return one code, or all of a range: those of one kind that the release has between its ends, ends included."""
    first, last = place["first"], place["last"]
    if last is None:
        return [first]
    between = [
        code
        for code in known
        if len(code) == len(first) and first < code < last and code[-1:].isdigit() == first[-1:].isdigit()
    ]
    return [first, *between, last]
