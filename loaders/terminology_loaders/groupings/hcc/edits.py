"""The macros of edits: categories that codes have only by age or sex, and what the code editor takes away.

The program asks the edits before the table. The first that holds decides: the code has that one category in place of
all others, or none where the macro says ``-1.0``.

    IF &SEX="2" AND &ICD10 IN ("D66", "D67")  THEN CC="48";        of a woman D66 is in 48, and in no other category
    ELSE IF &AGE < 18 AND &ICD10 IN ("J410")  THEN CC="-1.0";      below 18 years J41.0 is in none

Statements joined by ELSE are one chain. Of two chains the later one overrides. What follows are the edits of the
Medicare Code Editor, which the macro takes from formats of SAS; the macro names no code there. In CMS' software they are
optional (``SEDITS``), in that of HHS they always apply, and HHS publishes the formats as lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from terminology import schema
from terminology.reading import Faults

from ..tables import Member
from .codes import DiagnosisCodes

NO_CATEGORY: Final = "-1.0"
SEXES: Final = {"1": "male", "2": "female"}
OPEN_AGE: Final = 1_000
"""Above every age."""
STATEMENT: Final = re.compile(
    r"(?ais)(?P<joined>ELSE\s+)?IF\s+(?P<conditions>.+?)\s+THEN\s+CC\s*=\s*[\"'](?P<category>[^\"']*)[\"']\s*"
)
CODE_EDITOR: Final = re.compile(
    r"(?ais)_T(?:AGE|SEX)\s*=\s*PUT\s*\(.*\)\s*"
    r"|IF\s+_T(?:AGE|SEX)\s+NE\s+[\"']-1[\"']\s*(?:AND|&)\s*.*\s+THEN\s+CC\s*=\s*[\"']-1\.0[\"']\s*"
)
FRAME: Final = re.compile(r"(?ais)%MACRO\b.*|%MEND\b.*|%IF\s+&SEDITS\s*=\s*1\s+%THEN\s+%DO\s*|%END\s*|\s*")
OPTIONAL: Final = re.compile(r"(?ai)%IF\s+&SEDITS\b")
CATEGORY: Final = re.compile(r"(?a)\d{1,3}(?:[._]\d)?")
SEX_CONDITION: Final = re.compile(r"(?ai)&SEX\s*(?:=|\bEQ\b)\s*[\"'](?P<sex>[12])[\"']")
AGE_CONDITION: Final = re.compile(
    r"(?ai)&AGE\w*\s*(?P<comparison><=|>=|\^=|<|>|=|\b(?:LT|LE|GT|GE|EQ|NE)\b)\s*(?P<age>\d{1,3})"
)
CODES_CONDITION: Final = re.compile(
    r"(?ais)&(?P<variable>ICD10|ICD0|ICD9)\s*(?:\bIN\b\s*\((?P<codes>[^()]*)\)|(?:=|\bEQ\b)\s*(?P<code>[\"'][^\"']*[\"']))"
)
QUOTED: Final = re.compile(r"[\"']([^\"']*)[\"']")
SEPARATED: Final = re.compile(r"[\s,]*")

Ages = tuple[tuple[int, int], ...]
"""Half-open ranges of ages."""
ANY_AGE: Final[Ages] = ((0, OPEN_AGE),)


@frozen
class Edits:
    """What a macro of edits says."""

    members: tuple[Member, ...]
    """In the order in which they decide."""
    code_editor: str | None
    """Whether edits of the code editor follow: ``optional`` or ``always``; None where there are none."""
    note: str | None
    """What is not read, as a warning."""


def edits_of(text: str, macro: str, faults: Faults) -> Edits:
    """Return the edits of a macro.

    Args:
        text: Without comments.
        macro: Its name.
        faults: Takes statements that are not understood.
    """
    chains: list[list[Member]] = []
    editor = False
    place = 0
    for statement in text.split(";"):
        begun = place + len(statement) - len(statement.lstrip())
        place += len(statement) + 1
        line = text.count("\n", 0, begun) + 1
        bare = statement.strip()
        if CODE_EDITOR.fullmatch(bare):
            editor = True
        elif found := STATEMENT.fullmatch(bare):
            if not found["joined"] or not chains:
                chains.append([])
            chains[-1] += _members(found, line, macro, faults)
        elif not FRAME.fullmatch(bare):
            faults.add(f'expected IF … THEN CC="…", got {" ".join(bare.split())[:60]!r}', line=line)
    if not chains and not faults:
        faults.add('expected edits, IF … THEN CC="…", got none', of_file=True)
    members = tuple(one for chain in reversed(chains) for one in chain)
    standing = ("optional" if OPTIONAL.search(text) else "always") if editor else None
    return Edits(members, standing, _note(standing, macro))


def _note(standing: str | None, macro: str) -> str | None:
    if standing == "optional":
        return (
            f"{macro} has edits of the code editor that a user may switch on (SEDITS); they are in formats of SAS that are "
            f"not in the file, and are not applied"
        )
    return None


def _members(found: re.Match[str], line: int, macro: str, faults: Faults) -> Iterator[Member]:
    category = None if found["category"] == NO_CATEGORY else found["category"]
    if category is not None and not CATEGORY.fullmatch(category):
        faults.add(f"expected the number of a category or -1.0, got {category!r}", line=line)
        return
    named = category and category.replace("_", ".")
    conditions = _conditions(found["conditions"], line, faults)
    if conditions is None:
        return
    variable, texts, sex, ages = conditions
    codes = DiagnosisCodes("icd9cm" if variable.upper() == "ICD9" else "icd10cm", faults, "ICD10")
    for text in texts:
        code = codes.official(text, line)
        for least, below in ages if code is not None else ():
            detail = condition(sex, least, below)
            what = f"in category {named}" if named else "in no category"
            said = {**detail, "edit": macro, "meaning": f"is {what} {worded(detail)}"}
            yield Member(codes.definition.name, code or "", named, None, schema.EDIT, said, line)


def _conditions(text: str, line: int, faults: Faults) -> tuple[str, Sequence[str], str | None, Ages] | None:
    """Return the variable of the codes, the codes, the sex and the ages; None where a condition is not understood."""
    variable, codes, sex, ages = "", [], None, ANY_AGE
    for one in _parted(text, "AND"):
        if found := SEX_CONDITION.fullmatch(one):
            sex = SEXES[found["sex"]]
        elif found := CODES_CONDITION.fullmatch(one):
            variable, listed = found["variable"], found["codes"] or found["code"]
            codes = QUOTED.findall(listed)
            if SEPARATED.fullmatch(QUOTED.sub("", listed)) is None:
                faults.add(f"expected codes in quotes, got {' '.join(listed.split())[:60]!r}", line=line)
                return None
        elif (alternatives := _ages(one)) is not None:
            ages = _both(ages, alternatives)
        else:
            faults.add(f"expected a condition of sex, age or code, got {' '.join(one.split())[:60]!r}", line=line)
            return None
    if not codes:
        faults.add("expected a condition with codes, got none", line=line)
        return None
    return variable, codes, sex, ages


def _parted(text: str, word: str) -> list[str]:
    """Return the parts between a word that is outside brackets; brackets around a whole part are left out.

    >>> _parted('(&AGE < 6 OR &AGE > 18) AND &ICD10 = "F3481"', "AND")
    ['&AGE < 6 OR &AGE > 18', '&ICD10 = "F3481"']
    """
    parts, depth, begun = [], 0, 0
    for found in re.finditer(rf"(?ai)[()]|\b{word}\b", text):
        if found[0] in "()":
            depth += 1 if found[0] == "(" else -1
        elif depth == 0:
            parts.append(text[begun : found.start()])
            begun = found.end()
    parts.append(text[begun:])
    return [one[1:-1].strip() if one.startswith("(") and one.endswith(")") else one for one in map(str.strip, parts)]


def _ages(text: str) -> Ages | None:
    """Return the ages of which a condition holds; None of any other condition.

    >>> _ages("&AGE < 6 OR &AGE > 18"), _ages("&AGERTI ne 0"), _ages("&SEX = 1")
    (((0, 6), (19, 1000)), ((1, 1000),), None)
    """
    made: list[tuple[int, int]] = []
    for one in _parted(text, "OR"):
        found = AGE_CONDITION.fullmatch(one)
        if found is None:
            return None
        made += _range(found["comparison"].upper(), int(found["age"]))
    return tuple(sorted(made))


def _range(comparison: str, age: int) -> Ages:
    made: Mapping[str, Ages] = {
        "<": ((0, age),),
        "<=": ((0, age + 1),),
        ">": ((age + 1, OPEN_AGE),),
        ">=": ((age, OPEN_AGE),),
        "=": ((age, age + 1),),
        "^=": ((0, age), (age + 1, OPEN_AGE)),
    }
    words = {"LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "EQ": "=", "NE": "^="}
    return tuple((least, below) for least, below in made[words.get(comparison, comparison)] if least < below)


def _both(some: Ages, others: Ages) -> Ages:
    """Return the ages that are in one of the first and in one of the second ranges."""
    crossed = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return tuple((least, below) for least, below in crossed if least < below)


def condition(sex: str | None, least: int, below: int) -> dict[str, Any]:
    """Return the conditions of an edit, as the details of a member have them.

    >>> condition("female", 0, OPEN_AGE), condition(None, 2, 18), condition(None, 0, 50)
    ({'sex': 'female'}, {'age_from': 2, 'age_below': 18}, {'age_below': 50})
    """
    made: dict[str, Any] = {"sex": sex} if sex else {}
    if least > 0:
        made["age_from"] = least
    if below < OPEN_AGE:
        made["age_below"] = below
    return made


def worded(detail: Mapping[str, Any]) -> str:
    """Return the conditions of an edit in words.

    >>> worded({"sex": "female"}), worded({"age_from": 2}), worded({"age_from": 2, "age_below": 18})
    ('where the sex is female', 'from age 2', 'from age 2 below age 18')
    """
    parts = [f"where the sex is {detail['sex']}"] if "sex" in detail else []
    parts += [f"from age {detail['age_from']}"] if "age_from" in detail else []
    parts += [f"below age {detail['age_below']}"] if "age_below" in detail else []
    return " ".join(parts) or "always"
