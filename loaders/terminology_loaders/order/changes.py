"""Apply an addenda to the rows of an order file, and prove that order file, addenda and codes file agree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from string import ascii_uppercase
from typing import TYPE_CHECKING

from attrs import evolve

from terminology.counts import counted
from terminology.drafts import Part
from terminology.errors import ReleaseFormatError
from terminology.reading import Faults

from .addenda import Change, changes_of
from .file import OrderRows

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5
CATEGORY = 3
"""Characters of a category of ICD-10-CM, and of a table of ICD-10-PCS."""
STATED = frozenset({"add", "revise_to"})
"""Records that state what a row is after the change."""


def applied(rows: OrderRows, changes: list[Change], categories: Sequence[str] = ()) -> OrderRows:
    """Return the rows after the changes; codes that were added stand where `_anchor` says.

    A code that is deleted as billable and added as header keeps its place.

    Args:
        rows: Before the changes.
        changes: Records of an addenda.
        categories: In the order of a tabular list, of this year or another.
    """
    kept = {
        code: (billable, short, title)
        for code, billable, short, title in zip(rows.codes, rows.billable, rows.short_titles, rows.titles, strict=True)
    }
    deleted = {c.code for c in changes if c.action == "delete"}
    added = {c.code: (bool(c.billable), c.short_title, c.title) for c in changes if c.action == "add"}
    revised = {c.code: (bool(c.billable), c.short_title, c.title) for c in changes if c.action == "revise_to"}
    order = [code for code in rows.codes if code not in deleted or code in added]
    values = {**{code: kept[code] for code in order}, **added, **revised}
    order = _with_new_codes(order, sorted(added.keys() - kept.keys()), categories)
    columns = [values[code] for code in order]
    return OrderRows(order, [v[0] for v in columns], [v[1] for v in columns], [v[2] for v in columns])


def reversed_changes(changes: list[Change]) -> list[Change]:
    """Return the changes in reverse."""
    opposite = {"add": "delete", "delete": "add", "revise_from": "revise_to", "revise_to": "revise_from"}
    return [Change(opposite[c.action], c.billable, c.code, c.short_title, c.title, c.line) for c in changes]


def _with_new_codes(order: list[str], new: list[str], categories: Sequence[str]) -> list[str]:
    """Return the codes with new ones among them; several behind one code stand in the order in which they are given."""
    spans: dict[str, tuple[int, int]] = {}
    for position, code in enumerate(order):
        for length in range(1, len(code) + 1):
            stem = code[:length]
            spans[stem] = (spans.get(stem, (position, 0))[0], position)
    before = dict(zip(categories[1:], categories, strict=False))
    whole = {code for code in new if len(code) == CATEGORY}
    followers: dict[int, list[str]] = {}
    for code in new:
        # what is below a new category stands where that stands
        first = code[:CATEGORY] if code[:CATEGORY] in whole else code
        followers.setdefault(_anchor(order, spans, before, first), []).append(code)
    merged = followers.get(-1, [])
    for position, code in enumerate(order):
        merged.append(code)
        merged.extend(followers.get(position, ()))
    return merged


def _anchor(order: list[str], spans: Mapping[str, tuple[int, int]], before: Mapping[str, str], code: str) -> int:
    """Return the position that a new code follows, with all that is below the code of that position.

    The publisher's order is not that of letters and digits: ``C43 C4A C44``, ``J44 J4A J45 J47``, ``I16 I1A I20``. So a
    category stands behind the one that precedes it in a tabular list, where one has it. Without that a letter stands
    behind the letters of its stem (``J4B`` behind ``J4A``, before ``J45``), and the first one behind all of its stem
    (``K6A`` behind ``K68``). Other codes follow the last sibling that sorts before them, else their parent.
    """
    former = before.get(code)
    while former is not None and former not in spans:
        former = before.get(former)
    if former is not None:
        return spans[former][1]
    for length in range(len(code) - 1, 0, -1):
        stem, character = code[:length], code[length]
        first, last = spans.get(stem, (0, -1))
        if first > last:
            continue
        letters = [other for other in ascii_uppercase if other <= character and stem + other in spans]
        if letters:
            return spans[stem + letters[-1]][1]
        sorting_before = (position for position in range(last, first - 1, -1) if order[position] <= code)
        return next(sorting_before, first - 1)
    return len(order) - 1


def derived_rows(
    rows: OrderRows, change: Part, number: int, *, backwards: bool, categories: Sequence[str] = ()
) -> OrderRows:
    """Return the rows after (or before) an addenda; each knows its line in the order file or in the addenda.

    Args:
        rows: Of the order file, the first of the release's sources.
        change: The addenda.
        number: Which of the sources it is.
        backwards: Whether to lead back.
        categories: In the order of a tabular list, of this year or another.

    Raises:
        ReleaseFormatError: A count of the summary does not come out.
    """
    changes = changes_of(change.tables["changes"])
    made = applied(rows, reversed_changes(changes) if backwards else changes, categories)
    counts = (made.billable_count, len(made.codes) - made.billable_count)
    if message := _miscounted(change, counts, backwards=backwards):
        raise ReleaseFormatError(message, file=change.origin.label)
    stated = {
        c.code: (number, c.line) for c in changes if c.action in ({"delete", "revise_from"} if backwards else STATED)
    }
    places = {code: (0, line) for code, line in zip(rows.codes, rows.lines, strict=True)} | stated
    found = [places[code] for code in made.codes]
    return evolve(made, places=([source for source, _ in found], [line for _, line in found]))


def unreconciled(order: Part, change: Part, *, backwards: bool) -> str | None:
    """Return why the counts of an addenda do not come out from an order file; None where they do.

    Of the order file only the rows that the addenda names are looked at, so that a plan can ask.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    changes = changes_of(change.tables["changes"])
    table = order.tables["rows"]
    named = pa.array({c.code for c in changes}, pa.string())
    rows = OrderRows.from_table(table.filter(pc.is_in(table.column("code"), value_set=named)))
    made = applied(rows, reversed_changes(changes) if backwards else changes)
    codes = order.facts["codes"] + made.billable_count - rows.billable_count
    headers = order.facts["codes"] + order.facts["headers"] + len(made.codes) - len(rows.codes) - codes
    return _miscounted(change, (codes, headers), backwards=backwards)


