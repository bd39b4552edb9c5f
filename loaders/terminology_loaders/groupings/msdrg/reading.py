"""A file of the manual as parts: what each grouping needs of it, and by what its version can be found.

The groupings of the manual are planned one by one. So a file gives a part to each of them: appendix A to all, because
it names the version; the index of diagnoses also to those of appendix C and I, as evidence of which version they are.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from terminology.drafts import Part, Skipped
from terminology.reading import Faults, ReadableFile, decoded, lines_of

from ..tables import Category, Version, grouping_part
from .acquired import conditions_of, plain_levels, unrelated_titles
from .appendices import Appendix, appendices_of, is_manual
from .complications import LEVELS, complications_of
from .index import MDC_TITLES, DrgRow, drgs_of, index_of, version_in
from .versions import version_of

if TYPE_CHECKING:
    import pyarrow as pa

GROUPINGS_OF_MANUAL: Final = ("mdc", "cc_level", "cc_exclusion", "hac")
LIST, INDEX, COMPLICATIONS, CONDITIONS = "list", "index", "complications", "conditions"
"""What a part is: appendix A, B, C, or G to I."""
CODES: Final = "codes"
DRGS: Final = "drgs"
TITLES: Final = "titles"
"""Titles of the MS-DRGs that appendix F names as well as the list."""
READ: Final = frozenset("ABCFGHI")
NO_DRG: Final = (
    "it has rules by which MS-DRGs are assigned, and none is assigned here: appendices A, B, C and F to J are read"
)
UNRELATED: Final = "98"
"""So begin the numbers of MS-DRGs of procedures that are unrelated to the principal diagnosis: appendix F."""
UNDATED: Final = Version(None, None)


def read_manual(file: ReadableFile) -> tuple[Part, ...] | Skipped | None:
    """Return what a file of the manual gives to each grouping; `Skipped` for rules of MS-DRGs; None for any other file.

    Raises:
        ReleaseFaults: Lines are cut short, repeated, or contradict each other.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    if not is_manual(file.head.decode("cp1252", "replace").removeprefix("ï»¿")):
        return None
    text, warnings = decoded(file.data, file.label)
    found = [one for one in appendices_of(list(lines_of(text))) if one.letter in READ]
    if not found:
        return Skipped(NO_DRG)
    faults = Faults(file.label, by_line=True)
    made = tuple(_parts(file, found, faults, warnings))
    faults.raise_if_any()
    return made


def _parts(
    file: ReadableFile, appendices: Sequence[Appendix], faults: Faults, warnings: Sequence[str]
) -> Iterator[Part]:
    by_letter = {one.letter: one for one in appendices}
    if "A" in by_letter:
        yield from _of_list(file, by_letter["A"], faults, warnings)
    if "B" in by_letter:
        yield from _of_index(file, by_letter["B"], faults, warnings)
    if "C" in by_letter:
        yield from _of_complications(file, by_letter["C"], faults, warnings)
    if by_letter.keys() & set("FGHI"):
        yield from _of_conditions(file, by_letter, faults, warnings)


def _of_list(file: ReadableFile, appendix: Appendix, faults: Faults, warnings: Sequence[str]) -> Iterator[Part]:
    drgs = drgs_of(appendix, faults)
    version = version_of(version_in(appendix), appendix.title)
    titles = {row.drg: row.title for row in drgs if row.drg.startswith(UNRELATED)}
    facts = {DRGS: _ranges(int(row.drg) for row in drgs), TITLES: titles}
    for grouping in GROUPINGS_OF_MANUAL:
        made = _part(file, grouping, LIST, version, facts=facts, warnings=warnings)
        yield evolve(made, tables={DRGS: _drg_table(drgs)}) if grouping == "mdc" else made


def _of_index(file: ReadableFile, appendix: Appendix, faults: Faults, warnings: Sequence[str]) -> Iterator[Part]:
    made = index_of(appendix, faults)
    facts = {DRGS: _ranges(made.drgs)}
    categories = [Category(mdc, MDC_TITLES[mdc], line=made.mdcs[mdc]) for mdc in MDC_TITLES if mdc in made.mdcs]
    yield _part(
        *(file, "mdc", INDEX, UNDATED), categories=categories, members=made.members, facts=facts, warnings=warnings
    )
    codes = _code_table(dict.fromkeys(member.code for member in made.members))
    for grouping in GROUPINGS_OF_MANUAL[1:]:
        yield evolve(_part(file, grouping, INDEX, UNDATED, facts=facts), tables={CODES: codes})


