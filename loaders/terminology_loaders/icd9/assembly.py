"""Which releases a set of ICD-9-CM files makes, and the proof that the files of a release agree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final

from terminology.counts import counted
from terminology.drafts import Assembly, Built, Draft, Part
from terminology.model import Gap, Origin
from terminology.periods import year_of, year_start
from terminology.reading import Faults
from terminology.reading.dates import DatedVersion

from .halves import Half, Row, concept_table
from .postings import Posting, postings_of

FIRST_YEAR: Final = 1983
"""Version 1 was in force in fiscal year 1984."""
NAMED_VERSION: Final = re.compile(r"(?<![0-9])(?:CMS|V|VERSION)[ _-]?([0-9]{2})(?![0-9])", re.IGNORECASE)
SHOWN: Final = 5


def name_facts(origin: Origin) -> dict[str, Any]:
    """Return the version that the names of file and archive state; None where they state nothing.

    >>> name_facts(Origin("CMS32_DESC_LONG_DX.txt", "", 0))["name_version"]
    '32'
    """
    return {"name_version": version_in(origin.name), "archive_version": version_in(origin.archive or "")}


def version_in(name: str) -> str | None:
    """Return the version of ICD-9-CM that a name states, or None.

    >>> version_in("icd-9-cm-v32-master-descriptions.zip"), version_in("I9diagnosesV23.txt"), version_in("dx.txt")
    ('32', '23', None)
    """
    match = NAMED_VERSION.search(name)
    return str(int(match[1])) if match and 1 <= int(match[1]) <= 32 else None  # noqa: PLR2004 -- there is no later one


def dating_of(part: Part) -> DatedVersion | str:
    """Return version and first day of a part, or the reason why nothing states them."""
    version = part.version or part.facts["name_version"] or part.facts["archive_version"]
    if part.version and not re.fullmatch(r"[1-9]|[12][0-9]|3[0-2]", part.version):
        return f"expected a version of ICD-9-CM from 1 to 32, got {part.version!r}"
    if part.effective:
        return DatedVersion(
            version if part.version else str(year_of("fiscal", part.effective) - FIRST_YEAR), part.effective
        )
    if version is None:
        return "no name states the version of ICD-9-CM: give --version, for the last one --version 32"
    return DatedVersion(version, year_start("fiscal", FIRST_YEAR + int(version)))


def assembled(half: Half, parts: Sequence[Part]) -> Assembly:
    """Return the releases that the parts make, whatever their order."""
    refused: list[tuple[Part, str]] = []
    groups: dict[DatedVersion, list[Part]] = {}
    for part in parts:
        dating = dating_of(part)
        if isinstance(dating, str):
            refused.append((part, dating))
        else:
            groups.setdefault(dating, []).append(part)
    drafts = []
    for dating, group in sorted(groups.items(), key=lambda item: (item[0].effective, item[0].version)):
        postings, conflicting = postings_of(group, half.noun, dating.version)
        refused += conflicting
        drafts += [_draft(half, dating, posting, number) for number, posting in enumerate(postings)]
    return Assembly(tuple(drafts), gaps=tuple(_gaps(half, drafts)), refused=tuple(refused))


def _gaps(half: Half, drafts: Sequence[Draft]) -> list[Gap]:
    gaps = []
    for before, after in pairwise(drafts):
        first, last = (int(draft.version.partition(".")[0]) for draft in (before, after))
        missing = [str(version) for version in range(first + 1, last)]
        if missing:
            reason = f"version{'s' * (len(missing) > 1)} {', '.join(missing)} not loaded"
            gaps.append(Gap(half.definition.name, before.version, after.version, reason))
    return gaps


def _draft(half: Half, dating: DatedVersion, posting: Posting, number: int) -> Draft:
    """Return a posting as a release: the first one under its version, the others as its corrections."""
    parts, warnings = posting.parts, list(posting.warnings)
    if all(part.kind == "short" for part in parts):
        warnings.append(f"{parts[0].origin.label}: the list of long titles is not loaded; the short ones are used")
    return Draft(
        version=f"{dating.version}.{number}" if number else dating.version,
        effective=dating.effective,
        parts=parts,
        build=partial(built, half, parts, posting.fresh),
        correction=number,
        warnings=tuple(warnings),
    )


def built(half: Half, parts: Sequence[Part], fresh: frozenset[str] = frozenset()) -> Built:
    """Return the tables of a release; its first part is the authority, the others must list the same codes.

    Args:
        half: Diagnoses or procedures.
        parts: The lists.
        fresh: Identities of those that correct the release. What others say differently is what was corrected.

    Raises:
        ReleaseFormatError: A part lists other codes.
        ReleaseFaults: The same, with several.
    """
    authority = parts[0]
    tables = {part.identity: part.tables["rows"].to_pylist() for part in parts}
    rows = tables[authority.identity]
    for part in parts[1:]:
        _check_codes(authority, rows, part, tables[part.identity])
    short_titles: dict[str, str | None] = {row["code"]: None for row in rows}
    for part in sorted(parts, key=lambda part: part.identity not in fresh):
        for row in tables[part.identity]:
            short_titles[row["code"]] = short_titles[row["code"]] or row["short_title"]
    warnings: list[str] = []
    for part in parts[1:]:
        if (part.identity in fresh) == (authority.identity in fresh):
            warnings += _title_differences(authority, rows, short_titles, part, tables[part.identity])
    made = [
        Row(row["code"], row["title"] or row["short_title"], short_titles[row["code"]], row["line"]) for row in rows
    ]
    return Built({"concepts": concept_table(half, made)}, tuple(warnings))


def _check_codes(authority: Part, rows: Sequence[dict[str, Any]], part: Part, others: Sequence[dict[str, Any]]) -> None:
    faults = Faults(part.origin.label)
    expected = {row["code"] for row in rows}
    found = {row["code"]: row["line"] for row in others}
    for code in sorted(found.keys() - expected):
        faults.add(f"expected a code of {authority.origin.label}, got {code}", line=found[code], column=1)
    missing = sorted(expected - found.keys())
    if missing:
        listed = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
        message = f"expected all {len(expected):,} codes of {authority.origin.label}, {counted(len(missing), 'is', 'are')} missing"
        faults.add(f"{message}: {listed}", line=max(found.values()) + 1)
    faults.raise_if_any()


def _title_differences(
    authority: Part,
    rows: Sequence[dict[str, Any]],
    short_titles: dict[str, str | None],
    part: Part,
    others: Sequence[dict[str, Any]],
) -> list[str]:
    titles = {row["code"]: row["title"] for row in rows}
    wrong = {
        "long": [row["code"] for row in others if row["title"] and titles[row["code"]] not in {None, row["title"]}],
        "short": [
            row["code"] for row in others if row["short_title"] and row["short_title"] != short_titles[row["code"]]
        ],
    }
    return [
        f"{part.origin.label}: {len(codes)} {name} titles are not those of the other files of the release "
        f"({authority.origin.label}): " + ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")
        for name, codes in wrong.items()
        if codes
    ]
