"""The text of an own map: ``#key: value`` lines, a header, one row a code; whatever is wrong in a cell is found here."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve, frozen

from terminology import schema
from terminology.reading import (
    LABEL,
    Faults,
    Opening,
    check_header,
    day_in,
    opening_of,
    rows_below,
    stated_day,
    stated_values,
)

from ..mapping_rows import SHORT_NAME, MappingRow, built_in_system, json_text, official_code

if TYPE_CHECKING:
    import pyarrow as pa


REQUIRED: Final = ("source", "target")

OPTIONAL: Final = ("alternative", "relationship", "approximate", "change", "effective", "comment")

STANDARD: Final = (*REQUIRED, *OPTIONAL)

RESERVED: Final = frozenset({"line"})


@frozen
class Heading:
    """What a map says about itself."""

    crosswalk: str
    """Its name as shown."""
    source_system: str
    target_system: str
    version: str | None = None
    effective: datetime.date | None = None
    licence: str | None = None

    @property
    def is_succession(self) -> bool:
        """Whether it names the successors of codes within one system."""
        return self.source_system == self.target_system


def map_opening(text: str) -> Opening | None:
    """Return how the text opens, or None if it is no own map: neither ``#crosswalk:``, a system nor the two columns.

    What says nothing of itself has no values.

    >>> map_opening("#crosswalk: Colours\\nsource,target\\nR,Red\\n").header
    ('source', 'target')
    """
    opening = opening_of(text, KEYS, STANDARD)
    if opening.values.keys() & MARKS:
        return opening
    return evolve(opening, values={}) if set(REQUIRED) <= set(opening.header) else None


def stated_heading(opening: Opening, faults: Faults) -> Heading | None:
    """Return the heading that the lines state, or None where it is faulty; errors are noted."""
    for number, line in opening.strange:
        keys = ", ".join(KEYS)
        faults.add(f"expected #KEY: VALUE, each KEY once and one of {keys}, got {line!r}", line=number, column=1)
    _check_header(opening, faults)
    missing = [f"#{key}:" for key in NEEDED if key not in opening.values]
    if missing:
        faults.add(f"expected lines {', '.join(f'#{key}:' for key in NEEDED)}; missing: {', '.join(missing)}", line=1)
    given = stated_values(opening.values, PARSERS, faults)
    return None if faults else Heading(**given)


def _check_header(opening: Opening, faults: Faults) -> None:
    line = opening.header_line
    missing = [name for name in REQUIRED if name not in opening.header]
    if missing:
        faults.add(f"expected columns source and target; missing: {', '.join(missing)}", line=line)
    check_header(opening, RESERVED, "a column", faults)


def _system(text: str) -> str:
    name = built_in_system(text) or text
    if not SHORT_NAME.fullmatch(name):
        raise ValueError("a short name of small letters and digits, or the URI of a built-in system")
    return name


def _version(text: str) -> str:
    if not LABEL.fullmatch(text):
        raise ValueError("a version of letters, digits, dots and dashes")
    return text


PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "crosswalk": str,
    "source_system": _system,
    "target_system": _system,
    "version": _version,
    "effective": stated_day,
    "licence": str,
}
"""How the value of each key is read; a `ValueError` says what was expected."""

KEYS: Final = tuple(PARSERS)

MARKS: Final = frozenset({"crosswalk", "source_system", "target_system"})
"""Any of these keys makes a text an own map."""

NEEDED: Final = ("crosswalk", "source_system", "target_system")

TRUTHS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}

RELATIONSHIPS: Final = tuple(sorted(schema.RELATIONSHIPS - {"not-related-to"}))

DEFAULT_RELATIONSHIP: Final = "related-to"


@frozen
class Row:
    """One row as written: the texts of its cells by column."""

    texts: Mapping[str, str]
    line: int


def read_rows(text: str, opening: Opening, faults: Faults) -> list[Row]:
    """Return the rows below the header; errors are noted, and their rows left out."""
    rows = [Row(texts, line) for line, texts in rows_below(text, opening, faults)]
    if not rows and not faults:
        faults.add("expected at least one row, got none", line=opening.header_line)
    return rows


def alternatives_of(rows: Sequence[Row], heading: Heading, faults: Faults) -> list[MappingRow]:
    """Return the alternatives that the rows make, in order of their first rows; errors are noted."""
    groups: dict[tuple[str, str, str], list[tuple[Row, MappingRow]]] = {}
    for row in rows:
        mark = row.texts.get("alternative", "")
        # a row without mark is an alternative by itself
        key = (row.texts["source"], row.texts.get("effective", ""), mark or f"\n{row.line}")
        groups.setdefault(key, []).append((row, _alternative(row, heading, faults)))
    made = [_united(group, faults) for group in groups.values()]
    _check_contradictions(made, faults)
    return made


def _alternative(row: Row, heading: Heading, faults: Faults) -> MappingRow:
    """Return what one row says, by itself."""
    texts, line = row.texts, row.line
    source = _code(texts["source"], heading.source_system, line, "source", faults)
    target = _code(texts["target"], heading.target_system, line, "target", faults)
    change = _change(row, heading, faults)
    if not texts["source"] and change != "new":
        faults.add(f"expected a code of {heading.source_system}, got nothing", line=line, column="source")
    if not texts["source"] and not texts["target"]:
        faults.add("expected a code, got neither source nor target", line=line, column="target")
    if heading.is_succession and source is not None and source == target:
        faults.add(f"expected another code than {source}: a code that stays needs no row", line=line, column="target")
    relationship = texts.get("relationship", "").lower() or DEFAULT_RELATIONSHIP
    if relationship not in RELATIONSHIPS:
        expected = ", ".join(RELATIONSHIPS)
        faults.add(f"expected one of {expected}, got {texts['relationship']!r}", line=line, column="relationship")
    return MappingRow(
        source_code=source,
        target_codes=(target,) if target else None,
        line=line,
        effective=_effective(row, faults),
        change=change,
        relationship=relationship,
        approximate=_truth(texts.get("approximate", ""), line, faults),
        detail={"comment": texts.get("comment") or None, **_others(row)},
    )


def _code(text: str, system: str, line: int, column: str, faults: Faults) -> str | None:
    if not text:
        return None
    code = official_code(system, text)
    if code is None:
        faults.add(f"expected a code of {system}, got {text!r}", line=line, column=column)
    return code


def _change(row: Row, heading: Heading, faults: Faults) -> str | None:
    text = row.texts.get("change", "").lower()
    if not heading.is_succession:
        if text:
            faults.add(
                "expected nothing: codes of two systems do not change into each other", line=row.line, column="change"
            )
        return None
    if text and text not in schema.SUCCESSIONS:
        faults.add(f"expected new or deleted, got {row.texts['change']!r}", line=row.line, column="change")
    return text or "deleted"


def _effective(row: Row, faults: Faults) -> datetime.date | None:
    text = row.texts.get("effective", "")
    if not text:
        return None
    day = day_in(text)
    if day is None:
        faults.add(f"expected a day like 2024-03-01, got {text!r}", line=row.line, column="effective")
    return day


def _truth(text: str, line: int, faults: Faults) -> bool | None:
    if not text:
        return None
    if text.lower() not in TRUTHS:
        faults.add(f"expected true or false, got {text!r}", line=line, column="approximate")
    return TRUTHS.get(text.lower())


def _united(group: Sequence[tuple[Row, MappingRow]], faults: Faults) -> MappingRow:
    """Return the rows of one alternative as one: their targets are used together."""
    (first_row, first), *others = group
    if not others:
        return first
    targets: dict[str, None] = {}
    for row, one in group:
        target = one.target_codes[0] if one.target_codes else None
        if not row.texts["target"]:
            faults.add(
                "expected a code: an alternative of several rows has no empty target", line=row.line, column="target"
            )
        elif target in targets:
            faults.add(f"{target} is in this alternative already", line=row.line, column="target")
        elif target:
            targets[target] = None
    for row, _ in group[1:]:
        for name in ("relationship", "approximate", "change"):
            found, expected = row.texts.get(name, ""), first_row.texts.get(name, "")
            if found not in ("", expected):
                message = f"expected {expected!r} as on line {first_row.line}, of the same alternative, got {found!r}"
                faults.add(message, line=row.line, column=name)
    return evolve(first, target_codes=tuple(targets), detail=_details([one for _, one in group]))


def _details(group: Sequence[MappingRow]) -> dict[str, Any]:
    """Return the particulars of all rows; where several rows say something, in their order."""
    names = dict.fromkeys(name for one in group for name in one.detail or {})
    stated = {name: [one.detail[name] for one in group if one.detail and one.detail.get(name)] for name in names}
    return {name: "; ".join(dict.fromkeys(texts)) for name, texts in stated.items() if texts}


def _check_contradictions(made: Sequence[MappingRow], faults: Faults) -> None:
    """Note repetitions, and codes that map to something and to nothing."""
    seen: dict[tuple[Any, ...], int] = {}
    nothing = {_matter(one): one.line for one in made if one.target_codes is None}
    for one in made:
        key = (*_matter(one), one.target_codes and frozenset(one.target_codes))
        if key in seen:
            faults.add(f"the same alternative as on line {seen[key]}", line=one.line)
        seen.setdefault(key, one.line or 0)
        if one.target_codes and one.source_code and _matter(one) in nothing:
            message = f"{one.source_code} maps to nothing on line {nothing[_matter(one)]}, and to something here"
            faults.add(message, line=one.line, column="target")


def _matter(one: MappingRow) -> tuple[Any, ...]:
    return one.source_code, one.effective, one.change


def written_rows(rows: Sequence[Row]) -> pa.Table:
    """Return the rows as the table ``rows`` keeps them: columns that the format does not know as one JSON object."""
    import pyarrow as pa

    columns: dict[str, pa.Array] = {
        name: pa.array([row.texts.get(name) or None for row in rows], pa.string()) for name in STANDARD
    }
    columns["others"] = pa.array([json_text(_others(row)) for row in rows], pa.string())
    columns["line"] = pa.array([row.line for row in rows], pa.int32())
    return pa.table(columns)


def _others(row: Row) -> dict[str, str]:
    """Return the cells of columns that the format does not know."""
    return {name: text for name, text in row.texts.items() if name not in STANDARD and text}
