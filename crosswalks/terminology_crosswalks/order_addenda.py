"""Order addenda of ICD-10-CM and ICD-10-PCS: which codes a release adds, deletes, rewords, and makes header or billable.

The loaders read the addenda, and keep the records with the release that they lead to; this reader has no file
of its own. An addenda does not name the successor of a code, but it closes what a conversion table leaves open:
a code that is deleted there and has no row in the table has no known successor.

References:
    CMS and NCHS, "ICD-10-CM/PCS Order File Format", addenda: records ``Add``, ``Delete``, ``Revise from``,
    ``Revise to``; a code that becomes a header is deleted with one flag and added with the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from attrs import evolve

from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.model import Release
from terminology.periods import year_of, year_start
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from .mapping_rows import MappingRow, mappings_table

CHANGES: Final = "changes"
"""The table of a release that holds the records."""
Record = Mapping[str, Any]
REVISIONS: Final = frozenset({"revise_from", "revise_to"})
PARTNERS: Final = {"add": "delete", "delete": "add", "revise_from": "revise_to", "revise_to": "revise_from"}


class OrderAddendaReader:
    """Takes the records of the addenda from the releases that they lead to."""

    name = "order_addenda"
    format_number = 1
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of = frozenset({"icd10cm", "icd10pcs"})

    def read(self, file: ReadableFile) -> Part | Skipped | None:  # noqa: ARG002 -- the loaders read the addenda
        """Return None: no file is this reader's own."""
        return None

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:  # noqa: ARG002
        """Return one crosswalk for each release that came with its addenda."""
        # the names are enough: looking up a stored table would read it
        found = [item for item in releases if CHANGES in set(item.tables)]
        found.sort(key=lambda item: (item.release.system, item.release.effective, item.release.correction))
        return CrosswalkAssembly(tuple(_draft(item, _former(item, found), releases) for item in found))


def _former(item: CommittedRelease, found: Sequence[CommittedRelease]) -> tuple[CommittedRelease, ...]:
    """Return the earlier releases of the same publisher's year: an addenda may list their changes again."""
    return tuple(other for other in found[: found.index(item)] if _year(other.release) == _year(item.release))


def _year(release: Release) -> tuple[str, int]:
    return release.system, year_of(SYSTEMS[release.system].calendar, release.effective)


def _draft(
    item: CommittedRelease, former: tuple[CommittedRelease, ...], releases: Sequence[CommittedRelease]
) -> CrosswalkDraft:
    release = item.release
    known = [other.release for other in releases if other.release.system == release.system]
    return CrosswalkDraft(
        version=release.version,
        source_system=release.system,
        target_system=release.system,
        effective=release.effective,
        build=partial(_built, item, former),
        releases=(item, *former),
        title=f"{SYSTEMS[release.system].title} order addenda",
        warnings=_first_of_year_is_missing(release, known),
    )


def _first_of_year_is_missing(release: Release, known: Sequence[Release]) -> tuple[str, ...]:
    """Return a warning where the addenda of an update lists the whole year's changes, and nothing distinguishes them."""
    calendar = SYSTEMS[release.system].calendar
    first = year_start(calendar, year_of(calendar, release.effective))
    if release.effective == first or any(first <= other.effective < release.effective for other in known):
        return ()
    effect = f"changes of that day, where the addenda lists them too, are dated {release.effective}"
    return (f"no release of {first} is loaded: {effect}",)


def _built(item: CommittedRelease, former: Sequence[CommittedRelease]) -> Built:
    """Return one row a change, and the records as published."""
    table = item.tables[CHANGES]
    known_changes = {_content(record) for other in former for record in other.tables[CHANGES].to_pylist()}
    made = []
    warnings: list[str] = []
    repeated = 0
    for record, partner in _changes(table.to_pylist()):
        if all(_content(one) in known_changes for one in (record, partner) if one):
            repeated += 1
        elif record["action"] in REVISIONS and partner is None:
            place = f"{item.release.sources[record['source']].file}:{record['line']}"
            warnings.append(f"{place}: {record['code']} has '{_spoken(record)}' without its counterpart; left out")
        else:
            made.append(evolve(_alternative(record, partner), effective=item.release.effective))
    if repeated:
        versions = " and ".join(other.release.version for other in former)
        warnings.append(f"{repeated} changes are those of release {versions}, listed again; they keep their day")
    return Built({"mappings": mappings_table(made), "rows": table}, tuple(warnings))


def _content(record: Record) -> tuple[Any, ...]:
    return tuple(record[name] for name in ("action", "billable", "code", "short_title", "title"))


def _spoken(record: Record) -> str:
    return str(record["action"]).replace("_", " ")


def _changes(records: Sequence[Record]) -> Iterator[tuple[Record, Record | None]]:
    """Yield each record with the one that belongs to it: what it was and what it is; None where there is none.

    The pair is in the place of its latter record.
    """
    waiting: dict[tuple[str, str], list[Record]] = {}
    pairs: dict[int, Record] = {}
    taken: set[int] = set()
    for place, record in enumerate(records):
        open_records = waiting.get((record["code"], PARTNERS[record["action"]]))
        if open_records:
            former = open_records.pop(0)
            pairs[place] = former
            taken.add(id(former))
        else:
            waiting.setdefault((record["code"], record["action"]), []).append(record)
    for place, record in enumerate(records):
        if id(record) not in taken:
            yield record, pairs.get(place)


def _alternative(record: Record, partner: Record | None) -> MappingRow:
    """Return the row of one change, without its day."""
    code = record["code"]
    place = {"line": record["line"], "source": record["source"]}
    if partner is None:
        detail = {"title": record["title"], "billable": record["billable"]}
        if record["action"] == "add":
            return MappingRow(None, (code,), change="begun", detail=detail, **place)
        return MappingRow(code, None, change="ended", detail=detail, **place)
    former, latter = (record, partner) if record["action"] in {"delete", "revise_from"} else (partner, record)
    change = "revised"
    if former["billable"] != latter["billable"]:
        change = "to_billable" if latter["billable"] else "to_header"
    return MappingRow(code, (code,), change=change, detail=_differences(former, latter), **place)


def _differences(former: Record, latter: Record) -> dict[str, Any]:
    """Return the titles before and after; the short ones where they differ."""
    found = {"before": former["title"], "after": latter["title"]}
    if former["short_title"] != latter["short_title"]:
        found |= {"short_before": former["short_title"], "short_after": latter["short_title"]}
    return found


__all__ = ["OrderAddendaReader"]
