"""Build a release of CPT from its parts, and compare them with each other."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology import schema
from terminology.drafts import Built, Part
from terminology.reading import Faults

from .concepts import CodeList, concept_table, modifier_rows
from .delimited import ADDED, DELETED
from .hierarchy import Hierarchy, hierarchy_of
from .laboratory import DELETED as DELETED_STATUS
from .layout import category_of, first_day_without

if TYPE_CHECKING:
    import pyarrow as pa

AUTHORITIES: Final = ("long", "long fixed", "long upper", "long fixed upper", "medium", "short")
"""Kinds of descriptor file, the first that is there decides which codes there are."""
HISTORIES: Final = ("history", "deleted", "modifier history")
GRAPH: Final = ("property", "relationship", "type")
SHOWN: Final = 5


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
    update: bool = False

    def of(self, kind: str) -> Part | None:
        """Return the part of a kind, or None."""
        return next((part for part in self.parts if part.kind == kind), None)


def built(ingredients: Ingredients) -> Built:
    """Return the tables of a release.

    Raises:
        ReleaseFaults, ReleaseFormatError: Descriptor files of one release list other codes; CPT Link has no tree.
    """
    codes = CodeList.of(ingredients.sources)
    warnings = list(_descriptor_checks(ingredients, codes))
    _fill(ingredients, codes)
    warnings += _subset_checks(ingredients, codes)
    for part in ingredients.details:
        codes.add_laboratory(part)
    for part in ingredients.laboratory:
        if ingredients.update:
            codes.replace_laboratory(part, ingredients.day)
        else:
            warnings += _laboratory_checks(part, codes, ingredients.day)
            codes.add_laboratory(part)
    for part in ingredients.lists:
        codes.add_list(part)
    modifiers = ingredients.of("modifiers")
    hierarchy = _hierarchy(ingredients, codes)
    warnings += hierarchy.warnings if hierarchy else ()
    histories = [found for kind in HISTORIES if (found := ingredients.of(kind))]
    rows = modifier_rows(modifiers, ingredients.sources) if modifiers else []
    if not ingredients.update:
        warnings += _history_checks(histories, {*codes.rows, *(row["code"] for row in rows)}, ingredients.day)
    tables = {"concepts": concept_table(codes.rows, rows, hierarchy)}
    tables["days"] = _days(histories, ingredients.laboratory)
    if histories:
        tables["history"] = _history_table(histories)
    return Built(tables, tuple(warnings), _licence(ingredients.parts))


def _licence(parts: Sequence[Part]) -> str | None:
    return next((part.facts["notice"] for part in parts if part.facts.get("notice")), None)


def _fill(ingredients: Ingredients, codes: CodeList) -> None:
    sources = (("medium_title", "medium"), ("short_title", "short"), ("consumer_title", "consumer"))
    for column, kind in sources:
        part = ingredients.of(kind)
        if part and part is not ingredients.parts[0]:
            codes.add(column, part)
    for kind in ("clinician", "consumer"):
        if part := ingredients.of(kind):
            codes.add("concept_id", part, "concept")
    if clinician := ingredients.of("clinician"):
        codes.add_clinician_titles(clinician)


def _hierarchy(ingredients: Ingredients, codes: CodeList) -> Hierarchy | None:
    properties, relationships, types = map(ingredients.of, GRAPH)
    if properties is None or relationships is None or types is None:
        return None
    return hierarchy_of(properties, relationships, types, list(codes.rows))


# ---- checks


def _descriptor_checks(ingredients: Ingredients, codes: CodeList) -> Iterator[str]:
    """Yield where two files word a descriptor differently.

    Raises:
        ReleaseFaults, ReleaseFormatError: They list different codes.
    """
    authority = ingredients.parts[0]
    for kind in AUTHORITIES:
        part = ingredients.of(kind)
        if part is None or part is authority:
            continue
        faults = Faults(part.origin.label)
        rows = part.tables["rows"].to_pylist()
        for row in rows:
            if row["code"] not in codes.rows:
                faults.add(
                    f"expected a code of {authority.origin.label}, got {row['code']}", line=row["line"], column=1
                )
        listed = {row["code"] for row in rows}
        if lost := [code for code in codes.rows if code not in listed]:
            message = f"expected all {len(codes.rows):,} codes of {authority.origin.label}, {len(lost):,} are missing: "
            faults.add(message + _listed(lost), line=rows[-1]["line"])
        faults.raise_if_any()
        if kind.startswith("long") and authority.kind.startswith("long"):
            yield from _wording(part, authority, codes, rows)


def _wording(part: Part, authority: Part, codes: CodeList, rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    fold = "upper" in part.kind or "upper" in authority.kind
    own = {code: row["title"].upper() if fold else row["title"] for code, row in codes.rows.items()}
    wrong = [row["code"] for row in rows if own[row["code"]] != (row["title"].upper() if fold else row["title"])]
    if wrong:
        yield f"{part.origin.label}: {_counted(wrong)} worded differently than in {authority.origin.label}"


def _subset_checks(ingredients: Ingredients, codes: CodeList) -> list[str]:
    found = []
    for kind in ("consumer", "clinician"):
        if part := ingredients.of(kind):
            listed = dict.fromkeys(part.tables["rows"].column("code").to_pylist())
            if unknown := [code for code in listed if code not in codes.rows]:
                found.append(f"{part.origin.label}: {_counted(unknown)} not in the release, left out")
    return found


def _laboratory_checks(part: Part, codes: CodeList, day: datetime.date) -> list[str]:
    rows = part.tables["rows"].to_pylist()
    listed = {row["code"] for row in rows}
    due = [row for row in rows if row["effective"] <= day]
    deleted = [row["code"] for row in due if (row["pla_status"] or "").upper() == DELETED_STATUS]
    found = {
        "in force by the list, not in the release": [
            row["code"] for row in due if row["code"] not in codes.rows and row["code"] not in deleted
        ],
        "deleted by the list, in the release": [code for code in deleted if code in codes.rows],
        "in the release, not in the list": [
            code for code in codes.rows if category_of(code) == "PLA" and code not in listed
        ],
    }
    return [f"{part.origin.label}: {_counted(wrong)} {what}" for what, wrong in found.items() if wrong]


def _history_checks(histories: Sequence[Part], codes: set[str], day: datetime.date) -> list[str]:
    """Return where the last change of a code up to the release is not what the release shows."""
    last: dict[str, tuple[datetime.date, bool, str]] = {}
    for part in histories:
        for row in _events(part):
            known = last.get(row["code"])
            event = (row["first"], row["change"] == ADDED, part.origin.label)
            if row["first"] <= day and (known is None or known[:2] <= event[:2]):
                last[row["code"]] = event
    found: dict[tuple[str, str], list[str]] = {}
    for code, (_, added, label) in last.items():
        if added != (code in codes):
            what = "added by the history, not in the release" if added else "deleted by the history, in the release"
            found.setdefault((label, what), []).append(code)
    return [f"{label}: {_counted(sorted(wrong))} {what}" for (label, what), wrong in found.items()]


# ---- evidence of days


def _events(part: Part) -> Iterator[dict[str, Any]]:
    """Yield additions and deletions of codes, each with the first day on which it holds."""
    for row in part.tables["rows"].to_pylist():
        if row["code"] and row["day"] and row["change"] in {ADDED, DELETED}:
            first = row["day"] if row["change"] == ADDED else first_day_without(row["day"])
            yield {"code": row["code"], "first": first, "change": row["change"]}


def _days(histories: Sequence[Part], laboratory: Sequence[Part]) -> pa.Table:
    """Return the exact first and last days of codes; those that fall on a release's own day change nothing."""
    import pyarrow as pa

    rows: list[dict[str, Any]] = []
    for part in laboratory:
        rows += [{"code": row["code"], "effective_from": row["effective"]} for row in part.tables["rows"].to_pylist()]
    for part in histories:
        for event in _events(part):
            name = "effective_from" if event["change"] == ADDED else "effective_to"
            rows.append({"code": event["code"], name: event["first"]})
    return pa.Table.from_pylist(rows, schema=schema.days())


def _history_table(histories: Sequence[Part]) -> pa.Table:
    import pyarrow as pa

    tables = [
        part.tables["rows"].append_column("file", pa.array([part.origin.label] * part.tables["rows"].num_rows))
        for part in histories
    ]
    return pa.concat_tables(tables)


def _counted(codes: Sequence[str]) -> str:
    return f"{len(codes)} code{'s' * (len(codes) != 1)} ({_listed(codes)})"


def _listed(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (" …" if len(codes) > SHOWN else "")
