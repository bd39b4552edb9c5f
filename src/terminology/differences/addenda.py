"""Whether a publisher's addenda states the same changes as the difference of two editions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from attrs import frozen

from .difference import Difference

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class Disagreement:
    """One code about which addenda and difference disagree; or, without a code, why they cannot be compared."""

    code: str | None
    """None where the two cannot be compared at all."""
    aspect: str
    """base, presence, billable, title or short_title."""
    addenda: str
    """What the addenda says."""
    found: str
    """What the editions say."""

    def __str__(self) -> str:
        place = f"{self.code}: " if self.code else ""
        return f"{place}{self.aspect}: the addenda says {self.addenda}, the releases {self.found}"


@frozen
class _State:
    """What is stated of a code after the change: a row of the release, or None of what was taken out."""

    billable: bool
    title: str
    short_title: str | None


def against_addenda(difference: Difference, changes: pa.Table) -> tuple[Disagreement, ...]:
    """Return where a difference is not what the publisher's addenda says, code by code; empty where all agree.

    An addenda leads from one release to the next. Where its counts show that it starts from another release than
    ``difference.before``, the one disagreement returned says so, and codes are not compared.

    Args:
        difference: From the release before to the one that the addenda leads to.
        changes: The table ``changes`` of the later release: ``action`` (add, delete, revise_from, revise_to),
            ``billable`` (null in a file that lists billable codes only), ``code``, ``short_title``, ``title``.

    References:
        CMS and NCHS, "ICD-10-CM/PCS Order File Format", section on the addenda.

    >>> cm = store["icd10cm"]
    >>> against_addenda(cm.diff("2021", "2022"), cm.release("2022").table("changes"))
    ()
    >>> print(against_addenda(cm.diff("2021", "2022-04"), cm.release("2022").table("changes"))[0])
    base: the addenda says 43 codes and 30 headers before it, the releases 41 and 28
    """
    rows = changes.to_pylist()
    other = _other_base(difference, rows)
    if other is not None:
        return (other,)
    told, lost = _told(rows)
    found, gone = _found(difference)
    reworded = {row["code"] for row in rows if row["action"] == "revise_to"}
    reworded |= {*difference.revised["code"].to_pylist()}
    faults = [
        *_presence(told, lost, found, gone, reworded),
        *(fault for code in sorted(told.keys() & found.keys()) for fault in _values(code, told[code], found[code])),
    ]
    return tuple(sorted(faults, key=lambda fault: (fault.code or "", fault.aspect)))


def _other_base(difference: Difference, rows: list[dict[str, Any]]) -> Disagreement | None:
    """Return the disagreement of an addenda that starts from another release, by the counts that it implies."""
    after = difference.after
    totals = {True: after.billable, False: after.concepts - after.billable}
    for row in rows:
        totals[row["billable"]] += {"add": -1, "delete": 1}.get(row["action"], 0)
    before = difference.before
    if (totals[True], totals[False]) == (before.billable, before.concepts - before.billable):
        return None
    told = f"{totals[True]:,} codes and {totals[False]:,} headers before it"
    return Disagreement(None, "base", told, f"{before.billable:,} and {before.concepts - before.billable:,}")


def _told(rows: list[dict[str, Any]]) -> tuple[dict[str, _State], frozenset[str]]:
    """Return the states after the addenda, and the codes that it takes out for good.

    A code that is revised to what it is (``X2A`` of ICD-10-PCS in 2019) does not count.
    """
    sides: dict[str, dict[str, _State]] = {action: {} for action in ("add", "delete", "revise_from", "revise_to")}
    for row in rows:
        sides[row["action"]][row["code"]] = _State(row["billable"], row["title"], row["short_title"])
    revised = {code: state for code, state in sides["revise_to"].items() if sides["revise_from"].get(code) != state}
    told = {**sides["add"], **revised}
    return told, frozenset(sides["delete"].keys() - told.keys())


def _found(difference: Difference) -> tuple[dict[str, _State], frozenset[str]]:
    """Return the states after the change of all codes that an addenda should list, and the codes that are gone."""
    import pyarrow as pa

    rows = pa.concat_tables([difference.table(name) for name in ("added", "to_header", "to_billable", "revised")])
    columns = (rows.column(name).to_pylist() for name in ("code", "billable", "title", "short_title"))
    found = {code: _State(*values) for code, *values in zip(*columns, strict=True)}
    return found, frozenset(difference.deleted.column("code").to_pylist())


def _presence(
    told: Mapping[str, _State],
    lost: frozenset[str],
    found: Mapping[str, _State],
    gone: frozenset[str],
    reworded: AbstractSet[str],
) -> Iterator[Disagreement]:
    """Yield the codes that only one side lists, and those that only one side lists as deleted.

    Where the side that lists a code only has another title for it, the disagreement is about the title.
    """
    for code in (told.keys() | lost) - (found.keys() | gone):
        aspect = "title" if code in reworded else "presence"
        yield Disagreement(code, aspect, "deleted" if code in lost else _said(told[code]), "that it is as before")
    for code in (found.keys() | gone) - (told.keys() | lost):
        aspect = "title" if code in reworded else "presence"
        yield Disagreement(code, aspect, "nothing", "deleted" if code in gone else _said(found[code]))
    for code in lost & found.keys():
        yield Disagreement(code, "presence", "deleted", _said(found[code]))
    for code in gone & told.keys():
        yield Disagreement(code, "presence", _said(told[code]), "deleted")


def _said(state: _State) -> str:
    return f"{'billable' if state.billable else 'header'} {state.title!r}"


def _values(code: str, told: _State, found: _State) -> Iterator[Disagreement]:
    """Yield the values in which addenda and difference disagree about a code that both list."""
    if told.billable != found.billable:
        words = {True: "billable", False: "header"}
        yield Disagreement(code, "billable", words[told.billable], words[found.billable])
    if told.title != found.title:
        yield Disagreement(code, "title", repr(told.title), repr(found.title))
    if found.short_title is not None and told.short_title != found.short_title:
        yield Disagreement(code, "short_title", repr(told.short_title), repr(found.short_title))
