"""The rules that every release and crosswalk keeps, whatever its code system: checked before it is committed."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .. import schema
from ..drafts import CrosswalkDraft
from ..errors import ReleaseFormatError
from ..model import Crosswalk
from ..reading import LABEL, Faults
from ..shapes import LONGEST_CODE
from ..systems import SYSTEMS, SystemDefinition

if TYPE_CHECKING:
    import pyarrow as pa

BATCH: Final = 2**12
"""Rows of a map that are checked one by one at a time."""


def check_concepts(definition: SystemDefinition, table: pa.Table, file: str) -> None:
    """Check that the ``concepts`` table keeps the rules of every code system.

    Raises:
        ReleaseFaults: Codes are malformed or repeated, parents unknown, or the hierarchy has a cycle.
        ReleaseFormatError: There is one such error only.
    """
    faults = Faults(file)
    if _columns_are_sound(table, faults) and not _is_plainly_sound(definition, table):
        _check_codes(definition, table, faults)
        _check_parents(table, faults)
    faults.raise_if_any()


def _columns_are_sound(table: pa.Table, faults: Faults) -> bool:
    for field in schema.concepts():
        if field.name not in table.column_names:
            faults.add(f"the loader gave no column {field.name}")
        elif table.schema.field(field.name).type != field.type:
            found = table.schema.field(field.name).type
            faults.add(f"expected column {field.name} as {field.type}, got {found}")
        elif not field.nullable and table.column(field.name).null_count:
            faults.add(f"expected no null in column {field.name}, got {table.column(field.name).null_count}")
    if not table.num_rows:
        faults.add("expected at least one concept, got none")
    return not faults


def _is_plainly_sound(definition: SystemDefinition, table: pa.Table) -> bool:
    """Return whether whole columns show at once that nothing is wrong; False means that rows must be checked one by one.

    Codes are distinct and of the shape of codes or nodes, titles are not empty, and each parent is listed before its children.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = table.column("code").combine_chunks()
    if pc.max(pc.utf8_length(codes)).as_py() > LONGEST_CODE:
        return False
    if pc.count_distinct(codes).as_py() != len(codes) or pc.any(pc.equal(table.column("title"), "")).as_py():
        return False
    shapes = "|".join(f"(?:{shape})" for shape in (definition.shape, definition.nodes) if shape)
    try:
        shaped = pc.match_substring_regex(codes, f"^(?:{shapes})$")
    except pa.ArrowInvalid:
        # Arrow's regular expressions have no look-ahead
        return False
    if not pc.all(shaped).as_py():
        return False
    above = pc.index_in(table.column("parent"), value_set=codes, skip_nulls=True).to_numpy()
    rooted = table.column("parent").is_null().to_numpy()
    # a place is NaN where the parent is not in the release; a parent that is listed before closes no cycle
    return bool((rooted | (above < range(len(codes)))).all())


def _check_codes(definition: SystemDefinition, table: pa.Table, faults: Faults) -> None:
    seen: dict[str, int | None] = {}
    for code, title, line in zip(*(table.column(n).to_pylist() for n in ("code", "title", "line")), strict=True):
        if code in seen:
            faults.add(f"code {code} is listed twice", line=line, column="code")
        seen[code] = line
        if len(code) > LONGEST_CODE:
            message = f"expected a code of at most {LONGEST_CODE} characters, got one of {len(code):,}"
            faults.add(message, line=line, column="code")
        elif definition.pattern.fullmatch(code) is None and definition.official(code) != code:
            faults.add(f"expected a code of {definition.title}, got {code!r}", line=line, column="code")
        if not title:
            faults.add(f"code {code} has no title", line=line, column="title")


def _check_parents(table: pa.Table, faults: Faults) -> None:
    codes, parents, lines = (table.column(name).to_pylist() for name in ("code", "parent", "line"))
    parent_of = dict(zip(codes, parents, strict=True))
    line_of = dict(zip(codes, lines, strict=True))
    sound: set[str] = set()
    for code in codes:
        path: dict[str, None] = {}
        place: str | None = code
        while place is not None and place not in sound:
            if place in path:
                passed = list(path)
                cycle = " < ".join([*passed[passed.index(place) :], place])
                faults.add(f"the hierarchy has a cycle: {cycle}", line=line_of[code], column="parent")
                break
            path[place] = None
            above = parent_of.get(place)
            if above is not None and above not in parent_of:
                faults.add(f"parent {above} of {place} is not in the release", line=line_of[place], column="parent")
                break
            place = above
        sound.update(path)


