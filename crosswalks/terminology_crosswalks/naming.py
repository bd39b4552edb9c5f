"""Code systems as maps of any origin name them: by short name, URI, OID or alias."""

from __future__ import annotations

import datetime
import re
from typing import Final

from terminology.drafts import Part
from terminology.errors import InvalidDateError
from terminology.periods import effective_of
from terminology.systems import SYSTEMS, names_of

from .claims import Claim

SHORT_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")
LABEL: Final = re.compile(r"(?!latest$)[0-9A-Za-z][0-9A-Za-z._+-]{0,47}")
YEAR_MONTH: Final = re.compile(r"(?:19|20)\d\d(-(?:0[1-9]|1[0-2]))?")
COMPACT_DAY: Final = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
KNOWN: Final = {name: definition.name for definition in SYSTEMS.values() for name in names_of(definition)}


def built_in_system(text: str) -> str | None:
    """Return the short name of the built-in code system that is known by this name, URI, OID or alias, or None.

    >>> built_in_system("http://hl7.org/fhir/sid/icd-10-cm"), built_in_system("https://example.org/colours")
    ('icd10cm', None)
    """
    return KNOWN.get(text.strip().lower())


def short_name(uri: str) -> str | None:
    """Return the short name that the end of a URI makes, as a list of codes of that URI would get it; or None.

    >>> short_name("https://example.org/codes/Clinic-Codes/"), short_name("urn:oid:1.2.3")
    ('cliniccodes', None)
    """
    ending = re.split(r"[/#:]", uri.strip().rstrip("/#"))[-1]
    name = re.sub(r"[^a-z0-9]", "", ending.lower())
    return name if SHORT_NAME.fullmatch(name) else None


def official_code(system: str, text: str) -> str | None:
    """Return a code in official form, or None where it cannot be one; of systems that are not built in as it stands.

    >>> official_code("icd10cm", "e119"), official_code("icd10cm", "high fever"), official_code("clinic", " Fever ")
    ('E11.9', None, 'Fever')
    """
    definition = SYSTEMS.get(system)
    return definition.official(text) if definition else text.strip() or None


def day_in(text: str) -> datetime.date | None:
    """Return the day that a text begins with (``2024-03-01``, ``20240301``), or None.

    >>> day_in("2024-03-01T10:00:00Z"), day_in("20240301"), day_in("2024")
    (datetime.date(2024, 3, 1), datetime.date(2024, 3, 1), None)
    """
    words = COMPACT_DAY.sub(r"\1-\2-\3", text) if COMPACT_DAY.fullmatch(text) else text
    if not re.match(r"\d{4}-\d\d-\d\d(T|$| )", words):
        return None
    try:
        return datetime.date.fromisoformat(words[:10])
    except ValueError:
        return None


def first_day_of(version: str, system: str) -> datetime.date | None:
    """Return the first day that a version label tells by itself, by the calendar of a system; or None.

    >>> first_day_of("2024", "icd10cm"), first_day_of("2024", "clinic"), first_day_of("v2", "icd10cm")
    (datetime.date(2023, 10, 1), datetime.date(2024, 1, 1), None)
    """
    if day := day_in(version):
        return day
    definition = SYSTEMS.get(system)
    try:
        return (
            effective_of(definition.calendar if definition else "open", version)
            if YEAR_MONTH.fullmatch(version)
            else None
        )
    except InvalidDateError:
        return None


def stated_claim(part: Part, source: str, target: str) -> Claim | str:
    """Return what a part claims to be that states version and day itself; or why nothing dates it.

    Its facts have ``version`` and ``effective``, or None in place of them. What the operator gave wins; then comes
    the day that the file states, then a version that is a day, month or year.

    Args:
        part: The map.
        source: Short name of the system that it leads from.
        target: That of the system that it leads to; its calendar tells when a year begins.
    """
    version = part.version or part.facts["version"]
    day = part.effective or (first_day_of(part.version, target) if part.version else None)
    if day is None and part.facts["effective"]:
        day = datetime.date.fromisoformat(part.facts["effective"])
    if day is None and version:
        day = first_day_of(version, target)
    if day is None:
        return "nothing tells from which day on the map holds: give --effective"
    version = version or day.isoformat()
    if not LABEL.fullmatch(version):
        return f"expected a version of letters, digits, dots and dashes, got {version!r}: give --version"
    return Claim(part, source, target, version, day)
