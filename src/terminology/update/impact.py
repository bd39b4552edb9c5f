"""What an update does to the lists of codes that people keep: looked at before it is published."""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import evolve

from ..codelists import CodeList, ListMigration, migration_of
from ..errors import ReleaseFaults, TerminologyError
from ..licences import may_show
from ..model import Release
from ..query import Terminology
from .configuration import CodeList as Listed
from .filing import Cabinet, json_lines
from .report import Impact

UNSAFE = re.compile(r"[^0-9A-Za-z._-]+")
LONGEST_STEM = 120


def impacts_of(
    lists: Sequence[Listed], planned: Terminology, published: Terminology | None, cabinet: Cabinet
) -> tuple[Impact, ...]:
    """Return what becomes of each list from the newest release in force to the newest that is planned.

    A list whose code system has nothing new is left out. One that cannot be read, or is of a code system that is
    not there, has a problem, and needs a human.

    Args:
        lists: As the configuration names them.
        planned: The store that is yet to be published.
        published: The store as it is; None where there is none.
        cabinet: Where the files go.
    """
    found = (_impact(listed, planned, published, cabinet) for listed in lists)
    return tuple(impact for impact in found if impact is not None)


def _impact(listed: Listed, planned: Terminology, published: Terminology | None, cabinet: Cabinet) -> Impact | None:
    if listed.system not in planned:
        problem = f"the store holds no code system {listed.system!r}"
        return Impact(listed.name, listed.system, "", "", {}, needs_review=True, problem=problem)
    if published is None or listed.system not in published:
        return None
    before, after = _newest(published, listed.system), _newest(planned, listed.system)
    if before == after:
        return None
    try:
        code_list = CodeList.read(listed.path, listed.system)
        code_list = evolve(code_list, head=evolve(code_list.head, name=listed.name))
        code_system = planned[listed.system]
        titles = may_show(code_system.definition, planned.licences)
        migration = migration_of(code_list, code_system, before.version, after.version, titles=titles)
    except (TerminologyError, OSError) as error:
        faults = error.exceptions if isinstance(error, ReleaseFaults) else (error,)
        problem = "; ".join(map(str, faults))
        return Impact(listed.name, listed.system, before.version, after.version, {}, needs_review=True, problem=problem)
    return Impact(
        name=listed.name,
        system=migration.system,
        before=before.version,
        after=after.version,
        counts=_counts(migration),
        needs_review=not migration.is_settled,
        files=_files(listed, migration, planned, cabinet),
    )


def _newest(store: Terminology, system: str) -> Release:
    return store[system].releases[-1]


def _counts(migration: ListMigration) -> dict[str, int]:
    """Return how many entries changed, by what became of them, and how many codes entered and left."""
    changed = {fate: count for fate, count in migration.counts.items() if fate != "unchanged"}
    entered = sum(len(item.entered) for item in migration.entries)
    left = sum(len(item.left) for item in migration.entries)
    return {**changed, "entered": entered, "left": left, "to_review": len(migration.review)}


def _files(listed: Listed, migration: ListMigration, planned: Terminology, cabinet: Cabinet) -> tuple[str, ...]:
    from ..reports.code_lists import migration_csv, migration_page

    stem = cabinet.free_stem(f"list-{UNSAFE.sub('-', listed.name)}-{migration.system}"[:LONGEST_STEM])
    return (
        cabinet.write(f"{stem}.html", migration_page(migration, planned[listed.system])),
        cabinet.write(f"{stem}.csv", migration_csv(migration)),
        cabinet.write(f"{stem}.json", json_lines(migration.to_json())),
        cabinet.write(f"{stem}.txt", migration.proposal().text),
    )
