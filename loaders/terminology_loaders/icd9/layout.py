"""The two halves of ICD-9-CM: what their codes look like, and in which columns of the files they stand.

References:
    CMS, "ICD-9-CM Diagnosis and Procedure Codes: Abbreviated and Full Code Titles", version 32, effective
    October 1, 2014, the last one.
"""

from __future__ import annotations

import re
from typing import Final

from attrs import field, frozen

from terminology.systems import SYSTEMS, SystemDefinition


@frozen
class Half:
    """Diagnoses (volumes 1 and 2), or procedures (volume 3)."""

    definition: SystemDefinition
    noun: str
    width: int
    """Columns of the code in the text files; a blank follows, then the title."""
    plain: re.Pattern[str]
    """A code as the files write it, without its dot."""
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
    suffix="SG",
    heading="PROCEDURE CODE",
    lengths=(2, 3),
    external_lengths=(),
)
HALVES: Final = (DIAGNOSES, PROCEDURES)


def half_in(name: str) -> Half | None:
    """Return the half that a file's name tells, or None.

    >>> half_in("CMS32_DESC_LONG_SG.txt").noun
    'procedures'
    """
    found = [half for half in HALVES if re.search(rf"(?<![A-Z]){half.suffix}(?![A-Z])", name.upper())]
    return found[0] if len(found) == 1 else None
