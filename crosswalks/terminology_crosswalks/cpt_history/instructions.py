"""What the prose of a deletion says is reported instead; only what is sure is taken.

A clause counts where it leads to codes ("use", "see", "refer to", "report with"), is not turned ("do not"), and goes
from there to a list of codes: codes and ranges with commas, "or", "and" between them. The list ends where other words
come. What is named anywhere else is named in another sense, which is said:

    text                                            codes          status
    To report, see 99990, 99991                     99990, 99991   parsed
    Use 99990, not 99991                            99990          partial
    Do not use 99990 in conjunction with 99991      none           unparsed

A range is one category's: both ends have the same last letter, or none. It means the codes that existed between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

CODE: Final = r"[0-9]{4}[0-9AFMTU]"
PLACE: Final = rf"\b{CODE}\b(?:\s*(?:[-\u2010-\u2015]|\bthrough\b|\bto\b)\s*\b{CODE}\b)?(?![-\u2010-\u2015/]\w)"
"""A code or a range; not a code with a modifier or a shortened end behind it (99990-52)."""
PLACES: Final = re.compile(
    rf"(?P<first>\b{CODE}\b)(?:\s*(?:[-\u2010-\u2015]|\bthrough\b|\bto\b)\s*(?P<last>\b{CODE}\b))?", re.IGNORECASE
)
LIST: Final = re.compile(
    rf"{PLACE}(?:\s*(?:,\s*(?:and/or|and|or)?|;|\band/or\b|\band\b|\bor\b)\s*(?:codes?\s+)?{PLACE})*", re.IGNORECASE
)
CLAUSE: Final = re.compile(r"[.:()]|;(?!\s*[0-9])|,\s*(?=(?:but|instead|please|use|see|refer|report)\b)", re.IGNORECASE)
LEAD: Final = re.compile(r"\b(?:use|see|refer\s+to|report(?:ed)?\s+(?:with|by|using))\b", re.IGNORECASE)
TURNED: Final = re.compile(r"\b(?:not|never|cannot|no\s+longer|nor|neither)\b|n['\u2019]t\b", re.IGNORECASE)
"""Words that turn what comes after them."""
ASIDE: Final = re.compile(
    r"\b(?:not|never|no|without|except|excluding|unless|other\s+than|rather|instead|in\s+lieu|in\s+place|also|with"
    r"|in\s+conjunction|in\s+addition|together|before|after|deleted|formerly|previously|if|when)\b",
    re.IGNORECASE,
)
"""Words between a lead and a code by which the code is none that is reported instead."""
QUALIFIED: Final = re.compile(
    r"\b(?:in\s+conjunction|in\s+addition|together|modifiers?|twice|times|unless|except|only|et\s+seq|following|series)\b",
    re.IGNORECASE,
)
"""Words behind the list that restrict what it says."""


@frozen
class Instruction:
    """The codes that an instruction names, any of which is reported instead; and how well it was understood."""

    codes: tuple[str, ...]
    status: str
    """``parsed``, ``partial`` where it says more than these codes, ``unparsed`` where none is sure."""


def instruction_of(text: str, deleted: str, known: Sequence[str]) -> Instruction:
    """Return the codes that are surely reported instead of a deleted one.

    Args:
        text: The prose.
        deleted: The code that it is about, which is never its own replacement.
        known: The codes that existed, of which a range takes those between its ends.

    >>> instruction_of("99993 has been deleted. To report, see 99994, 99995", "99993", ())
    Instruction(codes=('99994', '99995'), status='parsed')
    >>> instruction_of("To report, use 99994, not 99995", "99993", ())
    Instruction(codes=('99994',), status='partial')
    >>> instruction_of("Do not use 99994 in conjunction", "99993", ())
    Instruction(codes=(), status='unparsed')
    """
    found: dict[str, None] = {}
    sure = True
    read = 0
    for clause in CLAUSE.split(text):
        for said in _lists_in(clause):
            for place in PLACES.finditer(clause, said.start(), said.end()):
                codes = codes_of(place, known)
                read += place["last"] is not None
                sure &= codes is not None
                found |= dict.fromkeys(codes or ())
            sure &= QUALIFIED.search(clause, said.end()) is None
    found.pop(deleted, None)
    if not found:
        return Instruction((), "unparsed")
    named = list(PLACES.finditer(text))
    others = {place["first"].upper() for place in named if not place["last"]} - {deleted, *found}
    ranges = sum(place["last"] is not None for place in named)
    return Instruction(tuple(found), "parsed" if sure and not others and ranges == read else "partial")


def names_a_range(text: str) -> bool:
    """Return whether a text names a range of codes, so that it matters which codes existed."""
    return any(place["last"] for place in PLACES.finditer(text))


def _lists_in(clause: str) -> Iterator[re.Match[str]]:
    """Yield the lists of codes that a clause leads to."""
    end = 0
    for lead in LEAD.finditer(clause):
        if lead.start() < end or TURNED.search(clause, end, lead.start()):
            continue
        found, first = LIST.search(clause, lead.end()), PLACES.search(clause, lead.end())
        # the first code behind the lead must begin the list: a code with a modifier does not
        if found is None or first is None or first.start() != found.start():
            continue
        if not ASIDE.search(clause, lead.end(), found.start()):
            yield found
            end = found.end()


def codes_of(place: re.Match[str], known: Sequence[str]) -> list[str] | None:
    """Return one code, or those of a range that existed; None for a range that is none.

    Its ends are of one category, in order, and existed.

    >>> codes_of(PLACES.search("9975T-9977T"), ["9975T", "9976T", "9976U", "9977T"])
    ['9975T', '9976T', '9977T']
    """
    first, last = place["first"].upper(), (place["last"] or "").upper()
    if not last:
        return [first]
    held = set(known)
    if _ending(first) != _ending(last) or first >= last or not {first, last} <= held:
        return None
    return sorted(
        code for code in held if len(code) == len(first) and _ending(code) == _ending(first) and first <= code <= last
    )


def _ending(code: str) -> str:
    """Return what makes the category of a code: its last letter, or nothing."""
    return code[-1] if code[-1].isalpha() else ""
