"""The versions that the parts of a grouping make.

A version is made of every part that states it: the table, the labels, the hierarchies. Two files that state the same
table of the same version must agree. A part that states no version of its own (labels that serve several) goes along
with the versions that its family finds for it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology import schema
from terminology.counts import counted
from terminology.drafts import Assembly, Built, Draft, Part
from terminology.errors import ReleaseFormatError
from terminology.periods import Calendar
from terminology.reading import stated_release

from .tables import CATEGORIES, STANDARD

if TYPE_CHECKING:
    import pyarrow as pa

DETAILS: Final = "details"
PARTED: Final = frozenset({CATEGORIES, schema.MEMBERS})
"""Tables of parts that are joined; any other is kept as it is."""
CATEGORY: Final = "category"
"""The kind of a concept of a grouping."""


@frozen
class Dated:
    """A part with the version that it states."""

    part: Part
    version: str
    effective: datetime.date


Companions = Callable[[Dated, Sequence[Part]], Iterable[Part]]
"""Which parts without a version of their own go along with a version, given its table."""
Prepared = Callable[[Sequence[Part]], tuple[Sequence[Part], Iterable[str]]]
"""What the parts of a version say together, before its tables are made; and what was noticed."""


def assembled(
    parts: Sequence[Part], calendar: Calendar, companions: Companions | None = None, prepared: Prepared | None = None
) -> Assembly:
    """Return the versions that the parts of one grouping make; their order does not matter.

    Args:
        parts: All of the grouping.
        calendar: When its years begin.
        companions: As above; by default a part without members goes along with the version that it states. A part with
            members is one of them where its facts say so, by ``companion``: conditions, lists.
        prepared: As above; by default the parts stay as they are.
    """
    ordered = sorted(parts, key=lambda part: (part.kind, _is_second(part), part.origin.label, part.revision))
    tables = [part for part in ordered if part.facts["members"] and not part.facts.get("companion")]
    others = [part for part in ordered if not part.facts["members"] or part.facts.get("companion")]
    refused: list[tuple[Part, str]] = []
    dated: list[Dated] = []
    for part in tables:
        stated = stated_release(part, calendar)
        if isinstance(stated, str):
            refused.append((part, stated))
        else:
            dated.append(Dated(part, *stated))
    versions, contradicting = _versions(dated)
    others, rivals = _agreeing(others)
    refused += contradicting + rivals
    drafts: list[Draft] = []
    taken = set()
    for (version, effective), group in sorted(versions.items(), key=_order):
        along = tuple(companions(group[0], others)) if companions else _stating(version, others)
        taken |= {part.identity for part in along}
        rank = sum(draft.effective == effective for draft in drafts)
        said = [f"takes effect on the day of {drafts[-1].version}, and answers in its place"] if rank else []
        draft = _draft(version, effective, [one.part for one in group], along, rank=rank, prepared=prepared)
        said += [*_chosen(along, others), *_of_other_years(group[0].part, along)]
        drafts.append(evolve(draft, warnings=tuple(said)))
    unused = [(part, _waiting(part)) for part in others if part.identity not in taken]
    return Assembly(tuple(drafts), refused=tuple(refused), unused=tuple(unused))


def _waiting(part: Part) -> str:
    title = part.definition.title if part.definition else "the grouping"
    return f"no loaded version of {title} goes with it"


def _order(item: tuple[tuple[str, datetime.date], Sequence[Dated]]) -> tuple[Any, ...]:
    """Return the order of a version: its day, then its place among those of the day, the last of which answers."""
    (version, effective), group = item
    return effective, group[0].part.facts.get("precedence") or [], version


def _agreeing(parts: Sequence[Part]) -> tuple[list[Part], list[tuple[Part, str]]]:
    """Return the parts without those that bear the name of an earlier one and say something else; and these."""
    known: dict[tuple[str, str], Part] = {}
    agreeing, rivals = [], []
    for part in parts:
        name = part.facts.get("file_id")
        first = known.setdefault((part.kind, name), part) if name else part
        if first.facts["digest"] == part.facts["digest"]:
            agreeing.append(part)
        else:
            why = f"differs from {first.origin.label}, and both are {name}: withdraw one ({_digests(first, part)})"
            rivals.append((part, why))
    return agreeing, rivals


def _digests(*parts: Part) -> str:
    return ", ".join(f"{part.origin.label} has SHA-256 {part.origin.sha256[:12]}…" for part in parts)


def _chosen(along: Sequence[Part], others: Sequence[Part]) -> list[str]:
    """Return, for each kind of part of which several are loaded, which one goes along, as a warning.

    Parts that do not call themselves anything were chosen by what they say, and not for being nearest.
    """
    said = []
    for kind in dict.fromkeys(part.kind for part in along):
        taken = _identifiers(part for part in along if part.kind == kind)
        left = _identifiers(part for part in others if part.kind == kind and part not in along) - taken
        if taken and left:
            names, rest = (", ".join(sorted(one)) for one in (taken, left))
            said.append(f"{kind}: {names} goes along, being nearest; {rest} does not")
    return said


def _identifiers(parts: Iterable[Part]) -> set[str]:
    return {part.facts["file_id"] for part in parts if part.facts.get("file_id")}


def _stating(version: str, others: Sequence[Part]) -> tuple[Part, ...]:
    """Return the parts without members that state a version themselves."""
    return tuple(part for part in others if (part.version or part.facts["version"]) == version)


def _versions(
    dated: Sequence[Dated],
) -> tuple[dict[tuple[str, datetime.date], list[Dated]], list[tuple[Part, str]]]:
    """Return the parts of each version, and those that contradict an earlier one."""
    versions: dict[tuple[str, datetime.date], list[Dated]] = {}
    refused = []
    for one in dated:
        why = _contradiction(one, versions)
        if why:
            refused.append((one.part, why))
        else:
            versions.setdefault((one.version, one.effective), []).append(one)
    return versions, refused


def _contradiction(one: Dated, versions: Mapping[tuple[str, datetime.date], Sequence[Dated]]) -> str | None:
    for (version, effective), group in versions.items():
        other = group[0].part.origin.label
        if version == one.version and effective != one.effective:
            return f"takes effect on {one.effective}, but {other}, of the same version, on {effective}"
        if version != one.version and effective == one.effective and not _ordered_by_name(group[0].part, one.part):
            return f"takes effect on the same day as version {version} ({other}): give the --effective of each"
        if version == one.version:
            rival = next((two for two in group if _differs(two.part, one.part)), None)
            if rival is not None:
                both = f"differs from {rival.part.origin.label}, and both are version {version}"
                return f"{both}: withdraw one, or give --version ({_digests(rival.part, one.part)})"
    return None


def _ordered_by_name(one: Part, other: Part) -> bool:
    """Return whether what the files call themselves says which of two versions of a day is the later one."""
    first, second = one.facts.get("precedence"), other.facts.get("precedence")
    return bool(first and second) and first != second


def _differs(one: Part, other: Part) -> bool:
    """Return whether two parts state the same table and say different things of its members.

    A file that states no members of a role (the text of a table has no optional categories) says nothing against them.
    """
    if one.kind != other.kind or one.facts["digest"] == other.facts["digest"]:
        return False
    unstated = {*_unstated(one), *_unstated(other)}
    first, second = ({row for row in _members_of(part) if row[4] not in unstated} for part in (one, other))
    return first != second


def _is_second(part: Part) -> bool:
    """Return whether a part says again what a table says, in another form: rows point to the table where both are here."""
    return bool(part.facts.get("second"))


def _unstated(part: Part) -> tuple[str, ...]:
    """Return the roles of which a part states no members though the publication has some."""
    return tuple(part.facts.get("unstated_roles", ()))


def _members_of(part: Part) -> set[tuple[Any, ...]]:
    columns = part.tables[schema.MEMBERS].select(["system", "code", "category", "matter", "role", "detail"])
    return set(zip(*(column.to_pylist() for column in columns.columns), strict=True))


def _of_other_years(table: Part, along: Sequence[Part]) -> list[str]:
    """Return, for each part with members that is of another year than the table, that it is, as a warning."""
    year = table.facts.get("year")
    found = [(part, part.facts["year"]) for part in along if part.facts["members"] and part.facts.get("year")]
    return [
        f"{part.kind}: {part.facts.get('file_id')} is of {other}, the table of {year}; what it says of codes is of its year"
        for part, other in found
        if year and other != year
    ]


def _draft(
    version: str,
    effective: datetime.date,
    parts: Sequence[Part],
    along: Sequence[Part],
    *,
    rank: int,
    prepared: Prepared | None,
) -> Draft:
    """Return a version; of those of one day, the rank is its place among them."""
    own = tuple(dict.fromkeys((*parts, *along)))
    derived = all(part.facts.get("derived", False) for part in parts)
    return Draft(version, effective, own, partial(built, own, prepared), derived=derived, correction=rank)


def built(parts: Sequence[Part], prepared: Prepared | None = None) -> Built:
    """Return the tables of a version: its categories as concepts, its members, and what is known of it.

    Of two files that state the same table the first one counts; rows point to their file. Any other table of a part is
    kept under its own name.
    """
    parts, noticed = prepared(parts) if prepared else (parts, ())
    members = _joined_members(parts)
    concepts, warnings = _concepts(parts, members)
    further = {name: part.tables[name] for part in reversed(parts) for name in part.tables if name not in PARTED}
    tables = {**further, "concepts": concepts, schema.MEMBERS: members, DETAILS: _details(parts)}
    return Built(tables, (*noticed, *warnings))


def _joined_members(parts: Sequence[Part]) -> pa.Table:
    import pyarrow as pa

    seen: set[str] = set()
    pieces = []
    for number, part in enumerate(parts):
        if schema.MEMBERS not in part.tables or part.kind in seen:
            continue
        seen.add(part.kind)
        table = part.tables[schema.MEMBERS]
        place = table.schema.get_field_index("source")
        pieces.append(
            table.set_column(place, table.schema.field(place), pa.array([number] * table.num_rows, pa.int32()))
        )
    return pa.concat_tables(pieces)


def _concepts(parts: Sequence[Part], members: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the categories that any of the files states, and those that only members name: they are derived."""
    rows: dict[str, dict[str, Any]] = {}
    for number, part in enumerate(parts):
        if CATEGORIES not in part.tables:
            continue
        for row in part.tables[CATEGORIES].to_pylist():
            known = rows.setdefault(row["code"], {"source": number, **row})
            for name, value in row.items():
                if known.get(name) is None:
                    known[name] = value
    named = dict.fromkeys(code for code in members.column("category").to_pylist() if code is not None)
    missing = [code for code in named if code not in rows]
    untitled = {*missing, *(code for code, row in rows.items() if not row["title"])}
    for code in missing:
        rows[code] = {"code": code, "title": None, "parent": None, "line": None, "source": 0}
    said = (
        [f"{counted(len(untitled), 'category has', 'categories have')} no title in the files that are loaded"]
        if untitled
        else []
    )
    return _concept_table(_ordered(rows, parts), untitled), tuple(said)


