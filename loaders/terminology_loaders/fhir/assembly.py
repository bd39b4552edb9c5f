"""Which releases copies make: one for each version; copies that say the same are one."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
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
    """Return the releases that copies make, whatever their order; of copies that contradict each other none is taken."""
    refused: list[tuple[Part, str]] = []
    groups: dict[str, list[tuple[_Dated, Part]]] = {}
    for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
        definition = part.definition
        stated = stated_release(part, definition.calendar if definition else "open")
        if isinstance(stated, str):
            refused.append((part, stated))
        else:
            groups.setdefault(stated[0], []).append((_Dated(*stated), part))
    drafts = []
    for group in _without_clashes(groups.values(), refused):
        (dated, first), held = group[0], [part for _, part in group]
        draft = Draft(dated.version, dated.effective, tuple(held), partial(built, first), correction=dated.correction)
        drafts.append(draft)
    drafts.sort(key=lambda draft: (draft.effective, draft.correction))
    return Assembly(tuple(drafts), refused=tuple(refused))


Group = list[tuple[_Dated, Part]]


def _without_clashes(groups: Iterable[Group], refused: list[tuple[Part, str]]) -> Iterator[Group]:
    """Yield the copies of each version that agree; others are added to those that are refused."""
    sound: dict[tuple[datetime.date, int], list[Group]] = {}
    for group in groups:
        found = [(part, why) for one, part in group if (why := _contradiction(one, part, group))]
        refused += found
        if not found:
            sound.setdefault((group[0][0].effective, group[0][0].correction), []).append(group)
    for same in sound.values():
        if len(same) == 1:
            yield same[0]
            continue
        for group in same:
            other = next(one[0][0].version for one in same if one is not group)
            why = f"takes effect on the same day as version {other}: give the --effective of each"
            refused += [(part, why) for _, part in group]


def _contradiction(dated: _Dated, part: Part, group: Group) -> str | None:
    """Return why a copy does not go with another of its version, or None."""
    for other, held in group:
        if dated.effective != other.effective:
            return (
                f"takes effect on {dated.effective}, but {held.origin.label}, of the same version, on {other.effective}"
            )
        if held.facts["digest"] != part.facts["digest"]:
            return f"lists other codes than {held.origin.label}, which is version {dated.version} too"
    return None


def built(part: Part) -> Built:
    """Return the tables of a release."""
    return Built({name: part.tables[name] for name in TABLES if name in part.tables}, licence=part.facts["licence"])
