"""Expressions of CPT: a code and one or more modifiers, ``code:modifier[:modifier]``.

Which modifiers go with which codes, as far as their categories say: Category II modifiers (1P to 8P) with
Category II codes only, physical status (P1 to P6) with anesthesia (00100 to 01999) only, 50 and 51 not with
Category II codes, none twice.

References:
    HL7, FHIR R4 "Using CPT with FHIR" (the expression); AMA, CPT Appendix A as quoted in public ETL code.
"""

from __future__ import annotations

import re
from typing import Final

from . import Expression

SEPARATOR: Final = ":"
BORROWED: Final = ("hcpcs",)

BASE: Final = re.compile(r"[0-9]{4}[0-9AFMTU]")
MODIFIER: Final = re.compile(r"[0-9A-Z]{2}")
CATEGORY_II_MODIFIER: Final = re.compile(r"[1-8]P")
PHYSICAL_STATUS: Final = re.compile(r"P[1-6]")
NOT_WITH_CATEGORY_II: Final = frozenset({"50", "51"})
ANESTHESIA: Final = ("00100", "01999")


def parsed(text: str) -> Expression | str:
    """Return the members, or why the text is no expression.

    >>> parsed(" 99999:lt:25 ").text
    '99999:LT:25'
    >>> parsed("99999:")
    "expected a modifier of two characters, got ''"
    """
    base, *modifiers = text.strip().upper().split(SEPARATOR)
    if not BASE.fullmatch(base):
        return f"expected a CPT code before the modifiers, got {base!r}"
    for modifier in modifiers:
        if not MODIFIER.fullmatch(modifier):
            return f"expected a modifier of two characters, got {modifier!r}"
    return Expression(base, tuple(modifiers), SEPARATOR.join([base, *modifiers]))


def violation(expression: Expression) -> str | None:
    """Return which rule the members break together, or None.

    >>> violation(parsed("99999:1P"))
    'modifier 1P goes with Category II codes only'
    """
    second_category = expression.base.endswith("F")
    first, last = ANESTHESIA
    for position, modifier in enumerate(expression.modifiers):
        if modifier in expression.modifiers[:position]:
            return f"modifier {modifier} is given twice"
        if CATEGORY_II_MODIFIER.fullmatch(modifier) and not second_category:
            return f"modifier {modifier} goes with Category II codes only"
        anesthesia = expression.base.isdigit() and first <= expression.base <= last
        if PHYSICAL_STATUS.fullmatch(modifier) and not anesthesia:
            return f"modifier {modifier} goes with anesthesia codes ({first} to {last}) only"
        if modifier in NOT_WITH_CATEGORY_II and second_category:
            return f"modifier {modifier} does not go with Category II codes"
    return None
