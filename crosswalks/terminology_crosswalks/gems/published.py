"""The lines of a GEM file, read and checked: source, target, five flags.

References:
    CMS and NCHS, "General Equivalence Mappings: Documentation for Technical Users" (`GemsTechDoc.pdf`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen

from terminology.errors import ReleaseFormatError
from terminology.reading import Faults, ReadableFile, decoded, lines_of
from terminology.systems import SYSTEMS

from ..mapping_rows import listed
from .directions import (
    DIRECTIONS,
    FLAGS_COLUMN,
    Direction,
    PublishedRow,
    by_source,
    fitting_directions,
    named_direction,
)
from .expansion import MOST_ALTERNATIVES, alternatives_count, scenarios_with_gaps

if TYPE_CHECKING:
    import pyarrow as pa

LINE: Final = re.compile(rb"[0-9A-Z]{3,7} +(?:[0-9A-Z]{3,7}|No[A-Za-z0-9]+) +[01]{3}[0-9]{2} *")
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
    """Return whether a text is of this publication: by its name, or because it begins with such lines."""
    if file.suffix != ".txt":
        return False
    if named_direction(file.name):
        return True
    lines = [line.rstrip(b"\r") for line in file.head.split(b"\n")[: SNIFFED + 1]][:-1]
    return bool(lines) and all(map(LINE.fullmatch, lines))


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
    folded: list[str] = []
    rows = list(_rows(lines, direction, folded, faults))
    noticed = [f"codes in lower case: {listed(folded)}"] if folded else []
    noticed += _check_flags(rows, direction, faults)
    noticed += _check_sources(rows, faults)
    faults.raise_if_any()
    return Published(direction, rows, (*warnings, *(f"{file.label}: {text}" for text in (*doubt, *noticed))))


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
    lines: Sequence[tuple[int, str]], direction: Direction, folded: list[str], faults: Faults
) -> Iterator[PublishedRow]:
    """Yield the rows; lines whose codes are written in lower case are named in ``folded``."""
    for number, line in lines:
        found = direction.match(line)
        if found is None and (found := direction.match(_in_capitals(line, direction))):
            folded.append(f"{line.strip()!r} on line {number}")
        if found is None:
            _note_misfit(line, number, direction, faults)
            continue
        source, target, approximate, no_map, combination, scenario, choice_list = found.groups()
        flags = (approximate == "1", no_map == "1", combination == "1")
        yield PublishedRow(number, source, target, *flags, int(scenario), int(choice_list))


def _in_capitals(line: str, direction: Direction) -> str:
    return re.sub(r"\S+", lambda found: found[0] if found[0] in direction.no_map else found[0].upper(), line)


def _note_misfit(line: str, number: int, direction: Direction, faults: Faults) -> None:
    """Note what keeps a line from being one of the direction."""
    fields = [(found[0], found.start() + 1) for found in re.finditer(r"\S+", line)]
    if len(fields) != FIELDS:
        faults.add(f"expected a source code, a target code and five flags, got {line[:40]!r}", line=number, column=1)
        return
    (source, _), (target, target_column), (flags, flags_column) = fields
    systems = {name: SYSTEMS[name].title for name in (direction.source_system, direction.target_system)}
    probe = "0" * FLAG_COUNT
    sample = next(iter(direction.no_map))
    gap = " " * (direction.target_column - 1 - len(source))
    if not direction.line.fullmatch(f"{source} {sample} {probe}"):
        expected = f"expected a code of {systems[direction.source_system]} without its dot, got {source!r}"
        faults.add(expected, line=number, column=1)
    elif not direction.line.fullmatch(f"{source}{gap} {target} {probe}"):
        words = " or ".join(direction.no_map)
        expected = f"expected a code of {systems[direction.target_system]} without its dot, or {words}, got {target!r}"
        faults.add(expected, line=number, column=target_column)
    elif not re.fullmatch(r"[01]{3}[0-9]{2}", flags):
        faults.add(f"expected five flags, the first three 0 or 1, got {flags!r}", line=number, column=flags_column)
    else:
        expected = f"expected the target in column {direction.target_column} and the flags in column {FLAGS_COLUMN}"
        faults.add(f"{expected}, got {line[:40]!r}", line=number, column=target_column)


def _check_flags(rows: Sequence[PublishedRow], direction: Direction, faults: Faults) -> list[str]:
    """Note flags that contradict their row; return warnings of those that are known and harmless."""
    unflagged, loose = [], []
    for row in rows:
        is_word = row.target in direction.no_map
        if is_word and not row.no_map and not direction.is_flag_reliable:
            unflagged.append(row)
        elif is_word != row.no_map:
            word = " or ".join(direction.no_map)
            expected = f"expected {word} just where the second flag says that there is no target"
            faults.add(f"{expected}, got {row.target} with {int(row.no_map)}", line=row.line, column=FLAGS_COLUMN + 1)
        if row.combination and not (row.scenario and row.choice_list):
            expected = "expected scenario and choice list from 1 on in a combination"
            faults.add(f"{expected}, got {row.scenario} and {row.choice_list}", line=row.line, column=FLAGS_COLUMN + 3)
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
        _check_repetition(of_source, faults)
        empty = next((row for row in of_source if row.is_empty), None)
        if empty and len(of_source) > 1:
            faults.add(f"expected no targets of {source} beside {empty.target}, got some", line=empty.line, column=1)
        count = alternatives_count(of_source)
        if count > MOST_ALTERNATIVES:
            expected = f"expected at most {MOST_ALTERNATIVES:,} alternatives of {source}"
            faults.add(f"{expected}, got {count:,}", line=of_source[0].line, column=1)
        lacking += [f"{source} in scenario {scenario}" for scenario in scenarios_with_gaps(of_source)]
    return [f"choice lists are not numbered through: {listed(lacking)}"] if lacking else []


def _check_repetition(of_source: Sequence[PublishedRow], faults: Faults) -> None:
    seen: dict[tuple[str, bool, int, int], int] = {}
    for row in of_source:
        first = seen.setdefault((row.target, row.combination, row.scenario, row.choice_list), row.line)
        if first != row.line:
            faults.add(f"{row.source} with {row.target} is on line {first} already", line=row.line, column=1)
