"""The two volumes of ICD-9-CM that share one URI: diagnoses and procedures, told apart by where codes have the dot.

``http://hl7.org/fhir/sid/icd-9-cm`` is the URI of the diagnoses, and in use for procedures too. ``038.9`` is a
diagnosis and ``38.93`` a procedure; ``3893`` may be either.

References:
    HL7 Terminology, "Using ICD-[x] Codes", ICD-9-CM; HL7 FHIR R4, external code systems.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from attrs import evolve

from ..counts import counted
from ..reading import Faults
from ..systems import SYSTEMS, SystemDefinition, named, plain_name
from .entries import Entry
from .plain import Head

DIAGNOSES: Final = "icd9cm"
PROCEDURES: Final = "icd9pcs"
SHARED: Final = frozenset({"hl7.org/fhir/sid/icd-9-cm", "icd-9-cm"})
WRITTEN: Final = {
    DIAGNOSES: re.compile(r"[VE]|\d{3}\.|\d{5}(?!\d)", re.IGNORECASE),
    PROCEDURES: re.compile(r"\d{2}(\.|$)"),
}
"""What only codes of one volume begin with."""


def is_shared(system: str | None) -> bool:
    """Return whether a name of a system is in use for both volumes.

    >>> is_shared("http://hl7.org/fhir/sid/icd-9-cm"), is_shared("2.16.840.1.113883.6.103")
    (True, False)
    """
    return system is not None and plain_name(system) in SHARED


def is_volume(definition: SystemDefinition | None) -> bool:
    """Return whether a system is one of the two volumes."""
    return definition is not None and definition.name in WRITTEN


def volume_of(code: str) -> str | None:
    """Return the volume that a code can be of alone, by how it is written; None where it may be of both.

    >>> volume_of("038.9"), volume_of("38.93"), volume_of("25000"), volume_of("3893")
    ('icd9cm', 'icd9pcs', 'icd9cm', None)
    """
    return next((name for name, pattern in WRITTEN.items() if pattern.match(code)), None)


def of_one_volume(
    head: Head, entries: Sequence[Entry], asked: str | None, faults: Faults
) -> tuple[Head, list[Entry], list[str]]:
    """Return head and entries of one volume, and warnings about the others; a list of another system as it is.

    It is the volume that is asked for, else the one that most codes with a dot are of. Where no code says it, the
    codes are read as diagnoses, whose URI it is.

    Args:
        head: Of the list, with the system as it is written.
        entries: Of the list.
        asked: The system that the call names.
        faults: Where it is noted that the list holds nothing of the volume that is asked for.
    """
    definition = named(asked) if asked else None
    if not is_shared(head.system or asked) or (head.system and asked and not is_volume(definition)):
        return head, list(entries), []
    volumes = [volume_of(entry.code) for entry in entries]
    counted = Counter(volume for volume in volumes if volume)
    # a call with the shared name asks for neither
    is_asked = definition is not None and not is_shared(asked)
    volume = (
        definition.name if definition and is_asked else max((DIAGNOSES, PROCEDURES), key=lambda name: counted[name])
    )
    warnings = []
    kept = [entry for entry, found in zip(entries, volumes, strict=True) if found in (None, volume)]
    others = [entry for entry, found in zip(entries, volumes, strict=True) if found not in (None, volume)]
    if others:
        warnings.append(_left_out(others, volume))
    elif entries and not counted and not is_asked:
        warnings.append(
            f"no code has a dot, and codes such as {entries[0].code} may be of either volume of ICD-9-CM:"
            f" they are read as {SYSTEMS[volume].title}; where they are procedures, give --system {PROCEDURES}"
        )
    if entries and not kept:
        faults.add(f"expected {SYSTEMS[volume].title}, got {warnings.pop()}", line=entries[0].line)
    return evolve(head, system=volume), kept, warnings


def _left_out(others: Sequence[Entry], volume: str) -> str:
    other = PROCEDURES if volume == DIAGNOSES else DIAGNOSES
    rows = counted(len(others), "row")
    return (
        f"{rows} of {SYSTEMS[other].title} (line {others[0].line}: {others[0].text}) in a list of"
        f" {SYSTEMS[volume].title}, left out: --system {other} reads them"
    )
