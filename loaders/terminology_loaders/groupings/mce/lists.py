"""The lists of the code editor: how they are called here, and how by their publisher.

Of lists with an age, the ages are those of the version: in version 33 a mother is 12 to 55 years old, in later ones
9 to 64. The table that others cut from the publisher's text does not repeat them, so they are stated for the versions
whose text was read, and are unknown for others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..tables import Category


class EditList(NamedTuple):
    """A list: its category, and its title by the publisher."""

    category: str
    title: str


class Said(NamedTuple):
    """What a file says of a list."""

    sections: list[str]
    """One of each code."""
    name: str
    """By the file."""
    line: int
    """The first."""


BY_EDIT_TYPE: Final[Mapping[str, EditList]] = {
    "Newborn_Only": EditList("newborn", "Perinatal/Newborn diagnoses"),
    "Pediatric_Only": EditList("pediatric", "Pediatric diagnoses"),
    "Maternity_Only": EditList("maternity", "Maternity diagnoses"),
    "Adult_Only": EditList("adult", "Adult diagnoses"),
    "Female_Only": EditList("female", "Diagnoses and procedures for females only"),
    "Male_Only": EditList("male", "Diagnoses and procedures for males only"),
    "Principal_Manifestation": EditList("manifestation", "Manifestation code as principal diagnosis"),
    "Principal_Questionable_Admit": EditList("questionable_admission", "Questionable admission"),
    "Principal_Unacceptable": EditList("unacceptable_principal", "Unacceptable principal diagnosis"),
    "Principal_Requires_Secondary": EditList(
        "requires_secondary", "Unacceptable principal diagnosis without a secondary"
    ),
    "Noncovered_Always": EditList("noncovered_procedure", "Non-covered procedure"),
    "Noncovered_Over60": EditList("noncovered_over_60", "Non-covered procedure, beneficiary over age 60"),
    "Noncovered_LOS_96hr": EditList("inconsistent_with_stay", "Procedure inconsistent with length of stay"),
    "Limited_Coverage": EditList("limited_coverage", "Limited coverage procedure"),
    "Wrong_Performed": EditList("wrong_procedure", "Wrong procedure performed"),
    "Unspecified": EditList("unspecified", "Unspecified code"),
    "Duplicate_PDX": EditList("duplicate", "Duplicate of principal diagnosis"),
    "E_Code_Principal": EditList("e_code_principal", "External cause code as principal diagnosis"),
}
"""By the words of the column ``MCE_Edit_Type``."""
BY_HEADING: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), category)
    for pattern, category in (
        (r"^(perinatal/)?newborn diagnoses", "newborn"),
        (r"^pediatric diagnoses", "pediatric"),
        (r"^maternity diagnoses", "maternity"),
        (r"^adult diagnoses", "adult"),
        (r"^(diagnoses|procedures) for females only", "female"),
        (r"^(diagnoses|procedures) for males only", "male"),
        (r"^manifestation codes? ", "manifestation"),
        (r"^questionable admission", "questionable_admission"),
        (r"^unacceptable principal diagnosis", "unacceptable_principal"),
        (r"^(non-?covered procedures?|always non-?covered)", "noncovered_procedure"),
        (r"^limited coverage", "limited_coverage"),
        (r"^wrong procedure", "wrong_procedure"),
        (r"^procedures? inconsistent with (los|length of stay)", "inconsistent_with_stay"),
        (r"^unspecified code", "unspecified"),
        (r"^(e-codes?|external causes? .*) as principal", "e_code_principal"),
        (r"^duplicate of pdx", "duplicate"),
    )
)
"""By the headings of the publisher's text, without their numbers."""
TITLES: Final[Mapping[str, str]] = {one.category: one.title for one in BY_EDIT_TYPE.values()}
LAST_OF_12_TO_55: Final = 36
"""The last version whose text was read that has mothers of 12 to 55 years."""
AGES: Final[Mapping[str, tuple[int, int]]] = {"newborn": (0, 0), "pediatric": (0, 17), "adult": (15, 124)}
MOTHERS: Final = (12, 55)


def ages_of(category: str, number: int | None) -> tuple[int, int] | None:
    """Return the first and the last year of age of a list in a version; None of a list without, and where not known.

    >>> ages_of("maternity", 36), ages_of("maternity", 40), ages_of("pediatric", 40), ages_of("male", 36)
    ((12, 55), None, (0, 17), None)
    """
    if category == "maternity":
        return MOTHERS if number is not None and number <= LAST_OF_12_TO_55 else None
    return AGES.get(category)


def category_of(code: str, said: Said, ages: tuple[int, int] | None) -> Category:
    """Return a category with what the publisher calls it, and its ages."""
    properties: dict[str, Any] = {"section": ", ".join(sorted(set(said.sections))), "name": said.name}
    properties["age_from"], properties["age_through"] = ages or (None, None)
    return Category(code, TITLES.get(code), line=said.line, properties=properties)
