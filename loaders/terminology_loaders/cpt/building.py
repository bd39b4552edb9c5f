"""Build a release of CPT from its parts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology import schema
from terminology.drafts import Built, Part

from .authority import Change, Turn, listed_since
from .changes import changes_of
from .checks import deletion_checks, descriptor_checks, history_checks, laboratory_checks, subset_checks
from .concepts import CodeList, concept_table, modifier_rows
from .hierarchy import Hierarchy, hierarchy_of
from .layout import MODIFIER_LISTS

if TYPE_CHECKING:
    import pyarrow as pa

GRAPH: Final = ("property", "relationship", "type")


@frozen
class Ingredients:
    """What a release is built from: one part a kind, and what updates it."""

    day: datetime.date
    parts: tuple[Part, ...]
    """The annual files, the authority first."""
    sources: tuple[Part, ...]
    """The release's own sources, the authority first: what answers cite."""
    laboratory: tuple[Part, ...] = ()
    """Lists of PLA codes; of an update the one that makes it."""
    details: tuple[Part, ...] = ()
    """Of an update: the list of PLA codes that came with the annual files."""
    lists: tuple[Part, ...] = ()
    """Lists of one category's new codes that make an update."""
    histories: tuple[Part, ...] = ()
    """Whose rows are the table ``history``."""
    awaited: frozenset[str] = frozenset()
    """Codes that the annual files list and that begin later."""
    turns: tuple[Turn, ...] = ()
    """Exact first and last days of codes since the release before."""
    evidence: tuple[Part, ...] = ()
    """Of the first release: files that say since when its codes are in force."""
    in_force: frozenset[str] = frozenset()
    """Of an update: all codes and modifiers in force on its day."""
    begun: Mapping[str, Change] = {}
    """Of an update: the codes that no list of it has, and where their beginning is said."""
    donors: tuple[Part, ...] = ()
    """Files of the next release, which have the texts of such codes."""
    update: bool = False

    def of(self, *kinds: str) -> Part | None:
        """Return the part of the first of these kinds that there is, or None."""
        return next((part for kind in kinds for part in self.parts if part.kind == kind), None)


def built(ingredients: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFaults, ReleaseFormatError: Descriptor files of one release list other codes; CPT Link has no tree.
    """
    codes = CodeList.of(ingredients.sources)
    warnings = list(descriptor_checks(ingredients.parts, codes))
    codes.fill(ingredients.parts)
    warnings += subset_checks(ingredients.parts, codes)
    listed = ingredients.of(*MODIFIER_LISTS)
    modifiers = modifier_rows(listed, ingredients.sources) if listed else []
    if ingredients.update:
        modifiers = _updated(ingredients, codes, modifiers)
    else:
        codes.drop(ingredients.awaited)
        for part in ingredients.laboratory:
            warnings += laboratory_checks(part, codes, ingredients.day)
            codes.add_laboratory(part)
    hierarchy = _hierarchy(ingredients, codes)
    warnings += hierarchy.warnings if hierarchy else ()
    histories = ingredients.histories
    held = {*codes.rows, *(row["code"] for row in modifiers)}
    if not ingredients.update:
        warnings += [*history_checks(histories, held, ingredients.day), *deletion_checks(histories)]
    tables = {"concepts": concept_table(codes.rows, modifiers, hierarchy), "days": _days(ingredients, held)}
    if histories:
        tables["history"] = _history_table(histories)
    return Built(tables, tuple(warnings), _licence(ingredients.parts))


def _licence(parts: Sequence[Part]) -> str | None:
    return next((part.facts["notice"] for part in parts if part.facts.get("notice")), None)


def _updated(ingredients: Ingredients, codes: CodeList, modifiers: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bring the codes of the annual files to the day of the update; return the modifiers of that day."""
    for part in ingredients.details:
        codes.add_laboratory(part)
    for part in ingredients.laboratory:
        codes.add_laboratory_codes(part, ingredients.day)
    for part in ingredients.lists:
        codes.add_list(part)
    begun = [one for code, one in ingredients.begun.items() if code in ingredients.in_force]
    donors = CodeList.of(ingredients.donors, only=[one.code for one in begun]) if ingredients.donors else None
    if donors:
        donors.fill(ingredients.donors)
    fresh = [codes.begun(one, donors) for one in begun]
    codes.drop(codes.rows.keys() - ingredients.in_force)
    kept = [row for row in modifiers if row["code"] in ingredients.in_force]
    return kept + [row for row in fresh if row["kind"] == "modifier"]


def _hierarchy(ingredients: Ingredients, codes: CodeList) -> Hierarchy | None:
    properties, relationships, types = map(ingredients.of, GRAPH)
    if properties is None or relationships is None or types is None:
        return None
    return hierarchy_of(properties, relationships, types, list(codes.rows))


def _days(ingredients: Ingredients, held: set[str]) -> pa.Table:
    """Return the exact first and last days of codes since the release before; of the first release its first days."""
    import pyarrow as pa

    rows: list[dict[str, Any]] = [
        {"code": turn.code, "effective_from" if turn.begins else "effective_to": turn.day} for turn in ingredients.turns
    ]
    before: dict[str, list[Change]] = {}
    for change in changes_of(ingredients.evidence):
        if change.day <= ingredients.day and change.code in held and change.part.kind != "consolidated":
            before.setdefault(change.code, []).append(change)
    since = {code: listed_since(sorted(found, key=lambda one: one.place)) for code, found in before.items()}
    rows += [{"code": code, "effective_from": day} for code, day in sorted(since.items()) if day]
    return pa.Table.from_pylist(rows, schema=schema.days())


def _history_table(histories: Sequence[Part]) -> pa.Table:
    import pyarrow as pa

    tables = [
        part.tables["rows"].append_column("file", pa.array([part.origin.label] * part.tables["rows"].num_rows))
        for part in histories
    ]
    return pa.concat_tables(tables)
