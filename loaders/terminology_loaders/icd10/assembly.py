"""Which releases a set of files of ICD-10 or ICD-10-GM makes: the year of each, and what belongs together."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final

from attrs import field, frozen

from terminology.drafts import Assembly, Draft, Part
from terminology.model import Gap, Origin
from terminology.periods import effective_of, version_label
from terminology.reading.dates import year_in, years_in
from terminology.systems import SystemDefinition

from .building import Ingredients, built
from .mortality_days import idle_lists, list_for
from .placement import Lent

AUTHORITIES: Final = ("claml", "codes")
"""Kinds of part that make a release; the others only add to one."""
WEAK: Final = "titles"
"""Kind of part that makes a release of a year of which there is no better one."""
KINDS: Final = (*AUTHORITIES, "blocks", "chapters")
FIRST_YEAR: Final = 1980
"""The tenth revision is younger: a smaller number in a name is no year."""
RELEASE_NAME: Final = re.compile(r"icd-?10-?(?:gm|who|fr|en)?[-_]?((?:19[89]|20\d)\d)", re.IGNORECASE)
"""The number of the revision runs into the year: ``icd102016syst_codes.txt``."""

Refusals = list[tuple[Part, str]]


@frozen
class Label:
    """Version and first day of a release."""

    version: str
    effective: datetime.date
    correction: int = 0
    given: bool = field(default=False, eq=False)
    """Whether the operator gave it."""


@frozen
class Plan:
    """A release, and its own parts by kind."""

    label: Label
    chosen: Mapping[str, Sequence[Part]]

    def has(self, kind: str) -> bool:
        """Return whether the release has blocks, with their ends, or chapters of its own."""
        parts = self.chosen.get(kind, ())
        return "claml" in self.chosen or any(part.facts.get("ends", True) for part in parts)


def name_year(origin: Origin) -> int | None:
    """Return the year in the name of a file, else of its archive; None where neither holds one.

    >>> name_year(Origin("icd102016syst_codes.txt", "", 0)), name_year(Origin("kodes.txt", "", 0, "x1gmt2015.zip"))
    (2016, 2015)
    """
    for name in (origin.name, origin.archive or ""):
        if found := RELEASE_NAME.search(name):
            return int(found[1])
        if year := year_in(name, FIRST_YEAR):
            return year
    match = re.search(r"((?:19[89]|20\d)\d)\.[A-Za-z]+$", origin.archive or "")
    return int(match[1]) if match else None


def label_of(part: Part, definition: SystemDefinition) -> Label | None:
    """Return the release that a part says it is of, or None where nothing states it.

    Raises:
        ValueError: The operator's version is no year.
    """
    if part.version:
        _, _, correction = part.version.partition(".")
        day = part.effective or effective_of(definition.calendar, part.version)
        number = int(correction or 0)
        return Label(version_label(definition.calendar, day, number), day, number, given=True)
    if part.effective:
        return Label(version_label(definition.calendar, part.effective), part.effective, given=True)
    if not part.facts.get("year"):
        return None
    first = datetime.date(int(part.facts["year"]), 1, 1)
    return Label(version_label(definition.calendar, first), first)


def assembled(parts: Sequence[Part], definition: SystemDefinition) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    everything = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    ordered = [part for part in everything if part.kind != "mortality"]
    lists = [part for part in everything if part.kind == "mortality"]
    refused: Refusals = []
    labelled, unlabelled = _labelled(ordered, definition, refused)
    labelled |= _by_company(unlabelled, ordered, labelled, refused)
    releases: dict[Label, list[Part]] = {}
    for part in ordered:
        label = labelled.get(part.identity)
        if label is not None:
            releases.setdefault(label, []).append(part)
    plans: list[Plan] = []
    unused: Refusals = []
    for label, own in sorted(releases.items(), key=lambda item: (item[0].effective, item[0].correction)):
        chosen = _agreed(label, own, refused)
        if any(kind in chosen for kind in (*AUTHORITIES, WEAK)):
            plans.append(Plan(label, chosen))
        else:
            reason = f"no list of the codes of {definition.title} {label.version} is loaded"
            unused += [(part, reason) for group in chosen.values() for part in group]
    drafts = [_draft(plan, plans, lists, definition) for plan in plans]
    unused += idle_lists(lists, drafts)
    return Assembly(tuple(drafts), tuple(_gaps(drafts, definition)), tuple(refused), tuple(unused))


def _labelled(
    parts: Iterable[Part], definition: SystemDefinition, refused: Refusals
) -> tuple[dict[str, Label], list[Part]]:
    labelled: dict[str, Label] = {}
    unlabelled = []
    for part in parts:
        try:
            label = label_of(part, definition)
        except ValueError:
            refused.append((part, f"expected a version like 2019, got {part.version!r}"))
            continue
        if label is None:
            unlabelled.append(part)
        else:
            labelled[part.identity] = label
    # a release has one first day, whichever of its files the operator gave it for
    given = {label.version: label for label in labelled.values() if label.given}
    return {key: given.get(label.version, label) for key, label in labelled.items()}, unlabelled


def _by_company(
    parts: Iterable[Part], dated: Iterable[Part], labelled: Mapping[str, Label], refused: Refusals
) -> dict[str, Label]:
    """Return the releases of parts that state none themselves: that of the other files of their archive."""
    archives: dict[str, set[Label]] = {}
    for part in dated:
        if part.identity in labelled and part.origin.archive_sha256:
            archives.setdefault(part.origin.archive_sha256, set()).add(labelled[part.identity])
    found: dict[str, Label] = {}
    for part in parts:
        labels = archives.get(part.origin.archive_sha256 or "", set())
        if len(labels) == 1:
            found[part.identity] = next(iter(labels))
        else:
            refused.append((part, "neither name nor content states the year of the file: give --version"))
    return found


def _agreed(label: Label, parts: Iterable[Part], refused: Refusals) -> dict[str, list[Part]]:
    """Return the parts of a release by kind; two that hold different rows are rejected unless one was given."""
    chosen: dict[str, list[Part]] = {}
    own = list(parts)
    for kind in KINDS:
        group = [part for part in own if part.kind == kind]
        said = [part for part in group if part.version or part.effective]
        leading = said or group
        digests = {part.facts["digest"] for part in leading}
        if len(digests) > 1:
            for part in leading:
                other = next(o for o in leading if o.facts["digest"] != part.facts["digest"])
                message = f"holds other rows than {other.origin.label}, which is of release {label.version} as well"
                refused.append((part, f"{message}: give --version"))
            continue
        same = [part for part in group if part.facts["digest"] in digests]
        for part in group:
            if part not in same:
                message = f"holds other rows than {leading[0].origin.label}, which is of release {label.version}"
                refused.append((part, f"{message} by better evidence: give --version"))
        if same:
            chosen[kind] = same
    if weak := sorted((part for part in own if part.kind == WEAK), key=lambda part: _nearness(part, label)):
        chosen[WEAK] = weak
    return chosen


def _nearness(part: Part, label: Label) -> tuple[bool, bool, str]:
    """Return the order among lists of titles: the operator's first, then those of the transition that leads to the year.

    They never exclude each other: the same year is in two transitions, and where they differ that is a warning.
    """
    leads_to = max(years_in(part.origin.archive or ""), default=None)
    given = bool(part.version or part.effective)
    return not given, leads_to != label.effective.year, part.origin.label


def _draft(plan: Plan, plans: Sequence[Plan], lists: Sequence[Part], definition: SystemDefinition) -> Draft:
    label, chosen = plan.label, plan.chosen
    first: dict[str, Any] = {kind: group[0] for kind, group in chosen.items()}
    before = [other.label.effective for other in plans if other.label.effective < label.effective]
    former = max(before, default=None)
    ingredients = Ingredients(
        claml=first.get("claml"),
        codes=first.get("codes"),
        blocks=first.get("blocks"),
        chapters=first.get("chapters"),
        titles=tuple(chosen.get(WEAK, ())),
        lent_blocks=None if plan.has("blocks") else _lent("blocks", plan, plans),
        lent_chapters=None if plan.has("chapters") else _lent("chapters", plan, plans),
        mortality=list_for(lists, former, label.effective),
        former=former,
        effective=label.effective,
        german=definition.name == "icd10gm",
    )
    authority = ingredients.authority
    others = [part for group in chosen.values() for part in group if part.identity != authority.identity]
    return Draft(
        version=label.version,
        effective=label.effective,
        parts=(authority, *others),
        build=partial(built, ingredients),
        borrowed=ingredients.borrowed,
        derived=authority.kind == WEAK,
        correction=label.correction,
    )


def _lent(kind: str, plan: Plan, plans: Sequence[Plan]) -> Lent | None:
    """Return the part of the nearest release that has such nodes, the earlier of two equally near; None without one."""
    having = [other for other in plans if other is not plan and other.has(kind)]
    day = plan.label.effective
    nearest = min(
        having,
        key=lambda other: (abs((other.label.effective - day).days), other.label.effective, -other.label.correction),
        default=None,
    )
    if nearest is None:
        return None
    return Lent((nearest.chosen.get(kind) or nearest.chosen["claml"])[0], nearest.label.version)


def _gaps(drafts: Sequence[Draft], definition: SystemDefinition) -> Iterable[Gap]:
    """Yield the years between two annual releases that no file covers; WHO's releases last to the next one."""
    if definition.calendar == "open":
        return
    for before, after in pairwise(drafts):
        missing = [str(year) for year in range(before.effective.year + 1, after.effective.year)]
        if missing:
            yield Gap(definition.name, before.version, after.version, f"no release of {', '.join(missing)} is loaded")