def counts(definition: SystemDefinition, table: pa.Table, effective: datetime.date) -> tuple[int, int]:
    """Return how many concepts a release holds and how many of them are billable on its effective day.

    Chapters, sections and derived nodes are not counted: they are not rows of the publisher's list.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = pa.array(sorted(schema.UNCOUNTED_KINDS))
    counted = pc.and_not(pc.invert(pc.is_in(table.column("kind"), value_set=kinds)), table.column("derived"))
    billable = pc.and_(counted, table.column("billable"))
    if definition.dated:
        day = pa.scalar(effective, pa.date32())
        begun = pc.fill_null(pc.less_equal(table.column("effective_from"), day), fill_value=True)
        lasting = pc.fill_null(pc.greater(table.column("effective_to"), day), fill_value=True)
        billable = pc.and_(billable, pc.and_(begun, lasting))
    return pc.sum(counted).as_py() or 0, pc.sum(billable).as_py() or 0


def check_version(version: str, file: str) -> None:
    """Check that a version can be used: as the name of a folder, and in queries.

    Raises:
        ReleaseFormatError: It holds other characters than letters, digits, dots and dashes.
    """
    if not LABEL.fullmatch(version):
        raise ReleaseFormatError(f"expected a version of letters, digits, dots and dashes, got {version!r}", file=file)


def check_mappings(draft: CrosswalkDraft | Crosswalk, table: pa.Table, file: str) -> None:
    """Check that the ``mappings`` table keeps the rules of every crosswalk.

    Raises:
        ReleaseFaults: Columns are not those of the schema, rows have no target, words are unknown, codes malformed.
        ReleaseFormatError: There is one such error only.
    """
    faults = Faults(file)
    layout = schema.mappings()
    if table.schema.names != layout.names or table.schema.types != layout.types:
        faults.add(f"expected the columns {', '.join(layout.names)} in their types, the reader gave others")
        faults.raise_if_any()
    files = max(len(draft.sources), 1)
    official = _official_form(draft.source_system), _official_form(draft.target_system)
    if _is_plainly_mapped(table, files, official):
        return
    known = cache(official[0]), cache(official[1])
    for batch in table.to_batches(max_chunksize=BATCH):
        for row in batch.to_pylist():
            for message in (*_row_faults(draft, row, files), *_code_faults(draft, row, known)):
                faults.add(message, line=row["line"])
    faults.raise_if_any()


def _is_plainly_mapped(table: pa.Table, files: int, official: tuple[Spelling, Spelling]) -> bool:
    """Return whether whole columns show at once that nothing is wrong; False means that rows must be checked one by one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    source, targets, changes = (table.column(name) for name in ("source_code", "target_codes", "change"))
    if source.null_count or any(table.column(name).null_count for name in ("with_codes", "relationship", "source")):
        return False
    if not table.num_rows or pc.any(pc.equal(pc.list_value_length(targets), 0)).as_py():
        return False
    words = pc.is_in(table.column("relationship"), value_set=pa.array(sorted(schema.RELATIONSHIPS)))
    known = pc.is_in(changes, value_set=pa.array([*sorted(schema.CHANGES), None], pa.string()))
    within = pc.min_max(table.column("source")).as_py()
    if not (pc.all(words).as_py() and pc.all(known).as_py() and within["min"] >= 0 and within["max"] < files):
        return False
    sides = ((source, table.column("with_codes"), official[0]), (None, targets, official[1]))
    for single, several, spelled in sides:
        columns = [pc.unique(pc.list_flatten(several)), *([] if single is None else [pc.unique(single)])]
        if any(code and spelled(code) != code for column in columns for code in column.to_pylist()):
            return False
    return True


def _row_faults(draft: CrosswalkDraft | Crosswalk, row: dict[str, Any], files: int) -> Iterator[str]:
    """Yield what is wrong with a row, but for its codes."""
    source, targets = row["source_code"], row["target_codes"]
    if source is None and (not targets or draft.source_system != draft.target_system):
        yield "expected a source code, or targets without a predecessor"
    if targets == []:
        yield "expected target codes, or null where there are none"
    if row["relationship"] not in schema.RELATIONSHIPS:
        yield f"expected a relationship of FHIR R5, got {row['relationship']!r}"
    if row["change"] is not None and row["change"] not in schema.CHANGES:
        yield f"expected a change such as new or deleted, got {row['change']!r}"
    if not 0 <= row["source"] < files:
        yield f"expected one of {files} sources, got {row['source']}"


Spelling = Callable[[str], str | None]
"""Writes a code in official form."""


def _code_faults(
    draft: CrosswalkDraft | Crosswalk, row: dict[str, Any], official: tuple[Spelling, Spelling]
) -> Iterator[str]:
    sides = (
        (draft.source_system, official[0], [row["source_code"], *row["with_codes"]]),
        (draft.target_system, official[1], row["target_codes"] or ()),
    )
    for system, spelled, codes in sides:
        for code in codes:
            if code and spelled(code) != code:
                yield f"expected a code of {system} in official form, got {code!r}"


def _official_form(system: str) -> Spelling:
    """Return what writes a code in official form; for a system that is not built in, any code is accepted as it is."""
    definition = SYSTEMS.get(system)
    return definition.official if definition else str
