"""The two halves of ICD-9-CM: their codes, their columns in the files, and the categories in the digits.

References:
    CMS, "ICD-9-CM Diagnosis and Procedure Codes: Abbreviated and Full Code Titles", version 32, effective
    October 1, 2014, the last one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from terminology import schema
from terminology.systems import SYSTEMS, SystemDefinition

if TYPE_CHECKING:
    import pyarrow as pa


@frozen
class Half:
    """Diagnoses (volumes 1 and 2), or procedures (volume 3)."""

    definition: SystemDefinition
    noun: str
    width: int
    """Columns of the code in the text files; a blank follows, then the title."""
    plain: re.Pattern[str]
    """A code as the files write it, without its dot."""
    shortest: int
    """Characters of the shortest code."""
    suffix: str
    """How CMS ends the names of this half's files."""
    heading: str
    """Heading of the column of codes in the workbook."""
    lengths: tuple[int, ...]
    """Lengths of the categories above the codes, without the dot."""
    external_lengths: tuple[int, ...]
    """The same for codes that begin with E."""
    line: re.Pattern[str] = field(init=False, eq=False, repr=False)

    @line.default
    def _line(self) -> re.Pattern[str]:
        # a code, blanks up to the width, one blank, and a title that begins right behind it
        return re.compile(rf"(?=(?P<code>{self.plain.pattern})(?= ))(?P<cell>.{{{self.width}}}) (?=\S)")

    def code_of(self, line: str) -> str | None:
        """Return the code that the line begins with, or None if it is no line of this half.

        >>> DIAGNOSES.code_of("0010  Cholera due to vibrio cholerae"), PROCEDURES.code_of("0010  Cholera")
        ('0010', None)
        """
        match = self.line.match(line)
        if match is None or match["cell"].rstrip() != match["code"]:
            return None
        return match["code"]

    def ancestors(self, code: str) -> list[str]:
        """Return the prefixes of a code (without dot) that are categories above it, the highest first.

        >>> DIAGNOSES.ancestors("25001"), DIAGNOSES.ancestors("E8000"), PROCEDURES.ancestors("0010")
        (['250', '2500'], ['E800'], ['00', '001'])
        """
        lengths = self.external_lengths if code.startswith("E") else self.lengths
        return [code[:length] for length in lengths if length < len(code)]

    def official(self, plain: str) -> str:
        """Return the code with its dot."""
        return self.definition.official(plain) or plain


DIAGNOSES: Final = Half(
    definition=SYSTEMS["icd9cm"],
    noun="diagnoses",
    width=5,
    plain=re.compile(r"[0-9V][0-9]{2,4}|E[0-9]{3,4}"),
    shortest=3,
    suffix="DX",
    heading="DIAGNOSIS CODE",
    lengths=(3, 4),
    external_lengths=(4,),
)

PROCEDURES: Final = Half(
    definition=SYSTEMS["icd9pcs"],
    noun="procedures",
    width=4,
    plain=re.compile(r"[0-9]{2,4}"),
    shortest=2,
    suffix="SG",
    heading="PROCEDURE CODE",
    lengths=(2, 3),
    external_lengths=(),
)

HALVES: Final = (DIAGNOSES, PROCEDURES)


def half_in(name: str) -> Half | None:
    """Return the half that a file's name states, or None.

    >>> half_in("CMS32_DESC_LONG_SG.txt").noun
    'procedures'
    """
    found = [half for half in HALVES if re.search(rf"(?<![A-Z]){half.suffix}(?![A-Z])", name.upper())]
    return found[0] if len(found) == 1 else None


@frozen
class Row:
    """A code of the publisher."""

    code: str
    """Without dot."""
    title: str
    short_title: str | None
    line: int | None


def concept_table(half: Half, rows: Sequence[Row]) -> pa.Table:
    """Return the ``concepts`` table: every category right before the first of its codes.

    The lists name billable codes only. A prefix of a code that is no code itself becomes a category, derived;
    its title can only say which codes it holds.
    """
    import pyarrow as pa

    found = {row.code: row for row in rows}
    members = _members(half, rows)
    order: list[str] = []
    seen: set[str] = set()
    for row in rows:
        for code in (*half.ancestors(row.code), row.code):
            if code not in seen:
                seen.add(code)
                order.append(code)
    titles = {code: _composed(half, code, codes) for code, codes in members.items() if code not in found}
    return pa.table(
        {
            "code": [half.official(code) for code in order],
            "title": [found[code].title if code in found else titles[code] for code in order],
            "short_title": [found[code].short_title if code in found else None for code in order],
            "billable": [code in found for code in order],
            "kind": ["code" if code in found else "category" for code in order],
            "parent": [_parent(half, code) for code in order],
            "derived": [code not in found for code in order],
            "line": [found[code].line if code in found else None for code in order],
            **{name: pa.nulls(len(order), pa.date32()) for name in schema.DAY_COLUMNS},
        },
        schema=schema.concepts(),
    )


def _members(half: Half, rows: Sequence[Row]) -> Mapping[str, list[str]]:
    """Return the codes below each category."""
    members: dict[str, list[str]] = {}
    for row in rows:
        for category in half.ancestors(row.code):
            members.setdefault(category, []).append(row.code)
    return members


def _parent(half: Half, code: str) -> str | None:
    above = half.ancestors(code)
    return half.official(above[-1]) if above else None


def _composed(half: Half, category: str, codes: Sequence[str]) -> str:
    """Return the title of a category that the files give none.

    >>> from terminology_loaders.icd9.halves import DIAGNOSES
    >>> _composed(DIAGNOSES, "V27", ["V270"])
    'V27 (category of the code V27.0)'
    """
    first, last = half.official(min(codes)), half.official(max(codes))
    span = f"code {first}" if first == last else f"codes {first}–{last}"  # noqa: RUF001 -- a span takes this dash
    return f"{half.official(category)} (category of the {span})"