def _of_complications(
    file: ReadableFile, appendix: Appendix, faults: Faults, warnings: Sequence[str]
) -> Iterator[Part]:
    made = complications_of(appendix, faults)
    levels = {code.replace(".", ""): level for code, (level, *_) in made.levels.items()}
    facts = {"levels": _digest(levels), DRGS: []}
    named = {level for level, *_ in made.levels.values()}
    yield _part(
        *(file, "cc_level", COMPLICATIONS, UNDATED),
        categories=[category for level, category in LEVELS.items() if level in named],
        members=made.members(),
        facts=facts,
        warnings=warnings,
    )
    collections = [
        Category(number, f"Principal diagnoses that exclude, collection {number}", line=line)
        for number, line in made.collections.items()
    ]
    yield _part(
        *(file, "cc_exclusion", COMPLICATIONS, UNDATED),
        categories=collections,
        members=made.principals,
        facts=facts,
        warnings=warnings,
    )
    codes = _code_table(made.levels)
    for grouping in ("mdc", "hac"):
        yield evolve(_part(file, grouping, COMPLICATIONS, UNDATED, facts=facts), tables={CODES: codes})


def _of_conditions(
    file: ReadableFile, by_letter: Mapping[str, Appendix], faults: Faults, warnings: Sequence[str]
) -> Iterator[Part]:
    levels = plain_levels(by_letter[letter] for letter in "GH" if letter in by_letter)
    # one list alone says nothing of the other
    facts: dict[str, Any] = {
        "levels": _digest(levels) if by_letter.keys() >= set("GH") else None,
        DRGS: [],
        TITLES: unrelated_titles(by_letter["F"]) if "F" in by_letter else {},
    }
    made = conditions_of(by_letter["I"], faults) if "I" in by_letter else None
    yield _part(
        *(file, "hac", CONDITIONS, UNDATED),
        categories=made.categories if made else (),
        members=made.members if made else (),
        facts=facts,
        warnings=warnings,
    )
    for grouping in ("mdc", "cc_level", "cc_exclusion"):
        yield _part(file, grouping, CONDITIONS, UNDATED, facts=facts)


def _part(file: ReadableFile, grouping: str, kind: str, version: Version, **said: Any) -> Part:
    facts = {"appendix": kind, "place": _place(file), **said.pop("facts")}
    return grouping_part(file, grouping, kind, version, facts=facts, **said)


def _place(file: ReadableFile) -> str:
    """Return a digest of the folder that a file is in: in its archive, or on the disk; it says nothing of the machine."""
    members = file.path.split("!")
    if len(members) > 1 and PurePath(members[-2]).name == f"{PurePath(members[-1]).name}.gz":
        # a lone file that is packed lies where its package does
        members.pop()
    folder = str(PurePosixPath(members[-1].replace("\\", "/")).parent)
    words: list[Any] = [file.archive_sha256, members[1:-1], folder]
    if len(members) == 1:
        words = [os.path.abspath(PurePath(members[0]).parent)]  # noqa: PTH100 -- links are not followed
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:16]


def _ranges(numbers: Iterable[int]) -> list[list[int]]:
    """Return numbers as ranges, first and last.

    >>> _ranges([3, 1, 2, 7])
    [[1, 3], [7, 7]]
    """
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


def numbers_in(ranges: Iterable[Sequence[int]]) -> set[int]:
    """Return the numbers of ranges.

    >>> numbers_in([[1, 3], [7, 7]])
    {1, 2, 3, 7}
    """
    return {number for first, last in ranges for number in range(first, last + 1)}


def _digest(levels: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(levels.items())).encode()).hexdigest()


def _code_table(codes: Iterable[str]) -> pa.Table:
    import pyarrow as pa

    return pa.table({"code": pa.array(codes, pa.string())})


def _drg_table(rows: Sequence[DrgRow]) -> pa.Table:
    """Return appendix A as a table: number, MDC, M or P, title, line."""
    import pyarrow as pa

    layout = pa.schema(
        [(name, pa.string()) for name in ("drg", "mdc", "kind", "title")] + [pa.field("line", pa.int32())]
    )
    return pa.table({name: [getattr(row, name) for row in rows] for name in layout.names}, schema=layout)
