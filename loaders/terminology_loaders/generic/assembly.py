"""Which releases the files of one code system make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from terminology.drafts import Assembly, Built, Draft, Part
from terminology.reading import stated_release
from terminology.reading.dates import DatedVersion

FIXED = ("uri", "dated", "calendar", "dot")
"""What all files of a code system must say alike."""


def dating_of(part: Part) -> DatedVersion | str:
    """Return version and first day of a part, or the reason why nothing tells them.

    What the operator gave wins; then the day that the file states, then a version that is a day, month or year.
    """
    definition = part.definition
    calendar = definition.calendar if definition else "open"
    stated = stated_release(part, calendar)
    return stated if isinstance(stated, str) else DatedVersion(*stated)


def assembled(parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order: one for each version."""
    refused: list[tuple[Part, str]] = []
    dated: list[tuple[DatedVersion, Part]] = []
    for part in sorted(parts, key=lambda part: (part.origin.label, part.revision)):
        dating = dating_of(part)
        if isinstance(dating, str):
            refused.append((part, dating))
        else:
            dated.append((dating, part))
    dated.sort(key=lambda pair: (pair[0].effective, pair[0].version))
    groups: dict[DatedVersion, list[Part]] = {}
    for dating, part in dated:
        why = _contradiction(dating, part, groups)
        if why:
            refused.append((part, why))
        else:
            groups.setdefault(dating, []).append(part)
    return Assembly(tuple(_draft(dating, group) for dating, group in groups.items()), refused=tuple(refused))


def _contradiction(dating: DatedVersion, part: Part, groups: dict[DatedVersion, list[Part]]) -> str | None:
    """Return what speaks against a part beside those taken in before, or None."""
    for other_dating, others in groups.items():
        other = others[0]
        for name in FIXED:
            said, says = (getattr(one.definition, name, None) for one in (other, part))
            if said != says:
                return f"says {name} {says!r}, but {other.origin.label}, of the same code system, says {said!r}"
        if other_dating == dating and other.facts["digest"] != part.facts["digest"]:
            return f"lists other codes than {other.origin.label}, which is version {dating.version} too"
        if other_dating != dating and other_dating.version == dating.version:
            return f"takes effect on {dating.effective}, but {other.origin.label}, of the same version, on " + str(
                other_dating.effective
            )
        if other_dating != dating and other_dating.effective == dating.effective:
            return f"takes effect on the same day as version {other_dating.version}: give the --effective of each"
    return None


def _draft(dating: DatedVersion, parts: Sequence[Part]) -> Draft:
    return Draft(dating.version, dating.effective, tuple(parts), partial(built, parts[0]))


def built(part: Part) -> Built:
    """Return the tables of a release."""
    names = [name for name in ("concepts", "designations", "details") if name in part.tables]
    tables: dict[str, Any] = {name: part.tables[name] for name in names}
    return Built(tables, licence=part.facts["licence"])
