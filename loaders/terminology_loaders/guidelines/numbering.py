"""The numbers of sections: how they are printed before a heading, and how they are written as one.

A heading has the last part of its number only: ``a. Hypertension`` under ``9. Chapter 9`` under ``C. Chapter-Specific``
under ``Section I`` is I.C.9.a. The levels are told apart by their signs: ``Section I``, ``A.``, ``1.``, ``a.``, ``1)``,
``(a)``, ``(i)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from attrs import define, field, frozen

SECTION, LETTER, NUMBER, SMALL, COUNT, PARENTHESIS, ROMAN = range(1, 8)
APPENDIX: Final = 0
ROMANS: Final = (
    *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
    *("xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx"),
)
MARK: Final = re.compile(
    r"(?:(?P<appendix>Appendix (?P<of>[IVX]+))\b[.:]?|Section\s+(?P<section>[IVX]+)[.:]|(?P<letter>[A-Z])\.|(?P<number>\d{1,2})\."
    r"|(?P<small>[a-z])\.|(?P<count>\d{1,2})\)|\((?P<inner>[a-z]{1,5})\))\s*(?P<rest>.*)",
    re.DOTALL,
)


@frozen
class Step:
    """One part of a number."""

    level: int
    label: str

    @property
    def place(self) -> int:
        """Which one of its level it is, from 1; 0 for what cannot be counted."""
        if self.level in (SECTION, ROMAN):
            return ROMANS.index(self.label.lower()) + 1 if self.label.lower() in ROMANS else 0
        if self.level in (LETTER, SMALL, PARENTHESIS):
            return ord(self.label.lower()) - ord("a") + 1 if len(self.label) == 1 else 0
        return int(self.label) if self.label.isdecimal() else 0


@frozen
class Marked:
    """A line that begins with what may be a number of a section."""

    steps: tuple[Step, ...]
    """What it can be: ``(i)`` is a letter or a Roman numeral."""
    rest: str


def marked(text: str) -> Marked | None:
    """Return a line as number and heading; None for one that begins with no number.

    >>> found = marked("(i) Urosepsis")
    >>> [(step.level, step.label) for step in found.steps], found.rest
    ([(6, 'i'), (7, 'i')], 'Urosepsis')
    >>> marked("The term urosepsis"), marked("3.5 percent")
    (None, None)
    """
    found = MARK.match(text)
    if found is None or (found["number"] and found["rest"][:1].isdecimal() and text[found.start("rest") - 1] == "."):
        return None
    steps = [
        Step(level, found[name])
        for level, name in (
            *((SECTION, "section"), (LETTER, "letter"), (NUMBER, "number"), (SMALL, "small"), (COUNT, "count")),
            *((PARENTHESIS, "inner"), (ROMAN, "inner")),
        )
        if found[name]
    ]
    if found["appendix"]:
        return Marked((Step(APPENDIX, f"Appendix {found['of']}"),), found["rest"])
    steps = [step for step in steps if step.place]
    return Marked(tuple(steps), found["rest"]) if steps else None


@define
class Outline:
    """Where in the document one is: the parts of the number of the section that was begun last."""

    path: list[Step] = field(factory=list)

    def above(self, step: Step) -> list[Step]:
        """Return the parts of the number above a step."""
        return [one for one in self.path if APPENDIX < one.level < step.level] if step.level else []

    def number(self, step: Step) -> str:
        """Return the number that a step makes here.

        >>> Outline([Step(1, "I"), Step(2, "C"), Step(3, "9"), Step(4, "a")]).number(Step(3, "10"))
        'I.C.10'
        """
        return written([*self.above(step), step])

    def before(self, step: Step) -> Step | None:
        """Return the section of the same level that is before a step; None where it would be the first."""
        return next((one for one in self.path if one.level == step.level), None)

    def continues(self, step: Step) -> bool:
        """Return whether a step is the next one of its level, or the first one below where one is."""
        before = self.before(step)
        is_below = step.level <= LETTER or bool(self.above(step))
        return is_below and step.place == (before.place + 1 if before else 1)

    def enter(self, step: Step) -> None:
        """Go to a step."""
        self.path = [*self.above(step), step]


def written(steps: Sequence[Step]) -> str:
    """Return a number as one text: ``I.C.9.a.1``."""
    return ".".join(step.label for step in steps)


def parent_of(number: str) -> str | None:
    """Return the number of the section above; None at the top.

    >>> parent_of("I.C.9.a"), parent_of("Appendix I")
    ('I.C.9', None)
    """
    above, dot, _ = number.rpartition(".")
    return above if dot else None