def _ordered(rows: Mapping[str, dict[str, Any]], parts: Sequence[Part]) -> list[dict[str, Any]]:
    """Return categories with parents before their children, else in their order.

    Raises:
        ReleaseFormatError: A parent is stated nowhere, or the levels are a circle.
    """
    made: dict[str, dict[str, Any]] = {}
    for code in rows:
        way: list[str] = []
        above: str | None = code
        while above is not None and above not in made:
            if above not in rows or above in way:
                what = "is no category" if above not in rows else "is above itself"
                raise ReleaseFormatError(f"category {above}, above {code}, {what}", file=parts[0].origin.label)
            way.append(above)
            above = rows[above]["parent"]
        made.update((one, rows[one]) for one in reversed(way))
    return list(made.values())


def _concept_table(rows: Sequence[Mapping[str, Any]], untitled: set[str]) -> pa.Table:
    import pyarrow as pa

    layout = schema.concepts()
    standard: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
        "code": lambda row: row["code"],
        "title": lambda row: row["title"] or row["code"],
        "billable": lambda _: True,
        "kind": lambda _: CATEGORY,
        "parent": lambda row: row["parent"],
        "derived": lambda row: row["code"] in untitled,
        "line": lambda row: row["line"],
    }
    columns = {name: [standard[name](row) if name in standard else None for row in rows] for name in layout.names}
    table = pa.table(columns, schema=layout)
    table = table.append_column(schema.SOURCE_COLUMN, pa.array([row["source"] for row in rows], pa.int32()))
    for name in dict.fromkeys(name for row in rows for name in row if name not in (*STANDARD, "source")):
        table = table.append_column(name, pa.array([row.get(name) for row in rows]))
    return table


def _details(parts: Sequence[Part]) -> pa.Table:
    """Return what is known of a version: what dates it, what it presumes, and what its files call themselves."""
    import pyarrow as pa

    rows = list(_said(parts))
    return pa.table({"name": [name for name, _ in rows], "value": [value for _, value in rows]})


def _said(parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    operated = parts[0].effective or parts[0].version
    if operated:
        yield "basis", "given by the operator"
    for name in ("basis", "presumes"):
        value = next((part.facts[name] for part in parts if part.facts.get(name)), None)
        if value and not (operated and name == "basis"):
            yield name, value
    for part in parts:
        if part.facts.get("identifier"):
            yield f"identifier {part.origin.label}", part.facts["identifier"]
