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
from terminology.reading.dates import year_in
from terminology.systems import SystemDefinition

from .building import Ingredients, built

AUTHORITIES: Final = ("claml", "codes")
"""Kinds of part that make a release; the others only add to one."""
KINDS: Final = (*AUTHORITIES, "blocks", "chapters", "titles")
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
    ordered = sorted(parts, key=lambda part: (part.origin.label, part.revision))
    refused: Refusals = []
    labelled, unlabelled = _labelled(ordered, definition, refused)
    labelled |= _by_company(unlabelled, ordered, labelled, refused)
    releases: dict[Label, list[Part]] = {}
    for part in ordered:
        label = labelled.get(part.identity)
        if label is not None:
            releases.setdefault(label, []).append(part)
    drafts: list[Draft] = []
    unused: Refusals = []
    for label, own in sorted(releases.items(), key=lambda item: (item[0].effective, item[0].correction)):
        chosen = _agreed(label, own, refused)
        if any(kind in chosen for kind in AUTHORITIES):
            drafts.append(_draft(label, chosen, definition))
        else:
            reason = f"no list of the codes of {definition.title} {label.version} is loaded"
            unused += [(part, reason) for group in chosen.values() for part in group]
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
    return chosen


def _draft(label: Label, chosen: dict[str, list[Part]], definition: SystemDefinition) -> Draft:
    first: dict[str, Any] = {kind: group[0] for kind, group in chosen.items()}
    ingredients = Ingredients(
        claml=first.get("claml"),
        codes=first.get("codes"),
        blocks=first.get("blocks"),
        chapters=first.get("chapters"),
        titles=first.get("titles"),
        german=definition.name == "icd10gm",
    )
    authority = ingredients.authority
    others = [part for group in chosen.values() for part in group if part.identity != authority.identity]
    return Draft(
        version=label.version,
        effective=label.effective,
        parts=(authority, *others),
        build=partial(built, ingredients),
        correction=label.correction,
    )


def _gaps(drafts: Sequence[Draft], definition: SystemDefinition) -> Iterable[Gap]:
    """Yield the years between two annual releases that no file covers; WHO's releases last to the next one."""
    if definition.calendar == "open":
        return
    for before, after in pairwise(drafts):
        missing = [str(year) for year in range(before.effective.year + 1, after.effective.year)]
        if missing:
            yield Gap(definition.name, before.version, after.version, f"no release of {', '.join(missing)} is loaded")
