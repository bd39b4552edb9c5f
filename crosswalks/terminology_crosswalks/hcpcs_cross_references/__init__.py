"""Cross-references of HCPCS Level II: what CMS names beside a terminated code becomes its successor.

A cross-reference has no direction. On a terminated code it names what is used instead; on a code in force it may
name the code's predecessor or a neighbour. So only terminated codes have successors here; the others are kept in
the table ``rows``.

References:
    CMS, "HCPCS Contractor Record": the fields XREF1 to XREF5 and TERM DT.
    CMS, HCPCS Alpha-Numeric Corrections: prose that corrects single cross-references.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen

from terminology import schema
from terminology.counts import counted
from terminology.drafts import Built, CommittedRelease, CrosswalkAssembly, CrosswalkDraft, Part, Skipped
from terminology.reading import ReadableFile
from terminology.systems import SYSTEMS

from ..mapping_rows import MappingRow, listed, mappings_table, mention, row_table
from .corrections import Correction, CorrectionPlan, corrections_of, corrections_part, planned_corrections

if TYPE_CHECKING:
    import pyarrow as pa


HCPCS: Final = "hcpcs"

CPT: Final = "cpt"

CPT_CODE: Final = re.compile(r"[0-9]{4}[0-9AFMTU]")
"""A number of CPT; two characters are a modifier, and those of CPT (``25``) are never cross-references."""

COLUMNS: Final = ("code", "cross_references", "terminated", "effective_to", "line")


class HcpcsCrossReferenceReader:
    """Takes the cross-references from the releases, and reads the lists that correct them."""

    name = "hcpcs_cross_references"
    format_number = 2
    parts_of: frozenset[tuple[str, str]] = frozenset()
    releases_of = frozenset({HCPCS})

    def read(self, file: ReadableFile) -> Part | Skipped | None:
        """Return a corrections list as a part; None for everything else.

        Raises:
            ReleaseFaults: Rows have no code, or do not say what is corrected.
            ReleaseFormatError: The same, with one error.
        """
        return corrections_part(file)

    def assemble(self, parts: Sequence[Part], releases: Sequence[CommittedRelease]) -> CrosswalkAssembly:
        """Return two crosswalks for each release: successors within HCPCS, and those that are codes of CPT."""
        found = sorted(releases, key=lambda item: (item.release.effective, item.release.version))
        plan = planned_corrections(parts, [item.release for item in found])
        drafts = [_draft(item, plan, target) for item in found for target in (HCPCS, CPT)]
        return CrosswalkAssembly(tuple(drafts), refused=plan.refused, unused=plan.unused)


def _draft(item: CommittedRelease, plan: CorrectionPlan, target: str) -> CrosswalkDraft:
    corrections = plan.lists_of(item.release.version)
    return CrosswalkDraft(
        version=item.release.version,
        source_system=HCPCS,
        target_system=target,
        effective=item.release.effective,
        build=partial(_built, item, corrections, target),
        parts=corrections,
        releases=(item,),
        title="HCPCS Level II cross-references",
    )


@frozen
class _CrossReference:
    """One cross-reference of a code, and what is made of it."""

    code: str
    target: str
    row: Mapping[str, Any] = field(hash=False)
    """Of the release: days and line."""
    correction: tuple[Correction, Part] | None = field(default=None, hash=False)

    @property
    def system(self) -> str | None:
        """The code system of the target; None where it cannot be a code of either."""
        if SYSTEMS[HCPCS].pattern.fullmatch(self.target):
            return HCPCS
        return CPT if CPT_CODE.fullmatch(self.target) else None

    @property
    def is_strange(self) -> bool:
        """Whether it should be a successor, and is no code, or the code itself."""
        return self.row["terminated"] is not None and self.note != "successor"

    @property
    def note(self) -> str:
        """What is made of it."""
        if self.system is None:
            return "left out: neither a code of HCPCS nor of CPT"
        if self.row["terminated"] is None:
            return "left out: the code is in force, so this is no successor"
        return "left out: names itself" if self.target == self.code else "successor"


def _built(item: CommittedRelease, corrections: Sequence[Part], target: str) -> Built:
    """Return the successors in one system; with those of HCPCS all cross-references, and the corrections."""
    table = item.tables["concepts"].select(list(COLUMNS))
    rows = table.to_pylist()
    changed = _corrected(corrections)
    found = list(_cross_references(rows, changed))
    offset = len(corrections)
    made = [_alternative(one, offset) for one in found if one.note == "successor" and one.system == target]
    tables = {"mappings": mappings_table(made)}
    if mentions := [_mention(one, offset) for one in found if one.is_strange and target == HCPCS]:
        tables[schema.MENTIONS] = mappings_table(mentions)
    if target != HCPCS:
        return Built(tables)
    tables["rows"] = _row_table(found, offset)
    if corrections:
        tables["corrections"] = _correction_table(corrections)
    known = {row["code"] for row in rows}
    return Built(tables, tuple(_warnings(found, known, changed)))


def _corrected(parts: Sequence[Part]) -> dict[str, tuple[Correction, Part]]:
    """Return by code the correction of its cross-references that counts: of several lists the last one's."""
    changed: dict[str, tuple[Correction, Part]] = {}
    for part in parts:
        for one in corrections_of(part):
            if one.cross_references is not None:
                changed[one.code] = (one, part)
            elif one.withdraws:
                changed.pop(one.code, None)
    return changed


