"""Whether the lists of changes and the read-me fit the list of their year, and that of the year before.

The list of FY2017 must be that of FY2016 with 1,814 codes added and 178 deleted. The read-me of that year counts 1,817
added; then the files are right, and the number is a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from attrs import evolve

from terminology import schema
from terminology.counts import counted
from terminology.drafts import Assembly, Built, Draft, Part

from .files import ADDED, CHANGES, DELETED, LIST, facts_of

ALONE: Final = "the list of the year before is not loaded, so that the changes cannot be checked"
SHOWN: Final = 5
"""Codes that a warning names."""


def reconciled(lists: Assembly, companions: Sequence[Part]) -> Assembly:
    """Return the lists with those companions that can be checked; the others are unused, with the reason."""
    unused: list[tuple[Part, str]] = []
    drafts = []
    known = {draft.version: draft for draft in lists.drafts}
    for draft in lists.drafts:
        former = known.get(_year_before(draft.version))
        own = sorted(
            (part for part in companions if facts_of(part)["version"] == draft.version),
            key=lambda part: (part.kind, part.origin.label, part.revision),
        )
        counts = [part for part in own if part.facts["role"] == "counts"]
        changes = [part for part in own if part.facts["role"] != "counts"]
        if former is None:
            unused += [(part, ALONE) for part in changes]
        drafts.append(_checked(draft, former, counts, changes))
    unused += [
        (part, "the list of its fiscal year is not loaded")
        for part in companions
        if facts_of(part)["version"] not in known
    ]
    return evolve(lists, drafts=tuple(drafts), unused=(*lists.unused, *unused))


def _year_before(version: str) -> str:
    return f"FY{int(version[2:]) - 1}" if version[2:].isdigit() else ""


def _checked(draft: Draft, former: Draft | None, counts: Sequence[Part], changes: Sequence[Part]) -> Draft:
    along = (*counts, *(changes if former else ()))
    if not along:
        return draft
    borrowed = (former.parts[0],) if former and changes else ()
    said = partial(_warnings, draft.parts[0], borrowed, counts, changes)
    return evolve(draft, parts=(*draft.parts, *along), borrowed=borrowed, build=partial(_built, draft.build, said))


def _built(build: Callable[[], Built], said: Callable[[], list[str]]) -> Built:
    made = build()
    return evolve(made, warnings=(*made.warnings, *said()))


def _warnings(own: Part, former: Sequence[Part], counts: Sequence[Part], changes: Sequence[Part]) -> list[str]:
    """Return what does not fit, as sentences."""
    stated = _of_role(changes)
    found = {LIST: own.facts["members"], **{role: len(codes) for role, codes in stated.items()}}
    said = []
    for part in counts:
        for role, number in part.facts["counts"].items():
            if role in found and found[role] != number:
                what = "codes in the list" if role == LIST else f"codes {role}"
                said.append(
                    f"{part.origin.label} counts {number:,} {what}, the file has {found[role]:,}: the file counts"
                )
    if former:
        before, after = _codes(former[0]), _codes(own)
        for role, changed in ((ADDED, after - before), (DELETED, before - after)):
            said += _difference(role, stated.get(role), changed, own, former[0])
    return said


def _difference(role: str, stated: set[str] | None, changed: set[str], own: Part, former: Part) -> list[str]:
    if stated is None or stated == changed:
        return []
    odd = sorted(stated ^ changed)
    shown = ", ".join(odd[:SHOWN]) + (" …" if len(odd) > SHOWN else "")
    between = f"{former.origin.label} and {own.origin.label}"
    return [
        f"{counted(len(odd), 'code is', 'codes are')} not {role} as the list of changes says, between {between}: {shown}"
    ]


def _of_role(changes: Sequence[Part]) -> dict[str, set[str]]:
    """Return the codes of each kind of change; of a text and a workbook the first counts."""
    found: dict[str, set[str]] = {}
    for part in changes:
        if part.facts["role"] not in found:
            found[part.facts["role"]] = set(part.tables[CHANGES].column("code").to_pylist())
    return found


def _codes(part: Part) -> set[str]:
    return set(part.tables[schema.MEMBERS].column("code").to_pylist())
