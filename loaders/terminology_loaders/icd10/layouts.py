"""Layouts of the "metadata" codes files: which field is where, found by the number of fields that a file has.

The first nine fields have been the same since 2004, in the files of WHO and in those of ICD-10-GM. What follows them
differs; each layout says it by the numbers that the publisher's read-me gives the fields, from 1:

    fields  files                  titles of levels  295, 301  lists   sex, error  ages, error  flags
    17      WHO                    10-12             -         13-17   -           -            -
    23      ICD-10-GM 2004         -                 10, 11    12-16   17, 18      19 20, 21    22 23
    27      ICD-10-GM 2005-2012    -                 10, 11    12-16   17, 18      20 22, 23    24-27
    30      ICD-10-GM 2013-2021    10-12             13, 14    15-19   20, 21      23 25, 26    27-30
    28      ICD-10-GM from 2022    10-12             13, 14    15-19   20, 21      22 23, 24    25-28

References:
    WHO, "ICD-10 Meta Data", read-me. Its list of fields ends too early: the files of 2016 hold the titles of three, four
    and five characters in fields 10 to 12, and the tabulation lists in the order morbidity, mortality 4, 3, 2, 1.
    BfArM (formerly DIMDI), ICD-10-GM: `liesmich.txt` of 2004 and 2005, `icd10gmsyst_metadaten_liesmich.txt` of later
    years. Of 2022 only the codes file was at hand; it is that of 2016 without the ages in their old notation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from attrs import field, frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import lines_of

LEAST_GERMAN: Final = 18
"""WHO's files have fewer fields than this, whatever their year; those of ICD-10-GM have more."""
WHO_LISTS: Final = ("morbidity", "mortality_4", "mortality_3", "mortality_2", "mortality_1")
GM_LISTS: Final = ("mortality_1", "mortality_2", "mortality_3", "mortality_4", "morbidity")
ADMISSIONS: Final = frozenset("POZV")
SEXES: Final = frozenset("9MW")
ERRORS: Final = frozenset("9KM")


@frozen
class Layout:
    """What is where behind the ninth field; positions are counted from 0."""

    fields: int
    name: str
    """Which files have it, for messages."""
    lists: Mapping[str, int]
    """The tabulation lists."""
    titles: int | None = None
    """The title of three characters; those of four and five follow it."""
    admissions: Mapping[str, int] = field(factory=dict)
    """Use under sections 295 and 301, which decides what is billable."""
    choices: Mapping[str, tuple[int, frozenset[str]]] = field(factory=dict)
    """Position and allowed values."""
    ages: Mapping[str, int] = field(factory=dict)
    old_ages: bool = False
    """Whether ages are three digits: 001 a day, 201 a year."""
    flags: Mapping[str, int] = field(factory=dict)


def _german(
    name: str, fields: int, *, titles: bool, ages: tuple[int, int], flags: int = 4, old_ages: bool = False
) -> Layout:
    """Return a layout of ICD-10-GM: all begin with two admissions, five lists, sex and its error.

    Args:
        name: Which files have it.
        fields: How many fields they have.
        titles: Whether the titles of each level come first.
        ages: The fields of the two ages that are kept, from 1; the error follows the second, and the flags that.
        flags: How many of the four flags there are.
        old_ages: Whether the ages are in the old notation.
    """
    first = 12 if titles else 9
    low, high = ages
    names = ("rare", "content", "notifiable", "laboratory_exemption")[:flags]
    return Layout(
        fields,
        name,
        lists={own: first + 2 + place for place, own in enumerate(GM_LISTS)},
        titles=9 if titles else None,
        admissions={"section_295": first, "section_301": first + 1},
        choices={"sex": (first + 7, SEXES), "sex_error": (first + 8, ERRORS), "age_error": (high, ERRORS)},
        ages={"age_low": low - 1, "age_high": high - 1},
        old_ages=old_ages,
        flags={own: high + 1 + place for place, own in enumerate(names)},
    )


WHO: Final = {
    17: Layout(17, "WHO", lists={own: 12 + place for place, own in enumerate(WHO_LISTS)}, titles=9),
}
GM: Final = {
    23: _german("ICD-10-GM 2004", 23, titles=False, ages=(19, 20), flags=2, old_ages=True),
    27: _german("ICD-10-GM 2005 to 2012", 27, titles=False, ages=(20, 22)),
    30: _german("ICD-10-GM 2013 to 2021", 30, titles=True, ages=(23, 25)),
    28: _german("ICD-10-GM from 2022", 28, titles=True, ages=(22, 23)),
}

OLD_AGE: Final = re.compile(r"999|00[0-6]|01[1-3]|1(?:0[1-9]|1[01])|2(?!00)[0-9]{2}|3[01][0-9]|32[0-4]")
AGE: Final = re.compile(r"9999|t[0-9]{3}|j[0-9]{3}")
FOUR_WEEKS: Final = {"101": "t028"}
"""So says the file of 2005, which has both notations; what other weeks and months are in days is nowhere said."""


def layout_of(text: str, file: str, *, german: bool) -> Layout:
    """Return the layout of a codes file, by the number of fields that most of its lines have.

    Raises:
        ReleaseFormatError: No layout has that many fields.
    """
    layouts = GM if german else WHO
    counts = Counter(line.count(";") + 1 for _, line in lines_of(text) if line.strip())
    if not counts:
        return next(iter(layouts.values()))
    most = counts.most_common(1)[0][0]
    if most not in layouts:
        known = ", ".join(f"{layout.fields} ({layout.name})" for layout in layouts.values())
        number = next(number for number, line in lines_of(text) if line.strip())
        message = f"expected a layout with {known} fields, got {most}: this layout is not known"
        raise ReleaseFormatError(message, file=file, line=number, column="field 1")
    return layouts[most]


def modern_age(text: str) -> str:
    """Return an age of the old notation in the present one; as it is where there is none.

    >>> [modern_age(text) for text in ("000", "006", "101", "215", "324", "999", "104")]
    ['t000', 't006', 't028', 'j015', 'j124', '9999', '104']
    """
    if text == "999":
        return "9999"
    if text.startswith("00"):
        return f"t{text}"
    if text in FOUR_WEEKS:
        return FOUR_WEEKS[text]
    return f"j{int(text) - 200:03d}" if text[0] in "23" else text
