"""Code systems as maps of any origin name them: by short name, URI, OID or alias."""

from __future__ import annotations

import re
from typing import Final

from terminology.drafts import Part
from terminology.reading import stated_release
from terminology.systems import SYSTEMS, named

from .versions import Candidate

SHORT_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,47}")


def built_in_system(text: str) -> str | None:
    """Return the short name of the built-in code system that is known by this name, URI, OID or alias, or None.

    >>> built_in_system("http://hl7.org/fhir/sid/icd-10-cm"), built_in_system("https://example.org/colours")
    ('icd10cm', None)
    """
    found = named(text)
    return found.name if found else None


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


def stated_candidate(part: Part, source: str, target: str) -> Candidate | str:
    """Return what a part candidates to be that states version and day itself; or why nothing dates it.

    Its facts have ``version`` and ``effective``, or None in place of them. What the operator gave wins; then comes
    the day that the file states, then a version that is a day, month or year.

    Args:
        part: The map.
        source: Short name of the system that it leads from.
        target: That of the system that it leads to; its calendar tells when a year begins.
    """
    definition = SYSTEMS.get(target)
    stated = stated_release(part, definition.calendar if definition else "open")
    return stated if isinstance(stated, str) else Candidate(part, source, target, *stated)
