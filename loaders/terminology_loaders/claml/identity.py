"""Which classification a ClaML file is of, stated by its first elements, before all of it is read."""

from __future__ import annotations

import re
from typing import Final, Literal

from attrs import frozen

ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?ClaML[\s>]", re.IGNORECASE)
NAMING: Final = re.compile(rb"<(?:[\w.-]+:)?(?:Title|Identifier)\b([^<>]*)>([^<]*)")
ATTRIBUTE: Final = re.compile(r"""\b(name|authority|uid|version|date)\s*=\s*["']([^"']*)["']""")
SEARCHED: Final = 65_536
"""The elements that name a classification come before its classes."""

GM: Final = re.compile(r"\b(?:ICD|CIM)[\s_-]*10[\s_-]*GM", re.IGNORECASE)
WHO: Final = re.compile(
    r"\bWHO\b|\bWHOICD[\s_-]*10|^ICD[\s_-]*10(?:[\s_-]*(?:EN|WHO))?(?:[\s_-]*\d{4})?$", re.IGNORECASE
)
NATIONAL: Final = re.compile(r"\b(?:ICD|CIM|CIE)[\s_-]*10[\s_-]*(?!WHO\b|EN\b)[A-Z]{2,3}\b")
ICD10: Final = re.compile(r"(?:ICD|CIM|CIE)[\s_-]*10", re.IGNORECASE)


@frozen
class Identity:
    """What a ClaML file says that it is."""

    system: Literal["icd10", "icd10gm", "other", "unsaid"]
    name: str
    """As the file names itself, to be shown; empty where it does not."""


def is_claml(head: bytes) -> bool:
    """Return whether the bytes begin like a ClaML file."""
    return ROOT.search(head) is not None


def identity_of(data: bytes) -> Identity:
    """Return which classification the file names; ``unsaid`` where it has neither title nor identifier.

    >>> identity_of(b'<ClaML><Identifier authority="WHO" uid="x"/><Title name="ICD-10-EN-2016"/>').system
    'icd10'
    >>> identity_of(b'<ClaML><Title name="CIM-10 FR" version="2024">CIM-10 FR</Title>')
    Identity(system='other', name='CIM-10 FR')
    """
    titles: list[str] = []
    authorities: list[str] = []
    for attributes, text in NAMING.findall(data[:SEARCHED]):
        values = dict(ATTRIBUTE.findall(attributes.decode("utf-8", "replace")))
        titles += [values["name"]] if values.get("name") else []
        titles += [" ".join(text.decode("utf-8", "replace").split())] if text.strip() else []
        authorities += [values[key] for key in ("authority", "uid") if values.get(key)]
    said = [word for word in (*titles, *authorities) if word]
    if not said:
        return Identity("unsaid", "")
    name = (titles or authorities)[0]
    if any(GM.search(word) for word in said):
        return Identity("icd10gm", name)
    if any(NATIONAL.search(title) for title in titles):
        return Identity("other", name)
    of_icd10 = not titles or any(ICD10.search(word) for word in said)
    if of_icd10 and any(WHO.search(word) for word in said):
        return Identity("icd10", name)
    return Identity("other", name)
