"""Rows of codes for the engines: of several systems and releases, damaged ones among them, with and without days."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pyarrow as pa

from terminology import Status, Terminology

SYSTEMS = ("icd10cm", "hcpcs", "icd9cm", "icd10pcs", "icd10gm")
DAMAGED = ("?", "", " e119 ", "m545", "W21.89A", "38.9", "E11.90", "J1815", "\u013110", "NULL", "99213:25", "M50-M54")
NAMES = {"icd10cm": ("ICD10CM", "http://hl7.org/fhir/sid/icd-10-cm"), "icd9cm": ("ICD9CM",), "hcpcs": ("HCPCS",)}
FIRST, LAST = datetime.date(2012, 1, 1).toordinal(), datetime.date(2027, 1, 1).toordinal()


def mixed_rows(store: Terminology, count: int = 800, seed: int = 1) -> pa.Table:
    """Return rows with ``system``, ``dx``, ``day`` and ``other``: any of them may be null, or nonsense."""
    chosen = random.Random(seed)  # noqa: S311 -- to choose rows
    codes = {name: codes_of(store, name) for name in SYSTEMS}
    rows = []
    for _ in range(count):
        name = chosen.choice(SYSTEMS)
        rows.append(
            {
                "system": chosen.choice(
                    [name, *NAMES.get(name, ()), *((None, "snomed") if chosen.random() < 0.1 else ())]
                ),
                "dx": chosen.choice(
                    [chosen.choice(codes[name]), chosen.choice(codes[name]), chosen.choice(DAMAGED), None]
                ),
                "day": None if chosen.random() < 0.05 else datetime.date.fromordinal(chosen.randrange(FIRST, LAST)),
                "other": chosen.choice([chosen.choice(codes[name]), "M54", "M54.5", None]),
            }
        )
    return pa.Table.from_pylist(
        rows,
        schema=pa.schema([("system", pa.string()), ("dx", pa.string()), ("day", pa.date32()), ("other", pa.string())]),
    )


def codes_of(store: Terminology, system: str) -> list[str]:
    """Return all codes of all releases of a system."""
    found = store[system]
    return sorted({code for release in found.releases for code in found.release(release.version)})


def status_of(store: Terminology, row: dict[str, Any]) -> str:
    """Return the status of one row, by the edition of its day."""
    system = store.get(row["system"]) if row["system"] else None
    if system is None:
        return "uncovered"
    if row["day"] is None:
        return "malformed" if system.latest.status(row["dx"]) is Status.MALFORMED else "uncovered"
    return str(system.on(row["day"]).status(row["dx"]))
