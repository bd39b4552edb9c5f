"""Which releases a set of HCPCS files makes, what each is built from, and which releases are missing.

A release is a month, and CMS publishes each as text and as workbook. The text is the authority, and the workbook is
compared with it: that of 2019 has no day of the last action in 115 rows which have one in the text. A workbook that
differs is a warning. Two texts that differ are an error: neither is more likely, and the operator decides.

Until January 1, 2020 the next release is due a year later, then a quarter later; what is due and not loaded is a gap:
after 2020-10 and before 2025-01 these are 2021-01 to 2024-10, 16 quarterly releases.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from attrs import frozen

from terminology.drafts import Assembly, Built, Draft, Part
from terminology.errors import ReleaseFormatError
from terminology.model import Gap
from terminology.periods import next_quarter, version_label

from .dating import dating_of
from .rows import with_groups

if TYPE_CHECKING:
    import pyarrow as pa


QUARTERLY_SINCE: Final = datetime.date(2020, 1, 1)
"""The last annual file; CMS publishes quarterly from then on."""


@frozen
class _Dated:
    """A part with its place in the order of authority: texts before sheets, then by name."""

    part: Part
    warnings: tuple[str, ...]

    @property
    def rank(self) -> tuple[bool, str, str]:
        return self.part.kind != "text", self.part.origin.label, self.part.identity


def assembled(system: str, parts: Sequence[Part]) -> Assembly:
    """Return one draft for each day on which parts take effect, with the gaps between them."""
    by_day: dict[datetime.date, list[_Dated]] = {}
    refused: list[tuple[Part, str]] = []
    for part in sorted(parts, key=lambda part: part.revision):
        try:
            dating = dating_of(part)
        except ReleaseFormatError as error:
            refused.append((part, error.message))
        else:
            by_day.setdefault(dating.day, []).append(_Dated(part, dating.warnings))
    days, conflicting = _by_month(by_day)
    refused += [(one.part, reason) for day, reason in conflicting.items() for one in by_day[day]]
    return Assembly(
        drafts=tuple(_draft(day, by_day[day]) for day in days),
        gaps=tuple(gap for after, before in pairwise(days) if (gap := _gap(system, after, before))),
        refused=tuple(refused),
    )


def _by_month(days: Iterable[datetime.date]) -> tuple[list[datetime.date], dict[datetime.date, str]]:
    """Return the days that are alone in their month, and why the others are rejected: a version is a month."""
    months: dict[str, list[datetime.date]] = {}
    for day in sorted(days):
        months.setdefault(version_label("quarter", day), []).append(day)
    alone = [found[0] for found in months.values() if len(found) == 1]
    conflicting = {
        day: f"expected one day for release {version}, got {' and '.join(map(str, found))}; correct it with --effective"
        for version, found in months.items()
        for day in found
        if len(found) > 1
    }
    return alone, conflicting


def _draft(day: datetime.date, dated: Sequence[_Dated]) -> Draft:
    ordered = sorted(dated, key=lambda one: one.rank)
    parts = tuple(one.part for one in ordered)
    warnings = tuple(warning for one in ordered for warning in one.warnings)
    return Draft(
        version=version_label("quarter", day),
        effective=day,
        parts=parts,
        build=partial(_built, parts),
        warnings=warnings,
    )


def _built(parts: Sequence[Part]) -> Built:
    """Return the rows of the first part under their groups, the others compared with it.

    Raises:
        ReleaseFormatError: Two files of one kind are of the same release, with different rows.
    """
    authority, *others = parts
    rows = authority.tables["rows"]
    warnings = []
    for other in others:
        found = other.tables["rows"]
        if other.kind != authority.kind:
            label = other.origin.label
            warnings += [f"{label} against {authority.origin.label}: {text}" for text in differences(rows, found)]
        elif not same_rows(rows, found):
            raise _contradiction(authority, other, differences(rows, found))
    return Built({"concepts": with_groups(rows)}, tuple(warnings))


def _contradiction(authority: Part, other: Part, found: Sequence[str]) -> ReleaseFormatError:
    what = "; ".join(found) or "another order of codes"
    return ReleaseFormatError(
        f"expected the rows of {authority.origin.label}, which takes effect on the same day, got: {what}. "
        "Give the day of each with --effective, or load only one of them",
        file=other.origin.label,
    )


def _gap(system: str, after: datetime.date, before: datetime.date) -> Gap | None:
    missing = []
    day = _next_release(after)
    while day < before:
        missing.append(day)
        day = _next_release(day)
    if not missing:
        return None
    first, last = (version_label("quarter", day) for day in (missing[0], missing[-1]))
    span = f"{first} to {last} are" if len(missing) > 1 else f"{first} is"
    reason = f"{span} not loaded ({_counted(missing)})"
    return Gap(system, version_label("quarter", after), version_label("quarter", before), reason)


def _next_release(day: datetime.date) -> datetime.date:
    return datetime.date(day.year + 1, 1, 1) if day < QUARTERLY_SINCE else next_quarter(day)


def _counted(days: Sequence[datetime.date]) -> str:
    annual = sum(day <= QUARTERLY_SINCE for day in days)
    counts = [(annual, "annual"), (len(days) - annual, "quarterly")]
    words = [f"{count} {word}" for count, word in counts if count]
    return f"{', '.join(words)} release{'s' * (len(days) != 1)}"


NAMED: Final = 3

DERIVED: Final = frozenset({"line", "effective_from", "effective_to", "changed", "reactivated"})
"""Columns that follow from others, or from the file alone."""


def same_rows(one: pa.Table, other: pa.Table) -> bool:
    """Return whether the tables say the same, whatever their lines."""
    return bool(one.drop_columns(["line"]).equals(other.drop_columns(["line"])))


def differences(authority: pa.Table, other: pa.Table) -> list[str]:
    """Return how the other table differs: one text for each field, naming the first few codes."""
    import pyarrow as pa

    ours, theirs = (_positions(table) for table in (authority, other))
    found = []
    if lost := [code for code in ours if code not in theirs]:
        found.append(f"lacks {_some(lost)}")
    if extra := [code for code in theirs if code not in ours]:
        found.append(f"adds {_some(extra)}")
    common = [code for code in ours if code in theirs]
    # no code at all may be common, and Arrow does not know an empty list as one of numbers
    left = authority.take(pa.array([ours[code] for code in common], pa.int64()))
    right = other.take(pa.array([theirs[code] for code in common], pa.int64()))
    for name in authority.schema.names:
        if name in DERIVED or left.column(name).equals(right.column(name)):
            continue
        pairs = zip(common, left.column(name).to_pylist(), right.column(name).to_pylist(), strict=True)
        found.append(f"another {name} in {_some([code for code, mine, its in pairs if mine != its])}")
    return found


def _positions(table: pa.Table) -> dict[str, int]:
    return {code: index for index, code in enumerate(table.column("code").to_pylist())}


def _some(codes: list[str]) -> str:
    more = " …" if len(codes) > NAMED else ""
    return f"{len(codes)} code{'s' * (len(codes) != 1)} ({', '.join(codes[:NAMED])}{more})"
