"""The tables of groupings: which codes are in which category, a crosswalk for each version and code system.

Nothing is read here: the loader of a grouping gives its releases a table ``members``, and this reader makes maps of it.

References:
    `terminology.schema.members`; the publications are named on the pages of the loaders.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from terminology import schema
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.groupings import GROUPINGS, systems_in
from terminology.reading import ReadableFile

if TYPE_CHECKING:
    import pyarrow as pa


class GroupingReader:
    """Makes a crosswalk of each version of each built-in grouping, for each code system that it groups."""

    name = "groupings"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()

    releases_of: frozenset[str] = frozenset(GROUPINGS)

    def read(self, file: ReadableFile) -> Part | Skipped | None:  # noqa: ARG002 -- it has no files of its own
        """Return None: the loaders of the groupings read their files."""
        return None

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return a crosswalk from each code system to each version of each grouping."""
        return CrosswalkAssembly(tuple(draft for one in releases for draft in _drafts(one)))


def _drafts(committed: CommittedRelease) -> list[CrosswalkDraft]:
    """Return a crosswalk for each code system that the files of a version group; none where no file states members.

    Categories that came as a FHIR CodeSystem have no such file: their map is one of its own.
    """
    release = committed.release
    systems = sorted({system for file in release.sources for system in systems_in(file.role)})
    return [
        CrosswalkDraft(
            version=release.version,
            source_system=system,
            target_system=release.system,
            effective=release.effective,
            build=partial(_built, committed, system),
            releases=(committed,),
            title=f"{GROUPINGS[release.system].title}, {release.version}" if release.system in GROUPINGS else "",
        )
        for system in systems
    ]


def _built(committed: CommittedRelease, system: str) -> Built:
    """Return the codes with their categories; what leads to no category, or under conditions only, is mentioned."""
    import pyarrow.compute as pc

    members = committed.tables[schema.MEMBERS]
    own = members.filter(pc.equal(members.column("system"), system))
    is_member = pc.equal(own.column("matter"), schema.MEMBER)
    rows, others = own.filter(is_member), own.filter(pc.invert(is_member))
    details = pc.fill_null(rows.column("detail"), "{}")
    return Built({"mappings": _mappings(rows, details), schema.MENTIONS: _mentions(others)})


def _mappings(rows: pa.Table, details: pa.ChunkedArray) -> pa.Table:
    import pyarrow as pa

    layout = schema.mappings()
    count = rows.num_rows
    said = [
        _with_role(role, detail)
        for role, detail in zip(rows.column("role").to_pylist(), details.to_pylist(), strict=True)
    ]
    columns = {
        "source_code": rows.column("code"),
        "with_codes": pa.array([[]] * count, pa.list_(pa.string())),
        "target_codes": pa.array([[category] for category in rows.column("category").to_pylist()]),
        "effective": pa.nulls(count, pa.date32()),
        "change": pa.nulls(count, pa.string()),
        "relationship": pa.array(["source-is-narrower-than-target"] * count),
        "approximate": pa.nulls(count, pa.bool_()),
        "detail": pa.array(said, pa.string()),
        "line": rows.column("line"),
        "source": rows.column("source"),
    }
    return pa.table({name: columns[name] for name in layout.names}, schema=layout) if count else layout.empty_table()


def _with_role(role: str | None, detail: str) -> str | None:
    """Return the JSON of what is said of a row, its role first; None where nothing is.

    >>> _with_role("default", '{"drgs":"870"}'), _with_role(None, "{}"), _with_role("second", "{}")
    ('{"role":"default","drgs":"870"}', None, '{"role":"second"}')
    """
    if role is None:
        return None if detail == "{}" else detail
    return f'{{"role":"{role}"}}' if detail == "{}" else f'{{"role":"{role}",{detail[1:]}'


def _mentions(rows: pa.Table) -> pa.Table:
    """Return what is said of codes that is no category, as the publisher's words that reasons quote."""
    import json

    from .mapping_rows import MappingRow, mappings_table

    made = []
    for row in rows.to_pylist():
        detail = json.loads(row["detail"] or "{}")
        said = {"matter": row["matter"], "role": row["role"], "category": row["category"], **detail}
        meaning = detail.get("meaning") or f"is {(row['role'] or row['matter']).replace('_', ' ')}"
        made.append(
            MappingRow(row["code"], None, line=row["line"], source=row["source"], detail={**said, "meaning": meaning})
        )
    return mappings_table(made)


__all__ = ["GroupingReader"]
