"""The SAS macros beside the tables: labels of categories, hierarchies, and the main program that names them.

A macro is read as statements, its comments blanked out; a statement that is not understood is an error with its line.

    HCC17 ="Cancer Metastatic to Lung, Liver, Brain, and Other Organs; … "     category 17 and its title
    %SET0(CC=17    , HIER=%STR(18, 19, 20 ));                                 a person in 17 is not in 18, 19, 20
    IF CC223 = 1 AND MAX(CC221, CC222) = 0 THEN CC223 = 0;                    in the program: 223 counts beside 221 or 222

The order of hierarchies matters: the program goes through them from first to last, and a category that was dropped
drops nothing more. So each has its place in the property ``drops_order``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from terminology.drafts import Part, Skipped
from terminology.reading import Faults, ReadableFile, decoded

from ..tables import Category, Member, Version, grouping_part
from .identifiers import Macro, macro_of

TEXT: Final = r'(?P<kept>"(?:[^"]|"")*")'
MARKED_COMMENTS: Final = re.compile(rf"(?s){TEXT}|/\*.*?\*/|%\*[^;]*;")
COMMENT_STATEMENTS: Final = re.compile(rf"(?s){TEXT}|(?<=;)\s*\*[^;]*;")
BEGIN_LABELS: Final = re.compile(r"(?ai)\bLABEL\b")
LABEL: Final = re.compile(
    r"""(?aix)(?P<variable>[A-Z_]*?(?P<kind>R?X?HCC|CC|RXC_?))0*(?P<number>\d+)(?:_(?P<part>\d))?
        \s*=\s*(?P<quote>["'])(?P<title>[^"']*?|(?:(?!(?P=quote)).|(?P=quote){2})*)(?P=quote)\s*"""
)
DRUG: Final = "RXC"
SET: Final = re.compile(
    r"(?ai)%SET0\s*\(\s*CC\s*=\s*(?P<above>[\d._]+)\s*,\s*HIER\s*=\s*%STR\((?P<below>[\d._,\s]+)\)\s*\)\s*;"
)
NEEDED: Final = re.compile(
    r"(?ai)\bIF\s+CC(?P<number>\d+)\s*=\s*1\s+AND\s+MAX\((?P<needs>[CH\d,\s]+)\)\s*=\s*0\s+THEN\s+CC(?P=number)\s*=\s*0\s*;"
)
ANY_SET: Final = re.compile(r"(?ai)%SET0\s*\(")
END: Final = re.compile(r"(?ai)%MEND\b")
NAMED: Final = re.compile(r"(?ai)\b(?P<matter>LABELMAC|HIERMAC|EDITMAC0|I0EMACRO)\s*=\s*(?P<name>\w+)")
NAMED_MATTERS: Final = {
    "LABELMAC": "labels",
    "HIERMAC": "hierarchies",
    "EDITMAC0": "edits",
    "I0EMACRO": "edits",
}
UPDATE: Final = re.compile(r"(?ai)\bUDXG\s+update\s+V\d\d(?P<year>\d\d)\b")
DEMOGRAPHIC: Final = re.compile(r"(?ai)%MACRO\s+(?P<name>AGESEX\w*|SCORE\w*)")
UNREAD: Final = {
    "AGESEX": "makes the cells of age and sex of the regressions; it has no codes and no categories",
    "SCORE": "makes scores of coefficients; it has no codes and no categories",
}


def read_macro(file: ReadableFile) -> tuple[Part, ...] | Skipped | None:
    """Return labels, hierarchies, edits or the main program, for each grouping that they serve; None for any other file.

    Raises:
        ReleaseFaults: Statements are not understood, or the macro is cut short.
        ReleaseFormatError: The same, with one error; or the file is no text.
    """
    from .edits import edits_of

    demographic = DEMOGRAPHIC.search(file.head.decode("latin-1"))
    if demographic is not None:
        return Skipped(next(why for name, why in UNREAD.items() if demographic["name"].upper().startswith(name)))
    macro = macro_of(file)
    if macro is None:
        return None
    if not macro.groupings:
        return Skipped(f"macro {macro.name} is of a model that is not among the groupings that are built in")
    raw, noticed = decoded(file.data, file.label)
    faults = Faults(file.label)
    text = without_comments(raw)
    if not END.search(text):
        faults.add(f"expected %MEND {macro.name}: the macro is cut short", of_file=True)
    categories: list[Category] = []
    members: list[Member] = []
    warnings: list[str] = [one.removeprefix(f"{file.label}:").strip() for one in noticed]
    facts: dict[str, object] = {"year": macro.year or _year_of_update(raw), "file_id": macro.name}
    if macro.matter == "labels":
        categories = list(_labels(text, faults))
    elif macro.matter == "hierarchies":
        categories = list(_hierarchies(text, faults))
    elif macro.matter == "edits":
        edits = edits_of(text, macro.name, faults)
        members, facts["code_editor"] = list(edits.members), edits.code_editor
        warnings += [edits.note] if edits.note else []
    else:
        categories = list(_needs(text))
        facts["names"] = {NAMED_MATTERS[one["matter"].upper()]: one["name"].upper() for one in NAMED.finditer(text)}
    faults.raise_if_any()
    return tuple(
        grouping_part(
            file,
            grouping,
            macro.matter,
            _version(macro),
            categories=categories,
            members=members,
            facts={**facts, "companion": macro.matter},
            warnings=warnings,
        )
        for grouping in macro.groupings
    )


def _version(macro: Macro) -> Version:
    return Version(None, None, identifier=macro.name)


def _year_of_update(text: str) -> int | None:
    found = UPDATE.search(text)
    return 2000 + int(found["year"]) if found else None


def without_comments(text: str) -> str:
    """Return SAS code with its comments blanked out; lines stay where they are.

    >>> without_comments('A; * a comment; /* another; */ HCC1 ="a * b";')
    'A;                            HCC1 ="a * b";'
    """

    def blanked(found: re.Match[str]) -> str:
        return found[0] if found["kept"] else re.sub(r"[^\n]", " ", found[0])

    # the end of a comment of the first kind begins no statement, so it is blank when statements are looked at
    return COMMENT_STATEMENTS.sub(blanked, MARKED_COMMENTS.sub(blanked, text))


def line_at(text: str, place: int) -> int:
    """Return the line of a place in a text."""
    return text.count("\n", 0, place) + 1


def category_number(text: str) -> str:
    """Return the number of a category as tables have it.

    >>> category_number("037_1"), category_number("17"), category_number("35.2")
    ('37.1', '17', '35.2')
    """
    return text.strip().replace("_", ".").lstrip("0")


def _labels(text: str, faults: Faults) -> Iterator[Category]:
    """Yield each category with its title; the label of an HCC counts before that of a CC with the same number."""
    found: dict[str, Category] = {}
    begun = BEGIN_LABELS.search(text)
    place = begun.end() if begun else len(text)
    if begun is None:
        faults.add("expected the statement LABEL, got none", of_file=True)
    while place < len(text):
        if text[place].isspace():
            place += 1
        elif text[place] == ";":
            break
        elif said := LABEL.match(text, place):
            place = said.end()
            number = category_number(f"{said['number']}.{said['part']}" if said["part"] else said["number"])
            title = " ".join(said["title"].replace(said["quote"] * 2, said["quote"]).split())
            if not said["kind"].upper().startswith(DRUG):
                found.setdefault(number, Category(number, title, line=line_at(text, said.start())))
        else:
            end = text.find("\n", place)
            faults.add(
                f'expected a label, HCC17 ="…", got {text[place : place + 40].splitlines()[0]!r}',
                line=line_at(text, place),
            )
            place = len(text) if end < 0 else end
    if begun and not found and not faults:
        faults.add("expected labels of categories, got none", line=line_at(text, begun.start()))
    yield from found.values()


def _needs(text: str) -> Iterator[Category]:
    """Yield each category that the main program counts only beside one of some others, with these."""
    for found in NEEDED.finditer(text):
        beside = re.findall(r"\d+", found["needs"])
        yield Category(found["number"], line=line_at(text, found.start()), properties={"needs": beside})


def _hierarchies(text: str, faults: Faults) -> Iterator[Category]:
    """Yield each category that drops others, with those that it drops."""
    understood = {found.start(): found for found in SET.finditer(text)}
    lines: dict[str, int] = {}
    for begun in ANY_SET.finditer(text):
        line = line_at(text, begun.start())
        if text[: begun.start()].rstrip().upper().endswith("%MACRO"):
            continue
        found = understood.get(begun.start())
        if found is None:
            got = text[begun.start() : begun.start() + 60].splitlines()[0]
            faults.add(f"expected %SET0(CC=17, HIER=%STR(18, 19)), got {got!r}", line=line)
            continue
        number = category_number(found["above"])
        below = [category_number(one) for one in found["below"].split(",") if one.strip()]
        if number in lines:
            faults.add(f"category {number} has a hierarchy already, at line {lines[number]}", line=line)
        elif number in below or len(set(below)) < len(below):
            faults.add(f"category {number} drops itself, or one category twice", line=line)
        else:
            lines[number] = line
            yield Category(number, line=line, properties={"drops": below, "drops_order": len(lines)})
    if not lines and not faults:
        faults.add("expected hierarchies, %SET0(CC=17, HIER=%STR(18, 19)), got none", of_file=True)
