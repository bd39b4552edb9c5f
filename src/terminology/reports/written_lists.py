"""Code lists as files of the forms that they are read from: plain text, CSV, JSON."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from attrs import evolve

from ..codelists.plain import HEAD
from .flat import csv_text

if TYPE_CHECKING:
    from ..codelists import CodeList

LIKE_HEAD: Final = re.compile(rf"#\s*(?:{'|'.join(HEAD)})\s*:", re.IGNORECASE)
"""A comment that would be a head line before a table."""


def written_list(code_list: CodeList, form: str = "text") -> str:
    """Return a code list as a file of a form has it, with its head and its comments; `CodeList.read` reads it again.

    Args:
        code_list: The list.
        form: ``text``, ``csv`` (columns ``entry``, ``label``, ``include``, ``comment``, and ``system`` where rows are of
            several) or ``json``.

    >>> from terminology.codelists import CodeList
    >>> print(written_list(CodeList.parse("system: icd10cm\\n# mine\\nE11.9  Diabetes\\nexcluding E11.8"), "csv"), end="")
    #system: icd10cm
    # mine
    entry,label,include,comment
    E11.9,Diabetes,yes,
    E11.8,,no,
    """
    if form == "text":
        return code_list.text
    others = {row.source_line for row in code_list.others}
    comments = [line.strip() for line in code_list.text.splitlines() if line.lstrip().startswith("#")]
    if form == "json":
        values = {**code_list.to_dict(), **({"comments": [line[1:].strip() for line in comments]} if comments else {})}
        return f"{json.dumps(values, indent=2, ensure_ascii=False)}\n"
    # a table of several systems says of each row which it is of
    head = [f"#{line}" for line in evolve(code_list.head, system=None if others else code_list.system).lines()]
    comments = [line for line in comments if line not in others]
    remarks = [f"# comment: {line[1:].strip()}" if LIKE_HEAD.match(line) else line for line in comments]
    rows = [
        [
            *(entry.text.removeprefix("excluding "), entry.label, "no" if entry.excluding else "yes", entry.comment),
            code_list.system,
        ]
        for entry in code_list.entries
    ]
    rows += [[row.text, row.label, row.included, row.comment, row.system] for row in code_list.others]
    header = ("entry", "label", "include", "comment", *(("system",) if others else ()))
    preface = "".join(f"{line}\n" for line in (*head, *remarks))
    return f"{preface}{csv_text(header, [row[: len(header)] for row in rows])}"
