"""The lines of a GEM file, read and checked: source, target, five flags.

References:
    CMS and NCHS, "General Equivalence Mappings: Documentation for Technical Users" (`GemsTechDoc.pdf`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, decoded, lines_of
from terminology.systems import SYSTEMS

from ..mapping_rows import listed
from .directions import (
    DIRECTIONS,
    Columns,
    Direction,
    PublishedRow,
    by_source,
    columns_of,
    fitting_directions,
    named_direction,
)
from .expansion import MOST_ALTERNATIVES, alternatives_count, is_plain, scenarios_with_gaps

if TYPE_CHECKING:
    import pyarrow as pa

LINE: Final = re.compile(rb"[0-9A-Z]{3,7} +(?:[0-9A-Z]{3,7}|No[A-Za-z0-9]+) +[01]{3}[0-9]{2} *")
DESCRIPTION: Final = re.compile(rb"[0-9A-Za-z]{3,7} +\S*[A-Za-z]{2}\S* \S.*")
SNIFFED: Final = 20
SAMPLED: Final = 1000
FIELDS: Final = 3
FLAG_COUNT: Final = 5


@frozen
class Published:
    """A file as it was read."""

    direction: Direction
    rows: list[PublishedRow]
    warnings: tuple[str, ...]

    def to_table(self) -> pa.Table:
        """Return the rows, as published, as an Arrow table."""
        import pyarrow as pa

        texts, numbers = pa.string(), pa.int8()
        kinds: dict[str, Any] = {
            "line": pa.int32(),
            **dict.fromkeys(("source", "target"), texts),
            **dict.fromkeys(("approximate", "no_map", "combination"), pa.bool_()),
            **dict.fromkeys(("scenario", "choice_list"), numbers),
        }
        return pa.table(
            {name: pa.array([getattr(row, name) for row in self.rows], kind) for name, kind in kinds.items()}
        )


def is_mapping_file(file: ReadableFile) -> bool:
    """Return whether a text is of this publication: by its name, or because it begins with such lines.

    Descriptions of codes that came beside a map are not, whatever their name.
    """
    if file.suffix != ".txt":
        return False
    lines = [line.rstrip(b"\r") for line in file.head.split(b"\n")[: SNIFFED + 1]][:-1]
    if named_direction(file.name):
        return sum(_is_description(line) for line in lines) * 2 <= len(lines)
    return bool(lines) and all(map(LINE.fullmatch, lines))


def _is_description(line: bytes) -> bool:
    return DESCRIPTION.fullmatch(line) is not None and LINE.fullmatch(line) is None


def read_published(file: ReadableFile) -> Published:
    """Return the rows of a file.

    Raises:
        ReleaseFaults: Lines are shifted or cut short, flags contradict targets, rows repeat; all are named.
        ReleaseFormatError: The same, with one error; or the bytes are no text.
    """
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label)
    lines = list(lines_of(text))
    if not lines:
        faults.add("expected lines of a source code, a target code and five flags, got none", line=1)
    elif not text.endswith("\n"):
        faults.add("expected the last line to end with a line break; the file is cut short", line=len(lines))
    direction, doubt = _direction([line for _, line in lines], file)
    found = [_matched(line, direction) for _, line in lines]
    columns = columns_of(one for one in found if one) or direction.usual_columns
    rows, noticed = _rows(lines, found, direction, columns, faults)
    noticed += _check_flags(rows, direction, columns, faults)
    noticed += _check_sources(rows, faults)
    faults.raise_if_any()
    warnings += (*(f"{file.label}: {text}" for text in (*doubt, *noticed)), *faults.warnings)
    return Published(direction, rows, warnings)


def _direction(lines: Sequence[str], file: ReadableFile) -> tuple[Direction, list[str]]:
    """Return the direction of the lines, and a warning if the name states another; where several fit, the name decides."""
    spread = list(lines[:: max(1, len(lines) // SAMPLED)])
    fitting, named = fitting_directions(spread), named_direction(file.name)
    if named and (named in fitting or not fitting):
        return named, []
    if len(fitting) != 1:
        kinds = ", ".join(DIRECTIONS)
        raise ReleaseFormatError(f"expected lines or a name that show which of {kinds} it is", file=file.label, line=1)
    found = fitting[0]
    return found, [f"named like {named.kind}, its lines are those of {found.kind}: {found.title}"] if named else []


def _rows(
    lines: Sequence[tuple[int, str]],
    found: Sequence[re.Match[str] | None],
    direction: Direction,
    columns: Columns,
    faults: Faults,
) -> tuple[list[PublishedRow], list[str]]:
    """Return the rows, and a warning of lines whose codes are written in lower case.

    The fields are where most lines have them. A line that has them elsewhere is an error: in a file of two widths,
    nothing says which of them are shifted.
    """
    rows, folded = [], []
    for (number, line), one in zip(lines, found, strict=True):
        if one is None or Columns.of(one) != columns:
            _note_misfit(line, number, direction, columns, faults)
            continue
        if one[1] not in line or one[2] not in line:
            folded.append(f"{line.strip()!r} on line {number}")
        source, target, approximate, no_map, combination, scenario, choice_list = one.groups()
        flags = (approximate == "1", no_map == "1", combination == "1")
        rows.append(PublishedRow(number, source, target, *flags, int(scenario), int(choice_list)))
    return rows, [f"codes in lower case: {listed(folded)}"] if folded else []


def _matched(line: str, direction: Direction) -> re.Match[str] | None:
    return direction.match(line) or direction.match(_in_capitals(line, direction))


def _in_capitals(line: str, direction: Direction) -> str:
    return re.sub(r"\S+", lambda found: found[0] if found[0] in direction.no_map else found[0].upper(), line)


def _note_misfit(line: str, number: int, direction: Direction, columns: Columns, faults: Faults) -> None:
    """Note what keeps a line from being one of the direction."""
    fields = [(found[0], found.start() + 1) for found in re.finditer(r"\S+", line)]
    if len(fields) != FIELDS:
        faults.add(f"expected a source code, a target code and five flags, got {line[:40]!r}", line=number, column=1)
        return
    (source, _), (target, target_column), (flags, flags_column) = fields
    systems = {name: SYSTEMS[name].title for name in (direction.source_system, direction.target_system)}
    probe = "0" * FLAG_COUNT
    sample = next(iter(direction.no_map))
    if not direction.match(f"{source} {sample} {probe}"):
        expected = f"expected a code of {systems[direction.source_system]} without its dot, got {source!r}"
        faults.add(expected, line=number, column=1)
    elif not direction.match(f"{source} {target} {probe}"):
        words = " or ".join(direction.no_map)
        expected = f"expected a code of {systems[direction.target_system]} without its dot, or {words}, got {target!r}"
        faults.add(expected, line=number, column=target_column)
    elif not re.fullmatch(r"[01]{3}[0-9]{2}", flags):
        faults.add(f"expected five flags, the first three 0 or 1, got {flags!r}", line=number, column=flags_column)
    else:
        faults.add(f"expected {columns}, as on most lines, got {line[:40]!r}", line=number, column=target_column)


def _check_flags(rows: Sequence[PublishedRow], direction: Direction, columns: Columns, faults: Faults) -> list[str]:
    """Note flags that contradict their row; return warnings of those that leave no doubt.

    A word in place of the target can mean one thing only, also without its flag. A code with that flag can mean two.
    """
    unflagged, loose = [], []
    for row in rows:
        if row.is_empty and not row.no_map:
            unflagged.append(row)
        elif row.no_map and not row.is_empty:
            word = " or ".join(direction.no_map)
            expected = f"expected {word} where the second flag says that there is no target"
            faults.add(f"{expected}, got {row.target}", line=row.line, column=columns.flags + 1)
        if row.combination and not row.is_empty and not (row.scenario and row.choice_list):
            expected = "expected scenario and choice list from 1 on in a combination"
            faults.add(f"{expected}, got {row.scenario} and {row.choice_list}", line=row.line, column=columns.flags + 3)
        if not row.combination and (row.scenario or row.choice_list):
            loose.append(row)
    warnings = []
    if unflagged:
        warnings.append(f"{_named(unflagged)} without the flag that there is no target, read as if it were there")
    if loose:
        warnings.append(
            f"{_named(loose)} with a scenario or choice list but without the flag of a combination, read as "
            "alternatives of their own"
        )
    return warnings


def _named(rows: Sequence[PublishedRow]) -> str:
    places = listed([f"{row.source} -> {row.target} on line {row.line}" for row in rows])
    return f"{len(rows)} rows ({places})" if len(rows) > 1 else f"1 row ({places})"


def _check_sources(rows: Sequence[PublishedRow], faults: Faults) -> list[str]:
    """Note what contradicts within the rows of one source; return warnings of scenarios that lack a choice list."""
    lacking: list[str] = []
    for source, of_source in by_source(rows).items():
        if is_plain(of_source):
            continue
        _check_repetition(of_source, faults)
        _note_empty(of_source, faults)
        count = alternatives_count(of_source)
        if count > MOST_ALTERNATIVES:
            expected = f"expected at most {MOST_ALTERNATIVES:,} alternatives of {source}"
            faults.add(f"{expected}, got {count:,}", line=of_source[0].line, column=1)
        lacking += [f"{source} in scenario {scenario}" for scenario in scenarios_with_gaps(of_source)]
    return [f"choice lists are not numbered through: {listed(lacking)}"] if lacking else []


def _note_empty(of_source: Sequence[PublishedRow], faults: Faults) -> None:
    """Note rows that say that there is no target, beside rows with targets or once more: the targets count."""
    empty = [row for row in of_source if row.is_empty]
    for row in empty if len(empty) < len(of_source) else empty[1:]:
        beside = "targets" if len(empty) < len(of_source) else "another such row"
        reason = f"{row.target} beside {beside} of the same code, left out"
        flags = "".join(
            map(str, map(int, (row.approximate, row.no_map, row.combination, row.scenario, row.choice_list)))
        )
        faults.slip(reason, f"{row.source} {row.target} {flags}", line=row.line, column=1)


def _check_repetition(of_source: Sequence[PublishedRow], faults: Faults) -> None:
    seen: dict[tuple[str, bool, int, int], int] = {}
    for row in (row for row in of_source if not row.is_empty):
        first = seen.setdefault((row.target, row.combination, row.scenario, row.choice_list), row.line)
        if first != row.line:
            faults.add(f"{row.source} with {row.target} is on line {first} already", line=row.line, column=1)
