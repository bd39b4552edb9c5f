"""What a damaged code may have been meant for: readings of how it is written, never of what it means.

Each kind of damage is undone by a rule with a name. A rule only proposes; what is in force on the day is kept. If two
rules lead to two codes, both are kept, and nobody can say which was meant. So a rule that is missing is worse than one
that finds nothing: without it another rule would be alone, and be believed.

The rules are asked in four steps, from certain to doubtful, and the first step that finds a code ends the search:

1. *cleaned*: what is around and between the characters goes (quotes, blanks, thousands separators, look-alike letters).
2. *numbers*: a spreadsheet took the code for a number. ``38.9`` of ICD-9-CM is 038.9, and not 389 with a dot in a wrong
   place: a dot that a number has is where it belongs, and zeros are what is missing.
3. *damages*: a dot in a wrong place, O for 0, the placeholder X missing, doubled or filled up.
4. *surplus*: zeros or a seventh character too many.

A text that is a code of another kind of system as it is (``E0110`` of HCPCS, in a column of ICD-10-CM) is in the wrong
place rather than damaged, and goes through the first two steps only; the second is left out where no spreadsheet shows
a number so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from ..shapes import LONGEST_CODE
from ..status import Status
from ..systems import SystemDefinition
from .cleaning import NULL_WORDS, certain, cleaned
from .damages import damages, surplus
from .numbers import numbers
from .rules import VARIANTS, Damaged, Reading, Repair, Rule

__all__ = ["FORMS", "NULL_WORDS", "VARIANTS", "Repair", "Rule", "has_form_of_another", "repairs_of"]

Step = Callable[[Damaged], Iterator[Reading]]
"""Proposes what damaged texts may be codes of."""

FORMS: Final = {
    "hcpcs": r"[A-Z][0-9]{4}",
    "cpt": r"[0-9]{4}[0-9AFMTU]",
    "icd10cm": r"[A-Z][0-9][0-9AB]\.?[0-9A-HJKMNP-Z]{1,4}",
    "icd9cm": r"[0-9V][0-9]{2}(\.?[0-9]{1,2})?|E(0[0-3]|[89][0-9])[0-9](\.?[0-9])?",
    "icd9pcs": r"[0-9]{2}\.[0-9]{1,2}",
}
"""Texts that show by themselves which system they are of, as long as that is not loaded and cannot be asked."""


def repairs_of(
    text: str, definition: SystemDefinition, status: Callable[[str], Status], *, is_foreign: bool = False
) -> tuple[Repair, ...]:
    """Return the codes that a text may have been meant for, each once, likeliest first; empty where there is none.

    Args:
        text: What is no code as it is written.
        definition: Of the system that it should be of.
        status: Of a text in official form on the day; only codes in force are proposed.
        is_foreign: Whether the text is a code of another kind of system as it is.

    >>> from terminology.systems import SYSTEMS
    >>> cm = dict.fromkeys(["W21.89XA", "E11.9", "T07.XXXA", "T07.XXXD"], Status.BILLABLE)
    >>> status = lambda code: cm.get(code, Status.UNKNOWN)
    >>> [(code, str(rule)) for code, rule in repairs_of("W21.89A", SYSTEMS["icd10cm"], status)]
    [('W21.89XA', 'placeholder_missing')]
    >>> [code for code, _ in repairs_of("T07.XXX", SYSTEMS["icd10cm"], status)]
    ['T07.XXXA', 'T07.XXXD']
    """
    if len(text) > LONGEST_CODE or text.strip().lower() in NULL_WORDS:
        return ()
    damaged = Damaged(cleaned(text), definition, status)
    steps: tuple[Step, ...] = (certain, numbers, damages, surplus)
    if is_foreign:
        steps = (certain,) if _is_as_written(text.strip(), definition) else (certain, numbers)
    for step in steps:
        found: dict[str, Rule] = {}
        for reading, rule in step(damaged):
            if code := damaged.code(reading):
                found.setdefault(code, rule)
        if found:
            return tuple(Repair(code, rule) for code, rule in found.items())
    return ()


def _is_as_written(text: str, definition: SystemDefinition) -> bool:
    """Return whether a text has a zero at its end that no spreadsheet shows, and no digit less before the dot than codes have.

    So 250.00 in a column of ICD-9-CM procedures is a diagnosis, and not the number 250 of 25.0; but 42.0 among
    diagnoses may be 042, which a program took for a number with decimals.
    """
    whole, _, fraction = text.partition(".")
    return fraction.endswith("0") and (len(fraction) > 1 or len(whole) >= (definition.dot or 0))


def has_form_of_another(text: str, definition: SystemDefinition, loaded: Iterable[str]) -> bool:
    """Return whether a text shows that it is of another kind of system, one that is not loaded.

    >>> from terminology.systems import SYSTEMS
    >>> has_form_of_another("E0110", SYSTEMS["icd10cm"], ["icd10cm"])
    True
    """
    code = text.strip().upper()
    kin = VARIANTS if definition.name in VARIANTS else {definition.name}
    others = (form for name, form in FORMS.items() if name not in kin and name not in loaded)
    return any(re.fullmatch(form, code) for form in others)