def _cross_references(
    rows: Sequence[Mapping[str, Any]], changed: Mapping[str, tuple[Correction, Part]]
) -> Iterator[_CrossReference]:
    for row in rows:
        correction = changed.get(row["code"])
        targets = correction[0].cross_references if correction else row["cross_references"]
        for target in dict.fromkeys(targets or ()):
            yield _CrossReference(row["code"], target.strip().upper(), row, correction)


def _alternative(one: _CrossReference, offset: int) -> MappingRow:
    detail: dict[str, Any] = {"terminated": one.row["terminated"].isoformat()}
    if one.correction:
        correction, part = one.correction
        detail["corrected"] = {
            "file": part.origin.label,
            "line": correction.line,
            "text": correction.action,
            "published": one.row["cross_references"] or [],
        }
    return MappingRow(
        one.code,
        (one.target,),
        line=one.row["line"],
        source=offset,
        effective=one.row["effective_to"],
        change="deleted" if one.system == HCPCS else None,
        detail=detail,
    )


def _mention(one: _CrossReference, offset: int) -> MappingRow:
    """Return what a cross-reference says of a terminated code, and is no successor."""
    meaning = "names the code itself" if one.system else "names what is neither a code of HCPCS nor of CPT"
    place = {"line": one.row["line"], "source": offset, "effective": one.row["effective_to"]}
    return mention(one.code, meaning, one.target, **place)


def _row_table(found: Sequence[_CrossReference], offset: int) -> pa.Table:
    import pyarrow as pa

    columns = {
        "code": pa.string(),
        "cross_reference": pa.string(),
        "system": pa.string(),
        "terminated": pa.date32(),
        "note": pa.string(),
        "corrected": pa.bool_(),
        "line": pa.int32(),
        "source": pa.int32(),
    }
    rows = [
        {
            "code": one.code,
            "cross_reference": one.target,
            "system": one.system,
            "terminated": one.row["terminated"],
            "note": one.note,
            "corrected": one.correction is not None,
            "line": one.row["line"],
            "source": offset,
        }
        for one in found
    ]
    return row_table(rows, columns)


def _correction_table(parts: Sequence[Part]) -> pa.Table:
    import pyarrow as pa

    tables = [
        part.tables["rows"].append_column("source", pa.array([number] * part.tables["rows"].num_rows, pa.int32()))
        for number, part in enumerate(parts)
    ]
    return pa.concat_tables(tables)


def _warnings(
    found: Sequence[_CrossReference], known: set[str], changed: Mapping[str, tuple[Correction, Part]]
) -> Iterator[str]:
    strange = [f"{one.code} -> {one.target!r}" for one in found if one.system is None]
    if strange:
        what = counted(len(strange), "cross-reference is neither a code", "cross-references are neither codes")
        yield f"{what} of HCPCS nor of CPT, left out: {listed(strange)}"
    successors = [one for one in found if one.note == "successor" and one.system == HCPCS]
    missing = [f"{one.code} -> {one.target}" for one in successors if one.target not in known]
    if missing:
        yield f"{counted(len(missing), 'successor is', 'successors are')} not in the release: {listed(missing)}"
    selves = [one.code for one in found if one.note == "left out: names itself"]
    if selves:
        yield f"{len(selves)} terminated codes name themselves: {listed(selves)}"
    for circle in circles([(one.code, one.target) for one in successors]):
        yield f"successors lead in a circle: {' -> '.join(circle)}"
    for code, (correction, part) in changed.items():
        if code not in known:
            place = f"{part.origin.label}:{correction.line}"
            yield f"{place}: corrects the cross-reference of {code}, which is not in the release"


__all__ = ["HcpcsCrossReferenceReader"]


def circles(steps: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Return every circle that following the steps ends in, each once, from its first code in the alphabet.

    >>> circles([("A", "B"), ("B", "C"), ("C", "B"), ("D", "E")])
    [('B', 'C', 'B')]
    """
    following: dict[str, list[str]] = {}
    for origin, target in steps:
        following.setdefault(origin, []).append(target)
    found: dict[tuple[str, ...], None] = {}
    done: set[str] = set()
    for start, targets in following.items():
        way = [start]
        branches = [iter(targets)]
        while branches:
            code = next(branches[-1], None)
            if code is None:
                done.add(way.pop())
                branches.pop()
            elif code in way:
                circle = way[way.index(code) :]
                least = circle.index(min(circle))
                found[(*circle[least:], *circle[:least], circle[least])] = None
            elif code in following and code not in done:
                way.append(code)
                branches.append(iter(following[code]))
    return list(found)
