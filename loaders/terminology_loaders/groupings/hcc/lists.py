"""The lists beside the table of HHS: ages and sexes that the code editor accepts, and codes of bundled claims.

    'A34<TAB>2 maternity (age 12-55)'     A34 is in no category below 12 years and above 55
    'C50021<TAB>1 male'                   C50.021 is in no category of a woman
    'O032'                                in the list of mothers: seen on a claim that bundles mother and infant

The program of HHS always applies the first two, after its other edits: what they take away is in no category at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from terminology import schema
from terminology.drafts import Part
from terminology.reading import Faults, ReadableFile, decoded

from ..tables import Member, Version, grouping_part
from .codes import DiagnosisCodes
from .edits import OPEN_AGE, SEXES, condition, worded
from .identifiers import file_id

SYSTEM: Final = "icd10cm"
NAME: Final = re.compile(r"(?ai)MCE[ _](?P<matter>AGE|SEX)|BUNDLED[ _](?P<bundled>MOTHER|INFANT)")
AGE: Final = re.compile(r"(?ai)\d .*\(age (?P<least>\d+) *(?:-(?P<last> *\d+)|(?P<open>\+))?\)")
SEX: Final = re.compile(r"(?ai)(?P<sex>[12]) (?:fe)?male")
CELLS: Final = 2


def read_list(file: ReadableFile) -> Part | None:
    """Return a list that has its file id in its name; None for any other file.

    Raises:
        ReleaseFaults: Rows are cut short, codes malformed or stated twice, ages or sexes not understood.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    named, found = NAME.search(file.name), file_id(file.name)
    if named is None or found is None or found.grouping is None:
        return None
    text, warnings = decoded(file.data, file.label)
    faults = Faults(file.label, by_line=True)
    matter = (named["matter"] or named["bundled"]).lower()
    members = list(_members(text, matter, faults))
    if not members and not faults:
        faults.add("expected at least one code, got none", line=1)
    faults.raise_if_any()
    kind = f"code editor {matter}" if named["matter"] else f"bundled {matter}"
    facts = {"year": found.year, "file_id": found.label, "companion": kind}
    said = [one.removeprefix(f"{file.label}:").strip() for one in warnings]
    version = Version(None, None, identifier=f"{found.label} {named[0].upper().replace('_', ' ')}")
    return grouping_part(file, found.grouping, kind, version, members=members, facts=facts, warnings=said)


def _members(text: str, matter: str, faults: Faults) -> Iterator[Member]:
    codes = DiagnosisCodes(SYSTEM, faults, 1)
    lines: dict[str, int] = {}
    expected = CELLS if matter in ("age", "sex") else 1
    for line, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        cells = [cell.strip() for cell in row.rstrip().split("\t")]
        if len(cells) != expected:
            faults.add(f"expected {expected} cells, got {len(cells)}: {row[:40]!r}", line=line)
            continue
        code = codes.official(cells[0], line)
        if code is not None and code in lines:
            faults.add(f"{code} is in the list already, by line {lines[code]}", line=line, column=1)
        elif code is not None:
            lines[code] = line
            yield from _of_code(code, matter, cells[-1], line, faults)


def _of_code(code: str, matter: str, text: str, line: int, faults: Faults) -> Iterator[Member]:
    if matter == "age":
        yield from _by_age(code, text, line, faults)
    elif matter == "sex":
        found = SEX.fullmatch(text)
        if found is None:
            faults.add(f"expected '1 male' or '2 female', got {text!r}", line=line, column=2)
            return
        other = next(sex for number, sex in SEXES.items() if number != found["sex"])
        yield _edit(code, condition(other, 0, OPEN_AGE), text, line)
    else:
        meaning = f"is in the list of codes of the {matter} on claims that bundle mother and infant"
        yield Member(SYSTEM, code, None, f"bundled_{matter}", schema.STATE, {"meaning": meaning}, line)


def _by_age(code: str, text: str, line: int, faults: Faults) -> Iterator[Member]:
    """Yield the ages of which a code is in no category: those below the least and above the last one that is accepted."""
    found = AGE.fullmatch(text)
    if found is None:
        faults.add(f"expected a range, '2 maternity (age 12-55)', got {text!r}", line=line, column=2)
        return
    least = int(found["least"])
    last = OPEN_AGE if found["open"] else int(found["last"] or least)
    if last < least:
        faults.add(f"expected a range of ages, got {text!r}", line=line, column=2)
        return
    if least > 0:
        yield _edit(code, condition(None, 0, least), text, line)
    if last < OPEN_AGE:
        yield _edit(code, condition(None, last + 1, OPEN_AGE), text, line)


def _edit(code: str, detail: dict[str, object], text: str, line: int) -> Member:
    meaning = f"is in no category {worded(detail)}"
    return Member(
        SYSTEM, code, None, None, schema.EDIT, {**detail, "edit": f"code editor: {text}", "meaning": meaning}, line
    )
