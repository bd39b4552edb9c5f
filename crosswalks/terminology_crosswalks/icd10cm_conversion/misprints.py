"""Previous codes that the table misprints, found in the releases before and after the change.

A previous code was billable on the day before. Where it is in neither release, one code that ended on that day is one
slip of the pen apart from it, and the new code begins with its stem, that code is meant, if the table says of no other
code that it replaced it. Everything else stays as it is written.

In numbers: ``V29.811A`` is new on 2022-10-01, and the table has ``V29.80XA`` before it, which is in no release. The release
before has ``V29.81XA``, which is gone from that day on. Without seventh character and placeholders it is ``V29.81``, and
``V29.811`` begins so. One character makes the one the other.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology.drafts import CommittedRelease

from .predecessors import Predecessors

if TYPE_CHECKING:
    import pyarrow as pa

STEM_LENGTH: Final = 6
"""Characters before the seventh."""
YEAR: Final = datetime.timedelta(days=366)
Row = Mapping[str, Any]


@frozen
class Change:
    """The releases before and after a day on which one takes effect."""

    before: CommittedRelease
    after: CommittedRelease


@frozen
class Corrected:
    """A row, its previous codes as they are meant, and those that are misprinted with what they are taken for."""

    row: Row
    found: Predecessors
    misprints: Mapping[str, str]


def changes_of(releases: Iterable[CommittedRelease], days: Iterable[datetime.date]) -> dict[datetime.date, Change]:
    """Return the change of each of the days on which a release takes effect, where the one before is loaded too."""
    ordered = sorted(releases, key=lambda item: (item.release.effective, item.release.correction))
    found = {}
    for day in days:
        before = [item for item in ordered if day - YEAR <= item.release.effective < day]
        after = [item for item in ordered if item.release.effective == day]
        if before and after:
            found[day] = Change(before[-1], after[-1])
    return found


def corrected(read: Sequence[tuple[Row, Predecessors]], changes: Mapping[datetime.date, Change]) -> Iterator[Corrected]:
    """Yield each row with its previous codes as they are meant."""
    named: dict[Any, set[str]] = defaultdict(set)
    for row, found in read:
        named[row["day"]] |= {code for group in found.listed for code in group}
    for row, found in read:
        change = changes.get(row["day"])
        misprints = _misprints(row["code"], found, change, named[row["day"]]) if change and row["code"] else {}
        groups = tuple(tuple(misprints.get(item, item) for item in group) for group in found.groups)
        yield Corrected(row, evolve(found, groups=groups) if misprints else found, misprints)


def _misprints(new: str, found: Predecessors, change: Change, named: AbstractSet[str]) -> dict[str, str]:
    """Return the previous codes of a new one that are misprinted, each with the one that is meant."""
    meant = {code for code in _ended(change) - named if begins_with_its_stem(new, code)}
    if not meant:
        return {}
    made = {}
    for published in (code for group in found.groups for code in group if "-" not in code):
        near = [code for code in meant if is_one_slip_apart(code, published)]
        if len(near) == 1 and not _is_in(change, published):
            made[published] = near[0]
    return made


@lru_cache(maxsize=64)
def _ended(change: Change) -> frozenset[str]:
    """Return the codes that were billable before a change, and are not after it."""
    import pyarrow.compute as pc

    before, after = (_billable(item) for item in (change.before, change.after))
    return frozenset(before.filter(pc.invert(pc.is_in(before, value_set=after))).to_pylist())


def _billable(item: CommittedRelease) -> pa.Array:
    table = item.tables["concepts"]
    return table.filter(table.column("billable")).column("code").combine_chunks()


def _is_in(change: Change, code: str) -> bool:
    """Return whether a code is in the release before a change or in the one after it."""
    import pyarrow.compute as pc

    tables = (item.tables["concepts"] for item in (change.before, change.after))
    return any(pc.any(pc.equal(table.column("code"), code)).as_py() for table in tables)


def begins_with_its_stem(new: str, code: str) -> bool:
    """Return whether a new code is one that another was divided into, by its characters.

    >>> begins_with_its_stem("V29.811A", "V29.81XA"), begins_with_its_stem("Q52.120", "Q52.12")
    (True, True)
    >>> begins_with_its_stem("V29.811A", "V29.81XD"), begins_with_its_stem("V29.811A", "V29.811A")
    (False, False)
    """
    plain, former = (text.replace(".", "") for text in (new, code))
    seventh = former[STEM_LENGTH:]
    stem = former[:STEM_LENGTH].rstrip("X") if seventh else former
    return plain != former and plain.startswith(stem) and (not seventh or plain[STEM_LENGTH:] == seventh)


def is_one_slip_apart(one: str, other: str) -> bool:
    """Return whether one character more, less, or another makes a text the other, or two that changed places.

    >>> is_one_slip_apart("V29.81XA", "V29.80XA"), is_one_slip_apart("Q52.12", "Q25.12")
    (True, True)
    >>> is_one_slip_apart("V29.81XA", "V29.80XD"), is_one_slip_apart("Q52.12", "Q52.12")
    (False, False)
    """
    short, long = sorted((one, other), key=len)
    start = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest, longer = short[start:], long[start:]
    if len(short) != len(long):
        return len(long) == len(short) + 1 and longer[1:] == rest
    is_swapped = rest[:2] == longer[1::-1] and rest[2:] == longer[2:]
    return short != long and (rest[1:] == longer[1:] or is_swapped)