def _miscounted(change: Part, counts: tuple[int, int], *, backwards: bool) -> str | None:
    """Return what codes and headers an addenda expects on one of its sides, where there are others."""
    side = "old" if backwards else "new"
    expected = (change.facts["codes"][side], change.facts["headers"][side])
    if counts == expected:
        return None
    return (
        f"expected {expected[0]:,} codes and {expected[1]:,} headers after the changes, got {counts[0]:,} and "
        f"{counts[1]:,}: the release is not derived"
    )


def change_table(change: Part, number: int, official: Callable[[str], str]) -> pa.Table:
    """Return the records of an addenda as the table ``changes`` of the release that they lead to.

    Columns: ``action`` (add, delete, revise_from, revise_to), ``billable``, ``code``, ``short_title``, ``title``,
    ``line``, and ``source``, the place of the addenda among the release's sources.

    Args:
        change: The addenda.
        number: Which of the release's sources it is.
        official: Writes a code in official form.
    """
    import pyarrow as pa

    table = change.tables["changes"]
    codes = pa.array([official(code) for code in table.column("code").to_pylist()], pa.string())
    table = table.set_column(table.schema.get_field_index("code"), "code", codes)
    return table.append_column("source", pa.array([number] * table.num_rows, pa.int32()))


def chain_differences(base: OrderRows, change: Part, rows: OrderRows) -> list[str]:
    """Return where the former order file and the addenda do not make this one; empty where all agree."""
    changes = changes_of(change.tables["changes"])
    before = base.values()
    after = rows.values()
    stated: dict[str, tuple[bool, str, str] | None] = {c.code: None for c in changes if c.action == "delete"}
    stated |= {c.code: _value(c) for c in changes if c.action in STATED}
    expected = {code: value for code, value in {**before, **stated}.items() if value}
    if expected == after:
        return []
    wrong = sorted(code for code in expected.keys() | after.keys() if expected.get(code) != after.get(code))
    lost = [code for code in wrong if (expected.get(code) or ("",))[0] != (after.get(code) or ("",))[0]]
    what = f"{len(lost)} of them in presence or flag" if lost else "in their titles only"
    return [
        f"{change.origin.label}: {counted(len(wrong), 'code is', 'codes are')} not as the addenda says, {what}: {listed(wrong)}"
    ]


def _value(change: Change) -> tuple[bool, str, str]:
    return bool(change.billable), change.short_title, change.title


def check_codes(part: Part, order: Part, rows: OrderRows) -> list[str]:
    """Check that a codes file lists just the billable rows of the order file; return warnings.

    Where lines of the two files were left out, so many differences are warnings.

    Raises:
        ReleaseFormatError, ReleaseFaults: It lists others; files of two releases, or one cut short.
    """
    faults = Faults(part.origin.label)
    codes, numbers = (part.tables["rows"].column(name).to_pylist() for name in ("code", "line"))
    billable = rows.billable_codes
    lines = dict(zip(codes, numbers, strict=True))
    for code in sorted(lines.keys() - set(billable)):
        faults.add(f"expected a billable code of {order.origin.label}, got {code}", line=lines[code], column=1)
    missing = sorted(set(billable) - lines.keys())
    different = len(missing) + faults.count
    if missing:
        lost = counted(len(missing), "is", "are")
        message = f"expected all {len(billable):,} billable codes of {order.origin.label}, {lost} missing: "
        faults.add(message + listed(missing), line=len(codes) + 1)
    if faults and different <= part.lines_left_out + order.lines_left_out:
        return [str(fault) for fault in faults.kept]
    faults.raise_if_any()
    return []


def listed(codes: list[str]) -> str:
    """Return the first codes of a list as text.

    >>> listed(["A00", "A01"])
    'A00, A01'
    """
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")
