"""Which columns of a table hold what of a claim: by the names that are usual, or as somebody says.

A table has one row a claim, with numbered columns (``dx1``, ``dx2``, ``poa1``), or one row a code or service, whose rows
of one claim stand together; or both: numbered diagnoses that each line of services repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from ..columns.names import plain
from ..errors import ReleaseFormatError

USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "claim": ("claimid", "claim", "clmid", "claimno", "claimnumber", "encounterid", "visitid", "key", "id"),
    "kind": ("kind", "claimtype", "claimkind", "setting"),
    "sex": ("sex", "gender", "sexidentcd", "benesexidentcd"),
    "female": ("female", "isfemale"),
    "age": ("age", "ageyears", "ageatadmission"),
    "birth_date": ("birthdate", "dateofbirth", "dob", "birthday", "benebirthdt"),
    "admission_date": ("admissiondate", "admitdate", "admission", "admdate", "clmadmsndt"),
    "discharge_date": ("dischargedate", "dischdate", "discharge", "dschrgdt", "nchbenedschrgdt"),
    "service_date": ("servicedate", "dateofservice", "service", "dos", "clmfromdt", "fromdate", "date", "day"),
    "code": ("code",),
    "system": ("system", "codesystem", "codetype", "codekind", "type", "vocabulary", "vocabularyid"),
    "sequence": ("sequence", "seq", "position", "dxseq", "diagnosissequence", "dxnumber", "rank"),
    "diagnosis": (
        "diagnosis",
        "dx",
        "diag",
        "diagnosiscode",
        "icd10cm",
        "icd10",
        "icd10dx",
        "i10dx",
        "icddgnscd",
        "dgnscd",
    ),
    "poa": ("poa", "presentonadmission", "poaindicator", "dxpoa", "clmpoaindsw", "poaind"),
    "procedure": (
        *("procedure", "px", "pr", "proc", "procedurecode", "icd10pcs", "i10pr", "icdprcdrcd", "prcdrcd"),
        *("hcpcs", "hcpcscode", "hcpcscd", "cpt", "cptcode"),
    ),
    "procedure_date": ("proceduredate", "pxdate", "prdate", "prcdrdt", "linedate", "line1stexpnsdt"),
    "modifier": (
        "modifier",
        "modifiers",
        "mod",
        "mdfr",
        "hcpcsmdfrcd",
        *(f"hcpcs{nth}mdfrcd" for nth in ("1st", "2nd", "3rd", "4th")),
    ),
}
"""The names that are usual for each role, without signs and in small letters; columns of a role may be numbered."""
NUMBERED: Final = frozenset({"diagnosis", "poa", "procedure", "procedure_date", "modifier"})
SEVERAL: Final = frozenset({"diagnosis", "procedure"})
"""Roles that may have columns with and without a number."""
WANTED: Final[Mapping[str, str]] = {
    "claim": "ids of claims as text or numbers",
    "kind": "inpatient, outpatient or professional as text",
    "sex": "the sex as text (F, M or their words) or as number (2 women, 1 men)",
    "female": "1 or 0, or true or false",
    "age": "ages in whole years",
    "system": "names of code systems as text",
    "sequence": "numbers of the order",
    "poa": "indicators of present on admission as text (Y, N, U, W, 1 or nothing)",
    "modifier": "modifiers as text",
}
"""What the cells of a role are, for errors; those of all others are codes as text."""
END: Final = re.compile(r"(?<=[^0-9])([0-9]{1,2})$")
STAR: Final = "*"


@frozen
class Column:
    """A column with the number that its name has; 0 where it has none."""

    name: str
    number: int = 0


@frozen
class Layout:
    """The columns of a table by their roles, those of one role in the order of their numbers."""

    columns: Mapping[str, tuple[Column, ...]]

    def one(self, role: str) -> str | None:
        """Return the only column of a role, or None."""
        found = self.columns.get(role, ())
        return found[0].name if found else None

    def several(self, role: str) -> tuple[Column, ...]:
        """Return the columns of a role."""
        return self.columns.get(role, ())

    def role_of(self, name: str) -> str:
        """Return the role of a column that is read."""
        return next(role for role, found in self.columns.items() if any(column.name == name for column in found))

    @property
    def names(self) -> list[str]:
        """All columns that are read."""
        return list(dict.fromkeys(column.name for found in self.columns.values() for column in found))

    def to_dict(self) -> dict[str, str]:
        """Return the names of the columns by role; of numbered ones with blanks between."""
        return {role: " ".join(column.name for column in found) for role, found in self.columns.items() if found}


def layout_of(names: Sequence[str], given: Mapping[str, str], file: str, line: int | None) -> Layout:
    """Return what the columns of a table hold.

    Args:
        names: Of the columns.
        given: Names that somebody gives, by role; ``dx*`` is dx1, dx2 and so on.
        file: Name of the table, for errors.
        line: Of its header.

    Raises:
        ReleaseFormatError: There is no column of claims, or none of codes; or a given column is not there, or a role is not known.

    >>> found = layout_of(("CLM_ID", "dx1", "dx2", "POA1", "Sex"), {}, "claims.csv", 1)
    >>> found.to_dict()
    {'claim': 'CLM_ID', 'sex': 'Sex', 'diagnosis': 'dx1 dx2', 'poa': 'POA1'}
    """
    faults = [f"{role!r} is no role of a column; roles: {', '.join(USUAL)}" for role in given if role not in USUAL]
    found: dict[str, tuple[Column, ...]] = {}
    taken: set[str] = set()
    for role in sorted(USUAL, key=lambda role: role not in given):
        if role in given:
            columns = _given(names, given[role])
            if not columns:
                faults.append(f"{role}: has no column {given[role]!r} (it has {', '.join(names)})")
        else:
            columns = _usual(role, [name for name in names if name not in taken])
        found[role] = columns
        taken.update(column.name for column in columns)
    if not found["claim"] and "claim" not in given:
        faults.append(f"expected a column with the id of the claim, like claim_id (it has {', '.join(names)})")
    if not any(found[role] for role in ("code", "diagnosis", "procedure")):
        faults.append(f"expected a column with codes, like dx1 or code (it has {', '.join(names)})")
    if faults:
        raise ReleaseFormatError("; ".join(faults), file=file, line=line)
    return Layout({role: found[role] for role in USUAL if found[role]})


def _given(names: Sequence[str], wanted: str) -> tuple[Column, ...]:
    if STAR not in wanted:
        listed = [name.strip() for name in wanted.split(",")]
        return tuple(Column(name) for name in listed) if set(listed) <= set(names) else ()
    before, _, after = wanted.partition(STAR)
    pattern = re.compile(f"{re.escape(before)}([0-9]+){re.escape(after)}")
    return _ordered((name, found[1]) for name in names if (found := pattern.fullmatch(name)))


def _usual(role: str, names: Sequence[str]) -> tuple[Column, ...]:
    known = USUAL[role]
    if role not in NUMBERED:
        # the most usual name first
        return next(((Column(name),) for word in known for name in names if plain(name) == word), ())
    bare = [(name, "0") for name in names if plain(name) in known]
    numbered = []
    for name in names:
        short = plain(name)
        number = END.search(short)
        if short not in known and number and short[: number.start()] in known:
            numbered.append((name, number[1]))
    return _ordered([*bare[: None if role in SEVERAL or role == "modifier" else 1], *numbered])


def _ordered(numbered: Iterable[tuple[str, str]]) -> tuple[Column, ...]:
    made = [Column(name, int(number)) for name, number in numbered]
    return tuple(sorted(made, key=lambda column: column.number))
