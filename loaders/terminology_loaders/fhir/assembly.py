"""Which releases copies make: one for each version; copies that say the same are one."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from functools import partial
from typing import Final

from attrs import frozen

from terminology.drafts import Assembly, Built, Draft, Part
from terminology.reading import stated_release

CORRECTION: Final = re.compile(r".+\.([0-9]{1,3})")
TABLES: Final = ("concepts", "notes", "days", "designations", "details")


@frozen
class _Dated:
    version: str
    effective: datetime.date

    @property
    def correction(self) -> int:
        """The number behind the dot of a label such as ``2022-04.1``."""
        found = CORRECTION.fullmatch(self.version)
        return int(found[1]) if found else 0


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that copies make, whatever their order."""
    refused: list[tuple[Part, str]] = []
    groups: dict[str, tuple[_Dated, list[Part]]] = {}
    for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
        definition = part.definition
        stated = stated_release(part, definition.calendar if definition else "open")
        if isinstance(stated, str):
            refused.append((part, stated))
            continue
        dated = _Dated(*stated)
        known, others = groups.setdefault(dated.version, (dated, []))
        why = _contradiction(part, dated, known, others) or _clash(dated, groups)
        if why:
            refused.append((part, why))
        else:
            others.append(part)
    drafts = [
        Draft(dated.version, dated.effective, tuple(held), partial(built, held[0]), correction=dated.correction)
        for dated, held in groups.values()
        if held
    ]
    drafts.sort(key=lambda draft: (draft.effective, draft.correction))
    return Assembly(tuple(drafts), refused=tuple(refused))


def _contradiction(part: Part, dated: _Dated, known: _Dated, others: Sequence[Part]) -> str | None:
    """Return why a part does not go with another of its version, or None."""
    if dated.effective != known.effective:
        return f"takes effect on {dated.effective}, but {others[0].origin.label}, of the same version, on {known.effective}"
    if others and others[0].facts["digest"] != part.facts["digest"]:
        return f"lists other codes than {others[0].origin.label}, which is version {dated.version} too"
    return None


def _clash(dated: _Dated, groups: dict[str, tuple[_Dated, list[Part]]]) -> str | None:
    """Return why a version cannot stand beside another that takes effect on the same day, or None."""
    place = (dated.effective, dated.correction)
    same = (one.version for one, held in groups.values() if held and (one.effective, one.correction) == place)
    other = next((version for version in same if version != dated.version), None)
    return f"takes effect on the same day as version {other}: give the --effective of each" if other else None


def built(part: Part) -> Built:
    """Return the tables of a release."""
    return Built({name: part.tables[name] for name in TABLES if name in part.tables}, licence=part.facts["licence"])
